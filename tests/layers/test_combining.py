import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, tensor

X = np.arange(6, dtype="float32").reshape(3, 2)


class Doubled(mtn.Layer):
    """A layer of one's own, which says nothing of shapes: the last axis twice."""

    def forward(self, x, training=None):
        return T.concatenate([x, x], axis=-1)


class Summed(mtn.Layer):
    """A layer of one's own that takes several inputs."""

    def forward(self, x, training=None):
        return sum(x[1:], x[0])


class Numbers(mtn.Layer):
    """A layer of one's own that takes whole numbers: their rows of a table."""

    takes_integers = True

    def forward(self, x, training=None):
        return T.constant(X)[x]


class TestResidual:
    def test_adds_what_its_layers_give_to_its_input(self):
        layer = mtn.Residual(mtn.Dense(2, 2, W=[[1, 0], [0, 2]], b=[-2, 1]), mtn.ReLU())
        np.testing.assert_array_equal(layer.predict(X), X + np.maximum(X * [1, 2] + [-2, 1], 0))

    def test_names_paths_and_summary(self):
        block = mtn.Residual(mtn.Dense(2, 2), mtn.ReLU(), mtn.Dense(2, 2, name="last"))
        net = mtn.Sequential(block, mtn.Residual(mtn.Dense(2, 2)), mtn.Dense(2, 1), seed=0)
        assert list(net.parameters)[::2] == [
            "residual_1/dense_1/W", "residual_1/last/W", "residual_2/dense_1/W", "dense_1/W",
        ]  # fmt: skip
        assert net.input_shape == (2,)
        assert net.summary().splitlines()[1] == "residual_1  (2,)            12"
        assert repr(net.layers[1]) == "Residual(Dense(2, 2))"

    def test_the_outermost_seed_draws_by_path(self):
        nets = [mtn.Sequential(mtn.Residual(mtn.Dense(2, 2)), seed=5) for _ in range(2)]
        np.testing.assert_array_equal(nets[0].predict(X), nets[1].predict(X))

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: mtn.Residual(mtn.Dense(2, 3)), r"shape \(2,\) and give \(3,\)"),
            (lambda: mtn.Residual(Doubled(), input_shape=(4,)), r"shape \(4,\) and give \(8,\)"),
            (lambda: mtn.Residual(mtn.Flatten(), input_shape=(1, 2)), r"\(1, 2\) and give \(2,\)"),
            (
                lambda: mtn.Sequential(mtn.Dense(2, 4), mtn.Residual(mtn.Dense(4, 1))),
                r"give \(1,\)",
            ),
            (lambda: mtn.Residual(mtn.ReLU(), Doubled()).output_shape((3,)), r"and give \(6,\)"),
        ],
    )
    def test_other_shapes_are_refused_where_the_network_is_built(self, make, message):
        with pytest.raises(ValueError, match=f"Residual.*{message}, which can't be added"):
            make()

    def test_other_shapes_are_refused_in_a_graph_too(self):
        with pytest.raises(ValueError, match=r"shape \(\?, \?\) and give \(\?,\), which"):
            mtn.Residual(mtn.Flatten())(T.ftensor3("x"))

    def test_other_shapes_are_refused_before_the_first_step(self):
        net = mtn.Sequential(mtn.Residual(Doubled()), mtn.Dense(4, 3), mtn.Softmax(), seed=0)
        before = net.values()
        trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.SGD())
        with pytest.raises(ValueError, match=r"residual_1: Residual.*\(2,\) and give \(4,\)"):
            trainer.fit(X, np.arange(3), progress=False)
        np.testing.assert_equal(net.values(), before)

    def test_unknown_shapes_stay_unknown(self):
        assert mtn.Residual(mtn.ReLU()).output_shape(None) is None
        assert mtn.Residual(mtn.ReLU(), mtn.Dense(2, 2)).output_shape(None) is None

    def test_whole_numbers_become_floats_before_it(self):
        layer = mtn.Residual(mtn.Rescale(0.5))
        assert layer.predict(np.array([[2, 4]], "uint8")).tolist() == [[3, 6]]
        with pytest.raises(TypeError, match=r"Residual.*the input must be float32 or float64"):
            layer(T.imatrix("x"))

    def test_refuses_what_a_sequential_refuses(self):
        with pytest.raises(ValueError, match="Residual needs at least one layer"):
            mtn.Residual()
        with pytest.raises(
            TypeError, match=r"Residual: argument 1 is no layer.*Residual\(\*layers"
        ):
            mtn.Residual([mtn.ReLU()])


class TestConcatenate:
    def test_each_branch_is_given_the_one_input(self):
        layer = mtn.Concatenate(mtn.Flatten(), mtn.Dense(2, 1, W=[[1], [1]]))
        np.testing.assert_array_equal(layer.predict(X), np.hstack([X, X.sum(1, keepdims=True)]))
        assert layer.output_shape((2,)) == (3,)

    def test_each_branch_is_given_its_own_of_several_inputs(self):
        layer = mtn.Concatenate(mtn.Dense(2, 1, W=[[1], [1]]), mtn.ReLU(), Doubled())
        out = layer.predict((X, X - 2, X[:, :1]))
        columns = [X.sum(1), np.maximum(X[:, 0] - 2, 0), np.maximum(X[:, 1] - 2, 0), X[:, 0]]
        np.testing.assert_array_equal(out, np.stack([*columns, X[:, 0]], axis=1))
        assert layer.output_shape(((2,), (2,), (1,))) == (5,)

    def test_the_last_axis_is_joined(self):
        values = np.arange(24.0).reshape(2, 3, 4)
        layer = mtn.Concatenate(mtn.ReLU(), Doubled())
        np.testing.assert_array_equal(layer.predict(values), np.tile(values, 3))
        assert layer.output_shape((3, 4)) == (3, 12)

    def test_one_tower_for_two_inputs(self):
        tower = mtn.Dense(2, 1, W=[[1], [10]])
        layer = mtn.Concatenate(tower, tower)
        np.testing.assert_array_equal(layer.predict((X, X + 1)), X @ [[1, 1], [10, 10]] + [0, 11])
        assert list(layer.parameters) == ["dense_1/W", "dense_1/b"]
        assert [name for name, *_ in layer.parts()] == ["dense_1", "dense_1"]
        assert layer.summary().splitlines()[-1].split() == ["total", "3"]

    def test_two_towers_are_trained(self, rng):
        left, right = rng.normal(size=(2, 64, 3)).astype("float32")
        net = mtn.Sequential(
            mtn.Concatenate(mtn.Dense(3, 4, name="left"), mtn.Dense(3, 4, name="right")),
            mtn.Tanh(), mtn.Dense(8, 2), mtn.Softmax(), seed=0,
        )  # fmt: skip
        labels = (left[:, 0] + right[:, 1] > 0).astype("int32")
        trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(0.05), [mtn.accuracy])
        trainer.fit((left, right), labels, epochs=30, progress=False)
        assert trainer.history["train_accuracy"][-1] > 0.95
        assert net.predict((left, right)).shape == (64, 2)

    def test_names_paths_summary_and_seed(self):
        inner = mtn.Sequential(mtn.Dense(2, 4), mtn.ReLU())
        layer = mtn.Concatenate(mtn.Dense(2, 1, name="left"), mtn.Dense(2, 2), inner, seed=7)
        assert list(layer.parameters)[::2] == ["left/W", "dense_1/W", "sequential_1/dense_1/W"]
        assert layer.seed == 7
        assert layer.summary().splitlines()[3] == "sequential_1  (4,)            12"
        assert repr(mtn.Concatenate(mtn.ReLU(), mtn.Tanh())) == "Concatenate(ReLU(), Tanh())"
        net = mtn.Sequential(layer, mtn.Dense(7, 2))
        assert list(net.parameters)[4] == "concatenate_1/sequential_1/dense_1/W"

    def test_what_follows_is_checked_where_the_network_is_built(self):
        branches = mtn.Concatenate(mtn.Reshape((1,)), mtn.Reshape((2,)))
        assert branches.output_shape(None) == (3,)
        with pytest.raises(ValueError, match=r"expected examples of shape \(4,\), got \(3,\)"):
            mtn.Sequential(branches, mtn.Dense(4, 2))
        assert mtn.Concatenate(mtn.ReLU(), mtn.Dense(3, 2)).output_shape(None) is None

    @pytest.mark.parametrize(
        ("make", "shapes"),
        [
            (lambda: mtn.Concatenate(mtn.Reshape((3,)), mtn.Reshape((2, 2))), r"\(3,\), \(2, 2\)"),
            (lambda: mtn.Concatenate(mtn.Reshape((3,)), mtn.Reshape(())), r"\(3,\), \(\)"),
            (
                lambda: mtn.Concatenate(mtn.ReLU(), mtn.Flatten()).output_shape((2, 2)),
                r"\(2, 2\), \(4,\)",
            ),
            (
                lambda: mtn.Concatenate(mtn.ReLU(), mtn.Tanh()).output_shape(((2, 3), (4, 3))),
                r"\(2, 3\), \(4, 3\)",
            ),
            (
                lambda: mtn.Concatenate(mtn.ReLU(), mtn.Flatten())(T.ftensor3("x")),
                r"\(\?, \?\), \(\?,\)",
            ),
            (lambda: mtn.Concatenate(mtn.ReLU())(T.fvector("x")), r"\(\)"),
        ],
    )
    def test_refuses_what_can_not_be_joined(self, make, shapes):
        with pytest.raises(ValueError, match=f"examples of shapes {shapes}, which can't be joined"):
            make()

    def test_a_mistake_inside_is_told_by_its_place(self):
        layer = mtn.Concatenate(mtn.ReLU(), mtn.Dense(3, 2), name="both")
        with pytest.raises(
            ValueError, match=r"^both: dense_1: Dense\(3, 2\): expected.*\(3,\), got"
        ):
            mtn.Sequential(layer, input_shape=(2,))
        with pytest.raises(ValueError, match=r"^dense_1: Dense\(3, 2\): expected an input"):
            layer(T.fvector("x"))

    def test_refuses_another_number_of_inputs(self):
        layer = mtn.Concatenate(mtn.ReLU(), mtn.Tanh())
        with pytest.raises(ValueError, match="it has 2 branches and was given 3 inputs"):
            layer.predict((X, X, X))
        with pytest.raises(ValueError, match="it has 2 branches and was given 1 inputs"):
            layer.output_shape(((2,),))

    def test_refuses_what_a_sequential_refuses(self):
        with pytest.raises(ValueError, match="Concatenate needs at least one layer"):
            mtn.Concatenate()
        with pytest.raises(TypeError, match="argument 2 is no layer but"):
            mtn.Concatenate(mtn.ReLU(), T.tanh)
        with pytest.raises(TypeError, match="Concatenate has no axis=: it takes"):
            mtn.Concatenate(mtn.ReLU(), axis=1)
        with pytest.raises(TypeError, match="dense_1 computes in float32 and dense_2 in float64"):
            mtn.Concatenate(mtn.Dense(2, 2), mtn.Dense(2, 2, dtype="float64"))

    def test_a_network_that_is_refused_draws_nothing(self):
        layer = mtn.Dense(2, 3)
        before = layer.values()
        with pytest.raises(ValueError, match="can't be joined"):
            mtn.Concatenate(layer, mtn.Reshape((2, 2)), mtn.Reshape((3,)), seed=0)
        np.testing.assert_equal(layer.values(), before)

    def test_whole_numbers_reach_the_branches_that_take_them(self):
        layer = mtn.Concatenate(Numbers(), mtn.Flatten())
        assert layer.takes_integers
        assert not mtn.Concatenate(mtn.ReLU(), Doubled()).takes_integers
        out = layer.predict((np.array([2, 0]), np.array([7, 8], "uint8")))
        assert out.tolist() == [[4, 5, 7], [0, 1, 8]]

    def test_a_number_outside_a_branch_s_vocabulary_is_refused(self):
        branches = mtn.Concatenate(mtn.Embedding(5, 2), mtn.Embedding(3, 2), mtn.Flatten())
        net = mtn.Sequential(branches, mtn.Dense(5, 1))
        trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD())
        beyond = np.array([0, 4, -7])
        for words, said in (
            ((beyond[:2], beyond[:2], beyond), r"number 2 must be in \[0, 3\),.*one of them is 4"),
            ((beyond, beyond[:1], beyond), r"number 1 must be in \[0, 5\),.*one of them is -7"),
            (beyond[:2], r"inputs must be in \[0, 3\),.*one of them is 4"),
        ):
            with pytest.raises(ValueError, match=said):
                net.predict(words)
            with pytest.raises(ValueError, match=said):
                trainer.fit(words, np.zeros((3, 1)), progress=False)
        within = beyond[:2], beyond[:1].repeat(2), beyond[:2] - 9
        assert np.isfinite(net.predict(within)).all()
        with pytest.raises(ValueError, match="has 3 branches and was given 2 inputs"):
            net.predict((beyond[:1], beyond[:1]))

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_the_dtype_stays(self, dtype):
        layer = mtn.Concatenate(mtn.Dense(2, 2, dtype=dtype), Doubled())
        assert layer(tensor(dtype, 2, "x")).dtype == layer.dtype == dtype

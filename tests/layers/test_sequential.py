import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function


def test_applies_its_layers_in_order():
    net = mtn.Sequential(mtn.Dense(1, 1, W=[[2]], b=[-3]), mtn.ReLU(), mtn.Dense(1, 1, W=[[10]]))
    assert net.predict([[1], [2]]).tolist() == [[0], [10]]


def test_called_on_a_symbolic_variable_it_is_a_plain_graph(make_net):
    net, x = make_net(), T.fmatrix("x")
    values = np.ones((2, 2), "float32")
    np.testing.assert_allclose(function([x], net(x))(values), net.predict(values), rtol=1e-6)


def test_with_a_training_it_is_the_graph_of_a_step(make_net):
    net, x = make_net(dropout=0.5), T.fmatrix("x")
    training = mtn.Training(seed=0)
    step = function([x], net(x, training), updates=training.updates)
    ones = np.ones((20, 2), "float32")
    assert (step(ones) != step(ones)).any()


def test_an_error_of_a_layer_s_own_keeps_its_class():
    class TooDarkError(ValueError):
        def __init__(self, lux, least):
            super().__init__(f"{lux} lux, and at least {least} are needed")

    class Camera(mtn.Layer):
        def forward(self, x, training=None):
            raise TooDarkError(3, 10)

    with pytest.raises(TooDarkError, match="3 lux, and at least 10"):
        mtn.Sequential(mtn.Dense(2, 2), Camera(), input_shape=(2,))(T.fmatrix("x"))


class TestNames:
    def test_are_numbered_by_kind(self, make_net):
        names = ["dense_1", "relu_1", "dropout_1", "dense_2", "softmax_1"]
        assert list(make_net().children()) == names

    def test_pass_over_those_that_are_taken(self):
        net = mtn.Sequential(mtn.Dense(2, 2, name="dense_2"), mtn.Dense(2, 2), mtn.Dense(2, 2))
        assert list(net.children()) == ["dense_2", "dense_1", "dense_3"]

    def test_are_the_network_s_and_not_the_layers(self, make_net):
        net = make_net()
        table = net.summary()
        head = mtn.Sequential(*net.layers[3:])
        assert list(head.children()) == ["dense_1", "softmax_1"]
        assert list(head.parameters.values()) == list(net.parameters.values())[2:]
        assert net.summary() == table
        assert {layer.name for layer in net.layers} == {None}

    def test_of_layers_of_two_networks(self):
        one, two = (mtn.Sequential(mtn.Dense(2, 2), seed=seed) for seed in range(2))
        both = mtn.Sequential(*one.layers, *two.layers)
        assert list(both.children()) == ["dense_1", "dense_2"]
        assert both.params == [*one.params, *two.params]


class TestShapes:
    def test_go_through_the_layers(self):
        inner = mtn.Sequential(mtn.Dense(2, 4), mtn.ReLU())
        net = mtn.Sequential(inner, mtn.Dense(4, 3))
        assert net.shapes == [(2,), (4,), (3,)]
        assert net.input_shape == (2,)
        assert net.output_shape((2,)) == (3,)
        assert net.output_shape(None) is None

    def test_of_an_unknown_input(self):
        net = mtn.Sequential(mtn.Flatten(), mtn.Dense(6, 2), seed=0)
        assert net.input_shape is None
        assert net.shapes == [None, None, None]
        assert net.output_shape((2, 3)) == (2,)

    def test_of_vectors_behind_an_unknown_input_are_not_taken_for_one(self):
        words = mtn.Embedding(10, 4), mtn.Dense(4, 2), mtn.Flatten(), mtn.Dense(6, 3)
        assert mtn.Sequential(*words, seed=0).predict([[1, 2, 3]]).shape == (1, 3)

    def test_an_input_shape_is_checked_through_flatten(self):
        net = mtn.Sequential(mtn.Flatten(), mtn.Dense(6, 2), input_shape=(2, 3), seed=0)
        assert net.predict(np.zeros((5, 2, 3))).shape == (5, 2)
        with pytest.raises(ValueError, match=r"dense_1: .* expected examples of shape \(6,\), got"):
            mtn.Sequential(mtn.Flatten(), mtn.Dense(6, 2), input_shape=(2, 4))

    def test_without_an_input_shape_the_rank_is_read_from_the_data(self):
        net = mtn.Sequential(mtn.Flatten(), mtn.Dense(6, 2), seed=0)
        flat = np.arange(12).reshape(2, 6)
        np.testing.assert_array_equal(net.predict(flat), net.predict(flat.reshape(2, 2, 3)))

    def test_of_a_layer_of_ones_own_are_asked_of_its_graph(self):
        class Twice(mtn.Layer):
            def forward(self, x, training=None):
                return T.concatenate([x, x], axis=1)

        assert mtn.Sequential(mtn.Dense(2, 3), Twice(), mtn.Dense(6, 1)).shapes[2] == (6,)
        with pytest.raises(ValueError, match=r"dense_2: .* of shape \(5,\), got \(6,\)"):
            mtn.Sequential(mtn.Dense(2, 3), Twice(), mtn.Dense(5, 1))

    def test_of_symbolic_parameters_are_not_computed(self):
        class Product(mtn.Layer):
            def __init__(self):
                self.W = self.parameter("W", T.fmatrix("W"), (3, 4))

            def forward(self, x, training=None):
                return T.dot(x, self.W)

        assert mtn.Sequential(mtn.Dense(2, 3), Product()).shapes == [(2,), (3,), None]


class TestRefuses:
    def test_neighbours_that_don_t_fit(self):
        with pytest.raises(ValueError, match=r"dense_2: .* examples of shape \(5,\), got \(4,\)"):
            mtn.Sequential(mtn.Dense(3, 4), mtn.ReLU(), mtn.Dense(5, 2))

    def test_neighbours_in_a_network_in_a_network_by_their_path(self):
        inner = mtn.Sequential(mtn.Flatten(), mtn.Dense(5, 2))
        with pytest.raises(ValueError, match=r"sequential_1: dense_1: .* \(5,\), got \(4,\)"):
            mtn.Sequential(mtn.Dense(3, 4), inner)

    def test_pictures_in_a_dense_layer(self):
        with pytest.raises(ValueError, match=r"got \(28, 28\)\. Put a Flatten\(\) before it"):
            mtn.Sequential(mtn.Dense(784, 10), input_shape=(28, 28))

    def test_softmax_of_pictures(self):
        with pytest.raises(ValueError, match=r"softmax_1: .*got \(2, 3\)\. Put a Flatten"):
            mtn.Sequential(mtn.Softmax(), input_shape=(2, 3))

    def test_no_layers(self):
        with pytest.raises(ValueError, match="at least one layer"):
            mtn.Sequential()

    def test_a_class_for_a_layer(self):
        with pytest.raises(TypeError, match=r"argument 2 is no layer.*Did you mean ReLU\(\)"):
            mtn.Sequential(mtn.Dense(1, 1), mtn.ReLU)

    def test_a_list_of_layers(self):
        with pytest.raises(TypeError, match=r"Put a \* before the list: Sequential\(\*layers\)"):
            mtn.Sequential([mtn.Dense(1, 1), mtn.ReLU()])

    def test_two_layers_of_one_name(self):
        with pytest.raises(ValueError, match="2 layers are called 'twin': give each a name of its"):
            mtn.Sequential(mtn.Dense(2, 2, name="twin"), mtn.Dense(2, 2, name="twin"))

    def test_layers_of_two_dtypes(self):
        with pytest.raises(TypeError, match="dense_1 computes in float32 and dense_2 in float64"):
            mtn.Sequential(mtn.Dense(2, 3), mtn.ReLU(), mtn.Dense(3, 2, dtype="float64"))

    def test_layers_of_two_dtypes_far_inside(self):
        inner = mtn.Sequential(mtn.Dense(2, 3, dtype="float64"))
        with pytest.raises(
            TypeError, match="^sequential_1/dense_1 computes in float64 and dense_1 in"
        ):
            mtn.Sequential(inner, mtn.ReLU(), mtn.Dense(3, 2))

    def test_a_dtype_which_is_the_layers(self):
        with pytest.raises(TypeError, match=r"Sequential has no dtype=: give it to the layers"):
            mtn.Sequential(mtn.Dense(2, 3), dtype="float64")

    @pytest.mark.parametrize("shape", [3, "ab", (0,), (-1,), (2.5,), (None, 2)])
    def test_what_is_no_input_shape(self, shape):
        with pytest.raises(ValueError, match=r"input_shape must be a tuple of positive whole"):
            mtn.Sequential(mtn.ReLU(), input_shape=shape)


def test_the_dtype_is_the_layers_own():
    layers = mtn.Dense(2, 3, dtype="float64"), mtn.ReLU(), mtn.Dense(3, 2, dtype="float64")
    net = mtn.Sequential(*layers)
    assert net.dtype == "float64"
    assert net.predict(np.ones((1, 2), "float32")).dtype == np.float64
    assert mtn.Sequential(mtn.ReLU()).dtype == "float32"


class TestSummary:
    def test_has_a_row_for_each_layer(self, make_net):
        table = [row.split() for row in make_net(dropout=0.5).summary().splitlines()]
        assert table == [
            ["layer", "output", "parameters"],
            ["dense_1", "(8,)", "24"],
            ["relu_1", "(8,)", "0"],
            ["dropout_1", "(8,)", "0"],
            ["dense_2", "(3,)", "27"],
            ["softmax_1", "(3,)", "0"],
            ["total", "51"],
        ]

    def test_of_unknown_shapes(self):
        assert "flatten_1  ?" in mtn.Sequential(mtn.Flatten(), seed=0).summary()

    def test_of_networks_in_it(self):
        net = mtn.Sequential(mtn.Sequential(mtn.Dense(2, 4), mtn.Dense(4, 4)), mtn.Dense(4, 1))
        rows = net.summary().splitlines()
        assert rows[1].split() == ["sequential_1", "(4,)", "32"]
        assert rows[-1].split() == ["total", "37"]

    def test_a_layer_twice_counts_once(self):
        layer = mtn.Dense(3, 3)
        assert mtn.Sequential(layer, layer).summary().splitlines()[-1].split() == ["total", "12"]

    def test_of_any_layer(self):
        assert mtn.Dense(2, 3).summary().splitlines()[-1].split() == ["total", "9"]

    def test_state_is_no_parameter(self):
        class Mean(mtn.Layer):
            def __init__(self):
                self.mean = self.state("mean", mtn.Zeros(), (3,))

            def forward(self, x, training=None):
                return x - self.mean

        net = mtn.Sequential(mtn.Dense(2, 3), Mean())
        assert net.summary().splitlines()[-2].split() == ["mean_1", "(3,)", "0"]


def test_repr(make_net):
    assert repr(make_net()).startswith("Sequential(Dense(2, 8), ReLU(), Dropout(0), Dense(8, 3)")


class TestASubclass:
    """A Sequential with a method of its own, standing in another network."""

    def nested(self, kind):
        return mtn.Sequential(kind(mtn.Dense(2, 2, W=np.eye(2), b=None)), mtn.ReLU())

    def test_its_own_forward_is_used(self):
        class Residual(mtn.Sequential):
            def forward(self, x, training=None):
                return x + super().forward(x, training)

        assert self.nested(Residual).predict([[1, 2]]).tolist() == [[2, 4]]

    def test_its_own_call_is_used(self):
        class Negative(mtn.Sequential):
            def __call__(self, x, training=None):
                return -super().__call__(x, training)

        assert self.nested(Negative).predict([[-1, 2]]).tolist() == [[1, 0]]

    def test_in_training_too(self):
        class Negative(mtn.Sequential):
            def __call__(self, x, training=None):
                return -super().__call__(x, training)

        net = self.nested(Negative)
        trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(0.25))
        history = trainer.fit([[-1.0, -2.0]], [[1.0, 2.0]], progress=False)
        assert history["train_loss"] == [0]

    def test_its_own_shapes_are_asked_of_its_graph(self):
        class Twice(mtn.Sequential):
            def forward(self, x, training=None):
                return T.concatenate([x, super().forward(x, training)], axis=1)

        assert mtn.Sequential(Twice(mtn.Dense(2, 3)), mtn.ReLU()).shapes == [(2,), (5,), (5,)]

    def test_layers_among_its_attributes_are_trained(self):
        class Gated(mtn.Sequential):
            def __init__(self, *layers):
                super().__init__(*layers, seed=0)
                self.gate = mtn.Dense(2, 2)

            def forward(self, x, training=None):
                return mtn.Sigmoid()(self.gate(x)) * super().forward(x, training)

        net = Gated(mtn.Dense(2, 2))
        assert list(net.parameters) == ["dense_1/W", "dense_1/b", "gate/W", "gate/b"]
        ones = np.ones((1, 2))
        assert (net.predict(ones) == Gated(mtn.Dense(2, 2)).predict(ones)).all()  # by the seed

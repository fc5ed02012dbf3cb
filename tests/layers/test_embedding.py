import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad, tensor

W = np.arange(10, dtype="float32").reshape(5, 2)


def sentences(rng, n=60):
    """Sentences of four of six words, and whether word 2 is among them."""
    x = rng.integers(0, 6, (n, 4))
    return x, (x == 2).any(axis=1).astype("int32")


def make_net(seed=0):
    return mtn.Sequential(
        mtn.Embedding(6, 3), mtn.Flatten(), mtn.Dense(12, 2), mtn.Softmax(),
        input_shape=(4,), seed=seed,
    )  # fmt: skip


def trainer_for(net):
    loss, optimizer = mtn.categorical_crossentropy, mtn.Adam(0.05)
    return mtn.Trainer(net, loss, optimizer, metrics=[mtn.accuracy])


@pytest.mark.parametrize("shape", [(3,), (3, 4), (3, 2, 2)])
def test_rows_by_number(rng, shape):
    layer, x = mtn.Embedding(5, 2, W=W), rng.integers(0, 5, shape)
    out = layer.predict(x)
    np.testing.assert_array_equal(out, W[x])
    assert out.dtype == np.float32
    assert layer.output_shape(shape[1:]) == out.shape[1:]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64"])
def test_whole_numbers_of_any_type(dtype):
    x = np.array([[0, 4], [3, 3]], dtype)
    np.testing.assert_array_equal(mtn.Embedding(5, 2, W=W).predict(x), W[x])


def test_numbers_that_a_byte_cannot_count():
    layer, x = mtn.Embedding(300, 2, seed=0), np.array([[255, 7]], "uint8")
    np.testing.assert_array_equal(layer.predict(x), layer.W.get_value()[x])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_starts_uniform_as_keras_does(dtype):
    layer = mtn.Embedding(200, 50, dtype=dtype, seed=0)
    start = layer.W.get_value()
    assert start.dtype == dtype
    assert -0.05 <= start.min() < -0.0499 < 0.0499 < start.max() <= 0.05
    assert layer.predict([[1]]).dtype == dtype


def test_the_gradient_of_a_row_counts_its_uses():
    layer, x = mtn.Embedding(5, 2, W=W), T.imatrix("x")
    g = function([x], grad(layer(x).sum(), layer.W))(np.array([[1, 3], [3, 3]], "int32"))
    assert g.dtype == np.float32
    assert g.tolist() == [[0, 0], [1, 1], [0, 0], [3, 3], [0, 0]]


def test_tied_to_another_layer():
    dense = mtn.Dense(2, 5, seed=0)
    layer = mtn.Embedding(5, 2, W=dense.W.T)
    assert layer.params == []
    np.testing.assert_array_equal(layer.predict([[3]])[0, 0], dense.W.get_value()[:, 3])


class TestInANetwork:
    def test_learns_and_predicts(self, rng):
        net, data = make_net(), sentences(rng, 200)
        trainer = trainer_for(net)
        before = net.values()["embedding_1/W"]
        trainer.fit(data, validation=data, epochs=20, progress=False)
        assert trainer.evaluate(data)["accuracy"] > 0.95
        assert (net.values()["embedding_1/W"] != before).all()
        assert net.predict(data[0]).shape == (200, 2)
        assert net.shapes == [(4,), (4, 3), (12,), (2,), (2,)]

    def test_a_stream_is_as_the_arrays(self, rng):
        x, y = sentences(rng)
        batches = [(x[i : i + 20].astype("uint8"), y[i : i + 20]) for i in range(0, 60, 20)]
        losses = [
            trainer_for(make_net()).fit(train, epochs=2, batch_size=20, progress=False, **options)
            for train, options in ((batches, {}), ((x, y), {"shuffle": False}))
        ]
        np.testing.assert_allclose(losses[0]["train_loss"], losses[1]["train_loss"], rtol=1e-6)
        net = make_net()
        np.testing.assert_array_equal(net.predict(iter([x[:20], x[20:]])), net.predict(x))

    def test_its_vectors_are_normalised(self, rng):
        net = mtn.Sequential(mtn.Embedding(6, 3), mtn.BatchNorm(3), input_shape=(4,), seed=0)
        assert net.predict(sentences(rng)[0]).shape == (60, 4, 3)


class TestOutsideTheVocabulary:
    @pytest.mark.parametrize("value", [-1, 6, 2**40])
    def test_is_refused_at_every_door(self, rng, value):
        x, y = sentences(rng)
        wrong = x.copy()
        wrong[7, 1] = value
        net = make_net()
        trainer = trainer_for(net)
        what = rf"inputs must be in \[0, 6\), the numbers that the network knows; .* is {value}\."
        for attempt in (
            lambda: net.predict(wrong),
            lambda: net.layers[0].predict(wrong),
            lambda: net.predict(iter([x, wrong])),
            lambda: trainer.fit((wrong, y), progress=False),
            lambda: trainer.fit((x, y), validation=(wrong, y), progress=False),
            lambda: trainer.fit([(x, y), (wrong, y)], progress=False),
            lambda: trainer.evaluate((wrong, y)),
        ):
            with pytest.raises(ValueError, match=what):
                attempt()

    @pytest.mark.parametrize("value", [-1, 5, 2**31 - 1])
    def test_is_nan_in_a_graph_of_ones_own_and_learns_nothing(self, value):
        layer, x = mtn.Embedding(5, 2, W=W), T.imatrix("x")
        out = layer(x)
        output, g = function([x], [out, grad(out.sum(), layer.W)])(np.array([[1, value]], "int32"))
        assert output[0, 0].tolist() == [2, 3]
        assert np.isnan(output[0, 1]).all()
        assert g.tolist() == [[0, 0], [1, 1], [0, 0], [0, 0], [0, 0]]

    def test_further_inside_the_layer_is_named(self, rng):
        class Shifted(mtn.Layer):
            takes_integers = True

            def __init__(self):
                super().__init__(seed=0)
                self.words, self.flat = mtn.Embedding(6, 2), mtn.Flatten()

            def forward(self, x, training=None):
                return self.flat(self.words(x + 1, training), training)

        x, y = sentences(rng)
        net = mtn.Sequential(Shifted(), mtn.Dense(8, 2), mtn.Softmax(), input_shape=(4,), seed=0)
        with pytest.raises(mtn.NonFiniteLossError, match="is shifted_1/words"):
            trainer_for(net).fit((x, y), progress=False)
        trainer_for(net).fit((np.minimum(x, 4), y), progress=False)


class TestRefuses:
    @pytest.mark.parametrize("dtype", ["float32", "float64", "bool"])
    def test_what_is_not_whole(self, dtype):
        x = np.zeros((2, 4), dtype)
        for attempt in (make_net().predict, lambda x: trainer_for(make_net()).fit((x, [0, 1]))):
            with pytest.raises(TypeError, match=r"Embedding\(6, 3\): the input must be whole num"):
                attempt(x)
        with pytest.raises(TypeError, match=f"got {dtype}: .*int32"):
            mtn.Embedding(5, 2)(tensor(dtype, 2, "x"))

    @pytest.mark.parametrize("value", [0, -1, 2.5, None])
    def test_sizes_that_are_none(self, value):
        with pytest.raises(ValueError, match="Embedding: n_in must be a positive whole number"):
            mtn.Embedding(value, 2)
        with pytest.raises(ValueError, match="Embedding: n_out must be a positive whole number"):
            mtn.Embedding(5, value)

    def test_vectors_of_another_shape(self):
        with pytest.raises(ValueError, match=r"W has shape \(2, 5\), expected \(5, 2\)"):
            mtn.Embedding(5, 2, W=W.T)


def test_shapes_and_repr():
    assert mtn.Embedding(5, 2).output_shape(None) is None
    assert mtn.Embedding(5, 2).output_shape(()) == (2,)
    assert repr(mtn.Embedding(5, 2)) == "Embedding(5, 2)"

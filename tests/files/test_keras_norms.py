"""Normalisation and embeddings: ours in the real Keras, and Keras's here."""

import os

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_ENABLE_X64", "1")
keras = pytest.importorskip("keras", reason="Keras is not installed")

from small_nets import weights_of  # noqa: E402

import minitheanonet as mtn  # noqa: E402
from minitheanonet.files import ModelFileError, load_model, save_model  # noqa: E402

layers = keras.layers
# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

WORDS = np.random.default_rng(7).integers(0, 9, (30, 4))


def normalised():
    """Embedded words; a frozen and a nested normalisation among others."""
    inner = mtn.Sequential(mtn.Dense(12, 5), mtn.BatchNorm(5, 0.5, beta=None), name="block")
    net = mtn.Sequential(
        mtn.Embedding(9, 3), mtn.BatchNorm(3, 0.8, 1e-2), mtn.LayerNorm(3, 1e-2, gamma=None),
        mtn.Flatten(), inner, mtn.LayerNorm(5), mtn.BatchNorm(5, name="still"), mtn.Dense(5, 3),
        mtn.Softmax(), input_shape=(4,), seed=0,
    )  # fmt: skip
    net.layers[6].trainable = False
    trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(0.02))
    trainer.fit(WORDS, WORDS[:, 0] % 3, epochs=2, progress=False)
    return net


def test_normalisation_and_embedding_both_ways(tmp_path):
    net = normalised()
    save_model(net, tmp_path / "m.h5")
    assert weights_of(load_model(tmp_path / "m.h5")) == weights_of(net)
    assert repr(load_model(tmp_path / "m.h5")) == repr(net)
    model = keras.models.load_model(tmp_path / "m.h5")
    predicted = model.predict(WORDS, verbose=0)
    np.testing.assert_allclose(predicted, net.predict(WORDS), rtol=0, atol=1e-6)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(WORDS, WORDS[:, 0] % 3, epochs=2, verbose=0)
    assert np.abs(model.predict(WORDS, verbose=0) - predicted).max() > 1e-4
    model.save(tmp_path / "k.h5")
    again = load_model(tmp_path / "k.h5")
    predicted = model.predict(WORDS, verbose=0)
    np.testing.assert_allclose(again.predict(WORDS), predicted, rtol=0, atol=1e-6)
    assert repr(again) == repr(net)
    assert list(again.trained) == list(net.trained)
    for path, value in again.values().items():  # Keras trains what we would, and leaves the rest
        assert (value == net.values()[path]).all() == path.startswith("still/"), path


def test_keras_s_normalisation_and_embedding_here(tmp_path):
    """The axis by its number from the front, and words as they come without a dtype."""
    model = keras.Sequential(
        [
            layers.Input((4,)),
            layers.Embedding(9, 3),
            layers.BatchNormalization(axis=2, center=False),
            layers.LayerNormalization(axis=2),
            layers.Flatten(),
            layers.BatchNormalization(axis=1, scale=False),
            layers.Dense(2),
        ]
    )
    model.compile("adam", "mse")
    model.fit(WORDS, np.ones((30, 2)), verbose=0)
    model.save(tmp_path / "k.h5")
    net = load_model(tmp_path / "k.h5")
    predicted = model.predict(WORDS, verbose=0)
    np.testing.assert_allclose(net.predict(WORDS), predicted, rtol=0, atol=1e-6)
    trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.Adam(0.01))
    trainer.fit(WORDS, np.ones((30, 2)), epochs=5, progress=False)
    assert trainer.history["train_loss"][-1] < trainer.history["train_loss"][0]


@pytest.mark.parametrize("kind", [layers.BatchNormalization, layers.LayerNormalization])
def test_an_axis_that_is_not_the_last_is_named(tmp_path, kind):
    model = keras.Sequential([layers.Input((4, 6)), kind(axis=1, name="odd")])
    model.save(tmp_path / "k.h5")
    with pytest.raises(ModelFileError, match="odd: its axis is .*1.*only the last"):
        load_model(tmp_path / "k.h5")

"""Our files in the real Keras, and the real Keras's files here."""

import copy
import json
import os
import re

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_ENABLE_X64", "1")
keras = pytest.importorskip("keras", reason="Keras is not installed")

from damage import flip_bits  # noqa: E402
from small_nets import INPUTS, every_layer, weights_of  # noqa: E402

import minitheanonet as mtn  # noqa: E402
from minitheanonet.files import ModelFileError, load_model, model_info, save_model  # noqa: E402
from minitheanonet.files.errors import RefusedError  # noqa: E402
from minitheanonet.files.hdf5 import Weights, look_through  # noqa: E402
from minitheanonet.files.keras import network_from  # noqa: E402

layers = keras.layers
# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keras_predicts_what_we_predict(tmp_path, dtype):
    net = every_layer(dtype)
    save_model(net, tmp_path / "m.h5")
    model = keras.models.load_model(tmp_path / "m.h5")
    predicted = model.predict(INPUTS, verbose=0)
    assert predicted.dtype == dtype
    np.testing.assert_allclose(predicted, net.predict(INPUTS), rtol=0, atol=1e-6)


def test_keras_goes_on_training_and_we_read_it_back(tmp_path):
    save_model(every_layer(), tmp_path / "m.h5")
    model = keras.models.load_model(tmp_path / "m.h5")
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.predict(INPUTS, verbose=0)
    model.fit(INPUTS, np.arange(7) % 3, epochs=2, verbose=0)
    assert np.abs(model.predict(INPUTS, verbose=0) - before).max() > 1e-4
    model.save(tmp_path / "k.h5")
    net = load_model(tmp_path / "k.h5")
    np.testing.assert_allclose(
        net.predict(INPUTS), model.predict(INPUTS, verbose=0), rtol=0, atol=1e-6
    )
    assert list(net.children()) == list(every_layer().children())
    assert list(net.trained) == list(every_layer().trained)
    np.testing.assert_array_equal(  # frozen for Keras as well
        net.layers[5].layers[0].W.get_value(), every_layer().layers[5].layers[0].W.get_value()
    )


def every_keras_layer():
    return keras.Sequential(
        [
            layers.Input((2, 3)),
            layers.Flatten(),
            layers.Rescaling(0.5, offset=-1.0),
            layers.Dense(5, activation="relu"),
            layers.Dense(5, activation="gelu", trainable=False),
            layers.LeakyReLU(negative_slope=0.2),
            layers.ELU(alpha=0.7),
            layers.GaussianNoise(0.5, seed=3),
            layers.Reshape((-1, 1)),
            layers.Reshape((5,)),
            *[layers.Activation(name) for name in ("gelu", "softplus", "elu", "leaky_relu")],
            layers.Dense(5, activation="sigmoid", use_bias=False),
            layers.Dropout(0.3),
            keras.Sequential(
                [
                    layers.Input((5,)),
                    layers.Dense(4, "tanh", trainable=False),
                    keras.Sequential([layers.Input((4,)), layers.Dense(4, "softplus")]),
                    layers.Dense(4),
                ]
            ),
            layers.Activation("tanh"),
            layers.Activation("linear"),
            layers.ReLU(),
            layers.Dense(3, activation="softmax"),
            layers.Softmax(),
        ]
    )


def test_we_predict_what_keras_predicts(tmp_path):
    model = every_keras_layer()
    model.compile("rmsprop", "mse")
    model.fit(INPUTS, np.zeros((7, 3)), verbose=0)
    model.save(tmp_path / "k.h5")
    net = load_model(tmp_path / "k.h5")
    np.testing.assert_allclose(
        net.predict(INPUTS), model.predict(INPUTS, verbose=0), rtol=0, atol=1e-6
    )
    assert model_info(tmp_path / "k.h5").writer == "Keras"
    save_model(net, tmp_path / "m.h5")
    assert weights_of(load_model(tmp_path / "m.h5")) == weights_of(net)


PICTURES = np.random.default_rng(6).normal(size=(3, 9, 8, 2)).astype("float32")


def every_image_layer():
    return mtn.Sequential(
        mtn.Conv2D(2, 4, 3, padding="same", b=mtn.Normal(0.5)), mtn.ReLU(), mtn.MaxPool2D(),
        mtn.Conv2D(4, 3, (2, 1), strides=(1, 2), b=None), mtn.AveragePool2D((2, 1), 1, "same"),
        mtn.Conv2D(3, 5, 2, padding="same", dilation=(2, 1)), mtn.MaxPool2D((1, 2), 1, "same"),
        mtn.GlobalAveragePool2D(), mtn.Dense(5, 3), mtn.Softmax(), input_shape=(9, 8, 2), seed=3,
    )  # fmt: skip


def test_networks_of_images_both_ways(tmp_path):
    net = every_image_layer()
    save_model(net, tmp_path / "m.h5")
    assert weights_of(load_model(tmp_path / "m.h5")) == weights_of(net)
    model = keras.models.load_model(tmp_path / "m.h5")
    predicted = model.predict(PICTURES, verbose=0)
    np.testing.assert_allclose(predicted, net.predict(PICTURES), rtol=0, atol=1e-6)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(PICTURES, np.arange(3), verbose=0)
    model.save(tmp_path / "k.h5")
    again = load_model(tmp_path / "k.h5")
    assert repr(again) == repr(net)
    predicted = model.predict(PICTURES, verbose=0)
    np.testing.assert_allclose(again.predict(PICTURES), predicted, rtol=0, atol=1e-6)


def test_keras_s_networks_of_images_here(tmp_path):
    model = keras.Sequential(
        [
            layers.Input((9, 8, 2)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(3, (1, 2), padding="same", use_bias=False),
            layers.AveragePooling2D(2, strides=1, padding="same"),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.save(tmp_path / "k.h5")
    net = load_model(tmp_path / "k.h5")
    predicted = model.predict(PICTURES, verbose=0)
    np.testing.assert_allclose(net.predict(PICTURES), predicted, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Conv2D(2, 3, groups=2, name="odd"),
        layers.Conv2D(2, 3, data_format="channels_first", name="odd"),
        layers.GlobalAveragePooling2D(keepdims=True, name="odd"),
        layers.SeparableConv2D(2, 3, name="odd"),
    ],
)
def test_a_layer_of_images_without_an_equal_here_is_named(tmp_path, layer):
    model = keras.Sequential([layers.Input((8, 8, 8)), layer])
    model.save(tmp_path / "k.h5")
    with pytest.raises(ModelFileError, match="odd"):
        load_model(tmp_path / "k.h5")


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("odd", layers.GroupNormalization(3, name="odd")),
        ("odd", layers.RMSNormalization(name="odd")),
        ("odd", layers.BatchNormalization(name="odd", renorm=True)),
        ("odd", layers.BatchNormalization(name="odd", gamma_regularizer="l2")),
        ("odd", layers.Dense(2, activation="selu", name="odd")),
        ("odd", layers.PReLU(name="odd")),
        ("odd", layers.Rescaling([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], name="odd")),
        ("odd", layers.Dense(2, kernel_regularizer="l2", name="odd")),
        ("odd", layers.ReLU(max_value=6, name="odd")),
        ("odd", layers.Dense(2, dtype="float16", name="odd")),
        ("odd", layers.Permute((1,), name="odd")),
        ("odd", layers.Dense(2, name="odd", kernel_constraint="non_neg")),
    ],
)
def test_a_layer_without_an_equal_here_is_named(tmp_path, name, layer):
    model = keras.Sequential([layers.Input((6,)), layers.Dense(6), layer])
    model.save(tmp_path / "k.h5")
    with pytest.raises(ModelFileError, match=name):
        load_model(tmp_path / "k.h5")


def test_a_functional_model_is_refused(tmp_path):
    inputs = layers.Input((3,))
    keras.Model(inputs, layers.Dense(2)(inputs)).save(tmp_path / "k.h5")
    with pytest.raises(ModelFileError, match="Functional"):
        load_model(tmp_path / "k.h5")


def test_the_new_zip_format_of_keras_is_refused_with_the_mend(tmp_path):
    every_keras_layer().save(tmp_path / "k.keras")
    with pytest.raises(ModelFileError, match="as HDF5"):
        load_model(tmp_path / "k.keras")


def changed_letters(text):
    """Yield the text with one letter of an option's name in the other case, each in turn."""
    for match in re.finditer(r'"(\w+)": ', text):
        for place in range(*match.span(1)):
            yield text[:place] + text[place].swapcase() + text[place + 1 :]


def test_no_option_may_be_misspelt(tmp_path):
    """``"activatioN": "relu"`` is no activation at all, and was taken for none."""
    every_keras_layer().save(tmp_path / "k.h5")
    with open(tmp_path / "k.h5", "rb", buffering=0) as file:
        found = look_through(file)
        text = found["config"]
        free = re.sub(
            r'"(kernel|bias)_initializer": \{.*?\}, "registered_name": null\}, ', "", text
        )
        assert free.count("{") < text.count("{")
        loaded = 0
        for other in changed_letters(free):
            if other == free:
                continue
            try:
                network_from(json.loads(other), Weights(file, copy.deepcopy(found)), 0)
            except RefusedError:
                continue
            loaded += 1
        network_from(json.loads(free), Weights(file, copy.deepcopy(found)), 0)
    assert loaded == 0


def test_no_bit_of_a_configuration_makes_another_network(tmp_path):
    """A number may change, a rate say, as a weight may: no file of Keras's can tell."""
    every_keras_layer().save(tmp_path / "k.h5")
    content = (tmp_path / "k.h5").read_bytes()
    begin = content.index(b'{"class_name"')
    positions = range(begin, content.index(b"\0", begin))
    outcome = flip_bits(tmp_path / "k.h5", 30, positions=positions)
    assert outcome.sound

"""Saving and loading: what comes back, and what a file is."""

import json

import h5py
import numpy as np
import pytest
from by_hand import dense_config, model_config, write_keras2
from small_nets import INPUTS, every_layer, weights_of

import minitheanonet as mtn
from minitheanonet.files import ModelFileError, hdf5, load_model, model_info, save_model
from minitheanonet.files.whole import FORMAT_VERSION, SEAL_BYTES


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_comes_back_as_it_was(tmp_path, dtype):
    net = every_layer(dtype)
    save_model(net, tmp_path / "m.h5")
    loaded = load_model(str(tmp_path / "m.h5"))
    assert weights_of(loaded) == weights_of(net)
    assert list(loaded.parameters) == list(net.parameters)
    assert list(loaded.trained) == list(net.trained)
    assert repr(loaded) == repr(net)
    assert loaded.summary() == net.summary()
    assert (loaded.seed, loaded.dtype, loaded.label) == (3, dtype, net.label)
    np.testing.assert_array_equal(loaded.predict(INPUTS), net.predict(INPUTS))


def test_saving_a_loaded_network_gives_the_same_file(tmp_path):
    save_model(every_layer(), tmp_path / "m.h5")
    save_model(load_model(tmp_path / "m.h5"), tmp_path / "again.h5")
    assert (tmp_path / "again.h5").read_bytes() == (tmp_path / "m.h5").read_bytes()


def test_classes_and_preprocessing_come_back(tmp_path):
    preprocessing = {"invert": False, "scale": 2.5, "mean": [0.1, 0.2], "of": {"a": None}}
    classes = ["año", "b", "c"]
    save_model(every_layer(), tmp_path / "m.h5", classes=classes, preprocessing=preprocessing)
    info = model_info(tmp_path / "m.h5")
    assert info.classes == ("año", "b", "c")
    assert info.preprocessing == preprocessing
    assert info.training is None
    assert info.writer == f"minitheanonet {mtn.__version__}, format {FORMAT_VERSION}"
    assert repr(info.network) == repr(every_layer())


@pytest.mark.parametrize("classes", [["a"], ["a", "b"], "abc", []])
def test_classes_must_be_as_many_as_the_outputs(tmp_path, classes):
    with pytest.raises(ModelFileError, match="classes must be 3 names"):
        save_model(every_layer(), tmp_path / "m.h5", classes=classes)
    assert not list(tmp_path.iterdir())


def test_one_output_has_two_classes(tmp_path):
    net = mtn.Sequential(mtn.Dense(2, 1), mtn.Sigmoid(), seed=0)
    save_model(net, tmp_path / "m.h5", classes=["no", "yes"])
    assert model_info(tmp_path / "m.h5").classes == ("no", "yes")


@pytest.mark.parametrize("value", [{"a": {1: 2}}, {"f": len}, {"n": float("nan")}, {"t": (1, 2)}])
def test_preprocessing_must_be_plain_json(tmp_path, value):
    with pytest.raises(ModelFileError, match="plain JSON"):
        save_model(every_layer(), tmp_path / "m.h5", preprocessing=value)


def test_the_file_is_plain_hdf5_after_512_bytes(tmp_path):
    save_model(every_layer(), tmp_path / "m.h5")
    assert h5py.is_hdf5(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        assert file.userblock_size == SEAL_BYTES
        assert set(file) == {"minitheanonet", "model_weights"}
        assert file["model_weights/block/block/dense_1/kernel"].shape == (5, 4)
    assert (tmp_path / "m.h5").read_bytes().startswith(b"minitheanonet model file\nformat 2\n")


def test_keras_2_with_activations_inside_dense(tmp_path):
    config = model_config(dense_config(activation="softmax"))
    net = load_model(write_keras2(tmp_path / "k.h5", config))
    assert repr(net) == "Sequential(Dense(3, 2), Softmax())"
    assert [layer.name for layer in net.layers] == ["dense", "dense_softmax"]
    logits = np.array([[1.0, 2, 3]], "float32") @ net.layers[0].W.get_value() + [0.5, -0.5]
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(net.predict([[1, 2, 3]]), expected, rtol=0, atol=1e-6)


def test_keras_3_with_dtypes_as_policies(tmp_path):
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
    config = model_config(dense_config(dtype=policy))
    config["config"]["dtype"] = policy
    net = load_model(write_keras2(tmp_path / "k.h5", config))
    assert (repr(net), net.dtype) == ("Sequential(Dense(3, 2))", "float32")


def test_a_layer_named_like_the_activation_of_another(tmp_path):
    relu = {"class_name": "ReLU", "config": {"name": "dense_relu"}}
    config = model_config(dense_config(activation="relu"), relu)
    net = load_model(write_keras2(tmp_path / "k.h5", config))
    assert [layer.name for layer in net.layers] == ["dense", "dense_relu_", "dense_relu"]


def test_a_layer_named_like_the_input_of_keras(tmp_path):
    net = mtn.Sequential(mtn.Dense(2, 2, name="input"), mtn.ReLU(name="input_"), seed=0)
    save_model(net, tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        entries = json.loads(file.attrs["model_config"])["config"]["layers"]
    assert [entry["config"]["name"] for entry in entries] == ["input__", "input", "input_"]
    assert weights_of(load_model(tmp_path / "m.h5")) == weights_of(net)


def test_a_file_that_does_not_fit_into_memory(tmp_path, monkeypatch):
    save_model(every_layer(), tmp_path / "m.h5")
    monkeypatch.setattr(hdf5, "array_at", lambda *_: np.empty(2**60, dtype="uint8"))
    with pytest.raises(ModelFileError, match=r"m\.h5: it can't be read \(Unable to allocate"):
        load_model(tmp_path / "m.h5")

"""Configurations that describe what is not ours to build, or are none."""

import json

import numpy as np
import pytest
from by_hand import dense_config, model_config, write_keras2
from refusing import assert_refused


def spoilt(**changes):
    return {**dense_config(), **changes}


no_layers = {"class_name": "Sequential", "config": {"name": "s", "layers": []}}
nameless = model_config()
nameless["config"]["name"] = ""
of_another_precision = model_config()
of_another_precision["config"]["dtype"] = "float64"
nested = model_config()
for _ in range(12):
    nested = model_config(nested)
configs = {
    "a function": (model_config({"class_name": "Lambda", "config": {"name": "evil"}}), "evil"),
    "another module": (model_config(spoilt(module="os")), "author's own"),
    "a registered class": (model_config(spoilt(registered_name="my>Dense")), "author's own"),
    "another model": ({"class_name": "Functional", "config": {}}, "Functional"),
    "a list": ([1], "its model_config is no table"),
    "a list behind a layer": (model_config(dense_config(), [1]), "not that of a Keras model"),
    "options that are none": (model_config(dense_config(), {"config": 3}), "not that of a Keras"),
    "a name that is a table": (model_config(dense_config(), dense_config({})), "k.h5: {}: it has"),
    "no layers": (no_layers, "s: it is empty"),
    "only linear": (model_config({"class_name": "Activation", "config": {
        "name": "a", "activation": "linear"}}), "at least one layer"),
    "nested too deeply": (nested, "nested more than 8 deep"),
    "a name with a path": (model_config(dense_config("../x")), "x: it has no array"),
    "an empty name": (model_config(dense_config("")), "it has no array"),
    "a network without a name": (nameless, "name must be a text"),
    "a name twice": (model_config(dense_config(), dense_config(units=2)), "it has no array kernel"),
    "a name that is a number": (model_config(dense_config(7)), "k.h5: 7: it has no array"),
    "units of a list": (model_config(dense_config(units=[2])), "dense: Dense: n_out must be"),
    "units of true": (model_config(dense_config(units=True)), "dense: Dense: n_out must be"),
    "negative units": (model_config(dense_config(units=-2)), "dense: Dense: n_out must be"),
    "units beyond": (model_config(dense_config(units=2**80)), "dense: .*W has shape"),
    "no bias flag": (model_config(dense_config(use_bias="yes")), "dense: its use_bias"),
    "an activation by path": (model_config(dense_config(activation="os.system")), "os.system"),
    "an activation as object": (model_config(dense_config(activation={"module": "os"})), "dense"),
    "a regularizer": (model_config(dense_config(kernel_regularizer={})), "kernel_regularizer"),
    "half precision": (model_config(dense_config(dtype="float16")), "dense: .*'float16'"),
    "a policy": (model_config(dense_config(dtype={"config": {"name": "mixed_float16"}})), "mixed"),
    "a matrix for Softmax": (model_config({"class_name": "Softmax", "config": {"name": "s"}},
        shape=(3, 3)), "s: .*expected examples of shape"),
    "a half precision as Keras 3 writes it": (model_config(dense_config(dtype={
        "module": "keras", "class_name": "DTypePolicy", "registered_name": None,
        "config": {"name": "mixed_float16"}})), "dense: it computes in 'mixed_float16'"),
    "a network of another precision": (of_another_precision, "it computes in 'float32', others in"),
    "a name that is a place": (model_config(dense_config("..")), "the name '..' can't stand in"),
    "an open length": (model_config(shape=(None,)), "dense: Dense: n_in must be"),
    "many axes": (model_config(shape=(1,) * 40), "dense: .*W has shape"),
    "a dropout of everything": (model_config({"class_name": "Dropout", "config": {
        "name": "gone", "rate": 1}}), "gone"),
    "an input in the middle": (model_config(dense_config(), {"class_name": "InputLayer",
        "config": {"name": "late"}}), "late"),
    "a softmax over rows": (model_config({"class_name": "Softmax", "config": {
        "name": "rows", "axis": 0}}), "rows: its axis"),
    "a nested network of another shape": (model_config(dense_config(), model_config()), "sequenti"),
}  # fmt: skip


@pytest.mark.parametrize(("config", "reason"), configs.values(), ids=configs)
def test_configurations_that_are_not_ours_to_build(tmp_path, config, reason):
    assert_refused(write_keras2(tmp_path / "k.h5", config), reason)


texts = {
    "no JSON": ("{", "no JSON"),
    "nested brackets": ("[" * 200_000, "recursion|no JSON"),
    "NaN": (json.dumps(model_config(dense_config(units=float("nan")))), "dense: .* got nan"),
    "a number of a million digits": ("1" * 1_000_000, "no JSON"),
    "too long": (" " * 2_000_000, "at most 1,048,576"),
    "a key twice": ('{"class_name": "Sequential", "class_name": 1}', "JSON has a key twice"),
    "far too long, and of fixed length": (np.array(b" " * 9_000_000), "descriptions are too long"),
    "no UTF-8": (np.array(b"\xff\xff"), "can't be read"),
    "too long, and of fixed length": (np.array(b" " * 2_000_000), "at most 1,048,576|no JSON"),
    "several texts": (np.array([b"{}"] * 1000), "something else than texts"),
    "a number": (np.array(3.0), "something else than texts"),
}


@pytest.mark.parametrize(("text", "reason"), texts.values(), ids=texts)
def test_configurations_that_are_not_json(tmp_path, text, reason):
    assert_refused(write_keras2(tmp_path / "k.h5", text=text), reason)


def test_no_configuration(tmp_path):
    path = write_keras2(tmp_path / "k.h5", edit=lambda file: file.attrs.pop("model_config"))
    assert_refused(path, "no description of a network .model_config.")

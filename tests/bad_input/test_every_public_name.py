"""Every public name stands in the table of bad inputs, or a reason why it can't be given any."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import FunctionType

import pytest
from test_bad_input import FINE, ROWS

import minitheanonet as mtn
from minitheanonet import datasets, engine, files

NO_BAD_INPUT = {
    "__version__": "a text",
    "FileError": "an error: the library makes it",
    "ModelFileError": "an error: the library makes it",
    "NonFiniteLossError": "an error: the library makes it",
    "datasets.DataFileError": "an error: the library makes it",
    "datasets.DataNotFoundError": "an error: the library makes it",
    "datasets.DownloadError": "an error: the library makes it",
    "files.ModelInfo": "what model_info returns",
    "engine.T": "the engine's module",
    "engine.Variable": "the engine's class",
    "engine.SharedVariable": "the engine's class",
    "engine.name": "a text",
    "engine.version": "a text",
    "engine.flags": "the engine's own function, with its own errors",
    "engine.grad": "the engine's own function, with its own errors",
    "engine.sigmoid": "the engine's own function, with its own errors",
    "engine.softmax": "the engine's own function, with its own errors",
    "engine.log_softmax": "the engine's own function, with its own errors",
    "engine.tensor": "the engine's own type takes the arguments, with its own errors",
    "engine.leaves": "takes what other functions made of checked arguments",
}
# Methods that take nothing, or what only the library hands them.
NO_BAD_METHOD = {
    "Layer.rename": "a network calls it",
    "Sequential.rename": "a network calls it",
    "Dense.output_shape": "in the table as Layer.output_shape",
    "Softmax.output_shape": "in the table as Layer.output_shape",
    "Flatten.output_shape": "a network calls it with a checked shape",
    "Training.stream": "takes nothing; what it returns is in the table",
}
# Modules behind the public names: they are given what those have checked.
INTERNAL = {
    "minitheanonet.checks": "these are the checks",
    "minitheanonet.blas": "takes nothing but the environment: tests/test_engine.py",
    "minitheanonet.checks": "these are the checks",
    "minitheanonet.compiled": "behind Trainer",
    "minitheanonet.data": "behind Trainer",
    "minitheanonet.initializers": "Initializer is a type",
    "minitheanonet.interruption": "behind Trainer",
    "minitheanonet.losses": "behind the losses and metrics",
    "minitheanonet.plots": "draw_curves is behind plot_history",
    "minitheanonet.progress": "behind Trainer",
    "minitheanonet.symbols": "these are the checks",
    "minitheanonet.training": "Stream comes from Training.stream",
    "minitheanonet.datasets.dataset": "behind Dataset and the loaders",
    "minitheanonet.datasets.fetch": "behind the loaders",
    "minitheanonet.datasets.images": "behind image_folder and read_image",
    "minitheanonet.datasets.locate": "behind the loaders",
    "minitheanonet.files.atomic": "behind save_model and Checkpoint",
    "minitheanonet.files.content": "hostile files: tests/files",
    "minitheanonet.files.description": "behind model_info",
    "minitheanonet.files.errors": "behind load_model and save_model",
    "minitheanonet.files.from_keras": "hostile files: tests/files",
    "minitheanonet.files.hdf5_reader": "hostile files: tests/files",
    "minitheanonet.files.heaps": "hostile files: tests/files",
    "minitheanonet.files.hdf5_writer": "behind save_model",
    "minitheanonet.files.keras_options": "hostile files: tests/files",
    "minitheanonet.files.model_file": "behind save_model and Checkpoint",
    "minitheanonet.files.networks": "behind save_model and load_model",
    "minitheanonet.files.resuming": "behind resume",
    "minitheanonet.files.seal": "hostile files: tests/files",
    "minitheanonet.files.spec": "behind save_model and load_model",
    "minitheanonet.files.to_keras": "behind save_model",
    "minitheanonet.files.training_state": "behind Checkpoint and resume",
}
IN_THE_TABLE = {row.name for row in (*ROWS, *FINE)}
ROOMS = {mtn: "", files: "files.", datasets: "datasets.", engine: "engine."}
PUBLIC = {
    prefix + name: getattr(module, name)
    for module, prefix in ROOMS.items()
    for name in module.__all__
    if not (module is files and name in mtn.__all__)
}
METHODS = [
    f"{name}.{method}"
    for name, thing in PUBLIC.items()
    if inspect.isclass(thing)
    and not issubclass(thing, Exception)
    and not name.startswith("engine.")
    for method, function in vars(thing).items()
    if not method.startswith("_") and isinstance(function, FunctionType | classmethod)
]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_in_the_table_or_explained(name):
    listed = any(name in (entry, entry.rpartition(".")[0]) for entry in IN_THE_TABLE)
    assert listed != (name in NO_BAD_INPUT)


@pytest.mark.parametrize("name", METHODS)
def test_a_public_method_is_in_the_table_or_explained(name):
    owner, _, method = name.rpartition(".")
    function = getattr(PUBLIC[owner], method)
    takes_something = len(inspect.signature(function).parameters) > inspect.isfunction(function)
    assert (name in IN_THE_TABLE) + (name in NO_BAD_METHOD) + (not takes_something) >= 1


@pytest.mark.parametrize("name", IN_THE_TABLE)
def test_the_table_names_what_there_is(name):
    thing = mtn
    for part in name.split("."):
        thing = getattr(thing, part)


def test_the_reasons_are_for_names_that_there_are():
    assert set(NO_BAD_INPUT) <= set(PUBLIC)
    assert set(NO_BAD_METHOD) <= set(METHODS)


def test_what_other_modules_list_is_public_or_explained():
    public = {id(thing) for thing in PUBLIC.values()}
    unlisted = set()
    for found in pkgutil.walk_packages(mtn.__path__, "minitheanonet."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            names = getattr(module, "__all__", ())
            if any(id(getattr(module, name)) not in public for name in names):
                unlisted.add(found.name)
    assert unlisted == set(INTERNAL)

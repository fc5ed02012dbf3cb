"""Every example in a docstring runs, and every public thing has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from importlib.util import find_spec

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine

NEEDS = {  # modules that need what may not be there
    "minitheanonet.engine.pytensor": engine.name == "pytensor",
    "minitheanonet.engine.theano": engine.name == "theano",
    "minitheanonet.engine.images.by_numba": engine.name == "pytensor",
    "minitheanonet.engine.images.by_jax": engine.name == "pytensor" and find_spec("jax"),
}
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(mtn.__path__, "minitheanonet.")
    if not module.name.endswith("__main__") and NEEDS.get(module.name, True)
)
NEEDS = {  # what the examples of some modules import, which only extras bring
    "minitheanonet.neighbours.onnx": "onnx",
    "minitheanonet.neighbours.tensorboard": "tensorboardX",
}
PUBLIC = [name for name in mtn.__all__ if name not in ("__version__", "datasets")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, tmp_path, monkeypatch):
    pytest.importorskip(NEEDS.get(name, name))
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    results = doctest.testmod(
        module,
        extraglobs={"np": np},
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
    )
    assert results.failed == 0


@pytest.mark.parametrize("name", PUBLIC)
def test_the_public_names_have_docstrings_with_examples(name):
    documented = inspect.getdoc(getattr(mtn, name))
    assert documented
    if name not in ("Optimizer", "NonFiniteLossError"):  # made by no reader's hand
        assert ">>> " in documented, f"{name} has no example"

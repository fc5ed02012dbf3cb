"""Every example in a docstring runs, and every public thing has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import minitheanonet as mtn

# What some modules, and those inside them, need: an engine, or what only extras bring.
NEEDS = {
    "minitheanonet.engine.pytensor": "pytensor",
    "minitheanonet.engine.theano": "theano",
    "minitheanonet.engine.numba": "pytensor",
    "minitheanonet.engine.images.by_numba": "pytensor",
    "minitheanonet.engine.images.by_jax": "jax",
    "minitheanonet.engine.jax": "jax",
    **dict.fromkeys(
        (
            f"minitheanonet.devices.{name}"
            for name in ("functions", "mesh", "processes", "programs")
        ),
        "jax",
    ),
    "minitheanonet.neighbours.onnx": "onnx",
    "minitheanonet.neighbours.pymc": "pymc",
    "minitheanonet.neighbours.sklearn": "sklearn",
    "minitheanonet.neighbours.tensorboard": "tensorboardX",
}
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(mtn.__path__, "minitheanonet.")
    if not module.name.endswith("__main__")
)
PUBLIC = [name for name in mtn.__all__ if name not in ("__version__", "datasets")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, tmp_path, monkeypatch):
    for module, package in NEEDS.items():
        if name == module or name.startswith(f"{module}."):
            pytest.importorskip(package)
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

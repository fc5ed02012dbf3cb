"""The peers, where they are installed; a test that asks for one that isn't is skipped."""

from __future__ import annotations

import os

import pytest

# Both are read when Keras and JAX are imported for the first time.
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_ENABLE_X64", "1")


@pytest.fixture(scope="session")
def torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    torch.set_num_threads(1)
    return torch


@pytest.fixture
def keras():
    """Keras in float64: its optimizers keep even their learning rate in its default type."""
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(before)

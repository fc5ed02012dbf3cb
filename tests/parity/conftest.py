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
    """Keras in float64: both its layers and its optimizers, which keep their numbers in floatx."""
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    config = keras.config
    before = config.floatx(), config.dtype_policy()
    config.set_floatx("float64")
    config.set_dtype_policy("float64")
    yield keras
    config.set_floatx(before[0])
    config.set_dtype_policy(before[1])

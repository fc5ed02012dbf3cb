"""What all tests share: how graphs are compiled, and small networks and data."""

from __future__ import annotations

import os
import signal

# One process a core, so one thread a process: OpenBLAS's threads spin while they wait for one
# another, and several processes of them on the same cores take many times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine

USERS_MODE = engine.mode()


@pytest.fixture(autouse=True, scope="session")
def compile_fast():
    """Compile fast where the arithmetic is tested, in fixtures that many tests share too."""
    with engine.flags(mode="FAST_COMPILE"):
        yield


@pytest.fixture(autouse=True)
def compile_as_users_do(request):
    """Compile in the engine's own mode where that is the point."""
    if not request.node.get_closest_marker("engine_mode"):
        yield
        return
    with engine.flags(mode=USERS_MODE):
        yield


@pytest.fixture(autouse=True)
def ctrl_c():
    """Hear Ctrl-C, which some tests press, where the tests run in a shell's background too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def blobs(rng):
    """Three classes of 2-D points that a small network can tell apart: (inputs, labels)."""
    labels = np.arange(90, dtype="int32") % 3
    centres = np.array([[0, 2], [2, -1], [-2, -1]])
    points = centres[labels] + 0.5 * rng.normal(size=(90, 2))
    return points.astype("float32"), labels


@pytest.fixture
def make_net():
    """Make a small network: 2 inputs, one hidden layer, 3 classes."""

    def make(dropout=0.0, seed=0):
        return mtn.Sequential(
            mtn.Dense(2, 8), mtn.ReLU(), mtn.Dropout(dropout), mtn.Dense(8, 3), mtn.Softmax(),
            seed=seed,
        )  # fmt: skip

    return make

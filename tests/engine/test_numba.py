"""The kernels for Numba beside NumPy, found on disk again, and in no graphs but ours."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T, function

pytestmark = [
    pytest.mark.engine_mode,
    pytest.mark.skipif(engine.name == "theano", reason="Theano has no Numba"),
]


def in_memory(x):
    """Return the array by rows, by columns, and as every second entry of another."""
    every_second = (*[slice(None, None, 2)] * x.ndim, ...)
    parted = np.zeros([2 * length for length in x.shape], x.dtype)[every_second]
    parted[...] = x
    return x.copy("C"), x.copy("F"), parted


def orders(shape):
    """Return orders of an array's axes: exchanged, with new ones, without those of length 1."""
    long = [axis for axis, length in enumerate(shape) if length > 1]
    kept = {*itertools.permutations(range(len(shape))), *itertools.permutations(long)}
    return [
        (*order[:1], *["x"] * (place % 3), *order[1:]) for place, order in enumerate(sorted(kept))
    ]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 3), (2, 3), (2, 3, 2)])
def test_views_are_numpys(shape):
    x = np.arange(np.prod(shape, dtype=int), dtype="float32").reshape(shape)
    symbol = T.TensorType("float32", tuple(1 if n == 1 else None for n in shape))("x")
    function_of = function([symbol], [symbol.dimshuffle(order) * 2 for order in orders(shape)])
    for array in in_memory(x):
        for order, result in zip(orders(shape), function_of(array), strict=True):
            names = "abc"[: len(shape)]
            kept = "".join(names[axis] for axis in order if axis != "x")
            expected = np.einsum(f"{names}->{kept}", array) * 2
            for place, axis in enumerate(order):
                expected = np.expand_dims(expected, place) if axis == "x" else expected
            np.testing.assert_array_equal(result, expected, strict=True)


def test_an_axis_is_dropped_only_where_its_length_is_one():
    x = T.fmatrix("x")
    dropped = function([x], x.dimshuffle(1) + 1)
    assert dropped(np.ones((1, 3), "float32")).tolist() == [2, 2, 2]
    with pytest.raises(ValueError, match="axis 0 can be dropped only where its length is 1"):
        dropped(np.ones((2, 3), "float32"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_are_numpys(rng, dtype):
    x, y = T.matrix("x", dtype=dtype), T.matrix("y", dtype=dtype)
    product = function([x, y], [T.dot(x, y), T.dot(y.T, x.T)])
    for m, k, n in [(2, 3, 4), (1, 3, 4), (2, 3, 1), (1, 3, 1), (2, 0, 4), (0, 3, 4)]:
        left, right = (
            rng.integers(-9, 9, (m, k)).astype(dtype),
            rng.integers(-9, 9, (k, n)).astype(dtype),
        )
        for a, b in zip(in_memory(left), reversed(in_memory(right)), strict=True):
            straight, turned = product(a, b)
            np.testing.assert_array_equal(straight, left @ right, strict=True)
            np.testing.assert_array_equal(turned, (left @ right).T, strict=True)
    with pytest.raises(ValueError, match="incompatible array sizes"):
        product(np.ones((2, 3), dtype), np.ones((2, 3), dtype))


def formulas(x, k):
    """Return formulas of floats and whole numbers, each of several operations that become one."""
    yield T.switch(x > 0.5, x * 2 + 1, -x) * x
    yield T.sigmoid(x) + T.softplus(x)
    yield T.clip(x, -0.5, 0.5) ** 2 + T.sqrt(T.abs(x)) / (1 + T.exp(-x))
    yield T.maximum(x, 0.1) - T.minimum(x, 0.2) * T.sign(x)
    yield (k * k + k) ^ (k * 4)  # int8 overflows
    yield T.cast(k % 7, "uint64") * np.uint64(2**63 + 3) ^ np.uint64(5)
    yield T.cast(T.cast(x * 300, "int32"), "int16") + T.cast(k, "int16")
    yield T.eq(k % 3, 0) & (x < 0)
    yield T.cast(x, "float64") * 3 + k
    whole = T.cast(k, "int32")
    yield T.dot(whole[None, :], whole[:, None])


def test_a_formula_may_have_formulas_in_it():
    from pytensor.scalar import Composite, float32
    from pytensor.tensor.elemwise import Elemwise

    a, b = float32("a"), float32("b")
    inner = Composite([a], [a * 2 + 1, a - 3])
    twice, less = inner(b)
    x = T.fvector("x")
    result = function([x], Elemwise(Composite([b], [twice * less]))(x))
    np.testing.assert_array_equal(result(np.arange(4, dtype="float32")), [-3, -6, -5, 0])


def test_formulas_are_computed_as_step_by_step(rng):
    x, k = T.fvector("x"), T.bvector("k")
    values = rng.normal(size=64).astype("float32"), rng.integers(-128, 128, 64).astype("int8")
    at_once = function([x, k], list(formulas(x, k)))(*values)
    step_by_step = function([x, k], list(formulas(x, k)), mode="FAST_COMPILE")(*values)
    for ours, theirs in zip(at_once, step_by_step, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7)


STEP = """
import numpy as np
from numba.core import event
compiled = []
class Listener(event.Listener):
    def on_start(self, found): compiled.append(found.data["dispatcher"].py_func.__name__)
    def on_end(self, found): pass
event.register("numba:compile", Listener())
import minitheanonet as mtn
trainer = mtn.Trainer(mtn.Dense(4, 1, seed=0), mtn.mean_squared_error, mtn.SGD(0.1))
data = np.ones((6, 4), "float32"), np.zeros((6, 1), "float32")
history = trainer.fit(data, epochs=2, batch_size=3, progress=False)
print(len(compiled), history["train_loss"][-1].hex())
"""


def test_a_step_is_found_on_disk_by_the_next_process_with_the_same_bits(tmp_path):
    def run():
        environment = os.environ | {"PYTENSOR_FLAGS": f"base_compiledir={tmp_path}"}
        command = [sys.executable, "-c", STEP]
        root = Path(mtn.__file__).parents[1]
        done = subprocess.run(
            command, env=environment, cwd=root, capture_output=True, text=True, check=True
        )
        return done.stdout.split()[-2:]

    (first, loss), (second, loss_again) = run(), run()
    assert int(first) > 0
    assert int(second) == 0
    assert loss == loss_again


def test_other_graphs_of_the_process_have_the_engines_own_kernels():
    from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key

    x = T.fmatrix("x")
    function([x], T.dot(x, x.T))(np.ones((2, 2), "float32"))
    for output in (T.dot(x, x), x.T):
        kernel, _ = numba_funcify_and_cache_key(output.owner.op, node=output.owner)
        assert kernel.py_func.__module__.startswith("pytensor.")

"""Convolution and pooling beside straightforward loops, in every mode that the engine has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minitheanonet import engine
from minitheanonet.engine import T, function, grad, tensor
from minitheanonet.engine.images import average_pool2d, conv2d, max_pool2d
from minitheanonet.engine.images.windows import axes, count, setting

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
lengths = st.integers(1, 7)
paddings = st.sampled_from(["valid", "same"])


def windows(shape, size, strides, padding, dilation=(1, 1)):
    """Yield (i, j, entries), where entries are the places of a window that lie within the image."""
    h, w = shape[1:3]
    starts = []
    for length, k, stride, d in zip((h, w), size, strides, dilation, strict=True):
        reach = (k - 1) * d + 1
        if padding == "same":
            number = -(-length // stride)
            over = max((number - 1) * stride + reach - length, 0)
            starts.append([n * stride - over // 2 for n in range(number)])
        else:
            starts.append(list(range(0, length - reach + 1, stride)))
    for i, top in enumerate(starts[0]):
        for j, left in enumerate(starts[1]):
            at = [
                (q, r, top + q * dilation[0], left + r * dilation[1]) for q, r in np.ndindex(*size)
            ]
            yield i, j, [(q, r, u, v) for q, r, u, v in at if 0 <= u < h and 0 <= v < w]


def by_loops(x, W, strides, padding, dilation):
    found = {}
    for i, j, entries in windows(x.shape, W.shape[:2], strides, padding, dilation):
        nothing = np.zeros((len(x), W.shape[3]))  # where all of it lies around the image
        found[i, j] = sum((x[:, u, v] @ W[q, r] for q, r, u, v in entries), nothing)
    return gathered(found)


def pooled_by_loops(x, size, strides, padding, pool):
    found = {}
    for i, j, entries in windows(x.shape, size, strides, padding):
        found[i, j] = pool(np.stack([x[:, u, v] for _, _, u, v in entries]), axis=0)
    return gathered(found)


def gathered(found):
    assume(found)
    rows, columns = max(found)
    return np.stack(
        [np.stack([found[i, j] for j in range(columns + 1)], 1) for i in range(rows + 1)], 1
    )


@settings(max_examples=30, deadline=None)
@given(
    size=pairs, strides=pairs, padding=paddings, dilation=pairs, n=st.integers(1, 2), h=lengths,
    w=lengths, channels=st.integers(1, 3), filters=st.integers(1, 3), seed=st.integers(0, 99),
)  # fmt: skip
def test_convolution(size, strides, padding, dilation, n, h, w, channels, filters, seed):
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=(n, h, w, channels)), rng.normal(size=(*size, channels, filters))
    expected = by_loops(x, W, strides, padding, dilation)
    y = conv2d(T.constant(x), T.constant(W), strides, padding, dilation)
    with engine.flags(mode="FAST_COMPILE"):
        np.testing.assert_allclose(y.eval(), expected, atol=1e-12)
    lengths = axes(setting(strides, padding, dilation), x.shape, size)
    assert expected.shape[1:3] == tuple(count(*axis) for axis in lengths)


@settings(max_examples=30, deadline=None)
@given(
    size=pairs, strides=pairs, padding=paddings, n=st.integers(1, 2), h=lengths, w=lengths,
    channels=st.integers(1, 3), seed=st.integers(0, 99), ties=st.booleans(),
)  # fmt: skip
def test_pooling(size, strides, padding, n, h, w, channels, seed, ties):
    x = np.random.default_rng(seed).normal(size=(n, h, w, channels)) - 1
    x = np.round(x) if ties else x
    for ours, theirs in ((max_pool2d, np.max), (average_pool2d, np.mean)):
        expected = pooled_by_loops(x, size, strides, padding, theirs)
        with engine.flags(mode="FAST_COMPILE"):
            y = ours(T.constant(x), size, strides, padding).eval()
        np.testing.assert_allclose(y, expected, atol=1e-12)


def image(*rows, dtype="float32"):
    return np.array(rows, dtype)[np.newaxis, :, :, np.newaxis]


class TestMaxPooling:
    def pooled(self, values, padding="valid"):
        """Return a pool of 2 × 2 and the gradient of its sum."""
        x = T.tensor4("x", dtype=values.dtype.name)
        y = max_pool2d(x, (2, 2), (2, 2), padding)
        return [a[0, :, :, 0].tolist() for a in function([x], [y, grad(y.sum(), x)])(values)]

    def test_of_equal_entries_the_first_gets_the_gradient(self):
        assert self.pooled(image([1, 3], [3, 3])) == [[[3]], [[0, 1], [0, 0]]]

    def test_nan_is_the_largest(self):
        y, gradient = self.pooled(image([np.nan, 5], [np.nan, 7]))
        assert np.isnan(y[0][0])
        assert gradient == [[0, 0], [1, 0]]  # the last, as PyTorch has it

    def test_what_lies_around_is_never_the_largest(self):
        y, gradient = self.pooled(image([-1, -2, -3]), "same")
        assert (y, gradient) == ([[-1, -3]], [[1, 0, 1]])

    def test_infinities(self):
        y, gradient = self.pooled(np.full((1, 2, 2, 1), -np.inf, "float32"))
        assert (y, gradient) == ([[-np.inf]], [[1, 0], [0, 0]])

    def test_where_windows_overlap_gradients_add_up(self):
        x = T.ftensor4("x")
        y = max_pool2d(x, (1, 2), (1, 1))
        gradient = function([x], grad(y.sum(), x))(image([1, 5, 2]))
        assert gradient[0, 0, :, 0].tolist() == [0, 2, 0]

    def test_second_derivative_goes_the_same_way_back(self):
        x = T.dtensor4("x")
        y = max_pool2d(x, (2, 2), (2, 2))
        first = grad((y**3).sum(), x)
        second = function([x], grad(first.sum(), x))(image([1, 2], [4, 3], dtype="float64"))
        assert second[0, :, :, 0].tolist() == [[0, 0], [24, 0]]


class TestOps:
    def test_those_of_the_same_windows_are_the_same(self):
        x, W = T.ftensor4("x"), T.ftensor4("W")
        ops = [conv2d(x, W, (1, s), "same").owner.op for s in (1, 1, 2)]
        assert ops[0] == ops[1] != ops[2]
        assert hash(ops[0]) == hash(ops[1])
        pools = [pool(x, (2, 2), (2, 2)).owner.op for pool in (max_pool2d, average_pool2d)]
        assert pools[0] != pools[1]

    def test_shapes_are_known_without_convolving(self):
        x, W = T.ftensor4("x"), T.ftensor4("W")
        y = max_pool2d(conv2d(x, W, (2, 1), "same"), (2, 3), (1, 2))
        f = function([x, W], [y.shape, *[grad(y.sum(), v).shape for v in (x, W)]], mode=SHAPES)
        found = f(np.zeros((2, 7, 8, 1), "float32"), np.zeros((3, 3, 1, 4), "float32"))
        assert [tuple(shape) for shape in found] == [(2, 3, 3, 4), (2, 7, 8, 1), (3, 3, 1, 4)]
        kinds = {type(node.op).__name__ for node in f.maker.fgraph.apply_nodes}
        assert not kinds & {"Convolve", "Pool", "Unpool", "KernelGradient", "ImageGradient"}

    def test_gradients_keep_the_dtype(self):
        x, W = T.ftensor4("x"), T.ftensor4("W")
        y = average_pool2d(max_pool2d(conv2d(x, W), (2, 2), (1, 1)), (2, 2), (1, 1))
        with engine.flags(floatX="float64"):
            first = grad((y * np.float64(0.1)).sum(), [x, W])
            second = grad(sum((g**2).sum() for g in first), [x, W])
        assert {g.dtype for g in [*first, *second]} == {"float32"}

    def test_windows_larger_than_images(self):
        x, W = T.ftensor4("x"), T.ftensor4("W")
        f = function([x, W], conv2d(x, W))
        with pytest.raises(
            ValueError, match=r"windows of \(3, 3\) don't fit on images of \(5, 2\)"
        ):
            f(np.zeros((1, 5, 2, 1), "float32"), np.zeros((3, 3, 1, 1), "float32"))


SHAPES = "FAST_RUN" if engine.name == "theano" else "CVM"


def everything(dtype="float32"):
    """Return inputs of a small network of images, its output, first and second derivatives."""
    x, W, V = (tensor(dtype, 4, name) for name in ("x", "W", "V"))
    y = max_pool2d(T.tanh(conv2d(x, W, (1, 2), "same")), (2, 2), (2, 2), "same")
    z = average_pool2d(conv2d(y, V, dilation=(2, 1)), (2, 2), (1, 1), "same")
    first = grad((z**2).sum(), [x, W, V])
    return [x, W, V], [z, *first, *grad(sum((g**2).sum() for g in first), [x, W, V])]


def values(dtype="float32"):
    rng = np.random.default_rng(3)
    shapes = [(3, 9, 10, 2), (3, 2, 2, 3), (2, 2, 3, 2)]
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def assert_same_in(mode, dtype="float32", tolerance=1e-5, outputs=7):
    inputs, results = everything(dtype)
    outputs = results[:outputs]
    found = function(inputs, outputs, mode=mode)(*values(dtype))
    expected = function(inputs, outputs, mode="FAST_COMPILE")(*values(dtype))
    for one, other in zip(map(np.asarray, found), expected, strict=True):
        assert one.dtype == dtype
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * abs(other).max())


@pytest.mark.engine_mode
def test_the_engine_s_own_mode_agrees():
    assert_same_in(None, outputs=4)  # the second derivatives are made of the same Ops


@pytest.mark.skipif(engine.name == "theano", reason="Theano has no JAX")
@pytest.mark.engine_mode
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_jax_agrees(dtype):
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        assert_same_in("JAX", dtype=dtype, tolerance=1e-5 if dtype == "float32" else 1e-12)


def run(code, **variables):
    environment = {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, *code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(engine.name == "theano", reason="Theano has no Numba")
def test_numba_s_kernels_agree_with_numpy_s_functions():
    script = Path(__file__).with_name("kernels.py")
    assert run([str(script)], NUMBA_DISABLE_JIT="1").splitlines() == [
        "windows are larger than the images they lie on.",
        "the images have other channels than the kernel.",
        "60",
    ]


@pytest.mark.skipif(engine.name == "theano", reason="Theano has neither")
def test_neither_numba_nor_jax_is_imported_before_a_graph_is_compiled_for_it():
    code = "import sys, minitheanonet; print({'jax', 'numba'} & set(sys.modules))"
    assert run(["-c", code]) == "set()"

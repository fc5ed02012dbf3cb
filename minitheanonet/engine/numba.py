"""Kernels that Numba compiles in a fraction of the time that PyTensor's own take it.

The very first step of a network waits for its compilation. A good third of that went into
PyTensor's matrix product, which minds strides of every kind, into its views, of four functions each
and into formulas entry by entry, whose every operation is a function or three. All are compiled
from here instead in graphs that `Linker` links, and in no others of the process.
"""

from __future__ import annotations

import inspect
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import Any

import numpy as np
from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from pytensor import config
from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS, compile_numba_function_src
from pytensor.link.numba.dispatch.basic import (
    direct_cast,
    numba_funcify_and_cache_key,
    numba_njit,
    register_funcify_and_cache_key,
)
from pytensor.link.numba.linker import NumbaLinker
from pytensor.scalar.basic import Add, Cast, Composite, Mul, ScalarOp, Switch
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.math import Dot

# The engine keeps what it compiled under a name: with other kernels it must not find that.
_VERSION = f"minitheanonet {zlib.crc32(inspect.getsource(sys.modules[__name__]).encode())}"
_SIGNS = {Add: " + ", Mul: " * "}
_PROMOTED = ("bool", "int64", "uint64", "float64")  # what Numba's sums and products come in
_ours = ContextVar("ours", default=False)

Kernel = tuple[Callable, str | None]  # a function for Numba, and its name on disk


class Linker(NumbaLinker):
    """Compiles the function of a whole graph once, where PyTensor's wraps it in a second one."""

    def fgraph_convert(self, fgraph: Any, **options: Any) -> Kernel:
        with _our_kernels():
            return numba_funcify_and_cache_key(fgraph, **options)

    def jit_compile(self, fn: Kernel) -> Callable:
        function, key = fn[0].py_func, fn[1]
        # On disk it is called by its file too, which has another name each time.
        function.__code__ = function.__code__.replace(co_filename=_VERSION)
        CACHED_SRC_FUNCTIONS[function] = f"{key}_fastmath{int(config.numba__fastmath)}"
        return numba_njit(function, final_function=True, cache=key is not None)


@contextmanager
def _our_kernels() -> Iterator[None]:
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)


def _instead_of(op: type) -> Callable[[Callable], Callable]:
    """Register what makes the kernel of an Op's node, or None where PyTensor's is to be taken."""
    theirs = numba_funcify_and_cache_key.dispatch(op)

    def register(make: Callable) -> Callable:
        def kernel(op: Any, node: Any = None, **options: Any) -> Kernel:
            return (_ours.get() and make(op, node)) or theirs(op, node=node, **options)

        register_funcify_and_cache_key(op)(kernel)
        return make

    return register


def _kernel(head: str, lines: Iterable[str], names: dict[str, Any], *told: Any) -> Kernel:
    """Return a function of these lines; on disk it is named by them and by what is told besides."""
    text = "\n    ".join((f"def {head}:", *lines))
    function = compile_numba_function_src(text, head.partition("(")[0], names)
    return numba_njit(function), sha256(repr((_VERSION, text, told)).encode()).hexdigest()


@_instead_of(Dot)
def _product(op: Dot, node: Any) -> Kernel | None:
    if {v.type.dtype for v in (*node.inputs, *node.outputs)} not in ({"float32"}, {"float64"}):
        return None
    return _kernel("product(x, y)", ["return np.dot(x, y)"], {"np": np})


@_instead_of(DimShuffle)
def _view(op: DimShuffle, node: Any) -> Kernel:
    order = tuple(None if axis == "x" else axis for axis in op.new_order)
    single = {axis for axis, length in enumerate(node.inputs[0].type.shape) if length == 1}
    names = {"np": np, "seen": intrinsic(_seen_in(order, single))}
    array = "x" if op.input_ndim else "np.asarray(x)"  # Numba makes a number of one without axes
    return _kernel("view(x)", [f"return seen({array})"], names, order, sorted(single))


def _seen_in(order: tuple[int | None, ...], single: set[int]) -> Callable:
    """Return the intrinsic that views an array, whose axes `single` have length 1, in an order.

    ``None`` in the order is a new axis; axes that aren't in it are dropped.
    """

    def seen(_: Any, x: types.Array) -> tuple[Any, Callable]:
        view = x.copy(ndim=len(order), layout=_layout(x.layout, order, single))

        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            one, zero = (context.get_constant(types.intp, number) for number in (1, 0))
            array = make_array(x)(context, builder, arguments[0])
            shape = cgutils.unpack_tuple(builder, array.shape)
            strides = cgutils.unpack_tuple(builder, array.strides)
            for axis in set(range(x.ndim)).difference(order):
                with builder.if_then(builder.icmp_signed("!=", shape[axis], one), likely=False):
                    error = f"axis {axis} can be dropped only where its length is 1."
                    context.call_conv.return_user_exc(builder, ValueError, (error,))
            result = make_array(view)(context, builder)
            populate_array(
                result,
                data=array.data,
                shape=[one if axis is None else shape[axis] for axis in order],
                strides=[zero if axis is None else strides[axis] for axis in order],
                itemsize=array.itemsize,
                meminfo=array.meminfo,
                parent=array.parent,
            )
            return impl_ret_borrowed(context, builder, view, result._getvalue())

        return view(x), code

    return seen


def _layout(layout: str, order: tuple[int | None, ...], single: set[int]) -> str:
    """Return how a view of an array lies in memory: by rows, C, by columns, F, or anyhow, A."""
    kept = [axis for axis in order if axis is not None and axis not in single]
    if layout == "A" or kept == sorted(kept):
        return layout
    return {"C": "F", "F": "C"}[layout] if kept == sorted(kept)[::-1] else "A"


@_instead_of(Composite)
def _formula(op: Composite, node: Any) -> Kernel:
    source = _Source()
    inputs = [f"x{number}" for number in range(len(op.inputs))]
    outputs = ", ".join(source.add(op.fgraph, inputs))
    head, lines = f"formula({', '.join(inputs)})", [*source.lines, f"return {outputs}"]
    function, key = _kernel(head, lines, source.globals, source.keys)
    return function, None if None in source.keys else key


class _Source:
    """The lines of a function of numbers, what they name, and what that is called on disk."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.globals: dict[str, Any] = {"np": np, "direct_cast": direct_cast}
        self.keys: list[str | None] = []

    def add(self, graph: Any, inputs: list[str]) -> list[str]:
        """Add a graph's lines; return the names of its outputs."""
        names = dict(zip(graph.inputs, inputs, strict=True))
        for node in graph.toposort():
            arguments = [names.get(v) or self._constant(v) for v in node.inputs]
            if isinstance(node.op, Composite):
                results = self.add(node.op.fgraph, arguments)
            else:
                results = [self._line(node, arguments)]
            names.update(zip(node.outputs, results, strict=True))
        return [names.get(v) or self._constant(v) for v in graph.outputs]

    def _line(self, node: Any, arguments: list[str]) -> str:
        name = f"v{len(self.lines)}"
        value = self._expression(node, arguments)
        dtype = node.outputs[0].type.dtype
        if type(node.op) is Cast or dtype not in _PROMOTED:
            value = f"direct_cast({value}, {self._global(dtype, np.dtype(dtype))})"
        self.lines.append(f"{name} = {value}")
        return name

    def _expression(self, node: Any, arguments: list[str]) -> str:
        op = type(node.op)
        if op is Cast:
            return arguments[0]
        if op is Switch:
            return "{1} if {0} else {2}".format(*arguments)
        if op in _SIGNS:
            return _SIGNS[op].join(arguments)
        return f"{self._function(node)}({', '.join(arguments)})"

    def _function(self, node: Any) -> str:
        """Return the name of NumPy's function for a node, or of PyTensor's."""
        rule = numba_funcify_and_cache_key.dispatch
        name = getattr(node.op, "nfunc_spec", None) or ["."]
        if rule(type(node.op)) is rule(ScalarOp) and "." not in name[0]:
            return f"np.{name[0]}"
        function, key = numba_funcify_and_cache_key(node.op, node=node)
        self.keys.append(key)
        return self._global(f"function_{len(self.keys)}", function)

    def _constant(self, constant: Any) -> str:
        name = f"c{len(self.globals)}"
        self.keys.append(f"{name} {constant.data.dtype} {constant.data.tobytes().hex()}")
        return self._global(name, constant.data)

    def _global(self, name: str, value: Any) -> str:
        self.globals[name] = value
        return name

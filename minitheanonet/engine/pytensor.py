"""PyTensor: what differs from Theano, under the names that `engine` gives the rest."""

# ruff: noqa: F401 (what `engine` takes from here)
from __future__ import annotations

import importlib
from typing import Any

from minitheanonet.engine.blas import threads_that_sleep

with threads_that_sleep():
    import scipy.linalg  # loads the BLAS that compiled graphs call

import pytensor as engine
import pytensor.tensor as T
from pytensor.compile import mode as modes
from pytensor.compile.mode import optdb
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.op import Op
from pytensor.graph.replace import graph_replace
from pytensor.graph.rewriting.basic import GraphRewriter
from pytensor.graph.traversal import graph_inputs, io_toposort
from pytensor.link.numba.linker import NumbaLinker
from pytensor.scalar.basic import autocast_float
from pytensor.tensor.special import Softmax
from pytensor.tensor.special import log_softmax as _log_softmax
from pytensor.tensor.special import softmax as _softmax

sigmoid = T.sigmoid
flags = engine.config.change_flags


def softmax(x: Variable) -> Variable:
    """Return exp(x) / Σ exp(x) over the last axis."""
    return _softmax(x, axis=-1)


def log_softmax(x: Variable) -> Variable:
    """Return log(softmax(x)) over the last axis, without overflow."""
    return _log_softmax(x, axis=-1)


def get_mode(mode: Any) -> Any:
    """Return the engine's mode of that name, without graphs' normal form, and with our linker.

    To find that form takes a third of the time in which figure 3's step is built, and the step is
    no quicker for it: the later rewrites do without. In FAST_COMPILE, whose products of three and
    more are computed entry by entry in Python, a step takes ten times as long with it.
    """
    mode = modes.get_mode(mode).excluding("canonicalize")
    if type(mode.linker) is NumbaLinker:  # Numba isn't imported where another compiles
        linker = importlib.import_module("minitheanonet.engine.numba").Linker()
        mode = modes.Mode(linker, mode.provided_optimizer)
    return mode


def static_shape(x: Variable) -> tuple[int | None, ...]:
    """Return the lengths that the type of `x` fixes, ``None`` for those it leaves open."""
    return tuple(x.type.shape)


def tensor(dtype: str, ndim: int, name: str) -> Variable:
    """Return a symbolic array that leaves every length open."""
    return T.tensor(name, dtype=dtype, shape=(None,) * ndim)


def clone(output: Variable, replace: dict[Variable, Variable]) -> Variable:
    """Return `output` computed with other variables in place of some."""
    return graph_replace(output, replace, strict=False)


def compiled(inputs: list, outputs: Any, updates: list, mode: Any, trust_input: bool) -> Any:
    """Return the engine's own function of a graph."""
    # Fast-math lets LLVM reorder sums, and it does so differently when a kernel is compiled and
    # when it is loaded from the cache: the second run of a script would differ from the first.
    # Without it both give the same bits, at the same speed.
    with flags(numba__fastmath=False):
        return engine.function(inputs, outputs, updates=updates, mode=mode, trust_input=trust_input)


class _Conversion(GraphRewriter):
    """Changes no graph: whichever is compiled for Numba or JAX has our Ops' conversions imported.

    Before that, neither of the two is.
    """

    def __init__(self, module: str) -> None:
        self.module = module

    def apply(self, fgraph: Any) -> None:
        importlib.import_module(self.module)


for backend in ("numba", "jax"):
    conversion = _Conversion(f"minitheanonet.engine.images.by_{backend}")
    optdb.register(f"minitheanonet_{backend}", conversion, backend, position=0)

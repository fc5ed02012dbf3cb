"""PyTensor's graphs as functions of JAX arrays; imported when a training on JAX begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

_is_x64 = jax.config.jax_enable_x64
from pytensor.link.jax.dispatch import jax_funcify

jax.config.update("jax_enable_x64", _is_x64)

# ruff: noqa: E402

from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.traversal import graph_inputs
from pytensor.link.jax.dispatch.shape import JAXShapeTuple
from pytensor.link.utils import fgraph_to_python
from pytensor.raise_op import CheckAndRaise
from pytensor.tensor.basic import ARange, Split
from pytensor.tensor.shape import Reshape

from minitheanonet.engine.pytensor import get_mode

_LEFT_OUT = (
    "local_dot22_to_dot22scalar",  # as in the engine's own function
    # These ask of each matrix in a product whether it is diagonal, or picks rows: a network's are
    # not, and to find that out takes a fifth of all rewriting.
    "dot_diag_to_elemwise",
    "selection_dot_to_indexing",
)
_KNOWN = (int, bool, float, tuple, np.ndarray, np.generic)


def pure(
    inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> tuple[Callable[..., tuple], list[SharedVariable]]:
    """Return a graph as a function of arrays, and the shared variables that it takes first.

    Parameters
    ----------
    inputs, outputs : sequence of symbolic variables

    Returns
    -------
    callable (shared variables' values, then the inputs') → tuple of arrays
        To be traced where 64-bit types are enabled.
    list of shared variables
        In an order that the graph decides: every process has the same.
    """
    held = dict.fromkeys(v for v in graph_inputs(outputs) if isinstance(v, SharedVariable))
    graph = FunctionGraph([*held, *inputs], list(outputs), clone=True)
    get_mode("JAX").excluding(*_LEFT_OUT).optimizer.rewrite(graph)
    return fgraph_to_python(graph, _converted, type_conversion_fn=_constant), list(held)


def _constant(value: Any, **_: Any) -> Any:
    """Keep a constant's dtype: a Python number would take that of its neighbour."""
    return np.asarray(value) if isinstance(value, np.generic | float | int) else value


def _converted(op: Any, node: Any = None, **options: Any) -> Callable[..., Any]:
    """Return an operation for JAX: PyTensor's own, mended in two ways.

    What depends on shapes alone is computed while tracing, by NumPy: PyTensor's ranges, reshapes
    and splits take a shape itself, and no arithmetic on it. And each result gets the dtype that the
    graph gives it: PyTensor's sums keep their accumulator's, float64.
    """
    if isinstance(op, CheckAndRaise):
        return lambda x, *conditions: x  # as PyTensor's, without a warning
    if isinstance(op, ARange):  # never NumPy's: a range of a batch's size would be a constant
        return lambda *ends: jnp.arange(*map(int, ends), dtype=op.dtype)
    if isinstance(op, Reshape):
        return lambda x, shape: jnp.reshape(x, tuple(map(int, shape)))
    if isinstance(op, Split):
        return partial(_split, getattr(op, "axis", None))
    on_jax = jax_funcify(op, node=node, **options)
    if isinstance(op, JAXShapeTuple):  # lengths side by side, which has no form for NumPy
        return on_jax
    is_small = all(output.type.ndim <= 1 for output in node.outputs if hasattr(output, "ndim"))

    def run(*values: Any) -> Any:
        if is_small and values and all(isinstance(value, _KNOWN) for value in values):
            return _by_numpy(op, node, values)
        results = on_jax(*values)
        if len(node.outputs) == 1:
            return _typed(results, node.outputs[0])
        return tuple(map(_typed, results, node.outputs))

    return run


def _split(axis: int | None, x: Any, *given: Any) -> list[Any]:
    """Cut an array into parts of given lengths, before which PyTensor 3.0 gives the axis."""
    *first, lengths = given
    return jnp.split(x, np.cumsum(lengths)[:-1], axis=int(*first or [axis]))


def _by_numpy(op: Any, node: Any, values: tuple) -> Any:
    storage = [[None] for _ in node.outputs]
    typed = [
        np.asarray(value, variable.dtype) if hasattr(variable, "dtype") else value
        for value, variable in zip(values, node.inputs, strict=True)
    ]
    op.perform(node, typed, storage)
    results = tuple(cell[0] for cell in storage)
    return results[0] if len(results) == 1 else results


def _typed(result: Any, variable: Variable) -> Any:
    wanted = getattr(variable, "dtype", None)
    is_other = wanted is not None and getattr(result, "dtype", wanted) != wanted
    return result.astype(wanted) if is_other else result

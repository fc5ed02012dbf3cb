"""The one room that knows PyTensor from Theano.

The rest of the library writes its graphs with what stands here: ``T`` (the tensor module of the
engine), and the few names below, wherever the two engines differ. ``MINITHEANONET_ENGINE`` chooses
(``pytensor`` or ``theano``); unset, an engine that is imported already is kept, and PyTensor comes
before Theano.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minitheanonet.checks import as_real_array, is_number
from minitheanonet.engine.memory import keep_memory

_ENGINES = ("pytensor", "theano")


def _choose() -> str:
    """Return the engine to use, or say why there is none."""
    installed = [engine for engine in _ENGINES if importlib.util.find_spec(engine)]
    imported = [engine for engine in installed if engine in sys.modules]
    asked = os.environ.get("MINITHEANONET_ENGINE", "")
    if not asked:
        if not installed:
            raise ImportError(
                "minitheanonet needs an engine: pip install pytensor (or Theano 1.0.5)."
            )
        return (imported or installed)[0]
    if asked not in _ENGINES:
        raise ImportError(
            f"MINITHEANONET_ENGINE={asked!r} is no engine: set it to 'pytensor' or 'theano'."
        )
    if asked not in installed:
        raise ImportError(
            f"MINITHEANONET_ENGINE={asked} asks for an engine that is not installed: install "
            f"{asked}, or unset the variable (installed: {', '.join(installed) or 'none'})."
        )
    if imported and asked not in imported:
        raise ImportError(
            f"MINITHEANONET_ENGINE={asked} was asked for after {imported[0]} was imported, and "
            f"graphs of the two can't mix: import minitheanonet first, or drop {imported[0]}."
        )
    return asked


name = _choose()
keep_memory()

if name == "pytensor":
    from minitheanonet.engine import pytensor as _own
else:
    from minitheanonet.engine import theano as _own

T, Variable, SharedVariable = _own.T, _own.Variable, _own.SharedVariable
sigmoid, softmax, log_softmax = _own.sigmoid, _own.softmax, _own.log_softmax
flags, tensor, clone, static_shape = _own.flags, _own.tensor, _own.clone, _own.static_shape
Apply, Op, disconnected = _own.Apply, _own.Op, _own.engine.gradient.DisconnectedType()
version: str = _own.engine.__version__
grad, pretty = _own.engine.grad, _own.engine.printing.pp
_disconnected = _own.engine.gradient.disconnected_grad
_SIGMOID = sigmoid(T.fscalar()).owner.op.scalar_op


def shared(value: Any, name: str | None = None) -> SharedVariable:
    """Return a shared variable that holds a copy of `value`, of any shape and of its dtype."""
    return _own.engine.shared(as_real_array(value, "shared: value").copy(), name=name)


def symbolic(value: Any, what: str) -> Variable:
    """Return `value` as a symbolic variable: itself, or numbers as a constant of their dtype.

    Parameters
    ----------
    value : symbolic variable, array or number
    what : str
        What to call it in an error.

    Raises
    ------
    TypeError
        If it is neither symbolic nor real numbers.

    Examples
    --------
    >>> symbolic([[1.0, 2.0]], "x").ndim
    2
    """
    if isinstance(value, Variable):
        return value
    if not isinstance(value, np.ndarray | np.generic | list | tuple) and not is_number(value):
        raise TypeError(
            f"{what} must be a symbolic variable, T.fmatrix() say, or an array, got {value!r:.60}."
        )
    return T.as_tensor_variable(as_real_array(value, what))


def floats(value: Any, what: str) -> Variable:
    """Return `value` as a symbolic variable of real numbers; whole ones would turn float64."""
    x = symbolic(value, what)
    if x.dtype not in ("float32", "float64"):
        raise TypeError(f'{what} must be float32 or float64, got {x.dtype}: T.cast(x, "float32").')
    return x


@contextmanager
def floats_as(dtype: str) -> Iterator[None]:
    """Within, a float that stands in a formula becomes a constant of `dtype`, and upcasts nothing.

    Examples
    --------
    >>> x = T.fvector("x")
    >>> with floats_as(x.dtype):
    ...     scaled = 0.7 * x
    >>> scaled.dtype
    'float32'
    """
    casting = _own.autocast_float
    before = casting.dtypes
    with flags(cast_policy="custom"):
        casting.dtypes = (dtype,)
        try:
            yield
        finally:
            casting.dtypes = before


def leaves(outputs: Sequence[Variable]) -> set[Variable]:
    """Return what graphs are computed from: shared variables, and those that nothing gives.

    Parameters
    ----------
    outputs : sequence of symbolic variables

    Examples
    --------
    >>> x, w = T.fscalar("x"), shared(1.0, "w")
    >>> sorted(leaf.name for leaf in leaves([2 * x + w]))
    ['w', 'x']
    """
    return {leaf for leaf in _own.graph_inputs(outputs) if not isinstance(leaf, _own.Constant)}


def mode() -> str:
    """Return the name of the mode in which the engine compiles, unless it is told another."""
    return str(_own.engine.config.mode)


def structure(outputs: Sequence[Variable], names: Mapping[Variable, Any]) -> tuple:
    """Return an account of graphs, hashable, and equal for graphs that compute the same.

    Equal are the operations, the constants, the types and names of what is named, and the engine's
    mode. A variable that nothing gives and that has no name is equal to itself alone.

    Parameters
    ----------
    outputs : sequence of symbolic variables
    names : mapping of variable to anything hashable

    Examples
    --------
    >>> x, y = T.fscalar(), T.fscalar()
    >>> structure([2 * x], {x: "x"}) == structure([2 * y], {y: "x"})
    True
    >>> structure([2 * x], {x: "x"}) == structure([3 * x], {x: "x"})
    False
    """
    told: dict[Variable, Any] = {v: (name, v.type) for v, name in names.items()}

    def tell(variable: Variable) -> Any:
        is_constant = isinstance(variable, _own.Constant)
        return variable.signature() if is_constant else told.get(variable, variable)

    nodes = []
    for number, node in enumerate(_own.io_toposort([], outputs)):
        nodes.append((node.op, *map(tell, node.inputs)))
        told |= {output: (number, place) for place, output in enumerate(node.outputs)}
    return mode(), *nodes, *map(tell, outputs)


def rectify(x: Variable, below: Any = 0) -> Variable:
    """Return x where it is above 0, `below` elsewhere, whose derivative is taken at 0; NaN stays.

    The condition is cut off from the gradient: it would add a zero of dtype ``floatX`` to it.
    """
    return T.switch(_disconnected(x) <= 0, below, x)


def function(
    inputs: Sequence[Variable],
    outputs: Any,
    updates: Mapping[SharedVariable, Variable] | None = None,
    mode: Any = None,
    *,
    trust_input: bool = False,
) -> Any:
    """Compile a graph to a function of arrays.

    Parameters
    ----------
    inputs : sequence of symbolic variables
    outputs : symbolic variable or list of them
    updates : dict, shared variable → expression, optional
        Or pairs of the two. What each shared variable becomes at each call; all are computed from
        the values before.
    mode : str or Mode, optional
        The engine's compilation mode; its own default if left out.
    trust_input : bool, default False
        Whether to leave the arguments unchecked, which saves some microseconds a call. Then each
        must be an array of the very dtype and number of dimensions of its input: with anything
        else the engine may fail deep inside, compute in another dtype, or crash the process.

    Raises
    ------
    TypeError
        If the compiled function gets an argument that its input can't hold: a float64 array for
        a float32 input, say.

    Examples
    --------
    >>> from minitheanonet.engine import T, function
    >>> x = T.fvector("x")
    >>> f = function([x], (x * x).sum())
    >>> float(f(np.array([3, 4], dtype="float32")))
    25.0
    """
    # This rewrite copies a weight gradient into every product with a scalar that an optimizer's
    # formula has, and so computes the same matrix product again and again.
    mode = _own.get_mode(mode).excluding("local_dot22_to_dot22scalar")
    updates = list(dict(updates or {}).items())
    return _own.compiled(list(inputs), outputs, updates, mode, trust_input)


def softmax_input(x: Variable) -> Variable | None:
    """Return the logits, if `x` is a softmax of them, else None."""
    return x.owner.inputs[0] if x.owner and isinstance(x.owner.op, _own.Softmax) else None


def sigmoid_input(x: Variable) -> Variable | None:
    """Return the logits, if `x` is a sigmoid of them, else None."""
    operation = x.owner and getattr(x.owner.op, "scalar_op", None)
    return x.owner.inputs[0] if operation and operation == _SIGMOID else None

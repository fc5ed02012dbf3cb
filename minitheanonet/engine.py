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
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minitheanonet.arguments import as_real_array, is_number
from minitheanonet.blas import set_theano_blas, threads_that_sleep

__all__ = [
    "SharedVariable",
    "T",
    "Variable",
    "constant",
    "flags",
    "function",
    "grad",
    "leaves",
    "log_softmax",
    "name",
    "rectify",
    "shared",
    "sigmoid",
    "sigmoid_input",
    "softmax",
    "softmax_input",
    "static_shape",
    "symbolic",
    "tensor",
    "version",
]

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

if name == "pytensor":
    with threads_that_sleep():
        import scipy.linalg  # noqa: F401 (loads the BLAS that compiled graphs call)

    import pytensor as _engine
    import pytensor.tensor as T
    from pytensor.compile.mode import get_mode as _get_mode
    from pytensor.compile.sharedvalue import SharedVariable
    from pytensor.graph.basic import Constant, Variable
    from pytensor.graph.traversal import graph_inputs as _graph_inputs
    from pytensor.tensor.special import Softmax as _Softmax
    from pytensor.tensor.special import log_softmax as _log_softmax
    from pytensor.tensor.special import softmax as _softmax

    sigmoid = T.sigmoid
    flags = _engine.config.change_flags

    def softmax(x: Variable) -> Variable:
        """Return exp(x) / Σ exp(x) over the last axis of a matrix."""
        return _softmax(x, axis=-1)

    def log_softmax(x: Variable) -> Variable:
        """Return log(softmax(x)) over the last axis of a matrix, without overflow."""
        return _log_softmax(x, axis=-1)

    def static_shape(x: Variable) -> tuple[int | None, ...]:
        """Return the lengths that the type of `x` fixes, ``None`` for those it leaves open."""
        return tuple(symbolic(x, "static_shape: x").type.shape)

    def tensor(dtype: str, ndim: int, name: str) -> Variable:
        """Return a symbolic array that leaves every length open."""
        return T.tensor(name, dtype=dtype, shape=(None,) * ndim)

    def _compile(inputs: list, outputs: Any, updates: list, mode: Any, trust_input: bool) -> Any:
        # Fast-math lets LLVM reorder sums, and it does so differently when a kernel is compiled
        # and when it is loaded from the cache: the second run of a script would differ from the
        # first. Without it both give the same bits, at the same speed.
        with flags(numba__fastmath=False):
            return _engine.function(
                inputs, outputs, updates=updates, mode=mode, trust_input=trust_input
            )

else:
    set_theano_blas()
    with warnings.catch_warnings():
        # Theano is of 2020: what NumPy and setuptools deprecated since then is no user's concern.
        warnings.simplefilter("ignore")
        import theano as _engine
        import theano.tensor as T
        from theano.compile.mode import get_mode as _get_mode
        from theano.compile.sharedvalue import SharedVariable
        from theano.gof.graph import Constant, Variable
        from theano.gof.graph import inputs as _graph_inputs

    sigmoid, softmax, log_softmax = T.nnet.sigmoid, T.nnet.softmax, T.nnet.logsoftmax
    _Softmax = T.nnet.Softmax
    flags = _engine.configparser.change_flags

    def static_shape(x: Variable) -> tuple[int | None, ...]:
        """Return the lengths that the type of `x` fixes, ``None`` for those it leaves open."""
        x = symbolic(x, "static_shape: x")
        return tuple(1 if fixed else None for fixed in x.type.broadcastable)

    def tensor(dtype: str, ndim: int, name: str) -> Variable:
        """Return a symbolic array that leaves every length open."""
        return T.TensorType(dtype, (False,) * ndim)(name)

    def _compile(inputs: list, outputs: Any, updates: list, mode: Any, trust_input: bool) -> Any:
        compiled = _engine.function(inputs, outputs, updates=updates, mode=mode)
        compiled.trust_input = trust_input
        return compiled


version: str = _engine.__version__
grad = _engine.grad
_disconnected = _engine.gradient.disconnected_grad
_SIGMOID = sigmoid(T.fscalar()).owner.op.scalar_op


def shared(value: Any, name: str | None = None) -> SharedVariable:
    """Return a shared variable that holds a copy of `value`, of any shape and of its dtype."""
    return _engine.shared(as_real_array(value, "shared: value").copy(), name=name)


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
    return {leaf for leaf in _graph_inputs(outputs) if not isinstance(leaf, Constant)}


def constant(value: Any, like: Variable) -> Any:
    """Return the number `value` in the dtype of `like`, so that no product of theirs upcasts."""
    given, dtype = as_real_array(value, "constant: value"), symbolic(like, "constant: like").dtype
    with np.errstate(over="ignore"):
        result = given.astype(dtype)
    lost = np.isinf(result) & np.isfinite(given) if result.dtype.kind == "f" else result != given
    if lost.any():
        raise ValueError(f"constant: {value!r:.60} can't be held in {dtype}: cast `like` first.")
    return result


def rectify(x: Variable) -> Variable:
    """Return max(0, x), with derivative 0 at 0; NaN stays NaN.

    The condition is cut off from the gradient: it would add a zero of dtype ``floatX`` to it.
    """
    x = symbolic(x, "rectify: x")
    zero = constant(0, x)
    return T.switch(_disconnected(x) <= zero, zero, x)


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
        If the inputs are no list of symbolic variables. The compiled function raises it too, for
        an argument that its input can't hold: a float64 array for a float32 input, say.

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
    mode = _get_mode(mode).excluding("local_dot22_to_dot22scalar")
    updates = list(dict(updates or {}).items())
    return _compile(_listed(inputs), outputs, updates, mode, trust_input)


def _listed(inputs: Sequence[Variable]) -> list[Variable]:
    if not isinstance(inputs, list | tuple) or not all(isinstance(x, Variable) for x in inputs):
        raise TypeError(
            f"function: inputs must be a list of symbolic variables, [x, y] say, got "
            f"{inputs!r:.60}."
        )
    return list(inputs)


def softmax_input(x: Variable) -> Variable | None:
    """Return the logits, if `x` is a softmax of them, else None."""
    x = symbolic(x, "softmax_input: x")
    return x.owner.inputs[0] if x.owner and isinstance(x.owner.op, _Softmax) else None


def sigmoid_input(x: Variable) -> Variable | None:
    """Return the logits, if `x` is a sigmoid of them, else None."""
    x = symbolic(x, "sigmoid_input: x")
    operation = x.owner and getattr(x.owner.op, "scalar_op", None)
    return x.owner.inputs[0] if operation and operation == _SIGMOID else None

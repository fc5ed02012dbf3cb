"""What symbolic arguments must be, and what a user's functions must return: the twin of `checks`.

The engine's own errors for these come from deep inside, or when a graph is compiled: too far from
the line that has the mistake.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from minitheanonet.engine import SharedVariable, Variable, leaves, symbolic

__all__ = [
    "called",
    "check_gradients",
    "check_leaves",
    "floats",
    "scalar_of",
    "variables",
]


_DTYPES = ("float32", "float64")


def floats(value: Any, what: str) -> Variable:
    """Return `value` as a symbolic variable of real numbers; whole ones would turn float64."""
    x = symbolic(value, what)
    if x.dtype not in _DTYPES:
        raise TypeError(f'{what} must be float32 or float64, got {x.dtype}: T.cast(x, "float32").')
    return x


def variables(values: Any, what: str) -> list[Variable]:
    """Return a sequence's entries as symbolic variables of real numbers."""
    if isinstance(values, Variable) or not isinstance(values, Iterable):
        raise TypeError(
            f"{what} must be a list of symbolic variables, [layer.W] or net.params say, got "
            f"{values!r:.60}."
        )
    return [floats(value, f"{what}: number {i}") for i, value in enumerate(values)]


def scalar_of(value: Any, what: str) -> Variable:
    """Return what a function returned, if it is a symbolic scalar of real numbers."""
    if not isinstance(value, Variable):
        raise TypeError(
            f"{what} must be a symbolic scalar, written with the engine's T, got {value!r:.60}."
        )
    if value.ndim != 0:
        raise ValueError(f"{what} must be a scalar, got ndim {value.ndim}: take its mean().")
    if value.dtype not in _DTYPES:
        raise TypeError(
            f'{what} must be float32 or float64, got {value.dtype}: T.cast(x, "float32"). No '
            "gradient flows through whole numbers."
        )
    return value


def called(function: Callable[..., Any], what: str, *arguments: Variable) -> Any:
    """Return what a user's function gives for (prediction, target) or (..., weights)."""
    names = ", ".join(["prediction", "target", "weights"][: len(arguments)])
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError as error:
        raise TypeError(f"{what} must take ({names}): {error}.") from error
    except ValueError:  # it has no signature to look at
        pass
    return function(*arguments)


def check_leaves(outputs: Sequence[Variable], given: Sequence[Variable]) -> None:
    """Refuse figures that need a variable which no batch gives, or need none of some that it does.

    The engine would say so too, at the end of a long message.
    """
    used = leaves(outputs)
    unknown = [leaf for leaf in used if leaf not in given and not isinstance(leaf, SharedVariable)]
    if unknown:
        raise ValueError(
            f"the loss, the penalty or a metric depends on {unknown[0]}, which no batch gives: "
            "make it a shared variable or a number."
        )
    unused = [variable.name for variable in given if variable not in used]
    if unused:
        raise ValueError(
            f"neither the loss nor a metric looks at the {' and '.join(unused)} of a batch: use "
            "them in the loss, or leave them out of the data."
        )


def check_gradients(
    gradients: Sequence[Variable], params: Sequence[SharedVariable], who: str
) -> None:
    """Refuse gradients of another number, dtype or number of dimensions than their parameters."""
    if len(gradients) != len(params):
        raise ValueError(
            f"{who}: got {len(gradients)} gradients for {len(params)} parameters; each parameter "
            "needs one, in the same order."
        )
    for gradient, param in zip(gradients, params, strict=True):
        if (gradient.dtype, gradient.ndim) != (param.dtype, param.ndim):
            raise TypeError(
                f"{who}: the gradient of {param.name} is {gradient.dtype} of ndim {gradient.ndim}, "
                f"and the parameter is {param.dtype} of ndim {param.ndim}: give one like it, "
                f'T.cast(gradient, "{param.dtype}") say.'
            )

"""Parameters by their paths, and the gradients for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitheanonet.engine import SharedVariable, Variable, grad, leaves
from minitheanonet.learning.symbols import scalar_of


def gradients_of(
    loss_or_gradients: Any, params: Mapping[str, SharedVariable]
) -> dict[str, Variable]:
    """Return the gradient for each parameter, by path, after checking that there is one."""
    if isinstance(loss_or_gradients, Variable):
        loss = scalar_of(loss_or_gradients, "the loss of an optimizer")
        below = leaves([loss])
        for path, param in params.items():
            if param not in below:
                raise ValueError(
                    f"the loss doesn't depend on {path}, and so has no gradient for it: leave "
                    "that out of the parameters, or mend the loss."
                )
        return dict(zip(params, grad(loss, list(params.values())), strict=True))
    return dict(zip(params, loss_or_gradients, strict=True))


def by_path(params: Any) -> dict[str, SharedVariable]:
    """Return parameters by path, or by the names of the variables, numbered where need be."""
    named = dict(params) if isinstance(params, Mapping) else {}
    for param in () if named else params:
        name, count = param.name, 1
        while name in named:
            count += 1
            name = f"{param.name}_{count}"
        named[name] = param
    if not named:
        raise ValueError(
            "an optimizer needs at least one parameter; the network has none to train."
        )
    for param in named.values():
        if not isinstance(param, SharedVariable):
            raise TypeError(
                f"an optimizer updates shared variables; {param} is {type(param)}: make it one "
                "with engine.shared(value, name)."
            )
    return named

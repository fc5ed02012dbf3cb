"""Names of what a user gives to a trainer: metrics, losses, rules; and of other libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

# Keywords of other libraries' fit, and what this one's is told instead.
HABITS_OF_FIT = {
    "validation_split": "divide the data, data.split() say, and pass validation=test",
    "validation_data": "pass validation=(inputs, targets)",
    "class_weight": "give weights of examples, fit((inputs, targets, weights)), "
    "weights = weight_of_class[targets]",
    "sample_weight": "give a tuple of three, fit((inputs, targets, weights))",
    "verbose": "progress=False shows nothing",
    "x": "give the data first, fit(inputs, targets)",
    "y": "give the data first, fit(inputs, targets)",
}


def called(value: Any, what: str, wanted: str) -> None:
    """Refuse what can't be called, or is a class and not one of it."""
    if isinstance(value, type) or not callable(value):
        hint = " Did you leave out the ()?" if isinstance(value, type) else ""
        raise TypeError(f"{what} must be {wanted}, got {value!r:.60}.{hint}")


def name_of(function: Any) -> str:
    """Return a function's name, a partial one's with its arguments, or its class's."""
    if hasattr(function, "func"):
        given = [*map(repr, function.args), *(f"{k}={v!r}" for k, v in function.keywords.items())]
        return f"{name_of(function.func)}({', '.join(given)})"
    named = getattr(function, "name", None) or getattr(function, "__name__", None)
    return named or type(function).__name__


def named_metrics(metrics: Any) -> dict[str, Callable[..., Any]]:
    """Return metrics by name, each of which can be called and is there once."""
    is_named = isinstance(metrics, Mapping)
    pairs = list(metrics.items()) if is_named else [(name_of(one), one) for one in metrics]
    names = ["loss", *(name for name, _ in pairs)]
    for name, metric in pairs:
        if isinstance(metric, str):
            raise TypeError(f"Trainer: a metric is a function, mtn.{metric} say, got {metric!r}.")
        called(metric, f"Trainer: the metric {name!r}", "a function of (prediction, target)")
        if names.count(name) > 1:
            raise ValueError(
                f"Trainer: two figures are called {name!r}: pass metrics as a dict, "
                '{"name": metric}, with a name of its own for each.'
            )
    return dict(pairs)

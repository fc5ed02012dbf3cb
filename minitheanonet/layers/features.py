"""What layers over the last axis, the features, demand of their input."""

from __future__ import annotations

import math
from typing import Any

from minitheanonet.engine import Variable, floats, static_shape
from minitheanonet.layers.given import shown
from minitheanonet.layers.layer import Layer


def checked_input(layer: Layer, x: Any, features: int) -> Variable:
    """Return a symbolic input, if it is (n, ..., features) and of the layer's dtype."""
    x = floats(x, f"{layer!r}: the input")
    if x.ndim < 2 or static_shape(x)[-1] not in (None, features):
        raise ValueError(
            f"{layer!r}: expected an input of shape (n, {features}), got "
            f"{shown(static_shape(x))}. Flatten() makes matrices of higher-dimensional inputs."
        )
    check_dtype(layer, x)
    return x


def check_dtype(layer: Layer, x: Variable) -> None:
    """Refuse an input of another dtype than the layer's parameters."""
    if x.dtype != layer.dtype:
        raise TypeError(
            f"{layer!r} computes in {layer.dtype}, but its input is {x.dtype}: cast the input, "
            f'or build the layer with dtype="{x.dtype}".'
        )


def check_example(layer: Layer, shape: tuple[int, ...], features: int) -> None:
    """Refuse an example that has another number of features."""
    if not shape or shape[-1] != features:
        hint = " Put a Flatten() before it." if math.prod(shape) == features else ""
        raise ValueError(f"{layer!r}: expected examples of shape ({features},), got {shape}.{hint}")

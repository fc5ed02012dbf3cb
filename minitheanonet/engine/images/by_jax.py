"""Convolution and pooling for JAX: its own convolution, and NumPy's text with its arrays."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from pytensor.link.jax.dispatch import jax_funcify

from minitheanonet.engine.images import by_numpy, ops
from minitheanonet.engine.images.windows import Pair, Setting

pool = partial(by_numpy.pool, np=jnp)


def convolve(setting: Setting, x: Any, W: Any) -> Any:
    """Return JAX's own."""
    padding, axes = "SAME" if setting[4] else "VALID", ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(
        x, W, setting[:2], padding, rhs_dilation=setting[2:4], dimension_numbers=axes
    )


def kernel_gradient(setting: Setting, x: Any, g: Any, W: Any) -> Any:
    """Return what is linear in W, transposed."""
    return jax.linear_transpose(lambda W: convolve(setting, x, W), W)(g)[0]


def image_gradient(setting: Setting, W: Any, g: Any, x: Any) -> Any:
    """Return what is linear in x, transposed."""
    return jax.linear_transpose(lambda x: convolve(setting, x, W), x)(g)[0]


def unpool(setting: Setting, size: Pair, mean: bool, x: Any, g: Any) -> Any:
    """Return what is linear in the values, transposed."""
    return jax.linear_transpose(lambda values: pool(setting, size, mean, x, values), x)(g)[0]


def register(kind: type, function: Any) -> None:
    """Have JAX compute an Op by a function."""
    jax_funcify.register(kind)(lambda op, **others: partial(function, *op.options))


for kind in ops.KINDS:
    register(kind, globals()[kind.function])

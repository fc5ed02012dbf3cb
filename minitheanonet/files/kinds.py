"""The layers that a file can hold: how Keras 2 and Keras 3 write each, and what it is here.

`KINDS` and `ACTIVATIONS` are all that a file can ask for: nothing is imported, called or evaluated
by a name that a file holds. A layer that is new in the library gets a line in one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from minitheanonet.checks import is_number, is_whole
from minitheanonet.files.errors import RefusedError
from minitheanonet.layers.activations import (
    ELU,
    GELU,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.shaping import Flatten, Rescale

__all__ = [
    "ACTIVATIONS",
    "ACTIVATION",
    "INPUT",
    "KINDS",
    "SEQUENTIAL",
    "Kind",
    "Options",
    "kind_of",
]

Options = dict[str, Any]
Checks = Mapping[str, Callable[[Any], bool]]  # by option


def _one_of(*values: Any) -> Callable[[Any], bool]:
    return lambda value: any(type(value) is type(one) and value == one for one in values)


def _is_any(value: Any) -> bool:
    return True


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_length(value: Any) -> bool:
    return is_whole(value) and 1 <= value < 2**31


def _is_number(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and 2 <= len(value) <= 8 and all(map(_is_length, value[1:]))


_EVERY_LAYER: Checks = {"name": _is_text, "trainable": _is_flag, "dtype": _is_any}
_IS_NONE = _one_of(None)


@dataclass(frozen=True)
class Kind:
    """One of our layers, and one of Keras's.

    Attributes
    ----------
    layer : type
    numbers : Keras's option → our argument and attribute
        Required, finite.
    required : option → check
        Others that must be there; an ``activation`` becomes a layer of its own.
    optional : option → check
        What may be there, with a value that asks for nothing; never written.
    arrays : Keras's name → our parameter's or state's
    write : layer → options
        The `required` ones.
    arguments : (options, array by Keras's name, shape of one input example, dtype) → arguments
        Of `layer`, beside its name and its numbers.
    """

    layer: type[Layer]
    numbers: Mapping[str, str] = field(default_factory=dict)
    required: Checks = field(default_factory=dict)
    optional: Checks = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)
    write: Callable[[Any], Options] = lambda layer: {}
    arguments: Callable[..., Options] = lambda options, take, shape, dtype: {}

    def check(self, options: Options, *also: str) -> None:
        """Refuse options that are missing, unknown, or of no value that they can have here."""
        required = {"name": _is_text, **dict.fromkeys(self.numbers, _is_number), **self.required}
        known = {**_EVERY_LAYER, **self.optional, **required, **dict.fromkeys(also, _is_shape)}
        for key in [*required, *options]:
            if key not in options:
                raise RefusedError(f"its {key} is missing")
            if key not in known or not known[key](options[key]):
                reason = f"its {key[:80]} is {options[key]!r:.80}, which nothing here can have"
                raise RefusedError(reason, "Save the model without it")


INPUT = Kind(Layer, optional=dict.fromkeys(("sparse", "ragged", "optional"), _one_of(False)))
SEQUENTIAL = Kind(
    Layer,
    required={"layers": lambda value: isinstance(value, list) and len(value) > 0},
    optional={"build_input_shape": _is_shape},
)
ACTIVATION = Kind(Layer, required={"activation": _is_text})
KINDS = {
    "Dense": Kind(
        Dense,
        required={"units": _is_length, "activation": _is_text, "use_bias": _is_flag},
        optional={
            **dict.fromkeys(("kernel_initializer", "bias_initializer"), _is_any),
            **dict.fromkeys(("kernel_regularizer", "bias_regularizer"), _IS_NONE),
            **dict.fromkeys(("activity_regularizer", "lora_rank"), _IS_NONE),
            **dict.fromkeys(("kernel_constraint", "bias_constraint"), _IS_NONE),
            "quantization_config": _IS_NONE,
        },
        arrays={"kernel": "W", "bias": "b"},
        write=lambda layer: {
            "units": layer.n_out, "activation": "linear", "use_bias": layer.b is not None
        },
        arguments=lambda options, take, shape, dtype: {
            "n_in": shape[-1], "n_out": options["units"], "dtype": dtype,
            "W": take("kernel"), "b": take("bias") if options["use_bias"] else None,
        },
    ),
    "Dropout": Kind(
        Dropout, {"rate": "rate"}, optional={"noise_shape": _IS_NONE, "seed": _is_any}
    ),
    "Flatten": Kind(Flatten, optional={"data_format": _one_of("channels_last")}),
    "Rescaling": Kind(
        Rescale, {"scale": "scale", "offset": "offset"},
        arguments=lambda options, take, shape, dtype: {"dtype": dtype},
    ),
    "ReLU": Kind(ReLU, optional={
        "max_value": _IS_NONE, "negative_slope": _one_of(0, 0.0), "threshold": _one_of(0, 0.0)
    }),
    "LeakyReLU": Kind(LeakyReLU, {"negative_slope": "slope"}),
    "ELU": Kind(ELU, {"alpha": "alpha"}),
    "Softmax": Kind(Softmax, optional={"axis": _one_of(-1, [-1])}),
}  # fmt: skip

# What Keras's Activation, and an option of that name, may be; "linear" is no layer at all.
ACTIVATIONS: dict[str, Callable[..., Layer]] = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "gelu": GELU,
    "softplus": Softplus,
    "relu": ReLU,
    "softmax": Softmax,
    "elu": ELU,
    "leaky_relu": lambda name: LeakyReLU(0.2, name=name),
}


def kind_of(layer: Layer) -> tuple[str, Kind, Options] | None:
    """Return how Keras calls a layer's class, its kind and its options; None if it has none."""
    for class_name, kind in KINDS.items():
        if kind.layer is type(layer):
            numbers = {key: getattr(layer, ours) for key, ours in kind.numbers.items()}
            return class_name, kind, numbers | kind.write(layer)
    for name, activation in ACTIVATIONS.items():
        if activation is type(layer):
            return "Activation", ACTIVATION, {"activation": name}
    return None

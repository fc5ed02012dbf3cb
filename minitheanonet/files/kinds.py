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
from minitheanonet.layers import activations as act
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.shaping import Flatten, Rescale

Options = dict[str, Any]
# What an option may be: anything (...), one of these values, or of this type; an int is a length,
# a float any finite number, a list the shape of a batch.
Wanted = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """One of our layers, and one of Keras's.

    Attributes
    ----------
    layer : type
    numbers : Keras's option → our argument and attribute
        Required.
    required : option → what it may be
        Others that must be there; an ``activation`` becomes a layer of its own.
    optional : option → what it may be
        What may be there, and asks for nothing: it is never written.
    arrays : Keras's name → our parameter's or state's
    write : layer → options
        The `required` ones.
    arguments : (options, array by Keras's name, shape of one input example, dtype) → arguments
        Of `layer`, beside its name and its numbers.
    """

    layer: type[Layer]
    numbers: Mapping[str, str] = field(default_factory=dict)
    required: Wanted = field(default_factory=dict)
    optional: Wanted = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)
    write: Callable[[Any], Options] = lambda layer: {}
    arguments: Callable[..., Options] = lambda options, take, shape, dtype: {}

    def check(self, options: Options, **also: Any) -> None:
        """Refuse options that are missing, unknown, or of no value that they can have here."""
        required = {"name": str, **dict.fromkeys(self.numbers, float), **self.required}
        known = {"trainable": bool, "dtype": ..., **self.optional, **also, **required}
        for key in [*required, *options]:
            if key not in options:
                raise RefusedError(f"its {key} is missing")
            if key not in known or not _fits(options[key], known[key]):
                reason = f"its {key[:80]} is {options[key]!r:.80}, which nothing here can have"
                raise RefusedError(reason, "Save the model without it")


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple):
        return any(type(value) is type(one) and value == one for one in wanted)
    if wanted is int:
        return is_whole(value) and 1 <= value < 2**31
    if wanted is float:
        return is_number(value) and math.isfinite(value)
    if wanted is list:
        return isinstance(value, list) and len(value) > 1 and all(_fits(n, int) for n in value[1:])
    return wanted is ... or isinstance(value, wanted)


def _dense(options: Options, take: Callable[[str], Any], shape: Any, dtype: str) -> Options:
    bias = take("bias") if options["use_bias"] else None
    sizes = {"n_in": shape[-1], "n_out": options["units"]}
    return {**sizes, "W": take("kernel"), "b": bias, "dtype": dtype}


def _dense_options(layer: Dense) -> Options:
    return {"units": layer.n_out, "activation": "linear", "use_bias": layer.b is not None}


_NOTHING, _FALSE, _ZERO = (None,), (False,), (0, 0.0)
_DENSE = {
    **dict.fromkeys(("kernel_initializer", "bias_initializer"), ...),
    **dict.fromkeys(("kernel_regularizer", "bias_regularizer", "activity_regularizer"), _NOTHING),
    **dict.fromkeys(("kernel_constraint", "bias_constraint"), _NOTHING),
    **dict.fromkeys(("lora_rank", "quantization_config"), _NOTHING),
}
_RELU = {"max_value": _NOTHING, "negative_slope": _ZERO, "threshold": _ZERO}

INPUT = Kind(Layer, optional={"sparse": _FALSE, "ragged": _FALSE, "optional": _FALSE})
SEQUENTIAL = Kind(Layer, required={"layers": ...}, optional={"build_input_shape": list})
ACTIVATION = Kind(Layer, required={"activation": str})
KINDS = {
    "Dense": Kind(
        Dense,
        required={"units": int, "activation": str, "use_bias": bool},
        optional=_DENSE,
        arrays={"kernel": "W", "bias": "b"},
        write=_dense_options,
        arguments=_dense,
    ),
    "Dropout": Kind(Dropout, {"rate": "rate"}, optional={"noise_shape": _NOTHING, "seed": ...}),
    "Flatten": Kind(Flatten, optional={"data_format": ("channels_last",)}),
    "Rescaling": Kind(
        Rescale,
        {"scale": "scale", "offset": "offset"},
        arguments=lambda options, take, shape, dtype: {"dtype": dtype},
    ),
    "ReLU": Kind(act.ReLU, optional=_RELU),
    "LeakyReLU": Kind(act.LeakyReLU, {"negative_slope": "slope"}),
    "ELU": Kind(act.ELU, {"alpha": "alpha"}),
    "Softmax": Kind(act.Softmax, optional={"axis": (-1, [-1])}),
}

# What Keras's Activation, and an option of that name, may be; "linear" is no layer at all.
ACTIVATIONS: dict[str, Callable[..., Layer]] = {
    "sigmoid": act.Sigmoid,
    "tanh": act.Tanh,
    "gelu": act.GELU,
    "softplus": act.Softplus,
    "relu": act.ReLU,
    "softmax": act.Softmax,
    "elu": act.ELU,
    "leaky_relu": lambda name: act.LeakyReLU(0.2, name=name),
}


def kind_of(layer: Layer) -> tuple[str, Kind | None, Options]:
    """Return how Keras calls a layer's class, its kind and its options; no kind if it has none."""
    for class_name, kind in KINDS.items():
        if kind.layer is type(layer):
            numbers = {key: getattr(layer, ours) for key, ours in kind.numbers.items()}
            return class_name, kind, numbers | kind.write(layer)
    for name, activation in ACTIVATIONS.items():
        if activation is type(layer):
            return "Activation", ACTIVATION, {"activation": name}
    return type(layer).__name__, None, {}

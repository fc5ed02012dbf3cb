"""The layers that a file can hold: how Keras 2 and Keras 3 write each, and what it is here.

`KINDS` and `ACTIVATIONS` are all that a file can ask for: nothing is imported, called or evaluated
by a name that a file holds. A layer that is new in the library gets a line in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from minitheanonet.files.errors import RefusedError
from minitheanonet.layers import activations as act
from minitheanonet.layers.convolution import Conv2D
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.pooling import AveragePool2D, GlobalAveragePool2D, MaxPool2D
from minitheanonet.layers.shaping import Flatten, Rescale

Options = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One of our layers, and one of Keras's.

    Attributes
    ----------
    layer : type
    numbers : Keras's option → our argument and attribute
        Required; the layer checks them.
    required : options
        Others that must be there; an ``activation`` becomes a layer of its own.
    allowed : option → the values that it may have
        What is not required may be left out, and is never written. ``...`` is any value.
    arrays : Keras's name → our parameter's or state's
    write : layer → options
        The `required` ones.
    arguments : (options, array by Keras's name, shape of one input example, dtype) → arguments
        Of `layer`, beside its name and its numbers.
    """

    layer: type[Layer]
    numbers: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    allowed: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)
    write: Callable[[Any], Options] = lambda layer: {}
    arguments: Callable[..., Options] = lambda options, take, shape, dtype: {}

    def check(self, options: Options, *also: str) -> None:
        """Refuse options that are missing, unknown, or of no value that they can have here."""
        required = ("name", *self.numbers, *self.required)
        known = dict.fromkeys(("dtype", *required, *also), ...)
        known |= {"trainable": (True, False), **self.allowed}
        for key in [*required, *options]:
            if key not in options:
                raise RefusedError(f"its {key} is missing")
            value, values = options[key], known.get(key, ())
            if values is not ... and not any(type(v) is type(value) and v == value for v in values):
                reason = f"its {key[:80]} is {value!r:.80}, which nothing here can have"
                raise RefusedError(reason, "Save the model without it")


def _weighted(options: Options, take: Callable[[str], Any], shape: Any, dtype: str) -> Options:
    bias = take("bias") if options["use_bias"] else None
    return {"n_in": shape[-1], "W": take("kernel"), "b": bias, "dtype": dtype}


def _linear(layer: Dense | Conv2D) -> Options:
    return {"activation": "linear", "use_bias": layer.b is not None}


def _convolution(layer: Conv2D) -> Options:
    if max(layer.strides) > 1 and max(layer.dilation) > 1:
        reason = f"{layer!r} has strides and dilation, which Keras takes one of"
        raise RefusedError(reason, "Leave one of them at 1, or save a Checkpoint")
    return _linear(layer)


_NONE, _FALSE, _ZERO = (None,), (False,), (0, 0.0)
_DENSE = {
    "use_bias": (True, False),
    **dict.fromkeys(("kernel_initializer", "bias_initializer"), ...),
    **dict.fromkeys(("kernel_regularizer", "bias_regularizer", "activity_regularizer"), _NONE),
    **dict.fromkeys(("kernel_constraint", "bias_constraint"), _NONE),
    **dict.fromkeys(("lora_rank", "quantization_config"), _NONE),
}

_LAST = {"data_format": ("channels_last",)}
_POOL = {"pool_size": "size", "strides": "strides", "padding": "padding"}

INPUT = Kind(Layer, allowed=dict.fromkeys(("sparse", "ragged", "optional"), _FALSE))
SEQUENTIAL = Kind(Layer, required=("layers",), allowed={"build_input_shape": ...})
ACTIVATION = Kind(Layer, required=("activation",))
KINDS = {
    "Dense": Kind(
        Dense,
        {"units": "n_out"},
        required=("activation", "use_bias"),
        allowed=_DENSE,
        arrays={"kernel": "W", "bias": "b"},
        write=_linear,
        arguments=_weighted,
    ),
    "Conv2D": Kind(
        Conv2D,
        {
            "filters": "n_out",
            "kernel_size": "size",
            "strides": "strides",
            "padding": "padding",
            "dilation_rate": "dilation",
        },
        required=("activation", "use_bias"),
        allowed={**_DENSE, **_LAST, "groups": (1,)},
        arrays={"kernel": "W", "bias": "b"},
        write=_convolution,
        arguments=_weighted,
    ),
    "MaxPooling2D": Kind(MaxPool2D, _POOL, allowed=_LAST),
    "AveragePooling2D": Kind(AveragePool2D, _POOL, allowed=_LAST),
    "GlobalAveragePooling2D": Kind(GlobalAveragePool2D, allowed={**_LAST, "keepdims": _FALSE}),
    "Dropout": Kind(Dropout, {"rate": "rate"}, allowed={"noise_shape": _NONE, "seed": ...}),
    "Flatten": Kind(Flatten, allowed=_LAST),
    "Rescaling": Kind(
        Rescale,
        {"scale": "scale", "offset": "offset"},
        arguments=lambda *given: {"dtype": given[3]},
    ),
    "ReLU": Kind(
        act.ReLU, allowed={"max_value": _NONE, "negative_slope": _ZERO, "threshold": _ZERO}
    ),
    "LeakyReLU": Kind(act.LeakyReLU, {"negative_slope": "slope"}),
    "ELU": Kind(act.ELU, {"alpha": "alpha"}),
    "Softmax": Kind(act.Softmax, allowed={"axis": (-1, [-1])}),
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
            lists = {key: list(n) if isinstance(n, tuple) else n for key, n in numbers.items()}
            return class_name, kind, lists | kind.write(layer)
    for name, activation in ACTIVATIONS.items():
        if activation is type(layer):
            return "Activation", ACTIVATION, {"activation": name}
    return type(layer).__name__, None, {}

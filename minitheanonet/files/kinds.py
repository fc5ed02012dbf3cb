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
from minitheanonet.layers.embedding import Embedding
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.noise import GaussianNoise
from minitheanonet.layers.normalization import BatchNorm, LayerNorm
from minitheanonet.layers.pooling import AveragePool2D, GlobalAveragePool2D, MaxPool2D
from minitheanonet.layers.shaping import Flatten, Rescale, Reshape

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


def _noise_options(layer: GaussianNoise) -> Options:
    if layer.stddev > 1:
        reason = f"{layer!r} has a standard deviation above 1, which Keras refuses"
        raise RefusedError(reason, "Scale the layer's input, or save a Checkpoint")
    return {}


def _layer_norm(options: Options, take: Callable[[str], Any], shape: Any, dtype: str) -> Options:
    if options["axis"] not in (-1, [-1], len(shape), [len(shape)]):
        reason = f"its axis is {options['axis']!r:.50}, and only the last can be normalised"
        raise RefusedError(reason, "Put the features last")
    gamma = take("gamma") if options["scale"] else None
    beta = take("beta") if options["center"] else None
    return {"n": shape[-1], "gamma": gamma, "beta": beta, "dtype": dtype}


def _batch_norm(options: Options, take: Callable[[str], Any], shape: Any, dtype: str) -> Options:
    averages = {"mean": take("moving_mean"), "variance": take("moving_variance")}
    return _layer_norm(options, take, shape, dtype) | averages


def _norm_options(layer: BatchNorm | LayerNorm) -> Options:
    return {"axis": -1, "center": layer.beta is not None, "scale": layer.gamma is not None}


def _start(*names: str) -> dict[str, Any]:
    """Return the options of arrays: how they began says nothing here, and they are free."""
    values = {"initializer": ..., "regularizer": _NONE, "constraint": _NONE}
    return {f"{name}_{key}": value for name in names for key, value in values.items()}


_NONE, _FALSE, _ZERO, _EITHER = (None,), (False,), (0, 0.0), (True, False)
_NEVER = dict.fromkeys(("activity_regularizer", "lora_rank", "quantization_config"), _NONE)
_DENSE = {"use_bias": _EITHER, **_start("kernel", "bias"), **_NEVER}
_NORM = {"center": _EITHER, "scale": _EITHER, **_start("gamma", "beta")}
_SCALE = {"gamma": "gamma", "beta": "beta"}
_BATCH_NORM = {
    **dict.fromkeys(("moving_mean_initializer", "moving_variance_initializer"), ...),
    **dict.fromkeys(("synchronized", "renorm"), _FALSE),
    **{"renorm_clipping": _NONE, "renorm_momentum": ...},
}

_LAST = {"data_format": ("channels_last",)}
_STEPS = {"strides": "strides", "padding": "padding"}
_POOL = {"pool_size": "size", **_STEPS}

# What two kinds each have in common.
_WEIGHTED: Options = {
    "required": ("activation", "use_bias"),
    "arrays": {"kernel": "W", "bias": "b"},
    "arguments": _weighted,
}
_NORMALISING: Options = {"required": ("axis", "center", "scale"), "write": _norm_options}

INPUT = Kind(Layer, allowed=dict.fromkeys(("sparse", "ragged", "optional"), _FALSE))
SEQUENTIAL = Kind(Layer, required=("layers",), allowed={"build_input_shape": ...})
ACTIVATION = Kind(Layer, required=("activation",))
KINDS = {
    "Dense": Kind(Dense, {"units": "n_out"}, allowed=_DENSE, write=_linear, **_WEIGHTED),
    "Conv2D": Kind(
        Conv2D,
        {"filters": "n_out", "kernel_size": "size", "dilation_rate": "dilation", **_STEPS},
        allowed={**_DENSE, **_LAST, "groups": (1,)},
        write=_convolution,
        **_WEIGHTED,
    ),
    "MaxPooling2D": Kind(MaxPool2D, _POOL, allowed=_LAST),
    "AveragePooling2D": Kind(AveragePool2D, _POOL, allowed=_LAST),
    "GlobalAveragePooling2D": Kind(GlobalAveragePool2D, allowed={**_LAST, "keepdims": _FALSE}),
    "BatchNormalization": Kind(
        BatchNorm,
        {"momentum": "momentum", "epsilon": "epsilon"},
        allowed={**_NORM, **_BATCH_NORM},
        arrays={**_SCALE, "moving_mean": "mean", "moving_variance": "variance"},
        arguments=_batch_norm,
        **_NORMALISING,
    ),
    "LayerNormalization": Kind(
        LayerNorm,
        {"epsilon": "epsilon"},
        allowed={**_NORM, "rms_scaling": _FALSE},
        arrays=_SCALE,
        arguments=_layer_norm,
        **_NORMALISING,
    ),
    "Embedding": Kind(
        Embedding,
        {"input_dim": "n_in", "output_dim": "n_out"},
        allowed={"mask_zero": _FALSE, "sparse": _FALSE, **_start("embeddings"), **_NEVER},
        arrays={"embeddings": "W"},
        arguments=lambda options, take, shape, dtype: {"W": take("embeddings"), "dtype": dtype},
    ),
    "Dropout": Kind(Dropout, {"rate": "rate"}, allowed={"noise_shape": _NONE, "seed": ...}),
    "GaussianNoise": Kind(
        GaussianNoise, {"stddev": "stddev"}, allowed={"seed": ...}, write=_noise_options
    ),
    "Flatten": Kind(Flatten, allowed=_LAST),
    "Reshape": Kind(Reshape, {"target_shape": "shape"}),
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

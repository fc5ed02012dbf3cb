"""The layers that a file can hold: how Keras 2 and Keras 3 write each, and what it is here.

`KINDS` and `ACTIVATIONS` are all that a file can ask for: nothing is imported, called or evaluated
by a name that a file holds. A layer that is new in the library gets a line in one of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from minitheanonet.files.errors import RefusedError
from minitheanonet.layers import activations as act
from minitheanonet.layers.convolution import Conv2D
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.embedding import Embedding
from minitheanonet.layers.layer import Layer, Shape
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
    layer : type or None
        None if an option says which layer it is.
    known : Keras's option → our argument and attribute, or the values that it may have
        An argument is required, and the layer checks it. What has values may be left out, and is
        never written; ``...`` is any value.
    arrays : Keras's name → our parameter's or state's
    flags : option → the one of our arrays that it says is there
        Required.
    others : option → what is written
        Required too; an ``activation`` becomes a layer of its own.
    """

    layer: type[Layer] | None
    known: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, str]:
        """Keras's options that are arguments here."""
        return {key: ours for key, ours in self.known.items() if isinstance(ours, str)}

    def check(self, options: Options, *also: str) -> None:
        """Refuse options that are missing, unknown, or of no value that they can have here."""
        required = ("name", *self.numbers, *self.flags, *self.others)
        known = {**self.known, **dict.fromkeys(("trainable", *self.flags), (True, False))}
        known |= dict.fromkeys(("name", "dtype", *self.numbers, *self.others, *also), ...)
        for key in [*required, *options]:
            if key not in options:
                raise RefusedError(f"its {key} is missing")
            value, values = options[key], known.get(key, ())
            if values is not ... and not any(type(v) is type(value) and v == value for v in values):
                reason = f"its {key[:80]} is {value!r:.80}, which nothing here can have"
                raise RefusedError(reason, "Save the model without it")

    def arguments(self, options: Options, take: Callable, shape: Shape, dtype: str) -> Options:
        """Return the layer's arguments for input examples of a shape; `take` gives its arrays."""
        if "axis" in self.others and options["axis"] not in (-1, [-1], len(shape), [len(shape)]):
            reason = f"its axis is {options['axis']!r:.50}, and only the last can be normalised"
            raise RefusedError(reason, "Put the features last")
        features = shape[-1] if shape else 0
        told = {"n": features, "n_in": features, "dtype": dtype}
        asked = inspect.signature(self.layer).parameters
        absent = {ours for flag, ours in self.flags.items() if not options[flag]}
        return {
            **{name: value for name, value in told.items() if name in asked},
            **{ours: options[key] for key, ours in self.numbers.items()},
            **{ours: None if ours in absent else take(key) for key, ours in self.arrays.items()},
        }

    def options(self, layer: Layer) -> Options:
        """Return what is written of a layer, beside its name and what every layer has."""
        numbers = {key: getattr(layer, ours) for key, ours in self.numbers.items()}
        flags = {flag: getattr(layer, ours) is not None for flag, ours in self.flags.items()}
        return {**numbers, **self.others, **flags}


def _start(*names: str) -> dict[str, Any]:
    """Return the options of arrays: how they began says nothing here, and they are free."""
    values = {"initializer": ..., "regularizer": _NONE, "constraint": _NONE}
    return {f"{name}_{key}": value for name in names for key, value in values.items()}


_NONE, _FALSE, _ZERO = (None,), (False,), (0, 0.0)
_NEVER = dict.fromkeys(("activity_regularizer", "lora_rank", "quantization_config"), _NONE)
_DENSE = {**_start("kernel", "bias"), **_NEVER}
_LAST = {"data_format": ("channels_last",)}
_STEPS = {"strides": "strides", "padding": "padding", **_LAST}
_CONVOLUTION = {"kernel_size": "size", "dilation_rate": "dilation", "groups": (1,), **_STEPS}
_POOL = {"pool_size": "size", **_STEPS}
_NORM = {"epsilon": "epsilon", **_start("gamma", "beta")}
_BATCH_NORM = {
    **{"momentum": "momentum", "moving_mean_initializer": ..., "moving_variance_initializer": ...},
    **{"synchronized": _FALSE, "renorm": _FALSE, "renorm_clipping": _NONE, "renorm_momentum": ...},
}
_EMBEDDING = {"mask_zero": _FALSE, "sparse": _FALSE, **_start("embeddings"), **_NEVER}

# The arrays, flags and other options of two kinds each.
_KERNEL, _SCALE = {"kernel": "W", "bias": "b"}, {"gamma": "gamma", "beta": "beta"}
_AVERAGES = {**_SCALE, "moving_mean": "mean", "moving_variance": "variance"}
_WEIGHTED: Options = {"flags": {"use_bias": "b"}, "others": {"activation": "linear"}}
_NORMALISING: Options = {"flags": {"center": "beta", "scale": "gamma"}, "others": {"axis": -1}}

INPUT = Kind(None, dict.fromkeys(("sparse", "ragged", "optional"), _FALSE))
KINDS = {
    "Dense": Kind(Dense, {"units": "n_out", **_DENSE}, _KERNEL, **_WEIGHTED),
    "Conv2D": Kind(Conv2D, {"filters": "n_out", **_CONVOLUTION, **_DENSE}, _KERNEL, **_WEIGHTED),
    "MaxPooling2D": Kind(MaxPool2D, _POOL),
    "AveragePooling2D": Kind(AveragePool2D, _POOL),
    "GlobalAveragePooling2D": Kind(GlobalAveragePool2D, {"keepdims": _FALSE, **_LAST}),
    "BatchNormalization": Kind(BatchNorm, {**_NORM, **_BATCH_NORM}, _AVERAGES, **_NORMALISING),
    "LayerNormalization": Kind(LayerNorm, {"rms_scaling": _FALSE, **_NORM}, _SCALE, **_NORMALISING),
    "Embedding": Kind(
        Embedding, {"input_dim": "n_in", "output_dim": "n_out", **_EMBEDDING}, {"embeddings": "W"}
    ),
    "Dropout": Kind(Dropout, {"rate": "rate", "noise_shape": _NONE, "seed": ...}),
    "GaussianNoise": Kind(GaussianNoise, {"stddev": "stddev", "seed": ...}),
    "Flatten": Kind(Flatten, _LAST),
    "Reshape": Kind(Reshape, {"target_shape": "shape"}),
    "Rescaling": Kind(Rescale, {"scale": "scale", "offset": "offset"}),
    "ReLU": Kind(act.ReLU, {"max_value": _NONE, "negative_slope": _ZERO, "threshold": _ZERO}),
    "LeakyReLU": Kind(act.LeakyReLU, {"negative_slope": "slope"}),
    "ELU": Kind(act.ELU, {"alpha": "alpha"}),
    "Softmax": Kind(act.Softmax, {"axis": (-1, [-1])}),
    "Activation": Kind(None, others={"activation": "linear"}),
    "Sequential": Kind(None, {"build_input_shape": ...}, others={"layers": []}),
}

# What Keras's Activation, and an option of that name, may be; "linear" is no layer at all.
_SAME = (act.Sigmoid, act.Tanh, act.GELU, act.Softplus, act.ReLU, act.Softmax, act.ELU)
ACTIVATIONS: dict[str, Callable[..., Layer]] = {kind.__name__.lower(): kind for kind in _SAME}
ACTIVATIONS["leaky_relu"] = lambda name: act.LeakyReLU(0.2, name=name)


def kind_of(layer: Layer, name: str) -> tuple[str, Kind, Options]:
    """Return how Keras calls the class of a layer, its kind and its options.

    Raises
    ------
    RefusedError
        If Keras has no such layer; `name` is what the network calls it.
    """
    if isinstance(layer, Conv2D) and max(layer.strides) > 1 and max(layer.dilation) > 1:
        reason = f"{layer!r} has strides and dilation, which Keras takes one of"
        raise RefusedError(reason, "Leave one of them at 1, or save a Checkpoint")
    if isinstance(layer, GaussianNoise) and layer.stddev > 1:
        reason = f"{layer!r} has a standard deviation above 1, which Keras refuses"
        raise RefusedError(reason, "Scale the layer's input, or save a Checkpoint")
    for class_name, kind in KINDS.items():
        if kind.layer is type(layer):
            return class_name, kind, kind.options(layer)
    if type(layer) in _SAME:
        return "Activation", KINDS["Activation"], {"activation": type(layer).__name__.lower()}
    reason = f"{name} is a {type(layer).__name__}, which a model file doesn't know"
    raise RefusedError(reason, "Save its values() yourself, or a Checkpoint, which holds any layer")

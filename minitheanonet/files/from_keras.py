"""The architecture from the configuration that Keras wrote, by a fixed table of names.

Nothing is imported, called or evaluated by a name that a file holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitheanonet.files import spec
from minitheanonet.files.errors import RefusedError
from minitheanonet.files.keras_options import (
    Config,
    check_neutral,
    class_name_of,
    dtype_of,
    input_shape_of,
    length,
    option,
)
from minitheanonet.files.limits import MAX_DEPTH, MAX_LAYERS
from minitheanonet.files.spec import LayerSpec, NetworkSpec, Shape

__all__ = ["from_keras"]

_ACTIVATIONS = {"relu": "ReLU", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax"}


def from_keras(config: Any) -> NetworkSpec:
    """Return the architecture that a Keras configuration describes.

    Activations inside Dense become layers of their own, named ``<layer>_<activation>``.

    Raises
    ------
    RefusedError
        If a layer has no equal here; the reason names it.
    """
    if class_name_of(config) != "Sequential":
        raise RefusedError(f"it is a {class_name_of(config)[:50]} model", "Save a Sequential")
    name = option(config["config"], "name", str, "the model")
    dtypes: dict[str, str] = {}
    layers, shape = _layers(config["config"], None, dtypes, 1)
    for layer, dtype in dtypes.items():
        if dtype != next(iter(dtypes.values())) or dtype not in spec.DTYPES:
            raise RefusedError(
                f"{layer} computes in {dtype[:50]}", "Use float32 or float64 throughout"
            )
    network = NetworkSpec(name, shape, next(iter(dtypes.values()), "float32"), layers)
    spec.check(network)
    return network


def _layers(
    config: Config, shape: Shape | None, dtypes: dict[str, str], depth: int
) -> tuple[tuple[LayerSpec, ...], Shape]:
    """Return the layers of a Sequential's configuration, and the shape of its input."""
    entries = option(config, "layers", list, "the model")
    if depth > MAX_DEPTH or len(entries) > MAX_LAYERS + 1:
        raise RefusedError(f"it has more than {MAX_LAYERS} layers, or {MAX_DEPTH} nested networks")
    first = input_shape_of(entries[0]) if entries else None
    if shape is None and first is None:
        raise RefusedError(
            "it doesn't say the shape of its input", "Save it after building or training"
        )
    start = shape = first or shape
    for entry in entries:
        class_name_of(entry)  # refuses what is no layer at all
    names = [entry["config"].get("name") for entry in entries]
    layers: list[LayerSpec] = []
    for number, entry in enumerate(entries):
        if number == 0 and class_name_of(entry) == "InputLayer":
            check_neutral(entry["config"], "the input layer")
            continue
        layers += _layer(entry, shape, names, dtypes, depth)
        shape = layers[-1].output_shape if layers else shape
    if not layers:
        raise RefusedError("a network in it has no layers", "Save one that has")
    return tuple(layers), start


def _layer(
    entry: Any, shape: Shape, names: list[str], dtypes: dict[str, str], depth: int
) -> list[LayerSpec]:
    """Return the one or two layers that an entry of the configuration stands for, or none."""
    class_name, config = class_name_of(entry), entry["config"]
    name = option(config, "name", str, f"a layer of class {class_name[:50]}")
    if class_name == "Sequential":
        inner, start = _layers(config, shape, dtypes, depth + 1)
        if start != shape:
            raise RefusedError(f"{name}: its input is {start}, and it is given {shape}")
        return [LayerSpec("Sequential", name, shape, layers=inner)]
    reader = _READERS.get(class_name)
    if reader is None:
        raise RefusedError(
            f"{name} is a {class_name[:50]}, and of Keras's layers this library has "
            f"{', '.join(_READERS)} and Sequential",
            "Build the model of these",
        )
    check_neutral(config, name)
    dtypes[name] = dtype_of(config.get("dtype", "float32"))
    return reader(name, config, shape, names)


def _dense(name: str, config: Config, shape: Shape, names: list[str]) -> list[LayerSpec]:
    units = length(config.get("units"), name)
    use_bias = option(config, "use_bias", bool, name)
    dense = LayerSpec("Dense", name, shape, units, use_bias)
    activation = config.get("activation", "linear")
    own_name = f"{name}_{activation}"[: len(name) + 20]
    while own_name in names:
        own_name += "_"
    return [dense, *_activated(own_name, activation, dense.output_shape, name)]


def _activation(name: str, config: Config, shape: Shape, names: list[str]) -> list[LayerSpec]:
    return _activated(name, config.get("activation"), shape, name)


def _dropout(name: str, config: Config, shape: Shape, names: list[str]) -> list[LayerSpec]:
    rate = config.get("rate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < 1:
        raise RefusedError(f"{name}: its rate is {rate!r:.50}", "Use one in [0, 1)")
    return [LayerSpec("Dropout", name, shape, rate=float(rate))]


def _plain(kind: str) -> Callable[..., list[LayerSpec]]:
    return lambda name, config, shape, names: [LayerSpec(kind, name, shape)]


_READERS: dict[str, Callable[[str, Config, Shape, list[str]], list[LayerSpec]]] = {
    "Dense": _dense,
    "Activation": _activation,
    "ReLU": _plain("ReLU"),
    "Softmax": _plain("Softmax"),
    "Dropout": _dropout,
    "Flatten": _plain("Flatten"),
}


def _activated(own_name: str, activation: Any, shape: Shape, name: str) -> list[LayerSpec]:
    if activation == "linear":
        return []
    kind = _ACTIVATIONS.get(activation) if isinstance(activation, str) else None
    if kind is None:
        known = ", ".join(["linear", *_ACTIVATIONS])
        raise RefusedError(f"{name}: its activation is {activation!r:.50}", f"Use one of {known}")
    return [LayerSpec(kind, own_name, shape)]

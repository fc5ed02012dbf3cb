"""A network's architecture as plain data: what its file says, before any network is built."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from minitheanonet.files.errors import RefusedError
from minitheanonet.files.limits import MAX_DEPTH, MAX_LAYERS, MAX_NAME_BYTES

__all__ = ["DTYPES", "KINDS", "ArraySpec", "LayerSpec", "NetworkSpec", "arrays_of", "check"]

Shape = tuple[int, ...]

KINDS = ("Dense", "ReLU", "Sigmoid", "Tanh", "Softmax", "Dropout", "Flatten", "Sequential")
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class LayerSpec:
    """One layer: what it is, its name, and what its kind needs to know."""

    kind: str
    name: str
    input_shape: Shape
    units: int = 0  # of Dense
    use_bias: bool = False  # of Dense
    rate: float = 0.0  # of Dropout
    layers: tuple[LayerSpec, ...] = ()  # of Sequential

    @property
    def output_shape(self) -> Shape:
        """The shape of one output example."""
        if self.kind == "Dense":
            return (self.units,)
        if self.kind == "Flatten":
            return (math.prod(self.input_shape),)
        return self.layers[-1].output_shape if self.layers else self.input_shape


@dataclass(frozen=True)
class NetworkSpec:
    """A whole network: its layers in order, the shape of one input example, and its dtype."""

    name: str
    input_shape: Shape
    dtype: str
    layers: tuple[LayerSpec, ...]


@dataclass(frozen=True)
class ArraySpec:
    """One array: the outermost layer that it belongs to, its name there (Keras's), its shape."""

    layer: str
    name: str
    shape: Shape


def arrays_of(network: NetworkSpec) -> list[ArraySpec]:
    """Return the arrays of a network, in the order in which Keras lists them."""
    return [
        ArraySpec(layer.name, name, shape)
        for layer in network.layers
        for name, shape in _arrays(layer, f"{layer.name}/" if layer.kind == "Dense" else "")
    ]


def check(network: NetworkSpec) -> None:
    """Refuse a network that a file can't hold: too many layers, names that HDF5 can't bear."""
    if _count(network.layers, 1) > MAX_LAYERS:
        raise RefusedError(f"the network has more than {MAX_LAYERS} layers", "Use fewer")
    if not network.name:
        raise RefusedError("the network's name is empty", "Give it a name")
    _check_layers(network.layers)


def _arrays(layer: LayerSpec, prefix: str) -> Iterator[tuple[str, Shape]]:
    if layer.kind == "Dense":
        yield f"{prefix}kernel", (*layer.input_shape, layer.units)
        if layer.use_bias:
            yield f"{prefix}bias", (layer.units,)
    for inner in layer.layers:
        yield from _arrays(inner, f"{prefix}{inner.name}/")


def _count(layers: tuple[LayerSpec, ...], depth: int) -> int:
    if depth > MAX_DEPTH:
        raise RefusedError(
            f"networks are nested more than {MAX_DEPTH} deep", "Nest them less deeply"
        )
    inner = (_count(layer.layers, depth + 1) for layer in layers if layer.layers)
    return len(layers) + sum(inner)


def _check_layers(layers: tuple[LayerSpec, ...]) -> None:
    names = set()
    for layer in layers:
        _check_name(layer.name)
        if layer.name in names:
            raise RefusedError(
                f"the name {layer.name!r} stands for two places in the network",
                "Give each place a layer of its own, with a name of its own",
            )
        names.add(layer.name)
        _check_input(layer)
        _check_layers(layer.layers)


def _check_name(name: str) -> None:
    if not name.isprintable() or "/" in name or name in ("", ".", "..", "top_level_model_weights"):
        raise RefusedError(
            f"the layer name {name[:50]!r} can't stand in a file", "Choose another name"
        )
    if len(name.encode("utf-8")) > MAX_NAME_BYTES:
        raise RefusedError(f"the layer name {name[:50]!r}... is too long", "Choose a shorter name")


def _check_input(layer: LayerSpec) -> None:
    if layer.kind in ("Dense", "Softmax") and len(layer.input_shape) != 1:
        raise RefusedError(
            f"{layer.name}: {layer.kind} takes vectors here, not examples of shape "
            f"{layer.input_shape}",
            "Put a Flatten before it",
        )

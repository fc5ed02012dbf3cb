"""From a network to its architecture and arrays, and back: where files meet layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minitheanonet.engine import SharedVariable
from minitheanonet.files import spec
from minitheanonet.files.errors import RefusedError
from minitheanonet.files.spec import LayerSpec, NetworkSpec
from minitheanonet.layers import Dense, Dropout, Flatten, Layer, ReLU, Sigmoid, Softmax, Tanh
from minitheanonet.sequential import Sequential

__all__ = ["build", "spec_of", "values_of", "variables_of"]

_CLASSES = {
    layer.__name__: layer
    for layer in (Dense, ReLU, Sigmoid, Tanh, Softmax, Dropout, Flatten, Sequential)
}


def spec_of(network: Sequential) -> NetworkSpec:
    """Return the architecture of a network.

    Raises
    ------
    RefusedError
        If a file couldn't hold it faithfully: a layer of another class, tied or frozen weights,
        an input of unknown shape.
    """
    if network.expected_shape is None:
        raise RefusedError(
            f"the network doesn't know the shape of its input, since {network.layers[0].name} "
            "takes any",
            "Build it with Sequential(..., input_shape=...)",
        )
    layers = _layer_specs(network, network.expected_shape)
    found = NetworkSpec(network.name, network.expected_shape, network.dtype, layers)
    spec.check(found)
    _check_parameters(network)
    return found


def variables_of(network: Sequential) -> list[SharedVariable]:
    """Return the parameters in the order of `spec.arrays_of`."""
    return [variable for layer in _dense_layers(network) for variable in layer.parameters.values()]


def values_of(network: Sequential, architecture: NetworkSpec) -> list[np.ndarray]:
    """Return the parameters' values in the order of `spec.arrays_of`.

    Raises
    ------
    RefusedError
        If one was set to an array of another shape: the file could not be loaded.
    """
    values = [variable.get_value(borrow=True) for variable in variables_of(network)]
    for value, array in zip(values, spec.arrays_of(architecture), strict=True):
        if value.shape != array.shape:
            raise RefusedError(
                f"{array.layer}: its {array.name} was set to an array of shape {value.shape}, and "
                f"the layer is one of shape {array.shape}",
                "Set it to an array of that shape",
            )
    return values


def build(architecture: NetworkSpec, arrays: Sequence[np.ndarray], seed: int | None) -> Sequential:
    """Return the network of an architecture, with these arrays as its parameters."""
    remaining = iter(arrays)
    layers = [_layer(layer, architecture.dtype, remaining) for layer in architecture.layers]
    shape = architecture.input_shape
    return Sequential(*layers, seed=seed, input_shape=shape, name=architecture.name)


def _layer_specs(network: Sequential, shape: tuple[int, ...]) -> tuple[LayerSpec, ...]:
    specs = []
    for layer in network.layers:
        specs.append(_layer_spec(layer, shape))
        shape = specs[-1].output_shape
    return tuple(specs)


def _layer_spec(layer: Layer, shape: tuple[int, ...]) -> LayerSpec:
    kind = type(layer).__name__
    if _CLASSES.get(kind) is not type(layer):
        raise RefusedError(
            f"{layer.name} is a {kind}, and a file holds only {', '.join(_CLASSES)}",
            "Save its parameters yourself, or build the network of these",
        )
    if isinstance(layer, Dense):
        return LayerSpec(kind, layer.name, shape, layer.n_out, "b" in layer.parameters)
    if isinstance(layer, Dropout):
        return LayerSpec(kind, layer.name, shape, rate=layer.rate)
    if isinstance(layer, Sequential):
        return LayerSpec(kind, layer.name, shape, layers=_layer_specs(layer, shape))
    return LayerSpec(kind, layer.name, shape)


def _check_parameters(network: Sequential) -> None:
    """Refuse parameters that are no arrays of their own, or of several dtypes."""
    owners: dict[SharedVariable, str] = {}
    for layer in _dense_layers(network):
        if layer.dtype != network.dtype:
            raise RefusedError(
                f"{layer.name} is {layer.dtype}, and a file holds networks that are float32 or "
                "float64 throughout",
                f'Build it with dtype="{network.dtype}"',
            )
        for key, variable in layer.parameters.items():
            if not isinstance(variable, SharedVariable):
                raise RefusedError(
                    f"{layer.name}: its {key} is a symbolic expression (tied or frozen), and a "
                    "file holds arrays only",
                    f"Give the layer an array: {key}=array",
                )
            if variable in owners:
                raise RefusedError(
                    f"{layer.name}: its {key} is the same variable as that of "
                    f"{owners[variable]}, and a file would lose the tie",
                    f"Give the layer a copy: {key}=variable.get_value()",
                )
            owners[variable] = layer.name


def _dense_layers(network: Sequential) -> Iterator[Dense]:
    for layer in network.layers:
        if isinstance(layer, Sequential):
            yield from _dense_layers(layer)
        elif isinstance(layer, Dense):
            yield layer


def _layer(layer: LayerSpec, dtype: str, arrays: Iterator[np.ndarray]) -> Layer:
    if layer.kind == "Dense":
        weights = next(arrays)
        biases = next(arrays) if layer.use_bias else None
        return Dense(*weights.shape, W=weights, b=biases, name=layer.name, dtype=dtype)
    if layer.kind == "Dropout":
        return Dropout(layer.rate, name=layer.name)
    if layer.kind == "Sequential":
        inner = [_layer(one, dtype, arrays) for one in layer.layers]
        return Sequential(*inner, input_shape=layer.input_shape, name=layer.name)
    return _CLASSES[layer.kind](name=layer.name)

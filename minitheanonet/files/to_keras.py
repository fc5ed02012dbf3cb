"""The architecture as the configuration that Keras 2 and Keras 3 read: JSON of a Sequential."""

from __future__ import annotations

from typing import Any

from minitheanonet.files.spec import LayerSpec, NetworkSpec, Shape

__all__ = ["to_keras"]

_ACTIVATIONS = {"ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh"}


def to_keras(network: NetworkSpec) -> dict[str, Any]:
    """Return the configuration of a Keras Sequential that predicts as `network` does."""
    return _sequential(network.name, network.input_shape, network.dtype, network.layers)


def _sequential(
    name: str, shape: Shape, dtype: str, layers: tuple[LayerSpec, ...]
) -> dict[str, Any]:
    input_name = "input"
    while input_name in {layer.name for layer in layers}:
        input_name += "_"
    options = {"name": input_name, "dtype": dtype, "batch_input_shape": [None, *shape]}
    entries = [{"class_name": "InputLayer", "config": options}]
    entries += [_layer_config(layer, dtype) for layer in layers]
    return {"class_name": "Sequential", "config": {"name": name, "layers": entries}}


def _layer_config(layer: LayerSpec, dtype: str) -> dict[str, Any]:
    if layer.kind == "Sequential":
        return _sequential(layer.name, layer.input_shape, dtype, layer.layers)
    options: dict[str, Any] = {"name": layer.name, "dtype": dtype}
    class_name = layer.kind
    if layer.kind == "Dense":
        options |= {"units": layer.units, "activation": "linear", "use_bias": layer.use_bias}
    elif layer.kind == "Dropout":
        options["rate"] = layer.rate
    elif layer.kind == "Softmax":
        options["axis"] = -1
    elif layer.kind in _ACTIVATIONS:
        class_name, options["activation"] = "Activation", _ACTIVATIONS[layer.kind]
    return {"class_name": class_name, "config": options}

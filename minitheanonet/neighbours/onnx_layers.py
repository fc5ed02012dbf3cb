"""How each layer is written in ONNX.

A layer that is new gets a line in `WRITERS`: a function of (graph, layer, name of the input) that
adds the layer's operations to the graph, and returns the name of the output.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitheanonet.layers import activations as act
from minitheanonet.layers.combining import Concatenate, Residual
from minitheanonet.layers.convolution import Conv2D
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.embedding import Embedding
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.noise import GaussianNoise
from minitheanonet.layers.normalization import BatchNorm, LayerNorm
from minitheanonet.layers.pooling import AveragePool2D, GlobalAveragePool2D, MaxPool2D
from minitheanonet.layers.sequential import Sequential
from minitheanonet.layers.shaping import Flatten, Rescale, Reshape
from minitheanonet.neighbours.onnx_graph import Graph, Writer


def _sequential(graph: Graph, network: Sequential, x: str) -> str:
    for name, layer, _ in network.parts():
        x = graph.layer(layer, x, name)
    return x


def _dense(graph: Graph, layer: Dense, x: str) -> str:
    product = graph.add("MatMul", x, layer.W)
    return product if layer.b is None else graph.add("Add", product, layer.b)


def _rescale(graph: Graph, layer: Rescale, x: str) -> str:
    scaled = graph.add("Mul", graph.cast(x), layer.scale)
    return graph.add("Add", scaled, layer.offset) if layer.offset else scaled


def _gelu(graph: Graph, layer: act.GELU, x: str) -> str:
    error = graph.add("Erf", graph.add("Mul", x, math.sqrt(0.5)))
    return graph.add("Mul", graph.add("Mul", x, 0.5), graph.add("Add", error, 1))


def _residual(graph: Graph, network: Residual, x: str) -> str:
    return graph.add("Add", x, _sequential(graph, network, x))


def _concatenate(graph: Graph, network: Concatenate, x: str) -> str:
    branches = [graph.layer(layer, x, name) for name, layer, _ in network.parts()]
    return graph.add("Concat", *branches, axis=-1)


def _convolution(graph: Graph, layer: Conv2D, x: str) -> str:
    kernel = graph.add("Transpose", layer.W, perm=[3, 2, 0, 1])
    bias = () if layer.b is None else (layer.b,)
    return _on_images(graph, layer, "Conv", x, kernel, *bias, dilations=layer.dilation)


def _pooling(operation: str) -> Writer:
    def write(graph: Graph, layer: MaxPool2D, x: str) -> str:
        return _on_images(graph, layer, operation, x, kernel_shape=layer.size)

    return write


def _on_images(
    graph: Graph, layer: Any, operation: str, x: str, *others: Any, **attributes: Any
) -> str:
    """Add an operation on windows of images, which ONNX has with the channels first."""
    pads = "SAME_UPPER" if layer.padding == "same" else "VALID"
    x = graph.add("Transpose", x, perm=[0, 3, 1, 2])
    y = graph.add(operation, x, *others, strides=layer.strides, auto_pad=pads, **attributes)
    return graph.add("Transpose", y, perm=[0, 2, 3, 1])


def _batch_norm(graph: Graph, layer: BatchNorm, x: str) -> str:
    deviation = graph.add("Sqrt", graph.add("Add", layer.variance, layer.epsilon))
    x = graph.add("Div", graph.add("Sub", x, layer.mean), deviation)
    return _scaled(graph, layer, x)


def _layer_norm(graph: Graph, layer: LayerNorm, x: str) -> str:
    x = graph.add("LayerNormalization", x, np.ones(layer.n, layer.dtype), epsilon=layer.epsilon)
    return _scaled(graph, layer, x)


def _scaled(graph: Graph, layer: Any, x: str) -> str:
    x = x if layer.gamma is None else graph.add("Mul", x, layer.gamma)
    return x if layer.beta is None else graph.add("Add", x, layer.beta)


def _reshape(graph: Graph, layer: Reshape, x: str) -> str:
    # 0 keeps the batch's length.
    return graph.add("Reshape", x, np.array([0, *layer.shape], "int64"))


WRITERS: dict[type[Layer], Writer] = {
    Sequential: _sequential,
    Residual: _residual,
    Concatenate: _concatenate,
    Dense: _dense,
    Conv2D: _convolution,
    MaxPool2D: _pooling("MaxPool"),
    AveragePool2D: _pooling("AveragePool"),
    GlobalAveragePool2D: lambda graph, layer, x: graph.add(
        "ReduceMean", x, axes=[1, 2], keepdims=0
    ),
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    Embedding: lambda graph, layer, x: graph.add("Gather", layer.W, x),
    Dropout: lambda graph, layer, x: x,
    GaussianNoise: lambda graph, layer, x: x,
    Reshape: _reshape,
    Flatten: lambda graph, layer, x: graph.add("Flatten", x),
    Rescale: _rescale,
    act.ReLU: lambda graph, layer, x: graph.add("Relu", x),
    act.LeakyReLU: lambda graph, layer, x: graph.add("LeakyRelu", x, alpha=layer.slope),
    act.ELU: lambda graph, layer, x: graph.add("Elu", x, alpha=layer.alpha),
    act.GELU: _gelu,
    act.Softplus: lambda graph, layer, x: graph.add("Softplus", x),
    act.Sigmoid: lambda graph, layer, x: graph.add("Sigmoid", x),
    act.Tanh: lambda graph, layer, x: graph.add("Tanh", x),
    act.Softmax: lambda graph, layer, x: graph.add("Softmax", x, axis=-1),
}

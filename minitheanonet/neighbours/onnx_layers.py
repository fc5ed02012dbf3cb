"""How each layer is written in ONNX.

A layer that is new gets a line in `WRITERS`: a function of (graph, layer, name of the input) that
adds the layer's operations to the graph, and returns the name of the output.
"""

from __future__ import annotations

import math

from minitheanonet.layers import activations as act
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.sequential import Sequential
from minitheanonet.layers.shaping import Flatten, Rescale
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


WRITERS: dict[type[Layer], Writer] = {
    Sequential: _sequential,
    Dense: _dense,
    Dropout: lambda graph, layer, x: x,
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

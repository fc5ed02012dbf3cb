"""Networks as ONNX files, which ONNX Runtime and many other programs predict with.

`WRITERS` has a function for each class of layer: (graph, layer, name of the input) → name of the
output, adding on the way what lies between. A layer that is new gets a function and a line there.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from minitheanonet.checks import checked_path
from minitheanonet.engine import SharedVariable, Variable, function, leaves
from minitheanonet.files.errors import RefusedError, about
from minitheanonet.files.whole import write_whole
from minitheanonet.layers import activations as act
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.sequential import Sequential
from minitheanonet.layers.shaping import Flatten, Rescale
from minitheanonet.neighbours.extras import imported
from minitheanonet.version import __version__

_OPSET = 17  # ONNX 1.12, of 2022: the first with layer normalisation


def export_onnx(
    network: Layer,
    path: str | os.PathLike[str],
    *,
    input_dtype: str | None = None,
    classes: Sequence[str] | None = None,
) -> None:
    """Write the network's prediction as an ONNX file, for batches of any size.

    Parameters
    ----------
    network : Layer
        Of this library's layers. Tied weights are written as what they are now.
    path : str or os.PathLike
        Must end in ``.onnx``. A file that is there already is replaced, in one step.
    input_dtype : str, optional
        What the file's program gives: another dtype than the network's is cast first. By default
        the network's own, and ``"uint8"`` if it begins with a `Rescale`, which takes pixels.
    classes : sequence of str, optional
        What the outputs stand for: kept as JSON among the file's metadata, as ``classes``.

    Raises
    ------
    ModelFileError
        If a layer has no form in ONNX here, or a parameter no value (the message names it), the
        shape of the input is unknown, or the file can't be written. Then nothing was changed.
    ImportError
        If onnx is not installed: it is the extra ``minitheanonet[onnx]``.
    TypeError, ValueError
        If `network` is no layer, or `path` no path that ends in ``.onnx``.

    Notes
    -----
    The input is called ``input`` and the output ``output``. Parameters bear their paths, and
    every operation the path of its layer. Dense networks consist of MatMul, Add, Relu, Tanh,
    Sigmoid and Softmax. Dropout, which predictions have none of, is left out.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> import onnx
    >>> net = mtn.Sequential(mtn.Dense(4, 3), mtn.ReLU(), mtn.Dense(3, 2), mtn.Softmax(), seed=0)
    >>> mtn.export_onnx(net, "m.onnx")
    >>> [node.op_type for node in onnx.load("m.onnx").graph.node]
    ['MatMul', 'Add', 'Relu', 'MatMul', 'Add', 'Softmax']
    """
    path = checked_path(path, "export_onnx: path")
    if path.suffix != ".onnx":
        raise ValueError(f"export_onnx: path must end in .onnx, got {str(path)!r}.")
    if not isinstance(network, Layer):
        raise TypeError(f"export_onnx: network must be a layer, got {network!r:.60}.")
    dtype = np.dtype(input_dtype or ("uint8" if network.takes_integers else network.dtype))
    if dtype.kind not in "fiub":
        raise ValueError(f'export_onnx: input_dtype must be numbers, "uint8" say, got {dtype}.')
    onnx = imported("onnx", "onnx")
    with about(path):
        model = _model(onnx, network, dtype)
    if classes is not None:
        model.metadata_props.add(key="classes", value=json.dumps([str(name) for name in classes]))
    onnx.checker.check_model(model, full_check=True)
    write_whole(path, model.SerializeToString(), over_any=True)


@dataclass(frozen=True)
class Graph:
    """An ONNX graph that grows, as seen from one layer of the network.

    Attributes
    ----------
    onnx : module
    dtype : str
        In which the network computes.
    names : dict of variable to str
        The paths of parameters and states.
    path : str
        Of the layer.
    nodes : list of NodeProto
    arrays : dict of str to array
    """

    onnx: Any
    dtype: str
    names: dict[Variable, str]
    path: str = ""
    nodes: list[Any] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, operation: str, *inputs: Any, **attributes: Any) -> str:
        """Add an operation, and return the name of its output.

        Inputs are names of what was there before, or variables, arrays and numbers.
        """
        names = [given if isinstance(given, str) else self.array(given) for given in inputs]
        output = f"{self.path}/{operation}_{len(self.nodes)}".lstrip("/")
        make = self.onnx.helper.make_node
        self.nodes.append(make(operation, names, [output], name=output, **attributes))
        return output

    def array(self, value: Any) -> str:
        """Return the name of an array of the file: a parameter, a state, or a constant."""
        name = f"constant_{len(self.arrays)}"
        if isinstance(value, Variable):
            name, value = self.names[value], _value(value, self.names)
        is_number = isinstance(value, float | int)
        self.arrays[name] = np.asarray(value, self.dtype if is_number else None)
        return name

    def cast(self, x: str) -> str:
        """Add a cast to the network's dtype, and return the name of its output."""
        dtype = self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(self.dtype))
        return self.add("Cast", x, to=dtype)

    def layer(self, layer: Layer, x: str, name: str = "") -> str:
        """Add a layer of this one, which is called `name` in it, and return its output's name."""
        here = replace(self, path=f"{self.path}/{name}".strip("/"))
        if type(layer) not in WRITERS:
            known = ", ".join(kind.__name__ for kind in WRITERS)
            reason = f"{here.path or 'the network'} is a {type(layer).__name__}"
            raise RefusedError(f"{reason}, which has no form in ONNX here", f"Known are {known}")
        return WRITERS[type(layer)](here, layer, x)


def _model(onnx: Any, network: Layer, input_dtype: np.dtype) -> Any:
    """Return the model of a network whose input has this dtype."""
    shape, helper = network.input_shape, onnx.helper
    if shape is None:
        mend = "Build it with Sequential(..., input_shape=...)"
        raise RefusedError("the shape of the network's input is unknown", mend)
    graph = _graph(onnx, network, input_dtype)

    def end(name: str, dtype: np.dtype, lengths: Sequence[int]) -> Any:
        dtype = helper.np_dtype_to_tensor_dtype(dtype)
        return helper.make_tensor_value_info(name, dtype, ["batch", *lengths])

    x = end("input", input_dtype, shape)
    y = end("output", np.dtype(network.dtype), network.output_shape(shape))
    arrays = [onnx.numpy_helper.from_array(value, name) for name, value in graph.arrays.items()]
    opsets = [helper.make_opsetid("", _OPSET)]
    return helper.make_model(
        helper.make_graph(graph.nodes, network.label, [x], [y], arrays),
        opset_imports=opsets,
        ir_version=helper.find_min_ir_version_for(opsets),
        producer_name="minitheanonet",
        producer_version=__version__,
    )


def _graph(onnx: Any, network: Layer, input_dtype: np.dtype) -> Graph:
    """Return the network's operations and arrays, from "input" to "output"."""
    network.check_shapes()
    variables = {**network.parameters, **network.states}
    graph = Graph(onnx, network.dtype, {variable: path for path, variable in variables.items()})
    is_cast = input_dtype != network.dtype and not network.takes_integers
    x = graph.layer(network, graph.cast("input") if is_cast else "input")
    if not graph.nodes:
        graph.add("Identity", x)
    graph.nodes[-1].output[0] = "output"
    return graph


def _value(variable: Variable, names: Mapping[Variable, str]) -> np.ndarray:
    """Return what a parameter is now, an expression of others too."""
    if isinstance(variable, SharedVariable):
        return variable.get_value()
    own = {leaf for leaf in names if isinstance(leaf, SharedVariable)}
    if strangers := leaves([variable]) - own:
        reason = f"{names[variable]} is symbolic, and depends on {strangers.pop()}"
        raise RefusedError(reason, "Give the layer an array, or export net.replace({path: array})")
    return function([], variable, mode="FAST_COMPILE")()


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


WRITERS: dict[type[Layer], Callable[[Graph, Any, str], str]] = {
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

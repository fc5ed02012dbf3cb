"""Networks as ONNX files, which ONNX Runtime and many other programs predict with."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from minitheanonet.checks import checked_path
from minitheanonet.files.errors import RefusedError, about
from minitheanonet.files.whole import write_whole
from minitheanonet.layers.layer import Layer
from minitheanonet.neighbours.extras import imported
from minitheanonet.neighbours.onnx_graph import Graph
from minitheanonet.neighbours.onnx_layers import WRITERS
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
        the network's own; ``"uint8"`` if it begins with a `Rescale`, which takes pixels, and
        ``"int64"`` if with an `Embedding`.
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
    dtype = np.dtype(input_dtype or _dtype_of(network))
    if dtype.kind not in "fiub":
        raise ValueError(f'export_onnx: input_dtype must be numbers, "uint8" say, got {dtype}.')
    onnx = imported("onnx", "onnx")
    with about(path):
        model = _model(onnx, network, dtype)
    if classes is not None:
        model.metadata_props.add(key="classes", value=json.dumps([str(name) for name in classes]))
    onnx.checker.check_model(model, full_check=True)
    write_whole(path, model.SerializeToString())


def _dtype_of(network: Layer) -> str:
    """Return the dtype that the network's input has as a rule."""
    if isinstance(network.takes_integers, range):  # a vocabulary's
        return "int64"
    return "uint8" if network.takes_integers else network.dtype


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
    names = {variable: path for path, variable in variables.items()}
    graph = Graph(onnx, network.dtype, names, WRITERS)
    is_cast = input_dtype != network.dtype and not network.takes_integers
    x = graph.layer(network, graph.cast("input") if is_cast else "input")
    if not graph.nodes:
        graph.add("Identity", x)
    graph.nodes[-1].output[0] = "output"
    return graph

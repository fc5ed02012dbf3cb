"""Parameters that a Lasagne script saved, into the same network built of our layers."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from minitheanonet.checks import checked_path
from minitheanonet.files.errors import RefusedError, about
from minitheanonet.files.whole import open_file
from minitheanonet.layers.convolution import Conv2D
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.layer import Layer, Shape
from minitheanonet.layers.sequential import Sequential
from minitheanonet.layers.shaping import Flatten

# What Lasagne's layer lists, in its order, under our names. One that is new here gets a line.
_ORDER: dict[type[Layer], tuple[str, ...]] = {Dense: ("W", "b"), Conv2D: ("W", "b")}

_MEND = "Give what np.savez(file, *lasagne.layers.get_all_param_values(net)) wrote"


def read_lasagne(path: str | os.PathLike[str], network: Layer) -> None:
    """Set a network's parameters to those that a Lasagne script saved.

    Parameters
    ----------
    path : str or os.PathLike
        What ``np.savez(file, *lasagne.layers.get_all_param_values(net))`` wrote: arrays without
        names, ``arr_0``, ``arr_1``, ..., in the order of the layers.
    network : Layer
        The same network, of this library's layers.

    Raises
    ------
    ModelFileError
        If the file is none, holds objects, or its arrays don't fit: the message names the array
        and the parameter. Then nothing was changed.
    TypeError
        If `network` is no layer, or `path` no path.

    Notes
    -----
    Nothing is unpickled: an array of objects is refused, and so is a pickle.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> np.savez("model.npz", np.ones((2, 3)), np.zeros(3))
    >>> net = mtn.Sequential(mtn.Dense(2, 3), mtn.Softmax(), seed=0)
    >>> mtn.read_lasagne("model.npz", net)
    >>> net.values()["dense_1/W"].tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    if not isinstance(network, Layer):
        raise TypeError(f"read_lasagne: network must be a layer, got {network!r:.60}.")
    with about(checked_path(path, "read_lasagne: path"), reading=True), open_file(path) as file:
        network.set_values(_fitting(file, network))


@dataclass(frozen=True)
class _Wanted:
    """A parameter: its shape in the file, and what makes ours of theirs."""

    shape: tuple[int, ...]
    ours: Callable[[np.ndarray], np.ndarray] = np.asarray


def _fitting(file: BinaryIO, network: Layer) -> dict[str, np.ndarray]:
    """Return the file's arrays by path, if there is one of the right shape for every parameter."""
    if not zipfile.is_zipfile(file):
        raise RefusedError("it is no .npz file", _MEND)
    saved, wanted = np.load(file, allow_pickle=False), _wanted(network)
    names = [f"arr_{number}" for number in range(len(wanted))]
    if set(saved.files) != set(names):
        reason = f"the network wants {len(names)}, for {', '.join(wanted)}"
        raise RefusedError(f"it holds {', '.join(saved.files):.80}, and {reason:.200}", _MEND)
    for name, (path, one) in zip(names, wanted.items(), strict=True):
        found = _shape(saved, name)  # before any memory is taken
        if found != one.shape:
            reason = f"{name} has shape {found}, and {path} is {one.shape} there"
            raise RefusedError(reason, "Build the network as the script did")
    return {
        path: one.ours(saved[name]) for name, (path, one) in zip(names, wanted.items(), strict=True)
    }


def _wanted(network: Layer) -> dict[str, _Wanted]:
    """Return the parameters by path, in Lasagne's order."""
    variables, wanted, image = network.variables(), {}, None
    for path, layer, shape in _visited(network, "", network.input_shape):
        if isinstance(layer, Flatten) and shape is not None and len(shape) == 3:
            image = shape
        for key in _ORDER.get(type(layer), ()):
            name = f"{path}/{key}".lstrip("/")
            if name in variables:
                wanted[name] = _one(variables[name].get_value().shape, image)
        if isinstance(layer, Dense):
            image = None
    if strangers := variables.keys() - wanted.keys():
        known = ", ".join(kind.__name__ for kind in _ORDER)
        reason = f"{min(strangers)} is of a layer that is not known from Lasagne"
        raise RefusedError(reason, f"Known are {known} and those without parameters")
    return wanted


def _one(shape: tuple[int, ...], image: Shape) -> _Wanted:
    """Return how Lasagne has an array of ours; `image` is what was flattened before a matrix.

    It has channels first, and turns kernels round, as the convolution of mathematics does.
    """
    if len(shape) == 4:
        rows, columns, n_in, n_out = shape
        return _Wanted(
            (n_out, n_in, rows, columns), lambda W: W[:, :, ::-1, ::-1].transpose(2, 3, 1, 0)
        )
    if len(shape) == 2 and image is not None:
        height, width, channels = image
        theirs = (channels, height, width, shape[1])
        return _Wanted(shape, lambda W: W.reshape(theirs).transpose(1, 2, 0, 3).reshape(shape))
    return _Wanted(shape)


def _visited(layer: Layer, path: str, shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
    """Yield (path, layer, shape of an input example) in the order in which data pass through."""
    yield path, layer, shape
    is_chain = isinstance(layer, Sequential)
    names = [name for name, *_ in layer.parts()] if is_chain else layer.children()
    for name in names:
        inner = layer.children()[name]
        yield from _visited(inner, f"{path}/{name}".lstrip("/"), shape)
        shape = inner.output_shape(shape) if is_chain else None


def _shape(saved: Any, name: str) -> tuple[int, ...]:
    """Return the shape that an array's header tells."""
    with saved.zip.open(f"{name}.npy") as member:
        np.lib.format.read_magic(member)  # version 1 for every array without named fields
        return np.lib.format.read_array_header_1_0(member)[0]

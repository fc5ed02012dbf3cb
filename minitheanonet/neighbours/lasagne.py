"""Parameters that a Lasagne script saved, into the same network built of our layers."""

from __future__ import annotations

import os
import zipfile
from typing import Any, BinaryIO

import numpy as np

from minitheanonet.checks import checked_path
from minitheanonet.files.errors import RefusedError, reading
from minitheanonet.files.whole import open_file
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.layer import Layer

# What Lasagne's layer lists, in its order, under our names. One that is new here gets a line.
_ORDER: dict[type[Layer], tuple[str, ...]] = {Dense: ("W", "b")}

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
    with reading(checked_path(path, "read_lasagne: path")), open_file(path) as file:
        network.set_values(_fitting(file, network))


def _fitting(file: BinaryIO, network: Layer) -> dict[str, np.ndarray]:
    """Return the file's arrays by path, if there is one of the right shape for every parameter."""
    if not zipfile.is_zipfile(file):
        raise RefusedError("it is no .npz file", _MEND)
    saved, paths = np.load(file, allow_pickle=False), _paths(network)
    names = [f"arr_{number}" for number in range(len(paths))]
    if set(saved.files) != set(names):
        wanted = f"the network wants {len(names)}, for {', '.join(paths)}"
        raise RefusedError(f"it holds {', '.join(saved.files):.80}, and {wanted:.200}", _MEND)
    for name, (path, shape) in zip(names, paths.items(), strict=True):
        found = _shape(saved, name)  # before any memory is taken
        if found != shape:
            reason = f"{name} has shape {found}, and {path} is {shape}"
            raise RefusedError(reason, "Build the network as the script did")
    return {path: saved[name] for name, path in zip(names, paths, strict=True)}


def _paths(network: Layer) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parameters by path, in Lasagne's order."""
    variables = network.variables()
    listed = (
        f"{path}/{key}".lstrip("/")
        for path, layer in network.walk()
        for key in _ORDER.get(type(layer), ())
    )
    paths = {path: variables[path].get_value().shape for path in listed if path in variables}
    if strangers := variables.keys() - paths.keys():
        known = ", ".join(kind.__name__ for kind in _ORDER)
        reason = f"{min(strangers)} is of a layer that is not known from Lasagne"
        raise RefusedError(reason, f"Known are {known} and those without parameters")
    return paths


def _shape(saved: Any, name: str) -> tuple[int, ...]:
    """Return the shape that an array's header tells."""
    with saved.zip.open(f"{name}.npy") as member:
        np.lib.format.read_magic(member)  # version 1 for every array without named fields
        return np.lib.format.read_array_header_1_0(member)[0]

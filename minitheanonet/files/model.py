"""Saving a network to one HDF5 file that Keras opens too, and loading what we or Keras saved."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minitheanonet.checks import checked_path, checked_seed, printable
from minitheanonet.files import hdf5
from minitheanonet.files.errors import ModelFileError, RefusedError, about
from minitheanonet.files.keras import describe, network_from
from minitheanonet.files.whole import FORMAT_VERSION, open_file, verify, write_model
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.sequential import Sequential
from minitheanonet.version import __version__


def save_model(
    network: Sequential,
    path: str | os.PathLike[str],
    *,
    classes: Sequence[str] | None = None,
    preprocessing: Mapping[str, Any] | None = None,
) -> None:
    """Save a network: its layers and weights, in a file that Keras opens as well.

    Parameters
    ----------
    network : Sequential
        Of this library's layers, each with parameters of its own.
    path : str or os.PathLike
        End it in ``.h5``: Keras goes by that. A model file that is there already is replaced, in
        one step.
    classes : sequence of str, optional
        What the outputs stand for; two names for a network with one output.
    preprocessing : mapping, optional
        What is to be done to inputs before the network sees them: plain JSON, kept as it is.

    Raises
    ------
    ModelFileError
        If a file can't hold the network (tied weights, a layer of one's own: the message names
        it), or the file can't be written, or another kind of file is there. Then nothing was
        changed.
    TypeError
        If `network` is no layer, or `path` no path.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> net = mtn.Sequential(mtn.Dense(4, 2), mtn.Softmax(), seed=0)
    >>> mtn.save_model(net, "model.h5", classes=["no", "yes"])
    >>> mtn.load_model("model.h5")
    Sequential(Dense(4, 2), Softmax())
    >>> mtn.model_info("model.h5").classes
    ('no', 'yes')
    """
    path = checked_path(path, "save_model: path")
    if not isinstance(network, Layer):
        raise TypeError(f"save_model: network must be a Sequential, got {network!r:.60}.")
    with about(path):
        content = model_content(network, classes, preprocessing)
    write_model(path, content)


def load_model(path: str | os.PathLike[str]) -> Sequential:
    """Load a network that `save_model`, a `Checkpoint` or Keras (2 or 3, as HDF5) saved.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    Sequential
        With the names, weights and dtype that it had, frozen where it was.

    Raises
    ------
    ModelFileError
        If the file is damaged, or isn't one, or holds what no layer here can do; the message
        names the layer.

    See Also
    --------
    save_model, model_info

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> mtn.save_model(mtn.Sequential(mtn.Dense(4, 2, name="only"), seed=0), "model.h5")
    >>> list(mtn.load_model("model.h5").parameters)
    ['only/W', 'only/b']

    Notes
    -----
    The file is treated as a stranger's: nothing in it is imported, unpickled or evaluated, no
    link out of it is followed, and HDF5 looks through it in a process of its own, with little
    memory and time.
    """
    return described_model(path).network


@dataclass(frozen=True)
class ModelInfo:
    """What is in a model file.

    Attributes
    ----------
    writer : str
        "minitheanonet 0.1.0, format 2", or "Keras".
    network : Sequential or None
        None in a checkpoint of a network that only its program can build.
    classes : tuple of str, or None
    preprocessing : dict or None
    training : dict or None
        Of a checkpoint: ``epoch``, ``seed``, ``settings``, ``history`` (JSON).
    state : dict of str to array
        Of a checkpoint: all that the training changes.
    """

    writer: str
    network: Sequential | None
    classes: tuple[str, ...] | None
    preprocessing: dict[str, Any] | None
    training: dict[str, Any] | None
    state: dict[str, np.ndarray]

    def __str__(self) -> str:
        """Return what there is as text for a terminal."""
        lines, told = [f"written by     {self.writer}"], {**(self.training or {}), "history": None}
        if self.network is not None:
            lines += [f"input          {self.network.input_shape}, {self.network.dtype}"]
            lines += self.network.summary().splitlines()
        told |= {"classes": self.classes, "preprocessing": self.preprocessing}
        lines += [f"{key:<14} {value}" for key, value in told.items() if value is not None]
        lines += [f"  {name} {array.dtype} {array.shape}" for name, array in self.state.items()]
        # A file may hold anything; what it says must not reach the terminal as commands.
        return "\n".join(map(printable, lines))


def model_info(path: str | os.PathLike[str]) -> ModelInfo:
    """Return what is in a model file, ours or Keras's.

    Raises
    ------
    ModelFileError
        If the file is damaged, or isn't a model file.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> mtn.save_model(mtn.Sequential(mtn.Dense(4, 2), seed=0), "model.h5")
    >>> info = mtn.model_info("model.h5")
    >>> info.writer, info.network.input_shape
    ('minitheanonet ..., format 2', (4,))
    """
    return _read(path, state=True)


def described_model(path: str | os.PathLike[str]) -> ModelInfo:
    """Return what is in a file that describes its network, without a training's state."""
    info = _read(path, state=False)
    if info.network is None:
        mend = "Build the network, and resume a trainer with it"
        raise ModelFileError(path, "it has no description of its network", mend)
    return info


def _read(path: str | os.PathLike[str], *, state: bool) -> ModelInfo:
    """Read a model file, a training's state too if that is wanted.

    The file is opened once, so what is verified is what is read, even if another takes its place
    meanwhile.
    """
    path = checked_path(path, "path")
    with about(path, reading=True), open_file(path) as file:
        seal = verify(file)
        if seal and not 1 <= seal.format <= FORMAT_VERSION:
            reason = f"it is of format {seal.format}, and this minitheanonet reads {FORMAT_VERSION}"
            raise RefusedError(reason, "Update minitheanonet")
        found = hdf5.look_through(file)
        if (seal and "record" not in found) or not (seal or "config" in found):
            raise RefusedError("it has no record, and no description of a network (model_config)")
        writer, record, network, extents = "Keras", {}, None, {}
        if seal:
            record = hdf5.parsed(hdf5.array_at(file, found["record"]).tobytes(), "its record")
            writer = f"minitheanonet {record.get('library_version')}, format {seal.format}"
            extents = found["state"] if state else {}
        kinds = {"library_version": str, "seed": int, "classes": list}
        for key, kind in {**kinds, "preprocessing": dict, "training": dict}.items():
            if not isinstance(record.setdefault(key, None), kind | None):
                raise RefusedError(f"its {key} is not a {kind.__name__}")
        if "config" in found:
            seed = None if record["seed"] is None else checked_seed(record["seed"], "its seed")
            config = hdf5.parsed(found["config"], "its model_config", hdf5.MAX_CONFIG_BYTES)
            network = network_from(config, hdf5.Weights(file, found), seed)
        classes = None if record["classes"] is None else tuple(map(str, record["classes"]))
        kept = {name: hdf5.array_at(file, extent) for name, extent in extents.items()}
        return ModelInfo(
            writer, network, classes, record["preprocessing"], record["training"], kept
        )


def model_content(
    network: Layer,
    classes: Sequence[str] | None,
    preprocessing: Mapping[str, Any] | None,
    training: dict[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
) -> bytearray:
    """Return what a file is to hold; with a training's record and state, a checkpoint.

    A checkpoint of a network that no file can describe holds its state alone.
    """
    try:
        config, arrays = describe(network)
        shape = network.output_shape(network.input_shape)
    except RefusedError:
        if training is None:
            raise
        config, arrays, shape = None, {}, None
    record = {"library_version": __version__, "seed": network.seed, "training": training}
    record["classes"] = _checked_classes(classes, shape)
    record["preprocessing"] = _checked_json(preprocessing)
    return hdf5.file_content(record, config, arrays, state or {})


def _checked_classes(classes: Any, shape: tuple[int, ...] | None) -> list[str] | None:
    if classes is None:
        return None
    is_listing = isinstance(classes, Sequence | np.ndarray) and not isinstance(classes, str)
    expected = max(shape[0], 2) if shape is not None and len(shape) == 1 else None
    if not is_listing or (shape is not None and len(classes) != expected):
        reason = f"classes must be {expected} names for outputs {shape}, got {classes!r:.80}"
        raise RefusedError(reason, "Give a name for each output, or two for a single one")
    return [str(name) for name in classes]


def _checked_json(preprocessing: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if preprocessing is None:
        return None
    with contextlib.suppress(TypeError, ValueError):
        if json.loads(json.dumps(dict(preprocessing), allow_nan=False)) == dict(preprocessing):
            return dict(preprocessing)
    mend = "Use dicts with names as keys, lists, strings and finite numbers"
    raise RefusedError(f"preprocessing must be plain JSON, got {preprocessing!r:.80}", mend)

"""Saving a network to one HDF5 file that Keras opens too, and loading what we or Keras saved."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minitheanonet.checks import checked_path
from minitheanonet.files.atomic import write_atomically
from minitheanonet.files.content import opened
from minitheanonet.files.errors import ModelFileError, RefusedError, writing
from minitheanonet.files.hdf5_writer import file_content
from minitheanonet.files.networks import build, spec_of, values_of
from minitheanonet.files.seal import open_file, read_seal
from minitheanonet.files.spec import NetworkSpec
from minitheanonet.files.training_state import TrainingState
from minitheanonet.sequential import Sequential
from minitheanonet.version import __version__

__all__ = ["load_model", "model_content", "save_model", "write_model"]


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
        If a file can't hold the network (tied weights, a layer of one's own), or the file can't
        be written, or another kind of file is there. Then nothing was changed.
    TypeError
        If `network` is no Sequential, or `path` no path.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> from minitheanonet.files import load_model, model_info, save_model
    >>> net = mtn.Sequential(mtn.Dense(4, 2), mtn.Softmax(), seed=0)
    >>> save_model(net, "model.h5", classes=["no", "yes"])
    >>> load_model("model.h5")
    Sequential(Dense(4, 2), Softmax())
    >>> model_info("model.h5").classes
    ('no', 'yes')
    """
    path = checked_path(path, "save_model: path")
    write_model(path, model_content(path, network, classes, preprocessing))


def load_model(path: str | os.PathLike[str]) -> Sequential:
    """Load a network that `save_model`, a `Checkpoint` or Keras (2 or 3, as HDF5) saved.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    Sequential
        With the names, weights and dtype that it had.

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
    >>> from minitheanonet.files import load_model, save_model
    >>> save_model(mtn.Sequential(mtn.Dense(4, 2, name="only"), seed=0), "model.h5")
    >>> load_model("model.h5").params
    [only/W, only/b]

    Notes
    -----
    The file is treated as a stranger's: nothing in it is imported, unpickled or evaluated, no
    link out of it is followed, and no array is allocated before its size is known to be right.
    """
    with opened(path) as content:
        arrays = content.weights()
        seed = content.seed()
    return build(content.network, arrays, seed)


def model_content(
    path: str | os.PathLike[str],
    network: Sequential,
    classes: Sequence[str] | None,
    preprocessing: Mapping[str, Any] | None,
    state: TrainingState | None = None,
) -> bytearray:
    """Return what the file at `path` is to hold; with a training's state, a checkpoint."""
    if not isinstance(network, Sequential):
        raise TypeError(f"network must be a Sequential, of one layer perhaps, got {network!r:.60}.")
    with writing(path):
        architecture = spec_of(network)
        metadata = {
            "library_version": __version__,
            "dtype": architecture.dtype,
            "seed": int(network.seed),
            "classes": _checked_classes(classes, architecture),
            "preprocessing": _checked_json(preprocessing),
            "training": state and state.record,
        }
        weights = values_of(network, architecture)
        arrays = state.arrays if state else {}
        return file_content(architecture, weights, metadata, arrays, state.epoch if state else 0)


def write_model(path: str | os.PathLike[str], content: bytearray) -> None:
    """Write a model file, unless another kind of file is at `path`."""
    with writing(path):
        _check_replaceable(path)
        write_atomically(path, content)


def _check_replaceable(path: str | os.PathLike[str]) -> None:
    try:
        with open_file(path) as there:
            if there.seek(0, os.SEEK_END):
                read_seal(there)
    except FileNotFoundError:
        return
    except RefusedError as refusal:
        raise ModelFileError(
            path,
            "the file that is there is no model file, and was left alone",
            "Choose another name, or remove it",
        ) from refusal


def _checked_classes(classes: Sequence[str] | None, architecture: NetworkSpec) -> list[str] | None:
    if classes is None:
        return None
    shape = architecture.layers[-1].output_shape
    expected = max(shape[0], 2) if len(shape) == 1 else None
    is_listing = isinstance(classes, Sequence | np.ndarray) and not isinstance(classes, str)
    if not is_listing or len(classes) != expected:
        raise RefusedError(
            f"classes must be {expected} names for outputs of shape {shape}, got {classes!r:.80}",
            "Give a name for each output, or two for a single one",
        )
    return [str(name) for name in classes]


def _checked_json(preprocessing: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if preprocessing is None:
        return None
    try:
        if json.loads(json.dumps(dict(preprocessing), allow_nan=False)) == dict(preprocessing):
            return dict(preprocessing)
    except (TypeError, ValueError):
        pass
    raise RefusedError(
        f"preprocessing must be plain JSON, got {preprocessing!r:.80}",
        "Use dicts with names as keys, lists, strings and finite numbers",
    )

"""Going on with a training from its newest checkpoint that is whole."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from minitheanonet.checks import checked_path, checked_seed
from minitheanonet.files.errors import ModelFileError, RefusedError, about
from minitheanonet.files.keras import describe, differences, flat
from minitheanonet.files.model import model_info
from minitheanonet.files.whole import checkpoints_in, damage
from minitheanonet.training.history import History
from minitheanonet.training.trainer import Trainer

_MEND = "Build network and optimizer as they were when the training began"


def resume(
    trainer: Trainer, place: str | os.PathLike[str], *, missing_ok: bool = False
) -> Path | None:
    """Go to where a training was when its newest checkpoint was written.

    Then `fit` goes on as if the training had never been stopped, bit for bit, provided that
    network, optimizer, loss, data and batch size are what they were. ``epochs=`` is what is
    left: ``epochs=20 - trainer.epoch``.

    Parameters
    ----------
    trainer : Trainer
        Built as the one that wrote the checkpoint. It takes that one's seed and learning rate.
    place : str or os.PathLike
        The folder that a `Checkpoint` wrote into, or one of its files.
    missing_ok : bool, default False
        Whether to leave the trainer as it is when the folder has no checkpoints.

    Returns
    -------
    pathlib.Path or None
        The file that was taken. If the newest in the folder is damaged, a warning says so and
        the one before it is taken.

    Warns
    -----
    UserWarning
        If the optimizer's numbers, the loss, the penalty or the metrics are others than when the
        checkpoint was written; the batch size, once `fit` begins.

    Raises
    ------
    ModelFileError
        If there are no checkpoints, none is whole, or they are of another network or another
        kind of optimizer: the message says what differs. Then nothing was changed.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> net = mtn.Sequential(mtn.Dense(2, 1), seed=0)
    >>> trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(0.1))
    >>> mtn.resume(trainer, "run/", missing_ok=True)  # nothing there yet: a new training
    """
    if not isinstance(trainer, Trainer):
        raise TypeError(f"resume: trainer must be a Trainer, got {trainer!r:.60}.")
    place = checked_path(place, "resume: place")
    if place.is_file():
        return _restore(trainer, place)
    found = checkpoints_in(place)
    for _, path in found:
        error = damage(path)
        if error is None:
            return _restore(trainer, path)
        warnings.warn(f"{error} Taking the checkpoint before it.", stacklevel=2)
    if found:
        raise ModelFileError(place, "none of its checkpoints can be read", "Start a new training")
    if missing_ok:
        return None
    mend = "Train with a Checkpoint, or pass missing_ok=True"
    raise ModelFileError(place, "there are no checkpoints in it", mend)


def _restore(trainer: Trainer, path: Path) -> Path:
    """Read a whole checkpoint, then set everything: a file that is refused changes nothing."""
    info = model_info(path)
    with about(path, reading=True):
        if not info.state:
            mend = "Give a file that a Checkpoint of this version wrote"
            raise RefusedError("it holds a model, and no training to go on with here", mend)
        record = info.training or {}
        settings, history = record.get("settings"), History.from_json(record.get("history"))
        seed = checked_seed(record.get("seed"), "its seed")
        is_record = isinstance(settings, dict) and history.epochs == record.get("epoch")
        if not is_record or info.state.get("clock", 0) >= 2**63:
            raise RefusedError("its record is not that of a training")
        others = [
            f"its {key} was {settings.get(key)!s:.200}, and this trainer's is {value!s:.200}"
            for key, value in trainer.settings.items()
            if settings.get(key) != value and (key, value) != ("batch_size", None)
        ]
        if info.network is not None:
            networks = [flat(describe(one)[0]) for one in (info.network, trainer.network)]
            _refuse("network", differences(*networks))
        kept = {name: (array.dtype.name, array.shape) for name, array in info.state.items()}
        here = {
            name: (v.dtype, v.get_value(borrow=True).shape) for name, v in trainer.state.items()
        }
        if differing := differences(kept, here):
            _refuse("state", [*others, *differing])
    for other in others:  # before anything is set: a warning may be an error
        warnings.warn(f"{path}: {other}; going on all the same.", stacklevel=3)
    trainer.restart(seed, history, info.state, settings.get("batch_size"))
    return path


def _refuse(what: str, differing: list[str]) -> None:
    if differing:
        raise RefusedError(f"its {what} is another: {'; '.join(differing):.500}", _MEND)

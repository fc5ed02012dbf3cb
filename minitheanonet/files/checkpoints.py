"""Checkpoints: files that are written during training, and going on from the newest whole one."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minitheanonet.checks import checked_path, checked_seed, positive_int
from minitheanonet.files.errors import ModelFileError, RefusedError, about
from minitheanonet.files.keras import describe, differences, flat
from minitheanonet.files.model import model_content, model_info
from minitheanonet.files.whole import checkpoints_in, damage, remove_leftovers, write_model
from minitheanonet.training.history import History
from minitheanonet.training.stopping import Best
from minitheanonet.training.trainer import Trainer


class Checkpoint:
    """A callback for `Trainer.fit` that saves the training, to be resumed bit for bit.

    It saves whatever a trainer trains. Where the network can be described, the file is a model
    file too. Callbacks that change the trainer go before it in the list: what they change after
    it was saved is not in the file.

    Parameters
    ----------
    path : str or os.PathLike
        The files' name, with ``{epoch}`` in it, in a folder for this training alone:
        ``"run/{epoch:03d}.h5"``. The folder is made if need be.
    every : int or None, default 1
        Save after every so many epochs. With None only the best is kept, at `path` itself:
        ``Checkpoint("run/best.h5", every=None, best="test_loss")``.
    keep : int or None, default 3
        How many of these to keep, the newest ones; None keeps all.
    best : str or Best, optional
        A column of the history ("test_loss"): whenever the newest epoch is the best so far, it is
        saved as ``best.h5`` in the same folder, whatever `every` says, and kept.
    classes, preprocessing : optional
        As in `save_model`.

    Raises
    ------
    ValueError
        If the path has no ``{epoch}``, or doesn't end in ``.h5``, or a number is not positive.
    TypeError
        If the path is none, or `best` is neither a column's name nor a Best.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> def trainer():
    ...     net = mtn.Sequential(mtn.Dense(2, 2), mtn.Softmax(), seed=0)
    ...     return mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam())
    >>> checkpoint = mtn.Checkpoint("run/{epoch:03d}.h5")
    >>> _ = trainer().fit(np.eye(2), [0, 1], epochs=2, callbacks=[checkpoint], progress=False)
    >>> resumed = trainer()
    >>> mtn.resume(resumed, "run/").name, resumed.epoch
    ('002.h5', 2)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        every: int | None = 1,
        keep: int | None = 3,
        best: str | Best | None = None,
        *,
        classes: Sequence[str] | None = None,
        preprocessing: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = checked_path(path, "Checkpoint: path")
        self.every = None if every is None else positive_int(every, "Checkpoint: every")
        self.keep = None if keep is None else positive_int(keep, "Checkpoint: keep")
        self.best = Best(best) if isinstance(best, str) else best
        if not isinstance(self.best, Best | None):
            wanted = "the name of a column or a Best"
            raise TypeError(f"Checkpoint: best must be {wanted}, got {best!r:.60}.")
        self.classes, self.preprocessing = classes, preprocessing
        self._lock: Any = None
        names = set()
        with contextlib.suppress(LookupError, ValueError, AttributeError, TypeError):
            names = {self._path_of(epoch) for epoch in (1, 2)}
        is_fine = len(names) == 2 if self.every else len(names) == 1 and self.best is not None
        if not is_fine or self.path.suffix != ".h5" or "{" in str(self.path.parent):
            wanted = 'like "run/{epoch:03d}.h5" or, with every=None and best=, like "run/best.h5"'
            got = f"the epoch in the file's name, got every={self.every} and {str(self.path)!r}"
            raise ValueError(f"Checkpoint: path must be {wanted}, {got}.")

    def before_fit(self, trainer: Trainer) -> None:
        """Refuse, before the first step, what can't be saved and a folder in use."""
        if trainer.writes:
            self._content(self.path, trainer)
            self._enter(trainer)

    def __call__(self, trainer: Trainer) -> None:
        """Save the training that `trainer` is in the middle of, if this is an epoch for it."""
        if not isinstance(trainer, Trainer):
            raise TypeError(f"Checkpoint: trainer must be a Trainer, got {trainer!r:.60}.")
        if not trainer.writes:
            return
        is_in_fit = self._lock is not None
        if not is_in_fit:
            self._enter(trainer)
        due = []
        # The best comes first: whichever write a kill falls between, the newest file in the
        # folder and best.h5 are of one training.
        if self.best and self.best.epoch(trainer.history) == trainer.epoch:
            due.append(self.path if self.every is None else self.path.with_name("best.h5"))
        if self.every is not None and trainer.epoch % self.every == 0:
            due.append(self._path_of(trainer.epoch))
        content = self._content(due[0], trainer) if due else b""
        for path in due:
            write_model(path, content)
        if due and self.keep is not None:
            found = checkpoints_in(self.path.parent)
            mine = [path for n, path in found if n <= trainer.epoch and path == self._path_of(n)]
            for path in mine[self.keep :]:
                path.unlink()
        if not is_in_fit:
            self.after_fit(trainer)

    def after_fit(self, trainer: Trainer) -> None:
        """Let other trainings have the folder."""
        if self._lock is not None:
            self._lock.close()
        self._lock = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_lock": None}

    def _enter(self, trainer: Trainer) -> None:
        """Make the folder this training's, as long as its process lives, or refuse it."""
        folder, mend = self.path.parent, "Give each training a folder of its own"
        with about(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = self._lock or open(folder / ".lock", "ab")  # noqa: SIM115
            try:
                import fcntl

                fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError) as error:
                self.after_fit(trainer)
                raise RefusedError("another process trains into this folder", mend) from error
            except (ImportError, OSError):
                pass  # on Windows, and on a disk without locks, no training sees another one
            remove_leftovers(folder)
        for epoch, path in checkpoints_in(folder):
            if epoch > trainer.epoch and damage(path) is None:
                self.after_fit(trainer)
                reason = f"it is epoch {epoch} of a training, and this one is at {trainer.epoch}"
                raise ModelFileError(path, reason, "Resume that one, or choose another folder")

    def _content(self, path: Path, trainer: Trainer) -> bytearray:
        training = {"epoch": trainer.epoch, "seed": trainer.seed, "settings": trainer.settings}
        training["history"] = trainer.history.to_json()
        with about(path):
            rows = trainer.history.epochs
            if rows != trainer.epoch:
                reason = f"the trainer is at epoch {trainer.epoch}, and its history has {rows} rows"
                raise RefusedError(reason, "Leave the trainer's history to the trainer")
            given = self.classes, self.preprocessing
            return model_content(trainer.network, *given, training, trainer.state)

    def _path_of(self, epoch: int) -> Path:
        return self.path.with_name(self.path.name.format(epoch=epoch))


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
    >>> mtn.resume(trainer, "new/", missing_ok=True)  # nothing there yet: a new training
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
        here = {key: (v.dtype, v.get_value(borrow=True).shape) for key, v in trainer.state.items()}
        if differing := differences(kept, here):
            _refuse("state", [*others, *differing])
    for other in others:  # before anything is set: a warning may be an error
        warnings.warn(f"{path}: {other}; going on all the same.", stacklevel=3)
    trainer.restart(seed, history, info.state, settings.get("batch_size"))
    return path


def _refuse(what: str, differing: list[str]) -> None:
    if differing:
        mend = "Build network and optimizer as they were when the training began"
        raise RefusedError(f"its {what} is another: {'; '.join(differing):.500}", mend)

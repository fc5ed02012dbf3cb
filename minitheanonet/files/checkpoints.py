"""Checkpoints: model files that are written during training, with all that resuming needs."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minitheanonet.checks import checked_path, positive_int
from minitheanonet.files.atomic import remove_leftovers
from minitheanonet.files.content import opened
from minitheanonet.files.errors import ModelFileError, writing
from minitheanonet.files.model_file import model_content, write_model
from minitheanonet.files.resuming import check_whole, sealed_epoch
from minitheanonet.files.training_state import check_trainer, is_of_same_training, state_of
from minitheanonet.stopping import Best

if TYPE_CHECKING:
    from minitheanonet.trainer import Trainer

__all__ = ["Checkpoint"]

_BEST = "best.h5"


class Checkpoint:
    """A callback for `Trainer.fit` that saves the training, to be resumed bit for bit.

    Callbacks that change the trainer go before it in the list: what they change after it was
    saved is not in the file.

    Parameters
    ----------
    path : str or os.PathLike
        The files' name, with ``{epoch}`` in it, in a folder for this training alone:
        ``"run/{epoch:03d}.h5"``. The folder is made if need be.
    every : int, default 1
        Save after every so many epochs.
    keep : int or None, default 3
        How many of these to keep, the newest ones; None keeps all.
    best : str or Best, optional
        A column of the history ("test_loss"): whenever the newest epoch is the best so far, it is
        saved as ``best.h5`` in the same folder, whatever `every` says, and kept.
    classes, preprocessing : optional
        As in `save_model`: a checkpoint is a model file too.

    Raises
    ------
    ValueError
        If the path has no ``{epoch}``, or doesn't end in ``.h5``, or a number is not positive.
    TypeError
        If the path is none, or `best` is neither a column's name nor a Best.

    Examples
    --------
    >>> import numpy as np
    >>> import minitheanonet as mtn
    >>> from minitheanonet.files import Checkpoint
    >>> def trainer():
    ...     net = mtn.Sequential(mtn.Dense(2, 2), mtn.Softmax(), seed=0)
    ...     return mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam())
    >>> data = np.eye(2), np.array([0, 1])
    >>> checkpoint = Checkpoint("run/{epoch:03d}.h5")
    >>> _ = trainer().fit(data, epochs=2, callbacks=[checkpoint], progress=False)
    >>> resumed = trainer()
    >>> resumed.resume("run/").name, resumed.epoch
    ('002.h5', 2)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        every: int = 1,
        keep: int | None = 3,
        best: str | Best | None = None,
        *,
        classes: Sequence[str] | None = None,
        preprocessing: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = checked_path(path, "Checkpoint: path")
        self.every = positive_int(every, "Checkpoint: every")
        self.keep = None if keep is None else positive_int(keep, "Checkpoint: keep")
        self.best = Best(best) if isinstance(best, str) else best
        if not isinstance(self.best, Best | None):
            raise TypeError(
                f"Checkpoint: best must be the name of a column or a Best, got {best!r:.60}."
            )
        self.classes, self.preprocessing = classes, preprocessing
        self._prepared_for: Callable[[], Trainer | None] = lambda: None
        _check_pattern(self.path)

    def __call__(self, trainer: Trainer) -> None:
        """Save the training that `trainer` is in the middle of, if this is an epoch for it."""
        check_trainer(trainer, "Checkpoint")
        if self._prepared_for() is not trainer:
            self._prepare_folder(trainer)
        targets = []
        # The best comes first: whichever write a kill falls between, the newest file in the
        # folder and best.h5 are of one training.
        if self.best and self.best.epoch(trainer.history) == trainer.epoch:
            targets.append(self.path.with_name(_BEST))
        if trainer.epoch % self.every == 0:
            targets.append(self._path_of(trainer.epoch))
        if targets:
            self._write(trainer, targets)
            self._remove_old(trainer.epoch)

    def before_fit(self, trainer: Trainer) -> None:
        """Refuse, before the first step, a network that no file can hold and a folder in use."""
        self._content(self.path, trainer)
        self._prepare_folder(trainer)

    def _content(self, path: Path, trainer: Trainer) -> bytearray:
        with writing(path):
            state = state_of(trainer)
        return model_content(path, trainer.network, self.classes, self.preprocessing, state)

    def _write(self, trainer: Trainer, targets: list[Path]) -> None:
        content = self._content(targets[0], trainer)
        for target in targets:
            write_model(target, content)

    def _prepare_folder(self, trainer: Trainer) -> None:
        """Make the folder, and refuse one in which another training has come as far."""
        folder = self.path.parent
        with writing(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder)
        found, path = max(
            ((_whole_epoch(path), path) for path in folder.glob("*.h5")), default=(0, folder)
        )
        is_another_s = found > trainer.epoch or found == trainer.epoch > 0
        if is_another_s and not _is_of(path, trainer):
            raise ModelFileError(
                path,
                f"it is epoch {found} of another training, and this one is at epoch "
                f"{trainer.epoch}",
                "Resume that one, or choose another folder",
            )
        self._prepared_for = weakref.ref(trainer)

    def _path_of(self, epoch: int) -> Path:
        return self.path.with_name(self.path.name.format(epoch=epoch))

    def _remove_old(self, epoch: int) -> None:
        if self.keep is None:
            return
        paths = [self._path_of(number) for number in range(epoch, 0, -1)]
        for path in [path for path in paths if path.is_file()][self.keep :]:
            path.unlink()


def _check_pattern(path: Path) -> None:
    try:
        names = {path.name.format(epoch=epoch) for epoch in (1, 2)}
    except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
        raise ValueError(
            f"Checkpoint: path {path.name!r} is no pattern ({error}): write {{epoch}} or "
            "{epoch:03d} where the epoch goes."
        ) from error
    if len(names) < 2 or path.suffix != ".h5" or _BEST in names or "{" in str(path.parent):
        raise ValueError(
            f'Checkpoint: path must be like "run/{{epoch:03d}}.h5", with the epoch in the name '
            f"of the file and .h5 at its end, got {str(path)!r}."
        )


def _whole_epoch(path: Path) -> int:
    """Return the epoch of an undamaged checkpoint; 0 for every other file."""
    try:
        check_whole(path)
        return sealed_epoch(path) or 0
    except ModelFileError:
        return 0


def _is_of(path: Path, trainer: Trainer) -> bool:
    """Say whether a checkpoint is of the very epoch at which the trainer is."""
    with opened(path) as content:
        return is_of_same_training(content.option("training", dict), trainer)

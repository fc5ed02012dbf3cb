"""A training's records as TensorBoard shows them: curves, histograms of weights, the network."""

from __future__ import annotations

import os
from typing import Any

from minitheanonet.checks import checked_path, positive_int
from minitheanonet.neighbours.extras import imported


class TensorBoard:
    """A callback for `Trainer.fit` that writes what TensorBoard shows.

    The history becomes curves, ``loss/train`` beside ``loss/test``; parameters and states become
    histograms, by path; the network's summary is a text. The steps on the axis are epochs.

    Parameters
    ----------
    path : str or os.PathLike
        The run's folder, made if need be; that of a training that is resumed goes on where it was.
    histograms : int or None, default 1
        Write histograms after every so many epochs; None writes none.

    Raises
    ------
    ImportError
        If tensorboardX is not installed: it is the extra ``minitheanonet[tensorboard]``.
    TypeError, ValueError
        If the path is none, or the number is not positive.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> net = mtn.Sequential(mtn.Dense(2, 2), mtn.Softmax(), seed=0)
    >>> trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam())
    >>> board = mtn.TensorBoard("runs/one")
    >>> _ = trainer.fit(np.eye(2), [0, 1], epochs=3, callbacks=[board], progress=False)

    ``tensorboard --logdir runs`` then shows this run beside others.
    """

    def __init__(self, path: str | os.PathLike[str], histograms: int | None = 1) -> None:
        self.path = checked_path(path, "TensorBoard: path")
        if histograms is not None:
            histograms = positive_int(histograms, "TensorBoard: histograms")
        self.histograms = histograms
        self._writer: Any = None
        imported("tensorboardX", "tensorboard")

    def before_fit(self, trainer: Any) -> None:
        """Open the run, and write the network's summary."""
        # A training that was killed may have written more than what it is resumed from.
        purge = trainer.epoch + 1 if trainer.epoch else None
        suffix = f".{trainer.epoch:09d}"  # files of the same second are told apart, and in order
        writer = imported("tensorboardX", "tensorboard").SummaryWriter
        self._writer = writer(str(self.path), purge_step=purge, filename_suffix=suffix)
        lines = trainer.network.summary().splitlines()
        self._writer.add_text("network", "\n".join(f"    {line}" for line in lines), trainer.epoch)

    def __call__(self, trainer: Any) -> None:
        """Write the newest record, and the weights if this is an epoch for it."""
        if self._writer is None:  # in a loop of one's own over `Trainer.epochs`
            self.before_fit(trainer)
        for name, value in trainer.history.rows()[-1].items():
            if name != "epoch" and value is not None:
                side, _, figure = name.partition("_")
                tag = f"{figure}/{side}" if side in ("train", "test") else name
                self._writer.add_scalar(tag, value, trainer.epoch)
        if self.histograms is not None and trainer.epoch % self.histograms == 0:
            for path, values in trainer.network.values().items():
                self._writer.add_histogram(path, values, trainer.epoch)
        self._writer.flush()

    def after_fit(self, trainer: Any) -> None:
        """Close the run."""
        self._writer.close()
        self._writer = None

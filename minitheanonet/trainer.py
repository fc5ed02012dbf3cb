"""The trainer: a network, a loss and an optimizer, compiled once and run over batches."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minitheanonet.arguments import checked_seed, positive_int
from minitheanonet.compiled import CompiledTraining, Metric
from minitheanonet.data import ArrayBatches, StreamedBatches, batches_of, check_lasts
from minitheanonet.engine import Variable
from minitheanonet.history import History
from minitheanonet.interruption import Interruption
from minitheanonet.optimizers import Optimizer
from minitheanonet.progress import Progress
from minitheanonet.sequential import Sequential
from minitheanonet.stopping import Best
from minitheanonet.symbols import scalar_of
from minitheanonet.training import Training

__all__ = ["NonFiniteLossError", "Trainer"]

Batches = ArrayBatches | StreamedBatches
Record = dict[str, float | int]


class NonFiniteLossError(FloatingPointError):
    """The loss of a batch was NaN or infinite; the batch changed no parameter.

    Attributes
    ----------
    epoch, batch : int
        Both from 1.
    culprit : str
        The name of the first layer whose output is not finite; or "inputs", "targets" or "loss".
    """

    def __init__(self, loss: float, epoch: int, batch: int, culprit: str) -> None:
        where = {
            "inputs": "the batch's inputs are not finite themselves: mend the data",
            "targets": "the batch's targets are not finite themselves: mend the data",
            "loss": "every layer's output is finite, the loss alone is not: look at the size of "
            "the targets, the penalty and the loss",
        }.get(
            culprit,
            f"the first layer whose output is not finite is {culprit}: a lower learning rate, "
            "clipped gradients or scaled inputs may help",
        )
        super().__init__(
            f"the loss is {loss} in epoch {epoch}, batch {batch}; {where}. This batch changed no "
            "parameter."
        )
        self.epoch, self.batch, self.culprit = epoch, batch, culprit


class Trainer:
    """Trains a network: mini-batches, validation, stopping, one record per epoch.

    Parameters
    ----------
    network : Sequential
    loss : callable (prediction, target) → symbolic scalar
        One of the library's losses or of one's own. With sample weights it is called with a third
        argument, the weights. What it returns is cast to the network's dtype, and so is `penalty`.
    optimizer : Optimizer
    metrics : sequence of callables, or dict of name → callable, default ()
        Called as (prediction, target); a sequence's take their names from the functions.
    penalty : symbolic scalar, optional
        Added to the loss: ``1e-4 * mtn.l2([layer.W])``. It is part of every loss that is reported.
    seed : int, optional
        Decides dropout masks and batch order; the network's seed if left out.

    Attributes
    ----------
    history : History
        All epochs so far: ``epoch``, ``seconds``, ``learning_rate``, ``train_loss``,
        ``train_<metric>``, and with validation ``test_loss``, ``test_<metric>``. The training
        figures are averages over the batches while the network learns, with dropout in force.
    epoch : int
        The number of epochs trained so far.
    training : Training
    compiled : CompiledTraining
        The compiled functions, and the optimizer's state.

    Raises
    ------
    TypeError
        If the network, the loss, the optimizer, a metric or the penalty is not one.
    ValueError
        If two metrics have the same name, or the seed is no whole number, 0 or more.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(64, 2)).astype("float32")
    >>> y = (x.sum(axis=1) > 0).astype("int32")
    >>> net = mtn.Sequential(mtn.Dense(2, 2), mtn.Softmax(), seed=0)
    >>> trainer = mtn.Trainer(
    ...     net, mtn.categorical_crossentropy, mtn.Adam(0.1), metrics=[mtn.accuracy]
    ... )
    >>> history = trainer.fit((x, y), epochs=20, batch_size=16, progress=False)
    >>> history["train_accuracy"][-1] > 0.9
    True
    """

    def __init__(
        self,
        network: Sequential,
        loss: Callable[..., Variable],
        optimizer: Optimizer,
        metrics: Sequence[Metric] | Mapping[str, Metric] = (),
        *,
        penalty: Variable | None = None,
        seed: int | None = None,
    ) -> None:
        if not isinstance(network, Sequential):
            raise TypeError(f"Trainer: network must be a Sequential, got {network!r:.60}.")
        if not isinstance(optimizer, Optimizer):
            hint = " Did you leave out the ()?" if isinstance(optimizer, type) else ""
            raise TypeError(
                f"Trainer: optimizer must be an Optimizer, got {optimizer!r:.60}.{hint}"
            )
        if not callable(loss):
            raise TypeError(
                f"Trainer: loss must be a function of (prediction, target), got {loss!r:.60}: "
                "mtn.categorical_crossentropy, say."
            )
        if penalty is not None:
            scalar_of(penalty, "Trainer: penalty")
        self.network = network
        self.optimizer = optimizer
        self.seed = network.seed if seed is None else checked_seed(seed, "Trainer: seed")
        self.training = Training(self.seed)
        self.compiled = CompiledTraining(
            network, loss, optimizer, _named(metrics), penalty, self.training
        )
        self.history = History()
        self.epoch = 0

    def fit(
        self,
        train: Any,
        validation: Any = None,
        *,
        epochs: int = 1,
        batch_size: int = 32,
        stop: Callable[[History], bool] | None = None,
        restore_best: str | Best | None = None,
        callbacks: Iterable[Callable[[Trainer], None]] = (),
        progress: bool = True,
    ) -> History:
        """Train for some epochs more, going on from where the last call ended.

        Parameters
        ----------
        train, validation : tuple (inputs, targets) or (inputs, targets, weights), or iterable
            A tuple holds arrays, which are shuffled anew in each epoch; any other iterable gives
            such tuples, one per batch, for data that don't fit in memory, and is asked for a new
            iterator in each epoch. Validation's first batch is looked at before the first step,
            unless it comes from an iterator, which can't be asked twice.
        epochs : int, default 1
            How many more epochs at the most.
        batch_size : int, default 32
            Of arrays; the last batch of an epoch may be shorter.
        stop : callable, optional
            A rule of the history: `PlateauWindow` or `Patience`, say. True ends the training.
        restore_best : str or Best, optional
            A column ("test_loss"): when the training has ended, whatever ended it, the parameters
            are set to those after the epoch that was best in it, of the epochs of this call.
        callbacks : iterable of callables, default ()
            Each is called with the trainer after each epoch. If it has a method ``before_fit``,
            that is called with the trainer before the first step: there it may refuse to begin.
        progress : bool, default True
            On a terminal one live line; elsewhere a line per epoch. On standard error.

        Returns
        -------
        History
            The trainer's: all epochs so far. ``history.stopped_by`` says what ended the training:
            "epochs", "interrupted" (Ctrl-C: the running step is finished, the running epoch is
            dropped from the history), or the rule's name.

        Raises
        ------
        ValueError, TypeError
            If the data don't fit the network, or an argument is none; before the first step.
        NonFiniteLossError
            If the loss of a batch is NaN or infinite.
        """
        positive_int(epochs, "epochs")
        callbacks = _checked_callbacks(callbacks)
        if isinstance(restore_best, str):
            restore_best = Best(restore_best)
        if restore_best is not None and not isinstance(restore_best, Best):
            raise TypeError(
                f"restore_best must be the name of a column or a Best, got {restore_best!r:.60}."
            )
        if stop is not None:
            _check_callable(stop, "stop", "a rule such as mtn.Patience()")
        for rule in (stop, restore_best, *(getattr(one, "best", None) for one in callbacks)):
            self._check_watched(rule, validation)
        for source, what in ((train, "train"), (validation, "validation")):
            check_lasts(source, epochs, what)
        keeper = _BestKeeper(restore_best, self) if restore_best else None
        records = self.epochs(train, validation, batch_size, lambda: interruption.requested)
        for callback in callbacks:
            getattr(callback, "before_fit", _nothing)(self)
        bar, done = Progress(epochs, progress), 0
        if self.compiled.is_empty:
            bar.say("compiling, once")
        self.history.stopped_by = None
        reason = "interrupted"
        try:
            with Interruption() as interruption:
                for _, record in zip(range(epochs), records, strict=False):
                    bar.show(record)
                    if keeper:
                        keeper.look()
                    for callback in callbacks:
                        callback(self)
                    if stop is not None and stop(self.history):
                        reason = _name_of_rule(stop)
                        break
                    done += 1
                if done == epochs:
                    reason = "epochs"
        except KeyboardInterrupt:
            pass
        finally:
            bar.close()
            if keeper:
                keeper.restore()
        self.history.stopped_by = reason
        return self.history

    def epochs(
        self,
        train: Any,
        validation: Any = None,
        batch_size: int = 32,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> Iterator[Record]:
        """Train epoch by epoch, without end, and give each one's record: the loop behind `fit`.

        `interrupted` is asked after each step; true ends the loop, and the epoch goes unrecorded.
        The arguments are checked before the first record is asked for.
        """
        batch_size = positive_int(batch_size, "batch_size")
        _check_callable(interrupted, "interrupted", "a function without arguments")
        batches = batches_of(train, self.network, batch_size, "train")
        held_out = None
        if validation is not None:
            held_out = batches_of(validation, self.network, _EVALUATION_BATCH, "validation")
            first = held_out.first()
            if first is not None:
                self.compiled.check(first)
        return self._endless(batches, held_out, interrupted)

    def _endless(
        self, batches: Batches, held_out: Batches | None, interrupted: Callable[[], bool]
    ) -> Iterator[Record]:
        while not interrupted():
            started = time.perf_counter()
            figures = self._train_epoch(batches, interrupted)
            if interrupted():
                return
            record: Record = {"epoch": self.epoch + 1, "seconds": time.perf_counter() - started}
            record["learning_rate"] = self.optimizer.learning_rate
            record.update({f"train_{name}": value for name, value in figures.items()})
            if held_out is not None:
                figures = self._evaluate(held_out)
                record.update({f"test_{name}": value for name, value in figures.items()})
            self.epoch += 1
            self.history.append(record)
            yield record

    def evaluate(self, data: Any, batch_size: int = 1024) -> dict[str, float]:
        """Return the loss and the metrics of the network's predictions on `data`.

        Parameters
        ----------
        data : as in `fit`
        batch_size : int, default 1024

        Returns
        -------
        dict
            ``{"loss": ..., metric: ...}``, averages over the examples.

        Raises
        ------
        ValueError, TypeError
            If the data don't fit the network.
        """
        batch_size = positive_int(batch_size, "batch_size")
        return self._evaluate(batches_of(data, self.network, batch_size, "data"))

    def resume(self, place: str | os.PathLike[str], *, missing_ok: bool = False) -> Path | None:
        """Go to where a training was when its newest checkpoint was written.

        Then `fit` goes on as if the training had never been stopped, bit for bit, provided that
        network, optimizer, loss, data and batch size are what they were. ``epochs=`` is what is
        left: ``epochs=20 - trainer.epoch``.

        Parameters
        ----------
        place : str or os.PathLike
            The folder that a `Checkpoint` wrote into, or one of its files.
        missing_ok : bool, default False
            Whether to leave the trainer as it is when the folder has no checkpoints.

        Returns
        -------
        pathlib.Path or None
            The file that was taken. If the newest in the folder is damaged, a warning says so and
            the one before it is taken.

        Raises
        ------
        ModelFileError
            If there are no checkpoints, none is whole, or they are of another network or
            optimizer. Then nothing was changed.
        """
        from minitheanonet.files import resume  # files know trainers, and not the other way round

        return resume(self, place, missing_ok=missing_ok)

    def _train_epoch(self, batches: Batches, interrupted: Callable[[], bool]) -> dict[str, float]:
        averages = _Averages(self.compiled.figures)
        for number, batch in enumerate(batches.shuffled(self.seed, self.epoch), 1):
            figures = self.compiled.step(batch)
            averages.add(figures, len(batch[0]))
            if not math.isfinite(figures[0]):
                culprit = self.compiled.culprit(batch)
                raise NonFiniteLossError(float(figures[0]), self.epoch + 1, number, culprit)
            if interrupted():
                break
        return averages.result()

    def _evaluate(self, batches: Batches) -> dict[str, float]:
        averages = _Averages(self.compiled.figures)
        for batch in batches.in_order():
            averages.add(self.compiled.evaluate(batch), len(batch[0]))
        return averages.result()

    def _check_watched(self, rule: Any, validation: Any) -> None:
        """Refuse a rule that watches a column which this training will not have."""
        watch = getattr(rule, "watch", None)
        figures = self.compiled.figures
        columns = ["epoch", "seconds", "learning_rate", *(f"train_{name}" for name in figures)]
        if validation is not None:
            columns += [f"test_{name}" for name in figures]
        if isinstance(watch, str) and watch not in columns:
            hint = " Pass validation=." if watch.startswith("test_") and validation is None else ""
            raise ValueError(
                f"{type(rule).__name__} watches {watch!r}, but the columns of this training are "
                f"{', '.join(columns)}.{hint}"
            )


_EVALUATION_BATCH = 1024


class _Averages:
    """Means over the examples of an epoch, from the means over its batches."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._totals = [0.0] * len(names)
        self._examples = 0

    def add(self, figures: list[np.ndarray], examples: int) -> None:
        for i, figure in enumerate(figures):
            self._totals[i] += float(figure) * examples
        self._examples += examples

    def result(self) -> dict[str, float]:
        means = [total / max(self._examples, 1) for total in self._totals]
        return dict(zip(self._names, means, strict=True))


class _BestKeeper:
    """Keeps the parameters of the best epoch since it was made."""

    def __init__(self, best: Best, trainer: Trainer) -> None:
        self._best, self._trainer = best, trainer
        self._first = trainer.history.epochs
        self._kept: list[np.ndarray] = []

    def look(self) -> None:
        """Keep the parameters if the newest epoch is the best."""
        values = self._trainer.history[self._best.watch][self._first :]
        if self._best.epoch({self._best.watch: values}) == len(values):
            self._kept = [param.get_value() for param in self._trainer.network.params]

    def restore(self) -> None:
        """Set the parameters to those that were kept, if any were."""
        if self._kept:
            for param, value in zip(self._trainer.network.params, self._kept, strict=True):
                param.set_value(value)


def _name_of_rule(stop: Any) -> str:
    return getattr(stop, "name", None) or getattr(stop, "__name__", type(stop).__name__)


def _named(metrics: Sequence[Metric] | Mapping[str, Metric]) -> dict[str, Metric]:
    if isinstance(metrics, Mapping):
        pairs = list(metrics.items())
    elif isinstance(metrics, Sequence) and not isinstance(metrics, str):
        pairs = [(_name_of(metric), metric) for metric in metrics]
    else:
        raise TypeError(
            f"Trainer: metrics must be a list of functions or a dict, got {metrics!r:.60}: "
            "[mtn.accuracy], say."
        )
    for name, metric in pairs:
        if not isinstance(name, str):
            raise TypeError(f"Trainer: the name of a metric must be a str, got {name!r:.60}.")
        if not callable(metric):
            raise TypeError(
                f"Trainer: the metric {name!r} can't be called: {metric!r:.60}. Give a function of "
                "(prediction, target)."
            )
    names = ["loss", *(name for name, _ in pairs)]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"Trainer: two figures are called {name!r}: pass metrics as a dict, "
                '{"name": metric}, with a name of its own for each.'
            )
    return dict(pairs)


def _name_of(metric: Metric) -> str:
    if not hasattr(metric, "__name__"):
        raise TypeError(
            f"Trainer: the metric {metric!r:.60} has no name: pass metrics as a dict, "
            '{"name": metric}.'
        )
    return metric.__name__


def _checked_callbacks(callbacks: Iterable[Callable[[Trainer], None]]) -> tuple[Any, ...]:
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a list of functions, [f] say, got {callbacks!r:.60}.")
    callbacks = tuple(callbacks)
    for callback in callbacks:
        _check_callable(callback, "callbacks", "a list of functions of the trainer")
    return callbacks


def _check_callable(value: Any, what: str, wanted: str) -> None:
    if isinstance(value, type) or not callable(value):
        hint = " Did you leave out the ()?" if isinstance(value, type) else ""
        raise TypeError(f"{what} must be {wanted}, got {value!r:.60}.{hint}")


def _nothing(trainer: Trainer) -> None:
    """Stand in for the ``before_fit`` that a callback doesn't have."""

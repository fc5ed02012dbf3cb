"""The trainer: a network, a loss and an optimizer, compiled once and run over batches."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from minitheanonet.checks import checked_seed, positive_int, refuse_habits
from minitheanonet.engine import Variable
from minitheanonet.layers.layer import Layer
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.training.batches import Batches, check_lasts, pair
from minitheanonet.training.callbacks import RestoreBest, tell
from minitheanonet.training.functions import Functions
from minitheanonet.training.history import History
from minitheanonet.training.interruption import Interruption
from minitheanonet.training.named import HABITS_OF_FIT, called, name_of, named_metrics
from minitheanonet.training.passes import Passes
from minitheanonet.training.progress import Progress
from minitheanonet.training.standing import Standing
from minitheanonet.training.step import Metric, Objective
from minitheanonet.training.stopping import Best, check_watched

Record = dict[str, float | int]
Rule = Callable[[History], bool]

_EVALUATION_BATCH = 1024


class Trainer(Standing):
    """Trains a network: mini-batches, validation, stopping, one record per epoch.

    Parameters
    ----------
    network : Layer
        Any layer: a `Sequential`, or one of one's own.
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
    params : sequence of shared variables, optional
        What to train of ``net.params``; all of them if left out.
    backend : Jax, optional
        What the training runs on; the engine's own if left out.

    Attributes
    ----------
    history : History
        All epochs so far: ``epoch``, ``seconds``, ``learning_rate``, ``train_loss``,
        ``train_<metric>``, and with validation ``test_loss``, ``test_<metric>``. The training
        figures are averages over the batches while the network learns, with dropout in force.
    epoch : int
        The number of epochs trained so far.

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
    >>> history = trainer.fit(x, y, epochs=20, batch_size=16, progress=False)
    >>> history["train_accuracy"][-1] > 0.9
    True
    """

    def __init__(
        self,
        network: Layer,
        loss: Callable[..., Variable],
        optimizer: Optimizer,
        metrics: Sequence[Metric] | Mapping[str, Metric] = (),
        *,
        penalty: Variable | None = None,
        seed: int | None = None,
        params: Sequence[Variable] | None = None,
        backend: Any = None,
    ) -> None:
        if not isinstance(network, Layer):
            raise TypeError(
                f"Trainer: network must be a layer, Sequential say, got {network!r:.60}."
            )
        if not isinstance(optimizer, Optimizer):
            hint = " Did you leave out the ()?" if isinstance(optimizer, type) else ""
            raise TypeError(
                f"Trainer: optimizer must be an Optimizer, got {optimizer!r:.60}.{hint}"
            )
        is_backend = hasattr(backend, "functions") and not isinstance(backend, type)
        if backend is not None and not is_backend:
            raise TypeError(f"Trainer: backend must be mtn.Jax() or None, got {backend!r:.60}.")
        if seed is None:
            seed = np.random.SeedSequence().entropy if network.seed is None else network.seed
        objective = Objective(network, loss, named_metrics(metrics), penalty)
        super().__init__(objective, optimizer, checked_seed(seed, "Trainer: seed"), params)
        functions = Functions if backend is None else backend.functions
        self._functions = functions(objective, self._state)
        self._passes, self._stopped = Passes(objective, self._functions), ""

    @property
    def writes(self) -> bool:
        """Whether this process writes files: always, unless it is one of several."""
        return self._functions.writes

    @property
    def is_compiled(self) -> bool:
        """Whether a step was compiled already."""
        return self._functions.are_compiled

    def stop(self, reason: str) -> None:
        """End the training after the running epoch; what a callback calls."""
        self._stopped = reason

    def fit(
        self,
        train: Any,
        targets: Any = None,
        /,
        *,
        validation: Any = None,
        epochs: int = 1,
        batch_size: int = 32,
        stop: Rule | Iterable[Rule] | None = None,
        restore_best: str | Best | None = None,
        shuffle: bool = True,
        callbacks: Iterable[Callable[[Trainer], None]] = (),
        progress: bool = True,
        **habits: Any,
    ) -> History:
        """Train for some epochs more, going on from where the last call ended.

        Parameters
        ----------
        train, validation : tuple (inputs, targets) or (inputs, targets, weights), or iterable
            A tuple holds arrays, of which each batch is cast when its turn comes; any other
            iterable gives such tuples, one per batch, for data that don't fit in memory, and is
            asked for a new iterator in each epoch. Several inputs are a tuple of arrays in the
            place of one. Validation's first batch is looked at before the first step, unless it
            comes from an iterator, which can't be asked twice.
        targets : array, optional
            ``fit(X, y)`` is ``fit((X, y))``.
        epochs : int, default 1
            How many more epochs at the most.
        batch_size : int, default 32
            Of arrays; the last batch of an epoch may be shorter.
        stop : callable or several, optional
            Rules of the history: `PlateauWindow` or `Patience`, say. True ends the training.
        restore_best : str or Best, optional
            A column ("test_loss"): when the training has ended, whatever ended it, the network
            is set to what it was after the epoch that was best in it, of the epochs of this call.
        shuffle : bool, default True
            Whether each epoch has an order of its own; an iterable decides its order itself.
        callbacks : iterable of callables, default ()
            Each is called with the trainer after each epoch; if it has the methods, also
            ``before_fit(trainer)``, ``after_batch(trainer, figures)``, ``after_fit(trainer)``.
        progress : bool, default True
            On a terminal one live line; elsewhere some twenty lines, and one a minute at least.
            On standard error.

        Returns
        -------
        History
            The trainer's: all epochs so far. ``history.stopped_by`` says what ended the training:
            "epochs", "interrupted" (Ctrl-C: the running step is finished, the running epoch is
            dropped from the history), the rule's name, or what a callback gave to `stop`.

        Raises
        ------
        ValueError, TypeError
            If the data don't fit the network, or an argument is none; before the first step.
        NonFiniteLossError
            If the loss of a batch is NaN or infinite.
        """
        refuse_habits(habits, "fit", HABITS_OF_FIT)
        positive_int(epochs, "epochs")
        train = pair(train, targets, "train")
        rules = list(stop) if isinstance(stop, Iterable) else [stop] if stop else []
        for rule in rules:
            called(rule, "stop", "a rule such as mtn.Patience(), or a list of them")
        callbacks = [Progress(epochs, progress and self.writes), *callbacks]
        for callback in callbacks:
            called(callback, "callbacks", "functions of the trainer")
        if restore_best is not None:
            best = restore_best if isinstance(restore_best, Best) else Best(restore_best)
            callbacks.insert(1, RestoreBest(best))
        sides = ("train",) if validation is None else ("train", "test")
        columns = ["epoch", "seconds", "learning_rate"]
        columns += [f"{side}_{name}" for side in sides for name in self._objective.names]
        for one in (*rules, *callbacks, *(getattr(one, "best", None) for one in callbacks)):
            check_watched(one, columns)
        for source, what in ((train, "train"), (validation, "validation")):
            check_lasts(source, epochs, what)
        records = self.epochs(train, validation, batch_size, shuffle=shuffle)
        listeners = [one.after_batch for one in callbacks if hasattr(one, "after_batch")]
        self._passes.after_step = [partial(listen, self) for listen in listeners]
        self.history.stopped_by, self._stopped = None, ""
        reason = "interrupted"
        try:
            tell(callbacks, "before_fit", self)
            with Interruption() as self._passes.interruption:
                for count, _ in enumerate(records, 1):
                    for callback in callbacks:
                        callback(self)
                    fired = next((name_of(rule) for rule in rules if rule(self.history)), "")
                    ended = fired or self._stopped or ("epochs" if count == epochs else "")
                    if self._functions.highest(bool(ended)):
                        reason = ended or "another process"
                        break
        except KeyboardInterrupt:
            pass
        finally:
            self._passes.rest()
            tell(callbacks, "after_fit", self)
        self.history.stopped_by = reason
        return self.history

    def epochs(
        self, train: Any, validation: Any = None, batch_size: int = 32, *, shuffle: bool = True
    ) -> Iterator[Record]:
        """Train epoch by epoch, without end, and give each one's record: the loop behind `fit`.

        The arguments are checked before the first record is asked for.
        """
        positive_int(batch_size, "batch_size")
        self._state.begin()
        if self._is_resumed and batch_size != self._batch_size:
            was = f"the batch size was {self._batch_size!r:.60} before this training was resumed"
            warning = f"{was}, and is now {batch_size}: it won't end as it would have."
            warnings.warn(warning, stacklevel=3)
        self._batch_size, self._is_resumed = batch_size, False
        batches = self._passes.batches(train, batch_size, "train")
        held_out = validation
        if validation is not None:
            held_out = self._passes.batches(validation, _EVALUATION_BATCH, "validation")
        return self._endless(batches, held_out, shuffle)

    def _endless(
        self, batches: Batches, held_out: Batches | None, shuffle: bool
    ) -> Iterator[Record]:
        told = {**self.settings, "seed": self.seed, "epoch": self.epoch, "shuffle": shuffle}
        told["after_batch"] = bool(self._passes.after_step)
        self._functions.begin(told, batches, held_out)
        while not self._passes.is_interrupted():
            started = time.perf_counter()
            order = batches.order(self.seed, self.epoch) if shuffle else None
            figures = self._passes.train(batches, order, self.epoch + 1)
            if self._passes.is_interrupted():
                return
            seconds = self._functions.highest(time.perf_counter() - started)
            record: Record = {"epoch": self.epoch + 1, "seconds": seconds}
            record["learning_rate"] = self.learning_rate
            record |= {f"train_{name}": value for name, value in figures.items()}
            if held_out is not None:
                figures = self._passes.evaluate(held_out)
                record |= {f"test_{name}": value for name, value in figures.items()}
            self.epoch += 1
            self.history.append(record)
            yield record

    def evaluate(self, data: Any, targets: Any = None, /, *, batch_size: int = 1024) -> Record:
        """Return the loss and the metrics of the network's predictions on `data`.

        Parameters
        ----------
        data, targets : as in `fit`
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
        batches = self._passes.batches(pair(data, targets, "data"), batch_size, "data")
        return self._passes.evaluate(batches)

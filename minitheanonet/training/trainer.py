"""The trainer: a network, a loss and an optimizer, compiled once and run over batches."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from minitheanonet.checks import checked_seed, positive_int, refuse_habits
from minitheanonet.engine import Variable, pretty
from minitheanonet.layers.layer import Layer
from minitheanonet.learning.losses import categorical_crossentropy
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.learning.symbols import scalar_of
from minitheanonet.training.batches import Batches, Door, check_lasts, pair
from minitheanonet.training.callbacks import RestoreBest, tell
from minitheanonet.training.functions import Functions
from minitheanonet.training.history import History
from minitheanonet.training.interruption import Interruption
from minitheanonet.training.named import called, name_of, named_metrics
from minitheanonet.training.progress import Progress
from minitheanonet.training.state import TrainingState
from minitheanonet.training.step import Metric, Objective
from minitheanonet.training.stopping import Best

Record = dict[str, float | int]
Rule = Callable[[History], bool]

_EVALUATION_BATCH = 1024


class NonFiniteLossError(FloatingPointError):
    """The loss of a batch was NaN or infinite; the batch changed no parameter.

    Attributes
    ----------
    epoch, batch : int
        Both from 1.
    culprit : str
        The path of the first layer whose output is not finite; or "inputs", "targets" or "loss".
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
    state : dict of str to shared variable
        All that training changes: ``dense_1/W``, ``optimizer/dense_1/W/mean_square``, ``clock``.
    writes : bool
        Whether this process is the one that writes files: always, unless it is one of several.

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
        called(loss, "Trainer: loss", "a function, mtn.categorical_crossentropy say")
        if penalty is not None:
            scalar_of(penalty, "Trainer: penalty")
        if seed is None:
            seed = np.random.SeedSequence().entropy if network.seed is None else network.seed
        self.network, self.optimizer = network, optimizer
        self.seed = checked_seed(seed, "Trainer: seed")
        self.history, self.epoch = History(), 0
        objective = Objective(network, loss, named_metrics(metrics), penalty)
        self._state = TrainingState(network, optimizer, self.seed, params)
        functions = Functions if backend is None else backend.functions
        self._functions = functions(objective, self._state)
        self._objective, self._batch_size, self._resumed = objective, None, False
        shares = getattr(loss, "func", loss) is categorical_crossentropy
        self._door = Door(network, shares)
        self._stopped, self._interruption = "", Interruption()
        self._after_batch: list[Callable[[Trainer, list], None]] = []

    @property
    def state(self) -> dict[str, Any]:
        """All that training changes, by name."""
        self._state.refresh()
        return self._state.variables()

    @property
    def learning_rate(self) -> float:
        """η of the next step. May be set at any time, unless a schedule decides it."""
        return self._state.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._state.learning_rate = value

    @property
    def settings(self) -> dict[str, Any]:
        """What this training is beside its state, for a checkpoint's record."""
        penalty = self._objective.penalty
        return {
            "network": repr(self.network),
            "optimizer": repr(self.optimizer),
            "loss": name_of(self._objective.loss),
            "metrics": list(self._objective.metrics),
            "penalty": None if penalty is None else pretty(penalty),
            "batch_size": self._batch_size,
        }

    @property
    def writes(self) -> bool:
        """Whether this process is the one that writes files."""
        return self._functions.writes

    @property
    def is_compiled(self) -> bool:
        """Whether a step was compiled already."""
        return self._functions.are_compiled

    def restart(
        self, seed: int, history: History, values: Mapping[str, Any], batch_size: int | None = None
    ) -> None:
        """Go to where a training was: its state's values by name, and its record."""
        self._state.restart(seed, values)
        self.epoch, self.seed, self.history = history.epochs, seed, history
        self._batch_size, self._resumed = batch_size, batch_size is not None

    def averaged(self) -> Layer:
        """Return the network with the running averages of its parameters, to predict with.

        Raises
        ------
        ValueError
            If the optimizer keeps none: ``mtn.Adam(average=0.999)`` does.
        """
        return self._state.averaged()

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
        refuse_habits(habits, "fit", _HABITS)
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
        for one in (*rules, *callbacks, *(getattr(one, "best", None) for one in callbacks)):
            self._check_watched(one, validation)
        for source, what in ((train, "train"), (validation, "validation")):
            check_lasts(source, epochs, what)
        records = self.epochs(train, validation, batch_size, shuffle=shuffle)
        self._after_batch = [one.after_batch for one in callbacks if hasattr(one, "after_batch")]
        self.history.stopped_by, self._stopped = None, ""
        reason = "interrupted"
        try:
            tell(callbacks, "before_fit", self)
            with Interruption() as self._interruption:
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
            self._after_batch, self._interruption = [], Interruption()
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
        if self._resumed and batch_size != self._batch_size:
            was = f"the batch size was {self._batch_size!r:.60} before this training was resumed"
            warning = f"{was}, and is now {batch_size}: it won't end as it would have."
            warnings.warn(warning, stacklevel=3)
        self._batch_size, self._resumed = batch_size, False
        batches = self._batches(train, batch_size, "train")
        held_out = validation
        if validation is not None:
            held_out = self._batches(validation, _EVALUATION_BATCH, "validation")
        return self._endless(batches, held_out, shuffle)

    def _endless(
        self, batches: Batches, held_out: Batches | None, shuffle: bool
    ) -> Iterator[Record]:
        told = {**self.settings, "seed": self.seed, "epoch": self.epoch, "shuffle": shuffle}
        told["after_batch"] = bool(self._after_batch)
        self._functions.begin(told, batches, held_out)
        while not self._is_interrupted():
            started = time.perf_counter()
            order = batches.order(self.seed, self.epoch) if shuffle else None
            # What listens after each batch may look at the state, and change it.
            with nullcontext() if self._after_batch else self._functions.resident():
                figures = self._means(self._steps(batches, order))
            if self._is_interrupted():
                return
            seconds = self._functions.highest(time.perf_counter() - started)
            record: Record = {"epoch": self.epoch + 1, "seconds": seconds}
            record["learning_rate"] = self.learning_rate
            record |= {f"train_{name}": value for name, value in figures.items()}
            if held_out is not None:
                figures = self._evaluate(held_out)
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
        return self._evaluate(self._batches(pair(data, targets, "data"), batch_size, "data"))

    def _batches(self, source: Any, batch_size: int, what: str) -> Batches:
        """Return a source's batches, after trying the first one on the network's graph."""
        self.network.check_shapes()
        batches = Batches.of(source, self._door, batch_size, what)
        first = batches.first()
        if first is not None:
            inputs = first[: batches.inputs]
            self._objective.check_output(self._door.output_shape(inputs))
            self._functions.check(first, batches.inputs)
        return batches

    def _steps(self, batches: Batches, order: np.ndarray | None) -> Iterator[tuple[list, int]]:
        """Take an epoch's steps, and give each one's figures and its number of examples."""
        steps = self._functions.steps(batches, order, self._is_interrupted)
        for number, (figures, count) in enumerate(steps, 1):
            if not math.isfinite(figures[0]):
                culprit = self._functions.culprit()
                raise NonFiniteLossError(float(figures[0]), self.epoch + 1, number, culprit)
            yield figures, count
            for listen in self._after_batch:
                listen(self, figures)

    def _is_interrupted(self) -> bool:
        """Say whether Ctrl-C was pressed, in any process: all ask at the same time."""
        self._interruption.requested |= bool(self._functions.highest(self._interruption.requested))
        return self._interruption.requested

    def _evaluate(self, batches: Batches) -> Record:
        with self._functions.resident():
            return self._means(self._functions.evaluations(batches))

    def _means(self, results: Iterable[tuple[list, int]]) -> Record:
        """Return means over examples of what are means over batches of so many."""
        totals, examples = [0.0] * len(self._objective.names), 0
        for figures, count in results:
            totals = [t + float(f) * count for t, f in zip(totals, figures, strict=True)]
            examples += count
        means = (total / max(examples, 1) for total in totals)
        return dict(zip(self._objective.names, means, strict=True))

    def _check_watched(self, rule: Any, validation: Any) -> None:
        """Refuse a rule that watches a column which this training will not have."""
        watch = getattr(rule, "watch", None)
        sides = ("train",) if validation is None else ("train", "test")
        columns = ["epoch", "seconds", "learning_rate"]
        columns += [f"{side}_{name}" for side in sides for name in self._objective.names]
        if watch is not None and watch not in columns:
            is_tested = str(watch).startswith("test_")
            hint = " Pass validation=." if is_tested and validation is None else ""
            raise ValueError(
                f"{type(rule).__name__} watches {watch!r}, but the columns of this training are "
                f"{', '.join(columns)}.{hint}"
            )


_HABITS = {
    "validation_split": "divide the data, data.split() say, and pass validation=test",
    "validation_data": "pass validation=(inputs, targets)",
    "class_weight": "give weights of examples, fit((inputs, targets, weights)), "
    "weights = weight_of_class[targets]",
    "sample_weight": "give a tuple of three, fit((inputs, targets, weights))",
    "verbose": "progress=False shows nothing",
    "x": "give the data first, fit(inputs, targets)",
    "y": "give the data first, fit(inputs, targets)",
}

"""Bad inputs of training: `Trainer` and its methods."""

from __future__ import annotations

from functools import partial

import numpy as np
from rows import (
    NO_SEEDS,
    NO_WHOLES,
    PREPARED,
    SEED,
    WHOLE,
    Bad,
    Fine,
    fit,
    make_net,
    make_trainer,
    one_hot,
    x,
    y,
)

import minitheanonet as mtn
from minitheanonet.engine import T


def made(**options):
    return lambda: make_trainer(**options)


def trained(**options):
    """Make a trainer and train it: what some of its arguments are is seen then."""
    return lambda: fit((x, y), trainer=make_trainer(**options))


def is_pair(prediction, target):
    return T.eq(T.argmax(prediction, axis=1), target).sum()


TRAINER = [
    Bad("Trainer", "a function for a network", lambda: mtn.Trainer(len, len, mtn.SGD()),
        TypeError, "network", "must be a layer, Sequential say"),
    Bad("Trainer", "a class for an optimizer", made(optimizer=mtn.SGD),
        TypeError, "optimizer", r"Did you leave out the \(\)"),
    Bad("Trainer", "a name for a loss", made(loss="mse"),
        TypeError, "loss", "must be a function, mtn.categorical_crossentropy say"),
    Bad("Trainer", "a loss that returns nothing", trained(loss=lambda p, t: None),
        TypeError, "the loss", "symbolic scalar, written with the engine's T"),
    Bad("Trainer", "a loss for each example", trained(loss=lambda p, t: p.sum(axis=1)),
        ValueError, "the loss", r"take its mean\(\)"),
    Bad("Trainer", "a loss of whole numbers", trained(loss=is_pair),
        TypeError, "the loss.*int64", "T.cast"),
    Bad("Trainer", "a loss without the inputs",
        trained(loss=lambda p, t: T.cast(t, "float32").mean() + T.constant(np.float32(1))),
        ValueError, "doesn't depend on dense_1/W", "mend the loss"),
    Bad("Trainer", "labels for mean_squared_error", trained(loss=mtn.mean_squared_error),
        ValueError, "mean_squared_error", "same number of dimensions"),
    Bad("Trainer", "names for metrics", made(metrics=["accuracy"]),
        TypeError, "'accuracy'", "a metric is a function, mtn.accuracy say"),
    Bad("Trainer", "a metric that can't be called", made(metrics={"n": 3}),
        TypeError, "metric 'n'", r"function of \(prediction, target\)"),
    Bad("Trainer", "two metrics of one name", made(metrics=[mtn.accuracy, mtn.accuracy]),
        ValueError, "'accuracy'", "a name of its own"),
    Bad("Trainer", "a metric called loss", made(metrics={"loss": mtn.accuracy}),
        ValueError, "'loss'", "a name of its own"),
    Bad("Trainer", "a metric for each example", trained(metrics={"v": lambda p, t: p.max(axis=1)}),
        ValueError, "metric 'v'", r"take its mean\(\)"),
    Bad("Trainer", "a metric that is a number", trained(metrics={"v": lambda p, t: 3.0}),
        TypeError, "metric 'v'", "symbolic scalar, written with the engine's T"),
    Bad("Trainer", "a number for a penalty", made(penalty=0.1),
        TypeError, "penalty", "must be a symbolic scalar"),
    Bad("Trainer", "a penalty that is a matrix", made(penalty=T.fmatrix()),
        ValueError, "penalty", r"take its mean\(\)"),
    *[Bad("Trainer", f"seed {what}", made(seed=value), ValueError, "Trainer: seed", SEED)
      for what, value in NO_SEEDS.items()],
]  # fmt: skip


def data(what, given, error, thing, mend):
    """Return rows for everything that takes data like `fit`."""
    return [
        Bad("Trainer.fit", what, lambda: fit(given), error, f"^train.*{thing}", mend),
        Bad("Trainer.epochs", what, lambda: next(make_trainer().epochs(given)), error, thing,
            mend),
        Bad("Trainer.evaluate", what, lambda: make_trainer().evaluate(given), error, thing, mend),
        Bad("Trainer.fit", f"validation: {what}", lambda: fit((x, y), validation=given), error,
            f"^validation.*{thing}", mend),
    ]  # fmt: skip


HABITS = {
    "validation_split": r"data\.split\(\)",
    "validation_data": r"validation=\(inputs, targets\)",
    "class_weight": r"weight_of_class\[targets\]",
    "sample_weight": "tuple of three",
    "verbose": "progress=False",
    "nonsense": "validation_split",
}
NO_DATA = "must be a tuple .*of arrays, or an iterable"
DATA = [
    *data("an array alone", x, TypeError, "ndarray", NO_DATA),
    *data("None in a list", [None], TypeError, "batch 1", r"a tuple \(inputs, targets\)"),
    *data("a number", 3, TypeError, "int", NO_DATA),
    *data("text", "abc", TypeError, "str", NO_DATA),
    *data("a dict", {"x": x, "y": y}, TypeError, "dict", NO_DATA),
    *data("a list of two arrays", [x, y], TypeError, "batch 1", "given as a tuple too"),
    *data("inputs only", (x,), ValueError, "got 1 thing", r"must be \(inputs, targets\)"),
    *data("four things", (x, y, y, y), ValueError, "got 4 thing", r"must be \(inputs, targets\)"),
    *data("no batches", [], ValueError, "gave no batches", "pass a list"),
    *data("text inputs", (x.astype(str), y), TypeError, "inputs", "array of real numbers"),
    *data("object inputs", (x.astype(object), y), TypeError, "inputs", "array of real numbers"),
    *data("complex inputs", (x + 0j, y), TypeError, "inputs", "array of real numbers"),
    *data("dates", (x.astype("M8[D]"), y), TypeError, "inputs", "array of real numbers"),
    *data("ragged inputs", ([[1, 2], [3]], y[:2]), ValueError, "inputs", "Give every one the same"),
    *data("a scalar", (1.0, 1), ValueError, r"inputs have shape \(\)", r"expected \(n, 2\)"),
    *data("one example", (x[0], y[:1]), ValueError, r"shape \(2,\)", r"inputs\[np.newaxis\]"),
    *data("pictures", (x[:, None], y), ValueError, r"\(12, 1, 2\)", r"Reshape them to \(n, 2\)"),
    *data("another width", (x[:, :1], y), ValueError, r"\(12, 1\)", r"expected \(n, 2\)"),
    *data("empty arrays", (x[:0], y[:0]), ValueError, "inputs are empty", "at least one example"),
    *data("lengths that differ", (x, y[:5]), ValueError, "got 12, 5", "the same number of exam"),
    *data("too large for float32", (np.full((12, 2), 1e300), y), ValueError,
          "inputs hold 1e.300", 'scale them, or build the network with dtype="float64"'),
    *data("whole numbers beyond int64", ([[10**30, 1]], [0]), TypeError, "inputs", "real numbers"),
    *data("labels above the classes", (x, y + 1), ValueError, "number 2 is 3", r"in \[0, 3\)"),
    *data("labels below zero", (x, y - 1), ValueError, "number 0 is -1", r"in \[0, 3\)"),
    *data("labels beyond int64", (x, np.full(12, 2**63, "uint64")), ValueError, "number 0",
          r"in \[0, 3\)"),
    *data("float labels", (x, y.astype(float)), ValueError, "float64", "or integer labels"),
    *data("a column of labels", (x, y[:, None]), ValueError, r"\(12, 1\)", "or integer labels"),
    *data("text labels", (x, y.astype(str)), TypeError, "targets", "array of real numbers"),
    *data("one-hot of other classes", (x, np.eye(4)[y]), ValueError, r"\(12, 4\)",
          "give targets of that shape"),
    *data("rows that are no shares", (x, one_hot * 2), ValueError, "row 0 sums to 2",
          "shares of the classes, 0 or more, that sum to 1"),
    *data("negative shares", (x, 2 * one_hot - 1 / 3), ValueError, "row 0 .*least is -0.333",
          "shares of the classes, 0 or more"),
    *data("masked inputs", (np.ma.masked_less(x, 0), y), ValueError, "inputs are a masked array",
          r"\.filled\(value\)"),
    *data("masked labels", (x, np.ma.masked_equal(y, 1)), ValueError, "targets are a masked array",
          r"\.filled\(value\)"),
    *data("several inputs", ((x, x), y), ValueError, "inputs are a tuple of 2 arrays",
          "a layer that takes several"),
    *data("no targets", (x, None), TypeError, "targets", "array of real numbers"),
    *data("weights of another length", (x, y, np.ones(3)), ValueError, "got 12, 12, 3",
          "the same number of examples"),
    *data("a column of weights", (x, y, np.ones((12, 1))), ValueError, "weights", "a number per"),
    *data("a negative weight", (x, y, -np.ones(12)), ValueError, "number 0 is -1", "not negative"),
    *data("an infinite weight", (x, y, np.full(12, np.inf)), ValueError, "number 0 is inf",
          "be finite"),
    *data("a NaN weight", (x, y, np.full(12, np.nan)), ValueError, "number 0 is nan", "be finite"),
    *data("weights too large", (x, y, np.full(12, 1e300)), ValueError, "weights hold", "scale"),
    *data("text weights", (x, y, ["a"] * 12), TypeError, "weights", "array of real numbers"),
]  # fmt: skip


def evaluate(**options):
    return make_trainer().evaluate((x, y), **options)


def epochs(**options):
    return make_trainer().epochs((x, y), **options)


def with_options(what, error, thing, mend, **options):
    return Bad("Trainer.fit", what, lambda: fit((x, y), **options), error, thing, mend)


OPTIONS = [
    Bad("Trainer.fit", "two tuples of data", lambda: fit((x, y), (x, y)), TypeError,
        "train is a tuple already", "validation=test"),
    *[Bad("Trainer.fit", f"{habit}=", partial(fit, (x, y), **{habit: 1}), TypeError,
          f"fit has no {habit}=", mend) for habit, mend in HABITS.items()],
    Bad("Trainer.fit", "no data", lambda: fit(None), TypeError, "train.*NoneType", NO_DATA),
    *[with_options(f"epochs {what}", ValueError, "epochs", WHOLE, epochs=value)
      for what, value in NO_WHOLES.items()],
    *[with_options(f"batch_size {what}", ValueError, "batch_size", WHOLE, batch_size=value)
      for what, value in NO_WHOLES.items()],
    *[Bad("Trainer.evaluate", f"batch_size {what}",
          partial(evaluate, batch_size=value),
          ValueError, "batch_size", WHOLE) for what, value in NO_WHOLES.items()],
    *[Bad("Trainer.epochs", f"batch_size {what}",
          partial(epochs, batch_size=value),
          ValueError, "batch_size", WHOLE) for what, value in NO_WHOLES.items()],
    with_options("a class for a rule", TypeError, "stop", r"Did you leave out the \(\)",
                 stop=mtn.Patience),
    with_options("text for a rule", TypeError, "stop", "must be a rule such as", stop="loss"),
    with_options("a rule without its column", ValueError, "Patience watches 'test_loss'",
                 "Pass validation=", stop=mtn.Patience()),
    with_options("True for restore_best", ValueError, "Best watches True", "the columns of",
                 restore_best=True),
    with_options("a rule that watches a number", ValueError, "Patience watches 3",
                 "the columns of", stop=mtn.Patience(watch=3)),
    with_options("restore_best misspelt", ValueError, "Best watches 'val_loss'", "the columns of",
                 restore_best="val_loss"),
    with_options("None among the callbacks", TypeError, "callbacks", "functions of the trainer",
                 callbacks=[None]),
    with_options("a class among the callbacks", TypeError, "callbacks",
                 r"Did you leave out the \(\)", callbacks=[mtn.Checkpoint]),
    with_options("a checkpoint of a column that won't be", ValueError, "Best watches 'val_loss'",
                 "the columns of", callbacks=[mtn.Checkpoint("run/{epoch}.h5", best="val_loss")]),
    with_options("a checkpoint with too few classes", mtn.ModelFileError, "classes", "Give a name",
                 callbacks=[mtn.Checkpoint("run/{epoch}.h5", classes=["a"])]),
    with_options("a checkpoint into a file", mtn.ModelFileError, "afile", "Try elsewhere",
                 callbacks=[mtn.Checkpoint("afile/{epoch}.h5", every=50)]),
    Bad("Trainer.fit", "a generator for two epochs",
        lambda: fit((batch for batch in [(x, y)]), epochs=2),
        ValueError, "train is a generator", "pass a list"),
    Bad("Trainer.fit", "a validation generator for two epochs",
        lambda: fit((x, y), validation=(batch for batch in [(x, y)]), epochs=2),
        ValueError, "validation is a generator", "pass a list"),
    Bad("Trainer.fit", "NaN inputs", lambda: fit((np.full_like(x, np.nan), y)),
        mtn.NonFiniteLossError, "epoch 1, batch 1; the batch's inputs", "mend the data"),
    Bad("Trainer.fit", "infinite inputs", lambda: fit((np.full_like(x, np.inf), y)),
        mtn.NonFiniteLossError, "epoch 1, batch 1; the batch's inputs", "mend the data"),
    Bad("Trainer.fit", "NaN targets", lambda: fit((x, np.full((12, 3), np.nan))),
        mtn.NonFiniteLossError, "epoch 1, batch 1; the batch's targets", "mend the data"),
]  # fmt: skip


ROWS = [*TRAINER, *DATA, *OPTIONS]


# What is unusual and fine: the same result as the plain array's.

LABELS = {
    "int64": lambda a: a.astype("int64"),
    "uint8": lambda a: a.astype("uint8"),
    "not contiguous": lambda a: np.repeat(a, 2)[::2],
    "read-only": lambda a: np.lib.stride_tricks.as_strided(a, writeable=False),
    "a list": lambda a: a.tolist(),
}


def evaluated(*batch):
    return list(make_trainer(metrics=[mtn.accuracy]).evaluate(batch).values())


FINE = [
    *[Fine("Trainer.fit", f"{what} inputs", partial(fit, (make(x), y)), partial(fit, (x, y)))
      for what, make in PREPARED.items()],
    *[Fine("Trainer.fit", f"{what} one-hot", partial(fit, (x, make(one_hot))),
           partial(fit, (x, one_hot))) for what, make in PREPARED.items()],
    *[Fine("Trainer.fit", f"{what} labels", partial(fit, (x, make(y))), partial(fit, (x, y)))
      for what, make in LABELS.items()],
    *[Fine("Trainer.evaluate", what, partial(evaluated, make(x), y), partial(evaluated, x, y))
      for what, make in PREPARED.items()],
    Fine("Trainer.fit", "batches larger than the data", lambda: fit((x, y), batch_size=10**9),
         lambda: fit((x, y), batch_size=12)),
    Fine("Trainer.fit", "weights of 1", lambda: fit((x, y, np.ones(12))), lambda: fit((x, y))),
    Fine("Trainer.fit", "all weights 0", lambda: fit((x, y, np.zeros(12))),
         lambda: [param.get_value() for param in make_net().params]),
    Fine("Trainer.fit", "truth values for two classes", lambda: fit((x, y > 0)),
         lambda: fit((x, (y > 0).astype("int32")))),
    Fine("Trainer.fit", "a generator for one epoch", lambda: fit(b for b in [(x, y)]),
         lambda: fit([(x, y)])),
    Fine("Trainer.fit", "one class only", lambda: fit((x, y * 0)),
         lambda: fit((x, np.eye(3)[y * 0]))),
    Fine("Trainer.fit", "one example", lambda: fit((x[:1], y[:1])), lambda: fit([(x[:1], y[:1])])),
    Fine("Trainer", "numbers of NumPy's", lambda: fit((x, y), epochs=np.int64(2)),
         lambda: fit((x, y), epochs=2)),
    Fine("Trainer", "a penalty of float64",
         lambda: fit((x, y), trainer=make_trainer(penalty=T.constant(np.float64(0.5)))),
         lambda: fit((x, y), trainer=make_trainer(penalty=T.constant(np.float32(0.5))))),
    Fine("Trainer.evaluate", "NaN inputs are seen in the figures",
         lambda: evaluated(np.full_like(x, np.nan), y)[0], lambda: np.nan),
]  # fmt: skip

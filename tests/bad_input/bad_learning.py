"""Bad inputs of how a network learns: losses, metrics, optimizers, schedules, clipping."""

from __future__ import annotations

from functools import partial

import numpy as np
from rows import NO_NUMBERS, NO_WHOLES, WHOLE, Bad, Fine, x, y

import minitheanonet as mtn
from minitheanonet.engine import T, shared

NO_SYMBOLS = {"None": None, "text": "abc", "a layer": mtn.ReLU()}
SYMBOL = "must be a symbolic variable"
WHOLE_MATRIX, COMPLEX_MATRIX = T.imatrix("i"), T.cmatrix("c")


def weight(dtype="float32", shape=(2, 3), name="W"):
    return shared(np.ones(shape, dtype), name)


# Losses and metrics.

OF_CLASSES = {
    "categorical_crossentropy": mtn.categorical_crossentropy,
    "multiclass_hinge": mtn.multiclass_hinge,
    "accuracy": mtn.accuracy,
    "top_k_accuracy": mtn.top_k_accuracy,
}
OF_SHAPES = {
    "mean_squared_error": mtn.mean_squared_error,
    "binary_crossentropy": mtn.binary_crossentropy,
    "binary_accuracy": mtn.binary_accuracy,
    "mean_absolute_error": mtn.mean_absolute_error,
}
LOSSES = {
    name: loss
    for name, loss in {**OF_CLASSES, **OF_SHAPES}.items()
    if "accuracy" not in name and "absolute" not in name
}
prediction, column = T.fmatrix("p"), T.fcol("column")

COMPARING = [
    *[Bad(name, f"a prediction that is {what}", partial(f, given, y), TypeError,
          f"{name}: prediction", SYMBOL)
      for name, f in {**OF_CLASSES, **OF_SHAPES}.items() for what, given in NO_SYMBOLS.items()],
    *[Bad(name, f"a target that is {what}", partial(f, prediction, given), TypeError,
          f"{name}: target", SYMBOL)
      for name, f in {**OF_CLASSES, **OF_SHAPES}.items() for what, given in NO_SYMBOLS.items()],
    *[Bad(name, f"a prediction of {given.dtype}", partial(f, given, given), TypeError,
          f"{name}: prediction", "T.cast") for name, f in {**OF_CLASSES, **OF_SHAPES}.items()
      for given in (WHOLE_MATRIX, COMPLEX_MATRIX)],
    *[Bad(name, "a complex target", partial(f, prediction, COMPLEX_MATRIX), TypeError,
          f"{name}: target", "must be real numbers")
      for name, f in {**OF_CLASSES, **OF_SHAPES}.items()],
    *[Bad(name, what, partial(f, *given), ValueError, name, mend) for name, f in OF_CLASSES.items()
      for what, given, mend in (
          ("a vector of predictions", (T.fvector(), y), r"must be \(n, classes\)"),
          ("swapped", (x[:, 0], x), r"must be \(n, classes\)"),
          ("float labels", (prediction, T.fvector()), "must be integer labels"),
          ("complex labels", (prediction, T.zvector()), "must be integer labels"),
          ("a target of ndim 3", (prediction, T.ftensor3()), "must be integer labels"),
          ("one label alone", (prediction, T.iscalar()), "must be integer labels"))],
    *[Bad(name, what, partial(f, *given), ValueError, name, mend) for name, f in OF_SHAPES.items()
      for what, given, mend in (
          ("a vector beside a column", (prediction, T.fvector()), "A column is y.dimshuffle"),
          ("labels beside classes", (prediction, y), "A column is y.dimshuffle"),
          ("a column beside a row", (column, T.frow()), "must have the same shape"),
          ("arrays that cross", (x[:, :1], x[:, :1].T), "must have the same shape"))],
    *[Bad(name, "weights in a matrix", partial(f, prediction, prediction, T.fmatrix()), ValueError,
          f"{name}: weights", "a number per example") for name, f in LOSSES.items()],
    *[Bad(name, "text for weights", partial(f, prediction, prediction, "a"), TypeError,
          f"{name}: weights", SYMBOL) for name, f in LOSSES.items()],
    *[Bad("top_k_accuracy", f"k {what}", partial(mtn.top_k_accuracy, prediction, y, value),
          ValueError, "top_k_accuracy: k", WHOLE) for what, value in NO_WHOLES.items()],
    *[Bad("binary_accuracy", f"threshold {what}",
          partial(mtn.binary_accuracy, prediction, prediction, value), ValueError,
          "binary_accuracy: threshold", "a finite number") for what, value in NO_NUMBERS.items()],
]  # fmt: skip

# Optimizers, clipping, penalties.

W = weight()
LOSS = (W * W).sum()
OPTIMIZERS = {
    name: getattr(mtn, name)
    for name in ("SGD", "Momentum", "Nesterov", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW")
}
SHARES = {
    "Momentum": ["momentum"], "Nesterov": ["momentum"], "RMSprop": ["rho"], "Adadelta": ["rho"],
    "Adam": ["beta_1", "beta_2"], "AdamW": ["beta_1", "beta_2"],
}  # fmt: skip
NOT_POSITIVE = {
    **NO_NUMBERS, "zero": 0, "negative": -1, "infinite": np.inf, "symbolic": T.fscalar(),
}  # fmt: skip
OF_STEPS = {
    "Exponential": partial(mtn.Exponential, 0.1, decay=0.5),
    "Cosine": partial(mtn.Cosine, 0.1),
    "OneCycle": partial(mtn.OneCycle, 0.1),
}


def updates(loss=LOSS, params=(W,), **options):
    return lambda: mtn.SGD(0.1, **options).updates(loss, params)


OPTIMIZING = [
    *[Bad(name, f"learning_rate {what}", partial(kind, value), ValueError, f"{name}: learning_rate",
          "must be a number, 0 or more") for name, kind in OPTIMIZERS.items()
      for what, value in NOT_POSITIVE.items() if what != "zero"],
    *[Bad(name, f"{clip} {what}", partial(kind, **{clip: value}), ValueError, f"{name}: {clip}",
          "must be a positive number") for name, kind in OPTIMIZERS.items()
      for clip in ("clip_value", "clip_norm", "clip_global_norm")
      for what, value in (("zero", 0), ("text", "1"))],
    *[Bad(name, f"{share} {what}", partial(OPTIMIZERS[name], **{share: value}), ValueError,
          f"{name}: {share}", r"must be in \[0, 1\)") for name, shares in SHARES.items()
      for share in shares for what, value in {**NO_NUMBERS, "one": 1.0, "negative": -0.1}.items()],
    *[Bad(name, f"average {what}", partial(kind, average=value), ValueError,
          f"{name}: average", r"must be in \[0, 1\)") for name, kind in OPTIMIZERS.items()
      for what, value in {"text": "0.9", "True": True, "one": 1.0}.items()],
    *[Bad(name, f"epsilon {what}", partial(OPTIMIZERS[name], epsilon=value), ValueError,
          f"{name}: epsilon", "must be a positive number")
      for name in ("Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW")
      for what, value in NOT_POSITIVE.items()],
    *[Bad(name, f"{what} {value!r}", partial(OPTIMIZERS[name], **{what: value}), ValueError,
          f"{name}: {what}", "a number, 0 or more")
      for name, what in (("Adagrad", "initial_accumulator"), ("AdamW", "weight_decay"))
      for value in (-1, np.nan, "0.1", None)],
    *[Bad("SGD", f"a factor {what}", partial(mtn.SGD, rates={"*": value}), ValueError,
          r"SGD: rates\['\*'\]", "a number, 0 or more")
      for what, value in {"negative": -1, "text": "0.1", "None": None}.items()],
    *[Bad("Optimizer.updates", f"{what} for a path that there isn't", updates(**{what: {"c/*": 1}}),
          ValueError, r"the pattern 'c/\*'", "fits no parameter; they are W")
      for what in ("rates", "constraints")],
    Bad("Optimizer.updates", "no parameters", updates(params=[]), ValueError, "an optimizer",
        "at least one parameter"),
    Bad("Optimizer.updates", "an expression for a parameter", updates(params=[W * 1]), TypeError,
        "shared variables", "engine.shared"),
    Bad("Optimizer.updates", "a vector for a loss", updates(W.sum(axis=0)), ValueError, "the loss",
        r"take its mean\(\)"),
    Bad("Optimizer.updates", "a loss of whole numbers", updates(T.iscalar()), TypeError,
        "the loss.*int32", "T.cast"),
    Bad("Optimizer.updates", "a loss of something else", updates(T.fscalar()), ValueError,
        "doesn't depend on W", "leave that out of the parameters"),
    Bad("Optimizer.updates", "a gradient of another dtype", updates([T.dmatrix()]), TypeError,
        "W would become float64", r"T\.cast\(\.\.\., \"float32\"\)"),
    Bad("Optimizer.updates", "a gradient of another rank", updates([T.fvector()]), TypeError,
        "the gradient of W has ndim 1", "W has 2"),
    Bad("MaxNorm", "a limit of zero", partial(mtn.MaxNorm, 0), ValueError, "MaxNorm: limit",
        "must be a positive number"),
    *[Bad(name, f"{what} steps", partial(kind, steps=value), ValueError, f"{name}: steps", WHOLE)
      for name, kind in OF_STEPS.items() for what, value in NO_WHOLES.items()],
    *[Bad("Piecewise", f"a rate {what}", partial(mtn.Piecewise, [5], [1, value]), ValueError,
          "Piecewise: a rate", "a number, 0 or more")
      for what, value in {**NO_NUMBERS, "negative": -1}.items()],
    *[Bad("ReduceOnPlateau", f"factor {what}", partial(mtn.ReduceOnPlateau, value), ValueError,
          "ReduceOnPlateau: factor", r"in \(0, 1\)") for what, value in NOT_POSITIVE.items()],
]  # fmt: skip

CLIPS = {f.__name__: f for f in (mtn.clip_by_value, mtn.clip_by_norm, mtn.clip_by_global_norm)}

REDUCING = [
    *[Bad(name, f"limit {what}", partial(f, [W], value), ValueError, f"{name}: limit",
          "must be a positive number") for name, f in CLIPS.items()
      for what, value in NOT_POSITIVE.items()],
]  # fmt: skip

ROWS = [*COMPARING, *OPTIMIZING, *REDUCING]

P = np.array([[0.2, 0.8], [0.7, 0.3]], "float32")


def value_of(f, *given):
    return f(*given).eval()


FINE = [
    *[Fine(name, "labels of int64 in a list", partial(value_of, f, P, [1, 0]),
           partial(value_of, f, P, np.array([1, 0], "int32"))) for name, f in OF_CLASSES.items()],
    *[Fine(name, "a target of float64", partial(value_of, f, P, (P > 0.5).astype("float64")),
           partial(value_of, f, P, (P > 0.5).astype("float32")))
      for name, f in {**OF_CLASSES, **OF_SHAPES}.items()],
    *[Fine(name, "weights of 1", partial(value_of, f, P, P > 0.5, np.ones(2)),
           partial(value_of, f, P, P > 0.5)) for name, f in LOSSES.items()],
    Fine("SGD", "a learning rate of NumPy's", lambda: mtn.SGD(np.float32(0.5)).learning_rate,
         lambda: 0.5),
    Fine("top_k_accuracy", "k above the classes",
         lambda: mtn.top_k_accuracy(P, [1, 0], 100).eval(), lambda: 1.0),
]  # fmt: skip

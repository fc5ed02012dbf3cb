"""Bad inputs of prediction: `Sequential.predict`."""

from __future__ import annotations

from functools import partial

import numpy as np
from rows import NO_WHOLES, PREPARED, WHOLE, Bad, Fine, make_net, x, y

import minitheanonet as mtn
from minitheanonet.engine import T


def predict(inputs, **options):
    return make_net().predict(inputs, **options)


def predicts(what, given, error, thing, mend):
    return Bad("Sequential.predict", what, lambda: make_net().predict(given), error, thing, mend)


ROWS = [
    predicts("None", None, TypeError, "inputs", "array of real numbers"),
    predicts("text", "abc", TypeError, "inputs", "array of real numbers"),
    predicts("a symbolic variable", T.fmatrix(), TypeError, "inputs", "array of real numbers"),
    predicts("inputs and targets", (x, y), ValueError, "a tuple of 2 arrays",
             "several inputs go to a layer that takes several"),
    predicts("another width", x[:, :1], ValueError, r"\(12, 1\)", r"expected \(n, 2\)"),
    predicts("one example", x[0], ValueError, r"\(2,\)", r"inputs\[np.newaxis\]"),
    predicts("nothing", x[:0], ValueError, "inputs are empty", "at least one example"),
    predicts("too large", np.full((1, 2), 1e300), ValueError, "inputs hold 1e.300", "scale them"),
    predicts("complex numbers", x + 0j, TypeError, "inputs", "array of real numbers"),
    *[Bad("Sequential.predict", f"batch_size {what}", partial(predict, x, batch_size=value),
          ValueError, "batch_size", WHOLE) for what, value in NO_WHOLES.items()],
    Bad("Sequential.predict", "a picture for a softmax",
        lambda: mtn.Sequential(mtn.Softmax(), seed=0).predict(np.ones((2, 3, 4))),
        ValueError, "softmax_1", r"Flatten\(\)"),
]  # fmt: skip

FINE = [
    *[Fine("Sequential.predict", what, partial(predict, make(x)), partial(predict, x))
      for what, make in PREPARED.items()],
    Fine("Sequential.predict", "NaN inputs are seen in the outputs",
         lambda: make_net().predict([[np.nan, 0], [1, 2]])[0], lambda: np.full(3, np.nan)),
    Fine("Sequential.predict", "batches larger than the data",
         partial(predict, x, batch_size=10**9), partial(predict, x, batch_size=5)),
]  # fmt: skip

"""Bad inputs of the engine's room; the engine's own functions have the engine's own errors."""

from __future__ import annotations

from functools import partial

import numpy as np
from rows import Bad, Fine

from minitheanonet import engine
from minitheanonet.engine import T

NO_SYMBOLS = {"None": None, "text": "abc", "a dict": {}}
matrix = T.fmatrix("m")
values = np.array([[1, 2], [3, 4]], "float32")


def doubled():
    return engine.function([matrix], matrix * np.float32(2))


def called(*arguments):
    return lambda: doubled()(*arguments)


MATRIX = "[Ww]rong number of dimensions: expected 2"

ROWS = [
    *[Bad("engine.symbolic", what, partial(engine.symbolic, given, "it"), TypeError, "it",
          "must be a symbolic variable") for what, given in NO_SYMBOLS.items()],
    *[Bad("engine.shared", what, partial(engine.shared, given), TypeError, "shared: value",
          "must be an array of real numbers")
      for what, given in {**NO_SYMBOLS, "objects": np.ones(2, object), "symbolic": matrix}.items()],
    Bad("engine.shared", "ragged", partial(engine.shared, [[1], [1, 2]]), ValueError,
        "shared: value", "Give every one the same"),
    *[Bad("engine.floats", what, partial(engine.floats, given, "it"), TypeError, "it",
          "must be a symbolic variable") for what, given in NO_SYMBOLS.items()],
    Bad("engine.floats", "whole numbers", partial(engine.floats, T.ivector(), "it"), TypeError,
        "it must be float32 or float64, got int32", 'T.cast'),
    *[Bad("engine.function", f"called with {what}", called(given), TypeError, thing, mend, "engine")
      for what, given, thing, mend in (
          ("float64", values.astype("float64"), "float64", "explicitly cast your data to float32"),
          ("int64", values.astype("int64"), "int64", "explicitly cast your data to float32"),
          ("a vector", values[0], MATRIX, "got 1 with shape"),
          ("a number", 3.0, MATRIX, "got 0 with shape"))],
    Bad("engine.function", "called without arguments", called(), TypeError, "input", "Missing",
        "engine"),
]  # fmt: skip

FINE = [
    Fine("engine.function", "called with a list", called([[1, 2], [3, 4]]), called(values)),
    Fine("engine.function", "called with an array in Fortran order",
         called(np.asfortranarray(values)), called(values)),
    Fine("engine.function", "called with an array that is not contiguous",
         called(np.repeat(values, 2, axis=0)[::2]), called(values)),
    Fine("engine.function", "updates in pairs",
         lambda: stepped([(counter, counter + 1)]), lambda: stepped({counter: counter + 1})),
    Fine("engine.shared", "a list", lambda: engine.shared([[1.0]]).get_value(), lambda: [[1.0]]),
]  # fmt: skip

counter = engine.shared(0, "counter")


def stepped(updates):
    counter.set_value(0)
    engine.function([], [], updates)()
    return counter.get_value()

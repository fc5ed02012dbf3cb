"""Bad inputs of what makes graphs: layers, initial values, randomness."""

from __future__ import annotations

from functools import partial

import numpy as np
from rows import NO_NUMBERS, NO_SEEDS, NO_WHOLES, SEED, WHOLE, Bad, Fine, make_net, x

import minitheanonet as mtn
from minitheanonet.engine import T, shared

NO_SYMBOLS = {"None": None, "text": "abc", "a layer": mtn.ReLU()}
SYMBOL = "must be a symbolic variable"
WHOLE_MATRIX, COMPLEX_MATRIX = T.imatrix("i"), T.cmatrix("c")


def weight(dtype="float32", shape=(2, 3), name="W"):
    return shared(np.ones(shape, dtype), name)


# Layers and networks.

LAYERS = {
    "Dense": partial(mtn.Dense, 2, 3, seed=0),
    "ReLU": mtn.ReLU,
    "Sigmoid": mtn.Sigmoid,
    "Tanh": mtn.Tanh,
    "Softmax": mtn.Softmax,
    "Dropout": partial(mtn.Dropout, 0.5),
    "GaussianNoise": partial(mtn.GaussianNoise, 0.5),
    "Flatten": mtn.Flatten,
    "Reshape": partial(mtn.Reshape, (2,)),
    "Residual": partial(mtn.Residual, mtn.ReLU()),
    "Sequential": make_net,
}
FIRST = {"Sequential": "dense_1"}  # which layer of a network an input meets


def called(name, given, training=None):
    return lambda: LAYERS[name]()(given, training)


CALLS = [
    *[Bad(name, f"called with {what}", called(name, given), TypeError,
          FIRST.get(name, name), SYMBOL)
      for name in LAYERS for what, given in NO_SYMBOLS.items()],
    *[Bad(name, f"called with {given.dtype}", called(name, given), TypeError,
          FIRST.get(name, name), "T.cast")
      for name in LAYERS for given in (WHOLE_MATRIX, COMPLEX_MATRIX)],
    *[Bad(name, "training=True", called(name, T.fmatrix(), True), TypeError, "training",
          r"mtn\.Training\(seed=0\)") for name in ("Dropout", "Sequential")],
    Bad("Dense", "called with a vector", called("Dense", T.fvector()), ValueError,
        r"Dense.*got \(\?,\)", r"expected an input of shape \(n, 2\)"),
    Bad("Dense", "called with float64", called("Dense", T.dmatrix()), TypeError, "Dense.*float64",
        'cast the input, or build the layer with dtype="float64"'),
    Bad("Softmax", "called with a vector", called("Softmax", T.fvector()), ValueError, "Softmax",
        r"expected an input of shape \(n, classes\)"),
    Bad("Flatten", "called with a scalar", called("Flatten", T.fscalar()), ValueError, "Flatten",
        r"expected an input of shape \(n, ...\)"),
    Bad("Layer", "called without a call of its own", lambda: mtn.Layer()(T.fmatrix()),
        NotImplementedError, "Layer", "defines no forward"),
]  # fmt: skip


def dense(**options):
    return lambda: mtn.Dense(2, 3, **options).params


def scale(**options):
    """Declare a parameter of one's own layer."""
    given = {"key": "k", "given": mtn.Zeros(), "shape": (3,), **options}
    return lambda: mtn.Layer().parameter(**given)


MAKING = [
    *[Bad("Dense", f"n_in {what}", partial(mtn.Dense, value, 3), ValueError, "n_in", WHOLE)
      for what, value in NO_WHOLES.items()],
    *[Bad("Dense", f"n_out {what}", partial(mtn.Dense, 3, value), ValueError, "n_out", WHOLE)
      for what, value in NO_WHOLES.items()],
    *[Bad("Dense", f"W {what}", dense(W=value), TypeError, "dense: W", "must be an initialiser, an")
      for what, value in {"a name": "glorot", "None": None, "complex": 1j * np.ones((2, 3)),
                          "objects": np.ones((2, 3), object)}.items()],
    Bad("Dense", "W a class", dense(W=mtn.GlorotUniform), TypeError, "W is the class",
        r"Did you leave out the \(\)"),
    Bad("Dense", "W of another shape", dense(W=np.ones((3, 2))), ValueError, r"W has shape \(3, 2",
        r"expected \(2, 3\)"),
    Bad("Dense", "W ragged", dense(W=[[1, 2, 3], [4, 5]]), ValueError, "dense: W",
        "Give every one the same"),
    Bad("Dense", "W too large for float32", dense(W=np.full((2, 3), 1e300)), ValueError,
        "dense: W hold 1e.300", "scale them"),
    Bad("Dense", "W shared, of another dtype", dense(W=weight("float64")), TypeError,
        "W is float64", 'cast it, or build the layer with dtype="float64"'),
    Bad("Dense", "W shared, of whole numbers", dense(W=weight("int64")), TypeError, "W.*int64",
        "T.cast"),
    Bad("Dense", "W symbolic, a vector", dense(W=T.fvector()), ValueError, r"W has shape \(\?,\)",
        r"expected \(2, 3\)"),
    Bad("Dense", "b that draws matrices only", dense(b=mtn.HeNormal()), ValueError,
        r"asked for shape \(3,\)", "Use Zeros"),
    *[Bad("Dense", f"dtype {value!r}", partial(mtn.Dense, 2, 3, dtype=value), ValueError,
          "dense: dtype", '"float32" or "float64"')
      for value in ("float16", "int32", "complex64", None)],
    *[Bad("Dense", f"seed {what}", partial(mtn.Dense, 2, 3, seed=value), ValueError, "dense: seed",
          SEED) for what, value in NO_SEEDS.items()],
    *[Bad("ReLU", f"name {value!r}", partial(mtn.ReLU, name=value), ValueError, "relu: name",
          "a text without a /") for value in (3, "", b"a", ("a",), "a/b")],
    *[Bad("Dropout", f"rate {what}", partial(mtn.Dropout, value), ValueError, "dropout: rate",
          r"in \[0, 1\)")
      for what, value in {**NO_NUMBERS, "1": 1, "negative": -0.1, "shared": shared(0.5)}.items()],
    Bad("Layer.parameter", "a number for a shape", scale(shape=3), ValueError, "k's shape",
        "tuple of positive whole numbers"),
    Bad("Layer.parameter", "text", scale(given="zeros"), TypeError, "layer: k",
        "an initialiser, an"),
    Bad("Layer.output_shape", "pictures for Dense", partial(mtn.Dense(4, 3).output_shape, (2, 2)),
        ValueError, r"Dense.*got \(2, 2\)", r"Put a Flatten\(\)"),
    Bad("Layer.output_shape", "pictures for Softmax", partial(mtn.Softmax().output_shape, (2, 2)),
        ValueError, r"Softmax.*got \(2, 2\)", r"Put a Flatten\(\)"),
]  # fmt: skip


POOLS = {"MaxPool2D": mtn.MaxPool2D, "AveragePool2D": mtn.AveragePool2D}
MAKING += [
    *[Bad("Conv2D", f"{key} {what}", partial(mtn.Conv2D, **{"n_in": 1, "n_out": 1, "size": 3,
                                                            key: value}), ValueError,
          f"Conv2D: {key}", WHOLE)
      for key in ("n_in", "n_out", "size", "strides", "dilation")
      for what, value in NO_WHOLES.items()],
    *[Bad(name, f"size {what}", partial(pool, value), ValueError, f"{name}: size", WHOLE)
      for name, pool in POOLS.items() for what, value in NO_WHOLES.items()],
    *[Bad(name, "padding full", partial(make, padding="full"), ValueError, f"{name}: padding",
          '"valid" or "same"')
      for name, make in {"Conv2D": partial(mtn.Conv2D, 1, 1, 3), **POOLS}.items()],
    *[Bad(name, "called with a matrix", partial(layer(), T.fmatrix()), ValueError, name,
          "expected images")
      for name, layer in {**POOLS, "GlobalAveragePool2D": mtn.GlobalAveragePool2D}.items()],
]  # fmt: skip


def network(*layers, **options):
    return partial(mtn.Sequential, *layers, **options)


SEQUENTIAL = [
    Bad("Sequential", "no layers", network(), ValueError, "Sequential", "at least one layer"),
    Bad("Sequential", "a list", network([mtn.ReLU()]), TypeError, "argument 1", r"Put a \* before"),
    Bad("Sequential", "a class", network(mtn.ReLU), TypeError, "argument 1",
        r"Did you mean ReLU\(\)"),
    Bad("Sequential", "neighbours that don't fit", network(mtn.Dense(2, 3), mtn.Dense(4, 2)),
        ValueError, r"dense_2: .*got \(3,\)", r"expected examples of shape \(4,\)"),
    Bad("Sequential", "two layers of one name",
        network(mtn.ReLU(name="a"), mtn.Tanh(name="a")), ValueError, "'a'", "a name of its own"),
    *[Bad("Sequential", f"input_shape {value!r}", network(mtn.ReLU(), input_shape=value),
          ValueError, "input_shape", r"tuple of positive whole numbers, \(784,\)")
      for value in (3, "ab", (0,), (-1,), (2.5,), (None, 2))],
    *[Bad("Sequential", f"seed {what}", network(mtn.ReLU(), seed=value), ValueError,
          "sequential: seed", SEED) for what, value in NO_SEEDS.items()],
    Bad("Sequential", "layers of two dtypes",
        lambda: mtn.Sequential(mtn.Dense(2, 3), mtn.Dense(3, 2, dtype="float64")),
        TypeError, "dense_1 computes in float32 and dense_2 in float64", "give both the same"),
    Bad("Sequential.output_shape", "another width", lambda: make_net().output_shape((5,)),
        ValueError, r"dense_1: .*got \(5,\)", r"expected examples of shape \(2,\)"),
]  # fmt: skip

# Initial weights, randomness.

OF_MATRICES = ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LeCunUniform",
               "LeCunNormal", "Orthogonal")  # fmt: skip
OF_ANY_SHAPE = {"Zeros": (), "Constant": (1.0,), "Normal": (), "Uniform": ()}
NOT_FINITE = {**NO_NUMBERS, "infinite": np.inf, "complex": 1j}


def drawn(name, shape, rng=None):
    rng = np.random.default_rng(0) if rng is None else rng
    return partial(getattr(mtn, name)(*OF_ANY_SHAPE.get(name, ())), shape, rng)


DRAWING = [
    *[Bad(name, f"shape {shape!r}", drawn(name, shape), ValueError, name, "Use Zeros, Constant")
      for name in OF_MATRICES for shape in ((), (3,), (2, 3, 4))],
    *[Bad(name, f"{what} {how}", partial(getattr(mtn, name), **{what: value}), ValueError,
          f"{name}: {what}", "a finite number")
      for name, what in (("Constant", "value"), ("Normal", "mean"), ("Uniform", "low"),
                         ("Orthogonal", "gain")) for how, value in NOT_FINITE.items()],
    *[Bad("Normal", f"std {what}", partial(mtn.Normal, value), ValueError, "Normal: std",
          "0 or more") for what, value in {**NOT_FINITE, "negative": -1}.items()],
    Bad("Uniform", "high below low", partial(mtn.Uniform, 1, 0), ValueError, "Uniform: high",
        "1 or more"),
    *[Bad("Training", f"seed {what}", partial(mtn.Training, value), ValueError, "Training: seed",
          SEED) for what, value in NO_SEEDS.items()],
    *[Bad("Training.restart", f"seed {what}", partial(mtn.Training().restart, value, 0), ValueError,
          "restart: seed", SEED) for what, value in NO_SEEDS.items()],
    *[Bad("Training.restart", f"step {value!r}", partial(mtn.Training().restart, 0, value),
          ValueError, "restart: clock", "0 or more")
      for value in (-1, 0.5, "a", None, np.inf, 2**64)],
    *[Bad("Training.stream", f"bernoulli of {value!r}",
          partial(mtn.Training().stream(mtn.ReLU()).bernoulli, value, (2,), 1), ValueError,
          "bernoulli: p", r"in \[0, 1\]") for value in (-1, 2, "a", np.nan)],
]  # fmt: skip

ROWS = [*CALLS, *MAKING, *SEQUENTIAL, *DRAWING]

FINE = [
    Fine("Sequential", "called with an array", lambda: make_net()(x).eval(),
         lambda: make_net().predict(x)),
    Fine("Sequential", "seeds and sizes of NumPy's",
         lambda: mtn.Sequential(mtn.Dense(np.int64(2), np.uint8(3)), seed=np.int8(0)).predict(x),
         lambda: mtn.Sequential(mtn.Dense(2, 3), seed=0).predict(x)),
    Fine("Dense", "weights in Fortran order, read-only",
         lambda: mtn.Dense(2, 2, W=np.broadcast_to(np.float64(3), (2, 2)).T).W.get_value(),
         lambda: np.full((2, 2), 3, "float32")),
    *[Fine("Dense", f"dtype {value!r}", lambda value=value: mtn.Dense(2, 3, dtype=value).dtype,
           lambda value=value: np.dtype(value).name) for value in (np.float32, "f4", "double")],
]  # fmt: skip

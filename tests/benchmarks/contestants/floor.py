"""The floor: the eight matrix products of a step, through the BLAS that the engine calls."""

from __future__ import annotations

import common
import numpy as np

import minitheanonet  # noqa: F401 (sets the BLAS up as it is for a step)

from scipy.linalg.blas import sgemm  # isort: skip (SciPy's BLAS is what compiled graphs call)

problem = common.read()
weights = problem.weights


def transposed_product(a, b, ta=False, tb=False):
    """Compute (op(a) op(b))ᵀ for C-contiguous a and b, without copies."""
    return sgemm(1.0, b.T, a.T, trans_a=tb, trans_b=ta)


def products_of(n: int) -> list[tuple]:
    """Return the operands of a step's products on n examples."""
    rng = np.random.default_rng(0)
    shapes = [problem.x_train.shape[1], *(W.shape[1] for W in weights)]
    signals = [rng.normal(size=(n, width)).astype("float32") for width in shapes]
    forward = [(signals[i], W, False, False) for i, W in enumerate(weights)]
    of_weights = [(signals[i], signals[i + 1], True, False) for i in range(len(weights))]
    backward = [(signals[i + 1], W, False, True) for i, W in enumerate(weights) if i > 0]
    return [*forward, *of_weights, *backward]


by_length = {len(batch): products_of(len(batch)) for batch in problem.shuffled(0)}


def train_epoch(epoch: int) -> None:
    for batch in problem.shuffled(epoch):
        for operands in by_length[len(batch)]:
            transposed_product(*operands)


common.run(problem, train_epoch, lambda: None)

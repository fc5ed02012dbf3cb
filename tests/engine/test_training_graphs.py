"""The graphs of training steps in the engine's own mode: no product twice, right numbers."""

from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function

OPTIMIZERS = [
    mtn.SGD, mtn.Momentum, mtn.Nesterov, mtn.Adagrad, mtn.RMSprop, mtn.Adadelta, mtn.Adam,
    mtn.AdamW,
]  # fmt: skip
CLIPPED = [mtn.RMSprop(clip_norm=1.0), mtn.Adam(clip_global_norm=1.0), mtn.AdamW(clip_value=1.0)]


def matrix_products(compiled) -> int:
    """Return how many matrix products a compiled graph computes."""
    kinds = [type(node.op).__name__ for node in compiled.maker.fgraph.toposort()]
    return sum(kind in ("Dot", "Dot22", "Dot22Scalar", "Gemm", "BatchedDot") for kind in kinds)


@pytest.mark.engine_mode
@pytest.mark.parametrize("optimizer", [*[each() for each in OPTIMIZERS], *CLIPPED], ids=repr)
def test_no_matrix_product_is_computed_twice(optimizer):
    """Two forward, two weight gradients, one input gradient."""
    net = mtn.Sequential(
        mtn.Dense(8, 7), mtn.ReLU(), mtn.Dropout(0.2), mtn.Dense(7, 5), mtn.Softmax(), seed=0
    )
    x, y, training = T.fmatrix("x"), T.ivector("y"), mtn.Training(0)
    loss = mtn.categorical_crossentropy(net(x, training), y)
    updates = optimizer.updates(loss, net.trained)
    step = function([x, y], loss, updates={**updates, **training.updates})
    assert matrix_products(step) == 5


class TestBothEnginesAgreeWithNumPy:
    """Fifty steps without dropout against NumPy's arithmetic, and so against one another."""

    def reference(self, params, batches):
        """Train a ReLU network with a softmax by RMSprop, gradients by hand."""
        params = [p.copy() for p in params]
        means = [np.zeros_like(p) for p in params]
        one = params[0].dtype.type
        for x, y in batches:
            W1, b1, W2, b2 = params
            z = x @ W1 + b1
            h = np.where(z <= 0, 0, z)
            logits = h @ W2 + b2
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            d = e / e.sum(axis=1, keepdims=True)
            d[np.arange(len(y)), y] -= 1
            d /= one(len(y))
            back = np.where(z <= 0, 0, d @ W2.T)
            gradients = [x.T @ back, back.sum(axis=0), h.T @ d, d.sum(axis=0)]
            for p, m, g in zip(params, means, gradients, strict=True):
                m *= one(0.9)
                m += one(1 - 0.9) * g * g
                p -= one(1e-3) * g / np.sqrt(m + one(1e-7))
        return params

    def fifty_steps(self, dtype, tolerance):
        rng = np.random.default_rng(5)
        net = mtn.Sequential(
            mtn.Dense(20, 30, dtype=dtype), mtn.ReLU(), mtn.Dense(30, 4, dtype=dtype),
            mtn.Softmax(), seed=1,
        )  # fmt: skip
        start = list(net.values().values())
        batches = [
            (rng.normal(size=(16, 20)).astype(dtype), rng.integers(0, 4, 16).astype("int32"))
            for _ in range(50)
        ]
        trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.RMSprop(1e-3))
        trainer.fit(batches, progress=False)
        expected = self.reference(start, batches)
        for value, wanted in zip(net.values().values(), expected, strict=True):
            scale = np.abs(wanted).max()
            np.testing.assert_allclose(value, wanted, atol=tolerance * scale, rtol=0)

    @pytest.mark.engine_mode
    def test_in_float64_in_the_engine_s_own_mode(self):
        self.fifty_steps("float64", 1e-10)

    def test_in_float32(self):
        self.fifty_steps("float32", 1e-4)

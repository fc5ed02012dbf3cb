"""An epoch of figure 3's network with the engine's duplicate matrix products, and without them.

    python tests/benchmarks/duplicate_products.py [--data DIR | --generated] [--rounds 3]

On Theano the rewrite that `engine.function` excludes computes a weight gradient anew for every
scalar that the optimizer multiplies it with. The two compiled steps take turns, epoch by epoch.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

import mnist_mlp
import numpy as np

import minitheanonet as mtn
from minitheanonet import engine


def main(argv: list[str] | None = None) -> int:
    """Time both, and print the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", metavar="DIR")
    parser.add_argument("--generated", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(argv)
    train, _ = mnist_mlp.load(options)
    steps = {
        "with duplicates": compiled(engine._own.compiled),
        "without": compiled(engine.function),
    }
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for epoch in range(options.rounds):
        for name, step in steps.items():
            order = np.random.default_rng(epoch).permutation(len(train.inputs))
            started = time.perf_counter()
            for start in range(0, len(order), 128):
                chosen = order[start : start + 128]
                step(train.inputs[chosen], train.targets[chosen])
            seconds[name].append(time.perf_counter() - started)
    print(f"{engine.name} {engine.version}")
    for name, step in steps.items():
        count = products(step)
        print(f"{name}: {count} products, {statistics.median(seconds[name]):.2f} s an epoch")
    return 0


def compiled(compile_):
    """Return a training step, compiled with the engine's own rewrites or with the library's."""
    net = mtn.Sequential(
        mtn.Dense(784, 512), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(512, 512), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(512, 10), mtn.Softmax(), seed=0,
    )  # fmt: skip
    x, y, training = engine.T.fmatrix("x"), engine.T.ivector("y"), mtn.Training(0)
    loss = mtn.categorical_crossentropy(net(x, training), y)
    updates = {**mtn.RMSprop().updates(loss, net.params), **training.updates}
    if compile_ is engine._own.compiled:
        return compile_([x, y], loss, list(updates.items()), None, False)
    return compile_([x, y], loss, updates)


def products(step) -> int:
    """Return how many matrix products a compiled step computes."""
    kinds = [type(node.op).__name__ for node in step.maker.fgraph.toposort()]
    return sum(kind in ("Dot", "Dot22", "Dot22Scalar", "Gemm") for kind in kinds)


if __name__ == "__main__":
    sys.exit(main())

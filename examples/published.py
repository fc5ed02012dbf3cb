"""What papers and tutorials report of MNIST, run again with their settings.

    python examples/published.py --table keras --data DIR
    python examples/published.py --table theano --only mlp --seeds 1 --minutes 15
    python examples/published.py --table dropout --only relu --epochs 100

Each training adds a line of JSON to ``published.jsonl``, from which the page's table is made; one
that was cut off goes on from its last epoch when the same command is given again.
docs/published.md says which settings are the paper's, and which were chosen where it is silent.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import common
import lenet_theano
import mnist
import numpy as np
import rerun

import minitheanonet as mtn


@dataclass(frozen=True)
class Published:
    """A number that was published, and how it was come by."""

    error: float  # percent of the test digits
    network: Callable[[int], mtn.Sequential]  # of a seed
    optimizer: Callable[[int], mtn.Optimizer]  # of the number of steps planned
    batch_size: int
    epochs: int
    patience: int = 0  # in steps; above 0 the row is trained as the tutorials train
    l2: float = 0.0


def logistic(seed: int) -> mtn.Sequential:
    """Return a logistic regression that starts at zero."""
    return mtn.Sequential(mtn.Dense(784, 10, W=mtn.Zeros()), mtn.Softmax(), seed=seed)


def mlp(seed: int) -> mtn.Sequential:
    """Return the tutorial's perceptron: one hidden layer of 500 tanh units."""
    return mtn.Sequential(
        mtn.Dense(784, 500), mtn.Tanh(), mtn.Dense(500, 10, W=mtn.Zeros()), mtn.Softmax(), seed=seed
    )


def lenet(seed: int) -> mtn.Sequential:
    """Return the tutorial's LeNet; its bounds of the filters count the outputs after pooling."""
    fans = ((25, 20 * 25 // 4), (20 * 25, 50 * 25 // 4))  # numbers of inputs and of outputs
    bounds = [(6 / sum(fan)) ** 0.5 for fan in fans]
    return lenet_theano.network(seed, *(mtn.Uniform(-bound, bound) for bound in bounds))


def plain(seed: int) -> mtn.Sequential:
    """Return two hidden layers of 800 logistic units, without dropout."""
    hidden = (mtn.Dense(784, 800), mtn.Sigmoid(), mtn.Dense(800, 800), mtn.Sigmoid())
    return mtn.Sequential(*hidden, mtn.Dense(800, 10), mtn.Softmax(), seed=seed)


def dropout(seed: int) -> mtn.Sequential:
    """Return three hidden layers of 1,024; 0.8 of the inputs and half of the units are kept."""
    layers: list[mtn.Layer] = [mtn.Dropout(0.2)]
    for n_in in (784, 1024, 1024):
        layers += mtn.Dense(n_in, 1024), mtn.ReLU(), mtn.Dropout(0.5)
    return mtn.Sequential(*layers, mtn.Dense(1024, 10), mtn.Softmax(), seed=seed)


def momentum(rate: float, mu: float, **options: Any) -> Callable[[int], mtn.Optimizer]:
    """Return momentum whose rate falls along half a cosine, to 0 at the last step."""
    return lambda steps: mtn.Momentum(mtn.Cosine(rate, steps=steps), mu, **options)


# The paper's c is 2, of weights that are multiplied by the share kept when training is over; here
# they always are. The first pattern that fits counts.
MAX_NORM = {"dense_1/W": mtn.MaxNorm(2 * 0.8), "*/W": mtn.MaxNorm(2 * 0.5)}
TABLES = {
    "keras": {
        "mnist_mlp": Published(1.60, mnist.network, lambda _: mtn.RMSprop(0.001), 128, epochs=20),
    },
    "theano": {
        "logistic": Published(7.49, logistic, lambda _: mtn.SGD(0.13), 600, 1000, patience=5000),
        "mlp": Published(1.65, mlp, lambda _: mtn.SGD(0.01), 20, 1000, patience=10_000, l2=1e-4),
        "lenet": Published(0.92, lenet, lambda _: mtn.SGD(0.1), 500, 200, patience=10_000),
    },
    "dropout": {
        "plain": Published(1.60, plain, momentum(0.1, 0.9), 100, epochs=1667),
        "relu": Published(1.25, dropout, momentum(0.01, 0.95), 100, epochs=1667),
        "max_norm": Published(
            1.06, dropout, momentum(0.05, 0.95, constraints=MAX_NORM), 100, epochs=1667
        ),
    },
}


def report(records: list[dict]) -> str:
    """Return the records as a table of Markdown, a line for each row of the table that was run."""
    head = "| | published, % | ours, % | seeds | epochs | of | processor minutes each |"
    lines = [head, "| --- " * 7 + "|"]
    for row in dict.fromkeys(record["row"] for record in records):
        runs = [record for record in records if record["row"] == row]
        errors = ", ".join(f"{run['test_error']:.2f}" for run in runs)
        seeds, epochs = (", ".join(str(run[key]) for run in runs) for key in ("seed", "epochs"))
        minutes = np.median([run["processor_seconds"] for run in runs]) / 60
        published = runs[0]["published_error"]
        most = TABLES[runs[0]["table"]][row].epochs
        ours = f"{errors} | {seeds} | {epochs} | {most:,}"
        lines.append(f"| {row} | {published:.2f} | {ours} | {minutes:.1f} |")
    return "\n".join(lines)


def main(options: argparse.Namespace) -> None:
    """Run a table, or one row of it; add what came of it to the records, and show them."""
    table = TABLES[options.table]
    names = [options.only] if options.only else list(table)
    if not set(names) <= set(table):
        raise SystemExit(f"--only: table {options.table} has the rows {', '.join(table)}")
    data = common.digits(options)
    path, records = options.out / "published.jsonl", []
    path.parent.mkdir(parents=True, exist_ok=True)
    for name in names:
        for seed in range(options.seed, options.seed + options.seeds):
            print(f"--- {name}, seed {seed}, on {data[0].name} ---", flush=True)
            folder = options.out / "published" / f"{data[0].name}, {name}, seed {seed}"
            record = rerun.repeat(table[name], data, seed, options, folder)
            records.append({"table": options.table, "row": name, **record})
            with path.open("a") as lines:
                print(json.dumps(records[-1]), file=lines)
            shutil.rmtree(folder)
    print(f"{report(records)}\n\nThe records are in {path}")


def parser() -> argparse.ArgumentParser:
    """Return the parser: what the examples share, and which table, row and seeds."""
    options = common.parser(__doc__)
    options.add_argument("--table", choices=TABLES, required=True)
    options.add_argument("--only", metavar="ROW", help="one row of the table")
    options.add_argument("--seeds", type=common.at_least(1), default=3, metavar="N")
    options.add_argument("--minutes", type=common.at_least(1), metavar="N", help="for each at most")
    return options


if __name__ == "__main__":
    sys.exit(common.run(main, parser()))

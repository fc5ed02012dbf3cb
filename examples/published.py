"""What papers and tutorials report of MNIST, run again with their settings.

    python examples/published.py --table keras --data DIR
    python examples/published.py --table theano --only mlp --seeds 1 --minutes 15

Each training adds a line of JSON to ``published.jsonl``, from which the page's table is made.
docs/published.md says which settings are the paper's, and which were chosen where it is silent.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import common
import lenet_theano
import mnist
import numpy as np

import minitheanonet as mtn
from minitheanonet import engine


@dataclass(frozen=True)
class TutorialPatience:
    """The tutorials' early stopping: an error below 0.995 of the best buys as many steps again."""

    patience: int
    steps: int  # in an epoch

    name, watch = "patience", "test_accuracy"

    def __call__(self, history: mtn.History) -> bool:
        """Say whether the steps that were bought are used up."""
        best, patience = np.inf, self.patience
        for epoch, accuracy in enumerate(history[self.watch], 1):
            if 1 - accuracy < 0.995 * best:
                patience = max(patience, 2 * epoch * self.steps)
            best = min(best, 1 - accuracy)
        return history.epochs * self.steps >= patience


@dataclass(frozen=True)
class Published:
    """A number that was published, and how it was come by."""

    error: float  # percent of the test digits
    network: Callable[[int], mtn.Sequential]  # of a seed
    optimizer: Callable[[int], mtn.Optimizer]  # of the number of steps planned
    batch_size: int
    epochs: int
    patience: int = 0  # in steps; above 0 the last sixth of the digits is held out to stop by
    l2: float = 0.0


def logistic(seed: int) -> mtn.Sequential:
    """Return a logistic regression that starts at zero."""
    return mtn.Sequential(mtn.Dense(784, 10, W=mtn.Zeros()), mtn.Softmax(), seed=seed)


def mlp(seed: int) -> mtn.Sequential:
    """Return the tutorial's perceptron: one hidden layer of 500 tanh units."""
    return mtn.Sequential(
        mtn.Dense(784, 500), mtn.Tanh(), mtn.Dense(500, 10, W=mtn.Zeros()), mtn.Softmax(), seed=seed
    )


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


MAX_NORM = {"*/W": mtn.MaxNorm(2)}
TABLES = {
    "keras": {
        "mnist_mlp": Published(1.60, mnist.network, lambda _: mtn.RMSprop(0.001), 128, epochs=20),
    },
    "theano": {
        "logistic": Published(7.49, logistic, lambda _: mtn.SGD(0.13), 600, 1000, patience=5000),
        "mlp": Published(1.65, mlp, lambda _: mtn.SGD(0.01), 20, 1000, patience=10_000, l2=1e-4),
        "lenet": Published(
            0.92, lenet_theano.network, lambda _: mtn.SGD(0.1), 500, 200, patience=10_000
        ),
    },
    "dropout": {
        "plain": Published(1.60, plain, momentum(0.1, 0.9), 100, epochs=1667),
        "relu": Published(1.25, dropout, momentum(0.01, 0.95), 100, epochs=1667),
        "max_norm": Published(
            1.06, dropout, momentum(0.05, 0.95, constraints=MAX_NORM), 100, epochs=1667
        ),
    },
}


def repeat(row: Published, data: common.Pair, seed: int, options: argparse.Namespace) -> dict:
    """Train once; return the test error, and what it took."""
    (train, test), epochs = data, min(row.epochs, options.epochs or row.epochs)
    validation = test
    if row.patience:
        n = len(train.inputs) * 5 // 6
        train, validation = train.first(n), (train.inputs[n:], train.targets[n:])
    steps = -(-len(train.inputs) // row.batch_size)
    net = row.network(seed)
    weights = [param for path, param in net.parameters.items() if path.endswith("/W")]
    trainer = mtn.Trainer(
        net,
        mtn.categorical_crossentropy,
        row.optimizer(steps * epochs),
        metrics=[mtn.accuracy],
        penalty=row.l2 * mtn.l2(weights) if row.l2 else None,
    )
    rules = [TutorialPatience(row.patience, steps)] if row.patience else []
    if options.minutes:
        rules.append(lambda history: sum(history["seconds"]) > 60 * options.minutes)
    clocks = time.perf_counter(), time.process_time()
    history = trainer.fit(
        train, validation=validation, epochs=epochs, batch_size=row.batch_size,
        stop=rules, restore_best=TutorialPatience.watch if row.patience else None,
    )  # fmt: skip
    common.last_values(history)
    wrong = net.predict(test.inputs).argmax(axis=1) != test.targets
    return {
        "seed": seed,
        "test_error": round(100 * float(wrong.mean()), 2),
        "published_error": row.error,
        "epochs": history.epochs,
        "best_epoch": mtn.Best("test_accuracy").epoch(history) if row.patience else None,
        "stopped_by": history.stopped_by,
        "seconds": round(time.perf_counter() - clocks[0], 1),
        "processor_seconds": round(time.process_time() - clocks[1], 1),
        "data": f"{train.name}: {len(train.inputs)} to train on, {len(test.inputs)} to test",
        "engine": f"{engine.name} {engine.version}",
    }


def report(records: list[dict]) -> str:
    """Return the records as a table of Markdown, a line for each row of the table that was run."""
    head = "| | published, % | ours, % | seeds | epochs | processor minutes each |"
    lines = [head, "| --- " * 6 + "|"]
    for row in dict.fromkeys(record["row"] for record in records):
        runs = [record for record in records if record["row"] == row]
        errors = ", ".join(f"{run['test_error']:.2f}" for run in runs)
        seeds, epochs = (", ".join(str(run[key]) for run in runs) for key in ("seed", "epochs"))
        minutes = np.median([run["processor_seconds"] for run in runs]) / 60
        published = runs[0]["published_error"]
        lines.append(f"| {row} | {published:.2f} | {errors} | {seeds} | {epochs} | {minutes:.1f} |")
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
            record = repeat(table[name], data, seed, options)
            records.append({"table": options.table, "row": name, **record})
            with path.open("a") as lines:
                print(json.dumps(records[-1]), file=lines)
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

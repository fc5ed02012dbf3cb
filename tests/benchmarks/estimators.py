"""The estimators beside scikit-learn's: scores over five folds, and times of a fit.

    python tests/benchmarks/estimators.py [--rounds 5] [--data DIR] [--peer-python PYTHON]

Both have the same parameters. The times take turns, in this process. With --peer-python a second
fit on load_digits is raced against skorch's over PyTorch, which that Python must have.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

import drawn
import numpy as np
from sklearn import datasets, neural_network
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import minitheanonet as mtn
from minitheanonet.neighbours import sklearn as ours

warnings.simplefilter("ignore")  # both say that few epochs don't converge
CONTESTANTS = Path(__file__).parent / "contestants"
PROBLEMS = {
    "load_digits, accuracy": ("load_digits", "MLPClassifier", {"max_iter": 60}),
    "breast_cancer, accuracy": ("load_breast_cancer", "MLPClassifier", {"max_iter": 100}),
    "diabetes, R²": ("load_diabetes", "MLPRegressor",
                     {"max_iter": 200, "learning_rate_init": 0.01, "alpha": 1.0}),
}  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", default=None, metavar="DIR")
    parser.add_argument("--generated", action="store_true", help="drawn digits, for MNIST's")
    parser.add_argument("--peer-python", metavar="PYTHON")
    options = parser.parse_args(argv)
    print("| five folds | ours | scikit-learn |\n| --- | --- | --- |")
    for what, problem in PROBLEMS.items():
        print(f"| {what} | {' | '.join(scores(*problem))} |")
    digits = drawn.digits(500, 100) if options.generated else mtn.datasets.mnist(options.data)
    print(races(options.rounds, *digits[0][:2]))
    seconds = [second_fit(seed) for seed in range(options.rounds + 1)][1:]
    print(f"a second fit on load_digits, 20 epochs: ours {told(seconds)} ms")
    if options.peer_python:
        command = [options.peer_python, CONTESTANTS / "with_skorch.py", "20", str(options.rounds)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peer = json.loads(done.stdout.splitlines()[-1])
        ratio = statistics.median(peer) / statistics.median(seconds)
        print(f"skorch {told(peer)} ms, over ours {ratio:.1f}")
    return 0


def scores(load: str, name: str, settings: dict) -> list[str]:
    """Return ours and theirs over five folds of the same data, as mean ± standard deviation."""
    X, y = getattr(datasets, load)(return_X_y=True)
    if name == "MLPRegressor":
        y = (y - y.mean()) / y.std()
    cells = []
    for kind in (ours, neural_network):
        model = make_pipeline(StandardScaler(), getattr(kind, name)(random_state=0, **settings))
        found = cross_val_score(model, X, y, cv=5)
        cells.append(f"{found.mean():.3f} ± {found.std():.3f}")
    return cells


def races(rounds: int, X: np.ndarray, y: np.ndarray, epochs: int = 2) -> str:
    """Return what an epoch of two hidden layers of 512 takes, ours and theirs in turns."""
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for seed in range(rounds + 1):
        for kind, found in zip((ours, neural_network), seconds.values(), strict=True):
            model = kind.MLPClassifier(
                (512, 512), batch_size=128, max_iter=epochs, random_state=seed
            )
            started = time.perf_counter()
            model.fit(X, y)
            found.append((time.perf_counter() - started) / epochs)
    first = seconds["ours"][0] * epochs
    mine, theirs = (found[1:] for found in seconds.values())  # the first one compiles
    ratio = [b / a for a, b in zip(mine, theirs, strict=True)]
    return (
        f"an epoch of {len(X)} digits, (512, 512), batch 128: ours {told(mine)} ms, "
        f"theirs {told(theirs)} ms; theirs over ours {statistics.median(ratio):.2f} "
        f"({' '.join(f'{one:.2f}' for one in ratio)}); the first fit, compiling, {first:.1f} s"
    )


def second_fit(seed: int) -> float:
    """Return the seconds that a fit on load_digits takes."""
    X, y = datasets.load_digits(return_X_y=True)
    model = ours.MLPClassifier(max_iter=20, random_state=seed)
    started = time.perf_counter()
    model.fit(X.astype("float32"), y)
    return time.perf_counter() - started


def told(seconds: list[float]) -> str:
    """Return the median, in milliseconds."""
    return f"{1e3 * statistics.median(seconds):.0f}"


if __name__ == "__main__":
    sys.exit(main())

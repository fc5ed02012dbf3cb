"""Seconds from a process's start to 98 % of MNIST's test digits: figure 3's network and its peers.

    python tests/benchmarks/time_to_accuracy.py --data DIR [--rounds 5] [--epochs 20]
        [--peers ours_on_jax,pytorch,jax,keras,sklearn,pytensor_ml] [--target 0.98]
        [--caches warm,cold] [--peer-python PYTHON[,PEER=PYTHON...]] [--json FILE]

Every round is a seed: of the initial weights, which all share, and of each one's batches and
dropout. The contestants take turns, each in a process of its own, and each looks at the test digits
after every epoch, which counts. Imports, reading the arrays and compiling count too. Warm, what was
compiled in a run before lies on the disk: PyTensor's code for ours and for pytensor-ml, and for
JAX, Keras on JAX and ours on JAX the persistent cache, which a user has to ask JAX for; cold, it
doesn't. PyTorch and scikit-learn compile nothing, and run once a round. scikit-learn has neither
dropout nor RMSprop: its network is trained without, and by Adam.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
from pathlib import Path

import mnist_mlp
import problem
import race

PEERS = "ours_on_jax,pytorch,jax,keras,sklearn,pytensor_ml"
COMPILE_NOTHING = {"pytorch", "sklearn"}


def main(argv: list[str] | None = None) -> int:
    """Race, and print the tables."""
    options = mnist_mlp.parse(argv, __doc__, PEERS, epochs=20, target=0.98, caches="warm,cold")
    names = ["ours", *filter(None, options.peers.split(","))]
    caches = options.caches.split(",")
    results: dict[str, dict[str, list[dict]]] = {name: {c: [] for c in caches} for name in names}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as kept:
        folder = Path(folder)
        data = mnist_mlp.load(options)
        if "warm" in caches:
            write(folder, data, options, seed=0, epochs=1)
            for name in set(names) - COMPILE_NOTHING:
                race.turn(name, folder, 0, options.peer_python, cache=kept)
        for seed in range(options.rounds):
            write(folder, data, options, seed, options.epochs)
            for name in race.turned(names, seed):
                for cache in caches[:1] if name in COMPILE_NOTHING else caches:
                    found = (
                        race.turn(name, folder, seed, options.peer_python, cache=kept)
                        if cache == "warm"
                        else race.cold_turn(name, folder, seed, options.peer_python)
                    )
                    results[name][cache].append(found)
                    print(f"seed {seed}  {name:12} {cache}  {told([found])}", file=sys.stderr)
    for cache in caches:
        print(
            f"\n{cache}\n\n{table({n: results[n][cache] or results[n][caches[0]] for n in names})}"
        )
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1))
    return 0


def write(folder: Path, data: tuple, options: argparse.Namespace, seed: int, epochs: int) -> None:
    """Write a round's problem."""
    train, test = data
    problem.write(
        folder, (*(array[: options.examples] for array in train), *test), [784, 512, 512, 10],
        seed, batch=128, epochs=epochs, dropout=0.2,
        target=options.target - 1e-6,  # 0.98, rounded to float32 on its way, is 0.98
    )  # fmt: skip


def table(results: dict[str, list[dict]]) -> str:
    """Return the seconds, the median over the seeds and each, as a Markdown table."""
    lines = [
        "| | to the target, s | over ours | each seed, s | epochs | accuracy then |",
        "| --- " * 6 + "|",
    ]
    ours = middle(results["ours"])
    for name, turns in results.items():
        over = f"{middle(turns) / ours:.2f}" if math.isfinite(middle(turns) + ours) else ""
        each = ", ".join(told([turn]) for turn in turns)
        epochs = statistics.median(len(turn["seconds"]) for turn in turns)
        accuracy = statistics.median(turn["accuracy"] for turn in turns)
        lines.append(
            f"| {mnist_mlp.LABELS[name]} | {told(turns)} | {over} | {each} | {epochs:g} "
            f"| {accuracy:.4f} |"
        )
    return "\n".join(lines)


def middle(turns: list[dict]) -> float:
    """Return the median of the seconds to the target; infinite, where most never got there."""
    return statistics.median(turn["to_target"] for turn in turns)


def told(turns: list[dict]) -> str:
    """Return the median as text."""
    seconds = middle(turns)
    return f"{seconds:.1f}" if math.isfinite(seconds) else "never"


if __name__ == "__main__":
    sys.exit(main())

"""Figure 3's network against PyTorch, JAX, Keras and scikit-learn, and against its own products.

    python tests/benchmarks/mnist_mlp.py --data DIR [--peers pytorch,jax,keras,sklearn]
        [--epochs 5] [--rounds 5] [--peer-python PYTHON[,PEER=PYTHON...]]
        [--json FILE] [--plot FILE]

More peers are pytensor_ml, ours_on_jax, and optax, JAX by hand with Optax's RMSprop.
The peers may live in an environment of their own, whose interpreter --peer-python names, and single
ones in others: --peer-python /a/bin/python,pytensor_ml=/b/bin/python. Without --data, and for
trying out, --generated takes a few drawn digits. Each contestant trains the same
network (784-512-512-10, dropout 0.2, RMSprop, batch 128) from the same initial weights in a process
of its own, the processes taking turns. The steady epoch is the median of all but a process's first.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import drawn
import problem
import race
from matplotlib.figure import Figure

import minitheanonet as mtn

LABELS = {
    "ours": "minitheanonet",
    "ours_on_jax": "minitheanonet on JAX",
    "ours_on_jax_by_step": "minitheanonet on JAX, step by step",
    "floor": "its matrix products alone",
    "pytorch": "PyTorch",
    "jax": "JAX",
    "optax": "JAX with Optax",
    "keras": "Keras on JAX",
    "sklearn": "scikit-learn",
    "pytensor_ml": "pytensor-ml",
}


def main(argv: list[str] | None = None) -> int:
    """Race, and print the table."""
    options = parse(argv)
    names = ["ours", "floor", *filter(None, options.peers.split(","))]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as kept:
        folder = Path(folder)
        train, test = load(options)
        train = [array[: options.examples] for array in train]
        problem.write(
            folder, (*train, *test), [784, 512, 512, 10],
            batch=128, epochs=options.epochs, dropout=0.2,
        )  # fmt: skip
        cold = race.turn("ours", folder, 0, options.peer_python, kept)
        results = race.race(names, folder, options.rounds, options.peer_python, kept=kept)
    print(table(results))
    warm = statistics.median(r["to_first_epoch"] for r in results["ours"])
    print(
        f"\nours, compile cache empty: {cold['to_first_epoch']:.1f} s to the end of the first "
        f"epoch, {cold['to_first_epoch'] - warm:.1f} s more than warm"
    )
    if options.json:
        content = {"engine": mtn.engine.version, "cold": cold, "results": results}
        Path(options.json).write_text(json.dumps(content, indent=1))
    if options.plot:
        save(lambda narrow: draw(results, narrow), options.plot)
    return 0


def table(results: dict[str, list[dict]]) -> str:
    """Return medians over the rounds, and the ratios to ours, as a Markdown table."""
    lines = [
        "| | epoch, s | over ours (each round) | to first epoch, s | peak MB | test accuracy |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, turns in results.items():
        per_round = race.ratios(results, name)
        each = " ".join(f"{ratio:.2f}" for ratio in per_round)
        accuracy = [r["accuracy"] for r in turns if r["accuracy"] is not None]
        lines.append(
            f"| {name} | {median(turns, 'epoch'):.3f} "
            f"| {statistics.median(per_round):.2f} ({each}) "
            f"| {median(turns, 'to_first_epoch'):.1f} | {median(turns, 'peak_mb'):.0f} "
            f"| {f'{statistics.median(accuracy):.4f}' if accuracy else ''} |"
        )
    return "\n".join(lines)


def save(drawn: Callable[[bool], Figure], path: str) -> None:
    """Write a figure, and beside it, as narrow_…, its form for narrow screens."""
    path = Path(path)
    drawn(False).savefig(path, dpi=150)
    drawn(True).savefig(path.with_name(f"narrow_{path.name}"), dpi=150)


def draw(results: dict[str, list[dict]], narrow: bool = False) -> Figure:
    """Return the seconds of an epoch as bars, the quickest on top."""
    seconds = {name: median(turns, "epoch") for name, turns in results.items()}
    names = sorted(seconds, key=seconds.get, reverse=True)
    colours = {"ours": "#0072B2", "floor": "#D9D9D9"}
    size = (4.6 if narrow else 7, 0.6 + 0.4 * len(names))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(
        [LABELS[name] for name in names], [seconds[name] for name in names],
        color=[colours.get(name, "#999999") for name in names],
    )  # fmt: skip
    axes.bar_label(bars, fmt="%.2f", padding=4)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.tick_params(left=False, bottom=False, labelbottom=False)
    axes.set_xlabel("seconds an epoch")
    return figure


def median(turns: list[dict], key: str) -> float:
    """Return the median of one figure over the rounds."""
    return statistics.median(r[key] for r in turns)


def load(options: argparse.Namespace):
    """Return the training and the test part."""
    if options.generated:
        return drawn.digits(640, 100)
    return mtn.datasets.mnist(options.data)


def parse(
    argv: list[str] | None,
    about: str | None = __doc__,
    peers: str = "pytorch,jax,keras,sklearn",
    epochs: int = 5,
    **more: str | float,
) -> argparse.Namespace:
    """Read the command line; ``more`` are options that one benchmark alone has, by default so."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", metavar="DIR")
    parser.add_argument("--generated", action="store_true")
    parser.add_argument("--peers", default=peers)
    parser.add_argument("--examples", type=int, help="train on so many alone")
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-python", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--plot", metavar="FILE", help="draw the epochs' times as bars")
    for name, default in more.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

"""How time and memory of a training step scale with width, batch and depth, beside the peers.

    python tests/benchmarks/scaling.py [--peers pytorch,jax] [--rounds 1] [--peer-python PYTHON]
        [--json FILE] [--plot FILE] [--only width,batch,depth] [--largest N]

One thing varies at a time: width and batch with two hidden layers, depth at width 256; the others
stay at width 512 and batch 128. ``--only wide`` is widths of thousands at batch 1,024. More peers
are optax (JAX by hand, with Optax), ours_on_jax (an epoch is a loop on the device, the data there)
and ours_on_jax_by_step (a call a step). The data are random: speed is all that is looked at, and
the most memory that a process had, its libraries and the data included.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import mnist_mlp
import numpy as np
import problem
import race
from matplotlib.figure import Figure

# Steps in an epoch; the median of the epochs after the first counts.
STEPS = {"width": 20, "batch": 20, "depth": 20, "wide": 6}
SWEEPS = {
    "width": [64, 128, 256, 512, 1024, 2048, 4096],
    "batch": [16, 64, 256, 1024, 4096],
    "depth": [1, 2, 4, 8],
    "wide": [2048, 4096],
}
COLOURS = {
    "ours": "#0072B2", "pytorch": "#D55E00", "jax": "#009E73", "optax": "#CC79A7",
    "ours_on_jax": "#56B4E9", "ours_on_jax_by_step": "#E69F00", "keras": "#F0E442",
    "sklearn": "#999999", "pytensor_ml": "#000000",
}  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Sweep, and print the tables."""
    options = parse(argv)
    names = ["ours", *filter(None, options.peers.split(","))]
    table = []
    for sweep in options.only.split(","):
        for value in SWEEPS[sweep]:
            if value <= options.largest:
                table.append(cell(sweep, value, names, options))
    print(markdown(table, names))
    print(f"\npeak memory, MB\n\n{markdown(table, names, peak)}")
    if options.json:
        Path(options.json).write_text(json.dumps(table, indent=1))
    if options.plot:
        mnist_mlp.save(lambda narrow: draw(table, names, narrow), options.plot)
    return 0


def cell(sweep: str, value: int, names: list[str], options: argparse.Namespace) -> dict:
    """Return each contestant's milliseconds a step and megabytes, in one cell of the table."""
    size = {"width": 512, "batch": 128, "depth": 2, sweep: value}
    if sweep == "depth":
        size["width"] = 256
    if sweep == "wide":
        size |= {"width": value, "batch": 1024}
    rng = np.random.default_rng(0)
    x = rng.random((STEPS[sweep] * size["batch"], 784), dtype="float32")
    y = rng.integers(0, 10, len(x)).astype("int32")
    with tempfile.TemporaryDirectory() as folder:
        problem.write(
            Path(folder), (x, y, x[:100], y[:100]), [784, *[size["width"]] * size["depth"], 10],
            batch=size["batch"], epochs=4, dropout=0.2,
        )  # fmt: skip
        results = race.race(names, Path(folder), options.rounds, options.peer_python)
    row = {"sweep": sweep, **size}
    for name in names:
        epochs = [turn["epoch"] for turn in results[name]]
        row[name] = 1000 * statistics.median(epochs) / STEPS[sweep]
        row[f"{name} MB"] = mnist_mlp.median(results[name], "peak_mb")
    return row


def time(row: dict, name: str) -> str:
    """Return a contestant's milliseconds, and as multiples of ours."""
    return f"{row[name]:.2f} ms ({row[name] / row['ours']:.2f})"


def peak(row: dict, name: str) -> str:
    """Return a contestant's megabytes."""
    return f"{row[f'{name} MB']:.0f}"


def markdown(table: list[dict], names: list[str], told: Callable[[dict, str], str] = time) -> str:
    """Return the table, a column for each contestant."""
    lines = [
        "| width | batch | depth | " + " | ".join(names) + " |",
        "| --- " * 3 + "| --- " * len(names) + "|",
    ]
    for row in table:
        cells = [str(row["width"]), str(row["batch"]), str(row["depth"])]
        lines.append(f"| {' | '.join(cells + [told(row, name) for name in names])} |")
    return "\n".join(lines)


def draw(table: list[dict], names: list[str], narrow: bool = False) -> Figure:
    """Return a figure, a panel for each sweep: side by side, or beneath one another."""
    sweeps = list(dict.fromkeys(row["sweep"] for row in table))
    n = len(sweeps)
    figure = Figure(figsize=(4.6, 3.2 * n) if narrow else (3.2 * n, 3.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(n, 1) if narrow else figure.subplots(1, n))
    for axes, sweep in zip(panels, sweeps, strict=True):
        rows = [row for row in table if row["sweep"] == sweep]
        for name in names:
            axes.plot(
                [row[sweep] for row in rows], [row[name] for row in rows], "o-", markersize=4,
                color=COLOURS[name], label=mnist_mlp.LABELS[name],
            )  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel=sweep)
        values = [row[sweep] for row in rows]
        axes.set_xticks(values, [str(value) for value in values], fontsize="small")
        axes.minorticks_off()
        low, high = (int(np.floor(np.log2(limit))) for limit in axes.get_ylim())
        powers = 2.0 ** np.arange(low + 1, high + 1, max(1, (high - low) // 5))
        axes.set_yticks(powers, [f"{power:g}" for power in powers])
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("milliseconds a step")
    figure.axes[0].legend(frameon=False)
    return figure


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", default="pytorch,jax")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peer-python", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--only", default="width,batch,depth")
    parser.add_argument("--largest", type=int, default=10**6, help="leave out larger cells")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--plot", metavar="FILE")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

"""Figure 3's network and the convolutional one, ours and the peers, beside busy processes.

    python tests/benchmarks/busy.py --data DIR [--busy 0,1,2] [--networks figure3,convolution]
        [--peers pytorch,jax,keras,sklearn] [--epochs 5] [--rounds 3]
        [--peer-python PYTHON[,PEER=PYTHON...]] [--conv-examples 12800] [--json FILE]

A busy process counts, on one thread, and has this one's priority. The numbers of busy processes
take turns as the contestants do, and every contestant has a process of its own. A process's first
epoch doesn't count. The convolutional network (of mnist_convnet.py, against PyTorch and Keras)
trains on a part of the digits.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mnist_mlp
import problem
import race

# It ends with its parent, whatever ends that.
COUNTS = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(10**6):
        pass
"""
CONVOLUTIONS = ("ours", "ours_on_jax", "pytorch", "keras")


def main(argv: list[str] | None = None) -> int:
    """Race, and print the tables."""
    options = mnist_mlp.parse(
        argv, __doc__, busy="0,1,2", networks="figure3,convolution", conv_examples=12800
    )
    found = {network: raced(network, options) for network in options.networks.split(",")}
    for network, results in found.items():
        digits = len(mnist_mlp.load(options)[0].inputs[: examples(network, options)])
        print(f"\n{network}, an epoch of {digits} digits\n\n{table(results)}")
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1))
    return 0


def raced(network: str, options: argparse.Namespace) -> dict[int, dict[str, list[dict]]]:
    """Return the turns of each contestant, by how many processes were busy beside it."""
    names = ["ours", *filter(None, options.peers.split(","))]
    is_convolution = network == "convolution"
    if is_convolution:
        names = [name for name in names if name in CONVOLUTIONS]
    levels = [int(n) for n in options.busy.split(",")]
    results: dict = {n: {name: [] for name in names} for n in levels}
    train, test = mnist_mlp.load(options)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        problem.write(
            folder, (*(array[: examples(network, options)] for array in train), *test),
            [784] if is_convolution else [784, 512, 512, 10],
            batch=128, epochs=options.epochs, dropout=0.5 if is_convolution else 0.2,
        )  # fmt: skip
        for k in range(options.rounds):
            for n in levels:
                for name in race.turned(names, k):
                    with busy(n):
                        turn = race.turn(
                            name, folder, k, options.peer_python,
                            prefix="cnn_" if is_convolution else "",
                        )  # fmt: skip
                    results[n][name].append(turn)
                    print(
                        f"round {k + 1}  {n} busy  {name:8} {turn['epoch']:.2f} s", file=sys.stderr
                    )
    return results


def examples(network: str, options: argparse.Namespace) -> int | None:
    """Return how many digits a network trains on; none means all."""
    return options.conv_examples if network == "convolution" else options.examples


@contextmanager
def busy(n: int) -> Iterator[None]:
    """Keep so many processes busy, within."""
    processes = [subprocess.Popen([sys.executable, "-c", COUNTS]) for _ in range(n)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def table(results: dict[int, dict[str, list[dict]]]) -> str:
    """Return medians over the rounds as a Markdown table."""
    lines = [
        "| busy | | epoch, s | over its first row | over ours |",
        "| --- " * 5 + "|",
    ]
    least = min(results)
    for n, turns in results.items():
        ours = mnist_mlp.median(turns["ours"], "epoch")
        for name in turns:
            epoch = mnist_mlp.median(turns[name], "epoch")
            quiet = mnist_mlp.median(results[least][name], "epoch")
            lines.append(
                f"| {n} | {mnist_mlp.LABELS[name]} | {epoch:.2f} | {epoch / quiet:.2f} "
                f"| {epoch / ours:.2f} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

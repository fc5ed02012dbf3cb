"""The overhead of a step where the network is small: the regression exercise, batch 32.

    python tests/benchmarks/small_models.py [--rounds 5] [--epochs 50] [--peer-python PYTHON]

Ours and PyTorch's take turns in processes of their own. For ours it tells what the trainer adds to
a step: over the bare compiled call on batches laid out before, and over that with the gathering
of the batch, which is 512 KiB to copy and no overhead of anyone's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import problem
import race


def main(argv: list[str] | None = None) -> int:
    """Race, and print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--peer-python", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--peers", default="pytorch")
    options = parser.parse_args(argv)
    rng = np.random.default_rng(0)
    x = rng.random((1278, 4096), dtype="float32") - np.float32(0.5)
    y = (x[:, :10].sum(axis=1) > 0).astype("int32")
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        problem.write(
            Path(folder), (x, y, x[:9], y[:9]), [4096, 1], batch=32, epochs=options.epochs,
            dropout=0.0,
        )  # fmt: skip
        for _ in range(options.rounds):
            ours.append(turn("regression_ours.py", folder, sys.executable))
            if options.peers:
                theirs.append(turn("regression_pytorch.py", folder, options.peer_python))
    for name, part in (("bare call", "bare"), ("bare call and gathering", "gathered")):
        added = [1e6 * (o["epoch"] - o[part]) / o["steps"] for o in ours]
        print(f"ours over the {name}: {statistics.median(added):.1f} µs a step")
    print(f"ours: {1e3 * statistics.median(o['epoch'] for o in ours):.2f} ms an epoch")
    if theirs:
        ratio = [t["epoch"] / o["epoch"] for t, o in zip(theirs, ours, strict=True)]
        each = " ".join(f"{r:.2f}" for r in ratio)
        print(f"PyTorch over ours: {statistics.median(ratio):.2f} ({each})")
    return 0


def turn(script: str, folder: str, python: str) -> dict:
    """Run one contestant once."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [python, str(race.CONTESTANTS / script), folder, "0"], capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{script} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())

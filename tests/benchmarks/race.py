"""Contestants in processes of their own, taking turns, and what their turns come to."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONTESTANTS = Path(__file__).parent / "contestants"
SCRIPTS = {
    "ours": "ours.py",
    "ours_on_jax": "ours.py jax",
    "floor": "floor.py",
    "pytorch": "with_pytorch.py",
    "jax": "with_jax.py",
    "optax": "with_optax.py",
    "keras": "with_keras.py",
    "sklearn": "with_sklearn.py",
}


def turn(
    name: str, problem: Path, seed: int, peer_python: str, cold: bool = False, prefix: str = ""
) -> dict:
    """Run one contestant once; ``cold`` gives ours an empty compile cache."""
    python = sys.executable if name in ("ours", "ours_on_jax", "floor") else peer_python
    script, *arguments = SCRIPTS[name].split()
    environment = dict(os.environ)
    root = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([root, environment.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as cache:
        if cold:
            for name_of_flags in ("PYTENSOR_FLAGS", "THEANO_FLAGS"):
                given = environment.get(name_of_flags, "")
                environment[name_of_flags] = f"{given},base_compiledir={cache}".strip(",")
        started = time.time()
        done = subprocess.run(
            [python, str(CONTESTANTS / (prefix + script)), str(problem), str(seed), *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-3000:]}")
    result = json.loads(done.stdout.splitlines()[-1])
    result["to_first_epoch"] = result["first_epoch_ended"] - started
    # The first epoch compiles; where there is only one, it has to do.
    result["epoch"] = statistics.median(result["seconds"][1:] or result["seconds"])
    return result


def race(
    names: list[str], problem: Path, rounds: int, peer_python: str, prefix: str = ""
) -> dict[str, list[dict]]:
    """Let the contestants take turns, round by round, the order turning too."""
    results: dict[str, list[dict]] = {name: [] for name in names}
    for k in range(rounds):
        for name in names[k % len(names) :] + names[: k % len(names)]:
            results[name].append(turn(name, problem, k, peer_python, prefix=prefix))
            print(f"round {k + 1}  {name:8} {results[name][-1]['epoch']:.4f} s", file=sys.stderr)
    return results


def ratios(results: dict[str, list[dict]], name: str, key: str = "epoch") -> list[float]:
    """Return a contestant's figure over ours, round by round."""
    return [a[key] / b[key] for a, b in zip(results[name], results["ours"], strict=True)]

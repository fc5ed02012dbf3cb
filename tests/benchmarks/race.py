"""Contestants in processes of their own, taking turns, and what their turns come to."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CONTESTANTS = Path(__file__).parent / "contestants"
SCRIPTS = {
    "ours": "ours.py",
    "ours_on_jax": "ours.py jax",
    "ours_on_jax_by_step": "ours.py jax_by_step",
    "floor": "floor.py",
    "pytorch": "with_pytorch.py",
    "jax": "with_jax.py",
    "optax": "with_optax.py",
    "keras": "with_keras.py",
    "sklearn": "with_sklearn.py",
    "pytensor_ml": "with_pytensor_ml.py",
}
FLAGS = ("PYTENSOR_FLAGS", "THEANO_FLAGS")


def turn(
    name: str, problem: Path, seed: int, peer_python: str, cache: str = "", prefix: str = ""
) -> dict:
    """Run one contestant once, its compiled code in the folder ``cache``, if that is given."""
    script, *arguments = SCRIPTS[name].split()
    environment = dict(os.environ)
    root = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([root, environment.get("PYTHONPATH", "")])
    if cache:
        for flags in FLAGS:
            given = environment.get(flags, "")
            environment[flags] = f"{given},base_compiledir={cache}".strip(",")
        environment["JAX_COMPILATION_CACHE_DIR"] = f"{cache}/jax"  # by default it keeps nothing
        environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    started = time.time()
    done = subprocess.run(
        [python_of(name, peer_python), str(CONTESTANTS / (prefix + script)), str(problem),
         str(seed), *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-3000:]}")
    result = json.loads(done.stdout.splitlines()[-1])
    result["to_first_epoch"] = result["first_epoch_ended"] - started
    result["to_target"] = (result["reached"] or math.inf) - started
    # The first epoch compiles; where there is only one, it has to do.
    result["epoch"] = statistics.median(result["seconds"][1:] or result["seconds"])
    return result


def cold_turn(*arguments: Any, **more: str) -> dict:
    """Run one contestant once, with nothing compiled before."""
    with tempfile.TemporaryDirectory() as cache:
        return turn(*arguments, cache=cache, **more)


def python_of(name: str, peer_python: str) -> str:
    """Return a contestant's interpreter: ours is this one, a peer's may be named apart."""
    if name.startswith("ours") or name == "floor":
        return sys.executable
    usual, *apart = peer_python.split(",")
    return dict(one.split("=", 1) for one in apart).get(name, usual)


def race(
    names: list[str],
    problem: Path,
    rounds: int,
    peer_python: str,
    prefix: str = "",
    kept: str = "",
) -> dict[str, list[dict]]:
    """Let the contestants take turns, round by round, the order turning too.

    ``kept`` is a folder with what we compiled before.
    """
    results: dict[str, list[dict]] = {name: [] for name in names}
    for k in range(rounds):
        for name in turned(names, k):
            cache = kept if name == "ours" else ""
            results[name].append(turn(name, problem, k, peer_python, cache, prefix))
            print(f"round {k + 1}  {name:8} {results[name][-1]['epoch']:.4f} s", file=sys.stderr)
    return results


def turned(names: list[str], k: int) -> list[str]:
    """Return the names in round k's order: another one begins."""
    return names[k % len(names) :] + names[: k % len(names)]


def ratios(results: dict[str, list[dict]], name: str, key: str = "epoch") -> list[float]:
    """Return a contestant's figure over ours, round by round."""
    return [a[key] / b[key] for a, b in zip(results[name], results["ours"], strict=True)]

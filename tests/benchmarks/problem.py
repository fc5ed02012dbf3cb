"""The one problem that all contestants are given, as files that need no library but NumPy."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np

NAMES = ("x_train", "y_train", "x_test", "y_test")


def write(
    folder: Path,
    data: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    widths: list[int],
    seed: int = 0,
    **settings: float,
) -> None:
    """Write data, Glorot weights for a network of these widths, and settings."""
    for name, array in zip(NAMES, data, strict=True):
        np.save(folder / f"{name}.npy", array)
    rng = np.random.default_rng(seed)
    for i, (n_in, n_out) in enumerate(itertools.pairwise(widths)):
        limit = np.sqrt(6 / (n_in + n_out))
        np.save(folder / f"W{i}.npy", rng.uniform(-limit, limit, (n_in, n_out)).astype("float32"))
    (folder / "settings.json").write_text(json.dumps({"widths": widths, **settings}))

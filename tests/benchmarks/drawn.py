"""Drawn digits, for trying a benchmark out: the examples draw them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples"


def digits(n_train: int, n_test: int) -> Any:
    """Return so many digits of 28 × 28 for the training and for the test."""
    if str(EXAMPLES) not in sys.path:
        sys.path.append(str(EXAMPLES))
    from drawings import generated_digits

    return generated_digits(n_train, n_test)

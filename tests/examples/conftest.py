"""The examples are scripts, not a package: here their folder joins the import path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
sys.path.insert(0, str(EXAMPLES))

# Read before the fixture below hides it from the examples.
_REAL_DATA = os.environ.get("MINITHEANONET_DATA")


@pytest.fixture(autouse=True, scope="module")
def small_generated_data():
    """Make the generated data small, and let no real data on this machine be found by itself."""
    import common

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "GENERATED_PER_CLASS", 15)
        patch.setattr(common, "GENERATED_DIGITS", (240, 60))
        patch.setattr(common, "FEWER_GENERATED_DIGITS", (240, 60))
        patch.setenv("MINITHEANONET_DATA", str(EXAMPLES / "no_such_folder"))
        yield


@pytest.fixture
def real_data():
    """The directory of the real data; without it the test is skipped."""
    if not _REAL_DATA:
        pytest.skip("needs real data: set MINITHEANONET_DATA to the directory that has them")
    return _REAL_DATA

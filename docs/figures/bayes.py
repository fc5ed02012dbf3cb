"""Run the pages on PyMC in full, which draws their figures: ``python docs/figures/bayes.py``.

An argument picks pages: ``moons.md``.

The tests run them with few draws. Here what the blocks print is compared with what stands in the
page, and what differs is told.
"""

import contextlib
import io
import os
import re
import sys
from pathlib import Path

from minitheanonet.engine import flags

HERE = Path(__file__).parent
BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(page):
    """Run a page's blocks, and say what it doesn't have of what they print."""
    text = page.read_text(encoding="utf-8")
    namespace = {"__name__": "__main__"}
    for code in BLOCK.findall(text):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, namespace)
        if printed.getvalue() not in text:
            print(f"{page.name} should show:\n{printed.getvalue()}")


if __name__ == "__main__":
    os.chdir(HERE)
    # With fast-math, kernels that are compiled and those from the cache differ in their last bits.
    with flags(numba__fastmath=False):
        for page in sorted((HERE.parent / "pymc").glob(sys.argv[1] if sys.argv[1:] else "*.md")):
            run(page)

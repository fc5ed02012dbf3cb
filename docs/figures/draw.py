"""Draw the exercise pages' figures again, from the results of ``examples/reproduce.py``.

python docs/figures/draw.py figures/results.json
"""

import io
import json
import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1] / "examples"), str(HERE.parents[1])]

import figures  # noqa: E402
from sheet import FIGURES  # noqa: E402


def main(results: str) -> None:
    """Write each figure twice: side by side, and stacked for narrow screens."""
    for number, entry in json.loads(Path(results).read_text())["figures"].items():
        panels = FIGURES[int(number)].task.panels
        for stacked, name in ((False, "figure"), (True, "narrow")):
            figure = figures.draw(entry["history"], panels, "", stacked=stacked)
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=110)
            image = Image.open(buffer).convert("RGB").quantize(48, dither=Image.Dither.NONE)
            image.save(HERE / f"{name}_{number}.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

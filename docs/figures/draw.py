"""Draw the exercise pages' figures again, from the results of ``examples/reproduce.py``.

python docs/figures/draw.py figures/results.json
"""

import io
import json
import sys
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1] / "examples"), str(HERE.parents[1])]

from report import figures  # noqa: E402
from report.sheet import FIGURES  # noqa: E402

SPANISH = {
    "training": "entrenamiento",
    "test": "prueba",
    "epoch": "época",
    "accuracy": "precisión",
    "share of wrong answers": "proporción de errores",
    "mean squared error (log scale)": "error cuadrático medio (escala log.)",
    "cross-entropy (log scale)": "entropía cruzada (escala log.)",
}


def main(results: str) -> None:
    """Write each figure side by side and stacked for narrow screens, in English and in Spanish."""
    entries = json.loads(Path(results).read_text(encoding="utf-8"))["figures"]
    for number, entry in entries.items():
        task = FIGURES[int(number)].task
        histories = [e["history"] for n, e in entries.items() if FIGURES[int(n)].task is task]
        limits = [panel.limits(histories) for panel in task.panels]
        for stacked, name in ((False, "figure"), (True, "narrow")):
            drawn = figures.draw(entry["history"], task.panels, "", limits=limits, stacked=stacked)
            save(drawn, HERE / f"{name}_{number}.png")
            translate(drawn)
            save(drawn, HERE / f"{name}_{number}_es.png")


def translate(figure: Figure) -> None:
    """Put a figure's words into Spanish."""
    for axes in figure.axes:
        legend = axes.get_legend()
        for text in (axes.xaxis.label, axes.yaxis.label, *legend.get_texts()):
            text.set_text(SPANISH[text.get_text()])


def save(figure: Figure, path: Path) -> None:
    """Write a small PNG: these drawings need few colours."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    image = Image.open(buffer).convert("RGB").quantize(48, dither=Image.Dither.NONE)
    image.save(path, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

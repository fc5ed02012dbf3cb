"""The pages of the documentation: their Python runs, and they leave nothing public out.

A block that opens with ```python runs, after those above it on its page and in their namespace.
Its fence may say more: ``no-run`` and a reason leave it out, the name of an engine has it run on
that engine only, ``needs onnx`` where that package is installed. A ```text block right below one
that runs is what that one prints.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import runpy
import sys
from functools import cache
from pathlib import Path

import pytest

import minitheanonet as mtn
from minitheanonet import engine, files

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "_build" not in page.parts)
FENCE = re.compile(
    r"^```python([^\n]*)\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)


@cache
def generated_digits():
    """Draw as the examples do, in the place of MNIST."""
    sys.path.insert(0, str(DOCS.parent / "examples"))
    from drawings import generated_digits

    return generated_digits(300, 100)


@cache
def generated_vehicles():
    """Draw as the examples do, in the place of photographs."""
    sys.path.insert(0, str(DOCS.parent / "examples"))
    from drawings import generated_vehicles

    return generated_vehicles(20)


def blocks(page):
    """Return (line number, marker, code, what it prints or None) of each block."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, found.start()) + 2, found[1].strip(), found[2], found[3])
        for found in FENCE.finditer(text)
    ]


def is_run(marker):
    """Say whether a block runs here."""
    package = marker.removeprefix("needs ")
    return marker in ("", engine.name) or (
        package != marker and importlib.util.find_spec(package) is not None
    )


@pytest.fixture
def _small(monkeypatch):
    """Let the pages ask for real data and many epochs, and give them a few drawings and epochs."""
    fit = mtn.Trainer.fit

    def few_epochs(trainer, *data, epochs=1, **options):
        return fit(trainer, *data, epochs=min(epochs, 10), **options)

    monkeypatch.setattr(mtn.Trainer, "fit", few_epochs)

    for name, few in (
        ("mnist", lambda *_, **__: generated_digits()),
        ("caltech101", lambda *_, **__: generated_vehicles()),
    ):
        monkeypatch.setattr(mtn.datasets, name, few)


@pytest.fixture
def _few_draws(monkeypatch, page):
    """Let the pages on PyMC draw a little; `docs/figures/bayes.py` runs them in full."""
    if "import pymc" not in page.read_text(encoding="utf-8") or not is_run("needs pymc"):
        return
    import pymc as pm

    quiet = {"progressbar": False, "random_seed": 0}
    few = quiet | {"tune": 3, "chains": 2, "cores": 1, "compute_convergence_checks": False}
    sample, fit = pm.sample, pm.fit
    monkeypatch.setattr(pm, "sample", lambda *_, **options: sample(3, **(options | few)))
    monkeypatch.setattr(pm, "fit", lambda *_, **options: fit(3, **(options | quiet)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
@pytest.mark.usefixtures("_small", "_few_draws")
@pytest.mark.filterwarnings("ignore:.*epochs of max_iter are over")  # few, by these tests
def test_the_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}  # a dataclass looks its module up
    for line, marker, code, shown in blocks(page):
        if is_run(marker):
            padded = "\n" * (line - 1) + code  # so that a traceback has the page's line
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile(padded, str(page), "exec"), namespace)
            assert shown is None or printed.getvalue() == shown, f"line {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_a_block_that_does_not_run_says_why(page):
    for line, marker, *_ in blocks(page):
        known = marker in ("", "pytensor", "theano") or len(marker.split()) > 1
        assert known, f"line {line}: {marker!r}"
        assert marker.split()[:1] in ([], ["no-run"], ["needs"], ["pytensor"], ["theano"])


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (module, name)
        for module in (mtn, mtn.datasets, files)
        for name in module.__all__
        if name not in ("datasets", "__version__")
    ],
)
def test_every_public_name_is_in_the_reference(module, name):
    reference = "\n".join(page.read_text(encoding="utf-8") for page in DOCS.glob("api/*.md"))
    assert re.search(rf"^.. auto\w+:: ([\w.]+\.)?{name}$", reference, re.MULTILINE)


def test_the_drawing_of_the_rooms_is_that_of_the_imports():
    rooms = runpy.run_path(str(DOCS / "figures" / "rooms.py"))
    drawn = (DOCS / "figures" / "rooms.svg").read_text(encoding="utf-8")
    assert drawn == rooms["drawing"](), "run python docs/figures/rooms.py"


def test_a_circle_of_rooms_is_seen():
    rooms = runpy.run_path(str(DOCS / "figures" / "rooms.py"))
    with pytest.raises(ValueError, match="files, layers use one another"):
        rooms["without_detours"]({("files", "layers"), ("layers", "files")})

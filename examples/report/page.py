"""The page: one HTML file with every figure in it, for any browser, without scripts or links."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from report.answers import answer
from report.pictures import CAPTIONS
from report.sheet import (
    FIGURES,
    FIRST_SHEET,
    FUNCTION,
    SAVING,
    SEEDS,
    SEEDS_HEAD,
    SEEDS_ROWS,
    Printed,
    SheetFigure,
    Task,
)

_HERE = Path(__file__).parent
_PAGE = Template((_HERE / "page.html").read_text(encoding="utf-8"))

_BANNER = """\
<aside class="banner" role="note">
<strong>Generated data.</strong> Figures marked “generated” were drawn with generated stand-ins, not
with Caltech 101 or MNIST. They show that the code works; their numbers say nothing about the real
data, to which every reference number on this page belongs.
</aside>"""

_SECTION = Template("""\
<section class="figure" aria-labelledby="figure-$number">
<h2 id="figure-$number">Figure $number <span class="data">$name</span></h2>
<p class="question">$question</p>
<p class="answer">$answer</p>
<figure>
<picture>
<source media="(max-width: 640px)" srcset="$narrow">
<img src="$wide" alt="$alt">
</picture>
</figure>
$beside
<div class="columns">
<div>
<h3>The network</h3>
<p>$words.</p>
<p class="layers"><code>$layers</code></p>
<p>$parameters parameters; $examples training and $tests test examples.</p>
<h3>The training</h3>
<dl>
$settings
</dl>
</div>
$table
</div>
$note
<details>
<summary>The code</summary>
<pre><code>$code</code></pre>
</details>
</section>
""")

_PRINTED = Template("""\
<section class="figure" aria-labelledby="$name">
<h2 id="$name">$heading</h2>
<p class="question">$question</p>
<details$open>
<summary>The code: examples/$name.py</summary>
<pre><code>$code</code></pre>
</details>
<h3>What it printed$data</h3>
<pre><samp>$printed</samp></pre>
</section>
""")

_LABELS = {
    "train_error": "training error (MSE)",
    "test_error": "test error (MSE)",
    "test_wrong": "wrong test answers",
    "test_accuracy": "test accuracy",
    "train_loss": "training loss",
    "test_loss": "test loss",
    "epochs": "epochs",
    "stopped_by": "stopped by",
    "seconds": "seconds",
}


class Picture(NamedTuple):
    """A figure as two PNG files: panels side by side, and one above the other for a phone.

    And what else was drawn, by name.
    """

    wide: bytes
    narrow: bytes
    beside: Mapping[str, bytes]


def page(results: dict[str, Any], pictures: dict[str, Picture]) -> str:
    """Return the page for the results; `pictures` by figure number."""
    data = results["data"]
    generated = any(described["generated"] for described in data.values())
    return _PAGE.substitute(
        names=escape(" and ".join(described["name"] for described in data.values())),
        style=(_HERE / "page.css").read_text(encoding="utf-8"),
        version=escape(results["minitheanonet"]),
        engine=escape("{name} {version}".format(**results["engine"])),
        seed=results["seed"],
        cap=f", at most {results['epochs_cap']} epochs each" if results["epochs_cap"] else "",
        banner=_BANNER if generated else "",
        summary=_summary(results),
        data="\n".join(map(_data_item, data.values())),
        function=_printed(results, FUNCTION),
        first_sheet=_printed(results, FIRST_SHEET),
        saving=_printed(results, SAVING),
        sections="\n".join(
            _section(results, int(number), pictures[number]) for number in results["figures"]
        ),
    )


def _data_item(described: dict[str, Any]) -> str:
    return (
        f"<li>{escape(described['name'])}: {described['train_examples']:,} training and "
        f"{described['test_examples']:,} test examples</li>"
    )


def _summary(results: dict[str, Any]) -> str:
    rows = []
    for number, entry in results["figures"].items():
        figure = FIGURES[int(number)]
        main = "test_accuracy" if "test_accuracy" in entry else "test_error"
        mark = " <em>generated</em>" if results["data"][figure.task.data]["generated"] else ""
        rows.append(
            f'<tr><th scope="row"><a href="#figure-{number}">{number}</a></th>'
            f"<td>{_LABELS[main]}</td><td><b>{_shown(main, entry)}</b></td>"
            f"<td>{escape(figure.reference[main])}</td>"
            f"<td>{escape(figure.words)}{mark}</td><td>{entry['train_examples']:,}</td>"
            f"<td>{entry['epochs']}</td><td>{_shown('seconds', entry)}</td></tr>"
        )
    head = ("Figure", "Measure", "Here", "Reference", "Network", "Examples", "Epochs", "Seconds")
    return _table("Every figure’s main number", head, rows)


def _section(results: dict[str, Any], number: int, picture: Picture) -> str:
    figure, entry = FIGURES[number], results["figures"][str(number)]
    described = results["data"][figure.task.data]
    numbers = ", ".join(f"{_LABELS[key]} {_shown(key, entry)}" for key in figure.task.numbers)
    curves = " and ".join(panel.label for panel in figure.task.panels)
    alt = (
        f"Figure {number}, {described['name']}: {curves} on training and test examples over "
        f"{entry['epochs']} epochs. At the end: {numbers}."
    )
    histories = {int(key): drawn["history"] for key, drawn in results["figures"].items()}
    return _SECTION.substitute(
        number=number,
        name=escape(described["name"]),
        question=escape(figure.question),
        answer=escape(answer(number, histories, described["test_examples"])),
        narrow=_embedded(picture.narrow),
        wide=_embedded(picture.wide),
        alt=escape(alt),
        beside="\n".join(_beside(number, *named) for named in picture.beside.items()),
        words=escape(figure.words[0].upper() + figure.words[1:]),
        layers=escape(entry["network"]),
        parameters=f"{entry['parameters']:,}",
        examples=f"{entry['train_examples']:,}",
        tests=f"{described['test_examples']:,}",
        settings=_settings(figure.task, results["epochs_cap"]),
        table=_numbers(figure, number, entry),
        note=_seeds() if number == 2 else "",
        code=_code(figure.code),
    )


def _beside(number: int, name: str, picture: bytes) -> str:
    """Return what a network has learned, or gets wrong, as a figure with its caption."""
    caption = CAPTIONS[name]
    alt = escape(f"Figure {number}: {caption}")
    return (
        f'<figure><img src="{_embedded(picture)}" alt="{alt}">\n'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _settings(task: Task, cap: int | None) -> str:
    """Return how a figure is trained, as the items of a definition list."""
    settings = dict(task.settings)
    if cap is not None and cap < task.max_epochs:
        settings["in this run"] = f"capped at {cap:,} epoch{'s' * (cap > 1)}"
    return "\n".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in settings.items()
    )


def _code(parts: tuple[Any, ...]) -> str:
    """Return the source of functions and classes of the examples, as HTML."""
    return escape("\n\n".join(inspect.getsource(part) for part in parts).rstrip())


def _seeds() -> str:
    """Return what figure 2 owes to its initial weights."""
    rows = [
        f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{n}</td>" for n in numbers) + "</tr>"
        for name, *numbers in SEEDS_ROWS
    ]
    table = _table("Figure 2 by initial weights and seed", SEEDS_HEAD, rows)
    return f"<h3>Why these initial weights</h3>\n{SEEDS}{table}"


def _printed(results: dict[str, Any], exercise: Printed) -> str:
    """Return the section of an exercise that prints; nothing if it has not run."""
    text = results["printed"].get(exercise.name)
    if text is None:
        return ""
    data = results["data"].get(exercise.needs)
    return _PRINTED.substitute(
        name=exercise.name,
        heading=escape(exercise.heading),
        question=escape(exercise.question),
        open=" open" if exercise.code else "",  # a whole file is long
        code=_code(exercise.code or (exercise.module,)),
        data=f' <span class="data">{escape(data["name"])}</span>' if data else "",
        printed=escape(text.rstrip()),
    )


def _numbers(figure: SheetFigure, number: int, entry: dict[str, Any]) -> str:
    """Return the table of a figure's numbers beside those that others measured."""
    rows = [
        f'<tr><th scope="row">{_LABELS[key]}</th><td>{_shown(key, entry)}</td>'
        f"<td>{escape(figure.reference.get(key, '–'))}</td></tr>"
        for key in (*figure.task.numbers, "epochs", "stopped_by", "seconds")
    ]
    return _table(f"Figure {number} in numbers", ("", "Here", figure.task.source), rows)


def _table(caption: str, head: tuple[str, ...], rows: list[str]) -> str:
    # Focusable, so that a wide table can be scrolled from the keyboard.
    cells = "".join(f'<th scope="col">{cell}</th>' if cell else "<td></td>" for cell in head)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{cells}</tr></thead>\n<tbody>\n"
        + "\n".join(rows)
        + "\n</tbody></table></div>"
    )


def _shown(key: str, entry: dict[str, Any]) -> str:
    value = entry[key]
    if key == "test_wrong":
        return f"{value:.1%}"
    if key == "seconds":
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    return f"{value:.4f}" if isinstance(value, float) else escape(str(value))


def _embedded(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"

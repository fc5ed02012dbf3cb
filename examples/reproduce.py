"""The whole exercise sheet in one command: its figures, what else it asks for, and a page.

    python examples/reproduce.py --data DIR             on the real data in DIR
    python examples/reproduce.py --generated            on generated data, in a few minutes
    python examples/reproduce.py --data DIR --only 1,4  these figures only

Figures 1 to 8 are the sheet's, 9 and 10 go beyond it.

It writes ``figure_1.png`` to ``figure_10.png``, ``results.json`` and ``report.html``, the last two
anew after each exercise: a run that is interrupted keeps what it has finished. A later run with
the same data, seed and cap of epochs adds to them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import time
from functools import cache
from typing import Any

import common
import first_sheet
import saving
import symbolic_function
from matplotlib.figure import Figure
from report.results import Results
from report.sheet import FIGURES, SheetFigure, title

import minitheanonet as mtn
from minitheanonet import engine


def figure_numbers(text: str) -> list[int]:
    """Return the figures that a list such as "1,4" names, in order."""
    numbers = sorted({int(part) for part in text.split(",")})
    if not set(numbers) <= FIGURES.keys():
        raise argparse.ArgumentTypeError(f"the figures are 1 to {len(FIGURES)}, got {text!r}")
    return numbers


def reproduce(options: argparse.Namespace) -> None:
    """Run the examples one after the other; keep each exercise as soon as it is done."""
    numbers = options.only or list(FIGURES)
    load = cache(lambda task: task.load(options))  # figures of one task share its data
    data = {FIGURES[n].task.data: describe(load(FIGURES[n].task)) for n in numbers}
    results = Results(options.out, settings(options), data)
    if options.only is None:
        printed = {symbolic_function: (), first_sheet: (), saving: (options,)}
        for example, arguments in printed.items():
            print(f"--- {example.__name__} ---")
            results.add_printed(example.__name__, print_and_keep(example.main, *arguments))
            print()
    for number in numbers:
        figure = FIGURES[number]
        train, test = load(figure.task)
        sample = train.fraction(figure.fraction)
        print(f"--- {title(number, sample.name, len(sample.inputs))} ---", flush=True)
        entry, pictures = run(figure, (sample, test), options)
        results.add_figure(number, entry, pictures)
        print(*(f"{name} {entry[name]:.4f}" for name in figure.task.numbers), sep=", ", end="; ")
        print(f"{entry['epochs']} epochs, stopped by {entry['stopped_by']}\n", flush=True)
    print(f"The page is {results.page.resolve()}")


def describe(data: common.Pair) -> dict[str, Any]:
    """Return name, sizes and origin of the data, as the results record them."""
    train, test = data
    return {
        "name": train.name,
        "generated": common.is_generated(train),
        "train_examples": len(train.inputs),
        "test_examples": len(test.inputs),
    }


def settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return what all the figures of a page must have in common."""
    return {
        "asked_for": "generated data" if options.generated else "real data",
        "seed": options.seed,
        "epochs_cap": options.epochs,
        "engine": {"name": engine.name, "version": engine.version},
        "minitheanonet": mtn.__version__,
    }


class Tee(io.StringIO):
    """Keeps what is printed, and passes it on."""

    def __init__(self) -> None:
        super().__init__()
        self._out = sys.stdout

    def write(self, text: str) -> int:
        """Print the text, too."""
        self._out.write(text)
        return super().write(text)


def print_and_keep(example: Any, *arguments: Any) -> str:
    """Run an example, and return what it printed."""
    with contextlib.redirect_stdout(Tee()) as printed:
        example(*arguments)
    return printed.getvalue()


def run(
    figure: SheetFigure, data: common.Pair, options: argparse.Namespace
) -> tuple[dict[str, Any], dict[str, Figure]]:
    """Train a figure's network; return what the results say of it, and what it has learned."""
    net = figure.network(data[0].inputs.shape[1], options.seed)
    epochs = min(figure.task.max_epochs, options.epochs or figure.task.max_epochs)
    started = time.perf_counter()
    history = figure.task.train(net, *data, epochs)
    if history.stopped_by == "interrupted":
        raise KeyboardInterrupt
    last = history.rows()[-1]
    entry = {
        **{name: last[column] for name, column in figure.task.numbers.items()},
        "epochs": history.epochs,
        "stopped_by": history.stopped_by,
        "seconds": round(time.perf_counter() - started, 2),
        "train_examples": len(data[0].inputs),
        "network": ", ".join(map(repr, net.layers)),
        "parameters": sum(param.get_value().size for param in net.params),
        "history": json.loads(history.to_json())["columns"],
    }
    return entry, figure.pictures(net, data[1])


def main(argv: list[str] | None = None) -> int:
    """Reproduce the sheet, or the figures that were asked for."""
    parser = common.parser(__doc__)
    parser.add_argument("--only", type=figure_numbers, metavar="1,4", help="these figures")
    return common.run(reproduce, parser, argv)


if __name__ == "__main__":
    sys.exit(main())

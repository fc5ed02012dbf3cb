"""What the examples share: their command line, their data, and how a run ends."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from drawings import generated_digits, generated_vehicles
from matplotlib.figure import Figure

import minitheanonet as mtn

Dataset = mtn.datasets.Dataset
Pair = tuple[Dataset, Dataset]  # for training, for the test

GENERATED_PER_CLASS = 400
GENERATED_DIGITS = (20_000, 4_000)
FEWER_GENERATED_DIGITS = (8_000, 2_000)  # for networks that take their time over each
UNUSABLE, INTERRUPTED = 2, 130  # exit codes, as argparse and the shell use them


def vehicles(options: argparse.Namespace) -> Pair:
    """Return airplanes (0) and motorbikes (1) of 64 × 64 gray values, a fifth for the test."""
    return _load(
        options,
        lambda: mtn.datasets.caltech101(options.data, seed=options.seed, download=options.download),
        lambda: generated_vehicles(GENERATED_PER_CLASS, seed=options.seed),
    )


def digits(options: argparse.Namespace, fewer_generated: bool = False) -> Pair:
    """Return handwritten digits of 28 × 28 gray values, each a row of numbers in [0, 1]."""
    generated = FEWER_GENERATED_DIGITS if fewer_generated else GENERATED_DIGITS
    return _load(
        options,
        lambda: mtn.datasets.mnist(options.data, download=options.download),
        lambda: generated_digits(*generated, seed=options.seed),
        instead=mtn.datasets.mnist_5k,
    )


def _load(
    options: argparse.Namespace,
    real: Callable[[], Pair],
    drawn: Callable[[], Pair],
    instead: Callable[[], Pair] | None = None,
) -> Pair:
    """Load what the options ask for; by default real data if found, some instead, or drawn ones."""
    if options.generated:
        return drawn()
    try:
        return real()
    except mtn.datasets.DataNotFoundError as error:
        if options.data is not None or options.download:
            raise
        data = _first_found(instead, drawn)
        missed = "REAL DATA" if is_generated(data[0]) else "WHOLE DATA SET"
        print(f"\n{'*' * 72}\n{missed} NOT FOUND: going on with {data[0].name}.", file=sys.stderr)
        print(f"{error}\n{'*' * 72}\n", file=sys.stderr)
        return data


def _first_found(instead: Callable[[], Pair] | None, drawn: Callable[[], Pair]) -> Pair:
    """Return real data in the place of those that were not found, if there are any."""
    try:
        return instead() if instead else drawn()
    except mtn.datasets.DataNotFoundError:
        return drawn()


def is_generated(data: Dataset) -> bool:
    """Return whether the data are drawn stand-ins; their name says so, in every title."""
    return data.name.startswith("generated")


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every example with data has."""
    options = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = options.add_mutually_exclusive_group()
    data.add_argument("--data", metavar="DIR", help="the directory that has the real data")
    data.add_argument("--generated", action="store_true", help="use generated stand-ins")
    data.add_argument("--download", action="store_true", help="fetch the real data if need be")
    options.add_argument(
        "--out", type=Path, default=Path("figures"), metavar="DIR", help="where figures go"
    )
    options.add_argument("--epochs", type=at_least(1), metavar="N", help="at most N")
    options.add_argument("--seed", type=at_least(0), default=0, metavar="N")
    return options


def at_least(low: int) -> Callable[[str], int]:
    """Return a type for argparse: whole numbers from `low`."""

    def whole_number(text: str) -> int:
        value = int(text)
        if value < low:
            raise argparse.ArgumentTypeError(f"{value} is below {low}")
        return value

    return whole_number


def last_values(history: mtn.History) -> dict[str, float]:
    """Return what the last epoch recorded; a training interrupted before has nothing to show."""
    if not history.epochs:
        raise KeyboardInterrupt
    return history.rows()[-1]


def save(figure: Figure, path: Path) -> None:
    """Write a figure, and say where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"The figure is in {path}")


def run(
    example: Callable[[argparse.Namespace], None],
    options: argparse.ArgumentParser,
    argv: list[str] | None = None,
) -> int:
    """Run an example as the command line says; return the exit code.

    Files that can't be had or read are a message, no traceback.
    """
    try:
        example(options.parse_args(argv))
    except (
        mtn.FileError,
        mtn.datasets.DataNotFoundError,
        mtn.datasets.DataFileError,
        mtn.datasets.DownloadError,
    ) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    return 0

"""What the examples share: the choice of data, the command line, and how a run ends."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import minitheanonet as mtn

Pair = tuple[mtn.datasets.Dataset, mtn.datasets.Dataset]

UNUSABLE, INTERRUPTED = 2, 130  # exit codes, as argparse and the shell use them


@dataclass(frozen=True)
class Data:
    """Training and test examples, and whether they are a generated stand-in for the real ones."""

    train: mtn.datasets.Dataset
    test: mtn.datasets.Dataset
    generated: bool

    @property
    def name(self) -> str:
        """What the data are, for titles; generated data say that they are generated."""
        return self.train.name

    @property
    def n_train(self) -> int:
        """The number of training examples."""
        return len(self.train.inputs)

    def fraction(self, share: float) -> Data:
        """Return the same with the first training examples only."""
        return replace(self, train=self.train.fraction(share))

    def describe(self) -> dict[str, str | int | bool]:
        """Return name, sizes and origin, as the results record them."""
        return {
            "name": self.name,
            "generated": self.generated,
            "train_examples": self.n_train,
            "test_examples": len(self.test.inputs),
        }


def load(
    options: argparse.Namespace, real: Callable[[], Pair], generated: Callable[[], Pair]
) -> Data:
    """Load what the options ask for; by default real data if found, and generated if not."""
    if options.generated:
        return Data(*generated(), generated=True)
    try:
        return Data(*real(), generated=False)
    except mtn.datasets.DataNotFoundError as error:
        if options.data is not None or options.download:
            raise
        data = Data(*generated(), generated=True)
        print(f"\n{'*' * 72}\nREAL DATA NOT FOUND: going on with {data.name}.", file=sys.stderr)
        print(f"{error}\n{'*' * 72}\n", file=sys.stderr)
        return data


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every training example has."""
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


def number(what: str, allowed: Callable[[float], bool]) -> Callable[[str], float]:
    """Return a type for argparse: numbers that are `allowed`, which `what` says in words."""

    def real_number(text: str) -> float:
        value = float(text)
        if not allowed(value):
            raise argparse.ArgumentTypeError(f"{value} is not {what}")
        return value

    return real_number


def last_row(history: mtn.History) -> dict[str, float]:
    """Return what the last epoch recorded; a training interrupted before has nothing to show."""
    if not history.epochs:
        raise KeyboardInterrupt
    return history.rows()[-1]


def exit_code(work: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Do the work and return the exit code: files that can't be had are a message, no traceback."""
    try:
        work(options)
    except (
        mtn.datasets.DataNotFoundError,
        mtn.datasets.DataFileError,
        mtn.datasets.DownloadError,
        mtn.ModelFileError,
    ) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    return 0

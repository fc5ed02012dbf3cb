"""Look into a model file from the command line: ``python -m minitheanonet inspect m.h5``."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TextIO

from minitheanonet.files import ModelFileError, model_info


def main(arguments: list[str] | None = None) -> int:
    """Run the command; `arguments` default to those of the command line."""
    parser = argparse.ArgumentParser(prog="python -m minitheanonet", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    inspect = commands.add_parser("inspect", help="print what is in model files")
    inspect.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="backslashreplace")  # a name may be none of the locale's
        for file in options.files:
            print(f"{file}\n{model_info(file)}", flush=True)
        return 0
    except ModelFileError as error:
        problem = str(error)
    except OSError as error:  # the disk behind the output is full, or nobody reads it any more
        problem = f"the output can't be written: {error.strerror}."
        _drop(sys.stdout)
    try:
        print(problem, file=sys.stderr, flush=True)
    except OSError:
        _drop(sys.stderr)
    return 1


def _drop(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere, since it would fail again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())

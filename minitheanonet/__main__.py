"""Look into a model file from the command line: ``python -m minitheanonet inspect m.h5``."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys

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
    except ModelFileError as error:
        return _say(str(error))
    except OSError as error:  # the disk behind the output is full, or nobody reads it any more
        return _say(f"the output can't be written: {error.strerror}.")
    return 0


def _say(message: str) -> int:
    """Say what went wrong, where that can be said, and return the exit code."""
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr, flush=True)
    for stream in (sys.stdout, sys.stderr):
        # What they still hold would fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return 1


if __name__ == "__main__":
    sys.exit(main())

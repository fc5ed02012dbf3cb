"""Look into a model file from the command line: ``python -m minitheanonet inspect m.h5``."""

from __future__ import annotations

import argparse
import sys

from minitheanonet.files import ModelFileError
from minitheanonet.files.description import describe


def main(arguments: list[str] | None = None) -> int:
    """Run the command; `arguments` default to those of the command line."""
    parser = argparse.ArgumentParser(prog="python -m minitheanonet", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    inspect = commands.add_parser("inspect", help="print what is in model files")
    inspect.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        for file in options.files:
            print(f"{file}\n{describe(file)}")
    except ModelFileError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Fetch data from the command line: ``python -m minitheanonet.datasets download mnist``."""

from __future__ import annotations

import argparse
import sys

from minitheanonet.datasets.caltech101 import caltech101
from minitheanonet.datasets.errors import DataFileError, DataNotFoundError, DownloadError
from minitheanonet.datasets.locate import data_root
from minitheanonet.datasets.mnist import mnist

_LOADERS = {"mnist": mnist, "caltech101": caltech101}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; `arguments` default to those of the command line."""
    parser = argparse.ArgumentParser(prog="python -m minitheanonet.datasets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    download = commands.add_parser("download", help="fetch a data set if need be, and read it")
    download.add_argument("dataset", choices=sorted(_LOADERS))
    place = "default: MINITHEANONET_DATA, and if that is not set, the user's cache folder"
    download.add_argument("--to", metavar="DIR", help=place)
    options = parser.parse_args(arguments)
    try:
        _LOADERS[options.dataset](options.to, download=True)
    except (DownloadError, DataFileError, DataNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.dataset} is in {data_root(options.to)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

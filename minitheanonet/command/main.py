"""Look into model files, ask saved networks, and hand them on.

python -m minitheanonet inspect model.h5
python -m minitheanonet predict model.h5 photos/
python -m minitheanonet predict model.h5 rows.csv --csv answers.csv
python -m minitheanonet export model.h5 model.onnx
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn, TextIO

from minitheanonet.checks import printable
from minitheanonet.command.answers import Answers
from minitheanonet.command.sources import examples
from minitheanonet.datasets.errors import DataNotFoundError
from minitheanonet.files.model import described_model, model_info
from minitheanonet.files.whole import write_whole
from minitheanonet.neighbours.onnx import export_onnx

_UNUSABLE = 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(_UNUSABLE, f"{self.prog}: {message}; --help says more.\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; `arguments` default to those of the command line."""
    options = _parser().parse_args((sys.argv[1:] if arguments is None else arguments) or ["-h"])
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="backslashreplace")  # a name may be none of the locale's
        options.run(options)
        return 0
    except (ValueError, TypeError, ImportError, DataNotFoundError) as error:
        problem = printable(" ".join(str(error).split()))
    except OSError as error:  # the disk behind the output is full, or nobody reads it any more
        problem = f"the output can't be written: {error.strerror}."
        _drop(sys.stdout)
    try:
        print(problem, file=sys.stderr, flush=True)
    except OSError:
        _drop(sys.stderr)
    return _UNUSABLE


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    prog = "python -m minitheanonet"
    parser = _Parser(prog=prog, description=__doc__, formatter_class=formatter)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    inspect = commands.add_parser("inspect", help="print what is in model files")
    inspect.add_argument("files", nargs="+", metavar="FILE", help="a model, or a checkpoint")
    inspect.set_defaults(run=_inspect)

    predict = commands.add_parser("predict", help="print what a network says to pictures or rows")
    predict.add_argument("model", metavar="MODEL", help="what save_model or Keras wrote")
    predict.add_argument(
        "sources", nargs="+", metavar="SOURCE",
        help="a picture, a folder of pictures, or a CSV file with an example in each line",
    )  # fmt: skip
    predict.add_argument("--csv", metavar="FILE", help="write all probabilities into this file")
    predict.set_defaults(run=_predict)

    export = commands.add_parser("export", help="write a network as ONNX, for other programs")
    export.add_argument("model", metavar="MODEL", help="what save_model or Keras wrote")
    export.add_argument("out", metavar="OUT.onnx")
    export.set_defaults(run=_export)
    return parser


def _inspect(options: argparse.Namespace) -> None:
    for file in options.files:
        print(f"{file}\n{model_info(file)}", flush=True)


def _predict(options: argparse.Namespace) -> None:
    info = described_model(options.model)
    answers = Answers(info)
    rows = (
        named
        for source in options.sources
        for names, inputs in examples(source, info)
        for named in zip(names, answers.to(inputs), strict=True)
    )
    if options.csv is None:
        for name, row in rows:
            print(printable(f"{name}: {answers.line(row)}"), flush=True)
    else:
        write_whole(options.csv, answers.table(rows).encode())
        print(f"the answers are in {options.csv}")


def _export(options: argparse.Namespace) -> None:
    info = described_model(options.model)
    export_onnx(info.network, options.out, classes=info.classes)
    print(f"{options.model} is in {options.out}")


def _drop(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere, since it would fail again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

"""Fuzz a reader with Atheris, which is to be had for Python 3.11 (``pip install atheris``).

    python tests/fuzz/run.py idx CORPUS -max_total_time=3600
    python tests/fuzz/run.py model CORPUS -max_total_time=3600

CORPUS is a folder: the harness's seeds are written into it, and what the fuzzer finds worth
keeping. What follows is for libFuzzer. It stops at the first finding and leaves the input behind;
``python tests/fuzz/run.py model FILE`` takes that input once more.

A finding is whatever isn't a valid result or the library's own error: another exception, a crash,
more CPU time or memory than `watch` allows, a file changed or made. An input that takes too much
CPU time ends the process by SIGPROF, and lies in the folder that was printed at the start.
"""

import importlib
import sys
from pathlib import Path

import atheris

HERE = Path(__file__).parent


def main():
    name, corpus, *options = sys.argv[1:]
    sys.path[:0] = [str(HERE), str(HERE.parents[1])]
    with atheris.instrument_imports(include=["minitheanonet"]):
        harness = importlib.import_module(f"fuzz_{name}")
    from watch import bound_memory

    if not Path(corpus).is_file():
        Path(corpus).mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(harness.seeds()):
            (Path(corpus) / f"seed-{number:02d}").write_bytes(seed)
    bound_memory()
    atheris.Setup([sys.argv[0], corpus, *options], harness.one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""A training on several devices and in several processes: its time, what is exchanged, its bits.

    python tests/benchmarks/devices.py [--on 1,2,4,1x2] [--epochs 4] [--sent] [--generated]
    python tests/benchmarks/devices.py --equal 500 --on engine,1,2,4,1x2,1x4
    sudo python tests/benchmarks/devices.py --equal 500 --on 2,1x2 --namespaces

``2`` is two devices of one process, ``1x2`` two processes of one device each, over loopback: with
--namespaces over a virtual Ethernet between two network namespaces, which takes root.

The times are those of figure 3's network and data: 784-512-512-10, dropout 0.2, RMSprop, batch 128,
the data on the devices or, with --sent, sent step by step. The first epoch compiles, and doesn't
count. All share this machine's cores: the table shows what the exchange costs, not what more
machines gain.

--equal compares what so many steps in float64 come to with what they come to in the first of the
places, for an MLP with dropout and a convolutional network with batch normalisation, the running
averages and the optimizer's state included. ``engine`` is the engine's own, without JAX.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import namespaces
import numpy as np

WORKER = Path(__file__).with_name("on_devices.py")
BYTES = {"f64": 8, "f32": 4, "u64": 8, "s64": 8, "s32": 4, "u32": 4, "u8": 1, "pred": 1}


def main(argv: list[str] | None = None) -> int:
    """Train everywhere, and print the table."""
    options = parse(argv)
    (compare if options.equal else time)(options)
    return 0


def time(options: argparse.Namespace) -> None:
    """Print the table of times."""
    print(
        "| devices x processes | first step, s | epoch, s | peak of a process, MB "
        "| all-reduced, bytes a step |"
    )
    print("| --- " * 5 + "|")
    settings = {"epochs": options.epochs, "resident": False if options.sent else None}
    for place in options.on.split(","):
        with tempfile.TemporaryDirectory() as folder:
            result = trained(place, settings, options, dump=folder)
            summed = max(map(all_reduced, programs(Path(folder))), default=0)
        print(
            f"| {shown(place)} | {result['first']:.1f} | {result['epoch']:.2f} "
            f"| {result['peak_mb']:.0f} | {summed:,} |",
            flush=True,
        )


def compare(options: argparse.Namespace) -> None:
    """Print the table of differences."""
    print("| devices x processes | MLP with dropout | convolution, batch normalisation |")
    print("| --- " * 3 + "|")
    first: dict[str, dict] = {}
    for place in options.on.split(","):
        found = []
        for network in ("mlp", "cnn"):
            with tempfile.TemporaryDirectory() as folder:
                file = f"{folder}/state.npz"
                trained(place, {"network": network, "steps": options.equal, "file": file}, options)
                state = dict(np.load(file))
            expected = first.setdefault(network, state)
            found.append(difference(expected, state))
        each = " | ".join("the same bits" if far == 0 else f"{far:.1e}" for far in found)
        print(f"| {shown(place)} | {each} |", flush=True)


def difference(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    """Return the largest difference between two states."""
    assert one.keys() == other.keys()
    return max(float(abs(one[name] - other[name].astype("float64")).max()) for name in one)


def shown(place: str) -> str:
    """Return a place as the tables name it."""
    devices, _, processes = place.partition("x")
    return place if place == "engine" else f"{devices} x {processes or 1}"


def trained(place: str, settings: dict, options: argparse.Namespace, dump: str = "") -> dict:
    """Train at a place, and return what the first process printed."""
    devices, _, several = place.partition("x")
    processes = int(several or 1)
    apart = options.namespaces and processes == 2
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    host = namespaces.ADDRESSES[0] if apart else "127.0.0.1"
    settings |= {
        "engine": place == "engine", "processes": processes, "address": f"{host}:{port}",
        "generated": options.generated,
    }  # fmt: skip
    environment = dict(os.environ)
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    if place != "engine":
        environment["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices}"
    if dump:
        environment["XLA_FLAGS"] += (
            f" --xla_dump_to={dump} --xla_dump_hlo_as_text --xla_dump_hlo_module_re=.*(step|loop).*"
        )
    with namespaces.joined() if apart else contextlib.nullcontext([[]] * processes) as within:
        started = [
            subprocess.Popen(
                [*command, sys.executable, str(WORKER), json.dumps(settings), str(rank)],
                env=environment, stdout=subprocess.PIPE, text=True,
            )
            for rank, command in enumerate(within)
        ]  # fmt: skip
        told = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        raise RuntimeError(f"{place}: the training failed, see above")
    return json.loads(told[0].splitlines()[-1])


def programs(folder: Path) -> list[str]:
    """Return the compiled programs that XLA wrote into a folder, as text."""
    return [file.read_text() for file in sorted(folder.glob("*after_optimizations.txt"))]


def all_reduced(program: str) -> int:
    """Return how many bytes a program sums over the devices."""
    found = 0
    for shapes in re.findall(r"= (.*?) all-reduce(?:-start)?\(", program):
        for kind, lengths in re.findall(r"(\w+)\[([\d,]*)\]", shapes):
            size = BYTES[kind]
            for length in filter(None, lengths.split(",")):
                size *= int(length)
            found += size
    return found


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--on", default="1,2,4,1x2", metavar="DEVICES[xPROCESSES],...")
    parser.add_argument("--equal", type=int, metavar="STEPS", help="compare what comes of them")
    parser.add_argument("--namespaces", action="store_true", help="two processes, as two machines")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--sent", action="store_true", help="the data step by step")
    parser.add_argument("--generated", action="store_true", help="digits that are drawn, few")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())

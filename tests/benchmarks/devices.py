"""The time of an epoch on several devices and in several processes, and what they exchange.

    python tests/benchmarks/devices.py [--on 1,2,4,1x2] [--epochs 4] [--generated]

Figure 3's network and data: 784-512-512-10, dropout 0.2, RMSprop, batch 128. ``2`` is two devices
of one process, ``1x2`` two processes of one device each, over loopback. The first epoch compiles,
and doesn't count. All share this machine's cores: the table shows what the exchange costs, not what
more machines gain.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BYTES = {"f64": 8, "f32": 4, "u64": 8, "s64": 8, "s32": 4, "u32": 4, "u8": 1, "pred": 1}


def main(argv: list[str] | None = None) -> int:
    """Train everywhere, and print the table."""
    options = parse(argv)
    print("| devices x processes | first step, s | epoch, s | all-reduced, bytes a step |")
    print("| --- " * 4 + "|")
    for where in options.on.split(","):
        devices, _, processes = where.partition("x")
        result = trained(int(devices), int(processes or 1), options)
        print(
            f"| {devices} x {processes or 1} | {result['first']:.1f} | {result['epoch']:.2f} | "
            f"{result['bytes']:,} |",
            flush=True,
        )
    return 0


def trained(devices: int, processes: int, options: argparse.Namespace) -> dict:
    """Return the seconds and the bytes of a training on so many devices in each process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ)
        environment["XLA_FLAGS"] = (
            f"--xla_force_host_platform_device_count={devices} --xla_dump_to={folder} "
            "--xla_dump_hlo_as_text --xla_dump_hlo_module_re=.*(step|loop).*"
        )
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        settings = json.dumps(
            {"port": port, "processes": processes, "epochs": options.epochs,
             "generated": options.generated}
        )  # fmt: skip
        started = [
            subprocess.Popen(
                [sys.executable, __file__, "--worker", settings, "--rank", str(rank)],
                env=environment, stdout=subprocess.PIPE, text=True,
            )
            for rank in range(processes)
        ]  # fmt: skip
        first, *_ = [process.communicate()[0] for process in started]
        bytes_a_step = max(map(all_reduced, programs(Path(folder))))
    return json.loads(first.splitlines()[-1]) | {"bytes": bytes_a_step}


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


def work(settings: dict, rank: int) -> None:
    """Be one process of a training, and print its seconds."""
    import drawn
    import jax

    import minitheanonet as mtn

    if settings["processes"] > 1:
        address = f"127.0.0.1:{settings['port']}"
        jax.distributed.initialize(address, settings["processes"], rank)
    generated = settings["generated"]
    train, _ = drawn.digits(640, 10) if generated else mtn.datasets.mnist()
    net = mtn.Sequential(
        mtn.Dense(784, 512), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(512, 512), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(512, 10), mtn.Softmax(), seed=0,
    )  # fmt: skip
    trainer = mtn.Trainer(
        net, mtn.categorical_crossentropy, mtn.RMSprop(1e-3), [mtn.accuracy], backend=mtn.Jax()
    )
    started = time.perf_counter()
    trainer.fit((train.inputs[:128], train.targets[:128]), batch_size=128, progress=False)
    first = time.perf_counter() - started
    history = trainer.fit(train, epochs=settings["epochs"], batch_size=128, progress=False)
    epoch = statistics.median(history["seconds"][2:] or history["seconds"])
    print(json.dumps({"first": first, "epoch": epoch}))


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--on", default="1,2,4,1x2", metavar="DEVICES[xPROCESSES],...")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--generated", action="store_true", help="digits that are drawn, few")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--rank", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


if __name__ == "__main__":
    given = parse(None)
    if given.worker:
        work(json.loads(given.worker), given.rank)
    else:
        sys.exit(main())

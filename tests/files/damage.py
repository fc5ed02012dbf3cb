"""Damaging a model file in every way, and counting what loading makes of it."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from small_nets import weights_of

from minitheanonet.files import ModelFileError, hdf5, load_model

MEBIBYTE = 2**20
# A process's peak memory counts that of the one which began it: so a small one begins the reader.
LAUNCHER = (
    "import resource, subprocess, sys; status = subprocess.call(sys.argv[1:]); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); "
    "sys.exit(status % 256)"
)


@dataclass
class Outcome:
    """How often a damaged file was refused, or loaded equal, or (never, one hopes) otherwise."""

    allowed: int  # bytes of memory
    refused: int = 0
    equal: int = 0
    numbers: int = 0  # loaded as the same layers, with another number or name in them
    different: int = 0
    slowest: float = 0.0  # seconds
    memory: int = 0  # bytes: this process's peak, less what it had before
    child_memory: int = 0  # bytes: the peak of the largest process behind the wall
    _before: int = field(default_factory=lambda: _forget_peak_memory(), repr=False)

    @property
    def sound(self):
        """Whether no other network was loaded, in bounded memory and time."""
        memory = self.memory + self.child_memory
        return self.different == 0 and memory < self.allowed and self.slowest < 10

    def load(self, path, expected):
        """Load the file and count; an exception that is not ours goes through."""
        began = time.perf_counter()
        try:
            loaded = load_model(path)
        except ModelFileError:
            self.refused += 1
        else:
            same = self._same(loaded, expected)
            self.equal += same and weights_of(loaded) == weights_of(expected)
            self.numbers += same and weights_of(loaded) != weights_of(expected)
            self.different += not same
        self.slowest = max(self.slowest, time.perf_counter() - began)
        self.memory = _memory("VmHWM") - self._before

    def _same(self, loaded, expected):
        """Whether two networks have the same layers, but for numbers and names."""
        shapes, layers = [], []
        for network in (loaded, expected):
            shapes.append([value.shape for value in network.values().values()])
            layers.append(re.sub(r"\d[\d.e+-]*", "#", repr(network)))
        return shapes[0] == shapes[1] and layers[0] == layers[1]

    def watch_readers(self, begin=subprocess.run):
        """Measure the processes behind the wall from now on."""

        def run(command, **options):
            done = begin([sys.executable, "-S", "-c", LAUNCHER, *command], **options)
            self.child_memory = max(self.child_memory, int(done.stderr.split()[-1]) * 1024)
            return done

        hdf5.subprocess = type("Watched", (), {"run": staticmethod(run)})


def cut_everywhere(path, step=1024):
    """Load the file cut to every multiple of `step` bytes, the shortest last."""
    outcome = Outcome(allowed=2 * path.stat().st_size + 256 * MEBIBYTE)
    expected = load_model(path)
    size = path.stat().st_size
    with open(path, "r+b") as file:
        for length in range((size - 1) // step * step, -1, -step):
            file.truncate(length)
            outcome.load(path, expected)
    return outcome


def flip_bits(path, count, seed=0, positions=None, watch=False):
    """Load the file with one random bit flipped, `count` times another; in `positions` alone."""
    outcome = Outcome(allowed=2 * path.stat().st_size + 256 * MEBIBYTE)
    expected = load_model(path)
    if watch:
        outcome.watch_readers()
    rng = np.random.default_rng(seed)
    positions = range(path.stat().st_size) if positions is None else positions
    with open(path, "r+b", buffering=0) as file:
        for index in rng.integers(len(positions), size=count):
            position = positions[index]
            mask = 1 << rng.integers(8)
            _flip(file, position, mask)
            outcome.load(path, expected)
            _flip(file, position, mask)
    hdf5.subprocess = subprocess
    return outcome


def _flip(file, position, mask):
    file.seek(position)
    byte = file.read(1)[0]
    file.seek(position)
    file.write(bytes([byte ^ int(mask)]))


def _forget_peak_memory():
    """Let Linux count the process's peak memory anew, and return what it has now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) * 1024

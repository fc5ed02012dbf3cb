"""Damaging a model file in every way, and counting what loading makes of it."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from small_nets import weights_of

from minitheanonet.files import ModelFileError, load_model


@dataclass
class Outcome:
    """How often a damaged file was refused, or loaded equal, or (never, one hopes) otherwise."""

    allowed: int  # bytes of memory
    refused: int = 0
    equal: int = 0
    different: int = 0
    slowest: float = 0.0
    memory: int = 0  # bytes: the process's peak, less what it had before
    _before: int = field(default_factory=lambda: _forget_peak_memory(), repr=False)

    @property
    def sound(self):
        """Whether nothing loaded differently, in bounded memory and time."""
        return self.different == 0 and self.memory < self.allowed and self.slowest < 1

    def load(self, path, expected):
        """Load the file and count; an exception that is not ours goes through."""
        began = time.perf_counter()
        try:
            loaded = load_model(path)
        except ModelFileError:
            self.refused += 1
        else:
            self.equal += weights_of(loaded) == expected
            self.different += weights_of(loaded) != expected
        self.slowest = max(self.slowest, time.perf_counter() - began)
        self.memory = _memory("VmHWM") - self._before


def cut_everywhere(path, step=1024):
    """Load the file cut to every multiple of `step` bytes, the shortest last."""
    outcome = Outcome(allowed=2 * path.stat().st_size + 64 * 2**20)
    expected = weights_of(load_model(path))
    size = path.stat().st_size
    with open(path, "r+b") as file:
        for length in range((size - 1) // step * step, -1, -step):
            file.truncate(length)
            outcome.load(path, expected)
    return outcome


def flip_bits(path, count, seed=0):
    """Load the file with one random bit flipped, `count` times another."""
    outcome = Outcome(allowed=2 * path.stat().st_size + 64 * 2**20)
    expected = weights_of(load_model(path))
    rng = np.random.default_rng(seed)
    size = path.stat().st_size
    with open(path, "r+b", buffering=0) as file:
        for position in rng.integers(size, size=count):
            mask = 1 << rng.integers(8)
            _flip(file, int(position), mask)
            outcome.load(path, expected)
            _flip(file, int(position), mask)
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

"""Memory that is freed and taken again costs no new pages, unless the user has it otherwise."""

import os
import subprocess
import sys

import pytest

from minitheanonet.engine import memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc's malloc")

# Prints how many pages the system had to give for 40 MiB that were freed a moment before.
AGAIN = """
import resource
import numpy as np
import minitheanonet

def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    pieces = [np.ones(2**20) for _ in range(5)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

pages()
pages()
print(pages())
"""


def pages_taken_again(**settings):
    own = {name: text for name, text in os.environ.items() if not name.startswith("MALLOC_")}
    command = [sys.executable, "-W", "ignore", "-c", AGAIN]
    done = subprocess.run(command, env=own | settings, capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_it_stays_with_the_process():
    assert pages_taken_again() < 100


@pytest.mark.parametrize(
    "settings",
    [
        {"MALLOC_TRIM_THRESHOLD_": "131072"},
        {"GLIBC_TUNABLES": "glibc.malloc.trim_threshold=131072"},
    ],
)
def test_the_user_s_own_settings_stay(settings):
    assert pages_taken_again(**settings) > 1000


def test_nobody_is_asked_where_the_user_has_settings(monkeypatch):
    asked = []
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: asked.append(name))
    monkeypatch.setenv("MALLOC_ARENA_MAX", "2")
    memory.keep_memory()
    assert not asked
    monkeypatch.delenv("MALLOC_ARENA_MAX")
    memory.keep_memory()  # what is given here has no mallopt: nor have other C libraries
    assert asked

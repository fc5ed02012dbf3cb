"""The BLAS under the engines, settled before an engine is imported; the user's settings come first.

Theano 1.0.5 asks NumPy for its BLAS as NumPy stood in 2020; on today's NumPy that question fails
and with it the import, so the answer is given here. PyTensor finds its BLAS, SciPy's OpenBLAS, but
that one's threads must learn to sleep.
"""

from __future__ import annotations

import configparser
import ctypes.util
import importlib.util
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FLAG = "blas.ldflags"
_TIMEOUT = "OPENBLAS_THREAD_TIMEOUT"


@contextmanager
def threads_that_sleep() -> Iterator[None]:
    """Let an OpenBLAS that is loaded in here put its idle threads to sleep after 2²⁰ cycles.

    That is a third of a millisecond, which passes once in a training step of figure 3's network.
    OpenBLAS's own 2²⁶ never pass: the threads spin from a process's start to its end. A virtual
    machine whose two processors happen to share the two hyperthreads of one core can be parted
    from that only while one of them rests; spinning, it runs at half its speed until the end.
    """
    if _TIMEOUT in os.environ:
        yield
        return
    os.environ[_TIMEOUT] = "20"
    try:
        yield
    finally:
        del os.environ[_TIMEOUT]  # other programs that this one starts have their own reasons


def set_theano_blas() -> None:
    """Name an OpenBLAS in ``THEANO_FLAGS``, unless the user's flags or ``.theanorc`` name one.

    A system OpenBLAS comes first, then the one that SciPy's wheel carries. With neither, Theano
    works through NumPy, and one warning says how to make it fast.
    """
    flags = os.environ.get("THEANO_FLAGS", "")
    if _FLAG in flags or _in_theanorc():
        return
    link = _system_openblas() or _scipy_openblas()
    if not link:
        warnings.warn(
            "No OpenBLAS was found for Theano: its matrix products go through NumPy, slower than "
            "need be. To make it fast, install libopenblas-dev (Debian) or SciPy's wheel, or set "
            f"THEANO_FLAGS={_FLAG}=-lYOUR_BLAS.",
            RuntimeWarning,
            stacklevel=2,
        )
    os.environ["THEANO_FLAGS"] = ",".join(filter(None, [flags, f"{_FLAG}={link}"]))


def _in_theanorc() -> bool:
    """Say whether a Theano configuration file of the user's names BLAS flags."""
    files = os.environ.get("THEANORC", "~/.theanorc").split(os.pathsep)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read([Path(file).expanduser() for file in files])
    return parser.has_option("blas", "ldflags")


def _system_openblas() -> str:
    """Return the flags that link the system's OpenBLAS, or an empty string."""
    soname = ctypes.util.find_library("openblas")
    return f"-l:{soname}" if soname else ""


def _scipy_openblas() -> str:
    """Return the flags that link the OpenBLAS in SciPy's wheel, or an empty string."""
    scipy = importlib.util.find_spec("scipy")
    if scipy is None or scipy.origin is None:
        return ""
    folder = Path(scipy.origin).parent.parent / "scipy.libs"
    # SciPy's later wheels prefix every symbol ("scipy_sgemm_"), which Theano can't call.
    for library in sorted(folder.glob("libopenblasp-*.so")):
        # Theano looks for the file by a name that it only has without its version, and warns.
        logging.getLogger("theano.tensor.blas").addFilter(
            lambda record: "did not find a dynamic library" not in record.getMessage()
        )
        return f"-L{folder} -l:{library.name}"  # Theano adds the run-time path of each -L
    return ""

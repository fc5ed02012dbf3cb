"""Fetch published data files, each of a known size and SHA-256.

This module is slow to import, and is imported when a download is asked for.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pooch
import requests
from tqdm import tqdm

from minitheanonet.datasets.errors import DownloadError

SILENCE = 30.0  # seconds without a byte after which an address is given up
SLOWEST = 5_000  # bytes a second, on average; what is slower is given up too
_ROUNDS = 2  # through all addresses
_CHUNK_BYTES = 2**10  # small, so that a trickle is noticed


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its name, its size in bytes, its SHA-256, and addresses, best first."""

    name: str
    size: int
    sha256: str
    urls: tuple[str, ...]


_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_MNIST_FILES = """
train-images-idx3-ubyte.gz 9912422 440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609
train-labels-idx1-ubyte.gz 28881 3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c
t10k-images-idx3-ubyte.gz 1648877 8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6
t10k-labels-idx1-ubyte.gz 4542 f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6
"""
SOURCES: dict[str, tuple[RemoteFile, ...]] = {
    "mnist": tuple(
        RemoteFile(name, int(size), sha256, tuple(mirror + name for mirror in _MNIST_MIRRORS))
        for name, size, sha256 in map(str.split, _MNIST_FILES.strip().splitlines())
    ),
    "caltech101": (
        RemoteFile(
            "caltech-101.zip",
            137_414_764,
            "331234750fc7f77520e50d9565e8b6907b03565e30320da1401130db08c61f91",
            ("https://data.caltech.edu/records/mzrjq-6wc02/files/caltech-101.zip?download=1",),
        ),
    ),
}


def fetch(remote: RemoteFile, folder: Path) -> Path:
    """Download one file into `folder`, from the first address that gives the right bytes.

    The bytes go to a temporary name, are checked, and only then get the real name. An address is
    given up when it sends more bytes than there should be, none for half a minute, or too few.

    Parameters
    ----------
    remote : RemoteFile
        What to fetch, unless it is there.
    folder : pathlib.Path
        Where to; made if it does not exist.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DownloadError
        If the folder can't be written to, or no address gave the file: it lists each with its
        reason.
    """
    failures = {}
    sha256, download = f"sha256:{remote.sha256}", partial(_download, size=remote.size)
    with writing_into(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for url in remote.urls * _ROUNDS:
            try:
                return Path(pooch.retrieve(url, sha256, remote.name, folder, downloader=download))
            except (ValueError, requests.RequestException) as error:
                failures[url] = error
    tried = "".join(f"\n  {url}: {error}" for url, error in failures.items())
    raise DownloadError(
        f"could not download {remote.name}. Tried:{tried}\n"
        f"Check the connection and try again, or download the file in a browser into {folder}."
    )


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Say of a folder that is full or read-only what to do."""
    try:
        yield
    except OSError as error:
        raise DownloadError(
            f"{folder} can't be written to ({error.strerror or error}): make room there, or "
            "download into another folder."
        ) from error


def _download(url: str, path: str, _: Any, *, size: int) -> None:
    """Write what a server sends, as long as it is no more than it should be, and no trickle."""
    # "identity": a server that is free to compress may have its .gz unpacked on the way,
    # and then the checksum is of other bytes than the published ones.
    headers = {"Accept-Encoding": "identity"}
    quiet = sys.stderr is None or not sys.stderr.isatty()
    start, received = time.monotonic(), 0
    with (
        requests.get(url, headers=headers, stream=True, timeout=SILENCE) as response,
        open(path, "wb") as file,
        tqdm(total=size, unit="B", unit_scale=True, disable=quiet) as bar,
    ):
        response.raise_for_status()
        for chunk in response.iter_content(_CHUNK_BYTES):
            received, seconds = received + len(chunk), time.monotonic() - start
            if received > size:
                raise ValueError(f"it sends more than the {size:,} bytes which are published")
            if seconds > SILENCE + received / SLOWEST:
                raise ValueError(f"it sent only {received:,} bytes in {seconds:.0f} seconds")
            file.write(chunk)
            bar.update(len(chunk))

"""Fetch published data files, each checked against its known SHA-256.

Nothing here runs unless a caller asks for a download.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pooch

from minitheanonet.datasets.errors import DownloadError

__all__ = ["SOURCES", "RemoteFile", "fetch"]

RETRIES = 2


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its name, what its bytes must hash to, and where to get it.

    Parameters
    ----------
    name : str
        The name under which it is stored.
    sha256 : str
        Of the file as published, in hexadecimal.
    urls : tuple of str
        Addresses of the same bytes, tried in this order.
    """

    name: str
    sha256: str
    urls: tuple[str, ...]


_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


def _mnist_file(name: str, sha256: str) -> RemoteFile:
    return RemoteFile(name, sha256, tuple(mirror + name for mirror in _MNIST_MIRRORS))


SOURCES: dict[str, tuple[RemoteFile, ...]] = {
    "mnist": (
        _mnist_file(
            "train-images-idx3-ubyte.gz",
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        _mnist_file(
            "train-labels-idx1-ubyte.gz",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        _mnist_file(
            "t10k-images-idx3-ubyte.gz",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        _mnist_file(
            "t10k-labels-idx1-ubyte.gz",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    "caltech101": (
        RemoteFile(
            "caltech-101.zip",
            "331234750fc7f77520e50d9565e8b6907b03565e30320da1401130db08c61f91",
            ("https://data.caltech.edu/records/mzrjq-6wc02/files/caltech-101.zip?download=1",),
        ),
    ),
}


def fetch(remote: RemoteFile, folder: Path) -> Path:
    """Download one file into `folder`, from the first address that gives the right bytes.

    The bytes go to a temporary name, are checked, and only then get the real name. Each address
    is tried again a few times before the next one is.

    Parameters
    ----------
    remote : RemoteFile
        What to fetch.
    folder : pathlib.Path
        Where to; made if it does not exist.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DownloadError
        If the folder can't be made, or no address gave the file: it lists each with its reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadError(
            f"the folder {folder} can't be made ({error.strerror}): download into another."
        ) from error
    failures = []
    for url in remote.urls:
        store = pooch.create(
            path=folder,
            base_url="",
            registry={remote.name: f"sha256:{remote.sha256}"},
            urls={remote.name: url},
            retry_if_failed=RETRIES,
        )
        # "identity": a server that is free to compress may have its .gz unpacked on the way,
        # and then the checksum is of other bytes than the published ones.
        downloader = pooch.HTTPDownloader(
            progressbar=sys.stderr is not None and sys.stderr.isatty(),
            headers={"Accept-Encoding": "identity"},
        )
        try:
            return Path(store.fetch(remote.name, downloader=downloader))
        # A checksum that differs is a ValueError; what requests and the disk raise, an OSError.
        except (ValueError, OSError) as error:
            failures.append(f"\n  {url}: {error}")
    raise DownloadError(
        f"could not download {remote.name}. Tried:{''.join(failures)}\n"
        f"Check the connection and try again, or download the file in a browser into {folder}."
    )

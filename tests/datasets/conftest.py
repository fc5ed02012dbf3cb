"""What the tests of several files need: small data, real data, a server on loopback."""

from __future__ import annotations

import contextlib
import http.server
import os
import struct
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import requests

with warnings.catch_warnings():
    # Older releases of Matplotlib warn about newer ones of pyparsing when they are imported,
    # and here warnings are errors.
    warnings.simplefilter("ignore")
    import matplotlib  # noqa: F401

IDX_CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D}
IDX_CODES["float64"] = 0x0E


def idx_bytes(array: np.ndarray) -> bytes:
    header = struct.pack(
        f">HBB{array.ndim}I", 0, IDX_CODES[array.dtype.name], array.ndim, *array.shape
    )
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture(scope="session")
def to_idx() -> Callable[[np.ndarray], bytes]:
    return idx_bytes


@pytest.fixture
def mnist_files() -> dict[str, bytes]:
    """The bytes of a very small MNIST: 20 training and 10 test images."""
    rng = np.random.default_rng(0)
    files = {}
    for part, n in (("train", 20), ("t10k", 10)):
        images = rng.integers(0, 256, (n, 28, 28)).astype(np.uint8)
        files[f"{part}-images-idx3-ubyte"] = idx_bytes(images)
        files[f"{part}-labels-idx1-ubyte"] = idx_bytes(np.arange(n, dtype=np.uint8) % 10)
    return files


@pytest.fixture
def mnist_dir(tmp_path: Path, mnist_files: dict[str, bytes]) -> Path:
    for name, content in mnist_files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def real_data() -> str:
    directory = os.environ.get("MINITHEANONET_DATA")
    if not directory:
        pytest.skip("MINITHEANONET_DATA is not set: it names the directory of the real data")
    return directory


class LoopbackServer:
    """Serves `files`; answers `failures` times with an error first; keeps what was asked for.

    A file is bytes, or a callable that yields them for as long as it likes.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes | Callable[[], Iterator[bytes]]] = {}
        self.failures = 0
        self.promised_extra = 0  # bytes announced and never sent
        self.requests: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                content = outer.files.get(self.path)
                if outer.failures:
                    outer.failures -= 1
                    self.send_error(503)
                elif content is None:
                    self.send_error(404)
                elif callable(content):
                    self.send_response(200)
                    self.end_headers()
                    with contextlib.suppress(OSError):  # until nobody listens any more
                        self.wfile.writelines(content())
                else:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(content) + outer.promised_extra))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    loopback = LoopbackServer()
    thread = threading.Thread(target=loopback.http.serve_forever, args=(0.01,))
    thread.start()
    yield loopback
    loopback.http.shutdown()
    thread.join()
    loopback.http.server_close()


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a mistake in a test from reaching a real server."""
    get = requests.get

    def get_from_loopback(url: str, **options: object) -> requests.Response:
        assert url.startswith("http://127.0.0.1:"), f"a test asked for {url}"
        return get(url, **options)

    monkeypatch.setattr(requests, "get", get_from_loopback)


@pytest.fixture
def no_server(only_loopback: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every request an error, to show that none is made."""

    def refuse(url: str, **_: object) -> None:
        raise AssertionError(f"the network was touched: {url}")

    monkeypatch.setattr(requests, "get", refuse)


@pytest.fixture
def small_disk() -> Callable[[int], contextlib.AbstractContextManager[None]]:
    """Let no file grow beyond some bytes: what a full disk does, on any disk."""
    resource = pytest.importorskip("resource")

    @contextlib.contextmanager
    def limit(n_bytes: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limit

from __future__ import annotations

import hashlib
import re

import pytest

from minitheanonet.datasets import DownloadError, download
from minitheanonet.datasets.download import SOURCES, RemoteFile, fetch

CONTENT = b"the published bytes\n" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def remote(server) -> RemoteFile:
    return RemoteFile("data.bin", SHA256, (f"{server.url}/one/data.bin", f"{server.url}/two/x"))


@pytest.fixture(autouse=True)
def no_retries(monkeypatch):
    monkeypatch.setattr(download, "RETRIES", 0)


def test_takes_the_first_mirror(server, remote, tmp_path):
    server.files["/one/data.bin"] = CONTENT
    path = fetch(remote, tmp_path / "made" / "here")
    assert path == tmp_path / "made" / "here" / "data.bin"
    assert path.read_bytes() == CONTENT
    assert server.requests == ["/one/data.bin"]


def test_takes_the_second_mirror_if_the_first_has_nothing(server, remote, tmp_path):
    server.files["/two/x"] = CONTENT
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert server.requests == ["/one/data.bin", "/two/x"]


def test_takes_the_second_mirror_if_the_first_has_other_bytes(server, remote, tmp_path):
    server.files.update({"/one/data.bin": b"other", "/two/x": CONTENT})
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


def test_tries_a_mirror_again(server, remote, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "RETRIES", 1)
    server.files["/one/data.bin"] = CONTENT
    server.failures = 1
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert server.requests == ["/one/data.bin"] * 2


def test_wrong_bytes_everywhere_leave_nothing(server, remote, tmp_path):
    server.files.update({"/one/data.bin": b"other", "/two/x": b"another"})
    with pytest.raises(DownloadError, match="hash") as caught:
        fetch(remote, tmp_path)
    for url in remote.urls:
        assert url in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_ends_early_leaves_nothing(server, remote, tmp_path):
    server.files.update({"/one/data.bin": CONTENT[:-1], "/two/x": CONTENT[:100]})
    server.promised_extra = 1
    with pytest.raises(DownloadError, match=r"data\.bin"):
        fetch(remote, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_missing_everywhere_says_what_to_do(remote, tmp_path):
    with pytest.raises(DownloadError, match="404") as caught:
        fetch(remote, tmp_path)
    assert f"download the file in a browser into {tmp_path}" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_nobody_listens(server, remote, tmp_path):
    nowhere = RemoteFile("data.bin", SHA256, ("http://127.0.0.1:1/data.bin",))
    with pytest.raises(DownloadError, match="127"):
        fetch(nowhere, tmp_path)


def test_a_file_that_is_there_is_not_fetched(no_server, remote, tmp_path):
    (tmp_path / "data.bin").write_bytes(CONTENT)
    assert fetch(remote, tmp_path) == tmp_path / "data.bin"


def test_the_table_is_complete():
    names = {dataset: [remote.name for remote in files] for dataset, files in SOURCES.items()}
    assert names == {
        "mnist": [
            f"{part}-{kind}-ubyte.gz"
            for part in ("train", "t10k")
            for kind in ("images-idx3", "labels-idx1")
        ],
        "caltech101": ["caltech-101.zip"],
    }
    for files in SOURCES.values():
        for remote in files:
            assert re.fullmatch("[0-9a-f]{64}", remote.sha256)
            assert all(url.startswith("https://") for url in remote.urls)
    assert all(len(remote.urls) == 2 for remote in SOURCES["mnist"])


def test_a_folder_that_cannot_be_made_is_no_matter_of_the_connection(no_server, remote, tmp_path):
    (tmp_path / "afile").touch()
    with pytest.raises(DownloadError, match="afile can't be made .*: download into another"):
        fetch(remote, tmp_path / "afile")

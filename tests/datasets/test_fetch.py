from __future__ import annotations

import hashlib
import itertools
import os
import re
import time

import pytest

from minitheanonet.datasets import DownloadError, fetch
from minitheanonet.datasets.fetch import SOURCES, RemoteFile

CONTENT = b"the published bytes\n" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def published(*urls: str) -> RemoteFile:
    return RemoteFile("data.bin", len(CONTENT), SHA256, urls)


@pytest.fixture
def remote(server) -> RemoteFile:
    return published(f"{server.url}/one/data.bin", f"{server.url}/two/x")


def test_takes_the_first_mirror(server, remote, tmp_path):
    server.files["/one/data.bin"] = CONTENT
    path = fetch.fetch(remote, tmp_path / "made" / "here")
    assert path == tmp_path / "made" / "here" / "data.bin"
    assert path.read_bytes() == CONTENT
    assert server.requests == ["/one/data.bin"]


def test_takes_the_second_mirror_if_the_first_has_nothing(server, remote, tmp_path):
    server.files["/two/x"] = CONTENT
    assert fetch.fetch(remote, tmp_path).read_bytes() == CONTENT
    assert server.requests == ["/one/data.bin", "/two/x"]


def test_takes_the_second_mirror_if_the_first_has_other_bytes(server, remote, tmp_path):
    server.files.update({"/one/data.bin": b"other", "/two/x": CONTENT})
    assert fetch.fetch(remote, tmp_path).read_bytes() == CONTENT


def test_tries_a_mirror_again(server, remote, tmp_path):
    server.files["/one/data.bin"] = CONTENT
    server.failures = 1
    assert fetch.fetch(remote, tmp_path).read_bytes() == CONTENT
    assert server.requests == ["/one/data.bin", "/two/x", "/one/data.bin"]


def test_wrong_bytes_everywhere_leave_nothing(server, remote, tmp_path):
    server.files.update({"/one/data.bin": b"other", "/two/x": b"another"})
    with pytest.raises(DownloadError, match="hash") as caught:
        fetch.fetch(remote, tmp_path)
    for url in remote.urls:
        assert url in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_ends_early_leaves_nothing(server, remote, tmp_path):
    server.files.update({"/one/data.bin": CONTENT[:-1], "/two/x": CONTENT[:100]})
    server.promised_extra = 1
    with pytest.raises(DownloadError, match=r"data\.bin"):
        fetch.fetch(remote, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_missing_everywhere_says_what_to_do(remote, tmp_path):
    with pytest.raises(DownloadError, match="404") as caught:
        fetch.fetch(remote, tmp_path)
    assert f"download the file in a browser into {tmp_path}" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_nobody_listens(tmp_path):
    with pytest.raises(DownloadError, match="127"):
        fetch.fetch(published("http://127.0.0.1:1/data.bin"), tmp_path)


def test_an_endless_download_ends(server, tmp_path):
    sent = itertools.count()
    server.files["/endless"] = lambda: (CONTENT for _ in itertools.islice(sent, 10_000))
    with pytest.raises(DownloadError, match="sends more than the 20,000 bytes"):
        fetch.fetch(published(f"{server.url}/endless"), tmp_path)
    assert next(sent) < 5_000  # of the 200 MB what was on its way, and no more
    assert list(tmp_path.iterdir()) == []


def silence():
    yield CONTENT[:100]
    time.sleep(1)


def trickle():
    for start in range(0, len(CONTENT), 1024):
        yield CONTENT[start : start + 1024]
        time.sleep(0.02)


@pytest.mark.parametrize(("answer", "reason"), [(silence, "timed out"), (trickle, "sent only")])
def test_a_download_that_stalls_is_given_up(server, tmp_path, monkeypatch, answer, reason):
    monkeypatch.setattr(fetch, "SILENCE", 0.1)
    monkeypatch.setattr(fetch, "SLOWEST", 10**6)
    server.files["/slow"] = answer
    with pytest.raises(DownloadError, match=reason):
        fetch.fetch(published(f"{server.url}/slow"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_server_may_be_slow_as_long_as_it_is_not_too_slow(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "SILENCE", 0.3)
    server.files["/slow"] = trickle  # for longer than that
    assert fetch.fetch(published(f"{server.url}/slow"), tmp_path).read_bytes() == CONTENT


def test_a_file_that_is_there_is_not_fetched(no_server, remote, tmp_path):
    (tmp_path / "data.bin").write_bytes(CONTENT)
    assert fetch.fetch(remote, tmp_path) == tmp_path / "data.bin"


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
    for remote in itertools.chain(*SOURCES.values()):
        assert re.fullmatch("[0-9a-f]{64}", remote.sha256)
        assert all(url.startswith("https://") for url in remote.urls)
    assert [remote.size for remote in SOURCES["mnist"]] == [9_912_422, 28_881, 1_648_877, 4_542]
    assert all(len(remote.urls) == 2 for remote in SOURCES["mnist"])


def test_a_folder_that_cannot_be_made_is_no_matter_of_the_connection(no_server, remote, tmp_path):
    (tmp_path / "afile").touch()
    with pytest.raises(DownloadError, match="afile can't be written to .*into another folder"):
        fetch.fetch(remote, tmp_path / "afile")


def test_a_full_disk_is_no_matter_of_the_connection(server, remote, tmp_path, small_disk):
    server.files["/one/data.bin"] = CONTENT
    with small_disk(1000), pytest.raises(DownloadError, match="can't be written to .*make room"):
        fetch.fetch(remote, tmp_path)
    assert server.requests == ["/one/data.bin"]
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_folder_is_no_matter_of_the_connection(no_server, remote, tmp_path):
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(DownloadError, match="can't be written to .*into another folder"):
        fetch.fetch(remote, tmp_path)

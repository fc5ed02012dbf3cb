from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from minitheanonet.datasets import DataNotFoundError, DownloadError, caltech101
from minitheanonet.datasets.fetch import SOURCES, RemoteFile

TREE = "101_ObjectCategories"
GRAYS = {"airplanes": 10, "Motorbikes": 90, "ferry": 200}


def jpeg(gray: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (30, 20), gray).save(buffer, "jpeg")
    return buffer.getvalue()


IMAGES = {
    f"{TREE}/{name}/image_{number:04d}.jpg": jpeg(gray)
    for name, gray in GRAYS.items()
    for number in range(10)
}


def make_tree(folder):
    for name, content in IMAGES.items():
        path = folder / name.removeprefix(f"{TREE}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def tree_of(folder):
    files = (path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def archive_of(files=IMAGES, links=None) -> bytes:
    """Build an archive as the published one is built."""
    inner, outer = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr(f"__MACOSX/caltech-101/{TREE}.tar.gz", b"not this one")
        archive.writestr("caltech-101/Annotations.tar", b"nor this one")
        archive.writestr(f"caltech-101/{TREE}.tar.gz", inner.getvalue())
    return outer.getvalue()


@pytest.fixture
def publish(server, monkeypatch):
    def published(content: bytes | None = None):
        content = content or archive_of()
        server.files["/caltech-101.zip"] = content
        sha256 = hashlib.sha256(content).hexdigest()
        urls = (f"{server.url}/caltech-101.zip",)
        remote = RemoteFile("caltech-101.zip", len(content), sha256, urls)
        monkeypatch.setitem(SOURCES, "caltech101", (remote,))
        return server

    return published


@pytest.mark.parametrize(
    "subfolder", ["", "101_ObjectCategories", "caltech101/101_ObjectCategories"]
)
def test_reads_the_two_classes(tmp_path, subfolder):
    make_tree(tmp_path / subfolder)
    train, test = caltech101(tmp_path, size=4)
    assert (train.inputs.shape, test.inputs.shape) == ((16, 16), (4, 16))
    for part in (train, test):
        assert (part.classes, part.name) == (("airplanes", "Motorbikes"), "Caltech 101")
        grays = np.where(part.targets == 0, 10, 90)[:, None] / 255
        np.testing.assert_allclose(
            part.inputs, np.broadcast_to(grays, part.inputs.shape), atol=0.01
        )


def test_reads_other_classes_in_colour_and_another_split(tmp_path):
    make_tree(tmp_path)
    train, test = caltech101(
        tmp_path, classes=("ferry", "airplanes"), size=(4, 5), grayscale=False, test_fraction=0.5
    )
    assert train.inputs.shape == test.inputs.shape == (10, 60)
    assert train.inputs[train.targets == 0].mean() == pytest.approx(200 / 255, abs=0.01)


def test_a_missing_class_is_named_with_all_places(tmp_path, no_server):
    make_tree(tmp_path / "101_ObjectCategories")
    with pytest.raises(DataNotFoundError) as caught:
        caltech101(tmp_path, classes=("airplanes", "motorbike"))
    message = str(caught.value)
    assert "not found: motorbike. Looked in:" in message
    assert f"\n  {tmp_path / 'caltech101' / '101_ObjectCategories'} (no such folder)" in message


def test_downloads_once_and_leaves_only_the_images(publish, tmp_path):
    server = publish()
    for _ in range(2):
        train, _ = caltech101(tmp_path, size=2, download=True)
        assert len(train.inputs) == 16
    assert tree_of(tmp_path / "caltech101") == IMAGES
    assert server.requests == ["/caltech-101.zip"]


def test_an_archive_that_is_there_is_used(publish, tmp_path, no_server):
    (tmp_path / "caltech101").mkdir()
    content = publish().files["/caltech-101.zip"]
    (tmp_path / "caltech101" / "caltech-101.zip").write_bytes(content)
    caltech101(tmp_path, size=2, download=True)
    assert tree_of(tmp_path / "caltech101") == IMAGES


def test_a_misspelt_class_is_not_downloaded_again(publish, tmp_path, no_server):
    publish()
    make_tree(tmp_path / "caltech101" / TREE)
    with pytest.raises(DataNotFoundError, match="aeroplanes"):
        caltech101(tmp_path, classes=("aeroplanes",), download=True)


STRANGERS = (
    f"{TREE}/BACKGROUND_Google/tmp",
    f"{TREE}/airplanes/._image_0001.jpg",
    f"{TREE}/airplanes/deep/image_0001.jpg",
    f"{TREE}/image_0001.jpg",
    "elsewhere/airplanes/image_0001.jpg",
    f"{TREE}/../../escaped.jpg",
    f"{TREE}/../escaped.jpg",
    f"{TREE}/airplanes/../../../escaped.jpg",
    f"/{TREE}/airplanes/escaped.jpg",
    "../escaped.jpg",
)


def test_unpacks_the_images_and_nothing_else_and_nothing_elsewhere(publish, tmp_path):
    publish(archive_of({**dict.fromkeys(STRANGERS, b"strange"), **IMAGES}))
    caltech101(tmp_path / "data", size=2, download=True)
    assert tree_of(tmp_path) == {f"data/caltech101/{name}": IMAGES[name] for name in IMAGES}


def test_links_are_left_out(publish, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    links = {f"{TREE}/airplanes": str(outside), f"{TREE}/airplanes/link.jpg": "/etc/hostname"}
    publish(archive_of(IMAGES, links))
    caltech101(tmp_path, size=2, download=True)
    assert list(outside.iterdir()) == []
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))
    assert tree_of(tmp_path / "caltech101") == IMAGES


def test_a_disk_that_is_full_while_unpacking_leaves_the_archive_only(
    publish, tmp_path, no_server, small_disk
):
    (tmp_path / "caltech101").mkdir()
    archive = tmp_path / "caltech101" / "caltech-101.zip"
    archive.write_bytes(publish().files["/caltech-101.zip"])
    with small_disk(100), pytest.raises(DownloadError, match="can't be written to .*make room"):
        caltech101(tmp_path, size=2, download=True)
    assert list(archive.parent.iterdir()) == [archive]


def test_nothing_is_downloaded_without_being_asked_for(no_server, tmp_path):
    with pytest.raises(DataNotFoundError):
        caltech101(tmp_path)


def test_real_data(real_data):
    train, test = caltech101(real_data)
    assert (train.inputs.shape, test.inputs.shape) == ((1278, 4096), (320, 4096))
    np.testing.assert_array_equal(np.bincount(train.targets), [640, 638])
    np.testing.assert_array_equal(np.bincount(test.targets), [160, 160])
    assert 0 <= train.inputs.min() < 0.01
    assert 0.99 < train.inputs.max() <= 1
    assert 0.55 < train.inputs.mean() < 0.65

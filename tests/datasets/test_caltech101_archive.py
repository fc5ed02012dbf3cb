from __future__ import annotations

import io
import random
import tarfile
import zipfile
from pathlib import Path

import pytest

from minitheanonet.datasets import DataFileError
from minitheanonet.datasets.caltech101_archive import unpack

TREE = "101_ObjectCategories"
NOISE = random.Random(0).randbytes(5000)
IMAGES = {
    f"{TREE}/{name}/image_0001.jpg": name.encode() + NOISE for name in ("airplanes", "Motorbikes")
}


def make_tar(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def make_zip(path: Path, inner: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as outer:
        outer.writestr(f"__MACOSX/caltech-101/{TREE}.tar.gz", b"not this one")
        outer.writestr("caltech-101/Annotations.tar", b"nor this one")
        outer.writestr(f"caltech-101/{TREE}.tar.gz", inner)
    return path


def tree_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def parent(tmp_path):
    folder = tmp_path / "caltech101"
    folder.mkdir()
    return folder


def test_unpacks_the_images_and_nothing_else(parent, tmp_path):
    strangers = {
        f"{TREE}/BACKGROUND_Google/tmp": b"stray",
        f"{TREE}/airplanes/._image_0001.jpg": b"of a Mac",
        f"{TREE}/airplanes/deep/image_0001.jpg": b"deep",
        f"{TREE}/image_0001.jpg": b"shallow",
        "elsewhere/airplanes/image_0001.jpg": b"elsewhere",
    }
    archive = make_zip(tmp_path / "some.zip", make_tar({**IMAGES, **strangers}))
    unpack(archive, parent / TREE)
    assert tree_of(parent) == IMAGES


@pytest.mark.parametrize(
    "name",
    [
        f"{TREE}/../../escaped.jpg",
        f"{TREE}/../escaped.jpg",
        f"{TREE}/airplanes/../../../escaped.jpg",
        f"/{TREE}/airplanes/escaped.jpg",
        "../escaped.jpg",
    ],
)
def test_nothing_gets_out_of_the_folder(parent, tmp_path, name):
    archive = make_zip(tmp_path / "some.zip", make_tar({name: b"bad", **IMAGES}))
    unpack(archive, parent / TREE)
    assert not any(path.name == "escaped.jpg" for path in tmp_path.rglob("*"))
    assert tree_of(parent) == IMAGES


def test_links_are_left_out(parent, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    links = {f"{TREE}/airplanes": str(outside), f"{TREE}/airplanes/link.jpg": "/etc/hostname"}
    archive = make_zip(tmp_path / "some.zip", make_tar(IMAGES, links))
    unpack(archive, parent / TREE)
    assert list(outside.iterdir()) == []
    assert not any(path.is_symlink() for path in parent.rglob("*"))
    assert tree_of(parent) == IMAGES


@pytest.mark.parametrize(
    "inner",
    [
        b"",
        b"no archive at all" * 100,
        make_tar(IMAGES)[:-2000],
        make_tar({}),
        make_tar({"other/airplanes/image_0001.jpg": b""}),
    ],
    ids=["empty", "noise", "cut off", "no members", "other tree"],
)
def test_a_bad_inner_archive_leaves_nothing(parent, tmp_path, inner):
    archive = make_zip(tmp_path / "some.zip", inner)
    with pytest.raises(DataFileError, match=r"some\.zip"):
        unpack(archive, parent / TREE)
    assert list(parent.iterdir()) == []


def test_a_zip_without_the_inner_archive(parent, tmp_path):
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as outer:
        outer.writestr(f"__MACOSX/{TREE}.tar.gz", make_tar(IMAGES))
    with pytest.raises(DataFileError, match=f"holds no {TREE}.tar.gz"):
        unpack(tmp_path / "some.zip", parent / TREE)


def test_no_zip_at_all(parent, tmp_path):
    (tmp_path / "some.zip").write_bytes(b"<html>")
    with pytest.raises(DataFileError, match="not a zip file"):
        unpack(tmp_path / "some.zip", parent / TREE)
    assert list(parent.iterdir()) == []

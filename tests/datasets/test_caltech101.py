from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from minitheanonet.datasets import DataNotFoundError, caltech101
from minitheanonet.datasets.caltech101 import download_caltech101
from minitheanonet.datasets.download import SOURCES, RemoteFile

GRAYS = {"airplanes": 10, "Motorbikes": 90, "ferry": 200}


def jpeg(gray: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (30, 20), gray).save(buffer, "jpeg")
    return buffer.getvalue()


def make_tree(folder):
    for name, gray in GRAYS.items():
        (folder / name).mkdir(parents=True)
        for number in range(10):
            (folder / name / f"image_{number:04d}.jpg").write_bytes(jpeg(gray))


def published() -> bytes:
    """A small archive, built as the published one is."""
    inner, outer = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for name, gray in GRAYS.items():
            for number in range(10):
                member = tarfile.TarInfo(f"101_ObjectCategories/{name}/image_{number:04d}.jpg")
                content = jpeg(gray)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("caltech-101/101_ObjectCategories.tar.gz", inner.getvalue())
    return outer.getvalue()


@pytest.fixture
def publish(server, monkeypatch):
    content = published()
    server.files["/caltech-101.zip"] = content
    sha256 = hashlib.sha256(content).hexdigest()
    remote = RemoteFile("caltech-101.zip", sha256, (f"{server.url}/caltech-101.zip",))
    monkeypatch.setitem(SOURCES, "caltech101", (remote,))
    return server


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
    assert "not found: the class folder motorbike. Looked in:" in message
    assert f"\n  {tmp_path / 'caltech101' / '101_ObjectCategories'} (no such folder)" in message


def test_downloads_once_and_leaves_only_the_images(publish, tmp_path):
    train, _ = caltech101(tmp_path, size=2, download=True)
    assert len(train.inputs) == 16
    assert [path.name for path in (tmp_path / "caltech101").iterdir()] == ["101_ObjectCategories"]
    caltech101(tmp_path, size=2, download=True)
    assert publish.requests == ["/caltech-101.zip"]


def test_an_archive_that_is_there_is_used(publish, tmp_path, no_server):
    (tmp_path / "caltech101").mkdir()
    archive = publish.files["/caltech-101.zip"]
    (tmp_path / "caltech101" / "caltech-101.zip").write_bytes(archive)
    folder = download_caltech101(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == sorted(GRAYS)


def test_a_misspelt_class_is_not_downloaded_again(publish, tmp_path, no_server):
    make_tree(tmp_path / "caltech101" / "101_ObjectCategories")
    with pytest.raises(DataNotFoundError, match="aeroplanes"):
        caltech101(tmp_path, classes=("aeroplanes",), download=True)


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

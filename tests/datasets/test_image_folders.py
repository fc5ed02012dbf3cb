"""Folders with one subfolder of images per class."""

from __future__ import annotations

import os

import numpy as np
import pytest
from pictures import gray_steps, save
from PIL import Image

from minitheanonet.datasets import (
    DataFileError,
    DataNotFoundError,
    image_folder,
)


@pytest.fixture
def folder(tmp_path):
    """Three classes with 2, 1 and 3 images, each of its own gray."""
    for gray, (name, n) in enumerate({"cats": 2, "ants": 1, "bees": 3}.items()):
        for i in range(n):
            pixel = Image.new("L", (10 + i, 7), 100 * gray + 10 * i)
            save(tmp_path / name / f"{i}.png", pixel)
    return tmp_path


def test_folder_takes_classes_in_alphabetical_order_and_files_too(folder):
    data = image_folder(folder, size=1)
    assert data.classes == ("ants", "bees", "cats")
    np.testing.assert_array_equal(data.targets, [0, 1, 1, 1, 2, 2])
    expected = np.array([[100], [200], [210], [220], [0], [10]], np.float32) / np.float32(255)
    np.testing.assert_array_equal(data.inputs, expected)
    assert (data.inputs.dtype, data.targets.dtype) == (np.float32, np.int32)


def test_folder_takes_the_given_classes_in_the_given_order(folder):
    data = image_folder(folder, size=1, classes=["cats", "ants"])
    assert data.classes == ("cats", "ants")
    np.testing.assert_array_equal(data.targets, [0, 0, 1])


@pytest.mark.parametrize(
    ("grayscale", "flatten", "shape"),
    [(True, True, (15,)), (True, False, (3, 5)), (False, True, (45,)), (False, False, (3, 5, 3))],
)
def test_folder_shapes(folder, grayscale, flatten, shape):
    data = image_folder(folder, size=(3, 5), grayscale=grayscale, flatten=flatten)
    assert data.inputs.shape == (6, *shape)


def test_folder_passes_over_what_file_managers_leave(folder):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._0.png", "notes.txt"):
        (folder / "cats" / name).write_bytes(b"no image")
    (folder / "cats" / "deeper.png").mkdir()
    save(folder / "__MACOSX" / "cats.png", gray_steps())
    save(folder / ".thumbnails" / "cats.png", gray_steps())
    (folder / "readme.png").write_bytes(b"no image, but beside the classes")
    data = image_folder(folder, size=1)
    assert data.classes == ("ants", "bees", "cats")
    assert len(data.inputs) == 6


@pytest.mark.parametrize("name", ["X.JPG", "x.Jpeg", "x.PNG", "x.bmp", "x.GIF", "x.TIF", "x.webp"])
def test_folder_takes_extensions_in_any_case(tmp_path, name):
    save(tmp_path / "a" / name, gray_steps())
    assert image_folder(tmp_path, size=2).inputs.shape == (1, 4)


def test_folder_without_a_class(folder):
    with pytest.raises(DataNotFoundError, match=r"dogs: there is no such folder.*spell"):
        image_folder(folder, classes=("cats", "dogs"))


def test_folder_with_an_empty_class(folder):
    (folder / "dogs").mkdir()
    with pytest.raises(DataNotFoundError, match="dogs: .* there are no images in it"):
        image_folder(folder)


def test_folder_without_subfolders(tmp_path):
    save(tmp_path / "x.png", gray_steps())
    with pytest.raises(DataNotFoundError, match="there are no subfolders in it"):
        image_folder(tmp_path)


def test_folder_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent: there is no such folder"):
        image_folder(tmp_path / "absent")


@pytest.mark.parametrize("classes", [(), ("cats", "cats")])
def test_folder_refuses_no_classes_and_repeated_ones(folder, classes):
    with pytest.raises(ValueError, match="name at least one"):
        image_folder(folder, classes=classes)


def test_folder_names_the_bad_file(folder):
    (folder / "bees" / "1.png").write_bytes(b"")
    with pytest.raises(DataFileError, match=r"1\.png: it cannot be read as an image"):
        image_folder(folder)


def test_the_bar_shows_on_terminals_and_for_many_images_only(folder, monkeypatch, capsys):
    first = folder / "cats" / "0.png"
    for number in range(300):
        os.link(first, folder / "cats" / f"copy {number}.png")
    for on_terminal in (False, True):
        monkeypatch.setattr("sys.stderr.isatty", lambda shown=on_terminal: shown, raising=False)
        image_folder(folder, size=1)
        assert ("reading images" in capsys.readouterr().err) == on_terminal
    image_folder(folder, size=1, classes=("ants", "bees"))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr", None)  # a program without a console
    assert len(image_folder(folder, size=1).inputs) == 306

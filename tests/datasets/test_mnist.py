from __future__ import annotations

import gzip
import hashlib

import numpy as np
import pytest

from minitheanonet.datasets import DataFileError, DataNotFoundError, mnist
from minitheanonet.datasets.fetch import SOURCES, RemoteFile

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def move_to(folder, mnist_dir, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (mnist_dir / name).rename(folder / name)


def test_reads_both_parts(mnist_dir, mnist_files):
    train, test = mnist(mnist_dir)
    assert (train.inputs.shape, test.inputs.shape) == ((20, 784), (10, 784))
    pixels = np.frombuffer(mnist_files[TRAIN_IMAGES][16:], np.uint8).reshape(20, 784)
    np.testing.assert_array_equal(train.inputs, pixels / np.float32(255))
    np.testing.assert_array_equal(test.targets, np.arange(10))
    for part in (train, test):
        assert (part.inputs.dtype, part.targets.dtype) == (np.float32, np.int32)
        assert (part.inputs.min(), part.inputs.max()) == (0, 1)
        assert (part.classes, part.name) == (tuple("0123456789"), "MNIST")


def test_unscaled_images_are_the_bytes_of_the_files(mnist_dir, mnist_files):
    scaled, as_stored = mnist(mnist_dir)[0], mnist(mnist_dir, scaled=False)[0]
    assert (as_stored.inputs.dtype, as_stored.inputs.shape) == (np.uint8, (20, 784))
    assert as_stored.inputs.tobytes() == mnist_files[TRAIN_IMAGES][16:]
    np.testing.assert_array_equal(as_stored.inputs / np.float32(255), scaled.inputs)
    np.testing.assert_array_equal(as_stored.targets, scaled.targets)
    assert (as_stored.classes, as_stored.name) == (scaled.classes, scaled.name)


@pytest.mark.parametrize("subfolder", ["mnist", "MNIST/raw"])
def test_looks_into_subfolders(mnist_dir, mnist_files, subfolder):
    move_to(mnist_dir / subfolder, mnist_dir, mnist_files)
    assert len(mnist(mnist_dir)[0].inputs) == 20


def test_reads_compressed_files_and_mixed_ones(mnist_dir, mnist_files):
    (mnist_dir / TRAIN_IMAGES).unlink()
    (mnist_dir / f"{TRAIN_IMAGES}.gz").write_bytes(gzip.compress(mnist_files[TRAIN_IMAGES]))
    assert len(mnist(mnist_dir)[0].inputs) == 20


def test_uses_the_environment_variable(mnist_dir, monkeypatch):
    monkeypatch.setenv("MINITHEANONET_DATA", str(mnist_dir))
    assert len(mnist()[0].inputs) == 20


def test_without_a_directory_and_the_variable_it_is_the_cache(mnist_dir, monkeypatch):
    monkeypatch.setattr("pooch.os_cache", {"minitheanonet": mnist_dir}.get)
    for value in (None, ""):
        monkeypatch.delenv("MINITHEANONET_DATA", raising=False)
        if value is not None:
            monkeypatch.setenv("MINITHEANONET_DATA", value)
        assert len(mnist()[0].inputs) == 20


def test_a_tilde_is_the_home_directory(mnist_dir, mnist_files, monkeypatch):
    move_to(mnist_dir / "my data", mnist_dir, mnist_files)
    monkeypatch.setenv("HOME", str(mnist_dir))
    monkeypatch.setenv("USERPROFILE", str(mnist_dir))
    assert len(mnist("~/my data")[0].inputs) == 20
    monkeypatch.setenv("MINITHEANONET_DATA", "~/my data")
    assert len(mnist()[0].inputs) == 20


def test_missing_files_are_named_with_all_places(mnist_dir, no_server):
    (mnist_dir / TRAIN_LABELS).unlink()
    with pytest.raises(DataNotFoundError) as caught:
        mnist(mnist_dir)
    message = str(caught.value)
    assert f"not found: {TRAIN_LABELS}. Looked in:" in message
    for folder in (mnist_dir, mnist_dir / "mnist", mnist_dir / "MNIST" / "raw"):
        assert f"\n  {folder}{'' if folder == mnist_dir else ' (no such folder)'}\n" in message
    assert f"python -m minitheanonet.datasets download mnist --to {mnist_dir}`" in message
    assert "MINITHEANONET_DATA" in message


def test_files_of_two_folders_are_not_mixed(mnist_dir, mnist_files):
    move_to(mnist_dir / "mnist", mnist_dir, list(mnist_files)[:2])
    with pytest.raises(DataNotFoundError):
        mnist(mnist_dir)


def test_the_argument_is_the_only_place(mnist_dir, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("MINITHEANONET_DATA", str(mnist_dir))
    with pytest.raises(DataNotFoundError):
        mnist(tmp_path_factory.mktemp("empty"))


def test_swapped_images_and_labels(mnist_dir, mnist_files):
    (mnist_dir / TRAIN_IMAGES).write_bytes(mnist_files[TRAIN_LABELS])
    (mnist_dir / TRAIN_LABELS).write_bytes(mnist_files[TRAIN_IMAGES])
    with pytest.raises(
        DataFileError, match=rf"{TRAIN_IMAGES}: it holds uint8 of shape \(20,\).*swapped"
    ):
        mnist(mnist_dir)


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        (TRAIN_LABELS, np.zeros(19, np.uint8), "holds 19 labels.* holds 20 images"),
        (TRAIN_LABELS, np.full(20, 10, np.uint8), "label 10"),
        (TRAIN_LABELS, np.zeros(20, np.int32), r"int32 of shape \(20,\)"),
        (TRAIN_LABELS, np.zeros((20, 10), np.uint8), r"uint8 of shape \(20, 10\)"),
        (TRAIN_IMAGES, np.zeros((20, 32, 32), np.uint8), r"uint8 of shape \(20, 32, 32\)"),
        (TRAIN_IMAGES, np.zeros((20, 784), np.uint8), r"uint8 of shape \(20, 784\)"),
        (TRAIN_IMAGES, np.zeros((20, 28, 28), np.float32), "float32 of shape"),
        (TRAIN_IMAGES, np.zeros(20, np.uint8), r"uint8 of shape \(20,\)"),
    ],
)
def test_contents_that_are_not_mnist(mnist_dir, to_idx, name, array, reason):
    (mnist_dir / name).write_bytes(to_idx(array))
    with pytest.raises(DataFileError, match=f"{name}: .*{reason}"):
        mnist(mnist_dir)


def publish(server, monkeypatch, mnist_files):
    """Put the small files onto the server, as if they were the published ones."""
    sources = []
    for name, content in mnist_files.items():
        packed = gzip.compress(content)
        server.files[f"/{name}.gz"] = packed
        sha256 = hashlib.sha256(packed).hexdigest()
        sources.append(RemoteFile(f"{name}.gz", len(packed), sha256, (f"{server.url}/{name}.gz",)))
    monkeypatch.setitem(SOURCES, "mnist", tuple(sources))


def test_downloads_all_and_only_once(server, monkeypatch, mnist_files, tmp_path):
    publish(server, monkeypatch, mnist_files)
    assert len(mnist(tmp_path, download=True)[0].inputs) == 20
    assert sorted(server.requests) == sorted(server.files)
    names = sorted(path.name for path in (tmp_path / "mnist").iterdir())
    assert names == sorted(f"{name}.gz" for name in mnist_files)
    mnist(tmp_path, download=True)
    assert len(server.requests) == 4


def test_downloads_only_what_is_missing(server, monkeypatch, mnist_files, tmp_path):
    publish(server, monkeypatch, mnist_files)
    own = tmp_path / "mnist" / TRAIN_IMAGES
    own.parent.mkdir()
    own.write_bytes(mnist_files[TRAIN_IMAGES])
    assert len(mnist(tmp_path, download=True)[0].inputs) == 20
    assert f"/{TRAIN_IMAGES}.gz" not in server.requests
    assert len(server.requests) == 3


def test_nothing_is_downloaded_without_being_asked_for(no_server, tmp_path):
    with pytest.raises(DataNotFoundError):
        mnist(tmp_path)


def test_nothing_is_downloaded_if_the_files_are_there(no_server, mnist_dir):
    assert len(mnist(mnist_dir, download=True)[0].inputs) == 20


def test_real_data(real_data):
    train, test = mnist(real_data, scaled=False)
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    np.testing.assert_array_equal(np.bincount(train.targets), counts)
    for part, n, sha256 in (
        (train, 60_000, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        (test, 10_000, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    ):
        header = np.array([0x803, n, 28, 28], ">u4").tobytes()
        assert hashlib.sha256(header + part.inputs.tobytes()).hexdigest() == sha256

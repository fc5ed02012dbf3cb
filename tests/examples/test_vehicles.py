from __future__ import annotations

import tempfile

import numpy as np
import pytest
from drawings import generated_vehicles, write_generated_vehicles
from PIL import Image


@pytest.fixture(scope="module")
def vehicles():
    return generated_vehicles(100, size=32)


def test_shapes_types_ranges_and_names(vehicles):
    for part, n in zip(vehicles, (160, 40), strict=True):
        assert (part.inputs.shape, part.inputs.dtype) == ((n, 1024), np.float32)
        assert part.targets.dtype == np.int32
        np.testing.assert_array_equal(np.bincount(part.targets), [n // 2] * 2)
        assert 0 <= part.inputs.min() < 0.2 < 0.8 < part.inputs.max() <= 1
        assert part.classes == ("airplanes", "Motorbikes")
        assert part.name == "generated airplanes and motorbikes (not Caltech 101)"


def test_the_seed_decides():
    one, same, other = (generated_vehicles(3, size=8, seed=seed)[0].inputs for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_files_are_jpegs_of_many_sizes(tmp_path):
    write_generated_vehicles(tmp_path, 5)
    sizes = set()
    for name in ("airplanes", "Motorbikes"):
        paths = sorted((tmp_path / name).iterdir())
        assert [path.name for path in paths] == [f"image_{i:04d}.jpg" for i in range(1, 6)]
        for path in paths:
            with Image.open(path) as image:
                assert (image.format, image.mode) == ("JPEG", "RGB")
                sizes.add(image.size)
    assert len(sizes) == 10
    assert all(200 <= width <= 400 for width, _ in sizes)


def test_no_files_are_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    generated_vehicles(2, size=8)
    assert list(tmp_path.iterdir()) == []


def test_old_images_are_not_mixed_with_new_ones(tmp_path):
    write_generated_vehicles(tmp_path, 2)
    with pytest.raises(FileExistsError, match="airplanes"):
        write_generated_vehicles(tmp_path, 2)


def test_the_background_does_not_give_the_class_away(vehicles):
    train, _ = vehicles
    corners = train.inputs.reshape(-1, 32, 32)[:, [0, 0, -1, -1], [0, -1, 0, -1]].mean(1)
    airplanes, motorbikes = (corners[train.targets == label].mean() for label in (0, 1))
    assert abs(airplanes - motorbikes) < 0.1


def test_least_squares_tells_most_of_them_apart(vehicles):
    train, test = vehicles
    mean = train.inputs.mean(0)
    centred = train.inputs - mean
    # Ridge regression through the small (n, n) matrix.
    kernel = centred @ centred.T + 30 * np.eye(len(centred))
    weights = centred.T @ np.linalg.solve(kernel, train.targets - 0.5)
    right = ((test.inputs - mean) @ weights > 0) == test.targets
    assert right.mean() >= 0.75

"""Bad inputs of the data sets: loaders, generators, readers, and `Dataset`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from rows import NO_NUMBERS, NO_PATHS, NO_SEEDS, PATH, SEED, Bad, Fine, x, y

from minitheanonet import datasets
from minitheanonet.datasets import DataFileError, DataNotFoundError, Dataset


def prepare() -> None:
    """Make a folder of two classes, two gray pictures each, and one of an empty class."""
    for folder in ("pictures/cat", "pictures/dog", "hollow/cat"):
        Path(folder).mkdir(parents=True)
    for folder in ("cat", "dog"):
        for number in range(2):
            Image.new("L", (4, 4), 99 * number).save(f"pictures/{folder}/{number}.png")


whole = Dataset(x, y)
NO_SHARES = {**NO_NUMBERS, "zero": 0, "above 1": 1.5, "negative": -0.1}
COUNTS = {"zero": 0, "negative": -1, "too many": 13}
SIZES = (0, -1, "a", (2,), (2, 3, 4), 2.5, (2.5, 3), None, True)

DATASET = [
    Bad("datasets.Dataset", "lengths that differ", partial(Dataset, x, y[:3]), ValueError,
        r"inputs have shape \(12, 2\) and targets \(3,\)", "must be as long as one another"),
    *[Bad("datasets.Dataset", what, partial(Dataset, value, value), ValueError, r"shape \(\)",
          "one entry per example") for what, value in {"None": None, "text": "a"}.items()],
    Bad("datasets.Dataset", "ragged inputs", partial(Dataset, [[1], [1, 2]], [0, 1]), ValueError,
        "inputs", "Give every one the same"),
    Bad("datasets.Dataset", "labels beyond the classes", partial(Dataset, x, y, classes=("a",)),
        ValueError, "labels from 0 to 2, and there are 1 classes", "name each label"),
    Bad("datasets.Dataset", "a negative label", partial(Dataset, x, y - 1, classes=("a", "b")),
        ValueError, "labels from -1 to 1, and there are 2 classes", "name each label"),
    *[Bad("datasets.Dataset.first", what, partial(whole.first, value), ValueError, "first",
          "n must be from 1 to 12") for what, value in COUNTS.items()],
    *[Bad("datasets.Dataset.fraction", what, partial(whole.fraction, value), ValueError,
          "fraction: the share", "above 0 and at most 1")
      for what, value in NO_SHARES.items() if value is not True],
    Bad("datasets.Dataset.fraction", "none left", partial(whole.fraction, 0.01), ValueError,
        r"first\(0\)", "n must be from 1 to 12"),
    *[Bad("datasets.Dataset.split", f"share {what}", partial(whole.split, value), ValueError,
          "test_fraction", "between 0 and 1") for what, value in NO_SHARES.items()],
    *[Bad("datasets.Dataset.split", f"seed {what}", partial(whole.split, seed=value), ValueError,
          "seed", SEED) for what, value in NO_SEEDS.items()],
    Bad("datasets.Dataset.split", "float labels", Dataset(x, y / 2).split, ValueError, "float",
        "needs integer labels"),
    Bad("datasets.Dataset.split", "one of a class", Dataset(x[:4], y[:4]).split, ValueError,
        "class 1", "needs two, one for each part"),
]  # fmt: skip


def caltech(**options):
    return partial(datasets.caltech101, "pictures", **{"classes": ["cat", "dog"], **options})


def folder(**options):
    return partial(datasets.image_folder, "pictures", **options)


LOADERS = [
    *[Bad(f"datasets.{name}", f"data_dir {what}", partial(getattr(datasets, name), value),
          TypeError, "data_dir", PATH) for name in ("mnist", "caltech101")
      for what, value in NO_PATHS.items() if value is not None],
    *[Bad(f"datasets.{name}", what, partial(getattr(datasets, name), where), DataNotFoundError,
          f"{name}: not found.*{where}", "or download=True") for name in ("mnist", "caltech101")
      for what, where in (("no such folder", "nowhere"), ("a file", "afile"))],
    *[Bad("datasets.caltech101", f"{what}, before anything is fetched", caltech(
          **options, download=True), ValueError, thing, mend) for what, options, thing, mend in (
          ("a share of 2", {"test_fraction": 2}, "test_fraction", "between 0 and 1"),
          ("a negative seed", {"seed": -1}, "seed", SEED),
          ("no size", {"size": 0}, "size is 0", "at least one pixel"),
          ("no classes", {"classes": []}, "classes", "name at least one"))],
    Bad("datasets.caltech101", "a class misspelt", caltech(classes=["cot"]), DataNotFoundError,
        "not found: cot", "Get the data with"),
    *[Bad("datasets.image_folder", f"size {value!r}", folder(size=value), ValueError, "size is",
          r"give a side or \(height, width\)") for value in SIZES],
    Bad("datasets.image_folder", "a huge size", folder(size=10**9), ValueError, "size is",
        "no more than 50,000,000"),
    *[Bad("datasets.image_folder", what, partial(datasets.image_folder, value), TypeError,
          "directory", PATH) for what, value in NO_PATHS.items()],
    *[Bad("datasets.image_folder", where, partial(datasets.image_folder, where),
          DataNotFoundError, f"{where}: there is no such folder, or there are no subfolders",
          "a subfolder of images for each class") for where in ("nowhere", "afile", "empty")],
    Bad("datasets.image_folder", "a class misspelt", folder(classes=["cot"]), DataNotFoundError,
        "cot: there is no such folder", "spell the classes as they are"),
    Bad("datasets.image_folder", "a class without images",
        partial(datasets.image_folder, "hollow"), DataNotFoundError,
        "hollow.cat: .* there are no images", "a subfolder of images for each class"),
    *[Bad("datasets.image_folder", what, folder(classes=value), ValueError, "classes is",
          "name at least one, and none of them twice")
      for what, value in (("no classes", []), ("a class twice", ["cat", "cat"]))],
    *[Bad("datasets.read_image", what, partial(datasets.read_image, value), TypeError,
          "read_image: path", PATH) for what, value in NO_PATHS.items()],
    *[Bad("datasets.read_image", f"size {value!r}",
          partial(datasets.read_image, "pictures/cat/0.png", size=value), ValueError, "size is",
          r"give a side or \(height, width\)") for value in SIZES],
    Bad("datasets.read_image", "a huge size",
        partial(datasets.read_image, "pictures/cat/0.png", size=10**7), ValueError, "size is",
        "no more than 50,000,000"),
    Bad("datasets.read_image", "no such file", partial(datasets.read_image, "nowhere.png"),
        DataNotFoundError, "nowhere.png", "Look at the path"),
    Bad("datasets.read_image", "a text", partial(datasets.read_image, "afile"), DataFileError,
        "afile: it cannot be read as an image", "Replace the file"),
    Bad("datasets.read_image", "a folder", partial(datasets.read_image, "empty"), DataFileError,
        "empty: it is a folder", "Give the path of a file"),
    *[Bad("datasets.read_idx", what, partial(datasets.read_idx, value), TypeError,
          "read_idx: path", PATH) for what, value in NO_PATHS.items()],
    Bad("datasets.read_idx", "no such file", partial(datasets.read_idx, "nowhere"),
        DataNotFoundError, "nowhere", "Look at the path"),
    Bad("datasets.read_idx", "a folder", partial(datasets.read_idx, "empty"), DataFileError,
        "empty: it is a folder", "Give the path of a file"),
    Bad("datasets.read_idx", "text", partial(datasets.read_idx, "afile"), DataFileError,
        "afile: it looks like text", "get it again"),
]  # fmt: skip

ROWS = [*DATASET, *LOADERS]


def inputs(load):
    return lambda: load()[0]


FINE = [
    Fine("datasets.Dataset", "lists", lambda: Dataset([[1], [2]], [0, 1]).inputs,
         lambda: np.array([[1], [2]])),
    Fine("datasets.Dataset.split", "one class only",
         lambda: sorted(np.concatenate([p.inputs[:, 0] for p in Dataset(x, y * 0).split()])),
         lambda: sorted(x[:, 0])),
    Fine("datasets.Dataset.split", "labels below zero",
         lambda: Dataset(x, y - 1).split()[0].inputs, lambda: Dataset(x, y).split()[0].inputs),
    Fine("datasets.Dataset.first", "a number of NumPy's", lambda: whole.first(np.int64(3)).inputs,
         lambda: x[:3]),
    Fine("datasets.image_folder", "a size of NumPy's", inputs(folder(size=np.int64(4))),
         inputs(folder(size=4))),
    Fine("datasets.image_folder", "a size in a list", inputs(folder(size=[4, 4])),
         inputs(folder(size=4))),
]  # fmt: skip

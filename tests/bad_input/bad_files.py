"""Bad inputs of the files' room; what is bad inside a file is in tests/files."""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from rows import NO_PATHS, NO_WHOLES, PATH, WHOLE, Bad, Fine, fit, make_net, make_trainer, x, y

import minitheanonet as mtn
from minitheanonet import ModelFileError, engine, files


def prepare() -> None:
    """Write a model, and a training's checkpoints."""
    for path, content in _CONTENTS.items():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_bytes(content)


class Mine(mtn.Layer):
    def forward(self, x, training=None):
        return x


def saved(network=None, path="new.h5", **options):
    return lambda: mtn.save_model(make_net() if network is None else network, path, **options)


def misshapen():
    network = make_net()
    network.params[0].set_value(np.ones((5, 5), "float32"))
    mtn.save_model(network, "new.h5")


def unsaveable():
    network = mtn.Sequential(mtn.Dense(2, 3), mtn.Dense(3, 3, name="."), mtn.Softmax(), seed=0)
    checkpoint = mtn.Checkpoint("run2/{epoch}.h5", every=100)
    fit((x, y), trainer=make_trainer(network=network), callbacks=[checkpoint])


SAVING = [
    *[Bad("save_model", f"{what} for a network", saved(value), TypeError, "network",
          "must be a Sequential") for what, value in {"text": "a.h5", "a number": 3}.items()],
    Bad("save_model", "a layer for a network", saved(mtn.Dense(2, 3)), ModelFileError,
        "the network is a Dense", "Put it into a Sequential"),
    *[Bad("save_model", f"path {what}", saved(path=value), TypeError, "path", PATH)
      for what, value in NO_PATHS.items()],
    *[Bad("save_model", what, saved(path=path), ModelFileError, path, mend)
      for what, path, mend in (("no such folder", "no/a.h5", "make the folder first"),
                               ("a folder", "empty", "Choose another name"),
                               ("another kind of file", "afile", "Choose another name"),
                               ("a name too long", "a" * 300, "Try elsewhere"))],
    Bad("save_model", "no name", saved(path=""), ModelFileError, "is no model file",
        "Choose another name"),
    *[Bad("save_model", f"classes {what}", saved(classes=value), ModelFileError, "classes",
          "Give a name for each output")
      for what, value in {"a name": "abc", "too few": ["a"], "a number": 3, "a set": {1, 2, 3},
                          "an iterator": iter("abc")}.items()],
    *[Bad("save_model", f"preprocessing {what}", saved(preprocessing=value), ModelFileError,
          "preprocessing", "Use dicts with names as keys")
      for what, value in {"text": "abc", "a number": 3, "an array": {"a": np.ones(2)},
                          "NaN": {"a": np.nan}, "a tuple": {"a": (1, 2)}, "a key": {1: 2}}.items()],
    Bad("save_model", "weights set to another shape", misshapen, ModelFileError,
        r"dense_1/W was set to shape \(5, 5\)", "its layer is"),
    Bad("save_model", "a layer of one's own",
        lambda: mtn.save_model(mtn.Sequential(Mine(), input_shape=(2,), seed=0), "new.h5"),
        ModelFileError, "mine_1 is a Mine", "or a Checkpoint, which holds any layer"),
]  # fmt: skip

READING = [
    *[Bad(name, f"path {what}", partial(getattr(mtn, name), value), TypeError, "path", PATH)
      for name in ("load_model", "model_info")
      for what, value in {**NO_PATHS, "an open file": sys.stdin}.items()],
    *[Bad(name, what, partial(getattr(mtn, name), path), ModelFileError, path, mend)
      for name in ("load_model", "model_info")
      for what, path, mend in (("no such file", "nowhere.h5", "Look at the path"),
                               ("a folder", "empty", "Give a file"),
                               ("a device", "/dev/null", "Give a file"),
                               ("another kind of file", "afile", "Give a file that"),
                               ("an empty file", "blank.h5", "Take another copy"))],
]  # fmt: skip


def pattern(path, **options):
    return partial(mtn.Checkpoint, path, **options)


def resumed(place, **options):
    return lambda: files.resume(make_trainer(**options), place)


CHECKPOINTS = [
    *[Bad("Checkpoint", f"path {what}", pattern(value), TypeError, "Checkpoint: path", PATH)
      for what, value in NO_PATHS.items()],
    *[Bad("Checkpoint", f"path {path!r}", pattern(path), ValueError, "Checkpoint: path",
          "must be like|where the epoch goes")
      for path in ("run.h5", "run/{x}.h5", "run/{epoch}", "run/{}.h5", "run/{epoch:q}.h5",
                   "{epoch}/a.h5", "", "run/{epoch.h5")],
    *[Bad("Checkpoint", f"{key} {what}", pattern("{epoch}.h5", **{key: value}), ValueError,
          f"Checkpoint: {key}", WHOLE) for key in ("every", "keep")
      for what, value in NO_WHOLES.items() if value is not None],
    *[Bad("Checkpoint", what, pattern(path, every=None, **options), ValueError,
          "Checkpoint: path", "with every=None and best=, like")
      for what, path, options in (("every None and no best", "run/a.h5", {}),
                                  ("every None and a pattern", "{epoch}.h5", {"best": "a"}))],
    *[Bad("Checkpoint", f"best {what}", pattern("{epoch}.h5", best=value), TypeError,
          "Checkpoint: best", "name of a column or a Best")
      for what, value in {"a number": 3, "True": True, "a rule": mtn.Patience(),
                          "a class": mtn.Best}.items()],
    Bad("Checkpoint", "called with None", lambda: mtn.Checkpoint("{epoch}.h5")(None), TypeError,
        "Checkpoint", "must be a Trainer"),
    Bad("Checkpoint.before_fit", "a name that no file can hold", unsaveable, ModelFileError,
        "the name './W' can't stand in a file", "Choose another"),
    Bad("Checkpoint.before_fit", "a folder of another training",
        lambda: fit((x, y), callbacks=[mtn.Checkpoint("run/{epoch}.h5")]), ModelFileError,
        "run/2.h5: it is epoch 2 of a training", "choose another folder"),
    *[Bad("files.resume", f"{what} for a trainer", partial(files.resume, value, "run"), TypeError,
          "resume", "must be a Trainer") for what, value in (("None", None), ("text", "a"))],
    Bad("files.resume", "a network for a trainer", lambda: files.resume(make_net(), "run"),
        TypeError, "resume", "must be a Trainer"),
    *[Bad("files.resume", f"place {what}", resumed(value), TypeError, "resume: place", PATH)
      for what, value in NO_PATHS.items()],
    *[Bad("files.resume", what, resumed(place), ModelFileError, place, mend)
      for what, place, mend in (("no such folder", "nowhere", "pass missing_ok=True"),
                                ("no checkpoints", "empty", "pass missing_ok=True"),
                                ("another kind of file", "afile", "Give a file that"),
                                ("a model and no training", "m.h5", "that a Checkpoint"))],
    Bad("files.resume", "another optimizer", resumed("run", optimizer=mtn.Adam()), ModelFileError,
        "its optimizer was SGD.*, and this trainer's is Adam", "Build network and optimizer as"),
]  # fmt: skip

ROWS = [*SAVING, *READING, *CHECKPOINTS]


def loaded(path):
    return lambda: mtn.load_model(path).predict(x)


FINE = [
    Fine("load_model", "a path object", loaded(Path("m.h5")), loaded("m.h5")),
    Fine("save_model", "classes in an array",
         lambda: (saved(classes=np.array(["a", "b", "c"]))(), mtn.model_info("new.h5").classes)[1],
         lambda: ("a", "b", "c")),
    Fine("files.resume", "one of the files", lambda: resumed("run/2.h5")().name, lambda: "2.h5"),
]  # fmt: skip


def _written() -> dict[str, bytes]:
    """Make the files once, in a folder of their own: each test gets copies."""
    with tempfile.TemporaryDirectory() as folder, engine.flags(mode="FAST_COMPILE"):
        model = Path(folder, "m.h5")
        mtn.save_model(make_net(), model)
        checkpoint = mtn.Checkpoint(Path(folder, "{epoch}.h5"))
        make_trainer().fit((x, y), epochs=2, callbacks=[checkpoint], progress=False)
        run = {f"run/{n}.h5": Path(folder, f"{n}.h5").read_bytes() for n in (1, 2)}
        return {"m.h5": model.read_bytes(), **run, "blank.h5": b""}


_CONTENTS = _written()

"""Checkpoints: which files there are, and what goes wrong with them."""

import errno
import fcntl
import os
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_nets import Shift, data, make_trainer, names, train, weights_of

import minitheanonet as mtn
from minitheanonet.files import (
    Checkpoint,
    ModelFileError,
    checkpoints,
    load_model,
    model_info,
    save_model,
)


def test_every_keep_and_best(tmp_path):
    trainer = train(make_trainer(), tmp_path / "run", 7, every=2, keep=2, best="test_loss")
    assert names(tmp_path / "run") == ["004.h5", "006.h5", "best.h5"]
    best = mtn.Best("test_loss").epoch(trainer.history)
    assert model_info(tmp_path / "run" / "best.h5").training["epoch"] == best


def test_best_goes_by_the_whole_history(tmp_path):
    folder = tmp_path / "run"
    first = train(make_trainer(), folder, 2, best=mtn.Best("train_loss", "max"))
    worst = mtn.Best("train_loss", "max")
    resumed = make_trainer()
    mtn.resume(resumed, folder)
    train(resumed, folder, 3, best=worst)
    assert first.history["train_loss"] == resumed.history["train_loss"][:2]
    kept = model_info(folder / "best.h5").training["epoch"]
    assert kept == worst.epoch(resumed.history)


def test_a_checkpoint_is_a_model_file(tmp_path):
    trainer = make_trainer()
    train(trainer, tmp_path, 1, classes=["no", "yes"], preprocessing={"invert": True})
    assert weights_of(load_model(tmp_path / "001.h5")) == weights_of(trainer.network)
    info = model_info(tmp_path / "001.h5")
    assert (info.classes, info.preprocessing) == (("no", "yes"), {"invert": True})
    assert info.training["settings"] == {**trainer.settings, "penalty": None}


def test_in_a_loop_of_one_s_own(tmp_path):
    trainer = make_trainer()
    checkpoint = Checkpoint(tmp_path / "run" / "{epoch}.h5", every=2)
    for record in trainer.epochs(data()):
        checkpoint(trainer)
        if record["epoch"] == 5:
            break
    assert names(tmp_path / "run") == ["2.h5", "4.h5"]
    assert model_info(tmp_path / "run" / "4.h5").training["epoch"] == 4


@pytest.mark.parametrize(
    "path",
    [
        "run/last.h5",
        "run/{epoch}.npz",
        "run/{step}.h5",
        "{epoch}/x.h5",
        "run/{}.h5",
        "{",
        "{epoch.x}.h5",
        "{epoch[0]}.h5",
    ],
)
def test_patterns_that_cannot_be(path):
    with pytest.raises(ValueError, match="Checkpoint: "):
        Checkpoint(path)


@pytest.mark.parametrize("options", [{"every": 0}, {"keep": 0}, {"keep": 1.5}])
def test_numbers_that_cannot_be(options):
    with pytest.raises(ValueError, match="Checkpoint: "):
        Checkpoint("run/{epoch}.h5", **options)


def test_a_folder_in_which_another_training_came_further(tmp_path):
    train(make_trainer(), tmp_path, 2)
    before = {path: path.read_bytes() for path in tmp_path.glob("*.h5")}
    other = make_trainer()
    next(other.epochs(data()))
    for refuses in (
        lambda: train(other, tmp_path, 1),
        lambda: Checkpoint(tmp_path / "{epoch:03d}.h5")(other),
    ):
        with pytest.raises(
            ModelFileError, match="it is epoch 2 of a training, and this one is at 1"
        ):
            refuses()
    assert {path: path.read_bytes() for path in tmp_path.glob("*.h5")} == before


def test_two_checkpoints_of_one_training_share_a_folder(tmp_path):
    trainer = train(make_trainer(), tmp_path, 2)
    Checkpoint(tmp_path / "again_{epoch}.h5")(trainer)
    train(trainer, tmp_path, 1)
    assert names(tmp_path) == ["001.h5", "002.h5", "003.h5", "again_2.h5"]


def test_a_history_that_could_not_be_resumed_is_refused_when_it_is_saved(tmp_path):
    trainer = train(make_trainer(), tmp_path / "a", 1)
    trainer.history = mtn.History()
    before = names(tmp_path / "a")
    with pytest.raises(ModelFileError, match="at epoch 1, and its history has 0 rows"):
        train(trainer, tmp_path / "a", 1)
    assert (trainer.epoch, names(tmp_path / "a")) == (1, before)


def test_leftovers_of_a_killed_writer_are_removed(run):
    (run / ".007.h5.0123456789abcdef.tmp").write_bytes(b"half a file")
    (run / "notes.tmp").write_text("mine")
    trainer = make_trainer()
    mtn.resume(trainer, run)
    train(trainer, run, 1)
    assert "notes.tmp" in names(run)
    assert not [name for name in names(run) if name.startswith(".")]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(ModelFileError, match="can't be opened or written"):
        train(make_trainer(), tmp_path / "run", 1)


def test_a_disk_that_fills_up_leaves_the_checkpoints_before(run, monkeypatch):
    def full(descriptor):
        raise OSError(28, os.strerror(28))

    before = names(run)
    trainer = make_trainer()
    mtn.resume(trainer, run)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelFileError, match="Free some space"):
        train(trainer, run, 1, keep=1)
    assert names(run) == before


@pytest.fixture
def of_one_s_own():
    """Make trainers of a network with state that no model file can describe."""
    return lambda: make_trainer(more=[Shift(16, name="mine")])


def test_any_network_has_checkpoints(tmp_path, of_one_s_own):
    whole = train(of_one_s_own(), tmp_path / "whole", 4)
    train(of_one_s_own(), tmp_path / "run", 2)
    resumed = of_one_s_own()
    mtn.resume(resumed, tmp_path / "run")
    assert resumed.network.values()["mine/mean"].any()
    train(resumed, tmp_path / "run", 2)
    assert weights_of(resumed.network) == weights_of(whole.network)
    with pytest.raises(ModelFileError, match="it has no description of its network"):
        load_model(tmp_path / "run" / "004.h5")
    with pytest.raises(ModelFileError, match="mine is a Shift, which a model file doesn't know"):
        save_model(resumed.network, tmp_path / "m.h5")


def test_another_network_of_one_s_own_is_refused(tmp_path, of_one_s_own):
    train(of_one_s_own(), tmp_path, 1)
    with pytest.raises(ModelFileError, match=r"mine/shift \('float32', \(16,\)\) in the file"):
        mtn.resume(make_trainer(), tmp_path)
    train(make_trainer(), tmp_path / "other", 1)
    with pytest.raises(ModelFileError, match="mine is a Shift"):
        mtn.resume(of_one_s_own(), tmp_path / "other")


def test_a_frozen_layer_is_kept_as_it_is(tmp_path):
    def frozen():
        network = make_trainer().network
        network.layers[0].trainable = False
        return mtn.Trainer(network, mtn.categorical_crossentropy, mtn.Adam())

    trainer = frozen()
    trainer.network.layers[0].W.set_value(trainer.network.layers[0].W.get_value() + 1)
    train(trainer, tmp_path, 1)
    resumed = frozen()
    mtn.resume(resumed, tmp_path)
    assert weights_of(resumed.network) == weights_of(trainer.network)
    loaded = load_model(tmp_path / "001.h5")
    assert list(loaded.trained) == list(trainer.network.trained) == ["dense_2/W", "dense_2/b"]
    with pytest.raises(ModelFileError, match="dense_1: trainable False in the file, True here"):
        mtn.resume(make_trainer(optimizer=mtn.Adam(), metrics=[]), tmp_path)


def test_arrays_are_stored_once(tmp_path):
    trainer = make_trainer(units=1000)
    train(trainer, tmp_path, 1)
    numbers = sum(variable.get_value().size for variable in trainer.state.values())
    assert (tmp_path / "001.h5").stat().st_size < 4 * numbers + 40_000


def test_only_the_best_is_kept(tmp_path):
    checkpoint = Checkpoint(tmp_path / "run" / "top.h5", every=None, best="test_loss")
    trainer = make_trainer()
    trainer.fit(data(), validation=data(), epochs=5, callbacks=[checkpoint], progress=False)
    assert names(tmp_path / "run") == ["top.h5"]
    best = mtn.Best("test_loss").epoch(trainer.history)
    assert model_info(tmp_path / "run" / "top.h5").training["epoch"] == best
    for options in ({}, {"best": "test_loss", "path": "run/{epoch}.h5"}):
        with pytest.raises(ValueError, match="with every=None and best="):
            Checkpoint(**{"path": "run/best.h5", "every": None, **options})


def test_a_checkpoint_can_be_pickled_and_copied(tmp_path):
    checkpoint = Checkpoint(tmp_path / "{epoch}.h5", every=2, best="test_loss")
    trainer = make_trainer()
    checkpoint.before_fit(trainer)
    twin = pickle.loads(pickle.dumps(checkpoint))
    checkpoint.after_fit(trainer)
    trainer.fit(data(), validation=data(), epochs=2, callbacks=[twin], progress=False)
    assert names(tmp_path) == ["2.h5", "best.h5"]


class Stepped(mtn.SGD):
    """Keeps whether a step was taken."""

    def start(self, value):
        return {"has_stepped": np.array(False)}


def test_state_that_a_file_cannot_hold_is_refused_before_the_first_step(tmp_path):
    trainer = make_trainer(optimizer=Stepped())
    with pytest.raises(ModelFileError, match="dense_1/W/has_stepped is bool, no array of numbers"):
        train(trainer, tmp_path, 1)
    assert (trainer.epoch, names(tmp_path)) == (0, [])


def no_locks(*arguments):
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


@pytest.mark.parametrize("missing", ["module", "locks"])
def test_where_there_are_no_locks_it_trains_all_the_same(tmp_path, monkeypatch, missing):
    """Windows has no module `fcntl`, and some disks of a network no locks."""
    kind = Checkpoint
    if missing == "module":
        monkeypatch.setitem(sys.modules, "fcntl", None)
        kind = runpy.run_path(checkpoints.__file__)["Checkpoint"]
    monkeypatch.setattr(fcntl, "lockf", no_locks)
    trainer = make_trainer()
    trainer.fit(data(), epochs=2, callbacks=[kind(tmp_path / "{epoch}.h5")], progress=False)
    assert names(tmp_path) == ["1.h5", "2.h5"]
    assert mtn.resume(make_trainer(), tmp_path) == tmp_path / "2.h5"


OTHER = """
import sys
sys.path.insert(0, {here!r})
from small_nets import data, make_trainer
from minitheanonet.files import Checkpoint
make_trainer().fit(data(), epochs=1, callbacks=[Checkpoint(sys.argv[1])], progress=False)
"""


def test_two_trainings_at_once_in_one_folder(tmp_path):
    """The second one, of another process, is refused before its first step."""
    pattern = str(tmp_path / "{epoch}.h5")
    command = [sys.executable, "-c", OTHER.format(here=str(Path(__file__).parent)), pattern]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    second = []

    def begin(trainer):
        second.append(subprocess.run(command, env=environment, capture_output=True, text=True,
                                     check=False))  # fmt: skip

    first = make_trainer()
    callbacks = [Checkpoint(pattern), Checkpoint(tmp_path / "b{epoch}.h5"), begin]
    first.fit(data(), epochs=1, callbacks=callbacks, progress=False)
    assert second[0].returncode == 1
    assert "another process trains into this folder" in second[0].stderr
    begin(first)
    # The first has ended, and what it left is looked at.
    assert "it is epoch 1 of a training, and this one is at 0" in second[1].stderr

"""Checkpoints: which files there are, and what goes wrong with them."""

import json
import os
import shutil

import numpy as np
import pytest
from by_hand import as_a_later_format, reseal
from small_nets import data, make_trainer, weights_of

import minitheanonet as mtn
from minitheanonet.files import Checkpoint, ModelFileError, load_model, model_info, save_model
from minitheanonet.files.hdf5_writer import METADATA


def train(trainer, folder, epochs, **options):
    checkpoint = Checkpoint(folder / "{epoch:03d}.h5", **options)
    trainer.fit(data(), data(), epochs=epochs, callbacks=[checkpoint], progress=False)
    return trainer


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture(scope="module")
def six_epochs(tmp_path_factory):
    """A folder with the checkpoints of six epochs; tests copy it."""
    folder = tmp_path_factory.mktemp("six") / "run"
    train(make_trainer(), folder, 6, keep=None)
    return folder


@pytest.fixture
def run(six_epochs, tmp_path):
    return shutil.copytree(six_epochs, tmp_path / "run")


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
    resumed.resume(folder)
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
    assert info.training["optimizer"] == "rmsprop"


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


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_folder_in_which_another_training_came_as_far_or_further(tmp_path, epoch):
    train(make_trainer(), tmp_path, epoch)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    other = make_trainer()
    next(other.epochs(data()))  # the same numbers in other seconds
    for refuses in (
        lambda: train(other, tmp_path, 1),
        lambda: Checkpoint(tmp_path / "{epoch:03d}.h5")(other),
    ):
        with pytest.raises(ModelFileError, match=f"it is epoch {epoch} of another training"):
            refuses()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_checkpoint_for_another_trainer_looks_at_the_folder_again(tmp_path):
    checkpoint = Checkpoint(tmp_path / "{epoch}.h5")
    for make in range(2):
        trainer = make_trainer(seed=make)
        next(trainer.epochs(data()))
        if make == 0:
            checkpoint(trainer)
    with pytest.raises(ModelFileError, match="it is epoch 1 of another training"):
        checkpoint(trainer)


def test_two_checkpoints_of_one_training_share_a_folder(tmp_path):
    trainer = train(make_trainer(), tmp_path, 2)
    Checkpoint(tmp_path / "again_{epoch}.h5")(trainer)
    train(trainer, tmp_path, 1)
    assert names(tmp_path) == ["001.h5", "002.h5", "003.h5", "again_2.h5"]


def test_a_checkpoint_before_the_first_step_can_be_resumed(tmp_path):
    fresh = make_trainer()
    Checkpoint(tmp_path / "{epoch}.h5")(fresh)
    resumed = make_trainer()
    # An epoch of 0 is no checkpoint of a folder; by its name it is taken.
    resumed.resume(tmp_path / "0.h5")
    train(resumed, tmp_path / "a", 1)
    train(fresh, tmp_path / "b", 1)
    assert weights_of(resumed.network) == weights_of(fresh.network)


def test_a_checkpoint_right_after_resume_has_the_optimizer_s_state(run, tmp_path):
    resumed = make_trainer()
    resumed.resume(run)
    Checkpoint(tmp_path / "copy" / "{epoch}.h5")(resumed)
    again = make_trainer()
    again.resume(tmp_path / "copy")
    for trainer in (resumed, again):
        trainer.fit(data(), data(), epochs=1, progress=False)
    assert weights_of(again.network) == weights_of(resumed.network)


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
    trainer.resume(run)
    train(trainer, run, 1)
    assert "notes.tmp" in names(run)
    assert not [name for name in names(run) if name.startswith(".")]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(ModelFileError, match="can't be written"):
        train(make_trainer(), tmp_path / "run", 1)


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_the_one_before_is_taken_if_the_newest_is_damaged(run):
    damage(run / "006.h5")
    trainer = make_trainer()
    with pytest.warns(UserWarning, match=r"006\.h5: it was damaged .*the checkpoint before"):
        assert trainer.resume(run) == run / "005.h5"
    assert trainer.epoch == 5
    train(trainer, run, 1, keep=None)
    assert model_info(run / "006.h5").training["epoch"] == 6


def test_two_damaged_ones_don_t_keep_the_training_from_going_on(run):
    damage(run / "006.h5")
    (run / "005.h5").write_bytes(b"")
    trainer = make_trainer()
    with pytest.warns(UserWarning, match=r"00[56]\.h5: ") as warned:
        assert trainer.resume(run) == run / "004.h5"
    assert len(warned) == 2
    assert all(warning.filename == __file__ for warning in warned)
    train(trainer, run, 2, keep=None)
    assert names(run) == [f"00{epoch}.h5" for epoch in range(1, 7)]


def test_a_newest_one_of_a_later_format_is_not_passed_over(run):
    as_a_later_format(run / "006.h5", epoch=6)
    with pytest.raises(ModelFileError, match=r"006\.h5: .* is of format 2.*Update minitheanonet"):
        make_trainer().resume(run)


def test_no_checkpoint_that_is_whole(run):
    for path in run.iterdir():
        damage(path)
    with (
        pytest.warns(UserWarning, match="it was damaged"),
        pytest.raises(ModelFileError, match="none of its checkpoints"),
    ):
        make_trainer().resume(run, missing_ok=True)


def test_no_checkpoint_at_all(tmp_path):
    trainer = make_trainer()
    with pytest.raises(ModelFileError, match="there are no checkpoints"):
        trainer.resume(tmp_path / "typo")
    assert trainer.resume(tmp_path / "typo", missing_ok=True) is None
    save_model(trainer.network, tmp_path / "model.h5")
    assert trainer.resume(tmp_path, missing_ok=True) is None


def test_one_file_may_be_named(run):
    trainer = make_trainer()
    assert trainer.resume(run / "003.h5") == run / "003.h5"
    assert trainer.history.epochs == 3


def test_a_plain_model_file_holds_no_training(tmp_path):
    trainer = make_trainer()
    save_model(trainer.network, tmp_path / "m.h5")
    with pytest.raises(ModelFileError, match="a model and no training"):
        trainer.resume(tmp_path / "m.h5")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"units": 5}, r"its network is sequential \[dense_1 \(16,\)"),
        ({"optimizer": mtn.SGD()}, "with the optimizer 'rmsprop', and this trainer has 'sgd'"),
    ],
)
def test_another_trainer_is_refused_and_left_as_it_is(run, other, reason):
    trainer = make_trainer(**other)
    before = weights_of(trainer.network)
    with pytest.raises(ModelFileError, match=reason):
        trainer.resume(run)
    assert weights_of(trainer.network) == before
    assert (trainer.epoch, trainer.history.epochs) == (0, 0)


def test_a_disk_that_fills_up_leaves_the_checkpoints_before(run, monkeypatch):
    def full(descriptor):
        raise OSError(28, os.strerror(28))

    before = names(run)
    trainer = make_trainer()
    trainer.resume(run)
    monkeypatch.setattr("minitheanonet.files.atomic.os.fsync", full)
    with pytest.raises(ModelFileError, match="Free some space"):
        train(trainer, run, 1, keep=1)
    assert names(run) == before


@pytest.mark.parametrize("history", [None, 3, "{", "{}"])
def test_a_checkpoint_without_its_history_is_another_training_s(tmp_path, history):
    trainer = train(make_trainer(), tmp_path, 1)

    def edit(file):
        record = json.loads(file[METADATA][()])
        record["training"]["history"] = history
        del file[METADATA]
        file[METADATA] = np.bytes_(json.dumps(record).encode())

    reseal(tmp_path / "001.h5", edit, epoch=1)
    with pytest.raises(ModelFileError, match="it is epoch 1 of another training"):
        train(trainer, tmp_path, 1)

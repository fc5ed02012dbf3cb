"""Which checkpoint a training goes on from, and what it must have in common with that."""

import warnings

import pytest
from by_hand import as_a_later_format, as_format, reseal
from small_nets import data, make_trainer, names, train, weights_of

import minitheanonet as mtn
from minitheanonet.files import Checkpoint, ModelFileError, load_model, model_info, save_model


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_the_one_before_is_taken_if_the_newest_is_damaged(run):
    damage(run / "006.h5")
    trainer = make_trainer()
    with pytest.warns(UserWarning, match=r"006\.h5: it was damaged .*the checkpoint before"):
        assert mtn.resume(trainer, run) == run / "005.h5"
    assert trainer.epoch == 5
    train(trainer, run, 1, keep=None)
    assert model_info(run / "006.h5").training["epoch"] == 6


def test_two_damaged_ones_don_t_keep_the_training_from_going_on(run):
    damage(run / "006.h5")
    (run / "005.h5").write_bytes(b"")
    trainer = make_trainer()
    with pytest.warns(UserWarning, match=r"00[56]\.h5: ") as warned:
        assert mtn.resume(trainer, run) == run / "004.h5"
    assert len(warned) == 2
    assert all(warning.filename == __file__ for warning in warned)
    train(trainer, run, 2, keep=None)
    assert names(run) == [f"00{epoch}.h5" for epoch in range(1, 7)]


def test_a_newest_one_of_a_later_format_is_not_passed_over(run):
    as_a_later_format(run / "006.h5", epoch=6)
    with pytest.raises(ModelFileError, match=r"006\.h5: .* is of format 3.*Update minitheanonet"):
        mtn.resume(make_trainer(), run)


def test_a_training_of_a_later_format_is_not_written_over(run):
    as_a_later_format(run / "006.h5", epoch=6)
    before = (run / "006.h5").read_bytes()
    with pytest.raises(ModelFileError, match="it is epoch 6 of a training, and this one is at 0"):
        train(make_trainer(), run, 1)
    assert (run / "006.h5").read_bytes() == before


def test_no_checkpoint_that_is_whole(run):
    for path in run.glob("*.h5"):
        damage(path)
    with (
        pytest.warns(UserWarning, match="it was damaged"),
        pytest.raises(ModelFileError, match="none of its checkpoints"),
    ):
        mtn.resume(make_trainer(), run, missing_ok=True)


def test_no_checkpoint_at_all(tmp_path):
    trainer = make_trainer()
    with pytest.raises(ModelFileError, match="there are no checkpoints"):
        mtn.resume(trainer, tmp_path / "typo")
    assert mtn.resume(trainer, tmp_path / "typo", missing_ok=True) is None
    save_model(trainer.network, tmp_path / "model.h5")
    assert mtn.resume(trainer, tmp_path, missing_ok=True) is None


def test_one_file_may_be_named(run):
    trainer = make_trainer()
    assert mtn.resume(trainer, run / "003.h5") == run / "003.h5"
    assert trainer.history.epochs == 3


def test_a_plain_model_file_holds_no_training(tmp_path):
    trainer = make_trainer()
    save_model(trainer.network, tmp_path / "m.h5")
    with pytest.raises(ModelFileError, match="a model, and no training"):
        mtn.resume(trainer, tmp_path / "m.h5")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"units": 5}, "its network is another: dense_1: units 16 in the file, 5 here"),
        ({"rate": 0.5}, r"dropout_1: rate 0\.3 in the file, 0\.5 here\."),
        ({"more": [mtn.Tanh()]}, r"layers \[.*\] in the file, \[.*'tanh_1'.*\] here"),
        (
            {"optimizer": mtn.SGD()},
            r"its optimizer was RMSprop\(.*, and this trainer's is SGD\(.*"
            r"optimizer/dense_1/W/mean_square \('float32', \(8, 16\)\) in the file, None here",
        ),
    ],
)
def test_another_trainer_is_refused_and_left_as_it_is(run, other, reason):
    trainer = make_trainer(**other)
    before = weights_of(trainer.network)
    with pytest.raises(ModelFileError, match=reason):
        mtn.resume(trainer, run)
    assert weights_of(trainer.network) == before
    assert (trainer.epoch, trainer.history.epochs) == (0, 0)


def test_a_layer_is_told_from_one_by_its_name_in_a_network_inside(tmp_path):
    def make(rate):
        inner = mtn.Sequential(mtn.Dense(16, 16), mtn.Dropout(0.25), name="inner")
        return make_trainer(rate=rate, more=[inner])

    train(make(0.5), tmp_path, 1)
    with pytest.raises(ModelFileError, match=r": dropout_1: rate 0\.5 in the file, 0\.1 here"):
        mtn.resume(make(0.1), tmp_path)


others = [
    ({"optimizer": mtn.RMSprop(rho=0.5)}, r"its optimizer was RMSprop\(.*rho=0\.9.*rho=0\.5"),
    ({"loss": mtn.multiclass_hinge}, "its loss was categorical_crossentropy, .* multiclass_hinge"),
    ({"metrics": []}, r"its metrics was \['accuracy'\], .* is \[\]"),
    ({"penalty": "l2"}, "its penalty was None, and this trainer's is .*"),
]


@pytest.mark.parametrize(("other", "message"), others, ids=[next(iter(o)) for o, _ in others])
def test_what_differs_from_before_is_told(run, other, message):
    if "penalty" in other:
        trainer = make_trainer()
        penalty = mtn.l2(trainer.network.params)
        trainer = mtn.Trainer(trainer.network, mtn.categorical_crossentropy, mtn.RMSprop(),
                              metrics=[mtn.accuracy], penalty=penalty)  # fmt: skip
    else:
        trainer = make_trainer(**other)
    with pytest.warns(UserWarning, match=f"006.h5: {message}") as warned:
        mtn.resume(trainer, run)
    assert [warning.filename for warning in warned] == [__file__]
    assert trainer.epoch == 6


def test_a_warning_that_is_an_error_changes_nothing(run):
    trainer = make_trainer(metrics=[])
    before = weights_of(trainer.network)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="its metrics was"):
            mtn.resume(trainer, run)
    assert (trainer.epoch, weights_of(trainer.network)) == (0, before)


def test_a_checkpoint_of_format_1_is_no_training_here(run):
    for path in run.glob("*.h5"):
        reseal(path, lambda file: file.pop("minitheanonet/state"))
        as_format(path, 1, int(path.stem))
    assert len(weights_of(load_model(run / "006.h5"))) == 4
    with pytest.raises(ModelFileError, match="no training to go on with here"):
        mtn.resume(make_trainer(), run)


def test_a_checkpoint_before_the_first_step_can_be_resumed(tmp_path):
    fresh = make_trainer()
    Checkpoint(tmp_path / "{epoch}.h5")(fresh)
    resumed = make_trainer()
    # An epoch of 0 is no checkpoint of a folder; by its name it is taken.
    mtn.resume(resumed, tmp_path / "0.h5")
    train(resumed, tmp_path / "a", 1)
    train(fresh, tmp_path / "b", 1)
    assert weights_of(resumed.network) == weights_of(fresh.network)


def test_a_checkpoint_right_after_resume_has_the_optimizer_s_state(run, tmp_path):
    resumed = make_trainer()
    mtn.resume(resumed, run)
    Checkpoint(tmp_path / "copy" / "{epoch}.h5")(resumed)
    again = make_trainer()
    mtn.resume(again, tmp_path / "copy")
    for trainer in (resumed, again):
        trainer.fit(data(), validation=data(), epochs=1, progress=False)
    assert weights_of(again.network) == weights_of(resumed.network)

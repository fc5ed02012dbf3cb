"""Exact resume: ten epochs in one go are five, and five more in a new process, bit for bit."""

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from by_hand import edit_record, reseal
from small_nets import data, make_trainer

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.files import Checkpoint, ModelFileError

HERE = Path(__file__).parent
OPTIMIZERS = {
    "sgd": mtn.SGD,
    "momentum": mtn.Momentum,
    "nesterov": mtn.Nesterov,
    "adagrad": mtn.Adagrad,
    "rmsprop": mtn.RMSprop,
    "adadelta": mtn.Adadelta,
    "adam": mtn.Adam,
    "adamw": mtn.AdamW,
}


def fit(trainer, epochs, **options):
    trainer.fit(data(), validation=data(), epochs=epochs, batch_size=10, progress=False, **options)


def everything(trainer):
    """All that training changes, as bytes and plain values; without the seconds it took."""
    rows = [{**row, "seconds": 0} for row in trainer.history.rows()]
    state = {name: variable.get_value().tobytes() for name, variable in trainer.state.items()}
    return state, trainer.epoch, trainer.seed, rows


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_goes_on_exactly(tmp_path, kind):
    whole = make_trainer(optimizer=OPTIMIZERS[kind](0.01))
    fit(whole, 4)
    first = make_trainer(optimizer=OPTIMIZERS[kind](0.01))
    fit(first, 2, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])
    second = make_trainer(optimizer=OPTIMIZERS[kind](0.01))
    mtn.resume(second, tmp_path)
    fit(second, 2)
    assert everything(second) == everything(whole)


def test_networks_that_branch_go_on_exactly(tmp_path):
    def make(seed=1):
        block = mtn.Residual(mtn.Dense(16, 16), mtn.Dropout(0.5), mtn.GaussianNoise(0.1))
        split = mtn.Sequential(mtn.Dense(16, 8), mtn.Dropout(0.2), mtn.Reshape((2, 4)))
        joined = mtn.Concatenate(mtn.Reshape((2, 8)), split)
        return make_trainer(seed, more=(block, joined, mtn.Flatten(), mtn.Dense(24, 16)))

    whole, first, second = make(), make(), make(seed=2)
    fit(whole, 4)
    fit(first, 2, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])
    mtn.resume(second, tmp_path)
    fit(second, 2)
    assert everything(second) == everything(whole)
    assert "optimizer/concatenate_1/sequential_1/dense_1/W/mean_square" in second.state


def test_running_averages_go_on_exactly(tmp_path):
    def make():
        return make_trainer(more=[mtn.BatchNorm(16, 0.8), mtn.LayerNorm(16)])

    whole, first, second = make(), make(), make()
    fit(whole, 4)
    fit(first, 2, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])
    begun = everything(second)
    mtn.resume(second, tmp_path)
    assert begun[0]["batchnorm_1/mean"] != everything(second)[0]["batchnorm_1/mean"]
    fit(second, 2)
    assert everything(second) == everything(whole)


def test_seed_and_learning_rate_come_from_the_checkpoint(tmp_path):
    first = make_trainer(seed=None)

    def slow_down(trainer):
        trainer.learning_rate /= 3

    callbacks = [slow_down, Checkpoint(tmp_path / "{epoch}.h5")]
    fit(first, 2, callbacks=callbacks)
    second = make_trainer(seed=None)
    mtn.resume(second, tmp_path)
    fit(first, 2)
    fit(second, 2)
    assert everything(second) == everything(first)


def test_a_trainer_that_has_trained_can_go_back(tmp_path):
    trainer = make_trainer()
    fit(trainer, 2, callbacks=[Checkpoint(tmp_path / "{epoch}.h5", keep=None)])
    fit(trainer, 1)
    expected = everything(trainer)
    fit(trainer, 2)
    mtn.resume(trainer, tmp_path / "2.h5")
    fit(trainer, 1)
    assert everything(trainer) == expected


def trained_with(batch_size, folder):
    trainer = make_trainer()
    mtn.resume(trainer, folder, missing_ok=True)
    checkpoint = Checkpoint(folder / "{epoch}.h5")
    trainer.fit(data(), batch_size=batch_size, callbacks=[checkpoint], progress=False)
    return trainer


@pytest.mark.filterwarnings("ignore:`np.complex` is a deprecated alias")  # Theano's own
def test_another_batch_size_than_before_is_told_once_the_training_goes_on(tmp_path):
    trained_with(32, tmp_path)
    trained_with(32, tmp_path)
    trainer = make_trainer()
    mtn.resume(trainer, tmp_path)
    assert trainer.settings["batch_size"] == 32
    message = "the batch size was 32 before this training was resumed, and is now 7: it won't end"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match=message):
            trainer.fit(data(), batch_size=7, progress=False)
    assert (trainer.epoch, trainer.settings["batch_size"]) == (2, 32)
    with pytest.warns(UserWarning, match=message) as warned:
        trainer.fit(data(), batch_size=7, progress=False)
    ours = [one for one in warned if "batch size" in str(one.message)]  # Theano has its own
    assert [warning.filename for warning in ours] == [__file__]
    trainer.fit(data(), batch_size=9, progress=False)  # the user's own choice


def test_a_history_with_numbers_that_json_lacks(tmp_path):
    first = make_trainer()

    def spoil(trainer):
        trainer.history["test_loss"][-1] = float("nan")

    fit(first, 2, callbacks=[spoil, Checkpoint(tmp_path / "{epoch}.h5")])
    second = make_trainer()
    mtn.resume(second, tmp_path)
    assert np.isnan(second.history["test_loss"]).all()


def test_a_stopping_rule_stops_where_it_would_have(tmp_path):
    stop = mtn.PlateauWindow(4, threshold=10.0)
    whole = make_trainer()
    whole.fit(data(), epochs=9, stop=stop, progress=False)
    first = make_trainer()
    first.fit(data(), epochs=2, progress=False, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])
    second = make_trainer()
    mtn.resume(second, tmp_path)
    second.fit(data(), epochs=7, stop=stop, progress=False)
    assert second.history.epochs == whole.history.epochs == 4
    assert second.history.stopped_by == "plateau"


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from small_nets import data, make_trainer, weights_of
from minitheanonet.files import Checkpoint, resume
for folder, epochs in zip(sys.argv[1::2], sys.argv[2::2]):
    trainer = make_trainer()
    resume(trainer, folder, missing_ok=True)
    trainer.fit(data(), validation=data(), epochs=int(epochs), batch_size=10, progress=False,
                callbacks=[Checkpoint(Path(folder) / "{{epoch:03d}}.h5")])
    print(b"".join(weights_of(trainer.network).values()).hex(), trainer.history["train_loss"])
"""


def run_python(*arguments, **variables):
    """Run Python in a new process, and return the lines that it prints."""
    variables |= {"PYTHONPATH": str(HERE.parents[1]), "OPENBLAS_NUM_THREADS": "1"}
    environment = {**os.environ, **variables}
    command = [sys.executable, "-W", "error", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_ten_epochs_are_five_and_five_more_in_a_new_process(tmp_path):
    script = SCRIPT.format(here=str(HERE))
    whole, halves = str(tmp_path / "whole"), str(tmp_path / "halves")
    # Into each folder as many epochs as stand behind it.
    ten, five = run_python("-c", script, whole, "10", halves, "5")
    [five_more] = run_python("-c", script, halves, "5")
    assert five_more == ten
    assert five != ten


def test_killed_trainings_end_like_those_that_were_not():
    # In a process of its own: it forks, and a library that an earlier test loaded may have threads.
    flags = f"{engine.name.upper()}_FLAGS"
    fast = {flags: f"{os.environ.get(flags, '')},mode=FAST_COMPILE".strip(",")}
    [line] = run_python(str(HERE / "torture.py"), "kills", "--kills", "4", "--seed", "1", **fast)
    assert int(re.search("kills=([0-9]+)", line).group(1)) >= 4


broken = [
    ("epoch", "three", "its record is not that of a training"),
    ("seed", 2**200, "its seed must be a whole number"),
    ("settings", ["sgd"], "its record is not that of a training"),
    ("history", "[]", "no history"),
    ("history", None, "it can't be read"),
    ("history", mtn.History().to_json(), "its record is not that of a training"),
    ("history", '{"columns": {"train_loss": [[]]}}', "it can't be read"),
]


@pytest.mark.parametrize(("key", "value", "reason"), broken)
def test_a_record_that_cannot_be_changes_nothing(tmp_path, key, value, reason):
    fit(make_trainer(), 1, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])

    def change(record):
        record["training"][key] = value

    reseal(tmp_path / "1.h5", edit_record(change), epoch=1)
    trainer = make_trainer()
    before = everything(trainer)
    with pytest.raises(ModelFileError, match=reason):
        mtn.resume(trainer, tmp_path)
    assert everything(trainer) == before


def test_optimizer_state_that_is_missing_changes_nothing(tmp_path):
    fit(make_trainer(), 1, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])
    reseal(
        tmp_path / "1.h5", lambda file: file.pop("minitheanonet/state/optimizer/dense_2"), epoch=1
    )
    trainer = make_trainer()
    before = everything(trainer)
    with pytest.raises(
        ModelFileError,
        match="its state is another: optimizer/dense_2/W/mean_square None in the file",
    ):
        mtn.resume(trainer, tmp_path)
    assert everything(trainer) == before

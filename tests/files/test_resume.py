"""Exact resume: ten epochs in one go are five, and five more in a new process, bit for bit."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from by_hand import reseal
from small_nets import data, make_trainer, weights_of

import minitheanonet as mtn
from minitheanonet.files import Checkpoint, ModelFileError
from minitheanonet.files.hdf5_writer import METADATA

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
    trainer.fit(data(), data(), epochs=epochs, batch_size=10, progress=False, **options)


def everything(trainer):
    """All that training changes, as bytes and plain values; without the seconds it took."""
    rows = [{**row, "seconds": 0} for row in trainer.history.rows()]
    state = [variable.get_value().tobytes() for variable in trainer.compiled.optimizer_state]
    numbers = trainer.epoch, int(trainer.training.step.get_value()), trainer.seed
    return weights_of(trainer.network), state, numbers, rows, trainer.optimizer.learning_rate


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_goes_on_exactly(tmp_path, kind):
    whole = make_trainer(optimizer=OPTIMIZERS[kind](0.01))
    fit(whole, 4)
    first = make_trainer(optimizer=OPTIMIZERS[kind](0.01))
    fit(first, 2, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])
    second = make_trainer(optimizer=OPTIMIZERS[kind](0.01))
    second.resume(tmp_path)
    fit(second, 2)
    assert everything(second) == everything(whole)


def test_seed_and_learning_rate_come_from_the_checkpoint(tmp_path):
    first = make_trainer(seed=None)

    def slow_down(trainer):
        trainer.optimizer.learning_rate /= 3

    callbacks = [slow_down, Checkpoint(tmp_path / "{epoch}.h5")]
    fit(first, 2, callbacks=callbacks)
    second = make_trainer(seed=None)
    second.resume(tmp_path)
    fit(first, 2)
    fit(second, 2)
    assert everything(second) == everything(first)


def test_a_trainer_that_has_trained_can_go_back(tmp_path):
    trainer = make_trainer()
    fit(trainer, 2, callbacks=[Checkpoint(tmp_path / "{epoch}.h5", keep=None)])
    fit(trainer, 1)
    expected = everything(trainer)
    fit(trainer, 2)
    trainer.resume(tmp_path / "2.h5")
    fit(trainer, 1)
    assert everything(trainer) == expected


def test_a_history_with_numbers_that_json_lacks(tmp_path):
    first = make_trainer()

    def spoil(trainer):
        trainer.history["test_loss"][-1] = float("nan")

    fit(first, 2, callbacks=[spoil, Checkpoint(tmp_path / "{epoch}.h5")])
    second = make_trainer()
    second.resume(tmp_path)
    assert np.isnan(second.history["test_loss"]).all()


def test_a_stopping_rule_stops_where_it_would_have(tmp_path):
    stop = mtn.PlateauWindow(4, threshold=10.0)
    whole = make_trainer()
    whole.fit(data(), epochs=9, stop=stop, progress=False)
    first = make_trainer()
    first.fit(data(), epochs=2, progress=False, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])
    second = make_trainer()
    second.resume(tmp_path)
    second.fit(data(), epochs=7, stop=stop, progress=False)
    assert second.history.epochs == whole.history.epochs == 4
    assert second.history.stopped_by == "plateau"


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from small_nets import data, make_trainer, weights_of
from minitheanonet.files import Checkpoint
for folder, epochs in zip(sys.argv[1::2], sys.argv[2::2]):
    trainer = make_trainer()
    trainer.resume(folder, missing_ok=True)
    trainer.fit(data(), data(), epochs=int(epochs), batch_size=10, progress=False,
                callbacks=[Checkpoint(Path(folder) / "{{epoch:03d}}.h5")])
    print(b"".join(weights_of(trainer.network)).hex(), trainer.history["train_loss"])
"""


def run_python(*arguments):
    """Run Python in a new process, and return the lines that it prints."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "OPENBLAS_NUM_THREADS": "1"}
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
    [line] = run_python(str(HERE / "torture.py"), "kills", "--kills", "4", "--seed", "1")
    assert int(re.search("kills=([0-9]+)", line).group(1)) >= 4


broken = [
    ("epoch", "three", "its epoch is no whole number"),
    ("step", -1, "its step is out of range"),
    ("seed", 2**200, "its seed is out of range"),
    ("learning_rate", 0.0, "learning_rate"),
    ("optimizer", ["sgd"], "optimizer"),
    ("history", "[]", "no history"),
    ("history", None, "it has no history"),
    ("history", mtn.History().to_json(), "its history has another number of epochs"),
    ("history", '{"columns": {"train_loss": [[]]}}', "must be a list of numbers"),
]


@pytest.mark.parametrize(("key", "value", "reason"), broken)
def test_a_record_that_cannot_be_changes_nothing(tmp_path, key, value, reason):
    fit(make_trainer(), 1, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])

    def edit(file):
        record = json.loads(file[METADATA][()])
        record["training"][key] = value
        del file[METADATA]
        file[METADATA] = np.bytes_(json.dumps(record).encode())

    reseal(tmp_path / "1.h5", edit, epoch=1)
    trainer = make_trainer()
    before = everything(trainer)
    with pytest.raises(ModelFileError, match=reason):
        trainer.resume(tmp_path)
    assert everything(trainer) == before


def test_optimizer_state_that_is_missing_changes_nothing(tmp_path):
    fit(make_trainer(), 1, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")])
    reseal(tmp_path / "1.h5", lambda file: file.pop("minitheanonet/optimizer/dense_2"), epoch=1)
    trainer = make_trainer()
    before = everything(trainer)
    with pytest.raises(ModelFileError, match="it has no minitheanonet/optimizer/dense_2"):
        trainer.resume(tmp_path)
    assert everything(trainer) == before

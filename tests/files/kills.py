"""Killing trainings at random moments, and resuming them: do they end as the unkilled one does?"""

import os
import random
import select
import signal
import stat
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

from small_nets import data, make_trainer

import minitheanonet as mtn
from minitheanonet.files import Checkpoint, ModelFileError, load_model, whole

EPOCHS = 30
POINTS = ("amid the bytes", "before fsync", "before replace", "after replace")


@dataclass
class Tally:
    """What happened: `kills` of processes, of which `in_write` inside a write; finished runs."""

    kills: int = 0
    in_write: int = 0
    runs: int = 0
    unreadable: int = 0
    different: int = 0

    @property
    def sound(self):
        """Whether every file was readable after every kill, and every run ended alike."""
        return self.runs > 0 and self.unreadable == 0 and self.different == 0


def train(folder, on_epoch=lambda trainer: None):
    """Train for 30 epochs in all, with a checkpoint after each, from where the folder is."""
    trainer = make_trainer()
    mtn.resume(trainer, folder, missing_ok=True)
    if trainer.epoch == EPOCHS:
        return
    checkpoint = Checkpoint(folder / "{epoch:03d}.h5", keep=2, best="test_loss")
    trainer.fit(
        data(),
        validation=data(),
        epochs=EPOCHS - trainer.epoch,
        batch_size=16,
        callbacks=[checkpoint, on_epoch],
        progress=False,
    )


def final(folder):
    """What a finished run has left: all numbers of its last checkpoint and of its best one.

    The last is ``030.h5``, or ``best.h5``, if the kill came between the two in the last epoch.
    """
    last = everything_in(folder)
    assert last[0] == EPOCHS
    return last, everything_in(folder / "best.h5")


def everything_in(place):
    """All numbers that a trainer has after resuming, without the seconds it took."""
    trainer = make_trainer()
    mtn.resume(trainer, place)
    columns = {key: column for key, column in trainer.history.items() if key != "seconds"}
    state = {name: variable.get_value().tobytes() for name, variable in trainer.state.items()}
    return trainer.epoch, trainer.seed, columns, state


def kill_and_resume(base: Path, kills: int, seed: int = 0) -> Tally:
    """Kill `kills` processes, each a new one, in as many runs as that takes."""
    rng = random.Random(seed)
    began = time.perf_counter()
    _in_child(lambda on_epoch: train(base / "unkilled", on_epoch))
    whole_run = time.perf_counter() - began
    expected = final(base / "unkilled")
    tally = Tally()
    while tally.kills < kills:
        folder = base / f"run{tally.runs}"
        while not _one_process(folder, rng, whole_run, tally):
            tally.unreadable += _unreadable(folder)
        tally.runs += 1
        tally.different += final(folder) != expected
    return tally


def _one_process(folder, rng, whole_run, tally):
    """Start a process, and kill it, if it isn't faster; return whether it finished."""
    point = rng.choice(POINTS) if rng.random() < 0.5 else None
    if point:
        writes, share = rng.randint(1, 20), rng.random()

        def train_and_die(on_epoch):
            _die_in_write(point, writes, share)
            train(folder, on_epoch)

        status = _in_child(train_and_die)
    else:
        # Some of these moments lie in the start and the compilation, most in the training.
        from_first_epoch = rng.random() < 0.7
        delay = rng.uniform(0, 0.2 if from_first_epoch else whole_run)
        status = _in_child(lambda on_epoch: train(folder, on_epoch), delay, from_first_epoch)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or status == 0, f"the process ended by itself, with {status}"
    tally.kills += killed
    tally.in_write += killed and point is not None
    return not killed


def _in_child(work, kill_after=None, from_first_epoch=False):
    """Do `work` in a process of its own, in which no trainer has been before; return its status."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # A fork has one thread only; whatever others a library has begun, none is needed here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _work_and_exit(work, writer)
    os.close(writer)
    if kill_after is not None:
        if from_first_epoch:
            select.select([reader], [], [])  # the first byte, or the end of the process
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(reader)
    return status


def _work_and_exit(work, writer):
    try:
        warnings.simplefilter("error")
        work(lambda trainer: os.write(writer, b"."))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _die_in_write(point, writes, share):
    """Arrange that this process kills itself at a point of its n-th write from now."""
    remaining = [writes]

    class Deadly:
        """Stands in for the module `os`, and kills where it is told to."""

        def __getattr__(self, name):
            return getattr(os, name)

        def fsync(self, descriptor):
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return os.fsync(descriptor)
            remaining[0] -= 1
            if remaining[0] <= 0 and point == "amid the bytes":
                os.ftruncate(descriptor, int(share * os.fstat(descriptor).st_size))
                _die()
            if remaining[0] <= 0 and point == "before fsync":
                _die()
            return os.fsync(descriptor)

        def replace(self, source, target):
            if remaining[0] <= 0 and point == "before replace":
                _die()
            os.replace(source, target)
            if remaining[0] <= 0 and point == "after replace":
                _die()

    whole.os = Deadly()


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


def _unreadable(folder):
    """Count the files that can't be loaded after a kill."""
    count = 0
    for path in folder.glob("*.h5"):
        try:
            load_model(path)
        except ModelFileError:
            count += 1
    return count

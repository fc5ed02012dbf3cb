"""One training, run in many ways: the same bits in the end, of state and history."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg.blas
from digest import BATCH, DATA, INPUTS, LABELS, digest, fit, make
from threadpoolctl import threadpool_limits

import minitheanonet as mtn
from minitheanonet import engine


@pytest.fixture(scope="module")
def begun():
    """A trainer that is compiled, its first values, and what becomes of them."""
    trainer = make()
    values = {name: variable.get_value() for name, variable in trainer.state.items()}
    fit(trainer)
    return trainer, values, digest(trainer)


@pytest.fixture
def expected(begun):
    return begun[2]


@pytest.fixture
def trainer(begun):
    """The trainer as it was in the beginning, its functions compiled already."""
    trainer, values, _ = begun
    trainer.restart(5, mtn.History(), values)
    return trainer


class InOrder:
    """The batches that a training of arrays sees, as an iterable that gives them itself."""

    def __init__(self, trainer):
        self.trainer, self.epoch = trainer, -1  # its first batch is looked at beforehand

    def __iter__(self):
        key = np.random.SeedSequence(self.trainer.seed, spawn_key=(2, max(self.epoch, 0)))
        order = np.random.default_rng(key).permutation(len(INPUTS))
        self.epoch += 1
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            yield INPUTS[rows], LABELS[rows]


def in_two_goes(trainer):
    fit(trainer, epochs=2)
    fit(trainer, epochs=3)


def looked_at_in_between(trainer):
    """Predict, evaluate, draw and validate: none of these may touch a random number."""

    def look(trainer):
        if trainer.epoch != 2:
            return
        trainer.network.predict(INPUTS)
        trainer.evaluate(DATA)
        trainer.averaged().predict(INPUTS[:2])
        trainer.history.plot()
        np.random.default_rng().normal()
        mtn.Training(0).stream(mtn.Dropout(0.5))

    fit(trainer, validation=DATA, callbacks=[look])


def in_another_thread(trainer):
    def work():
        with engine.flags(mode="FAST_COMPILE"):
            fit(trainer)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


WAYS = {
    "once more": fit,
    "2 + 3 epochs": in_two_goes,
    "5 calls of the loop itself": lambda trainer: [
        record for _, record in zip(range(5), trainer.epochs(DATA, None, BATCH), strict=False)
    ],
    "streamed": lambda trainer: fit(trainer, InOrder(trainer)),
    "looked at in between": looked_at_in_between,
    "in another thread": in_another_thread,
    "progress shown": lambda trainer: fit(trainer, progress=True),
    "inputs of float64": lambda trainer: fit(trainer, (INPUTS.astype("float64"), LABELS)),
    "in Fortran order": lambda trainer: fit(trainer, (np.asfortranarray(INPUTS), LABELS)),
    "lists": lambda trainer: fit(trainer, (INPUTS.tolist(), LABELS.tolist())),
    "restoring the best, which is the last": lambda trainer: fit(
        trainer, restore_best=mtn.Best("epoch", "max")
    ),
    "rules that never fire": lambda trainer: fit(
        trainer, stop=[mtn.Patience(99, "train_loss"), mtn.PlateauWindow()]
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_in_this_process(way, trainer, expected):
    WAYS[way](trainer)
    assert digest(trainer) == expected


def test_with_another_trainer(expected):
    trainer = make()
    fit(trainer)
    assert digest(trainer) == expected


def test_from_a_memory_map(trainer, expected, tmp_path):
    np.save(tmp_path / "x.npy", INPUTS)
    fit(trainer, (np.load(tmp_path / "x.npy", mmap_mode="r"), LABELS))
    assert digest(trainer) == expected


def in_another_process(hash_seed, threads):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    settings = {"PYTHONHASHSEED": hash_seed, **dict.fromkeys(names, threads)}
    settings["PYTHONPATH"] = str(Path(mtn.__file__).parents[1])
    here = Path(__file__).parent
    command = [sys.executable, "-W", "ignore", here / "digest.py", "FAST_COMPILE"]
    environment = {**os.environ, **settings}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def one_thread_sums_like_two():
    """Whether the BLAS does: with its kernels for AVX-512, not with those for AVX2."""
    if engine.name == "theano":
        return False  # nor does the older OpenBLAS that comes with Theano's NumPy
    a, b = np.random.default_rng(0).normal(size=(2, 128, 128)).astype("float32")
    products = []
    for threads in (1, 2):
        with threadpool_limits(threads, "blas"):
            products.append(scipy.linalg.blas.sgemm(1, a, b))
    return np.array_equal(*products)


def test_in_other_processes():
    """With other hashes of Python's strings, and another number of the BLAS's threads."""
    threads = "2" if one_thread_sums_like_two() else "1"
    assert in_another_process("1", "1") == in_another_process("2", threads) != ""


def test_another_seed_is_another_training(trainer, begun):
    trainer.restart(6, mtn.History(), begun[1])
    fit(trainer)
    assert digest(trainer) != begun[2]

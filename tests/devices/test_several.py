"""Several devices, in one process and in two: one training, to the last bits that sums allow."""

import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from minitheanonet import engine

pytest.importorskip("jax")
pytestmark = pytest.mark.skipif(engine.name != "pytensor", reason="Theano doesn't run on JAX")

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
BENCHMARK = runpy.run_path(sys.path[0] + "/devices.py")
LONG = 600  # seconds, on a machine that is busy: a process that waits for ever is to be told
WORKER = Path(__file__).parent / "worker.py"
PLAIN = {"epochs": 3, "validates": True}
STREAM = {"batches": 5}
IMAGES = PLAIN | {"convolves": True}  # with batch normalisation


def start(trainings, processes=1, devices=1, flags=""):
    """Start the processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | {
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices} {flags}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTENSOR_FLAGS": "mode=FAST_COMPILE",
    }
    return [
        subprocess.Popen(
            [sys.executable, WORKER, port, str(processes), str(rank), json.dumps(trainings)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for rank in range(processes)
    ]  # fmt: skip


def outcomes(started):
    """Wait for the processes, and return what each printed.

    All are read at once: one that can't print, because nobody reads, holds up the others.
    """
    with ThreadPoolExecutor(len(started)) as pool:
        done = list(pool.map(lambda process: process.communicate(timeout=LONG), started))
    for process, (_, errors) in zip(started, done, strict=True):
        assert process.returncode == 0, errors[-3000:]
    return [[json.loads(line) for line in out.splitlines() if line[0] == "{"] for out, _ in done]


@pytest.fixture(scope="module")
def alone():
    """One device, one process."""
    [results] = outcomes(start([PLAIN, STREAM, IMAGES, IMAGES | {"engine": True}]))
    return results


def assert_close(one, other):
    for name in ("loss", "test_loss")[: 2 if one["test_loss"] else 1]:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=1e-13)
    assert one["state"].keys() == other["state"].keys()
    for name, values in one["state"].items():
        kept = other["state"][name]
        np.testing.assert_allclose(kept, values, rtol=0, atol=1e-13, err_msg=name)


def test_one_device_is_the_engine(alone):
    assert_close(alone[2], alone[3])
    assert {"batchnorm_1/mean", "batchnorm_1/variance"} <= alone[2]["state"].keys()


def test_four_devices(alone, tmp_path):
    small = {"dtype": "float32", "epochs": 1}
    flags = f"--xla_dump_to={tmp_path} --xla_dump_hlo_as_text"
    trainings = [PLAIN, PLAIN | {"resident": False}, PLAIN | {"devices": 2}, STREAM, small, IMAGES]
    [[loop, steps, two, stream, _, images]] = outcomes(start(trainings, devices=4, flags=flags))
    assert loop["digest"] == steps["digest"]
    assert_close(loop, alone[0])
    assert_close(two, alone[0])
    assert_close(stream, alone[1])
    assert_close(images, alone[2])
    # The gradients of float32, the loss and the accuracy; of float64 the same, twice as long.
    numbers = 20 * 16 + 16 + 16 * 5 + 5 + 2
    programs, all_reduced = BENCHMARK["programs"](tmp_path), BENCHMARK["all_reduced"]
    programs = [text for text in programs if "conv_general" not in text]
    in_float32 = [all_reduced(text) for text in programs if "f64[" not in text]
    in_float64 = [all_reduced(text) for text in programs if "f64[" in text]
    assert all(len(re.findall(r" all-reduce(?:-start)?\(", text)) <= 1 for text in programs)
    assert max(in_float32) == 4 * numbers
    assert max(in_float64) == 8 * numbers


def test_two_processes(alone, tmp_path):
    trainings = [
        PLAIN | {"folder": str(tmp_path)},
        PLAIN | {"resident": False},
        STREAM,
        IMAGES,
        {"rank 1": {"seed": 1}},
        {"rank 1": {"examples": 203}},
        {"rank 1": {"batch_size": 16}},
        STREAM | {"rank 1": {"cut": 14}},
        STREAM | {"rank 1": {"batches": 4}},
        STREAM | {"rank 1": {"spoilt": 17}},
        {"rank 1": {"fail": ["SIGINT", 10]}},
        {"epochs": 9, "rank 1": {"stop": True}},
        {"epochs": 9, "rank 1": {"fail": ["SIGINT", 10]}, "fail": ["SIGURG", 1000]},
    ]
    results = outcomes(start(trainings, processes=2))
    assert results[0][:11] == results[1][:11]
    plain, steps, stream, images, *errors = results[0][:11]
    assert_close(plain, alone[0])
    assert_close(stream, alone[1])
    assert_close(images, alone[2])
    assert plain["digest"] == steps["digest"]
    for result, words in zip(
        errors,
        (
            "the seed of process 1", "the training data of process 1",
            "the batch_size of process 1",
            "batch 1: process 0 gives 15 examples and process 1 14",
            "batch 5: process 0 gives 15 examples and process 1 0",
            "batch 1; the batch's inputs are not finite", "the after_batch of process 1",
        ),
        strict=True,
    ):  # fmt: skip
        assert words in result["error"]
    stopped = [[result["stopped_by"] for result in one[11:]] for one in results]
    assert stopped == [["another process", "interrupted"], ["enough", "interrupted"]]
    assert all(one[11]["digest"] == results[0][11]["digest"] for one in results)
    assert sorted(path.name for path in tmp_path.glob("*.h5")) == ["1.h5", "2.h5", "3.h5"]


def test_a_killed_process_ends_the_other_and_the_training_goes_on(alone, tmp_path):
    # Four devices don't divide a batch of 30: each process has a part, and all compute the whole.
    training = STREAM | {"folder": str(tmp_path)}
    never, seventh = ["SIGKILL", 0], ["SIGKILL", 7]  # the callbacks of all are to be the same
    failing = training | {"fail": never, "rank 1": {"fail": seventh}}
    killed = start([failing], processes=2, devices=2)
    told, _ = [process.communicate(timeout=LONG)[0] for process in killed]
    assert [process.returncode for process in killed] == [-signal.SIGABRT, -signal.SIGKILL]
    assert "start all of them again" in told
    assert [path.name for path in tmp_path.glob("*.h5")] == ["1.h5"]
    [[resumed], _] = outcomes(start([training], processes=2, devices=2))
    assert_close(resumed, alone[1])


def test_the_table_of_devices(capsys):
    assert BENCHMARK["main"](["--on", "2", "--generated", "--epochs", "1"]) == 0
    assert "| 2 x 1 |" in capsys.readouterr().out


def test_the_table_of_differences(capsys):
    assert BENCHMARK["main"](["--on", "1,1", "--generated", "--equal", "1"]) == 0
    assert capsys.readouterr().out.count("| 1 x 1 | the same bits | the same bits |") == 2

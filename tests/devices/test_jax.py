"""A training on JAX, on one device: what it has in common with one on the engine's own."""

import os
import signal
import subprocess
import sys
import threading
from functools import partial

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine

pytestmark = pytest.mark.skipif(engine.name != "pytensor", reason="Theano doesn't run on JAX")
jax = pytest.importorskip("jax")

CLASSES = 3


@pytest.fixture
def data(rng):
    x = rng.normal(size=(37, 4))
    return x, rng.integers(0, CLASSES, 37).astype("int32")


def train(make, data, backend, **options):
    trainer = make(backend)
    options = {"epochs": 2, "batch_size": 8, "progress": False} | options
    return trainer, trainer.fit(data, **options)


def state_of(trainer):
    return {name: variable.get_value() for name, variable in trainer.state.items()}


def assert_close(one, other, tolerance=1e-13):
    for name, value in state_of(one).items():
        kept = other.state[name].get_value()
        assert (value.dtype, type(kept)) == (kept.dtype, np.ndarray)
        np.testing.assert_allclose(kept, value, rtol=0, atol=tolerance, err_msg=name)


def assert_same(one, other):
    assert_close(one, other, 0)
    columns = [{k: v for k, v in t.history.items() if k != "seconds"} for t in (one, other)]
    assert columns[0] == columns[1]


def make(backend, optimizer=None, dtype="float64"):
    net = mtn.Sequential(
        mtn.Dense(4, 6, dtype=dtype), mtn.ReLU(), mtn.Dropout(0.3),
        mtn.Dense(6, CLASSES, dtype=dtype), mtn.Softmax(), seed=3,
    )  # fmt: skip
    optimizer = optimizer or mtn.Adam(0.01)
    return mtn.Trainer(
        net, mtn.categorical_crossentropy, optimizer, [mtn.accuracy], backend=backend
    )


RESIDENT, BY_STEPS = mtn.Jax(1, resident=True), mtn.Jax(1, resident=False)


@pytest.mark.parametrize(("kind", "shuffle"), [("float64", True), ("uint8", False)])
def test_data_on_the_device_or_not_give_the_same_bits(kind, shuffle, data):
    x, y = (data[0] * 50 + 128).astype(kind), data[1]

    def run(backend):
        return train(partial(make, dtype="float32"), (x, y), backend, shuffle=shuffle)[0]

    assert_same(run(RESIDENT), run(BY_STEPS))


def test_a_loop_longer_than_one_stretch_is_the_same_bits(data):
    options = {"epochs": 1, "batch_size": 2}
    x, y = (np.concatenate([array] * 8) for array in data)
    assert_same(*(train(make, (x, y), backend, **options)[0] for backend in (RESIDENT, BY_STEPS)))


def test_data_without_one_full_batch(data):
    assert_same(*(train(make, data, backend, batch_size=64)[0] for backend in (RESIDENT, BY_STEPS)))


def test_checkpoints_of_either_are_gone_on_with_by_the_other(data, tmp_path):
    one = train(make, data, None, epochs=4)[0]
    folder = str(tmp_path / "run")
    saving = {"callbacks": [mtn.Checkpoint(folder + "/{epoch}.h5")]}
    for epochs, backend in ((1, None), (1, mtn.Jax(1)), (2, None)):
        trainer = make(backend)
        mtn.resume(trainer, folder, missing_ok=True)
        trainer.fit(data, epochs=epochs, batch_size=8, progress=False, **saving)
    assert_close(one, trainer)


def test_resumed_it_ends_with_the_same_bits(data, tmp_path):
    whole = train(make, data, mtn.Jax(1), epochs=3)[0]
    saving = {"callbacks": [mtn.Checkpoint(str(tmp_path) + "/{epoch}.h5")]}
    train(make, data, mtn.Jax(1), epochs=2, **saving)
    resumed = make(mtn.Jax(1))
    mtn.resume(resumed, tmp_path)
    resumed.fit(data, epochs=1, batch_size=8, progress=False)
    assert_same(whole, resumed)


def test_streams_the_best_weights_and_rules(data):
    x, y = data
    stream = [(x[i : i + 10], y[i : i + 10]) for i in range(0, 30, 10)]
    options = {
        "validation": [(x[30:], y[30:])], "epochs": 9, "restore_best": "test_loss",
        "stop": mtn.Patience(2, watch="test_loss"),
    }  # fmt: skip
    trainers = [
        train(partial(make, optimizer=mtn.SGD(2.0)), stream, backend, **options)[0]
        for backend in (None, mtn.Jax(1))
    ]
    assert_close(*trainers)
    assert trainers[1].history.stopped_by == "patience"


class Halving:
    """Looks at the clock after each step, and halves the rate after the third."""

    def __init__(self):
        self.clocks = []

    def __call__(self, trainer):
        pass

    def after_batch(self, trainer, figures):
        self.clocks.append(int(trainer.state["clock"].get_value()))
        if len(self.clocks) == 3:
            trainer.learning_rate = trainer.learning_rate / 2


def test_a_callback_sees_and_changes_the_state_between_two_steps(data):
    listeners = Halving(), Halving()
    assert_close(
        *(
            train(make, data, backend, callbacks=[listener])[0]
            for backend, listener in zip((None, RESIDENT), listeners, strict=True)
        )
    )
    assert listeners[0].clocks == listeners[1].clocks == list(range(1, 11))


@pytest.mark.parametrize("backend", [RESIDENT, BY_STEPS])
def test_a_loss_that_is_not_finite_is_told_and_changes_nothing(backend, data):
    x, y = data[0].copy(), data[1]
    x[17] = 1e308  # finite, and its product with a weight is not
    trainer = make(backend)
    trainer.network.set_values({"dense_1/W": np.full((4, 6), 10.0)})
    twin = make(None)
    twin.network.set_values({"dense_1/W": np.full((4, 6), 10.0)})
    options = {"batch_size": 8, "progress": False, "shuffle": False}
    with pytest.raises(mtn.NonFiniteLossError) as caught:
        trainer.fit((x, y), **options)
    assert (caught.value.epoch, caught.value.batch, caught.value.culprit) == (1, 3, "dense_1")
    twin.fit((x[:16], y[:16]), **options)
    assert_close(twin, trainer)


def test_ctrl_c_ends_it_between_two_steps(data):
    trainer = make(RESIDENT)
    press = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    press.start()
    many = [np.concatenate([array] * 200) for array in data]
    history = trainer.fit(tuple(many), epochs=10**6, batch_size=2, progress=False)
    press.join()
    assert history.stopped_by == "interrupted"
    assert history.epochs == trainer.epoch
    assert np.isfinite(trainer.network.values()["dense_1/W"]).all()


def test_it_evaluates(data):
    trainers = make(None), make(mtn.Jax(1))
    one, other = (trainer.evaluate(data, batch_size=10) for trainer in trainers)
    assert one == pytest.approx(other, rel=1e-13)


def test_the_users_configuration_of_jax_stays(data):
    before = jax.config.jax_enable_x64
    train(make, data, mtn.Jax(1), epochs=1)
    assert jax.config.jax_enable_x64 == before
    assert jax.numpy.ones(1, "float32").dtype == "float32"


def test_jax_is_imported_when_it_is_used():
    code = "import sys, minitheanonet as m; m.Jax(); print('jax' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_what_fails_in_one_process_is_told_by_jax_itself():
    from minitheanonet.devices.processes import together

    with pytest.raises(jax.errors.JaxRuntimeError, match="RESOURCE_EXHAUSTED"), together():
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: out of memory")


def test_what_fails_in_one_of_several_says_how_to_go_on(monkeypatch):
    from minitheanonet.devices.processes import together

    monkeypatch.setattr(jax, "process_count", lambda: 2)
    words = r"UNAVAILABLE: peer closed\. If another one has ended, start all of them again"
    with pytest.raises(RuntimeError, match=words), together():
        raise jax.errors.JaxRuntimeError("UNAVAILABLE: peer closed\nat some line")

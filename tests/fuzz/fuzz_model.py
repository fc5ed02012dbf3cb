"""The readers of model files: loading, describing, resuming.

The first byte of an input says what the rest is: ``s`` the HDF5 part of a file of ours, which
gets a seal that fits, so that HDF5 and what comes after it are reached; ``k`` a file of Keras's,
which has no seal; ``r`` a file as it is; anything else, decisions for `inventing`.

HDF5 itself may ask for any memory that a damaged length declares, before it sees that the length
is wrong. So these inputs may have what `run` leaves to the process; inventions may not.
"""

import functools
import io
import json
import tempfile
import traceback
from pathlib import Path

import h5py
import numpy as np
from choices import Choices
from h5py import h5f
from inventing import invent
from minitheanonet.files.description import describe
from minitheanonet.files.hdf5_writer import METADATA, STATE
from minitheanonet.files.model_file import model_content
from minitheanonet.files.seal import SEAL_BYTES, set_seal
from watch import MEMORY_BYTES, SPACE_BYTES, folder_of_its_own, watched

import minitheanonet as mtn
from minitheanonet.engine import flags
from minitheanonet.files import Checkpoint, ModelFileError, load_model

FOLDER = folder_of_its_own()
PACKAGE = Path(mtn.__file__).parent
OPENED = h5f.OBJ_FILE | h5f.OBJ_GROUP | h5f.OBJ_DATASET


def one_input(data):
    is_raw = data[:1] in (b"s", b"k", b"r")
    with watched(FOLDER, as_file(data), SPACE_BYTES if is_raw else MEMORY_BYTES) as path:
        # What can't be described can't be opened: the others would say the same.
        if is_read(look, path):
            is_read(load, path)
            is_read(go_on, path)
    assert not h5f.get_obj_count(h5f.OBJ_ALL, OPENED), "HDF5 has something open"


def is_read(read, path):
    """Return whether the file is read, after looking at why it isn't."""
    try:
        read(path)
    except ModelFileError as error:
        check(error, path)
        return False
    return True


def check(error, path):
    """Assert that a refusal is meant, not what became of a mistake of ours, nor of a bomb."""
    assert error.path == path
    cause = error.__cause__
    assert not isinstance(cause, MemoryError), "a length was believed"
    if isinstance(cause, AttributeError | TypeError | LookupError | ArithmeticError):
        *_, (frame, _) = traceback.walk_tb(cause.__traceback__)
        is_ours = Path(frame.f_code.co_filename).is_relative_to(PACKAGE)
        assert not is_ours, f"by accident: {error.reason}"


def as_file(data):
    """Return the file that an input stands for."""
    kind, rest = data[:1], data[1:]
    if kind == b"s":
        content = bytearray(SEAL_BYTES) + rest
        set_seal(content, 1)
        return bytes(content)
    return rest if kind in (b"k", b"r") else invent(Choices(rest), *parts())


def load(path):
    """What was loaded can be saved, and loaded again as the same."""
    network = load_model(path)
    for param in network.params:
        assert param.get_value().dtype == network.dtype
    content = model_content("again", network, None, None)
    with tempfile.NamedTemporaryFile(suffix=".h5") as again:
        again.write(content)
        again.flush()
        assert model_content("again", load_model(again.name), None, None) == content


def look(path):
    """The description can be printed."""
    assert all(c.isprintable() or c == "\n" for c in describe(path))


def go_on(path):
    """A refused checkpoint changes nothing, and any other leaves a trainer that can be saved."""
    trainer, _ = trained()
    before = everything(trainer)
    try:
        trainer.resume(path)
    except ModelFileError:
        assert everything(trainer) == before, "refused, and yet changed"
        raise
    for values in trainer.history.values():
        assert all(value is None or isinstance(value, int | float) for value in values)
    assert len(trainer.history.rows()) == trainer.epoch
    everything(trainer)


def everything(trainer):
    numbers = trainer.epoch, int(trainer.training.step.get_value()), trainer.seed
    state = [variable.get_value().tobytes() for variable in trainer.compiled.optimizer_state]
    weights = [param.get_value().tobytes() for param in trainer.network.params]
    return numbers, trainer.optimizer.learning_rate, trainer.history.to_json(), state, weights


def make_trainer():
    """Make a trainer whose network is what the inventions are when the bytes are used up."""
    network = mtn.Sequential(
        mtn.Dense(4, 1, b=None, name="layer_0"), mtn.ReLU(name="layer_1"), seed=0,
        name="sequential",
    )  # fmt: skip
    return mtn.Trainer(network, mtn.mean_squared_error, mtn.Momentum(0.1))


@functools.cache
def trained():
    """Return a trainer after an epoch, and the bytes of its checkpoint."""
    data = np.eye(4), np.arange(4.0)[:, None]
    trainer = make_trainer()
    with flags(mode="FAST_COMPILE"), tempfile.TemporaryDirectory() as folder:
        callbacks = [Checkpoint(Path(folder) / "{epoch}.h5")]
        trainer.fit(data, epochs=1, callbacks=callbacks, progress=False)
        return trainer, (Path(folder) / "1.h5").read_bytes()


@functools.cache
def parts():
    """Return a checkpoint's configuration, record, and optimizer's state."""
    with h5py.File(io.BytesIO(trained()[1])) as file:
        record = json.loads(file[METADATA][()])
        paths = [path for path in record["sha256"] if path.startswith(STATE)]
        state = {path.removeprefix(f"{STATE}/"): file[path][()] for path in paths}
        return json.loads(file.attrs["model_config"]), record, state


def as_keras_writes(content):
    """Return a file of ours without its seal and record, and with texts of variable length."""
    buffer = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as ours, h5py.File(buffer, "w") as file:
        file.attrs["model_config"] = ours.attrs["model_config"]
        ours.copy("model_weights", file)
        for group in file["model_weights"].values():
            names = np.empty(len(old := group.attrs["weight_names"]), h5py.string_dtype())
            names[:] = old
            group.attrs.create("weight_names", names, dtype=h5py.string_dtype())
    return buffer.getvalue()


def seeds():
    _, ours = trained()
    files = [b"s" + ours[SEAL_BYTES:], b"k" + as_keras_writes(ours), b"r" + ours, b"r", b""]
    generator = np.random.default_rng(0)
    return files + [b"i" + generator.bytes(length) for length in range(20, 320, 10)]

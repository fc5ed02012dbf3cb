"""The readers of model files: loading, describing, resuming.

The first byte of an input says what the rest is: ``s`` the HDF5 part of a file of ours, which
gets a seal that fits, so that HDF5 and what comes after it are reached; ``k`` a file of Keras's,
which has no seal; ``r`` a file as it is; anything else, decisions for `inventing`.

Memory is this process's: what HDF5 may take is bounded behind the wall.
"""

import functools
import io
import json
import tempfile
import traceback
import warnings
from pathlib import Path

import h5py
import numpy as np
from choices import Choices
from inventing import RECORD, STATE, invent
from watch import folder_of_its_own, watched

import minitheanonet as mtn
from minitheanonet.engine import flags
from minitheanonet.files import Checkpoint, ModelFileError, load_model, model_info, resume
from minitheanonet.files.model import model_content
from minitheanonet.files.whole import SEAL_BYTES, set_seal

FOLDER = folder_of_its_own()
ROOM = Path(mtn.__file__).parent / "files"


def one_input(data):
    with watched(FOLDER, as_file(data)) as path:
        # What can't be described can't be opened: the others would say the same.
        if is_read(look, path):
            is_read(load, path)
            is_read(go_on, path)


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
    while cause is not None:
        assert not isinstance(cause, MemoryError), "a length was believed"
        if isinstance(cause, AttributeError | TypeError | LookupError | ArithmeticError):
            *_, (frame, _) = traceback.walk_tb(cause.__traceback__)
            is_ours = Path(frame.f_code.co_filename).is_relative_to(ROOM)
            assert not is_ours, f"by accident: {error.reason}"
        cause = cause.__cause__


def as_file(data):
    """Return the file that an input stands for."""
    kind, rest = data[:1], data[1:]
    if kind == b"s":
        content = bytearray(SEAL_BYTES) + rest
        set_seal(content, 1)
        return bytes(content)
    if kind in (b"k", b"r"):
        return rest
    try:
        return invent(Choices(rest), *parts())
    except (ValueError, TypeError, AttributeError):
        return rest  # nobody can write such a file with h5py


def load(path):
    """What was loaded can be saved, and loaded again as the same."""
    network = load_model(path)
    for param in network.params:
        assert param.get_value().dtype == network.dtype
    content = model_content(network, None, None)
    with tempfile.NamedTemporaryFile(suffix=".h5") as again:
        again.write(content)
        again.flush()
        assert model_content(load_model(again.name), None, None) == content


def look(path):
    """The description can be printed."""
    assert all(c.isprintable() or c == "\n" for c in str(model_info(path)))


def go_on(path):
    """A refused checkpoint changes nothing, and any other leaves a trainer that can be saved."""
    trainer, _ = trained()
    before = everything(trainer)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other settings are told
            resume(trainer, path)
    except ModelFileError:
        assert everything(trainer) == before, "refused, and yet changed"
        raise
    for values in trainer.history.values():
        assert all(value is None or isinstance(value, int | float) for value in values)
    assert len(trainer.history.rows()) == trainer.epoch
    everything(trainer)


def everything(trainer):
    state = {name: variable.get_value().tobytes() for name, variable in trainer.state.items()}
    return trainer.epoch, trainer.seed, trainer.history.to_json(), state


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
        state = {name: file[f"{STATE}/{name}"][()] for name in trained()[0].state}
        return json.loads(file.attrs["model_config"]), json.loads(file[RECORD][()]), state


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
    return files + [b"i" + generator.bytes(length) for length in range(20, 320, 30)]

"""Model files and checkpoints: HDF5, ours and Keras's at once, written whole or not at all.

From the ground up: `whole` writes files, and tells whole ones from damaged; `hdf5` makes their
bytes, and has `hdf5_reader` look through a stranger's in a process of its own; `kinds` is the table
of layers, with which `keras` turns networks into JSON and back; `model` saves, loads and tells what
is in a file; `checkpoints` keep a training, and go on with it.
"""

from minitheanonet.files.checkpoints import Checkpoint, resume
from minitheanonet.files.errors import ModelFileError
from minitheanonet.files.model import ModelInfo, load_model, model_info, save_model

__all__ = [
    "Checkpoint",
    "ModelFileError",
    "ModelInfo",
    "load_model",
    "model_info",
    "resume",
    "save_model",
]

"""Model files and checkpoints: HDF5, ours and Keras's at once, written whole or not at all.

From the ground up: `errors` and `limits`; `atomic` writes files, `seal` tells whole ones from
damaged; `spec` is an architecture as plain data, `to_keras` and `from_keras` (with `keras_options`)
turn it into JSON and back, `networks` into layers and back; `hdf5_writer`, `hdf5_reader` and
`heaps` know HDF5, `content` joins them. On these stand `model_file`, `description`,
`training_state`, `checkpoints` and `resuming`.
"""

from minitheanonet.files.checkpoints import Checkpoint
from minitheanonet.files.description import ModelInfo, model_info
from minitheanonet.files.errors import ModelFileError
from minitheanonet.files.model_file import load_model, save_model
from minitheanonet.files.resuming import resume

__all__ = [
    "Checkpoint",
    "ModelFileError",
    "ModelInfo",
    "load_model",
    "model_info",
    "resume",
    "save_model",
]

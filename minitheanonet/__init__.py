"""minitheanonet: layers, optimizers and a trainer, written directly on Theano's symbolic graphs.

The rooms, from the ground up: `engine` knows PyTensor from Theano; `initializers`, `layers`,
`losses`, `metrics`, `optimizers` and `regularizers` make graphs; `training` hands out randomness;
`sequential` joins layers; `compiled` makes functions of a training, and `trainer` runs the loop,
with `data`, `stopping`, `history`, `plots` and `progress` around it. `files` writes and reads
models and checkpoints. `datasets` knows nothing of networks, and networks nothing of files. What
a user gives is checked by `arguments`, `checks` (arrays) and `symbols` (expressions).
"""

from minitheanonet import datasets
from minitheanonet.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from minitheanonet.errors import FileError
from minitheanonet.files import Checkpoint, ModelFileError, load_model, model_info, save_model
from minitheanonet.history import History
from minitheanonet.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LeCunNormal,
    LeCunUniform,
    Normal,
    Orthogonal,
    Uniform,
    Zeros,
)
from minitheanonet.layers import Dense, Dropout, Flatten, Layer, ReLU, Sigmoid, Softmax, Tanh
from minitheanonet.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_squared_error,
    multiclass_hinge,
)
from minitheanonet.metrics import accuracy, binary_accuracy, mean_absolute_error, top_k_accuracy
from minitheanonet.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from minitheanonet.plots import plot_history
from minitheanonet.regularizers import l1, l2
from minitheanonet.sequential import Sequential
from minitheanonet.stopping import Best, Patience, PlateauWindow
from minitheanonet.trainer import NonFiniteLossError, Trainer
from minitheanonet.training import Training
from minitheanonet.version import __version__

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Best",
    "Checkpoint",
    "Constant",
    "Dense",
    "Dropout",
    "FileError",
    "Flatten",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "History",
    "Layer",
    "LeCunNormal",
    "LeCunUniform",
    "ModelFileError",
    "Momentum",
    "Nesterov",
    "NonFiniteLossError",
    "Normal",
    "Optimizer",
    "Orthogonal",
    "Patience",
    "PlateauWindow",
    "RMSprop",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Trainer",
    "Training",
    "Uniform",
    "Zeros",
    "__version__",
    "accuracy",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "datasets",
    "l1",
    "l2",
    "load_model",
    "mean_absolute_error",
    "mean_squared_error",
    "model_info",
    "multiclass_hinge",
    "plot_history",
    "save_model",
    "top_k_accuracy",
]

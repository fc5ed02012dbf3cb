"""minitheanonet: layers, optimizers and a trainer, written directly on Theano's symbolic graphs.

The rooms, from the ground up: `checks` is the door; `engine` knows PyTensor from Theano; `layers`
make graphs of parameters and state; `learning` has losses, metrics, penalties and optimizers;
`training` runs the loop, `devices` runs it on JAX; `files` writes and reads models and checkpoints;
`neighbours` hands networks on, and records; `command` is the command line. `datasets` knows nothing
of networks.
"""

# ruff: noqa: F401, I001, E501 (the names by room, as a reader would list them)
# fmt: off
from minitheanonet import datasets
from minitheanonet.errors import FileError
from minitheanonet.layers.initializers import Constant, Normal, Orthogonal, Uniform, Zeros
from minitheanonet.layers.initializers import GlorotNormal, GlorotUniform, HeNormal, HeUniform, LeCunNormal, LeCunUniform
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.sequential import Sequential
from minitheanonet.layers.combining import Concatenate, Residual
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.convolution import Conv2D
from minitheanonet.layers.pooling import AveragePool2D, GlobalAveragePool2D, MaxPool2D
from minitheanonet.layers.embedding import Embedding
from minitheanonet.layers.normalization import BatchNorm, LayerNorm
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.noise import GaussianNoise
from minitheanonet.layers.shaping import Flatten, Rescale, Reshape
from minitheanonet.layers.activations import ELU, GELU, LeakyReLU, ReLU, Sigmoid, Softmax, Softplus, Tanh
from minitheanonet.learning.losses import mean_squared_error, multiclass_hinge
from minitheanonet.learning.losses import binary_crossentropy, categorical_crossentropy
from minitheanonet.learning.metrics import accuracy, binary_accuracy, mean_absolute_error, top_k_accuracy
from minitheanonet.learning.penalties import l1, l2
from minitheanonet.learning.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.learning.optimizers import SGD, Momentum, Nesterov
from minitheanonet.learning.adaptive import Adadelta, Adagrad, Adam, AdamW, RMSprop
from minitheanonet.learning.schedules import Cosine, Exponential, OneCycle, Piecewise, Schedule
from minitheanonet.learning.constraints import MaxNorm, NonNegative
from minitheanonet.training.randomness import Training
from minitheanonet.training.stopping import Best, Patience, PlateauWindow
from minitheanonet.training.callbacks import ReduceOnPlateau
from minitheanonet.training.history import History
from minitheanonet.training.plots import plot_history
from minitheanonet.training.passes import NonFiniteLossError
from minitheanonet.training.trainer import Trainer
from minitheanonet.devices.backend import Jax
from minitheanonet.files import Checkpoint, ModelFileError, load_model, model_info, resume, save_model
from minitheanonet.neighbours.onnx import export_onnx
from minitheanonet.neighbours.tensorboard import TensorBoard
from minitheanonet.neighbours.pymc import bayesian
from minitheanonet.neighbours.lasagne import read_lasagne
from minitheanonet.version import __version__
# fmt: on

__all__ = [
    name
    for name, value in globals().items()
    if name == "datasets" or not (name.startswith("_") or isinstance(value, type(datasets)))
]

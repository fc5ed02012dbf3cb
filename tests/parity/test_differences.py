"""The page of defaults that differ: its numbers, read again from what is installed."""

from __future__ import annotations

import inspect
import re
from operator import attrgetter
from pathlib import Path

import pytest

import minitheanonet as mtn

# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PAGE = (Path(__file__).parents[2] / "docs" / "differences.md").read_text(encoding="utf-8")
NONE = "–"

# Each row of the first table: the function and its argument here, in Keras and in PyTorch.
ROWS = {
    "SGD: learning rate": ("SGD learning_rate", "optimizers.SGD learning_rate", "optim.SGD lr"),
    "Momentum: learning rate": (
        "Momentum learning_rate", "optimizers.SGD learning_rate", "optim.SGD lr",
    ),
    "Momentum: μ": ("Momentum momentum", "optimizers.SGD momentum", "optim.SGD momentum"),
    "Nesterov: learning rate": (
        "Nesterov learning_rate", "optimizers.SGD learning_rate", "optim.SGD lr",
    ),
    "Nesterov: μ": ("Nesterov momentum", "optimizers.SGD momentum", "optim.SGD momentum"),
    "Adagrad: learning rate": (
        "Adagrad learning_rate", "optimizers.Adagrad learning_rate", "optim.Adagrad lr",
    ),
    "Adagrad: start of s": (
        "Adagrad initial_accumulator",
        "optimizers.Adagrad initial_accumulator_value",
        "optim.Adagrad initial_accumulator_value",
    ),
    "Adagrad: ε": ("Adagrad epsilon", "optimizers.Adagrad epsilon", "optim.Adagrad eps"),
    "RMSprop: learning rate": (
        "RMSprop learning_rate", "optimizers.RMSprop learning_rate", "optim.RMSprop lr",
    ),
    "RMSprop: ρ": ("RMSprop rho", "optimizers.RMSprop rho", "optim.RMSprop alpha"),
    "RMSprop: ε": ("RMSprop epsilon", "optimizers.RMSprop epsilon", "optim.RMSprop eps"),
    "Adadelta: learning rate": (
        "Adadelta learning_rate", "optimizers.Adadelta learning_rate", "optim.Adadelta lr",
    ),
    "Adadelta: ρ": ("Adadelta rho", "optimizers.Adadelta rho", "optim.Adadelta rho"),
    "Adadelta: ε": ("Adadelta epsilon", "optimizers.Adadelta epsilon", "optim.Adadelta eps"),
    "Adam: learning rate": ("Adam learning_rate", "optimizers.Adam learning_rate", "optim.Adam lr"),
    "Adam: β₁": ("Adam beta_1", "optimizers.Adam beta_1", "optim.Adam betas 0"),
    "Adam: β₂": ("Adam beta_2", "optimizers.Adam beta_2", "optim.Adam betas 1"),
    "Adam: ε": ("Adam epsilon", "optimizers.Adam epsilon", "optim.Adam eps"),
    "AdamW: learning rate": (
        "AdamW learning_rate", "optimizers.AdamW learning_rate", "optim.AdamW lr",
    ),
    "AdamW: weight decay": (
        "AdamW weight_decay", "optimizers.AdamW weight_decay", "optim.AdamW weight_decay",
    ),
    "AdamW: ε": ("AdamW epsilon", "optimizers.AdamW epsilon", "optim.AdamW eps"),
    "Dropout: rate": ("Dropout rate", "layers.Dropout rate", "nn.Dropout p"),
    "LeakyReLU: slope": (
        "LeakyReLU slope", "layers.LeakyReLU negative_slope", "nn.LeakyReLU negative_slope",
    ),
    "ELU: α": ("ELU alpha", "layers.ELU alpha", "nn.ELU alpha"),
    "GaussianNoise: standard deviation": (
        "GaussianNoise stddev", "layers.GaussianNoise stddev", None,
    ),
    "batch norm: momentum": ("BatchNorm momentum", "layers.BatchNormalization momentum", None),
    "batch norm: ε": (
        "BatchNorm epsilon", "layers.BatchNormalization epsilon", "nn.BatchNorm1d eps",
    ),
    "layer norm: ε": ("LayerNorm epsilon", "layers.LayerNormalization epsilon", "nn.LayerNorm eps"),
    "MaxNorm: limit": ("MaxNorm limit", "constraints.MaxNorm max_value", None),
    "on a plateau: factor": (
        "ReduceOnPlateau factor",
        "callbacks.ReduceLROnPlateau factor",
        "optim.lr_scheduler.ReduceLROnPlateau factor",
    ),
    "on a plateau: epochs": (
        "ReduceOnPlateau patience",
        "callbacks.ReduceLROnPlateau patience",
        "optim.lr_scheduler.ReduceLROnPlateau patience",
    ),
    "on a plateau: smallest gain": (
        "ReduceOnPlateau min_delta",
        "callbacks.ReduceLROnPlateau min_delta",
        "optim.lr_scheduler.ReduceLROnPlateau threshold",
    ),
    "normal initialiser: standard deviation": (
        "Normal std", "initializers.RandomNormal stddev", "nn.init.normal_ std",
    ),
    "uniform initialiser: low": (
        "Uniform low", "initializers.RandomUniform minval", "nn.init.uniform_ a",
    ),
    "uniform initialiser: high": (
        "Uniform high", "initializers.RandomUniform maxval", "nn.init.uniform_ b",
    ),
    "orthogonal initialiser: gain": (
        "Orthogonal gain", "initializers.Orthogonal gain", "nn.init.orthogonal_ gain",
    ),
    "L2 penalty: factor": (None, "regularizers.L2 l2", None),
    "patience: epochs": ("Patience epochs", "callbacks.EarlyStopping patience", None),
    "training: epochs": ("Trainer.fit epochs", "Model.fit epochs", None),
    # The signatures of Keras's methods say None for these; a test of their own looks.
    "training: batch size": (
        "Trainer.fit batch_size", "Model.fit batch_size", "utils.data.DataLoader batch_size",
    ),
    "predicting: batch size": ("Sequential.predict batch_size", "Model.predict batch_size", None),
}  # fmt: skip


def default(module, where):
    """Return the default of the argument that `where` names, as the page has it."""
    if where is None:
        return NONE
    path, argument, *index = where.split()
    value = inspect.signature(attrgetter(path)(module)).parameters[argument].default
    if index:
        value = value[int(index[0])]
    return NONE if value is inspect.Parameter.empty else value


def page_numbers():
    """Return each row of the page's first table: what → (here, Keras, PyTorch, Lasagne)."""
    table = PAGE.split("## Numbers")[1].split("\n## ")[0]
    rows = [re.split(r" *\| *", line)[1:-1] for line in table.splitlines() if line.startswith("|")]
    return {
        what: tuple(cell if cell == NONE else float(cell) for cell in cells)
        for what, *cells in rows[2:]
    }


NUMBERS = page_numbers()


def test_the_table_has_these_rows():
    assert list(NUMBERS) == list(ROWS)
    assert {len(row) for row in NUMBERS.values()} == {4}


@pytest.mark.parametrize("what", ROWS)
def test_our_numbers(what):
    assert NUMBERS[what][0] == default(mtn, ROWS[what][0])


@pytest.mark.parametrize("what", [row for row in ROWS if "batch size" not in row])
def test_keras_s_numbers(keras, what):
    assert NUMBERS[what][1] == default(keras, ROWS[what][1])


@pytest.mark.parametrize("what", ROWS)
def test_pytorch_s_numbers(torch, what):
    assert NUMBERS[what][2] == default(torch, ROWS[what][2])


@pytest.mark.parametrize("what", [row for row in ROWS if "batch size" in row])
def test_keras_s_batch_sizes(keras, what):
    sizes = []

    class Note(keras.layers.Layer):
        def call(self, x):
            sizes.append(x.shape[0])
            return x

    model = keras.Sequential([keras.layers.Input((1,)), Note(), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    sizes.clear()  # it was called without data when it was built
    zeros = keras.ops.zeros((100, 1))
    if what.startswith("training"):
        model.fit(zeros, zeros, verbose=0)
    else:
        model.predict(zeros, verbose=0)
    assert default(keras, ROWS[what][1]) is None
    assert max(sizes) == NUMBERS[what][1]


def test_the_page_names_the_installed_keras(keras):
    assert f"Keras is {keras.__version__.rpartition('.')[0]} on JAX" in PAGE


def test_the_page_names_the_installed_pytorch(torch):
    assert f"PyTorch {torch.__version__.rpartition('.')[0]}," in PAGE

"""A run that some tests of files begin with."""

import shutil

import pytest
from small_nets import make_trainer, train


@pytest.fixture(scope="session")
def six_epochs(tmp_path_factory):
    """A folder with the checkpoints of six epochs; tests copy it."""
    folder = tmp_path_factory.mktemp("six") / "run"
    train(make_trainer(), folder, 6, keep=None)
    return folder


@pytest.fixture
def run(six_epochs, tmp_path):
    return shutil.copytree(six_epochs, tmp_path / "run")

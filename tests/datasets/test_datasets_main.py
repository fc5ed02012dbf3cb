from __future__ import annotations

import os
import subprocess
import sys

import pytest

from minitheanonet.datasets.__main__ import main
from minitheanonet.datasets.fetch import SOURCES, RemoteFile


def test_says_where_the_data_are(no_server, mnist_dir, capsys):
    assert main(["download", "mnist", "--to", str(mnist_dir)]) == 0
    assert capsys.readouterr().out == f"mnist is in {mnist_dir}\n"


def test_a_failed_download_is_told_in_one_message(server, tmp_path, capsys, monkeypatch):
    remote = RemoteFile("caltech-101.zip", 1, "0" * 64, (f"{server.url}/none",))
    monkeypatch.setitem(SOURCES, "caltech101", (remote,))
    assert main(["download", "caltech101", "--to", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert "could not download caltech-101.zip" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("arguments", [[], ["download"], ["download", "cifar"], ["upload"]])
def test_wrong_arguments_show_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m minitheanonet.datasets" in capsys.readouterr().err


def test_runs_as_a_module(mnist_dir):
    command = [sys.executable, "-m", "minitheanonet.datasets", "download", "mnist"]
    environment = {**os.environ, "MINITHEANONET_DATA": str(mnist_dir)}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == f"mnist is in {mnist_dir}\n"

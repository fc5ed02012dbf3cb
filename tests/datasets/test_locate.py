from __future__ import annotations

from pathlib import Path

import pooch

from minitheanonet.datasets import DataNotFoundError
from minitheanonet.datasets.locate import candidate_folders, data_root, not_found


def test_the_argument_comes_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("MINITHEANONET_DATA", str(tmp_path / "other"))
    assert data_root(str(tmp_path)) == tmp_path


def test_the_environment_comes_before_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MINITHEANONET_DATA", str(tmp_path))
    assert data_root() == tmp_path


def test_without_either_it_is_the_cache(monkeypatch):
    cache = Path(pooch.os_cache("minitheanonet"))
    monkeypatch.delenv("MINITHEANONET_DATA", raising=False)
    assert data_root() == cache
    monkeypatch.setenv("MINITHEANONET_DATA", "")
    assert data_root() == cache


def test_a_tilde_is_the_home_directory(monkeypatch):
    monkeypatch.setenv("MINITHEANONET_DATA", "~/data")
    assert data_root() == Path.home() / "data"
    assert data_root("~/more") == Path.home() / "more"


def test_candidates_keep_their_order():
    root = Path("root")
    assert candidate_folders(root, ("", "b", "a/c")) == [root, root / "b", root / "a" / "c"]


def test_not_found_says_what_where_and_how_to_get_it(tmp_path):
    absent = tmp_path / "absent"
    error = not_found("mnist", ["this", "that"], [tmp_path, absent], tmp_path)
    assert isinstance(error, DataNotFoundError)
    message = str(error)
    assert "this, that" in message
    assert f"\n  {tmp_path}\n" in message
    assert f"\n  {absent} (no such folder)\n" in message
    assert f"python -m minitheanonet.datasets download mnist --to {tmp_path}" in message
    assert "MINITHEANONET_DATA" in message

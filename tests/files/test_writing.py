"""Writing: what is replaced, what is left alone, and what goes wrong."""

import contextlib
import errno
import os
import resource
import stat
import tempfile
from pathlib import Path

import pytest
from by_hand import as_a_later_format
from small_nets import every_layer, weights_of

from minitheanonet.files import ModelFileError, load_model, save_model


def test_a_newer_format_is_named_and_the_mend_too(tmp_path):
    path = tmp_path / "m.h5"
    save_model(every_layer(), path)
    as_a_later_format(path)
    content = path.read_bytes()
    with pytest.raises(ModelFileError, match=r"is of format 3.*Update minitheanonet"):
        load_model(path)
    assert path.read_bytes() == content


def test_a_model_file_is_replaced_and_other_files_are_left_alone(tmp_path):
    path = tmp_path / "m.h5"
    save_model(every_layer(seed=1), path)
    save_model(every_layer(seed=2), path)
    assert weights_of(load_model(path)) == weights_of(every_layer(seed=2))
    path.write_text("Dear diary")
    with pytest.raises(ModelFileError, match="no model file, and was left alone"):
        save_model(every_layer(), path)
    assert path.read_text() == "Dear diary"
    path.write_text("")
    save_model(every_layer(), path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.h5"]


def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "real").mkdir()
    os.symlink(tmp_path / "real" / "m.h5", tmp_path / "m.h5")
    save_model(every_layer(), tmp_path / "m.h5")
    assert (tmp_path / "m.h5").is_symlink()
    assert (tmp_path / "real" / "m.h5").is_file()


def test_the_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "any").touch()
    save_model(every_layer(), tmp_path / "m.h5")
    assert (tmp_path / "m.h5").stat().st_mode == (tmp_path / "any").stat().st_mode


@contextlib.contextmanager
def at_most(size):
    """Let no file grow beyond `size` bytes, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_file_before(tmp_path):
    path = tmp_path / "m.h5"
    save_model(every_layer(), path)
    before = path.read_bytes()
    with at_most(4096), pytest.raises(ModelFileError, match="can't be opened or written") as caught:
        save_model(every_layer(seed=9), path)
    assert caught.value.path == path
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.h5"]


@contextlib.contextmanager
def as_an_ordinary_user():
    """Root may write everywhere: become nobody for a moment."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_is_read_only():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_model(every_layer(), folder / "m.h5")
        before = (folder / "m.h5").read_bytes()
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
        with (
            as_an_ordinary_user(),
            pytest.raises(ModelFileError, match="Go where you may read and write"),
        ):
            save_model(every_layer(seed=9), folder / "m.h5")
        assert (folder / "m.h5").read_bytes() == before
        folder.chmod(stat.S_IRWXU)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ModelFileError, match="make the folder first"):
        save_model(every_layer(), tmp_path / "nowhere" / "m.h5")


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EIO])
def test_a_disk_that_cannot_force_folders(tmp_path, monkeypatch, number):
    """The file is there, whole, and its folder's entry is forced where that can be done."""
    forced = []

    def fsync(descriptor):
        forced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        if forced[-1]:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    save_model(every_layer(), tmp_path / "m.h5")
    assert forced == [False, True]
    assert weights_of(load_model(tmp_path / "m.h5")) == weights_of(every_layer())

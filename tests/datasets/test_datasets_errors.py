from __future__ import annotations

import pickle
from pathlib import Path

from minitheanonet.datasets import DataFileError, DataNotFoundError, DownloadError


def test_data_file_error_says_path_reason_and_mend():
    error = DataFileError(Path("some") / "file.gz", "it is empty", "Fill it")
    assert str(error) == f"{Path('some') / 'file.gz'}: it is empty. Fill it."
    assert (error.path, error.reason) == (Path("some") / "file.gz", "it is empty")


def test_data_file_error_survives_the_way_to_another_process():
    error = pickle.loads(pickle.dumps(DataFileError("file.gz", "it is empty")))
    assert (error.path, error.reason) == ("file.gz", "it is empty")


def test_errors_are_of_the_kinds_that_callers_expect():
    assert issubclass(DataFileError, ValueError)
    assert issubclass(DataNotFoundError, FileNotFoundError)
    assert issubclass(DownloadError, OSError)

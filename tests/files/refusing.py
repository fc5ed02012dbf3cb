"""What it means that a file is refused."""

import tracemalloc

import pytest

from minitheanonet.files import ModelFileError, load_model

MEBIBYTE = 2**20


def assert_refused(path, reason):
    """Loading fails with our error, which names file and reason, and allocates next to nothing."""
    tracemalloc.start()
    try:
        with pytest.raises(ModelFileError, match=reason) as caught:
            load_model(path)
        assert tracemalloc.get_traced_memory()[1] < 8 * MEBIBYTE
    finally:
        tracemalloc.stop()
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path}: {caught.value.reason}. ")
    return caught.value

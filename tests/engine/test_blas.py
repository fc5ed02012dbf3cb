"""The BLAS under the engines, and the threads that it leaves waiting."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest
from test_engine import python

from minitheanonet import engine
from minitheanonet.engine import blas


class TestThreadsThatSleep:
    def test_the_setting_holds_within_only(self, monkeypatch):
        monkeypatch.delenv("OPENBLAS_THREAD_TIMEOUT", raising=False)
        with blas.threads_that_sleep():
            assert os.environ["OPENBLAS_THREAD_TIMEOUT"] == "20"
        assert "OPENBLAS_THREAD_TIMEOUT" not in os.environ

    def test_the_user_s_own_is_kept(self, monkeypatch):
        monkeypatch.setenv("OPENBLAS_THREAD_TIMEOUT", "26")
        with blas.threads_that_sleep():
            assert os.environ["OPENBLAS_THREAD_TIMEOUT"] == "26"
        assert os.environ["OPENBLAS_THREAD_TIMEOUT"] == "26"

    @pytest.mark.skipif(engine.name == "theano", reason="its BLAS is loaded by its own C code")
    def test_idle_threads_use_no_processor(self, monkeypatch):
        monkeypatch.delenv("OPENBLAS_THREAD_TIMEOUT", raising=False)
        # Spinning, they use 10 ms and more of it after each product.
        code = (
            "import minitheanonet, numpy, time; from scipy.linalg.blas import sgemm; "
            "a = numpy.ones((512, 512), 'float32'); sgemm(1, a, a); "
            "before = time.process_time(); time.sleep(0.2); print(time.process_time() - before)"
        )
        assert float(python(code, OPENBLAS_NUM_THREADS="2").stdout) < 0.006


class TestTheanosBlas:
    """How the flags are found needs no Theano, so it is tested on both engines."""

    @pytest.fixture
    def unset(self, monkeypatch, tmp_path):
        """Set no flags, and have no system OpenBLAS."""
        monkeypatch.setenv("THEANO_FLAGS", "")
        monkeypatch.setenv("THEANORC", str(tmp_path / "theanorc"))
        monkeypatch.setattr(blas.ctypes.util, "find_library", lambda name: None)
        return monkeypatch

    def test_flags_of_the_user_s_are_kept(self, unset):
        unset.setenv("THEANO_FLAGS", "floatX=float32,blas.ldflags=-lmine")
        blas.set_theano_blas()
        assert os.environ["THEANO_FLAGS"] == "floatX=float32,blas.ldflags=-lmine"

    def test_a_configuration_file_of_the_user_s_is_kept(self, unset, tmp_path):
        (tmp_path / "theanorc").write_text("[blas]\nldflags = -lmine\n")
        blas.set_theano_blas()
        assert os.environ["THEANO_FLAGS"] == ""

    def test_the_system_s_openblas_comes_first(self, unset):
        unset.setenv("THEANO_FLAGS", "floatX=float32")
        unset.setattr(blas.ctypes.util, "find_library", lambda name: f"lib{name}.so.0")
        blas.set_theano_blas()
        expected = "floatX=float32,blas.ldflags=-l:libopenblas.so.0"
        assert os.environ["THEANO_FLAGS"] == expected

    def test_then_scipy_s(self, unset, tmp_path):
        unset.syspath_prepend(str(tmp_path))
        unset.delitem(sys.modules, "scipy", raising=False)
        (tmp_path / "scipy").mkdir()
        (tmp_path / "scipy" / "__init__.py").touch()
        (tmp_path / "scipy.libs").mkdir()
        (tmp_path / "scipy.libs" / "libopenblasp-1.so").touch()
        blas.set_theano_blas()
        folder = tmp_path / "scipy.libs"
        assert os.environ["THEANO_FLAGS"] == f"blas.ldflags=-L{folder} -l:libopenblasp-1.so"

    @pytest.mark.parametrize("libraries", [None, [], ["libscipy_openblas-1.so"]])
    def test_with_none_that_theano_can_call_one_warning_says_how_to_make_it_fast(
        self, unset, tmp_path, libraries
    ):
        # SciPy is not installed, comes without an OpenBLAS, or with one of prefixed symbols.
        spec = None if libraries is None else SimpleNamespace(origin=str(tmp_path / "scipy" / "i"))
        unset.setattr(blas.importlib.util, "find_spec", lambda name: spec)
        (tmp_path / "scipy.libs").mkdir()
        for library in libraries or []:
            (tmp_path / "scipy.libs" / library).touch()
        with pytest.warns(RuntimeWarning, match="No OpenBLAS was found.*install libopenblas-dev"):
            blas.set_theano_blas()
        assert os.environ["THEANO_FLAGS"] == "blas.ldflags="

"""The seam between the engines: how one is chosen, and that the rest of the house knows of none."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import blas, engine
from minitheanonet.engine import T, function, grad, shared

ROOT = Path(mtn.__file__).parents[1]
ENGINES = {"pytensor", "theano"}
OTHER = (ENGINES - {engine.name}).pop()


def python(code: str, **variables: str) -> subprocess.CompletedProcess:
    """Run Python code in a process of its own, with these environment variables."""
    environment = {key: value for key, value in os.environ.items() if key != "MINITHEANONET_ENGINE"}
    environment.update(variables, PYTHONPATH=os.pathsep.join(sys.path))
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


class TestChoice:
    code = "from minitheanonet import engine; print(engine.name)"

    @pytest.mark.parametrize("asked", ["", engine.name])
    def test_what_is_installed_is_chosen_by_itself_or_by_name(self, asked):
        assert python(self.code, MINITHEANONET_ENGINE=asked).stdout.strip() == engine.name

    def test_an_engine_that_is_not_installed(self):
        error = python(self.code, MINITHEANONET_ENGINE=OTHER).stderr
        assert f"MINITHEANONET_ENGINE={OTHER} asks for an engine that is not installed" in error
        assert f"installed: {engine.name}" in error

    def test_an_unknown_name(self):
        error = python(self.code, MINITHEANONET_ENGINE="tensorflow").stderr
        assert "MINITHEANONET_ENGINE='tensorflow' is no engine: set it to 'pytensor' or" in error

    def test_no_engine_at_all(self, monkeypatch):
        monkeypatch.setattr(engine.importlib.util, "find_spec", lambda name: None)
        monkeypatch.delenv("MINITHEANONET_ENGINE", raising=False)
        with pytest.raises(ImportError, match="needs an engine: pip install pytensor"):
            engine._choose()

    @pytest.fixture
    def both_installed(self, monkeypatch):
        monkeypatch.setattr(engine.importlib.util, "find_spec", lambda name: object())
        monkeypatch.delitem(sys.modules, engine.name)
        monkeypatch.delenv("MINITHEANONET_ENGINE", raising=False)
        return monkeypatch

    def test_pytensor_comes_first(self, both_installed):
        assert engine._choose() == "pytensor"

    @pytest.mark.parametrize("name", sorted(ENGINES))
    def test_one_that_is_imported_already_is_kept(self, both_installed, name):
        both_installed.setitem(sys.modules, name, object())
        assert engine._choose() == name

    def test_one_asked_for_after_another_was_imported(self, both_installed):
        both_installed.setitem(sys.modules, "pytensor", object())
        both_installed.setenv("MINITHEANONET_ENGINE", "theano")
        with pytest.raises(ImportError, match="asked for after pytensor was imported"):
            engine._choose()


def test_no_other_file_imports_an_engine():
    files = [*ROOT.glob("minitheanonet/**/*.py"), *ROOT.glob("examples/*.py")]
    assert len(files) > 20
    importers = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            if ENGINES & {name.split(".")[0] for name in names}:
                importers.add(file.name)
    assert importers == {"engine.py"}


def test_importing_the_library_leaves_the_engine_s_configuration_alone():
    code = (
        "import {0}; before = {0}.config.floatX, {0}.config.mode; import minitheanonet; "
        "assert before == ({0}.config.floatX, {0}.config.mode); print('same')"
    )
    variables = {"THEANO_FLAGS": "blas.ldflags="} if engine.name == "theano" else {}
    assert python(code.format(engine.name), **variables).stdout.strip() == "same"


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
        monkeypatch.setenv("THEANO_FLAGS", "")
        monkeypatch.setenv("THEANORC", str(tmp_path / "theanorc"))
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
        unset.setattr(blas.ctypes.util, "find_library", lambda name: None)
        unset.syspath_prepend(str(tmp_path))
        unset.delitem(sys.modules, "scipy", raising=False)
        (tmp_path / "scipy").mkdir()
        (tmp_path / "scipy" / "__init__.py").touch()
        (tmp_path / "scipy.libs").mkdir()
        (tmp_path / "scipy.libs" / "libopenblasp-1.so").touch()
        blas.set_theano_blas()
        folder = tmp_path / "scipy.libs"
        expected = f"blas.ldflags=-L{folder} -l:libopenblasp-1.so"
        assert os.environ["THEANO_FLAGS"] == expected

    def test_with_none_one_warning_says_how_to_make_it_fast(self, unset):
        unset.setattr(blas, "_system_openblas", lambda: "")
        unset.setattr(blas, "_scipy_openblas", lambda: "")
        with pytest.warns(RuntimeWarning, match="No OpenBLAS was found.*install libopenblas-dev"):
            blas.set_theano_blas()
        assert os.environ["THEANO_FLAGS"] == "blas.ldflags="

    @pytest.mark.parametrize("later", [None, "libscipy_openblas-1.so"])
    def test_an_openblas_of_scipy_s_that_theano_cannot_call(self, unset, tmp_path, later):
        spec = SimpleNamespace(origin=str(tmp_path / "scipy" / "__init__.py"))
        unset.setattr(blas.importlib.util, "find_spec", lambda name: spec)
        if later:
            (tmp_path / "scipy.libs").mkdir()
            (tmp_path / "scipy.libs" / later).touch()
        assert blas._scipy_openblas() == ""

    def test_without_scipy_there_is_none_in_its_wheel(self, unset):
        unset.setattr(blas.importlib.util, "find_spec", lambda name: None)
        assert blas._scipy_openblas() == ""


class TestRectify:
    def test_gradient_keeps_the_dtype(self):
        x = T.fvector("x")
        waiting, seen = [grad(engine.rectify(x).sum(), x)], set()
        while waiting:
            variable = waiting.pop()
            seen.add(variable.dtype)
            waiting += variable.owner.inputs if variable.owner else []
        assert "float64" not in seen


def test_static_shapes():
    assert engine.static_shape(T.fmatrix()) == (None, None)
    assert engine.static_shape(T.frow()) == (1, None)


def test_shared_holds_a_copy():
    value = np.zeros(2)
    variable = shared(value, "v")
    value[0] = 1
    assert variable.get_value().tolist() == [0, 0]


def test_inputs_of_activations():
    x = T.fmatrix("x")
    assert engine.softmax_input(engine.softmax(x)) is x
    assert engine.sigmoid_input(engine.sigmoid(x)) is x
    for look in (engine.softmax_input, engine.sigmoid_input):
        assert look(x) is None
        assert look(T.tanh(x)) is None
    assert engine.softmax_input(engine.sigmoid(x)) is None
    assert engine.sigmoid_input(engine.softmax(x)) is None


OPTIMIZERS = [
    mtn.SGD, mtn.Momentum, mtn.Nesterov, mtn.Adagrad, mtn.RMSprop, mtn.Adadelta, mtn.Adam,
    mtn.AdamW,
]  # fmt: skip


def matrix_products(compiled) -> int:
    """Return how many matrix products a compiled graph computes."""
    kinds = [type(node.op).__name__ for node in compiled.maker.fgraph.toposort()]
    return sum(kind in ("Dot", "Dot22", "Dot22Scalar", "Gemm", "BatchedDot") for kind in kinds)


@pytest.mark.engine_mode
@pytest.mark.parametrize("clip", [{}, {"clip_norm": 1.0}, {"clip_global_norm": 1.0}])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_matrix_product_is_computed_twice(optimizer, clip):
    """Three forward, three weight gradients, two input gradients."""
    net = mtn.Sequential(
        mtn.Dense(8, 7), mtn.ReLU(), mtn.Dropout(0.2), mtn.Dense(7, 6), mtn.ReLU(),
        mtn.Dropout(0.2), mtn.Dense(6, 5), mtn.Softmax(), seed=0,
    )  # fmt: skip
    x, y, training = T.fmatrix("x"), T.ivector("y"), mtn.Training(0)
    loss = mtn.categorical_crossentropy(net(x, training), y)
    updates = optimizer(**clip).updates(loss, net.params)
    step = function([x, y], loss, updates={**updates, **training.updates})
    assert matrix_products(step) == 8


class TestBothEnginesAgreeWithNumPy:
    """Fifty steps without dropout against NumPy's arithmetic, and so against one another."""

    def reference(self, params, batches):
        """Train a ReLU network with a softmax by RMSprop, gradients by hand."""
        params = [p.copy() for p in params]
        means = [np.zeros_like(p) for p in params]
        one = params[0].dtype.type
        for x, y in batches:
            W1, b1, W2, b2 = params
            z = x @ W1 + b1
            h = np.where(z <= 0, 0, z)
            logits = h @ W2 + b2
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            d = e / e.sum(axis=1, keepdims=True)
            d[np.arange(len(y)), y] -= 1
            d /= one(len(y))
            back = np.where(z <= 0, 0, d @ W2.T)
            gradients = [x.T @ back, back.sum(axis=0), h.T @ d, d.sum(axis=0)]
            for p, m, g in zip(params, means, gradients, strict=True):
                m *= one(0.9)
                m += one(1 - 0.9) * g * g
                p -= one(1e-3) * g / np.sqrt(m + one(1e-7))
        return params

    @pytest.mark.engine_mode
    @pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("float64", 1e-10)])
    def test_fifty_steps(self, dtype, tolerance):
        rng = np.random.default_rng(5)
        net = mtn.Sequential(
            mtn.Dense(20, 30, dtype=dtype), mtn.ReLU(), mtn.Dense(30, 4, dtype=dtype),
            mtn.Softmax(), seed=1,
        )  # fmt: skip
        start = [p.get_value() for p in net.params]
        batches = [
            (rng.normal(size=(16, 20)).astype(dtype), rng.integers(0, 4, 16).astype("int32"))
            for _ in range(50)
        ]
        trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.RMSprop(1e-3))
        for batch in batches:  # one epoch each: the order of the batches is fixed
            trainer.fit([batch], progress=False)
        for param, expected in zip(net.params, self.reference(start, batches), strict=True):
            scale = np.abs(expected).max()
            np.testing.assert_allclose(param.get_value(), expected, atol=tolerance * scale, rtol=0)

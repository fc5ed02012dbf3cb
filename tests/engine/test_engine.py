"""The seam between the engines: how one is chosen, and what both of them do alike."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine
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


def chosen_anew() -> str:
    """Run the choice once more, in a module beside the one that all tests use."""
    spec = importlib.util.spec_from_file_location("minitheanonet_engine_anew", engine.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.name


class TestChoice:
    @pytest.fixture(autouse=True)
    def unset(self, monkeypatch):
        monkeypatch.delenv("MINITHEANONET_ENGINE", raising=False)

    @pytest.fixture
    def both_installed(self, monkeypatch):
        """Have both engines installed and none imported; what stands for the other is never run."""
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
        monkeypatch.delitem(sys.modules, engine.name)
        ours = sys.modules[f"minitheanonet.engine.{engine.name}"]
        monkeypatch.setitem(sys.modules, f"minitheanonet.engine.{OTHER}", ours)
        return monkeypatch

    def test_in_a_process_of_its_own(self):
        code = "from minitheanonet import engine; print(engine.name)"
        assert python(code, MINITHEANONET_ENGINE=engine.name).stdout.strip() == engine.name

    def test_what_is_installed_is_chosen_by_itself(self):
        assert chosen_anew() == engine.name

    def test_an_engine_that_is_not_installed(self, monkeypatch):
        monkeypatch.setenv("MINITHEANONET_ENGINE", OTHER)
        with pytest.raises(ImportError, match=f"={OTHER} asks for an engine that is not") as caught:
            chosen_anew()
        assert f"installed: {engine.name}" in str(caught.value)

    def test_an_unknown_name(self, monkeypatch):
        monkeypatch.setenv("MINITHEANONET_ENGINE", "tensorflow")
        with pytest.raises(ImportError, match="'tensorflow' is no engine: set it to 'pytensor'"):
            chosen_anew()

    def test_no_engine_at_all(self, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        with pytest.raises(ImportError, match="needs an engine: pip install pytensor"):
            chosen_anew()

    def test_pytensor_comes_first(self, both_installed):
        assert chosen_anew() == "pytensor"

    @pytest.mark.parametrize("name", sorted(ENGINES))
    def test_one_that_is_imported_already_is_kept(self, both_installed, name):
        both_installed.setitem(sys.modules, name, object())
        assert chosen_anew() == name

    @pytest.mark.parametrize("name", sorted(ENGINES))
    def test_one_is_asked_for_where_both_are_installed(self, both_installed, name):
        both_installed.setenv("MINITHEANONET_ENGINE", name)
        assert chosen_anew() == name

    def test_one_asked_for_after_another_was_imported(self, both_installed):
        both_installed.setitem(sys.modules, "pytensor", object())
        both_installed.setenv("MINITHEANONET_ENGINE", "theano")
        with pytest.raises(ImportError, match="asked for after pytensor was imported"):
            chosen_anew()


def test_no_other_room_imports_an_engine():
    files = [*ROOT.glob("minitheanonet/**/*.py"), *ROOT.glob("examples/**/*.py")]
    assert len(files) > 20
    importers = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            if ENGINES & {name.split(".")[0] for name in names}:
                importers.add(file)
    assert importers
    assert all(Path(engine.__file__).parent in file.parents for file in importers)


def test_importing_the_library_leaves_the_engine_s_configuration_alone():
    code = (
        "import {0}; before = {0}.config.floatX, {0}.config.mode; import minitheanonet; "
        "assert before == ({0}.config.floatX, {0}.config.mode); print('same')"
    )
    variables = {"THEANO_FLAGS": "blas.ldflags="} if engine.name == "theano" else {}
    assert python(code.format(engine.name), **variables).stdout.strip() == "same"


class TestFloatsAs:
    """Numbers of Python's that stand in a formula."""

    def test_within_they_take_the_dtype_beside_them(self):
        for dtype in ("float32", "float64"):
            with engine.flags(floatX="float64"), engine.floats_as(dtype):
                x = T.tensor3("x", dtype=dtype)
                assert (0.7 * x + 1.5).dtype == dtype

    def test_float64_keeps_all_digits(self):
        x = T.dscalar("x")
        with engine.floats_as("float64"):
            tenth = 0.1 * x
        assert function([x], tenth)(1.0) == 0.1

    def test_afterwards_all_is_as_before(self):
        def kind():
            return (T.fscalar() * 0.7).dtype, (T.dscalar() * 0.7).dtype

        before = kind()
        with engine.floats_as("float32"), engine.floats_as("float64"):
            pass
        assert kind() == before

    def test_after_an_error_too(self):
        before = T.as_tensor_variable(0.1).dtype
        with pytest.raises(ZeroDivisionError), engine.floats_as("float64"):
            _ = 1 / 0
        assert T.as_tensor_variable(0.1).dtype == before


class TestRectify:
    def test_gradient_keeps_the_dtype(self):
        x = T.fvector("x")
        waiting, seen = [grad(engine.rectify(x).sum(), x)], set()
        while waiting:
            variable = waiting.pop()
            seen.add(variable.dtype)
            waiting += variable.owner.inputs if variable.owner else []
        assert "float64" not in seen

    def test_below_and_at_zero_is_what_is_given(self):
        x = T.fvector("x")
        f = function([x], engine.rectify(x, -x))
        assert f(np.array([-2, 0, 3], "float32")).tolist() == [2, 0, 3]


def test_static_shapes():
    assert engine.static_shape(T.fmatrix()) == (None, None)
    assert engine.static_shape(T.frow()) == (1, None)


def test_tensors_leave_every_length_open():
    x = engine.tensor("float64", 3, "x")
    assert (x.dtype, engine.static_shape(x), x.name) == ("float64", (None, None, None), "x")


def test_shared_holds_a_copy_of_its_dtype_and_shape():
    value = np.zeros(2, "float32")
    variable = shared(value, "v")
    value[0] = 1
    assert variable.get_value().tolist() == [0, 0]
    assert variable.dtype == "float32"
    variable.set_value(np.ones(5, "float32"))  # no length is fixed


def test_clone_puts_others_in_place_and_keeps_the_rest():
    x, y, w = T.fscalar("x"), T.fscalar("y"), shared(np.float32(10), "w")
    twice = engine.clone(w * x + x, {x: 2 * y})
    assert function([y], twice)(np.float32(3)) == 66
    assert engine.leaves([twice]) == {y, w}


def test_leaves_are_no_constants():
    x, w = T.fvector("x"), shared(np.ones(2, "float32"), "w")
    assert engine.leaves([(x * w).sum() + np.float32(3), T.exp(x)]) == {x, w}


def test_updates_are_all_computed_from_the_values_before():
    a, b = shared(np.float32(1), "a"), shared(np.float32(2), "b")
    function([], [], updates={a: b + np.float32(0), b: a + np.float32(0)})()
    assert (a.get_value(), b.get_value()) == (2, 1)


def test_inputs_of_activations():
    x = T.fmatrix("x")
    assert engine.softmax_input(engine.softmax(x)) is x
    assert engine.sigmoid_input(engine.sigmoid(x)) is x
    for look in (engine.softmax_input, engine.sigmoid_input):
        assert look(x) is None
        assert look(T.tanh(x)) is None
    assert engine.softmax_input(engine.sigmoid(x)) is None
    assert engine.sigmoid_input(engine.softmax(x)) is None


def test_log_softmax_is_its_logarithm_without_overflow():
    x = T.fmatrix("x")
    f = function([x], [engine.log_softmax(x), T.log(engine.softmax(x))])
    one, other = f(np.array([[1, 2, 3], [0, 0, -4]], "float32"))
    np.testing.assert_allclose(one, other, rtol=1e-5)
    assert f(np.array([[0, 1000]], "float32"))[0].tolist() == [[-1000, 0]]

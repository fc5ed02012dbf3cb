"""Exercise 1a."""

from __future__ import annotations

import symbolic_function

from minitheanonet.engine import T


def test_prints_values_gradient_and_graph(capsys):
    symbolic_function.main()
    out = capsys.readouterr().out
    assert "f(3, 4) = 49.0" in out
    assert "shape (2, 2)" in out
    assert "f(x, y) = [[ 1.    4.  ]\n           [ 1.   12.25]]" in out
    assert "∂f/∂x   = [[2. 4.]\n           [2. 7.]]" in out
    assert "the same." in out


def test_a_wrong_gradient_is_noticed(monkeypatch, capsys):
    monkeypatch.setattr(symbolic_function, "f", lambda x, y: x**2 + x * y + y**2)
    symbolic_function.main()
    assert "NOT THE SAME" in capsys.readouterr().out


def test_the_graph_is_indented_by_depth(capsys):
    x, y = T.dscalar("x"), T.dscalar("y")
    symbolic_function.show_graph(x * y + x)
    lines = capsys.readouterr().out.splitlines()
    assert [len(line) - len(line.lstrip()) for line in lines] == [0, 4, 8, 8, 4]
    assert [line.strip() for line in lines[2:]] == ["x", "y", "x"]

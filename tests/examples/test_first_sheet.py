"""The first sheet's functions, in NumPy and with the library."""

from __future__ import annotations

import first_sheet
import numpy as np
import pytest

PAIRS = first_sheet.pairs(np.random.default_rng(1))


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_both_forms_agree(pair):
    value, gradient = first_sheet.differences(pair)
    assert value < first_sheet.TOLERANCE
    assert gradient is None or gradient < first_sheet.TOLERANCE


def test_every_function_but_accuracy_has_a_gradient():
    without = [pair.name for pair in PAIRS if pair.by_hand(*pair.arguments)[1] is None]
    assert without == ["accuracy"]


def test_the_table_has_a_line_for_each(capsys):
    first_sheet.main()
    out = capsys.readouterr().out
    assert all(pair.name in out for pair in PAIRS)
    assert "All differ by less than 1e-10." in out


@pytest.mark.parametrize("what", ["value", "gradient"])
def test_a_wrong_function_is_noticed(what, monkeypatch, capsys):
    def wrong(W):
        value, gradient = first_sheet.l2(W)
        return (value + 1e-9, gradient) if what == "value" else (value, gradient + 1e-9)

    pair = next(pair for pair in PAIRS if pair.by_hand is first_sheet.l2)._replace(by_hand=wrong)
    monkeypatch.setattr(first_sheet, "pairs", lambda rng: [pair])
    first_sheet.main()
    assert "DO NOT AGREE" in capsys.readouterr().out

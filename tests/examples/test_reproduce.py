"""The whole sheet in one command: figures, results, page."""

from __future__ import annotations

import json
import re

import first_sheet
import pytest
import reproduce
from html_page import Page
from PIL import Image
from report import figures, page, sheet
from report.results import Results

import minitheanonet as mtn

NUMBERS = {
    "vehicles": {"train_error", "test_error", "test_wrong"},
    "digits": {"test_accuracy", "train_loss", "test_loss"},
}
COMMON = {"epochs", "stopped_by", "seconds", "history", "network", "parameters", "train_examples"}
COMMON |= {"pictures"}


def run(out, *arguments):
    return reproduce.main(["--generated", "--epochs", "1", "--out", str(out), *arguments])


def read(out):
    return json.loads((out / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def two_figures(tmp_path_factory):
    """The directory of a run of figures 1 and 8, for tests that only read."""
    out = tmp_path_factory.mktemp("two_figures")
    assert run(out, "--only", "1,8") == 0
    return out


@pytest.fixture(scope="module")
def html(two_figures):
    return Page((two_figures / "report.html").read_text(encoding="utf-8"))


def test_results_have_every_number(two_figures):
    results = read(two_figures)
    assert set(results["figures"]) == {"1", "8"}
    for number, kind in (("1", "vehicles"), ("8", "digits")):
        entry = results["figures"][number]
        assert entry.keys() == NUMBERS[kind] | COMMON
        assert (entry["epochs"], entry["stopped_by"]) == (1, "epochs")
        for name, column in sheet.FIGURES[int(number)].task.numbers.items():
            assert entry["history"][column] == [entry[name]]
    assert results["data"]["digits"] == {
        "name": "generated digits (not MNIST)",
        "generated": True,
        "train_examples": 240,
        "test_examples": 60,
    }
    assert (results["seed"], results["epochs_cap"]) == (0, 1)
    assert results["engine"]["name"] == mtn.engine.name


def test_figures_are_pictures_and_nothing_else_is_left(two_figures):
    assert {path.name for path in two_figures.iterdir()} == {
        "figure_1.png", "figure_8.png", "results.json", "report.html",
    }  # fmt: skip
    for number in (1, 8):
        with Image.open(two_figures / f"figure_{number}.png") as picture:
            assert (picture.format, picture.size) == ("PNG", (1800, 780))


def test_beyond_the_sheet_there_are_pictures_of_what_was_learned(tmp_path):
    run(tmp_path, "--only", "9")
    assert read(tmp_path)["figures"]["9"]["pictures"] == ["filters", "misread"]
    html = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert [text[:22] for tag, text in html.texts if tag == "figcaption"] == [
        "The first layer’s filt", "Test digits that are r",
    ]  # fmt: skip
    assert [image["alt"][:22] for image in html.all("img")][1:] == [
        "Figure 9: The first la", "Figure 9: Test digits ",
    ]  # fmt: skip
    for name in ("filters", "misread"):
        with Image.open(tmp_path / f"figure_9_{name}.png") as picture:
            assert picture.width == 1800

    run(tmp_path, "--only", "8")  # keeps what is there
    assert list(read(tmp_path)["figures"]) == ["8", "9"]
    (tmp_path / "figure_9_misread.png").unlink()
    run(tmp_path, "--only", "8")
    assert list(read(tmp_path)["figures"]) == ["8"]


def test_the_page_loads_nothing(html, two_figures):
    for tag, attributes in html.tags:
        assert tag not in ("script", "link", "iframe", "object", "embed")
        for name in ("src", "srcset", "href"):
            if name in attributes:
                assert attributes[name].startswith(("data:image/png;base64,", "#figure-"))
    text = (two_figures / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|@import|url\(", text)


def test_the_page_can_be_read_by_everyone(html):
    assert html.all("html") == [{"lang": "en"}]
    assert html.all("meta")[1]["content"] == "width=device-width, initial-scale=1"
    alts = [image["alt"] for image in html.all("img")]
    assert [alt.split(",")[0] for alt in alts] == ["Figure 1", "Figure 8"]
    assert "test accuracy 0." in alts[1]
    assert all(header["scope"] in ("col", "row") for header in html.all("th"))
    assert len(html.all("caption")) == len(html.all("table")) == 3


def test_generated_data_are_called_so_wherever_a_title_is(html):
    titles = [text for tag, text in html.texts if tag in ("title", "h1", "h2", "span", "li")]
    titles += [image["alt"] for image in html.all("img")]
    named = [text for text in titles if re.search("MNIST|Caltech", text)]
    assert len(named) >= 6
    for text in named:
        assert not re.search(r"MNIST|Caltech 101", re.sub(r"\(not (MNIST|Caltech 101)\)", "", text))
    assert any(tag == "strong" and "Generated data" in text for tag, text in html.texts)


def test_only_adds_to_the_same_run_and_starts_anew_for_another(tmp_path):
    run(tmp_path, "--only", "1")
    first = read(tmp_path)
    run(tmp_path, "--only", "6")
    both = read(tmp_path)
    assert list(both["figures"]) == ["1", "6"]
    assert both["figures"]["1"] == first["figures"]["1"]
    assert both["data"].keys() == {"vehicles", "digits"}
    assert 'id="figure-1"' in (tmp_path / "report.html").read_text(encoding="utf-8")

    run(tmp_path, "--only", "6", "--seed", "1")
    assert list(read(tmp_path)["figures"]) == ["6"]


SETTINGS = {"seed": 0, "epochs_cap": None}
DATA = {"digits": {"name": "d", "generated": True}}


@pytest.mark.parametrize(
    ("settings", "data", "kept"),
    [
        ({}, {}, ["3", "4"]),
        ({}, {"vehicles": {"name": "v"}}, ["3", "4"]),
        ({"seed": 1}, {}, []),
        ({"epochs_cap": 1}, {}, []),
        ({}, {"digits": {"name": "other"}}, []),
    ],
)
def test_what_is_kept_of_an_earlier_run(settings, data, kept, tmp_path):
    earlier = {**SETTINGS, "data": DATA, "printed": {}, "figures": {}}
    earlier["figures"] = {n: {"pictures": []} for n in "345"}
    (tmp_path / "results.json").write_text(json.dumps(earlier))
    for number in (3, 4):  # figure 5's picture was deleted
        (tmp_path / f"figure_{number}.png").touch()
    results = Results(tmp_path, {**SETTINGS, **settings}, {**DATA, **data})
    assert list(results.content["figures"]) == kept


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"data": {}}'])
def test_a_results_file_that_is_none_is_started_anew(text, tmp_path):
    (tmp_path / "results.json").write_text(text)
    assert Results(tmp_path, SETTINGS, DATA).content["figures"] == {}


def test_ctrl_c_keeps_what_is_finished(tmp_path, monkeypatch, capsys):
    run(tmp_path, "--only", "8")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(
        mtn.Trainer, "fit", lambda self, *_, **__: mtn.History(stopped_by="interrupted")
    )
    assert run(tmp_path, "--only", "8") == 130
    assert "Interrupted" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_write_that_fails_leaves_the_former_file(tmp_path, monkeypatch):
    path = tmp_path / "figure_1.png"
    figures.write(path, b"before")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(figures.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        figures.write(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_missing_data_are_a_message(tmp_path, capsys):
    arguments = ["--data", str(tmp_path), "--out", str(tmp_path / "figures"), "--only", "3"]
    assert reproduce.main(arguments) == 2
    assert "train-images-idx3-ubyte" in capsys.readouterr().err
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize("text", ["0", "11", "1,x", ""])
def test_figures_that_are_none_are_refused(text, capsys):
    with pytest.raises(SystemExit) as caught:
        reproduce.main(["--only", text])
    assert caught.value.code == 2
    assert "--only" in capsys.readouterr().err


@pytest.fixture(scope="module")
def whole_sheet(tmp_path_factory):
    """The page of a run without --only, of figure 8 alone for the time it takes."""
    out = tmp_path_factory.mktemp("whole_sheet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reproduce, "FIGURES", {8: sheet.FIGURES[8]})
        assert run(out) == 0
    return (out / "report.html").read_text(encoding="utf-8"), read(out)


def test_without_only_the_exercises_that_print_are_on_the_page_with_their_code(whole_sheet):
    text, results = whole_sheet
    shown = "".join(text for _, text in Page(text).texts)
    assert "f(3, 4) = 49.0" in results["printed"]["symbolic_function"]
    for printed in results["printed"].values():
        assert printed.strip() in shown
    for code in ("return x**2 + 2 * x * y + y**2", "def hinge(", "mtn.save_model(trainer.network"):
        assert code in shown
    assert f"All differ by less than {first_sheet.TOLERANCE:g}" in shown
    assert "resumed and unbroken training: the same to the last bit" in shown


def test_the_page_says_how_each_figure_was_trained(two_figures):
    text = (two_figures / "report.html").read_text(encoding="utf-8")
    regression, digits = text.split('id="figure-8"')
    for words in (
        "SGD",
        "learning rate 0.001",
        ">32<",
        "“plateau”",
        "0.001 (largest less",
        "last 50",
    ):
        assert words in regression
    for words in (
        "RMSprop",
        "learning rate 0.001",
        ">128<",
        "after 20 epochs",
        "capped at 1 epoch<",
    ):
        assert words in digits
    assert "“Reference” is what another library reached" in text


def test_figure_2_shows_what_its_initial_weights_do(two_figures):
    results = read(two_figures)
    results["figures"]["2"] = results["figures"].pop("1")
    text = page.page(results, dict.fromkeys(("2", "8"), page.Picture(b"", b"", {})))
    assert "Why these initial weights" in text
    assert "not drawn yet" in text  # its answer needs figure 1


def test_the_other_figures_are_redrawn_when_the_axes_change(two_figures, tmp_path):
    earlier = read(two_figures)
    results = Results(tmp_path, SETTINGS, earlier["data"])

    def add(number, accuracy):
        entry = dict(earlier["figures"]["8"])
        columns = {"train_accuracy": [accuracy], "test_accuracy": [accuracy]}
        results.content.update({"engine": earlier["engine"], "minitheanonet": "0"})
        results.add_figure(number, {**entry, "history": {**entry["history"], **columns}}, {})

    add(7, 0.91)
    before = results.picture(7).read_bytes()
    add(8, 0.92)
    assert results.picture(7).read_bytes() == before
    add(8, 0.3)
    assert results.picture(7).read_bytes() != before

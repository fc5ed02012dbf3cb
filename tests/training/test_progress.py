import io
import sys

import minitheanonet as mtn
from minitheanonet.training.progress import Progress


class Trainer:
    """What a progress looks at."""

    is_compiled = False

    def __init__(self):
        self.history = mtn.History()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run(progress):
    trainer = Trainer()
    progress.before_fit(trainer)
    for epoch in (1, 2):
        trainer.history.append({"epoch": epoch, "seconds": 0.5, "train_loss": 0.123456})
        progress(trainer)
    progress.after_fit(trainer)


def test_a_plain_line_per_epoch_in_a_log(capsys):
    run(Progress(2))
    assert capsys.readouterr().err.splitlines() == [
        "compiling, once",
        "epoch 1/2  0.50 s  train_loss 0.1235",
        "epoch 2/2  0.50 s  train_loss 0.1235",
    ]


def logged(capsys, epochs, seconds=0.1, ended_at=None):
    """Return the numbers of the epochs that a log tells of."""
    trainer, progress = Trainer(), Progress(epochs)
    for epoch in range(1, (ended_at or epochs) + 1):
        trainer.history.append({"epoch": epoch, "seconds": seconds, "train_loss": 1 / epoch})
        progress(trainer)
    progress.after_fit(trainer)
    lines = capsys.readouterr().err.splitlines()
    return [int(line.removeprefix("epoch ").partition("/")[0]) for line in lines]


def test_a_log_of_many_epochs_has_some_twenty_lines(capsys):
    assert logged(capsys, 400) == [1, *range(20, 401, 20)]
    assert logged(capsys, 20) == list(range(1, 21))
    assert logged(capsys, 45) == [1, *range(3, 46, 3)]


def test_a_log_ends_with_the_last_epoch_whatever_ended_it(capsys):
    assert logged(capsys, 400, ended_at=33) == [1, 20, 33]
    assert logged(capsys, 41) == [1, *range(3, 40, 3), 41]


def test_a_log_of_slow_epochs_is_silent_for_no_more_than_a_minute(capsys):
    assert logged(capsys, 400, seconds=25, ended_at=8) == [1, 4, 7, 8]
    assert logged(capsys, 400, seconds=90, ended_at=5) == [1, 2, 3, 4, 5]


def test_one_live_line_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run(Progress(2))
    text = terminal.getvalue()
    assert text.count("\n") == 1  # only at the end; in between the line is written over
    assert "compiling, once" in text
    last = text.rstrip().split("\r")[-1]
    assert "2/2" in last
    assert "train_loss 0.1235" in last
    assert "compiling" not in last


def test_silence(capsys):
    run(Progress(2, shown=False))
    assert capsys.readouterr().err == ""


def test_without_a_standard_error(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    run(Progress(2))


def test_a_column_that_an_epoch_has_no_value_for_is_left_out(capsys):
    """As of validation data, in a call of `fit` without them after one with them."""
    trainer, progress = Trainer(), Progress(1)
    trainer.history.append({"epoch": 1, "seconds": 0.5, "train_loss": 1.0, "test_loss": 2.0})
    trainer.history.append({"epoch": 2, "seconds": 0.5, "train_loss": 1.0})
    progress(trainer)
    progress.after_fit(trainer)
    assert capsys.readouterr().err == "epoch 1/1  0.50 s  train_loss 1\n"

"""The answers to the sheet's questions, from the numbers of a run and nothing else.

Each function takes the figures' histories by number, and the number of test examples; it returns
a paragraph. Differences that chance alone could make are called so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

Histories = Mapping[int, Mapping[str, Sequence[float]]]


def answer(number: int, histories: Histories, tests: int) -> str:
    """Return the answer to a figure's question; it may need figures that were not drawn."""
    needed, text = _ANSWERS[number]
    missing = [other for other in needed if other not in histories]
    if missing:
        names = " and ".join(f"figure {other}" for other in missing)
        return f"The answer is in the comparison with {names}, not drawn yet."
    return text(histories, tests)


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _points(difference: float) -> str:
    return f"{abs(100 * difference):.1f} points"


def _lowest(values: Sequence[float]) -> tuple[int, float]:
    """Return the epoch of the lowest value, and that value."""
    best = min(values)
    return values.index(best) + 1, best


def _is_chance(one: float, other: float, tests: int) -> bool:
    """Return whether two shares of wrong answers differ by less than two standard deviations."""
    deviation = math.sqrt((one * (1 - one) + other * (1 - other)) / tests)
    return abs(one - other) <= 2 * deviation


def _verdict(mine: Sequence[float], others: Sequence[float], tests: int, other: int) -> str:
    """Compare the last test accuracies in words."""
    here, there = mine[-1], others[-1]
    words = f"{_percent(here)} of the test digits are read rightly, beside {_percent(there)} "
    words += f"in figure {other}: "
    if _is_chance(1 - here, 1 - there, tests):
        return words + f"{_points(here - there)} apart, which is within chance for {tests:,} digits"
    return words + f"{_points(here - there)} {'more' if here > there else 'less'}"


def _gap(history: Mapping[str, Sequence[float]]) -> float:
    return history["train_accuracy"][-1] - history["test_accuracy"][-1]


def _linear(histories: Histories, tests: int) -> str:
    train, test = histories[1]["train_loss"], histories[1]["test_loss"]
    epoch, best = _lowest(test)
    text = (
        f"The training error falls from {train[0]:.3f} in the first epoch to {train[-1]:.3f} in "
        f"epoch {len(train)}. The test error is lowest in epoch {epoch}, {best:.3f}"
    )
    if test[-1] > 1.02 * best:
        text += (
            f", and rises to {test[-1]:.3f}: what is learned after that epoch is true of the "
            "training images alone. "
        )
    else:
        text += ", and does not rise after that. "
    wrong = round(histories[1]["test_wrong"][-1] * tests)
    ratio = test[-1] / train[-1]
    return text + (
        f"At the end it is {ratio:.1f} times the training error, and {wrong} of {tests} test "
        "images are on the wrong side of 0.5."
    )


def _hidden(histories: Histories, tests: int) -> str:
    linear, hidden = histories[1], histories[2]
    train, test = hidden["train_loss"][-1], hidden["test_loss"][-1]
    ratio = test / linear["test_loss"][-1]
    general = "better" if ratio < 0.9 else "worse" if ratio > 1.1 else "neither better nor worse"
    fits = "more" if train < linear["train_loss"][-1] else "less"
    wrong, linear_wrong = hidden["test_wrong"][-1], linear["test_wrong"][-1]
    chance = _is_chance(wrong, linear_wrong, tests)
    return (
        f"It fits {fits} closely and generalises {general}. The training error ends at "
        f"{train:.4f}, beside {linear['train_loss'][-1]:.4f} without it; the test error at "
        f"{test:.3f}, beside {linear['test_loss'][-1]:.3f}. {round(wrong * tests)} test images of "
        f"{tests} are wrong, beside {round(linear_wrong * tests)}: a difference that chance "
        f"{'alone could make' if chance else 'alone would hardly make'}."
    )


def _full(histories: Histories, tests: int) -> str:
    accuracy, loss = histories[3]["test_accuracy"], histories[3]["test_loss"]
    wrong = round((1 - accuracy[-1]) * tests)
    epoch, best = _lowest(loss)
    text = (
        f"After {len(accuracy)} epochs it reads {_percent(accuracy[-1])} of the test digits "
        f"rightly, all but {wrong:,} of {tests:,}. "
    )
    if loss[-1] > 1.05 * best and accuracy[-1] >= accuracy[epoch - 1]:
        return text + (
            f"Accuracy and loss part ways: the test loss is lowest in epoch {epoch}, {best:.3f}, "
            f"and rises to {loss[-1]:.3f}, while the accuracy goes from "
            f"{_percent(accuracy[epoch - 1])} to {_percent(accuracy[-1])}. What is read wrongly "
            "is read so with more and more confidence."
        )
    return (
        text + f"The test loss is lowest in epoch {epoch}, {best:.3f}; it ends at {loss[-1]:.3f}."
    )


def _quarter(histories: Histories, tests: int) -> str:
    full, quarter = histories[3], histories[4]
    before, after = (1 - h["test_accuracy"][-1] for h in (full, quarter))
    words = _verdict(quarter["test_accuracy"], full["test_accuracy"], tests, 3)
    times = f", {after / before:.1f} times as many" if before else ""
    return (
        f"{words}. Wrong answers go from {100 * before:.1f} to {100 * after:.1f} in a "
        f"hundred{times}. Training accuracy is {_points(_gap(full))} from the test’s with all the "
        f"examples, and {_points(_gap(quarter))} with a quarter."
    )


def _one_layer(histories: Histories, tests: int) -> str:
    two, one = histories[4], histories[5]
    words = _verdict(one["test_accuracy"], two["test_accuracy"], tests, 4)
    loss, other = one["test_loss"][-1], two["test_loss"][-1]
    return f"{words}. The test loss is {loss:.3f}, beside {other:.3f} with two layers."


def _sigmoid(histories: Histories, tests: int) -> str:
    relu, sigmoid = histories[5], histories[6]
    epochs = len(sigmoid["test_accuracy"])
    by_epoch = "; ".join(
        f"after epoch {e}, {_percent(sigmoid['test_accuracy'][e - 1])} beside "
        f"{_percent(relu['test_accuracy'][e - 1])}"
        for e in sorted({1, (epochs + 1) // 2, epochs})
    )
    words = _verdict(sigmoid["test_accuracy"], relu["test_accuracy"], tests, 5)
    text = f"{words}. Test accuracy with sigmoid beside ReLU: {by_epoch}. "
    epoch, _ = _lowest(sigmoid["test_loss"])
    relu_epoch, _ = _lowest(relu["test_loss"])
    ended = "still falling at the end" if epoch == epochs else f"lowest in epoch {epoch}"
    return text + (
        f"Its training loss is {sigmoid['train_loss'][-1]:.3f}, beside "
        f"{relu['train_loss'][-1]:.3f}; its test loss is {ended}, that of ReLU lowest in epoch "
        f"{relu_epoch}."
    )


def _half_dropped(histories: Histories, tests: int) -> str:
    fifth, half = histories[6], histories[7]
    words = _verdict(half["test_accuracy"], fifth["test_accuracy"], tests, 6)
    return (
        f"{words}. The training accuracy, taken while neurons are missing, is "
        f"{_signed(_gap(half))} the test’s, beside {_signed(_gap(fifth))} in figure 6."
    )


def _none_dropped(histories: Histories, tests: int) -> str:
    fifth, none = histories[6], histories[8]
    words = _verdict(none["test_accuracy"], fifth["test_accuracy"], tests, 6)
    return (
        f"{words}. Without dropout the training accuracy is {_signed(_gap(none))} the test’s, "
        f"beside {_signed(_gap(fifth))} with a rate of 0.2."
    )


def _beyond(number: int, histories: Histories, tests: int) -> str:
    history = histories[number]
    words = _verdict(history["test_accuracy"], histories[3]["test_accuracy"], tests, 3)
    epoch, best = _lowest(history["test_loss"])
    return f"{words}. The test loss is lowest in epoch {epoch}, {best:.3f}."


def _signed(gap: float) -> str:
    return f"{_points(gap)} {'above' if gap >= 0 else 'below'}"


_ANSWERS: dict[int, tuple[tuple[int, ...], Callable[[Histories, int], str]]] = {
    1: ((), _linear),
    2: ((1,), _hidden),
    3: ((), _full),
    4: ((3,), _quarter),
    5: ((4,), _one_layer),
    6: ((5,), _sigmoid),
    7: ((6,), _half_dropped),
    8: ((6,), _none_dropped),
    9: ((3,), partial(_beyond, 9)),
    10: ((3,), partial(_beyond, 10)),
}

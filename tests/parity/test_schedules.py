"""Schedules beside PyTorch's: the rate of each step, and where a training goes with it."""

from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn
from parity.same_network import START, STEPS, distance, train_ours, train_torch

# Ours, and PyTorch's of an optimizer whose own rate is 0.1.
CASES = {
    "Piecewise": (
        mtn.Piecewise([30, 60], [0.1, 0.02, 0.004]),
        lambda s, o: s.MultiStepLR(o, [30, 60], gamma=0.2),
    ),
    "Exponential": (
        mtn.Exponential(0.1, decay=0.9, steps=1),
        lambda s, o: s.ExponentialLR(o, gamma=0.9),
    ),
    "Cosine": (
        mtn.Cosine(0.1, steps=STEPS, final=0.01),
        lambda s, o: s.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.01),
    ),
    "Cosine, warmed up": (
        mtn.Cosine(0.1, steps=STEPS, warm_up=10),
        lambda s, o: s.SequentialLR(
            o,
            [
                s.LinearLR(o, start_factor=0.1, total_iters=9),
                s.CosineAnnealingLR(o, T_max=STEPS - 10),
            ],
            milestones=[10],
        ),
    ),
    # PyTorch reaches the last rate with the last step, and begins to fall a step earlier: its
    # share of the rise is of total_steps, less one step.
    "OneCycle": (
        mtn.OneCycle(0.1, steps=STEPS - 1, rise=0.3),
        lambda s, o: s.OneCycleLR(
            o, 0.1, total_steps=STEPS, pct_start=(0.3 * (STEPS - 1) + 1) / STEPS,
            cycle_momentum=False,
        ),
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*scheduler.step.*:UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_the_rate_of_each_step(torch, name):
    schedule, make = CASES[name]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    theirs = []
    for _ in range(STEPS):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    mine = [schedule.at(t) for t in range(STEPS)]
    np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=2e-12)


@pytest.mark.filterwarnings("ignore:.*scheduler.step.*:UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_a_hundred_steps(torch, name):
    schedule, make = CASES[name]
    mine = train_ours(mtn.SGD(schedule))
    theirs = train_torch(
        torch,
        lambda params: torch.optim.SGD(params, lr=0.1),
        rate=lambda optimizer: make(torch.optim.lr_scheduler, optimizer),
    )
    assert distance(mine, START) > 0.01
    assert distance(mine, theirs) < 1e-12

"""BLAS threads follow what steps take, and change no bit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

import minitheanonet as mtn
from minitheanonet.engine import T, function, shared
from minitheanonet.training.threads import Following, choice


def run(policy, alone, seconds, steps):
    """Return what a policy chooses over so many steps that take `seconds`, by what it chose."""
    chosen = []
    for _ in range(steps):
        chosen.append(alone)
        alone = policy.send(seconds[alone])
    return chosen, alone


def test_on_a_quiet_machine_one_thread_is_tried_ever_more_rarely():
    policy = choice()
    chosen, _ = run(policy, next(policy), {False: 1.0, True: 1.7}, 5000)
    trials = [i for i in range(1, 5000) if chosen[i] and not chosen[i - 1]]
    assert trials[0] == 20
    gaps = [after - before for before, after in itertools.pairwise(trials)]
    assert gaps == sorted(gaps)
    assert len(trials) < 10
    assert sum(chosen) == 5 * len(trials)


def test_beside_another_process_one_thread_is_found_at_once_and_given_up_when_that_ends():
    policy = choice()
    quiet, busy = {False: 1.0, True: 1.7}, {False: 10.0, True: 2.0}
    _, alone = run(policy, next(policy), quiet, 1000)
    chosen, alone = run(policy, alone, busy, 200)
    assert sum(chosen) > 0.85 * 200
    chosen, _ = run(policy, alone, quiet, 500)
    assert sum(chosen) < 0.3 * 500


@pytest.fixture
def two_threads():
    """Let the BLAS have two threads, and ask how many it has now."""
    controller = ThreadpoolController().select(user_api="blas")
    if not controller.lib_controllers:
        pytest.skip("no BLAS here that threadpoolctl knows")
    with threadpool_limits(2, user_api="blas"):
        yield lambda: max(pool.num_threads for pool in controller.lib_controllers)


def test_the_state_changes_once_a_call_and_the_threads_come_back(two_threads):
    count, x = shared(np.float32(0), "count"), T.fvector("x")
    step = Following(function([x], [x.sum() + count], {count: count + 1}), [count])
    for n in range(60):
        assert step(np.ones(3 if n % 7 else 2, "float32"))[0] == n + (3 if n % 7 else 2)
    assert count.get_value() == 60
    assert two_threads() == 2


def test_batches_whose_bits_depend_on_the_threads_keep_them_all(two_threads):
    seen = []

    def step(x):
        seen.append(two_threads())
        return [np.float32(seen[-1])]

    following = Following(step)
    for _ in range(100):
        following(np.ones(3))
    assert seen[:2] == [1, 2]  # the comparison
    assert seen[2:] == [2] * 100


def test_one_thread_is_used_where_the_bits_are_the_same(two_threads):
    seen = []
    following = Following(lambda x: [seen.append(two_threads()) or np.float32(0)])
    for _ in range(40):
        following(np.ones(3))
    assert 1 in seen[2:]


def test_where_a_user_allows_one_thread_nothing_is_tried():
    calls = []
    with threadpool_limits(1, user_api="blas"):
        Following(lambda x: calls.append(x))(np.ones(2))
    assert len(calls) == 1


def test_a_training_has_the_same_bits_with_two_threads(blobs, make_net, two_threads):
    digests = []
    for limit in (1, 2):
        with threadpool_limits(limit, user_api="blas"):
            net = make_net(dropout=0.5)
            trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(0.01))
            trainer.fit(blobs, epochs=2, batch_size=8, progress=False)
        digests.append({name: variable.get_value() for name, variable in trainer.state.items()})
    for name, value in digests[0].items():
        np.testing.assert_array_equal(value, digests[1][name])

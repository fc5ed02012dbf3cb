"""The random numbers of a training step: right rates, no correlations, the same on every engine."""

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function


def masks(seed=0, streams=2, steps=3, p=0.5, shape=(64, 512)):
    """Return booleans of shape (steps, streams, *shape)."""
    training = mtn.Training(seed)
    draws = [training.stream().bernoulli(p, shape, len(shape)) for _ in range(streams)]
    step = function([], draws, updates=training.updates)
    return np.array([step() for _ in range(steps)])


def correlation(a, b):
    """Return the correlation of two boolean arrays."""
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.8, 1.0])
def test_rate(p):
    drawn = masks(p=p, steps=4)
    # 262,144 draws: four standard errors of the share.
    assert drawn.mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / drawn.size))


def test_rates_of_rows_and_columns():
    drawn = masks(p=0.5, streams=1, steps=8, shape=(256, 256))[:, 0]
    for axis in (1, 2):
        means = drawn.mean(axis=axis)
        # 2,048 means of 256 draws each: beyond 5.5 standard errors once in 10,000 runs.
        assert np.abs(means - 0.5).max() < 5.5 * 0.5 / np.sqrt(256)
        # Each mean's variance is 1/1024; that of 2,048 of them is known to 3 %.
        assert means.var() * 1024 == pytest.approx(1, abs=0.16)


def test_no_correlation_between_steps_streams_and_neighbours():
    drawn = masks(streams=3, steps=6)
    limit = 5 / np.sqrt(drawn[0, 0].size)
    flat = drawn.reshape(18, 64, 512)
    pairs = [(i, j) for i in range(18) for j in range(i)]
    assert max(abs(correlation(flat[i], flat[j])) for i, j in pairs) < limit
    assert max(abs(correlation(m[:, 1:], m[:, :-1])) for m in flat) < limit
    assert max(abs(correlation(m[1:], m[:-1])) for m in flat) < limit


def test_no_step_is_a_shifted_copy_of_another():
    # Keys that were merely added to positions would make it so.
    drawn = masks(streams=1, steps=40, shape=(4096,))[:, 0]
    spectra = np.fft.rfft(drawn - drawn.mean(axis=1, keepdims=True))
    for i in range(40):
        across = np.fft.irfft(spectra[i] * spectra[:i].conj()) / (4096 * 0.25)
        assert np.abs(across).max(initial=0) < 6.5 / np.sqrt(4096)


def test_every_bit_of_the_words_is_fair():
    training = mtn.Training(5)
    words = function([], training.stream()._bits((1 << 16,), 1))()
    assert words.dtype == np.uint64
    assert words.max() < 2**32
    bits = (words[:, None] >> np.arange(32, dtype="uint64")) & np.uint64(1)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / 256
    between = np.corrcoef(bits.T) - np.eye(32)
    assert np.abs(between).max() < 5.5 / 256


def test_uniform_is_uniform():
    training = mtn.Training(0)
    u = function([], training.stream().uniform((100_000,), 1))()
    assert u.dtype == np.float32
    assert u.min() >= 0
    assert u.max() < 1
    counts, _ = np.histogram(u, bins=100, range=(0, 1))
    chi_squared = ((counts - 1000) ** 2 / 1000).sum()
    assert 50 < chi_squared < 160  # 99 degrees of freedom: 5 in 100,000 lie outside


def test_a_seed_gives_the_same_numbers_another_gives_others():
    assert (masks(seed=7) == masks(seed=7)).all()
    assert abs(correlation(masks(seed=7), masks(seed=8))) < 0.02


def test_consecutive_seeds_are_not_one_another_s_streams_or_steps():
    a, b = masks(seed=0, streams=4, steps=4), masks(seed=1, streams=4, steps=4)
    limit = 5 / np.sqrt(a[0, 0].size)
    for x in a.reshape(16, -1):
        assert max(abs(correlation(x, y)) for y in b.reshape(16, -1)) < limit


@pytest.mark.parametrize("mode", [pytest.param("default", marks=pytest.mark.engine_mode), "fast"])
def test_the_bits_are_these_on_every_engine_and_in_every_mode(mode):
    drawn = masks(seed=123, streams=2, steps=2, p=0.5, shape=(33, 65))
    for step, of_step in enumerate(drawn):
        for stream, mask in enumerate(of_step):
            np.testing.assert_array_equal(mask, reference_bits(123, stream, step, (33, 65)) < 2**31)


def reference_bits(seed, stream, step, shape):
    """Return the words of a stream by the published finaliser, in Python's own integers."""

    def mix(word, key):
        word ^= key[0]
        word = (word ^ word >> 16) * 0x7FEB352D % 2**32 ^ key[1]
        word = (word ^ word >> 15) * 0x846CA68B % 2**32
        return word ^ word >> 16

    def child(key, number):
        return mix(2 * number, key), mix(2 * number + 1, key)

    words = np.random.SeedSequence(seed, spawn_key=(1,)).generate_state(2, np.uint32)
    key = child(child([int(word) for word in words], stream), step)
    return np.array([mix(i, key) for i in range(np.prod(shape))]).reshape(shape)


def test_a_larger_batch_begins_like_a_smaller_one():
    # Positions count along the batch: the rows that are there don't depend on how many follow.
    small, large = masks(shape=(10, 32)), masks(shape=(20, 32))
    assert (large[:, :, :10] == small).all()


def test_without_streams_there_is_nothing_to_update():
    assert mtn.Training(0).updates == {}


def test_the_step_is_the_whole_state():
    training = mtn.Training(0)
    draw = function([], training.stream().uniform((5,), 1), updates=training.updates)
    first = [draw() for _ in range(4)]
    training.step.set_value(np.asarray(2, dtype="uint64"))
    assert (draw() == first[2]).all()
    assert (first[0] != first[1]).all()


def test_a_layer_of_ones_own_can_ask_for_a_stream():
    class Noise(mtn.Layer):
        def __call__(self, x, training=None):
            if training is None:
                return x
            return x + training.stream().uniform(x.shape, x.ndim, x.dtype)

    net, x, training = (
        mtn.Sequential(Noise(), mtn.Dense(2, 1), seed=0),
        T.fmatrix("x"),
        mtn.Training(),
    )
    f = function([x], net(x, training), updates=training.updates)
    ones = np.ones((3, 2), "float32")
    assert (f(ones) != f(ones)).all()

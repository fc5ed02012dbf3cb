"""The random numbers of a training step: right rates, no correlations, the same on every engine."""

import hashlib

import numpy as np
import pytest
from masks import ENTERED, Dropout, Layer, correlation, draw, masks

from minitheanonet import engine
from minitheanonet.engine import T, function
from minitheanonet.training.randomness import Training

# The same in Python's own integers, from the two publications.


def philox(counter, key):
    """Return the four words of Philox 4x32-10."""
    for _ in range(10):
        first, second = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = (
            second >> 32 ^ counter[1] ^ key[0], second % 2**32,
            first >> 32 ^ counter[3] ^ key[1], first % 2**32,
        )  # fmt: skip
        key = (key[0] + 0x9E3779B9) % 2**32, (key[1] + 0xBB67AE85) % 2**32
    return counter


def triple32(word, key):
    """Return the word scrambled with three words of a key."""
    for part, bits, factor in zip(
        key, (17, 11, 15), (0xED5AD4BB, 0xAC4C1B51, 0x31848BAB), strict=True
    ):
        word ^= part
        word = (word ^ word >> bits) * factor % 2**32
    return word ^ word >> 14


def words(seed, place, clock, n):
    """Return the words of a place's first stream and draw."""
    text = f"1:1:{place}".encode()
    number = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
    seeds = np.random.SeedSequence(seed, spawn_key=(1,)).generate_state(2, np.uint32)
    counter = clock % 2**32, number % 2**32, clock >> 32, number >> 32
    key = philox(counter, [int(word) for word in seeds])[:3]
    return np.array([triple32(i, key) for i in range(n)])


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000",
         "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
         "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
         "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)  # fmt: skip
def test_the_reference_is_the_published_philox(counter, key, expected):
    numbers = [tuple(int(word, 16) for word in text.split()) for text in (counter, key, expected)]
    assert philox(*numbers[:2]) == numbers[2]


def test_the_reference_is_the_published_finaliser():
    # Its published inverse takes it back.
    for word in [0, 1, 2, 65535, 2**31, 2**32 - 1]:
        x = triple32(word, (0, 0, 0))
        x = (x ^ x >> 14 ^ x >> 28) * 0x32B21703 % 2**32
        x = (x ^ x >> 15 ^ x >> 30) * 0x469E0DB1 % 2**32
        x = (x ^ x >> 11 ^ x >> 22) * 0x79A85073 % 2**32
        assert x ^ x >> 17 == word


@pytest.mark.parametrize("mode", [pytest.param("default", marks=pytest.mark.engine_mode), "fast"])
def test_the_bits_are_these_on_every_engine_and_in_every_mode(mode):
    drawn = masks(seed=123, streams=2, steps=2, p=0.5, shape=(33, 65))
    for clock, of_step in enumerate(drawn):
        for i, mask in enumerate(of_step):
            expected = words(123, f"0:dropout_{i + 1}", clock, 33 * 65) < 2**31
            np.testing.assert_array_equal(mask, expected.reshape(33, 65))


def test_the_upper_half_of_the_clock_counts():
    layer, training = Dropout(), Training(5)
    training.enter(Layer(**{"dropout_1": layer}))
    training.restart(2**127, 3 * 2**32 + 7)
    expected = words(2**127, ENTERED.format("dropout_1"), 3 * 2**32 + 7, 4096) < 2**31
    np.testing.assert_array_equal(draw(training, layer)[0], expected)


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.8, 1.0])
def test_rate(p):
    drawn = masks(p=p, steps=4)
    # 262,144 draws: four standard errors of the share.
    assert drawn.mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / drawn.size))


def test_a_rate_is_a_probability():
    with pytest.raises(ValueError, match="bernoulli: p must be a probability"):
        Training().stream(Dropout()).bernoulli(1.2, (3,), 1)


def test_rates_of_rows_and_columns():
    drawn = masks(p=0.5, streams=1, steps=8, shape=(256, 256))[:, 0]
    for axis in (1, 2):
        means = drawn.mean(axis=axis)
        # 2,048 means of 256 draws each: beyond 5.5 standard errors once in 10,000 runs.
        assert np.abs(means - 0.5).max() < 5.5 * 0.5 / np.sqrt(256)
        # Each mean's variance is 1/1024; that of 2,048 of them is known to 3 %.
        assert means.var() * 1024 == pytest.approx(1, abs=0.16)


@pytest.mark.engine_mode
def test_neighbours_are_independent():
    # 2.7·10⁸ draws: so many show a finaliser of two rounds up, with z = 6 to 9 at lags 1, 3 and 12.
    training, length, n = Training(0), T.lscalar("length"), 1 << 20
    steps = 256 if engine.name == "pytensor" else 16  # the bits are the same, and Theano slow
    draws = training.stream(Dropout()).bernoulli(0.5, (length,), 1)
    step = function([length], draws, updates=training.updates)
    alike = dict.fromkeys([1, 3, 4, 8, 12], 0)
    for _ in range(steps):
        mask = step(n)
        for lag in alike:
            alike[lag] += n - lag - np.count_nonzero(mask[lag:] ^ mask[:-lag])
    for lag, count in alike.items():
        pairs = steps * (n - lag)
        assert abs(2 * count - pairs) / np.sqrt(pairs) < 5, f"lag {lag}"


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


def test_consecutive_seeds_are_not_one_another_s_streams_or_steps():
    a, b = masks(seed=0, streams=4, steps=4), masks(seed=1, streams=4, steps=4)
    limit = 5 / np.sqrt(a[0, 0].size)
    for x in a.reshape(16, -1):
        assert max(abs(correlation(x, y)) for y in b.reshape(16, -1)) < limit


def test_every_bit_of_a_uniform_number_is_fair():
    u = function([], Training(5).stream(Dropout()).uniform((1 << 16,), 1))()
    numbers = (u * 2**24).astype("uint32")
    assert (numbers == u * 2**24).all()
    bits = (numbers[:, None] >> np.arange(24, dtype="uint32")) & np.uint32(1)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / 256
    between = np.corrcoef(bits.T) - np.eye(24)
    assert np.abs(between).max() < 5.5 / 256


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform_is_uniform(dtype):
    u = function([], Training(0).stream(Dropout()).uniform((1000, 100), 2, dtype))()
    assert u.dtype == dtype
    assert u.shape == (1000, 100)
    assert u.min() >= 0
    assert u.max() < 1
    counts, _ = np.histogram(u, bins=100, range=(0, 1))
    chi_squared = ((counts - 1000) ** 2 / 1000).sum()
    assert 50 < chi_squared < 160  # 99 degrees of freedom: 5 in 100,000 lie outside


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal_is_normal(dtype):
    z = function([], Training(0).stream(Dropout()).normal((1000, 200), 2, dtype))()
    assert z.dtype == dtype
    assert z.shape == (1000, 200)
    n = z.size
    # Mean, variance, skewness and kurtosis within five standard errors.
    assert abs(z.mean(dtype="float64")) < 5 / np.sqrt(n)
    assert abs((z**2).mean(dtype="float64") - 1) < 5 * np.sqrt(2 / n)
    assert abs((z**3).mean(dtype="float64")) < 5 * np.sqrt(15 / n)
    assert abs((z**4).mean(dtype="float64") - 3) < 5 * np.sqrt(96 / n)
    assert abs(np.corrcoef(z[:, 1:].ravel(), z[:, :-1].ravel())[0, 1]) < 5 / np.sqrt(n)


def test_normal_is_the_box_muller_transform_of_two_words():
    z = function([], Training(3).stream(Dropout()).normal((500,), 1, "float64"))()
    u = (words(3, "0:dropout_1", 0, 1000) >> 8) / 2**24
    radius, angle = np.sqrt(-2 * np.log(u[::2] + 2**-24)), 2 * np.pi * u[1::2]
    np.testing.assert_allclose(z, radius * np.cos(angle), rtol=1e-9, atol=1e-12)


def test_nothing_is_cast_to_float64():
    stream = Training().stream(Dropout())
    outputs = [stream.uniform((3,), 1), stream.normal((3,), 1), stream.bernoulli(0.5, (3,), 1)]
    compiled = function([], outputs)
    nodes = compiled.maker.fgraph.toposort()
    assert {"float64", "complex64", "complex128"}.isdisjoint(
        output.dtype for node in nodes for output in node.outputs if hasattr(output, "dtype")
    )


def test_a_seed_gives_the_same_numbers_another_gives_others():
    assert (masks(seed=7) == masks(seed=7)).all()
    assert abs(correlation(masks(seed=7), masks(seed=8))) < 0.02


def test_a_larger_batch_begins_like_a_smaller_one():
    # Positions count along the batch: the rows that are there don't depend on how many follow.
    small, large = masks(shape=(10, 32)), masks(shape=(20, 32))
    assert (large[:, :, :10] == small).all()

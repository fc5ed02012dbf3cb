"""Initial values: drawn by (seed, path), once, and never again when trained or given."""

import hashlib

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import shared


def W(net, path="dense_1/W"):
    return net.values()[path]


def same(one, other):
    return bool((one == other).all())


def test_one_seed_decides_all_and_another_gives_others(make_net):
    first, again, other = make_net(seed=1), make_net(seed=1), make_net(seed=2)
    for path, value in first.values().items():
        assert same(value, again.values()[path])
    assert not same(W(first), W(other))


def test_these_are_the_values_for_ever():
    """By NumPy's arithmetic on the seed and the path; else seeds would be worth nothing."""
    word = int.from_bytes(hashlib.blake2b(b"dense_1/W", digest_size=8).digest(), "little")
    rng = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(0, word)))
    limit = np.sqrt(6 / (3 + 5))
    expected = rng.uniform(-limit, limit, (3, 5)).astype("float32")
    np.testing.assert_array_equal(W(mtn.Sequential(mtn.Dense(3, 5), seed=7)), expected)


def test_without_a_seed_one_is_drawn_and_kept():
    net, other = mtn.Sequential(mtn.Dense(3, 3)), mtn.Sequential(mtn.Dense(3, 3))
    assert not same(W(net), W(other))
    assert same(W(mtn.Sequential(mtn.Dense(3, 3), seed=net.seed)), W(net))


def test_layers_of_one_shape_draw_different_weights():
    net = mtn.Sequential(mtn.Dense(3, 3), mtn.Dense(3, 3), seed=0)
    assert not same(W(net, "dense_1/W"), W(net, "dense_2/W"))


def test_a_layer_more_does_not_redraw_the_others():
    one = mtn.Sequential(mtn.Dense(3, 3), mtn.Dense(3, 2), seed=0)
    more = mtn.Sequential(mtn.Dense(3, 3), mtn.Dense(3, 2), mtn.ReLU(), mtn.Dense(2, 2), seed=0)
    for path, value in one.values().items():
        assert same(value, more.values()[path])


def test_the_outermost_seed_decides_by_the_path_from_there():
    def build(seed):
        inner = mtn.Sequential(mtn.Dense(2, 4), mtn.ReLU(), name="inner")
        return mtn.Sequential(inner, mtn.Dense(4, 3), seed=seed)

    assert same(W(build(0), "inner/dense_1/W"), W(build(0), "inner/dense_1/W"))
    assert not same(W(build(0), "inner/dense_1/W"), W(build(1), "inner/dense_1/W"))


def test_what_an_inner_seed_decided_stays():
    inner = mtn.Sequential(mtn.Dense(2, 4), seed=5)
    before = W(inner)
    net = mtn.Sequential(inner, mtn.Dense(4, 3), seed=0)
    assert same(W(net, "sequential_1/dense_1/W"), before)
    layer = mtn.Dense(2, 4, seed=5)
    before = W(layer, "W")
    assert same(W(mtn.Sequential(layer, seed=0)), before)


def test_what_was_drawn_without_a_seed_is_drawn_by_the_outer_one():
    first, second = (mtn.Sequential(mtn.Dense(2, 4), seed=3) for _ in range(2))
    assert same(W(first), W(second))
    layer = mtn.Dense(2, 4)
    assert (W(layer, "W") != 0).all()  # there at once, and never zero
    assert same(W(mtn.Sequential(layer, seed=3)), W(first))


def test_of_two_networks_around_a_layer_the_first_decides():
    layer = mtn.Dense(2, 2)
    one = mtn.Sequential(layer, mtn.Dense(2, 3), seed=0)
    before = W(one)
    mtn.Sequential(layer, mtn.Dense(2, 1), seed=9)
    assert same(W(one), before)


@pytest.mark.parametrize("how", ["given", "shared", "set", "set_values", "trained"])
def test_what_was_given_or_changed_is_never_drawn_again(how):
    values = np.full((2, 2), 0.25, "float32")
    if how == "given":
        layer = mtn.Dense(2, 2, W=values)
    elif how == "shared":
        layer = mtn.Dense(2, 2, W=shared(values, "W"))
    else:
        layer = mtn.Dense(2, 2)
    if how == "set":
        layer.W.set_value(values)
    elif how == "set_values":
        layer.set_values({"W": values})
    elif how == "trained":
        trainer = mtn.Trainer(layer, mtn.mean_squared_error, mtn.SGD(0.1))
        trainer.fit(np.ones((4, 2)), np.ones((4, 2)), progress=False)
        values = layer.W.get_value()
    assert same(W(mtn.Sequential(layer, seed=0)), values)


def test_a_new_head_on_trained_layers_keeps_their_weights(blobs):
    trained = mtn.Sequential(mtn.Dense(2, 4), mtn.ReLU(), mtn.Dense(4, 3), mtn.Softmax())
    mtn.Trainer(trained, mtn.categorical_crossentropy, mtn.SGD(0.1)).fit(*blobs, progress=False)
    body = trained.values()
    net = mtn.Sequential(*trained.layers[:-2], mtn.Dense(4, 5), seed=9)
    assert same(W(net), body["dense_1/W"])
    assert same(net.values()["dense_1/b"], body["dense_1/b"])
    assert net.shapes[-1] == (5,)


def test_the_trainer_s_seed_leaves_initial_values_alone(make_net):
    net = make_net(seed=0)
    mtn.Trainer(net, mtn.categorical_crossentropy, mtn.SGD(), seed=5)
    for path, value in make_net(seed=0).values().items():
        assert same(value, net.values()[path])


def test_a_lone_layer_s_seed():
    first, again, other = mtn.Dense(4, 4, seed=1), mtn.Dense(4, 4, seed=1), mtn.Dense(4, 4, seed=2)
    assert same(W(first, "W"), W(again, "W"))
    assert not same(W(first, "W"), W(other, "W"))
    assert not same(W(mtn.Dense(4, 4), "W"), W(mtn.Dense(4, 4), "W"))


def test_a_layer_of_ones_own_with_a_seed_decides_what_is_inside():
    class Wrapper(mtn.Layer):
        def __init__(self, seed):
            super().__init__(seed=seed)
            self.inner = mtn.Dense(2, 4)

        def forward(self, x, training=None):
            return self.inner(x, training)

    assert same(W(Wrapper(1), "inner/W"), W(Wrapper(1), "inner/W"))
    assert not same(W(Wrapper(1), "inner/W"), W(Wrapper(2), "inner/W"))
    # And before anything asks for the parameters: the first prediction has these values too.
    ones = np.ones((1, 2))
    assert same(Wrapper(1).predict(ones), Wrapper(1).predict(ones))


@pytest.mark.parametrize("seed", [-1, 1.5, "a", True, 2**128])
def test_what_is_no_seed(seed):
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        mtn.Dense(2, 2, seed=seed)
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        mtn.Sequential(mtn.Dense(2, 2), seed=seed)

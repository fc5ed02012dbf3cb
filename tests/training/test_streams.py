"""Which random numbers belong to which layer and step, and what a training collects beside."""

import numpy as np
import pytest
from masks import Dropout, Layer, correlation, draw

from minitheanonet.engine import T, function, shared
from minitheanonet.training.randomness import Training


def test_masks_are_keyed_by_the_path_and_not_by_the_order_of_asking():
    first, second, front = Dropout(), Dropout(), Dropout()
    plain, longer, turned = Training(1), Training(1), Training(1)
    plain.enter(Layer(hidden=Layer(a=first), b=second))
    longer.enter(Layer(front=front, hidden=Layer(a=first), b=second))
    turned.enter(Layer(hidden=Layer(a=first), b=second))
    a, b = draw(plain, first, second)
    c, a_again, b_again = draw(longer, front, first, second)
    assert (a == a_again).all()
    assert (b == b_again).all()
    b_first, a_second = draw(turned, second, first)
    assert (a == a_second).all()
    assert (b == b_first).all()
    assert max(abs(correlation(x, y)) for x, y in [(a, b), (a, c), (b, c)]) < 5 / 64


def test_a_layer_that_stands_twice_in_a_graph_has_other_masks_each_time():
    layer, training = Dropout(), Training()
    training.enter(Layer(a=layer))
    assert abs(correlation(*draw(training, layer, layer))) < 5 / 64


def test_a_stream_gives_other_numbers_at_each_draw():
    stream = Training().stream(Dropout())
    drawn = function([], [stream.uniform((4096,), 1), stream.uniform((4096,), 1)])()
    assert abs(correlation(*drawn)) < 5 / 64


def test_several_networks_in_one_graph_have_masks_of_their_own():
    one, two, alone = Dropout(), Dropout(), Dropout()
    training, other = Training(), Training()
    for network in (Layer(a=one), Layer(a=two)):
        training.enter(network)
    other.enter(Layer(a=one))
    a, b, c = draw(training, one, two, alone)
    assert max(abs(correlation(x, y)) for x, y in [(a, b), (a, c), (b, c)]) < 5 / 64
    assert (draw(other, one)[0] == a).all()


def test_entering_a_part_of_a_network_changes_nothing():
    layer = Dropout()
    part = Layer(a=layer)
    whole = Layer(part=part)
    one, two = Training(), Training()
    for network in (whole, part, layer):
        one.enter(network)
    two.enter(whole)
    one.enter(Layer(b=layer))  # a network that holds what is known: no other path for that
    assert (draw(one, layer)[0] == draw(two, layer)[0]).all()


def test_layers_that_no_network_holds_are_told_apart_by_class_and_order():
    class Noise(Layer):
        pass

    one, two = Training(), Training()
    a, b, c = draw(one, Dropout(), Noise(), Dropout())
    d, e, f = draw(two, Noise(), Dropout(), Dropout())
    assert (a == e).all()
    assert (b == d).all()
    assert (c == f).all()
    assert (a != b).any()


def test_the_clock_ticks_without_streams_too():
    training = Training()
    step = function([], [], updates=training.updates)
    for _ in range(3):
        step()
    assert training.clock.get_value() == 3
    assert training.clock.get_value().dtype == np.uint64
    assert training.clock.name == "clock"


def test_the_clock_is_the_whole_state():
    training = Training(0)
    stream = training.stream(Dropout())
    step = function([], stream.uniform((5,), 1), updates=training.updates)
    first = [step() for _ in range(4)]
    training.restart(0, 2)
    assert (step() == first[2]).all()
    assert (first[0] != first[1]).all()
    training.restart(1, 0)
    assert (step() != first[0]).all()


@pytest.mark.parametrize(("seed", "clock"), [(-1, 0), (0, -1), (0, 2**63), (0, 1.5)])
def test_restart_refuses_what_is_no_seed_or_step(seed, clock):
    training = Training(3)
    with pytest.raises(ValueError, match="restart: "):
        training.restart(seed, clock)
    assert training.clock.get_value() == 0


def test_again_is_the_same_randomness_for_another_graph():
    layer, training = Dropout(), Training(4)
    training.enter(Layer(a=layer))
    training.update(shared(np.float32(0), "mean"), T.fscalar())
    before = draw(training, layer)[0]
    again = training.again()
    assert list(again.updates) == [training.clock]
    again.enter(Layer(a=layer))
    stream = again.stream(layer).bernoulli(0.5, (4096,), 1)
    assert (function([], stream)() == before).all()
    training.restart(9, 6)
    other = Training(9)
    other.enter(Layer(a=layer))
    other.restart(9, 6)
    assert (function([], stream)() == draw(other, layer)[0]).all()


def test_updates_are_collected_and_read_only():
    mean, x, training = shared(np.zeros(3, "float32"), "mean"), T.fmatrix("x"), Training()
    training.update(mean, np.float32(0.5) * (mean + x.mean(axis=0, acc_dtype="float32")))
    step = function([x], [], updates=training.updates)
    step(np.full((2, 3), 4, "float32"))
    np.testing.assert_array_equal(mean.get_value(), [2, 2, 2])
    assert training.clock.get_value() == 1
    with pytest.raises(TypeError):
        training.updates[mean] = x


@pytest.mark.parametrize(
    "value", [T.dscalar("x"), T.fvector("x"), 0.5, np.zeros(3)], ids=["dtype", "ndim", "a", "b"]
)
def test_an_update_of_another_type_is_refused(value):
    training = Training()
    with pytest.raises(TypeError, match=r'update of mean: it is float32 .*T\.cast.*"float32"'):
        training.update(shared(np.float32(0), "mean"), value)
    assert list(training.updates) == [training.clock]


def test_only_shared_variables_are_updated():
    with pytest.raises(TypeError, match="is no shared variable"):
        Training().update(T.fscalar("x"), T.fscalar())


def test_a_variable_is_updated_once_in_a_graph():
    mean, training = shared(np.float32(0), "mean"), Training()
    training.update(mean, T.fscalar())
    with pytest.raises(ValueError, match="update of mean: this graph updates it already"):
        training.update(mean, T.fscalar())
    with pytest.raises(ValueError, match="update of clock"):
        training.update(training.clock, training.clock + np.uint64(2))
    training.again().update(mean, T.fscalar())  # another graph

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, shared


def test_applies_its_layers_in_order():
    net = mtn.Sequential(mtn.Dense(1, 1, W=[[2]], b=[-3]), mtn.ReLU(), mtn.Dense(1, 1, W=[[10]]))
    assert net.predict([[1], [2]]).tolist() == [[0], [10]]


def test_one_seed_decides_the_weights(make_net):
    first, same, other = make_net(seed=1), make_net(seed=1), make_net(seed=2)
    for a, b in zip(first.params, same.params, strict=True):
        np.testing.assert_array_equal(a.get_value(), b.get_value())
    assert (first.params[0].get_value() != other.params[0].get_value()).any()


def test_without_a_seed_one_is_drawn_and_kept():
    net = mtn.Sequential(mtn.Dense(3, 3))
    again = mtn.Sequential(mtn.Dense(3, 3), seed=net.seed)
    np.testing.assert_array_equal(net.params[0].get_value(), again.params[0].get_value())


def test_layers_of_one_shape_draw_different_weights():
    net = mtn.Sequential(mtn.Dense(3, 3), mtn.Dense(3, 3), seed=0)
    assert (net.params[0].get_value() != net.params[2].get_value()).any()


def test_parameters_are_named_after_their_place(make_net):
    names = [p.name for p in make_net().params]
    assert names == ["dense_1/W", "dense_1/b", "dense_2/W", "dense_2/b"]


def test_parameters_given_as_arrays_are_named_so_too():
    net = mtn.Sequential(*[mtn.Dense(2, 2, W=np.eye(2), b=None) for _ in range(2)])
    assert [p.name for p in net.params] == ["dense_1/W", "dense_2/W"]


def test_nested_networks():
    inner = mtn.Sequential(mtn.Dense(2, 4), mtn.ReLU())
    net = mtn.Sequential(inner, mtn.Dense(4, 3), seed=0)
    assert [p.name for p in net.params] == [
        "sequential_1/dense_1/W",
        "sequential_1/dense_1/b",
        "dense_1/W",
        "dense_1/b",
    ]
    assert net.shapes == [(2,), (4,), (3,)]
    x = T.fmatrix("x")
    assert [name for name, _ in net.trace(x)] == [
        "sequential_1/dense_1",
        "sequential_1/relu_1",
        "dense_1",
    ]
    # The outer seed decides the inner weights too.
    twin = mtn.Sequential(mtn.Sequential(mtn.Dense(2, 4), mtn.ReLU()), mtn.Dense(4, 3), seed=0)
    values = np.ones((1, 2))
    np.testing.assert_array_equal(net.predict(values), twin.predict(values))


def test_a_new_head_on_trained_layers_keeps_their_weights():
    trained = mtn.Sequential(mtn.Dense(2, 4), mtn.ReLU(), mtn.Dense(4, 3), seed=0)
    body = trained.params[0].get_value()
    net = mtn.Sequential(*trained.layers[:-1], mtn.Dense(4, 5), seed=9)
    np.testing.assert_array_equal(net.params[0].get_value(), body)
    assert net.shapes[-1] == (5,)


def test_a_network_of_another_s_layers_leaves_it_as_it_is(make_net):
    net = make_net()
    before, table = list(net.params), net.summary()
    head = mtn.Sequential(*net.layers[3:])
    assert [layer.name for layer in head.layers] == ["dense_2", "softmax_1"]
    assert net.params == before
    assert head.params == before[2:]
    assert net.summary() == table


def test_numbers_that_are_taken_are_passed_over():
    old = mtn.Sequential(mtn.Dense(2, 2), mtn.ReLU(), mtn.Dense(2, 2), seed=0)
    net = mtn.Sequential(mtn.Dense(2, 2), *old.layers, mtn.Dense(2, 2), mtn.ReLU(), seed=0)
    names = ["dense_3", "dense_1", "relu_1", "dense_2", "dense_4", "relu_2"]
    assert [layer.name for layer in net.layers] == names
    assert len(net.params) == 8


def test_layers_of_two_networks_that_bear_the_same_number():
    one, two = (mtn.Sequential(mtn.Dense(2, 2), seed=seed) for seed in range(2))
    both = mtn.Sequential(*one.layers, *two.layers)
    assert [layer.name for layer in both.layers] == ["dense_1", "dense_2"]
    assert both.params == [*one.params, *two.params]


def test_no_parameter_is_lost_to_a_name_that_was_set_by_hand():
    net = mtn.Sequential(mtn.Dense(2, 2), mtn.Dense(2, 2), seed=0)
    net.layers[1].name = "dense_1"
    assert len(net.params) == 4


def test_a_layer_used_twice_counts_once():
    layer = mtn.Dense(3, 3)
    net = mtn.Sequential(layer, layer, seed=0)
    assert len(net.params) == 2


def test_a_layer_numbers_around_names_that_are_taken():
    net = mtn.Sequential(mtn.Dense(2, 2, name="dense_1"), mtn.Dense(2, 2))
    assert [layer.name for layer in net.layers] == ["dense_1", "dense_2"]


def test_summary_of_unknown_shapes():
    assert "flatten_1  ?" in mtn.Sequential(mtn.Flatten(), seed=0).summary()


def test_output_shape_of_an_unknown_input():
    net = mtn.Sequential(mtn.Flatten(), mtn.Dense(6, 2), seed=0)
    assert net.output_shape((2, 3)) == net.output_shape(None) == (2,)


def test_input_shape_is_checked_through_flatten():
    net = mtn.Sequential(mtn.Flatten(), mtn.Dense(6, 2), input_shape=(2, 3), seed=0)
    assert net.predict(np.zeros((5, 2, 3))).shape == (5, 2)
    with pytest.raises(ValueError, match=r"dense_1: expected examples of shape \(6,\), got \(8,\)"):
        mtn.Sequential(mtn.Flatten(), mtn.Dense(6, 2), input_shape=(2, 4))


def test_without_input_shape_the_rank_is_read_from_the_data():
    net = mtn.Sequential(mtn.Flatten(), mtn.Dense(6, 2), seed=0)
    flat = np.arange(12).reshape(2, 6)
    np.testing.assert_array_equal(net.predict(flat), net.predict(flat.reshape(2, 2, 3)))


class TestPredict:
    def test_batches_don_t_matter(self, make_net, rng):
        net, x = make_net(dropout=0.5), rng.normal(size=(10, 2))
        whole = net.predict(x)
        assert whole.dtype == np.float32
        np.testing.assert_allclose(net.predict(x, batch_size=3), whole, rtol=1e-6)

    @pytest.mark.engine_mode
    @pytest.mark.parametrize(
        "prepare",
        [
            np.asfortranarray,
            lambda x: x[::-1],
            lambda x: x.astype("float64"),
            lambda x: x.astype("int8"),
            lambda x: x.astype(">f4"),
            lambda x: np.lib.stride_tricks.as_strided(x, writeable=False),
            np.ndarray.tolist,
        ],
        ids=["Fortran", "reversed", "float64", "int8", "big-endian", "read-only", "list"],
    )
    def test_takes_arrays_of_any_make(self, make_net, prepare):
        net = make_net()
        x = np.arange(12, dtype="float32").reshape(6, 2)
        given = prepare(x)
        expected = net.predict(np.array(given, dtype="float32"))
        np.testing.assert_array_equal(net.predict(given), expected)

    @pytest.mark.parametrize(
        ("inputs", "error", "message"),
        [
            (np.zeros((3, 5)), ValueError, r"inputs have shape \(3, 5\), expected \(n, 2\)"),
            (np.zeros(2), ValueError, r"inputs have shape \(2,\), expected \(n, 2\)"),
            (np.zeros((0, 2)), ValueError, "inputs are empty"),
            ([["a", "b"]], TypeError, "array of real numbers, got list of dtype <U1"),
            ([[1, 2], [3]], ValueError, "rows differ in length"),
            (np.zeros((1, 2), complex), TypeError, "complex128"),
        ],
    )
    def test_refuses(self, make_net, inputs, error, message):
        with pytest.raises(error, match=message):
            make_net().predict(inputs)

    def test_refuses_a_batch_size_of_zero(self, make_net):
        with pytest.raises(ValueError, match="batch_size must be a positive whole number"):
            make_net().predict(np.zeros((1, 2)), batch_size=0)


class TestConstructionRefuses:
    def test_neighbours_that_don_t_fit(self):
        with pytest.raises(
            ValueError, match=r"dense_2: expected examples of shape \(5,\), got \(4,\)"
        ):
            mtn.Sequential(mtn.Dense(3, 4), mtn.ReLU(), mtn.Dense(5, 2))

    def test_pictures_in_a_dense_layer(self):
        with pytest.raises(ValueError, match=r"got \(28, 28\)\. Put a Flatten\(\) before it"):
            mtn.Sequential(mtn.Dense(784, 10), input_shape=(28, 28))

    def test_softmax_of_pictures(self):
        with pytest.raises(ValueError, match=r"softmax_1: .*got \(2, 3\)\. Put a Flatten"):
            mtn.Sequential(mtn.Softmax(), input_shape=(2, 3))

    def test_no_layers(self):
        with pytest.raises(ValueError, match="at least one layer"):
            mtn.Sequential()

    def test_a_class_for_a_layer(self):
        with pytest.raises(TypeError, match=r"argument 2 is no layer.*Did you mean ReLU\(\)"):
            mtn.Sequential(mtn.Dense(1, 1), mtn.ReLU)

    def test_two_layers_of_one_name(self):
        with pytest.raises(ValueError, match="2 layers are called 'twin'"):
            mtn.Sequential(mtn.Dense(2, 2, name="twin"), mtn.Dense(2, 2, name="twin"))


def test_shared_variables_of_the_user_s_are_kept_by_name():
    W = shared(np.ones((2, 2), "float32"), "mine")
    net = mtn.Sequential(mtn.Dense(2, 2, W=W), seed=0)
    assert net.params[0].name == "mine"


def test_called_on_a_symbolic_variable_it_is_a_plain_graph(make_net):
    net, x = make_net(), T.fmatrix("x")
    values = np.ones((2, 2), "float32")
    np.testing.assert_allclose(function([x], net(x))(values), net.predict(values), rtol=1e-6)


def test_repr(make_net):
    assert repr(make_net()).startswith("Sequential(Dense(2, 8), ReLU(), Dropout(0)")

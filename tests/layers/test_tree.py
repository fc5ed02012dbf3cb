"""The tree: names are paths, a layer may stand in several networks, or several times in one."""

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, shared


class Block(mtn.Layer):
    """Layers among attributes of every kind."""

    def __init__(self):
        super().__init__()
        self.gain = self.parameter("gain", 2.0, ())
        self.first = mtn.Dense(2, 2)
        self.pair = [mtn.Dense(2, 2), (mtn.Dense(2, 2), mtn.ReLU())]
        self.by_name = {"in": mtn.Dense(2, 2), "none": None}
        self.size = 2

    def forward(self, x, training=None):
        return self.gain * self.first(x, training)


PATHS = [
    "gain", "first/W", "first/b", "pair/0/W", "pair/0/b", "pair/1/0/W", "pair/1/0/b",
    "by_name/in/W", "by_name/in/b",
]  # fmt: skip


class TestPaths:
    def test_of_layers_in_attributes_lists_tuples_and_dicts(self):
        assert list(Block().parameters) == PATHS
        assert list(Block().children()) == ["first", "pair/0", "pair/1/0", "pair/1/1", "by_name/in"]

    def test_of_a_tree_in_a_network_in_a_network(self):
        inner = mtn.Sequential(mtn.Dense(2, 2), Block(), name="encoder")
        net = mtn.Sequential(inner, mtn.Dense(2, 3))
        paths = ["encoder/dense_1/W", "encoder/dense_1/b"]
        paths += [f"encoder/block_1/{path}" for path in PATHS] + ["dense_1/W", "dense_1/b"]
        assert list(net.parameters) == paths
        assert [p for p, _ in net.walk()][:4] == ["", "encoder", "encoder/dense_1",
                                                  "encoder/block_1"]  # fmt: skip

    def test_come_in_the_order_of_their_declaration(self):
        assert list(mtn.Dense(2, 3, b=np.ones(3)).parameters) == ["W", "b"]

    def test_a_name_of_the_layer_s_own_counts_in_a_sequential(self):
        net = mtn.Sequential(mtn.Dense(2, 2, name="body"), mtn.Dense(2, 2))
        assert list(net.parameters) == ["body/W", "body/b", "dense_1/W", "dense_1/b"]

    def test_the_root_has_the_empty_path(self):
        layer = mtn.Dense(2, 3)
        assert list(layer.walk()) == [("", layer)]

    def test_a_layer_that_is_added_later_is_found(self):
        block = Block()
        block.more = mtn.Dense(2, 2, name="ignored")
        assert list(block.parameters)[-2:] == ["more/W", "more/b"]

    def test_nothing_is_written_onto_what_a_layer_was_given(self):
        W, layer = shared(np.ones((2, 2), "float32"), "mine"), mtn.Dense(2, 2)
        net = mtn.Sequential(mtn.Dense(2, 2, W=W), layer, seed=0)
        assert net.parameters["dense_1/W"] is W
        assert (W.name, layer.name) == ("mine", None)

    @pytest.mark.parametrize("name", ["", "a/b", 3, b"a"])
    def test_a_name_that_is_no_part_of_a_path(self, name):
        with pytest.raises(ValueError, match="relu: name must be a text without a /"):
            mtn.ReLU(name=name)


class TestSharing:
    def test_a_layer_twice_in_a_network_is_one_layer(self):
        layer = mtn.Dense(2, 2, W=[[0, 2], [1, 0]], b=[1, 0])
        net = mtn.Sequential(layer, mtn.ReLU(), layer)
        assert list(net.parameters) == ["dense_1/W", "dense_1/b"]
        assert net.params == [layer.W, layer.b]
        assert net.summary().count("10") == 0  # six numbers, not twelve
        # (1, 2) W + b = (3, 2); (3, 2) W + b = (3, 6).
        assert net.predict([[1, 2]]).tolist() == [[3, 6]]

    def test_a_layer_twice_gets_both_gradients(self):
        layer = mtn.Dense(1, 1, W=[[3]], b=None)
        net = mtn.Sequential(layer, layer)
        x = T.fmatrix("x")
        updates = mtn.SGD(1.0).updates(net(x).sum(), net.trained)
        function([x], [], updates=updates)([[2]])
        assert layer.W.get_value() == [[3 - 2 * 3 * 2]]  # d/dw of 2 w²

    def test_a_layer_in_two_networks_has_a_path_in_each(self):
        body = mtn.Dense(2, 4, name="body")
        one = mtn.Sequential(body, mtn.Dense(4, 3), seed=0)
        two = mtn.Sequential(mtn.Dense(2, 2), body, mtn.Dense(4, 1), seed=1)
        assert one.parameters["body/W"] is two.parameters["body/W"] is body.W
        assert list(two.parameters)[:4] == ["dense_1/W", "dense_1/b", "body/W", "body/b"]

    def test_what_one_network_learns_the_other_knows(self, blobs):
        x, y = blobs
        body = mtn.Dense(2, 4)
        one = mtn.Sequential(body, mtn.Dense(4, 3), mtn.Softmax(), seed=0)
        two = mtn.Sequential(body, mtn.Tanh(), seed=0)
        before = two.predict(x)
        mtn.Trainer(one, mtn.categorical_crossentropy, mtn.SGD(0.5)).fit(x, y, progress=False)
        expected = np.tanh(x @ body.W.get_value() + body.b.get_value())
        np.testing.assert_allclose(two.predict(x), expected, atol=1e-6)
        assert abs(two.predict(x) - before).max() > 0.01

    def test_a_variable_in_two_layers_is_trained_once(self):
        W = shared(np.eye(2), "W")
        layers = [mtn.Dense(2, 2, W=W, b=None, dtype="float64") for _ in range(2)]
        net = mtn.Sequential(*layers)
        assert list(net.parameters) == ["dense_1/W", "dense_2/W"]
        assert net.trained == {"dense_1/W": W}
        assert list(net.values()) == ["dense_1/W"]
        assert "4" in net.summary().splitlines()[-1]

    def test_a_circle_of_layers_ends(self):
        one, other = Block(), Block()
        one.other, other.other = other, one
        assert len(list(one.walk())) == 12
        assert len(one.params) == 18


class TestFreezing:
    def test_a_layer(self):
        net = mtn.Sequential(mtn.Dense(2, 2), mtn.Dense(2, 2), seed=0)
        net.layers[0].trainable = False
        assert list(net.trained) == ["dense_2/W", "dense_2/b"]
        assert net.params == list(net.trained.values())
        assert len(net.parameters) == len(net.values()) == 4
        assert net.summary().splitlines()[-1].split() == ["trained", "6"]

    def test_all_that_is_inside(self):
        net = mtn.Sequential(Block(), mtn.Dense(2, 2))
        net.layers[0].trainable = False
        assert list(net.trained) == ["dense_1/W", "dense_1/b"]
        net.layers[0].trainable = True
        assert len(net.trained) == 11

    def test_the_whole_network(self, blobs):
        net = mtn.Sequential(mtn.Dense(2, 3), mtn.Softmax())
        net.trainable = False
        assert net.params == []
        with pytest.raises(ValueError, match="no parameters to train"):
            mtn.Trainer(net, mtn.categorical_crossentropy, mtn.SGD())

    def test_in_training_the_frozen_stays_and_the_rest_learns(self, make_net, blobs):
        net = make_net()
        net.layers[0].trainable = False
        before = net.values()
        trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(0.1))
        trainer.fit(*blobs, progress=False)
        after = net.values()
        changed = [path for path in before if (before[path] != after[path]).any()]
        assert changed == ["dense_2/W", "dense_2/b"]
        assert not any("dense_1" in name for name in trainer.state if name.startswith("optimizer"))

    def test_between_two_fits(self, make_net, blobs):
        net = make_net()
        trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Momentum(0.1))
        trainer.fit(*blobs, progress=False)
        net.layers[0].trainable = False
        before = net.values()
        trainer.fit(*blobs, progress=False)
        after = net.values()
        assert (before["dense_1/W"] == after["dense_1/W"]).all()
        assert (before["dense_2/W"] != after["dense_2/W"]).any()
        net.layers[0].trainable = True
        trainer.fit(*blobs, progress=False)
        assert (net.values()["dense_1/W"] != after["dense_1/W"]).any()


def test_a_layer_of_ones_own_must_define_forward():
    class Empty(mtn.Layer):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty defines no forward\(x, training=None\)"):
        Empty()(T.fmatrix("x"))


def test_repr_of_a_layer_of_ones_own_shows_what_is_inside():
    class Pair(mtn.Layer):
        def __init__(self):
            self.a, self.b = mtn.Dense(2, 3), mtn.ReLU()

    assert repr(Pair()) == "Pair(a=Dense(2, 3), b=ReLU())"

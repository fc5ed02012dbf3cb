"""Networks as ONNX: ONNX Runtime predicts what we predict."""

import sys

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, shared
from minitheanonet.neighbours.onnx_layers import WRITERS

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
reference = pytest.importorskip("onnx.reference")

ACTIVATIONS = [
    mtn.ReLU(), mtn.LeakyReLU(0.2), mtn.LeakyReLU(0), mtn.ELU(0.7), mtn.GELU(), mtn.Softplus(),
    mtn.Sigmoid(), mtn.Tanh(), mtn.Softmax(),
]  # fmt: skip
OTHERS = [mtn.Dropout(0.5), mtn.Flatten(), mtn.Rescale(0.5), mtn.Rescale(-2, 1)]
DENSE = {"MatMul", "Add", "Gemm", "Relu", "Tanh", "Sigmoid", "Softmax"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.onnx"


def operations(path):
    return [node.op_type for node in onnx.load(path).graph.node]


def run(path, inputs):
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    (outputs,) = session.run(["output"], {"input": inputs})
    return outputs


def check(net, path, inputs, **options):
    """Compare what the file predicts with what the network does, in batches of several sizes."""
    mtn.export_onnx(net, path, **options)
    onnx.checker.check_model(str(path), full_check=True)
    for n in (1, 2, len(inputs)):
        outputs, expected = run(path, inputs[:n]), net.predict(inputs[:n])
        assert outputs.dtype == expected.dtype
        np.testing.assert_allclose(outputs, expected, atol=1e-5)


@pytest.mark.parametrize("layer", [*ACTIVATIONS, *OTHERS], ids=repr)
def test_each_layer(layer, path, rng):
    net = mtn.Sequential(mtn.Dense(3, 4, b=mtn.Normal(1)), layer, seed=0)
    check(net, path, 3 * rng.normal(size=(5, 3)).astype("float32"))


IMAGES = [
    mtn.Conv2D(2, 3, 3, b=mtn.Normal(1)), mtn.Conv2D(2, 3, (2, 3), strides=2, padding="same"),
    mtn.Conv2D(2, 3, 2, dilation=2, b=None), mtn.Conv2D(2, 3, (3, 2), padding="same"),
    mtn.MaxPool2D(), mtn.MaxPool2D(3, strides=2, padding="same"), mtn.AveragePool2D((2, 3)),
    mtn.AveragePool2D(3, strides=2, padding="same"), mtn.GlobalAveragePool2D(),
    mtn.BatchNorm(2, mean=[0.5, -1], variance=[2, 0.3], gamma=[1, 2], beta=[3, 4]),
    mtn.BatchNorm(2, gamma=None), mtn.LayerNorm(2, gamma=[1, 2], beta=[3, 4]),
    mtn.LayerNorm(2, beta=None), mtn.Reshape((2, -1)), mtn.GaussianNoise(0.1),
    mtn.Residual(mtn.Conv2D(2, 4, 3, padding="same"), mtn.ReLU(), mtn.Conv2D(4, 2, 1)),
    mtn.Concatenate(mtn.Conv2D(2, 3, 1), mtn.Sequential(mtn.Conv2D(2, 1, 1), mtn.Tanh())),
]  # fmt: skip


@pytest.mark.parametrize("layer", IMAGES, ids=repr)
def test_each_layer_of_images(layer, path, rng):
    net = mtn.Sequential(layer, input_shape=(7, 6, 2), seed=0)
    check(net, path, rng.normal(size=(5, 7, 6, 2)).astype("float32"))


def test_an_embedding_takes_whole_numbers(path):
    net = mtn.Sequential(mtn.Embedding(5, 3), mtn.Flatten(), input_shape=(4,), seed=0)
    check(net, path, np.arange(12).reshape(3, 4) % 5)


def test_every_layer_of_the_library_has_a_form():
    layers = {value for value in vars(mtn).values() if isinstance(value, type)}
    layers = {kind for kind in layers if issubclass(kind, mtn.Layer)} - {mtn.Layer}
    assert layers == WRITERS.keys()


@pytest.mark.parametrize("layer", ACTIVATIONS, ids=repr)
def test_where_exponentials_overflow(layer, path):
    net = mtn.Sequential(layer, input_shape=(2,), seed=0)
    check(net, path, np.array([[-1000, 1000], [1000, 1000], [0, -1000]], "float32"))


@pytest.mark.parametrize("layer", [*ACTIVATIONS, *OTHERS], ids=repr)
def test_float64(layer, path, rng):
    net = mtn.Sequential(mtn.Dense(3, 4, dtype="float64"), layer, seed=0)
    mtn.export_onnx(net, path)
    inputs = rng.normal(size=(5, 3))
    # ONNX Runtime lacks some operations in float64.
    (outputs,) = reference.ReferenceEvaluator(str(path)).run(None, {"input": inputs})
    assert outputs.dtype == np.float64
    np.testing.assert_allclose(outputs, net.predict(inputs), atol=1e-7)


def test_nested_networks_and_paths_as_names(path, rng):
    core = mtn.Sequential(mtn.Dense(4, 4), mtn.Tanh(), name="core")
    inner = mtn.Sequential(mtn.Dense(6, 4, b=None), core, mtn.Dropout(0.1), name="inner")
    net = mtn.Sequential(mtn.Flatten(), inner, mtn.Dense(4, 2), input_shape=(2, 3), seed=0)
    check(net, path, rng.normal(size=(5, 2, 3)).astype("float32"))
    graph = onnx.load(path).graph
    arrays = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    assert arrays.keys() == net.parameters.keys()
    for name, value in net.values().items():
        np.testing.assert_array_equal(arrays[name], value)
    assert [node.name.rpartition("/")[0] for node in graph.node] == [
        "flatten_1", "inner/dense_1", "inner/core/dense_1", "inner/core/dense_1",
        "inner/core/tanh_1", "dense_1", "dense_1",
    ]  # fmt: skip
    dims = graph.input[0].type.tensor_type.shape.dim, graph.output[0].type.tensor_type.shape.dim
    assert [[dim.dim_param or dim.dim_value for dim in ends] for ends in dims] == [
        ["batch", 2, 3], ["batch", 2],
    ]  # fmt: skip


def test_dense_networks_keep_to_what_small_interpreters_read(path):
    net = mtn.Sequential(
        mtn.Dense(4, 8), mtn.ReLU(), mtn.Dropout(0.2), mtn.Dense(8, 8), mtn.Tanh(),
        mtn.Dense(8, 8, b=None), mtn.Sigmoid(), mtn.Dense(8, 3), mtn.Softmax(), seed=0,
    )  # fmt: skip
    mtn.export_onnx(net, path)
    assert DENSE.issuperset(operations(path))
    assert onnx.load(path).opset_import[0].version == 17


def test_a_layer_alone_and_what_does_nothing(path, rng):
    inputs = rng.normal(size=(3, 2)).astype("float32")
    check(mtn.Dense(2, 3, seed=0), path, inputs)
    check(mtn.Sequential(mtn.Dropout(0.5), input_shape=(2,), seed=0), path, inputs)
    assert operations(path) == ["Identity"]


def test_a_dense_layer_over_the_last_axis(path, rng):
    net = mtn.Sequential(mtn.Dense(3, 2), input_shape=(4, 3), seed=0)
    check(net, path, rng.normal(size=(5, 4, 3)).astype("float32"))


@pytest.mark.parametrize(("options", "dtype"), [({}, "uint8"), ({"input_dtype": "int32"}, "int32")])
def test_pixels_as_they_are(path, rng, options, dtype):
    net = mtn.Sequential(mtn.Rescale(1 / 255), mtn.Dense(4, 2), input_shape=(4,), seed=0)
    check(net, path, rng.integers(0, 256, size=(5, 4)).astype(dtype), **options)


@pytest.mark.parametrize("dtype", ["uint8", "float64", "bool"])
def test_another_input_is_cast_first(path, rng, dtype):
    net = mtn.Sequential(mtn.Dense(4, 2), seed=0)
    check(net, path, (10 * rng.random((5, 4))).astype(dtype), input_dtype=dtype)
    assert operations(path) == ["Cast", "MatMul", "Add"]


def test_tied_weights_are_what_they_are_now(path, rng):
    first = mtn.Dense(4, 2, seed=0)
    net = mtn.Sequential(first, mtn.Tanh(), mtn.Dense(2, 4, W=2 * first.W.T), seed=0)
    first.W.set_value(rng.normal(size=(4, 2)).astype("float32"))
    check(net, path, rng.normal(size=(5, 4)).astype("float32"))


def test_a_network_with_other_values_in_place_of_some(path, rng):
    net = mtn.Sequential(mtn.Dense(3, 2), mtn.Tanh(), mtn.Dense(2, 2), seed=0)
    other = net.replace({"dense_1/b": [1.0, -2.0], "dense_2/W": 3 * net.parameters["dense_2/W"]})
    check(other, path, rng.normal(size=(5, 3)).astype("float32"))


def test_a_layer_that_stands_twice_has_its_arrays_once(path, rng):
    twice = mtn.Dense(3, 3)
    net = mtn.Sequential(twice, mtn.Tanh(), twice, seed=0)
    check(net, path, rng.normal(size=(5, 3)).astype("float32"))
    assert [one.name for one in onnx.load(path).graph.initializer] == ["dense_1/W", "dense_1/b"]


class Shift(mtn.Layer):
    def __init__(self):
        self.by = self.state("by", np.array([3.0, -1.0]), (2,))

    def forward(self, x, training=None):
        return x + self.by


def test_a_layer_of_ones_own_is_named_until_it_has_a_line_in_the_table(path, rng, monkeypatch):
    net = mtn.Sequential(mtn.Sequential(mtn.Dense(2, 2), Shift(), name="inner"), seed=0)
    with pytest.raises(mtn.ModelFileError, match="inner/shift_1 is a Shift, which has no form"):
        mtn.export_onnx(net, path)
    assert not path.exists()
    monkeypatch.setitem(WRITERS, Shift, lambda graph, layer, x: graph.add("Add", x, layer.by))
    check(net, path, rng.normal(size=(5, 2)).astype("float32"))


def test_a_subclass_is_another_layer(path):
    class Doubled(mtn.Dense):
        def forward(self, x, training=None):
            return 2 * super().forward(x, training)

    with pytest.raises(mtn.ModelFileError, match="the network is a Doubled"):
        mtn.export_onnx(Doubled(2, 2, seed=0), path)


def test_parameters_without_a_value(path):
    net = mtn.Sequential(mtn.Dense(2, 2, W=T.fmatrix("given")), seed=0)
    with pytest.raises(mtn.ModelFileError, match="dense_1/W is symbolic, and depends on given"):
        mtn.export_onnx(net, path)
    state = shared(np.ones((2, 2), "int32"), "state")  # as of a generator of random numbers
    net = mtn.Sequential(mtn.Dense(2, 2, W=T.cast(state, "float32")), seed=0)
    with pytest.raises(mtn.ModelFileError, match="depends on state. Give the layer an array"):
        mtn.export_onnx(net, path)


def test_an_input_of_unknown_shape(path):
    with pytest.raises(mtn.ModelFileError, match=r"m.onnx: the shape .* unknown. Build it with"):
        mtn.export_onnx(mtn.Sequential(mtn.Flatten(), seed=0), path)


def test_weights_of_another_shape(path):
    net = mtn.Sequential(mtn.Dense(2, 2), seed=0)
    net.params[0].set_value(np.ones((3, 3), "float32"))
    with pytest.raises(ValueError, match=r"dense_1/W was set to shape \(3, 3\)"):
        mtn.export_onnx(net, path)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("net", "m.onnx"), TypeError, "network must be a layer"),
        ((mtn.ReLU(), 3), TypeError, "path must be a path"),
        ((mtn.ReLU(), "m.h5"), ValueError, "path must end in .onnx, got 'm.h5'"),
    ],
)
def test_arguments_that_are_none(arguments, error, message):
    with pytest.raises(error, match=message):
        mtn.export_onnx(*arguments)


def test_an_input_of_no_numbers(path):
    with pytest.raises(ValueError, match='input_dtype must be numbers, "uint8" say, got <U5'):
        mtn.export_onnx(mtn.Dense(2, 2, seed=0), path, input_dtype="U5")


def test_a_file_is_replaced_whole_or_not_at_all(path, monkeypatch, tmp_path):
    path.write_bytes(b"what was there before")
    mtn.export_onnx(mtn.Dense(2, 2, seed=0), path, classes=["a", "b"])
    before = path.read_bytes()
    assert onnx.load(path).metadata_props[0].value == '["a", "b"]'

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(mtn.ModelFileError, match="No space left on device"):
        mtn.export_onnx(mtn.Dense(2, 3, seed=0), path)
    assert [one.name for one in tmp_path.iterdir()] == ["m.onnx"]
    assert path.read_bytes() == before


def test_without_onnx(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"needs onnx.*pip install 'minitheanonet\[onnx\]'"):
        mtn.export_onnx(mtn.Dense(2, 2, seed=0), path)

"""What a Lasagne script saved, read into a network; and what is no such file."""

import io
import pickle
import zipfile

import numpy as np
import pytest

import minitheanonet as mtn


@pytest.fixture
def net():
    return mtn.Sequential(
        mtn.Flatten(), mtn.Dropout(0.2),
        mtn.Sequential(mtn.Dense(6, 4), mtn.ReLU(), name="hidden"),
        mtn.Dense(4, 4, b=None), mtn.Dense(4, 3), mtn.Softmax(), input_shape=(2, 3), seed=0,
    )  # fmt: skip


@pytest.fixture
def arrays(rng):
    shapes = [(6, 4), (4,), (4, 4), (4, 3), (3,)]
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.npz"


def refused(path, net):
    before = net.values()
    with pytest.raises(mtn.ModelFileError) as caught:
        mtn.read_lasagne(path, net)
    for name, value in net.values().items():
        np.testing.assert_array_equal(value, before[name])
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message


def test_images_whose_channels_came_first(path, rng):
    """Lasagne's formulas in NumPy: kernels turned round, channels first, then flattened."""
    pool = mtn.MaxPool2D((1, 2))
    net = mtn.Sequential(
        mtn.Sequential(mtn.Conv2D(2, 3, (2, 3)), mtn.Tanh(), pool),
        mtn.Sequential(pool, mtn.Flatten(), mtn.Dropout(0.5), mtn.Dense(3 * 3 * 2, 5)),
        mtn.Dense(5, 5), input_shape=(4, 10, 2), seed=0,
    )  # fmt: skip
    kernels, b = rng.normal(size=(3, 2, 2, 3)), rng.normal(size=3)
    W, c, V, d = (rng.normal(size=shape) for shape in [(18, 5), (5,), (5, 5), (5,)])
    np.savez(path, kernels, b, W, c, V, d)
    mtn.read_lasagne(path, net)
    x = rng.normal(size=(4, 10, 2)).astype("float32")
    first = np.moveaxis(x, -1, 0).astype("float64")
    turned = kernels[:, :, ::-1, ::-1]
    y = np.array([
        [[(first[:, i : i + 2, j : j + 3] * kernel).sum() for j in range(8)] for i in range(3)]
        for kernel in turned
    ]) + b[:, None, None]  # fmt: skip
    pooled = np.tanh(y).reshape(3, 3, 2, 4).max(axis=-1)
    expected = (pooled.reshape(-1) @ W + c) @ V + d
    np.testing.assert_allclose(net.predict(x[np.newaxis])[0], expected, rtol=1e-4)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_the_network_predicts_what_the_script_did(path, net, arrays, rng, save):
    save(path, *arrays)
    mtn.read_lasagne(path, net)
    W1, b1, W2, W3, b3 = arrays
    x = rng.normal(size=(5, 2, 3)).astype("float32")
    hidden = np.maximum(x.reshape(5, 6) @ W1 + b1, 0) @ W2
    scores = np.exp(hidden @ W3 + b3)
    expected = scores / scores.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(net.predict(x), expected, atol=1e-6)


def test_numbers_of_another_type_and_order(path, net, arrays):
    np.savez(path, *(np.asfortranarray(array.astype("float64")) for array in arrays))
    mtn.read_lasagne(path, net)
    assert {value.dtype.name for value in net.values().values()} == {"float32"}
    np.testing.assert_array_equal(net.values()["hidden/dense_1/W"], arrays[0])


def test_a_layer_alone_and_one_that_stands_twice(path, rng):
    layer = mtn.Dense(2, 2, seed=0)
    W, b = rng.normal(size=(2, 2)), rng.normal(size=2)
    np.savez(path, W, b)
    mtn.read_lasagne(path, layer)
    np.testing.assert_allclose(layer.values()["W"], W, rtol=1e-6)
    mtn.read_lasagne(path, mtn.Sequential(layer, mtn.Tanh(), layer, seed=0))


def test_a_wrong_shape_names_the_array_and_the_parameter(path, net, arrays):
    arrays[3] = arrays[3].T
    np.savez(path, *arrays)
    assert "arr_3 has shape (3, 4), and dense_2/W is (4, 3) there" in refused(path, net)


@pytest.mark.parametrize("change", [lambda a: a[:-1], lambda a: [*a, a[-1]]])
def test_too_few_or_too_many(path, net, arrays, change):
    np.savez(path, *change(arrays))
    message = refused(path, net)
    assert "the network wants 5, for hidden/dense_1/W, hidden/dense_1/b, dense_1/W" in message
    assert "get_all_param_values" in message


def test_arrays_that_have_names(path, net, arrays):
    np.savez(path, **dict(zip("abcde", arrays, strict=True)))
    assert "it holds a, b, c, d, e, and the network wants 5" in refused(path, net)


def test_layers_that_are_not_known_from_lasagne(path, net, arrays):
    class Own(mtn.Layer):
        def __init__(self):
            self.factor = self.parameter("factor", np.ones(2), (2,))

        def forward(self, x, training=None):
            return self.factor * x

    np.savez(path, *arrays)
    message = refused(path, mtn.Sequential(mtn.Dense(2, 2), Own(), seed=0))
    assert "own_1/factor is of a layer that is not known from Lasagne. Known are Dense" in message


def test_nothing_is_unpickled(path, net, arrays):
    class Bomb:
        def __reduce__(self):
            return pytest.fail, ("something was unpickled",)

    path.write_bytes(pickle.dumps(Bomb()))
    assert "it is no .npz file" in refused(path, net)
    objects = np.empty((6, 4), object)
    objects[:] = Bomb()
    np.savez(path, objects, *arrays[1:])
    assert "Object arrays cannot be loaded" in refused(path, net)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_files_of_another_kind(path, net, content):
    path.write_bytes(content)
    assert "it is no .npz file" in refused(path, net)


def test_what_is_no_array_of_numbers(path, net, arrays):
    np.savez(path, *arrays[:-1], np.array(["a", "b", "c"]))
    assert "dense_2/b must be" in refused(path, net)
    with zipfile.ZipFile(path, "w") as file:
        for n in range(5):
            file.writestr(f"arr_{n}.npy", b"no array")
    assert "it can't be read" in refused(path, net)


def test_an_array_that_would_fill_the_memory_is_refused_by_its_header(path, net, arrays):
    np.savez(path, *arrays[:-1])
    header = io.BytesIO()
    told = {"descr": "<f4", "fortran_order": False, "shape": (10**13,)}
    np.lib.format.write_array_header_1_0(header, told)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("arr_4.npy", header.getvalue())
    assert "arr_4 has shape (10000000000000,), and dense_2/b is (3,)" in refused(path, net)


def test_no_file_and_no_network(path, net):
    assert "No such file" in refused(path, net)
    with pytest.raises(TypeError, match="read_lasagne: network must be a layer"):
        mtn.read_lasagne(path, "net")
    with pytest.raises(TypeError, match="read_lasagne: path must be a path"):
        mtn.read_lasagne(3, net)

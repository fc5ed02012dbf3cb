"""What `predict` takes: arrays of any make, which are cast batch by batch."""

import tracemalloc

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T


@pytest.fixture(scope="module")
def net():
    """One network for all: its functions are compiled once, in the engine's own mode."""
    return mtn.Sequential(mtn.Dense(2, 3), mtn.Dropout(0.5), mtn.Softmax(), seed=0)


@pytest.fixture
def quick_net():
    return mtn.Sequential(mtn.Dense(2, 3), mtn.Softmax(), seed=0)


def plain(net, x):
    """Return the softmax by NumPy's arithmetic."""
    W, b = net.values().values()
    logits = np.asarray(x, "float32") @ W + b
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def assert_predicts(net, given, x):
    out = net.predict(given)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, plain(net, x), rtol=1e-5)


x = np.arange(12, dtype="float32").reshape(6, 2)


@pytest.mark.engine_mode
@pytest.mark.parametrize(
    "prepare",
    [
        np.asfortranarray,
        lambda x: x[::-1],
        lambda x: np.repeat(x, 2, axis=1)[:, ::2],
        lambda x: x.astype("float64"),
        lambda x: x.astype("float16"),
        lambda x: x.astype("int8"),
        lambda x: x > 3,
        lambda x: x.astype(">f4"),
        lambda x: np.lib.stride_tricks.as_strided(x, writeable=False),
        lambda x: np.ma.masked_array(x, mask=False),
        np.ndarray.tolist,
    ],
    ids=["Fortran", "reversed", "strided", "float64", "float16", "int8", "bool", "big-endian",
         "read-only", "masked nowhere", "list"],
)  # fmt: skip
def test_takes_arrays_of_any_make(net, prepare):
    given = prepare(x)
    assert_predicts(net, given, np.array(given))


def test_batches_don_t_matter(quick_net):
    whole = quick_net.predict(x)
    np.testing.assert_allclose(quick_net.predict(x, batch_size=4), whole, rtol=1e-6)
    np.testing.assert_allclose(quick_net.predict(x, batch_size=1000), whole, rtol=1e-6)


def test_what_is_given_stays_as_it_is(quick_net):
    given = x.copy()
    given.flags.writeable = False
    quick_net.predict(given)
    np.testing.assert_array_equal(given, x)


def test_a_memory_map_on_disk(quick_net, tmp_path):
    np.save(tmp_path / "x.npy", x)
    assert_predicts(quick_net, np.load(tmp_path / "x.npy", mmap_mode="r"), x)


def test_an_iterator_of_batches(quick_net):
    assert_predicts(quick_net, (x[start : start + 4] for start in (0, 4)), x)
    with pytest.raises(ValueError, match="gave no batches: an iterator can be read once only"):
        quick_net.predict(iter([]))


def test_a_data_frame(quick_net):
    pandas = pytest.importorskip("pandas")
    assert_predicts(quick_net, pandas.DataFrame({"height": x[:, 0], "width": x[:, 1]}), x)
    mixed = pandas.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
    assert_predicts(quick_net, mixed, [[1, 0.5], [2, 1.5]])
    with pytest.raises(TypeError, match="real numbers, got DataFrame of dtype object"):
        quick_net.predict(pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}))


def test_whatever_says_that_it_is_an_array(quick_net):
    class Table:
        def __array__(self, dtype=None, copy=None):
            return x.astype(dtype or "float64")

    assert_predicts(quick_net, Table(), x)


def test_any_layer_predicts():
    assert mtn.Dense(2, 1, W=[[1], [10]]).predict([[3, 4]]).tolist() == [[43]]


def test_several_inputs_are_a_tuple():
    class Difference(mtn.Layer):
        def forward(self, x, training=None):
            return x[0] - x[1]

    a, b = np.arange(5), np.ones(5)
    assert Difference().predict((a, b), batch_size=2).tolist() == [-1, 0, 1, 2, 3]
    with pytest.raises(ValueError, match=r"a tuple of 2 arrays, and the network takes \(2,\)"):
        mtn.Dense(2, 3).predict((x, x))


def test_whole_numbers_reach_a_layer_that_takes_them():
    class Embedding(mtn.Layer):
        takes_integers = True

        def __init__(self):
            super().__init__()
            self.W = self.parameter("W", np.arange(6).reshape(3, 2), (3, 2))

        def forward(self, x, training=None):
            return self.W[x]

    for dtype in ("uint8", "int32", "int64"):
        out = Embedding().predict(np.array([2, 0], dtype))
        assert out.dtype == np.float32
        assert out.tolist() == [[4, 5], [0, 1]]


def test_a_new_weight_counts_at_once(quick_net):
    quick_net.predict(x)
    quick_net.set_values({"dense_1/W": np.zeros((2, 3)), "dense_1/b": [0, 0, 100]})
    assert quick_net.predict(x)[:, 2].tolist() == [1] * 6


ROWS, COLUMNS = 20_000, 200


@pytest.fixture(scope="module")
def wide():
    return mtn.Dense(COLUMNS, 1, seed=0)


def peak(call, *given, **options):
    """Return how many bytes a call asks for at most, beyond what was there."""
    tracemalloc.start()
    call(*given, **options)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


class TestMemory:
    """Inputs are cast batch by batch: what is given is never copied as a whole."""

    whole = ROWS * COLUMNS * 4  # in float32

    @pytest.mark.parametrize("dtype", ["uint8", "float64", "int64"])
    def test_is_a_batch_s_and_not_the_data_s(self, wide, dtype):
        given = np.ones((4 * ROWS, COLUMNS), dtype)
        wide.predict(given[:2])  # compiles
        # float64 is looked through beforehand, a million numbers at a time: that's 11 MB.
        assert peak(wide.predict, given, batch_size=1000) < 4 * self.whole / 5
        # It is indeed the batches that decide.
        assert peak(wide.predict, given, batch_size=4 * ROWS) >= 4 * self.whole

    def test_of_a_memory_map_too(self, wide, tmp_path):
        np.save(tmp_path / "x.npy", np.ones((ROWS, COLUMNS), "uint8"))
        given = np.load(tmp_path / "x.npy", mmap_mode="r")
        wide.predict(given[:2])
        assert peak(wide.predict, given, batch_size=100) < self.whole / 5

    def test_whole_numbers_that_a_layer_takes_are_not_cast_at_all(self):
        class FirstColumn(mtn.Layer):
            takes_integers = True

            def forward(self, x, training=None):
                return T.cast(x[:, :1], self.dtype)

        net, given = FirstColumn(), np.ones((ROWS, COLUMNS), "uint8")
        net.predict(given[:2])
        assert peak(net.predict, given, batch_size=ROWS) < self.whole / 5

    @pytest.mark.parametrize("shuffle", [True, False])
    def test_in_training_too(self, shuffle):
        net, given = mtn.Dense(COLUMNS, 1, seed=0), np.ones((ROWS, COLUMNS), "uint8")
        trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(1e-9))
        targets, options = np.ones(ROWS, "float32"), {"batch_size": 100, "shuffle": shuffle}
        trainer.fit(given[:2], targets[:2], progress=False, **options)
        assert peak(trainer.fit, given, targets, progress=False, **options) < self.whole / 5


class TestRefuses:
    @pytest.mark.parametrize(
        ("inputs", "error", "message"),
        [
            (np.zeros((3, 5)), ValueError, r"inputs have shape \(3, 5\), expected \(n, 2\)"),
            (np.zeros(2), ValueError, r"inputs have shape \(2,\).*inputs\[np.newaxis\]"),
            (np.zeros((3, 1, 2)), ValueError, r"Reshape them to \(n, 2\), or begin .* Flatten"),
            (np.zeros((0, 2)), ValueError, "inputs are empty"),
            ([["a", "b"]], TypeError, "array of real numbers, got list of dtype <U1"),
            ([[1, 2], [3]], ValueError, "rows differ in length"),
            (np.zeros((1, 2), complex), TypeError, "complex128"),
            (None, TypeError, "real numbers, got NoneType"),
            ([[1e300, 0]], ValueError, r"inputs hold 1e.300, too large for float32: scale them"),
        ],
    )
    def test_what_does_not_fit(self, quick_net, inputs, error, message):
        with pytest.raises(error, match=message):
            quick_net.predict(inputs)

    def test_a_mask_that_would_be_lost(self, quick_net):
        masked = np.ma.masked_greater(x, 5)
        with pytest.raises(ValueError, match=r"masked array, and its mask would be lost.*\.filled"):
            quick_net.predict(masked)

    def test_masked_targets_and_weights_in_training(self, quick_net):
        trainer = mtn.Trainer(quick_net, mtn.categorical_crossentropy, mtn.SGD())
        labels = np.ma.masked_equal(np.arange(6) % 3, 1)
        with pytest.raises(ValueError, match="targets are a masked array"):
            trainer.fit(x, labels, progress=False)
        with pytest.raises(ValueError, match="weights are a masked array"):
            trainer.fit((x, labels.filled(0), np.ma.masked_less(np.arange(6), 2)), progress=False)

    @pytest.mark.parametrize("kind", ["csr_matrix", "coo_matrix", "csc_array"])
    def test_a_sparse_matrix(self, quick_net, kind):
        sparse = pytest.importorskip("scipy.sparse")
        with pytest.raises(TypeError, match=r"sparse matrix.*give inputs\.toarray\(\)"):
            quick_net.predict(getattr(sparse, kind)(x))

    @pytest.mark.parametrize("value", [0, -1, 2.5, "3", None, True])
    def test_what_is_no_batch_size(self, quick_net, value):
        with pytest.raises(ValueError, match="batch_size must be a positive whole number"):
            quick_net.predict(x, batch_size=value)

    def test_infinities_pass_for_they_are_seen_in_the_result(self):
        assert mtn.ReLU().predict([[np.inf, np.nan]])[0].tolist()[0] == np.inf


def test_the_user_s_own_mode_is_what_it_compiles_in(quick_net):
    with engine.flags(mode="FAST_RUN"):
        np.testing.assert_allclose(quick_net.predict(x), plain(quick_net, x), rtol=1e-5)


def test_a_graph_of_numbers_alone():
    assert mtn.Dense(2, 1, W=[[1], [10]])(T.constant(x[:1])).eval().tolist() == [[10]]

"""What is written for TensorBoard, read with TensorBoard's own reader."""

import sys

import pytest

import minitheanonet as mtn

pytest.importorskip("tensorboardX")
accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")


@pytest.fixture
def fit(make_net, blobs):
    """Train a small network for some epochs."""

    def fit(board, epochs, trainer=None, **options):
        metrics = [mtn.accuracy]
        trainer = trainer or mtn.Trainer(
            make_net(), mtn.categorical_crossentropy, mtn.Adam(), metrics
        )
        options = {"callbacks": [board], "validation": blobs, **options}
        trainer.fit(blobs, epochs=epochs, progress=False, **options)
        return trainer

    return fit


def read(folder):
    events = accumulator.EventAccumulator(str(folder), size_guidance={"histograms": 0})
    return events.Reload()


def curve(events, tag):
    return [(event.step, pytest.approx(event.value)) for event in events.Scalars(tag)]


def test_the_history(tmp_path, fit):
    history = fit(mtn.TensorBoard(tmp_path / "runs" / "one"), 3).history
    events = read(tmp_path / "runs" / "one")
    assert set(events.Tags()["scalars"]) == {
        "seconds", "learning_rate", "loss/train", "loss/test", "accuracy/train", "accuracy/test",
    }  # fmt: skip
    for tag, column in (("loss/test", "test_loss"), ("accuracy/train", "train_accuracy"),
                        ("learning_rate", "learning_rate")):  # fmt: skip
        assert curve(events, tag) == [(n, history[column][n - 1]) for n in (1, 2, 3)]


def test_figures_that_are_missing_are_left_out(tmp_path, fit):
    board = mtn.TensorBoard(tmp_path)
    fit(board, 1, fit(board, 1), validation=None)
    assert [step for step, _ in curve(read(tmp_path), "loss/test")] == [1]


def test_histograms_of_the_weights(tmp_path, fit):
    net = fit(mtn.TensorBoard(tmp_path, histograms=2), 4).network
    events = read(tmp_path)
    assert set(events.Tags()["histograms"]) == net.parameters.keys()
    for path, value in net.values().items():
        second, fourth = events.Histograms(path)
        assert (second.step, fourth.step) == (2, 4)
        told = fourth.histogram_value
        assert told.num == value.size
        assert (told.min, told.max) == pytest.approx((value.min(), value.max()))
        assert (told.sum, told.sum_squares) == pytest.approx((value.sum(), (value**2).sum()))


def test_no_histograms(tmp_path, fit):
    fit(mtn.TensorBoard(tmp_path, histograms=None), 2)
    assert read(tmp_path).Tags()["histograms"] == []


def test_the_networks_summary(tmp_path, fit):
    net = fit(mtn.TensorBoard(tmp_path), 1).network
    (event,) = read(tmp_path).Tensors("network/text_summary")
    (text,) = event.tensor_proto.string_val
    lines = text.decode().splitlines()
    assert [line.removeprefix("    ") for line in lines] == net.summary().splitlines()


def test_a_run_that_is_resumed_goes_on_where_it_was(tmp_path, fit, make_net):
    run, board = tmp_path / "run", mtn.TensorBoard(tmp_path / "board")
    checkpoint = mtn.Checkpoint(run / "{epoch}.h5", every=2)
    fit(board, 3, callbacks=[board, checkpoint])  # the third epoch is not in a checkpoint
    trainer = mtn.Trainer(
        make_net(), mtn.categorical_crossentropy, mtn.Adam(), metrics=[mtn.accuracy]
    )
    mtn.resume(trainer, run)
    board = mtn.TensorBoard(tmp_path / "board")
    history = fit(board, 2, trainer, callbacks=[board, checkpoint]).history
    expected = list(zip((1, 2, 3, 4), history["train_loss"], strict=True))
    assert curve(read(tmp_path / "board"), "loss/train") == expected


def test_in_a_loop_of_ones_own(tmp_path, make_net, blobs):
    board = mtn.TensorBoard(tmp_path)
    trainer = mtn.Trainer(make_net(), mtn.categorical_crossentropy, mtn.Adam())
    for record in trainer.epochs(blobs):
        board(trainer)
        if record["epoch"] == 2:
            break
    assert [step for step, _ in curve(read(tmp_path), "loss/train")] == [1, 2]
    board.after_fit(trainer)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3,), TypeError, "TensorBoard: path must be a path"),
        (("run", 0), ValueError, "TensorBoard: histograms must be a positive whole number"),
    ],
)
def test_arguments_that_are_none(arguments, error, message):
    with pytest.raises(error, match=message):
        mtn.TensorBoard(*arguments)


def test_without_tensorboardx(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"needs tensorboardX.*'minitheanonet\[tensorboard\]'"):
        mtn.TensorBoard(tmp_path)

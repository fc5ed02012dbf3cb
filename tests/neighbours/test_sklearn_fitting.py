"""What an estimator does with data, and with a training that goes on."""

from __future__ import annotations

import pickle
import signal
from functools import partial

import numpy as np
import pytest

pytest.importorskip("sklearn")

import joblib
import scipy.sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import minitheanonet as mtn
from minitheanonet.neighbours.sklearn import Classifier, MLPClassifier, MLPRegressor, Regressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
X[X < 0.3] = 0
SUM = X.sum(axis=1)
Y = np.where(X.sum(axis=1) > SUM.mean(), "b", "a")
small = partial(MLPClassifier, (4,), batch_size=16, max_iter=3, random_state=0)


def same(one, other):
    mine, theirs = one.network_.values(), other.network_.values()
    return all((mine[path] == theirs[path]).all() for path in mine)


class TestSparse:
    @pytest.mark.parametrize("settings", [{}, {"shuffle": False}, {"early_stopping": True}])
    def test_the_same_bits_as_dense(self, settings):
        dense, sparse = small(**settings).fit(X, Y), small(**settings)
        sparse.fit(scipy.sparse.csr_matrix(X), Y)
        assert same(dense, sparse)
        assert (dense.predict_proba(X) == sparse.predict_proba(scipy.sparse.csc_array(X))).all()

    def test_it_is_never_dense_as_a_whole(self, monkeypatch):
        rows, toarray = [], scipy.sparse.csr_array.toarray

        def watched(matrix, *arguments, **options):
            rows.append(matrix.shape[0])
            return toarray(matrix, *arguments, **options)

        monkeypatch.setattr(scipy.sparse.csr_array, "toarray", watched)
        wide = scipy.sparse.random_array((2000, 50), rng=0, format="csr")
        small().fit(wide, np.arange(2000) % 2).predict(wide)
        assert 0 < max(rows) <= 1024


class TestWeights:
    def test_their_scale_does_not_matter(self):
        w = np.arange(1.0, 61)
        one, other = (
            small(alpha=0).fit(X, Y, sample_weight=scale * w).network_.values()
            for scale in (1, 1000)
        )
        for path in one:
            np.testing.assert_allclose(one[path], other[path], rtol=1e-6)

    def test_those_of_classes_are_those_of_their_examples(self):
        by_class = small(class_weight={"a": 3, "b": 1}).fit(X, Y)
        by_example = small().fit(X, Y, sample_weight=np.where(Y == "a", 3, 1))
        assert same(by_class, by_example)
        both = small(class_weight={"a": 3}, alpha=2e-4).fit(X, Y, sample_weight=np.full(60, 2))
        assert same(by_class, both)  # twice the data, beside twice the penalty

    def test_balanced_classes(self):
        rare = np.arange(60) < 6
        plain = small(max_iter=1).fit(X, rare)
        assert not same(plain, small(max_iter=1, class_weight="balanced").fit(X, rare))

    @pytest.mark.parametrize(
        ("weights", "said"),
        [
            (np.zeros(60), "all weights are zero"),
            (np.ones(59), "same number of examples"),
            (-np.ones(60), "finite and not negative"),
            (np.ones((60, 2)), r"expected \(n,\)"),
        ],
    )
    def test_wrong_ones_are_refused(self, weights, said):
        with pytest.raises(ValueError, match=said):
            small().fit(X, Y, sample_weight=weights)


class TestEarlyStopping:
    def test_the_best_network_is_kept(self):
        model = MLPRegressor(
            hidden_layer_sizes=(4,), early_stopping=True, learning_rate_init=0.3, random_state=0,
            validation_fraction=0.3,
        ).fit(X, SUM)  # fmt: skip
        scores = model.validation_scores_
        assert model.best_validation_score_ == max(scores) > scores[-1]
        assert model.best_loss_ is None
        assert model.n_iter_ == len(scores) == len(model.history_["test_loss"]) < 200
        assert model.score(X, SUM) > 0.9

    def test_weights_count_in_the_score(self):
        w = (Y == "a") + 1e-9
        model = small(early_stopping=True, max_iter=1, learning_rate_init=1e-9)
        held_out = {
            model.fit(X, Y, w).best_validation_score_,
            model.fit(X, Y).best_validation_score_,
        }
        assert len(held_out) == 2

    def test_labels_are_scored_as_sets(self):
        labels = np.column_stack([SUM > 1, X[:, 0] > 0]).astype(int)
        model = small(early_stopping=True).fit(X, labels)
        assert model.predict(X).shape == (60, 2)
        assert 0 <= model.best_validation_score_ <= 1


class TestGoingOn:
    def test_epoch_by_epoch_is_as_in_one_go(self):
        at_once, by_parts = small(), small()
        at_once.fit(X, Y)
        for _ in range(3):
            by_parts.partial_fit(X, Y, classes=["a", "b"])
        assert same(at_once, by_parts)
        assert by_parts.loss_curve_ == at_once.loss_curve_
        assert by_parts.history_["epoch"] == [1, 2, 3]

    def test_a_warm_start_goes_on_from_the_network(self):
        model = small(warm_start=True).fit(X, Y)
        first = model.loss_curve_[0]
        assert model.fit(X, Y).loss_curve_[3] < first
        assert model.history_.epochs == 6
        assert model.n_iter_ == 3

    def test_a_fit_begins_anew(self):
        model = small().fit(X, Y)
        assert same(clone(model).fit(X, Y), model.fit(X[::-1], Y).fit(X, Y))

    def test_unpickled_it_goes_on_as_if_it_had_not_been(self):
        model = small(dropout=0.3).fit(X, Y)
        twin = pickle.loads(pickle.dumps(model))
        assert same(model.partial_fit(X, Y), twin.partial_fit(X, Y))
        assert twin.history_.epochs == 4

    def test_joblib_brings_it_back(self, tmp_path):
        joblib.dump(small().fit(X, Y), tmp_path / "model")
        assert (joblib.load(tmp_path / "model").predict(X) == small().fit(X, Y).predict(X)).all()

    def test_a_regressor_too(self):
        model = MLPRegressor(hidden_layer_sizes=(), learning_rate_init=0.1)
        for _ in range(50):
            model.partial_fit(X, SUM)
        assert model.score(X, SUM) > 0.9

    @pytest.mark.parametrize(
        ("model", "arguments", "said"),
        [
            (small(), (X, Y), "classes must be passed on the first call"),
            (small(), (X, Y, None, ["a", "c"]), "y has classes .*b.* not among the classes_"),
            (small(early_stopping=True), (X, Y, None, ["a", "b"]), "does not support early_stop"),
        ],
    )
    def test_what_a_part_must_have(self, model, arguments, said):
        with pytest.raises(ValueError, match=said):
            model.partial_fit(*arguments)

    def test_a_first_part_that_was_refused_is_no_part(self):
        model = small()
        for _ in range(2):
            with pytest.raises(ValueError, match="not among the classes_"):
                model.partial_fit(X, Y, classes=["a", "c"])
        assert model.partial_fit(X, Y, classes=["a", "b"]).n_iter_ == 1

    def test_labels_need_no_classes(self):
        assert small().partial_fit(X, np.eye(3, dtype=int)[np.arange(60) % 3]).n_outputs_ == 3

    def test_ctrl_c_ends_it_with_what_was_learned(self):
        def press(trainer):
            signal.raise_signal(signal.SIGINT)

        model = Regressor(mtn.Dense, callbacks=[press])
        with pytest.warns(UserWarning, match="Training interrupted by user"):
            model.fit(X, SUM)
        assert model.n_iter_ == 1
        assert model.predict(X).shape == (60,)


class TestAtHome:
    def test_in_a_grid_search_over_processes(self, monkeypatch):
        monkeypatch.setenv("PYTENSOR_FLAGS", "mode=FAST_COMPILE")
        model = make_pipeline(StandardScaler(), small())
        grid = {"mlpclassifier__alpha": [1e-4, 1.0], "mlpclassifier__learning_rate_init": [0.1]}
        search = GridSearchCV(model, grid, cv=2, n_jobs=2).fit(X, Y)
        assert search.best_score_ > 0.8

    def test_in_cross_validation_and_calibration(self):
        model = small(learning_rate_init=0.1)
        assert cross_val_score(model, X, Y, cv=3).mean() > 0.8
        p = CalibratedClassifierCV(model, cv=2).fit(X, Y).predict_proba(X)
        np.testing.assert_allclose(p.sum(axis=1), 1)

    def test_progress_is_shown_when_it_is_asked_for(self, capsys):
        small(verbose=True).fit(X, Y)
        assert "epoch 3/3" in capsys.readouterr().err


class TestAnyNetwork:
    @staticmethod
    def one_output(n_in, n_out):
        return mtn.Sequential(mtn.Dense(n_in, 1), mtn.Sigmoid())

    @staticmethod
    def scores(n_in, n_out):
        return mtn.Dense(n_in, n_out)

    def test_one_output_is_enough_for_two_classes(self):
        model = Classifier(self.one_output, optimizer=mtn.Adam(0.1), max_iter=99).fit(X, Y)
        assert model.score(X, Y) > 0.9
        assert model.predict_proba(X).shape == (60, 2)

    def test_labels_have_an_output_each(self):
        labels = np.column_stack([SUM > 1, X[:, 0] > 0]).astype(int)
        build = lambda n, m: mtn.Sequential(mtn.Dense(n, m), mtn.Sigmoid())  # noqa: E731
        model = Classifier(build, optimizer=mtn.Adam(0.1), max_iter=30).fit(X, labels)
        assert model.score(X, labels) > 0.7

    def test_one_class_is_always_that_class(self):
        build = lambda n, m: mtn.Sequential(mtn.Dense(n, m), mtn.Softmax())  # noqa: E731
        model = Classifier(build, max_iter=2).fit(X, ["only"] * 60)
        assert set(model.predict(X)) == {"only"}
        assert (model.predict_proba(X) == 1).all()

    def test_scores_are_no_probabilities(self):
        model = Classifier(
            self.scores, loss=mtn.multiclass_hinge, optimizer=mtn.Adam(0.1), max_iter=30
        ).fit(X, Y)
        assert model.score(X, Y) > 0.9
        with pytest.raises(ValueError, match="no probabilities: end it with Softmax"):
            model.predict_proba(X)

    def test_pixels_reach_it_as_they_are(self):
        def build(n_in, n_out):
            return mtn.Sequential(mtn.Rescale(1 / 255), mtn.Dense(n_in, n_out), mtn.Softmax())

        pixels = rng.integers(0, 256, (60, 5), dtype="uint8")
        model = Classifier(build, max_iter=2).fit(pixels, Y)
        assert (model.predict_proba(pixels) == model.network_.predict(pixels)).all()

    def test_a_seed_of_the_network_s_own_stays(self):
        build = lambda n, m: mtn.Sequential(mtn.Dense(n, m), seed=5)  # noqa: E731
        models = [
            Regressor(build, optimizer=mtn.SGD(0.0), max_iter=1, random_state=i) for i in (0, 1)
        ]
        one, other = (model.fit(X, SUM) for model in models)
        assert same(one, other)

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"build": mtn.Dense(3, 1)}, "build must be a function from .* got Dense"),
            ({"build": "dense"}, "build must be a function from"),
            ({"build": lambda n, m: None}, "build must return a network, got None"),
            ({"build": mtn.Dense, "optimizer": mtn.Adam}, "optimizer must be an Optimizer"),
        ],
    )
    def test_what_is_no_network_is_refused(self, settings, said):
        with pytest.raises(TypeError, match=said):
            Regressor(**settings).fit(X, SUM)

"""Multilayer perceptrons with scikit-learn's parameters: changing the import is all it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from minitheanonet import engine
from minitheanonet.checks import not_negative, positive_int, positive_number
from minitheanonet.engine import T, Variable
from minitheanonet.layers.activations import Elementwise, ReLU, Sigmoid, Softmax, Tanh
from minitheanonet.layers.dense import Dense
from minitheanonet.layers.dropout import Dropout
from minitheanonet.layers.initializers import Uniform
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.sequential import Sequential
from minitheanonet.learning.adaptive import Adam
from minitheanonet.learning.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_squared_error,
)
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.learning.optimizers import SGD, Momentum, Nesterov
from minitheanonet.neighbours.sklearn.fitting import Fitting
from minitheanonet.neighbours.sklearn.targets import Classifying, Regressing
from minitheanonet.training.trainer import Trainer

_LOWEST_RATE = 1e-6  # below it, an adaptive learning rate is not lowered


class Exp(Elementwise):
    """The exponential function, elementwise: a rate out of its logarithm."""

    def apply(self, x: Variable) -> Variable:
        return T.exp(x)


_HIDDEN = {"identity": (), "logistic": (Sigmoid,), "tanh": (Tanh,), "relu": (ReLU,)}
_ACTIVATIONS = {**_HIDDEN, "softmax": (Softmax,), "exp": (Exp,)}


@dataclass(kw_only=True, eq=False, repr=False)
class _Perceptron(Fitting):
    """Dense layers with an activation between them, and scikit-learn's solvers.

    Subclasses say which activation comes last, ``_output(n_out)``, and which loss goes with it.
    """

    solver: str = "adam"
    alpha: float = 0.0001
    learning_rate: str = "constant"
    learning_rate_init: float = 0.001
    power_t: float = 0.5
    momentum: float = 0.9
    nesterovs_momentum: bool = True
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    max_fun: int = 15000
    dropout: float = 0.0

    _inputs: ClassVar[Any] = (np.float64, np.float32)

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The weight matrices, from the first layer to the last."""
        return self._values("W")

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases, from the first layer to the last."""
        return self._values("b")

    def _values(self, key: str) -> list[np.ndarray]:
        values = self.network_.values()
        return [value for path, value in values.items() if path.endswith(f"/{key}")]

    def _check_settings(self) -> None:
        super()._check_settings()
        if self.solver == "lbfgs":
            raise ValueError(
                'solver="lbfgs" looks at all examples at once, and here a step looks at a batch: '
                'take "adam" or "sgd", or scikit-learn\'s estimator.'
            )
        _one_of(self.solver, "solver", ("adam", "sgd"))
        _one_of(self.activation, "activation", _HIDDEN)
        _one_of(self.learning_rate, "learning_rate", ("constant", "invscaling", "adaptive"))
        positive_number(self.learning_rate_init, "learning_rate_init")
        not_negative(self.power_t, "power_t")

    def _network(self, n_in: int, n_out: int, dtype: str) -> Layer:
        is_one = np.ndim(self.hidden_layer_sizes) == 0
        hidden = [self.hidden_layer_sizes] if is_one else self.hidden_layer_sizes
        sizes = [n_in, *(positive_int(n, "hidden_layer_sizes: each") for n in hidden)]
        self.n_layers_, self.out_activation_ = len(sizes) + 1, self._output(n_out)
        self._graph = (*sizes, n_out, dtype, self.activation, self.dropout, self.out_activation_)

        def dense(n: int, m: int) -> Dense:
            # Glorot and Bengio's limit; scikit-learn draws biases with it too.
            limit = np.sqrt((2 if self.activation == "logistic" else 6) / (n + m))
            return Dense(n, m, Uniform(-limit, limit), Uniform(-limit, limit), dtype=dtype)

        layers: list[Layer] = []
        for n, m in pairwise(sizes):
            layers += [dense(n, m), *(kind() for kind in _ACTIVATIONS[self.activation])]
            layers += [Dropout(self.dropout)] if self.dropout else []
        last = (kind() for kind in _ACTIVATIONS[self.out_activation_])
        return Sequential(*layers, dense(sizes[-1], n_out), *last)

    def _settings(self) -> tuple[Callable, Optimizer]:
        rate = self.learning_rate_init
        if self.solver == "adam":
            optimizer: Optimizer = Adam(rate, self.beta_1, self.beta_2, self.epsilon)
        elif self.momentum:
            kind = Nesterov if self.nesterovs_momentum else Momentum
            optimizer = kind(rate, self.momentum)
        else:
            optimizer = SGD(rate)
        return self._loss(), optimizer

    def _account(
        self, network: Layer, loss: Callable, optimizer: Optimizer, batch: Sequence[np.ndarray]
    ) -> tuple:
        # Of these networks it is known what the graph depends on, without looking at it: how they
        # were made, what was changed or frozen since, and what the optimizer has as constants.
        kinds = [(array.dtype.char, array.ndim) for array in batch]
        rule = repr(replace(optimizer, learning_rate=0.0))
        return (engine.mode(), self._graph, repr(network), *network.trained, rule, *kinds)

    def _callbacks(self) -> list[Callable[[Trainer], None]]:
        is_scaled = self.solver == "sgd" and self.learning_rate == "invscaling"
        return [self._scale_rate] if is_scaled else []

    def _scale_rate(self, trainer: Trainer) -> None:
        trainer.learning_rate = self.learning_rate_init / (self.t_ + 1) ** self.power_t

    def _lower_rate(self, trainer: Trainer) -> bool:
        is_adaptive = self.solver == "sgd" and self.learning_rate == "adaptive"
        if not is_adaptive or trainer.learning_rate <= _LOWEST_RATE:
            return False
        trainer.learning_rate /= 5
        return True


@dataclass(eq=False, repr=False)
class MLPClassifier(Classifying, _Perceptron):
    """A multilayer perceptron that tells classes, with scikit-learn's parameters.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default (100,)
    activation : {"identity", "logistic", "tanh", "relu"}, default "relu"
    solver : {"adam", "sgd"}, default "adam"
    dropout : float in [0, 1), default 0
        The share of each hidden layer's outputs that is dropped in training. scikit-learn's has
        none.
    class_weight : dict, "balanced" or None
        How much the examples of each class count. scikit-learn's has none.
    alpha, batch_size, learning_rate, learning_rate_init, power_t, max_iter, shuffle, random_state
    tol, verbose, warm_start, momentum, nesterovs_momentum, early_stopping, validation_fraction
    beta_1, beta_2, epsilon, n_iter_no_change, max_fun
        With the meaning and the defaults that they have in scikit-learn; `max_fun` is for "lbfgs"
        alone, and not looked at. A `momentum` of 1 is refused.

    Attributes
    ----------
    network_ : Layer
        The trained network, for `save_model` and all else.
    history_ : History
        A row for each epoch; with early stopping it has ``test_loss`` too.
    classes_, coefs_, intercepts_, n_features_in_, n_outputs_, n_layers_, out_activation_
    n_iter_, t_, loss_, loss_curve_, best_loss_, validation_scores_, best_validation_score_
        As scikit-learn has them.

    Notes
    -----
    float32 inputs are computed with in float32, all others in float64. Two classes have one output,
    the probability of the second.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((16,), learning_rate_init=0.02, tol=1e-2, random_state=0)
    >>> bool(model.fit(X, y).score(X, y) > 0.9)
    True
    """

    hidden_layer_sizes: int | Sequence[int] = (100,)
    activation: str = "relu"
    _: KW_ONLY
    class_weight: str | Mapping[Any, float] | None = None

    def _learn_targets(self, y: np.ndarray) -> int:
        n = super()._learn_targets(y)
        return n if self._is_multilabel or n > 2 else 1

    def _output(self, n_out: int) -> str:
        return "logistic" if self._is_multilabel or n_out == 1 else "softmax"

    def _loss(self) -> Callable:
        if self.out_activation_ == "softmax":
            return categorical_crossentropy
        return partial(_scaled, binary_crossentropy, self.n_outputs_)


@dataclass(eq=False, repr=False)
class MLPRegressor(Regressing, _Perceptron):
    """A multilayer perceptron that predicts numbers, with scikit-learn's parameters.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}, default "squared_error"
        Half the squared error; or half the Poisson deviance, of targets not below 0.
    hidden_layer_sizes, activation, solver, dropout, **others
        As for `MLPClassifier`, without `class_weight`.

    Attributes
    ----------
    network_, history_, **others
        As for `MLPClassifier`.

    Notes
    -----
    Of several targets the losses add up, as in scikit-learn's gradient; the loss that it tells is
    their mean.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(100, 3, random_state=0)
    >>> model = MLPRegressor(hidden_layer_sizes=(16,), learning_rate_init=0.1, random_state=0)
    >>> bool(model.fit(X, y).score(X, y) > 0.9)
    True
    """

    loss: str = "squared_error"
    hidden_layer_sizes: int | Sequence[int] = (100,)
    activation: str = "relu"

    def _check_settings(self) -> None:
        super()._check_settings()
        _one_of(self.loss, "loss", ("squared_error", "poisson"))

    def _output(self, n_out: int) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _encoded(self, y: np.ndarray) -> np.ndarray:
        if self.loss == "poisson" and y.min() < 0:
            raise ValueError(f'loss="poisson" is of targets not below 0; the least is {y.min()}.')
        return super()._encoded(y)

    def _loss(self) -> Callable:
        if self.out_activation_ == "exp":
            return partial(_scaled, half_poisson_deviance, self.n_outputs_)
        return partial(_scaled, mean_squared_error, 0.5 * self.n_outputs_)


def half_poisson_deviance(
    prediction: Variable, target: Variable, weights: Variable | None = None
) -> Variable:
    """Return the mean of y log(y / p) - y + p, for rates p above 0 and targets y not below."""
    p, y = prediction, target
    losses = T.switch(y > 0, y * T.log(T.switch(y > 0, y, 1) / p), 0) - y + p
    if weights is not None:
        losses = losses * weights.dimshuffle(0, "x")
    return losses.mean(dtype=p.dtype)


def _scaled(loss: Callable, factor: float, *batch: Variable) -> Variable:
    """Return a loss times a factor: of several outputs, the sum of losses for their mean."""
    return factor * loss(*batch)


def _one_of(value: Any, what: str, options: Any) -> None:
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{what} must be one of {', '.join(map(repr, options))}, got {value!r}.")

"""Layers: pure graph constructors with explicit parameters.

Calling a layer with a symbolic variable returns an expression and does nothing else. Each
parameter may be given as an initialiser, an array, a shared variable or any symbolic variable; an
initialiser is drawn from once, when a network is built around the layer or the layer is first used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitheanonet.arguments import (
    as_real_array,
    checked_seed,
    checked_shape,
    float_dtype,
    is_number,
    positive_int,
)
from minitheanonet.checks import cast
from minitheanonet.engine import (
    SharedVariable,
    T,
    Variable,
    constant,
    rectify,
    shared,
    sigmoid,
    softmax,
    static_shape,
)
from minitheanonet.initializers import GlorotUniform, Zeros
from minitheanonet.symbols import floats
from minitheanonet.training import Training, checked_training

__all__ = ["Dense", "Dropout", "Flatten", "Layer", "ReLU", "Sigmoid", "Softmax", "Tanh"]

# The shape of one example, without the batch axis; None where it is not known yet.
Shape = tuple[int, ...] | None


class Layer:
    """What every layer is: parameters, an output shape, and a call that returns an expression.

    A layer of one's own overrides `__call__`, and `output_shape` if that differs from the input's.

    Parameters
    ----------
    name : str, optional
        A name of its own. Without one it gets its kind's, and a network numbers it: ``dense_1``.
    dtype : {"float32", "float64"}, default "float32"
        What its parameters are, and what it demands of its input if it has any.
    seed : int, optional
        What its parameters are drawn from if it is used outside a network that has a seed;
        without one they differ from run to run.

    Examples
    --------
    >>> class Scale(Layer):
    ...     def __init__(self, n, factor=Zeros(), **options):
    ...         super().__init__(**options)
    ...         self.declare("factor", factor, (n,))
    ...     def __call__(self, x, training=None):
    ...         return x * self.parameters["factor"]
    >>> Scale(3, factor=[1, 2, 3]).params
    [scale/factor]
    """

    def __init__(
        self, *, name: str | None = None, dtype: str = "float32", seed: int | None = None
    ) -> None:
        self.kind = type(self).__name__.lower()
        if name is not None and not (isinstance(name, str) and name):
            raise ValueError(
                f"{self.kind}: name must be a text that is not empty, got {name!r:.60}."
            )
        self.has_own_name = name is not None
        self.name = name or self.kind
        self.dtype = float_dtype(dtype, f"{self.name}: dtype")
        self.seed = None if seed is None else checked_seed(seed, f"{self.name}: seed")
        self._path = self.name
        self._parameters: dict[str, Variable] = {}
        self._own_keys: set[str] = set()
        self._undrawn: dict[str, tuple[Any, tuple[int, ...]]] = {}

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        """Return the layer's output for the symbolic input `x`, of shape (n, ...).

        With a `Training`, the output is the one for training (dropout drops); without, it is the
        prediction.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(x, training=None).")

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one output example for an input example's; None is unknown."""
        return input_shape

    def declare(self, key: str, given: Any, shape: tuple[int, ...]) -> None:
        """Take a parameter of `shape` as it was given: initialiser, array, shared or symbolic."""
        label = f"{self.name}: {key}"
        shape = checked_shape(shape, f"{label}'s shape")
        if isinstance(given, Variable):
            _check_symbolic(label, floats(given, label), shape, self.dtype)
            self._parameters[key] = given
            return
        self._own_keys.add(key)
        if isinstance(given, type):
            raise TypeError(f"{label} is the class {given.__name__}. Did you leave out the ()?")
        if callable(given):
            self._parameters[key] = None  # keeps the order of declaration
            self._undrawn[key] = given, shape
        else:
            self._parameters[key] = self._own(key, _checked_array(label, given, shape))

    def build(self, seed: int | np.random.SeedSequence | None = None) -> None:
        """Draw the parameters that are not drawn yet; those that are stay as they are."""
        if not isinstance(seed, np.random.SeedSequence | None):
            seed = checked_seed(seed, f"{self.name}: seed")
        rng = np.random.default_rng(self.seed if seed is None else seed)
        for key, (initializer, shape) in self._undrawn.items():
            label = f"{self.name}: {key}"
            _check_room(label, shape)
            drawn = _checked_array(label, initializer(shape, rng), shape)
            self._parameters[key] = self._own(key, drawn)
        self._undrawn.clear()

    def _own(self, key: str, value: np.ndarray) -> SharedVariable:
        return shared(cast(value, self.dtype, f"{self.name}: {key}"), f"{self._path}/{key}")

    def rename(self, prefix: str = "") -> None:
        """Name the parameters that this layer made itself ``prefix + layer name/parameter``."""
        self._path = prefix + self.name
        for key in self._own_keys - self._undrawn.keys():
            self._parameters[key].name = f"{self._path}/{key}"

    @property
    def parameters(self) -> dict[str, Variable]:
        """Every parameter by its key, ``{"W": ..., "b": ...}``, the symbolic ones too."""
        if self._undrawn:
            self.build()
        return self._parameters

    @property
    def has_parameters(self) -> bool:
        """Whether the layer declares any parameter."""
        return bool(self._parameters)

    @property
    def expected_shape(self) -> Shape:
        """The shape of one input example, where the layer alone decides it."""
        return None

    @property
    def params(self) -> list[SharedVariable]:
        """The parameters that training may change, those that are shared variables."""
        return [p for p in self.parameters.values() if isinstance(p, SharedVariable)]

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Dense(Layer):
    """A fully connected layer: x W + b.

    Parameters
    ----------
    n_in, n_out : int
        Lengths of an input and of an output vector (fan-in and fan-out).
    W : initialiser, array, shared or symbolic variable, shape (n_in, n_out)
        The weights; Glorot uniform by default. A symbolic expression ties them: ``W=other.W.T``.
    b : the same, shape (n_out,), or None
        The biases; zeros by default. None leaves them out.
    name, dtype, seed
        As for every `Layer`.

    Raises
    ------
    ValueError
        If a size is not a positive integer, or a parameter's shape is not the expected one.
    TypeError
        If a symbolic parameter, or the input, is not of the layer's dtype.

    Notes
    -----
    Called with x of shape (n, n_in), it gives (n, n_out).

    Examples
    --------
    >>> from minitheanonet.engine import T
    >>> layer = Dense(2, 1, W=[[1], [10]], b=[0.5])
    >>> x = T.fmatrix("x")
    >>> layer(x).eval({x: np.array([[3, 4]], dtype="float32")})
    array([[43.5]], dtype=float32)
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        W: Any = GlorotUniform(),
        b: Any = Zeros(),
        *,
        name: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype, seed=seed)
        self.n_in, self.n_out = (
            positive_int(n_in, "Dense: n_in"),
            positive_int(n_out, "Dense: n_out"),
        )
        self.declare("W", W, (self.n_in, self.n_out))
        if b is not None:
            self.declare("b", b, (self.n_out,))

    @property
    def W(self) -> Variable:
        """The weights, (n_in, n_out)."""
        return self.parameters["W"]

    @property
    def b(self) -> Variable | None:
        """The biases, (n_out,), or None."""
        return self.parameters.get("b")

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        x = floats(x, f"{self.name}: the input")
        if x.ndim != 2 or static_shape(x)[1] not in (None, self.n_in):
            raise ValueError(
                f"{self.name}: expected an input of shape (n, {self.n_in}), got "
                f"{_shown(static_shape(x))}. Flatten() makes matrices of higher-dimensional inputs."
            )
        if x.dtype != self.dtype:
            raise TypeError(
                f"{self.name} computes in {self.dtype}, but its input is {x.dtype}: cast the "
                f'input, or build the layer with dtype="{x.dtype}".'
            )
        product = T.dot(x, self.W)
        return product if self.b is None else product + self.b

    @property
    def expected_shape(self) -> Shape:
        """(n_in,)."""
        return (self.n_in,)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (n_out,), after checking that the input is (n_in,)."""
        if input_shape not in (None, (self.n_in,)):
            hint = " Put a Flatten() before it." if len(input_shape) > 1 else ""
            raise ValueError(
                f"{self.name}: expected examples of shape ({self.n_in},), got {input_shape}.{hint}"
            )
        return (self.n_out,)

    def __repr__(self) -> str:
        return f"Dense({self.n_in}, {self.n_out})"


class ReLU(Layer):
    """The rectifier: max(0, x), elementwise.

    Notes
    -----
    At 0, where it has no derivative, 0 is taken for it. NaN stays NaN, so that a fault upstream
    is seen.

    References
    ----------
    V. Nair and G. Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    Examples
    --------
    >>> from minitheanonet.engine import T
    >>> x = T.fvector("x")
    >>> ReLU()(x).eval({x: np.array([-1, 2], dtype="float32")})
    array([0., 2.], dtype=float32)
    """

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        return rectify(floats(x, f"{self.name}: the input"))


class Sigmoid(Layer):
    """The logistic function: 1 / (1 + exp(-x)), elementwise.

    Examples
    --------
    >>> from minitheanonet.engine import T
    >>> x = T.fvector("x")
    >>> Sigmoid()(x).eval({x: np.array([0], dtype="float32")})
    array([0.5], dtype=float32)
    """

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        return sigmoid(floats(x, f"{self.name}: the input"))


class Tanh(Layer):
    """The hyperbolic tangent, elementwise.

    Examples
    --------
    >>> from minitheanonet.engine import T
    >>> x = T.fvector("x")
    >>> Tanh()(x).eval({x: np.array([0], dtype="float32")})
    array([0.], dtype=float32)
    """

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        return T.tanh(floats(x, f"{self.name}: the input"))


class Softmax(Layer):
    """Probabilities over classes: exp(x_k) / Σ_j exp(x_j) in each row.

    Notes
    -----
    Takes and gives (n, classes). The cross-entropy of its output is computed from its input, the
    logits, and so stays finite however large they are.

    References
    ----------
    J. Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.

    Examples
    --------
    >>> from minitheanonet.engine import T
    >>> x = T.fmatrix("x")
    >>> Softmax()(x).eval({x: np.array([[1000, 1000]], dtype="float32")})
    array([[0.5, 0.5]], dtype=float32)
    """

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        x = floats(x, f"{self.name}: the input")
        if x.ndim != 2:
            raise ValueError(
                f"{self.name}: expected an input of shape (n, classes), got ndim {x.ndim}. "
                "Flatten() makes matrices of higher-dimensional inputs."
            )
        return softmax(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape, after checking that it is a vector's."""
        if input_shape is not None and len(input_shape) != 1:
            raise ValueError(
                f"{self.name}: expected examples of shape (classes,), got {input_shape}. "
                "Put a Flatten() before it."
            )
        return input_shape


class Dropout(Layer):
    """In training, zero each entry with probability `rate` and divide the others by 1 - rate.

    In prediction the input passes unchanged: the scaling keeps its mean the same.

    Parameters
    ----------
    rate : float in [0, 1)
        The share of entries that is dropped.
    name : str, optional

    Raises
    ------
    ValueError
        If `rate` is outside [0, 1).

    References
    ----------
    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 15, 2014; scaled in training ("inverted dropout"), as section 10 there allows.

    Examples
    --------
    >>> from minitheanonet.engine import T
    >>> x = T.fvector("x")
    >>> ones = np.ones(4, dtype="float32")
    >>> Dropout(0.5)(x).eval({x: ones})
    array([1., 1., 1., 1.], dtype=float32)
    >>> sorted(set(Dropout(0.5)(x, Training(seed=0)).eval({x: np.ones(99, "float32")}).tolist()))
    [0.0, 2.0]
    """

    def __init__(self, rate: float, *, name: str | None = None) -> None:
        super().__init__(name=name)
        if not is_number(rate) or not 0 <= rate < 1:
            raise ValueError(
                f"{self.name}: rate is the share dropped, in [0, 1); got {rate!r:.60}."
            )
        self.rate = float(rate)

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        x = floats(x, f"{self.name}: the input")
        if checked_training(training, self.name) is None or self.rate == 0:
            return x
        keep = 1 - self.rate
        kept = training.stream().bernoulli(keep, x.shape, x.ndim)
        return T.switch(kept, x * constant(1 / keep, x), constant(0, x))

    def __repr__(self) -> str:
        return f"Dropout({self.rate:g})"


class Flatten(Layer):
    """Each example as one vector: (n, a, b, ...) becomes (n, a·b·...).

    Examples
    --------
    >>> Flatten().output_shape((28, 28))
    (784,)
    """

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        x = floats(x, f"{self.name}: the input")
        if x.ndim == 0:
            raise ValueError(f"{self.name}: expected an input of shape (n, ...), got a scalar.")
        return x.reshape((x.shape[0], -1), ndim=2)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the product of the lengths, in a tuple of one."""
        return None if input_shape is None else (int(np.prod(input_shape)),)


def _checked_array(label: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return `value` as a real array, if its shape is `shape`."""
    try:
        array = as_real_array(value, label)
    except TypeError as error:
        raise TypeError(
            f"{label} must be an initialiser, an array of real numbers, a shared or a symbolic "
            f"variable, got {type(value).__name__} {value!r:.60}."
        ) from error
    if array.shape != shape:
        raise ValueError(f"{label} has shape {array.shape}, expected {shape}.")
    return array


def _check_room(label: str, shape: tuple[int, ...]) -> None:
    """Refuse a parameter that memory can't hold, before an initialiser stumbles over it."""
    try:
        np.empty(shape)
    except (MemoryError, ValueError) as error:
        raise MemoryError(
            f"{label} of shape {shape} doesn't fit into memory: use a smaller layer ({error})."
        ) from error


def _check_symbolic(label: str, given: Variable, shape: tuple[int, ...], dtype: str) -> None:
    """Refuse a symbolic parameter that is known to have another shape or dtype."""
    value_shape = static_shape(given)
    if isinstance(given, SharedVariable):
        value_shape = given.get_value(borrow=True).shape
    fits = len(value_shape) == len(shape) and all(
        known in (None, wanted) for known, wanted in zip(value_shape, shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{label} has shape {_shown(value_shape)}, expected {shape}.")
    if given.dtype != dtype:
        raise TypeError(
            f"{label} is {given.dtype}, but the layer computes in {dtype}: cast it, or build the "
            f'layer with dtype="{given.dtype}".'
        )


def _shown(shape: tuple[int | None, ...]) -> str:
    """Return a shape as text, with ? where a length is not known."""
    lengths = ", ".join("?" if length is None else str(length) for length in shape)
    return f"({lengths},)" if len(shape) == 1 else f"({lengths})"

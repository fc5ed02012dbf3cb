"""The tree: a layer is an object whose attributes are parameters, state and other layers.

A network is the outermost layer. Names are paths through the tree, ``blocks/0/dense_1/W``, and
stand in the dicts that list them: nothing is written onto a variable or a layer that is shared.
"""

from __future__ import annotations

import copy
import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minitheanonet.checks import cast, checked_seed, checked_shape, float_dtype
from minitheanonet.engine import SharedVariable, Variable, clone, floats_as, shared
from minitheanonet.layers.given import check_symbolic, checked_array, drawn
from minitheanonet.layers.predicting import Predicting

# The shape of one example, without the batch axis; None where it is not known.
Shape = tuple[int, ...] | None


@dataclass(frozen=True)
class _Leaf:
    """A variable that a layer has: whether training changes it, its shape, how it was drawn."""

    variable: Variable
    is_parameter: bool
    shape: tuple[int, ...]
    initializer: Callable[..., Any] | None = None
    checksum: int = 0  # of what was drawn before a seed decided it

    @property
    def is_open(self) -> bool:
        """Whether no seed has decided the values yet, nor a training or a user."""
        return self.initializer is not None and self.checksum == _checksum(self.variable)


class Layer(Predicting):
    """What every layer is: parameters, state, layers inside it, and a call that makes a graph.

    A layer of one's own overrides `forward`. What its `__init__` assigns to attributes is found
    there: layers, also in lists, tuples and dicts; what `parameter` and `state` return.

    Parameters
    ----------
    name : str, optional
        What a `Sequential` calls it; without one it gets its kind's name and a number, ``dense_1``.
        As an attribute of another layer it is called after the attribute.
    dtype : {"float32", "float64"}, default "float32"
        What its parameters are, and what it demands of its input if it has any.
    seed : int, optional
        What the initial values of all parameters below it are drawn from, each by its path.
        What an inner layer's seed decided, was given, or was trained, stays as it is. Without a
        seed they differ from run to run, until an outer layer's decides them.

    Attributes
    ----------
    trainable : bool, default True
        False freezes the parameters of this layer and of all inside it.
    takes_integers : bool or range, default False
        Whether whole numbers reach it as they are; others get them cast to `dtype`. A range says
        that there are no others than those in it.

    Examples
    --------
    >>> class Scale(Layer):
    ...     def __init__(self, n):
    ...         super().__init__()
    ...         self.factor = self.parameter("factor", np.ones(n), (n,))
    ...     def forward(self, x, training=None):
    ...         return self.factor * x
    >>> list(Scale(3).parameters)
    ['factor']
    """

    name: str | None = None
    dtype = "float32"
    seed: int | None = None
    trainable = True
    takes_integers: bool | range = False
    _decides = False  # whether its seed decides the initial values below it

    def __new__(cls, *args: Any, **options: Any) -> Layer:
        """Make the layer's list of variables, whether or not its `__init__` calls ours."""
        layer = super().__new__(cls)
        layer._leaves = {}
        return layer

    def __init__(
        self, *, name: str | None = None, dtype: str = "float32", seed: int | None = None
    ) -> None:
        if name is not None and (not isinstance(name, str) or not name or "/" in name):
            raise ValueError(f"{self.label}: name must be a text without a /, got {name!r:.60}.")
        self.name = name
        self.dtype = float_dtype(dtype, f"{self.label}: dtype")
        self.seed = None if seed is None else checked_seed(seed, f"{self.label}: seed")
        self._decides = seed is not None

    def __call__(self, x: Any, training: Any = None) -> Variable:
        """Return the output for the symbolic input `x`, of shape (n, ...): a graph, nothing else.

        Parameters
        ----------
        x : symbolic variable, or a tuple of them
        training : Training, optional
            With it the output is the one for training (dropout drops); without, the prediction.

        Raises
        ------
        TypeError
            If the output is of another float type than the input: something upcasts.
        """
        if training is not None:
            if not hasattr(training, "stream"):
                raise TypeError(
                    f"{self!r:.80}: training must be a Training or None, got {training!r:.60}: "
                    "mtn.Training(seed=0), say."
                )
            training.enter(self)
        first = x[0] if isinstance(x, tuple) else x
        dtype = first.dtype if getattr(first, "dtype", "") in ("float32", "float64") else self.dtype
        with floats_as(dtype):
            output = self.forward(x, training)
        if isinstance(output, Variable) and output.dtype != dtype and "float" in output.dtype:
            raise TypeError(
                f"{self!r:.80}: its output is {output.dtype} where {dtype} came in. Whole numbers "
                f'of 32 bits and divisions by a shape upcast: T.cast(..., "{dtype}") them.'
            )
        if training is not None:
            training.note(self, output)
        return output

    def forward(self, x: Any, training: Any = None) -> Variable:
        """Return the output's expression; what a layer of one's own defines."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(x, training=None).")

    def parameter(self, key: str, given: Any, shape: tuple[int, ...]) -> Variable:
        """Take a parameter, which training changes, and return its variable.

        Parameters
        ----------
        key : str
            Its name in this layer.
        given : initialiser, array, shared or symbolic variable
            A symbolic expression is used as it is, and nothing in it is trained by this layer.
        shape : tuple of int

        Raises
        ------
        ValueError, TypeError
            If what is given has another shape or dtype, or is none of these.
        """
        return self._take(key, given, shape, is_parameter=True)

    def state(self, key: str, given: Any, shape: tuple[int, ...]) -> SharedVariable:
        """Take what is kept and saved, but not trained: a running average.

        In training, `forward` says what it becomes: ``training.update(self.mean, expression)``.
        Optimizers and penalties leave it alone. The arguments are as for `parameter`.
        """
        return self._take(key, given, shape, is_parameter=False)

    def _take(self, key: str, given: Any, shape: tuple[int, ...], is_parameter: bool) -> Variable:
        label = f"{self.label}: {key}"
        shape = checked_shape(shape, f"{label}'s shape")
        if isinstance(given, Variable):
            check_symbolic(label, given, shape, self.dtype)
            leaf = _Leaf(given, is_parameter, shape)
        elif callable(given):
            variable = shared(np.zeros(shape, self.dtype), f"{self.label}/{key}")
            leaf = _Leaf(variable, is_parameter, shape, given)
            leaf = _draw(leaf, label, key, self.seed)
        else:
            array = cast(checked_array(label, given, shape), self.dtype, label)
            leaf = _Leaf(shared(array, f"{self.label}/{key}"), is_parameter, shape)
        self._leaves[key] = leaf
        return leaf.variable

    @property
    def label(self) -> str:
        """What the layer is called on its own: its name, or its class's in small letters."""
        return self.name or type(self).__name__.lower()

    def children(self) -> dict[str, Layer]:
        """Return the layers among the attributes, by name: ``encoder``, ``blocks/0``."""
        return {
            path: layer
            for attribute, value in vars(self).items()
            for path, layer in _layers_in(attribute, value)
        }

    def walk(self) -> Iterator[tuple[str, Layer]]:
        """Yield (path, layer) for this layer, path "", and all below it, each once."""
        for path, layer, _ in self._walk("", True, set()):
            yield path, layer

    def _walk(self, path: str, trainable: bool, seen: set) -> Iterator[tuple[str, Layer, bool]]:
        if self in seen:
            return
        seen.add(self)
        trainable = trainable and bool(self.trainable)
        yield path, self, trainable
        for name, child in self.children().items():
            yield from child._walk(f"{path}/{name}" if path else name, trainable, seen)

    def frozen(self) -> set[Layer]:
        """Return the layers that are frozen, by their own `trainable` or one around them."""
        return {layer for _, layer, trainable in self._walk("", True, set()) if not trainable}

    def draw(self, seed: int, *, decided: bool = True) -> None:
        """Draw all initial values below that no seed has decided, by (seed, path).

        Parameters
        ----------
        seed : int
        decided : bool, default True
            Whether they then stay; an outer layer's seed may draw others again.
        """
        for path, layer in self.walk():
            for key, leaf in layer._leaves.items():
                place = f"{path}/{key}" if path else key
                if leaf.is_open:
                    layer._leaves[key] = _draw(leaf, place, place, seed, decided)

    def _named_leaves(self) -> Iterator[tuple[str, _Leaf, bool]]:
        """Yield (path, leaf, whether it is trained) of the whole tree."""
        if self._decides:
            self.draw(self.seed)
        for path, layer, trainable in self._walk("", True, set()):
            for key, leaf in layer._leaves.items():
                trained = trainable and leaf.is_parameter
                yield f"{path}/{key}" if path else key, leaf, trained

    @property
    def parameters(self) -> dict[str, Variable]:
        """Every parameter by its path, ``{"dense_1/W": ...}``, symbolic and frozen ones too."""
        return {path: leaf.variable for path, leaf, _ in self._named_leaves() if leaf.is_parameter}

    @property
    def states(self) -> dict[str, SharedVariable]:
        """What is kept and not trained, by its path."""
        found = self._named_leaves()
        return {path: leaf.variable for path, leaf, _ in found if not leaf.is_parameter}

    @property
    def trained(self) -> dict[str, SharedVariable]:
        """What training changes, by its path, namely what is shared and not frozen, each once."""
        found: dict[SharedVariable, str] = {}
        for path, leaf, is_trained in self._named_leaves():
            if is_trained and isinstance(leaf.variable, SharedVariable):
                found.setdefault(leaf.variable, path)
        return {path: variable for variable, path in found.items()}

    @property
    def params(self) -> list[SharedVariable]:
        """What training changes, the variables of `trained`."""
        return list(self.trained.values())

    def variables(self) -> dict[str, SharedVariable]:
        """Return the shared variables of parameters and states, by path, each once."""
        found: dict[SharedVariable, str] = {}
        for path, leaf, _ in self._named_leaves():
            if isinstance(leaf.variable, SharedVariable):
                found.setdefault(leaf.variable, path)
        return {path: variable for variable, path in found.items()}

    def values(self) -> dict[str, np.ndarray]:
        """Return copies of all parameters' and states' values, by path."""
        return {path: variable.get_value() for path, variable in self.variables().items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Set parameters and states, by path; those that are not named keep their values.

        Raises
        ------
        KeyError
            If there is no such path.
        ValueError, TypeError
            If an array has another shape, or is none. Then nothing was changed.
        """
        variables = self.variables()
        shapes = {path: leaf.shape for path, leaf, _ in self._named_leaves()}
        checked = {}
        for path, value in values.items():
            if path not in variables:
                known = ", ".join(variables)
                raise KeyError(f"the network has no {path!r}; it has {known:.300}.")
            checked[path] = checked_array(path, value, shapes[path])
            checked[path] = cast(checked[path], variables[path].dtype, path)
        for path, value in checked.items():
            variables[path].set_value(value)

    def check_shapes(self) -> None:
        """Refuse a variable that was set to an array of another shape than its layer's."""
        for path, leaf, _ in self._named_leaves():
            if isinstance(leaf.variable, SharedVariable):
                shape = leaf.variable.get_value(borrow=True).shape
                if shape != leaf.shape:
                    raise ValueError(f"{path} was set to shape {shape}; its layer is {leaf.shape}.")

    def replace(self, values: Mapping[str, Any], *, dtype: str | None = None) -> Layer:
        """Return this network with other values in place of some of its own.

        Parameters
        ----------
        values : mapping of path to array or symbolic variable
            An array becomes a variable of the new network's own; a symbolic variable (a random
            variable of a model, an expression of others) is used as it is. Everything else is
            shared with this network.
        dtype : {"float32", "float64"}, optional
            What the new network computes in. It then shares nothing, but has copies in this dtype.

        Raises
        ------
        KeyError
            If there is no such path.
        ValueError, TypeError
            If a value has another shape, or is a variable of another dtype; if with a `dtype` an
            expression (tied weights) is left in another one.

        Examples
        --------
        >>> from minitheanonet import Dense
        >>> layer = Dense(2, 1)
        >>> zero = layer.replace({"W": np.zeros((2, 1)), "b": [0.0]})
        >>> zero.predict([[1, 2]])
        array([[0.]], dtype=float32)
        >>> layer.replace({}, dtype="float64").predict([[1, 2]]).dtype
        dtype('float64')
        """
        leaves = {path: leaf for path, leaf, _ in self._named_leaves()}
        unknown = [path for path in values if path not in leaves]
        if unknown:
            raise KeyError(f"the network has no {unknown[0]!r}; it has {', '.join(leaves):.300}.")
        if dtype is not None:
            values = {**self.values(), **values}
            dtype = float_dtype(dtype, "replace: dtype")
        others: dict[Variable, Variable] = {}
        for path, value in values.items():
            leaf = leaves[path]
            wanted = dtype or leaf.variable.dtype
            if isinstance(value, Variable):
                check_symbolic(path, value, leaf.shape, wanted)
                others[leaf.variable] = value
            else:
                array = cast(checked_array(path, value, leaf.shape), wanted, path)
                others[leaf.variable] = shared(array, leaf.variable.name)
        if dtype is None:
            return _with_others(self, others, {})
        for path, leaf in leaves.items():
            if leaf.variable not in others and leaf.variable.dtype != dtype:
                raise TypeError(
                    f"replace: {path} is an expression in {leaf.variable.dtype}: give a value for "
                    f'it, or build the network with dtype="{dtype}".'
                )
        network = _with_others(self, others, {})
        for _, layer in network.walk():
            layer.dtype = dtype
        return network

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={layer!r}" for name, layer in self.children().items())
        return f"{type(self).__name__}({inner})"


@contextmanager
def inside(name: str) -> Iterator[None]:
    """Say in which layer of a network a mistake was found."""
    try:
        yield
    except (ValueError, TypeError) as error:
        if type(error) not in (ValueError, TypeError):  # others are made with other arguments
            raise
        raise type(error)(f"{name}: {error}") from error


def _layers_in(path: str, value: Any) -> Iterator[tuple[str, Layer]]:
    if isinstance(value, Layer):
        yield path, value
    elif isinstance(value, list | tuple | dict):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, entry in entries:
            yield from _layers_in(f"{path}/{key}", entry)


def _draw(leaf: _Leaf, label: str, path: str, seed: int | None, decided: bool = True) -> _Leaf:
    """Set a leaf's variable to what its initialiser draws by (seed, path)."""
    if seed is None:
        seed, decided = np.random.SeedSequence().entropy, False
    word = int.from_bytes(hashlib.blake2b(path.encode(), digest_size=8).digest(), "little")
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, word)))
    value = drawn(label, leaf.initializer, leaf.shape, rng)
    leaf.variable.set_value(cast(value, leaf.variable.dtype, label))
    if decided:
        return replace(leaf, initializer=None)
    return replace(leaf, checksum=_checksum(leaf.variable))


def _checksum(variable: SharedVariable) -> int:
    return zlib.crc32(np.ascontiguousarray(variable.get_value(borrow=True)))


def _with_others(value: Any, others: dict[Variable, Variable], done: dict[int, Any]) -> Any:
    """Return an attribute's value with other variables in place of some, as copies where needed."""
    if isinstance(value, Variable):
        if value in others or isinstance(value, SharedVariable):
            return others.get(value, value)
        return clone(value, others)  # an expression that a layer keeps, of its parameters perhaps
    if isinstance(value, _Leaf):
        variable = _with_others(value.variable, others, done)
        if variable is value.variable:
            return value
        return replace(value, variable=variable, initializer=None)  # it was given, not drawn
    if isinstance(value, dict):
        return {key: _with_others(entry, others, done) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_with_others(entry, others, done) for entry in value)
    if not isinstance(value, Layer):
        return value
    if id(value) not in done:
        done[id(value)] = twin = copy.copy(value)
        for name, attribute in vars(value).items():
            vars(twin)[name] = _with_others(attribute, others, done)
        twin.forget_functions()
    return done[id(value)]

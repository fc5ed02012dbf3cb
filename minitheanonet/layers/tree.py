"""The tree: what is found below a layer, by paths like ``blocks/0/dense_1/W``.

Names stand in the dicts that list them: nothing is written onto a variable or a layer that is
shared.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from minitheanonet.checks import cast, float_dtype
from minitheanonet.engine import SharedVariable, Variable, clone, shared
from minitheanonet.layers.given import Leaf, check_symbolic, checked_array
from minitheanonet.layers.predicting import Predicting


class Tree(Predicting):
    """What a layer knows of itself and of those below it: layers, parameters, state, values."""

    seed: int | None = None
    trainable = True
    _decides = False  # whether its seed decides the initial values below it
    _leaves: dict[str, Leaf]

    def __new__(cls, *args: Any, **options: Any) -> Tree:
        """Make the list of the layer's own variables, whether or not its `__init__` calls ours."""
        layer = super().__new__(cls)
        layer._leaves = {}
        return layer

    def children(self) -> dict[str, Tree]:
        """Return the layers among the attributes, by name: ``encoder``, ``blocks/0``."""
        return {
            path: layer
            for attribute, value in vars(self).items()
            for path, layer in _layers_in(attribute, value)
        }

    def walk(self) -> Iterator[tuple[str, Tree]]:
        """Yield (path, layer) for this layer, path "", and all below it, each once."""
        for path, layer, _ in self._walk("", True, set()):
            yield path, layer

    def _walk(self, path: str, trainable: bool, seen: set) -> Iterator[tuple[str, Tree, bool]]:
        if self in seen:
            return
        seen.add(self)
        trainable = trainable and bool(self.trainable)
        yield path, self, trainable
        for name, child in self.children().items():
            yield from child._walk(f"{path}/{name}" if path else name, trainable, seen)

    def frozen(self) -> set[Tree]:
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
                    layer._leaves[key] = leaf.draw(place, place, seed, decided)

    def _named_leaves(self) -> Iterator[tuple[str, Leaf, bool]]:
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
        return self._shared(trained_alone=True)

    @property
    def params(self) -> list[SharedVariable]:
        """What training changes, the variables of `trained`."""
        return list(self.trained.values())

    def variables(self) -> dict[str, SharedVariable]:
        """Return the shared variables of parameters and states, by path, each once."""
        return self._shared(trained_alone=False)

    def _shared(self, trained_alone: bool) -> dict[str, SharedVariable]:
        found: dict[SharedVariable, str] = {}
        for path, leaf, is_trained in self._named_leaves():
            if isinstance(leaf.variable, SharedVariable) and is_trained >= trained_alone:
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

    def replace(self, values: Mapping[str, Any], *, dtype: str | None = None) -> Tree:
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


def _layers_in(path: str, value: Any) -> Iterator[tuple[str, Tree]]:
    if isinstance(value, Tree):
        yield path, value
    elif isinstance(value, list | tuple | dict):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, entry in entries:
            yield from _layers_in(f"{path}/{key}", entry)


def _with_others(value: Any, others: dict[Variable, Variable], done: dict[int, Any]) -> Any:
    """Return an attribute's value with other variables in place of some, as copies where needed."""
    if isinstance(value, Variable):
        if value in others or isinstance(value, SharedVariable):
            return others.get(value, value)
        return clone(value, others)  # an expression that a layer keeps, of its parameters perhaps
    if isinstance(value, Leaf):
        variable = _with_others(value.variable, others, done)
        if variable is value.variable:
            return value
        return replace(value, variable=variable, initializer=None)  # it was given, not drawn
    if isinstance(value, dict):
        return {key: _with_others(entry, others, done) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_with_others(entry, others, done) for entry in value)
    if not isinstance(value, Tree):
        return value
    if id(value) not in done:
        done[id(value)] = twin = copy.copy(value)
        for name, attribute in vars(value).items():
            vars(twin)[name] = _with_others(attribute, others, done)
        twin.forget_functions()
    return done[id(value)]

"""A layer: an object whose attributes are parameters, state and other layers, and a call.

A network is the outermost layer. `Tree` is what is found below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minitheanonet.checks import cast, checked_seed, checked_shape, float_dtype
from minitheanonet.engine import SharedVariable, Variable, floats_as, shared
from minitheanonet.layers.given import Leaf, check_symbolic, checked_array
from minitheanonet.layers.tree import Tree

# The shape of one example, without the batch axis; None where it is not known.
Shape = tuple[int, ...] | None


class Layer(Tree):
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
    takes_integers : bool or range, or tuple of these, default False
        Whether whole numbers reach it as they are; others get them cast to `dtype`. A range says
        that it knows no others than those in it; a tuple says it of several inputs, in order, or
        of one for each of its branches.

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
    takes_integers: bool | range | tuple = False

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
            leaf = Leaf(given, is_parameter, shape)
        elif callable(given):
            variable = shared(np.zeros(shape, self.dtype), f"{self.label}/{key}")
            leaf = Leaf(variable, is_parameter, shape, given)
            leaf = leaf.draw(label, key, self.seed)
        else:
            array = cast(checked_array(label, given, shape), self.dtype, label)
            leaf = Leaf(shared(array, f"{self.label}/{key}"), is_parameter, shape)
        self._leaves[key] = leaf
        return leaf.variable

    @property
    def label(self) -> str:
        """What the layer is called on its own: its name, or its class's in small letters."""
        return self.name or type(self).__name__.lower()

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

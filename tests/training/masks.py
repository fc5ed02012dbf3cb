"""Masks of layers, and a tree of layers as far as the randomness of a training sees one."""

import numpy as np

from minitheanonet.engine import function
from minitheanonet.training.randomness import Training


class Layer:
    """A tree of layers, as far as `Training` sees one."""

    def __init__(self, **children):
        self.children = children

    def walk(self, path=""):
        yield path, self
        for name, child in self.children.items():
            yield from child.walk(f"{path}/{name}".lstrip("/"))

    def frozen(self):
        return set()


class Dropout(Layer):
    pass


ENTERED = "1:{}"  # the place of a layer of the first network; of a layer alone, "0:dropout_1"


def masks(seed=0, streams=2, steps=3, p=0.5, shape=(64, 512)):
    """Return booleans of shape (steps, streams, *shape)."""
    training = Training(seed)
    draws = [training.stream(Dropout()).bernoulli(p, shape, len(shape)) for _ in range(streams)]
    step = function([], draws, updates=training.updates)
    return np.array([step() for _ in range(steps)])


def draw(training, *layers):
    """Return the first mask of each layer, at the training's present step."""
    return function([], [training.stream(layer).bernoulli(0.5, (4096,), 1) for layer in layers])()


def correlation(a, b):
    """Return the correlation of two boolean arrays."""
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]

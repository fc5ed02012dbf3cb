"""Networks in PyMC's models: parameters with priors, the others as they were trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from minitheanonet.engine import T, Variable
from minitheanonet.layers.layer import Layer
from minitheanonet.neighbours.extras import imported


def normal(name: str, initval: np.ndarray, dims: Sequence[str]) -> Variable:
    r"""Return the prior that `bayesian` takes by default: a normal one around zero.

    Its standard deviation is 1/√fan-in for weights and kernels, and 1 for vectors: with ever more
    units the outputs then keep their size, and become a Gaussian process [1]_.

    .. [1] R. M. Neal, Bayesian Learning for Neural Networks, Springer, 1996, chapter 2.
    """
    fan_in = math.prod(initval.shape[:-1])  # 1 for vectors, whose only axis is the units
    return imported("pymc", "pymc").Normal(name, 0, fan_in**-0.5, initval=initval, dims=dims)


def bayesian(
    network: Layer, where: str | Sequence[str] = "*", prior: Callable[..., Variable] = normal
) -> Layer:
    r"""Return the network with random variables of the PyMC model around as parameters.

    What isn't chosen is constant: as it was trained. The network computes in PyMC's ``floatX``,
    whatever its own dtype is, and so takes what `pymc.Data` gives.

    Parameters
    ----------
    network : Layer
    where : pattern of paths, or several, default "*"
        Which parameters get a prior: ``"dense_2/*"`` for those of the last layer, say. Frozen
        ones, those of layers with ``trainable=False``, get none.
    prior : callable, optional
        Called as ``prior(name, initval=..., dims=...)`` it returns a random variable. The name is
        the path with "::" for "/", which PyMC allows in no name: ``dense_2::W``. The initial value
        is the network's. The dimensions are named by layer, ``dense_2 inputs`` and ``dense_2
        units``; the places of a kernel are ``window 1`` and ``window 2``. By default
        w ~ N(0, 1 / fan-in) for weights and kernels, N(0, 1) for vectors [1]_.

    Returns
    -------
    Layer
        To be called with data and observed. Nothing in it is trained, and `network` is unchanged.

    Raises
    ------
    ImportError
        If PyMC is not installed: it is the extra ``minitheanonet[pymc]``.
    RuntimeError
        Outside of a model.
    KeyError
        If a pattern fits no parameter.
    TypeError, ValueError
        If a prior's variable has another dtype or shape than its parameter.

    References
    ----------
    .. [1] R. M. Neal, Bayesian Learning for Neural Networks, Springer, 1996, chapter 2.

    Examples
    --------
    >>> import pymc as pm
    >>> import minitheanonet as mtn
    >>> net = mtn.Sequential(mtn.Dense(2, 4), mtn.Tanh(), mtn.Dense(4, 1), seed=0)
    >>> with pm.Model() as model:
    ...     mean = mtn.bayesian(net, "dense_2/*")(pm.Data("x", np.eye(2)))
    ...     y = pm.Normal("y", mean, 0.1, observed=[[0], [1]])
    >>> [variable.name for variable in model.free_RVs]
    ['dense_2::W', 'dense_2::b']

    ``pm.sample()`` within the model then draws from the posterior.
    """
    pm = imported("pymc", "pymc")
    try:
        model = pm.modelcontext(None)
    except TypeError as error:
        raise RuntimeError("bayesian gives priors: call it within `with pm.Model():`.") from error
    dtype = pm.pytensorf.floatX(0.0).dtype.name
    start = {path: value.astype(dtype) for path, value in network.values().items()}
    values = {path: T.constant(value) for path, value in start.items()}
    for path in _chosen(network, [where] if isinstance(where, str) else where):
        name = path.replace("/", "::")
        dims = _dims(model, name, start[path].shape)
        values[path] = prior(name, initval=start[path], dims=dims)
    return network.replace(values, dtype=dtype)


def _chosen(network: Layer, patterns: Sequence[str]) -> list[str]:
    """Return the paths of the parameters that patterns fit, in the network's order."""
    paths = list(network.trained)
    for pattern in patterns:
        if not any(fnmatchcase(path, pattern) for path in paths):
            raise KeyError(
                f"bayesian: {pattern!r} fits none of the trained parameters {', '.join(paths):.300}"
                "; a layer's are its path and /*."
            )
    return [path for path in paths if any(fnmatchcase(path, pattern) for pattern in patterns)]


def _dims(model: Any, name: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return the names of a parameter's axes, and make them known to the model."""
    windows = [f"window {i + 1}" for i in range(len(shape) - 2)]
    axes = [*windows, "inputs", "units"][-len(shape) :]
    return tuple(_dim(model, name, axis, length) for axis, length in zip(axes, shape, strict=True))


def _dim(model: Any, name: str, axis: str, length: int) -> str:
    """Return an axis's name: by layer, or by parameter where the layer's has another length."""
    dim = f"{name.rpartition('::')[0]} {axis}".strip()
    if len(model.coords.get(dim, range(length))) != length:
        dim = f"{model.name_for(name)} {axis}"
    model.add_coord(dim, range(length))
    return dim

"""Theano 1.0.5: what differs from PyTensor, under the names that `engine` gives the rest."""

# ruff: noqa: F401 (what `engine` takes from here)
from __future__ import annotations

import warnings
from typing import Any

from minitheanonet.engine.blas import set_theano_blas

set_theano_blas()
with warnings.catch_warnings():
    # Theano is of 2020: what NumPy and setuptools deprecated since then is no user's concern.
    warnings.simplefilter("ignore")
    import theano as engine
    import theano.tensor as T
    from theano.compile.mode import get_mode
    from theano.compile.sharedvalue import SharedVariable
    from theano.gof.graph import Apply, Constant, Variable, io_toposort
    from theano.gof.graph import inputs as graph_inputs
    from theano.scalar.basic import autocast_float

Softmax = T.nnet.Softmax
sigmoid, softmax, log_softmax = T.nnet.sigmoid, T.nnet.softmax, T.nnet.logsoftmax
flags = engine.configparser.change_flags


def static_shape(x: Variable) -> tuple[int | None, ...]:
    """Return the lengths that the type of `x` fixes, ``None`` for those it leaves open."""
    return tuple(1 if fixed else None for fixed in x.type.broadcastable)


def tensor(dtype: str, ndim: int, name: str) -> Variable:
    """Return a symbolic array that leaves every length open."""
    return T.TensorType(dtype, (False,) * ndim)(name)


def clone(output: Variable, replace: dict[Variable, Variable]) -> Variable:
    """Return `output` computed with other variables in place of some."""
    return engine.clone(output, replace=replace, strict=False)


def compiled(inputs: list, outputs: Any, updates: list, mode: Any, trust_input: bool) -> Any:
    """Return the engine's own function of a graph."""
    result = engine.function(inputs, outputs, updates=updates, mode=mode)
    result.trust_input = trust_input
    return result


class Op(engine.Op):
    """An Op whose derivative is defined by `pullback`, as PyTensor has it."""

    def L_op(self, inputs: list, outputs: list, gradients: list) -> list:
        return self.pullback(inputs, outputs, gradients)

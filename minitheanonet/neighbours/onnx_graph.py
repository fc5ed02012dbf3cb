"""An ONNX graph that grows, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from minitheanonet.engine import SharedVariable, Variable, function, leaves
from minitheanonet.files.errors import RefusedError
from minitheanonet.layers.layer import Layer

# What writes a layer: (graph, layer, name of the input) → name of the output.
Writer = Callable[["Graph", Any, str], str]


@dataclass(frozen=True)
class Graph:
    """An ONNX graph that grows, as seen from one layer of the network.

    Attributes
    ----------
    onnx : module
    dtype : str
        In which the network computes.
    names : mapping of variable to str
        The paths of parameters and states.
    writers : mapping of class of layer to function
    path : str
        Of the layer.
    nodes : list of NodeProto
    arrays : dict of str to array
    """

    onnx: Any
    dtype: str
    names: Mapping[Variable, str]
    writers: Mapping[type[Layer], Writer]
    path: str = ""
    nodes: list[Any] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, operation: str, *inputs: Any, **attributes: Any) -> str:
        """Add an operation, and return the name of its output.

        Inputs are names of what was there before, or variables, arrays and numbers.
        """
        names = [given if isinstance(given, str) else self.array(given) for given in inputs]
        output = f"{self.path}/{operation}_{len(self.nodes)}".lstrip("/")
        make = self.onnx.helper.make_node
        self.nodes.append(make(operation, names, [output], name=output, **attributes))
        return output

    def array(self, value: Any) -> str:
        """Return the name of an array of the file: a parameter, a state, or a constant."""
        name = f"constant_{len(self.arrays)}"
        if isinstance(value, Variable):
            name, value = self.names[value], _value(value, self.names)
        is_number = isinstance(value, float | int)
        self.arrays[name] = np.asarray(value, self.dtype if is_number else None)
        return name

    def cast(self, x: str) -> str:
        """Add a cast to the network's dtype, and return the name of its output."""
        dtype = self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(self.dtype))
        return self.add("Cast", x, to=dtype)

    def layer(self, layer: Layer, x: str, name: str = "") -> str:
        """Add a layer of this one, which is called `name` in it, and return its output's name."""
        here = replace(self, path=f"{self.path}/{name}".strip("/"))
        if type(layer) not in self.writers:
            known = ", ".join(kind.__name__ for kind in self.writers)
            reason = f"{here.path or 'the network'} is a {type(layer).__name__}"
            raise RefusedError(f"{reason}, which has no form in ONNX here", f"Known are {known}")
        return self.writers[type(layer)](here, layer, x)


def _value(variable: Variable, names: Mapping[Variable, str]) -> np.ndarray:
    """Return what a parameter is now, an expression of others too."""
    if isinstance(variable, SharedVariable):
        return variable.get_value()
    for leaf in leaves([variable]):
        if not isinstance(leaf, SharedVariable) or "float" not in getattr(leaf, "dtype", ""):
            reason = f"{names[variable]} is symbolic, and depends on {leaf}"
            mend = "Give the layer an array, or export net.replace({path: array})"
            raise RefusedError(reason, mend)
    return function([], variable, mode="FAST_COMPILE")()

"""All that a training changes, in one dict of named variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minitheanonet.checks import not_negative
from minitheanonet.engine import SharedVariable, T, Variable, floats_as, function, shared
from minitheanonet.layers.layer import Layer
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.training.randomness import Training


class TrainingState:
    """The network's parameters and state, the optimizer's, the clock, and the learning rate.

    Parameters
    ----------
    network : Layer
    optimizer : Optimizer
    seed : int
    params : sequence of shared variables, optional
        What to train of the network's; all of it if left out.
    """

    def __init__(
        self,
        network: Layer,
        optimizer: Optimizer,
        seed: int,
        params: Sequence[Variable] | None = None,
    ) -> None:
        self.network, self.optimizer = network, optimizer
        self.training = Training(seed)
        self._chosen = None if params is None else list(params)
        self._rate: SharedVariable | None = None
        if not callable(optimizer.learning_rate):
            rate = np.asarray(optimizer.learning_rate, network.dtype)
            self._rate = shared(rate, "learning_rate")
        self._rate_now: Any = None
        self.params: dict[str, SharedVariable] = {}
        self._frozen: set[Layer] = set()
        self._kept: dict[str, SharedVariable] = {}
        self._names: list[str] = []  # of what is kept, those of what is trained
        self.begin()

    def begin(self) -> None:
        """Follow the network into a training: what it keeps of frozen parameters ends here."""
        self.refresh()
        for variable in self._chosen or ():
            if variable not in self.params.values():
                raise ValueError(f"Trainer: params: the network does not train {variable}.")
        if not self.params:
            raise ValueError("the network has no parameters to train.")
        self._kept = {name: self._kept[name] for name in self._names}

    def refresh(self) -> None:
        """Follow the network: what was frozen since is left alone, what was freed is trained."""
        trained = self.network.trained
        if self._chosen is not None:
            trained = {path: p for path, p in trained.items() if p in self._chosen}
        frozen = self.network.frozen()  # their running averages stay, so that is another step
        if (trained, frozen) != (self.params, self._frozen):
            begun = self.optimizer.init(trained)
            self._kept, self._names, self.params = begun | self._kept, list(begun), trained
            self._frozen = frozen

    def variables(self) -> dict[str, SharedVariable]:
        """Return the variables by name."""
        state = self.network.variables()
        state |= {f"optimizer/{name}": self._kept[name] for name in self._names}
        state["clock"] = self.training.clock
        return state if self._rate is None else state | {"learning_rate": self._rate}

    @property
    def learning_rate(self) -> float:
        """η of the next step."""
        if self._rate is not None:
            return float(str(self._rate.get_value()))  # the shortest number that it stands for
        if self._rate_now is None:
            with floats_as("float32"):
                rate = T.as_tensor_variable(
                    self.optimizer.rate(T.cast(self.training.clock, "float32"))
                )
            self._rate_now = function([], T.cast(rate, "float32"), mode="FAST_COMPILE")
        return float(str(self._rate_now()))

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if self._rate is None:
            raise AttributeError(f"{self.optimizer.learning_rate!r} decides the learning rate.")
        value = not_negative(value, "learning_rate")
        self._rate.set_value(np.asarray(value, self._rate.dtype))

    def averaged(self) -> Layer:
        """Return the network with the averages of its parameters."""
        if self.optimizer.average is None:
            raise ValueError(
                f"{type(self.optimizer).__name__} keeps no averages of the parameters: build it "
                f"with {type(self.optimizer).__name__}(average=0.999)."
            )
        kept = {name.rpartition("/")[::2]: variable for name, variable in self._kept.items()}
        values = {path: v.get_value() for (path, key), v in kept.items() if key == "average"}
        return self.network.replace(values)

    def restart(self, seed: int, values: Mapping[str, np.ndarray]) -> None:
        """Set everything to where a training with this seed was."""
        state = self.variables()
        for name, value in values.items():
            state[name].set_value(value)
        self.training.restart(seed, int(values["clock"]))

"""What convolution and pooling have in common: windows on images, and what fits them."""

from __future__ import annotations

from typing import Any

from minitheanonet.checks import pair
from minitheanonet.engine import Variable, floats, static_shape
from minitheanonet.engine.images.windows import axes, count, setting
from minitheanonet.layers.given import shown
from minitheanonet.layers.layer import Layer, Shape, inside

Both = int | tuple[int, int]


class OnImages(Layer):
    """A layer that takes images (n, height, width, channels): subclasses define `apply`."""

    n_in: int | None = None  # how many channels it wants, if it matters

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = floats(x, f"{self!r}: the input")
        known = static_shape(x)
        wrong = len(known) != 4 or (self.n_in and known[3] not in (None, self.n_in))
        if wrong:
            raise ValueError(
                f"{self!r}: expected images {self._wanted('n, ')}, got {shown(known)}."
            )
        return self.apply(x)

    def apply(self, x: Variable) -> Variable:
        """Return the output for images that were looked at."""
        raise NotImplementedError(f"{type(self).__name__} defines no apply(x).")

    def checked(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """Return an example's shape, if it is an image's with the channels that the layer takes."""
        if len(shape) == 3 and self.n_in in (None, shape[2]):
            return shape
        hint = ""
        if len(shape) == 2 and self.n_in in (None, 1):
            hint = " One channel is an axis too: inputs[..., np.newaxis]."
        elif len(shape) == 3 and shape[0] == self.n_in:
            hint = " The channels come last: np.moveaxis(inputs, 1, -1)."
        raise ValueError(
            f"{self!r}: expected examples of shape {self._wanted()}, got {shape}.{hint}"
        )

    def _wanted(self, first: str = "") -> str:
        return f"({first}height, width, {self.n_in or 'channels'})"


class Windowed(OnImages):
    """A layer that looks at images through windows.

    Parameters
    ----------
    size, strides, dilation : int or (rows, columns)
    padding : {"valid", "same"}
    **options
        As for every `Layer`.
    """

    n_out: int | None = None  # channels; None for as many as come in

    def __init__(
        self, size: Both, strides: Both, padding: str, dilation: Both = 1, **options: Any
    ) -> None:
        super().__init__(**options)
        kind = type(self).__name__
        self.size, self.strides = pair(size, f"{kind}: size"), pair(strides, f"{kind}: strides")
        self.dilation = pair(dilation, f"{kind}: dilation")
        if padding not in ("valid", "same"):
            raise ValueError(f'{kind}: padding must be "valid" or "same", got {padding!r:.60}.')
        self.padding = padding

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (rows, columns, channels) for (height, width, channels)."""
        if input_shape is None:
            return None
        *_, channels = self.checked(input_shape)
        with inside(repr(self)):
            both = axes(
                setting(self.strides, self.padding, self.dilation), (0, *input_shape), self.size
            )
        return (*(count(*axis) for axis in both), self.n_out or channels)

    def __repr__(self) -> str:
        given = [repr(n) for n in (self.n_in, self.n_out) if n]
        given.append(_short(self.size))
        if self.strides != (self.size if self.n_in is None else (1, 1)):
            given.append(f"strides={_short(self.strides)}")
        if self.padding != "valid":
            given.append(f"padding={self.padding!r}")
        if self.dilation != (1, 1):
            given.append(f"dilation={_short(self.dilation)}")
        return f"{type(self).__name__}({', '.join(given)})"


def _short(both: tuple[int, int]) -> str:
    """Return a pair as it would be written."""
    return str(both[0]) if both[0] == both[1] else str(both)

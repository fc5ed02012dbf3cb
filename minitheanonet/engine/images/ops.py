"""The Ops of convolution and pooling, closed under differentiation.

A convolution is linear in the images and in the kernel: L = Σ g · (x * W) is linear in all three.
Its derivatives by g, by W and by x are three Ops, and the derivative of each is made of the other
two. So it is with pooling, which is linear in the values once it is known which are taken.

What an Op does is a function of the same name in `by_numpy`, in `by_numba` and in `by_jax`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from minitheanonet.engine import Apply, Op, T, Variable, disconnected, tensor
from minitheanonet.engine.images import by_numpy
from minitheanonet.engine.images.windows import count


class _OnImages(Op):
    """What they have in common: arrays (a, b, c, d) of one dtype in, one out.

    Parameters
    ----------
    *options
        What the functions take before the arrays: where windows lie, their size, which pooling.
    """

    __props__ = ("options",)
    function: ClassVar[str]
    connected: ClassVar[tuple[bool, ...]]  # of which inputs the values matter, not the shape alone

    def __init__(self, *options: Any) -> None:
        self.options = options

    def make_node(self, *inputs: Any) -> Apply:
        inputs = [T.as_tensor_variable(x) for x in inputs]
        return Apply(self, inputs, [tensor(inputs[0].dtype, 4, None)])

    def perform(self, node: Apply, inputs: list, storage: list) -> None:
        storage[0][0] = getattr(by_numpy, self.function)(*self.options, *inputs)

    def infer_shape(self, *given: Any) -> list:
        return [self.shape(*given[-1])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[connected] for connected in self.connected]

    def pullback(self, inputs: list, outputs: list, cotangents: list) -> list[Variable]:
        return self.gradients(*inputs, T.cast(cotangents[0], inputs[0].dtype))

    def windows(self, images: Any, size: Any) -> tuple[Any, Any]:
        """Return the numbers of windows on both axes."""
        where = self.options[0]
        return tuple(
            count(images[1 + k], size[k], where[k], where[2 + k], where[4]) for k in (0, 1)
        )


class Convolve(_OnImages):
    """x * W."""

    function, connected = "convolve", (True, True)

    def shape(self, x: Any, W: Any) -> tuple:
        return x[0], *self.windows(x, W), W[3]

    def gradients(self, x: Variable, W: Variable, g: Variable) -> list[Variable]:
        return [ImageGradient(*self.options)(W, g, x), KernelGradient(*self.options)(x, g, W)]


class KernelGradient(_OnImages):
    """∂/∂W Σ g · (x * W)."""

    function, connected = "kernel_gradient", (True, True, False)

    def shape(self, x: Any, g: Any, W: Any) -> tuple:
        return W

    def gradients(self, x: Variable, g: Variable, W: Variable, dW: Variable) -> list[Variable]:
        return [
            ImageGradient(*self.options)(dW, g, x),
            Convolve(*self.options)(x, dW),
            disconnected(),
        ]


class ImageGradient(_OnImages):
    """∂/∂x Σ g · (x * W)."""

    function, connected = "image_gradient", (True, True, False)

    def shape(self, W: Any, g: Any, x: Any) -> tuple:
        return x

    def gradients(self, W: Variable, g: Variable, x: Variable, dx: Variable) -> list[Variable]:
        return [
            KernelGradient(*self.options)(dx, g, W),
            Convolve(*self.options)(dx, W),
            disconnected(),
        ]


class Pool(_OnImages):
    """The mean of `values` in each window and channel, or the one where x is largest."""

    function, connected = "pool", (False, True)

    def shape(self, x: Any, values: Any) -> tuple:
        return x[0], *self.windows(x, self.options[1]), x[3]

    def gradients(self, x: Variable, values: Variable, g: Variable) -> list[Variable]:
        return [disconnected(), Unpool(*self.options)(x, g)]


class Unpool(_OnImages):
    """∂/∂values Σ g · Pool(x, values)."""

    function, connected = "unpool", (False, True)

    def shape(self, x: Any, g: Any) -> tuple:
        return x

    def gradients(self, x: Variable, g: Variable, dx: Variable) -> list[Variable]:
        return [disconnected(), Pool(*self.options)(x, dx)]


KINDS = (Convolve, KernelGradient, ImageGradient, Pool, Unpool)

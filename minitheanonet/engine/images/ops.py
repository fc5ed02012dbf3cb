"""The Ops of convolution and pooling, closed under differentiation.

A convolution is linear in the images and in the kernel: L = Σ g · (x * W) is linear in all three.
Its derivatives by g, by W and by x are three Ops, and the derivative of each is made of the other
two. So it is with taking the largest and putting it back, and with an average and its transpose.

Each Op is two functions, of one name in `by_numpy`, `by_numba` and `by_jax`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from minitheanonet.engine import Apply, Op, T, Variable, disconnected, tensor
from minitheanonet.engine.images import by_numpy
from minitheanonet.engine.images.windows import Pair, Setting, count


class _OnImages(Op):
    """What they have in common: arrays (a, b, c, d) of one dtype, and where the windows lie."""

    __props__: tuple[str, ...] = ("setting",)
    function: ClassVar[str]  # of that name, in each of the modules
    connected: ClassVar[tuple[bool, ...]]  # of which inputs the values matter, not the shape alone

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    @property
    def options(self) -> tuple[Any, ...]:
        """What the functions take before the arrays."""
        return tuple(getattr(self, name) for name in self.__props__)

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


class _OnWindows(_OnImages):
    """An Op that has a size of windows, too."""

    __props__ = ("setting", "size")

    def __init__(self, setting: Setting, size: Pair) -> None:
        super().__init__(setting)
        self.size = size


def _windows(setting: Setting, images: Any, size: Any) -> tuple[Any, Any]:
    """Return the numbers of windows on both axes."""
    return tuple(count(images[1 + k], size[k], setting[k], setting[2 + k], setting[4]) for k in (0, 1))


class Convolve(_OnImages):
    """x * W."""

    function, connected = "convolve", (True, True)

    def shape(self, x: Any, W: Any) -> tuple:
        return x[0], *_windows(self.setting, x, W), W[3]

    def gradients(self, x: Variable, W: Variable, g: Variable) -> list[Variable]:
        return [ImageGradient(self.setting)(W, g, x), KernelGradient(self.setting)(x, g, W)]


class KernelGradient(_OnImages):
    """∂/∂W Σ g · (x * W)."""

    function, connected = "kernel_gradient", (True, True, False)

    def shape(self, x: Any, g: Any, W: Any) -> tuple:
        return W

    def gradients(self, x: Variable, g: Variable, W: Variable, dW: Variable) -> list[Variable]:
        return [ImageGradient(self.setting)(dW, g, x), Convolve(self.setting)(x, dW), disconnected()]


class ImageGradient(_OnImages):
    """∂/∂x Σ g · (x * W)."""

    function, connected = "image_gradient", (True, True, False)

    def shape(self, W: Any, g: Any, x: Any) -> tuple:
        return x

    def gradients(self, W: Variable, g: Variable, x: Variable, dx: Variable) -> list[Variable]:
        return [KernelGradient(self.setting)(dx, g, W), Convolve(self.setting)(dx, W), disconnected()]


class TakeLargest(_OnWindows):
    """The entries of `values` where x is largest, in each window and channel."""

    function, connected = "take_largest", (False, True)

    def shape(self, x: Any, values: Any) -> tuple:
        return x[0], *_windows(self.setting, x, self.size), x[3]

    def gradients(self, x: Variable, values: Variable, g: Variable) -> list[Variable]:
        return [disconnected(), PutLargest(*self.options)(x, g)]


class PutLargest(_OnWindows):
    """∂/∂values Σ g · TakeLargest(x, values)."""

    function, connected = "put_largest", (False, True)

    def shape(self, x: Any, g: Any) -> tuple:
        return x

    def gradients(self, x: Variable, g: Variable, dx: Variable) -> list[Variable]:
        return [disconnected(), TakeLargest(*self.options)(x, dx)]


class Average(_OnWindows):
    """The mean of each window, by channel."""

    function, connected = "average", (True,)

    def shape(self, x: Any) -> tuple:
        return x[0], *_windows(self.setting, x, self.size), x[3]

    def gradients(self, x: Variable, g: Variable) -> list[Variable]:
        return [AverageGradient(*self.options)(x, g)]


class AverageGradient(_OnWindows):
    """∂/∂x Σ g · Average(x)."""

    function, connected = "average_gradient", (False, True)

    def shape(self, x: Any, g: Any) -> tuple:
        return x

    def gradients(self, x: Variable, g: Variable, dx: Variable) -> list[Variable]:
        return [disconnected(), Average(*self.options)(dx)]


KINDS = (Convolve, KernelGradient, ImageGradient, TakeLargest, PutLargest, Average, AverageGradient)

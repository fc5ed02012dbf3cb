"""Numba's kernels as plain Python, where a wild index is an error: beside NumPy's functions."""

import numpy as np

from minitheanonet.engine.images import by_numba, by_numpy
from minitheanonet.engine.images.windows import axes, count

rng = np.random.default_rng(0)
tried = 0
while tried < 60:
    strides, dilations, size = (tuple(map(int, rng.integers(1, 4, 2))) for _ in range(3))
    setting = (*strides, *dilations, int(rng.integers(2)))
    h, w = map(int, rng.integers(1, 8, 2))
    x, W = rng.normal(size=(2, h, w, 2)), rng.normal(size=(*size, 2, 3))
    try:
        g = rng.normal(size=by_numpy.convolve(setting, x, W).shape)
    except ValueError:  # the windows are larger than the images
        continue
    by_numba._BLOCK = int(rng.choice([1, 2**18]))
    calls = [("convolve", (setting,), (x, W)), ("kernel_gradient", (setting,), (x, g, W)),
             ("image_gradient", (setting,), (W, g, x))]  # fmt: skip
    setting = (*strides, 1, 1, setting[4])
    try:
        shape = [count(*axis) for axis in axes(setting, x.shape, size)]
    except ValueError:
        shape = None
    for mean in (False, True) if shape else ():
        g = rng.normal(size=(2, *shape, 2))
        calls += [("pool", (setting, size, mean), (x, np.sin(x))),
                  ("unpool", (setting, size, mean), (x, g))]  # fmt: skip
    for name, options, arrays in calls:
        one = getattr(by_numba, name)(*options)(*arrays)
        other = getattr(by_numpy, name)(*options, *arrays)
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12, err_msg=f"{name} {options}")
    tried += 1
for x, W in [((1, 2, 2, 1), (3, 3, 1, 1)), ((1, 4, 4, 2), (3, 3, 1, 1))]:
    try:
        by_numba.convolve((1, 1, 1, 1, 0))(np.ones(x), np.ones(W))
    except ValueError as error:
        print(error)
print(tried)

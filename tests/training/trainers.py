"""What the tests of training share."""

import numpy as np

import minitheanonet as mtn


def trainer_for(net, optimizer=None, **options):
    options.setdefault("metrics", [mtn.accuracy])
    return mtn.Trainer(net, mtn.categorical_crossentropy, optimizer or mtn.SGD(0.1), **options)


def weights_of(net):
    return [p.get_value() for p in net.params]


def assert_same(left, right):
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


def quiet(trainer, train, validation=None, **options):
    options.setdefault("batch_size", 16)
    return trainer.fit(train, validation=validation, progress=False, **options)

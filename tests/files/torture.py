"""The full counts: ``python tests/files/torture.py``, half an hour; the tests do a few of each.

cuts    a model file is cut at every kilobyte
flips   one random bit of a model file is flipped, 2,000 times
keras   the same with a small file of Keras's, which has no seal: the real one's, if it is installed
kills   a training process is killed 200 times, half of them inside a write, and resumed
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from by_hand import write_keras2
from damage import cut_everywhere, flip_bits
from kills import kill_and_resume

import minitheanonet as mtn
from minitheanonet.files import save_model


def model_file(folder):
    """Save the network of the MNIST example: 2.7 MB."""
    path = Path(folder) / "m.h5"
    layers = mtn.Dense(784, 512), mtn.ReLU(), mtn.Dense(512, 512), mtn.ReLU(), mtn.Dense(512, 10)
    save_model(mtn.Sequential(*layers, mtn.Softmax(), seed=0), path)
    print(f"model file: {path.stat().st_size:,} bytes")
    return path


def keras_file(folder):
    """Have Keras save every layer that it and we have, or write by hand what Keras 2 wrote."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    path = Path(folder) / "k.h5"
    try:
        from test_keras import every_keras_layer
    except BaseException as error:  # pytest skips that module where there is no Keras
        print(f"no Keras ({error}), so by hand")
        write_keras2(path)
    else:
        every_keras_layer().save(path)
    print(f"Keras's file: {path.stat().st_size:,} bytes")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["cuts", "flips", "keras", "kills"])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    count, seed = options.flips, options.seed
    tests = {
        "cuts": lambda folder: cut_everywhere(model_file(folder)),
        "flips": lambda folder: flip_bits(model_file(folder), count, seed, watch=True),
        "keras": lambda folder: flip_bits(keras_file(folder), count, seed, watch=True),
        "kills": lambda folder: kill_and_resume(Path(folder), options.kills, seed),
    }
    sound = True
    for name in options.what:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            outcome = tests[name](folder)
            print(name, outcome, f"{time.perf_counter() - began:.0f} s", flush=True)
            sound = sound and outcome.sound
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())

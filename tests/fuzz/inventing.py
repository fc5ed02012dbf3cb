"""Model files that are well-formed HDF5, and say whatever the bytes of an input decide."""

import io
import json

import h5py
import numpy as np

from minitheanonet import Dense
from minitheanonet.engine import tensor
from minitheanonet.files.errors import RefusedError
from minitheanonet.files.keras import network_from
from minitheanonet.files.whole import SEAL_BYTES, set_seal

WEIGHTS, RECORD, STATE = "model_weights", "minitheanonet/metadata", "minitheanonet/state"
MAX_NUMBERS = 2**12  # of an array: larger ones are declared, and not there
NESTED = "["
for _ in range(6):
    NESTED += NESTED
ODD = [
    None, True, False, 0, 1, -1, 2, 2**31 - 1, 2**31, 2**63, 2**64, 2**200, 0.0, -0.0, 0.5, 1.0,
    1e308, float("nan"), "", ".", "..", "a/b", "x" * 121, "ñ" * 61, "\0", "\ud800", "\x1b[2J",
    "nan", "relu", "softmax", "float32", "float64", "float16", "Dense", "Flatten", "Sequential",
    "keras", "top_level_model_weights", [], [0], [None], [None, 3], [None, 2, 3], {},
    {"config": {}}, {"class_name": "Dense", "config": {"name": "d"}},
    json.loads(NESTED + "]" * len(NESTED)),
]  # fmt: skip
KINDS = (
    "Dense", "Activation", "ReLU", "Softmax", "Dropout", "Flatten", "Sequential", "Rescaling",
    "LeakyReLU", "ELU", "GaussianNoise", "Reshape",
)  # fmt: skip
ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax", "gelu", "softplus", "elu")
NUMBERS = {"Dropout": ["rate"], "Rescaling": ["scale", "offset"], "LeakyReLU": ["negative_slope"],
           "ELU": ["alpha"], "GaussianNoise": ["stddev"]}  # fmt: skip


def invent(choices, config, record, state):
    """Return a file; `config`, `record` and `state` are a checkpoint's, to begin with."""
    is_ours = not choices.below(2)
    config = sequential(choices, "sequential", 0) if choices.below(4) else copy_of(config)
    spoil(choices, config)
    arrays = weights(choices, config)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=SEAL_BYTES if is_ours else 0) as file:
        file.attrs["model_config"] = text(choices, json.dumps(config))
        file.create_group(WEIGHTS).attrs["layer_names"] = names(choices, list(arrays))
        for layer, named in arrays.items():
            group = file.create_group(f"{WEIGHTS}/{layer}")
            group.attrs["weight_names"] = names(choices, list(named))
            for name, array in named.items():
                put(choices, group, name, array)
        if is_ours:
            for name, value in state.items():
                put(choices, file, f"{STATE}/{name}", value)
            record = copy_of(record)
            history = json.loads(record["training"]["history"])
            spoil(choices, history)
            record["training"]["history"] = json.dumps(history)
            spoil(choices, record)
            put(choices, file, RECORD, np.bytes_(json.dumps(record).encode()))
    content = bytearray(buffer.getvalue())
    if is_ours:
        set_seal(content, choices.below(4))
    return bytes(content)


def sequential(choices, name, depth):
    """Return a configuration that may well be sound."""
    axes = choices.of(([4], [2, 3], [1], [2, 1, 2]))
    entries = []
    if depth == 0 or choices.below(2):
        entries.append(entry("InputLayer", name="input", batch_input_shape=[None, *axes]))
    for number in range(choices.below(6)):
        entries.append(layer(choices, f"layer_{number}", depth))
    return {"class_name": "Sequential", "config": {"name": name, "layers": entries}}


def layer(choices, name, depth):
    kind = choices.of(KINDS)
    if kind == "Sequential":
        if depth < 3:
            return sequential(choices, name, depth + 1)
        kind = "ReLU"
    options = {"name": name, "dtype": "float64" if choices.seldom() else "float32"}
    if kind == "Dense":
        options |= {"units": 1 + choices.below(5), "use_bias": bool(choices.below(2))}
    if kind in ("Dense", "Activation"):
        options["activation"] = choices.of(ACTIVATIONS)
    for number in NUMBERS.get(kind, ()):
        options[number] = choices.below(5) / 4
    if kind == "Reshape":
        options["target_shape"] = [choices.of((-1, 1, 2, 3)) for _ in range(choices.below(4))]
    return entry(kind, **options)


def entry(kind, **options):
    return {"class_name": kind, "config": options}


def spoil(choices, tree):
    """Change a few places of a tree of JSON: another value, another place's value, none at all."""
    for _ in range(choices.below(4)):
        places = list(places_in(tree))
        if not places:
            return
        # A place by two bytes: there may be more than 256.
        owner, key = places[(choices.below(256) * 256 + choices.below(256)) % len(places)]
        action = choices.below(5)
        if action == 0:
            owner[key] = copy_of(choices.of(ODD))
        elif action == 1:
            owner[key] = choices.text()
        elif action == 2:
            other, place = places[choices.below(256) % len(places)]
            owner[key] = copy_of(other[place])
        elif action == 3:
            del owner[key]
        elif isinstance(owner, dict):
            owner[choices.text()] = owner.pop(key)
        else:
            owner.insert(key, copy_of(owner[key]))


def copy_of(tree):
    return json.loads(json.dumps(tree))


def places_in(tree):
    """Yield (owner, key) of every value in a tree of dicts and lists."""
    stack = [tree]
    while stack:
        owner = stack.pop()
        for key in owner if isinstance(owner, dict) else range(len(owner)):
            yield owner, key
            if isinstance(owner[key], dict | list):
                stack.append(owner[key])


class Asked:
    """Stands in for a file's arrays: each is a symbol, so that no length is believed."""

    def take(self, path, key, dtype):
        return tensor(dtype, 2 if key == "kernel" else 1, key)

    def check_taken(self, layers):
        self.layers = list(layers)


def weights(choices, config):
    """Return the arrays that the configuration asks for, layer by layer."""
    asked = Asked()
    try:
        network = network_from(config, asked, 0)
    except (RefusedError, RecursionError):
        return {"layer_0": {"layer_0/kernel": np.ones((4, 1), "float32")}}
    arrays = {layer: {} for layer in asked.layers if layer not in ("", ".", "..")}
    for path, layer in network.walk():
        if isinstance(layer, Dense) and (own := path.split("/")[0]) in arrays:
            shapes = {"kernel": (layer.n_in, layer.n_out), "bias": (layer.n_out,)}
            for key in shapes if layer.b is not None else ["kernel"]:
                shape = shapes[key]
                while np.prod(shape, dtype=float) > MAX_NUMBERS:
                    shape = shape[1:]
                value = np.full(shape, choices.below(256), network.dtype)
                arrays[own][f"{path}/{key}"] = value
    return arrays


def text(choices, content):
    """Return what goes into an attribute for a text."""
    if choices.seldom():
        return choices.of(
            [3.5, h5py.Empty("S1"), np.array([b"a", b"b"]), b"\xff", b"", content * 3]
        )
    return content if choices.below(2) else np.bytes_(content.encode())


def names(choices, given):
    """Return what goes into an attribute for names."""
    if choices.seldom():
        given = choices.of([[], given[1:], given * 2, given[::-1], [choices.text() for _ in given]])
    if choices.seldom():
        return np.arange(len(given))
    given = [name.encode("utf-8", "surrogatepass").replace(b"\0", b"") for name in given]
    if choices.below(2):
        return np.array(given, dtype=None if given else "S1")
    return np.array(given, dtype=h5py.string_dtype())


def put(choices, owner, path, value):
    """Put an array into its place, or now and then something else."""
    if not choices.seldom():
        owner[path] = value
        return
    other = choices.of((
        h5py.SoftLink("/elsewhere"), h5py.ExternalLink("other.h5", "/data"), h5py.Empty("f4"),
        np.asarray(value)[..., None], np.asarray(value).astype("S3"), np.dtype("float32"), "text",
        np.bytes_(choices.text().encode("utf-8", "replace")),
        np.zeros(2, [("a", "f4"), ("b", "i8")]),
    ))  # fmt: skip
    if choices.seldom():
        owner.create_group(path)
    elif np.ndim(value) and choices.below(2):
        options = choices.of(({"compression": "gzip"}, {"chunks": True}, {"shuffle": True}))
        owner.create_dataset(path, data=value, **options)
    else:
        owner[path] = other

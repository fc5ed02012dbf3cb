"""Networks as the JSON that Keras 2 and Keras 3 read and write, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from minitheanonet.engine import SharedVariable
from minitheanonet.files.errors import RefusedError
from minitheanonet.files.hdf5 import Weights
from minitheanonet.files.kinds import ACTIVATIONS, INPUT, KINDS, Options, kind_of
from minitheanonet.layers.layer import Layer, Shape
from minitheanonet.layers.sequential import Sequential

Path = tuple[str, ...]  # of names, the outermost network's first
Arrays = dict[str, dict[str, SharedVariable]]  # by outermost layer, in Keras's order; by name

_MAX_DEPTH = 8  # of networks in networks: a megabyte of JSON bounds the rest
_SHAPES = ("batch_shape", "batch_input_shape")
_WHOLE = ("uint8", "int32", "int64")  # what an input may be, beside what the layers compute in
_NO_NAMES = (".", "..", "top_level_model_weights", "\0")  # of layers: Keras's own, and HDF5's
_KNOWN = {"class_name", "config", "module", "registered_name", "build_config"}


def describe(network: Layer) -> tuple[Options, Arrays]:
    """Return a network as Keras's JSON, and the variables that Keras lists for each layer.

    Raises
    ------
    RefusedError
        If a file couldn't hold it faithfully: a layer of another class, tied weights, an input of
        unknown shape. The reason names the layer.
    """
    if type(network) is not Sequential:
        kind = type(network).__name__
        raise RefusedError(f"the network is a {kind}, no Sequential", "Put it into a Sequential")
    if network.input_shape is None:
        first = network.parts()[0][0]
        mend = "Build it with Sequential(..., input_shape=...)"
        raise RefusedError(f"the shape of its input is unknown, since {first} takes any", mend)
    with _naming("the network"):
        network.check_shapes()
    arrays: Arrays = {name: {} for name in network.children()}
    config = _written(network, (network.label,), True, network.dtype, arrays)
    owners, trained = {}, set(network.params)
    for layer, listed in arrays.items():
        for name, variable in listed.items():
            if owners.setdefault(variable, name) != name:
                reason = f"{name} is the same variable as {owners[variable]}: the tie would be lost"
                raise RefusedError(reason, "Give one of them a copy: variable.get_value()")
        # Keras goes by the order of the names, and lists first what is trained.
        arrays[layer] = dict(sorted(listed.items(), key=lambda named: named[1] not in trained))
    return config, arrays


def network_from(config: Options, weights: Weights, seed: int | None) -> Sequential:
    """Return the network that a configuration describes, with its arrays.

    Activations inside a layer become layers of their own, named ``<layer>_<activation>``.

    Raises
    ------
    RefusedError
        If it is none, or a layer has no equal here; the reason names it.
    """
    class_name, options = _class_of(config)
    if class_name != "Sequential":
        raise RefusedError(f"it is a {class_name[:50]} model", "Save a Sequential")
    network = _Reader(weights).network(options, (), None, seed)
    entries = [_class_of(entry) for entry in options["layers"]]
    weights.check_taken(inner["name"] for kind, inner in entries if kind != "InputLayer")
    return network


def flat(entry: Options, place: str = "") -> Options:
    """Return a configuration that `describe` made as one table, each layer under its path."""
    inner = {one["config"]["name"]: one for one in entry["config"].get("layers", [])}
    told = {**entry["config"], "class": entry["class_name"], "layers": list(inner)}
    table = {f"{place or 'the network'}: {key}": value for key, value in told.items()}
    for name, one in inner.items():
        table |= flat(one, f"{place}/{name}".lstrip("/"))
    return table


def differences(theirs: Options, ours: Options) -> list[str]:
    """Return what differs between two tables, as phrases."""
    return [
        f"{key} {theirs.get(key)} in the file, {ours.get(key)} here"
        for key in {**theirs, **ours}
        if theirs.get(key) != ours.get(key)
    ]


class _Reader:
    """Goes through a configuration once, and takes each layer's arrays on the way."""

    def __init__(self, weights: Weights) -> None:
        self._weights, self._dtype = weights, ""

    def network(self, options: Options, path: Path, shape: Shape, seed: int | None) -> Sequential:
        """Return the network of a Sequential's options, for input examples of this shape."""
        KINDS["Sequential"].check(options)
        name, entries = options["name"], [_class_of(entry) for entry in options["layers"]]
        if len(path) > _MAX_DEPTH or not entries:
            raise RefusedError(f"{name!s:.50}: it is empty, or nested more than {_MAX_DEPTH} deep")
        first, inputs = entries[0]
        given = inputs.get("batch_shape") or inputs.get("batch_input_shape")
        if "dtype" in options:
            self._check_dtype(options)
        if first == "InputLayer":
            INPUT.check(inputs, *_SHAPES)
            if inputs.get("dtype") not in _WHOLE:
                self._check_dtype(inputs)
            del entries[0]
        start = tuple(given[1:]) if isinstance(given, list) else shape
        built = options.get("build_input_shape")
        if not start or shape not in (None, start) or built not in (None, [None, *start]):
            mend = "Save it after building or training"
            raise RefusedError(f"its input has shape {start}, it is given {shape}", mend)
        layers, shape, names = [], start, [inner.get("name") for _, inner in entries]
        for class_name, inner in entries:
            with _naming(inner.get("name")):
                for layer in self.parts(class_name, inner, (*path, str(name)), shape):
                    while layer.name != inner["name"] and layer.name in names:
                        layer.name += "_"
                    layer.trainable = inner.get("trainable", True)
                    shape = layer.output_shape(shape)
                    layers.append(layer)
        with _naming(name):
            network = Sequential(*layers, input_shape=start, name=name, seed=seed)
        network.trainable = options.get("trainable", True)
        return network

    def parts(self, class_name: str, options: Options, path: Path, shape: Shape) -> Iterator[Layer]:
        """Yield the one or two layers that an entry stands for, or none."""
        name = str(options.get("name"))
        if name in _NO_NAMES:
            raise RefusedError(f"the name {name!r} can't stand in a file", "Choose another")
        if class_name not in KINDS:
            raise RefusedError(f"it is a {class_name[:50]}", f"Build it of {', '.join(KINDS)}")
        if class_name == "Sequential":
            yield self.network(options, path, shape, None)
            return
        kind = KINDS[class_name]
        kind.check(options, *_SHAPES)
        dtype = self._check_dtype(options)
        if kind.layer is not None:
            take = partial(self._weights.take, (*path, name), dtype=dtype)
            yield kind.layer(**kind.arguments(options, take, shape, dtype), name=name)
        activation = options.get("activation", "linear")
        if activation not in ("linear", *ACTIVATIONS):
            mend = f"Use one of linear, {', '.join(ACTIVATIONS)}"
            raise RefusedError(f"its activation is {activation!r:.50}", mend)
        if activation != "linear":
            yield ACTIVATIONS[activation](name=f"{name}_{activation}" if kind.layer else name)

    def _check_dtype(self, options: Options) -> str:
        """Return a layer's dtype, which Keras 3 wraps into a policy, if it is all the others'."""
        dtype = options.get("dtype", "float32")
        if isinstance(dtype, dict):
            class_name, policy = _class_of(dtype)
            dtype = policy.get("name") if class_name == "DTypePolicy" and len(policy) == 1 else None
        self._dtype = self._dtype or dtype
        if dtype not in ("float32", "float64") or dtype != self._dtype:
            reason = f"it computes in {dtype!r:.50}, others in {self._dtype!r:.50}"
            raise RefusedError(reason, "Use float32 or float64 throughout")
        return dtype


def _written(network: Sequential, path: Path, trained: bool, dtype: str, arrays: Arrays) -> Options:
    """Return the JSON of a Sequential, and add its variables to `arrays`."""
    parts = network.parts()
    names = [name for name, *_ in parts]
    taken = "int32" if isinstance(network.takes_integers, range) else dtype
    options = {"name": "input", "dtype": taken, "batch_input_shape": [None, *network.input_shape]}
    while options["name"] in names:
        options["name"] += "_"
    entries = [{"class_name": "InputLayer", "config": options}]
    for name, layer, _ in parts:
        is_trained = trained and bool(layer.trainable)
        if names.count(name) > 1 or name in _NO_NAMES:
            reason = f"{name!r:.80} stands in two places in the network, or can't stand in a file"
            raise RefusedError(reason, "Give each place a layer of its own, with a plain name")
        if type(layer) is Sequential and len(path) <= _MAX_DEPTH:
            entries.append(_written(layer, (*path, name), is_trained, dtype, arrays))
            continue
        class_name, kind, own = kind_of(layer, name)
        options = {"name": name, "trainable": is_trained, "dtype": dtype, **own}
        entries.append({"class_name": class_name, "config": options})
        place = (*path[1:], name)
        for key, ours in kind.arrays.items():
            variable = getattr(layer, ours)
            if isinstance(variable, SharedVariable):
                arrays[place[0]]["/".join((*place, key))] = variable
            elif variable is not None:
                reason = f"{name}: its {ours} is symbolic (tied or constant), and no array"
                raise RefusedError(reason, f"Give the layer an array: {ours}=array")
    options = {"name": path[-1], "trainable": bool(network.trainable), "layers": entries}
    return {"class_name": "Sequential", "config": options}


def _class_of(entry: Any) -> tuple[str, Options]:
    """Return an entry's class and options, if the class is Keras's own."""
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise RefusedError("its configuration is not that of a Keras model")
    class_name, module = entry.get("class_name"), str(entry.get("module") or "keras")
    is_own = module.partition(".")[0] in ("keras", "tf_keras") and not entry.get("registered_name")
    if not isinstance(class_name, str) or not is_own or not _KNOWN.issuperset(entry):
        name = entry["config"].get("name")
        raise RefusedError(f"{name!r:.50} is of a class of its author's own ({class_name!r:.50})")
    return class_name, entry["config"]


@contextmanager
def _naming(name: Any) -> Iterator[None]:
    """Name the layer of which something is refused, by this room or by the layer itself."""
    try:
        yield
    except (ValueError, TypeError) as error:
        mend = (error.mend,) if isinstance(error, RefusedError) else ()
        raise RefusedError(f"{name!s:.80}: {str(error).removesuffix('.'):.300}", *mend) from error

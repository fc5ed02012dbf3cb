"""What is in a model file, told without building the network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from minitheanonet.files.content import Content, opened
from minitheanonet.files.spec import LayerSpec, arrays_of

__all__ = ["ModelInfo", "describe", "model_info"]


@dataclass(frozen=True)
class ModelInfo:
    """What a model file says about itself.

    Attributes
    ----------
    writer : str
        "minitheanonet 0.1.0, format 1", or "Keras".
    name, dtype : str
        The network's.
    input_shape, output_shape : tuple of int
        Of one example.
    layers : tuple of LayerSpec
        Each with its ``kind``, ``name``, ``input_shape`` and ``output_shape``.
    parameters : int
        How many numbers the weights are.
    classes : tuple of str, or None
    preprocessing : dict or None
    training : dict or None
        Of a checkpoint: ``epoch``, ``step``, ``seed``, ``optimizer``, ``learning_rate``,
        ``history`` (JSON).
    digests : dict
        The SHA-256 of each array, by its place in the file; empty for Keras's files.
    """

    writer: str
    name: str
    dtype: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    layers: tuple[LayerSpec, ...]
    parameters: int
    classes: tuple[str, ...] | None
    preprocessing: dict[str, Any] | None
    training: dict[str, Any] | None
    digests: dict[str, str]


def model_info(path: str | os.PathLike[str]) -> ModelInfo:
    """Return what a model file says about itself; no weight is read, no network is built.

    Raises
    ------
    ModelFileError
        If the file is damaged, or isn't a model file.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> from minitheanonet.files import model_info, save_model
    >>> save_model(mtn.Sequential(mtn.Dense(4, 2), seed=0), "model.h5")
    >>> info = model_info("model.h5")
    >>> info.dtype, info.input_shape, info.parameters
    ('float32', (4,), 10)
    """
    with opened(path) as content:
        return _info(content)


def describe(path: str | os.PathLike[str]) -> str:
    """Return a model file's contents as text for a terminal."""
    info = model_info(path)
    lines = [
        f"written by   {info.writer}",
        f"network      {info.name}, {info.dtype}, {info.parameters:,} parameters",
        f"input        {info.input_shape}",
        *_layer_lines(info.layers, ""),
    ]
    if info.classes:
        lines.append(f"classes      {', '.join(info.classes)}")
    if info.preprocessing:
        lines.append(f"preprocessing  {info.preprocessing}")
    if info.training:
        told = {key: value for key, value in info.training.items() if key != "history"}
        lines.append("training     " + ", ".join(f"{key} {told[key]}" for key in told))
    lines += [f"sha256       {digest}  {place}" for place, digest in info.digests.items()]
    # A file may hold anything; what it says must not reach the terminal as commands.
    return "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in lines)


def _info(content: Content) -> ModelInfo:
    network = content.network
    writer = "Keras"
    if content.seal:
        writer = (
            f"minitheanonet {content.option('library_version', str)}, format {content.seal.format}"
        )
    classes = content.option("classes", list)
    return ModelInfo(
        writer=writer,
        name=network.name,
        dtype=network.dtype,
        input_shape=network.input_shape,
        output_shape=network.layers[-1].output_shape,
        layers=network.layers,
        parameters=sum(int(np.prod(array.shape)) for array in arrays_of(network)),
        classes=None if classes is None else tuple(map(str, classes)),
        preprocessing=content.option("preprocessing", dict),
        training=content.option("training", dict),
        digests=content.option("sha256", dict) or {},
    )


def _layer_lines(layers: tuple[LayerSpec, ...], indent: str) -> list[str]:
    lines = []
    for layer in layers:
        detail = f" {layer.rate:g}" if layer.kind == "Dropout" else ""
        lines.append(f"  {indent}{layer.name:<20} {layer.kind + detail:<14} {layer.output_shape}")
        lines += _layer_lines(layer.layers, indent + "  ")
    return lines

"""Going on with a training from its newest checkpoint that is whole."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from minitheanonet.checks import checked_path
from minitheanonet.files.content import opened
from minitheanonet.files.errors import ModelFileError, NewerFormatError, RefusedError, reading
from minitheanonet.files.networks import spec_of, variables_of
from minitheanonet.files.seal import open_file, read_seal, verify
from minitheanonet.files.spec import NetworkSpec
from minitheanonet.files.training_state import (
    check_trainer,
    checked_record,
    expected_arrays,
    set_state,
)

if TYPE_CHECKING:
    from minitheanonet.trainer import Trainer

__all__ = ["check_whole", "resume", "sealed_epoch"]


def resume(
    trainer: Trainer, place: str | os.PathLike[str], *, missing_ok: bool = False
) -> Path | None:
    """Put a trainer where a training was when its newest checkpoint was written.

    See `Trainer.resume`.
    """
    check_trainer(trainer, "resume")
    place = checked_path(place, "resume: place")
    if place.is_file():
        _restore(trainer, place)
        return place
    newest_first = sorted(_checkpoints(place), key=lambda found: found[0], reverse=True)
    for _, path in newest_first:
        try:
            check_whole(path)
        except NewerFormatError:
            raise
        except ModelFileError as error:
            warnings.warn(f"{error} Taking the checkpoint before it.", stacklevel=3)
        else:
            _restore(trainer, path)
            return path
    if newest_first:
        raise ModelFileError(place, "none of its checkpoints can be read", "Start a new training")
    if missing_ok:
        return None
    raise ModelFileError(
        place, "there are no checkpoints in it", "Train with a Checkpoint, or pass missing_ok=True"
    )


def sealed_epoch(path: Path) -> int | None:
    """Return the epoch that a file's seal names, unverified; None if there is no seal.

    Raises
    ------
    ModelFileError
        If the file can't be read, or begins like no model file at all.
    """
    with reading(path), open_file(path) as file:
        seal = read_seal(file)
    return seal and seal.epoch


def check_whole(path: Path) -> None:
    """Raise `ModelFileError` if a file is not what was sealed."""
    with reading(path), open_file(path) as file:
        verify(file, path)


def _checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Return (epoch, path) of the checkpoints in a folder; plain models among them don't count."""
    found = []
    for path in sorted(folder.glob("*.h5")):
        try:
            epoch = sealed_epoch(path)
        except ModelFileError as error:
            # Which epoch it was can't be told any more; it may have been the newest.
            warnings.warn(f"{error} It is passed over.", stacklevel=4)
            continue
        if epoch:
            found.append((epoch, path))
    return found


def _restore(trainer: Trainer, path: Path) -> None:
    """Read a whole checkpoint, then set everything: a file that is refused changes nothing."""
    wanted = expected_arrays(trainer)
    with reading(path):
        architecture = spec_of(trainer.network)
    with opened(path) as content:
        record = checked_record(content.option("training", dict), trainer)
        if content.network != architecture:
            raise RefusedError(
                f"its network is {_shown(content.network)}, and the trainer's is "
                f"{_shown(architecture)}",
                "Build the network as it was when the training began",
            )
        weights, state = content.weights(), content.state(wanted)
    for variable, value in zip(variables_of(trainer.network), weights, strict=True):
        variable.set_value(value)
    set_state(trainer, record, state)


def _shown(network: NetworkSpec) -> str:
    layers = ", ".join(f"{layer.name} {layer.output_shape}" for layer in network.layers)
    return f"{network.name} [{layers}] in {network.dtype}"

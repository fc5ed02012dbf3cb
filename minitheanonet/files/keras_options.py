"""Reading single options of a Keras configuration, each checked before it is used."""

from __future__ import annotations

from typing import Any

from minitheanonet.files.errors import RefusedError
from minitheanonet.files.limits import MAX_AXES, MAX_LENGTH
from minitheanonet.files.spec import Shape

__all__ = [
    "Config",
    "check_neutral",
    "class_name_of",
    "dtype_of",
    "input_shape_of",
    "length",
    "option",
]

Config = dict[str, Any]

# What these options may be: anything else is something that no layer here does.
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "trainable": (True,),
    "kernel_regularizer": (None,),
    "bias_regularizer": (None,),
    "activity_regularizer": (None,),
    "kernel_constraint": (None,),
    "bias_constraint": (None,),
    "lora_rank": (None,),
    "quantization_config": (None,),
    "noise_shape": (None,),
    "max_value": (None,),
    "negative_slope": (0,),
    "threshold": (0,),
    "axis": (-1, [-1]),
    "data_format": ("channels_last",),
    "sparse": (False,),
    "ragged": (False,),
}


def check_neutral(config: Config, name: str) -> None:
    """Refuse options that ask for what no layer here does."""
    for key, allowed in _NEUTRAL.items():
        if key in config and config[key] not in allowed:
            raise RefusedError(
                f"{name}: its {key} is {config[key]!r:.80}, which no layer here has",
                "Save the model without it",
            )


def class_name_of(entry: Any) -> str:
    """Return an entry's class, if it is Keras's own, after checking that it has options."""
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise RefusedError("its configuration is not that of a Keras model")
    class_name = option(entry, "class_name", str, "a layer")
    module = entry.get("module") or "keras"
    if entry.get("registered_name") or not str(module).startswith(("keras", "tf_keras")):
        name = entry["config"].get("name")
        raise RefusedError(f"{name!r:.50} is of a class of its author's own ({class_name[:50]})")
    return class_name


def option(config: Config, key: str, kind: type, owner: str) -> Any:
    """Return what the configuration has under `key`, if it is of this type."""
    value = config.get(key)
    if not isinstance(value, kind):
        raise RefusedError(f"{owner[:80]}: its {key} is {value!r:.50}, not a {kind.__name__}")
    return value


def input_shape_of(entry: Any) -> Shape | None:
    """Return the shape that the first layer says its input has, or None."""
    class_name_of(entry)
    config = entry["config"]
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    if shape is None:
        return None
    if not isinstance(shape, list) or not 2 <= len(shape) <= MAX_AXES:
        raise RefusedError(
            f"the shape of its input is {shape!r:.50}", "Fix every length but the first"
        )
    return tuple(length(axis, "the input") for axis in shape[1:])


def length(value: Any, owner: str) -> int:
    """Return the length of an axis, if it is one."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_LENGTH:
        raise RefusedError(
            f"{owner[:80]}: a length is {value!r:.50}", "Use a positive whole number"
        )
    return value


def dtype_of(dtype: Any) -> str:
    """Return the name of a dtype, which Keras 3 wraps into a policy."""
    if isinstance(dtype, dict) and isinstance(dtype.get("config"), dict):
        dtype = dtype["config"].get("name")
    return str(dtype)

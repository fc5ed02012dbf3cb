"""Packages that only an extra of this library brings."""

from __future__ import annotations

import importlib
from types import ModuleType


def imported(module: str, extra: str) -> ModuleType:
    """Return a package that the library's `extra` brings, or say how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"this needs {module}, which is not installed: pip install 'minitheanonet[{extra}]'."
        ) from error

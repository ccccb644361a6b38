"""What a manifest may hold: names of files below its folder, plain values, and no path of a machine.

Not for reading or writing it (manifest.py).
"""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any


def is_relative(name: str) -> bool:
    """Whether a name is that of a file below a folder, the same on every system."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return bool(parts) and ".." not in parts and "\\" not in name and not is_absolute(name) and "\0" not in name


def is_absolute(text: str) -> bool:
    """Whether a text is a whole path, of any system."""
    if text.startswith("/"):
        return True
    if ":" not in text and "\\" not in text:  # a path of pathlib takes long for each of so many names
        return False
    windows = PureWindowsPath(text)
    return bool(windows.drive and windows.root)


def refuse_absolute(value: Any, where: str) -> None:
    """An absolute path would make the manifests of two machines differ, and show how one of them is set up."""
    if isinstance(value, str) and is_absolute(value):
        raise ValueError(f"{where} holds an absolute path, which has no place in a manifest: {value!r}")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            refuse_absolute(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            refuse_absolute(inner, where)


def plain_value(value: Any) -> Any:
    """JSON for numpy numbers, dates and mappings that are no dict."""
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a manifest cannot hold a {type(value).__name__}: {value!r}")


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found

"""The names that Windows reserves for devices, so that no file on it can have them. Not for a study's names."""

from __future__ import annotations

_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))])


def is_device(name: str) -> bool:
    """Whether Windows takes a file of this name for a device: CON, nul.csv; what follows the first dot is ignored.

    Source: Microsoft, Naming Files, Paths, and Namespaces.
    """
    return name.partition(".")[0].rstrip(" ").casefold() in _DEVICES

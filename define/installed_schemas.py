"""Where the installed package defineutils has CDISC's schemas and stylesheet. The package is not imported.

Its import needs half a second, for a validator that nothing here uses. Not for validation (checks.py).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ..errors import OutputError


def defineutils_file(*names: str) -> Path:
    """The path of a file of the package. Raises OutputError where it is missing."""
    found = find_spec("defineutils")
    folders = list(found.submodule_search_locations or ()) if found is not None else []
    paths = [path for folder in folders if (path := Path(folder, *names)).is_file()]
    if not paths:
        raise OutputError(f"{names[-1]} is missing: it comes with the Python package defineutils")
    return paths[0]

"""The shipped files of the standards, each read once, at first use.

Not for the meaning of the facts: sdtm.py, adam.py and published_terms.py know the layouts.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[1] / "standards"
_read: dict[str, dict[str, Any]] = {}
_texts: dict[str, str] = {}


def standard_file(name: str) -> dict[str, Any]:
    """The content of ``standards/<name>``, not to be changed. FileNotFoundError: the installation is broken."""
    if name not in _read:
        _read[name] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return _read[name]


def standard_text(name: str) -> str:
    """The text of ``standards/<name>``, a gzip file. FileNotFoundError: the installation is broken."""
    if name not in _texts:
        _texts[name] = gzip.decompress((_FOLDER / name).read_bytes()).decode("utf-8")
    return _texts[name]


def files_read() -> tuple[str, ...]:
    """Names of the files read so far, sorted."""
    return tuple(sorted((*_read, *_texts)))

"""The records of the clean build of the shipped study, read for a second computation in plain Python.

pandas reads the files, not raw2adam. Not for the build itself (packs.py).
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from .packs import clean_pack

#: records, each variable to its value
Records = list[dict[str, Any]]


def of_clean_pack(factory: pytest.TempPathFactory) -> Callable[[str], Records]:
    """``read(dataset)``: its records, a missing number as None, a missing text as ''."""
    import pandas as pd

    root = clean_pack(factory) / "out"
    known: dict[str, Records] = {}

    def read(name: str) -> Records:
        if name not in known:
            folder = "adam" if name.startswith("ad") else "sdtm"
            frame = pd.read_sas(root / folder / f"{name}.xpt", encoding="utf-8")
            known[name] = [{k: _plain(v) for k, v in r.items()} for r in frame.to_dict("records")]
        return known[name]

    return read


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return 0.0 if abs(value) < 1e-70 else value  # pandas reads the zero of XPT as a tiny number
    return value or ""


def day(text: str) -> int | None:
    """A complete ISO date as the number of its day, that of SAS."""
    word = text[:10]
    return (dt.date.fromisoformat(word) - dt.date(1960, 1, 1)).days if len(word) == 10 else None


def by_subject(records: Records) -> dict[Any, Records]:
    groups: dict[Any, Records] = defaultdict(list)
    for r in records:
        groups[r["USUBJID"]].append(r)
    return groups

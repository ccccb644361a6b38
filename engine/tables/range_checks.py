"""The records where a check of a where clause holds. Not for conditions of specs (engine/expressions/)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..columns import column as col
from .dataset import RangeCheck


def holds(check: RangeCheck, column: pd.Series) -> np.ndarray:
    """Where a check of a where clause holds; a missing value passes none, as in the conditions of specs."""
    if col.is_number(column):
        numbers = col.floats(column)
        limits = np.array([float(v) for v in check.values])
        by_number = {
            "EQ": np.isin(numbers, limits),
            "IN": np.isin(numbers, limits),
            "NE": ~np.isnan(numbers) & ~np.isin(numbers, limits),
            "NOTIN": ~np.isnan(numbers) & ~np.isin(numbers, limits),
            "LT": numbers < limits[0],
            "LE": numbers <= limits[0],
            "GT": numbers > limits[0],
            "GE": numbers >= limits[0],
        }
        return by_number[check.comparator]
    codes, texts = col.split_text(column)
    if not len(texts):
        return np.zeros(0, dtype=bool)
    first = check.values[0]
    by_text = {
        "EQ": lambda t: t in check.values,
        "IN": lambda t: t in check.values,
        "NE": lambda t: t not in check.values,
        "NOTIN": lambda t: t not in check.values,
        "LT": lambda t: t < first,
        "LE": lambda t: t <= first,
        "GT": lambda t: t > first,
        "GE": lambda t: t >= first,
    }
    return np.array([t != "" and by_text[check.comparator](t) for t in map(str, texts)], dtype=bool)[codes]

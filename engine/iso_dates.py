"""ISO 8601 texts as SAS dates (days since 1960-01-01), once per unique text. Partial dates have no number.

Not for reading raw dates (sdtm/dates.py) nor for imputing partial ones (adam/).
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

import numpy as np
import pandas as pd

from . import columns as col

_COMPLETE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?$")
EPOCH = datetime.date(1960, 1, 1).toordinal()


@lru_cache(maxsize=1 << 17)
def day_number(text: str) -> float:
    """Days since 1960-01-01 of an ISO 8601 text with a complete date; NaN for any other text."""
    match = _COMPLETE.match(text)
    if not match:
        return float("nan")
    try:
        return float(datetime.date(int(match[1]), int(match[2]), int(match[3])).toordinal() - EPOCH)
    except ValueError:
        return float("nan")


def days_of_text(column: pd.Series) -> np.ndarray:
    """Days since 1960-01-01 of every cell; NaN where the date is partial or missing."""
    if col.is_number(column):
        return np.asarray(column, dtype="float64")
    codes, texts = col.split_text(column)
    numbers = np.array([day_number(t) for t in texts], dtype="float64")
    return numbers[codes] if len(texts) else np.full(len(codes), np.nan)

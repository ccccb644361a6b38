"""Compares one variable over paired records: which cells differ, and by how much.

Not for pairing records (pairing.py) nor for accepting differences (accepted.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from .options import Options
from .pairing import Pairing


def different_cells(base: pd.Series, compare: pd.Series, pairing: Pairing, options: Options) -> np.ndarray:
    """Positions in the pairing where two columns differ.

    Numbers by the criterion; texts as they are, without trailing blanks; a number and a text by the number's shortest
    text. Missing equals missing only.
    """
    if col.is_number(base) and col.is_number(compare):
        a, b = np.asarray(base, dtype="float64"), np.asarray(compare, dtype="float64")
        if not pairing.in_place:
            a, b = a[pairing.base], b[pairing.compare]
        return np.flatnonzero(options.unequal(a, b))
    codes, texts = col.split_text(col.as_text(base))
    other, other_texts = col.split_text(col.as_text(compare))
    if not pairing.in_place:
        codes, other = codes[pairing.base], other[pairing.compare]
    if len(texts) == len(other_texts) and bool((texts == other_texts).all()):
        return np.flatnonzero(codes != other)
    # the code that base has for each text of compare, -1 for none: each distinct text is compared one time
    known = pd.Index(texts).get_indexer(pd.Index(other_texts)) if len(texts) else np.full(len(other_texts), -1)
    return np.flatnonzero(known[other] != codes)


def values_at(column: pd.Series, rows: np.ndarray) -> list[object]:
    """Cells as plain values: text, whole numbers as int, other numbers as float, a missing number as None."""
    if not col.is_number(column):
        codes, texts = col.split_text(column)
        return [str(t) for t in texts[codes[rows]]]
    return [_plain(x) for x in np.asarray(column, dtype="float64")[rows].tolist()]


def _plain(x: float) -> object:
    if x != x:
        return None
    return int(x) if x == int(x) and abs(x) < 1e15 else x

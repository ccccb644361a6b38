"""One column of two, record by record: by a mask, or the first that is filled; and where two columns are equal.

Not for choosing rows (verbs.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import column as col


def choose(where: np.ndarray, yes: pd.Series, no: pd.Series) -> pd.Series:
    """Record by record from ``yes`` where the mask holds, else from ``no``. Both text or both numbers."""
    if col.is_number(yes):
        return col.series(np.where(where, col.floats(yes), col.floats(no)))
    if where.all():
        return yes
    if not where.any():
        return no
    yes_codes, yes_texts = col.split_text(yes)
    no_codes, no_texts = col.split_text(no)
    codes = np.where(where, yes_codes.astype("int32"), no_codes.astype("int32") + len(yes_texts))
    return col.join_text(codes, np.concatenate([yes_texts, no_texts]))


def first_filled(first: pd.Series, second: pd.Series) -> pd.Series:
    """The first column, and the second where the first is missing."""
    if col.is_number(first) != col.is_number(second):
        first, second = col.as_text(first), col.as_text(second)
    return choose(~col.missing(first), first, second)


def same_text(first: pd.Series, second: pd.Series) -> np.ndarray:
    """Where two text columns have the same text, but for blanks at the end."""
    codes, texts = col.split_text(col.as_text(first))
    other_codes, others = col.split_text(col.as_text(second))
    numbers = pd.factorize(np.array([t.rstrip(" ") for t in (*texts, *others)], dtype=object))[0]
    return numbers[: len(texts)][codes] == numbers[len(texts) :][other_codes]

"""Columns of a raw table: pandas categories of str, '' for an empty cell, built from unique values and codes.

Not for turning numbers and dates into text (cell_text.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

#: the str dtype of pandas, by which an Arrow array becomes a column without a Python object per value
STR = pd.StringDtype(na_value=np.nan)


def from_dictionary(column: pa.ChunkedArray) -> pd.Categorical:
    """A category from an Arrow dictionary column without nulls; codes in the smallest integer type."""
    unified = column.unify_dictionaries().combine_chunks()
    array = unified.chunk(0) if isinstance(unified, pa.ChunkedArray) else unified
    if not isinstance(array, pa.DictionaryArray):
        raise TypeError(f"not a dictionary column: {array.type}")
    return _category(array.dictionary, array.indices.to_numpy())


def from_unique(values: Sequence[str], codes: np.ndarray) -> pd.Categorical:
    """A category from ``values`` (duplicates allowed) and a code per row; a code of -1 is an empty cell."""
    codes = np.asarray(codes)
    texts = [*values, ""]  # the last one serves the code -1
    new_codes, unique = pd.factorize(np.array(texts, dtype=object)[: len(texts)])
    taken = new_codes[codes]
    used = np.flatnonzero(np.bincount(taken, minlength=len(unique)))
    if len(used) < len(unique):  # no category without a row
        renumber = np.zeros(len(unique), dtype=np.int64)
        renumber[used] = np.arange(len(used))
        taken, unique = renumber[taken], unique[used]
    return _category(pa.array(list(unique), pa.large_string()), taken)


def from_texts(values: Sequence[str]) -> pd.Categorical:
    """A category from one text per row."""
    codes, unique = pd.factorize(np.array([*values, ""], dtype=object)[:-1])
    return from_unique(list(unique), codes)


def first_filled(column: pd.Categorical, lines: np.ndarray | None = None) -> tuple[str, str] | None:
    """Place (``record 3, line 4``) and text of the first cell with more than blanks; None if there is none."""
    filled = ~blank_texts(column)
    if not filled.any() or not len(column):
        return None
    codes = np.asarray(column.codes)
    at = int(filled[codes].argmax())
    place = f"record {at + 1}" if lines is None else f"record {at + 1}, line {lines[at]}"
    return place, str(column.categories[codes[at]])


def blank_texts(column: pd.Categorical) -> np.ndarray:
    """Per category, whether it has only blanks."""
    return np.array([not str(t).strip() for t in column.categories], dtype=bool)


def frame_of(columns: Mapping[str, pd.Categorical], rows: int) -> pd.DataFrame:
    """The frame of a raw table. ``rows`` is needed if there are no columns."""
    return pd.DataFrame(
        dict(columns), index=pd.RangeIndex(rows), columns=pd.Index(list(columns), dtype=STR), copy=False
    )


def _category(values: pa.Array, codes: np.ndarray) -> pd.Categorical:
    categories = pd.Index(STR.__from_arrow__(values))  # pyright: ignore[reportAttributeAccessIssue]
    return pd.Categorical.from_codes(codes, categories=categories, validate=False)  # pyright: ignore[reportArgumentType]

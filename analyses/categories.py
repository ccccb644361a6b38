"""The values of a variable as ordered categories: as listed, by a numeric variable, or in alphabetical order.

Not for counting them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns.number_text import plain_number

#: the column of a name; None if there is none
Columns = Callable[[str], "pd.Series | None"]


@dataclass(frozen=True)
class Categories:
    """``values``: the categories in order. ``codes``: for each record the position of its category, -1 for none.

    ``unlisted``: the values that the listed order does not have; they come last.
    """

    values: tuple[str, ...]
    codes: np.ndarray
    unlisted: tuple[str, ...] = ()


def categories(columns: Columns, variable: str, order: str | tuple[str, ...] = ()) -> Categories:
    """The categories of a variable that exists. ``order``: the values, or the numeric variable that orders them."""
    column = columns(variable)
    assert column is not None, variable
    codes, texts = col.split_text(col.as_text(column))
    used = np.zeros(len(texts), dtype=bool)
    used[codes] = True
    there = [t for t in texts[used].tolist() if t != ""]
    unlisted: tuple[str, ...] = ()
    if isinstance(order, tuple) and order:
        unlisted = tuple(sorted(t for t in there if t not in order))
        values = (*order, *unlisted)
    else:
        values = tuple(sorted(there, key=_sort_key(columns, variable, order or "", codes, texts)))
    place = {v: i for i, v in enumerate(values)}
    lookup = np.array([place.get(t, -1) for t in texts.tolist()], dtype="int64")
    return Categories(values, lookup[codes] if len(texts) else np.zeros(0, dtype="int64"), unlisted)


def _sort_key(
    columns: Columns, variable: str, order: str | tuple[str, ...], codes: np.ndarray, texts: np.ndarray
) -> Callable[[str], tuple[float, float, str]]:
    """Text -> its place: by the smallest number of the ordering variable, then by its number, then by the text."""
    companion = columns(order if isinstance(order, str) and order else f"{variable}N")
    least = np.full(len(texts), np.inf)
    if companion is not None and col.is_number(companion):
        numbers = np.asarray(companion, dtype="float64")
        known = np.isfinite(numbers)
        np.minimum.at(least, codes[known], numbers[known])
    ranks = dict(zip(texts.tolist(), least.tolist(), strict=True))

    def key(text: str) -> tuple[float, float, str]:
        number = plain_number(text.strip())
        return ranks[text], np.inf if number is None else number, text

    return key

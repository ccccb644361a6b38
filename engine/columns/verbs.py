"""The only join, group, order and de-duplicate verbs of the project.

pandas loses rows by itself (a merge matches missing keys, a groupby drops them): here keys are coded by us, a missing
key never matches, order is kept and cardinality is checked. ``make check`` refuses the raw pandas verbs elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pandas as pd

from . import column as col


def key_codes(*sides: Sequence[pd.Series], missing_matches: bool = False) -> list[np.ndarray]:
    """One int64 code per row and side, equal where all key columns are equal; -1 where any key is missing.

    ``sides``: for each side its key columns, the same number on every side. A number equals its shortest text.
    ``missing_matches``: a missing key is a value like any other and equals itself, which no join wants, but the
    comparison of two versions of one dataset does.

    See docs/semantics.md S6.
    """
    lengths = [len(side[0]) for side in sides]
    n = sum(lengths)
    gone: np.ndarray | None = None
    parts_codes: list[tuple[np.ndarray, int]] = []
    for parts in zip(*sides, strict=True):
        if all(col.is_number(p) for p in parts):
            values = np.concatenate([col.floats(p) for p in parts])
            codes, unique = pd.factorize(values)
            if missing_matches:
                parts_codes.append((np.where(codes < 0, len(unique), codes), len(unique) + 1))
                continue
            lost = np.isnan(values)
            gone = lost if gone is None else gone | lost
            parts_codes.append((np.maximum(codes, 0), max(len(unique), 1)))
        else:
            codes, texts = col.joint_codes([col.as_text(_column(p)) for p in parts])
            if not missing_matches:
                blank = col.computed_once(texts, _no_text)
                if blank.any():
                    gone = blank[codes] if gone is None else gone | blank[codes]
            parts_codes.append((codes, max(len(texts), 1)))
    total, _ = col.combined(parts_codes, n)
    if gone is not None and gone.any():
        total = np.where(gone, -1, total)
    ends = list(accumulate(lengths))
    return [total[end - length : end] for length, end in zip(lengths, ends, strict=True)]


def _column(key: pd.Series | np.ndarray) -> pd.Series:
    return key if isinstance(key, pd.Series) else pd.Series(key)


def _no_text(texts: col.Texts) -> np.ndarray:
    return np.array([t == "" for t in texts], dtype=bool)


@dataclass(frozen=True)
class Match:
    """Result of a join: positions on both sides (right -1 for no match), and keys that break the cardinality."""

    left: np.ndarray
    right: np.ndarray
    missing_key: np.ndarray  # left positions whose key is missing
    repeated: np.ndarray  # right positions whose key an earlier row has, where the right side is declared 'one'
    left_repeated: np.ndarray  # the same on the left side


def match_rows(left: Sequence[pd.Series], right: Sequence[pd.Series], cardinality: str = "many-to-one") -> Match:
    """Left outer join by position; every left row is kept, in order.

    A key that repeats on a side declared as one is in ``repeated`` or ``left_repeated``. many-to-one and
    one-to-one use the first right row of a key; one-to-many repeats left rows for each right row.
    """
    left_codes, right_codes = key_codes(left, right)
    positions = np.arange(len(left_codes), dtype="int64")
    missing_key = positions[left_codes < 0]
    size = int(max(left_codes.max(initial=-1), right_codes.max(initial=-1))) + 1
    usable = np.flatnonzero(right_codes >= 0)
    if cardinality == "one-to-many":
        order = usable[np.argsort(right_codes[usable], kind="stable")]
        count = np.bincount(right_codes[order], minlength=size)
        start = np.concatenate([[0], np.cumsum(count)])
        many = np.where(left_codes >= 0, count[left_codes] if size else 0, 0)
        repeat = np.maximum(many, 1)
        out_left = np.repeat(positions, repeat)
        within = np.arange(len(out_left)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
        has = np.repeat(many > 0, repeat)
        at = np.where(has, start[np.maximum(left_codes[out_left], 0)] + within, 0) if size else within
        out_right = np.where(has, order[at] if len(order) else -1, -1)
        return Match(out_left, out_right.astype("int64"), missing_key, positions[:0], later(left_codes))
    lookup = np.full(size + 1, -1, dtype="int64")
    lookup[right_codes[usable][::-1]] = usable[::-1]
    found = lookup[np.where(left_codes < 0, size, left_codes)]
    left_repeated = later(left_codes) if cardinality == "one-to-one" else positions[:0]
    return Match(positions, found, missing_key, later(right_codes), left_repeated)


def rows_of_texts(texts: np.ndarray, column: pd.Series) -> np.ndarray:
    """For each of these texts (an object array of str) the first row of a text column that has it; -1 for none.

    The missing text '' has no row. A key that repeats in millions of rows is found one time.
    """
    codes, known = col.split_text(column)
    first = col.first_positions(codes, len(known))
    if texts is not known and not (len(texts) == len(known) and bool((texts == known).all())):
        place = pd.Index(known, dtype=object).get_indexer(pd.Index(texts, dtype=object))
        first = np.append(first, -1)[place]
    return np.where(texts == "", -1, first) if len(texts) else np.zeros(0, dtype="int64")


def later(codes: np.ndarray) -> np.ndarray:
    """Positions whose code an earlier position has already; codes of -1 do not count."""
    return np.flatnonzero(has_earlier(codes) & (codes >= 0))


def has_earlier(codes: np.ndarray) -> np.ndarray:
    """Where an earlier row has the same code."""
    least, largest = int(codes.min(initial=0)), int(codes.max(initial=0))
    size = largest - least + 1
    if size > 4 * len(codes) + 1024:  # few rows with distant codes: hashing is cheaper than a table of all codes
        return pd.Series(codes).duplicated(keep="first").to_numpy()
    codes = codes.astype("int64") - least
    return col.first_positions(codes, size)[codes] != np.arange(len(codes))


def record_codes(columns: Sequence[pd.Series]) -> np.ndarray:
    """One code per record, equal where all columns are equal; a missing value equals another missing value."""
    return key_codes(columns, missing_matches=True)[0] if columns else np.zeros(0, dtype="int64")


def order_rows(keys: Sequence[pd.Series | np.ndarray], descending: Sequence[bool] | None = None) -> np.ndarray:
    """Positions that put rows in the order of ``keys`` (most important first), stable; missing first, as in SAS.

    See docs/semantics.md S7.
    """
    if not keys:
        return np.zeros(0, dtype="int64")
    arrays = []
    for i, key in enumerate(keys):
        rank = key if isinstance(key, np.ndarray) else col.ranks(_column(key))
        arrays.append(-rank.astype("float64") if descending and descending[i] else rank)
    packed = _packed(arrays)
    if packed is not None:
        if len(packed) < 2 or bool((packed[1:] >= packed[:-1]).all()):
            return np.arange(len(packed))
        return np.argsort(packed, kind="stable")
    return np.lexsort(arrays[::-1])


def value_order(columns: Sequence[pd.Series]) -> np.ndarray:
    """Positions that put rows in the order of all their values, whatever their order was.

    The first column decides, then the next one. Missing comes first, then numbers by their value, then other texts by
    code point. Only rows that are equal in every column keep their order. Columns that are not needed for the
    order are not read.

    See docs/semantics.md S8.
    """
    n = len(columns[0]) if columns else 0
    order = np.arange(n)
    if n < 2:
        return order
    open_, run = order, np.zeros(n, dtype="int64")  # slots of ``order`` not decided yet, and the run that each is in
    remaining = list(columns)
    while remaining and len(open_):
        word, bits = run.copy(), int(run.max(initial=0)).bit_length()
        rows = order[open_]
        while remaining:
            rank = col.value_ranks(remaining[0])[rows]
            width = int(rank.max(initial=0)).bit_length()
            if bits + width > 62:
                break
            word, bits = (word << width) | rank, bits + width
            remaining.pop(0)
        by_word = np.argsort(word, kind="stable")
        order[open_] = rows[by_word]
        word = word[by_word]
        same = word[1:] == word[:-1]
        tied = np.append(same, False) | np.append(False, same)
        run = (np.cumsum(np.append(False, ~same)) if len(word) else run)[tied]
        open_, run = open_[tied], col.dense(run, int(run.max(initial=-1)) + 1)[0] if tied.any() else run[:0]
    return order


def _packed(arrays: Sequence[np.ndarray]) -> np.ndarray | None:
    """All sort keys in one int64, when they are whole numbers and fit; a single sort is several times faster."""
    bits, out = 0, None
    for array in arrays:
        if not len(array):
            return np.zeros(0, dtype="int64")
        if array.dtype.kind == "f":
            if not np.isfinite(array).all() or (array != np.trunc(array)).any() or np.abs(array).max() > 2**40:
                return None
            array = array.astype("int64")
        low = int(array.min())
        width = max(int(array.max()) - low, 1).bit_length()
        bits += width
        if bits > 62:
            return None
        part = array.astype("int64") - low
        out = part if out is None else (out << width) | part
    return out


def pick_per_group(groups: np.ndarray, count: int, order: np.ndarray, which: str) -> np.ndarray:
    """Per group the position of its first or last row in ``order`` (positions, sorted); -1 where a group has none."""
    picked = np.full(count, -1, dtype="int64")
    sequence = order[groups[order] >= 0]
    if which == "first":
        sequence = sequence[::-1]
    picked[groups[sequence]] = sequence
    return picked


def number_within(groups: np.ndarray, order: np.ndarray) -> np.ndarray:
    """1, 2, 3 ... within each group along ``order``; one float per row. Rows of group -1 get NaN."""
    ordered = groups[order]
    by_group = np.argsort(ordered, kind="stable")
    sizes = np.bincount(ordered[ordered >= 0]) if (ordered >= 0).any() else np.zeros(0, dtype="int64")
    gone = int((ordered < 0).sum())
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(ordered) - gone) - np.repeat(starts, sizes) + 1
    out = np.full(len(groups), np.nan)
    out[order[by_group[gone:]]] = rank
    return out


def running(values: np.ndarray, groups: np.ndarray, how: str) -> np.ndarray:
    """The sum, least or largest of each group's numbers up to each row, in the order of the rows; no NaN among them."""
    by_group = pd.Series(values).groupby(groups, sort=False)
    return {"sum": by_group.cumsum, "min": by_group.cummin, "max": by_group.cummax}[how]().to_numpy()


def same_as_earlier(columns: Sequence[pd.Series]) -> np.ndarray:
    """For each row the position of the first row that is equal in every column; itself where none is before it."""
    n = len(columns[0]) if columns else 0
    split = [col.split_text(column) for column in columns]
    total, size = col.combined([(codes, max(len(texts), 1)) for codes, texts in split], n)
    return col.first_positions(total, size)[total]

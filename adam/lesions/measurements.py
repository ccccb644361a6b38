"""Measurements of lesions as arrays: the value of each in one unit, the lesions of the baseline that it covers.

Not for sums and states of an evaluation: evaluations.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...engine.columns import column as col

#: a column of texts: code of each record, and the texts
Texts = tuple[np.ndarray, Sequence[str]]


@dataclass(frozen=True)
class Covered:
    """Pairs of a record and a lesion of the baseline that it measures.

    ``record``: position; ``lesion``: code. A merged lesion covers several, a part of a split one covers its parent.
    """

    record: np.ndarray
    lesion: np.ndarray


def covered(lesion_codes: np.ndarray, lesions: Sequence[str], at: np.ndarray, split: str, merged: str) -> Covered:
    """Which lesions the records ``at`` cover. ``split``, ``merged``: the marks in an identifier, '' for none.

    T01.1 is a part of T01, T02/T03 is T02 and T03 in one.
    """
    parents: dict[str, int] = {}
    lists: list[list[int]] = []
    for text in lesions:
        parts = text.split(merged) if merged else [text]
        names = [p.split(split)[0].strip() if split else p.strip() for p in parts]
        lists.append([parents.setdefault(name, len(parents)) for name in names if name])
    lengths = np.array([len(found) for found in lists], dtype="int64")
    flat = np.array([code for found in lists for code in found], dtype="int64")
    starts = np.cumsum(lengths) - lengths
    codes = lesion_codes[at]
    counts = lengths[codes]
    record = np.repeat(at, counts)
    within = np.arange(len(record)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Covered(record, flat[np.repeat(starts[codes], counts) + within] if len(record) else record)


def diameters(
    numbers: np.ndarray,
    texts: Texts,
    absent: Sequence[str],
    small: Sequence[str],
    least: float,
) -> np.ndarray:
    """(n,) values: the number, 0 for a text of ``absent``, ``least`` for one of ``small``; NaN for none of them."""
    codes, names = texts
    plain = [_plain(t) for t in names]
    gone, little = {_plain(t) for t in absent}, {_plain(t) for t in small}
    is_gone = np.array([t in gone for t in plain], dtype=bool)[codes]
    is_small = np.array([t in little for t in plain], dtype=bool)[codes]
    return np.where(is_gone, 0.0, np.where(is_small & np.isnan(numbers), least, numbers))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip()).casefold()


def text_in(column: Texts, texts: Sequence[str]) -> np.ndarray:
    """Where a text is one of ``texts``, whatever its case and blanks."""
    codes, names = column
    wanted = {_plain(t) for t in texts}
    return np.array([_plain(t) in wanted for t in names], dtype=bool)[codes]


def millimetres(units: Texts) -> np.ndarray:
    """(n,) factors to mm; NaN for a unit that is none of mm and cm."""
    codes, names = units
    factor = {"mm": 1.0, "cm": 10.0}
    return np.array([factor.get(_plain(t), np.nan) for t in names])[codes]


def split_column(values: object) -> Texts:
    codes, names = col.split_text(values)  # pyright: ignore[reportArgumentType]
    return codes, [str(n) for n in names]

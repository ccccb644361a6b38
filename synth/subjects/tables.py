"""A form as a table of text cells, and how numbers and dates become text.

Not for the content of a form. A Table has the day of each date cell beside its text: typed formats write the day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from .cohort import EPOCH

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

#: date format, in the words of a spec -> the text of a date
DATE_FORMATS: dict[str, Callable[[date], str]] = {
    "dd/mm/yyyy": lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    "dd.mm.yyyy": lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
    "dd-mm-yyyy": lambda d: f"{d.day:02}-{d.month:02}-{d.year}",
    "dd-mon-yyyy": lambda d: f"{d.day:02}-{MONTHS[d.month - 1]}-{d.year}",
    "mm/dd/yyyy": lambda d: f"{d.month:02}/{d.day:02}/{d.year}",
    "yyyy-mm-dd": lambda d: d.isoformat(),
}


@dataclass
class Table:
    """One file, or one ``part`` of a file. ``columns``: object arrays of text, equally long.

    ``days``: per date column, days since 1970-01-01 or -1. ``format``: csv, xpt, sav, xlsx or odm. ``numeric``: columns
    that a typed format stores as numbers. Tables with the same name are parts of a file (VS and FU of a snapshot).
    """

    name: str
    columns: dict[str, np.ndarray]
    days: dict[str, np.ndarray] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str = "utf-8"
    format: str = "csv"
    part: str = ""
    numeric: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def spell(values: np.ndarray, write: Callable[[int], str]) -> np.ndarray:
    """Text of whole numbers; ``write`` runs one time per unique value."""
    unique, inverse = np.unique(values, return_inverse=True)
    texts = np.empty(len(unique), dtype=object)
    texts[:] = [write(v) for v in unique.tolist()]
    return texts[inverse]


def choose(texts: tuple[str, ...], position: np.ndarray) -> np.ndarray:
    """``texts`` at ``position``; a position of -1 gives an empty cell."""
    table = np.array([*texts, ""], dtype=object)
    return table[position]


def tenths(values: np.ndarray, comma: np.ndarray) -> np.ndarray:
    """Text of numbers in tenths, with a decimal point or, where ``comma``, a comma; negative: an empty cell."""
    point = spell(values, lambda v: f"{v // 10}.{v % 10}" if v >= 0 else "")
    return np.where(comma, spell(values, lambda v: f"{v // 10},{v % 10}" if v >= 0 else ""), point)


def decimal(values: np.ndarray, places: int, comma: np.ndarray) -> np.ndarray:
    """Text of numbers in 10 ** -``places``, with a point or, where ``comma``, a comma; negative: an empty cell."""

    def write(mark: str) -> np.ndarray:
        scale = 10**places
        return spell(
            values, lambda v: (f"{v // scale}{mark}{v % scale:0{places}}" if places else str(v)) if v >= 0 else ""
        )

    return np.where(comma, write(","), write("."))


def write_dates(days: np.ndarray, formats: np.ndarray) -> np.ndarray:
    """Dates as text, each in its format of ``formats`` (DATE_FORMATS); a negative day is an empty cell."""
    out = np.full(len(days), "", dtype=object)
    for name, write in DATE_FORMATS.items():
        selected = (formats == name) & (days >= 0)
        out[selected] = spell(days[selected], lambda v, w=write: w(date.fromordinal(v + EPOCH)))
    return out

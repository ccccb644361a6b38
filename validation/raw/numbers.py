"""Numbers in raw columns: stand-ins, implausible numbers, answers outside a questionnaire, and text among numbers.

Windows of laboratory tests depend on test and unit: they are checked where results are read. A stand-in is read as
missing; every other value stays as it is.
"""

from __future__ import annotations

import numpy as np

from ...mappings.models.quality import QualitySpec, Window
from .declared import DeclaredNumbers
from .kinds import PLAIN_NUMBER, mostly_numbers
from .rules import RawColumn, RawReport, matching
from .texts import plain_width

#: a decimal mark is the habit of a site where at least this share of its decimal numbers has it
HABIT = 0.9
#: decimal numbers that a site has written at least before it has a habit
DECIMALS = 8
#: a stand-in is this many times the span of nearly all other numbers away from them
FAR = 2.0


def numbers_of(column: RawColumn) -> np.ndarray:
    """The number of each unique text; NaN where it is no plain number. Comma and point both mark decimals here."""
    plain = matching(column.texts, PLAIN_NUMBER)
    out = np.full(len(plain), np.nan)
    out[plain] = [float(t.strip().replace(",", ".")) for t in column.texts[plain].tolist()]
    return out


def check_numbers(
    column: RawColumn,
    declared: DeclaredNumbers | None,
    quality: QualitySpec,
    window: Window | None,
    item: Window | None,
    report: RawReport,
) -> None:
    """All checks of one column of numbers; a column of other kinds only where a window or items are declared.

    ``declared``: the column as its source writes numbers; None where nothing is declared.
    """
    if declared is None:
        numbers = numbers_of(column)
        absent = np.zeros(len(numbers), dtype=bool)
    else:
        column, numbers, absent = declared.column, declared.values, declared.absent
    stand_in = _sentinels(column, numbers, quality, window or item, report) | absent
    limits = item or window
    if limits is not None:
        low, high = limits
        outside = ~np.isnan(numbers) & ~stand_in & ~((numbers >= low) & (numbers <= high))
        if item is not None:
            outside |= ~stand_in & ~np.isnan(numbers) & (numbers != np.trunc(numbers))
            message = f"the answer is not a whole number from {low:g} to {high:g}; it is kept"
            report.cells("R2A-RAW-013", column, outside, message)
        else:
            message = f"outside the plausible range {low:g} to {high:g}; it is kept"
            report.cells("R2A-RAW-012", column, outside, message)
    if column.kind == "number" and mostly_numbers(column, declared):
        _texts_among(column, numbers, report)


def _sentinels(
    column: RawColumn, numbers: np.ndarray, quality: QualitySpec, window: Window | None, report: RawReport
) -> np.ndarray:
    """Declared stand-ins outside the window; without a window, those far from all other numbers of the column."""
    listed = {float(t) for t in quality.sentinel_numbers if t.strip()}
    found = np.array([x in listed for x in numbers.tolist()], dtype=bool)
    found &= np.array([t.casefold() not in column.known for t in column.bare()], dtype=bool)
    if window is not None:
        found &= ~((numbers >= window[0]) & (numbers <= window[1]))
    elif found.any():
        found &= _far(column, numbers, found)
    if found.any() and (column.kind == "number" or window is not None):
        report.cells("R2A-RAW-011", column, found, "a code for no value; it is read as missing")
        column.treat_as_missing(found)
        return found
    return np.zeros(len(found), dtype=bool)


def _far(column: RawColumn, numbers: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Where a number lies far outside the other numbers of the column; nowhere in a column with too few others."""
    others = ~np.isnan(numbers) & ~found
    counts = np.where(others, column.counts, 0)
    if counts.sum() < 20:
        return np.zeros(len(numbers), dtype=bool)
    order = np.argsort(numbers[others], kind="stable")
    values, weight = numbers[others][order], np.cumsum(counts[others][order]) / counts.sum()
    low, high = values[np.searchsorted(weight, 0.005)], values[min(np.searchsorted(weight, 0.995), len(values) - 1)]
    span = max(high - low, 1.0)
    above = (numbers > high + FAR * span) & (numbers > values[-1])
    below = (numbers < 0) & (values[0] >= 0)
    return above | below | ((numbers < low - FAR * span) & (numbers < values[0]))


def _texts_among(column: RawColumn, numbers: np.ndarray, report: RawReport) -> None:
    odd = np.array([bool(t) and t not in column.void and t.casefold() not in column.known for t in column.bare()])
    odd &= np.isnan(numbers) & ~matching(column.texts, PLAIN_NUMBER)  # another check reports other marks
    if not odd.any():
        return
    at = np.flatnonzero(odd[column.codes])
    why = np.array([_why(t) if o else "" for t, o in zip(column.texts.tolist(), odd.tolist(), strict=True)], object)
    report.rows("R2A-RAW-014", at, why[column.codes[at]], column)


def _why(text: str) -> str:
    bare = plain_width(text.strip())
    if bare != text.strip() and bare.replace(",", ".").replace(".", "", 1).lstrip("+-").isdigit():
        return "a number in full-width characters"
    if bare and all(c.isdigit() or c in ".,' \u00a0\u202f" for c in bare):
        return "a number with separators of thousands"
    if any(c.isdigit() for c in bare):
        return "no exact number"
    return "no number, in a column of numbers"


def check_decimal_marks(column: RawColumn, groups: np.ndarray, report: RawReport) -> None:
    """Rows whose decimal mark is not the one their site or country writes. ``groups``: a code per row."""
    if column.kind != "number" or not len(column.texts):
        return
    plain = matching(column.texts, PLAIN_NUMBER)
    comma = plain & np.array(["," in t for t in column.texts.tolist()], dtype=bool)
    point = plain & np.array(["." in t for t in column.texts.tolist()], dtype=bool)
    if not (comma.any() and point.any()):
        return
    has_comma, has_point = comma[column.codes], point[column.codes]
    size = int(groups.max(initial=0)) + 1
    commas = np.bincount(groups, weights=has_comma, minlength=size)
    points = np.bincount(groups, weights=has_point, minlength=size)
    total = np.maximum(commas + points, 1)
    settled = commas + points >= DECIMALS
    by_point, by_comma = settled & (points / total >= HABIT), settled & (commas / total >= HABIT)
    odd = (has_comma & by_point[groups]) | (has_point & by_comma[groups])
    report.rows("R2A-RAW-015", np.flatnonzero(odd), "the decimal mark is not the one this site writes", column)


def check_declared_marks(declared: DeclaredNumbers, report: RawReport) -> None:
    """Rows whose number is written by other marks than those declared for it, so that it cannot be read."""
    column = declared.column
    if column.kind != "number" or not len(column.texts):
        return
    odd = matching(column.texts, PLAIN_NUMBER) & np.isnan(declared.values)
    report.cells("R2A-RAW-015", column, odd, "the decimal mark is not the one declared for this site")

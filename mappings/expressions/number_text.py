"""The one text of a number: the shortest that reads back as the same number.

Raw cells of typed files, finished datasets, sentences of rules and reports write numbers so. Not for numbers as a
source wrote them, whose text does not change, nor for reading numbers (engine/columns/number_text.py).
"""

from __future__ import annotations

from decimal import Decimal


def number_text(value: float) -> str:
    """The text of a number: 63, 0.5, 0.00001; '' for a missing one, Infinity and -Infinity for these.

    Plain digits from 1e-7 to 1e16, an exponent beyond, where digits would claim a precision that is not there.
    """
    if value != value:
        return ""
    if abs(value) == float("inf"):
        return "Infinity" if value > 0 else "-Infinity"
    if abs(value) >= 1e16:
        return repr(value)
    if value == int(value):
        return str(int(value))
    return repr(value) if abs(value) >= 1e-4 or abs(value) < 1e-7 else f"{Decimal(repr(value)):f}"

"""Numbers of results as texts: decimals, counts with percentages, intervals, and statistics that do not exist.

A number is rounded to 12 significant digits, which removes the error of binary fractions, and then to its decimals,
half away from zero on the decimal text: 0.25 with one decimal is 0.3, and -0.25 is -0.3. Not for computing.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from ..engine.columns.number_text import EXACT
from ..engine.columns.rounding import DIGITS
from .results import Absent, Cell, Value

#: a float64 of this size has no decimals
_LARGE = 1e15
#: decimals of percentages
PERCENT = 1


@lru_cache(maxsize=4096)
def rounded_text(number: float, decimals: int) -> str:
    """A finite number with so many decimals: 12.30; from 1E15 on with an exponent, since it has no such decimals."""
    if abs(number) >= _LARGE:
        return f"{number:.3E}"
    exact = Decimal(repr(number)) if number == int(number) else Decimal(f"{number:.{DIGITS - 1}e}")
    text = f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=EXACT):f}"
    return text.removeprefix("-") if not text.strip("-0.") else text


def value(name: str, number: float, decimals: int, absent: Absent = Absent.NOT_ESTIMABLE) -> Value:
    """A statistic with its text; ``absent`` is the reason where the number is NaN or infinite."""
    if not math.isfinite(number):
        return Value(name=name, number=None, text=absent.value, absent=absent)
    return Value(name=name, number=float(number), text=rounded_text(number, decimals))


def count(name: str, number: int) -> Value:
    """A count."""
    return Value(name=name, number=float(number), text=str(number))


def missing(name: str, absent: Absent) -> Value:
    """A statistic that does not exist, for a reason."""
    return Value(name=name, number=None, text=absent.value, absent=absent)


def interval_text(lower: Value, upper: Value) -> str:
    """(46.8, 73.5); a limit that does not exist is NE."""
    low, high = (v.text if v.absent is None else "NE" for v in (lower, upper))
    return f"({low}, {high})"


def count_values(n: int, total: int) -> tuple[Value, ...]:
    """n, total, percent; the percentage of nobody does not exist."""
    percent = value("percent", 100 * n / total if total else math.nan, PERCENT, Absent.NO_SUBJECTS)
    return count("n", n), count("total", total), percent


def count_text(values: tuple[Value, ...]) -> str:
    """12 (34.3); 0 for nobody, and the number alone where there is no percentage."""
    n, _, percent = values
    return n.text if percent.absent is not None or n.number == 0 else f"{n.text} ({percent.text})"


def absent_cell(absent: Absent, name: str = "n") -> Cell:
    """A cell without a number, for a reason."""
    return Cell(text=absent.value, values=(missing(name, absent),))

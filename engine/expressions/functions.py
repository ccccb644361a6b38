"""The functions of the expression language on arrays of values, and arithmetic.

Missing is '' or NaN. Not for functions of texts (text_functions.py), nor for the tree or for records (kernels.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from ..columns.iso_dates import day_number, parse
from ..columns.moments import after_each, before, moments_of
from ..columns.rounding import difference, significant, total
from .text_functions import TEXT_FUNCTIONS
from .truth import FALSE, TRUE, UNKNOWN, Arrays, is_missing

_DATE_PARTS = frozenset(["year", "month", "day"])


def arithmetic(sign: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a + - * / b; missing where an operand is missing, the divisor is 0, or the result is too large.

    Sums and differences are rounded to the 12th significant digit of the larger operand (engine/columns/rounding.py).

    See docs/semantics.md S14, S16.
    """
    with np.errstate(all="ignore"):
        if sign == "+":
            result = total(a, b)
        elif sign == "-":
            result = difference(a, b)
        elif sign == "*":
            result = a * b
        else:
            result = a / b
    return np.where(np.isfinite(result), result, np.nan)


def call(function: str, arguments: Arrays) -> np.ndarray:
    """The result of a function over arrays of one length (types checked before)."""
    if function in _MAPPED:
        change = _MAPPED[function]
        return np.array([change(v) for v in arguments[0]], dtype=object)
    if function in _TESTED:
        test = _TESTED[function]
        tests = (UNKNOWN if not v or not w else TRUE if test(v, w) else FALSE for v, w in zip(*arguments, strict=True))
        return np.fromiter(tests, dtype="uint8", count=len(arguments[0]))
    if function in _DATE_PARTS:
        return _date_part(arguments[0], function)
    return _OTHERS[function](arguments)


_FIRST_LETTER = re.compile(r"(?<![\w'])[^\W\d_]")


def title(text: str) -> str:
    """The first letter of each word in upper case, the others in lower case; a letter after an apostrophe is none."""
    return _FIRST_LETTER.sub(lambda m: m.group().upper(), text.lower())


_MAPPED: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": title,
    "strip": str.strip,
}
_TESTED: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda v, w: w in v,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


def _after(arguments: Arrays) -> np.ndarray:
    first, second = arguments
    return np.where((first == "") | (second == ""), UNKNOWN, np.where(after_each(first, second), TRUE, FALSE))


def compare_dates(operator: str, first: np.ndarray, second: np.ndarray, periods: tuple[bool, bool]) -> np.ndarray:
    """Truth of a comparison of ISO 8601 texts, by the one rule of engine/columns/moments.py; unknown where it is not
    certain.

    ``periods``: for each side, whether it is a date of the spec. There a date without a day is the whole month or year:
    2024-03-10 equals 2024-03.

    See docs/semantics.md S22.
    """
    one, other = moments_of(first), moments_of(second)
    less, more = before(one, other), before(other, one)
    equal = (first == second) | (one.day & other.day)
    for is_period, (outer, inner) in zip(periods, ((one, other), (other, one)), strict=True):
        equal |= is_period & (inner.low >= outer.low) & (inner.high <= outer.high)
    equal &= ~less & ~more
    yes, no = {
        "==": (equal, less | more),
        "!=": (less | more, equal),
        "<": (less, more | equal),
        "<=": (less | equal, more),
        ">": (more, less | equal),
        ">=": (more | equal, less),
    }[operator]
    unknown = (first == "") | (second == "") | ~(yes | no)
    return np.where(unknown, UNKNOWN, np.where(yes, TRUE, FALSE))


def _missing(arguments: Arrays) -> np.ndarray:
    return np.where(is_missing(arguments[0]), TRUE, FALSE)


def _round(arguments: Arrays) -> np.ndarray:
    """Half away from zero, as SAS ROUND: a value within rounding error of a half counts as the half (2.675 -> 2.68).

    See docs/semantics.md S15.
    """
    values = arguments[0]
    if not len(values):
        return values
    digits = int(arguments[1][0]) if len(arguments) > 1 else 0
    power = 10.0 ** abs(digits)
    with np.errstate(all="ignore"):
        size = np.abs(values)
        scaled = size * power if digits >= 0 else size / power
        half = np.rint(scaled * 2) / 2
        near = np.where(np.abs(scaled - half) <= scaled * 2.0**-50, half, scaled)
        whole = np.floor(near + 0.5)
        result = np.copysign(whole / power if digits >= 0 else whole * power, values)
        # beyond 2**52 there are no decimals to round, and the scaling would only add error
        return np.where(scaled < 2.0**52, result + 0.0, values)


def _power(arguments: Arrays) -> np.ndarray:
    """x to an exponent; missing where either is, or where there is no finite real result.

    Rounded to 12 significant digits: the last bits of a power differ from processor to processor.
    """
    with np.errstate(all="ignore"):
        result = np.power(*arguments)
    gone = np.isnan(arguments[0]) | np.isnan(arguments[1]) | ~np.isfinite(result)
    return significant(np.where(gone, np.nan, result))


def _of_reals(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[Arrays], np.ndarray]:
    """A function of one number, with 12 significant digits; missing where it has no finite real result."""

    def apply(arguments: Arrays) -> np.ndarray:
        with np.errstate(all="ignore"):
            result = function(arguments[0])
        return significant(np.where(np.isfinite(result), result, np.nan))

    return apply


def _whole(direction: Callable[[np.ndarray], np.ndarray]) -> Callable[[Arrays], np.ndarray]:
    """floor or ceil, as in SAS: a value within 1e-12 of a whole number is that whole number."""

    def apply(arguments: Arrays) -> np.ndarray:
        values = arguments[0]
        with np.errstate(all="ignore"):
            nearest = np.rint(values)
            return np.where(np.abs(values - nearest) <= 1e-12, nearest, direction(values)) + 0.0

    return apply


def _extreme(smallest: bool) -> Callable[[Arrays], np.ndarray]:
    """min or max of the values that are not missing; texts by code point, which for ISO dates is by time."""

    def apply(arguments: Arrays) -> np.ndarray:
        best = arguments[0]
        for other in arguments[1:]:
            better = (other < best) if smallest else (other > best)
            take = (np.asarray(better, dtype=bool) & ~is_missing(other)) | is_missing(best)
            best = np.where(take, other, best)
        return best

    return apply


def _coalesce(arguments: Arrays) -> np.ndarray:
    result = arguments[0]
    for other in arguments[1:]:
        result = np.where(is_missing(result), other, result)
    return result


def _date_part(texts: np.ndarray, part: str) -> np.ndarray:
    """Year, month or day of ISO 8601 texts; missing where the date does not have it or the text is no date."""
    read = (parse(text) for text in texts)
    found = (None if date is None else getattr(date, part) for date in read)
    return np.array([np.nan if number is None else number for number in found], dtype="float64")


def _days(arguments: Arrays) -> np.ndarray:
    """Whole days from the second date to the first; missing where either is partial or no date.

    See docs/semantics.md S24.
    """
    first, second = (np.array([day_number(t) for t in texts], dtype="float64") for texts in arguments)
    return first - second


_OTHERS: dict[str, Callable[[Arrays], np.ndarray]] = {
    **TEXT_FUNCTIONS,
    "after": _after,
    "days": _days,
    "missing": _missing,
    "abs": lambda a: np.abs(a[0]),
    "round": _round,
    "power": _power,
    "sqrt": _of_reals(np.sqrt),
    "exp": _of_reals(np.exp),
    "log": _of_reals(np.log),
    "log10": _of_reals(np.log10),
    "floor": _whole(np.floor),
    "ceil": _whole(np.ceil),
    "min": _extreme(True),
    "max": _extreme(False),
    "coalesce": _coalesce,
    "if": lambda a: np.where(a[0] == TRUE, a[1], a[2]),
}

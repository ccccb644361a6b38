"""What each function of the expression language does to arrays of values, and arithmetic.

Not for the tree or for records (kernels.py). Text functions run once per unique text. Missing is '' or NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ...mappings.expressions.number_text import number_text
from ...mappings.models.cell_patterns import extract_all, numbered
from ..columns.iso_dates import day_number, parse
from ..columns.moments import after_each, before, moments_of
from ..columns.rounding import difference, significant, total

#: characters of one text, and of all different texts together, that a function may make
LONGEST, MOST_CHARACTERS = 100_000, 100_000_000

FALSE, UNKNOWN, TRUE = np.uint8(0), np.uint8(1), np.uint8(2)

_DATE_PARTS = frozenset(["year", "month", "day"])

Arrays = list[np.ndarray]


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


_MAPPED: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
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

    ``periods``: which side the spec itself gives. There a date without a day is the whole month or year: 2024-03-10
    equals 2024-03.

    See docs/semantics.md S22.
    """
    mine, theirs = moments_of(first), moments_of(second)
    less, more = before(mine, theirs), before(theirs, mine)
    equal = (first == second) | (mine.day & theirs.day)
    for given, (outer, inner) in zip(periods, ((mine, theirs), (theirs, mine)), strict=True):
        equal |= given & (inner.low >= outer.low) & (inner.high <= outer.high)
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


def is_missing(values: np.ndarray) -> np.ndarray:
    """Where values are missing: texts of white space only, numbers NaN (docs/semantics.md S1)."""
    if values.dtype == object:
        return np.array([not t.strip() for t in values], dtype=bool)
    return np.isnan(values)


def _matches(arguments: Arrays) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts, patterns = arguments
    if not len(texts):
        return np.zeros(0, dtype="uint8")
    options = pc.MatchSubstringOptions(patterns[0])  # a literal: the same everywhere
    found = pc.call_function("match_substring_regex", [pa.array(texts, type=pa.large_string())], options)
    truth = np.where(np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool), TRUE, FALSE)
    return np.where(is_missing(texts), UNKNOWN, truth)


def _substr(arguments: Arrays) -> np.ndarray:
    """Characters from ``start``, counted from 1; '' where start or length are missing or less than 1."""
    texts, starts, *sizes = arguments
    starts = np.trunc(starts)
    lengths = np.trunc(sizes[0]) if sizes else np.full(len(texts), 2.0**31)
    usable = (starts >= 1) & (lengths >= 1)  # false for NaN
    begin = np.where(usable, np.minimum(starts, 2.0**31), 1).astype("int64") - 1
    end = begin + np.where(usable, np.minimum(lengths, 2.0**31), 0).astype("int64")
    return np.array([t[b:e] for t, b, e in zip(texts, begin.tolist(), end.tolist(), strict=True)], dtype=object)


class TextTooLong(ValueError):
    """A text that an expression would make is longer than any text of a dataset can be."""

    def __init__(self, function: str):
        each, together = f"{LONGEST:,}", f"{MOST_CHARACTERS:,}"
        super().__init__(
            f"{function} would make a text of more than {each} characters, or texts of {together} together"
        )


def _bounded(function: str, lengths: Iterable[int]) -> None:
    """TextTooLong before the texts are made: memory ends first where each use of a function makes them longer."""
    total = 0
    for length in lengths:
        total += length
        if length > LONGEST or total > MOST_CHARACTERS:
            raise TextTooLong(function)


def _replace(arguments: Arrays) -> np.ndarray:
    rows = list(zip(*arguments, strict=True))
    _bounded("replace", (len(t) + (t.count(a) * (len(b) - len(a)) if a else 0) for t, a, b in rows))
    return np.array([t.replace(a, b) if a else t for t, a, b in rows], dtype=object)


def _concat(arguments: Arrays) -> np.ndarray:
    rows = list(zip(*arguments, strict=True))
    _bounded("concat", (sum(map(len, parts)) for parts in rows))
    return np.array(["".join(parts) for parts in rows], dtype=object)


def found_by(texts: np.ndarray, pattern: str, group: int | None) -> list[str | None]:
    """What a group of a pattern (None: its only one, else all that it finds) has of each text; None: not found."""
    named, count = numbered(pattern)
    return extract_all(named, texts.tolist())[f"g{min(count, 1) if group is None else group}"] if len(texts) else []


def _extract(arguments: Arrays) -> np.ndarray:
    texts, patterns, *group = arguments
    if not len(texts):
        return np.zeros(0, dtype=object)
    found = found_by(texts, str(patterns[0]), int(group[0][0]) if group else None)  # literals: the same everywhere
    return np.array([f or "" for f in found], dtype=object)


def _part(arguments: Arrays) -> np.ndarray:
    """The n-th part of a text at a separator, from 1, from the end from -1, without blanks; '' where there is none."""
    texts, separators, numbers = arguments
    out = []
    for text, separator, number in zip(texts, separators, numbers.tolist(), strict=True):
        parts = text.split(separator) if separator and text else []
        at = int(number) if number == number and abs(number) <= len(parts) else 0
        out.append(parts[at - 1 if at > 0 else at].strip() if at else "")
    return np.array(out, dtype=object)


def _find(arguments: Arrays) -> np.ndarray:
    """Where a text begins in another, from 1; missing where it is not there, or nothing is looked for."""
    places = (t.find(p) + 1 if p else 0 for t, p in zip(*arguments, strict=True))
    return np.array([place or np.nan for place in places], dtype="float64")


def _text(arguments: Arrays) -> np.ndarray:
    """The shortest text of a number of at most 12 significant digits, as a Dataset holds it."""
    values = significant(arguments[0]).tolist()
    return np.array([number_text(v) if abs(v) != float("inf") else "" for v in values], dtype=object)


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
    """Year, month or day of ISO 8601 texts; missing where it is not known or the text is no date."""
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
    "after": _after,
    "days": _days,
    "missing": _missing,
    "matches": _matches,
    "length": lambda a: np.array([len(t) for t in a[0]], dtype="float64"),
    "substr": _substr,
    "replace": _replace,
    "extract": _extract,
    "part": _part,
    "find": _find,
    "concat": _concat,
    "text": _text,
    "abs": lambda a: np.abs(a[0]),
    "round": _round,
    "power": _power,
    "floor": _whole(np.floor),
    "ceil": _whole(np.ceil),
    "min": _extreme(True),
    "max": _extreme(False),
    "coalesce": _coalesce,
    "if": lambda a: np.where(a[0] == TRUE, a[1], a[2]),
}

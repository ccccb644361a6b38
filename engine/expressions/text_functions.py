"""The functions of the expression language that read texts: they run one time per unique text.

Not for conversions and dates (functions.py), nor for the tree or for records (kernels.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ...mappings.expressions.number_text import number_text
from ...mappings.models.cell_patterns import extract_all, numbered
from ..columns.rounding import significant
from .truth import FALSE, TRUE, UNKNOWN, Arrays, is_missing

#: most characters of one text, and of all different texts together, in the result of a function
LONGEST, MOST_CHARACTERS = 100_000, 100_000_000


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
    """The result of an expression is longer than any text of a dataset can be."""

    def __init__(self, function: str):
        each, together = f"{LONGEST:,}", f"{MOST_CHARACTERS:,}"
        super().__init__(
            f"{function} would give a text of more than {each} characters, or texts of {together} together"
        )


def _bounded(function: str, lengths: Iterable[int]) -> None:
    """Raises TextTooLong before the texts are built: texts that grow with each use of a function would fill memory."""
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
    """The part of each text that a group of a pattern matches; None where the pattern is not found.

    ``group``: its number; None for the only group of the pattern, or the whole match if it has no group.
    """
    named, count = numbered(pattern)
    return extract_all(named, texts.tolist())[f"g{min(count, 1) if group is None else group}"] if len(texts) else []


def _extract(arguments: Arrays) -> np.ndarray:
    texts, patterns, *group = arguments
    if not len(texts):
        return np.zeros(0, dtype=object)
    found = found_by(texts, str(patterns[0]), int(group[0][0]) if group else None)  # literals: the same everywhere
    return np.array([f or "" for f in found], dtype=object)


def _part(arguments: Arrays) -> np.ndarray:
    """The n-th part of a text at a separator, without blanks; '' where there is none. -1 is the last part."""
    texts, separators, numbers = arguments
    out = []
    for text, separator, number in zip(texts, separators, numbers.tolist(), strict=True):
        parts = text.split(separator) if separator and text else []
        at = int(number) if number == number and abs(number) <= len(parts) else 0
        out.append(parts[at - 1 if at > 0 else at].strip() if at else "")
    return np.array(out, dtype=object)


def _find(arguments: Arrays) -> np.ndarray:
    """Where the second text begins in the first, from 1; missing where it does not occur or is ''."""
    places = (t.find(p) + 1 if p else 0 for t, p in zip(*arguments, strict=True))
    return np.array([place or np.nan for place in places], dtype="float64")


def _text(arguments: Arrays) -> np.ndarray:
    """The shortest text of a number of at most 12 significant digits, as a Dataset holds it."""
    values = significant(arguments[0]).tolist()
    return np.array([number_text(v) if abs(v) != float("inf") else "" for v in values], dtype=object)


TEXT_FUNCTIONS: dict[str, Callable[[Arrays], np.ndarray]] = {
    "matches": _matches,
    "length": lambda a: np.array([len(t) for t in a[0]], dtype="float64"),
    "substr": _substr,
    "replace": _replace,
    "extract": _extract,
    "part": _part,
    "find": _find,
    "concat": _concat,
    "text": _text,
}

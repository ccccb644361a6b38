"""Tables of study.yaml whose rows overlap, or have bounds that no value lies between, where ``between:`` reads one row.

Not for keys that a table has twice (table_key_check.py), nor for the bounds of data (R2A-JOIN-004, R2A-JOIN-005).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isnan
from typing import NamedTuple

from ...errors import SpecProblem
from ...mappings.binding.bind import place_of
from ...mappings.models.study_table import StudyTable
from ..columns.iso_dates import day_number
from ..columns.number_text import plain_number
from ..derivations.lookup import Lookup
from ..derivations.nearby_rows import Between, Nearest
from ..plan.plan import PlannedStudy
from .table_key_check import lookups, texts_of_column


class _Row(NamedTuple):
    """A row of a table: its key, its bounds, and both in words."""

    key: tuple[str, ...]
    low: float
    high: float
    shown: str


def table_bounds_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """The first mistake of the bounds or values of each table that a ``lookup:`` reads, at the line of the rule."""
    for rule, dataset, variable in lookups(plan):
        name = rule.lookup.partition(".")[0]
        table = plan.tables.get(name)
        how, field = (rule.between, "between") if rule.between is not None else (rule.nearest, "nearest")
        if table is None or how is None:
            continue
        names = [how.from_, how.to] if isinstance(how, Between) else [how.to]
        keys = list(rule.on.values()) if isinstance(rule.on, dict) else list(rule.on)
        if any(c not in table.columns for c in (*keys, *filter(None, names))):
            continue  # another check reports the name
        mistakes = _unread(table, [n for n in names if n], how.kind)
        if not mistakes and isinstance(how, Between):
            rows = _rows(table, keys, how)
            mistakes = _turned(rows, how) or ("" if rule.where else _overlap(rows, how))
        elif not mistakes and isinstance(how, Nearest) and not rule.where:
            mistakes = _equal_values(table, keys, rule, how)
        if mistakes:
            yield SpecProblem(place_of(rule, field), f"the table {name} {mistakes}", dataset, variable)


def _value(text: str, kind: str) -> float:
    """A cell as a number or as the number of a day; NaN for a text that is neither."""
    if kind == "date":
        return day_number(text)
    found = plain_number(text)
    return float("nan") if found is None else found


def _unread(table: StudyTable, names: list[str], kind: str) -> str:
    what = "complete date in ISO 8601" if kind == "date" else "number"
    for name in names:
        for text in table.columns[name] if name not in table.numbers else ():
            if text and isnan(_value(text, kind)):
                return f"has '{text}' in {name}, which is no {what}"
    return ""


def _rows(table: StudyTable, keys: list[str], how: Between) -> list[_Row]:
    """The rows with a key, in the order of key and bounds; a missing bound is open."""
    nothing = ("",) * table.n
    of_keys = [texts_of_column(table, k) for k in keys]
    low, high = (texts_of_column(table, n) if n is not None else nothing for n in (how.from_, how.to))
    found = []
    for at in range(table.n):
        key = tuple(texts[at] for texts in of_keys)
        if all(key):
            first = _value(low[at], how.kind) if low[at] else -inf
            last = _value(high[at], how.kind) if high[at] else inf
            found.append(_Row(key, first, last, f"{low[at] or 'open'} to {high[at] or 'open'}"))
    return sorted(found)


def _turned(rows: list[_Row], how: Between) -> str:
    """Bounds that no value lies between."""
    for row in rows:
        if row.low > row.high or (row.low == row.high and how.inclusive != "both"):
            return f"has the bounds {row.shown}{_of_key(row.key)}, and no value lies between them"
    return ""


def _overlap(rows: list[_Row], how: Between) -> str:
    """Two rows of a key that one value lies between."""
    reaching = rows[:1]
    for row in rows[1:]:
        before = reaching[0]
        if row.key == before.key and (row.low < before.high or (row.low == before.high and how.inclusive == "both")):
            end = "; inclusive: states which bounds belong to a row" if row.low == before.high else ""
            return f"has rows that overlap{_of_key(row.key)}: {before.shown} and {row.shown}{end}"
        if row.key != before.key or row.high > before.high:
            reaching = [row]
    return ""


def _of_key(key: tuple[str, ...]) -> str:
    return f" for {', '.join(key)}" if key else ""


def _equal_values(table: StudyTable, keys: list[str], rule: Lookup, how: Nearest) -> str:
    """A value that two rows of a key have, with different results."""
    result = rule.lookup.partition(".")[2]
    if result not in table.columns:
        return ""
    found: dict[tuple[str | float, ...], str] = {}
    of_keys = [texts_of_column(table, k) for k in keys]
    for *key, text, found_text in zip(
        *of_keys, texts_of_column(table, how.to), texts_of_column(table, result), strict=True
    ):
        if text and all(key) and found.setdefault((*key, _value(text, how.kind)), found_text) != found_text:
            return f"has two rows with {how.to} {text}{_of_key(tuple(key))}, and lookup: reads one"
    return ""

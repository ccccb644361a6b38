"""Days and times between two dates of a record, computed again without a statement of how the study counts them.

What most records follow is the rule of the study; the other records are the findings.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ..package import Package
from ..table import Table
from .kind import Check, Hit, Name, absent, register_check
from .stars import StarName, pairs

#: the days of one unit of a time
_UNITS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25, "months of 30 days": 30.0}
#: the part of the records that must follow a way of counting before the others are findings
_MOST = 0.8


@register_check
class RelativeDayCheck(Check):
    """A relative day counts from one reference date of the subject, without a day 0.

    The reference date is that which most records of the dataset have (TRTSDT, where most agree with it), or else that
    which most records of the subject have.
    """

    verb = "relative_day"

    relative_day: tuple[tuple[StarName, StarName], ...] = Field(
        description="Pairs of the variable with the day and that with its date.", min_length=1
    )
    reference: Name = Field(default="TRTSDT", description="The usual reference date, of the record or of ADSL.")

    def parts(self) -> frozenset[str]:
        return frozenset({"day", "date"})

    def _pairs(self, table: Table) -> list[tuple[str, str]]:
        found = dict.fromkeys(p for first, second in self.relative_day for p in pairs(table, first, second))
        return [(a, b) for a, b in found if table.is_number(a) and table.is_number(b)]

    def applies(self, table: Table) -> str:
        return absent(table, "USUBJID") or ("" if self._pairs(table) else f"{table.name} has no day with its date")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        named = self._pairs(table)
        days = np.concatenate([table.numbers(a) for a, _ in named])
        dates = np.concatenate([table.days(b) for _, b in named])
        subjects = np.tile(table.keys(("USUBJID",)), len(named))
        anchor = dates - days + (days > 0)
        expected = self._anchors(table, len(named), subjects, anchor)
        right = dates - expected
        right = right + (right >= 0)
        wrong = ~np.isnan(days) & ~np.isnan(right) & (days != right)
        for number, (name, date) in enumerate(named):
            rows = np.flatnonzero(wrong[number * table.n : (number + 1) * table.n])
            if len(rows):
                shown = col.objects(right[number * table.n + rows])
                yield Hit(rows=rows, variable=name, parts={"day": shown, "date": date})

    def _anchors(self, table: Table, count: int, subjects: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        """The reference date of each record, NaN where none is known."""
        known = np.flatnonzero(~np.isnan(anchor))
        usual = np.tile(self._usual(table), count)
        judged = known[~np.isnan(usual[known])]
        if len(judged) and np.mean(usual[judged] == anchor[judged]) >= _MOST:
            return usual
        return most_frequent(subjects, anchor)

    def _usual(self, table: Table) -> np.ndarray:
        if self.reference in table.names:
            return table.days(self.reference)
        other = table.other("ADSL")
        if other is None or self.reference not in other.names or "USUBJID" not in other.names:
            return np.full(table.n, np.nan)
        return np.append(other.days(self.reference), np.nan)[table.positions("ADSL")]


def most_frequent(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """For each record the value that most records of its group have; NaN where no value leads.

    Missing values do not count.
    """
    out = np.full(len(groups), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return out
    _, value = np.unique(values[known], return_inverse=True)
    pair = groups[known].astype("int64") * (int(value.max()) + 1) + value
    unique, first, count = np.unique(pair, return_index=True, return_counts=True)
    group = groups[known][first]
    order = np.lexsort((unique, -count, group))
    leads = np.append(True, group[order][1:] != group[order][:-1])
    best = order[leads]
    following = np.append(np.flatnonzero(leads)[1:], len(order))
    second = np.flatnonzero(leads) + 1
    runner = order[np.minimum(second, len(order) - 1)]
    tied = (second < following) & (count[runner] == count[best])
    chosen = np.full(int(groups.max(initial=-1)) + 1, np.nan)
    chosen[group[best[~tied]]] = values[known][first[best[~tied]]]
    return chosen[groups]


@register_check
class DurationCheck(Check):
    """A time is that between two dates, in the unit and with the first day as most records of its group have it."""

    verb = "duration"

    duration: Name = Field(description="The variable with the time.")
    start: Name = Field(description="The date from which it counts.")
    end: Name = Field(description="The date up to which it counts.")
    per: tuple[Name, ...] = Field(default=(), description="The variables that make a group with one unit.")

    def parts(self) -> frozenset[str]:
        return frozenset({"expected", "unit"})

    def applies(self, table: Table) -> str:
        names = (self.duration, self.start, self.end, *self.per)
        reason = absent(table, *names)
        text = next((n for n in names[:3] if not reason and not table.is_number(n)), "")
        return reason or (f"{text} is a text" if text else "")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        days, written = table.days(self.end) - table.days(self.start), table.numbers(self.duration)
        known = np.flatnonzero(~np.isnan(days) & ~np.isnan(written))
        groups = table.keys(self.per)[known] if self.per else np.zeros(len(known), dtype="int64")
        for group in np.unique(groups):
            rows = known[groups == group]
            found = _counted(days[rows], written[rows])
            if found is None:
                continue
            unit, expected = found
            wrong = ~_near(expected, written[rows])
            if wrong.any():
                parts = {"expected": col.objects(expected[wrong]), "unit": unit}
                yield Hit(rows=rows[wrong], variable=self.duration, parts=parts)


def _counted(days: np.ndarray, written: np.ndarray) -> tuple[str, np.ndarray] | None:
    """(unit, the time of each record) of the way of counting that most records follow; None where none is."""
    best: tuple[int, str, np.ndarray] | None = None
    for unit, length in _UNITS.items():
        for first in (1, 0):
            expected = (days + first) / length
            follow = int(_near(expected, written).sum())
            if best is None or follow > best[0]:
                best = (follow, unit, expected)
    if best is None or best[0] < _MOST * len(days):
        return None
    return best[1], best[2]


def _near(expected: np.ndarray, written: np.ndarray) -> np.ndarray:
    """Equal but for rounding to one decimal at the coarsest, or to a whole number where the time is one."""
    return np.abs(expected - written) <= np.where(written == np.trunc(written), 0.5, 0.0500001)

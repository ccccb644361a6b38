"""Days of the study and epochs, computed again: --DY from --DTC and RFSTDTC, EPOCH from the elements of the subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.iso_dates import periods
from ..package import Package
from ..table import Table
from .kind import Check, Hit, Name, absent, register_check


@register_check
class StudyDayCheck(Check):
    """A study day is the number of days from a reference date; there is no day 0."""

    verb = "study_day"

    study_day: Name = Field(description="The variable with the day.")
    date: Name = Field(description="The variable with its date.")
    reference: str = Field(default="DM.RFSTDTC", description="The reference date of the subject.")

    def parts(self) -> frozenset[str]:
        return frozenset({"day", "reference", "date"})

    def applies(self, table: Table) -> str:
        dataset, variable = self.reference.split(".")
        other = table.other(dataset)
        reason = absent(table, table.expanded(self.study_day), table.expanded(self.date), "USUBJID")
        if reason or other is None:
            return reason or f"{dataset} is not in the package"
        return absent(other, variable)

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        name, date = table.expanded(self.study_day), table.expanded(self.date)
        dataset, variable = self.reference.split(".")
        other = table.other(dataset)
        assert other is not None  # applies() has found it
        reference = np.append(other.days(variable), np.nan)[table.positions(dataset)]
        days = table.days(date) - reference
        expected = days + (days >= 0)
        written = table.numbers(name)
        both = ~np.isnan(written) & ~np.isnan(expected)
        rows = np.flatnonzero(both & (written != expected))
        if len(rows):
            shown = col.objects(expected[rows])
            yield Hit(rows=rows, variable=name, parts={"day": shown, "date": date, "reference": variable})


@register_check
class DayPresentCheck(Check):
    """A study day is there exactly where both dates are complete."""

    verb = "study_day_missing"

    study_day_missing: Name = Field(description="The variable with the day.")
    date: Name = Field(description="The variable with its date.")
    filled: bool = Field(default=True, description="false: a day is a finding where one of the dates is not complete.")

    def applies(self, table: Table) -> str:
        other = table.other("DM")
        names = table.expanded(self.study_day_missing), table.expanded(self.date)
        if other is None or "RFSTDTC" not in other.names:
            return "DM.RFSTDTC is not in the package"
        return absent(table, *names, "USUBJID")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        name, date = table.expanded(self.study_day_missing), table.expanded(self.date)
        other = table.other("DM")
        assert other is not None  # applies() has found it
        reference = np.append(other.days("RFSTDTC"), np.nan)[table.positions("DM")]
        known = ~np.isnan(table.days(date)) & ~np.isnan(reference)
        there = ~table.missing(name)
        rows = np.flatnonzero(known & ~there if self.filled else there & ~known)
        if len(rows):
            yield Hit(rows=rows, variable=name)


@register_check
class EpochCheck(Check):
    """EPOCH is that of an element of the subject which contains the date, as far as the days are known.

    The same holds for another variable that SE has too, as TAETORD.
    """

    verb = "epoch"

    epoch: tuple[Name, ...] = Field(description="The variables with the date; the first that the dataset has counts.")
    variable: Name = Field(default="EPOCH", description="The variable of SE that is compared.")

    def parts(self) -> frozenset[str]:
        return frozenset({"date"})

    def _date(self, table: Table) -> str:
        return next((n for n in map(table.expanded, self.epoch) if n in table.names), "")

    def applies(self, table: Table) -> str:
        elements = table.other("SE")
        if elements is None:
            return "SE is not in the package"
        if not self._date(table):
            return f"{table.name} has no date"
        reason = absent(table, self.variable, "USUBJID")
        return reason or absent(elements, self.variable, "SESTDTC", "SEENDTC", "USUBJID")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        elements, date = table.other("SE"), self._date(table)
        assert elements is not None  # applies() has found it
        low, high = periods(table.columns[date])
        subject = _subject_numbers(table, elements)
        use = np.flatnonzero((subject >= 0) & (low == high) & ~table.missing(self.variable))
        if not len(use):
            return
        epochs, of_element = _same_numbers(table, elements, self.variable)
        spans = _Spans(elements)
        fits = spans.has(subject[use], low[use], epochs[use], of_element)
        rows = use[~fits]
        if len(rows):
            yield Hit(rows=rows, variable=self.variable, parts={"date": date})


class _Spans:
    """The elements of all subjects in the order of their start. An element lasts up to the day on which it ends."""

    def __init__(self, elements: Table) -> None:
        codes, _ = elements.texts("USUBJID")
        start, _ = periods(elements.columns["SESTDTC"])
        _, end = periods(elements.columns["SEENDTC"])
        self.known = np.flatnonzero(~np.isnan(start))
        order = self.known[np.lexsort((start[self.known], codes[self.known]))]
        self.order, self.subject, self.start = order, codes[order], start[order]
        self.end = np.where(np.isnan(end[order]), np.inf, end[order])
        self.first_day = float(self.start.min(initial=0.0)) - 1

    def has(self, subject: np.ndarray, day: np.ndarray, epoch: np.ndarray, of_element: Sequence[int]) -> np.ndarray:
        """Whether an element of the subject on this day has this epoch; true where no element contains the day."""
        base = self.subject.astype("float64") * 1e7 + (self.start - self.first_day)
        at = np.searchsorted(base, subject * 1e7 + (day - self.first_day), side="right") - 1
        epochs = np.asarray(of_element)[self.order]
        fits, inside = np.zeros(len(day), dtype=bool), np.zeros(len(day), dtype=bool)
        for back in range(3):  # a day may be the last of two elements and the first of a third
            place = np.maximum(at - back, 0)
            here = (at - back >= 0) & (self.subject[place] == subject) & (self.end[place] >= day)
            inside |= here
            fits |= here & (epochs[place] == epoch)
        return fits | ~inside


def _subject_numbers(table: Table, elements: Table) -> np.ndarray:
    """For each record the code of its subject in SE; -1 for none."""
    codes, texts = table.texts("USUBJID")
    known = {t: i for i, t in enumerate(elements.texts("USUBJID")[1])}
    return np.array([known.get(t, -1) if t else -1 for t in texts], dtype="int64")[codes]


def _same_numbers(table: Table, elements: Table, variable: str) -> tuple[np.ndarray, np.ndarray]:
    """A variable of the records and of the elements as numbers, equal where the values are."""
    if table.is_number(variable) or elements.is_number(variable):
        return table.numbers(variable), elements.numbers(variable)
    codes, texts = table.texts(variable)
    others, known = elements.texts(variable)
    number = {t: i for i, t in enumerate(known)}
    mine = np.array([number.get(t, -1) for t in texts], dtype="int64")
    return mine[codes], others.astype("int64")

"""Imputation as data: a numeric date or datetime of an ISO 8601 text that is not complete, by the options of a rule.

This order always holds: the first, last or stated day that is possible; not_before; not_after; the start of an end. A
known part of a date never changes. References that contradict each other are a finding, and the one that comes later in
this order counts. Not for the rules (impute.py, first_imputed.py) nor for the flags (imputation_flags.py).
See docs/semantics.md S26.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.iso_dates import EPOCH
from ...engine.columns.ties import Tie
from ...engine.derivations.derivation import Derivation
from ...engine.derivations.environment import Environment
from ...engine.derivations.read_for_rule import iso_column
from ...engine.tables.table import Table
from ...errors import nearest
from ...mappings.models.wording import Wording
from .partial_dates import LEVELS, MONTH_AND_DAY, SECONDS, TIME_OF_DAY, UNREADABLE, YEAR, Possible, possible

Kind = TypeVar("Kind", bound="Imputation")

_CUTOFF = "the data cut-off"
_PARTS = ("", "seconds", "minutes or seconds", "time", "day", "month or day", "year, month or day")


@dataclass(frozen=True)
class Imputed:
    """Numeric dates, NaN where there is none. ``level``: the highest imputed part, a number in LEVELS; 0: none.

    ``picked``: for a date of another table, that table and the position of its row (-1: none). ``tie``: the rows of
    that table that have the same date and level.
    """

    values: np.ndarray
    level: np.ndarray
    picked: tuple[Table, np.ndarray] | None = None
    tie: Tie | None = None


@dataclass(frozen=True)
class Limit:
    """A reference: its first and last possible moment, ``low`` and ``high``; they differ for a day among datetimes."""

    name: str
    low: np.ndarray
    high: np.ndarray

    def take(self, at: np.ndarray) -> Limit:
        return Limit(self.name, self.low[at], self.high[at])


class Imputation(Derivation):
    """Base of the rules that impute: the parts that may be imputed, and the references."""

    highest: Literal["never", "second", "minute", "hour", "day", "month", "year"] = Field(
        description="The highest part that may be imputed; where more is missing, the value is missing, with a "
        "finding. year: also a date that is not known at all, to a reference."
    )
    to: str = Field(
        default="first",
        description="first or last day that is possible; middle: the 15th, or 30 June without a month; or a month and "
        "day as MM-DD (06-15).",
    )
    time: str | None = Field(
        default=None,
        description="Gives a datetime: first or last second that is possible, or a time as HH:MM or HH:MM:SS.",
    )
    not_before: tuple[str, ...] = Field(
        default=(),
        description="An imputed date does not lie before these dates, if they are among its possible days. The latest "
        "one counts; missing and partial ones do not.",
    )
    if_later: Literal["ignore", "report", "take"] = Field(
        default="ignore",
        description="A not_before date after all possible days: ignored, reported, or taken as the imputed date and "
        "reported.",
    )
    not_after: tuple[str, ...] = Field(
        default=(),
        description="An imputed date does not lie after these dates, if they are among its possible days. The earliest "
        "one counts; missing and partial ones do not.",
    )
    cutoff: bool = Field(default=False, description="The date of the data cut-off is one of not_after.")
    if_earlier: Literal["ignore", "report", "take"] = Field(
        default="report", description="The same for a not_after date before all possible days."
    )

    def column_name(self) -> str:
        raise NotImplementedError(self.verb)  # each verb names its own field

    def column_words(self, words: Wording) -> str:
        """The words for the column of the date."""
        return words.name(self.column_name())

    def imputed(self, env: Environment, *, report: bool = False) -> Imputed:
        """The dates of the records of ``env``. ``report``: also report the findings."""
        raise NotImplementedError(self.verb)

    def reads(self) -> Iterator[tuple[str, str]]:
        yield self.verb, self.column_name()
        for name in self.not_before:
            yield "not_before", name
        for name in self.not_after:
            yield "not_after", name

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days" if self.time is None else "seconds"

    def gives(self) -> str:
        return "integer" if self.time is None else "float"

    def problems(self) -> Iterator[tuple[str, str]]:
        stated = self.to not in ("first", "last")
        if stated and self.to != "middle" and not MONTH_AND_DAY.match(self.to):
            yield "to", f"'{self.to}' is not first, middle, last or a month and day as MM-DD"
        if self.time not in (None, "first", "last") and not TIME_OF_DAY.match(self.time or ""):
            yield "time", f"'{self.time}' is not first, last or a time as HH:MM or HH:MM:SS"
        if self.time is None and self.highest in ("second", "minute", "hour"):
            yield "highest", f"a date has no {self.highest}; time: gives a datetime"
        if self.highest == "year" and (stated or not self._bounded()):
            needed = "to: last and not_after: or cutoff:" if self.to == "last" else "to: first and not_before:"
            yield "highest", f"a date that is not known at all is imputed to a reference only: it needs {needed}"

    def _bounded(self) -> bool:
        return bool(self.not_after or self.cutoff) if self.to == "last" else bool(self.not_before)

    def _sentence(self, target: str, words: Wording) -> str:
        kind = "datetime" if self.time is not None else "date"
        sentence = f"{target} is {self.column_words(words)} as a numeric {kind}"
        if self.highest == "never":
            return f"{sentence}; missing if it is not complete"
        number = LEVELS.index(self.highest)
        if self.time is not None and number > 3:
            parts = f"{_PARTS[number]}, or time,"
        else:
            parts = _PARTS[number]
        how = f"the {self.to} possible day" if self.to in ("first", "last") else f"month and day {self.to}"
        if self.to == "middle":
            how = "the 15th, of June the 30th where the month is missing"
        if self.time is not None:
            how += f", {self.time} possible time" if self.time in ("first", "last") else f", time {self.time}"
        sentence += f"; a missing {parts} is imputed to {how}"
        upper = [*map(words.name, self.not_after), *([_CUTOFF] if self.cutoff else [])]
        for word, names, take, side in (
            ("before", [*map(words.name, self.not_before)], self.if_later == "take", "later"),
            ("after", upper, self.if_earlier == "take", "earlier"),
        ):
            if names:
                these = names[0] if len(names) == 1 else f"any of {', '.join(names)}"
                also = f" or {side}" if take else ""
                sentence += f", but not {word} {these} if that is among the possible days{also}"
        if self.highest != "year":
            sentence += "; missing if more is missing"
        return sentence

    def _limits(self, env: Environment) -> tuple[list[Limit], list[Limit]]:
        """The references of not_before and not_after, for the records of ``env``."""
        lower = [self._limit(env, name, "not_before") for name in self.not_before]
        upper = [self._limit(env, name, "not_after") for name in self.not_after]
        if self.cutoff:
            day = env.study.spec.study.cutoff
            if day is None:
                raise env.error("the study has no data cut-off: give study: {cutoff: ...} or --cutoff", "cutoff")
            number = np.full(env.n, float(day.toordinal() - EPOCH))
            upper.append(self._of_days(_CUTOFF, number))
        return lower, upper

    def _limit(self, env: Environment, name: str, field: str) -> Limit:
        """A reference; a partial or missing one is NaN. Numbers are days, of a variable --DTM seconds."""
        column = iso_column(env, name, field)
        if col.is_number(column):
            values = np.asarray(column, dtype="float64")
            if not name.upper().endswith("DTM"):
                return self._of_days(name, values)
            if self.time is not None:
                return Limit(name, values, values)
            days = np.floor(values / SECONDS)
            return Limit(name, days, days)
        found = possible(column, "first", None if self.time is None else "first")
        partial = (found.level < 0) | (found.level > 3)
        return Limit(name, np.where(partial, np.nan, found.low), np.where(partial, np.nan, found.high))

    def _of_days(self, name: str, days: np.ndarray) -> Limit:
        if self.time is None:
            return Limit(name, days, days)
        return Limit(name, days * SECONDS, days * SECONDS + SECONDS - 1)

    def _usable(self, read: Possible) -> np.ndarray:
        """Where only parts are missing that may be imputed."""
        return (read.level >= 0) & (read.level <= LEVELS.index(self.highest))

    def _within(self, read: Possible, lower: list[Limit], upper: list[Limit]) -> np.ndarray:
        """The wanted moment, moved by the references to a possible one. Complete dates do not change."""
        value = np.clip(read.base, read.low, read.high)
        for limit in lower:
            counts = (limit.low >= read.low) & (limit.low <= read.high)
            if self.if_later == "take":
                counts = limit.low >= read.low
            value = np.where(counts & (limit.low > value), limit.low, value)
        for limit in upper:
            counts = (limit.high >= read.low) & (limit.high <= read.high)
            if self.if_earlier == "take":
                counts = limit.high <= read.high
            value = np.where(counts & (limit.high < value), limit.high, value)
        return np.where(read.level == 0, read.low, value)

    def _report(
        self,
        env: Environment,
        read: Possible,
        lower: list[Limit],
        upper: list[Limit],
        texts: pd.Series,
        start: Sequence[Limit] = (),
    ) -> None:
        """Findings on missing parts of dates, and on references that contradict the dates or each other.

        ``start``: the start of a pair; an imputed end is never before it. The end of a pair is no reference: days after
        it are not possible for the start.
        """
        name, value, blank = self.column_name(), col.objects(texts), col.missing(texts)
        too_much = ~blank & (read.level > LEVELS.index(self.highest))
        message = "a part of the date is missing that may not be imputed: the numeric date is missing"
        env.report("R2A-ADAM-001", too_much, message, name, value)
        message = "not an ISO 8601 date: the numeric date is missing"
        env.report("R2A-IMP-005", ~blank & (read.level == UNREADABLE), message, name, value)
        message = "the day is known and the month is not: the day is not used"
        env.report("R2A-IMP-001", ~too_much & read.unused, message, name, value)
        self._report_contradictions(env, read, [*lower, *start], upper, value)
        known = (read.level >= 0) & (read.level < YEAR)
        if self.if_later != "ignore":
            for limit in lower:
                message = f"{limit.name} lies after every possible day of the date"
                env.report("R2A-IMP-002", known & (limit.low > read.high), message, name, value)
        if self.if_earlier != "ignore":
            for limit in upper:
                message = f"{limit.name} lies before every possible day of the date"
                env.report("R2A-IMP-003", known & (limit.high < read.low), message, name, value)

    def _report_contradictions(
        self, env: Environment, read: Possible, lower: list[Limit], upper: list[Limit], value: np.ndarray
    ) -> None:
        """A finding where an imputed date has to lie after one reference and before an earlier one.

        Not for a reference outside the possible days: the options if_later and if_earlier are for those.
        """
        open_ = self._usable(read) & (read.level > 0)
        for late in lower:
            for early in upper:
                inside = open_ & (late.low > early.high) & (late.low <= read.high) & (early.high >= read.low)
                message = f"it cannot lie on or after {late.name} and on or before {early.name}: the first is later"
                env.report("R2A-IMP-002", inside, message, self.column_name(), value)


def imputation_of(env: Environment, name: str, kind: type[Kind], verbs: str, field: str) -> Kind | None:
    """The rule of ``kind`` that derives a variable in the block of ``env``; None where no rule derives it there.

    Raises SpecError for a variable that no rule of the kind derives. ``verbs``: the rules as users write them.
    """
    planned = env.build.planned.every.get(name)
    rule = planned.rule_in(env.block) if planned is not None and env.block is not None else None
    if planned is not None and rule is None:
        return None
    if not isinstance(rule, kind):
        derived = [n for n, v in env.build.planned.every.items() if any(isinstance(r, kind) for r in v.rules)]
        raise env.error(f"'{name}' is no variable of {env.dataset} that {verbs} derives", field, nearest(name, derived))
    return rule

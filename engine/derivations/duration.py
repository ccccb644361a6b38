"""The time between two dates in a unit: an age, the duration of treatment, the time from an event to another.

Not for study days, which have no day 0, nor for time to event (adam/time_to_event/).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..columns.elapsed import AVERAGE_DAYS, calendar_units
from ..columns.moments import SECOND, Moments, moments, unit_of
from ..columns.rounding import significant
from ..expressions.sentence import condition_sentence
from .derivation import Derivation, Derived
from .environment import Environment
from .read_for_rule import iso_column

_SECONDS = {"hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


@register
class Duration(Derivation):
    """The time from one date to another in years, months, weeks, days, hours, minutes or seconds.

    Years and months are those of the calendar: whole ones, and the share of the next one that has passed. A birthday on
    29 February is 1 March in other years. by: average divides days by 365.25 or 30.4375. floor: true gives the
    units that have passed in full. both_days: true counts the first and the last day. Hours, minutes and seconds need
    two times; a part of a time that is not recorded is 0. In other units the times do not count. A partial date gives
    missing, and an end before the start a number below 0 (counted from the earlier date), both with a finding.
    """

    verb: ClassVar[str] = "duration"
    example = Example(
        rule="{duration: RFSTDTC, since: BRTHDTC, unit: years, floor: true}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05"],
            "BORN": ["1960-03-02", "1960-03-01", "2000-02-29", "2000-02-29", "1960"],
            "DAY": ["2024-03-01", "2024-03-01", "2023-02-28", "2023-03-01", "2024-03-01"],
        },
        gives=["63", "64", "22", "23", ""],
        dataset="DM",
        variable="AGE",
        setting="RFSTDTC: {date: DAY}\nBRTHDTC: {date: BORN, formats: [yyyy-mm-dd, yyyy]}",
    )

    duration: str = Field(description="The end: a numeric date or datetime, or a date in ISO 8601.")
    since: str = Field(description="The start.")
    unit: Literal["years", "months", "weeks", "days", "hours", "minutes", "seconds"] = Field(
        default="days", description="The unit of the number."
    )
    by: Literal["calendar", "average"] = Field(
        default="calendar", description="Years and months: those of the calendar, or 365.25 and 30.4375 days."
    )
    floor: bool = Field(default=False, description="true: only the units that have passed in full.")
    both_days: bool = Field(
        default=False, description="true: the first and the last day count, so that one day is added from 0 on."
    )
    report: bool = Field(default=True, description="false: an end before the start and a partial date are no findings.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "duration", self.duration
        yield "since", self.since

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.by == "average" and self.unit not in ("years", "months"):
            yield "by", "by: average is for years and months"
        if self.both_days and self.unit in _SECONDS:
            yield "both_days", "both_days: adds a day; it is not for hours, minutes and seconds"

    def gives(self) -> str:
        return "integer" if self.floor or self.unit == "days" else "float"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        unit = self.unit
        if unit in ("years", "months"):
            size = f"{AVERAGE_DAYS[unit]:g} days" if self.by == "average" else "those of the calendar"
            unit = f"{unit} ({size})"
        which = "whole " if self.floor else ""
        both = ", counting both days" if self.both_days else ""
        return (
            f"{target} is the number of {which}{unit} from {words.name(self.since)} to {words.name(self.duration)}"
            f"{both}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        start, end = self._moments(env, "since"), self._moments(env, "duration")
        if self.unit in _SECONDS:
            found = self._within_days(env, start, end)
        else:
            found = self._days(start, end)
        here = np.ones(env.n, dtype=bool) if self.when is None else env.condition(self.when)
        if self.report:
            message = f"{self.duration} lies before {self.since}: the duration is below 0"
            env.report("R2A-DUR-001", here & (found < 0), message, self.duration)
        if self.floor:
            found = np.trunc(found) + 0.0
        return Derived(col.series(significant(found)))

    def _moments(self, env: Environment, field: str) -> Moments:
        """A date of the rule; a partial one, which has no day, is a finding."""
        name = getattr(self, field)
        values = iso_column(env, name, field)
        found = moments(values, unit_of(name))
        if self.report and not col.is_number(values):
            partial = np.isfinite(found.high) & ~found.day
            env.report("R2A-ADAM-001", partial, "a partial date: the duration is missing", name)
        return found

    def _days(self, start: Moments, end: Moments) -> np.ndarray:
        first, last = (np.where(side.day, side.low, np.nan) for side in (start, end))
        if self.both_days:
            last = last + (last >= first)
        if self.by == "calendar" and self.unit in ("years", "months"):
            return calendar_units(first, last, self.unit)
        return (last - first) / AVERAGE_DAYS[self.unit]

    def _within_days(self, env: Environment, start: Moments, end: Moments) -> np.ndarray:
        """Times of a place, or instants where both have an offset from UTC; missing where only one has it."""
        timed = start.timed & end.timed & (np.isnan(start.offset) == np.isnan(end.offset))
        if self.report:
            without = start.day & end.day & ~timed
            message = f"{self.since} and {self.duration} need a time each, both or none with an offset from UTC"
            env.report("R2A-DUR-002", without, message, self.duration)
        first, last = (side.first - np.nan_to_num(side.offset) for side in (start, end))
        return np.where(timed, (last - first) / (SECOND * _SECONDS[self.unit]), np.nan)

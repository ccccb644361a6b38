"""Ends of analysis windows, and dates of events compared with the first dose.

Not for dates of texts or imputation (adam/dates/analysis_date.py), nor for the records of a window: conditions
of a spec select them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.iso_dates import EPOCH
from ...engine.columns.moments import days_of_variable
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.read_for_rule import iso_column
from ...engine.expressions.sentence import plain
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording

_UNIX = 719_163 - EPOCH  # 1970-01-01 as days since 1960-01-01


@register
class WindowEnd(Derivation):
    """The last day of a window that begins with a date: so many study days, or so many calendar months.

    365 days end on study day 365. 12 months end on the same day of the month a year later, that day included, and on
    the last day of the month where it has no such day.
    """

    verb: ClassVar[str] = "window_end"
    example = Example(
        rule="{window_end: TRTSDT, months: 12, label: Last Day of the Window}",
        rows={"SUBJ": ["01", "02", "03"], "DAY": ["2020-02-29", "2021-03-01", ""]},
        gives=["22339", "22705", ""],
        dataset="ADSL",
        variable="WIN12DT",
        setting="TRTSDT: {analysis_date: RFSTDTC}",
        datasets={"DM": "RFSTDTC: {date: DAY}"},
    )

    window_end: str = Field(description="The date that the window begins with, its day 1; numeric or ISO 8601.")
    days: int | None = Field(default=None, description="Length in study days.")
    months: int | None = Field(default=None, description="Length in calendar months.")

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days"

    def gives(self) -> str:
        return "integer"

    def problems(self) -> Iterator[tuple[str, str]]:
        if (self.days is None) == (self.months is None):
            yield "window_end", "give either days: or months:, the length of the window"
        elif (self.days or self.months or 0) < 1:
            yield "days" if self.days is not None else "months", "the length of a window is at least 1"

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "window_end", self.window_end

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        if self.days is not None:
            return f"{target} is study day {self.days}, where {words.name(self.window_end)} is day 1."
        return (
            f"{target} is {words.name(self.window_end)} plus {self.months} calendar months, or the last day of that "
            "month where it has no such day; that day is in the window."
        )

    def derive(self, env: Environment) -> Derived:
        day = iso_column(env, self.window_end, "window_end")
        begin = days_of_variable(day, self.window_end)
        partial = np.isnan(begin) & ~col.missing(day)
        env.report("R2A-ADAM-001", partial, "a partial date: the window has no end", self.window_end)
        if self.days is not None:
            return Derived(pd.Series(begin + self.days - 1))
        end = np.full(env.n, np.nan)
        known = ~np.isnan(begin)
        day = (begin[known] - _UNIX).astype("int64").astype("datetime64[D]")
        month = day.astype("datetime64[M]")
        in_month = day - month.astype("datetime64[D]")
        then = month + np.timedelta64(self.months or 0, "M")
        longest = (then + np.timedelta64(1, "M")).astype("datetime64[D]") - then.astype("datetime64[D]")
        moved = then.astype("datetime64[D]") + np.minimum(in_month, longest - np.timedelta64(1, "D"))
        end[known] = moved.astype("int64") + _UNIX
        return Derived(pd.Series(end))


@register
class EventDate(Derivation):
    """The date of an event, unchanged. A date before the first dose and an event without a date are findings."""

    verb: ClassVar[str] = "event_date"
    example = Example(
        rule="{event_date: DTHDT, start: TRTSDT, happened: \"DTHFL == 'Y'\", label: Date of Event}",
        rows={
            "SUBJ": ["01", "02", "03"],
            "DAY": ["2020-03-01", "2020-03-01", "2020-03-01"],
            "DIED": ["2020-05-01", "2020-02-01", "2020"],
            "DEAD": ["Y", "Y", "Y"],
        },
        gives=["22036", "21946", ""],
        dataset="ADSL",
        variable="EVDT",
        setting="TRTSDT: {analysis_date: RFSTDTC}\nDTHDT: {analysis_date: DTHDTC}\nDTHFL: DTHFL",
        datasets={"DM": "RFSTDTC: {date: DAY}\nDTHDTC: {date: DIED, formats: [yyyy-mm-dd, yyyy]}\nDTHFL: DEAD"},
    )

    event_date: str = Field(description="The date of the event; numeric or ISO 8601.")
    start: str = Field(description="The first dose; an event on that day is none before it.")
    happened: Condition | None = Field(default=None, description="Where the event is known to have happened.")

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days"

    def gives(self) -> str:
        return "integer"

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "event_date", self.event_date
        yield "start", self.start

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.happened is not None:
            yield "happened", self.happened

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is {words.name(self.event_date)}."

    def derive(self, env: Environment) -> Derived:
        dates = iso_column(env, self.event_date, "event_date")
        day = days_of_variable(dates, self.event_date)
        start = days_of_variable(iso_column(env, self.start, "start"), self.start)
        shown = np.full(env.n, "", dtype=object)
        known = ~np.isnan(day)
        shown[known] = (day[known] - _UNIX).astype("int64").astype("datetime64[D]").astype(str).astype(object)
        early = f"{self.event_date} lies before {self.start}"
        env.report("R2A-EVENT-001", day < start, early, value=shown)
        if self.happened is not None:
            missing = np.isnan(day) & env.condition(self.happened, "happened")
            text = f"{plain(self.happened)}, and {self.event_date} is not known"
            value = "" if col.is_number(dates) else col.objects(dates)
            env.report("R2A-EVENT-002", missing, text, value=value)
        return Derived(pd.Series(day))

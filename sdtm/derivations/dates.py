"""The date derivation: raw date and time columns to ISO 8601, each text read one time by the formats declared for it.

Not for the formats (sdtm/date_formats/) nor for numeric dates (adam/dates/).
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.accounts.changes import ChangeKind
from ...engine.accounts.outcomes import CellOutcome
from ...engine.columns import column as col
from ...engine.columns.choose import first_filled
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import condition_sentence
from ...engine.readers.cell_readers import Readings, read_cells, settings_of
from ...engine.tables.dataset import Origin
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..date_formats.advice import GAP, IMPOSSIBLE, PARTLY_READ, unreadable
from ..date_formats.clock import TimeReading, time_reading
from ..date_formats.reading import Reading
from ..date_reader import DateSetting, study_setting


@register
class Date(Derivation):
    """A date, with a time if there is one, as ISO 8601; unknown parts stay unknown.

    An impossible day gives no date, an impossible time gives the day alone; both are findings.
    """

    verb: ClassVar[str] = "date"
    change = ChangeKind.DATE
    carries = "first"
    kinds = MappingProxyType({"date": "date"})
    default_origin = Origin("Collected", "Investigator")
    example = Example(
        rule="{date: ST_DT}",
        rows={
            "ST_DT": [
                *(
                    "05-MAR-2021",
                    "UN-MAR-2021",
                    "30-FEB-2021",
                    "17-Okt-21",
                    "05-MAR-2021 2:30 PM",
                    "05-MAR-2021 14:30 PM",
                ),
                *("44260", "2021-03-05T08:30:00+01:00"),
            ]
        },
        gives=[
            *("2021-03-05", "2021-03", "", "2021-10-17", "2021-03-05T14:30", "2021-03-05"),
            *("2021-03-05", "2021-03-05T08:30:00"),
        ],
        variable="AESTDTC",
        study="""\
dates:
  formats: [dd-mon-yyyy, dd-mon-yy, "dd-mon-yyyy hh:mi am", "yyyy-mm-ddThh:mi:sstz", excel-1900]
  pivot: 1940
  languages: [en, de]
  unknown: {day: [UN], month: [UNK]}
  counted: [2000-01-01, 2049-12-31]
  offset: drop
""",
    )

    date: str | tuple[str, ...] = Field(
        description="Column with the date, or columns of which the first filled one counts."
    )
    time: str | None = Field(
        default=None,
        description="Column with the time: 14:30, 1430, 14:30:05.25, 2:30 PM, 14:30+02:00.",
    )
    formats: tuple[str, ...] = Field(
        default=(), description="Formats in place of those of the source; its pivot: and languages: still count."
    )

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.date,) if isinstance(self.date, str) else self.date

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.columns:
            yield "date", name
        if self.time:
            yield "time", self.time

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        names = words.names(self.columns, " or ")
        time = f" with the time of {words.name(self.time)}" if self.time else ""
        return f"{target} is {names}{time} in ISO 8601{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        values: pd.Series | None = None
        for name in self.columns:
            read = self._read(env, name)
            values = read if values is None else first_filled(values, read)
        assert values is not None
        if self.time:
            values = self._with_time(env, values)
        return Derived(values)

    def _read(self, env: Environment, name: str) -> pd.Series:
        read = read_cells(
            "date",
            env.column(name, "date"),
            env.raw_cells(name),
            env.declarations,
            plain=study_setting(env.study.spec),
            change=self._with_formats_of_rule if self.formats else None,
        )
        self._report(env, name, read)
        return col.join_text(read.codes, [r.iso for r in read.readings])

    def _report(self, env: Environment, name: str, read: Readings[Reading]) -> None:
        """Findings on texts that were not read completely, and notes on them for the cell account."""
        problems = np.array([r.problem for r in read.readings], dtype=object)
        lost = np.isin(problems, ("unreadable", "impossible"))[read.codes]
        if lost.any():
            messages = self._unreadable(env, name, read)
            env.report("R2A-DATE-001", (problems == "unreadable")[read.codes], messages, name)
            env.report("R2A-DATE-002", (problems == "impossible")[read.codes], IMPOSSIBLE, name)
            env.note_unused(name, lost, CellOutcome.EMPTY)
        for problem, (rule, message) in PARTLY_READ.items():
            env.report(rule, (problems == problem)[read.codes], message, name)
        pairs = zip(read.texts, read.readings, strict=True)
        nothing = np.array([bool(t) and not (r.iso or r.problem) for t, r in pairs], dtype=bool)
        if nothing.any():
            env.note_unused(name, nothing[read.codes], CellOutcome.NO_VALUE)

    @staticmethod
    def _unreadable(env: Environment, name: str, read: Readings[Reading]) -> np.ndarray:
        """The message for each record whose text is unreadable; of a number by the display format of its column."""
        cells = env.raw_cells(name)
        first = [cells.columns[group[0]] if group else None for group in cells.groups]
        shown = [c.table.raw.shown_as(c.column) if c is not None else ("", "") for c in first]
        failures = [(t, r.problem == "unreadable") for t, r in zip(read.texts, read.readings, strict=True)]
        messages = [[unreadable(t, *column) if failed else "" for t, failed in failures] for column in shown]
        return np.array(messages, dtype=object).reshape(len(shown), -1)[cells.at_groups(), read.codes]

    def _with_formats_of_rule(self, setting: DateSetting) -> DateSetting:
        return setting._replace(formats=self.formats)

    def _with_time(self, env: Environment, dates: pd.Series) -> pd.Series:
        assert self.time
        codes, texts, found = self._times(env)
        bad = np.array([read.clock is None for read in found], dtype=bool)
        clocks = [read.clock or "" for read in found]
        env.report("R2A-DATE-003", bad[codes], "not a time of the day; the value is the date without it", self.time)
        date_codes, date_texts = col.split_text(dates)
        pairs, inverse = np.unique(date_codes.astype("int64") * len(texts) + codes, return_inverse=True)
        out, dropped = [], np.zeros(len(pairs), dtype=bool)
        for at, pair in enumerate(pairs.tolist()):
            day, clock = date_texts[pair // len(texts)], clocks[pair % len(texts)]
            joined = _with_clock(day, clock)
            dropped[at] = joined is None
            out.append(day if joined is None else joined)
        gap = np.array([read.gap for read in found], dtype=bool)
        empty = np.array([bool(t) and not c for t, c in zip(texts, clocks, strict=True)], dtype=bool)
        env.note_unused(self.time, (empty & ~bad & ~gap)[codes], CellOutcome.NO_VALUE)
        env.note_unused(self.time, (empty & (bad | gap))[codes] | dropped[inverse], CellOutcome.EMPTY)
        env.report("R2A-DATE-008", gap[codes], GAP, self.time)
        env.report(
            "R2A-DATE-004",
            dropped[inverse],
            "a time whose date has no day, or another time: the time is excluded",
            self.time,
        )
        return col.join_text(inverse, out)

    def _times(self, env: Environment) -> tuple[np.ndarray, list[str], list[TimeReading]]:
        """(per record the position of its time, the texts, the reading of each text)."""
        assert self.time
        codes, texts = col.split_text(env.column(self.time, "time"))
        of_record, settings = settings_of(
            "date", env.raw_cells(self.time), env.declarations, study_setting(env.study.spec)
        )
        if of_record is None:
            return codes, [str(t) for t in texts], [_time_of(str(t), settings[0]) for t in texts]
        pairs, size = col.combined([(codes, max(len(texts), 1)), (of_record, len(settings))], env.n)
        first = col.first_positions(pairs, size).tolist()
        of_pair = [str(texts[codes[i]]) for i in first]
        return pairs, of_pair, [_time_of(t, settings[of_record[i]]) for t, i in zip(of_pair, first, strict=True)]


def _with_clock(day: str, clock: str) -> str | None:
    """A date with the time of another column; None where it has no day, or another time already.

    A datetime column writes a day alone as midnight: the time of the other column counts there.
    """
    date, _, of_date = day.partition("T")
    if not clock:
        return day
    if len(date) != 10 or date.startswith("-"):
        return None
    if of_date.strip("0:.") and not of_date.startswith(clock) and not clock.startswith(of_date):
        return None
    return day if of_date.startswith(clock) and of_date.strip("0:.") else f"{date}T{clock}"


def _time_of(text: str, settings: tuple[DateSetting, ...]) -> TimeReading:
    """The reading of a time text; no time where the declarations of its columns read it differently."""
    read = {time_reading(text, setting.notation) for setting in settings}
    return read.pop() if len(read) == 1 else TimeReading(None)

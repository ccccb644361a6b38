"""The date derivation: raw date and time columns to ISO 8601, each text read once by the formats declared for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine import columns as col
from ..engine.assign import condition_sentence, first_filled
from ..engine.cell_readers import read_cells, settings_of
from ..engine.dataset import Origin
from ..engine.derivation import Derivation, Derived
from ..engine.environment import Environment
from ..mappings.rule import Example, register
from .date_formats import IMPOSSIBLE, FormatError, ambiguous, compile_format, iso_time, unreadable
from .date_reader import DateSetting, study_setting

_CLOCK = re.compile(r"(\d{1,2}):?(\d{2})(?::?(\d{2})(?:\.\d+)?)?$")


@register
class Date(Derivation):
    """A date, with a time if there is one, as ISO 8601; unknown parts stay unknown, an impossible date is empty."""

    verb: ClassVar[str] = "date"
    carries = "first"
    kinds = MappingProxyType({"date": "date"})
    default_origin = Origin("Collected", "Investigator")
    example = Example(
        rule="{date: ST_DT, formats: [dd-mon-yyyy]}",
        rows={"ST_DT": ["05-MAR-2021", "UN-MAR-2021", "30-FEB-2021"]},
        gives=["2021-03-05", "2021-03", ""],
        variable="AESTDTC",
    )

    date: str | tuple[str, ...] = Field(
        description="Column with the date, or columns of which the first filled one counts."
    )
    time: str | None = Field(default=None, description="Column with the time, hh:mm or hh:mm:ss.")
    formats: tuple[str, ...] = Field(default=(), description="Formats, where the source's do not hold.")

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.date,) if isinstance(self.date, str) else self.date

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.columns:
            yield "date", name
        if self.time:
            yield "time", self.time

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from (("formats", p) for p in format_problems(self.formats))

    def describe(self, target: str) -> str:
        names = " or ".join(self.columns)
        time = f" with the time of {self.time}" if self.time else ""
        return f"{target} is {names}{time} in ISO 8601{condition_sentence(self.when)}."

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
            plain=study_setting(env.study.file),
            change=self._own_formats if self.formats else None,
        )
        problem = np.array([{"": 0, "unreadable": 1, "impossible": 2}[r.problem] for r in read.readings], dtype="int8")
        problem = problem[read.codes]
        if problem.any():
            pairs = zip(read.texts, read.readings, strict=True)
            said = np.array([unreadable(t) if r.problem else "" for t, r in pairs], object)
            env.report("R2A-DATE-001", "error", problem == 1, said[read.codes], name)
            env.report("R2A-DATE-002", "error", problem == 2, IMPOSSIBLE, name)
            env.set_aside(name, problem > 0, "dropped")
        pairs = zip(read.texts, read.readings, strict=True)
        nothing = np.array([bool(t) and not (r.iso or r.problem) for t, r in pairs], dtype=bool)
        if nothing.any():
            env.set_aside(name, nothing[read.codes], "no value")
        return col.join_text(read.codes, [r.iso for r in read.readings])

    def _own_formats(self, setting: DateSetting) -> DateSetting:
        return setting._replace(formats=self.formats)

    def _with_time(self, env: Environment, dates: pd.Series) -> pd.Series:
        assert self.time
        codes, texts, stand_ins = self._time_texts(env)
        clocks, bad = [], np.zeros(len(texts), dtype=bool)
        for i, (text, unknown) in enumerate(zip(texts, stand_ins, strict=True)):
            clock = "" if not text or text.casefold() in unknown else read_time(text)
            bad[i] = clock is None
            clocks.append(clock or "")
        env.report(
            "R2A-DATE-003", "warning", bad[codes], "not a time of the day; the date stands without it", self.time
        )
        date_codes, date_texts = col.split_text(dates)
        pairs, inverse = np.unique(date_codes.astype("int64") * len(texts) + codes, return_inverse=True)
        out, dropped = [], np.zeros(len(pairs), dtype=bool)
        for at, pair in enumerate(pairs.tolist()):
            day, clock = date_texts[pair // len(texts)], clocks[pair % len(texts)]
            complete = len(day) == 10 and day[0] != "-"
            dropped[at] = bool(clock) and not complete
            out.append(f"{day}T{clock}" if clock and complete else day)
        nothing = np.array([bool(t) and not c for t, c in zip(texts, clocks, strict=True)], dtype=bool) & ~bad
        env.set_aside(self.time, nothing[codes], "no value")
        env.set_aside(self.time, bad[codes] | dropped[inverse], "dropped")
        env.report(
            "R2A-DATE-004", "warning", dropped[inverse], "a time whose date has no day: the time is left out", self.time
        )
        return col.join_text(inverse, out)

    def _time_texts(self, env: Environment) -> tuple[np.ndarray, list[str], list[frozenset[str]]]:
        """(per record the position of its time, the texts, the texts that stand for none beside each), casefolded."""
        assert self.time
        codes, texts = col.split_text(env.column(self.time, "time"))
        of_record, settings = settings_of(
            "date", env.raw_cells(self.time), env.declarations, study_setting(env.study.file)
        )
        unknown = [frozenset(u.casefold() for s in each for u in (*s.unknown, *s.none)) for each in settings]
        if of_record is None:
            return codes, [str(t) for t in texts], [unknown[0]] * len(texts)
        pairs, size = col.combined([(codes, max(len(texts), 1)), (of_record, len(settings))], env.n)
        first = col.first_positions(pairs, size).tolist()
        return pairs, [str(texts[codes[i]]) for i in first], [unknown[of_record[i]] for i in first]


def read_time(text: str) -> str | None:
    """hh:mm[:ss] of a time text; None when it is none."""
    match = _CLOCK.match(text)
    if not match:
        return None
    return iso_time(int(match[1]), int(match[2]), int(match[3]) if match[3] else None)


def format_problems(formats: tuple[str, ...], unknown: tuple[str, ...] = ()) -> Iterator[str]:
    """What is wrong with a set of formats: each that cannot be read, and two that read one text differently."""
    good = []
    for text in formats:
        try:
            compile_format(text, unknown)
            good.append(text)
        except FormatError as error:
            yield str(error)
    clash = ambiguous(tuple(good))
    if clash:
        yield f"{clash[0]} and {clash[1]} read {clash[2]} as different days; declare one of them, or choose with by:"

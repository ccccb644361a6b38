"""The date derivation: raw date and time columns to ISO 8601, each text read once by the formats declared for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine import columns as col
from ..engine.assign import condition_sentence, first_filled
from ..engine.dataset import Origin
from ..engine.derivation import Derivation, Derived
from ..engine.environment import Environment
from ..engine.rows import BASE
from ..engine.settings import selector
from ..engine.tables import RawSlice, Table
from ..mappings.rule import Example, register
from ..mappings.source_model import DatesSpec
from .date_formats import IMPOSSIBLE, FormatError, ambiguous, compile_format, iso_time, read_date, unreadable

_CLOCK = re.compile(r"(\d{1,2}):?(\d{2})(?::?(\d{2})(?:\.\d+)?)?$")
ISO_FORMATS = ("yyyy-mm-dd", "yyyy-mm-ddThh:mi", "yyyy-mm-ddThh:mi:ss", "yyyy-mm", "yyyy")


@register
class Date(Derivation):
    """A date, with a time if there is one, as ISO 8601; unknown parts stay unknown, an impossible date is empty."""

    verb: ClassVar[str] = "date"
    carries = "first"
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
        texts = env.column(name, "date")
        spec, table = dates_of(env, name)
        found = env.rows.find(name)
        column = found[1] if found else name
        codes, unique = col.split_text(texts)
        unknown, none = spec.unknown, spec.missing
        whole = spec.whole(column)
        if self.formats or table is None or whole is not None or not spec.by:
            formats = self.formats or whole or spec.formats or ISO_FORMATS
            readings = [read_date(t, formats, unknown, none) for t in unique]
            pair_codes = codes
        else:
            groups = selector(env, spec.by)
            group_codes, group_texts = col.split_text(groups)
            pairs, inverse = np.unique(group_codes.astype("int64") * len(unique) + codes, return_inverse=True)
            pair_codes = inverse
            readings, unique = self._by_group(pairs, unique, group_texts, spec, column)
        problem = np.array([{"": 0, "unreadable": 1, "impossible": 2}[r.problem] for r in readings], dtype="int8")[
            pair_codes
        ]
        if problem.any():
            said = np.array([unreadable(t) if r.problem else "" for t, r in zip(unique, readings, strict=True)], object)
            env.report("R2A-DATE-001", "error", problem == 1, said[pair_codes], name)
            env.report("R2A-DATE-002", "error", problem == 2, IMPOSSIBLE, name)
            env.set_aside(name, problem > 0, "dropped")
        nothing = np.array([bool(t) and not (r.iso or r.problem) for t, r in zip(unique, readings, strict=True)])
        if nothing.any():
            env.set_aside(name, nothing[pair_codes], "no value")
        return col.join_text(pair_codes, [r.iso for r in readings])

    @staticmethod
    def _by_group(pairs, unique, group_texts, spec, column):
        readings, texts = [], []
        formats = [spec.of(column, group) or ISO_FORMATS for group in group_texts]
        for pair in pairs.tolist():
            text = unique[pair % len(unique)]
            readings.append(read_date(text, formats[pair // len(unique)], spec.unknown, spec.missing))
            texts.append(text)
        return readings, texts

    def _with_time(self, env: Environment, dates: pd.Series) -> pd.Series:
        assert self.time
        spec, _ = dates_of(env, self.time)
        codes, texts = col.split_text(env.column(self.time, "time"))
        unknown = {u.casefold() for u in (*spec.unknown, *spec.missing)}
        clocks, bad = [], np.zeros(len(texts), dtype=bool)
        for i, text in enumerate(texts):
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


def read_time(text: str) -> str | None:
    """hh:mm[:ss] of a time text; None when it is none."""
    match = _CLOCK.match(text)
    if not match:
        return None
    return iso_time(int(match[1]), int(match[2]), int(match[3]) if match[3] else None)


def dates_of(env: Environment, name: str) -> tuple[DatesSpec, Table | None]:
    """The date formats declared for a column: its source's, else the study's."""
    found = env.rows.find(name)
    node = found[0] or BASE if found else ""  # a column made for the block, such as an exploded one, is of its source
    table = env.rows.nodes[node][0] if node in env.rows.nodes else None
    if isinstance(table, RawSlice):
        source = env.study.file.sources[table.name]
        return source.dates or env.study.file.dates, table
    return env.study.file.dates, None


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

"""The step of a time to event: one record per subject of a population, with its end date and the source of the date.

It checks the spec, derives the variables and reports the dates that are not used. ``parameters:`` of a dataset becomes
these steps: adam/parameters.py. Not for the rules of order and ties (decision.py) nor for the dates
(candidate_dates.py).
See docs/semantics.md S24.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field, PrivateAttr

from ...engine.columns import column as col
from ...engine.columns.moments import unit_of
from ...engine.derivations.step import RecordStep
from ...engine.tables.dataset import SUBJECT, Reading
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...errors import nearest
from ...mappings.binding.spec_model import SpecModel
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.record_step import StepColumn, StepRead, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.time_to_event import EVENT, START, CensorSpec, DatedSpec, EntrySpec, TimeSpec
from ...mappings.models.wording import AS_WRITTEN, Wording
from .candidate_dates import DAY, CandidateDates, first_filled
from .decision import Decision, decide
from .findings import report_subjects, report_unused
from .scope import BuildScope
from .sentences import outcome_sentence, parameter_sentence, start_sentence
from .sources import SourceTexts, date_text, readings, winning_rows

if TYPE_CHECKING:
    from ...engine.derivations.environment import Environment

DAYS_PER_MONTH = 30.4375
#: columns of a time in hours beside those
_MOMENTS = ("STARTDTM", "ADTM")
#: columns of the step, and the sentence of each
_COLUMNS = (START, "ADT", "CNSR", "EVNTDESC", "CNSDTDSC", "SRCDOM", "SRCVAR", "SRCSEQ")
_SENTENCES = {
    "ADT": "ADT is the date of the earliest event, else that of the end of observation that applies.",
    "STARTDTM": "STARTDTM is the moment of the start, of which STARTDT is the day.",
    "ADTM": "ADTM is the moment of the event or of the end of observation, of which ADT is the day.",
    "SRCDOM": "SRCDOM is the dataset of the record that gives ADT.",
    "SRCVAR": "SRCVAR is the variable of the record that gives ADT.",
    "SRCSEQ": "SRCSEQ is the sequence number of the record that gives ADT; missing where its dataset has one record "
    "per subject.",
}


@register_step
class TimeToEvent(RecordStep, TimeSpec):
    """One record per subject of a population: from a start to the earliest event, else to the end of observation.

    Gives STARTDT, ADT, AVAL, CNSR, EVNTDESC, CNSDTDSC, SRCDOM, SRCVAR, SRCSEQ. A dataset writes it as `parameters:`.
    """

    verb: ClassVar[str] = "time_to_event"
    title: ClassVar[str] = "times to event"
    explains: ClassVar[bool] = True

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADTTE",
        sources={"dm": {"SUBJ": ["01", "02"], "FIRST": ["2024-03-01"] * 2, "DEATH": ["2024-03-11", ""]}},
        datasets={
            "DM": "RFSTDTC: {date: FIRST}\nDTHDTC: {date: DEATH}",
            "ADSL": (
                "TRTSDT: {analysis_date: RFSTDTC}\nDTHDT: {analysis_date: DTHDTC}\n"
                "EOSDT: {compute: TRTSDT + 30, type: integer}"
            ),
        },
        rows="""
from: ADSL
derive:
  time_to_event: TRTSDT
  events: [{from: ADSL, date: DTHDT, EVNTDESC: DEATH}]
  censor: [{from: ADSL, date: EOSDT, CNSR: 1, EVNTDESC: END OF STUDY}]
""",
        variables="PARAMCD: {value: OS}\nPARAM: {value: Overall Survival (days)}",
        gives={
            "USUBJID": ["DEMO-01", "DEMO-02"],
            "ADT": ["2024-03-11", "2024-03-31"],
            "AVAL": ["11", "31"],
            "CNSR": ["0", "1"],
            "EVNTDESC": ["DEATH", "END OF STUDY"],
        },
    )

    time_to_event: str = Field(description="STARTDT: DATASET.VARIABLE of the subject, or one of dates:.")
    parameter: str = Field(default="", description="PARAMCD, which findings name; parameters: sets it.")

    _written: SpecModel | None = PrivateAttr(default=None)

    def written_as(self, parameter: SpecModel) -> TimeToEvent:
        """The same step. Its start is in the spec as ``start:`` of a parameter."""
        self._written = parameter
        return self

    # the spec

    def columns(self) -> Mapping[str, StepColumn]:
        numbers = (START, "ADT", "AVAL", "CNSR")
        types = dict.fromkeys(numbers, "float") | {"SRCSEQ": "integer"}
        moments = dict.fromkeys(_MOMENTS if self.unit == "HOURS" else (), StepColumn("float"))
        return {n: StepColumn(types.get(n, "text")) for n in ("AVAL", *_COLUMNS)} | moments

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        if column == START:
            return start_sentence(self, self.time_to_event)
        if column in ("CNSR", "EVNTDESC", "CNSDTDSC"):
            return outcome_sentence(self, column)
        if column != "AVAL":
            return _SENTENCES[column]
        days = "ADT - STARTDT + 1"
        sentences = {
            "DAYS": f"AVAL is {days} in days.",
            "MONTHS": f"AVAL is ({days}) / 30.4375, in months.",
            "HOURS": "AVAL is (ADTM - STARTDTM) / 3600, in hours.",
        }
        return sentences[self.unit]

    def texts(self, column: str) -> dict[str, str] | None:
        if column == "CNSR":
            meanings: dict[str, list[str]] = {"0": ["Event"]}
            for end in self.censor:
                meanings.setdefault(str(end.CNSR), []).append(end.EVNTDESC)
            return {number: "; ".join(dict.fromkeys(texts)) for number, texts in sorted(meanings.items())}
        if column == "EVNTDESC":
            return dict.fromkeys((e.EVNTDESC for e in (*self.events, *self.censor)), "")
        return None

    def sentence(self) -> str:
        """The whole rule of the parameter."""
        return parameter_sentence(self, self.time_to_event)

    def parts(self) -> Iterator[StepRead]:
        derived = dict.fromkeys((*self.options, START, EVENT), "number")
        for name in self.dates:
            for member in self.members(name):
                yield from _dated_parts(member, dict(derived))
            derived[name] = "number"
        if self.population is not None:
            yield StepRead(self, "population", self.population, further=derived)
        owner, field = (self._written, "start") if self._written is not None else (self, "time_to_event")
        if self.time_to_event not in self.dates:
            yield StepRead(owner, field, self.time_to_event, condition=False)
        for entry in (*self.events, *self.censor):
            if entry.from_ is not None:
                yield from _dated_parts(entry, derived)
            if entry.when is not None:
                yield StepRead(entry, "when", entry.when, further=derived)

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        for name in (*self.options, *self.dates):
            if name in (START, EVENT) or (name in self.options and name in self.dates):
                yield self, "dates", f"{name} has a meaning already; give the date of the subject another name"
        for entry in (*self.events, *self.censor):
            if entry.at is not None and entry.at not in self.dates:
                hint = nearest(entry.at, list(self.dates))
                yield entry, "at", f"dates: has no '{entry.at}'" + (f" ({hint})" if hint else "")
        yield from self._without_time()
        after = self._after_event()
        for owner, field, names in self._before_event():
            for name in names:
                if name in after:
                    why = "" if name == EVENT else f": it reads {EVENT}"
                    yield owner, field, f"{name} is not known before the events are{why}"

    def _without_time(self) -> Iterator[tuple[SpecModel, str, str]]:
        """Dates of a time in hours that are no datetimes."""
        if self.unit != "HOURS":
            return
        start = (self._written, "start") if self._written is not None else (self, "time_to_event")
        named = [] if self.time_to_event in self.dates else [(*start, self.time_to_event)]
        named += [(m, "date", m.date) for name in self.dates for m in self.members(name)]
        named += [(e, "date", e.date) for e in (*self.events, *self.censor) if e.date is not None]
        for owner, field, name in named:
            if unit_of(name) != "seconds":
                yield owner, field, f"unit: HOURS needs a time, and {name} is a day; name a variable --DTM"

    def _after_event(self) -> set[str]:
        """Names that are known only after the event: EVENTDT, and dates whose conditions read it."""
        found = {EVENT}
        for name in self.dates:
            if any(found & set(_names(m.where)) for m in self.members(name)):
                found.add(name)
        return found

    def _before_event(self) -> Iterator[tuple[SpecModel, str, tuple[str, ...]]]:
        """(owner, field, names read) of the parts that decide the event."""
        yield self, "population", _names(self.population)
        owner, field = (self._written, "start") if self._written is not None else (self, "time_to_event")
        yield owner, field, (self.time_to_event,)
        for entry in self.events:
            yield entry, "when", _names(entry.when)
            yield entry, "where", _names(entry.where)
            if entry.at is not None:
                yield entry, "at", (entry.at,)

    # records

    def make(self, env: Environment, rows: Rows) -> Rows:
        scope = BuildScope(env, rows, self)
        decision, dates = decide(self, self.time_to_event, scope)
        report_unused(scope, [f for e in decision.entries if e.is_event for f in e.found], dates.every)
        subjects = self._subjects(env, decision)
        rows, start_reads = self._start_rows(rows.take(subjects), dates, subjects, scope)
        return self._records(rows, decision, subjects, scope, start_reads)

    def _length(self, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
        """AVAL, from days since 1960-01-01, which have a fraction for hours."""
        if self.unit == "HOURS":
            return (_seconds(end) - _seconds(begin)) / 3600
        days = end - begin + 1
        return days if self.unit == "DAYS" else days / DAYS_PER_MONTH

    def _start_rows(
        self, rows: Rows, dates: CandidateDates, subjects: np.ndarray, scope: BuildScope
    ) -> tuple[Rows, list[Reading]]:
        """The records with the rows of their start date as lineage nodes, and the cells that were read there."""
        if self.time_to_event not in self.dates:
            table, dot, name = self.time_to_event.partition(".")
            in_base = not dot or table == scope.base.name
            node = BASE if in_base else SUBJECT
            return rows, [Reading(node, scope.base.name if in_base else table, name if dot else table)]
        found = [dates.found(m) for m in self.members(self.time_to_event)]
        which = first_filled([f.dates for f in found], scope.n)[1]
        reads = []
        for number, f in enumerate(found):
            name = START if len(found) == 1 else f"{START}{number + 1}"
            rows = rows.with_node(name, f.table, np.where(which == number, f.picked, -1)[subjects])
            reads.append(Reading(f"row:{name}", f.table.name, f.spec.date))
        return rows, reads

    def _subjects(self, env: Environment, decision: Decision) -> np.ndarray:
        """Positions of the subjects with a record: of the population, with a start and an end; reports the others."""
        of = f"{self.parameter}: " if self.parameter else ""
        no_start = decision.population & np.isnan(decision.start)
        report_subjects(env, "R2A-TTE-002", no_start, START, f"{of}the subject has no start date, and so no record")
        no_end = decision.population & ~no_start & (decision.winner < 0)
        report_subjects(env, "R2A-TTE-003", no_end, "ADT", f"{of}no event and no end of observation applies: no record")
        adt = decision.date
        early = decision.population & (adt < decision.start)
        message = f"{of}the date that counts lies before the start; the value is kept, 0 or less"
        report_subjects(env, "R2A-TTE-001", early, "ADT", message, adt)
        return np.flatnonzero(decision.population & ~no_start & ~no_end)

    def _records(
        self, rows: Rows, decision: Decision, subjects: np.ndarray, scope: BuildScope, start_reads: list[Reading]
    ) -> Rows:
        source, winner = decision.source()[subjects], decision.winner[subjects]
        sources = decision.sources()
        begin, end = decision.start[subjects], decision.date[subjects]
        start, adt = np.floor(begin), np.floor(end)
        texts = SourceTexts(source, sources, subjects)
        ends = [e.spec for e in decision.entries]
        codes = np.array([0 if not isinstance(s, CensorSpec) else s.CNSR for s in ends], dtype="float64")
        columns = {
            START: pd.Series(start),
            "ADT": pd.Series(adt),
            "AVAL": pd.Series(self._length(begin, end)),
            "CNSR": pd.Series(codes[winner]) if len(winner) else pd.Series(np.zeros(0)),
            "EVNTDESC": col.join_text(winner, [s.EVNTDESC for s in ends]),
            "CNSDTDSC": col.join_text(source, [date_text(e.spec, f.spec) for e, f in sources]),
            "SRCDOM": texts.domain(),
            "SRCVAR": texts.variable(),
            "SRCSEQ": texts.sequence(),
        }
        if self.unit == "HOURS":
            columns |= {"STARTDTM": pd.Series(_seconds(begin)), "ADTM": pd.Series(_seconds(end))}
        reads = {**readings(sources, scope.base.name, scope.dataset), START: tuple(start_reads)}
        for name in dict.fromkeys(f.table.name for _, f in sources):
            if name != scope.base.name:
                rows = rows.with_node(name, *winning_rows(name, source, sources, subjects))
        return rows.with_columns(columns, source, {n: ColumnSources((), reads.get(n, ())) for n in columns})


def _seconds(days: np.ndarray) -> np.ndarray:
    """Seconds since 1960-01-01, to the millisecond that days with a fraction hold."""
    return np.round(days * DAY, 3)


def _names(text: str | None) -> tuple[str, ...]:
    """The names in a condition; none where it does not parse: its parts() report that."""
    try:
        return parse(text).names if text is not None else ()
    except ExpressionError:
        return ()


def _dated_parts(dated: DatedSpec | EntrySpec, derived: Mapping[str, str]) -> Iterator[StepRead]:
    table = dated.from_ or ""
    if dated.where is not None:
        yield StepRead(dated, "where", dated.where, table, further=derived)
    for field in ("date", "SRCVAR", "sequence"):
        name = getattr(dated, field)
        if name is not None:
            yield StepRead(dated, field, name, table, condition=False)

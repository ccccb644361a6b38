"""The step ``expand``: a record for each day or dose of an interval, as of a record of exposure from start to end.

Not for windows of visits (adam/questionnaires/expected_visits.py) nor for what a frequency means
(mappings/criteria/frequencies.yaml).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import EPOCH
from ...engine.columns.moments import days_of_variable, unit_of
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.derivations.step import RecordStep
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.binding.bind import SpecModel
from ...mappings.models.frequency import Frequency, frequencies
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording
from .groups import DERIVED, SUBJECT, by_reads

#: days of the longest interval: 100 years
LONGEST = 36_525


@register_step
class Expand(RecordStep):
    """A copy of each row for each day from its start to its end, or for each dose by the frequency.

    ADT is the day. NUMBER counts the records of a row from 1; the block may name it in a rule. A row without complete
    dates, with an end before its start, or with a frequency whose days are not known is a finding and gives no record.
    Intervals of one by: that overlap are a finding: a day of both has the records of both. No record lies after the
    data cut-off.
    """

    verb: ClassVar[str] = "expand"
    title: ClassVar[str] = "days and doses of intervals"
    overrides: ClassVar[bool] = True
    copies: ClassVar[bool] = True

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADEX",
        sources={"ex": {"MG": ["80"], "FREQ": ["QOD"], "FROM": ["2024-03-01"], "TO": ["2024-03-05"]}},
        datasets={
            "EX": (
                "EXTRT: {value: A}\nEXDOSE: MG\nEXDOSU: {value: mg}\nEXDOSFRQ: FREQ\nEXSTDTC: {date: FROM}\n"
                "EXENDTC: {date: TO}"
            ),
        },
        rows="""
from: EX
derive: {expand: dose, start: EXSTDTC, end: EXENDTC, frequency: EXDOSFRQ}
variables: {DOSENUM: {from: NUMBER, type: integer, label: Number of the Dose}}
""",
        variables="PARAMCD: {value: DOSE}\nPARAM: {value: Dose (mg)}\nAVAL: EXDOSE",
        gives={
            "ADT": ["2024-03-01", "2024-03-03", "2024-03-05"],
            "DOSENUM": ["1", "2", "3"],
            "AVAL": ["80", "80", "80"],
        },
    )

    expand: Literal["day", "dose"] = Field(description="What a record is: a day, or a dose.")
    start: str = Field(description="The first day, numeric or ISO 8601.")
    end: str = Field(description="The last day; where it is missing, the row gives no record.")
    frequency: str | None = Field(
        default=None, description="dose: the variable with the frequency, in terms of the CDISC codelist FREQ."
    )
    frequencies: dict[str, Frequency] = Field(
        default_factory=dict, description="Further terms, or other doses of a term: {times: 2, every: 1}."
    )

    by: tuple[str, ...] | None = Field(
        default=None,
        description="Variables that distinguish intervals of a subject that may overlap; by default the topic "
        "of a domain, as EXTRT, or PARAMCD of an analysis dataset.",
    )
    datetimes: bool = Field(
        default=False, description="dose: start: and end: are variables --DTM, and each dose has its moment, ADTM."
    )

    def columns(self) -> Mapping[str, StepColumn]:
        moment = {"ADTM": StepColumn("integer")} if self.datetimes else {}
        return {**moment, "ADT": StepColumn("integer"), "NUMBER": StepColumn("integer", variable=False)}

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "start", self.start
        yield "end", self.end
        if self.frequency is not None:
            yield "frequency", self.frequency
        yield from by_reads(self.by or ())

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        if (self.expand == "dose") != (self.frequency is not None):
            field = "expand" if self.frequency is None else "frequency"
            yield self, field, "expand: dose needs frequency:, the variable with the frequency; days have none"
        for field in ("start", "end") if self.datetimes else ():
            if self.expand == "day" or unit_of(getattr(self, field)) != "seconds":
                yield self, field, "datetimes: is for doses between two variables --DTM"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        by = f" by {words.name(self.frequency)}" if self.frequency else ""
        of = f"each {self.expand} from {words.name(self.start)} to {words.name(self.end)}{by}"
        if column == "NUMBER":
            return f"NUMBER counts {of} from 1."
        if column == "ADTM":
            return f"ADTM is the moment of {of}: the first is at the start, the others are the same time apart."
        return f"ADT is the day of {of}."

    def make(self, env: Environment, rows: Rows) -> Rows:
        day = 86_400 if self.datetimes else 1  # what the numbers count in a day
        start, end = (self._bound(env, f) for f in ("start", "end"))
        unknown = np.isnan(start) | np.isnan(end)
        env.report("R2A-REC-008", unknown, "the interval has no complete start or end: no record", self.start)
        wrong = ~unknown & ((end < start) | (end - start > LONGEST * day))
        message = "the interval ends before its start, or is longer than 100 years: no record"
        env.report("R2A-REC-008", wrong, message, self.end)
        times, every, known = self._doses(env)
        used = ~unknown & ~wrong & known
        self._report_overlaps(env, start, end, used)
        cutoff = env.study.spec.study.cutoff
        if cutoff is not None:
            end = np.minimum(end, (cutoff.toordinal() - EPOCH + 1) * day - 1)
        span = np.where(used, end - start, -1.0)
        together = np.ones_like(times) if self.datetimes else times  # doses that ADT does not tell apart
        apart = np.maximum(every, 1) * (day / times if self.datetimes else 1)
        rounds = np.where(every > 0, np.floor(span / apart + 1e-9) + 1, times // together)
        count = np.where(span >= 0, rounds * together, 0).astype("int64")
        at = np.repeat(np.arange(env.n), count)
        number = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
        moment = start[at] + number // together[at] * apart[at]
        columns = {"NUMBER": pd.Series((number + 1).astype("float64"))}
        if self.datetimes:
            columns["ADTM"] = pd.Series(np.round(moment))
        columns["ADT"] = pd.Series(np.floor(np.round(moment) / day))
        reads = tuple(env.read)
        return rows.take(at).with_columns(
            columns, None, dict.fromkeys(columns, ColumnSources((), reads, origin=DERIVED))
        )

    def _report_overlaps(self, env: Environment, start: np.ndarray, end: np.ndarray, used: np.ndarray) -> None:
        """A finding for each interval that begins before an earlier one of its group has ended, or on its last day."""
        by = self._apart(env) if self.by is None else self.by
        keys = [env.subject(), *(env.peek(name) for name in by if name != SUBJECT)]
        groups = np.where(used, verbs.record_codes(keys), -1)
        order = verbs.order_rows([groups, start, end])
        order = order[groups[order] >= 0]
        latest = verbs.running(end[order], groups[order], "max")
        overlaps = np.zeros(env.n, dtype=bool)
        same = groups[order][1:] == groups[order][:-1]
        overlaps[order[1:][same & (start[order][1:] <= latest[:-1])]] = True
        message = "the interval begins before an earlier one of the subject has ended: a day of both counts twice"
        env.report("R2A-REC-017", overlaps, message, self.start)

    def _apart(self, env: Environment) -> tuple[str, ...]:
        """The variable that distinguishes intervals by default."""
        table = env.rows.nodes[BASE][0].name
        dataset = env.study.datasets.get(table) or env.study.inputs.get(table)
        names = () if dataset is None else (dataset.topic, "PARAMCD")
        return next(((n,) for n in names if n and dataset is not None and n in dataset.every), ())

    def _bound(self, env: Environment, field: str) -> np.ndarray:
        """The start or end of each row: a day, numeric or ISO 8601, or the seconds of a variable --DTM."""
        name: str = getattr(self, field)
        return read_as_numbers(env, name, field) if self.datetimes else days_of_variable(env.column(name, field), name)

    def _doses(self, env: Environment) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(doses on a day, days to the next such day, 0 for one day only; whether they are known) of each row."""
        if self.frequency is None:
            return np.ones(env.n, dtype="int64"), np.ones(env.n, dtype="int64"), np.ones(env.n, dtype=bool)
        codes, texts = col.split_text(col.as_text(env.column(self.frequency, "frequency")))
        terms = {**frequencies(), **self.frequencies}
        found = [terms.get(str(t).strip()) for t in texts]
        times = np.array([f.times if f else 1 for f in found], dtype="int64")[codes]
        every = np.array([(f.every or 0) if f else 1 for f in found], dtype="int64")[codes]
        known = np.array([f is not None for f in found], dtype=bool)[codes]
        message = "the days of the doses of this frequency are not known: no record"
        env.report("R2A-REC-009", ~known, message, self.frequency)
        return times, every, known

"""The step ``confirm``: the confirmed response at each time point, from the assessments as they were collected.

Not for the decision table (confirmation_table.py), nor for best response: a block of a spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import periods
from ...engine.columns.moments import days_of_variable
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.binding.spec_model import SpecModel
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .assessments import Assessments, Reporter
from .confirmation_table import DEATH, Confirmed, Ranks, TimePoints, alone_code, confirm

_SEPARATOR = re.compile(r"[;,/+]|\bAND\b")
_NODE, _CARRIED = "CONFIRMING", "CARRIED"


def _listed(terms: Sequence[str], between: str = ", ") -> str:
    return between.join(map(quoted, terms))


@register_step
class Confirm(RecordStep):
    """The confirmed response at each time point: one record for each date with an assessment after the first dose.

    Assessments without a date, on or before ``start`` or after ``death`` are no time points and confirm nothing. A text
    that is no level is not evaluable. Each is a finding, as are two responses on one date and a progression without a
    type. docs/adrs.md has the table and every reason.
    """

    verb: ClassVar[str] = "confirm"
    title: ClassVar[str] = "confirmed responses"

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADRS",
        sources={"rs": {"RESULT": ["SD", "PR", "PR"], "DAY": ["2024-04-01", "2024-05-01", "2024-06-01"]}},
        datasets={"RS": "RSTESTCD: {value: OVRLRESP}\nRSORRES: RESULT\nRSSTRESC: RESULT\nRSDTC: {date: DAY}"},
        rows="""
from: RS
derive: {confirm: RSSTRESC, date: RSDTC, sequence: RSSEQ, start: ADSL.TRTSDT, responses: [CR, PR]}
variables: {ADT: {analysis_date: RSDTC}}
""",
        variables="PARAMCD: {value: COVR}\nPARAM: {value: Confirmed Response}",
        gives={"ADT": ["2024-04-01", "2024-05-01", "2024-06-01"], "AVALC": ["SD", "PR", "PR"]},
    )

    confirm: str = Field(description="The response as collected.")
    date: str = Field(description="Its date, numeric or ISO 8601.")
    sequence: str = Field(
        description="Sequence number of the assessment: of equal assessments the one with the lower number counts."
    )
    start: str | None = Field(default=None, description="First dose: only assessments after that day are time points.")
    until: str | None = Field(
        default=None,
        description="New therapy: responses are confirmed up to and on that day, progression also later. Of a partial "
        "date the first day counts, with a finding.",
    )
    death: str | None = Field(
        default=None,
        description="Death: later assessments are findings and not used; a death before start does not count.",
    )
    cause: str | None = Field(default=None, description="Cause of death.")
    causes: tuple[str, ...] = Field(default=(), description="Causes that are the disease: they confirm a progression.")
    responses: tuple[str, ...] = Field(description="Levels that need confirmation, the best one first.")
    stable: tuple[str, ...] = Field(
        default=("SD",),
        description="Levels that need no confirmation, the best first; an unconfirmed response becomes the first.",
    )
    progression: str = Field(default="PD", description="Progression.")
    not_evaluable: str = Field(
        default="NE", description="Not evaluable: confirms nothing. An unconfirmed progression becomes it."
    )
    type: str | None = Field(
        default=None,
        description="Types of the progression, separated by ; , / + or AND. Without it one progression is enough.",
    )
    alone: tuple[str, ...] = Field(default=(), description="Types with which a progression needs no second one.")
    repeat: tuple[str, ...] = Field(
        default=(), description="Types with which a progression needs a second one, as without a type."
    )
    carry: bool = Field(
        default=True, description="A confirmed level stays until a better level or a progression is confirmed."
    )
    max_gap: int | None = Field(default=None, description="Days within which the next assessment confirms; any number.")
    warn_gap: int | None = Field(default=None, description="Days beyond which a confirming assessment is a note.")
    same_day: Literal["worst", "best"] = Field(
        default="worst", description="Which of several evaluable assessments on one date counts."
    )

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        fields = {"responses": self.responses, "stable": self.stable}
        fields |= {"progression": (self.progression,), "not_evaluable": (self.not_evaluable,)}
        seen: set[str] = set()
        for field, levels in fields.items():
            for level in levels:
                if level in seen:
                    yield self, field, f"'{level}' is more than one level"
                seen.add(level)
        if not self.responses or not self.stable:
            yield self, "stable" if self.responses else "responses", "at least one level is needed"
        for field in ("alone", "repeat"):
            if getattr(self, field) and self.type is None:
                yield self, field, f"{field}: needs type:, the column with the types of a progression"
        if self.type is not None and not self.alone:
            yield self, "type", "type: needs alone:, the types with which a progression needs no second one"
        if bool(self.cause) != bool(self.causes):
            yield self, "cause" if self.cause else "causes", "declare both cause: and causes:, or neither"

    def reads(self) -> Iterator[tuple[str, str]]:
        for field in ("confirm", "date", "sequence", "start", "until", "death", "cause", "type"):
            if getattr(self, field) is not None:
                yield field, getattr(self, field)

    def columns(self) -> Mapping[str, StepColumn]:
        return {
            "AVALC": StepColumn("text", "Analysis Value (C)"),
            "CONFREAS": StepColumn("text", "Reason for the Derived Response"),
            "CNFDT": StepColumn("float", "Date of Confirming Assessment"),
            "CNFSEQ": StepColumn("integer", "Sequence No. of Confirming Assessment"),
            "CARRYDT": StepColumn("float", "Date of Response Carried Forward"),
        }

    def texts(self, column: str) -> dict[str, str] | None:
        levels = (*self.responses, *self.stable, self.progression, self.not_evaluable)
        return dict.fromkeys(levels, "") if column == "AVALC" else None

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        date = words.name(self.date)
        sentences = {
            "CONFREAS": "CONFREAS states why the response at the time point is confirmed or is not; after "
            "'CARRIED FORWARD;' the confirmed level is that of an earlier time point.",
            "CNFDT": f"CNFDT is {date} of the assessment that confirms the level, or the date of the death that does.",
            "CNFSEQ": f"CNFSEQ is {words.name(self.sequence)} of the assessment that confirms the level.",
            "CARRYDT": f"CARRYDT is {date} of the earlier time point whose confirmed level is carried.",
        }
        return sentences.get(column) or self._level_sentence(column, words)

    def _level_sentence(self, column: str, words: Wording) -> str:
        after = f" after {words.name(self.start)}" if self.start else ""
        until = f", not after {words.name(self.until)}" if self.until else ""
        within = f", within {self.max_gap} days" if self.max_gap is not None else ""
        responses, progression = _listed(self.responses), quoted(self.progression)
        parts = [
            f"{column} is the confirmed response at each date with an assessment{after}, by the {self.same_day} "
            f"evaluable assessment of the date. {responses} count if the next evaluable assessment on a later "
            f"date{until}{within} is as good or better, at its level if that is lower; else {column} is "
            f"{quoted(self.stable[0])}, or the level of the next assessment if that is {_listed(self.stable, ' or ')}."
        ]
        if self.type is None:
            parts.append(f"{progression} needs no confirmation.")
        else:
            causes = f", or if the subject dies of the disease ({_listed(self.causes)}) before one"
            parts.append(
                f"{progression} counts by {_listed(self.alone, ' or ')} alone, otherwise if the next evaluable "
                f"assessment{within} is {progression} too{causes if self.cause else ''}; else {column} is "
                f"{quoted(self.not_evaluable)}."
            )
        if self.carry:
            parts.append("A confirmed level stays until a better level or a progression is confirmed.")
        return " ".join(parts)

    # running

    def make(self, env: Environment, rows: Rows) -> Rows:
        report = Reporter(env, env.column(self.confirm, "confirm"), self._days(env, "date"))
        assessments = self._assessments(env, report)
        at, first = assessments.by_date(self._used(report, assessments), self._preference(assessments.rank))
        chosen = at[first]
        codes = col.split_text(report.label)[0][at]
        conflict = np.zeros(env.n, dtype=bool)
        conflict[at] = codes != codes[first][np.cumsum(first) - 1] if len(at) else False
        message = f"two different responses on one date: the {self.same_day} one is used, not this one"
        report("R2A-RESP-004", conflict, message)
        points = TimePoints(
            subject=assessments.subject[chosen],
            day=assessments.day[chosen],
            rank=assessments.rank[chosen],
            until=self._until(env)[chosen],
            alone=self._alone(report, assessments.rank, at, first),
            died=self._died(env, assessments)[chosen],
        )
        gap = np.inf if self.max_gap is None else float(self.max_gap)
        found = confirm(points, self._scale, gap, self.carry)
        self._report_gaps(report, points, found, chosen)
        return self._records(env, rows, chosen, found, assessments)

    def _assessments(self, env: Environment, report: Reporter) -> Assessments:
        number, _ = col.to_number(env.column(self.sequence, "sequence"))
        (subject,) = verbs.key_codes([env.subject()])
        rank = self._ranks(report)
        start, death = (self._days(env, f) if getattr(self, f) else None for f in ("start", "death"))
        if start is not None and death is not None:
            death = np.where(death < start, np.nan, death)  # a death before the first dose is not used
        return Assessments(subject=subject, day=report.day, rank=rank, number=number, start=start, death=death)

    def _used(self, report: Reporter, assessments: Assessments) -> np.ndarray:
        """The records that are time points; reports the others."""
        day, start, death = assessments.day, assessments.start, assessments.death
        report("R2A-RESP-003", np.isnan(day), "an assessment without a complete date: it is not used")
        if start is not None:
            early = "an assessment on or before the day of the first dose: it is not used"
            report("R2A-RESP-008", day <= start, early)
            untreated = "an assessment of a subject without a first dose: it is not used"
            report("R2A-RESP-014", ~np.isnan(day) & np.isnan(start), untreated)
        used = (assessments.subject >= 0) & ~np.isnan(day) & (True if start is None else day > start)
        if death is not None:
            report("R2A-RESP-009", used & (day > death), "an assessment after the death: it is not used")
            used &= ~(day > death)
        return np.flatnonzero(used)

    def _preference(self, rank: np.ndarray) -> np.ndarray:
        """The order of the assessments of one date: the lowest counts, a level that is not evaluable last."""
        scale = self._scale
        preference = scale.progression - rank if self.same_day == "worst" else rank
        return np.where(rank > scale.progression, rank + scale.progression, preference)

    @property
    def _scale(self) -> Ranks:
        return Ranks(len(self.responses), len(self.stable), self.alone if self.type else ("PROGRESSION",))

    def _days(self, env: Environment, field: str) -> np.ndarray:
        name = getattr(self, field)
        return days_of_variable(env.column(name, field), name)

    def _ranks(self, report: Reporter) -> np.ndarray:
        """Rank of every response. A missing text and a text that is no level are findings and not evaluable."""
        levels = [*self.responses, *self.stable, self.progression, self.not_evaluable]
        codes, texts = col.split_text(report.label)
        rank = {level: i for i, level in enumerate(levels, start=1)}
        ranks = np.array([rank.get(t, self._scale.not_known) for t in texts], dtype="int64")[codes]
        empty, unknown = col.missing(report.label), ranks == self._scale.not_known
        message = f"a response that is none of {', '.join(levels)} (upper and lower case differ): not evaluable"
        report("R2A-RESP-001", unknown & ~empty, message)
        report("R2A-RESP-002", empty, "an assessment without a response: not evaluable")
        return ranks

    def _until(self, env: Environment) -> np.ndarray:
        if self.until is None:
            return np.full(env.n, np.inf)
        dates = env.column(self.until, "until")
        begin, end = periods(dates)
        filled = ~col.missing(dates)
        env.report(
            "R2A-RESP-007",
            filled & ~(begin == end),
            "the date of new therapy is partial: no response is confirmed after the first day that it can mean",
            self.until,
        )
        return np.where(filled, np.where(np.isnan(begin), -np.inf, begin), np.inf)

    def _alone(self, report: Reporter, rank: np.ndarray, at: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Code of the type with which a progression of each date needs no second one; 0 for none."""
        if self.type is None or not len(at):
            return np.ones(int(first.sum()), dtype="int64")
        types = report.env.column(self.type, "type")
        codes, texts = col.split_text(types)
        split = [frozenset(p.strip() for p in _SEPARATOR.split(t.upper())) - {""} for t in texts]
        alone = np.array([alone_code(s, self.alone) for s in split], dtype="int64")[codes]
        unknown = np.array([not s <= {*self.alone, *self.repeat} for s in split], dtype=bool)[codes]
        usable = np.zeros(report.env.n, dtype=bool)
        usable[at] = rank[at] == self._scale.progression
        empty = col.missing(types)
        report("R2A-RESP-005", usable & empty, "a progression without a type: it counts only if it is repeated")
        message = f"a type of progression that is none of {', '.join([*self.alone, *self.repeat])}"
        report("R2A-RESP-006", usable & unknown, message, types)
        none = len(self.alone) + 1
        coded = np.where(usable[at] & (alone[at] > 0), alone[at], none)
        best = np.minimum.reduceat(coded, np.flatnonzero(first))
        return np.where(best == none, 0, best)

    def _died(self, env: Environment, assessments: Assessments) -> np.ndarray:
        """Where the subject died of the disease, not before the assessment; with ``death:`` on a known date."""
        if self.cause is None:
            return np.zeros(env.n, dtype=bool)
        codes, texts = col.split_text(env.column(self.cause, "cause"))
        causes = {cause.casefold() for cause in self.causes}
        of_disease = np.array([t.strip().casefold() in causes for t in texts], dtype=bool)[codes]
        death = assessments.death
        return of_disease if death is None else of_disease & (death >= assessments.day)

    def _report_gaps(self, report: Reporter, points: TimePoints, found: Confirmed, chosen: np.ndarray) -> None:
        if self.warn_gap is None or not len(chosen):
            return
        confirmed_here = (found.by >= 0) & (found.carried < 0)
        far = confirmed_here & (points.day[np.maximum(found.by, 0)] - points.day > self.warn_gap)
        where = np.zeros(report.env.n, dtype=bool)
        where[chosen[far]] = True
        report("R2A-RESP-010", where, f"confirmed by an assessment more than {self.warn_gap} days later")

    def _records(
        self, env: Environment, rows: Rows, chosen: np.ndarray, found: Confirmed, assessments: Assessments
    ) -> Rows:
        levels = ["", *self.responses, *self.stable, self.progression, self.not_evaluable]
        reasons = self._scale.reasons
        day, death = assessments.day, assessments.death

        def beside(positions: np.ndarray) -> np.ndarray:
            """Rows of the base table for positions among the time points."""
            if not len(chosen):
                return positions
            return np.where(positions >= 0, rows.ids()[chosen[np.maximum(positions, 0)]], -1)

        def taken(values: np.ndarray, positions: np.ndarray) -> np.ndarray:
            if not len(chosen):
                return np.zeros(0)
            return np.where(positions >= 0, values[chosen[np.maximum(positions, 0)]], np.nan)

        confirming = taken(day, found.by)
        if death is not None and self.cause is not None and len(chosen):
            origin = np.where(found.carried >= 0, found.carried, np.arange(len(chosen)))
            by_death = found.reason[origin] == reasons.index(DEATH)
            confirming = np.where(by_death, death[chosen], confirming)
        columns = {
            "AVALC": col.join_text(found.rank, levels),
            "CONFREAS": col.join_text(found.reason, reasons),
            "CNFDT": pd.Series(confirming),
            "CNFSEQ": pd.Series(taken(assessments.number, found.by)),
            "CARRYDT": pd.Series(taken(day, found.carried)),
        }
        table, read = rows.nodes[BASE][0], tuple(env.read)
        of_response = tuple(Reading(f"row:{n}", table.name, self.confirm) for n in (_NODE, _CARRIED))
        reads = {
            "AVALC": (*read, *of_response),
            "CONFREAS": (*read, *of_response),
            "CNFDT": (Reading(f"row:{_NODE}", table.name, self.date),),
            "CNFSEQ": (Reading(f"row:{_NODE}", table.name, self.sequence),),
            "CARRYDT": (Reading(f"row:{_CARRIED}", table.name, self.date),),
        }
        out = rows.take(chosen)
        out = out.with_node(_NODE, table, beside(found.by)).with_node(_CARRIED, table, beside(found.carried))
        return out.with_columns(columns, None, {name: ColumnSources((), reads[name]) for name in columns})

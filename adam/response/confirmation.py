"""The step ``confirm``: the confirmed response at each time point, from the assessments as they were collected.

Not for the table itself (confirmation_table.py), nor for best response and the like, which are blocks of a spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import EPOCH, days_of_text, periods
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.binding.spec_model import SpecModel
from ...mappings.models.record_step import StepColumn, register_step
from .confirmation_table import DEATH, Confirmed, Ranks, TimePoints, alone_code, confirm

_SEPARATOR = re.compile(r"[;,/+]|\bAND\b")
_UNIX = 719_163 - EPOCH  # 1970-01-01 as days since 1960-01-01
_NODE, _CARRIED = "CONFIRMING", "CARRIED"


@register_step
class Confirm(RecordStep):
    """The confirmed response at each time point: one record for each date with an assessment after the first dose.

    Assessments without a date, on or before ``start`` or after ``death`` are no time points and confirm nothing. A text
    that is no level is not evaluable. Each is a finding, as are two responses on one date and a progression without a
    type. docs/adrs.md has the table and every reason.
    """

    verb: ClassVar[str] = "confirm"

    confirm: str = Field(description="The response as collected.")
    date: str = Field(description="Its date, numeric or ISO 8601.")
    sequence: str = Field(
        description="Sequence number of the assessment: the lower one counts where all else is equal."
    )
    start: str | None = Field(default=None, description="First dose: only assessments after that day are time points.")
    until: str | None = Field(
        default=None,
        description="New therapy: responses are confirmed up to and on that day, progression also later. Of a partial "
        "date the first day counts, with a finding.",
    )
    death: str | None = Field(
        default=None,
        description="Death: later assessments are findings, and not used; a death before start counts not.",
    )
    cause: str | None = Field(default=None, description="Cause of death.")
    causes: tuple[str, ...] = Field(default=(), description="Causes that are the disease: they confirm a progression.")
    responses: tuple[str, ...] = Field(description="Levels that need confirmation, the best one first.")
    stable: tuple[str, ...] = Field(
        default=("SD",), description="Levels that need none, the best first; an unconfirmed response becomes the first."
    )
    progression: str = Field(default="PD", description="Progression.")
    not_evaluable: str = Field(default="NE", description="Not evaluable: passed over; an unconfirmed progression too.")
    type: str | None = Field(
        default=None,
        description="Types of the progression, several separated by ; , / + or AND. None: it stands alone.",
    )
    alone: tuple[str, ...] = Field(default=(), description="Types with which a progression needs no second one.")
    repeat: tuple[str, ...] = Field(default=(), description="Types with which it does; so does one without a type.")
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
            yield self, "cause" if self.cause else "causes", "cause: and causes: are given together"

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

    def describe(self, column: str) -> str:
        sentences = {
            "CONFREAS": "CONFREAS says why the response at the time point is confirmed or is not; after 'CARRIED "
            "FORWARD;' the confirmed level is that of an earlier time point.",
            "CNFDT": f"CNFDT is the {self.date} of the assessment that confirms the level, or the date of the death "
            "that does.",
            "CNFSEQ": f"CNFSEQ is the {self.sequence} of the assessment that confirms the level.",
            "CARRYDT": f"CARRYDT is the {self.date} of the earlier time point whose confirmed level is carried.",
        }
        return sentences.get(column) or self._level_sentence(column)

    def _level_sentence(self, column: str) -> str:
        after = f" after {self.start}" if self.start else ""
        until = f", not after {self.until}" if self.until else ""
        within = f", within {self.max_gap} days" if self.max_gap is not None else ""
        parts = [
            f"{column} is the confirmed response at each date with an assessment{after}, by the {self.same_day} "
            f"evaluable assessment of the date. {', '.join(self.responses)} count if the next evaluable assessment on "
            f"a later date{until}{within} is as good or better, at its level if that is lower; else {column} is "
            f"{self.stable[0]}, or the level of the next assessment if that is {' or '.join(self.stable)}."
        ]
        if self.type is None:
            parts.append(f"{self.progression} needs no confirmation.")
        else:
            died = (
                f", or if the subject dies of the disease ({', '.join(self.causes)}) before one" if self.cause else ""
            )
            parts.append(
                f"{self.progression} counts by {' or '.join(self.alone)} alone, otherwise if the next evaluable "
                f"assessment{within} is {self.progression} too{died}; else {column} is {self.not_evaluable}."
            )
        if self.carry:
            parts.append("A confirmed level stays until a better level or a progression is confirmed.")
        return " ".join(parts)

    # running

    def make(self, env: Environment, rows: Rows) -> Rows:
        report = _Reporter(env, env.column(self.confirm, "confirm"), self._days(env, "date"))
        day, label = report.day, report.label
        number, _ = col.to_number(env.column(self.sequence, "sequence"))
        (subject,) = verbs.key_codes([env.subject()])
        rank = self._ranks(report)
        start, death = (self._days(env, f) if getattr(self, f) else None for f in ("start", "death"))
        report("R2A-RESP-003", np.isnan(day), "an assessment without a complete date: it is not used")
        if start is not None:
            report("R2A-RESP-008", day < start, "an assessment before the first dose: it is not used")
        if start is not None and death is not None:
            death = np.where(death < start, np.nan, death)  # a death before the first dose is asked about, and not used
        used = (subject >= 0) & ~np.isnan(day) & (True if start is None else day > start)
        if death is not None:
            report("R2A-RESP-009", used & (day > death), "an assessment after the death: it is not used")
            used &= ~(day > death)
        at = np.flatnonzero(used)
        at, first = self._by_date(at, subject, day, rank, number)
        chosen = at[first]
        codes = col.split_text(label)[0][at]
        conflict = np.zeros(env.n, dtype=bool)
        conflict[at] = codes != codes[first][np.cumsum(first) - 1] if len(at) else False
        kept = f"two different responses on one date: the {self.same_day} one is used, not this one"
        report("R2A-RESP-004", conflict, kept)
        points = TimePoints(
            subject[chosen],
            day[chosen],
            rank[chosen],
            self._until(env)[chosen],
            self._alone(report, rank, at, first),
            self._died(env, day, death)[chosen],
        )
        gap = np.inf if self.max_gap is None else float(self.max_gap)
        found = confirm(points, self._scale, gap, self.carry)
        self._report_gaps(report, points, found, chosen)
        return self._records(env, rows, chosen, found, day, number, death)

    @property
    def _scale(self) -> Ranks:
        return Ranks(len(self.responses), len(self.stable), self.alone if self.type else ("PROGRESSION",))

    def _days(self, env: Environment, field: str) -> np.ndarray:
        return days_of_text(env.column(getattr(self, field), field))

    def _ranks(self, report: _Reporter) -> np.ndarray:
        """Rank of every response; a text that is no level, and none at all, are findings and not evaluable."""
        levels = [*self.responses, *self.stable, self.progression, self.not_evaluable]
        codes, texts = col.split_text(report.label)
        rank = {level: i for i, level in enumerate(levels, start=1)}
        ranks = np.array([rank.get(t, self._scale.not_known) for t in texts], dtype="int64")[codes]
        empty, unknown = col.missing(report.label), ranks == self._scale.not_known
        message = f"a response that is none of {', '.join(levels)} (upper and lower case differ): not evaluable"
        report("R2A-RESP-001", unknown & ~empty, message)
        report("R2A-RESP-002", empty, "an assessment without a response: not evaluable")
        return ranks

    def _by_date(
        self, at: np.ndarray, subject: np.ndarray, day: np.ndarray, rank: np.ndarray, number: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The usable rows by subject and date, the one that counts first; and where each date begins."""
        scale = self._scale
        prefer = scale.progression - rank if self.same_day == "worst" else rank
        prefer = np.where(rank > scale.progression, rank + scale.progression, prefer)
        whole = np.floor(day[at]).astype(
            "int64"
        )  # a numeric date may have a time of day, which makes no date of its own
        keys = [subject[at], whole, prefer[at], np.nan_to_num(number[at])]
        at = at[verbs.order_rows(keys)]
        first = np.ones(len(at), dtype=bool)
        then, who = np.floor(day[at]), subject[at]
        first[1:] = (who[1:] != who[:-1]) | (then[1:] != then[:-1])
        return at, first

    def _until(self, env: Environment) -> np.ndarray:
        if self.until is None:
            return np.full(env.n, np.inf)
        dates = env.column(self.until, "until")
        begin, end = periods(dates)
        filled = ~col.missing(dates)
        env.report(
            "R2A-RESP-007",
            filled & ~(begin == end),
            "the date of new therapy is partial: nothing after the first day that it can mean is confirmed",
            self.until,
        )
        return np.where(filled, np.where(np.isnan(begin), -np.inf, begin), np.inf)

    def _alone(self, report: _Reporter, rank: np.ndarray, at: np.ndarray, first: np.ndarray) -> np.ndarray:
        """How the progression of each date stands alone: by the types of all progressions of the date together."""
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

    def _died(self, env: Environment, day: np.ndarray, death: np.ndarray | None) -> np.ndarray:
        """Where the subject died of the disease, not before the assessment; with ``death:`` on a date that is known."""
        if self.cause is None:
            return np.zeros(env.n, dtype=bool)
        codes, texts = col.split_text(env.column(self.cause, "cause"))
        causes = {cause.casefold() for cause in self.causes}
        of_it = np.array([t.strip().casefold() in causes for t in texts], dtype=bool)[codes]
        return of_it if death is None else of_it & (death >= day)

    def _report_gaps(self, report: _Reporter, points: TimePoints, found: Confirmed, chosen: np.ndarray) -> None:
        if self.warn_gap is None or not len(chosen):
            return
        own = (found.by >= 0) & (found.carried < 0)
        far = own & (points.day[np.maximum(found.by, 0)] - points.day > self.warn_gap)
        where = np.zeros(report.env.n, dtype=bool)
        where[chosen[far]] = True
        report("R2A-RESP-010", where, f"confirmed by an assessment more than {self.warn_gap} days later")

    def _records(
        self,
        env: Environment,
        rows: Rows,
        chosen: np.ndarray,
        found: Confirmed,
        day: np.ndarray,
        number: np.ndarray,
        death: np.ndarray | None,
    ) -> Rows:
        scale = self._scale
        levels = ["", *self.responses, *self.stable, self.progression, self.not_evaluable]
        reasons = scale.reasons

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
        made = {
            "AVALC": col.join_text(found.rank, levels),
            "CONFREAS": col.join_text(found.reason, reasons),
            "CNFDT": pd.Series(confirming),
            "CNFSEQ": pd.Series(taken(number, found.by)),
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
        return out.with_columns(made, None, {name: ColumnSources((), reads[name]) for name in made})


class _Reporter:
    """Findings on assessments: their value is the response with its date."""

    def __init__(self, env: Environment, label: pd.Series, day: np.ndarray):
        self.env, self.label, self.day = env, label, day

    def __call__(self, rule: str, where: np.ndarray, message: str, value: pd.Series | None = None) -> None:
        if not where.any():
            return
        shown = np.full(self.env.n, "", dtype=object)
        days = np.nan_to_num(self.day[where] - _UNIX).astype("int64").astype("datetime64[D]").astype(str).astype(object)
        texts = col.objects(self.label if value is None else value)[where]
        shown[where] = texts + np.where(np.isnan(self.day[where]), "", " on " + days)
        self.env.report(rule, where, message, value=shown)

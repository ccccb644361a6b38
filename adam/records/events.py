"""The step ``events``: one record per row with the first, earliest or latest of several kinds of event of the subject.

It derives best overall response, whether something happened at all, and dates such as the last contact. Not for times
to an event, which count days and censor (adam/time_to_event/step.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import days_of_variable
from ...engine.columns.ties import Tie, ties_of
from ...engine.derivations.environment import Environment
from ...engine.derivations.ordering import in_order, table_key
from ...engine.derivations.step import RecordStep
from ...engine.derivations.tie_findings import report_tie
from ...engine.expressions.sentence import plain
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...engine.tables.table import Table
from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition
from ...mappings.models.record_step import StepColumn, StepRead, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .groups import DERIVED, SUBJECT, by_reads, group_columns, read_column

_CHOICES = {"listed": "the first of the list that the subject has", "earliest": "the earliest", "latest": "the latest"}


class EventSpec(SpecModel):
    """One kind of event: which records it is, which of them counts, and the values that it gives."""

    from_: str = Field(alias="from", description="Dataset of the records; also the dataset itself, above the block.")
    where: Condition | None = Field(default=None, description="Only records for which this is true.")
    date: str | None = Field(
        default=None, description="The date of the event, numeric or ISO 8601. A record without it is not used."
    )
    take: Literal["first", "last"] = Field(default="first", description="Which record of the subject counts.")
    order: tuple[str, ...] = Field(
        default=(), description="Variables that order the records; by default the date. - before a name: descending."
    )
    values: dict[str, str] = Field(default_factory=dict, description="Variable to its value where this event counts.")

    @property
    def ranking(self) -> tuple[str, ...]:
        return self.order or ((self.date,) if self.date else ())


@dataclass(frozen=True)
class Found:
    """An event of each row of the block. ``rows``: its record in the table, -1 for none; ``days``: its date."""

    spec: EventSpec
    table: Table
    rows: np.ndarray
    days: np.ndarray


@register_step
class Events(RecordStep):
    """One record for each row: the event that counts, of several kinds, with its date and values.

    Each kind of event has at most one record per subject and by:, the first or last by its order. Of the kinds the
    first of the list counts, or the one with the earliest or latest date; of equal dates the first of the list. A row
    without any event has the values of otherwise:, or no record.
    """

    verb: ClassVar[str] = "events"
    title: ClassVar[str] = "events"
    overrides: ClassVar[bool] = True

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADRS",
        sources={
            "rs": {
                "SUBJ": ["01", "01", "02"],
                "RESULT": ["SD", "PR", "NE"],
                "DAY": ["2024-04-01", "2024-05-01", "2024-04-01"],
            }
        },
        datasets={"RS": "RSTESTCD: {value: OVRLRESP}\nRSORRES: RESULT\nRSSTRESC: RESULT\nRSDTC: {date: DAY}"},
        rows="""
- from: ADSL
  derive:
    events:
      - {from: RS, where: "RSSTRESC in ['CR', 'PR']", date: RSDTC, values: {AVALC: RESPONSE}}
      - {from: RS, where: RSSTRESC == 'SD', date: RSDTC, values: {AVALC: STABLE}}
    otherwise: {AVALC: NOT EVALUABLE}
""",
        variables="PARAMCD: {value: BEST}\nPARAM: {value: Best Response}",
        gives={
            "USUBJID": ["DEMO-01", "DEMO-02"],
            "ADT": ["2024-05-01", ""],
            "AVALC": ["RESPONSE", "NOT EVALUABLE"],
        },
    )

    events: tuple[EventSpec, ...] = Field(description="The kinds of event.")
    choose: Literal["listed", "earliest", "latest"] = Field(
        default="listed", description="Which kind counts, if the subject has several."
    )
    keep: tuple[str, ...] = Field(
        default=(), description="Variables that the record takes from the record of the event, if it has them."
    )
    by: tuple[str, ...] = Field(
        default=(),
        description="Variables that an event shares with the row, beside the subject: with [AVISITN] each visit has "
        "its event. Every dataset of the events has them.",
    )
    otherwise: dict[str, str] | None = Field(
        default=None, description="The values of a row without an event; without this key it has no record."
    )

    # the spec

    @property
    def valued(self) -> tuple[str, ...]:
        """The variables that the events give."""
        return tuple(dict.fromkeys([*(n for e in self.events for n in e.values), *(self.otherwise or {})]))

    def columns(self) -> Mapping[str, StepColumn]:
        dated = {"ADT": StepColumn("integer")} if any(e.date for e in self.events) else {}
        carried = {n: StepColumn(new=False) for n in self.keep}
        found = {"SRCDOM": StepColumn(variable=False), "SRCVAR": StepColumn(variable=False)}
        found["SRCSEQ"] = StepColumn("integer", variable=False)
        return {**group_columns(self.by), **found, **carried, **dated, **{n: StepColumn() for n in self.valued}}

    def texts(self, column: str) -> dict[str, str] | None:
        if column not in self.valued:
            return None
        values = [e.values.get(column, "") for e in self.events] + [(self.otherwise or {}).get(column, "")]
        return dict.fromkeys((v for v in values if v), "")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from by_reads(self.by)

    def parts(self) -> Iterator[StepRead]:
        for event in self.events:
            for name in dict.fromkeys((SUBJECT, *self.by)):
                yield StepRead(event, "from_", name, event.from_, condition=False)
            if event.where is not None:
                yield StepRead(event, "where", event.where, event.from_)
            if event.date is not None:
                yield StepRead(event, "date", event.date, event.from_, condition=False)
            for name in event.order:
                yield StepRead(event, "order", name.lstrip("-"), event.from_, condition=False)

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        if not self.events:
            yield self, "events", "at least one kind of event is needed"
        for event in self.events:
            if self.choose != "listed" and event.date is None:
                yield event, "from_", f"choose: {self.choose} needs the date of each event, date:"
            elif not event.ranking:
                yield event, "from_", "an event needs date: or order:, which decides which record of a subject counts"
        for name in self.keep:
            if name in self.by or name in self.valued or (name == "ADT" and "ADT" in self.columns()):
                yield self, "keep", f"the events give {name} already"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        if column in self.by:
            return f"{column} is {words.name(column)} of the row."
        if column in ("SRCDOM", "SRCVAR", "SRCSEQ"):
            what = {"SRCDOM": "dataset", "SRCVAR": "variable with the date", "SRCSEQ": "sequence number"}[column]
            return f"{column} is the {what} of the record of the event."
        listed = []
        for event in self.events:
            inner = words.of_table(event.from_)
            where = f" where {plain(event.where, inner)}" if event.where else ""
            value = event.values.get(column, "")
            if column in self.valued:
                gives = f"{quoted(value)} for " if value else "missing for "
            else:
                gives = f"{event.date or 'missing'} of " if column == "ADT" else f"{column} of "
            by = f" by {inner.order(event.ranking)}"
            listed.append(f"{gives}the {event.take} record of {words.table(event.from_)}{where}{by}")
        rest = (self.otherwise or {}).get(column, "")
        end = f"; {quoted(rest)} without any" if rest else ""
        which = _CHOICES[self.choose] + (f" with its {words.names(self.by)}" if self.by else "")
        return f"{column} is that of {which} of these events: {'; '.join(listed)}{end}."

    # records

    def make(self, env: Environment, rows: Rows) -> Rows:
        found = [self._found(env, event) for event in self.events]
        winner = self._winner(found, env.n)
        at = np.arange(env.n) if self.otherwise is not None else np.flatnonzero(winner >= 0)
        records, winner = rows.take(at), winner[at]
        shared = {n: read_column(env, n, "by") for n in self.by if n != SUBJECT}
        columns = {n: col.take(values, at) for n, (values, _) in shared.items()}
        records = records.with_columns(columns, None, {n: ColumnSources((), r) for n, (_, r) in shared.items()})
        return self._records(env, records, [Found(f.spec, f.table, f.rows[at], f.days[at]) for f in found], winner)

    def _found(self, env: Environment, event: EventSpec) -> Found:
        """The event of each row; records without a complete date are findings."""
        at_event = Environment(env.build, env.rows, env.block, env.variable, event)
        table = env.table(event.from_)
        codes, of_row = self._codes(env, table)
        usable = (of_row >= 0) & np.isin(of_row, codes[codes >= 0])
        if event.where is not None:
            usable &= at_event.condition_on(table, event.where, among=usable)
        days = np.full(table.n, np.nan)
        if event.date is not None:
            of_table = Environment(env.build, Rows.of(table), env.block, None, event)
            values = of_table.column(event.date, "date")
            days = days_of_variable(values, event.date)
            message = "an event without a complete date is not used"
            env.report_on(table, "R2A-REC-005", usable & np.isnan(days), message, event.date)
            usable &= ~np.isnan(days)
        keys = [table_key(at_event, table, n.lstrip("-"), "date" if n == event.date else "") for n in event.ranking]
        ranks = in_order(keys, [n.startswith("-") for n in event.ranking], event.take)
        groups = np.where(usable, of_row, -1)
        count = int(max(codes.max(initial=-1), of_row.max(initial=-1))) + 1
        picked = verbs.pick_per_group(groups, count, verbs.order_rows(ranks.keys), event.take)
        of_record = np.where(codes >= 0, np.append(picked, -1)[np.maximum(codes, -1)], -1)
        carried = {n: table.column(n) for n in self._carried(table)}
        for each in ties_of(groups, picked, ranks):
            self._report_tie(at_event, table, of_record, *each.different(carried), event)
        return Found(event, table, of_record, np.append(days, np.nan)[of_record])

    def _codes(self, env: Environment, table: Table) -> tuple[np.ndarray, np.ndarray]:
        """One code for the subject and by: of each row, and of each record of a table; a missing value is a value."""
        if not self.by:
            return env.build.study.subject_codes(env.subject(), table.column(SUBJECT))
        of_rows = [env.subject(), *(env.column(n, "by") for n in self.by)]
        codes, of_row = verbs.key_codes(
            of_rows, [table.column(SUBJECT), *(table.column(n) for n in self.by)], missing_matches=True
        )
        return codes, of_row

    def _carried(self, table: Table) -> list[str]:
        return [n for n in self.keep if table.has(n)]

    def _report_tie(
        self, env: Environment, table: Table, rows: np.ndarray, tie: Tie, differing: tuple[str, ...], event: EventSpec
    ) -> None:
        report_tie(env, table, rows, tie, ranked=", ".join(event.ranking), differing=differing, which=event.take)

    def _winner(self, found: list[Found], n: int) -> np.ndarray:
        """For each row the kind of event that counts, -1 for none."""
        winner = np.full(n, -1, dtype="int32")
        best = np.full(n, np.nan)
        for number, each in enumerate(found):
            better = (each.rows >= 0) & (winner < 0)
            if self.choose == "earliest":
                better |= (each.rows >= 0) & (each.days < best)
            elif self.choose == "latest":
                better |= (each.rows >= 0) & (each.days > best)
            winner[better], best[better] = number, each.days[better]
        return winner

    def _records(self, env: Environment, records: Rows, found: list[Found], winner: np.ndarray) -> Rows:
        n = len(winner)
        base = records.nodes[BASE][0]
        nodes: dict[str, str] = {}
        for name in dict.fromkeys(f.table.name for f in found):
            of_table = [(k, f) for k, f in enumerate(found) if f.table.name == name]
            rows, table = np.full(n, -1, dtype="int64"), of_table[0][1].table
            for number, each in of_table:
                rows = np.where(winner == number, each.rows, rows)
            nodes[name] = f"row:{name} " if name == base.name else f"row:{name}"
            records = records.with_node(nodes[name].removeprefix("row:"), table, rows)
        columns: dict[str, pd.Series] = {}
        reads: dict[str, tuple[Reading, ...]] = {}

        def taken(target: str, name_of: dict[int, str], numeric: bool) -> None:
            """A column whose values are those of the records of the events."""
            parts = [np.full(n, np.nan)] if numeric else [col.constant("", n)]
            choice = np.zeros(n, dtype="int64")
            for number, column in name_of.items():
                values = col.take(found[number].table.column(column), found[number].rows)
                parts.append(np.asarray(values, dtype="float64") if numeric else col.as_text(values))
                choice[winner == number] = len(parts) - 1
            place = choice * n + np.arange(n)
            stacked = np.concatenate(parts) if numeric else col.concat(parts)
            columns[target] = col.take(pd.Series(stacked), place)
            reads[target] = tuple(
                Reading(nodes[found[k].table.name], found[k].table.name, c, item=k) for k, c in name_of.items()
            )

        for name in self.keep:
            having = {k: name for k, f in enumerate(found) if f.table.has(name)}
            numeric = bool(having) and all(col.is_number(found[k].table.column(name)) for k in having)
            taken(name, having, numeric)
        others = [(k, f.table) for k, f in enumerate(found) if f.table.name != env.dataset]  # it is not numbered yet
        sequences = {k: s for k, table in others if (s := _sequence(table))}
        taken("SRCSEQ", sequences, True)
        if "ADT" in self.columns():
            adt = np.full(n, np.nan)
            for number, each in enumerate(found):
                adt = np.where(winner == number, each.days, adt)
            columns["ADT"] = pd.Series(adt)
            reads["ADT"] = tuple(
                Reading(nodes[f.table.name], f.table.name, f.spec.date, item=k)
                for k, f in enumerate(found)
                if f.spec.date
            )
        last = len(found)
        which = np.where(winner < 0, last, winner)
        for name in self.valued:
            texts = [f.spec.values.get(name, "") for f in found] + [(self.otherwise or {}).get(name, "")]
            columns[name] = col.join_text(which, texts)
        columns["SRCDOM"] = col.join_text(which, [*(f.table.name for f in found), ""])
        columns["SRCVAR"] = col.join_text(which, [*(f.spec.date or "" for f in found), ""])
        sources = {name: ColumnSources(reads=reads.get(name, ()), origin=DERIVED) for name in columns}
        return records.with_columns(columns, winner.astype("int32"), sources)


def _sequence(table: Table) -> str:
    """The variable that numbers the records of a subject; '' for a dataset without one."""
    return next((n for n in (f"{table.name[:2]}SEQ", "ASEQ") if table.has(n)), "")

"""The step ``extreme``: a copy of the first or last record of each group, as the last value on treatment.

Not for a flag on that record (engine/derivations/sequence.py) nor for a statistic (summary.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...engine.building.view import JoinTie
from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.ties import Tie, ties_of
from ...engine.derivations.environment import Environment
from ...engine.derivations.sequence import order_keys
from ...engine.derivations.step import RecordStep
from ...engine.derivations.units import report_ranked_units
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.binding.bind import SpecModel
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .groups import DERIVED, by_reads, by_words, grouped


@register_step
class Extreme(RecordStep):
    """A copy of the first or last record of each group of records of a subject.

    The group has the same values of by:, missing ones too. The copy has all values of the record; the variables of the
    block replace some, such as PARAMCD, AVISIT or DTYPE. Records that rank alike and differ are a finding. A group
    that is ranked by a value in several units has no copy, with a finding.
    """

    verb: ClassVar[str] = "extreme"
    title: ClassVar[str] = "copies of the first or last record"
    overrides: ClassVar[bool] = True
    copies: ClassVar[bool] = True

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADVS",
        sources={"vs": {"DAY": ["2024-03-08", "2024-03-15"], "RES": ["95", "90"]}},
        datasets={"VS": "VSTESTCD: {value: DIABP}\nVSORRES: RES\nVSSTRESN: RES\nVSDTC: {date: DAY}"},
        rows="""
- from: VS
  variables: {PARAMCD: VSTESTCD, AVAL: VSSTRESN, ADT: {analysis_date: VSDTC}}
- from: ADVS
  derive: {extreme: last, by: [PARAMCD], order: [AVAL, ADT], dtype: MAXIMUM}
""",
        variables="PARAM: {value: Diastolic Blood Pressure (mmHg)}",
        sort=("USUBJID", "PARAMCD", "DTYPE", "ADT"),
        gives={
            "ADT": ["2024-03-08", "2024-03-15", "2024-03-08"],
            "AVAL": ["95", "90", "95"],
            "DTYPE": ["", "", "MAXIMUM"],
        },
    )

    extreme: Literal["first", "last"] = Field(description="Which record of the group.")
    by: tuple[str, ...] = Field(default=(), description="Variables that form the group, within the subject.")
    order: tuple[str, ...] = Field(description="Variables that order the group; - before a name: descending.")
    dtype: str | None = Field(default=None, description="DTYPE of the copies, such as LOV, MINIMUM, MAXIMUM or WOV.")

    def columns(self) -> Mapping[str, StepColumn]:
        return {"DTYPE": StepColumn()} if self.dtype else {}

    def texts(self, column: str) -> dict[str, str] | None:
        return {self.dtype: ""} if column == "DTYPE" and self.dtype else None

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from by_reads(self.by)
        yield from (("order", name.lstrip("-")) for name in self.order)

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        if not self.order:
            yield self, "order", "order: needs the variables that decide which record is the first"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        return f"{column} is {quoted(self.dtype or '')}."

    def chosen(self, words: Wording = AS_WRITTEN) -> str:
        return f"the {self.extreme} record by {words.order(self.order)} {by_words(self.by, words)}"

    def make(self, env: Environment, rows: Rows) -> Rows:
        groups = grouped(env, self.by)
        keys = order_keys(env, self.order, self.extreme)
        of_row = report_ranked_units(env, self.order, groups.of_row)
        picked = verbs.pick_per_group(of_row, groups.count, verbs.order_rows(keys.keys), self.extreme)
        at = np.sort(picked[picked >= 0])
        records = rows.take(at)
        if self.dtype:
            dtype = {"DTYPE": col.constant(self.dtype, len(at))}
            records = records.with_columns(dtype, None, {"DTYPE": ColumnSources(origin=DERIVED)})
        for tie in ties_of(of_row, picked, keys):
            self._note_tie(env, rows, records, tie)
        return records

    def _note_tie(self, env: Environment, rows: Rows, records: Rows, tie: Tie) -> None:
        """Records that rank as a copied one: a finding if they differ in what the copy has."""
        table, ids = rows.nodes[BASE][0], rows.ids()
        of_copies = Environment(env.build, records, env.block, None, self)
        env.build.note_join_tie(  # pyright: ignore[reportAttributeAccessIssue]
            JoinTie(
                env=of_copies,
                node=BASE,
                table=table,
                rows=records.ids(),
                tie=tie.at(ids),
                ranked=", ".join(self.order),
                which=self.extreme,
                copies=True,
            )
        )

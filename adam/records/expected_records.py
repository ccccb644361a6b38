"""The step ``expected_records``: a record without a value for each expected visit that a group has no record of.

Not for values that are carried to such a visit (carry_forward.py), nor for visits that the days of a subject decide
(adam/questionnaires/expected_visits.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.tables.rows import ColumnSources, Rows
from ...mappings.binding.bind import SpecModel
from ...mappings.models.record_step import StepColumn, StepRead, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .groups import DERIVED, Groups, by_reads, by_words, group_columns, grouped
from .visits import (
    Visits,
    VisitTable,
    listed_visits,
    table_words,
    visit_numbers,
    visit_problems,
    visits_of_table,
)


@register_step
class ExpectedRecords(RecordStep):
    """A record for each expected visit of a group that has no record of it.

    A group is a subject with the same values of by:, and has at least one record; a record without a value is one. The
    new record has the variables of by: and of visits:, and DTYPE. Visits with a key, as [PARAMCD, AVISITN], are
    compared by all variables of the key: so a subject without a parameter gets its records.
    """

    verb: ClassVar[str] = "expected_records"
    title: ClassVar[str] = "expected records that are missing"
    overrides: ClassVar[bool] = True

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADVS",
        sources={"vs": {"WEEK": ["1", "3"], "DAY": ["2024-03-08", "2024-03-22"], "RES": ["80", "90"]}},
        datasets={"VS": "VSTESTCD: {value: DIABP}\nVSSPID: WEEK\nVSORRES: RES\nVSSTRESN: RES\nVSDTC: {date: DAY}"},
        rows="""
- from: VS
  variables: {PARAMCD: VSTESTCD, AVAL: VSSTRESN, ADT: {analysis_date: VSDTC}, AVISITN: {from: VSSPID, type: integer}}
- from: ADVS
  derive: {expected_records: [{AVISITN: "1"}, {AVISITN: "2"}, {AVISITN: "3"}]}
""",
        variables="PARAM: {value: Diastolic Blood Pressure (mmHg)}",
        sort=("USUBJID", "PARAMCD", "AVISITN"),
        gives={
            "PARAMCD": ["DIABP", "DIABP", "DIABP"],
            "AVISITN": ["1", "2", "3"],
            "ADT": ["2024-03-08", "", "2024-03-22"],
            "AVAL": ["80", "", "90"],
            "DTYPE": ["", "PHANTOM", ""],
        },
    )

    expected_records: VisitTable | tuple[dict[str, str], ...] = Field(
        description="The expected visits, as of carry_forward: a list, or the rows of a table: {from: TV, variables:, "
        "on:}."
    )
    by: tuple[str, ...] = Field(default=("PARAMCD",), description="Variables that form the group, within the subject.")
    visit: str = Field(default="AVISITN", description="The number that distinguishes visits.")
    key: tuple[str, ...] = Field(
        default=(), description="The variables that distinguish visits, if they are more than the number."
    )
    dtype: str = Field(default="PHANTOM", description="DTYPE of the records.")

    @property
    def stated(self) -> tuple[str, ...]:
        """The variables of the visits."""
        if isinstance(self.expected_records, VisitTable):
            return tuple(self.expected_records.variables)
        return tuple(n for n in dict.fromkeys(n for v in self.expected_records for n in v) if n not in self.by)

    @property
    def compared(self) -> tuple[str, ...]:
        """The variables by which records and visits are compared."""
        return self.key or (self.visit,)

    def columns(self) -> Mapping[str, StepColumn]:
        return {**group_columns(self.by), **group_columns(self.stated), "DTYPE": StepColumn()}

    def texts(self, column: str) -> dict[str, str] | None:
        return {self.dtype: ""} if column == "DTYPE" else None

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from by_reads(self.by)
        yield "visit", self.visit
        yield from (("expected_records", name) for name in self.stated)

    def parts(self) -> Iterator[StepRead]:
        if isinstance(self.expected_records, VisitTable):
            yield from self.expected_records.parts()

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        yield from visit_problems(self, "expected_records", self.visit, self.by, self.key)
        for name in self.key:
            if name not in self.stated:
                yield self, "key", f"{name} is no variable of the visits"
        if self.key and self.visit not in self.key:
            yield self, "key", f"the key needs {self.visit}, the number of the visit"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        if column == "DTYPE":
            return f"DTYPE is {quoted(self.dtype)}."
        if column in self.by:
            return f"{column} is {words.name(column)} of the records of the group."
        if isinstance(self.expected_records, VisitTable):
            visits = table_words(self.expected_records, self.visit, words)
        else:
            visits = f"{self.visit} {', '.join(dict.fromkeys(v[self.visit] for v in self.expected_records))}"
        group = by_words(self.by, words)
        return f"{column} is that of each visit ({visits}) of which no record {group} exists."

    # records

    def make(self, env: Environment, rows: Rows) -> Rows:
        groups = grouped(env, self.by)
        visits = self._visits(env)
        group, visit = self._pairs(env, groups, visits)
        of_record = [pd.Series(groups.of_row), *(env.column(n, "visit") for n in self.compared)]
        of_pair = [pd.Series(group), *(col.take(self._stated(env, visits, n), visit) for n in self.compared)]
        there, wanted = verbs.key_codes(of_record, of_pair, missing_matches=True)
        new = ~np.isin(wanted, there) & ~verbs.has_earlier(wanted)
        at, visit = col.first_positions(groups.of_row, groups.count)[group[new]], visit[new]
        columns: dict[str, pd.Series] = {"DTYPE": col.constant(self.dtype, len(at))}
        columns |= groups.values(at)
        columns |= {n: col.take(self._stated(env, visits, n), visit) for n in self.stated}
        sources = dict.fromkeys(columns, ColumnSources(origin=DERIVED)) | groups.sources()
        return rows.take(at).with_columns(columns, None, sources)

    def _visits(self, env: Environment) -> Visits:
        if isinstance(self.expected_records, VisitTable):
            return visits_of_table(env, self.expected_records, self.visit)
        return listed_visits(env, self.expected_records, self.visit, self.by)

    def _stated(self, env: Environment, visits: Visits, name: str) -> pd.Series:
        """A variable of the visits, as a number where the records have numbers."""
        stated = visits.stated[name]
        if col.is_number(env.column(name, "visit")) and not col.is_number(stated):
            return pd.Series(visit_numbers(stated))
        return stated

    def _pairs(self, env: Environment, groups: Groups, visits: Visits) -> tuple[np.ndarray, np.ndarray]:
        """(group, visit) of all visits that are expected, those with more keys first."""
        first = col.first_positions(groups.of_row, groups.count)
        numbered = ~np.isnan(visits.numbers)
        found = [(np.zeros(0, "int64"), np.zeros(0, "int64"))]
        for rows, codes, of_visit, count in visits.patterns(env.n):
            of_group = codes[first].astype("float64")
            of_group[of_group == count] = np.nan
            match = verbs.match_rows([pd.Series(of_group)], [pd.Series(of_visit)], "one-to-many")
            both = match.right >= 0
            group, visit = match.left[both], rows[match.right[both]]
            found.append((group[numbered[visit]], visit[numbered[visit]]))
        return np.concatenate([g for g, _ in found]), np.concatenate([v for _, v in found])

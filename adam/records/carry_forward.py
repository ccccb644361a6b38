"""The step ``carry_forward``: records of visits without a value, copied from another record (LOCF, WOCF, BLOCF ...).

Not for which visits are expected by the days of a subject (adam/questionnaires/expected_visits.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.building.view import JoinTie
from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.ties import Ranks, Tie, joined, ties_of
from ...engine.derivations.environment import Environment
from ...engine.derivations.sequence import order_keys
from ...engine.derivations.step import RecordStep
from ...engine.derivations.units import report_ranked_units
from ...engine.expressions.sentence import plain
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition
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

#: the derivation types of the CDISC codelist DTYPE (C81224)
_TYPES = {"last": "LOCF", "worst": "WOCF", "best": "BOCF", "baseline": "BLOCF", "next": "NOCB"}
_WORDS = {"last": "last", "worst": "worst", "best": "best", "baseline": "baseline", "next": "next"}


@register_step
class CarryForward(RecordStep):
    """A record for each expected visit at which a group has no value: a copy of the last, worst, best or baseline one.

    A group is a subject with the same values of by:, and has at least one value. last, worst and best are among the
    visits before the expected one, next is the first after it. A visit before any value gets no record. The copy has
    all values of its record, the date too, but no ABLFL; the variables of visits: and DTYPE are new.
    """

    verb: ClassVar[str] = "carry_forward"
    title: ClassVar[str] = "values carried to visits without one"
    overrides: ClassVar[bool] = True
    copies: ClassVar[bool] = True
    not_copied: ClassVar[frozenset[str]] = frozenset({"ABLFL"})  # a copy of the baseline is no second baseline

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADVS",
        sources={"vs": {"WEEK": ["1", "3"], "DAY": ["2024-03-08", "2024-03-22"], "RES": ["80", "90"]}},
        datasets={"VS": "VSTESTCD: {value: DIABP}\nVSSPID: WEEK\nVSORRES: RES\nVSSTRESN: RES\nVSDTC: {date: DAY}"},
        rows="""
- from: VS
  variables: {PARAMCD: VSTESTCD, AVAL: VSSTRESN, ADT: {analysis_date: VSDTC}, AVISITN: {from: VSSPID, type: integer}}
- from: ADVS
  derive: {carry_forward: last, visits: [{AVISITN: "1"}, {AVISITN: "2"}, {AVISITN: "3"}, {AVISITN: "4"}]}
""",
        variables="PARAM: {value: Diastolic Blood Pressure (mmHg)}",
        sort=("USUBJID", "PARAMCD", "AVISITN"),
        gives={
            "AVISITN": ["1", "2", "3", "4"],
            "ADT": ["2024-03-08", "2024-03-08", "2024-03-22", "2024-03-22"],
            "AVAL": ["80", "80", "90", "90"],
            "DTYPE": ["", "LOCF", "", "LOCF"],
        },
    )

    carry_forward: Literal["last", "worst", "best", "baseline", "next"] = Field(description="Which value is carried.")
    by: tuple[str, ...] = Field(default=("PARAMCD",), description="Variables that form the group, within the subject.")
    visits: VisitTable | tuple[dict[str, str], ...] = Field(
        description="The expected visits: variables of each, as {AVISIT: Week 2, AVISITN: 2}; with a variable of by:, "
        "as PARAMCD, the visit is expected in that group alone. Or the rows of a table: {from: TV, variables:, on:}."
    )
    visit: str = Field(default="AVISITN", description="The number that distinguishes visits and orders them.")
    order: tuple[str, ...] = Field(default=("ADT",), description="Variables that order the records of one visit.")
    value: str = Field(default="AVAL", description="The value; a record without it counts as none.")
    worse: Literal["higher", "lower"] | None = Field(default=None, description="worst and best: which value is worse.")
    baseline: Condition | None = Field(default=None, description="baseline: the record, as `ABLFL == 'Y'`.")
    dtype: str | None = Field(
        default=None, description="DTYPE of the copies; by default LOCF, WOCF, BOCF, BLOCF or NOCB."
    )

    @property
    def derivation_type(self) -> str:
        return self.dtype if self.dtype is not None else _TYPES[self.carry_forward]

    @property
    def stated(self) -> tuple[str, ...]:
        """The variables of the visits."""
        if isinstance(self.visits, VisitTable):
            return tuple(self.visits.variables)
        return tuple(n for n in dict.fromkeys(n for v in self.visits for n in v) if n not in self.by)

    def columns(self) -> Mapping[str, StepColumn]:
        return {**group_columns(self.stated), "DTYPE": StepColumn()}

    def texts(self, column: str) -> dict[str, str] | None:
        return {self.derivation_type: ""} if column == "DTYPE" else None

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from by_reads(self.by)
        yield from (("order", name.lstrip("-")) for name in self.order)
        yield "visit", self.visit
        yield "value", self.value
        yield from (("visits", name) for name in self.stated)

    def parts(self) -> Iterator[StepRead]:
        if isinstance(self.visits, VisitTable):
            yield from self.visits.parts()

    def conditions(self) -> Iterator[tuple[str, str]]:
        if self.baseline is not None:
            yield "baseline", self.baseline

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        yield from visit_problems(self, "visits", self.visit, self.by)
        if (self.carry_forward in ("worst", "best")) != (self.worse is not None):
            field = "carry_forward" if self.worse is None else "worse"
            yield self, field, "carry_forward: worst and best need worse:, higher or lower; others have none"
        if (self.carry_forward == "baseline") != (self.baseline is not None):
            field = "carry_forward" if self.baseline is None else "baseline"
            yield self, field, "carry_forward: baseline needs baseline:, the condition of the record; others have none"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        if column == "DTYPE":
            return f"DTYPE is {quoted(self.derivation_type)}."
        if isinstance(self.visits, VisitTable):
            visits = table_words(self.visits, self.visit, words)
        else:
            visits = f"{self.visit} {', '.join(dict.fromkeys(v[self.visit] for v in self.visits))}"
        return f"{column} is that of each visit ({visits}) at which {self.value} has no value."

    def chosen(self, words: Wording = AS_WRITTEN) -> str:
        group = by_words(self.by, words)
        if self.carry_forward == "baseline":
            return f"the record where {plain(self.baseline or '', words)} {group}"
        if self.carry_forward in ("worst", "best"):
            lowest = (self.carry_forward == "worst") == (self.worse == "lower")
            return f"the record with the {'lowest' if lowest else 'highest'} {self.value} before the visit {group}"
        when = "after" if self.carry_forward == "next" else "before"
        which = "first" if self.carry_forward == "next" else "last"
        return f"the {which} record with {self.value} {when} the visit {group}"

    # records

    def make(self, env: Environment, rows: Rows) -> Rows:
        groups = grouped(env, self.by)
        number = np.asarray(env.column(self.visit, "visit"), dtype="float64")
        value = env.column(self.value, "value")
        filled = ~col.missing(value) & ~np.isnan(number)
        further = order_keys(env, self.order, self._end)
        ranks = Ranks([col.ranks(pd.Series(number)), *further.keys], [None, *further.dates])
        if self.carry_forward in ("worst", "best"):
            size = col.ranks(value).astype("float64")
            higher = (self.carry_forward == "worst") == (self.worse == "higher")
            ranks = Ranks([size if higher else -size, *ranks.keys], [None, *ranks.dates])
        order = verbs.order_rows(ranks.keys)
        usable = filled & self._baseline(env, groups)
        if self.carry_forward in ("worst", "best"):
            usable &= report_ranked_units(env, (self.value,), np.where(filled, groups.of_row, -1)) >= 0
        visits = self._visits(env)
        none = np.ones(groups.count, dtype=bool)
        at, of_visit, ties = [np.zeros(0, "int64")], [np.zeros(0, "int64")], list[Tie]()
        for expected, visit in visits.expected(env.n):
            none[groups.of_row[visit >= 0]] = False
            there = np.zeros(groups.count, dtype=bool)
            there[groups.of_row[filled & (number == expected)]] = True
            before = usable & self._compared(number, expected)
            of_row = np.where(before & (visit >= 0), groups.of_row, -1)
            picked = verbs.pick_per_group(of_row, groups.count, order, self._end)
            picked = np.where(there, -1, picked)
            ties += ties_of(np.where(picked[groups.of_row] >= 0, of_row, -1), picked, ranks)
            found = np.sort(picked[picked >= 0])
            at.append(found)
            of_visit.append(visit[found])
        if isinstance(self.visits, VisitTable):
            self._report_none(env, groups, none)
        return self._records(env, rows, np.concatenate(at), visits, np.concatenate(of_visit), ties)

    def _visits(self, env: Environment) -> Visits:
        if isinstance(self.visits, VisitTable):
            return visits_of_table(env, self.visits, self.visit)
        return listed_visits(env, self.visits, self.visit, self.by)

    def _report_none(self, env: Environment, groups: Groups, none: np.ndarray) -> None:
        """A note for each group without an expected visit, at its first record."""
        assert isinstance(self.visits, VisitTable)
        without = np.zeros(env.n, dtype=bool)
        without[col.first_positions(groups.of_row, groups.count)[none]] = True
        message = f"{self.visits.from_} has no visit for this group: nothing is carried"
        env.report("R2A-REC-012", without, message, next(iter(self.visits.on), ""))

    @property
    def _end(self) -> Literal["first", "last"]:
        return "first" if self.carry_forward == "next" else "last"

    def _compared(self, number: np.ndarray, expected: float) -> np.ndarray:
        """Where a record lies on the side of the visit from which values are carried."""
        if self.carry_forward == "baseline":
            return np.ones(len(number), dtype=bool)
        return number > expected if self.carry_forward == "next" else number < expected

    def _baseline(self, env: Environment, groups: Groups) -> np.ndarray:
        """The records that can be carried: with baseline: the one of each group. Of several, a finding, none can."""
        if self.baseline is None:
            return np.ones(env.n, dtype=bool)
        here = env.condition(self.baseline, "baseline")
        several = np.bincount(groups.of_row[here], minlength=groups.count) > 1
        again = here & several[groups.of_row] if groups.count else here
        env.report("R2A-REC-006", again, "the group has several baseline records: none is carried", self.value)
        return here & ~again

    def _records(
        self, env: Environment, rows: Rows, at: np.ndarray, visits: Visits, of_visit: np.ndarray, ties: list[Tie]
    ) -> Rows:
        records = rows.take(at)
        columns: dict[str, pd.Series] = {"DTYPE": col.constant(self.derivation_type, len(at))}
        for name in self.stated:
            stated = visits.stated[name]
            if col.is_number(env.column(name, "visits")) and not col.is_number(stated):
                stated = pd.Series(visit_numbers(stated))
            columns[name] = col.take(stated, of_visit)
        sources = dict.fromkeys(columns, ColumnSources(origin=DERIVED))
        records = records.with_columns(columns, None, sources)
        table, ids = rows.nodes[BASE][0], rows.ids()
        for by_dates in (False, True):
            env.build.note_join_tie(  # pyright: ignore[reportAttributeAccessIssue]
                JoinTie(
                    env=Environment(env.build, records, env.block, None, self),
                    node=BASE,
                    table=table,
                    rows=records.ids(),
                    tie=joined(ties, by_dates).at(ids),
                    ranked=", ".join([self.visit, *self.order]),
                    which=self._end,
                    copies=True,
                )
            )
        return records

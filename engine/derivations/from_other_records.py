"""Derivations that take a value from other records: by subject or key, the first, the last, the only one; and Cut.

Not for counts and sums (totals.py), nor for responses or time to event (adam/).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...errors import nearest
from ...mappings.expressions.expression import parse
from ...mappings.models.derivation import Condition, Example, register
from ..accounts.cells import ALL_READ
from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..columns import verbs
from ..columns.iso_dates import days_of_text
from ..columns.ties import tie_of
from ..readers.cell_readers import read_cells, reader
from ..tables.dataset import Choice
from ..tables.table import RawSlice, Table
from .assign import condition_sentence, plain
from .derivation import Derivation, Derived
from .environment import Environment
from .numbers import read_as_numbers
from .ordering import in_order, table_key, without_value
from .tie_findings import report_tie


class FromTable(Derivation):
    """Base: a value of another table, for the records' subjects or other keys."""

    where: Condition | None = Field(default=None, description="Only rows of the other table where this holds.")
    as_: Literal["date"] | None = Field(
        default=None, alias="as", description="date: an ISO 8601 text becomes a numeric date."
    )
    on: tuple[str, ...] | dict[str, str] = Field(
        default=("USUBJID",), description="Keys that both sides share, or own column to theirs; by default the subject."
    )

    def target_column(self) -> str:
        raise NotImplementedError(self.verb)  # each verb names its own field

    def gives(self) -> str:
        return "integer" if self.as_ == "date" else ""

    def reads(self) -> Iterator[tuple[str, str]]:
        yield self.verb, self.target_column()

    def reads_as(self, numeric: bool) -> Iterator[tuple[str, str]]:
        if self.as_ is not None or numeric:
            yield from ((name, self.as_ or "number") for _, name in self.reads())

    def of_table(self) -> tuple[str, str] | None:
        return (self.target_column().partition(".")[0], self.where) if self.where is not None else None

    def _table(self, env: Environment) -> tuple[Table, str]:
        name, dot, column = self.target_column().partition(".")
        if not dot or not env.build.study.has_table(name):
            raise env.error(f"'{self.target_column()}' is not TABLE.COLUMN of a dataset or source", self.verb)
        table = env.table(name)
        found = table.qualified(column) if column else column
        if found is None:
            raise env.error(f"{name} has no column '{column}'", self.verb, nearest(column, table.names()))
        return table, found

    def _groups(self, env: Environment, table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(code of each record, code of each row of the table, rows that may be used)."""
        pairs = env.key_pairs(self.on, table)
        for _, name in pairs:
            if not table.has(name):
                raise env.error(
                    f"{table.name} has no column '{name}', the key of the records", "on", nearest(name, table.names())
                )
        if pairs == [("USUBJID", "USUBJID")]:
            own, other = env.build.study.subject_codes(env.subject(), table.column("USUBJID"))
        else:
            mine = [env.subject() if a == "USUBJID" else env.column(a, "on") for a, _ in pairs]
            own, other = verbs.key_codes(mine, [table.column(b) for _, b in pairs])
        usable = other >= 0
        if self.where is not None:
            here = np.isin(other, own[own >= 0])
            usable = usable & env.condition_on(table, self.where, among=here)
        return own, other, usable

    def _added(self, env: Environment, table: Table, rows: np.ndarray, column: str = "") -> None:
        """Tell the accounts which rows of a raw source were counted or added up, and by which of their cells.

        ``rows``: mask over the table. ``column``: the column whose cells count, '' where the rows do.
        """
        if not isinstance(table, RawSlice) or (env.build.of_no_subject and not env.build.study.first):
            return
        at = np.flatnonzero(rows)
        env.build.study.refer(table, at)
        read = [column, *(parse(self.where).names if self.where else ())]
        cells = env.build.study.ledger.cells.sources.get(table.name)
        for name in dict.fromkeys(map(table.in_file, read)):
            if cells is not None and name:
                cells.use(name, table.global_ids(at))

    def _taken(self, env: Environment, table: Table, column: str, rows: np.ndarray) -> pd.Series:
        """The values at these rows; with as: date, those of raw cells are read by the formats of their column."""
        taken = col.take(table.column(column), rows)
        if self.as_ != "date" or col.is_number(taken):
            return taken
        found = read_cells("date", taken, env.cells_on(table, column).take(rows), env.declarations)
        how, texts = reader("date"), col.objects(taken)
        iso = col.join_text(found.codes, [str(how.value(r)) for r in found.readings])
        why = [how.refused(r, t) if t.strip() else "" for r, t in zip(found.readings, found.texts, strict=True)]
        said, dates = np.array(why, dtype=object)[found.codes], col.objects(iso)
        refused, picked = said.astype(bool), (table, rows)
        env.report("R2A-DATE-001", refused, said, column, texts, picked)
        days = days_of_text(iso)
        partial = np.isnan(days) & (dates != "")
        message = "a partial date: the numeric date is missing"
        env.report("R2A-ADAM-001", partial, message, column, texts, picked)
        env.note_unused(ALL_READ, ~col.missing(taken) & (dates == "") & ~refused, CellOutcome.NO_VALUE)
        return pd.Series(days)

    def _choice(self, env: Environment, table: Table, column: str, order: tuple[str, ...] = ()) -> Choice:
        keys = tuple(env.key_pairs(self.on, table))
        return Choice(self.verb, table.name, column, keys, order, self.where or "")

    def _sentence_end(self) -> str:
        keys = list(self.on) if not isinstance(self.on, dict) else [f"{a} = {b}" for a, b in self.on.items()]
        by = "of the subject" if keys == ["USUBJID"] else f"with the same {', '.join(keys)}"
        return f" {by}" + (f", among records where {plain(self.where)}" if self.where else "")


class Extreme(FromTable):
    """Base of first and last: the row that comes first or last within the key decides."""

    order: tuple[str, ...] = Field(default=(), description="Columns that order the rows; by default the value itself.")

    def derive(self, env: Environment) -> Derived:
        table, column = self._table(env)
        values = table.column(column)
        own, other, usable = self._groups(env, table)
        usable = usable & ~col.missing(values) & ~without_value(env, table, column, self._kind(env))
        names = self.order or (column,)
        typed = [table_key(env, table, n.lstrip("-"), self._kind(env) if n == column else "") for n in names]
        keys = in_order(typed, [n.startswith("-") for n in names], self.verb)
        ordered = verbs.order_rows(keys)
        ordered = ordered[usable[ordered]]
        count = int(max(own.max(initial=-1), other.max(initial=-1))) + 1
        picked = verbs.pick_per_group(other, count, ordered, self.verb)
        rows = np.where(own >= 0, picked[np.maximum(own, 0)], -1) if count else np.full(env.n, -1)
        choice = replace(self._choice(env, table, column, tuple(names)), kinds=tuple(k.kind for k in typed))
        tie, differing = tie_of(np.where(usable, other, -1), picked, keys).different({column: values})
        report_tie(env, table, rows, tie, ranked=", ".join(names), differing=differing, which=self.verb)
        return Derived(self._taken(env, table, column, rows), (table, rows), (column,), choice=choice)

    def _kind(self, env: Environment) -> str:
        """What the value itself is ordered as, where no declaration says what its column is."""
        return self.as_ or ("number" if env.variable is not None and env.variable.is_numeric else "")


@register
class First(Extreme):
    """The first filled value of a column, within the subject."""

    verb: ClassVar[str] = "first"
    example = Example(
        rule="{first: EX.EXSTDTC}",
        rows={"SUBJ": ["01", "02"]},
        gives=["2020-03-01", ""],
        dataset="DM",
        variable="RFXSTDTC",
        sources={"ex": {"SUBJ": ["01", "01"], "DAY": ["2020-03-29", "2020-03-01"]}},
        datasets={"EX": "EXSTDTC: {date: DAY}"},
    )

    first: str = Field(description="TABLE.COLUMN")

    def target_column(self) -> str:
        return self.first

    def describe(self, target: str) -> str:
        by = f" by {', '.join(self.order)}" if self.order else ""
        return f"{target} is the first {self.first}{by}{self._sentence_end()}{condition_sentence(self.when)}."


@register
class Last(Extreme):
    """The last filled value of a column, within the subject."""

    verb: ClassVar[str] = "last"
    example = Example(
        rule="{last: dose.MG, order: [DAY], where: \"DRUG == 'A'\", label: Last Dose of A}",
        rows={"SUBJ": ["01", "02"]},
        gives=["700", ""],
        dataset="ADSL",
        variable="LASTDOSE",
        study="dates: {columns: {DAY: [yyyy-mm-dd]}}",
        sources={
            "dose": {
                "SUBJ": ["01", "01", "01", "02"],
                "DRUG": ["A", "A", "B", "B"],
                "DAY": ["2020-03-29", "2020-03-01", "2020-04-30", "2020-05-02"],
                "MG": ["700", "650", "40", "20"],
            }
        },
    )

    last: str = Field(description="TABLE.COLUMN")

    def target_column(self) -> str:
        return self.last

    def describe(self, target: str) -> str:
        by = f" by {', '.join(self.order)}" if self.order else ""
        return f"{target} is the last {self.last}{by}{self._sentence_end()}{condition_sentence(self.when)}."


@register
class Lookup(FromTable):
    """The value of the one row of another table with the same key."""

    verb: ClassVar[str] = "lookup"
    example = Example(
        rule="{lookup: site.COUNTRY, on: {SITE: NUMBER}}",
        rows={"SUBJ": ["01", "02", "03"], "SITE": ["7", "8", ""]},
        gives=["DEU", "ITA", ""],
        dataset="DM",
        variable="COUNTRY",
        sources={"site": {"NUMBER": ["7", "8"], "COUNTRY": ["DEU", "ITA"]}},
    )

    lookup: str = Field(description="TABLE.COLUMN")

    def target_column(self) -> str:
        return self.lookup

    def describe(self, target: str) -> str:
        return f"{target} is {self.lookup}{self._sentence_end()}{condition_sentence(self.when)}."

    def derive(self, env: Environment) -> Derived:
        table, column = self._table(env)
        own, other, usable = self._groups(env, table)
        other = np.where(usable, other, -1)
        count = int(max(own.max(initial=-1), other.max(initial=-1))) + 1
        order = np.arange(table.n)
        picked = verbs.pick_per_group(other, count, order, "first")
        rows = np.where(own >= 0, picked[np.maximum(own, 0)], -1) if count else np.full(env.n, -1)
        repeated = np.zeros(count + 1, dtype=bool)
        repeated[other[verbs.later(other)]] = True
        if repeated.any():
            env.report(
                "R2A-JOIN-002",
                repeated[own] & (own >= 0),
                f"{table.name} has several rows for the key; the first was used",
                value="",
            )
        taken = self._taken(env, table, column, rows)
        return Derived(taken, (table, rows), (column,), choice=self._choice(env, table, column))


#: where a group begins, and below what it ends; None where it is open
Bounds = tuple[float | None, float | None]


def _shown(bounds: Sequence[float | None]) -> str:
    return "[" + ", ".join("null" if b is None else col.number_text(b) for b in bounds) + "]"


@register
class Cut(Derivation):
    """A group of a number: {"<65": [0, 65], ">=65": [65, null]}; the lower bound belongs to the group."""

    verb: ClassVar[str] = "cut"
    example = Example(
        rule="{cut: AGE, groups: {'<65': [0, 65], '>=65': [65, null]}}",
        rows={"SUBJ": ["01", "02", "03"], "AGE": ["64", "65", ""]},
        gives=["<65", ">=65", ""],
        dataset="ADSL",
        variable="AGEGR1",
        datasets={"DM": "AGE: AGE"},
    )

    kinds = MappingProxyType({"cut": "number"})

    cut: str = Field(description="The number.")
    groups: dict[str, tuple[float | None, ...]] = Field(description="Group to [from, below]; null is open.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "cut", self.cut

    def problems(self) -> Iterator[tuple[str, ...]]:
        for group, bounds in self.groups.items():
            if len(bounds) != 2:
                yield "groups", f"'{group}' needs two bounds, [from, below]", group
            elif bounds[0] is not None and bounds[1] is not None and bounds[0] >= bounds[1]:
                yield "groups", f"'{group}' holds no number: {_shown(bounds)} is from, below", group
        for (before, (_, end)), (group, (start, _)) in self._neighbours():
            if end is None or start is None or start < end:
                yield "groups", f"'{group}' and '{before}' overlap; a number may be in one group only", group

    def doubts(self) -> Iterator[tuple[str, ...]]:
        for (before, (_, end)), (group, (start, _)) in self._neighbours():
            if end is not None and start is not None and start > end:
                gap = f"from {col.number_text(end)} to below {col.number_text(start)}"
                yield "groups", f"no group has the numbers {gap}, between '{before}' and '{group}'", group

    def _neighbours(self) -> Iterator[tuple[tuple[str, Bounds], tuple[str, Bounds]]]:
        """Each group with the one before it, by where they start; none that holds no number."""
        there = [(g, (b[0], b[1])) for g, b in self.groups.items() if len(b) == 2]
        there = [(g, b) for g, b in there if b[0] is None or b[1] is None or b[0] < b[1]]
        there.sort(key=lambda entry: -np.inf if entry[1][0] is None else entry[1][0])
        yield from pairwise(there)

    def describe(self, target: str) -> str:
        parts = []
        for group, (low, high) in ((g, (b + (None, None))[:2]) for g, b in self.groups.items()):
            tests = [f"at least {col.number_text(low)}"] if low is not None else []
            tests += [f"below {col.number_text(high)}"] if high is not None else []
            parts.append(f"'{group}' if {self.cut} is {' and '.join(tests)}")
        return f"{target} is {'; '.join(parts)}."

    def derive(self, env: Environment) -> Derived:
        numbers = read_as_numbers(env, self.cut, "cut")
        codes = np.zeros(env.n, dtype="int32")
        for i, (low, high) in enumerate(self.groups.values(), start=1):
            inside = ~np.isnan(numbers)
            if low is not None:
                inside &= numbers >= low
            if high is not None:
                inside &= numbers < high
            codes[inside & (codes == 0)] = i
        return Derived(col.join_text(codes, ["", *self.groups]))

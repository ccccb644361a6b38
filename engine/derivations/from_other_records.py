"""Derivations that take a value from other records: the first or the last one with the same key.

Not for the only one or one between bounds (lookup.py), nor for counts and sums (totals.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...errors import nearest
from ...mappings.binding.bind import SpecModel
from ...mappings.expressions.expression import parse
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..accounts.cells import ALL_READ
from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..columns import verbs
from ..columns.iso_dates import days_of_text
from ..columns.moments import days_of_variable
from ..columns.ties import ties_of
from ..expressions.sentence import condition_sentence, plain
from ..readers.cell_readers import read_cells, reader
from ..tables.dataset import Choice
from ..tables.table import LiteralTable, RawSlice, Table
from .derivation import Derivation, Derived
from .environment import Environment
from .ordering import in_order, table_key, without_value
from .tie_findings import report_tie
from .units import RANKED, report_units_of_table, unit_of


class FromTable(Derivation):
    """Base: a value of another table, for the records' subjects or other keys."""

    where: Condition | None = Field(default=None, description="Only rows of the other table where this holds.")
    as_: Literal["date"] | None = Field(
        default=None, alias="as", description="date: an ISO 8601 text becomes a numeric date."
    )
    on: tuple[str, ...] | dict[str, str] = Field(
        default=("USUBJID",),
        description="Keys: names that both sides have, or column of the records to column of the table; by default the "
        "subject.",
    )

    def target_column(self) -> str:
        raise NotImplementedError(self.verb)  # each verb names its field

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days" if self.as_ == "date" else ""

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
        if self.as_ == "date" and env.variable is not None and not env.variable.is_numeric:
            message = f"as: date gives a number of days, and {env.target} is text: remove as: date"
            raise env.error(message, "as", "a variable of a dataset that a date: rule derives is ISO 8601")
        numeric = env.variable is not None and env.variable.is_numeric and self.as_ is None
        if numeric and isinstance(table, LiteralTable) and column and not col.is_number(table.column(found)):
            message = (
                f"{env.target} is a number, and {name}.{column} is text: list the column under numbers: of the table"
            )
            raise env.error(message, self.verb)
        return table, found

    def _groups(self, env: Environment, table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(code of each record, code of each row of the table, rows that may be used)."""
        pairs = env.key_pairs(self.on, table)
        for _, name in pairs:
            if not table.has(name):
                raise env.error(
                    f"{table.name} has no column '{name}', the key of the records", "on", nearest(name, table.names())
                )
        if not pairs:  # all rows belong to every record
            codes, row_codes = np.zeros(env.n, dtype="int64"), np.zeros(table.n, dtype="int64")
        elif pairs == [("USUBJID", "USUBJID")]:
            codes, row_codes = env.build.study.subject_codes(env.subject(), table.column("USUBJID"))
        else:
            keys = [env.subject() if a == "USUBJID" else env.column(a, "on") for a, _ in pairs]
            codes, row_codes = verbs.key_codes(keys, [table.column(b) for _, b in pairs])
        usable = row_codes >= 0
        if self.where is not None:
            here = np.isin(row_codes, codes[codes >= 0])
            usable = usable & env.condition_on(table, self.where, among=here)
        return codes, row_codes, usable

    def _account_used(self, env: Environment, table: Table, rows: np.ndarray, column: str = "") -> None:
        """Note in the accounts the rows of a raw source that were counted or added up, and their cells.

        ``rows``: mask over the table. ``column``: the column whose cells count, '' where the rows count.
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

    def _values_at(self, env: Environment, table: Table, column: str, rows: np.ndarray) -> pd.Series:
        """The values at these rows; with as: date, those of raw cells are read by the formats of their column."""
        values = col.take(table.column(column), rows)
        if self.as_ != "date":
            return values
        if col.is_number(values):
            return col.series(days_of_variable(values, column))
        found = read_cells("date", values, env.cells_on(table, column).take(rows), env.declarations)
        how, texts = reader("date"), col.objects(values)
        iso = col.join_text(found.codes, [str(how.value(r)) for r in found.readings])
        why = [how.refused(r, t) if t.strip() else "" for r, t in zip(found.readings, found.texts, strict=True)]
        reasons, dates = np.array(why, dtype=object)[found.codes], col.objects(iso)
        refused, picked = reasons.astype(bool), (table, rows)
        env.report("R2A-DATE-001", refused, reasons, column, texts, picked)
        days = days_of_text(iso)
        partial = np.isnan(days) & (dates != "")
        message = "a partial date: the numeric date is missing"
        env.report("R2A-ADAM-001", partial, message, column, texts, picked)
        env.note_unused(ALL_READ, ~col.missing(values) & (dates == "") & ~refused, CellOutcome.NO_VALUE)
        return col.series(days)

    def _choice(self, env: Environment, table: Table, column: str, order: tuple[str, ...] = ()) -> Choice:
        keys = tuple(env.key_pairs(self.on, table))
        return Choice(self.verb, table.name, column, keys, order, self.where or "")

    def columns_of_table(self) -> Iterator[tuple[SpecModel, str, str]]:
        """(model, field, name) of each further column of the table that the rule reads."""
        yield from ()

    def table_and_column(self) -> tuple[str, str]:
        """(table, column) of the values; the column '' where the rule reads none."""
        table, _, column = self.target_column().partition(".")
        return table, column

    def column_words(self, words: Wording) -> str:
        """The words for the column of the values."""
        return words.column_of(*self.table_and_column())

    def _ending(self, words: Wording) -> str:
        """The end of the sentence: which row of the table, and when the rule applies."""
        return f"{self._sentence_end(words)}{condition_sentence(self.when, words)}"

    def _sentence_end(self, words: Wording) -> str:
        of_table = words.of_table(self.table_and_column()[0])
        pairs = self.on.items() if isinstance(self.on, dict) else ((n, n) for n in self.on)
        keys = [words.name(a) if a == b else f"{words.name(a)} = {of_table.name(b)}" for a, b in pairs]
        same = "the same" if all(" " not in k or " = " in k for k in keys) else "the same value of"
        by = "of the subject" if keys == [words.name("USUBJID")] else f"with {same} {', '.join(keys)}"
        by = by if keys else ""
        return f" {by}".rstrip() + (f", among records where {plain(self.where, of_table)}" if self.where else "")


class Extreme(FromTable):
    """Base of first and last: the row that comes first or last within the key decides."""

    order: tuple[str, ...] = Field(default=(), description="Columns that order the rows; by default the value itself.")

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        return is_number(self.target_column())

    def derive(self, env: Environment) -> Derived:
        table, column = self._table(env)
        values = table.column(column)
        codes, row_codes, usable = self._groups(env, table)
        usable = usable & ~col.missing(values) & ~without_value(env, table, column, self._kind(env))
        names = self.order or (column,)
        usable &= ~self._in_several_units(env, table, names[0].lstrip("-"), np.where(usable, row_codes, -1), codes)
        typed = [table_key(env, table, n.lstrip("-"), self._kind(env) if n == column else "") for n in names]
        keys = in_order(typed, [n.startswith("-") for n in names], self.verb)
        ordered = verbs.order_rows(keys.keys)
        ordered = ordered[usable[ordered]]
        count = int(max(codes.max(initial=-1), row_codes.max(initial=-1))) + 1
        picked = verbs.pick_per_group(row_codes, count, ordered, self.verb)
        rows = np.where(codes >= 0, picked[np.maximum(codes, 0)], -1) if count else np.full(env.n, -1)
        choice = replace(self._choice(env, table, column, tuple(names)), kinds=tuple(k.kind for k in typed))
        for each in ties_of(np.where(usable, row_codes, -1), picked, keys):
            tie, differing = each.different({column: values})
            report_tie(env, table, rows, tie, ranked=", ".join(names), differing=differing, which=self.verb)
        return Derived(self._values_at(env, table, column, rows), (table, rows), (column,), choice=choice)

    def _in_several_units(
        self, env: Environment, table: Table, name: str, of_row: np.ndarray, codes: np.ndarray
    ) -> np.ndarray:
        """The rows of keys that a value in several units ranks; each key of a record has a finding."""
        unit = unit_of(None, env.study, table.name, table.has, name)
        if not unit:
            return np.zeros(table.n, dtype=bool)
        of_row = np.where(col.missing(table.column(name)), -1, of_row)
        message = f"{name} ranks records in several units: none is chosen"
        mixed = report_units_of_table(env, table, unit, of_row, codes, message, rule=RANKED)
        return np.isin(of_row, codes[mixed])

    def _sentence_end(self, words: Wording) -> str:
        by = f" by {words.of_table(self.table_and_column()[0]).order(self.order)}" if self.order else ""
        return f"{by}{super()._sentence_end(words)}"

    def _kind(self, env: Environment) -> str:
        """The kind as which the value itself is ordered, where the type of its column is not declared."""
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

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is the first {self.column_words(words)}{self._ending(words)}."


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

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is the last {self.column_words(words)}{self._ending(words)}."

"""Derivations that count or add up the records of another table: how many, how much, whether any.

Not for taking a value of one of them (from_other_records.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...errors import nearest
from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from ..columns import column as col
from ..columns import verbs
from ..expressions.sentence import condition_sentence
from ..readers.cell_readers import read_cells, reader
from ..tables.table import RawSlice, Table
from .derivation import Derived
from .environment import Environment
from .from_other_records import FromTable
from .numbers import NumberColumn, exact_numbers, number_column, shortened_numbers
from .ordering import TEXT, declared_kind, without_value
from .rows_within import WithinTable
from .units import report_units_of_table, unit_of


@register
class Count(WithinTable):
    """How many rows another table has with the same key."""

    verb: ClassVar[str] = "count"
    example = Example(
        rule="{count: line, where: not missing(DRUG), label: Number of Prior Lines}",
        rows={"SUBJ": ["01", "02"]},
        gives=["2", "0"],
        dataset="ADSL",
        variable="NLINES",
        sources={"line": {"SUBJ": ["01", "01", "01"], "DRUG": ["A", "B", ""]}},
    )

    count: str = Field(description="TABLE")
    distinct: str | None = Field(
        default=None, description="A column of the table: its different filled values are counted, not the rows."
    )

    def target_column(self) -> str:
        return self.count + "."

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from self.bounds()

    def gives(self) -> str:
        return "integer"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        table = words.table(self.count)
        what = (
            f"different values of {words.column_of(self.count, self.distinct)}"
            if self.distinct
            else f"records of {table}"
        )
        return f"{target} is the number of {what}{self._ending(words)}."

    def derive(self, env: Environment) -> Derived:
        table, _ = self._table(env)
        codes, row_codes, usable = self._groups(env, table)
        usable &= np.isin(row_codes, codes[codes >= 0])
        if self.distinct is not None:
            if not table.has(self.distinct):
                hint = nearest(self.distinct, table.names())
                raise env.error(f"{table.name} has no column '{self.distinct}'", "distinct", hint)
            usable &= ~without_value(env, table, self.distinct) & ~col.missing(table.column(self.distinct))
        counted = self.counted(env, table, codes, row_codes, usable)
        groups = counted.groups
        self._account_used(env, table, np.isin(np.arange(table.n), counted.rows), self.distinct or "")
        if self.distinct is not None:
            values = col.take(_by_meaning(env, table, self.distinct), counted.rows)
            groups = groups[first_of_value(values, groups, np.ones(len(groups), dtype=bool))]
        counts = np.append(np.bincount(groups, minlength=counted.count), 0)
        found = counts[counted.of_record].astype("float64")
        return Derived(pd.Series(found), choice=self.choice(env, table, ""))


@register
class AnyRow(WithinTable):
    """Y where another table has a row with the same key, else N; yes: and no: give other values.

    With none: a key of which the table has no row at all, whether where: holds or not, has that value.
    """

    verb: ClassVar[str] = "any"
    example = Example(
        rule="{any: dose, where: number(MG) > 0}",
        rows={"SUBJ": ["01", "02", "03"]},
        gives=["Y", "N", "N"],
        dataset="ADSL",
        variable="SAFFL",
        sources={"dose": {"SUBJ": ["01", "01", "02"], "MG": ["0", "700", "0"]}},
    )

    any: str = Field(description="TABLE")
    yes: str = Field(default="Y", description="Value where there is a row.")
    no: str = Field(default="N", description="Value where there is no row; '' for missing.")
    none: str | None = Field(
        default=None, description="Value where the table has no row of the key, for which where: holds or not."
    )

    def target_column(self) -> str:
        return self.any + "."

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from self.bounds()

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        no, table = quoted(self.no), words.table(self.any)
        none = "" if self.none is None else f"; {quoted(self.none)} if there is no record of {table} at all"
        end = f"{self._sentence_end(words)}, else {no}{none}{condition_sentence(self.when, words)}"
        return f"{target} is {quoted(self.yes)} if there is a record of {table}{end}."

    def derive(self, env: Environment) -> Derived:
        table, _ = self._table(env)
        codes, row_codes, usable = self._groups(env, table)
        usable &= np.isin(row_codes, codes[codes >= 0])
        counted = self.counted(env, table, codes, row_codes, usable)
        self._account_used(env, table, np.isin(np.arange(table.n), counted.rows))
        counts = np.append(np.bincount(counted.groups, minlength=counted.count), 0)
        found = (counts[counted.of_record] > 0).astype("int8")
        values = [self.no, self.yes]
        if self.none is not None:
            values.append(self.none)
            found[~np.isin(codes, row_codes[row_codes >= 0])] = 2
        return Derived(col.join_text(found, values), choice=self.choice(env, table, ""))


@register
class Total(FromTable):
    """The sum of a number over the rows of another table with the same key.

    With weights: the sum of the weights of the different values. Each value counts one time, as in a comorbidity index.
    A value without a weight is reported.
    """

    verb: ClassVar[str] = "total"
    example = Example(
        rule="{total: cond.ITEM, weights: {'1': 1, '14': 2}, label: Comorbidity Index}",
        rows={"SUBJ": ["01", "02"]},
        gives=["3", "0"],
        dataset="ADSL",
        variable="INDEX",
        sources={"cond": {"SUBJ": ["01", "01", "01", "02"], "ITEM": ["1", "14", "14", ""]}},
    )

    total: str = Field(description="TABLE.COLUMN")
    weights: dict[str, float] = Field(
        default_factory=dict, description="Value to its weight; each value counts one time."
    )
    unit: str | None = Field(
        default=None,
        description="Column of the table with the unit of each value; by default the one that the standard has for "
        "it, as EXDOSU of EXDOSE. Values in several units have no sum, with a finding; a missing unit is another one "
        "where unit: names it.",
    )

    def target_column(self) -> str:
        return self.total

    def gives(self) -> str:
        return "float"

    def reads_as(self, numeric: bool) -> Iterator[tuple[str, str]]:
        if not self.weights:
            yield self.total, "number"

    def columns_of_table(self) -> Iterator[tuple[SpecModel, str, str]]:
        if self.unit is not None:
            yield self, "unit", self.unit

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.unit is not None and self.weights:
            yield "unit", "unit: is for a sum of numbers; weights have none"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        if not self.weights:
            return f"{target} is the sum of {self.column_words(words)}{self._ending(words)}."
        by_weight: dict[float, list[str]] = {}
        for value, weight in self.weights.items():
            by_weight.setdefault(weight, []).append(f"'{value}'")
        weights = "; ".join(f"{col.number_text(w)} for {', '.join(values)}" for w, values in by_weight.items())
        return (
            f"{target} is the sum of the weights of the different values of {self.column_words(words)}"
            f"{self._sentence_end(words)}: {weights}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        table, column = self._table(env)
        codes, row_codes, usable = self._groups(env, table)
        values = table.column(column)
        usable = usable & ~col.missing(values) & np.isin(row_codes, codes[codes >= 0])
        read = None if col.is_number(values) else number_column(env, values, env.cells_on(table, column))
        if read is not None:
            usable = usable & ~read.absent[read.codes]
        counted = usable
        if self.weights:
            values = self._as_weighted(values, read)
            usable = first_of_value(values, row_codes, usable)
            numbers = self._weights(values)
            message = f"a value of {self.total} has no weight: it adds nothing"
        elif read is None:
            numbers, message = col.floats(values), ""
        else:
            numbers = exact_numbers(read)
            message = f"a value of {self.total} is no number: it adds nothing"
        odd = usable & np.isnan(numbers)
        if odd.any():
            env.report_on(table, "R2A-NUM-006", odd, message, column)
        if read is not None and not self.weights:
            shortened = shortened_numbers(read)
            env.report_on(table, "R2A-NUM-007", usable & shortened.astype(bool), shortened, column)
        self._account_used(env, table, counted, column)
        usable = usable & ~odd
        sums = np.bincount(row_codes[usable], weights=numbers[usable], minlength=int(codes.max(initial=0)) + 1)
        found = np.where(codes >= 0, sums[np.maximum(codes, 0)], 0.0)
        unit = unit_of(self.unit, env.study, table.name, table.has, column)
        if unit and not self.weights:
            of_row = np.where(usable, row_codes, -1)
            message = "the values are in several units: no sum of them"
            found = np.where(report_units_of_table(env, table, unit, of_row, codes, message), np.nan, found)
        return Derived(pd.Series(found), choice=self._choice(env, table, column))

    def _as_weighted(self, values: pd.Series, read: NumberColumn | None) -> pd.Series:
        """The values as weights: has them; a number matches in every notation, so 1,0 is 1."""
        if read is None:
            return col.as_text(values)
        pairs = zip(read.texts, read.readings, strict=True)
        by_number = [(t, r.plain if r.value is not None and not r.sign else "") for t, r in pairs]
        texts = [n if n in self.weights and t not in self.weights else t for t, n in by_number]
        return col.join_text(read.codes, texts)

    def _weights(self, values: pd.Series) -> np.ndarray:
        """What each value adds; NaN for one that weights: does not have."""
        codes, texts = col.split_text(values)
        known = np.array([self.weights.get(str(t), np.nan) for t in texts], dtype="float64")
        return known[codes] if len(texts) else np.zeros(0)


def first_of_value(values: pd.Series, groups: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Of the usable rows, the first of each filled value within its group."""
    codes, texts = col.split_text(col.as_text(values))
    filled = np.array([bool(str(t).strip()) for t in texts], dtype=bool)
    usable = usable & filled[codes] if len(texts) else usable & False
    at = np.flatnonzero(usable)
    pairs, _ = col.combined([(groups[at], int(groups.max(initial=0)) + 1), (codes[at], max(len(texts), 1))], len(at))
    out = np.zeros(len(usable), dtype=bool)
    out[np.delete(at, verbs.later(pairs))] = True
    return out


def _by_meaning(env: Environment, table: Table, column: str) -> pd.Series:
    """A column as text in which two spellings of one number or date, as it is declared, are one text.

    A cell that cannot be read as its column is declared stays a text. So does a number with more digits than a value
    of SDTM or ADaM has.
    """
    values = table.column(column)
    kind = ""
    if isinstance(table, RawSlice):
        name = table.in_file(column) or column
        kind = declared_kind(env.build.study.kinds, env.declarations, table.name, name)
    if kind in ("", TEXT) or col.is_number(values):
        return values
    how = reader(kind)
    found = read_cells(kind, values, env.cells_on(table, column), env.declarations)
    read = [how.value(r) for r in found.readings]
    texts = [
        t if v == "" or v != v or how.shortened(r) else v if isinstance(v, str) else col.number_text(v)
        for v, r, t in zip(read, found.readings, found.texts, strict=True)
    ]
    return col.join_text(found.codes, texts)

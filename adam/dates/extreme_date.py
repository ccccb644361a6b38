"""The latest or earliest of the dates of several datasets, and from which record it is: the last day known alive.

Not for the first date after imputing several (first_imputed.py), nor for time to event (adam/time_to_event/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import periods
from ...engine.columns.moments import unit_of
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import condition_sentence, plain
from ...engine.readers.cell_readers import read_cells, reader
from ...engine.tables.raw_cells import RawCells
from ...engine.tables.table import Table
from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording

_DAY = 86_400


class DateSource(SpecModel):
    """Dates of one column: of all records of the subject in a dataset, or of the record itself."""

    date: str = Field(description="TABLE.COLUMN, or a variable of the record: a numeric date, or one in ISO 8601.")
    where: Condition | None = Field(default=None, description="Only records of the table where this holds.")
    partial: Literal["exclude", "first", "last"] = Field(
        default="exclude", description="A partial date does not count, or is the first or last day that it can mean."
    )

    def place(self) -> tuple[str, str]:
        """(table, column); the table '' for a variable of the record."""
        table, dot, column = self.date.partition(".")
        return (table, column) if dot else ("", table)


@dataclass(frozen=True)
class Chosen:
    """For each record: its day, the number of the source that has it (-1: none), and the row of its table."""

    days: np.ndarray
    source: np.ndarray
    row: np.ndarray


class ExtremeDate(Derivation):
    """Base of latest and earliest: the date of several sources that comes last or first."""

    def sources(self) -> tuple[DateSource, ...]:
        raise NotImplementedError(self.verb)  # each verb names its field

    def reads(self) -> Iterator[tuple[str, str]]:
        for source in self.sources():
            yield self.verb, source.date

    def reads_as(self, numeric: bool) -> Iterator[tuple[str, str]]:
        del numeric
        yield from ((source.date, "date") for source in self.sources())

    def table_conditions(self) -> Iterator[tuple[SpecModel, str, str, str]]:
        for source in self.sources():
            if source.where is not None:
                yield source, "where", source.where, source.place()[0]

    def problems(self) -> Iterator[tuple[str, ...]]:
        if not self.sources():
            yield self.verb, f"{self.verb}: needs at least one date"
        for source in self.sources():
            if source.where is not None and not source.place()[0]:
                yield self.verb, f"where: is for records of a table, and {source.date} is a variable of the record"

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days"

    def gives(self) -> str:
        return "integer"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        parts = []
        for source in self.sources():
            table, column = source.place()
            name = words.column_of(table, column) if table else words.name(column)
            where = f" where {plain(source.where, words.of_table(table))}" if source.where else ""
            partial = "" if source.partial == "exclude" else f" (the {source.partial} day of a partial date)"
            parts.append(f"{name}{partial}{where}")
        listed = "; ".join(parts)
        return f"{target} is the {self.verb} date of the subject among {listed}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        days = self.chosen(env).days
        for one in self.sources():
            if one.partial == "exclude" and one.place()[0]:
                self._report_excluded(env, one, days)
        return Derived(pd.Series(days))

    def _report_excluded(self, env: Environment, one: DateSource, days: np.ndarray) -> None:
        """A finding for each record with a partial date that does not count and lies beyond its date for certain."""
        name, column = one.place()
        table = env.table(name)
        found = table.qualified(column) or column
        first, last = _possible(env, table.column(found), env.cells_on(table, found))
        partial = (first < last) & np.isfinite(first) & np.isfinite(last)
        if not partial.any():
            return
        codes, row_codes = env.build.study.subject_codes(env.subject(), table.column("USUBJID"))
        usable = partial & (row_codes >= 0)
        if one.where is not None:
            usable &= env.condition_on(table, one.where, among=np.isin(row_codes, codes[codes >= 0]))
        latest = self.verb == "latest"
        bound = first if latest else last
        rows = np.flatnonzero(usable)
        rows = rows[np.argsort(-bound[rows] if latest else bound[rows], kind="stable")]
        count = int(max(codes.max(initial=-1), row_codes.max(initial=-1))) + 1
        picked = np.append(verbs.pick_per_group(row_codes, count, rows, "first"), -1)
        row = np.where(codes >= 0, picked[codes], -1)
        its = np.append(bound, np.nan)[row]
        beyond = (its > days) if latest else (its < days)
        side = "after" if latest else "before"
        message = f"a partial date of {one.date} lies {side} the {self.verb} date for certain: it does not count"
        shown = col.objects(col.as_text(col.take(table.column(found), row)))
        env.report("R2A-EVENT-003", beyond, message, column, shown, (table, row))

    def chosen(self, env: Environment) -> Chosen:
        """The date of each record. Of equal dates that of the source named first counts, then the first row."""
        days, source, row = np.full(env.n, np.nan), np.full(env.n, -1), np.full(env.n, -1)
        for number, one in enumerate(self.sources()):
            its_days, its_row = self._of_source(env, one)
            better = its_days > days if self.verb == "latest" else its_days < days
            better = ~np.isnan(its_days) & (better | np.isnan(days))
            days, source = np.where(better, its_days, days), np.where(better, number, source)
            row = np.where(better, its_row, row)
        return Chosen(days, source, row)

    def _of_source(self, env: Environment, one: DateSource) -> tuple[np.ndarray, np.ndarray]:
        table_name, column = one.place()
        if not table_name:
            values = env.column(column, self.verb)
            return _days(env, values, column, env.raw_cells(column), one.partial), np.full(env.n, -1)
        table = env.table(table_name)
        found = table.qualified(column)
        if found is None or not table.has_subject:
            raise env.error(f"'{one.date}' is no column of a table with subjects", self.verb)
        days = _days(env, table.column(found), column, env.cells_on(table, found), one.partial)
        codes, row_codes = env.build.study.subject_codes(env.subject(), table.column("USUBJID"))
        usable = ~np.isnan(days) & (row_codes >= 0)
        if one.where is not None:
            usable &= env.condition_on(table, one.where, among=np.isin(row_codes, codes[codes >= 0]))
        rows = np.flatnonzero(usable)
        rows = rows[np.argsort(-days[rows] if self.verb == "latest" else days[rows], kind="stable")]
        count = int(max(codes.max(initial=-1), row_codes.max(initial=-1))) + 1
        picked = np.append(verbs.pick_per_group(row_codes, count, rows, "first"), -1)
        row = np.where(codes >= 0, picked[codes], -1)
        env.build.study.refer(table, row)
        return np.where(row >= 0, np.append(days, np.nan)[row], np.nan), row


def _days(env: Environment, values: pd.Series, name: str, cells: RawCells, partial: str) -> np.ndarray:
    """Dates as days since 1960-01-01: raw cells by their formats, datetimes by their day."""
    if col.is_number(values):
        numbers = np.asarray(values, dtype="float64")
        return np.floor(numbers / _DAY) if unit_of(name) == "seconds" else numbers
    first, last = _possible(env, values, cells)
    days = {"exclude": np.where(first == last, first, np.nan), "first": first, "last": last}[partial]
    return np.where(np.isfinite(days), days, np.nan)


def _possible(env: Environment, values: pd.Series, cells: RawCells) -> tuple[np.ndarray, np.ndarray]:
    """First and last day that each date can mean: raw cells by their formats."""
    if not cells.none and not col.is_number(values):
        found, how = read_cells("date", values, cells, env.declarations), reader("date")
        values = col.join_text(found.codes, [str(how.value(r)) for r in found.readings])
    return periods(values)


@register
class Latest(ExtremeDate):
    """The latest date of the subject in several datasets and variables, as the last day known alive (LSTALVDT).

    Of equal dates that of the source named first counts. date_source: gives the dataset, variable and number of the
    record from which it is.
    """

    verb: ClassVar[str] = "latest"
    example = Example(
        rule="{latest: [{date: AE.AESTDTC}, {date: TRTEDT}]}",
        rows={"SUBJ": ["01", "02", "03"], "END": ["1960-01-05", "1960-01-07", ""]},
        gives=["8", "6", ""],
        dataset="ADSL",
        variable="LSTALVDT",
        setting="TRTEDT: {analysis_date: RFENDTC}",
        sources={"ae": {"SUBJ": ["01", "01", "02"], "DAY": ["1960-01-09", "1960-02", "1960-01-02"]}},
        datasets={"DM": "RFENDTC: {date: END}", "AE": "AESTDTC: {date: DAY}"},
    )

    latest: tuple[DateSource, ...] = Field(description="The dates.")

    def sources(self) -> tuple[DateSource, ...]:
        return self.latest


@register
class Earliest(ExtremeDate):
    """The earliest date of the subject in several datasets and variables; see latest."""

    verb: ClassVar[str] = "earliest"
    example = Example(
        rule="{earliest: [{date: AE.AESTDTC, where: AETERM == 'Rash'}, {date: TRTEDT}], label: First Date}",
        rows={"SUBJ": ["01", "02"], "END": ["1960-01-05", "1960-01-07"]},
        gives=["1", "6"],
        dataset="ADSL",
        variable="FIRSTDT",
        setting="TRTEDT: {analysis_date: RFENDTC}",
        sources={"ae": {"SUBJ": ["01", "02"], "DAY": ["1960-01-02", "1960-01-02"], "TERM": ["Rash", "Fever"]}},
        datasets={"DM": "RFENDTC: {date: END}", "AE": "AESTDTC: {date: DAY}\nAETERM: TERM"},
    )

    earliest: tuple[DateSource, ...] = Field(description="The dates.")

    def sources(self) -> tuple[DateSource, ...]:
        return self.earliest


@register
class DateSourceOf(Derivation):
    """From which record a date of latest: or earliest: is: the dataset, the variable, or a column such as --SEQ."""

    verb: ClassVar[str] = "date_source"
    example = Example(
        rule="{date_source: LSTALVDT, give: dataset, label: Dataset of the Last Day Alive}",
        rows={"SUBJ": ["01", "02", "03"], "END": ["1960-01-05", "1960-01-07", ""]},
        gives=["AE", "ADSL", ""],
        dataset="ADSL",
        variable="LALVDOM",
        setting="TRTEDT: {analysis_date: RFENDTC}\nLSTALVDT: {latest: [{date: AE.AESTDTC}, {date: TRTEDT}]}",
        sources={"ae": {"SUBJ": ["01", "01", "02"], "DAY": ["1960-01-09", "1960-02", "1960-01-02"]}},
        datasets={"DM": "RFENDTC: {date: END}", "AE": "AESTDTC: {date: DAY}"},
    )

    date_source: str = Field(description="The variable that latest: or earliest: derives.")
    give: Literal["dataset", "variable", "sequence"] = Field(
        default="dataset", description="The output; sequence: --SEQ or ASEQ of the record, missing where there is none."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "date_source", self.date_source

    def gives(self) -> str:
        return "integer" if self.give == "sequence" else ""

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        what = {"dataset": "dataset", "variable": "variable", "sequence": "sequence number of the record"}[self.give]
        date = words.name(self.date_source)
        return f"{target} is the {what} that {date} is from{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        planned = env.build.planned.every[self.date_source]
        rule = planned.rule_in(env.block or 0)
        if not isinstance(rule, ExtremeDate):
            raise env.error(f"the rule of {self.date_source} is not latest: or earliest:", "date_source")
        found = rule.chosen(env)
        source = np.where(np.isnan(np.asarray(env.column(self.date_source, "date_source"))), -1, found.source)
        places = [one.place() for one in rule.sources()]
        if self.give != "sequence":
            texts = [(t or env.dataset) if self.give == "dataset" else c for t, c in places]
            return Derived(col.join_text(source, [*texts, ""]))
        numbers = np.full(env.n, np.nan)
        for number, (name, _) in enumerate(places):
            here = source == number
            if name:
                numbers = np.where(here, _sequence(env.table(name), found.row), numbers)
        return Derived(pd.Series(numbers))


def _sequence(table: Table, rows: np.ndarray) -> np.ndarray:
    """The sequence number of rows of a dataset; NaN where it has none."""
    name = next((n for n in (f"{table.name}SEQ", "ASEQ") if table.has(n)), None)
    if name is None:
        return np.full(len(rows), np.nan)
    return col.to_number(col.take(table.column(name), rows))[0]

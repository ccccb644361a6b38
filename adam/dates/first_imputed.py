"""The first of several dates of another table, each imputed before they are compared, and other columns of its record.

Not for the imputation of a date (imputation.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.ties import Tie, tie_of
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.from_other_records import FromTable
from ...engine.derivations.tie_findings import report_tie
from ...engine.expressions.sentence import condition_sentence
from ...engine.tables.dataset import Choice
from ...errors import nearest
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from .imputation import Imputation, Imputed, imputation_of
from .partial_dates import UNREADABLE, Possible, possible


@register
class FirstImputed(Imputation, FromTable):
    """The first date of a column of another table within the subject, after missing parts are imputed as by impute.

    The references are names of the records. Of equal dates the one with fewer imputed parts counts, then the first
    row by all its values. A date that cannot be imputed is excluded, with a finding.
    """

    verb: ClassVar[str] = "first_imputed"
    example = Example(
        rule="{first_imputed: CM.CMSTDTC, where: \"CMTRT == 'A'\", highest: day, not_before: [TRTEDT], label: Next}",
        rows={"SUBJ": ["01", "02", "03"], "LAST": ["1960-01-11", "1960-02-11", "1960-01-11"]},
        gives=["20", "41", ""],
        dataset="ADSL",
        variable="NACTDT",
        setting="TRTEDT: {analysis_date: RFENDTC}",
        sources={
            "cm": {
                "SUBJ": ["01", "01", "02", "03", "03"],
                "DRUG": ["A", "A", "A", "A", "B"],
                "DAY": ["1960-02", "1960-01-21", "1960-02", "1960", "1960-03-01"],
            }
        },
        datasets={"DM": "RFENDTC: {date: LAST}", "CM": "CMTRT: DRUG\nCMSTDTC: {date: DAY}"},
    )

    first_imputed: str = Field(description="TABLE.COLUMN, a --DTC variable.")

    def column_name(self) -> str:
        return self.first_imputed

    def target_column(self) -> str:
        return self.first_imputed

    def column_words(self, words: Wording) -> str:
        return words.column_of(*self.table_and_column())

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from super().problems()
        if self.as_ is not None:
            yield "as", "first_imputed always gives a numeric date; remove as:"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{self._sentence(target, words)}; the first{self._ending(words)}."

    def imputed(self, env: Environment, *, report: bool = False) -> Imputed:
        table, column = self._table(env)
        record_groups, row_groups, usable = self._groups(env, table)
        rows = np.flatnonzero(usable & ~col.missing(table.column(column)))
        match = verbs.match_rows([_keys(record_groups)], [_keys(row_groups[rows])], "one-to-many")
        pairs = np.flatnonzero(match.right >= 0)
        record, at = match.left[pairs], rows[match.right[pairs]]
        texts = col.take(table.column(column), at)
        read = possible(texts, self.to, self.time)
        limits = self._limits(env)
        values = self._within(read, *([limit.take(record) for limit in side] for side in limits))
        good = self._usable(read) & np.isfinite(values)
        order = verbs.order_rows([record, np.where(good, values, np.inf), read.level.astype("int64"), at])
        best = verbs.pick_per_group(np.where(good, record, -1), env.n, order, "first")
        has = np.flatnonzero(best >= 0)
        won = best[has]
        dates, level = np.full(env.n, np.nan), np.zeros(env.n, dtype="int8")
        picked = np.full(env.n, -1)
        dates[has], level[has], picked[has] = values[won], read.level[won], at[won]
        if report:
            self._report_excluded(env, record, good, texts)
            self._report(env, _spread(read.take(won), has, env.n), *limits, col.take(texts, best))
        pairs_tie = tie_of(np.where(good, record, -1), best, [values, read.level])
        return Imputed(dates, level, (table, picked), Tie(at[pairs_tie.rows], at[pairs_tie.chosen]))

    def _report_excluded(self, env: Environment, record: np.ndarray, good: np.ndarray, texts: pd.Series) -> None:
        """A finding for each record with dates that cannot be imputed, with the first of them."""
        bad = np.flatnonzero(~good)
        value = np.full(env.n, "", dtype=object)
        value[record[bad][::-1]] = col.objects(texts)[bad][::-1]
        where = np.zeros(env.n, dtype=bool)
        where[record[bad]] = True
        message = f"a date of {self.first_imputed} cannot be imputed and is excluded, though it may be the first"
        env.report("R2A-ADAM-001", where, message, "", value)

    def derive(self, env: Environment) -> Derived:
        found = self.imputed(env, report=True)
        choice = self.chosen(env)
        return Derived(pd.Series(found.values), found.picked, (choice.column,), choice=choice)

    def chosen(self, env: Environment) -> Choice:
        """The choice of the record of the table, for the trace."""
        return self._choice(env, *self._table(env))


@register
class OfRecord(Derivation):
    """Another column of the record whose date first_imputed: chose; missing without a date.

    So a date, its sequence number and its reason are of one record. Records of the date that differ in the column are a
    tie, and a finding.
    """

    verb: ClassVar[str] = "of_record"
    example = Example(
        rule="{of_record: NACTDT, column: CMTRT, type: text, label: Next}",
        rows={"SUBJ": ["01", "02"], "LAST": ["1960-02-11", "1960-01-11"]},
        gives=["B", ""],
        dataset="ADSL",
        variable="NEXTTRT",
        setting="TRTEDT: {analysis_date: RFENDTC}\n"
        "NACTDT: {first_imputed: CM.CMSTDTC, highest: day, not_before: [TRTEDT], label: Next Date}",
        sources={"cm": {"SUBJ": ["01", "01"], "DRUG": ["A", "B"], "DAY": ["1960-02", "1960-02-05"]}},
        datasets={"DM": "RFENDTC: {date: LAST}", "CM": "CMTRT: DRUG\nCMSTDTC: {date: DAY}"},
    )

    of_record: str = Field(description="The variable that first_imputed: derives.")
    column: str = Field(description="A column of its table.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "of_record", self.of_record

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        source = words.name(self.of_record)
        column = words.of_table(words.table_of(self.of_record)).name(self.column)
        return f"{target} is {column} of the record that gave {source}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        rule = imputation_of(env, self.of_record, FirstImputed, "first_imputed:", "of_record")
        if rule is None:  # no date in this block
            numeric = env.variable is not None and env.variable.is_numeric
            return Derived(pd.Series(np.full(env.n, np.nan)) if numeric else col.constant("", env.n))
        found = rule.imputed(env)
        assert found.picked is not None and found.tie is not None
        table, at = found.picked
        if not table.has(self.column):
            message = f"{table.name} has no column '{self.column}'"
            raise env.error(message, "column", nearest(self.column, table.names()))
        column = table.column(self.column)
        # records that differ only in their number are no tie
        compared = not self.column.endswith(("SEQ", "SPID"))
        tie, differing = found.tie.different({self.column: column} if compared else {})
        report_tie(env, table, at, tie, ranked=f"the date of {self.of_record}", differing=differing, which="first")
        values = col.take(column, at)
        return Derived(values, found.picked, (self.column,), choice=rule.chosen(env))


def _keys(codes: np.ndarray) -> pd.Series:
    """Group codes as a key column; a missing key is NaN."""
    return pd.Series(np.where(codes < 0, np.nan, codes.astype("float64")))


def _spread(read: Possible, at: np.ndarray, n: int) -> Possible:
    """The possible moments of the chosen dates, for all ``n`` records; no date where none was chosen."""

    def over(values: np.ndarray, fill: float) -> np.ndarray:
        out = np.full(n, fill, dtype=values.dtype)
        out[at] = values
        return out

    bounds = (over(a, np.nan) for a in (read.low, read.high, read.base))
    return Possible(*bounds, over(read.level, UNREADABLE), over(read.unused, False))

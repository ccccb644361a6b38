"""Statistics: the mean, the median, the standard deviation ... of the records of another table or of a group.

Not for the sum over another table with weights, nor for counting its records (totals.py), nor for the numbers
themselves (engine/columns/group_statistics.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..columns import verbs
from ..columns.group_statistics import Groups, running, statistic
from ..columns.ties import neighbours_by_dates
from ..expressions.sentence import condition_sentence, plain
from .derivation import Derivation, Derived
from .environment import Environment
from .numbers import exact_numbers, number_column, read_as_numbers, shortened_numbers
from .ranked_groups import GroupedBy, RankedBy
from .rows_within import WithinTable
from .sequence import shared_places
from .units import report_units_of_records, report_units_of_table, unit_of, unit_of_records

Name = Literal[
    "mean", "median", "sd", "variance", "se", "cv", "min", "max", "range", "sum", "count", "geometric_mean",
    "geometric_cv", "quantile",
]  # fmt: skip
_WORDS = {
    "mean": "mean", "median": "median", "sd": "standard deviation (n - 1)", "variance": "variance (n - 1)",
    "se": "standard error of the mean", "cv": "coefficient of variation in percent", "min": "smallest value",
    "max": "largest value", "range": "range (largest minus smallest value)", "sum": "sum",
    "count": "number of filled values", "geometric_mean": "geometric mean",
    "geometric_cv": "geometric coefficient of variation in percent",
}  # fmt: skip
_DEFINITIONS = {"r7": "type 7 of R", **{f"sas{n}": f"PCTLDEF={n} of SAS" for n in range(1, 6)}}
_LOGARITHM = ("geometric_mean", "geometric_cv")
_RUNNING = ("count", "sum", "mean", "min", "max")


class _Statistic(SpecModel):
    """What both rules have: which statistic, and of how many values at least."""

    of: Name = Field(description="The statistic; sd and variance divide by n - 1.")
    quantile: float | None = Field(default=None, description="of: quantile: its share, such as 0.25.", gt=0, lt=1)
    definition: Literal["sas1", "sas2", "sas3", "sas4", "sas5", "r7"] = Field(
        default="sas5",
        description="The definition of a quantile: sas1 to sas5 are PCTLDEF 1 to 5 of SAS, r7 is type 7 of R.",
    )
    least: int = Field(default=1, description="A group with fewer filled values gives missing.", ge=1)
    unit: str | None = Field(
        default=None,
        description="The variable with the unit of each value; by default the one that the standard has for it, as "
        "VSSTRESU of VSSTRESN. Values in several units give missing, with a finding; a missing unit is another one "
        "where unit: names it.",
    )

    def mistakes(self) -> Iterator[tuple[str, str]]:
        if self.of == "quantile" and self.quantile is None:
            yield "of", "quantile: needs the share, such as quantile: 0.25"
        elif self.of != "quantile" and self.quantile is not None:
            yield "quantile", "quantile: is for of: quantile"

    def words(self) -> str:
        share = (
            ""
            if self.quantile is None
            else f"{col.number_text(self.quantile)} quantile ({_DEFINITIONS[self.definition]})"
        )
        least = f", if there are at least {self.least} values" if self.least > 1 else ""
        return f"{_WORDS.get(self.of, share)}{least}"

    def of_groups(self, numbers: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
        """The statistic of each group; missing for a group of too few values."""
        grouped = Groups(numbers, groups, count)
        found = statistic(grouped, self.of, self.quantile, self.definition)
        return found if self.of == "count" else np.where(grouped.n >= self.least, found, np.nan)

    def several_units(self) -> str:
        return f"the values are in several units: no {self.words()} of them"

    def without_logarithm(self, numbers: np.ndarray) -> np.ndarray:
        """Where a number makes a geometric mean of its group impossible."""
        return (numbers <= 0) & (self.of in _LOGARITHM)


@register
class Statistic(WithinTable, _Statistic):
    """A statistic of a number over the rows of another table with the same key, such as a mean or a quantile.

    Missing values do not count. Without a value the result is missing, and the count is 0. A number of 0 or below
    has no logarithm: the geometric mean of its key is missing, with a finding. Results have 12 significant digits.
    """

    verb: ClassVar[str] = "statistic"
    example = Example(
        rule="{statistic: vs.KG, of: median, where: \"TEST == 'WEIGHT'\", label: Median Weight}",
        rows={"SUBJ": ["01", "02", "03"]},
        gives=["71", "66.5", ""],
        dataset="ADSL",
        variable="MEDWT",
        sources={
            "vs": {
                "SUBJ": ["01", "01", "01", "01", "02", "02", "02"],
                "TEST": ["WEIGHT", "WEIGHT", "WEIGHT", "HEIGHT", "WEIGHT", "WEIGHT", "WEIGHT"],
                "KG": ["70", "74", "71", "180", "66", "", "67"],
            }
        },
    )

    statistic: str = Field(description="TABLE.COLUMN")

    def target_column(self) -> str:
        return self.statistic

    def gives(self) -> str:
        return "integer" if self.of == "count" else "float"

    def columns_of_table(self) -> Iterator[tuple[SpecModel, str, str]]:
        yield from super().columns_of_table()
        if self.unit is not None:
            yield self, "unit", self.unit

    def problems(self) -> Iterator[tuple[str, ...]]:
        yield from super().problems()
        yield from self.mistakes()
        if self.as_ is not None:
            yield "as", "statistic: is of numbers; first: and last: give the earliest or latest date"

    def reads_as(self, numeric: bool) -> Iterator[tuple[str, str]]:
        yield self.statistic, "number"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is the {self.words()} of {self.column_words(words)}{self._ending(words)}."

    def derive(self, env: Environment) -> Derived:
        table, column = self._table(env)
        codes, row_codes, usable = self._groups(env, table)
        values = table.column(column)
        usable = usable & ~col.missing(values) & np.isin(row_codes, codes[codes >= 0])
        if col.is_number(values):
            numbers = col.floats(values)
        else:
            read = number_column(env, values, env.cells_on(table, column))
            usable = usable & ~read.absent[read.codes]
            numbers, shortened = exact_numbers(read), shortened_numbers(read)
            message = f"a value of {self.statistic} is no number: it does not count"
            env.report_on(table, "R2A-NUM-006", usable & np.isnan(numbers), message, column)
            env.report_on(table, "R2A-NUM-007", usable & shortened.astype(bool), shortened, column)
        message = f"the {self.words()} of numbers of 0 or below is not defined: it is missing"
        env.report_on(table, "R2A-STAT-001", usable & self.without_logarithm(numbers), message, column)
        counted = self.counted(env, table, codes, row_codes, usable)
        self._account_used(env, table, np.isin(np.arange(table.n), counted.rows), column)
        of_groups = self.of_groups(numbers[counted.rows], counted.groups, counted.count)
        found = np.append(of_groups, np.nan)[counted.of_record]
        of_row = np.where(usable, row_codes, -1)
        unit = unit_of(self.unit, env.study, table.name, table.has, column)
        if unit and self.of != "count":
            mixed = report_units_of_table(env, table, unit, of_row, codes, self.several_units())
            found = np.where(mixed, np.nan, found)
        none = 0.0 if self.of == "count" else np.nan
        return Derived(pd.Series(np.where(codes < 0, none, found)), choice=self.choice(env, table, column))


@register
class GroupStatistic(Derivation, _Statistic, GroupedBy, RankedBy):
    """A statistic of a number over the records of the group of each record, or over those up to it in an order.

    Every record of the group gets it. over: before counts the records that rank before the record, as the smallest
    value before it (nadir); over: up_to counts those that rank like it too, as a cumulative dose. Records that rank
    alike count together, so there is no tie. Missing values do not count, and a record without a value of by: is in
    no group. Results have 12 significant digits.
    """

    verb: ClassVar[str] = "group_statistic"
    whole = True
    example = Example(
        rule="{group_statistic: EXDOSE, of: sum, by: [USUBJID], order: [EXSTDTC], over: up_to, label: Cumulative}",
        rows={"DAY": ["2020-03-15", "2020-03-01", "2020-03-29", "2020-04-12"], "MG": ["100", "80", "", "120"]},
        gives=["180", "80", "180", "300"],
        dataset="EX",
        variable="CUMDOSE",
        setting="EXSTDTC: {date: DAY}\nEXDOSE: MG",
    )

    group_statistic: str = Field(description="The number, a variable of the dataset.")
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    where: Condition | None = Field(default=None, description="Only the values of records where this holds count.")
    order: tuple[str, ...] = Field(
        default=(),
        description="For over: before and up_to: variables that order the group; - before a name: descending.",
    )
    over: Literal["group", "before", "up_to"] = Field(
        default="group", description="Which records count: all of the group, those before the record, or also itself."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "group_statistic", self.group_statistic
        for name in self.by:
            yield "by", name
        for name in self.order:
            yield "order", name.lstrip("-")
        if self.unit is not None:
            yield "unit", self.unit

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.where is not None:
            yield "where", self.where

    def gives(self) -> str:
        return "integer" if self.of == "count" else "float"

    def problems(self) -> Iterator[tuple[str, ...]]:
        yield from self.mistakes()
        if (self.over == "group") == bool(self.order):
            yield "order", "order: and over: (before or up_to) belong together"
        if self.over != "group" and self.of not in _RUNNING:
            yield "of", f"over: {self.over} is for {', '.join(_RUNNING)}"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        by = f"the records with the same {words.names(self.by)}"
        where = f" where {plain(self.where, words)}" if self.where else ""
        upto = {"group": "", "before": " before the record", "up_to": " up to the record"}[self.over]
        order = f" by {words.order(self.order)}{self.ranked()}" if self.order else ""
        what = f"the {self.words()} of {words.name(self.group_statistic)}"
        return f"{target} is {what} over {by}{where}{upto}{order}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        numbers = read_as_numbers(env, self.group_statistic, "group_statistic")
        groups = self.groups(env, self.by)
        if self.where is not None:
            numbers = np.where(env.condition(self.where, "where"), numbers, np.nan)
        message = f"the {self.words()} of numbers of 0 or below is not defined: it is missing"
        bad = self.without_logarithm(numbers) & (groups >= 0)
        env.report("R2A-STAT-001", bad, message, self.group_statistic)
        numbers = np.where(self._in_several_units(env, numbers, groups), np.nan, numbers)
        if self.over == "group":
            count = int(groups.max(initial=-1)) + 1
            of_group = np.append(self.of_groups(numbers, groups, count), np.nan)
            return Derived(pd.Series(of_group[groups]))
        ranks = self.ranks(env, self.order)
        keys = [groups, *ranks.keys]
        order = verbs.order_rows(keys)
        for tie in neighbours_by_dates(order, np.where(np.isnan(numbers), -1, groups), ranks):
            env.build.note_flag_tie(env, tie, ", ".join(self.order), "order")
        places = shared_places(keys, order)
        inclusive = self.over == "up_to"
        found = running(numbers, groups, places, self.of, inclusive)
        if self.least > 1 and self.of != "count":
            counts = running(numbers, groups, places, "count", inclusive)
            found = np.where(counts >= self.least, found, np.nan)
        return Derived(pd.Series(found))

    def _in_several_units(self, env: Environment, numbers: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """The records of groups whose values are in several units, each group with a finding."""
        unit = unit_of_records(env, self.unit, self.group_statistic)
        if not unit or self.of == "count":
            return np.zeros(env.n, dtype=bool)
        of_row = np.where(np.isnan(numbers), -1, groups)
        count = int(groups.max(initial=-1)) + 1
        mixed = report_units_of_records(env, unit, of_row, count, self.several_units())
        return np.append(mixed, False)[groups]

"""The step ``summary``: one record for each group of records, with the mean, the sum, the lowest value ... of them.

Not for a statistic in a variable of each record (engine/derivations/statistic.py) nor for taking one of the records
(extreme.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.group_statistics import Groups as NumberGroups
from ...engine.columns.group_statistics import statistic
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.derivations.units import report_units_of_records, unit_of_records
from ...engine.expressions.sentence import plain
from ...engine.tables.dataset import Choice
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .groups import DERIVED, Groups, by_reads, by_words, group_columns, grouped, read_column

Statistic = Literal[
    "mean", "median", "sd", "variance", "se", "cv", "min", "max", "range", "sum", "count", "geometric_mean",
    "geometric_cv", "same",
]  # fmt: skip
_WORDS = {
    "mean": "mean", "median": "median", "sd": "standard deviation (n - 1)", "variance": "variance (n - 1)",
    "se": "standard error of the mean", "cv": "coefficient of variation in percent", "min": "lowest value",
    "max": "highest value", "range": "range (highest minus lowest value)", "sum": "sum",
    "count": "number of filled values", "geometric_mean": "geometric mean",
    "geometric_cv": "geometric coefficient of variation in percent", "same": "value",
}  # fmt: skip
#: statistics of texts and numbers; all others are of numbers alone
OF_TEXTS = ("min", "max", "same", "count")
#: the derivation types of the CDISC codelist DTYPE (C81224), which a sponsor may extend
_TYPES = {"mean": "AVERAGE", "median": "MEDIAN", "min": "MINIMUM", "max": "MAXIMUM", "sum": "SUM"}


class SummarySpec(SpecModel):
    """How one variable of the new record is derived from the records of the group."""

    of: Statistic = Field(
        description="The statistic. min and max also of texts, by code point; same is the one value of the group, "
        "missing with a finding if there are several."
    )
    value: str | None = Field(default=None, description="The variable that is summarised; by default the same one.")
    where: Condition | None = Field(default=None, description="Only records of the group for which this is true.")


@register_step
class Summary(RecordStep):
    """One record for each group of records of a subject, with statistics of their values.

    The group has the same values of by:, missing ones too. A missing value does not count. The new record has the
    variables of by: and those of summary:; the rules of the dataset derive the others from these.
    """

    verb: ClassVar[str] = "summary"
    title: ClassVar[str] = "summary records"
    overrides: ClassVar[bool] = True

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADVS",
        sources={"vs": {"DAY": ["2024-03-08", "2024-03-08", "2024-03-15"], "RES": ["90", "95", "88"]}},
        datasets={"VS": "VSTESTCD: {value: DIABP}\nVSORRES: RES\nVSSTRESN: RES\nVSDTC: {date: DAY}"},
        rows="""
- from: VS
  variables: {PARAMCD: VSTESTCD, AVAL: VSSTRESN, ADT: {analysis_date: VSDTC}}
- from: ADVS
  derive: {summary: mean, by: [PARAMCD, ADT]}
""",
        variables="PARAM: {value: Diastolic Blood Pressure (mmHg)}",
        sort=("USUBJID", "PARAMCD", "DTYPE", "ADT", "AVAL"),
        gives={
            "ADT": ["2024-03-08", "2024-03-08", "2024-03-15", "2024-03-08", "2024-03-15"],
            "AVAL": ["90", "95", "88", "92.5", "88"],
            "DTYPE": ["", "", "", "AVERAGE", "AVERAGE"],
        },
    )

    summary: Statistic | dict[str, Statistic | SummarySpec] = Field(
        description="The statistic of AVAL: mean, median, min, max, sum, count, sd ... Or variable to its statistic, "
        "or to {of:, value:, where:}; the first of them decides whether there is a record."
    )
    by: tuple[str, ...] = Field(default=(), description="Variables that form the group, within the subject.")
    at_least: int = Field(
        default=1, description="Filled values that a group needs for a record; 0 gives one for each group.", ge=0
    )
    unit: str | None = Field(
        default=None,
        description="The variable with the unit of each record; by default the one that the standard has for the "
        "value, as AVALU of AVAL. A group with several units has no statistic of its numbers, with a finding; a "
        "missing unit is another one where unit: names it.",
    )
    dtype: str | None = Field(
        default=None,
        description="DTYPE of the new records. By default AVERAGE, MEDIAN, MINIMUM, MAXIMUM or SUM, if by: has "
        "PARAMCD.",
    )

    def items(self) -> dict[str, SummarySpec]:
        """Variable to its statistic, the deciding one first."""
        stated = {"AVAL": self.summary} if isinstance(self.summary, str) else self.summary
        return {n: s if isinstance(s, SummarySpec) else SummarySpec(of=s) for n, s in stated.items()}

    def derivation_type(self) -> str:
        """DTYPE of the new records; '' for none."""
        if self.dtype is not None:
            return self.dtype
        first = next(iter(self.items().values()), None)
        return _TYPES.get(first.of, "") if first is not None and "PARAMCD" in self.by else ""

    # the spec

    def columns(self) -> Mapping[str, StepColumn]:
        types = {"count": "integer"}
        derived = {n: StepColumn(types.get(s.of, "float")) for n, s in self.items().items()}
        dtype = {"DTYPE": StepColumn()} if self.derivation_type() else {}
        return {**group_columns(self.by), **derived, **dtype}

    def texts(self, column: str) -> dict[str, str] | None:
        return {self.derivation_type(): ""} if column == "DTYPE" else None

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from by_reads(self.by)
        yield from (("summary", spec.value or name) for name, spec in self.items().items())
        if self.unit is not None:
            yield "unit", self.unit

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from (("summary", s.where) for s in self.items().values() if s.where is not None)

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        items = self.items()
        if not items:
            yield self, "summary", "a summary needs a variable and its statistic"
        for name in items:
            if name in self.by:
                yield self, "summary", f"{name} is a variable of the group already: it is in by:"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        if column == "DTYPE":
            return f"DTYPE is {quoted(self.derivation_type())}."
        records = by_words(self.by, words)
        if column not in self.items():
            return f"{column} is {words.name(column)} of the records {records}, which is the same in all."
        spec = self.items()[column]
        among = f", among records where {plain(spec.where, words)}" if spec.where else ""
        least = f", if {self.at_least} or more have a value" if self.at_least > 1 else ""
        value = words.name(spec.value or column)
        return f"{column} is the {_WORDS[spec.of]} of {value} over the records {records}{among}{least}."

    def choice(self, column: str, env: Environment) -> Choice | None:
        spec = self.items().get(column)
        if spec is None:
            return None
        table = env.rows.nodes[BASE][0].name
        where = env.build.blocks[env.block].where if env.block is not None else None
        parts = [f"({part})" for part in (where, spec.where) if part]
        keys = (("USUBJID", "USUBJID"), *((n, n) for n in self.by if n != "USUBJID"))
        before = env.block if table == env.dataset and env.block is not None else -1
        return Choice(self.verb, table, spec.value or column, keys, (), " and ".join(parts), before=before)

    # records

    def make(self, env: Environment, rows: Rows) -> Rows:
        groups = grouped(env, self.by)
        items = self.items()
        first: np.ndarray | None = None
        values: dict[str, pd.Series] = {}
        sources: dict[str, ColumnSources] = {}
        for name, spec in items.items():
            column, reads = read_column(env, spec.value or name, "summary")
            filled = ~col.missing(column)
            if spec.where is not None:
                filled &= env.condition(spec.where, "summary")
            spec = spec if spec.value else spec.model_copy(update={"value": name})
            of_row = np.where(filled, groups.of_row, -1)
            values[name] = self._summarised(env, spec, column, of_row, groups)
            unit = unit_of_records(env, self.unit, spec.value or name)
            if unit and spec.of not in ("count", "same") and col.is_number(column):
                message = "the records of the group have several units: no statistic"
                mixed = report_units_of_records(env, unit, of_row, groups.count, message)
                values[name] = pd.Series(np.where(mixed, np.nan, values[name]))
            sources[name] = ColumnSources(reads=reads, origin=DERIVED)
            if first is None:
                counted = filled if self.at_least else np.ones(env.n, dtype=bool)
                first = _large_enough(np.where(counted, groups.of_row, -1), groups.count, self.at_least)
        assert first is not None
        of = groups.of_row[first]
        columns = {**groups.values(first), **{n: col.take(v, of) for n, v in values.items()}}
        if self.derivation_type():
            columns["DTYPE"] = col.constant(self.derivation_type(), len(first))
            sources["DTYPE"] = ColumnSources(origin=DERIVED)
        return rows.take(first).with_columns(columns, None, {**groups.sources(), **sources})

    def _summarised(
        self, env: Environment, spec: SummarySpec, column: pd.Series, of_row: np.ndarray, groups: Groups
    ) -> pd.Series:
        """The statistic of each group. ``of_row``: the group of each row that counts, -1 for the others."""
        if col.is_number(column) and spec.of != "same":
            numbers = NumberGroups(np.asarray(column, dtype="float64"), of_row, groups.count)
            return pd.Series(statistic(numbers, spec.of))
        if spec.of not in OF_TEXTS:
            raise env.error(f"'{spec.value}' is text, and {spec.of} needs a number", "summary")
        if spec.of == "count":
            return pd.Series(np.bincount(of_row[of_row >= 0], minlength=groups.count).astype("float64"))
        order = verbs.order_rows([col.ranks(column)])
        lowest, highest = (verbs.pick_per_group(of_row, groups.count, order, end) for end in ("first", "last"))
        if spec.of != "same":
            return col.take(column, lowest if spec.of == "min" else highest)
        ranks = np.append(col.ranks(column).astype("float64"), 0.0)
        several = ranks[lowest] != ranks[highest]
        differs = several[np.maximum(of_row, 0)] & (of_row >= 0) if groups.count else of_row >= 0
        message = "the records of a group differ in this variable: the summary record has none"
        env.report("R2A-REC-003", differs & ~_repeated(of_row), message, spec.value or "")
        return col.take(column, np.where(several, -1, lowest))


def _repeated(groups: np.ndarray) -> np.ndarray:
    """Where an earlier row has the same group."""
    return verbs.has_earlier(groups)


def _large_enough(groups: np.ndarray, count: int, least: int) -> np.ndarray:
    """The first row of each group with ``least`` rows, in the order of the rows."""
    enough = np.bincount(groups[groups >= 0], minlength=count) >= least
    first = col.first_positions(np.where(groups < 0, count, groups), count + 1)[:count]
    return np.sort(first[enough & (first >= 0)])

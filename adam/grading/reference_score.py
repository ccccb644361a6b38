"""The z-score and the percentile of a value by a table of reference (LMS method), as of growth charts.

Cole and Green, Stat Med 1992;11:1305-19. The table is one of the study: the charts of WHO and CDC are published as CSV.
Not for limits of normal (range_indicator.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.rounding import significant
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.expressions.sentence import condition_sentence
from ...engine.plan.plan import PlannedStudy
from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import SpecModel, place_of
from ...mappings.models.derivation import Example, register
from ...mappings.models.study_table import StudyTable
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted

_FIELDS = ("at", "l", "m", "s")


class ReferenceColumns(SpecModel):
    """The columns of a table of reference."""

    at: str = Field(default="AGE", description="The age, or the length, of the row.")
    l: str = Field(default="L", description="The power of the Box-Cox transformation.")  # noqa: E741 - its name
    m: str = Field(default="M", description="The median.")
    s: str = Field(default="S", description="The coefficient of variation.")


@register
class ReferenceScore(Derivation):
    """The z-score, or the percentile, of a value by L, M and S of a table for the age (or length) and group.

    Between two rows L, M and S are interpolated, or those of the nearest row or of the row below count. Outside the
    rows of the group, for a value of 0 or less, and without age or group the score is missing. docs/grading.md has the
    formulas.
    """

    verb: ClassVar[str] = "reference_score"
    example = Example(
        rule="{reference_score: AVAL, table: chart, at: AAGE, by: {SEX: SEX}, label: z-Score}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05"],
            "KG": ["10", "12", "11", "10", "10"],
            "MONTHS": ["12", "12", "18", "24", "36"],
        },
        gives=["0", "2", "0", "-2", ""],
        dataset="ADVS",
        variable="ZSCORE",
        setting="PARAMCD: {value: WEIGHT}\nPARAM: {value: Weight (kg)}\nAVAL: AGE\nAAGE: {from: DMDY, type: float}\n"
        "SEX: SEX",
        study="tables: {chart: {file: chart.csv, numbers: [AGE, L, M, S]}}",
        files={"chart.csv": "SEX,AGE,L,M,S\nF,12,1,10,0.1\nF,24,1,12,0.0833333333333333\nM,12,1,11,0.1\n"},
        datasets={"DM": "AGE: KG\nDMDY: MONTHS\nSEX: {value: F}"},
    )

    reference_score: str = Field(description="The value, in the unit of the table.")
    table: str = Field(description="A table of tables: in study.yaml; its columns of numbers are in numbers:.")
    at: str = Field(description="The age or length of the record, in the unit of the table.")
    by: dict[str, str] = Field(default_factory=dict, description="Variable to the column of its group, as SEX: SEX.")
    give: Literal["z", "percentile"] = Field(default="z", description="The output.")
    between: Literal["interpolate", "nearest", "below"] = Field(
        default="interpolate",
        description="Which L, M and S count between two rows; of two equally near ones the lower.",
    )
    beyond: Literal["formula", "who"] = Field(
        default="formula",
        description="Beyond 3 standard deviations. who: the distance between 2 and 3 of them goes on, as WHO does for "
        "weight, for BMI and for the circumferences.",
    )
    columns: ReferenceColumns = Field(default_factory=ReferenceColumns, description="The columns of the table.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "reference_score", self.reference_score
        yield "at", self.at
        for name in self.by:
            yield "by", name

    def gives(self) -> str:
        return "float"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        what = "z-score" if self.give == "z" else "percentile"
        of = f" and {words.names(tuple(self.by))}" if self.by else ""
        return (
            f"{target} is the {what} of {words.name(self.reference_score)} by the 'LMS' method and the table "
            f"{quoted(self.table)} for {words.name(self.at)}{of}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        value = read_as_numbers(env, self.reference_score, "reference_score")
        at = read_as_numbers(env, self.at, "at")
        table = env.study.tables[self.table]
        groups, rows = self._groups(env, table)
        parameters = _parameters(groups, at, rows, _numbers(table, self.columns), self.between)
        z = _scores(value, *parameters, self.beyond == "who")
        self._report(env, value, at, np.isnan(parameters[1]), np.isnan(z))
        if self.give == "z":
            return Derived(pd.Series(significant(z)))
        unique, inverse = np.unique(z, return_inverse=True)
        share = np.array([50 * math.erfc(-x / math.sqrt(2)) for x in unique.tolist()])
        return Derived(pd.Series(significant(share[inverse]) if len(unique) else z))

    def _report(
        self, env: Environment, value: np.ndarray, at: np.ndarray, outside: np.ndarray, without: np.ndarray
    ) -> None:
        """Findings about values that have no score: where the table has no row, or the formula no result."""
        wanted = ~np.isnan(value) & ~np.isnan(at)
        if not (wanted & without).any():
            return
        wanted &= env.applies()
        message = f"{self.table} has no row for this {self.at} and group: no score"
        env.report("R2A-LIMIT-003", wanted & outside, message, self.at)
        message = "the value has no score, as one of 0 or below"
        env.report("R2A-LIMIT-003", wanted & without & ~outside, message, self.reference_score)

    def _groups(self, env: Environment, table: StudyTable) -> tuple[np.ndarray, np.ndarray]:
        """(code of the group of each record, of each row of the table); -1 for none."""
        if not self.by:
            return np.zeros(env.n, dtype="int64"), np.zeros(table.n, dtype="int64")
        mine = [col.as_text(env.column(name, "by")) for name in self.by]
        theirs = [col.text_column(table.columns[column]) for column in self.by.values()]
        codes, rows = verbs.key_codes(mine, theirs)
        return codes, rows


def _numbers(table: StudyTable, columns: ReferenceColumns) -> np.ndarray:
    """(4, rows) numbers: at, L, M, S."""
    return np.array([table.numbers[getattr(columns, field)] for field in _FIELDS], dtype="float64")


def _parameters(
    groups: np.ndarray, at: np.ndarray, rows: np.ndarray, numbers: np.ndarray, between: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """L, M and S of each record; NaN outside the rows of its group. ``rows``: the group of each row of the table."""
    n = len(at)
    known = (groups >= 0) & ~np.isnan(at)
    keep = (rows >= 0) & ~np.isnan(numbers).any(axis=0)
    rows, numbers = rows[keep], numbers[:, keep]
    order = np.lexsort((numbers[0], rows))
    rows, numbers = rows[order], numbers[:, order]
    if not len(rows):
        return np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    low = np.full(n, -1, dtype="int64")
    for group in np.unique(rows).tolist():  # a chart has few groups
        here = np.flatnonzero(known & (groups == group))
        first, last = np.searchsorted(rows, [group, group + 1])
        low[here] = first + np.searchsorted(numbers[0, first:last], at[here], side="right") - 1
        low[here[low[here] < first]] = -1
    inside = low >= 0
    low = np.maximum(low, 0)
    exact = numbers[0, low] == at
    high = np.minimum(low + 1, len(rows) - 1)
    inside &= exact | ((rows[high] == rows[low]) & (high > low))
    high = np.where(exact, low, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high > low, (at - numbers[0, low]) / (numbers[0, high] - numbers[0, low]), 0.0)
    if between != "interpolate":
        share = np.where((share > 0.5) & (between == "nearest"), 1.0, 0.0)
    found = numbers[1:, low] + (numbers[1:, high] - numbers[1:, low]) * share
    out = np.where(inside, found, np.nan)
    return out[0], out[1], out[2]


def _scores(value: np.ndarray, l: np.ndarray, m: np.ndarray, s: np.ndarray, who: bool) -> np.ndarray:  # noqa: E741
    """z of each value; NaN for a value of 0 or less."""
    with np.errstate(all="ignore"):
        positive = np.where(value > 0, value, np.nan)
        z = np.where(l == 0, np.log(positive / m) / s, ((positive / m) ** l - 1) / (l * s))
        if not who:
            return np.where(np.isfinite(z), z, np.nan)

        def at(sd: float) -> np.ndarray:
            return np.where(l == 0, m * np.exp(s * sd), m * (1 + l * s * sd) ** (1 / l))

        above = 3 + (positive - at(3)) / (at(3) - at(2))
        below = -3 - (at(-3) - positive) / (at(-2) - at(-3))
        z = np.where(z > 3, above, np.where(z < -3, below, z))
        return np.where(np.isfinite(z), z, np.nan)


def reference_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Mistakes in the tables that rules name, each once."""
    for dataset in plan.datasets.values():
        for variable in dataset.every.values():
            for rule in (r for r in variable.rules if isinstance(r, ReferenceScore)):
                for field, message, hint in _mistakes(rule, plan):
                    yield SpecProblem(place_of(rule, field), message, dataset.name, variable.name, hint)


def _mistakes(rule: ReferenceScore, plan: PlannedStudy) -> Iterator[tuple[str, str, str]]:
    """(field, message, hint) of each mistake."""
    table = plan.tables.get(rule.table)
    if table is None:
        yield "table", f"tables: of study.yaml has no '{rule.table}'", nearest(rule.table, list(plan.spec.tables))
        return
    for column in rule.by.values():
        if column not in table.columns:
            yield "by", f"the table {rule.table} has no column '{column}'", nearest(column, list(table.columns))
    names = [getattr(rule.columns, field) for field in _FIELDS]
    missing = [name for name in names if name not in table.numbers]
    for name in missing:
        message = f"the table {rule.table} has no column of numbers '{name}'; list it in numbers: of the table"
        yield "table", message, nearest(name, list(table.columns))
    if missing or any(column not in table.columns for column in rule.by.values()):
        return
    numbers = _numbers(table, rule.columns)
    if not ((numbers[2] > 0) & (numbers[3] > 0)).all():
        yield "table", f"M and S of the table {rule.table} are above 0 in every row", ""
    seen = set()
    for row, place in enumerate(numbers[0].tolist()):
        key = (place, *(table.columns[column][row] for column in rule.by.values()))
        if key in seen:
            yield "table", f"the table {rule.table} has {key[0]:g} twice for one group", ""
            return
        seen.add(key)

"""The visits that a step expects: a list of the spec, or the rows of a table as TV, for all groups or by a key.

Not for what becomes of a visit without a value (carry_forward.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.number_text import plain_number
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import plain
from ...engine.plan.plan import PlannedStudy
from ...engine.tables.rows import Rows
from ...engine.tables.table import Table
from ...errors import SpecProblem
from ...mappings.binding.bind import SpecModel, place_of
from ...mappings.expressions.number_text import number_text
from ...mappings.models.derivation import Condition
from ...mappings.models.record_step import StepRead
from ...mappings.models.wording import Wording
from .groups import SUBJECT


class VisitTable(SpecModel):
    """Expected visits from the rows of a dataset or of a table of study.yaml, such as TV.

    A row is expected in the groups that have a record with its key. A row without a key is expected in all groups, and
    comes after a row of the same visit with the key. In a dataset with subjects a row is one of its subject.
    """

    from_: str = Field(alias="from", description="Dataset, or table of tables: in study.yaml, with a row per visit.")
    variables: dict[str, str] = Field(
        description="Variables of the visit to columns of the table, as {AVISITN: VISITNUM, AVISIT: VISIT}."
    )
    on: dict[str, str] = Field(
        default_factory=dict,
        description="Keys: a variable of the records to its column of the table, as {ADSL.ARMCD: ARMCD}.",
    )
    where: Condition | None = Field(default=None, description="Only rows of the table for which this is true.")

    def parts(self) -> Iterator[StepRead]:
        """What the table reads: its columns, and the keys of the records."""
        for field, columns in (("variables", self.variables), ("on", self.on)):
            for column in columns.values():
                yield StepRead(self, field, column, self.from_, condition=False)
        for name in self.on:
            yield StepRead(self, "on", name, condition=False)
        if self.where is not None:
            yield StepRead(self, "where", self.where, self.from_)


@dataclass(frozen=True)
class Visits:
    """The expected visits. ``numbers``: of each; ``stated``: variable -> its value of each visit.

    ``keys``: (column of the records, column of the visits) of each key. A missing key of a visit is any group.
    """

    numbers: np.ndarray
    stated: Mapping[str, pd.Series]
    keys: Sequence[tuple[pd.Series, pd.Series]]

    def expected(self, n: int) -> Iterator[tuple[float, np.ndarray]]:
        """(number, for each of ``n`` records the visit of this number that is expected for it, -1 for none).

        Of several visits the one with more keys counts, then the first.
        """
        patterns = list(self.patterns(n))
        for number in np.unique(self.numbers[~np.isnan(self.numbers)]).tolist():
            found = np.full(n, -1, dtype="int64")
            for visits, codes, of_visit, count in patterns:
                here = self.numbers[visits] == number
                place = np.full(count + 1, -1, dtype="int64")  # the last one is that of a record without a key
                place[of_visit[here][::-1]] = visits[here][::-1]
                place[count] = -1
                found = np.where(found < 0, place[codes], found)
            yield number, found

    def repeated(self) -> np.ndarray:
        """The visits whose number and keys an earlier one has."""
        return verbs.later(verbs.record_codes([pd.Series(self.numbers), *(visit for _, visit in self.keys)]))

    def patterns(self, n: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, int]]:
        """For the visits with the same keys filled: they, the code of each record, that of each visit, the codes."""
        filled = np.zeros((len(self.numbers), 0), dtype=bool)
        if self.keys:
            filled = np.column_stack([~col.missing(visit) for _, visit in self.keys])
        for pattern in sorted(set(map(tuple, filled.tolist())), key=lambda p: (-sum(p), p)):
            visits = np.flatnonzero((filled == np.array(pattern, dtype=bool)).all(axis=1))
            used = [key for key, is_filled in zip(self.keys, pattern, strict=True) if is_filled]
            if not used:
                yield visits, np.zeros(n, dtype="int64"), np.zeros(len(visits), dtype="int64"), 1
                continue
            codes, of_visit = verbs.key_codes([r for r, _ in used], [col.take(v, visits) for _, v in used])
            count = int(max(codes.max(initial=-1), of_visit.max(initial=-1))) + 1
            yield visits, np.where(codes < 0, count, codes), of_visit, count


def listed_visits(env: Environment, visits: Sequence[Mapping[str, str]], visit: str, by: Sequence[str]) -> Visits:
    """The visits of a list; those with a variable of ``by`` are expected in its groups alone."""
    keys = [n for n in by if any(n in v for v in visits)]
    names = dict.fromkeys(n for v in visits for n in v if n not in by)
    texts = {n: col.text_column([v.get(n, "") for v in visits]) for n in (*names, *keys)}
    return Visits(
        visit_numbers(texts[visit]), {n: texts[n] for n in names}, [(env.column(n, "by"), texts[n]) for n in keys]
    )


def visit_problems(
    step: SpecModel, field: str, visit: str, by: Sequence[str], key: Sequence[str] = ()
) -> Iterator[tuple[SpecModel, str, str]]:
    """Mistakes of the visits of a step that the spec shows: of a table its names, of a list each of its visits.

    A visit of a list is another one where its number, a variable of ``by`` or one of ``key`` is another.
    """
    visits: VisitTable | Sequence[Mapping[str, str]] = getattr(step, field)
    if isinstance(visits, VisitTable):
        if visit not in visits.variables:
            yield visits, "variables", f"the visits need {visit}, the number of the visit"
        if both := sorted({*visits.variables} & {*by}):
            yield visits, "variables", f"{both[0]} is a variable of by:; write it under on:"
        return
    if not visits:
        yield step, field, f"{field}: needs the expected visits"
    seen = set()
    for each in visits:
        number = plain_number(each.get(visit, ""))
        identity = (number, *(each.get(n, "") for n in (*by, *key)))
        if number is None:
            yield step, field, f"each visit needs {visit}, a number; found '{each.get(visit, '')}'"
        elif identity in seen:
            yield step, field, f"the visit {each[visit]} is there twice"
        seen.add(identity)


def visits_of_table(env: Environment, spec: VisitTable, visit: str) -> Visits:
    """The visits of a table. Rows without a number, and visits that are there twice, are findings."""
    at_table = Environment(env.build, env.rows, env.block, env.variable, spec)
    table = at_table.table(spec.from_)
    at = np.arange(table.n) if spec.where is None else np.flatnonzero(at_table.condition_on(table, spec.where))
    stated = {n: table.column(c) for n, c in spec.variables.items()}
    keys = [(at_table.column(n, "on"), table.column(c)) for n, c in spec.on.items()]
    if table.has_subject:
        keys.append((env.subject(), table.column(SUBJECT)))
    numbers = visit_numbers(stated[visit])
    # the first of several is the one with the lowest values
    order = verbs.order_rows([numbers, *(key for _, key in keys), *stated.values()])
    at = order[np.isin(order, at)]
    found = Visits(
        numbers[at],
        {n: col.take(column, at) for n, column in stated.items()},
        [(of_record, col.take(key, at)) for of_record, key in keys],
    )
    _report(env, spec, table, at, found)
    return found


def _report(env: Environment, spec: VisitTable, table: Table, at: np.ndarray, visits: Visits) -> None:
    number = next(iter(spec.variables.values()))
    if env.build.study.first or table.has_subject:
        on_table = Environment(env.build, Rows.of(table), env.block, None, spec)
        without = np.zeros(table.n, dtype=bool)
        without[at[np.isnan(visits.numbers)]] = True
        again = np.zeros(table.n, dtype=bool)
        again[at[visits.repeated()]] = True
        message = f"the row of {table.name} has no number of a visit: it is not used"
        on_table.report("R2A-REC-010", without, message, number)
        message = f"{table.name} has this visit more than once: the one with the lowest values counts"
        on_table.report("R2A-REC-011", again & ~without, message, number)


def visit_numbers(values: pd.Series) -> np.ndarray:
    """The numbers of visits; NaN for a text that is none."""
    if col.is_number(values):
        return np.asarray(values, dtype="float64")
    codes, texts = col.split_text(values)
    numbers = np.array([_number(str(t)) for t in texts])
    return numbers[codes] if len(texts) else np.full(len(values), np.nan)


def table_words(spec: VisitTable, visit: str, words: Wording) -> str:
    """Where the visits come from, in words."""
    inner = words.of_table(spec.from_)
    parts = [plain(spec.where, inner)] if spec.where is not None else []
    parts += [f"{inner.name(c)} is {words.name(n)} or missing" for n, c in spec.on.items()]
    where = f" where {' and '.join(parts)}" if parts else ""
    return f"{inner.name(spec.variables[visit])} of {words.table(spec.from_)}{where}"


def visit_table_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Tables of expected visits whose number is no number, or that have a visit twice."""
    for dataset in plan.datasets.values():
        for step in (s for block in dataset.spec.blocks for s in block.steps):
            visits = getattr(step, "visits", None) or getattr(step, "expected_records", None)
            if isinstance(visits, VisitTable):
                for field, message in _mistakes(visits, getattr(step, "visit", ""), plan):
                    yield SpecProblem(place_of(visits, field), message, dataset.name)


def _mistakes(spec: VisitTable, visit: str, plan: PlannedStudy) -> Iterator[tuple[str, str]]:
    column = spec.variables.get(visit, "")
    planned = plan.datasets.get(spec.from_) or plan.inputs.get(spec.from_)
    if planned is not None and column in planned.every and not planned.every[column].is_numeric:
        yield "variables", f"{visit} needs a number; {spec.from_}.{column} is text"
    table = plan.tables.get(spec.from_)
    if table is None or any(c not in table.columns for c in (column, *spec.on.values())):
        return  # the names are reported elsewhere
    numbers = table.numbers.get(column) or tuple(_number(t) for t in table.columns[column])
    keys = [table.columns[c] for c in spec.on.values()]
    seen = set()
    for row, number in enumerate(numbers):
        key = (number, *(k[row] for k in keys))
        if math.isnan(number):
            if spec.where is None:
                yield "variables", f"row {row + 1} of the table {spec.from_} has no number in {column}"
        elif key in seen and spec.where is None:
            yield "from_", f"the table {spec.from_} has the visit {number_text(number)} twice"
        seen.add(key)


def _number(text: str) -> float:
    found = plain_number(text.strip())
    return math.nan if found is None else float(found)

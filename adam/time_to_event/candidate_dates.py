"""The dates that an event or an end of observation may have, with the record of each subject that has the date.

Works on any table, so that a build and the re-run of one subject find dates the same way. Not for deciding which date
counts: decision.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import days_of_variable
from ...engine.expressions import kernels
from ...engine.tables.table import Table
from ...errors import Place, SpecError, SpecProblem, nearest
from ...mappings.binding.bind import SpecModel, expression_place
from ...mappings.expressions.expression import Expression, ExpressionError, parse
from ...mappings.expressions.tree import Compare, Junction, Literal, Name, walk
from ...mappings.models.time_to_event import EVENT, START, DatedSpec, TimeSpec
from .scope import RecordsOf, Scope

#: seconds
DAY = 86_400


@dataclass(kw_only=True)
class Found:
    """The records and dates of one DatedSpec. ``rows``: positions in ``table`` of records where its condition holds.

    ``days`` and ``late`` go with ``rows``: their dates (NaN: none), and whether they lie after the data cut-off.
    ``picked`` and ``dates`` go with the subjects: the row of the date (-1: none), and the date.
    """

    spec: DatedSpec
    table: Table
    rows: np.ndarray
    days: np.ndarray
    late: np.ndarray
    picked: np.ndarray
    dates: np.ndarray
    sequence: str


class CandidateDates:
    """The dates of one parameter, each found when it is needed. ``event``: known after the events are decided."""

    def __init__(self, spec: TimeSpec, start: str, scope: Scope):
        self.spec, self.scope, self.start_name = spec, scope, start
        self.event: np.ndarray | None = None
        self._found: dict[int, Found] = {}
        self._dates: dict[str, np.ndarray] = {}
        self._open: list[str] = []
        #: cache: a table and the first parts of a condition -> the rows where they hold
        self._remaining_rows: dict[tuple[str, ...], np.ndarray] = {}

    @property
    def every(self) -> list[Found]:
        """Every DatedSpec that has been looked up."""
        return list(self._found.values())

    # dates of the subjects

    def start(self) -> np.ndarray:
        """STARTDT."""
        return self._cached(START, self._start)

    def _start(self) -> np.ndarray:
        if self.start_name in self.spec.dates:
            return self.date(self.start_name)
        return self._days(self.scope.subject(self.start_name, self.spec, "start"), self.start_name)

    def _days(self, values: pd.Series, name: str) -> np.ndarray:
        """Days since 1960-01-01; of a time in hours with the part of the day that has passed."""
        return (
            np.asarray(values, dtype="float64") / DAY if self.spec.unit == "HOURS" else days_of_variable(values, name)
        )

    def date(self, name: str) -> np.ndarray:
        """One of ``dates:``: the first of its members that a subject has."""
        return self._cached(
            name, lambda: first_filled([self.found(m).dates for m in self.spec.members(name)], self.scope.n)[0]
        )

    def _cached(self, name: str, derive: Callable[[], np.ndarray]) -> np.ndarray:
        if name not in self._dates:
            if name in self._open:
                raise self.scope.error(f"{name} needs itself", self.spec, "dates")
            self._open.append(name)
            self._dates[name] = derive()
            self._open.pop()
        return self._dates[name]

    def holds(self, text: str | None, owner: SpecModel, field: str) -> np.ndarray:
        """Subjects for which a condition holds; all without one."""
        if text is None:
            return np.ones(self.scope.n, dtype=bool)
        expression = self._parsed(text, owner, field)
        return self._condition(expression, lambda name: self._subject(name, owner, field), self.scope.n, owner, field)

    def _subject(self, name: str, owner: SpecModel, field: str) -> pd.Series:
        if name in self.spec.options:
            return pd.Series(np.full(self.scope.n, float(self.spec.options[name])))
        if name in self.spec.dates:
            return pd.Series(np.floor(self.date(name)))
        if name == START:
            return pd.Series(np.floor(self.start()))
        if name == EVENT:
            if self.event is None:
                raise self.scope.error(f"{EVENT} is not known before the events are", owner, field)
            return pd.Series(np.floor(self.event))
        return self.scope.subject(name, owner, field)

    # records of other tables

    def found(self, spec: DatedSpec) -> Found:
        """The records that may have the date, and the chosen one of each subject.

        Several on one day: the first by the sequence variable with take: first, the last with take: last.
        """
        if id(spec) not in self._found:
            self._found[id(spec)] = self._find(spec)
        return self._found[id(spec)]

    def _find(self, spec: DatedSpec) -> Found:
        scope = self.scope
        table = scope.table(spec.from_, spec)
        if not table.has(spec.date):
            raise scope.error(
                f"{spec.from_} has no column '{spec.date}'", spec, "date", nearest(spec.date, table.names())
            )
        records = scope.records(table)
        rows = self._rows(spec, table, records)
        days = self._days(_at(table.column(spec.date), rows, table.n), spec.date)
        late = np.floor(days) > scope.cutoff if scope.cutoff is not None else np.zeros(len(days), dtype=bool)
        usable = ~np.isnan(days) & ~late
        chosen = rows[usable]
        sequence = sequence_of(spec, table, scope.dataset)
        at = self._one_of_each(spec, table, chosen, records[chosen], days[usable], sequence)
        dates = np.where(at >= 0, days[usable][at], np.nan) if len(chosen) else np.full(scope.n, np.nan)
        return Found(
            spec=spec,
            table=table,
            rows=rows,
            days=days,
            late=late,
            picked=np.where(at >= 0, chosen[at], -1) if len(chosen) else at,
            dates=dates,
            sequence=sequence,
        )

    def _one_of_each(
        self, spec: DatedSpec, table: Table, rows: np.ndarray, records: np.ndarray, days: np.ndarray, sequence: str
    ) -> np.ndarray:
        """Per subject the position in ``rows`` of the chosen one, -1 for none. The arrays have one element per row."""
        if (records[1:] > records[:-1]).all():  # at most one of each subject
            at = np.full(self.scope.n, -1, dtype="int64")
            at[records] = np.arange(len(records))
            return at
        keys = [records, days]
        if sequence:
            numbers = col.to_number(_at(table.column(sequence), rows, table.n))[0]
            keys.append(np.where(np.isnan(numbers), -1.0, numbers))
        return verbs.pick_per_group(records, self.scope.n, verbs.order_rows(keys), spec.take)

    def _rows(self, spec: DatedSpec, table: Table, records: RecordsOf) -> np.ndarray:
        """Positions of the rows of known subjects where the condition holds.

        Each part of a conjunction is evaluated on the rows where the parts before it hold: most parameters are a small
        part of their dataset. The rows of the first parts are cached for conditions that begin with the same parts.
        """
        parts = list(_conjuncts(self._parsed(spec.where, spec, "where"))) if spec.where is not None else []
        evaluated, key = self._cached_parts(table, parts, records)
        rows, who = self._remaining_rows[key], None
        for part in parts[evaluated:]:

            def column(name: str, rows: np.ndarray = rows) -> pd.Series:
                nonlocal who
                bare = name if table.has(name) else name.removeprefix(f"{table.name}.")
                if table.has(bare):
                    return _at(table.column(bare), rows, table.n)
                who = records[rows] if who is None else who
                return col.take(self._subject(name, spec, "where"), who)

            holds = self._condition(part, column, len(rows), spec, "where")
            rows, who = rows[holds], None if who is None else who[holds]
            key = (*key, part.source())
            self._remaining_rows[key] = rows
        return rows

    def _cached_parts(self, table: Table, parts: list[Expression], records: RecordsOf) -> tuple[int, tuple[str, ...]]:
        """The number of first parts of a condition that are evaluated already, and the key of their rows."""
        key = (table.name, *(part.source() for part in parts))
        for count in range(len(parts), 0, -1):
            if key[: count + 1] in self._remaining_rows:
                return count, key[: count + 1]
        found = self._listed(parts[0], table) if parts else None
        if found is not None:
            self._remaining_rows[key[:2]] = _known(found, records[found])
            return 1, key[:2]
        if key[:1] not in self._remaining_rows:
            every = np.arange(table.n)
            self._remaining_rows[key[:1]] = _known(every, records[every])
        return 0, key[:1]

    def _listed(self, part: Expression, table: Table) -> np.ndarray | None:
        """The rows where a text column equals a text, as PARAMCD == 'PD'; found one time for all parameters."""
        root = part.root
        if not (isinstance(root, Compare) and root.operator == "==" and isinstance(root.left, Name)):
            return None
        right = root.right
        if not (isinstance(right, Literal) and isinstance(right.value, str)) or right.is_missing_text:
            return None
        name = root.left.name
        return self.scope.equal(table, name, right.value) if table.has(name) else None

    # conditions

    def _parsed(self, text: str, owner: SpecModel, field: str) -> Expression:
        try:
            return parse(text)
        except ExpressionError as error:
            raise self._wrong(error, owner, field) from None

    def _condition(
        self, expression: Expression, column: Callable[[str], pd.Series], n: int, owner: SpecModel, field: str
    ) -> np.ndarray:
        try:
            return kernels.condition(expression, column, n)
        except ExpressionError as error:
            raise self._wrong(error, owner, field) from None

    def _wrong(self, error: ExpressionError, owner: SpecModel, field: str) -> SpecError:
        place: Place = expression_place(owner, field, error.offset)
        return SpecError([SpecProblem(place, error.message, self.scope.dataset, "", error.hint)])


def first_filled(dates: list[np.ndarray], n: int) -> tuple[np.ndarray, np.ndarray]:
    """(the first known date, its number among ``dates``, -1 for none) of each subject."""
    if len(dates) == 1:
        return dates[0], np.where(np.isnan(dates[0]), -1, 0).astype("int32")
    found, which = np.full(n, np.nan), np.full(n, -1, dtype="int32")
    for number, days in enumerate(dates):
        here = np.isnan(found) & ~np.isnan(days)
        found[here], which[here] = days[here], number
    return found, which


def sequence_of(spec: DatedSpec, table: Table, dataset: str) -> str:
    """The variable that numbers the records of the table: that of the spec, else ASEQ or --SEQ, '' without one.

    The dataset that is being built has no ASEQ yet.
    """
    if spec.sequence is not None or table.name == dataset:
        return spec.sequence or ""
    return next((n for n in ("ASEQ", f"{table.name[:2]}SEQ") if table.has(n)), "")


def _conjuncts(expression: Expression) -> Iterator[Expression]:
    """The parts of a conjunction; the whole expression where it is none."""
    root = expression.root
    if not (isinstance(root, Junction) and root.word == "and"):
        yield expression
        return
    for part in root.items:
        names = tuple(dict.fromkeys(node.name for node, _ in walk(part) if isinstance(node, Name)))
        yield Expression(expression.text, part, names)


def _known(rows: np.ndarray, records: np.ndarray) -> np.ndarray:
    """The rows whose subject is known."""
    return rows if not len(records) or records.min() >= 0 else rows[records >= 0]


def _at(column: pd.Series, rows: np.ndarray, n: int) -> pd.Series:
    """Rows of a column, positions rising; the column itself for all of them."""
    return pd.Series(column) if len(rows) == n else col.take(column, rows)

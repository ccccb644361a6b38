"""The raw cells that each variable of a partition read, for the cell account. Runs when all values are built.

Not for judging what became of a cell: engine/accounts/cells.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...mappings.models.derivation import DerivationSpec
from ..accounts.cells import ALL_READ, CellLedger, SourceCells, Target
from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..derivations.derivation import derivation
from ..derivations.environment import Environment
from ..derivations.from_other_records import FromTable
from ..derivations.record_names import subject_node
from ..plan.plan import PlannedVariable
from ..tables.dataset import Reading
from ..tables.rows import BASE, Rows
from ..tables.table import RawSlice, Table
from .built_column import BuiltColumn
from .view import DatasetInBuild, PartitionBuild


@dataclass
class CellReading:
    """A raw column that a rule read by name: ``field`` and ``name`` as they are in the rule.

    ``ids``: the row in the slice for each record (-1: none), None for all rows in order. ``positions``: the records
    that read this column, None for all. ``base``: the rows of the block itself, not of a joined or looked-up table.
    """

    field: str
    name: str
    table: RawSlice
    column: str
    ids: np.ndarray | None
    positions: np.ndarray | None = None
    base: bool = False


def account_cells(study: PartitionBuild) -> None:
    """Report to the study's cell account what every variable of this partition read."""
    ledger = study.ledger.cells
    for build in study.builds.values():
        for block in build.block_range():
            rows = build.rows(block)
            for name, rule, column in build.built_in(block):
                account = _Account(study, build, block, name=name, rule=rule, rows=rows, column=column)
                account.report(ledger)


class _Account:
    """One variable of one block."""

    def __init__(
        self,
        study: PartitionBuild,
        build: DatasetInBuild,
        block: int,
        *,
        name: str,
        rule: DerivationSpec,
        rows: Rows,
        column: BuiltColumn,
    ):
        self.study, self.build, self.block, self.rows = study, build, block, rows
        self.name, self.rule, self.column = name, rule, column
        self.carries, self.change = derivation(rule).carries, derivation(rule).change
        self.fields = [field for field, _ in rule.reads()]
        self._values: tuple[np.ndarray, np.ndarray] | None = None

    def report(self, ledger: CellLedger) -> None:
        """Report every cell that the variable read to the account."""
        read = () if self.carries == "compared" else self._readings()
        readings = list({(r.table.name, r.column): r for r in reversed(list(read))}.values())[::-1]
        filled_before: dict[str, np.ndarray] = {}  # field -> records where an earlier alternative is filled
        for reading in readings:
            self._compare(ledger, reading, filled_before)
        by_name = {(r.table.name, r.column) for r in readings}
        assert self.column.use is not None
        for read in self.column.use.reads:
            if (read.table, read.column) not in by_name:
                self._used(ledger, read)

    # what was read

    def _readings(self) -> Iterator[CellReading]:
        picked = self.column.picked
        if picked is not None and isinstance(picked[0], RawSlice):
            assert self.column.use is not None
            for read in self.column.use.reads:
                if read.node == self.column.node and _in_file(picked[0], read.column):
                    yield CellReading("", "", picked[0], read.column, picked[1])
            return
        if isinstance(self.rule, FromTable):
            return  # it reads rows of another table and has reported these itself
        for field, name in self.rule.reads():
            yield from self._resolved(field, name)

    def _resolved(self, field: str, name: str, further: bool = True) -> Iterator[CellReading]:
        """The raw columns that a name means. ``further`` False: it is no column that was built for the block."""
        rows = self.rows
        found = rows.find(name, joined=False, further=further)
        if (found is None or self._environment().by_convention) and self._is_variable(name):
            return  # a variable of the same record has an account of its cells already
        found = found or rows.find(name, further=further)
        if found is not None and found[0]:
            table, ids = rows.nodes[found[0]]
            if isinstance(table, RawSlice) and (column := table.in_file(found[1])):
                yield CellReading(field, name, table, column, ids, base=found[0] == BASE)
        elif found is not None:
            names = rows.column_sources[name].carried if name in rows.column_sources else ()
            for source in dict.fromkeys(n for n in names if n):
                if rows.items is not None:
                    at = np.flatnonzero(np.array([n == source for n in names], dtype=bool)[rows.items])
                    # a column built for the block may have the name of its raw column
                    for r in self._resolved(field, source, further=source not in rows.extra):
                        ids = at if r.ids is None else r.ids[at]
                        yield CellReading(
                            field=field, name=name, table=r.table, column=r.column, ids=ids, positions=at, base=r.base
                        )
        else:
            prefix, dot, column = name.partition(".")
            table = self.study.tables.get(prefix) if dot else None
            qualified = table.qualified(column) if table is not None else None
            if isinstance(table, RawSlice) and qualified is not None and table.has_subject and table.in_file(qualified):
                yield CellReading(field, name, table, table.in_file(qualified), self._subject_ids(table))

    def _is_variable(self, name: str) -> bool:
        """Whether a name can mean another variable of the dataset: a table that is joined here comes before it."""
        planned = self.build.planned
        variable = name.removeprefix(f"{planned.name}.")
        if variable not in planned.every or variable == self.name:
            return False
        prefix, dot, _ = name.partition(".")
        return not (dot and any(node.strip() == prefix for node in self.rows.nodes if node != BASE))

    def _subject_ids(self, table: Table) -> np.ndarray:
        return self._environment().subject_rows(table)

    def _environment(self) -> Environment:
        planned = self.build.planned.every.get(self.name) or PlannedVariable(self.name, self.name)
        return Environment(self.build, self.rows, self.block, planned, self.rule)

    # what became of it

    def _coded(self) -> tuple[np.ndarray, np.ndarray]:
        """The values as codes and texts."""
        if self._values is None:
            values: pd.Series = self.column.values
            if col.is_number(values):
                codes, unique = pd.factorize(col.floats(values), use_na_sentinel=False)
                texts = np.array([col.number_text(x) for x in unique.tolist()], dtype=object)
                self._values = codes, texts
            else:
                self._values = col.split_text(values)
        return self._values

    def _compare(self, ledger: CellLedger, reading: CellReading, filled_before: dict[str, np.ndarray]) -> None:
        """Report the outcome of the cells of one column, by comparing them with the values."""
        codes, texts = self._coded()
        ids = _global(reading.table, reading.ids)
        overrides = self._overrides(reading, ledger.sources[reading.table.name], ids, filled_before)
        if reading.positions is not None:
            codes = codes[reading.positions]
            overrides = [(where[reading.positions], outcome) for where, outcome in overrides]
        if ids is not None and len(ids) and ids.min() < 0:
            matched = np.flatnonzero(ids >= 0)
            overrides = [(where[matched], outcome) for where, outcome in overrides]
            codes, ids = codes[matched], ids[matched]
        target = Target(reading.table.name, reading.column, self.build.planned.name, self.block, self.name)
        place = str(self.column.use.place or "") if self.column.use else ""
        self._unused(ledger, reading, target, place, ids)
        ledger.compare(target, place, ids, (codes, texts), overrides, change=self.change)

    def _overrides(
        self, reading: CellReading, cells: SourceCells, ids: np.ndarray | None, filled_before: dict[str, np.ndarray]
    ) -> list[tuple[np.ndarray, CellOutcome]]:
        """(records, outcome) where the value alone does not show the outcome, over all records of the block.

        ``ids``: the row of each record in the raw table. ``filled_before``: field -> records where an earlier
        alternative is filled; this column is added to it.
        """
        column, (codes, texts) = cells.texts(reading.column), self._coded()
        unused = [*self.column.unused.get(reading.name, []), *self.column.unused.get(ALL_READ, [])]
        empty = np.array([t == "" for t in texts], dtype=bool)[codes] if len(texts) else np.zeros(len(codes), bool)
        out: list[tuple[np.ndarray, CellOutcome]] = []
        if self.carries == "choice":
            verbatim = column.texts[column.codes if ids is None else column.codes[ids]]
            if reading.positions is None:
                stripped = {t: t.strip() for t in set(column.texts)}
                same = np.array([stripped[t] for t in verbatim], dtype=object) == texts[codes]
                out.append((~same, CellOutcome.NOT_CHOSEN))
        elif self.rule.when is not None and empty.any():
            out.append((empty & ~self._environment().condition(self.rule.when), CellOutcome.NOT_CHOSEN))
        out += unused
        if self.carries == "first" and reading.positions is None and self.fields.count(reading.field) > 1:
            before = filled_before.get(reading.field)
            filled = column.filled[column.codes if ids is None else np.where(ids < 0, 0, column.codes[ids])]
            if ids is not None:
                filled = filled & (ids >= 0)
            for where, outcome in unused:
                filled = filled & ~where if outcome is CellOutcome.EMPTY else filled
            if before is not None:
                out.append((before, CellOutcome.NOT_CHOSEN))
                filled = filled | before
            filled_before[reading.field] = filled
        return out

    def _unused(
        self, ledger: CellLedger, reading: CellReading, target: Target, place: str, ids: np.ndarray | None
    ) -> None:
        """The rows of the partition without a record here: excluded for a row of the block, else not chosen."""
        if ids is None:
            return
        cells = ledger.sources[reading.table.name]
        inside = np.zeros(len(reading.table.raw), dtype=bool)
        inside[slice(None) if reading.table.ids is None else reading.table.ids] = True
        inside[ids] = False
        unused = np.flatnonzero(inside)
        if len(unused):
            outcome = np.uint8(CellOutcome.EXCLUDED if reading.base else CellOutcome.NOT_CHOSEN)
            ledger.target(target, place).mark(unused, cells.filled(reading.column, unused).astype("uint8") * outcome)

    def _used(self, ledger: CellLedger, read: Reading) -> None:
        """A column that a condition, a formula or a key read, at the rows of the records."""
        table = self.study.tables.get(read.table)
        if not isinstance(table, RawSlice) or not _in_file(table, read.column):
            return
        node = read.node.removeprefix("row:")
        if node == subject_node(table):
            ids: np.ndarray | None = self._subject_ids(table)
        elif node in self.rows.nodes:
            ids = self.rows.nodes[node][1]
        else:
            return
        if read.item >= 0 and self.rows.items is not None:
            at = np.flatnonzero(self.rows.items == read.item)
            ids = at if ids is None else ids[at]
        ids = _global(table, ids)
        if ids is not None:
            inside = np.zeros(len(table.raw), dtype=bool)
            inside[ids[ids >= 0]] = True
            ids = np.flatnonzero(inside)
        ledger.sources[table.name].use(read.column, ids)


def _in_file(table: RawSlice, column: str) -> bool:
    return not table.absent and column in table.raw.frame.columns


def _global(table: RawSlice, ids: np.ndarray | None) -> np.ndarray | None:
    """Rows of the raw table for rows of the slice; None where they are all rows in order."""
    if ids is None:
        return table.ids
    return table.global_ids(ids)

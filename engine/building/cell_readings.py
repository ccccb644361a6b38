"""Which raw cells each variable of a partition read, handed to the cell account once all values are made.

Not for judging what became of a cell: engine/accounts/cells.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...mappings.models.derivation import DerivationSpec
from ..accounts.cells import ALL_READ, CellLedger, Target
from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..derivations.derivation import derivation
from ..derivations.environment import Environment, subject_node
from ..derivations.from_other_records import FromTable
from ..plan.plan import PlannedVariable
from ..tables.dataset import Reading
from ..tables.rows import BASE, Rows
from ..tables.table import RawSlice, Table
from .run_rule import BuiltColumn
from .view import DatasetInBuild, PartitionBuild


@dataclass
class CellReading:
    """A raw column that a rule read by name: ``field`` and ``name`` as the rule gives them.

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
    """Tell the study's cell account what every variable of this partition read."""
    ledger = study.ledger.cells
    for build in study.builds.values():
        for block in build.block_range():
            rows = build.rows(block)
            for name, rule, made in build.built_in(block):
                _Account(study, build, block, rows, name, rule, made).tell(ledger)


class _Account:
    """One variable of one block."""

    def __init__(
        self,
        study: PartitionBuild,
        build: DatasetInBuild,
        block: int,
        rows: Rows,
        name: str,
        rule: DerivationSpec,
        made: BuiltColumn,
    ):
        self.study, self.build, self.block, self.rows = study, build, block, rows
        self.name, self.rule, self.made = name, rule, made
        self.carries, self.change = derivation(rule).carries, derivation(rule).change
        self.fields = [field for field, _ in rule.reads()]
        self._values: tuple[np.ndarray, np.ndarray] | None = None

    def tell(self, ledger: CellLedger) -> None:
        read = () if self.carries == "compared" else self._readings()
        readings = list({(r.table.name, r.column): r for r in reversed(list(read))}.values())[::-1]
        taken: dict[str, np.ndarray] = {}  # field -> records where an earlier alternative is filled
        for r in readings:
            self._compare(ledger, r, taken)
        direct = {(r.table.name, r.column) for r in readings}
        assert self.made.use is not None
        for read in self.made.use.reads:
            if (read.table, read.column) not in direct:
                self._used(ledger, read)

    # what was read

    def _readings(self) -> Iterator[CellReading]:
        picked = self.made.picked
        if picked is not None and isinstance(picked[0], RawSlice):
            assert self.made.use is not None
            for read in self.made.use.reads:
                if read.node == self.made.node and _in_file(picked[0], read.column):
                    yield CellReading("", "", picked[0], read.column, picked[1])
            return
        if isinstance(self.rule, FromTable):
            return  # it reads rows of another table, not the subject's one; it has told the account itself
        for field, name in self.rule.reads():
            yield from self._resolved(field, name)

    def _resolved(self, field: str, name: str, made: bool = True) -> Iterator[CellReading]:
        rows = self.rows
        found = rows.find(name, joined=False, made=made)
        planned = self.build.planned
        own = name.removeprefix(f"{planned.name}.")
        prefix, dot, _ = name.partition(".")
        joined = bool(dot) and any(node.strip() == prefix for node in rows.nodes if node != BASE)
        convention = self._environment().by_convention
        if (found is None or convention) and own in planned.every and own != self.name and not joined:
            return  # a variable of the same record, which has its own account
        found = found or rows.find(name, made=made)
        if found is not None and found[0]:
            table, ids = rows.nodes[found[0]]
            if isinstance(table, RawSlice) and (own := table.in_file(found[1])):
                yield CellReading(field, name, table, own, ids, base=found[0] == BASE)
        elif found is not None:
            names = rows.column_sources[name].carried if name in rows.column_sources else ()
            for source in dict.fromkeys(n for n in names if n):
                if rows.items is not None:
                    at = np.flatnonzero(np.array([n == source for n in names], dtype=bool)[rows.items])
                    # a made column may be called like the one that it is made of
                    for r in self._resolved(field, source, made=source not in rows.extra):
                        ids = at if r.ids is None else r.ids[at]
                        yield CellReading(field, name, r.table, r.column, ids, at, r.base)
        else:
            prefix, dot, column = name.partition(".")
            table = self.study.tables.get(prefix) if dot else None
            there = table.qualified(column) if table is not None else None
            if isinstance(table, RawSlice) and there is not None and table.has_subject and table.in_file(there):
                yield CellReading(field, name, table, table.in_file(there), self._subject_ids(table))

    def _subject_ids(self, table: Table) -> np.ndarray:
        return self._environment().subject_rows(table)

    def _environment(self) -> Environment:
        planned = self.build.planned.every.get(self.name) or PlannedVariable(self.name, self.name)
        return Environment(self.build, self.rows, self.block, planned, self.rule)

    # what became of it

    def _coded(self) -> tuple[np.ndarray, np.ndarray]:
        """The values as codes and texts."""
        if self._values is None:
            values: pd.Series = self.made.values
            if col.is_number(values):
                codes, unique = pd.factorize(np.asarray(values, dtype="float64"), use_na_sentinel=False)
                texts = np.array([col.number_text(x) for x in unique.tolist()], dtype=object)
                self._values = codes, texts
            else:
                self._values = col.split_text(values)
        return self._values

    def _compare(self, ledger: CellLedger, r: CellReading, taken: dict[str, np.ndarray]) -> None:
        codes, texts = self._coded()
        cells = ledger.sources[r.table.name]
        ids = _global(r.table, r.ids)
        aside = [*self.made.unused.get(r.name, []), *self.made.unused.get(ALL_READ, [])]
        overrides = self._overrides(r, aside, taken, ids, cells.texts(r.column), codes, texts)
        if r.positions is not None:
            codes = codes[r.positions]
            overrides = [(where[r.positions], outcome) for where, outcome in overrides]
        if ids is not None and len(ids) and ids.min() < 0:
            matched = np.flatnonzero(ids >= 0)
            overrides = [(where[matched], outcome) for where, outcome in overrides]
            codes, ids = codes[matched], ids[matched]
        target = Target(r.table.name, r.column, self.build.planned.name, self.block, self.name)
        place = str(self.made.use.place or "") if self.made.use else ""
        self._unused(ledger, r, target, place, ids)
        ledger.compare(target, place, ids, (codes, texts), overrides, change=self.change)

    def _overrides(self, r, aside, taken, ids, column, codes, texts) -> list[tuple[np.ndarray, CellOutcome]]:
        """Records whose outcome the value alone does not tell, over all records of the block."""
        empty = np.array([t == "" for t in texts], dtype=bool)[codes] if len(texts) else np.zeros(len(codes), bool)
        out: list[tuple[np.ndarray, CellOutcome]] = []
        if self.carries == "choice":
            verbatim = column.texts[column.codes if ids is None else column.codes[ids]]
            if r.positions is None:
                stripped = {t: t.strip() for t in set(column.texts)}
                same = np.array([stripped[t] for t in verbatim], dtype=object) == texts[codes]
                out.append((~same, CellOutcome.NOT_CHOSEN))
        elif self.rule.when is not None and empty.any():
            out.append((empty & ~self._environment().condition(self.rule.when), CellOutcome.NOT_CHOSEN))
        out += aside
        if self.carries == "first" and r.positions is None and self.fields.count(r.field) > 1:
            before = taken.get(r.field)
            here = column.filled[column.codes if ids is None else np.where(ids < 0, 0, column.codes[ids])]
            if ids is not None:
                here = here & (ids >= 0)
            for where, outcome in aside:
                here = here & ~where if outcome is CellOutcome.EMPTY else here
            if before is not None:
                out.append((before, CellOutcome.NOT_CHOSEN))
                here = here | before
            taken[r.field] = here
        return out

    def _unused(self, ledger: CellLedger, r: CellReading, target: Target, place: str, ids: np.ndarray | None) -> None:
        """Rows of the partition that the block did not take: excluded there; of another table: not chosen."""
        if ids is None:
            return
        cells = ledger.sources[r.table.name]
        inside = np.zeros(len(r.table.raw), dtype=bool)
        inside[slice(None) if r.table.ids is None else r.table.ids] = True
        inside[ids] = False
        left = np.flatnonzero(inside)
        if len(left):
            outcome = np.uint8(CellOutcome.EXCLUDED if r.base else CellOutcome.NOT_CHOSEN)
            ledger.target(target, place).mark(left, cells.filled(r.column, left).astype("uint8") * outcome)

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

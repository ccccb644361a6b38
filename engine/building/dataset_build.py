"""One dataset of one partition while it is built: its records first, then each variable when a rule needs it.

A variable is derived once, when it is first read. So DM.RFSTDTC may come from EX, and EX.EXSTDY from DM.RFSTDTC: the
order of variables counts, not that of datasets. A circle is an error that names its members. Not for building the
records (records.py), running a rule (run_rule.py), nor for partitions (partitions.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd

from ...errors import SpecError, SpecProblem
from ...mappings.binding.bind import place_of
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.row_block import RowBlock
from ..columns import column as col
from ..columns import verbs
from ..columns.rounding import significant
from ..columns.ties import Tie
from ..derivations.derivation import derivation
from ..derivations.environment import Environment
from ..plan.plan import PlannedDataset, PlannedVariable
from ..tables.dataset import Dataset, Finished, Lineage, Origin
from ..tables.raw_cells import RawCells, stacked
from ..tables.rows import BASE, Rows
from ..tables.source_places import Places
from ..tables.table import RawSlice
from .built_column import BuiltColumn, BuiltColumns
from .dataset_lineage import lineage_of
from .dataset_metadata import Precisions, metadata_of
from .dataset_ties import DatasetTies
from .predecessors import origin_of
from .records import build_records
from .run_rule import blank, derive_variable
from .view import JoinTie, PartitionBuild


class DatasetBuild:
    """One dataset of one partition while it is built.

    ``cut_subjects``: block -> subjects of the records that the data cut-off removes.
    """

    def __init__(self, study: PartitionBuild, planned: PlannedDataset):
        self.study, self.planned = study, planned
        self.columns = BuiltColumns()
        self.cut_subjects: dict[int, set[str]] = {}
        self._rows: dict[int, Rows] = {}
        self._concat: dict[tuple[str, int | None], pd.Series] = {}
        self._provisional: int | None = None  # the block whose records the data cut-off is looking at
        self._precisions = Precisions(self)
        self._ties = DatasetTies()

    @property
    def blocks(self) -> tuple[RowBlock, ...]:
        return self.planned.spec.blocks

    def block_range(self, upto: int | None = None) -> range:
        return range(len(self.blocks) if upto is None else upto)

    @property
    def of_no_subject(self) -> bool:
        """Whether no record has a subject: every partition can look them up, the first one writes them."""
        return "USUBJID" not in self.planned.variables

    # records

    @property
    def finished_from(self) -> int:
        """The first block that reads the blocks above as finished; rules of all records see those above it only."""
        found = (number for number, block in enumerate(self.blocks) if block.finished)
        return next(found, len(self.blocks))

    def rows(self, number: int) -> Rows:
        if number not in self._rows:
            with self.study.refuse_circle(self.planned.name, "", self.planned.place, number):
                self._rows[number] = build_records(self, number)
        return self._rows[number]

    @contextmanager
    def provisional(self, number: int, rows: Rows) -> Iterator[None]:
        """While the data cut-off looks at these records of a block, variables are derived for them."""
        self._rows[number], self._provisional = rows, number
        try:
            yield
        finally:
            del self._rows[number]
            self._provisional = None

    def narrow(self, number: int, positions: np.ndarray) -> None:
        """Narrow the columns of a block that are built already to the records at ``positions``."""
        self.columns.narrow(number, positions)

    def add_column(self, number: int, name: str, column: BuiltColumn) -> None:
        """A further column of a block, built for its present records."""
        self.columns.further[name, number] = column

    # values

    def value(self, name: str, block: int | None, upto: int | None = None) -> pd.Series:
        """A variable in one block, or in all blocks below each other (block None), or in those before ``upto``."""
        planned = self.planned.every[name]
        if block is not None:
            rule = planned.rule_in(block)
            if rule is not None and derivation(rule).whole and block not in planned.block_rules:
                return self._slice(self._of_whole_dataset(planned).values, block)
            return self._of_block(planned, block).values
        key = (name, upto)
        if key not in self._concat:
            self._refuse_provisional(name)
            whole = planned.rule is not None and derivation(planned.rule).whole and not planned.block_rules
            if whole and upto is None:
                self._concat[key] = self._of_whole_dataset(planned).values
            else:
                parts = [self.value(name, b) for b in self.block_range(upto)]
                self._concat[key] = col.concat(parts) if parts else blank(planned.is_numeric, 0)
        return self._concat[key]

    def raw_cells(self, name: str, block: int | None, upto: int | None = None) -> RawCells:
        """The raw cells whose texts a variable holds, in one block or in all below each other."""
        planned = self.planned.every[name]
        if planned.is_numeric:
            return RawCells(len(self.value(name, block, upto)))
        if block is None:
            parts = [self.raw_cells(name, b) for b in self.block_range(upto)]
            return stacked(parts) if parts else RawCells(0)
        rule = planned.rule_in(block)
        if rule is None or derivation(rule).whole:
            return RawCells(self.rows(block).n)
        built = self._of_block(planned, block)
        if built.cells is None:
            built.cells = self._cells_of(planned, block, rule, built)
        return built.cells

    def collected(self, name: str, block: int | None) -> tuple[pd.Series, RawCells] | None:
        """(texts, their raw cells) of a variable of one block, where its values are written in another way."""
        planned = self.planned.every[name]
        rule = planned.rule_in(block) if block is not None else None
        if block is None or rule is None or derivation(rule).whole:
            return None
        return self._of_block(planned, block).collected

    def _cells_of(self, planned: PlannedVariable, block: int, rule: DerivationSpec, built: BuiltColumn) -> RawCells:
        rows = self.rows(block)
        if built.picked is not None:
            table, ids = built.picked
            columns = [r.column for r in built.use.reads if r.node == built.node] if built.use is not None else []
            return RawCells.of(table, columns[0], ids, rows.n) if columns else RawCells(rows.n)
        return derivation(rule).raw_cells(Environment(self, rows, block, planned, rule), built.values)

    def _slice(self, values: pd.Series, block: int) -> pd.Series:
        start = sum(self.rows(b).n for b in range(block))
        return col.take(values, np.arange(start, start + self.rows(block).n))

    def _of_block(self, planned: PlannedVariable, block: int) -> BuiltColumn:
        """A variable in one block, derived now if no rule has read it before."""
        rows = self.rows(block)  # first: the data cut-off may need this variable to build them
        built = self.columns.by_block.get((planned.name, block))
        if built is not None:
            return built
        rule, cutoff = planned.rule_in(block), self.study.cutoff
        if rule is None:
            built = BuiltColumn(blank(planned.is_numeric, rows.n), Origin("Not Available", "Sponsor"))
        else:
            with self.study.refuse_circle(self.planned.name, planned.name, place_of(rule), block):
                built = derive_variable(Environment(self, rows, block, planned, rule), rule)
                built = built if cutoff is None else cutoff.cut_column(self, planned.name, block, built)
        return self.columns.add(planned.name, block, built)

    def _of_whole_dataset(self, planned: PlannedVariable) -> BuiltColumn:
        """A variable whose rule sees all records of the dataset, derived now if no rule has read it before."""
        columns = self.columns.whole
        if planned.name not in columns:
            assert planned.rule is not None
            self._refuse_provisional(planned.name)
            upto = self._upto(planned)
            rows = Rows(sum(self.rows(b).n for b in self.block_range(upto)), {})
            with self.study.refuse_circle(self.planned.name, planned.name, place_of(planned.rule)):
                env = Environment(self, rows, None, planned, planned.rule)
                env.upto = None if upto == len(self.blocks) else upto
                columns[planned.name] = derive_variable(env, planned.rule)
        return columns[planned.name]

    def _upto(self, planned: PlannedVariable) -> int:
        """The block before which the records are that a rule of all records sees."""
        numbers = planned.rule is not None and derivation(planned.rule).numbers
        return len(self.blocks) if numbers else self.finished_from

    def _refuse_provisional(self, name: str) -> None:
        """Refuse a variable of all records while the data cut-off looks at one block: the others are not built yet."""
        if self._provisional is not None:
            place = self.planned.cut.place if self.planned.cut and self.planned.cut.place else self.planned.place
            message = (
                f"the date that decides the data cut-off of {self.planned.name} needs {name} of all records, and these "
                "are known only after the cut; choose another date with cutoff: {by: ...}"
            )
            raise SpecError([SpecProblem(place, message, self.planned.name, name)])

    def built_in(self, block: int) -> Iterator[tuple[str, DerivationSpec, BuiltColumn]]:
        """(name, rule, column) of every further column and variable that a rule derives for this block alone."""
        for (name, number), built in self.columns.further.items():
            if number == block:
                values = self.rows(block).column("", name)
                yield name, self.blocks[block].columns[name], replace(built, values=values)
        for (name, number), built in self.columns.by_block.items():
            rule = self.planned.every[name].rule_in(block) if number == block else None
            if rule is not None and built.use is not None:
                yield name, rule, built

    def cell_places(self, name: str) -> Places:
        """The raw cell of each record's value of a variable, in the order in which the records were built.

        '' and -1 where a record comes from no raw row, or the variable from more than one column.
        """
        sources, files, numbers, columns = [], [], [], []
        for b in self.block_range():
            base, n = self.rows(b).nodes[BASE][0], self.rows(b).n
            raw = isinstance(base, RawSlice)
            ids = base.global_ids(self.rows(b).ids())
            sources.append(np.full(n, base.name if raw else "", dtype=object))
            files.append(np.full(n, base.raw.file if raw else "", dtype=object))
            numbers.append(base.raw.record[ids] if raw else np.full(n, -1))
            rule = self.planned.every[name].rule_in(b)
            read = [c for _, c in rule.reads()] if rule is not None else []
            columns.append(np.full(n, read[0] if raw and len(read) == 1 and base.has(read[0]) else "", dtype=object))
        return Places(*(np.concatenate(parts) for parts in (sources, files, numbers, columns)))

    # ties

    def note_flag_tie(self, env: Environment, tie: Tie, ranked: str, which: str) -> None:
        """Note records that rank as a flagged one does; ``report_ties`` reports those that differ."""
        self._ties.note_flag(env, tie, ranked, which)

    def note_join_tie(self, tie: JoinTie) -> None:
        """Note rows of a joined table that rank as the ones that were taken for the records."""
        self._ties.note_join(tie)

    def report_ties(self) -> None:
        """The findings about ties. Call it when all variables are built."""
        self._ties.report(self)

    # the finished dataset

    def _sorted(self) -> tuple[dict[str, pd.Series], np.ndarray]:
        """All values in the order in which the records were built, and the positions that sort them."""
        values = {name: self._rounded(name) for name in self.planned.variables}
        names = [s for s in self.planned.sort if s.lstrip("-") in values]
        keys = [values[n.lstrip("-")] for n in names]
        n = sum(self.rows(b).n for b in self.block_range())
        order = verbs.order_rows(keys, [n.startswith("-") for n in names]) if keys else np.arange(n)
        return values, order

    def _rounded(self, name: str) -> pd.Series:
        """A variable in all blocks; computed numbers are rounded where other blocks keep more digits of theirs."""
        values = self.value(name, None)
        if not self.planned.every[name].is_numeric or name in self.columns.whole:
            return values
        digits = [self._precisions.of_column(self.columns.by_block[name, b]) for b in self.block_range()]
        if len(set(digits)) < 2:
            return values
        parts = zip(self.block_range(), digits, strict=True)
        return col.concat([col.series(significant(self.value(name, b).to_numpy(), d)) for b, d in parts])

    def lineage(self, order: np.ndarray) -> Lineage:
        """Row ids of every record, in final order; positions in datasets are those of this partition's final order."""
        return lineage_of(self, order)

    def origin(self, name: str) -> Origin:
        """The origin of a variable over all its blocks."""
        return origin_of(self, name)

    def precision(self, name: str) -> int:
        """The significant digits that a number keeps: those of the block that keeps most."""
        return self._precisions.of_variable(name)

    def finish(self) -> Finished:
        """The dataset in its final order; only the first partition writes records of no subject."""
        values, order = self._sorted()
        written = order
        if not self.study.first:
            here = [
                np.full(self.rows(b).n, not (self.of_no_subject or self.blocks[b].records)) for b in self.block_range()
            ]
            written = order[np.concatenate(here)[order]]
        self.study.orders[self.planned.name] = order if self.of_no_subject else written
        as_built = len(written) == len(order) and bool((written == np.arange(len(written))).all())
        columns = values if as_built else {name: col.take(column, written) for name, column in values.items()}
        return Finished(Dataset.of_columns(metadata_of(self), columns, len(written)), written)

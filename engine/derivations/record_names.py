"""The records that a rule reads: what a name means for them, which rows of other tables belong to them.

Not for conditions and findings (environment.py), nor for when a variable is derived (engine/building/dataset_build.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...errors import Place, SpecError, SpecProblem, nearest
from ...mappings.binding.bind import SpecModel, place_of
from ...mappings.models.derivation import DerivationSpec
from ..columns import column as col
from ..plan.plan import PlannedVariable
from ..readers.cell_readers import Declarations
from ..tables.dataset import SAME_RECORD, SUBJECT, Reading
from ..tables.raw_cells import RawCells
from ..tables.rows import BASE, Rows
from ..tables.table import LiteralTable, RawSlice, Table
from .view import DatasetView


@dataclass(frozen=True)
class NamedColumn:
    """What a name means for the records.

    ``values``: derives or takes the column. ``cells``: the raw cells whose texts it holds. ``reads``: what a rule reads
    by this name. ``of_block``: it is a column that was built for the block.
    """

    values: Callable[[], pd.Series]
    cells: Callable[[], RawCells]
    reads: tuple[Reading, ...] = ()
    of_block: bool = False


class RecordNames:
    """``n`` records and the names they can read.

    A bare name is a column of the block first (of its source, or built for the block), then another variable of this
    dataset, then a column of a joined table. ``TABLE.NAME`` is a joined table, this dataset, or another dataset or
    source by subject. ``rule``: the rule, block or join whose lines errors name. ``read``: what was read, in order.
    ``through``: the columns built for the block that were read.
    """

    def __init__(
        self,
        build: DatasetView,
        rows: Rows,
        block: int | None,
        variable: PlannedVariable | None,
        rule: SpecModel | None,
    ):
        self.build, self.rows, self.block, self.variable, self.rule = build, rows, block, variable, rule
        self.n = rows.n
        #: of a rule that sees all records of the dataset: only those of the blocks before this one
        self.upto: int | None = None
        self.study = build.study.plan
        self.read: dict[Reading, None] = {}
        self.through: dict[str, None] = {}

    @property
    def dataset(self) -> str:
        return self.build.planned.name

    @property
    def target(self) -> str:
        return self.variable.name if self.variable else ""

    @property
    def declarations(self) -> Declarations:
        """What study.yaml declares for raw columns."""
        return self.build.study.declarations

    # columns by name

    def column(self, name: str, field: str = "") -> pd.Series:
        """The column that ``name`` means here. Raises SpecError at the rule's line when there is none."""
        named = self._named(name, field)
        if named.of_block:
            self.through[name] = None
        self.read |= dict.fromkeys(named.reads)
        return named.values()

    def peek(self, name: str) -> pd.Series:
        """The same column for a finding. It is not noted as read: lineage must not depend on findings."""
        return self._named(name, "").values()

    def raw_cells(self, name: str) -> RawCells:
        """The raw cells whose texts ``column(name)`` holds: none for the values of a spec, a formula or a dataset."""
        named = self._find(name)
        return named.cells() if named is not None else RawCells(self.n)

    def collected(self, name: str, field: str = "") -> tuple[pd.Series, RawCells]:
        """(texts, their raw cells) of a column as they were collected, for rules that read them as something else."""
        values = self.column(name, field)
        variable = self.other_variable(name)
        as_collected = self.build.collected(variable, self.block) if variable is not None else None
        return as_collected if as_collected is not None else (values, self.raw_cells(name))

    def cells_on(self, table: Table, column: str) -> RawCells:
        """The raw cells of a column of another table, for all its rows: none where the table is a dataset."""
        return RawCells.of(table, column, None, table.n)

    def _named(self, name: str, field: str) -> NamedColumn:
        named = self._find(name)
        if named is None:
            raise self.unknown(name, field)
        return named

    def _find(self, name: str) -> NamedColumn | None:
        """What ``name`` means here; None when there is nothing of the name."""
        variable = self.other_variable(name)
        if variable is not None:
            return NamedColumn(
                lambda: self.build.value(variable, self.block, self.upto),
                lambda: self.build.raw_cells(variable, self.block, self.upto),
                (Reading(SAME_RECORD, self.dataset, variable),),
            )
        found = self.rows.find(name, joined=False) or self.rows.find(name)
        if found is not None:
            return NamedColumn(
                lambda: self.rows.column(*found),
                lambda: self.rows.raw_cells(*found),
                self._reads_of(*found),
                not found[0],
            )
        prefix, dot, rest = name.partition(".")
        if dot and self.build.study.has_table(prefix):
            table = self.build.study.table(prefix, self.build, self.block)
            column = table.qualified(rest)
            if column is not None and table.has_subject:
                return self._of_subject(table, column)
        return None

    def _reads_of(self, node: str, column: str) -> tuple[Reading, ...]:
        """What a column of the rows is read from; nothing for a text of the spec."""
        if not node:
            return self.rows.column_sources[column].reads if column in self.rows.column_sources else ()
        table = self.rows.nodes[node][0]
        if isinstance(table, LiteralTable):
            return ()
        return (Reading(node if node == BASE else f"row:{node}", table.name, table.shown(column)),)

    def _of_subject(self, table: Table, column: str) -> NamedColumn:
        """A column of a table with at most one row per subject, for the subjects of the records."""
        node = subject_node(table) if isinstance(table, RawSlice) else SUBJECT
        stated = isinstance(table, LiteralTable)
        return NamedColumn(
            lambda: col.take(table.column(column), self.subject_rows(table)),
            lambda: self._cells_of_subject(table, column),
            () if stated else (Reading(node, table.name, table.shown(column)),),
        )

    def _cells_of_subject(self, table: Table, column: str) -> RawCells:
        if not isinstance(table, RawSlice):
            return RawCells(self.n)
        return RawCells.of(table, column, self.subject_rows(table), self.n)

    def other_variable(self, name: str) -> str | None:
        """The other variable of this dataset that a name means; None where the block has a column of the name.

        A rule of a convention always reads the variable: AESTDY reads AE.AESTDTC though the raw file has a column
        AESTDTC.
        """
        variable = name.removeprefix(f"{self.dataset}.")
        if variable not in self.build.planned.every or variable == self.target or self._is_joined(name):
            return None
        of_variables = self.by_convention or self._of_derived_record
        return variable if of_variables or self.rows.find(name, joined=False) is None else None

    @property
    def _of_derived_record(self) -> bool:
        """Whether the rule is that of all records, and the block derives records from others of the dataset.

        Then a name is the variable of the derived record, not that of the record above.
        """
        if self.variable is None or self.block is None or self.rule is not self.variable.rule:
            return False
        return self.build.blocks[self.block].from_ == self.dataset

    @property
    def by_convention(self) -> bool:
        """Whether a convention supplied the rule, and the rule names variables of the dataset."""
        supplied = self.variable is not None and self.variable.by_convention
        return supplied and isinstance(self.rule, DerivationSpec) and self.rule.of_variables

    def _is_joined(self, name: str) -> bool:
        """Whether a qualified name means a table joined here, as ADRS.AVALC where earlier ADRS records are joined."""
        prefix, dot, _ = name.partition(".")
        return bool(dot) and any(node.strip() == prefix for node in self.rows.nodes if node != BASE)

    def unknown(self, name: str, field: str = "") -> SpecError:
        names = [n for table, _ in self.rows.nodes.values() for n in table.names()]
        names += [*self.rows.extra, *(n for n in self.build.planned.variables if n != self.target)]
        if self.target and name.removeprefix(f"{self.dataset}.") == self.target:
            return self.error(f"{self.target} is derived from itself: the rows have no column of this name", field)
        return self.error(f"there is no column or variable '{name}' here", field, nearest(name, names))

    def subject_rows(self, table: Table) -> np.ndarray:
        """Position of each record's subject in a table with one row per subject; -1 where it has none."""
        return self.build.study.subject_rows(table, self.subject())

    def subject(self) -> pd.Series:
        """USUBJID of the records."""
        found = self.rows.find_subject()
        if found is not None:
            return self.rows.column(*found)
        return self.build.value("USUBJID", self.block, self.upto)

    @property
    def has_subject(self) -> bool:
        """Whether the subject of the records is known here: not while the records of no subject are built."""
        every = self.build.planned.every
        return self.rows.find_subject() is not None or (
            "USUBJID" in every and self.target in every and self.target != "USUBJID"
        )

    def key_pairs(self, on: tuple[str, ...] | dict[str, str], table: Table) -> list[tuple[str, str]]:
        """(name of the records, column of the table) of each key. The subject is part of a key that both sides have.

        Rows of different subjects never match, so that a result does not depend on who shares a partition.
        """
        named = list(on.items()) if isinstance(on, dict) else [(k, k) for k in on]
        pairs = [(name, _in_table(table, column)) for name, column in named]
        if self.has_subject and table.has_subject and all(column != "USUBJID" for _, column in pairs):
            pairs.append(("USUBJID", "USUBJID"))
        return pairs

    def table(self, name: str) -> Table:
        """A dataset or source by name; of this dataset only the blocks before this one."""
        return self.build.study.table(name, self.build, self.block)

    def error(self, message: str, field: str = "", hint: str = "") -> SpecError:
        place = place_of(self.rule, field or None) if self.rule else Place("")
        return SpecError([SpecProblem(place, message, self.dataset, self.target, hint)])


def _in_table(table: Table, name: str) -> str:
    """A key of a table, which a spec may also write as TABLE.NAME."""
    found = name if table.has(name) else table.qualified(name.removeprefix(f"{table.name}."))
    return name if found is None else found


def subject_node(table: Table) -> str:
    """The lineage node of the subject's row of a raw source."""
    return f"{SUBJECT}:{table.name}"

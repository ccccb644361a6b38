"""The texts that the columns of a planned study can contain, by its specs and, if they are available, the raw data.

Not for mistakes in a spec (conditions.py, terms.py, maps.py) nor for the texts of one rule (rule_texts.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..engine.subjects.identity import IDENTITY_COLUMNS
from ..engine.tables.existing import ExistingDataset
from ..mappings.expressions.tree import Call, Literal, Name, Node
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.row_block import RowBlock
from .rule_texts import TEXTS_OF_RULES
from .texts import CHANGES, MOST, OPEN, RawCells, Texts, only, together

#: the block itself does not derive the column
_NOT_OF_BLOCK = object()


@dataclass
class KnownTexts:
    """The texts of a planned study's columns. ``data``: the raw cells; None if the raw data are not available.

    ``existing``: existing SDTM by domain. ``specs``: the texts by the study's specs of these domains.
    """

    plan: PlannedStudy
    data: RawCells | None = None
    existing: Mapping[str, ExistingDataset] = field(default_factory=dict)
    specs: KnownTexts | None = None
    _of: dict[tuple[str, str, int], Texts | None] = field(default_factory=dict)
    _tables: dict[tuple[str, str], Texts | None] = field(default_factory=dict)
    _open_now: int = 0

    def raw(self, source: str, column: str) -> Texts | None:
        """A raw column: its cells, and the codes that study.yaml declares for it."""
        cells = self.cells(source, column)
        if not any(cells):  # a column that is empty in this export can contain any text
            return OPEN
        codes = self.plan.spec.sources[source].codes.get(column, ())
        return Texts(frozenset(cells) | frozenset(codes), seen=not codes)

    def cells(self, source: str, column: str) -> Mapping[str, int]:
        """The cells of a raw column: text to number; {} if the raw data are not available."""
        return self.data.of(source, column) if self.data is not None else {}

    def raw_columns(self, name: str, dataset: PlannedDataset, number: int) -> list[tuple[str, str]] | None:
        """(source, column) of the raw columns that a name means in a block; None if it also means another column."""
        block = dataset.spec.blocks[number]
        if self.data is None or name in block.columns or name in block.each or block.records:
            return None
        names = (name,)
        if name in block.splits:  # the parts of a cell, not a raw column
            return None
        if name in block.explode:
            names = block.exploded[name]
        elif block.unpivot and name == "RESULT":
            names = tuple(i.result for i in block.unpivot.values())
        elif name in ("ITEM", "UNIT") and (block.unpivot or block.explode):
            return None
        found = []
        for column in names:
            table, dot, rest = column.partition(".")
            joined = {j.name: j.source for j in block.joins if j.source}
            source = joined.get(table) if dot else block.source
            if source is None or not self.data.has(source, rest if dot else column):
                return None
            found.append((source, rest if dot else column))
        return found

    def table(self, table: str, column: str) -> Texts | None:
        """A column of a raw source or of a dataset, all its records."""
        key = table, column
        if key not in self._tables:
            found = self._whole(table, column)
            if self._open_now:
                return found  # a rule is still being resolved, so the result is not final
            self._tables[key] = found
        return self._tables[key]

    def _whole(self, table: str, column: str) -> Texts | None:
        if table in self.plan.spec.sources:
            return self.raw(table, column)
        if table in self.existing:
            return self._of_existing(self.existing[table], column)
        planned = self.plan.datasets.get(table)
        if planned is None or column not in planned.every:
            return OPEN  # an existing dataset
        blocks = range(len(planned.spec.blocks))
        return together(self.variable(planned, column, b) for b in blocks)

    def _of_existing(self, table: ExistingDataset, column: str) -> Texts | None:
        """A variable of existing SDTM: its texts, the terms planned for it, and the texts by the specs."""
        variable = next((v for v in table.dataset.metadata.variables if v.name == column), None)
        if variable is None or variable.is_numeric:
            return OPEN
        codes, texts = col.split_text(pd.Series(table.dataset.frame[column]))
        values = {str(t) for t in texts[np.unique(codes)]} if len(codes) else set()
        if not any(t.strip() for t in values) or len(values) > MOST:
            return OPEN
        levels = [level.codelist for level in table.dataset.metadata.values if level.variable == column]
        for codelist in (variable.codelist, *levels):
            values |= codelist.values if codelist is not None else frozenset()
        planned = self.specs.table(table.name, column) if self.specs is not None else OPEN
        found = Texts(frozenset(values), seen=True)
        return found if planned is None else together((found, planned))

    def variable(self, dataset: PlannedDataset, name: str, block: int) -> Texts | None:
        """A variable of a dataset in the records of one block."""
        key = dataset.name, name, block
        if key not in self._of:
            self._of[key] = OPEN  # while it is resolved: a rule that needs itself is open
            planned = dataset.every[name]
            rule = planned.rule_in(block)
            self._open_now += 1
            self._of[key] = only("") if rule is None else self.rule(rule, dataset, planned, block)
            self._open_now -= 1
        return self._of[key]

    def column(self, name: str, dataset: PlannedDataset, number: int, items: bool = True) -> Texts | None:
        """The texts of a name in the rules of a block; for the meaning of names see Environment.column.

        ``items`` False: without the columns that the block derives from its items, which may have the name of a raw
        column.
        """
        block = dataset.spec.blocks[number]
        of_block = self._of_block(name, dataset, number, block) if items else _NOT_OF_BLOCK
        if of_block is not _NOT_OF_BLOCK:
            return of_block  # pyright: ignore[reportReturnType]
        if block.source is not None and self._has(block.source, name):
            return self.bare(block.source, name)
        if block.from_ is not None and self._has(block.from_, name):
            return self.table(block.from_, name)
        variable = name.removeprefix(f"{dataset.name}.")
        if variable in dataset.every:
            return self.variable(dataset, variable, number)
        table, dot, rest = name.partition(".")
        for join in block.joins:
            if dot and table == join.name:
                return self.table(join.table, rest)
            if not dot and self._has(join.table, name):
                return self.bare(join.table, name)
        return self.table(table, rest) if dot else OPEN

    def bare(self, table: str, name: str) -> Texts | None:
        """A column of a table by its name alone. USUBJID and the like are the identity, not a column of a file."""
        source = self.plan.spec.sources.get(table)
        if source is not None and name in IDENTITY_COLUMNS and source.subject != "none":
            return OPEN
        return self.table(table, name)

    def _has(self, table: str, name: str) -> bool:
        if table in self.plan.spec.sources:
            return self.data is None or self.data.has(table, name)
        if table in self.existing:
            return name in self.existing[table].dataset.metadata.names
        planned = self.plan.datasets.get(table)
        return planned is None or name in planned.every

    def _of_block(self, name: str, dataset: PlannedDataset, number: int, block: RowBlock) -> Texts | object | None:
        """A column that the block itself derives; _NOT_OF_BLOCK for any other."""
        if name in block.columns:
            return self.rule(block.columns[name], dataset, PlannedVariable(name, name), number)
        if name in block.explode:
            return together(self.column(c, dataset, number, items=False) for c in block.explode[name])
        if name == "ITEM" and block.explode:
            return Texts(frozenset(c for columns in block.explode.values() for c in columns))
        if name in block.each:
            return only(*block.each[name])
        if block.records:
            return Texts(frozenset(r.get(name, "") for r in block.records))
        if name in block.step_columns:
            return OPEN
        if not block.unpivot:
            return _NOT_OF_BLOCK
        if name == "ITEM":
            return Texts(frozenset(block.unpivot))
        items = block.unpivot.values()
        if name == "RESULT":
            return together(self.column(i.result, dataset, number, items=False) for i in items)
        if name == "UNIT":
            units = [only(i.unit) if isinstance(i.unit, str) else self._unit(i.unit, dataset, number) for i in items]
            return together(units)
        if any(name in i.columns for i in items):
            return Texts(frozenset(i.columns.get(name, "") for i in items))
        return _NOT_OF_BLOCK

    def _unit(self, rule: DerivationSpec | None, dataset: PlannedDataset, number: int) -> Texts | None:
        return only("") if rule is None else self.rule(rule, dataset, PlannedVariable("UNIT", "UNIT"), number)

    def rule(
        self, rule: DerivationSpec, dataset: PlannedDataset, variable: PlannedVariable, number: int
    ) -> Texts | None:
        """The texts that a rule can derive."""
        if variable.is_numeric:
            return OPEN
        how = TEXTS_OF_RULES.get(type(rule))
        return how(self, rule, dataset, variable, number) if how is not None else OPEN

    def formula(self, node: Node, dataset: PlannedDataset, number: int) -> Texts | None:
        """The texts of a part of a formula."""
        if isinstance(node, Literal):
            return only(str(node.value)) if isinstance(node.value, str) else OPEN
        if isinstance(node, Name):
            return self.column(node.name, dataset, number)
        if isinstance(node, Call) and node.function in CHANGES:
            inner = self.formula(node.arguments[0], dataset, number)
            return inner.mapped(CHANGES[node.function]) if inner is not None else OPEN
        if isinstance(node, Call) and node.function in ("if", "coalesce", "min", "max"):
            values = node.arguments[1:] if node.function == "if" else node.arguments
            return together(self.formula(a, dataset, number) for a in values)
        return OPEN

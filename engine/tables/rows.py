"""Rows: the records of one block while they are built: where each comes from, and the columns that it can read.

A column is taken when a rule reads it, so a filter or a join of a wide table costs only what the rules read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..columns import column as col
from .dataset import Origin, Reading
from .raw_cells import RawCells
from .table import Table

#: the node of the rows of the block itself, in lineage too
BASE = "row"


def node_of(name: str, taken: Collection[str]) -> str:
    """The node of a joined table: its name. A name that lineage uses already (``row``, a block's number, a variable of
    the dataset) gets a blank behind it: no table has a blank in its name."""
    return f"{name} " if name == BASE or name.isdigit() or name in taken else name


@dataclass(frozen=True)
class ColumnSources:
    """The sources of a column that was built for a block.

    ``carried``: by item, the name whose cells it carries ('' for none); empty for a column that a rule derives.
    ``reads``: all that it read. ``rule``: a rule of ``columns:`` derives it. ``origin``: its origin, if not every
    value of it is a value of a table.
    """

    carried: tuple[str, ...] = ()
    reads: tuple[Reading, ...] = ()
    rule: bool = False
    origin: Origin | None = None


class Rows:
    """``n`` records. ``nodes``: name -> (table, positions in it or None for all, -1 for no match).

    The base node is ``row``. ``TABLE.COLUMN`` names a column of any node. A bare name is a column of the base table,
    else of the first joined table that has it. ``extra``: columns built for the block. ``items``: which exploded or
    unpivoted item each record is. ``column_sources``: the sources of each of ``extra``. ``cells``: the raw cells whose
    texts a column of ``extra`` holds, for the records that it was built for.
    """

    def __init__(
        self,
        n: int,
        nodes: Mapping[str, tuple[Table, np.ndarray | None]],
        extra: Mapping[str, tuple[pd.Series, np.ndarray | None]] | None = None,
        items: np.ndarray | None = None,
        column_sources: Mapping[str, ColumnSources] | None = None,
        cells: Mapping[str, RawCells] | None = None,
    ):
        self.n = n
        self.nodes = dict(nodes)
        self.extra = dict(extra or {})
        self.items = items
        self.column_sources = dict(column_sources or {})
        self.cells = dict(cells or {})
        self._cache: dict[tuple[str, str], pd.Series] = {}
        self._subject: tuple[str, str] | None = None

    @classmethod
    def of(cls, table: Table) -> Rows:
        return cls(table.n, {BASE: (table, None)})

    def find(self, name: str, *, joined: bool = True, further: bool = True) -> tuple[str, str] | None:
        """(node, column) that a name means here; node '' for a column of the block; None when there is none.

        ``joined`` False: a bare name is a column of the base table or of the block only; ``TABLE.NAME`` always counts.
        ``further`` False: no column built for the block. It may have the name of the raw column that it comes from.
        """
        if further and name in self.extra:
            return "", name
        for node, (table, _) in self.nodes.items():
            if (node == BASE or (joined and not table.absent)) and table.has(name):
                return node, name
        prefix, dot, rest = name.partition(".")
        if dot:
            for node, (table, _) in self.nodes.items():
                if prefix == (table.name if node == BASE else node.strip()):
                    column = table.qualified(rest)
                    if column is not None:
                        return node, column
        return None

    def find_subject(self) -> tuple[str, str] | None:
        """(node, column) of the identity USUBJID; a raw column of that name does not count."""
        if "USUBJID" in self.extra:
            return "", "USUBJID"
        if self._subject is None:  # a node that has it keeps it; a later one may be the first to have it
            for node, (table, _) in self.nodes.items():
                if (node == BASE or not table.absent) and table.has_subject:
                    self._subject = node, "USUBJID"
                    break
        return self._subject

    def column(self, node: str, name: str) -> pd.Series:
        if (node, name) not in self._cache:
            if node == "":
                column, ids = self.extra[name]
            else:
                table, ids = self.nodes[node]
                column = table.column(name)
            self._cache[node, name] = column if ids is None else col.take(column, ids)
        return self._cache[node, name]

    def raw_cells(self, node: str, name: str) -> RawCells:
        """The raw cells of a column that ``find`` has found."""
        if node:
            table, ids = self.nodes[node]
            return RawCells.of(table, name, ids, self.n)
        if name not in self.cells:
            return RawCells(self.n)
        return self.cells[name].take(self.extra[name][1])

    def ids(self, node: str = BASE) -> np.ndarray:
        """Positions of a node's rows in its table of this partition."""
        ids = self.nodes[node][1]
        return np.arange(self.n, dtype="int32") if ids is None else ids

    def take(self, positions: np.ndarray) -> Rows:
        """The records at these positions, in this order."""

        def compose(ids: np.ndarray | None) -> np.ndarray:
            return positions.astype("int32", copy=False) if ids is None else ids[positions]

        nodes = {k: (table, compose(ids)) for k, (table, ids) in self.nodes.items()}
        extra = {k: (column, compose(ids)) for k, (column, ids) in self.extra.items()}
        items = None if self.items is None else self.items[positions]
        return Rows(len(positions), nodes, extra, items, self.column_sources, self.cells)

    def with_node(self, node: str, table: Table, ids: np.ndarray) -> Rows:
        """The same records with a joined table beside them."""
        nodes = {**self.nodes, node: (table, ids.astype("int32", copy=False))}
        return Rows(self.n, nodes, self.extra, self.items, self.column_sources, self.cells)

    def with_columns(
        self,
        columns: Mapping[str, pd.Series],
        items: np.ndarray | None = None,
        column_sources: Mapping[str, ColumnSources] | None = None,
        cells: Mapping[str, RawCells] | None = None,
    ) -> Rows:
        """The same records with columns built for the block."""
        extra = {**self.extra, **{k: (v, None) for k, v in columns.items()}}
        names = {**self.column_sources, **(column_sources or {})}
        of_cells = {**{k: c for k, c in self.cells.items() if k not in columns}, **(cells or {})}
        return Rows(self.n, self.nodes, extra, self.items if items is None else items, names, of_cells)

    def without_column(self, name: str) -> Rows:
        """The same records without a column built for the block."""
        extra = {k: v for k, v in self.extra.items() if k != name}
        return Rows(self.n, self.nodes, extra, self.items, self.column_sources, self.cells)

"""What the parts of a build see of each other: the building of records, the data cut-off, the cell account.

Not for what a rule sees (engine/derivations/view.py).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ...errors import Place
from ...mappings.models.derivation import DerivationSpec
from ..columns.ties import Tie
from ..derivations.environment import Environment
from ..derivations.view import DatasetView, StudyView
from ..tables.rows import Rows
from ..tables.source_places import Places
from ..tables.table import RawSlice, Table
from .built_column import BuiltColumn, BuiltColumns


@dataclass(frozen=True, kw_only=True)
class JoinTie:
    """Rows of a joined table that rank as the rows that ``take:`` chose for the records of ``env``.

    ``node``: the lineage node of the table. ``rows``: per record its row there, -1 for none. ``ranked``: the columns
    that ranked them. ``which``: first or last. ``copies``: the records are copies of the rows, whose sequence numbers
    do not count as a difference.
    """

    env: Environment
    node: str
    table: Table
    rows: np.ndarray
    tie: Tie
    ranked: str
    which: str
    copies: bool = False


class CutoffView(Protocol):
    """The data cut-off, as the building of records sees it."""

    @property
    def date(self) -> datetime.date: ...

    def rows_of_subjects(self, build: Any, rows: Rows) -> Rows:
        """The rows without those of subjects that the cut-off removes as a whole."""
        ...

    def remaining(self, build: Any, rows: Rows, number: int) -> np.ndarray:
        """Positions of the records that stay."""
        ...

    def account(self, build: Any, base: RawSlice, rows: Rows, remaining: Rows) -> None:
        """Note in the ledger the rows whose records the cut-off removes."""
        ...

    def cut_column(self, build: Any, name: str, block: int, column: BuiltColumn) -> BuiltColumn:
        """A variable after the cut-off: a later end is missing."""
        ...

    def trim(self, build: Any, block: int, remaining: np.ndarray) -> None:
        """Narrow the ends that were cut to the records that stay."""
        ...


class PartitionBuild(StudyView, Protocol):
    """All datasets of one partition while they are built."""

    @property
    def builds(self) -> Mapping[str, DatasetInBuild]: ...

    @property
    def cutoff(self) -> CutoffView | None: ...

    @property
    def orders(self) -> dict[str, np.ndarray]:
        """Dataset -> positions of its records, in the order in which they were built, that give the final order."""
        ...

    def refuse_circle(
        self, dataset: str, variable: str, place: Place | None, block: int | None = None
    ) -> AbstractContextManager[None]:
        """While a variable, or '' for the records, is built in a block, nothing may need it there: a SpecError."""
        ...

    def final_ids(self, table: Table, ids: np.ndarray) -> np.ndarray:
        """Positions in the finished table for positions in the order in which its records were built."""
        ...


class DatasetInBuild(DatasetView, Protocol):
    """One dataset of one partition while it is built."""

    @property
    def study(self) -> PartitionBuild: ...

    @property
    def columns(self) -> BuiltColumns:
        """The variables and further columns that are built so far."""
        ...

    @property
    def cut_subjects(self) -> dict[int, set[str]]:
        """Block -> subjects of the records that the cut-off removes."""
        ...

    def precision(self, name: str) -> int:
        """The significant digits that a number keeps."""
        ...

    def cell_places(self, name: str) -> Places:
        """The raw cell of each record's value of a variable, in the order in which the records were built."""
        ...

    def provisional(self, number: int, rows: Rows) -> AbstractContextManager[None]:
        """While the data cut-off looks at these records of a block, variables are derived for them."""
        ...

    def narrow(self, number: int, positions: np.ndarray) -> None:
        """Narrow the columns of a block that are built already to the records at ``positions``."""
        ...

    def add_column(self, number: int, name: str, column: BuiltColumn) -> None:
        """A further column of a block."""
        ...

    def built_in(self, block: int) -> Iterator[tuple[str, DerivationSpec, BuiltColumn]]:
        """(name, rule, column) of every further column and variable that a rule derives for this block alone."""
        ...

    def note_join_tie(self, tie: JoinTie) -> None:
        """Note rows of a joined table that rank as the ones that were taken."""
        ...

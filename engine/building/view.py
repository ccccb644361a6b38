"""What the parts of a build see of each other: the maker of records, the data cut-off, the account of cells.

Not for what a rule sees (engine/derivations/view.py).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from ...errors import Place
from ...mappings.models.derivation import DerivationSpec
from ..columns.ties import Tie
from ..derivations.environment import Environment
from ..derivations.view import DatasetView, StudyView
from ..tables.rows import Rows
from ..tables.table import RawSlice, Table
from .run_rule import BuiltColumn


class CutoffView(Protocol):
    """The data cut-off, as the maker of records sees it."""

    @property
    def date(self) -> datetime.date: ...

    def rows_of_subjects(self, build: Any, rows: Rows) -> Rows:
        """The rows without those of subjects that the cut-off takes away as a whole."""
        ...

    def kept(self, build: Any, rows: Rows, number: int) -> np.ndarray:
        """Positions of the records that stay."""
        ...

    def account(self, build: Any, base: RawSlice, rows: Rows, kept: Rows) -> None:
        """Note in the ledger the rows whose records the cut-off takes away."""
        ...

    def made(self, build: Any, name: str, block: int, made: BuiltColumn) -> BuiltColumn:
        """A variable as the cut-off leaves it."""
        ...

    def trim(self, build: Any, block: int, kept: np.ndarray) -> None:
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
        """Dataset -> positions in the order of making that give its final order."""
        ...

    def making(self, what: str, place: Place | None, block: int | None = None) -> AbstractContextManager[None]:
        """Refuses a circle: what is built meanwhile must not need itself."""
        ...

    def final_ids(self, table: Table, ids: np.ndarray) -> np.ndarray:
        """Positions in the finished table for positions in the table as it was made."""
        ...


class DatasetInBuild(DatasetView, Protocol):
    """One dataset of one partition while it is built."""

    @property
    def study(self) -> PartitionBuild: ...

    @property
    def cut_subjects(self) -> dict[int, set[str]]:
        """Block -> subjects of the records that the cut-off takes away."""
        ...

    def precision(self, name: str) -> int:
        """The significant digits that a number keeps."""
        ...

    def provisional(self, number: int, rows: Rows) -> AbstractContextManager[None]:
        """While the data cut-off looks at these records of a block, variables are derived for them."""
        ...

    def keep(self, number: int, kept: np.ndarray) -> None:
        """Narrow what was derived for the records of a block to those at ``kept``."""
        ...

    def add_column(self, number: int, name: str, made: BuiltColumn) -> None:
        """A further column of a block."""
        ...

    def built_in(self, block: int) -> Iterator[tuple[str, DerivationSpec, BuiltColumn]]:
        """(name, rule, values) of every variable and further column of a block that has a rule of its own."""
        ...

    def taken(
        self, env: Environment, node: str, table: Table, rows: np.ndarray, tie: Tie, ranked: str, which: str
    ) -> None:
        """Note rows of a joined table that rank as the ones that were taken."""
        ...

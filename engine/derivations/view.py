"""What a rule, a step and the data cut-off may see of the dataset and the study that are built.

They are protocols, so that the rules do not import the build that runs them. Not for the build itself
(engine/building/dataset_build.py, engine/building/study_build.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ...findings.table import Findings
from ...mappings.models.row_block import RowBlock
from ..accounts.ledger import Ledger
from ..columns.ties import Tie
from ..expressions.unread_cells import UnreadCells
from ..plan.plan import PlannedDataset, PlannedStudy
from ..readers.cell_readers import Declarations
from ..tables.partition_cache import PartitionCache
from ..tables.raw_cells import RawCells
from ..tables.rows import Rows
from ..tables.table import Table


class StudyView(Protocol):
    """All datasets of one partition, as a rule sees them."""

    @property
    def plan(self) -> PlannedStudy: ...

    @property
    def findings(self) -> Findings: ...

    @property
    def tables(self) -> Mapping[str, Table]:
        """The raw sources and the existing datasets by name."""
        ...

    @property
    def cache(self) -> PartitionCache:
        """What rules compute one time for all datasets of the partition."""
        ...

    @property
    def unread(self) -> UnreadCells: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def declarations(self) -> Declarations:
        """What study.yaml declares for raw columns."""
        ...

    @property
    def kinds(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """(source, column) -> the kinds of value that the specs read or declare it as."""
        ...

    @property
    def first(self) -> bool:
        """Whether this is the first partition of the study."""
        ...

    def has_table(self, name: str) -> bool: ...

    def table(self, name: str, reader: Any, block: int | None) -> Table:
        """A source or dataset by name; a dataset that reads itself gets the blocks before ``block``."""
        ...

    def subject_rows(self, table: Table, subject: pd.Series) -> np.ndarray:
        """Position of the row of each subject in a table with one row per subject; -1 for none."""
        ...

    def refer(self, table: Table, ids: np.ndarray) -> None:
        """Note in the ledger the rows of a raw source that a join or lookup used."""
        ...

    def subject_codes(self, one: pd.Series, other: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Codes of the subjects of two tables, equal where the subject is."""
        ...


class DatasetView(Protocol):
    """One dataset of one partition, as a rule sees it."""

    @property
    def study(self) -> StudyView: ...

    @property
    def planned(self) -> PlannedDataset: ...

    @property
    def blocks(self) -> tuple[RowBlock, ...]: ...

    @property
    def of_no_subject(self) -> bool:
        """Whether no record of the dataset has a subject."""
        ...

    def block_range(self, upto: int | None = None) -> range: ...

    def rows(self, number: int) -> Rows:
        """The records of a block."""
        ...

    def value(self, name: str, block: int | None, upto: int | None = None) -> pd.Series:
        """A variable in one block, in all blocks (None), or in those before ``upto``."""
        ...

    def raw_cells(self, name: str, block: int | None, upto: int | None = None) -> RawCells:
        """The raw cells whose texts a variable holds."""
        ...

    def collected(self, name: str, block: int | None) -> tuple[pd.Series, RawCells] | None:
        """(texts, their raw cells) of a variable whose values are written in another way than they were collected."""
        ...

    def note_flag_tie(self, env: Any, tie: Tie, ranked: str, which: str) -> None:
        """Note records that rank as a flagged one does. ``ranked``: by which variables. ``which``: first or last."""
        ...

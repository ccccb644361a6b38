"""The subjects of a time to event and the tables that have their dates: the interface, and that of a running build.

Not for a finished build: trace/time_to_event.py has the scope of one subject in its datasets.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import day_number
from ...engine.tables.rows import BASE, Rows
from ...engine.tables.table import Table
from ...errors import SpecError, SpecProblem
from ...mappings.binding.spec_model import SpecModel, place_of

if TYPE_CHECKING:
    from ...engine.derivations.environment import Environment


class RecordsOf:
    """For rows of a table the number of their subject in a scope; -1 where there is none. Indexed by row positions.

    ``numbers``: of each row, or with ``codes``, the code of each row's subject, of each code.
    """

    def __init__(self, numbers: np.ndarray, codes: np.ndarray | None = None):
        self._numbers, self._codes = numbers, codes

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return self._numbers.take(rows if self._codes is None else self._codes.take(rows))


class Scope(ABC):
    """``n`` subjects, and the tables that have their dates.

    ``cutoff``: the study's data cut-off in days since 1960-01-01, None without one. ``dataset``: the one that is built.
    """

    n: int
    cutoff: float | None
    dataset: str

    @abstractmethod
    def subject(self, name: str, owner: SpecModel, field: str) -> pd.Series:
        """A column of the subjects, n values, or by subject ``DATASET.NAME``. SpecError when there is none."""

    @abstractmethod
    def table(self, name: str, owner: SpecModel) -> Table:
        """A dataset. SpecError when there is none."""

    @abstractmethod
    def records(self, table: Table) -> RecordsOf:
        """The number of the subject of each row of a table."""

    def equal(self, table: Table, name: str, text: str) -> np.ndarray | None:
        """Positions, rising, of the rows of a table whose text column is ``text``; None where that is not known."""
        return None

    def error(self, message: str, owner: SpecModel, field: str, hint: str = "") -> SpecError:
        return SpecError([SpecProblem(place_of(owner, field), message, self.dataset, "", hint)])


class BuildScope(Scope):
    """The subjects of a block and the tables of the study, while a dataset is built."""

    def __init__(self, env: Environment, rows: Rows, step: SpecModel):
        self.env, self.step, self.n = env, step, rows.n
        self.base: Table = rows.nodes[BASE][0]
        self.base_rows = rows.nodes[BASE][1]
        self.dataset = env.dataset
        day = env.study.spec.study.cutoff
        self.cutoff = day_number(day.isoformat()) if day is not None else None

    def subject(self, name: str, owner: SpecModel, field: str) -> pd.Series:
        return self.env.column(name, field)

    def table(self, name: str, owner: SpecModel) -> Table:
        if not self.env.build.study.has_table(name):
            raise self.error(f"there is no dataset '{name}'", owner, "from_")
        return self.env.table(name)

    def records(self, table: Table) -> RecordsOf:
        if table.name == self.base.name and self.base_rows is None:
            return RecordsOf(np.arange(self.n))
        if not table.has("USUBJID"):
            raise self.error(f"{table.name} has no subjects", self.step, "dates")
        if self.base_rows is not None or table.name == self.dataset:
            return self._records_of(table, self.env.subject())
        key = f"records by subject: {table.name} {self.base.name}"  # the same for every parameter
        return self.env.build.study.cache.computed(key, lambda: self._records_of(table, self.base.column("USUBJID")))

    def _records_of(self, table: Table, subjects: pd.Series) -> RecordsOf:
        codes, texts = col.split_text(table.column("USUBJID"))
        return RecordsOf(verbs.rows_of_texts(texts, subjects), codes)

    def equal(self, table: Table, name: str, text: str) -> np.ndarray | None:
        if table.name == self.dataset or col.is_number(column := table.column(name)):
            return None
        key = f"rows by text: {table.name}.{name}.{text}"
        return self.env.build.study.cache.computed(key, lambda: _rows_of_text(column, text))


def _rows_of_text(column: pd.Series, text: str) -> np.ndarray | None:
    """The rows with a text; blanks at its end do not count. None where the column has it in several spellings."""
    codes, texts = col.split_text(column)
    wanted = [i for i, t in enumerate(texts) if str(t).rstrip(" ") == text.rstrip(" ")]
    if len(wanted) > 1:
        return None
    return np.flatnonzero(codes == wanted[0]) if wanted else np.zeros(0, dtype="int64")

"""Tables that rules read: a raw source, a dataset or records of the spec, as far as one partition has them.

Not for combining them (rows.py, engine/columns/verbs.py) nor for reading files (sources/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..columns import column as col

if TYPE_CHECKING:
    from ...mappings.models.study_table import StudyTable
    from ...sources.table import RawTable
    from .existing import ExistingDataset


def identity_column_name(name: str) -> str:
    """An identity column in lineage, where the file has a column of that name too."""
    return f"<{name}>"


class Table:
    """A named table with columns by name and the subject of every row ('' where a row has none)."""

    name: str
    n: int
    absent = False  # an optional source that is not in this data cut
    first = True  # whether this is the study's first partition

    def names(self) -> list[str]:
        raise LookupError(self.name)

    def column(self, name: str) -> pd.Series:
        """A column, n rows; KeyError when there is none."""
        raise LookupError(f"{self.name}.{name}")

    def has(self, name: str) -> bool:
        return name in self.names()

    @property
    def has_subject(self) -> bool:
        """Whether USUBJID is the subject of the rows: a raw column may have this name by chance."""
        return self.has("USUBJID")

    def qualified(self, name: str) -> str | None:
        """The name for ``column`` that TABLE.NAME means; None where there is none."""
        return name if self.has(name) else None

    def shown(self, column: str) -> str:
        """The name of a column in lineage."""
        return column

    def global_ids(self, ids: np.ndarray) -> np.ndarray:
        """Row positions in the whole study for positions in this partition; -1 stays -1."""
        return ids

    def places(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """(file, data record from 1) of row positions in this partition; None where rows are of no file."""
        return None


class RawSlice(Table):
    """The rows of a raw source that belong to a partition. Cells are read without surrounding blanks.

    ``ids``: positions in the raw table (int32), None for all of them. ``identity``: USUBJID, SUBJID, SITEID and split
    identifiers of the whole raw table, beside the columns of the file. ``first``: this is the study's first partition,
    which builds and reports what has no subject. ``void``: column -> texts that mean no value.

    A raw column may have the name of an identity column. Then the bare name means the identity in every rule, and
    SOURCE.NAME the raw column.
    """

    def __init__(
        self,
        raw: RawTable,
        identity: dict[str, pd.Series],
        ids: np.ndarray | None = None,
        first: bool = True,
        void: Mapping[str, frozenset[str]] | None = None,
    ):
        self.raw, self.name, self.ids = raw, raw.name, ids
        self._void = void or {}
        self.first = first
        self.n = len(raw) if ids is None else len(ids)
        self._identity = identity
        self._cache: dict[str, pd.Series] = {}
        self._read: set[str] = set()
        self._names = [*map(str, raw.frame.columns), *(k for k in identity if k not in raw.frame.columns)]

        self.absent = not raw.present
        #: identity columns for which the file has a column of the same name and other values
        self._beside = {n for n in identity if n in raw.frame.columns and not _equal(identity[n], raw.frame[n])}

    def names(self) -> list[str]:
        return self._names

    def has(self, name: str) -> bool:
        return self.absent or name in self.raw.frame.columns or name in self._identity or bool(self.in_file(name))

    @property
    def has_subject(self) -> bool:
        return "USUBJID" in self._identity

    def qualified(self, name: str) -> str | None:
        return f"{self.name}.{name}" if name in self._beside else name if self.has(name) else None

    def in_file(self, column: str) -> str:
        """The file's column behind a column; '' for a column of the identity, which is composed of others."""
        if self.absent:
            return ""
        if column in self.raw.frame.columns:
            return "" if column in self._beside else column
        name = column.removeprefix(f"{self.name}.")
        return name if name != column and name in self._identity and name in self.raw.frame.columns else ""

    def shown(self, column: str) -> str:
        return identity_column_name(column) if column in self._beside else self.in_file(column) or column

    def read_columns(self) -> set[str]:
        """The file's columns that a rule, condition or join has read."""
        return {name for read in self._read.union(self._cache) if (name := self.in_file(read))}

    def restrict(self, positions: np.ndarray) -> None:
        """Drop all other rows. Call it before a rule has used them."""
        self.ids = positions.astype("int32") if self.ids is None else self.ids[positions]
        self.n = len(positions)
        self._read |= set(self._cache)
        self._cache.clear()

    def column(self, name: str) -> pd.Series:
        if name not in self._cache:
            if self.absent and name not in self._identity:
                self._cache[name] = col.constant("", 0)
                return self._cache[name]
            raw = self.in_file(name)
            if raw:
                column = without(stripped(col.column_of(self.raw.frame, raw)), self._void.get(raw, frozenset()))
            else:
                column = self._identity[name]
            # a partition has only some of the texts, and rules work one time per text
            self._cache[name] = column if self.ids is None else col.compact(col.take(column, self.ids))
        return self._cache[name]

    def texts(self, name: str) -> list[str]:
        """The texts of a column of the whole file, not only of these rows; '' for one that means no value."""
        raw = self.in_file(name)
        void = self._void.get(raw, frozenset())
        whole = self.raw.frame[raw] if raw else self._identity[name]
        return ["" if (t := str(text).strip()) in void else t for text in col.split_text(whole)[1]]

    def global_ids(self, ids: np.ndarray) -> np.ndarray:
        if self.ids is None:
            return ids
        return np.where(ids < 0, -1, self.ids[np.maximum(ids, 0)]) if self.n else ids

    def places(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ids = self.global_ids(ids)
        record = np.where(ids < 0, -1, self.raw.record[np.maximum(ids, 0)]) if len(self.raw) else np.full(len(ids), -1)
        return np.full(len(ids), self.raw.file, object), record


class ExistingDatasetTable(Table):
    """An existing dataset as a table, restricted to the rows of a partition.

    ``ids``: positions in the existing dataset (int32), None for all of them.
    """

    def __init__(self, existing: ExistingDataset, ids: np.ndarray | None = None, first: bool = True):
        self.existing, self.name, self.ids, self.first = existing, existing.name, ids, first
        self.n = len(existing) if ids is None else len(ids)
        self._cache: dict[str, pd.Series] = {}

    def names(self) -> list[str]:
        return self.existing.dataset.metadata.names

    def has(self, name: str) -> bool:
        return name in self.existing.dataset.frame.columns

    def column(self, name: str) -> pd.Series:
        if name not in self._cache:
            column = self.existing.dataset.columns[name]
            if self.ids is not None:
                column = col.take(column, self.ids)
                column = column if col.is_number(column) else col.compact(column)
            self._cache[name] = column
        return self._cache[name]

    def global_ids(self, ids: np.ndarray) -> np.ndarray:
        if self.ids is None:
            return ids
        return np.where(ids < 0, -1, self.ids[np.maximum(ids, 0)]) if self.n else ids

    def places(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.existing.places(self.global_ids(ids))


#: the columns of records without a table, in blocks whose rule is still to be written
IDENTIFIERS = ("STUDYID", "USUBJID", "SUBJID", "SITEID")


class LiteralTable(Table):
    """Records that a spec lists; none has a subject. ``names``: further columns, which are empty."""

    def __init__(self, name: str, records: Sequence[Mapping[str, str]], names: Sequence[str] = ()):
        self.name, self.n = name, len(records)
        self._names = list(dict.fromkeys([*(k for r in records for k in r), *names]))
        self._records = records

    def names(self) -> list[str]:
        return self._names

    def column(self, name: str) -> pd.Series:
        if name not in self._names:
            raise KeyError(name)
        return col.text_column([r.get(name, "") for r in self._records])


class SpecTable(LiteralTable):
    """A small table of the study, whose cells the specification states; its numbers are numbers."""

    def __init__(self, name: str, table: StudyTable):
        super().__init__(name, (), tuple(table.columns))
        self.n, self._table = table.n, table

    def column(self, name: str) -> pd.Series:
        if name in self._table.numbers:
            return pd.Series(np.array(self._table.numbers[name], dtype="float64"))
        return col.text_column(list(self._table.columns[name]))


def _equal(one: pd.Series, other: pd.Series) -> bool:
    """Whether two text columns are equal but for blanks around a text; False without rows."""
    (codes, texts), (other_codes, other_texts) = col.split_text(one), col.split_text(stripped(other))
    return len(codes) > 0 and bool((texts[codes] == other_texts[other_codes]).all())


def stripped(column: pd.Series) -> pd.Series:
    """A text column without surrounding blanks; the verbatim cell stays in the raw copy. See docs/semantics.md S2."""
    codes, values = col.split_text(column)
    if all(v == v.strip() for v in values):
        return column
    return col.join_text(codes, [v.strip() for v in values])


def without(column: pd.Series, void: frozenset[str]) -> pd.Series:
    """A text column in which the texts of ``void`` are missing."""
    return col.map_text(column, lambda t: "" if t in void else t) if void else column

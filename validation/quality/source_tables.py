"""Raw sources as checks see them: one table of text, numbers and dates per source, as the study declares them.

A column that the study reads as numbers alone has numbers here, one that it reads as dates alone has ISO 8601 texts. A
cell that cannot be read so is missing: other findings report it. Not for the checks, nor for defects of single cells
(validation/raw/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.derivations.column_kinds import column_kinds
from ...engine.plan.plan import PlannedStudy
from ...engine.readers.cell_readers import Declarations, read_texts, reader
from ...engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from ...engine.tables.raw_cells import RawCells
from ...engine.tables.table import RawSlice
from ...sources.table import RawTable

Identity = Mapping[str, Mapping[str, pd.Series]]
Void = Mapping[str, Mapping[str, frozenset[str]]]


class SourceTables(Mapping[str, Dataset]):
    """Source -> its table, for sources that are present. Each is read when it is asked for, one time.

    Beside the columns of the file a table has USUBJID and the other identity columns, unless the file has columns of
    these names. ``void``: source -> column -> texts that mean no value.
    """

    def __init__(
        self, plan: PlannedStudy, tables: Mapping[str, RawTable], identity: Identity, void: Void | None = None
    ):
        self.tables = {n: t for n, t in tables.items() if t.present}
        self.plan = plan
        self._slices = {
            n: RawSlice(t, dict(identity.get(n, {})), void=(void or {}).get(n)) for n, t in self.tables.items()
        }
        self._declared = Declarations(plan.spec, self._slices)
        self._read: dict[str, Dataset] = {}

    def __getitem__(self, name: str) -> Dataset:
        if name not in self._read:
            metadata, source = self.specs[name], self._slices[name]
            frame = {v.name: self._column(source, v) for v in metadata.variables}
            self._read[name] = Dataset.of_clean(
                metadata, pd.DataFrame(frame, index=pd.RangeIndex(source.n), copy=False)
            )
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self.tables  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    @cached_property
    def specs(self) -> Mapping[str, DatasetMetadata]:
        """The columns of each table with their types, without reading cells."""
        return {n: self._metadata(n, s) for n, s in self._slices.items()}

    def kind(self, source: str, column: str) -> str:
        """How the study reads a column: number, date, or text where it reads it in several ways or in none."""
        kinds = self._kinds.get((source, column), frozenset())
        return next(iter(kinds)) if len(kinds) == 1 and kinds <= {"number", "date"} else "text"

    def subjects(self, source: str) -> pd.Series | None:
        """USUBJID of each row; None for a source without subjects."""
        found = self._slices[source]
        return found.column("USUBJID") if found.has_subject else None

    @cached_property
    def _kinds(self) -> dict[tuple[str, str], frozenset[str]]:
        found = dict(column_kinds(self.plan))
        for name, source in self.plan.spec.sources.items():
            for column in (*source.items, *source.plausible):
                found[name, column] = found.get((name, column), frozenset()) | {"number"}
        return found

    def _metadata(self, name: str, source: RawSlice) -> DatasetMetadata:
        labels = self.tables[name].column_labels
        types = {"number": "float", "date": "partialDatetime", "text": "text"}
        variables = tuple(
            VariableMetadata(c, labels.get(c, "") or c, types[self.kind(name, c)] if source.in_file(c) else "text")
            for c in source.names()
        )
        return DatasetMetadata(name, name, variables, ())

    def _column(self, source: RawSlice, variable: VariableMetadata) -> pd.Series:
        texts, kind = source.column(variable.name), self.kind(source.name, variable.name)
        if kind == "text" or not source.in_file(variable.name):
            return texts
        codes, unique = col.split_text(texts)
        cells = RawCells.of(source, variable.name, None, source.n)
        found = read_texts(kind, codes, unique, cells, self._declared)
        values = [reader(kind).value(r) for r in found.readings]
        if kind == "number":
            numbers = np.array([*values, np.nan], dtype="float64")
            return pd.Series(numbers[found.codes])
        return col.join_text(found.codes, [str(v) for v in values])

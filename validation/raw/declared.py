"""Raw columns before any record is built, read as the build reads them: by the declarations of study.yaml.

Not for checking anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...engine.columns.number_text import read_number
from ...engine.derivations.column_kinds import column_kinds
from ...engine.expressions.cells import KnownCells
from ...engine.plan.plan import PlannedStudy
from ...engine.readers.cell_readers import Declarations, read_texts, reader
from ...engine.tables.raw_cells import RawCells
from ...engine.tables.raw_cells import RawColumn as CellColumn
from ...engine.tables.table import RawSlice
from ...sources.table import RawTable
from .rules import RawColumn


@dataclass(frozen=True)
class DeclaredNumbers:
    """A raw column of numbers as declared. ``codes``: per row its reading.

    ``column``: the column with a text per reading. ``values``: the numbers, NaN for none. ``absent``: numbers declared
    to mean no value; ``values`` has them too.
    """

    column: RawColumn
    values: np.ndarray
    absent: np.ndarray


class RawDeclarations:
    """The declarations of a study over its raw tables."""

    def __init__(
        self, plan: PlannedStudy, tables: Mapping[str, RawTable], identity: Mapping[str, Mapping[str, pd.Series]]
    ):
        self.plan = plan
        self.slices = {name: RawSlice(table, dict(identity[name])) for name, table in tables.items()}
        self.known = Declarations(plan.spec, self.slices)
        self.kinds = column_kinds(plan)
        self._numbers: dict[tuple[str, str], DeclaredNumbers] = {}

    def numbers(self, column: RawColumn) -> DeclaredNumbers | None:
        """A column read as numbers; None where neither its source nor the study declares how numbers are written."""
        source = column.table.name
        if self.plan.spec.sources[source].numbers is None and "numbers" not in self.plan.spec.model_fields_set:
            return None
        key = source, column.name
        if key not in self._numbers:
            self._numbers[key] = self._read(column)
        found = self._numbers[key]
        return replace(found, column=replace(found.column, kind=column.kind, known=column.known, void=column.void))

    def _read(self, column: RawColumn) -> DeclaredNumbers:
        table = self.slices[column.table.name]
        cells = RawCells(table.n, (CellColumn(table, column.name),), ((0,),))
        found = read_texts("number", column.codes, column.texts, cells, self.known)
        how = reader("number")
        absent = np.array([r.absent for r in found.readings], dtype=bool)
        values = np.array([how.value(r) for r in found.readings], dtype="float64")
        for at in np.flatnonzero(absent).tolist():
            values[at] = float(read_number(found.texts[at].strip()).value or np.nan)
        texts = np.array(found.texts, dtype=object)
        return DeclaredNumbers(replace(column, codes=found.codes, texts=texts), values, absent)

    def cells(self, source: str, column: str) -> RawCells:
        """The cells of a column, for all rows of its table."""
        table = self.slices[source]
        return RawCells.of(table, column, None, table.n)

    def expression(self, source: str) -> KnownCells:
        """The declarations that conditions on the rows of a source need to read its cells."""
        return KnownCells(lambda name: self.cells(source, name), self.known, self.kinds)

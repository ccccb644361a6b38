"""The way back from a value of a dataset to its cell: raw file, data record and column, for many records at once.

Not for printing a trace (trace/records.py): this reads the lineage of the running build, before any file is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...sources.table import RawTable
from ..columns import column as col
from ..columns import verbs
from .dataset import SAME_RECORD, SUBJECT, Dataset, Lineage, Reading
from .existing import ExistingDataset

#: so many datasets a value may pass through
DEPTH = 8


@dataclass
class Places:
    """Per record the source and its raw file ('' if none), the data record from 1 (-1) and column ('')."""

    source: np.ndarray
    file: np.ndarray
    row: np.ndarray
    column: np.ndarray

    @classmethod
    def none(cls, n: int) -> Places:
        return cls(np.full(n, "", object), np.full(n, "", object), np.full(n, -1, "int64"), np.full(n, "", object))

    def at(self, positions: np.ndarray) -> Places:
        """The places of these records."""
        return Places(*(part[positions] for part in (self.source, self.file, self.row, self.column)))

    def put(self, at: np.ndarray, other: Places, which: np.ndarray) -> None:
        """Set the places at ``at`` to those of ``other`` (one per element of ``at``) where ``which`` holds."""
        to = at[which]
        self.source[to], self.file[to] = other.source[which], other.file[which]
        self.row[to], self.column[to] = other.row[which], other.column[which]


@dataclass
class WayBack:
    """The lineage of all datasets of a build. ``subjects``: source -> USUBJID of its rows.

    ``existing``: existing SDTM datasets, in which the way back ends as in a raw file.
    """

    lineage: Mapping[str, Lineage]
    datasets: Mapping[str, Dataset]
    tables: Mapping[str, RawTable]
    subjects: Mapping[str, pd.Series]
    existing: Mapping[str, ExistingDataset] = field(default_factory=dict)

    def places(self, dataset: str, variable: str, at: np.ndarray, depth: int = 0) -> Places:
        """The cell that gave ``variable`` in each record of ``at`` (0-based); else the raw row of the record.

        Of several columns that a rule reads, the first filled cell counts, else the first. A value that comes from no
        raw cell (a constant, a sequence number) has the row of its record and no column.
        """
        if dataset in self.existing:
            file, row = self.existing[dataset].places(at)
            source, column = (np.where(row >= 0, text, "").astype(object) for text in (dataset, variable))
            return Places(source, file, row, column)
        out = Places.none(len(at))
        line = self.lineage.get(dataset)
        if line is None or depth > DEPTH:
            return out
        blocks = line.rows["block"].to_numpy()[at]
        for block in np.unique(blocks).tolist():
            here = np.flatnonzero(blocks == block)
            uses = sorted(
                (u for u in line.rules if u.variable == variable and u.block in (block, -1)), key=lambda u: -u.block
            )
            items = line.rows["item"].to_numpy()[at[here]] if "item" in line.rows else np.full(len(here), -1)
            for reading in uses[0].reads if uses else ():
                these = here if reading.item < 0 else here[items == reading.item]
                if not len(these):
                    continue
                found, filled = self._read(dataset, line, reading, at[these], depth)
                known = out.row[these]
                out.put(these, found, (found.row >= 0) & ((known < 0) | (filled & ~self._is_filled(out, these))))
            base = self._base(line, block, at[here])
            out.put(here, base, (out.row[here] < 0) & (base.row >= 0))
        return out

    def _is_filled(self, places: Places, at: np.ndarray) -> np.ndarray:
        """Where a place is one of a filled cell."""
        filled = np.zeros(len(at), dtype=bool)
        named = dict.fromkeys(zip(places.source[at].tolist(), places.column[at].tolist(), strict=True))
        for source, column in named:
            table = self.tables.get(source)
            if table is not None and column in table.frame:
                these = (places.source[at] == source) & (places.column[at] == column)
                rows = np.searchsorted(table.record, places.row[at[these]])
                filled[these] = ~col.missing(col.take(pd.Series(table.frame[column]), rows))
        return filled

    def _base(self, line: Lineage, block: int, at: np.ndarray) -> Places:
        source = line.sources[block] if 0 <= block < len(line.sources) else ""
        if source in self.existing and "row" in line.rows:
            return self.places(source, "", line.rows["row"].to_numpy()[at])
        if source not in self.tables or "row" not in line.rows:
            return Places.none(len(at))
        return self._raw(source, "", line.rows["row"].to_numpy()[at])[0]

    def _read(
        self, dataset: str, line: Lineage, reading: Reading, at: np.ndarray, depth: int
    ) -> tuple[Places, np.ndarray]:
        """(the places of one reading, where its cell is filled)."""
        table = reading.table
        if reading.node == SAME_RECORD:
            return self._deeper(dataset, reading.column, at, depth)
        if reading.node == SUBJECT:
            ids = self._subject_rows(dataset, table, at)
        elif reading.node in line.rows:
            ids = line.rows[reading.node].to_numpy()[at]
        else:
            return Places.none(len(at)), np.zeros(len(at), dtype=bool)
        if table in self.tables:
            return self._raw(table, reading.column, ids)
        return self._deeper(table, reading.column, ids, depth)

    def _deeper(self, dataset: str, variable: str, ids: np.ndarray, depth: int) -> tuple[Places, np.ndarray]:
        out = Places.none(len(ids))
        there = np.flatnonzero(ids >= 0)
        filled = np.zeros(len(ids), dtype=bool)
        if len(there):
            out.put(there, self.places(dataset, variable, ids[there], depth + 1), np.ones(len(there), dtype=bool))
            built = self.datasets.get(dataset)
            if built is not None and variable in built.columns:
                filled[there] = ~col.missing(col.take(built.columns[variable], ids[there]))
        return out, filled

    def _raw(self, source: str, column: str, ids: np.ndarray) -> tuple[Places, np.ndarray]:
        raw, out = self.tables[source], Places.none(len(ids))
        there = np.flatnonzero(ids >= 0)
        filled = np.zeros(len(ids), dtype=bool)
        if len(there) and len(raw):
            in_file = column in raw.frame
            out.source[there], out.file[there] = raw.name, raw.file
            out.row[there] = raw.record[ids[there]]
            out.column[there] = column if in_file else ""
            if in_file:
                filled[there] = ~col.missing(col.take(pd.Series(raw.frame[column]), ids[there]))
        return out, filled

    def _subject_rows(self, dataset: str, table: str, at: np.ndarray) -> np.ndarray:
        records = self.datasets.get(dataset)
        other = self.datasets.get(table)
        subjects = self.subjects.get(table) if table in self.tables else None
        if subjects is None and other is not None:
            subjects = other.columns.get("USUBJID")
        if records is None or subjects is None or "USUBJID" not in records.columns:
            return np.full(len(at), -1)
        return verbs.match_rows([col.take(records.columns["USUBJID"], at)], [subjects]).right

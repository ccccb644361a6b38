"""The record of each date of a time to event: SRCDOM, SRCVAR, SRCSEQ, and the lineage.

Not for choosing the date: decision.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.tables.dataset import SAME_RECORD, Reading
from ...engine.tables.rows import BASE
from ...engine.tables.table import Table
from ...mappings.models.time_to_event import START, CensorSpec, DatedSpec, EntrySpec
from .candidate_dates import Found
from .decision import Entry


class SourceTexts:
    """SRCDOM, SRCVAR and SRCSEQ of records. ``subjects``: position of the subject of each record."""

    def __init__(self, source: np.ndarray, sources: Sequence[tuple[Entry, Found]], subjects: np.ndarray):
        self.source, self.found, self.subjects = source, [f for _, f in sources], subjects

    def domain(self) -> pd.Series:
        return self._texts("SRCDOM", [f.table.name for f in self.found])

    def variable(self) -> pd.Series:
        return self._texts("SRCVAR", [f.spec.SRCVAR or f.spec.date for f in self.found])

    def sequence(self) -> pd.Series:
        out = np.full(len(self.source), np.nan)
        for number, found in enumerate(self.found):
            here = np.flatnonzero(self.source == number)
            rows = found.picked[self.subjects[here]]
            if found.sequence and len(here):
                out[here] = col.to_number(col.take(found.table.column(found.sequence), rows))[0]
            carried = self._carried(found, "SRCDOM", rows)
            if carried is not None and found.table.has("SRCSEQ"):
                numbers = col.to_number(col.take(found.table.column("SRCSEQ"), rows))[0]
                out[here] = np.where(col.missing(carried), out[here], numbers)
        return pd.Series(out)

    def _texts(self, name: str, constants: list[str]) -> pd.Series:
        codes, texts = self.source.astype("int32"), list(constants)
        for number, found in enumerate(self.found):
            here = np.flatnonzero(self.source == number)
            rows = found.picked[self.subjects[here]]
            carried, domain = self._carried(found, name, rows), self._carried(found, "SRCDOM", rows)
            if carried is not None and domain is not None:
                carried_codes, carried_texts = col.split_text(carried)
                codes[here] = np.where(col.missing(domain), number, carried_codes.astype("int32") + len(texts))
                texts += [str(t) for t in carried_texts]
        return col.join_text(codes, texts)

    def _carried(self, found: Found, name: str, rows: np.ndarray) -> pd.Series | None:
        """A traceability variable of the rows, where the source declares carry_source:."""
        if not (found.spec.carry_source and found.table.has(name)) or not len(rows):
            return None
        return col.take(found.table.column(name), rows)


def date_text(entry: EntrySpec, dated: DatedSpec) -> str:
    """CNSDTDSC; '' for an event."""
    return (entry.CNSDTDSC or dated.CNSDTDSC) if isinstance(entry, CensorSpec) else ""


def readings(sources: Sequence[tuple[Entry, Found]], base: str, dataset: str) -> dict[str, tuple[Reading, ...]]:
    """The cells that each column read, for each source of the date (the item of a record)."""
    adt, sequence = [], []
    for number, (_, found) in enumerate(sources):
        table = found.table.name
        node = BASE if table == base else f"row:{table}"
        adt.append(Reading(node, table, found.spec.date, number))
        if found.sequence:
            sequence.append(Reading(node, table, found.sequence, number))
    days = (Reading(SAME_RECORD, dataset, "ADT"), Reading(SAME_RECORD, dataset, START))
    return {"ADT": tuple(adt), "SRCSEQ": tuple(sequence), "AVAL": days}


def winning_rows(
    name: str, source: np.ndarray, sources: Sequence[tuple[Entry, Found]], subjects: np.ndarray
) -> tuple[Table, np.ndarray]:
    """The rows of one table that have the dates of the records; -1 where another table has the date."""
    ids = np.full(len(source), -1, dtype="int32")
    table: Table | None = None
    for number, (_, found) in enumerate(sources):
        if found.table.name == name:
            here = source == number
            ids[here] = found.picked[subjects[here]]
            table = found.table
    assert table is not None
    return table, ids

"""Which record gave each date of a time to event: SRCDOM, SRCVAR, SRCSEQ, and the lineage.

Not for choosing it: decision.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.tables.dataset import OWN, Reading
from ...engine.tables.rows import BASE
from ...engine.tables.table import Table
from ...mappings.models.time_to_event import START, CensorSpec, DatedSpec, EntrySpec
from .candidate_dates import Found
from .decision import Entry


class SourceTexts:
    """SRCDOM, SRCVAR and SRCSEQ of records, each by the source that gave its date."""

    def __init__(self, source: np.ndarray, sources: Sequence[tuple[Entry, Found]], kept: np.ndarray):
        self.source, self.found, self.kept = source, [f for _, f in sources], kept

    def domain(self) -> pd.Series:
        return self._texts("SRCDOM", [f.table.name for f in self.found])

    def variable(self) -> pd.Series:
        return self._texts("SRCVAR", [f.spec.SRCVAR or f.spec.date for f in self.found])

    def sequence(self) -> pd.Series:
        out = np.full(len(self.source), np.nan)
        for number, found in enumerate(self.found):
            here = np.flatnonzero(self.source == number)
            rows = found.picked[self.kept[here]]
            if found.sequence and len(here):
                out[here] = col.to_number(col.take(found.table.column(found.sequence), rows))[0]
            carried = self._carried(found, "SRCDOM", rows)
            if carried is not None and found.table.has("SRCSEQ"):
                own = col.to_number(col.take(found.table.column("SRCSEQ"), rows))[0]
                out[here] = np.where(col.missing(carried), out[here], own)
        return pd.Series(out)

    def _texts(self, name: str, constants: list[str]) -> pd.Series:
        codes, texts = self.source.astype("int32"), list(constants)
        for number, found in enumerate(self.found):
            here = np.flatnonzero(self.source == number)
            rows = found.picked[self.kept[here]]
            carried, told = self._carried(found, name, rows), self._carried(found, "SRCDOM", rows)
            if carried is not None and told is not None:
                own, theirs = col.split_text(carried)
                codes[here] = np.where(col.missing(told), number, own.astype("int32") + len(texts))
                texts += [str(t) for t in theirs]
        return col.join_text(codes, texts)

    def _carried(self, found: Found, name: str, rows: np.ndarray) -> pd.Series | None:
        """A traceability variable of the rows themselves, where the source carries them on."""
        if not (found.spec.carry_source and found.table.has(name)) or not len(rows):
            return None
        return col.take(found.table.column(name), rows)


def date_text(entry: EntrySpec, dated: DatedSpec) -> str:
    """CNSDTDSC; '' for an event."""
    return (entry.CNSDTDSC or dated.CNSDTDSC) if isinstance(entry, CensorSpec) else ""


def readings(sources: Sequence[tuple[Entry, Found]], base: str, dataset: str) -> dict[str, tuple[Reading, ...]]:
    """What each column read, of the source that gave the date of each record (its item)."""
    adt, sequence = [], []
    for number, (_, found) in enumerate(sources):
        table = found.table.name
        node = BASE if table == base else f"row:{table}"
        adt.append(Reading(node, table, found.spec.date, number))
        if found.sequence:
            sequence.append(Reading(node, table, found.sequence, number))
    days = (Reading(OWN, dataset, "ADT"), Reading(OWN, dataset, START))
    return {"ADT": tuple(adt), "SRCSEQ": tuple(sequence), "AVAL": days}


def winning_rows(
    name: str, source: np.ndarray, sources: Sequence[tuple[Entry, Found]], kept: np.ndarray
) -> tuple[Table, np.ndarray]:
    """The rows of one table that give the dates of records; -1 where another table does."""
    ids = np.full(len(source), -1, dtype="int32")
    table: Table | None = None
    for number, (_, found) in enumerate(sources):
        if found.table.name == name:
            here = source == number
            ids[here] = found.picked[kept[here]]
            table = found.table
    assert table is not None
    return table, ids

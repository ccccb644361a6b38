"""Divides a study into partitions: its subjects, the rows of each table, and the lineage joined again. Mostly one.

A partition is a contiguous range of sorted USUBJID. Not for building one (study_build.py) nor for what partitions
decide together (summaries.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...sources.table import RawTable
from ..accounts.cells import SourceCells
from ..accounts.ledger import Ledger, SourceAccount
from ..accounts.outcomes import QuarantineReason, RowOutcome
from ..columns import column as col
from ..columns import verbs
from ..tables.dataset import Lineage
from ..tables.existing import ExistingDataset
from ..tables.table import ExistingDatasetTable, RawSlice, Table


@dataclass
class Subjects:
    """All subjects of the study, sorted by code point, and for each source the rank of every row (-1: no subject)."""

    names: list[str]
    ranks: dict[str, np.ndarray]


def subjects_of(identity: Mapping[str, Mapping[str, pd.Series]], existing: Mapping[str, ExistingDataset]) -> Subjects:
    """Ranks of the subjects over raw sources and the usable records of existing datasets."""
    columns = {name: parts["USUBJID"] for name, parts in identity.items() if "USUBJID" in parts}
    columns |= {name: of_rows for name, dataset in existing.items() if (of_rows := dataset.subjects()) is not None}
    split = {name: col.split_text(c) for name, c in columns.items()}
    names = sorted({str(t) for _, texts in split.values() for t in texts if t})
    rank = {n: i for i, n in enumerate(names)}
    ranks = {
        name: np.array([rank.get(str(t), -1) for t in texts], dtype="int32")[codes]
        if len(texts)
        else np.zeros(0, "int32")
        for name, (codes, texts) in split.items()
    }
    return Subjects(names, ranks)


def ranges(count: int, partitions: int) -> list[tuple[int, int]]:
    """``partitions`` contiguous ranges over ``count`` subjects; one is empty only where there are no subjects."""
    partitions = max(1, min(partitions, count))
    edges = [count * i // partitions for i in range(partitions + 1)]
    return list(itertools.pairwise(edges))


def open_ledger(
    tables: Mapping[str, RawTable],
    identity: Mapping[str, Mapping[str, pd.Series]],
    merging: frozenset[str],
    shared: Mapping[str, np.ndarray] | None = None,
) -> tuple[Ledger, dict[str, np.ndarray]]:
    """A ledger with quarantined rows (no subject) and merged ones (equal in every cell), and the remaining rows.

    ``shared``: source -> rows whose USUBJID two people share (engine/subjects/people.py).

    The positions of the remaining rows are in the order of all their cells, by the names of the columns. So every
    derivation reads the rows of a source in one order, whatever their order in the file; values decide a tie.

    See docs/semantics.md S8, S10.
    """
    ledger, remaining = Ledger(), {}
    for name, raw in tables.items():
        account = SourceAccount.of(name, raw.file, len(raw))
        account.empty_rows = raw.empty_rows
        keep = np.ones(len(raw), dtype=bool)
        if "USUBJID" in identity[name]:
            gone = col.missing(identity[name]["USUBJID"])
            same_usubjid = (shared or {}).get(name, np.zeros(0, "int64"))
            account.mark(same_usubjid, RowOutcome.QUARANTINED, QuarantineReason.SHARED_USUBJID)
            account.mark(np.flatnonzero(gone), RowOutcome.QUARANTINED, QuarantineReason.NO_SUBJECT)
            keep &= ~gone
        columns = col.columns_of(raw.frame)
        if name in merging and len(raw) and columns:
            first = verbs.same_as_earlier([*columns.values()])
            again = keep & (first != np.arange(len(raw)))
            account.mark(np.flatnonzero(again), RowOutcome.MERGED, "equal in every cell to an earlier row")
            keep &= ~again
        ledger.sources[name] = account
        ledger.cells.sources[name] = SourceCells(raw)
        by_value = verbs.value_order([columns[c] for c in sorted(columns)]) if columns else np.arange(len(raw))
        remaining[name] = by_value[keep[by_value]].astype("int32")
    return ledger, remaining


@dataclass(frozen=True, kw_only=True)
class StudyTables:
    """All tables that the rules of a study read, over all its subjects.

    ``raw``: the sources by name. ``identity``: source -> its identity columns. ``remaining``: source -> its rows that
    are neither quarantined nor merged (``open_ledger``). ``existing``: datasets that exist already, by name. ``void``:
    source -> column -> texts that mean no value.
    """

    raw: Mapping[str, RawTable]
    identity: Mapping[str, Mapping[str, pd.Series]]
    remaining: Mapping[str, np.ndarray]
    existing: Mapping[str, ExistingDataset]
    void: Mapping[str, Mapping[str, frozenset[str]]]

    def of_subjects(self, subjects: Subjects, low: int, high: int) -> dict[str, Table]:
        """The tables of a partition: rows of subjects ``low`` to ``high`` (exclusive); all of a table without subjects.

        ``low`` and ``high``: ranks in ``subjects``.
        """
        out: dict[str, Table] = {}
        everyone = low == 0 and high >= len(subjects.names)
        for name, raw in self.raw.items():
            ids = self.remaining[name]
            if name in subjects.ranks and not everyone:
                rank = subjects.ranks[name][ids]
                ids = ids[(rank >= low) & (rank < high)]
            ids = None if _is_every_row(ids, len(raw)) else ids
            out[name] = RawSlice(raw, self.identity[name], ids, first=low == 0, void=self.void.get(name))
        for name, table in self.existing.items():
            rank, ids = subjects.ranks.get(name), table.by_value
            if rank is not None:
                ids = ids[(rank[ids] >= low) & (rank[ids] < high)]
            ids = None if _is_every_row(ids, len(table)) else ids
            out[name] = ExistingDatasetTable(table, ids, first=low == 0)
        return out


def _is_every_row(ids: np.ndarray, n: int) -> bool:
    """Whether these are all ``n`` rows of a table in their order."""
    return len(ids) == n and bool((ids == np.arange(n)).all())


def join_lineage(parts: Sequence[Lineage], offsets: Sequence[Mapping[str, int]]) -> Lineage:
    """The lineage of a dataset over partitions: row ids of datasets are moved by the records before the partition."""
    if len(parts) == 1 and not any(offsets[0].values()):
        return parts[0]
    moved_parts: list[dict[str, np.ndarray]] = []
    for part, offset in zip(parts, offsets, strict=True):
        rows = col.arrays_of(part.rows)
        blocks = rows["block"]
        for column, ids in rows.items():
            if column == "row":
                shift = np.array([offset.get(s, 0) for s in part.sources], dtype="int32")[blocks]
            else:
                shift = offset.get(part.tables.get(column, ""), 0)
            moved = column not in ("block", "item")
            rows[column] = np.where(ids < 0, -1, ids + shift).astype("int32") if moved else ids
        moved_parts.append(rows)
    names = dict.fromkeys(name for rows in moved_parts for name in rows)
    joined = {name: np.concatenate([row_ids(rows, name) for rows in moved_parts]) for name in names}
    tables = {k: v for p in parts for k, v in p.tables.items()}
    frame, first = col.frame_of(joined, sum(len(p.rows) for p in parts)), parts[0]
    return Lineage(frame, first.rules, first.sources, tables, first.columns, first.steps)


def row_ids(rows: Mapping[str, np.ndarray], node: str) -> np.ndarray:
    """The row ids of a lineage node; -1 where these records have none."""
    return rows[node] if node in rows else np.full(len(rows["block"]), -1, dtype="int32")

"""The ledger: what became of every raw row and every raw column. It reconciles, or the run fails.

Not for printing: validation/reports/accounting.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from ...errors import Place
from .cells import CellLedger
from .outcomes import ROW_STRENGTH, CutReason, QuarantineReason, RowOutcome
from .settle import cell_problems

#: why a row without a filled cell is excluded
EMPTY_ROW = "no cell of the row is filled"


class ColumnOutcome(Enum):
    """What became of a raw column; the value is its label."""

    MAPPED = "mapped to"
    NOT_SUBMITTED = "not submitted"
    READ = "read by an identifier, a condition or a join"
    DIVIDED = "divided into"
    NOT_MAPPED = "not mapped"


@dataclass(frozen=True)
class ColumnAccount:
    """What became of a raw column. ``detail``: its variables, the reason, its parts, or who reads it instead."""

    outcome: ColumnOutcome
    detail: str = ""

    def __str__(self) -> str:
        named = self.outcome in (ColumnOutcome.MAPPED, ColumnOutcome.DIVIDED)
        return f"{self.outcome.value}{' ' if named else ': '}{self.detail}" if self.detail else self.outcome.value


@dataclass(frozen=True)
class Undecided:
    """A condition that some rows leave undecided. ``columns``: the names that it reads."""

    dataset: str
    place: Place
    condition: str
    columns: tuple[str, ...]


@dataclass
class SourceAccount:
    """Rows of one source: the RowOutcome (uint8), the reason (index into ``reasons``) and the records of each row."""

    name: str
    file: str
    outcome: np.ndarray
    reason: np.ndarray
    records: np.ndarray
    reasons: list[str] = field(default_factory=lambda: [""])
    columns: dict[str, ColumnAccount] = field(default_factory=dict)  # column -> what became of it
    empty_rows: int = 0  # rows of the file without a filled cell, which are no records
    corrected: tuple[int, int] = (0, 0)  # rows and cells replaced by corrections
    #: rows that the where: of a block excluded because a cell it reads is empty, so that it is neither true nor false
    undecided: dict[Undecided, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, file: str, n: int) -> SourceAccount:
        return cls(name, file, np.zeros(n, "uint8"), np.zeros(n, "int16"), np.zeros(n, "int32"))

    def mark(self, ids: np.ndarray, outcome: RowOutcome, reason: str = "") -> None:
        """Set the outcome of rows, unless a row has a stronger one."""
        if not len(ids):
            return
        if reason not in self.reasons:
            self.reasons.append(reason)
        weaker = ids[ROW_STRENGTH[self.outcome[ids]] < ROW_STRENGTH[outcome]]
        self.outcome[weaker] = outcome
        self.reason[weaker] = self.reasons.index(reason)

    def undecide(self, condition: Undecided, ids: np.ndarray) -> None:
        """Note rows that a condition does not decide, since a cell that it reads is empty."""
        rows = self.undecided.setdefault(condition, np.zeros(len(self.outcome), dtype=bool))
        rows[ids] = True

    def cut(self, ids: np.ndarray, reason: str) -> None:
        """Mark rows of a subject that the data cut-off removes as a whole, even if a join has read them."""
        self.outcome[ids[self.outcome[ids] == RowOutcome.REFERRED]] = RowOutcome.UNREAD
        self.mark(ids, RowOutcome.AFTER_CUTOFF, reason)

    def quarantined(self, reason: QuarantineReason) -> np.ndarray:
        """The rows that are quarantined for this reason."""
        if reason not in self.reasons:
            return np.zeros(0, dtype="int64")
        of_reason = self.reason == self.reasons.index(reason)
        return np.flatnonzero(of_reason & (self.outcome == RowOutcome.QUARANTINED))

    def count_records(self, ids: np.ndarray) -> None:
        """Count each occurrence of a row in ``ids`` as one record of it."""
        self.records += np.bincount(ids[ids >= 0], minlength=len(self.records)).astype("int32")

    def totals(self) -> dict[str, int]:
        """Rows by outcome; rows that a join or lookup read count as mapped, rows without a filled cell as excluded."""
        count = np.bincount(self.outcome, minlength=len(RowOutcome))
        return {
            "rows": len(self.outcome) + self.empty_rows,
            "mapped": int(count[RowOutcome.MAPPED] + count[RowOutcome.REFERRED]),
            "excluded": int(count[RowOutcome.EXCLUDED]) + self.empty_rows,
            "after_cutoff": int(count[RowOutcome.AFTER_CUTOFF]),
            "merged": int(count[RowOutcome.MERGED]),
            "quarantined": int(count[RowOutcome.QUARANTINED]),
            "unread": int(count[RowOutcome.UNREAD]),
            "records": int(self.records.sum()),
        }

    def by_reason(self) -> list[tuple[str, str, int]]:
        """(outcome, reason, rows) for every reason that occurs, sorted."""
        pairs = self.outcome.astype("int64") * len(self.reasons) + self.reason
        found, count = np.unique(pairs, return_counts=True)
        counted = [
            (RowOutcome(int(p) // len(self.reasons)).label, self.reasons[int(p) % len(self.reasons)], int(c))
            for p, c in zip(found, count, strict=True)
        ]
        empty = [(RowOutcome.EXCLUDED.label, EMPTY_ROW, self.empty_rows)] if self.empty_rows else []
        return sorted(counted + empty)


@dataclass(kw_only=True)
class CutRecords:
    """Records of one dataset and source that the data cut-off concerns, for one reason.

    ``record`` (data record in ``file``), ``subject`` and ``value`` have one item for each record.
    """

    what: CutReason
    dataset: str
    variable: str
    file: str
    record: np.ndarray
    subject: np.ndarray
    value: np.ndarray


@dataclass
class Ledger:
    """One account per source, and records per dataset and block."""

    sources: dict[str, SourceAccount] = field(default_factory=dict)
    datasets: dict[str, dict[str, int]] = field(default_factory=dict)  # dataset -> block's table -> records
    #: dataset -> (table, place of the block in the spec, records) of each block
    blocks: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)
    cells: CellLedger = field(default_factory=CellLedger)
    cuts: list[CutRecords] = field(default_factory=list)  # what the data cut-off removed or could not decide
    cutoff: str = ""  # the data cut-off date, ISO 8601
    #: (source, column, data record) of cells that conditions could not read, as far as findings report them
    unread: set[tuple[str, str, int]] = field(default_factory=set)
    shortened: set[tuple[str, str, int]] = field(default_factory=set)
    #: (text, language, DATASET.VARIABLE) of collected texts that have no English
    untranslated: set[tuple[str, str, str]] = field(default_factory=set)
    #: (dictionary, DATASET.VARIABLE, term) -> records, and the texts of the finest level that they have; '' for none
    terms: dict[tuple[str, str, tuple[str, ...]], tuple[int, frozenset[str]]] = field(default_factory=dict)

    def cut_counts(self) -> list[tuple[str, str, int]]:
        """(dataset, what the data cut-off did, records), sorted; dataset '' for whole sources and subjects."""
        counts: dict[tuple[str, str], int] = {}
        for cut in self.cuts:
            counts[cut.dataset, cut.what] = counts.get((cut.dataset, cut.what), 0) + len(cut.record)
        return sorted((dataset, what, n) for (dataset, what), n in counts.items())

    def reconciled(self) -> list[str]:
        """The problems of the account, in plain sentences; empty when every row has its outcome."""
        problems = []
        for account in self.sources.values():
            rows = account.totals()
            known = rows["mapped"] + rows["excluded"] + rows["after_cutoff"] + rows["merged"] + rows["quarantined"]
            if known != rows["rows"]:
                problems.append(
                    f"{account.file}: {rows['rows']} rows read, {known} accounted for, {rows['unread']} read by no spec"
                )
            without = int(((account.outcome == RowOutcome.MAPPED) & (account.records == 0)).sum())
            if without:
                problems.append(f"{account.file}: {without} rows are counted as mapped but have no record")
        built = sum(sum(blocks.values()) for blocks in self.datasets.values())
        counted = sum(int(a.records.sum()) for a in self.sources.values())
        if built != counted:
            problems.append(f"{built} records were built from raw rows, the sources account for {counted}")
        return problems + cell_problems(self.cells)

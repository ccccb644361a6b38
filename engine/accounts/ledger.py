"""The ledger: what became of every raw row and every raw column. It reconciles, or the run fails.

Not for printing it: validation/reports/accounting.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from ...errors import Place
from .cells import CellLedger, cell_problems

#: outcomes of a row
UNREAD, QUARANTINED, EXCLUDED, REFERRED, MERGED, MAPPED, CUT = 0, 1, 2, 3, 4, 5, 6
#: a row keeps its strongest outcome: what only the data cut-off took away is not called excluded
STRENGTH = np.array([0, 1, 2, 4, 5, 6, 3], dtype="uint8")
OUTCOMES = {
    UNREAD: "unread",
    QUARANTINED: "quarantined",
    EXCLUDED: "excluded",
    REFERRED: "referred",
    MERGED: "merged",
    MAPPED: "mapped",
    CUT: "after the cut-off",
}


#: why a row is quarantined that tells no subject
NO_SUBJECT = "the row does not identify a subject"


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
    """Rows of one source: the outcome (uint8) and the reason (index into ``reasons``) of each, records made of it."""

    name: str
    file: str
    outcome: np.ndarray
    reason: np.ndarray
    records: np.ndarray
    reasons: list[str] = field(default_factory=lambda: [""])
    columns: dict[str, ColumnAccount] = field(default_factory=dict)  # column -> what became of it
    corrected: tuple[int, int] = (0, 0)  # rows and cells replaced by corrections
    #: rows that the where: of a block excluded because a cell it reads is empty, so that it is neither true nor false
    undecided: dict[Undecided, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, file: str, n: int) -> SourceAccount:
        return cls(name, file, np.zeros(n, "uint8"), np.zeros(n, "int16"), np.zeros(n, "int32"))

    def mark(self, ids: np.ndarray, outcome: int, reason: str = "") -> None:
        """Give rows an outcome, unless they have a stronger one."""
        if not len(ids):
            return
        if reason not in self.reasons:
            self.reasons.append(reason)
        weaker = ids[STRENGTH[self.outcome[ids]] < STRENGTH[outcome]]
        self.outcome[weaker] = outcome
        self.reason[weaker] = self.reasons.index(reason)

    def undecide(self, condition: Undecided, ids: np.ndarray) -> None:
        """Note rows that a condition does not decide, since a cell that it reads is empty."""
        rows = self.undecided.setdefault(condition, np.zeros(len(self.outcome), dtype=bool))
        rows[ids] = True

    def cut(self, ids: np.ndarray, reason: str) -> None:
        """Rows of a subject that the data cut-off takes away as a whole, even if a join has read them."""
        self.outcome[ids[self.outcome[ids] == REFERRED]] = UNREAD
        self.mark(ids, CUT, reason)

    def count_records(self, ids: np.ndarray) -> None:
        """Each occurrence of a row in ``ids`` is one record made of it."""
        self.records += np.bincount(ids[ids >= 0], minlength=len(self.records)).astype("int32")

    def totals(self) -> dict[str, int]:
        """Rows by outcome; rows that were only looked up count as mapped."""
        count = np.bincount(self.outcome, minlength=len(OUTCOMES))
        return {
            "rows": len(self.outcome),
            "mapped": int(count[MAPPED] + count[REFERRED]),
            "excluded": int(count[EXCLUDED]),
            "after_cutoff": int(count[CUT]),
            "merged": int(count[MERGED]),
            "quarantined": int(count[QUARANTINED]),
            "unread": int(count[UNREAD]),
            "records": int(self.records.sum()),
        }

    def by_reason(self) -> list[tuple[str, str, int]]:
        """(outcome, reason, rows) for every reason that occurs, sorted."""
        pairs = self.outcome.astype("int64") * len(self.reasons) + self.reason
        found, count = np.unique(pairs, return_counts=True)
        return sorted(
            (OUTCOMES[int(p) // len(self.reasons)], self.reasons[int(p) % len(self.reasons)], int(c))
            for p, c in zip(found, count, strict=True)
        )


@dataclass(kw_only=True)
class CutRecords:
    """Records of one dataset and source that the data cut-off concerns, for one reason.

    ``what``: after the cut-off, subject after the cut-off, end after the cut-off, spans the cut-off, no date.
    ``record`` (data record in ``file``), ``subject`` and ``value`` are as long as there are records.
    """

    what: str
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
    cuts: list[CutRecords] = field(default_factory=list)  # what the data cut-off took away or could not decide
    cutoff: str = ""  # the data cut-off date, ISO 8601
    #: (source, column, data record) of cells that conditions could not read, as far as findings tell it
    unread: set[tuple[str, str, int]] = field(default_factory=set)
    shortened: set[tuple[str, str, int]] = field(default_factory=set)
    #: (text, language, DATASET.VARIABLE) of collected texts that have no English
    untranslated: set[tuple[str, str, str]] = field(default_factory=set)

    def cut_counts(self) -> list[tuple[str, str, int]]:
        """(dataset, what the data cut-off did, records), sorted; dataset '' for whole sources and subjects."""
        counts: dict[tuple[str, str], int] = {}
        for c in self.cuts:
            counts[c.dataset, c.what] = counts.get((c.dataset, c.what), 0) + len(c.record)
        return sorted((dataset, what, n) for (dataset, what), n in counts.items())

    def reconciled(self) -> list[str]:
        """What does not reconcile, in plain sentences; empty when every row has its outcome."""
        problems = []
        for account in self.sources.values():
            t = account.totals()
            told = t["mapped"] + t["excluded"] + t["after_cutoff"] + t["merged"] + t["quarantined"]
            if told != t["rows"]:
                problems.append(
                    f"{account.file}: {t['rows']} rows read, {told} accounted for, {t['unread']} read by no spec"
                )
            silent = int(((account.outcome == MAPPED) & (account.records == 0)).sum())
            if silent:
                problems.append(f"{account.file}: {silent} rows are said to be mapped but made no record")
        made = sum(sum(blocks.values()) for blocks in self.datasets.values())
        counted = sum(int(a.records.sum()) for a in self.sources.values())
        if made != counted:
            problems.append(f"{made} records were made from raw rows, the sources account for {counted}")
        return problems + cell_problems(self.cells)

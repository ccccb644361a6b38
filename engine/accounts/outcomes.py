"""What can become of a raw row and of a filled raw cell. Not for deciding it: ledger.py, cells.py, settle.py."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import numpy as np


class RowOutcome(IntEnum):
    """What became of a raw row. REFERRED: a join or lookup read it, and no record of it was built."""

    UNREAD = 0
    QUARANTINED = 1
    EXCLUDED = 2
    REFERRED = 3
    MERGED = 4
    MAPPED = 5
    AFTER_CUTOFF = 6

    @property
    def label(self) -> str:
        return _ROW_LABELS[self]


_ROW_LABELS = {
    RowOutcome.UNREAD: "unread",
    RowOutcome.QUARANTINED: "quarantined",
    RowOutcome.EXCLUDED: "excluded",
    RowOutcome.REFERRED: "referred",
    RowOutcome.MERGED: "merged",
    RowOutcome.MAPPED: "mapped",
    RowOutcome.AFTER_CUTOFF: "after the cut-off",
}
#: strength by outcome: a row has its strongest outcome. A row that only the data cut-off removed is not called excluded
ROW_STRENGTH = np.array([0, 1, 2, 4, 5, 6, 3], dtype="uint8")


class QuarantineReason(StrEnum):
    """Why a row is quarantined; the value is the sentence of the reports."""

    NO_SUBJECT = "the row does not identify a subject"
    SHARED_USUBJID = "its identifiers give a USUBJID that is not this subject's alone"


class CellOutcome(IntEnum):
    """What became of a filled raw cell, weakest first: of several outcomes the cell has the strongest.

    EMPTY: the variable is empty. When all findings are known, it becomes REPORTED (a finding names the cell) or LOST.
    """

    UNREPORTED = 0
    NOT_MAPPED = 1
    NOT_SUBMITTED = 2
    QUARANTINED = 3
    MERGED = 4
    EXCLUDED = 5
    AFTER_CUTOFF = 6
    NOT_CHOSEN = 7
    NO_VALUE = 8
    USED = 9
    EMPTY = 10
    LOST = 11
    REPORTED = 12
    TRANSFORMED = 13
    CARRIED = 14


#: labels of the outcomes of settled cells, strongest first
CELL_OUTCOMES = {
    CellOutcome.CARRIED: "carried",
    CellOutcome.TRANSFORMED: "transformed",
    CellOutcome.REPORTED: "reported",
    CellOutcome.LOST: "lost",
    CellOutcome.USED: "used",
    CellOutcome.NO_VALUE: "no value",
    CellOutcome.NOT_CHOSEN: "not chosen",
    CellOutcome.AFTER_CUTOFF: "after the cut-off",
    CellOutcome.EXCLUDED: "excluded",
    CellOutcome.MERGED: "merged",
    CellOutcome.QUARANTINED: "quarantined",
    CellOutcome.NOT_SUBMITTED: "not submitted",
    CellOutcome.NOT_MAPPED: "not mapped",
    CellOutcome.UNREPORTED: "unreported",
}
#: by row outcome, the outcome of cells that no variable carried; for UNREPORTED the column decides
CELL_OF_ROW = np.zeros(len(RowOutcome), dtype="uint8")
CELL_OF_ROW[RowOutcome.QUARANTINED] = CellOutcome.QUARANTINED
CELL_OF_ROW[RowOutcome.MERGED] = CellOutcome.MERGED
CELL_OF_ROW[RowOutcome.EXCLUDED] = CellOutcome.EXCLUDED
CELL_OF_ROW[RowOutcome.AFTER_CUTOFF] = CellOutcome.AFTER_CUTOFF


class CutReason(StrEnum):
    """What the data cut-off did to a record, or why it could not decide; the value is its text in data-cut.csv."""

    AFTER = "after the cut-off"
    SUBJECT_AFTER = "subject after the cut-off"
    END_AFTER = "end after the cut-off"
    SPANS = "spans the cut-off"
    NO_DATE = "no date"

    @property
    def meaning(self) -> str:
        """What became of the record, in words."""
        return _CUT_MEANINGS[self]


_CUT_MEANINGS = {
    CutReason.AFTER: "it starts after the cut-off and is excluded",
    CutReason.SUBJECT_AFTER: "its subject starts after the cut-off, and all records of the subject are excluded",
    CutReason.END_AFTER: "it ends after the cut-off: it stays, and its end is missing",
    CutReason.SPANS: "its partial date may lie on either side of the cut-off: it stays",
    CutReason.NO_DATE: "it has no date (empty, or not readable), so the cut-off cannot decide: it stays",
}

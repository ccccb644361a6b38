"""The review of findings: the entry of findings.yaml that each has, and what an earlier output had.

Not for the entries (entries.py) nor for reading the earlier output from its folder (runs/review.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .entries import FIXED, OPEN, Assignment, Entry

NEW, RECURRING, RESOLVED = "new", "recurring", "resolved"
#: the choice of a command that fails for new errors without a disposition
NEW_ERROR = "new-error"
#: column -> pandas dtype of what a review adds to the table of findings. entry: from 1, -1 for none
REVIEWED: dict[str, str] = {"disposition": "object", "explanation": "object", "state": "object", "entry": "int64"}
#: what is remembered of a finding of the earlier output that is gone
REMEMBERED = ("id", "rule", "severity", "dataset", "subject", "variable", "keys", "value", "message",
              "source", "file", "column")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Review:
    """``entries``: of findings.yaml, in the order of the file. ``previous``: the findings of the earlier output by
    identity, with the columns REMEMBERED; None where it is not known. ``judged``: whether the run looks for the
    findings of an entry, so that an entry without any is reported.
    """

    entries: Sequence[Entry] = ()
    previous: Mapping[str, Mapping[str, Any]] | None = None
    judged: Callable[[Entry], bool] = lambda _: True

    def columns(self, table: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The columns REVIEWED of the findings of ``table``, whose columns are those of Findings.frame."""
        number = Assignment(table, self.entries).entry if self.entries else np.full(len(table["id"]), -1, dtype="int64")
        texts = {
            "disposition": [*(e.disposition if e.disposition != OPEN else "" for e in self.entries), ""],
            "explanation": [*(e.explanation if e.disposition != OPEN else "" for e in self.entries), ""],
        }
        found = {name: np.array(of, dtype=object)[number] for name, of in texts.items()}
        found["state"] = self._states(np.asarray(table["id"], dtype=object))
        found["entry"] = np.where(number < 0, -1, number + 1)
        return found

    def _states(self, identity: np.ndarray) -> np.ndarray:
        """new or recurring, '' where no earlier output is known."""
        if self.previous is None:
            return np.full(len(identity), "", dtype=object)
        return np.array([RECURRING if i in self.previous else NEW for i in identity.tolist()], dtype=object)

    def resolved(self, table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The findings of the earlier output that ``table`` does not have, in its order."""
        if not self.previous:
            return []
        now = set(np.asarray(table["id"], dtype=object).tolist())
        return [finding for i, finding in self.previous.items() if i not in now]

    def unmatched(self, table: Mapping[str, Any]) -> list[Entry]:
        """The entries that describe no finding. Of a finding that was fixed in its source this is as it must be."""
        if not self.entries:
            return []
        counts = Assignment(table, self.entries).counts
        return [e for e, n in zip(self.entries, counts.tolist(), strict=True) if not n and e.disposition != FIXED]

    def not_fixed(self, table: Mapping[str, Any]) -> list[tuple[Entry, int]]:
        """The entries that are fixed in source and describe findings, with their number."""
        if not any(e.disposition == FIXED for e in self.entries):
            return []
        numbers = np.bincount(self.columns(table)["entry"] + 1, minlength=len(self.entries) + 2)[2:].tolist()
        return [(e, n) for e, n in zip(self.entries, numbers, strict=True) if n and e.disposition == FIXED]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many findings a review has of each kind. ``dispositions``: word -> findings; ``undisposed``: without one."""

    dispositions: Mapping[str, int] = field(default_factory=dict)
    undisposed: int = 0
    new: int = 0
    recurring: int = 0
    resolved: int = 0
    compared: bool = False


def is_new_error(table: Any) -> np.ndarray:
    """Where a finding of Findings.frame is an error without a disposition that the earlier output does not have.

    That an entry calls it fixed in its source is no disposition of a finding that is there.
    """
    columns = (np.asarray(table[n], dtype=object) for n in ("severity", "disposition", "state"))
    severity, disposition, state = columns
    return (severity == "error") & np.isin(disposition, ("", FIXED)) & (state != RECURRING)


def count(table: Any, review: Review | None) -> Counts:
    """The findings of Findings.frame by disposition and state."""
    disposition = np.asarray(table["disposition"], dtype=object)
    state = np.asarray(table["state"], dtype=object)
    words, numbers = np.unique(disposition.astype(str), return_counts=True)
    found = dict(zip(words.tolist(), numbers.tolist(), strict=True))
    return Counts(
        undisposed=found.pop("", 0),
        dispositions=found,
        new=int((state == NEW).sum()),
        recurring=int((state == RECURRING).sum()),
        resolved=len(review.resolved(table)) if review is not None else 0,
        compared=review is not None and review.previous is not None,
    )


#: reports what is wrong between entries and findings: rule, message, value
Report = Callable[[str, str, str], None]


def report_entries(review: Review, table: Mapping[str, Any], report: Report) -> None:
    """R2A-DISP-001 for an entry without a finding, R2A-DISP-002 for findings that their entry calls fixed."""
    for entry in review.unmatched(table):
        if review.judged(entry):
            report("R2A-DISP-001", f"the entry at {entry.place} describes no finding", entry.words)
    for entry, number in review.not_fixed(table):
        text = f"the entry at {entry.place} describes findings of this run; their number is {number}"
        report("R2A-DISP-002", text, entry.words)

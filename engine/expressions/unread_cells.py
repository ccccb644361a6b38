"""Cells that conditions and formulas could not read: one finding for each, after all values of a partition are built.

Not for finding such cells (kernels.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...findings.table import Findings
from ..columns.number_text import fewer_digits

if TYPE_CHECKING:
    from ..accounts.ledger import Ledger
    from .cells import Unreadable

#: kind of value -> rule of the finding about a filled text that is none
FINDING_OF_KIND = {"number": "R2A-EXPR-001", "date": "R2A-EXPR-002", "pattern": "R2A-PART-004", "digits": "R2A-NUM-007"}
#: a row that is excluded for such a text
EXCLUDED_ROW = "R2A-EXPR-003"
#: other findings about a cell that cannot be read: they report the same fault, and what became of the value
REPLACING = frozenset({"R2A-NUM-001", "R2A-NUM-003", "R2A-NUM-005", "R2A-NUM-006", "R2A-DATE-001", "R2A-DATE-002"})
#: a number of which a value keeps fewer digits: one finding for a cell, whichever rule reads it
SHORTENED = "R2A-NUM-007"
_A = {"number": "as a number", "date": "as a date", "pattern": "by its pattern"}
_FIELDS = ("rule", "dataset", "subject", "variable", "value", "message", "source", "file", "row", "column")


def unreadable_message(part: Unreadable) -> np.ndarray:
    """The message of the finding about each text of a part."""
    if part.kind == "digits":
        return np.array([fewer_digits(shortened) for shortened in part.why], object)
    kind = _A[part.kind]
    return np.array([f"a condition or formula cannot read it {kind}: {why}; missing there" for why in part.why], object)


def excluded_row_message(part: Unreadable) -> np.ndarray:
    """The message where the row is excluded for such a text."""
    kind = _A[part.kind]
    return np.array([f"the row is excluded: where: cannot read this {kind}: {why}" for why in part.why], object)


@dataclass
class UnreadCells:
    """Findings that wait for the end of a partition. A cell that several conditions read has one finding."""

    batches: list[dict[str, np.ndarray]] = field(default_factory=list)

    def note(self, n: int, **fields: Any) -> None:
        """``n`` cells; each field one value, or one per cell."""
        batch = {name: np.empty(n, dtype=object) for name in _FIELDS}
        for name, cells in batch.items():
            cells[:] = fields[name]
        self.batches.append(batch)

    def report(self, ledger: Ledger, findings: Findings, shared: Collection[str]) -> None:
        """Report the noted cells: one finding per cell, none where another finding reports the same fault already.

        ``ledger``: remembers which cells earlier partitions have reported. ``shared``: sources of no subject, which
        every partition reads. Which records met such a cell first depends on the partitions, so the finding does not
        name them.
        """
        if not self.batches:
            return
        found = {name: np.concatenate([batch[name] for batch in self.batches]) for name in _FIELDS}
        self.batches.clear()
        rules = found["rule"]
        of_nobody = np.array([source in shared for source in found["source"]], dtype=bool)
        for name in ("dataset", "subject", "variable"):
            found[name][of_nobody] = ""
        keys = list(zip(found["source"], found["column"], map(int, found["row"]), strict=True))
        replaced, shortened = set(findings.cells(REPLACING)), set(findings.cells({SHORTENED}))
        is_new = np.zeros(len(keys), dtype=bool)
        for i in np.argsort(rules != EXCLUDED_ROW, kind="stable").tolist():  # excluded rows first
            key, rule = keys[i], rules[i]
            before, others = (ledger.shortened, shortened) if rule == SHORTENED else (ledger.unread, replaced)
            is_new[i] = not key[0] or (key not in before and (rule == EXCLUDED_ROW or key not in others))
            if key[0]:
                before.add(key)
        for rule in dict.fromkeys(rules[is_new].tolist()):
            here = is_new & (rules == rule)
            fields = {name: cells[here] for name, cells in found.items() if name not in ("rule", "message")}
            findings.add(rule, found["message"][here], **fields)

"""The cell account as accounting.json and accounting.html show it: counts by outcome, and the texts that were changed.

Not for keeping it (engine/accounts/cells.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.accounts.cells import CellLedger, Target, TargetCells
from ...engine.accounts.outcomes import CELL_OUTCOMES

#: distinct changes shown of each column and variable; the account counts the others
SHOWN_CHANGES = 40
EXPLAINED = {
    "carried": "the value is the cell without a change",
    "transformed": "the value is derived from the cell: mapped, converted, a date in ISO 8601, trimmed",
    "reported": "the variable is empty, and a finding names the cell",
    "lost": "the variable is empty and no finding explains why: R2A-CELL-001",
    "used": "read by a condition, a formula, a key or to identify the subject",
    "no value": "the spec declares that this text means no value",
    "not chosen": "another column, row or case was chosen, or the rule's condition does not hold",
    "after the cut-off": "the row, or the end date in it, is after the data cut",
    "excluded": "the block that reads the column excluded the row",
    "merged": "the row equals an earlier one",
    "quarantined": "the row belongs to no subject",
    "not submitted": "the spec gives the reason",
    "not mapped": "no spec reads the column: R2A-COL-001",
    "unreported": "not accounted for: the run fails",
}


Readers = Sequence[tuple[Target, TargetCells]]


def readers(ledger: CellLedger) -> dict[tuple[str, str], Readers]:
    """(source, column) -> the variables that read it, each with what became of its cells, in order."""
    found: dict[tuple[str, str], list[tuple[Target, TargetCells]]] = {}
    for target, account in sorted(ledger.targets.items()):
        found.setdefault((target.source, target.column), []).append((target, account))
    return dict(found)


def column_cells(ledger: CellLedger, source: str, column: str, read_by: Readers) -> dict[str, Any] | None:
    """One column: rows = blank + filled, filled by outcome, and each variable that read it. None before settling."""
    counts = ledger.sources[source].totals.get(column) if source in ledger.sources else None
    if counts is None:
        return None
    return {
        "rows": int(counts.sum()),
        "blank": int(counts[-1]),
        "filled": int(counts[:-1].sum()),
        "outcomes": by_outcome(counts[:-1]),
        "read_by": [_target(target, account) for target, account in read_by],
    }


def by_outcome(counts: np.ndarray) -> dict[str, int]:
    """Outcome to cells, strongest outcome first, only those that occur."""
    return {name: int(counts[code]) for code, name in CELL_OUTCOMES.items() if counts[code]}


def _target(target: Target, account: TargetCells) -> dict[str, Any]:
    counts = account.counts.copy()
    counts[0] = 0  # blank cells
    ordered = sorted(account.changes.items(), key=lambda kv: (-kv[1][0], kv[0].verbatim, kv[0].value, kv[0].how))
    rest = ordered[SHOWN_CHANGES:]
    return {
        "dataset": target.dataset,
        "block": target.block + 1,
        "variable": target.variable,
        "rule": account.place,
        "outcomes": by_outcome(counts),
        "transformed": dict(sorted(account.how.items())),
        "texts": [
            {
                "verbatim": c.verbatim, "value": c.value, "outcome": CELL_OUTCOMES[c.outcome], "how": c.how,
                "cells": cells, "first_row": first,
            }
            for c, (cells, first) in ordered[:SHOWN_CHANGES]
        ],
        "more": {"texts": len(rest), "cells": sum(cells for _, (cells, _) in rest)},
    }  # fmt: skip


def cell_totals(ledger: CellLedger, source: str | None = None) -> dict[str, int]:
    """Filled cells by outcome over all columns of a source, or of all sources."""
    found = [
        counts[:-1]
        for name, cells in ledger.sources.items()
        if source in (None, name)
        for counts in cells.totals.values()
    ]
    return by_outcome(np.sum(found, axis=0)) if found else {}

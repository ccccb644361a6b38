"""Row accounting as accounting.json and accounting.html: what became of every raw row and every raw column.

Not for keeping the account (engine/ledger.py): here it is only printed, and what does not reconcile is said in red.
"""

from __future__ import annotations

import json
from typing import Any

from ..engine.ledger import Ledger, SourceAccount
from .pages import html_page, printable


def accounting_json(ledger: Ledger) -> bytes:
    """accounting.json in ASCII: {"schema": 1, "reconciled", "problems", "sources", "datasets", "cutoff", "total"}.

    Of each source: rows read = mapped + excluded + after the cut-off + merged + quarantined (+ unread, a problem); the
    reasons with their rows; the records made of it; and each column with what became of it.
    """
    return (json.dumps(_account(ledger), indent=1) + "\n").encode("ascii")


def accounting_html(ledger: Ledger, title: str = "Row accounting") -> bytes:
    """accounting.html: the same account as one page without outside resources."""
    account = _printable(_account(ledger))
    return html_page("accounting.html.j2", title=printable(title), lead=account["problems"], **account)


def _account(ledger: Ledger) -> dict[str, Any]:
    problems = ledger.reconciled()
    sources = [_source(a) for _, a in sorted(ledger.sources.items())]
    names = ("rows", "mapped", "excluded", "after_cutoff", "merged", "quarantined", "unread", "records")
    return {
        "schema": 1,
        "reconciled": not problems,
        "problems": problems,
        "sources": sources,
        "datasets": [
            {
                "dataset": name,
                "records": sum(blocks.values()),
                "made_of": [{"table": table, "records": count} for table, count in sorted(blocks.items())],
            }
            for name, blocks in sorted(ledger.datasets.items())
        ],
        "cutoff": {
            "date": ledger.cutoff,
            "records": [{"dataset": d, "what": what, "records": n} for d, what, n in ledger.cut_counts()],
        },
        "total": {name: sum(s["rows"][name] for s in sources) for name in names},
    }


def _source(account: SourceAccount) -> dict[str, Any]:
    totals = account.totals()
    told = totals["mapped"] + totals["excluded"] + totals["after_cutoff"] + totals["merged"] + totals["quarantined"]
    return {
        "source": account.name,
        "file": account.file,
        "balanced": told == totals["rows"],
        "rows": totals,
        "reasons": [{"outcome": o, "reason": r, "rows": n} for o, r, n in account.by_reason()],
        "columns": [{"column": c, "became": what} for c, what in account.columns.items()],
    }


def _printable(part: Any) -> Any:
    if isinstance(part, str):
        return printable(part)
    if isinstance(part, dict):
        return {key: _printable(value) for key, value in part.items()}
    return [_printable(item) for item in part] if isinstance(part, list) else part

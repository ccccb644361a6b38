"""The accounts as accounting.json and accounting.html: what became of every raw row and every raw column.

Not for keeping the account (engine/accounts/ledger.py): here it is only printed. The page shows in red what does not
reconcile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...engine.accounts.ledger import Ledger, SourceAccount
from ...engine.accounts.outcomes import CutReason
from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset, Lineage
from .accounting_cells import EXPLAINED, Readers, cell_totals, column_cells, readers
from .page import html_page, printable
from .run_head import RunHead, head_values

#: count of a source -> its heading on a page
OUTCOMES = {
    "rows": "Rows read", "mapped": "Mapped", "excluded": "Excluded", "after_cutoff": "After the cut-off",
    "merged": "Merged", "quarantined": "Quarantined", "unread": "Unread", "records": "Records built",
}  # fmt: skip
#: outcome of rows -> its label, where it differs
_LABELS = {"after_cutoff": "after the cut-off"}


#: dataset -> for each block the records of each PARAMCD
Parameters = Mapping[str, Sequence[Mapping[str, int]]]


def block_parameters(lineage: Mapping[str, Lineage], datasets: Mapping[str, Dataset]) -> Parameters:
    """The records of each PARAMCD in each block of the datasets that have it, most first."""
    found = {}
    for name, line in lineage.items():
        if name not in datasets or "PARAMCD" not in datasets[name].metadata.names or "block" not in line.rows:
            continue
        codes, texts = col.split_text(pd.Series(datasets[name].frame["PARAMCD"]))
        block = line.rows["block"].to_numpy()
        if len(block) != len(codes) or not len(codes):
            continue
        pair, counts = np.unique(block.astype("int64") * len(texts) + codes, return_counts=True)
        of: list[dict[str, int]] = [{} for _ in line.sources]
        for number, count in sorted(zip(pair.tolist(), counts.tolist(), strict=True), key=lambda p: (-p[1], p[0])):
            at, code = divmod(number, len(texts))
            if 0 <= at < len(of):
                of[at][str(texts[code])] = count
        found[name] = of
    return found


def accounting_json(ledger: Ledger, parameters: Parameters | None = None) -> bytes:
    """accounting.json in ASCII: schema 1, reconciled, problems, sources, datasets, cutoff, total, cells.

    Of each source: rows read = mapped + excluded + after the cut-off + merged + quarantined (+ unread, a problem); the
    reasons with their rows; the records built from it; and each column with its outcome and the outcomes of its cells:
    by outcome, by variable that read it, and text by text where the value is not the plain reading of the cell.
    ``parameters``: the records of each PARAMCD by block.
    """
    return (json.dumps(_account(ledger, parameters or {}), indent=1) + "\n").encode("ascii")


def accounting_html(
    ledger: Ledger,
    title: str = "Accounts: rows, columns, cells",
    head: RunHead | None = None,
    parameters: Parameters | None = None,
) -> bytes:
    """accounting.html: the same account as one page without outside resources."""
    account = _printable(_account(ledger, parameters or {}))
    for dataset in account["datasets"]:
        dataset["lines"] = _block_lines(dataset["blocks"])
    for cut in account["cutoff"]["records"]:
        cut["meaning"] = CutReason(cut["what"]).meaning
    return html_page(
        "accounting.html.j2", head=head_values(head, "reports/accounting.html"), title=printable(title),
        lead=account["problems"], explained=EXPLAINED, outcomes=OUTCOMES, **account,
    )  # fmt: skip


def _account(ledger: Ledger, parameters: Parameters) -> dict[str, Any]:
    problems = ledger.reconciled()
    read_by = readers(ledger.cells)
    sources = [_source(a, ledger, read_by) for _, a in sorted(ledger.sources.items())]
    return {
        "schema": 1,
        "reconciled": not problems,
        "problems": problems,
        "sources": sources,
        "datasets": [
            {
                "dataset": name,
                "records": sum(n for *_, n in ledger.blocks.get(name, ())) or sum(blocks.values()),
                "made_of": [{"table": table, "records": count} for table, count in sorted(blocks.items())],
                "blocks": [
                    {
                        "block": number,
                        "table": table,
                        "rule": place,
                        "records": count,
                        **({"parameters": dict(parameters[name][number - 1])} if name in parameters else {}),
                    }
                    for number, (table, place, count) in enumerate(ledger.blocks.get(name, ()), start=1)
                ],
            }
            for name, blocks in sorted({**{n: {} for n in ledger.blocks}, **ledger.datasets}.items())
        ],
        "cutoff": {
            "date": ledger.cutoff,
            "records": [{"dataset": d, "what": what, "records": n} for d, what, n in ledger.cut_counts()],
        },
        "total": {name: sum(s["rows"][name] for s in sources) for name in OUTCOMES},
        "cells": cell_totals(ledger.cells),
    }


def _block_lines(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line for all blocks of one table and place: a rule for several parameters has a block for each.

    ``parameters``: the records of each PARAMCD of the line, in the order of the blocks.
    """
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for b in blocks:
        none = {"table": b["table"], "rule": b["rule"], "blocks": 0, "records": 0, "parameters": {}}
        line = lines.setdefault((b["table"], b["rule"]), none)
        line["blocks"] += 1
        line["records"] += b["records"]
        for name, count in b.get("parameters", {}).items():
            line["parameters"][name] = line["parameters"].get(name, 0) + count
    return list(lines.values())


def _source(account: SourceAccount, ledger: Ledger, read_by: Mapping[tuple[str, str], Readers]) -> dict[str, Any]:
    totals = account.totals()
    outcomes = {name: n for name, n in totals.items() if name not in ("rows", "unread", "records")}
    columns = []
    for column, what in account.columns.items():
        cells = column_cells(ledger.cells, account.name, column, read_by.get((account.name, column), ()))
        columns.append({"column": column, "became": str(what), **({"cells": cells} if cells else {})})
    return {
        "source": account.name,
        "file": account.file,
        "balanced": sum(outcomes.values()) == totals["rows"],
        "balance": f"{totals['rows']} = "
        + " + ".join(f"{n} {_LABELS.get(name, name)}" for name, n in outcomes.items() if n or name != "after_cutoff"),
        "rows": totals,
        "corrected": {"rows": account.corrected[0], "cells": account.corrected[1]},
        "reasons": [{"outcome": o, "reason": r, "rows": n} for o, r, n in account.by_reason()],
        "cells": cell_totals(ledger.cells, account.name),
        "columns": columns,
    }


def _printable(part: Any) -> Any:
    if isinstance(part, str):
        return printable(part)
    if isinstance(part, dict):
        return {key: _printable(value) for key, value in part.items()}
    return [_printable(item) for item in part] if isinstance(part, list) else part

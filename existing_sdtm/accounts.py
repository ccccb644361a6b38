"""The accounts of a build from existing SDTM: every dataset and record, its readers, and the outcome of SUPP-- records.

Not for a build from raw data (engine/accounts/ledger.py, validation/reports/accounting.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..engine.tables.dataset import Lineage
from ..engine.tables.existing import ExistingDataset
from ..validation.reports.front_page import Balance, BalanceLine
from ..validation.reports.page import html_page, printable
from ..validation.reports.run_head import RunHead, head_values
from .domains import ExistingDomains
from .merge_supplemental import QualifierOutcome
from .needs import Needs


def existing_account(
    whole: ExistingDomains,
    tables: Mapping[str, ExistingDataset],
    needs: Needs,
    lineage: Mapping[str, Lineage],
    records: Mapping[str, int],
) -> dict[str, Any]:
    """The account as plain values. ``needs``: what ADaM reads; ``records``: of the datasets built.

    Of each domain: records = feed ADaM + feed nothing; for each ADaM dataset that reads it, how many of its records a
    value or record came from (a condition or count alone leaves no mark on a record). Of each SUPP-- file: its records
    by outcome. ``problems``: counts that do not add up.
    """
    datasets = [_domain(name, table, tables.get(name), needs, lineage) for name, table in whole.domains.items()]
    datasets += _supplemental(whole)
    absent = [
        {"dataset": n, "would_have_fed": [str(r) for r in needs.tables[n]]} for n, t in tables.items() if not t.present
    ]
    return {
        "schema": 1,
        "from": "sdtm",
        "problems": _problems(whole, datasets),
        "given": sorted(datasets, key=lambda d: d["dataset"]),
        "absent": absent,
        "datasets": [{"dataset": n, "records": r} for n, r in records.items()],
    }


def _domain(
    name: str, table: ExistingDataset, read: ExistingDataset | None, needs: Needs, lineage: Mapping[str, Lineage]
) -> dict[str, Any]:
    """The account of one domain. ``read``: the part of it that ADaM reads, None for a domain that no rule reads."""
    usable = int(read.usable.sum()) if read is not None and read.usable is not None else len(table)
    columns = [
        {
            "column": v.name,
            "from": "SUPP--" if v.name in table.qualifiers else "",
            "read_by": [str(r) for r in needs.columns.get((name, v.name), ())],
        }
        for v in table.dataset.metadata.variables
    ]
    return {
        "dataset": name,
        "file": ", ".join(f.name for f in table.files),
        "sha256": [f.sha256 for f in table.files],
        "supplemental": False,
        "read": read is not None,
        "records": len(table),
        "feed": usable if read is not None else 0,
        "feed_nothing": len(table) - usable if read is not None else len(table),
        "used_by": _used(name, needs, lineage) if read is not None else {},
        "columns": columns,
    }


def _supplemental(whole: ExistingDomains) -> Iterator[dict[str, Any]]:
    """The account of each SUPP-- file: its records by outcome."""
    start = 0
    for file in whole.supplemental.files if whole.supplemental is not None else ():
        outcome = whole.outcome[start : start + file.records]
        start += file.records
        counts = np.bincount(outcome, minlength=len(QualifierOutcome)).tolist()
        yield {
            "dataset": file.dataset,
            "file": file.name,
            "sha256": [file.sha256],
            "supplemental": True,
            "read": True,
            "records": file.records,
            "outcomes": {o.label: n for o, n in zip(QualifierOutcome, counts, strict=True) if n},
        }


def _used(name: str, needs: Needs, lineage: Mapping[str, Lineage]) -> dict[str, int]:
    """ADaM dataset that reads a domain -> how many of the domain's records its lineage names."""
    used = {r.dataset: 0 for r in needs.tables[name]}
    for built in used:
        ids = [np.zeros(0, "int32")]
        line = lineage.get(built)
        for node in line.tables if line is not None else ():
            if line is not None and line.tables[node] == name:
                column = node if node in line.rows else "row"
                rows = line.rows
                here = rows[column].to_numpy()
                if column == "row":  # only the rows of block n are rows of its table
                    here = here[rows["block"].to_numpy() == int(node.rpartition(":")[2])]
                ids.append(here[here >= 0])
        used[built] = len(np.unique(np.concatenate(ids)))
    return used


def _problems(whole: ExistingDomains, datasets: list[dict[str, Any]]) -> list[str]:
    """Counts that do not add up."""
    problems = []
    for d in datasets:
        known = sum(d["outcomes"].values()) if d["supplemental"] else d["feed"] + d["feed_nothing"]
        if known != d["records"]:
            problems.append(f"{d['file']}: {d['records']} records read, {known} accounted for")
    read = sum(f.records for t in whole.domains.values() for f in t.files)
    listed = sum(d["records"] for d in datasets if not d["supplemental"])
    if read != listed:
        problems.append(f"the files have {read} records, the account {listed}")
    return problems


def record_balance(account: Mapping[str, Any]) -> Balance:
    """The records of each existing dataset by outcome, from ``existing_account``."""
    datasets = account["given"]
    qualifiers = [o.label for o in QualifierOutcome if any(o.label in d.get("outcomes", ()) for d in datasets)]
    outcomes = {"feed": "Feed ADaM", "feed_nothing": "Feed nothing", **{o: o.capitalize() for o in qualifiers}}
    lines = []
    for d in datasets:
        counts = d["outcomes"] if d["supplemental"] else d
        numbers = tuple(counts.get(o, 0) for o in outcomes)
        lines.append(BalanceLine(name=d["dataset"], file=d["file"], read=d["records"], counts=numbers))
    return Balance("records", tuple(outcomes.values()), tuple(lines))


def existing_accounting_json(account: Mapping[str, Any]) -> bytes:
    """accounting.json in ASCII."""
    return (json.dumps(account, indent=1) + "\n").encode("ascii")


def existing_accounting_html(account: Mapping[str, Any], title: str, head: RunHead | None = None) -> bytes:
    """accounting.html: the same account as one page without outside resources."""
    values = {k: _printable(v) for k, v in account.items() if k != "problems"}
    return html_page(
        "given-accounting.html.j2", head=head_values(head, "reports/accounting.html"), title=printable(title),
        lead=account["problems"], **values,
    )  # fmt: skip


def _printable(part: Any) -> Any:
    if isinstance(part, str):
        return printable(part)
    if isinstance(part, dict):
        return {key: _printable(value) for key, value in part.items()}
    return [_printable(item) for item in part] if isinstance(part, list) else part

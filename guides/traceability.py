"""What became of the collected rows, cells and records, and what the data cut-off removed, for both guides.

Not for the account itself (reports/accounting.json).
"""

from __future__ import annotations

from typing import Any

from ..engine.accounts.outcomes import CutReason
from .document import Block, Link, Paragraph, Table
from .package import RunPackage
from .parts import count, paragraph

_PAGE = "reports/accounting.html"
#: outcome of rows in accounting.json -> its heading
_OUTCOMES = {"mapped": "Mapped", "excluded": "Excluded", "after_cutoff": "After the cut-off", "merged": "Merged",
             "quarantined": "Quarantined"}  # fmt: skip
_WIDTHS = (3, 4, 2, 2, 2, 3, 2, 3)
#: outcome of cells in accounting.json -> how a sentence names it
_CELLS = {"not submitted": "are not submitted by decision", "not mapped": "have no place in the mapping"}


def row_account(package: RunPackage) -> tuple[Block, ...]:
    """The rows of each source by outcome, and why rows are not in SDTM."""
    accounts = package.accounts
    if "sources" not in accounts:
        return record_account(package)
    total = accounts["total"]
    rows = [_row(s["source"], s["file"], s["rows"]) for s in accounts["sources"]]
    rows.append(_row("All", "", total))
    outcomes = ", ".join(f"{total[o]:,} {h[0].lower()}{h[1:]}" for o, h in _OUTCOMES.items() if total[o])
    sentence = f"{count(total['rows'], 'row')} of {count(len(accounts['sources']), 'source')} were read: {outcomes}. "
    blocks: list[Block] = [
        Paragraph((sentence, "The sum of the outcomes is the number of rows read. ", Link("The accounts", _PAGE),
                   " have each column and cell."), "From collected rows to records"),
        Table("Collected rows by outcome", ("Source", "File", "Read", *_OUTCOMES.values()), tuple(rows), _WIDTHS),
    ]  # fmt: skip
    removed = [
        (s["source"], r["outcome"], r["reason"], r["rows"])
        for s in accounts["sources"]
        for r in s["reasons"]
        if r["outcome"] in ("excluded", "merged", "quarantined")
    ]
    if removed:
        blocks.append(paragraph("A rule of the specification excludes a row. Exact duplicates are merged. A row from "
                           "which no record can be formed is quarantined."))  # fmt: skip
        headings = ("Source", "Outcome", "Rule of the specification, or reason", "Rows")
        blocks.append(Table("Rows that give no record", headings, tuple(removed), (4, 4, 12, 2)))
    corrected = sum(s["corrected"]["rows"] for s in accounts["sources"])
    if corrected:
        blocks.append(
            paragraph(f"{count(corrected, 'row')} of quarantine files came back corrected and replaced raw ones.")
        )
    return (*blocks, *_cells(accounts["cells"]))


def _row(name: str, file: str, counts: dict[str, int]) -> tuple[str | int, ...]:
    return (name, file, counts["rows"], *(counts[o] for o in _OUTCOMES))


def _cells(cells: dict[str, int]) -> tuple[Block, ...]:
    lost = [f"{count(cells[o], 'filled cell')} {text}" for o, text in _CELLS.items() if cells.get(o)]
    if not lost:
        return ()
    return (paragraph(f"Of {count(sum(cells.values()), 'filled cell')} read, ", "; ".join(lost), "."),)


def record_account(package: RunPackage) -> tuple[Block, ...]:
    """The records of existing SDTM that feed ADaM, and those that feed nothing."""
    rows: list[tuple[str | int, ...]] = []
    for d in package.accounts["given"]:
        if d["supplemental"]:
            used = "merged into its domain"
            rows.append((d["dataset"], d["file"], d["records"], used))
        else:
            used = ", ".join(d["used_by"]) if d["read"] else "read by no rule"
            rows.append((d["dataset"], d["file"], d["records"], used))
    absent = [d["dataset"] for d in package.accounts["absent"]]
    blocks: list[Block] = [
        Paragraph(("The analysis datasets come from these SDTM datasets. ", Link("The accounts", _PAGE),
                   " have each domain and variable."), "From SDTM records to analysis records"),
        Table("SDTM datasets read", ("Dataset", "File", "Records", "Used by"), tuple(rows), (2, 2, 1, 4)),
    ]  # fmt: skip
    if absent:
        blocks.append(paragraph(f"Rules name datasets that the delivery does not have: {', '.join(absent)}."))
    return tuple(blocks)


def data_cut(package: RunPackage) -> tuple[Block, ...]:
    """The data cut-off: its date, its rule, and the records that it concerns."""
    cut: dict[str, Any] = package.accounts.get("cutoff") or {}
    date = cut.get("date") or package.run.head.cutoff
    if not date:
        return (Paragraph(("The data have no cut-off date: every collected record is in the data.",), "Data cut-off"),)
    if "sources" not in package.accounts:
        text = f"The data cut-off is {date}. The run began with finished SDTM: it reports records after the cut-off."
        return (Paragraph((text,), "Data cut-off"),)
    text = (
        f"The data cut-off is {date}. The day itself belongs to the data. A record that starts later is not in SDTM. "
        "An end after the cut-off is missing. Variables that are derived from other records follow from the records "
        "that remain. A partial date that may lie on either side stays, and so does a record without a date."
    )
    rows = tuple(
        (r["dataset"] or "whole sources or subjects", r["what"], CutReason(r["what"]).meaning, r["records"])
        for r in cut.get("records", ())
    )
    blocks: list[Block] = [Paragraph((text,), "Data cut-off")]
    if rows:
        headings = ("Dataset", "Date of the record", "What became of the record", "Records")
        blocks.append(Table("Records that the data cut-off concerns", headings, rows, (4, 4, 9, 2)))
    return tuple(blocks)

"""The comparison as one HTML page without scripts or anything from outside; every text is escaped.

Not for all differences: a table stops at MOST_ROWS with a note, and the JSON report has the rest.
"""

from __future__ import annotations

from typing import Any

from ..validation.reports.page import html_page, printable
from .result import CellDifference, Comparison, DatasetResult, RecordsOfOneSide, RepeatedKeys
from .text_report import attribute_sentence, verdict
from .value_text import counted, difference_text, percent, shown

MOST_ROWS = 1000


def html_report(comparison: Comparison) -> bytes:
    """The page in UTF-8."""
    stale = [f"{e.place}: {e.text}: matches nothing any more" for e in comparison.stale]
    return html_page(
        "diff.html.j2",
        __package__ or "raw2adam.comparison",
        title="Comparison of datasets",
        lead=[],
        verdict=printable(verdict(comparison)),
        equal=comparison.equal,
        base=printable(comparison.base),
        compare=printable(comparison.compare),
        method=comparison.options.method,
        ignored=", ".join(sorted(comparison.options.ignore)),
        differences=comparison.differences,
        accepted=comparison.accepted,
        stale=[printable(s) for s in stale],
        entries=[
            [printable(e.place), printable(e.text), f"{e.took:,}" if e.matched else "stale", printable(e.reason)]
            for e in comparison.entries
        ],
        datasets=[_dataset(d) for d in comparison.datasets],
    )


def _dataset(result: DatasetResult) -> dict[str, Any]:
    both = bool(result.base_file and result.compare_file)
    return {
        "name": printable(result.name),
        "both": both,
        "differences": result.differences,
        "accepted": result.accepted,
        "files": [printable(result.base_file), printable(result.compare_file)],
        "matched_by": f"{', '.join(result.keys)} (from {printable(result.keys_from)})",
        "counts": [
            ("records in BASE", result.base_records), ("records in COMPARE", result.compare_records),
            ("records in both", result.common), ("cells compared", result.cells_compared),
            ("cells different", result.cells_different), ("cells accepted", result.cells_accepted),
        ],
        "notes": [printable(n) for n in result.notes],
        "attributes": [
            [printable(attribute_sentence(a.kind, a.variable, a.base, a.compare)), printable(a.reason)]
            for a in result.attributes
        ],
        "variables": [
            [v.name, f"{v.compared:,}", f"{v.different:,}", f"{v.accepted:,}", percent(v.share_equal),
             "" if v.largest is None else f"{v.largest:.6g}", f"{v.base_missing:,}", f"{v.compare_missing:,}"]
            for v in result.variables if v.different
        ],
        "equal_variables": sum(not v.different for v in result.variables),
        "tables": [t for t in _tables(result) if t["rows"]],
    }  # fmt: skip


def _tables(result: DatasetResult) -> list[dict[str, Any]]:
    cells = [*result.keys, "Variable", "BASE", "COMPARE", "COMPARE - BASE"]
    return [
        _repeated("BASE", result.repeated_base, result.keys),
        _repeated("COMPARE", result.repeated_compare, result.keys),
        _records("BASE", result.only_base, result.keys),
        _records("COMPARE", result.only_compare, result.keys),
        _table("Different cells", cells, [_cell(c) for c in result.cells[:MOST_ROWS]], result.cells_different),
        _table(
            "Accepted cells",
            [*cells, "Reason"],
            [[*_cell(c), printable(c.reason)] for c in result.accepted_cells[:MOST_ROWS]],
            result.cells_accepted,
        ),
    ]


def _table(title: str, headings: list[str], rows: list[list[str]], total: int) -> dict[str, Any]:
    return {"title": title, "headings": headings, "rows": rows, "total": total, "more": total - len(rows)}


def _cell(cell: CellDifference) -> list[str]:
    values = (shown(cell.base, cell.format), shown(cell.compare, cell.format), difference_text(cell.base, cell.compare))
    return [*(shown(v) for v in cell.key.values()), cell.variable, *values]


def _records(side: str, records: RecordsOfOneSide, keys: tuple[str, ...]) -> dict[str, Any]:
    listed = (*records.listed, *records.listed_accepted)
    rows = [[*(shown(v) for v in r.key.values()), printable(r.reason)] for r in listed]
    return _table(f"Records only in {side}", [*keys, "Accepted because"], rows[:MOST_ROWS], records.count)


def _repeated(side: str, repeated: RepeatedKeys, keys: tuple[str, ...]) -> dict[str, Any]:
    title = f"Keys repeated in {side}, on {counted(repeated.records, 'record')}"
    if repeated.reason:
        title += f" (accepted: {printable(repeated.reason)})"
    rows = [[*(shown(v) for v in key.values()), f"{count:,}"] for key, count in repeated.listed[:MOST_ROWS]]
    return _table(title, [*keys, "Records"], rows, repeated.keys)

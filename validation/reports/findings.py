"""Findings as findings.json, findings.html and findings.xlsx: the same bytes for the same findings.

Not for reporting findings, nor for deciding the result of a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...findings.rule import SEVERITIES
from ...findings.table import COLUMNS, Findings
from .page import html_page, printable
from .workbook import write_text_workbook

SHOWN_PER_RULE = 50
_BATCH = 50_000  # findings formatted at a time
_RECORD = ("rule", "severity", "dataset", "subject", "sequence", "variable", "value", "message")
_SOURCE = ("source", "file", "row", "column")
_HEADINGS = {
    "rule": "Rule", "severity": "Severity", "dataset": "Dataset", "subject": "Subject", "sequence": "Sequence",
    "variable": "Variable", "value": "Value", "message": "Message", "source": "Source", "file": "Source file",
    "row": "Source row", "column": "Source column",
}  # fmt: skip


def findings_json(findings: Findings, *, limit: int | None = None) -> bytes:
    """findings.json: {"schema": 1, "findings": [...], "summary": {...}}, in ASCII, one finding per line.

    ``limit``: print only the first so many, which are the most severe; the summary counts all, and its ``shown``
    is the number of findings printed. A sequence or row that does not apply is null.
    """
    table: Any = findings.frame()
    shown = table if limit is None else table.head(limit)
    parts = ['{"schema": 1, "findings": [']
    for start in range(0, len(shown), _BATCH):
        parts.append(",\n" if start else "\n")
        parts.append(",\n".join(_json_lines(shown.iloc[start : start + _BATCH])))
    summary = {**_summary(table), "shown": len(shown)}
    parts.append('\n], "summary": ' + json.dumps(summary) + "}\n")
    return "".join(parts).encode("ascii")


def _json_lines(table: Any) -> Iterator[str]:
    cells = {name: _json_cells(table[name]) for name in COLUMNS}
    for values in zip(*(cells[n] for n in (*_RECORD, *_SOURCE)), strict=True):
        (rule, severity, dataset, subject, sequence, variable, value, message, source, file, row, column) = values
        yield (
            f'{{"rule": {rule}, "severity": {severity}, "dataset": {dataset}, "subject": {subject}, '
            f'"sequence": {sequence}, "variable": {variable}, "value": {value}, "message": {message}, '
            f'"source": {{"source": {source}, "file": {file}, "row": {row}, "column": {column}}}}}'
        )


def _json_cells(column: pd.Series) -> list[str]:
    """Each cell as JSON; each different text is escaped one time."""
    if column.dtype.kind == "i":
        return ["null" if x < 0 else str(x) for x in column.tolist()]
    texts = [str(x) for x in column.tolist()]
    escaped = {t: encode_basestring_ascii(t) for t in set(texts)}
    return [escaped[t] for t in texts]


def _summary(table: Any) -> dict[str, Any]:
    """Counts in all, by severity (in the order of severity), by rule and by dataset (sorted)."""
    by_severity = _counts(table["severity"])
    return {
        "total": len(table),
        "by_severity": {s: by_severity.get(s, 0) for s in SEVERITIES},
        "by_rule": _counts(table["rule"]),
        "by_dataset": _counts(table["dataset"]),
    }


def _counts(column: pd.Series) -> dict[str, int]:
    codes, texts = pd.factorize(np.asarray(column, dtype=object))
    count = np.bincount(codes, minlength=len(texts)).tolist()
    return dict(sorted(zip((str(t) for t in texts), count, strict=True)))


def findings_html(findings: Findings, title: str, lead: Sequence[str] = ()) -> bytes:
    """findings.html: one page without outside resources, grouped by rule, with the first 50 findings of each rule.

    ``lead``: sentences that must be seen first, printed on top as errors.
    """
    table: Any = findings.frame()
    codes, rules = pd.factorize(np.asarray(table["rule"] + "\0" + table["severity"], dtype=object))
    groups = []
    for number, key in enumerate(rules):
        rule, severity = key.split("\0")
        at = np.flatnonzero(codes == number)
        first = table.iloc[at[:SHOWN_PER_RULE]]
        messages = first["message"].tolist()
        datasets = sorted({str(d) for d in table["dataset"].to_numpy()[at] if d})
        groups.append(
            {
                "rule": printable(rule), "severity": severity, "count": len(at),
                "message": printable(messages[0]) + (" ..." if len(set(messages)) > 1 else ""),
                "datasets": printable(", ".join(datasets)),
                "rows": [_html_row(r) for r in first.itertuples(index=False)],
                "more": len(at) - len(first),
            }
        )  # fmt: skip
    return html_page(
        "findings.html.j2", title=printable(title), lead=[printable(s) for s in lead], groups=groups,
        summary=_summary(table), headings=[h for n, h in _HEADINGS.items() if n not in ("rule", "severity")],
    )  # fmt: skip


def _html_row(row: Any) -> list[str]:
    return [_shown(getattr(row, n)) for n in COLUMNS if n not in ("rule", "severity")]


def _shown(cell: Any) -> str:
    if isinstance(cell, int):
        return "" if cell < 0 else str(cell)
    return printable(str(cell))


def findings_xlsx(findings: Findings, path: Path, declared: datetime) -> None:
    """findings.xlsx: every cell typed as text, so that no value is taken for a formula or a number.

    ``declared``: the run's declared time, the only one in the file. A sheet ends at 1,048,576 rows: what does not fit
    goes to further sheets. Raises OutputError when the file cannot be written.
    """
    table: Any = findings.frame()
    columns = [[_shown(x) for x in table[name].tolist()] for name in COLUMNS]
    write_text_workbook(path, "Findings", [_HEADINGS[n] for n in COLUMNS], columns, declared)

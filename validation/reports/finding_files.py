"""All findings as findings.json, findings.csv and findings.xlsx: the same bytes for the same findings.

Each has every column of the table of findings. Not for the page (findings.py), nor for reporting findings.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...findings.review import Review
from ...findings.rule import SEVERITIES
from ...findings.table import Findings
from .page import printable
from .typed_workbook import Column, TypedSheet, write_typed_workbook

_BATCH = 50_000  # findings formatted at a time
_RECORD = ("id", "rule", "severity", "dataset", "subject", "sequence", "variable", "keys", "value", "message")
_SOURCE = ("source", "file", "row", "column")
_HEADINGS = {
    "rule": "Rule", "severity": "Severity", "dataset": "Dataset", "subject": "Subject", "sequence": "Sequence",
    "variable": "Variable", "value": "Value", "message": "Message", "source": "Source", "file": "Source file",
    "row": "Source row", "column": "Source column", "keys": "Keys", "id": "Id",
    "follows": "Follows from", "state": "State", "disposition": "Disposition", "explanation": "Explanation",
    "entry": "Entry",
}  # fmt: skip
_NUMBERS = ("sequence", "row")
#: the entry of a finding has it, so findings.json has it one time
_OF_ENTRY = ("explanation",)
#: a spreadsheet takes a text that begins so for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def headings(names: Any) -> list[str]:
    """The heading of each column of the table of findings."""
    return [_HEADINGS.get(n, n.replace("_", " ").capitalize()) for n in names]


def findings_json(findings: Findings, *, limit: int | None = None) -> bytes:
    """findings.json: {"schema": 2, "findings": [...], "summary": {...}}, in ASCII, one finding per line.

    ``limit``: print only the first so many, which are the most severe; the summary counts all, and its ``shown``
    is the number of findings printed. A sequence or row that does not apply is null. ``id`` is the same in every data
    cut; ``keys`` are the natural keys of the record, '' for a dataset or a raw row. ``entries`` are those of
    findings.yaml; the ``entry`` of a finding is the number of its entry, from 1. ``state`` is new or recurring where
    the run was compared with an earlier output, whose other findings are ``resolved``.
    """
    table: Any = findings.frame()
    shown = table if limit is None else table.head(limit)
    parts = ['{"schema": 2, "findings": [']
    for start in range(0, len(shown), _BATCH):
        parts.append(",\n" if start else "\n")
        parts.append(",\n".join(_json_lines(shown.iloc[start : start + _BATCH])))
    counts = {**summary(table), "shown": len(shown)}
    parts.append('\n], "summary": ' + json.dumps(counts))
    parts.append("".join(f',\n"{name}": {_lines(found)}' for name, found in _reviewed(findings, table).items()))
    parts.append("}\n")
    return "".join(parts).encode("ascii")


def _reviewed(findings: Findings, table: Any) -> dict[str, list[dict[str, Any]]]:
    """The entries of findings.yaml, and the findings of the earlier output that are resolved."""
    review = findings.review or Review()
    numbers = np.bincount(np.asarray(table["entry"]).clip(0), minlength=len(review.entries) + 1)[1:].tolist()
    entries = [{**e.data(), "findings": number} for e, number in zip(review.entries, numbers, strict=True)]
    return {"entries": entries, "resolved": [dict(f) for f in review.resolved(table)]}


def _lines(found: list[dict[str, Any]]) -> str:
    """A list of objects in ASCII, one a line."""
    return "[" + ",".join(f"\n{json.dumps(one)}" for one in found) + ("\n]" if found else "]")


def _json_lines(table: Any) -> Iterator[str]:
    further = [n for n in table.columns if n not in (*_RECORD, *_SOURCE, *_OF_ENTRY)]
    record, place, end = (", ".join(f'"{n}": %s' for n in names) for names in (_RECORD, _SOURCE, further))
    form = f'{{{record}, "source": {{{place}}}{", " if end else ""}{end}}}'
    cells = [_json_cells(table[n]) for n in (*_RECORD, *_SOURCE, *further)]
    for values in zip(*cells, strict=True):
        yield form % values


def _json_cells(column: pd.Series) -> list[str]:
    """Each cell as JSON; each different text is escaped one time."""
    if column.dtype.kind == "i":
        return ["null" if x < 0 else str(x) for x in column.tolist()]
    texts = list(map(str, column.tolist()))
    escaped = {t: encode_basestring_ascii(t) for t in set(texts)}
    return list(map(escaped.__getitem__, texts))


def summary(table: Any) -> dict[str, Any]:
    """Counts in all, by severity (in the order of severity), by rule and by dataset (sorted)."""
    by_severity = _counts(table["severity"])
    return {
        "total": len(table),
        "by_severity": {s: by_severity.get(s, 0) for s in SEVERITIES},
        "by_rule": _counts(table["rule"]),
        "by_dataset": _counts(table["dataset"]),
        "by_disposition": {n: c for n, c in _counts(table["disposition"]).items() if n},
        "by_state": {n: c for n, c in _counts(table["state"]).items() if n},
    }


def _counts(column: pd.Series) -> dict[str, int]:
    codes, texts = pd.factorize(np.asarray(column, dtype=object))
    count = np.bincount(codes, minlength=len(texts)).tolist()
    return dict(sorted(zip((str(t) for t in texts), count, strict=True)))


def findings_csv(findings: Findings) -> bytes:
    """findings.csv in UTF-8 with a byte order mark, for spreadsheets: one finding per line, in the order of the table.

    A text that a spreadsheet would take for a formula gets an apostrophe. A sequence or row that does not apply is ''.
    """
    table: Any = findings.frame()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings(table.columns))
    for start in range(0, len(table), _BATCH):
        part = table.iloc[start : start + _BATCH]
        writer.writerows(zip(*(_csv_cells(part[n]) for n in table.columns), strict=True))
    return out.getvalue().encode("utf-8-sig")


def _csv_cells(column: pd.Series) -> list[str]:
    if column.dtype.kind == "i":
        return ["" if x < 0 else str(x) for x in column.tolist()]
    texts = list(map(str, column.tolist()))
    plain = {t: without_formula(printable(t)) for t in set(texts)}
    return list(map(plain.__getitem__, texts))


def without_formula(text: str) -> str:
    """``text`` with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def findings_xlsx(findings: Findings, path: Path, declared: datetime) -> None:
    """findings.xlsx: numbers are numbers, every other cell is text, so that no value is taken for a formula.

    ``declared``: the run's declared time, the only one in the file. A sheet ends at 1,048,576 rows: what does not fit
    goes to further sheets. Raises OutputError when the file cannot be written.
    """
    table: Any = findings.frame()
    columns = [
        Column(heading=heading, cells=_cells(table[name]))
        for heading, name in zip(headings(table.columns), table.columns, strict=True)
    ]
    write_typed_workbook(path, [TypedSheet(title="Findings", columns=columns)], declared)


def _cells(column: pd.Series) -> list[str | int | None]:
    if column.dtype.kind == "i":
        return [None if x < 0 else x for x in column.tolist()]
    texts = list(map(str, column.tolist()))
    shown = {t: printable(t) for t in set(texts)}
    return list(map(shown.__getitem__, texts))

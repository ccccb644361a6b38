"""Findings and notes about the rows of an ODM source: removed rows and values, repeated keys, values without ItemOID.

Not for building the rows (rows.py), nor for findings about the whole file (read.py).
"""

from __future__ import annotations

import numpy as np

from .cell_findings import CellFindings
from .log import LEVELS
from .rows import GroupRows, OdmRows


def report_rows(rows: OdmRows) -> None:
    """Report rows and cells that the table leaves out, or shows in another way than the file has them."""
    file = rows.options.file
    rows.removed_cells.report(
        rows.findings, "R2A-SRC-014", "the export removes this value (TransactionType Remove)", file
    )
    text = "one of several values of the item in this record; the last of them is used"
    rows.doubled.report(rows.findings, "R2A-SRC-015", text, file)
    text = 'IsNull="Yes" together with a value; the cell is empty in the table'
    rows.null_filled.report(rows.findings, "R2A-SRC-018", text, file)
    text = "the elements of one row have several values of this attribute; the first is used, not this one"
    rows.differing.report(rows.findings, "R2A-ODM-004", text, file)
    unnamed = CellFindings()
    for part in rows.parts:
        found = [(part.records[at], value) for at, value in part.log.unnamed if part.chosen[at]]
        unnamed.add(np.array([r for r, _ in found], np.int64), [v for _, v in found], "")
    text = "a value without ItemOID: no column can hold it, so it is not read"
    unnamed.report(rows.findings, "R2A-ODM-002", text, file)
    removed = sum(_report_removed(rows, part) for part in rows.parts)
    if removed:
        rows.notes.append(f"{removed} rows of {rows.called} are excluded, because the export removes them")
    cells = sum(map(len, rows.removed_cells.rows))
    if cells:
        rows.notes.append(f"{cells} values of {rows.called} are excluded, because the export removes them")
    if rows.replaced:
        rows.notes.append(f"{rows.replaced} values of {rows.called} were replaced by later transactions")
    for part in rows.parts:
        _report_keys(rows, part)


def _report_removed(rows: OdmRows, part: GroupRows) -> int:
    """Report each removed row by the record that created it. Returns how many there are."""
    log = part.log
    subjects = np.array([c[1] for c in rows.odm.contexts], dtype=object)
    context, by = np.array(log.context, np.int64), np.array(log.created_by, np.int64)
    level = np.array(log.removed, np.int8)
    gone = np.flatnonzero((level > 0) & part.chosen[by])
    orphans = np.array(log.orphans, np.int64)
    orphans = orphans[part.chosen[orphans]]
    for at, texts in (
        (by[gone], [f"the export removes the {LEVELS[v]} of this record: excluded" for v in level[gone].tolist()]),
        (orphans, ["the export removes this record, and has no other row of its keys: excluded"] * len(orphans)),
    ):
        if len(at):
            cells = {"row": part.records[at], "value": subjects[context[at]], "column": "SubjectKey"}
            rows.findings.add("R2A-SRC-013", texts, file=rows.options.file, **cells)
    return len(gone) + len(orphans)


def _report_keys(rows: OdmRows, part: GroupRows) -> None:
    """Report rows of a snapshot with the keys of an earlier row, and insertions of a row that the file already has."""
    log = part.log
    by = np.array(log.created_by, np.int64)
    later = np.array([r for r in log.again if part.place[r] >= 0], np.int64)
    if len(later):
        earlier = part.records[by[np.array([log.again[r] for r in later.tolist()], np.int64)]]
        texts = [f"the same subject, event, form, item group and repeat keys as record {r}; both kept" for r in earlier]
        rows.findings.add("R2A-SRC-017", texts, file=rows.options.file, row=part.records[by[later]])
    again = np.array(log.reinserted, np.int64)
    again = again[part.chosen[again]]
    if len(again):
        text = "inserts a row that the file already has; read as an update of that row"
        rows.findings.add("R2A-SRC-017", text, file=rows.options.file, row=part.records[again])

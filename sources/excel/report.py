"""Findings about one sheet of a workbook: cells that show another text than they store, its rows, its structure.

Not for reading cells (read.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...findings.table import Findings
from .number_formats import Shown

_RULES = {"shown": "R2A-SRC-037", "stored": "R2A-SRC-038", "rounded": "R2A-SRC-039"}


class Report:
    """Adds findings about ``sheet`` of ``file``. ``place``: the sheet in messages."""

    def __init__(self, file: str, sheet: str, findings: Findings):
        self.file, self.findings = file, findings
        self.place = f"sheet '{sheet}'"

    def cells(self, column: str, cells: Sequence[tuple[Shown, str]]) -> None:
        """Report what the number formats of a column's cells change.

        One finding if all filled cells have one format and one difference; else one for each cell, because the numbers
        of a column with mixed formats have different meanings.
        """
        groups: dict[tuple[str, str], list[int]] = {}
        filled = 0
        for i, (shown, code) in enumerate(cells):
            filled += bool(shown.text)
            if shown.difference:
                groups.setdefault((shown.difference, code), []).append(i)
        for (difference, code), at in groups.items():
            first, whole = cells[at[0]][0], len(at) == filled
            severity = "note" if difference == "rounded" or (difference == "shown" and whole) else "warning"
            if whole or difference == "rounded":
                text = f"{self.place}: {_sentence(difference, code, first)}"
                text += f"; {len(at)} of {filled} cells" if filled > 1 else ""
                self.findings.add(_RULES[difference], text, severity=severity, file=self.file, column=column)
                continue
            text = np.array([f"{self.place}: {_sentence(difference, code, cells[i][0])}" for i in at], object)
            value = np.array([cells[i][0].text for i in at], object)
            row = np.array(at) + 1
            self.findings.add(
                _RULES[difference], text, severity=severity, file=self.file, row=row, column=column, value=value
            )

    def errors(self, found: Sequence[tuple[int, str, str]]) -> None:
        """Report cells with an error value, as (record, column, error)."""
        if found:
            record, column, value = (list(x) for x in zip(*found, strict=True))
            text = "an error of the spreadsheet in place of a value"
            self.findings.add(
                "R2A-SRC-004", text, file=self.file, row=record, column=column, value=value
            )  # fmt: skip

    def rows(self, lines: Sequence[int], filled: Sequence[int], above: int) -> int:
        """Report rows without a filled cell, and return how many lie above a filled one.

        ``lines``: the rows of the sheet beneath row ``above``.
        """
        if not filled:
            self.findings.add("R2A-SRC-001", "column names and no rows", file=self.file)
        end = filled[-1] if filled else above
        empty = end - above - len(filled)
        if empty:
            self.findings.add("R2A-SRC-002", f"{empty} empty rows skipped in {self.place}", file=self.file)
        last = max(lines, default=end)
        if last > end:
            text = f"{last - end} empty rows at the end of {self.place} are not read"
            self.findings.add("R2A-SRC-008", text, file=self.file)
        return empty

    def structure(
        self, without_value: Sequence[str], merged: Sequence[str], hidden_rows: int, hidden_columns: int
    ) -> None:
        """Report formulas without a value, merged ranges, hidden rows and columns."""
        if without_value:
            text = (
                f"{self.place}: {len(without_value)} formulas without a value ({_some(without_value)}), read as empty"
            )
            self.findings.add("R2A-SRC-005", text + "; open the file in Excel and save it", file=self.file)
        if merged:
            text = f"{self.place}: {len(merged)} merged ranges ({_some(merged)}); only its first cell has a value"
            self.findings.add("R2A-SRC-006", text, file=self.file)
        if hidden_rows or hidden_columns:
            text = f"{self.place}: {hidden_rows} hidden rows and {hidden_columns} hidden columns are read like others"
            self.findings.add("R2A-SRC-007", text, file=self.file)

    def comments(self, found: Sequence[tuple[str, str]]) -> None:
        """Report comments on cells, as (cell, text): they are in no column."""
        for cell, text in found:
            message = f"{self.place}, cell {cell}: a comment, which is not read"
            self.findings.add("R2A-SRC-043", message, file=self.file, value=text)

    def struck(self, found: Sequence[tuple[str, str]]) -> None:
        """Report filled cells, as (cell, text), whose text or a part of it is struck out."""
        for cell, text in found:
            message = f"{self.place}, cell {cell}: the text, or a part of it, is struck out; it is read like others"
            self.findings.add("R2A-SRC-044", message, file=self.file, value=text)


def _sentence(difference: str, code: str, shown: Shown) -> str:
    if difference == "shown":
        return f"the number format {code} shows another text than is stored; read as shown: {shown.text}"
    if difference == "rounded":
        return f"the number format {code} shows {shown.seen} for {shown.text}; read as stored"
    return f"the number format {code} shows {shown.seen} and {shown.text} is stored; read as stored"


def _some(references: Sequence[str]) -> str:
    return ", ".join(references[:5]) + (", ..." if len(references) > 5 else "")

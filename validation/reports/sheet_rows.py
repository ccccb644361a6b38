"""The rows of a sheet as XML: inline texts and numbers, each value of a column written once.

openpyxl writes cell by cell, which takes ten times as long. Not for the rest of a workbook: columns, styles, filters,
drop-down lists and the header row are those of openpyxl (typed_workbook.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from .workbook import sheet_text

_END = b"</sheetData>"


def column_letter(number: int) -> str:
    """The letters of a column, from 1: A, B, ..., Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def rows_xml(columns: Sequence[Sequence[str | int | None]], styles: Sequence[int], first: int) -> bytes:
    """The rows with these cells, equally many of each column, from the row number ``first`` on.

    ``styles``: the number of the style of each column, 0 for the look of every cell. An empty cell without a style is
    left out. Texts hold no control characters.
    """
    parts = [_cells(cells, style) for cells, style in zip(columns, styles, strict=True)]
    begins = [f'<c r="{column_letter(n)}' for n in range(1, len(parts) + 1)]
    out = []
    for number, row in enumerate(zip(*parts, strict=True), first):
        cells = "".join([f"{begin}{number}{cell}" for begin, cell in zip(begins, row, strict=True) if cell])
        out.append(f'<row r="{number}">{cells}</row>')
    return "".join(out).encode("ascii", "xmlcharrefreplace")


def with_rows(sheet: bytes, rows: bytes) -> bytes:
    """The XML of a sheet whose last rows are ``rows``."""
    before, end, after = sheet.rpartition(_END)
    return before + rows + end + after


def _cells(cells: Sequence[str | int | None], style: int) -> list[str]:
    """What follows the number of the row in each cell of a column; '' for no cell."""
    look = f' s="{style}"' if style else ""
    known: dict[str | int | None, str] = {None: f'"{look} t="n"></c>' if look else ""}
    known[""] = known[None]
    for value in set(cells):
        if isinstance(value, str) and value:
            known[value] = f'"{look} t="inlineStr"><is>{_text(value)}</is></c>'
        elif isinstance(value, int):
            known[value] = f'"{look} t="n"><v>{value}</v></c>'
    return [known[c] for c in cells]


def _text(value: str) -> str:
    text = sheet_text(value)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return f"<t{space}>{text}</t>"

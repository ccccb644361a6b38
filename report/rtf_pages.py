"""Tables as pages of RTF.

rtflite writes one page with marks in place of the texts, for each number of columns; the pages of a document are copies
of it with their texts. So a document of a thousand rows takes milliseconds, and the breaks of pages keep a heading with
its first row. The fonts are those of the reader's machine. Not for what tables hold (rtf_table.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

#: lines of a page below its title: landscape, 9 point
_LINES = 35
_WIDTH, _LABEL_WIDTH = 9.5, 2.4  # inches of a table; the first column, where the others have 1
#: inches of a letter of 9 points, on average
_LETTER = 0.068
_FONT = 4  # Arial, by the numbers of rtflite
_BOLD, _INDENT = "\\b ", "\\~\\~\\~\\~"
#: a row of a table, a page break after one, and the line that ends the description of the paper, as rtflite has them
_ROW, _PAGE, _PAPER_ENDS = "\\trowd", "{\\pard\\fs2\\par}\\page{\\pard\\fs2\\par}\n", "\\margl"
_MARK = re.compile(r"@([A-Z])(\d+)@")
_ESCAPED = re.compile(r"[^ -~]|[\\{}]")


@dataclass(frozen=True)
class _Row:
    cells: tuple[str, ...]
    indent: int
    bold: bool


@dataclass
class Table:
    """A table of texts with its head. All rows have the columns of the head."""

    head: list[str]
    rows: list[_Row] = field(default_factory=list)

    def add(self, cells: Sequence[str], indent: int = 0, bold: bool = False) -> None:
        """Adds a row; ``indent`` is the depth of its first cell, ``bold`` rows are headings."""
        self.rows.append(_Row((*cells, *[""] * (len(self.head) - len(cells))), indent, bold))


@dataclass(frozen=True)
class Document:
    """Tables below each other, each on new pages. ``header``: of every page, with its number."""

    header: str
    titles: Sequence[str]
    tables: Sequence[Table]
    footnotes: Sequence[str]

    def encoded(self) -> bytes:
        """The document in ASCII."""
        pages = [(table, rows) for table in self.tables for rows in _pages(table)]
        texts = []
        for table, rows in pages:
            form = _form(len(table.head))
            top = _filled(form.top, {"T": ["\n".join(self.titles)], "H": table.head})
            texts.append(top + "".join(_row(form.row, r) for r in rows[:-1]) + _row(form.last, rows[-1]))
        form = _form(len(pages[-1][0].head))
        opening = _filled(form.opening, {"P": [self.header]})
        notes = _filled(form.notes, {"F": ["\n".join(self.footnotes)]})
        return (opening + _PAGE.join(texts) + notes).encode("ascii")


@dataclass(frozen=True)
class _Form:
    """A page with marks: fonts and paper, title and heads, a row, the last row, the footnotes and the end."""

    opening: str
    top: str
    row: str
    last: str
    notes: str


def _mark(kind: str, column: int = 0) -> str:
    return f"@{kind}{column}@"


def _filled(form: str, texts: Mapping[str, Sequence[str]], format_: str = "") -> str:
    """A form with texts in place of its marks, in one pass: a text that looks like a mark stays a text.

    ``format_``: the RTF in place of the mark B.
    """
    return _MARK.sub(lambda m: format_ if m[1] == "B" else escaped(texts[m[1]][int(m[2])]), form)


@lru_cache(maxsize=32)
def _form(columns: int) -> _Form:
    """The form of tables with so many columns, cut out of a page by rtflite."""
    text = _page(columns)
    body = text.index("\n", text.index(_PAPER_ENDS)) + 1
    # each row begins with _ROW: the head, two rows of the body, and the last one
    at = [i for i in range(len(text)) if text.startswith(_ROW, i)]
    row, last = text[at[2] : at[3]], text[at[3] :]
    end = last.index("\\row\\pard") + len("\\row\\pard")
    return _Form(opening=text[:body], top=text[body : at[1]], row=row, last=last[:end] + "\n", notes=last[end:])


def _page(columns: int) -> str:
    import polars
    import rtflite

    widths = [_LABEL_WIDTH, *[1.0] * (columns - 1)]
    left = ["l", *["c"] * (columns - 1)]
    cells = {str(i): [(_mark("B") if i == 0 else "") + _mark("C", i)] * 3 for i in range(columns)}
    plain: dict[str, Any] = {"text_font": [_FONT], "text_convert": [False]}
    document = rtflite.RTFDocument(
        df=polars.DataFrame(cells),
        rtf_page=rtflite.RTFPage(
            orientation="landscape",
            margin=[0.75, 0.75, 0.9, 0.75, 0.5, 0.5],
            col_width=_WIDTH,
            border_first="single",
            border_last="single",
        ),
        rtf_page_header=rtflite.RTFPageHeader(
            text=f"{_mark('P')}   Page \\chpgn  of {{\\field{{\\*\\fldinst {{\\fs16 NUMPAGES }}}}}}",
            text_font_size=[8],
            **plain,
        ),
        rtf_title=rtflite.RTFTitle(text=[_mark("T")], text_font_size=[10], **plain),
        rtf_column_header=[
            rtflite.RTFColumnHeader(
                text=[_mark("H", i) for i in range(columns)],
                col_rel_width=widths,
                text_format=["b"],
                text_justification=left,
                border_left=[""],
                border_right=[""],
                border_bottom=["single"],
                **plain,
            )
        ],
        rtf_body=rtflite.RTFBody(
            col_rel_width=widths,
            text_font=[[_FONT]],
            text_convert=[[False]],
            text_justification=[left],
            border_left=[[""]],
            border_right=[[""]],
        ),
        rtf_footnote=rtflite.RTFFootnote(
            text=[_mark("F")], text_font=[[_FONT]], text_font_size=[[8]], text_convert=[[False]], as_table=False
        ),
    )
    return document.rtf_encode()


def _row(form: str, row: _Row) -> str:
    return _filled(form, {"C": row.cells}, (_BOLD if row.bold else "") + _INDENT * row.indent)


def _pages(table: Table) -> list[list[_Row]]:
    """The rows of each page. A row above deeper rows, or a heading, is not the last one of a page."""
    space = _LINES - max(1 + text.count("\n") for text in table.head)
    pages: list[list[_Row]] = [[]]
    used = 0
    for row in table.rows:
        lines = _lines(row, len(table.head))
        if pages[-1] and used + lines > space:
            carried = _headings(pages[-1], row)
            pages.append(carried)
            used = sum(_lines(r, len(table.head)) for r in carried)
        pages[-1].append(row)
        used += lines
    return pages


def _headings(page: list[_Row], following: _Row) -> list[_Row]:
    """Takes out of a page the headings at its end, above the ``following`` row, if other rows remain."""
    keep = len(page)
    while keep > 1 and (page[keep - 1].bold or page[keep - 1].indent < following.indent):
        keep -= 1
        following = page[keep]
    carried = page[keep:]
    del page[keep:]
    return carried


def _lines(row: _Row, columns: int) -> int:
    """How many lines the widest cell of a row needs, about."""
    inch = _WIDTH / (_LABEL_WIDTH + columns - 1)
    label = math.ceil((len(row.cells[0]) + 4 * row.indent) * _LETTER / (inch * _LABEL_WIDTH - 0.1))
    others = (math.ceil(len(text) * _LETTER / (inch - 0.1)) for text in row.cells[1:])
    return max(1, label, *others)


def escaped(text: str) -> str:
    r"""A text in the letters of RTF: \, { and } escaped, a line feed as \line, others beyond ASCII as \u."""
    return _ESCAPED.sub(lambda m: _letter(m[0]), text)


def _letter(letter: str) -> str:
    if letter in "\\{}":
        return f"\\{letter}"
    if letter == "\n":
        return "\\line "
    units = letter.encode("utf-16-le", "replace")
    codes = [int.from_bytes(units[i : i + 2], "little", signed=True) for i in range(0, len(units), 2)]
    return "".join(f"\\u{code}?" for code in codes)

"""A display as RTF, for a study report: title, population, heads with N, rows, footnotes, pages.

rtflite writes it, with the fonts of the reader's machine. A figure has the numbers behind it: its forest plot and its
numbers at risk as tables. Not for the figures themselves, nor for full precision (csv_table.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..analyses.masking import HIDDEN
from ..analyses.results import Absent, ComputedAnalyses, ComputedDisplay, ComputedResult

#: rows of a page: landscape, 9 point, with title and footnotes
_ROWS_OF_A_PAGE = 33
_FONT = 4  # Arial, by the numbers of rtflite
#: a page break after a table, as rtflite writes it; the line that ends its description of the paper
_PAGE, _PAPER_ENDS = "{\\pard\\fs2\\par}\\page{\\pard\\fs2\\par}\n", "\\margl"
#: in the text itself: rtflite gives the formats of the first rows to the rows of every page
_BOLD, _INDENT = "\\b ", "\\~\\~\\~\\~"
_LABEL_WIDTH = 2.4
#: groups, or ticks, that fit into the width of a page
_MOST_COLUMNS = 12


@dataclass
class _Section:
    """A table: the texts of its head, and rows of cells in RTF."""

    head: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def add(self, cells: Sequence[str], indent: int = 0, bold: bool = False) -> None:
        """Adds a row of texts; ``indent`` is the depth of the first one, ``bold`` rows are headings."""
        label, *others = [*map(_escaped, cells), *[""] * (len(self.head) - len(cells))]
        self.rows.append([f"{_BOLD if bold else ''}{_INDENT * indent}{label}", *others])


def rtf_bytes(display: ComputedDisplay, analyses: ComputedAnalyses) -> bytes:
    """The document in ASCII. The same display gives the same bytes.

    Every page has the title, the population and the heads; the last one the footnotes: the notes of the display and of
    its results, and the file and line of each result in the specs.
    """
    import rtflite

    sections = _sections(display)
    documents = [
        _document(rtflite, section, display, analyses, last=section is sections[-1]).rtf_encode()
        for section in sections
    ]
    first, *others = documents
    return _PAGE.join([first.rstrip().removesuffix("}"), *(_pages(d) for d in others)]).encode("ascii") + b"}\n"


def _pages(document: str) -> str:
    """A document without its fonts and its paper, and without its last brace."""
    start = document.index("\n", document.index(_PAPER_ENDS))
    return document[start:].rstrip().removesuffix("}")


def _document(
    rtflite: Any, section: _Section, display: ComputedDisplay, analyses: ComputedAnalyses, *, last: bool
) -> Any:
    """The pages of one table; the last table has the footnotes."""
    widths = [_LABEL_WIDTH, *[1.0] * (len(section.head) - 1)]
    notes = rtflite.RTFFootnote(
        text=[_escaped(t) for t in _footnotes(display)],
        text_font=[[_FONT]],
        text_font_size=[[8]],
        text_convert=[[False]],
        as_table=False,
    )
    return rtflite.RTFDocument(
        df=_frame(section),
        rtf_page=rtflite.RTFPage(
            orientation="landscape",
            margin=[0.75, 0.75, 0.9, 0.75, 0.5, 0.5],
            col_width=9.5,
            nrow=_ROWS_OF_A_PAGE,
            border_first="single",
            border_last="single",
            page_footnote="last",
        ),
        rtf_page_header=rtflite.RTFPageHeader(
            text=f"{_escaped(analyses.study)}   Page \\chpgn  of {{\\field{{\\*\\fldinst {{\\fs16 NUMPAGES }}}}}}",
            text_font=[_FONT],
            text_font_size=[8],
        ),
        rtf_title=rtflite.RTFTitle(
            text=[_escaped(t) for t in _titles(display)], text_font=[_FONT], text_font_size=[10], text_convert=[False]
        ),
        rtf_column_header=[_head(rtflite, section, widths)],
        rtf_body=_body(rtflite, widths),
        rtf_footnote=notes if last else None,
    )


def _titles(display: ComputedDisplay) -> list[str]:
    condition = f" ({display.condition})" if display.condition else ""
    return [display.name, display.title, f"Population: {display.population}{condition}"]


def _footnotes(display: ComputedDisplay) -> list[str]:
    notes = [*display.notes, *(n for r in display.results for n in r.notes)]
    sources = [f"{r.id}: {r.place.file}, line {r.place.line}" for r in display.results]
    return [*dict.fromkeys(notes), *sources] or [f"{display.id}: {display.place.file}, line {display.place.line}"]


def _sections(display: ComputedDisplay) -> list[_Section]:
    """The tables of the display: its rows, the lines of forest plots, the numbers at risk of curves."""
    table = _Section(["", *(f"{c.label}\n(N={c.size_text})" for c in display.columns)])
    for result in display.results:
        if not result.rows and (result.forest or result.curves):
            continue
        unit = f", {result.unit}" if result.unit and result.unit not in result.title else ""
        table.add([f"{result.title}{unit}"], bold=True)
        for row in result.rows:
            table.add([row.label, *(c.text for c in row.cells)], indent=row.indent + 1)
        if result.lines:
            table.add(["The figure shows single subjects."], indent=1)
        elif not result.rows:
            table.add([Absent.NO_RECORDS.value], indent=1)
    found = [table] if table.rows else []
    found += [_forest(r) for r in display.results if r.forest]
    found += [s for r in display.results for s in _at_risk(r, display)]
    if not found:
        table.add([Absent.NO_RECORDS.value])
        return [table]
    return found


def _forest(result: ComputedResult) -> _Section:
    section = _Section([result.title, "Subjects", "Events", "Estimate (95% CI)"])
    heading = ""
    for line in result.forest:
        if line.heading != heading and line.heading:
            section.add([line.heading], bold=True)
        heading = line.heading
        events = "" if line.events is None else f"{line.events:,}"
        section.add([line.label, line.size_text, events, line.text], indent=1 if heading else 0)
    return section


def _at_risk(result: ComputedResult, display: ComputedDisplay) -> list[_Section]:
    """The numbers at risk by time; those of means are rows of the table already."""
    curves = [c for c in result.curves if c.step and c.ticks]
    if not curves:
        return []
    shown = range(0, len(curves[0].ticks), 1 + (len(curves[0].ticks) - 1) // _MOST_COLUMNS)
    ticks = [f"{curves[0].ticks[i]:g}" for i in shown]
    section = _Section([f"{result.title}: at risk, by {result.unit or 'time'}", *ticks])
    labels = {c.id: c.label for c in display.columns}
    for curve in curves:
        numbers = [curve.at_risk[i] for i in shown]
        section.add([labels[curve.column], *(Absent.MASKED.value if n == HIDDEN else f"{n:,}" for n in numbers)])
    return [section]


def _frame(section: _Section) -> Any:  # of polars, which rtflite brings
    import polars

    columns = list(zip(*section.rows, strict=True)) or [()] * len(section.head)
    return polars.DataFrame({str(i): list(column) for i, column in enumerate(columns)})


def _head(rtflite: Any, section: _Section, widths: list[float]) -> Any:
    return rtflite.RTFColumnHeader(
        text=[_escaped(t) for t in section.head],
        col_rel_width=widths,
        text_font=[_FONT],
        text_format=["b"],
        text_justification=["l", *["c"] * (len(widths) - 1)],
        text_convert=[False],
        border_left=[""],
        border_right=[""],
        border_bottom=["single"],
    )


def _body(rtflite: Any, widths: list[float]) -> Any:
    return rtflite.RTFBody(
        col_rel_width=widths,
        text_font=[[_FONT]],
        text_justification=[["l", *["c"] * (len(widths) - 1)]],
        text_convert=[[False]],
        border_left=[[""]],
        border_right=[[""]],
    )


def _escaped(text: str) -> str:
    r"""A text in the letters of RTF: \, { and } escaped, a line feed as \line, others beyond ASCII as \u."""
    return "".join(_letter(c) for c in text)


def _letter(letter: str) -> str:
    if letter in "\\{}":
        return f"\\{letter}"
    if letter == "\n":
        return "\\line "
    if " " <= letter <= "~":
        return letter
    units = letter.encode("utf-16-le")
    codes = [int.from_bytes(units[i : i + 2], "little", signed=True) for i in range(0, len(units), 2)]
    return "".join(f"\\u{code}?" for code in codes)

"""A display as RTF, for a study report: title, population, heads with N, rows, footnotes, pages.

A figure has the numbers behind it: its forest plot and its numbers at risk as tables. Not for the figures themselves,
nor for full precision (csv_table.py), nor for how RTF is written (rtf_pages.py).
"""

from __future__ import annotations

from ..analyses.masking import HIDDEN
from ..analyses.results import Absent, ComputedAnalyses, ComputedDisplay, ComputedResult
from .rtf_pages import Document, Table

#: ticks that fit into the width of a page
_MOST_TICKS = 12


def rtf_bytes(display: ComputedDisplay, analyses: ComputedAnalyses) -> bytes:
    """The document in ASCII. The same display gives the same bytes.

    Every page has the title, the population and the heads; the last one the footnotes: the notice of the
    data, the notes of the display and of its results, and the file and line of each result in the specs.
    """
    return Document(
        header=analyses.study,
        titles=_titles(display),
        tables=_tables(display),
        footnotes=_footnotes(display, analyses.notice),
    ).encoded()


def _titles(display: ComputedDisplay) -> list[str]:
    condition = f" ({display.condition})" if display.condition else ""
    return [display.name, display.title, f"Population: {display.population}{condition}"]


def _footnotes(display: ComputedDisplay, notice: str) -> list[str]:
    notes = [*([notice] if notice else []), *display.notes, *(n for r in display.results for n in r.notes)]
    sources = [f"{r.id}: {r.place.file}, line {r.place.line}" for r in display.results]
    return [*dict.fromkeys(notes), *(sources or [f"{display.id}: {display.place.file}, line {display.place.line}"])]


def _tables(display: ComputedDisplay) -> list[Table]:
    """The tables of the display: its rows, the lines of forest plots, the numbers at risk of curves."""
    table = Table(["", *(f"{c.label}\n(N={c.size_text})" for c in display.columns)])
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


def _forest(result: ComputedResult) -> Table:
    section = Table([result.title, "Subjects", "Events", f"Estimate ({result.level} CI)"])
    heading = ""
    for line in result.forest:
        if line.heading != heading and line.heading:
            section.add([line.heading], bold=True)
        heading = line.heading
        events = "" if line.events is None else f"{line.events:,}"
        section.add([line.label, line.size_text, events, line.text], indent=1 if heading else 0)
    return section


def _at_risk(result: ComputedResult, display: ComputedDisplay) -> list[Table]:
    """The numbers at risk by time; those of means are rows of the table already."""
    curves = [c for c in result.curves if c.step and c.ticks]
    if not curves:
        return []
    shown = range(0, len(curves[0].ticks), 1 + (len(curves[0].ticks) - 1) // _MOST_TICKS)
    ticks = [f"{curves[0].ticks[i]:g}" for i in shown]
    section = Table([f"{result.title}: at risk, by {result.unit or 'time'}", *ticks])
    labels = {c.id: c.label for c in display.columns}
    for curve in curves:
        numbers = [curve.at_risk[i] for i in shown]
        section.add([labels[curve.column], *(Absent.MASKED.value if n == HIDDEN else f"{n:,}" for n in numbers)])
    return [section]

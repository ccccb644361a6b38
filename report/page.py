"""The page of objectives: headline numbers, figures and tables of all displays, and what each number counts.

One file without outside resources. Not for how a figure is drawn (figures/), nor for the files beside it (write.py).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ..analyses.results import Absent, Cell, ComputedAnalyses, ComputedDisplay, ComputedResult, Interval
from ..validation.reports.page import html_page, printable
from ..validation.reports.run_head import RunHead, head_values
from .figures.draw import Figure, has_curves, missing_figure
from .figures.parts import full_title, masked_number, size_text
from .headline import EDGE, PICTURE, tile_of
from .subject_data import SetsOfPage, column_condition, page_data

PAGE = "reports/objectives.html"
FINDINGS = "reports/findings.html"
#: rows of a table that is open at first, beside a figure and alone
OPEN_ROWS, OPEN_ROWS_ALONE = 16, 80
OTHER = "Results"
#: a figure that is so many times as high as wide is printed on a portrait page
TALL = 1.0


def objectives_html(
    analyses: ComputedAnalyses,
    head: RunHead | None = None,
    *,
    figures: Mapping[str, Figure],
    files: Mapping[str, Sequence[str]],
    mask_below: int = 0,
) -> bytes:
    """The page in UTF-8.

    ``figures``: display -> its figure. ``files``: display -> paths of its files in the output folder; '' -> those of
    all displays. ``mask_below``: counts below it are masked, so no list of subjects is in the page; 0 masks nothing.
    """
    sets = None if mask_below else SetsOfPage(analyses)
    sections: dict[str, list[dict[str, Any]]] = {}
    for display in analyses.displays:
        shown = _display(display, figures.get(display.id), files.get(display.id, ()), sets, masked=bool(mask_below))
        sections.setdefault(display.section or OTHER, []).append(shown)
    tiles = [t for d in analyses.displays if (t := tile_of(d)) is not None]
    return html_page(
        "objectives.html.j2",
        __package__ or "raw2adam.report",
        head=head_values(head, PAGE),
        title="Objectives and results" if head or not analyses.study else f"Objectives of {printable(analyses.study)}",
        lead=[],
        notice="" if head is not None else printable(analyses.notice),
        study_title=printable(analyses.title),
        tiles=tiles,
        beside=3 if -len(tiles) % 3 < -len(tiles) % 4 else 4,
        picture=PICTURE,
        edge=EDGE,
        sections=[
            {"id": f"section-{i}", "name": printable(name), "displays": shown}
            for i, (name, shown) in enumerate(sections.items(), 1)
        ],
        displays=len(analyses.displays),
        files=[_file(f) for f in files.get("", ())],
        mask_below=mask_below,
        data=page_data(analyses, sets),
        findings=head is not None and FINDINGS in head.pages,
    )


def _display(
    display: ComputedDisplay, figure: Figure | None, files: Sequence[str], sets: SetsOfPage | None, *, masked: bool
) -> dict[str, Any]:
    from markupsafe import Markup

    parts = [_part(display, i, result, sets) for i, result in enumerate(display.results)]
    rows = sum(len(p["rows"]) for p in parts)
    forest = [p for p in parts if p["forest"]]
    return {
        "id": display.id,
        "name": printable(display.name),
        "title": printable(display.title),
        "full": printable(full_title(display)),
        "population": printable(display.population),
        "condition": printable(display.condition),
        "columns": [
            {"label": printable(c.label), "size": size_text(c.size), "condition": column_condition(c)}
            for c in display.columns
        ],
        "figure": Markup(figure.inline) if figure is not None else "",
        "tall": figure is not None and figure.sheet.height > TALL * figure.sheet.width,
        "alt": printable(figure.alt) if figure is not None else "",
        "no_figure": missing_figure(display, masked),
        "parts": parts,
        "tabled": [p for p in parts if p["rows"]],
        "forest": forest,
        "rows": rows,
        "open": rows <= (OPEN_ROWS if figure is not None else OPEN_ROWS_ALONE),
        "empty": [] if missing_figure(display, masked) and masked else [p for p in parts if p["empty"]],
        "notes": [printable(n) for n in display.notes],
        "files": [_file(f) for f in files],
    }


def _part(display: ComputedDisplay, at: int, result: ComputedResult, sets: SetsOfPage | None) -> dict[str, Any]:
    return {
        "at": at,
        "title": printable(result.title),
        "statistic": result.statistic,
        "records": printable(_records(result)),
        "spec": str(result.place),
        "rows": [
            {
                "id": printable(row.id),
                "label": printable(row.label),
                "indent": row.indent,
                "cells": [
                    (_text(cell), sets.cell(row.cells, i, display.columns) if sets is not None else "")
                    for i, cell in enumerate(row.cells)
                ],
            }
            for row in result.rows
        ],
        "forest": [_interval(i) for i in result.forest],
        "level": result.level,
        "with_events": any(i.events is not None for i in result.forest),
        "empty": not (result.rows or result.forest or result.lines or has_curves(result)),
        "notes": [printable(n) for n in result.notes],
    }


def _text(cell: Cell) -> str:
    """The text of a cell; of one without a text, why its first statistic has no number."""
    absent = next((v.absent.value for v in cell.values if v.absent is not None), "")
    return printable(cell.text or absent)


def _records(result: ComputedResult) -> str:
    """ADTTE, PARAMCD PFS, where SAFFL == 'Y'."""
    parts = [result.dataset, f"parameter {result.parameter}" if result.parameter else ""]
    parts.append(f"where {result.where}" if result.where else "")
    return ", ".join(p for p in parts if p)


def _interval(line: Interval) -> dict[str, str]:
    return {
        "heading": printable(line.heading),
        "label": printable(line.label),
        "size": masked_number(line.size),
        "events": "" if line.events is None else masked_number(line.events),
        "text": printable(line.text or ("" if line.estimate is not None else Absent.NOT_ESTIMABLE.value)),
    }


def _file(path: str) -> dict[str, str]:
    return {"href": quote(posixpath.relpath(path, posixpath.dirname(PAGE))), "name": path.rpartition(".")[2].upper()}

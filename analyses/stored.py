"""Computed analyses as a file of an output folder, from which trace lists the subjects of each number.

It has the texts of the cells and the sets of subjects, no curves. Not the machine-readable results (report/ars.py).
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from ..errors import Place
from .results import Cell, Column, ComputedAnalyses, ComputedDisplay, ComputedResult, Row, SubjectSets

SCHEMA = 1
#: where a run writes it, in its output folder
FILE = "lineage/analyses.json"


def stored_analyses(analyses: ComputedAnalyses) -> bytes:
    """The file, as JSON; the same analyses give the same bytes."""
    sets, used = analyses.subjects, _used(analyses)
    at = {position: number for number, position in enumerate(used)}
    content = {
        "schema": SCHEMA,
        "study": analyses.study,
        "title": analyses.title,
        "subjects": sets.subjects.tolist(),
        "sets": [base64.b64encode(sets.packed(i)).decode("ascii") for i in used],
        "displays": [_display(d, at) for d in analyses.displays],
    }
    return (json.dumps(content, separators=(",", ":")) + "\n").encode("ascii")


def _used(analyses: ComputedAnalyses) -> list[int]:
    """The positions of the sets that columns and cells count."""
    columns = {c.subjects for d in analyses.displays for c in d.columns}
    cells = [c for d in analyses.displays for r in d.results for row in r.rows for c in row.cells]
    return sorted(columns | {s for c in cells for s in (c.numerator, c.denominator) if s is not None})


def _display(display: ComputedDisplay, at: dict[int, int]) -> dict[str, Any]:
    return {
        "id": display.id,
        "name": display.name,
        "title": display.title,
        "population": display.population,
        "condition": display.condition,
        "place": _place(display.place),
        "columns": [[c.id, c.label, c.variable, c.value, c.size, at[c.subjects]] for c in display.columns],
        "results": [_result(r, at) for r in display.results],
        "notes": list(display.notes),
    }


def _result(result: ComputedResult, at: dict[int, int]) -> dict[str, Any]:
    return {
        "id": result.id,
        "title": result.title,
        "statistic": result.statistic,
        "place": _place(result.place),
        "dataset": result.dataset,
        "parameter": result.parameter,
        "where": result.where,
        "notes": list(result.notes),
        "rows": [
            [r.id, r.label, r.indent, [[c.text, *(_set(s, at) for s in (c.numerator, c.denominator))] for c in r.cells]]
            for r in result.rows
        ],
    }


def _set(position: int | None, at: dict[int, int]) -> int | None:
    return None if position is None else at[position]


def _place(place: Place) -> list[str | int]:
    return [place.file, place.line, place.column]


def read_stored(text: bytes) -> ComputedAnalyses:
    """The analyses of a file. Raises ValueError, KeyError or TypeError for a file of another kind."""
    content = json.loads(text)
    if content["schema"] != SCHEMA:
        raise ValueError(f"schema {content['schema']}")
    subjects = SubjectSets(content["subjects"])
    for packed in content["sets"]:
        bits = np.frombuffer(base64.b64decode(packed), dtype=np.uint8)
        subjects.add(np.unpackbits(bits, count=len(subjects.subjects)).astype(bool))
    displays = tuple(_read_display(d) for d in content["displays"])
    return ComputedAnalyses(study=content["study"], title=content["title"], displays=displays, subjects=subjects)


def _read_display(found: dict[str, Any]) -> ComputedDisplay:
    names = ("id", "label", "variable", "value", "size", "subjects")
    return ComputedDisplay(
        id=found["id"],
        name=found["name"],
        title=found["title"],
        population=found["population"],
        condition=found["condition"],
        columns=tuple(Column(**dict(zip(names, c, strict=True))) for c in found["columns"]),
        results=tuple(_read_result(r) for r in found["results"]),
        notes=tuple(found["notes"]),
        place=Place(*found["place"]),
    )


def _read_result(found: dict[str, Any]) -> ComputedResult:
    rows = tuple(
        Row(
            id=id_,
            label=label,
            indent=indent,
            cells=tuple(Cell(text=text, numerator=n, denominator=d) for text, n, d in cells),
        )
        for id_, label, indent, cells in found["rows"]
    )
    return ComputedResult(
        id=found["id"],
        title=found["title"],
        statistic=found["statistic"],
        place=Place(*found["place"]),
        dataset=found["dataset"],
        parameter=found["parameter"],
        where=found["where"],
        rows=rows,
        notes=tuple(found["notes"]),
    )

"""From a number of an analysis to the subjects of its numerator and its denominator, and to their records.

Not for the values of a record (records.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..analyses.results import Cell, Column, ComputedAnalyses, ComputedDisplay, ComputedResult, Row
from ..analyses.stored import FILE, read_stored
from ..errors import InputError, nearest
from ..output_folder.manifest import BuiltFiles

#: subjects on a line of the text
_ON_A_LINE = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """Which numbers are traced: the identifiers or labels of a display, a result, a group and a row; '' for all."""

    analysis: str
    result: str = ""
    group: str = ""
    row: str = ""


def trace_analysis(out: Path, wanted: Wanted) -> dict[str, Any]:
    """The subjects of the numbers of a display in an output folder, as what --format json prints.

    Without a row those of the first row with subjects; without a group those of all groups. Raises InputError for a
    folder without analyses, and for a name that leads nowhere.
    """
    analyses = _stored(out)
    display = _named(wanted.analysis, analyses.displays, lambda d: (d.id, d.name), "analysis", str(out))
    there = [r for r in display.results if r.rows]
    if not there:
        notes = [*display.notes, *(n for r in display.results for n in r.notes)]
        raise InputError(f"{display.id} has no numbers: {' '.join(notes) or 'its results have no rows'}")
    results = [_named(wanted.result, there, lambda r: (r.id,), "result", display.id)] if wanted.result else there[:1]
    columns = list(enumerate(display.columns))
    if wanted.group:
        group = _named(wanted.group, display.columns, lambda c: (c.id, c.label, c.value), "group", display.id)
        columns = [(display.columns.index(group), group)]
    return {
        "schema": 1,
        "analysis": display.id,
        "name": display.name,
        "title": display.title,
        "place": str(display.place),
        "population": display.population,
        "condition": display.condition,
        "results": [_result(analyses, display, r, columns, wanted.row) for r in results],
    }


def _stored(out: Path) -> ComputedAnalyses:
    path = out / FILE
    if not path.is_file():
        raise InputError(
            f"{out}: no analyses in it; a build of a study with analyses/ writes them, and raw2adam report without "
            "--mask-below"
        )
    BuiltFiles(out).check(path)
    try:
        return read_stored(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged ({error}); build again") from None


def _named(name: str, entries: Sequence[T], texts: Any, kind: str, owner: str) -> T:
    """The entry with a name, in any case of letters. Raises InputError."""
    for entry in entries:
        if any(name.casefold() == text.casefold() for text in texts(entry) if text):
            return entry
    known = [texts(entry)[0] for entry in entries]
    hint = nearest(name, known)
    raise InputError(f"{owner} has no {kind} {name}; there is {', '.join(known)}" + (f" ({hint})" if hint else ""))


def _result(
    analyses: ComputedAnalyses,
    display: ComputedDisplay,
    result: ComputedResult,
    columns: list[tuple[int, Column]],
    row: str,
) -> dict[str, Any]:
    counted = [r for r in result.rows if any(c.denominator is not None or c.numerator is not None for c in r.cells)]
    if row:
        rows = [_named(row, result.rows, lambda r: (r.id, r.label), "row", f"{display.id} {result.id}")]
    else:
        rows = list(counted[:1] or result.rows[:1])
    return {
        "result": result.id,
        "title": result.title,
        "statistic": result.statistic,
        "place": str(result.place),
        "dataset": result.dataset,
        "parameter": result.parameter,
        "where": result.where,
        "notes": list(result.notes),
        "rows": [_row(analyses, r, columns) for r in rows],
        "others": [r.id for r in counted if r not in rows],
    }


def _row(analyses: ComputedAnalyses, row: Row, columns: list[tuple[int, Column]]) -> dict[str, Any]:
    return {
        "row": row.id,
        "label": row.label,
        "groups": [_group(analyses, c, row.cells[i]) for i, c in columns],
    }


def _group(analyses: ComputedAnalyses, column: Column, cell: Cell) -> dict[str, Any]:
    return {
        "group": column.id,
        "label": column.label,
        "size": column.size,
        "text": cell.text,
        **_sets(analyses, cell),
    }


def _sets(analyses: ComputedAnalyses, cell: Cell) -> dict[str, Any]:
    """numerator and denominator as lists of USUBJID; None where the number has no such set."""
    found: dict[str, Any] = {}
    for name in ("numerator", "denominator"):
        position = getattr(cell, name)
        found[name] = None if position is None else analyses.subjects.names(position)
    return found


def analysis_text(trace: dict[str, Any], out: Path) -> str:
    """The trace for people."""
    condition = f", where {trace['condition']}" if trace["condition"] else ""
    lines = [f"{trace['analysis']}: {trace['name']}, {trace['title']}  [{trace['place']}]"]
    lines.append(f"  population: {trace['population']}{condition}")
    for result in trace["results"]:
        lines.append(f"  {result['result']}: {result['title']} ({result['statistic']})  [{result['place']}]")
        lines += [f"    note: {note}" for note in result["notes"]]
        for row in result["rows"]:
            for group in row["groups"]:
                lines.append(f"    {row['label']}, {group['label']}: {group['text']}")
                lines += _set_lines(group)
        if result["others"]:
            shown = ", ".join(result["others"][:12]) + (", ..." if len(result["others"]) > 12 else "")
            lines.append(f"    other rows, by --row: {shown}")
        lines.append(f"    records of a subject: {_command(out, result)}")
    return "\n".join(lines)


def _set_lines(group: dict[str, Any]) -> list[str]:
    numerator, denominator = group["numerator"], group["denominator"]
    lines = []
    if numerator is not None:
        lines += _subject_lines("numerator", numerator)
    if denominator is not None:
        inside = set(numerator or ())
        rest = [s for s in denominator if s not in inside]
        title = "denominator" if numerator is None else f"denominator {len(denominator)}, the others"
        lines += _subject_lines(title, rest)
    return lines


def _subject_lines(title: str, subjects: list[str]) -> list[str]:
    lines = [f"      {title}: {len(subjects)} subjects"]
    for start in range(0, len(subjects), _ON_A_LINE):
        lines.append("        " + ", ".join(subjects[start : start + _ON_A_LINE]))
    return lines


def _command(out: Path, result: dict[str, Any]) -> str:
    parts = [p for p in result["parameter"].split(", ") if p]
    conditions = [f"PARAMCD == '{parts[0]}'"] if len(parts) == 1 else []
    conditions += [f"PARAMCD in [{', '.join(repr(p) for p in parts)}]"] if len(parts) > 1 else []
    conditions += [result["where"]] if result["where"] else []
    conditions.append("USUBJID == '...'")
    built = any((out / name).is_dir() for name in ("adam", "m5"))
    return f'raw2adam trace {out if built else "OUT"} {result["dataset"]} --where "{" and ".join(conditions)}"'

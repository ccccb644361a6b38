"""occurrences and rate: subjects with events, numbers of events, and events per time of exposure.

Not for categories of one variable (counting.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..engine.columns import column as col
from ..mappings.models.statistic import DAYS
from ..mappings.models.statistics import OccurrencesSpec, RateSpec
from ..statistics.grouped import slices
from ..statistics.rates import incidence_rate
from .categories import categories
from .number_texts import count, count_text, count_values, interval_text, rounded_text, value
from .outcome import Outcome
from .records import Records
from .results import Absent, Cell, Row

#: the text of a missing term
UNCODED = "Not coded"


@dataclass(frozen=True)
class _Terms:
    """The terms of one level: ``names`` of each with those of its parents; ``rows`` their records."""

    names: list[tuple[str, ...]]
    rows: list[np.ndarray]


@dataclass(frozen=True)
class _Scene:
    """What all rows are computed from. ``grades``: the position of each record's grade, -1 for none; None unasked."""

    spec: OccurrencesSpec
    records: Records
    grades: np.ndarray | None


def occurrences(spec: OccurrencesSpec, records: Records) -> Outcome:
    """A row for all events, for each term and, below each, for each worst grade."""
    out = Outcome()
    records.has(*spec.terms, spec.grade)
    grades = None
    if spec.grade:
        found = categories(records.column, spec.grade, spec.grade_order)
        grades = found.codes
        if found.unlisted:
            out.notes.append(f"Grades that grade_order: does not list: {', '.join(found.unlisted)}.")
        spec = spec.model_copy(update={"grade_order": found.values})
    scene = _Scene(spec, records, grades)
    if spec.any_label:
        out.rows += _rows(scene, np.arange(records.n), "ANY", spec.any_label)
    levels = [_terms(records, spec.terms[: depth + 1]) for depth in range(len(spec.terms))]
    ranked = [_ranked(spec, records, level) for level in levels]
    _nested(scene, ranked, (), out.rows)
    return out


def _terms(records: Records, variables: tuple[str, ...]) -> _Terms:
    split = []
    for name in variables:
        column = records.column(name)
        assert column is not None
        split.append(col.split_text(col.as_text(column)))
    codes, size = col.combined([(c, len(t)) for c, t in split], records.n)
    first = col.first_positions(codes, size)
    there = np.flatnonzero(first >= 0)
    names = [tuple(str(t[c[first[i]]]) or UNCODED for c, t in split) for i in there.tolist()]
    rows = list(slices(codes, size))
    return _Terms(names, [rows[i] for i in there.tolist()])


def _ranked(spec: OccurrencesSpec, records: Records, terms: _Terms) -> dict[tuple[str, ...], dict[str, np.ndarray]]:
    """Parent -> its terms in order, each with its records; rare terms are left out."""
    found: list[tuple[int, str, tuple[str, ...], np.ndarray]] = []
    sizes = np.maximum(records.groups.members.sum(axis=1), 1)
    for names, rows in zip(terms.names, terms.rows, strict=True):
        subjects = np.zeros(len(records.groups.population), dtype=bool)
        subjects[records.at[rows]] = True
        share = 100 * (records.groups.members & subjects).sum(axis=1) / sizes
        if not spec.at_least or (share >= spec.at_least - 1e-9).any():
            rank = -int(subjects.sum()) if spec.sort == "frequency" else 0
            found.append((rank, names[-1], names[:-1], rows))
    ordered: dict[tuple[str, ...], dict[str, np.ndarray]] = {}
    for _, name, parent, rows in sorted(found, key=lambda f: f[:3]):
        ordered.setdefault(parent, {})[name] = rows
    return ordered


def _nested(
    scene: _Scene,
    levels: list[dict[tuple[str, ...], dict[str, np.ndarray]]],
    parent: tuple[str, ...],
    rows: list[Row],
) -> None:
    """Adds the rows of the terms below ``parent``, each followed by those below it."""
    depth = len(parent)
    if depth == len(levels):
        return
    for name, those in levels[depth].get(parent, {}).items():
        names = (*parent, name)
        rows += _rows(scene, those, "/".join(names), name, names)
        _nested(scene, levels, names, rows)


def _rows(scene: _Scene, rows: np.ndarray, id_: str, label: str, names: tuple[str, ...] = ()) -> list[Row]:
    """The row of a term, whose records are ``rows``, and those of its worst grades. ``names``: it and its parents."""
    spec, records = scene.spec, scene.records
    depth, category = max(len(names) - 1, 0), dict(zip(spec.terms, names, strict=False))
    at = records.at[rows]
    found = [Row(id=id_, label=label, cells=_cells(spec, records, at), indent=depth, category=category)]
    if scene.grades is None:
        return found
    worst = np.full(len(records.groups.population), -2)
    np.maximum.at(worst, at, scene.grades[rows])
    for position, grade in enumerate((*spec.grade_order, "")):
        subjects = worst == (position if grade else -1)
        if subjects.any() or (grade and not category):
            cells = tuple(records.groups.count_cell(subjects & m, m) for m in records.groups.members)
            more = category | {spec.grade: grade}
            text = f"Grade {grade}" if grade.isdigit() else grade or "Grade missing"
            found.append(
                Row(id=f"{id_}.{grade or 'MISSING'}", label=text, cells=cells, indent=depth + 1, category=more)
            )
    return found


def _cells(spec: OccurrencesSpec, records: Records, at: np.ndarray) -> tuple[Cell, ...]:
    subjects = np.zeros(len(records.groups.population), dtype=bool)
    subjects[at] = True
    cells = []
    add = records.groups.data.subjects.add
    for member in records.groups.members:
        values = count_values(int((subjects & member).sum()), int(member.sum()))
        events = count("events", int(member[at].sum()))
        text = count_text(values) + (f" {events.text}" if spec.events and events.number else "")
        values = (*values, events) if spec.events else values
        cells.append(Cell(text=text, values=values, numerator=add(subjects & member), denominator=add(member)))
    return tuple(cells)


def rate(spec: RateSpec, records: Records) -> Outcome:
    """Rows: the rate with its interval, events, subjects with an event, and the exposure."""
    unit = f"per {spec.per:g} {spec.unit}"
    out = Outcome(unit=unit)
    groups = records.groups
    exposure = groups.number(spec.exposure) * (DAYS[spec.measured_in] / DAYS[spec.unit])
    usable = np.isfinite(exposure) & (exposure >= 0)
    lacking = int((groups.population & ~usable).sum())
    if lacking:
        out.notes.append(f"Subjects without a valid {spec.exposure}, excluded with their events: {lacking}.")
    subjects = records.subjects()
    of_all: dict[str, list[Cell]] = {"rate": [], "events": [], "subjects": [], "exposure": []}
    for member in groups.members:
        there = member & usable
        total = float(exposure[there].sum())
        events = int(there[records.at].sum())
        with_event = groups.count_cell(subjects & there, there)
        sets = {"numerator": with_event.numerator, "denominator": with_event.denominator}
        found = incidence_rate(np.array(events), np.array(total), spec.per, spec.confidence)
        absent = Absent.NOT_ESTIMABLE if there.any() else Absent.NO_SUBJECTS
        numbers = [value(n, float(x), spec.decimals, absent) for n, x in
                   (("rate", found.rate), ("lower", found.lower), ("upper", found.upper))]  # fmt: skip
        text = numbers[0].text if numbers[0].absent else f"{numbers[0].text} {interval_text(numbers[1], numbers[2])}"
        of_all["rate"].append(Cell(text=text, values=tuple(numbers), **sets))
        of_all["events"].append(Cell(text=str(events), values=(count("events", events),), **sets))
        of_all["subjects"].append(with_event)
        time = rounded_text(total, spec.decimals)
        of_all["exposure"].append(Cell(text=time, values=(value("exposure", total, spec.decimals),), **sets))
    labels = {
        "rate": f"Rate {unit} ({100 * spec.confidence:g}% CI)",
        "events": "Events",
        "subjects": "Subjects with an event, n (%)",
        "exposure": f"Exposure, {spec.unit}",
    }
    out.rows = [Row(id=k, label=labels[k], cells=tuple(cells)) for k, cells in of_all.items()]
    return out

"""swimmer and waterfall: one line or bar for each subject.

Not for how they are drawn (report/).
"""

from __future__ import annotations

import numpy as np

from ..engine.columns import column as col
from ..mappings.models.statistic import DAYS
from ..mappings.models.statistics import MarkSpec, SwimmerSpec, WaterfallSpec
from .groups import Groups, NotThere
from .outcome import Outcome
from .records import Records, selected
from .results import SubjectLine

#: the mark at the end of a line that goes on
ONGOING = "ongoing"


def swimmer(spec: SwimmerSpec, records: Records) -> Outcome:
    """A line for each subject with a start and an end, the longest first."""
    out = Outcome(unit=spec.unit)
    groups = records.groups
    start, end = groups.number(spec.start), groups.number(spec.end)
    length = (end - start + 1) / DAYS[spec.unit]
    goes_on = groups.condition(spec.ongoing)[0] if spec.ongoing else np.zeros(len(start), dtype=bool)
    usable = groups.population & np.isfinite(length) & (length >= 0)
    lacking = int((groups.population & ~usable).sum())
    if lacking:
        out.notes.append(f"Subjects without a line, because {spec.start} or {spec.end} is missing: {lacking}.")
    order = np.flatnonzero(usable)
    order = order[np.lexsort((order, -length[order]))]
    if len(order) > spec.limit:
        out.notes.append(f"The {spec.limit} longest lines of {len(order)} are shown.")
    order = order[: spec.limit]
    marks: dict[int, list[tuple[float, str]]] = {}
    for mark in spec.marks:
        try:
            times = _times(mark, start, order, spec, groups)
        except NotThere as absent:
            out.notes.append(f"No marks '{mark.label}': {absent}")
            continue
        for at, time in times:
            marks.setdefault(at, []).append((time, mark.label))
    kinds = _kinds(groups)
    for at in order.tolist():
        of_subject = sorted(set(marks.get(at, [])))
        if goes_on[at]:
            of_subject.append((float(length[at]), ONGOING))
        out.lines.append(
            SubjectLine(
                subject=str(groups.data.subjects.subjects[at]),
                value=float(length[at]),
                kind=kinds[at],
                segments=((0.0, float(length[at]), spec.label),),
                marks=tuple(of_subject),
            )
        )
    return out


def _times(
    mark: MarkSpec, start: np.ndarray, subjects: np.ndarray, spec: SwimmerSpec, groups: Groups
) -> list[tuple[int, float]]:
    """(subject, time) of each mark of ``subjects``, the positions of those who have a line. Raises NotThere."""
    records = selected(mark.dataset, (), mark.where, groups)
    times = (records.number(mark.date) - start[records.at] + 1) / DAYS[spec.unit]
    shown = np.isfinite(times) & np.isin(records.at, subjects)
    return list(zip(records.at[shown].tolist(), times[shown].tolist(), strict=True))


def _kinds(groups: Groups) -> list[str]:
    """For each subject the label of its column."""
    kinds = np.full(len(groups.population), "", dtype=object)
    for column, member in zip(groups.columns, groups.members, strict=True):
        if column.variable:
            kinds[member] = column.label
    return kinds.tolist()


def waterfall(spec: WaterfallSpec, records: Records) -> Outcome:
    """The best value of each subject that has one, from high to low."""
    out = Outcome(unit=spec.unit)
    numbers = records.number(spec.value)
    records.has(spec.kind)
    known = np.isfinite(numbers)
    lacking = int((records.groups.population & ~records.subjects(known)).sum())
    if lacking:
        out.notes.append(f"Subjects without a bar, because they have no {spec.value}: {lacking}.")
    sign = 1 if spec.best == "lowest" else -1
    kinds = col.objects(records.column(spec.kind)) if spec.kind else None  # pyright: ignore[reportArgumentType]
    rows = np.flatnonzero(known)
    ties = np.zeros(records.n) if kinds is None else np.unique(kinds.astype(str), return_inverse=True)[1]
    rows = rows[np.lexsort((ties[rows], sign * numbers[rows], records.at[rows]))]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = records.at[rows][1:] != records.at[rows][:-1]
    rows = rows[first]
    rows = rows[np.lexsort((records.at[rows], -numbers[rows]))]
    fallback = _kinds(records.groups)
    for row in rows.tolist():
        at = int(records.at[row])
        kind = str(kinds[row]) if kinds is not None else fallback[at]
        out.lines.append(
            SubjectLine(subject=str(records.groups.data.subjects.subjects[at]), value=float(numbers[row]), kind=kind)
        )
    return out

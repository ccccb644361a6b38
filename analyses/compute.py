"""Computes the displays of a folder of analyses from ADaM datasets, as ComputedAnalyses.

What the datasets lack (a dataset, a variable, a parameter) is a note of the display, never an error: the analyses may
be for other people's ADaM. Not for mistakes of the specs, which lint reports (engine/plan/analyses.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ..mappings.binding.bind import place_of
from ..mappings.models.analysis import AnalysisResultSpec, DisplaySpec, display_groups
from ..mappings.models.analysis_groups import DisplayGroups, GroupsFile
from .adam_data import AdamData, Frame
from .agreeing import agreement, shift
from .counting import counts, proportion
from .describing import change, summary
from .groups import Groups, NotThere
from .occurrences import occurrences, rate
from .outcome import Outcome
from .records import Records, selected
from .results import ComputedAnalyses, ComputedDisplay, ComputedResult
from .subject_lines import swimmer, waterfall
from .survival import cumulative_incidence_result, kaplan_meier_result

_COMPUTE: dict[str, Callable[[Any, Records], Outcome]] = {
    "counts": counts,
    "proportion": proportion,
    "summary": summary,
    "change": change,
    "kaplan_meier": kaplan_meier_result,
    "cumulative_incidence": cumulative_incidence_result,
    "occurrences": occurrences,
    "rate": rate,
    "agreement": agreement,
    "shift": shift,
    "swimmer": swimmer,
    "waterfall": waterfall,
}


def compute_analyses(
    displays: Sequence[DisplaySpec], shared: GroupsFile, frame: Frame, *, study: str, title: str = ""
) -> ComputedAnalyses:
    """The displays that have statistics. ``frame``: the records of a dataset by its name, None if there is none.

    ``title``: where groups.yaml has none.
    """
    found = [(d, display_groups(d, shared, [])) for d in displays if any(r.statistic for r in d.results.values())]
    data = AdamData(frame, [g.population.dataset for _, g in found if g.population is not None])
    computed = tuple(_display(d, g, data) for d, g in found if g.population is not None)
    return ComputedAnalyses(study=study, title=shared.title or title, displays=computed, subjects=data.subjects)


def _display(display: DisplaySpec, spec: DisplayGroups, data: AdamData) -> ComputedDisplay:
    assert spec.population is not None
    notes = list(display.notes)
    results: tuple[ComputedResult, ...] = ()
    columns = ()
    try:
        groups = Groups(data, spec)
        notes += groups.notes
        columns = groups.columns
        results = tuple(_result(n, r, display, groups) for n, r in display.results.items() if r.statistic is not None)
    except NotThere as absent:
        notes.append(str(absent))
    return ComputedDisplay(
        id=display.display,
        name=display.name,
        title=display.description,
        population=spec.population.label,
        condition=spec.population.where or "",
        columns=columns,
        results=results,
        section=display.section,
        figure=display.figure or "",
        figure_results=display.figure_results,
        headline=display.headline,
        notes=tuple(notes),
        place=place_of(display),
        dataset=spec.population.dataset,
    )


def _result(name: str, spec: AnalysisResultSpec, display: DisplaySpec, groups: Groups) -> ComputedResult:
    statistic = spec.statistic
    assert statistic is not None
    first = spec.analysed[0]
    try:
        records = selected(first.dataset, spec.parameters, first.where, groups)
        out = _COMPUTE[statistic.verb](statistic, records)
    except NotThere as absent:
        out = Outcome(notes=[str(absent)])
    return ComputedResult(
        id=name,
        title=spec.description,
        statistic=statistic.verb,
        place=place_of(spec),
        dataset=first.dataset,
        parameter=", ".join(spec.parameters),
        where=first.where or "",
        rows=tuple(out.rows),
        curves=tuple(out.curves),
        forest=tuple(out.forest),
        lines=tuple(out.lines),
        unit=out.unit,
        notes=tuple(out.notes),
        reason=spec.reason or display.reason,
        purpose=spec.purpose or display.purpose,
        parameters=tuple(spec.parameters),
        variables=first.variables or tuple(dict.fromkeys(name for _, name in statistic.variables())),
        settings=dict(_settings((), statistic.model_dump())),
    )


def _settings(path: tuple[str, ...], value: Any) -> Iterator[tuple[str, str]]:
    """(path, text) of each argument of a statistic that has a value; texts of a list are joined by commas."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _settings((*path, str(key)), inner)
    elif isinstance(value, (list, tuple)) and any(isinstance(v, dict) for v in value):
        for position, inner in enumerate(value):
            yield from _settings((*path, str(position)), inner)
    elif isinstance(value, bool):
        yield ".".join(path), "true" if value else "false"
    elif isinstance(value, (list, tuple)):
        yield from [(".".join(path), ", ".join(map(_text, value)))] if value else []
    elif value not in (None, ""):
        yield ".".join(path), _text(value)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def datasets_read(displays: Iterable[DisplaySpec], shared: GroupsFile) -> list[str]:
    """The datasets that the statistics of displays read, sorted."""
    names: set[str] = set()
    for display in displays:
        if any(r.statistic for r in display.results.values()):
            population = display_groups(display, shared, []).population
            names.update([population.dataset] if population is not None else [])
            names.update(d.dataset for r in display.results.values() if r.statistic for d in r.analysed)
    return sorted(names)

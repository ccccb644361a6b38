"""Columns that study.yaml or not_submitted: names and no file has.

Not for the columns that rules and conditions read (engine/checks/check.py), nor for those of required: or codes:
(validation/raw/checks.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..engine.plan.plan import PlannedStudy
from ..errors import Place, SpecProblem, nearest
from ..mappings.binding.bind import key_place_of, place_of
from ..mappings.models.dates import DatesSpec
from ..mappings.models.measurement import NumbersSpec
from ..mappings.models.source import SourceSpec


def header_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> list[SpecProblem]:
    """Every named column that the files lack: a warning, because no rule reads it.

    ``headers``: source -> its columns, for the sources that could be read. Columns of other sources are not checked.
    """
    file = plan.spec
    found: list[SpecProblem] = []
    for name, source in file.sources.items():
        header = headers.get(name)
        if header is not None:
            found += _of_source(name, source, header)
    if set(headers) == set(file.sources):
        every = list(dict.fromkeys(c for header in headers.values() for c in header))
        for owner, field, columns in _declared(file.dates, file.numbers):
            for column in columns:
                if column not in every:
                    place = key_place_of(owner, field, column)
                    found.append(_problem(place, f"no source has a column '{column}'", column, every))
    for dataset in plan.datasets.values():
        sources = [t for b in dataset.spec.blocks for t in (b.source, *(j.source for j in b.joins)) if t]
        if not sources or any(s not in headers for s in sources):
            continue
        known = [c for s in dict.fromkeys(sources) for c in headers[s]]
        for column in dataset.spec.not_submitted:
            if column not in known:
                place = key_place_of(dataset.spec, "not_submitted", column)
                message = f"{', '.join(dict.fromkeys(sources))} has no column '{column}'"
                found.append(_problem(place, message, column, known, dataset.name))
    return found


def _of_source(name: str, source: SourceSpec, header: list[str]) -> Iterator[SpecProblem]:
    for column in source.not_submitted:
        if column not in header:
            place = key_place_of(source, "not_submitted", column)
            yield _problem(place, f"{source.file} has no column '{column}'", column, header)
    for owner, field, columns in _declared(source.dates, source.numbers):
        for column in columns:
            if column not in header:
                place = key_place_of(owner, field, column)
                yield _problem(place, f"{source.file} has no column '{column}'", column, header)
    for column in source.cutoff_columns:
        if column not in header:
            message = f"{source.file} has no column '{column}', which decides the data cut-off"
            yield SpecProblem(place_of(source, "cutoff"), message, hint=nearest(column, header))


def _declared(
    dates: DatesSpec | None, numbers: NumbersSpec | None
) -> Iterator[tuple[DatesSpec | NumbersSpec, str, Iterable[str]]]:
    """(owner, field, columns) of the declarations for single columns."""
    if dates is not None:
        yield dates, "columns", dates.columns
    if numbers is not None:
        yield numbers, "columns", numbers.columns
        yield numbers, "missing_numbers", numbers.missing_numbers


def _problem(place: Place, message: str, column: str, known: list[str], dataset: str = "") -> SpecProblem:
    return SpecProblem(place, message, dataset, "", nearest(column, known), "warning")

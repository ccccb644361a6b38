"""Mistakes of a study that its models alone show, across files: names that no file has, and paths outside of a folder.

Not for mistakes inside one file: binding finds them. Not for those that the standards or the data show.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import SpecProblem, nearest
from .binding.bind import key_place_of, place_of
from .models.dataset import DatasetSpec
from .models.study import StudySpec


def study_problems(file: StudySpec, datasets: list[tuple[str, DatasetSpec]]) -> list[SpecProblem]:
    """Mistakes that the models alone show: unknown sources and datasets, paths outside the folder, doubled visits."""
    problems = []
    names = {d.dataset for _, d in datasets}
    for name, source in file.sources.items():
        path = Path(source.file.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in source.file:
            problems.append(
                SpecProblem(place_of(source, "file"), f"source {name}: '{source.file}' leaves the raw folder")
            )
        dictionary = source.dictionary
        file_of = dictionary if isinstance(dictionary, str) else dictionary.file if dictionary else ""
        beside = Path(file_of.replace("\\", "/"))
        if beside.is_absolute() or ".." in beside.parts or ":" in str(beside):
            text = f"source {name}: '{file_of}' leaves the raw folder"
            problems.append(SpecProblem(place_of(source, "dictionary"), text))
    for crosswalk in [file.subject, *(s.subject for s in file.sources.values() if s.subject and s.subject != "none")]:
        if crosswalk.crosswalk and (Path(crosswalk.crosswalk).is_absolute() or ".." in Path(crosswalk.crosswalk).parts):  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess]
            problems.append(SpecProblem(place_of(crosswalk, "crosswalk"), "the crosswalk leaves the study folder"))  # pyright: ignore[reportArgumentType]
    labels: dict[str, str] = {}
    for name, visit in file.visits.items():
        for label in (name, *visit.labels):
            other = labels.setdefault(label.strip().casefold(), name)
            if other != name:
                problems.append(
                    SpecProblem(key_place_of(file, "visits", name), f"the visit {other} also has the label '{label}'")
                )
    problems += _visit_problems(file)
    inputs = {n.partition(".")[0] for n in (*file.inputs.required, *file.inputs.optional)}
    for kind, dataset in datasets:
        for block in dataset.blocks:
            for table, owner, place_field in [
                (block.source, block, "source"),
                *((j.source, j, "source") for j in block.joins),
            ]:
                if table is not None and table not in file.sources:
                    problems.append(
                        SpecProblem(
                            place_of(owner, place_field),
                            f"there is no source '{table}' in study.yaml",
                            dataset.dataset,
                            hint=nearest(table, list(file.sources)),
                            refers_to=frozenset({table}),
                        )
                    )
            for table, owner in [(block.from_, block), *((j.from_, j) for j in block.joins)]:
                if table is not None and table not in names and not (kind == "adam" and table in inputs):
                    problems.append(
                        SpecProblem(
                            place_of(owner, "from"),
                            f"there is no dataset '{table}'",
                            dataset.dataset,
                            hint=nearest(table, sorted(names)),
                            refers_to=frozenset({table}),
                        )
                    )
    return problems


def _visit_problems(file: StudySpec) -> list[SpecProblem]:
    problems = []
    for spec in file.visit_dates:
        if spec.source not in file.sources:
            message = f"there is no source '{spec.source}' in study.yaml"
            hint = nearest(spec.source, list(file.sources))
            about = frozenset({spec.source})
            problems.append(SpecProblem(place_of(spec, "source"), message, hint=hint, refers_to=about))
    open_ended = next((name for name, visit in file.visits.items() if visit.unscheduled), None)
    if open_ended is not None and not file.visit_dates:
        message = f"{open_ended} is unscheduled, so study.yaml needs visit_dates:, the sources of the dates of visits"
        problems.append(SpecProblem(key_place_of(file, "visits", open_ended), message))
    return problems

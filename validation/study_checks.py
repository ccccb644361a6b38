"""A study's own checks: YAML files that name an expectation for a finished dataset, read, checked and run.

Not for running great-expectations itself (quality.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from ..engine import columns as col
from ..engine.dataset import Dataset
from ..errors import Place, SpecError, SpecProblem, nearest
from ..mappings.binding import Binder
from ..mappings.spec_model import Names, SpecModel, place_of
from ..mappings.yaml_text import examine_file
from .expectations import EXPECTATIONS, NUMERIC, TEXTUAL, columns_read, regex_problem
from .quality import QualityCheck, QualityResult, run_checks

#: field of CheckSpec -> the argument as great-expectations calls it
_ARGUMENTS = {
    "column": "column", "column_a": "column_A", "column_b": "column_B", "columns": "column_list",
    "value_set": "value_set", "regex": "regex", "min_value": "min_value", "max_value": "max_value",
    "strict_min": "strict_min", "strict_max": "strict_max", "or_equal": "or_equal", "mostly": "mostly",
    "value": "value",
}  # fmt: skip
_FIELDS = {argument: name for name, argument in _ARGUMENTS.items()}


class CheckSpec(SpecModel):
    """One check of a finished dataset."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$", description="Its id in findings: R2A-CHECK-<name>.")
    dataset: Annotated[str, Names("dataset")] = Field(description="The dataset it is about.")
    severity: Literal["error", "warning", "note"] = Field("warning", description="How much a failing record weighs.")
    expect: str = Field(description="A great-expectations expectation, without the leading expect_.")
    message: str = Field("", description="What a finding says; by default the expectation and its arguments.")
    column: str | None = Field(None, description="The variable it is about.")
    column_a: str | None = Field(None, description="The first variable of a pair.")
    column_b: str | None = Field(None, description="The second variable of a pair.")
    columns: tuple[str, ...] | None = Field(None, description="Several variables.")
    value_set: tuple[str, ...] | None = Field(None, description="The values of a set.")
    regex: str | None = Field(None, description="A regular expression (RE2), from the start of the text.")
    min_value: float | None = Field(None, description="The lowest value.")
    max_value: float | None = Field(None, description="The highest value.")
    strict_min: bool | None = Field(None, description="Whether the lowest value itself fails.")
    strict_max: bool | None = Field(None, description="Whether the highest value itself fails.")
    or_equal: bool | None = Field(None, description="Whether a pair may be equal.")
    mostly: float | None = Field(None, ge=0, le=1, description="The share of records that must pass.")
    value: int | None = Field(None, description="The number that a count must equal.")


class ChecksFile(SpecModel):
    """A file of checks."""

    checks: tuple[CheckSpec, ...] = Field(description="The checks, in the order of the report.")


def study_checks(
    paths: Sequence[Path], datasets: Mapping[str, Dataset], *, root: Path | None = None, planned: Collection[str] = ()
) -> list[QualityResult]:
    """Read the files of checks and run them on ``datasets``. SpecError with every mistake of all files at once.

    ``root``: the study folder that messages name files against. ``planned``: datasets the study has but this run did
    not build; their checks are left out.
    """
    checks, problems = read_checks(paths, datasets, root=root, planned=planned)
    if problems:
        raise SpecError(problems)
    results = []
    for name in dict.fromkeys(c.table for c in checks):
        results += run_checks([c for c in checks if c.table == name], datasets[name].frame)
    order = {c.name: i for i, c in enumerate(checks)}
    return sorted(results, key=lambda r: order[r.check.name])


def read_checks(
    paths: Sequence[Path], datasets: Mapping[str, Dataset], *, root: Path | None = None, planned: Collection[str] = ()
) -> tuple[list[QualityCheck], list[SpecProblem]]:
    """The checks of all files that can run, and every mistake in them; nothing is run."""
    checks: list[QualityCheck] = []
    problems: list[SpecProblem] = []
    names: dict[str, Place] = {}
    for path in paths:
        node, found = examine_file(path, root or path.parent)
        problems += found
        if node is None:
            continue
        binder = Binder()
        file = binder.bind(node, ChecksFile)
        problems += binder.problems
        for spec in file.checks if file is not None else ():
            place = place_of(spec, "name")
            if spec.name in names:
                problems.append(_problem(spec, "name", f"the name '{spec.name}' is taken: {names[spec.name]}"))
            names.setdefault(spec.name, place)
            if spec.dataset not in datasets:
                if spec.dataset not in planned:
                    hint = nearest(spec.dataset, [*datasets, *planned])
                    problems.append(_problem(spec, "dataset", f"there is no dataset '{spec.dataset}'", hint))
                continue
            found = _mistakes(spec, datasets[spec.dataset])
            problems += found
            if not found:
                checks.append(_check(spec, datasets[spec.dataset]))
    return checks, problems


def _problem(spec: CheckSpec, field: str, message: str, hint: str = "", *path: int) -> SpecProblem:
    return SpecProblem(place_of(spec, field, *path), message, spec.dataset, "", hint)


def _mistakes(spec: CheckSpec, dataset: Dataset) -> list[SpecProblem]:
    name = spec.expect.removeprefix("expect_")
    if name not in EXPECTATIONS:
        hint = nearest(name, list(EXPECTATIONS))
        return [_problem(spec, "expect", f"there is no expectation '{spec.expect}' for checks", hint)]
    needed, optional = EXPECTATIONS[name]
    given = {_ARGUMENTS[f]: f for f in _ARGUMENTS if getattr(spec, f) is not None}
    problems = [_problem(spec, "expect", f"{name} needs the key '{_FIELDS[a]}'") for a in needed if a not in given]
    takes = ", ".join(_FIELDS[a] for a in (*needed, *optional)) or "nothing"
    for argument, key in given.items():
        if argument not in needed and argument not in optional:
            problems.append(_problem(spec, key, f"{name} has no '{key}'", f"it takes {takes}"))
    problems += [
        p for key in ("column", "column_a", "column_b") for p in _column(spec, key, getattr(spec, key), dataset)
    ]
    for position, column in enumerate(spec.columns or ()):
        problems += _column(spec, "columns", column, dataset, position)
    if spec.regex is not None and (why := regex_problem(spec.regex)):
        problems.append(_problem(spec, "regex", why, "RE2 has no look-around and no back-references"))
    low, high = spec.min_value, spec.max_value
    if low is not None and high is not None and low > high:
        problems.append(_problem(spec, "min_value", f"min_value {low:g} is above max_value {high:g}"))
    if ("min_value" in optional) and low is None and high is None:
        problems.append(_problem(spec, "expect", f"{name} needs 'min_value', 'max_value' or both"))
    if spec.value_set is not None and _is_number(spec, dataset):
        for position, text in enumerate(spec.value_set):
            if _number(text) is None:
                message = f"{spec.column} is a number, and '{text}' is none"
                problems.append(_problem(spec, "value_set", message, "", position))
    return problems


def _column(spec: CheckSpec, key: str, column: str | None, dataset: Dataset, *path: int) -> list[SpecProblem]:
    name = spec.expect.removeprefix("expect_")
    if column is None or name == "column_to_exist":
        return []
    if column not in dataset.frame:
        hint = nearest(column, dataset.spec.names)
        return [_problem(spec, key, f"{dataset.name} has no variable '{column}'", hint, *path)]
    number = col.is_number(pd.Series(dataset.frame[column]))
    if (name in NUMERIC and not number) or (name in TEXTUAL and number):
        return [
            _problem(spec, key, f"{name} is for {'texts' if number else 'numbers'}, and {column} is not", "", *path)
        ]
    return []


def _is_number(spec: CheckSpec, dataset: Dataset) -> bool:
    return spec.column in dataset.frame and col.is_number(pd.Series(dataset.frame[spec.column]))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _check(spec: CheckSpec, dataset: Dataset) -> QualityCheck:
    arguments: dict[str, Any] = {_ARGUMENTS[f]: getattr(spec, f) for f in _ARGUMENTS if getattr(spec, f) is not None}
    for name in ("value_set", "column_list"):
        if name in arguments:
            arguments[name] = list(arguments[name])
    if "value_set" in arguments and _is_number(spec, dataset):
        arguments["value_set"] = [_number(t) for t in arguments["value_set"]]
    expectation = spec.expect.removeprefix("expect_")
    if "lengths" in expectation or "count" in expectation:
        arguments |= {k: int(arguments[k]) for k in ("min_value", "max_value") if k in arguments}
    read = ", ".join(columns_read(arguments))
    sentence = spec.message or f"{read or spec.dataset} fails the check {spec.name} ({expectation.replace('_', ' ')})"
    return QualityCheck(
        spec.name,
        spec.dataset,
        expectation,
        arguments,
        spec.severity,
        sentence,
        f"R2A-CHECK-{spec.name}",
        place_of(spec),
    )

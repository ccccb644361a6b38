"""A study's own checks: YAML files that name an expectation for a finished dataset, read, checked and run.

Not for running great-expectations itself (run.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from ...engine.building.stored_partitions import specs_of
from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset, DatasetMetadata
from ...errors import Place, SpecError, SpecProblem, nearest
from ...mappings.binding.bind import Binder
from ...mappings.binding.spec_model import Names, SpecModel, expression_place, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.derivation import Condition
from ...mappings.yaml.read import examine_file
from .cross_checks import LookupSpec, Scope, broken_series, failing, repeated
from .expectations import EXPECTATIONS, NUMERIC, TEXTUAL, columns_read, regex_problem
from .run import QualityCheck, QualityResult, run_checks

#: field of CheckSpec -> the argument as great-expectations calls it
_ARGUMENTS = {
    "column": "column", "column_a": "column_A", "column_b": "column_B", "columns": "column_list",
    "value_set": "value_set", "regex": "regex", "min_value": "min_value", "max_value": "max_value",
    "strict_min": "strict_min", "strict_max": "strict_max", "or_equal": "or_equal", "mostly": "mostly",
    "value": "value",
}  # fmt: skip
_FIELDS = {argument: name for name, argument in _ARGUMENTS.items()}


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class CheckSpec(SpecModel):
    """One check of a finished dataset."""

    name: str = Field(description="Its id in findings: R2A-CHECK-<name>.")
    dataset: Annotated[str, Names("dataset")] = Field(description="The dataset it is about.")
    severity: Literal["error", "warning", "note"] = Field("warning", description="How much a failing record weighs.")
    expect: str = Field("", description="A great-expectations expectation, without the leading expect_.")
    fails: Condition | None = Field(
        None, description="Instead of expect: a condition; a record where it holds fails. It may read DM.DTHDTC."
    )
    unbroken: str | None = Field(
        None, description="Instead of expect: a variable whose numbers within by: are 1, 2, 3 .. without a hole."
    )
    once: tuple[str, ...] = Field((), description="Instead of expect: variables whose values together occur once.")
    by: tuple[str, ...] = Field(("USUBJID",), description="The group of unbroken:.")
    where: Condition | None = Field(None, description="Only records where this holds are checked.")
    with_: dict[str, LookupSpec] = Field(
        default_factory=dict, alias="with", description="Names for values of the subject's other records."
    )
    at: str | None = Field(None, description="The variable whose cell a finding of fails: or once: names.")
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

    @field_validator("name")
    @classmethod
    def _id(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(
                f"'{value}' is no name of a check: 1 to 40 letters, digits, hyphens and underscores, a letter or digit "
                "first"
            )
        return value


class ChecksFile(SpecModel):
    """A file of checks."""

    checks: tuple[CheckSpec, ...] = Field(description="The checks, in the order of the report.")


def study_checks(
    paths: Sequence[Path],
    datasets: Mapping[str, Dataset],
    *,
    root: Path | None = None,
    planned: Collection[str] = (),
    expectations: bool = True,
) -> list[QualityResult]:
    """Read the files of checks and run them on ``datasets``. SpecError with every mistake of all files at once.

    ``expectations``: whether checks that great-expectations runs are among them; all others need only the datasets.

    ``root``: the study folder that messages name files against. ``planned``: datasets the study has but this run did
    not build; their checks are left out.
    """
    checks, problems = read_checks(paths, datasets, root=root, planned=planned)
    if problems:
        raise SpecError(problems)
    if not expectations:
        checks = [c for c in checks if c.expectation in CROSS]
    results = []
    for name in dict.fromkeys(c.table for c in checks):
        dataset, mine = datasets[name], [c for c in checks if c.table == name]
        results += run_checks([c for c in mine if c.expectation not in CROSS and not c.where], dataset.frame)
        for check in mine:
            scope = Scope(name, datasets, check.lookups)
            if check.expectation in CROSS:
                results.append(_crossed(check, scope))
            elif check.where:
                results += _on_part(check, scope)
    order = {c.name: i for i, c in enumerate(checks)}
    return sorted(results, key=lambda r: order[r.check.name])


#: what a check has instead of an expectation
CROSS = ("fails", "unbroken", "once")


def _crossed(check: QualityCheck, scope: Scope) -> QualityResult:
    rule, where = check.arguments[check.expectation], check.where or None
    if check.expectation == "fails":
        mask = failing(scope, rule, where)
    elif check.expectation == "unbroken":
        mask = broken_series(scope, rule, check.arguments["by"], where)
    else:
        mask = repeated(scope, rule, where)
    records = np.flatnonzero(mask)
    return QualityResult(check, not len(records), len(mask), len(records), "", records)


def _on_part(check: QualityCheck, scope: Scope) -> list[QualityResult]:
    """An expectation of the records where a condition holds; its records count in the whole dataset."""
    at = np.flatnonzero(scope.where(check.where))
    part = pd.DataFrame({n: col.take(pd.Series(scope.frame[n]), at) for n in scope.frame.columns})
    return [replace(r, records=at[r.records]) for r in run_checks([check], part)]


def written_checks(paths: Sequence[Path], root: Path | None = None) -> tuple[list[CheckSpec], list[SpecProblem]]:
    """The checks of all files as they stand, and what is wrong with the files themselves."""
    specs: list[CheckSpec] = []
    problems: list[SpecProblem] = []
    for path in paths:
        node, found = examine_file(path, root or path.parent)
        problems += found
        if node is None:
            continue
        binder = Binder()
        file = binder.bind(node, ChecksFile)
        problems += binder.problems
        specs += file.checks if file is not None else ()
    return specs, problems


def read_checks(
    paths: Sequence[Path], datasets: Mapping[str, Dataset], *, root: Path | None = None, planned: Collection[str] = ()
) -> tuple[list[QualityCheck], list[SpecProblem]]:
    """The checks of all files that can run, and every mistake in them; nothing is run."""
    checks: list[QualityCheck] = []
    written, problems = written_checks(paths, root)
    names: dict[str, Place] = {}
    specs = specs_of(datasets)
    for spec in written:
        if spec.name in names:
            problems.append(_problem(spec, "name", f"the name '{spec.name}' is taken: {names[spec.name]}"))
        names.setdefault(spec.name, place_of(spec, "name"))
        if spec.dataset not in specs:
            if spec.dataset not in planned:
                hint = nearest(spec.dataset, [*specs, *planned])
                problems.append(_problem(spec, "dataset", f"there is no dataset '{spec.dataset}'", hint))
            continue
        if _needs(spec, specs) & set(planned):
            continue
        found = _cross_mistakes(spec, datasets, specs) or _mistakes(spec, specs[spec.dataset])
        problems += found
        if not found:
            checks.append(_check(spec, specs[spec.dataset]))
    return checks, problems


def _needs(spec: CheckSpec, specs: Mapping[str, DatasetMetadata]) -> set[str]:
    """Datasets that a check reads and that are not there."""
    read = {n.partition(".")[0] for text in (spec.fails, spec.where) if text for n in _names(text) if "." in n}
    return (read | {lookup.table for lookup in spec.with_.values()}) - set(specs)


def _names(text: str) -> tuple[str, ...]:
    try:
        return parse(text).names
    except ExpressionError:
        return ()


def _problem(spec: CheckSpec, field: str, message: str, hint: str = "", *path: int | str) -> SpecProblem:
    return SpecProblem(place_of(spec, field, *path), message, spec.dataset, "", hint)


def _cross_mistakes(
    spec: CheckSpec, datasets: Mapping[str, Dataset], specs: Mapping[str, DatasetMetadata]
) -> list[SpecProblem]:
    """Mistakes of conditions, lookups and names, and a check that says not exactly one thing."""
    problems = []
    said = [f for f in ("expect", *CROSS) if getattr(spec, f)]
    if len(said) != 1:
        problems.append(_problem(spec, "name", "a check has exactly one of expect:, fails:, unbroken:, once:"))
    for name, lookup in spec.with_.items():
        other = specs.get(lookup.table)
        if other is None:
            message = f"there is no dataset '{lookup.table}'"
            problems.append(_problem(spec, "with", message, nearest(lookup.table, list(specs)), name))
            continue
        if lookup.column and lookup.column not in other.names:
            hint = nearest(lookup.column, other.names)
            problems.append(_problem(spec, "with", f"{other.name} has no variable '{lookup.column}'", hint, name))
        types = Scope(other.name, datasets, {}).types()
        problems += _condition_mistakes(lookup, "where", lookup.where, types, spec.dataset)
    if problems:
        return problems
    types = Scope(spec.dataset, datasets, spec.with_).types()
    for field in ("fails", "where"):
        problems += _condition_mistakes(spec, field, getattr(spec, field), types, spec.dataset)
    names = dict.fromkeys(spec.once, "once") | (
        dict.fromkeys(spec.by, "by") | {spec.unbroken: "unbroken"} if spec.unbroken else {}
    )
    names |= {spec.at: "at"} if spec.at else {}
    for name, field in names.items():
        if name not in specs[spec.dataset].names:
            hint = nearest(name, specs[spec.dataset].names)
            problems.append(_problem(spec, field, f"{spec.dataset} has no variable '{name}'", hint))
    return problems


def _condition_mistakes(
    spec: SpecModel, field: str, text: str | None, types: Mapping[str, str], dataset: str
) -> list[SpecProblem]:
    if text is None:
        return []
    try:
        found = parse(text).check(types, "condition")[1]
    except ExpressionError as error:
        return [SpecProblem(expression_place(spec, field, error.offset), error.message, dataset, "", error.hint)]
    return [
        SpecProblem(expression_place(spec, field, p.offset), p.message, dataset, "", p.hint)
        for p in found
        if p.severity == "error"
    ]


def _mistakes(spec: CheckSpec, dataset: DatasetMetadata) -> list[SpecProblem]:
    if not spec.expect:
        return []
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


def _column(spec: CheckSpec, key: str, column: str | None, dataset: DatasetMetadata, *path: int) -> list[SpecProblem]:
    name = spec.expect.removeprefix("expect_")
    if column is None or name == "column_to_exist":
        return []
    if column not in dataset.names:
        hint = nearest(column, dataset.names)
        return [_problem(spec, key, f"{dataset.name} has no variable '{column}'", hint, *path)]
    number = dataset.variable(column).is_numeric
    if (name in NUMERIC and not number) or (name in TEXTUAL and number):
        return [
            _problem(spec, key, f"{name} is for {'texts' if number else 'numbers'}, and {column} is not", "", *path)
        ]
    return []


def _is_number(spec: CheckSpec, dataset: DatasetMetadata) -> bool:
    return spec.column is not None and spec.column in dataset.names and dataset.variable(spec.column).is_numeric


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _cross_check(spec: CheckSpec) -> QualityCheck:
    kind = next(f for f in CROSS if getattr(spec, f))
    variable = spec.at or spec.unbroken or (spec.once[-1] if spec.once else "")
    arguments = {kind: getattr(spec, kind)} | ({"column": variable} if variable else {})
    if kind == "unbroken":
        arguments["by"] = spec.by
    sentence = spec.message or f"{variable or spec.dataset} fails the check {spec.name}"
    rule = f"R2A-CHECK-{spec.name}"
    place = place_of(spec)
    return QualityCheck(
        spec.name, spec.dataset, kind, arguments, spec.severity, sentence, rule, place, spec.where or "", spec.with_
    )


def _check(spec: CheckSpec, dataset: DatasetMetadata) -> QualityCheck:
    if not spec.expect:
        return _cross_check(spec)
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
        spec.where or "",
        spec.with_,
    )

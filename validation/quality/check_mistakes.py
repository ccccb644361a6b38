"""The mistakes in a study's checks, each at its place in the file.

Not for reading the files (check_files.py) nor for running checks (study_checks.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from ...engine.tables.dataset import Dataset, DatasetMetadata
from ...errors import SpecProblem, nearest
from ...mappings.binding.spec_model import SpecModel, expression_place, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from .check_files import ARGUMENTS, CROSS, FIELDS, CheckSpec
from .cross_checks import Scope
from .expectations import EXPECTATIONS, NUMERIC, TEXTUAL, regex_problem


def missing_datasets(spec: CheckSpec, specs: Mapping[str, DatasetMetadata]) -> set[str]:
    """The missing datasets that a check reads."""
    read = {n.partition(".")[0] for text in (spec.fails, spec.where) if text for n in _names(text) if "." in n}
    return (read | {lookup.table for lookup in spec.with_.values()}) - set(specs)


def _names(text: str) -> tuple[str, ...]:
    try:
        return parse(text).names
    except ExpressionError:
        return ()


def mistake(spec: CheckSpec, field: str, message: str, hint: str = "", *path: int | str) -> SpecProblem:
    return SpecProblem(place_of(spec, field, *path), message, spec.dataset, "", hint)


def cross_mistakes(
    spec: CheckSpec, datasets: Mapping[str, Dataset], specs: Mapping[str, DatasetMetadata]
) -> list[SpecProblem]:
    """Mistakes of conditions, lookups and names, and a check that has not exactly one of expect: and CROSS."""
    problems = []
    declared = [f for f in ("expect", *CROSS) if getattr(spec, f)]
    if len(declared) != 1:
        problems.append(mistake(spec, "name", "a check has exactly one of expect:, fails:, unbroken:, once:"))
    for name, lookup in spec.with_.items():
        other = specs.get(lookup.table)
        if other is None:
            message = f"there is no dataset '{lookup.table}'"
            problems.append(mistake(spec, "with", message, nearest(lookup.table, list(specs)), name))
            continue
        if lookup.column and lookup.column not in other.names:
            hint = nearest(lookup.column, other.names)
            problems.append(mistake(spec, "with", f"{other.name} has no variable '{lookup.column}'", hint, name))
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
            problems.append(mistake(spec, field, f"{spec.dataset} has no variable '{name}'", hint))
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


def expectation_mistakes(spec: CheckSpec, dataset: DatasetMetadata) -> list[SpecProblem]:
    """Mistakes of an expectation: its name, its arguments, the types of its variables."""
    if not spec.expect:
        return []
    name = spec.expect.removeprefix("expect_")
    if name not in EXPECTATIONS:
        hint = nearest(name, list(EXPECTATIONS))
        return [mistake(spec, "expect", f"there is no expectation '{spec.expect}' for checks", hint)]
    needed, optional = EXPECTATIONS[name]
    declared = {ARGUMENTS[f]: f for f in ARGUMENTS if getattr(spec, f) is not None}
    problems = [mistake(spec, "expect", f"{name} needs the key '{FIELDS[a]}'") for a in needed if a not in declared]
    takes = ", ".join(FIELDS[a] for a in (*needed, *optional)) or "nothing"
    for argument, key in declared.items():
        if argument not in needed and argument not in optional:
            problems.append(mistake(spec, key, f"{name} has no '{key}'", f"it takes {takes}"))
    problems += [
        p for key in ("column", "column_a", "column_b") for p in _column(spec, key, getattr(spec, key), dataset)
    ]
    for position, column in enumerate(spec.columns or ()):
        problems += _column(spec, "columns", column, dataset, position)
    if spec.regex is not None and (why := regex_problem(spec.regex)):
        problems.append(mistake(spec, "regex", why, "RE2 has no look-around and no back-references"))
    low, high = spec.min_value, spec.max_value
    if low is not None and high is not None and low > high:
        problems.append(mistake(spec, "min_value", f"min_value {low:g} is above max_value {high:g}"))
    if ("min_value" in optional) and low is None and high is None:
        problems.append(mistake(spec, "expect", f"{name} needs 'min_value', 'max_value' or both"))
    if spec.value_set is not None and is_number(spec, dataset):
        for position, text in enumerate(spec.value_set):
            if number_of(text) is None:
                message = f"{spec.column} is a number, and '{text}' is none"
                problems.append(mistake(spec, "value_set", message, "", position))
    return problems


def _column(spec: CheckSpec, key: str, column: str | None, dataset: DatasetMetadata, *path: int) -> list[SpecProblem]:
    name = spec.expect.removeprefix("expect_")
    if column is None or name == "column_to_exist":
        return []
    if column not in dataset.names:
        hint = nearest(column, dataset.names)
        return [mistake(spec, key, f"{dataset.name} has no variable '{column}'", hint, *path)]
    number = dataset.variable(column).is_numeric
    if (name in NUMERIC and not number) or (name in TEXTUAL and number):
        return [mistake(spec, key, f"{name} is for {'texts' if number else 'numbers'}, and {column} is not", "", *path)]
    return []


def is_number(spec: CheckSpec, dataset: DatasetMetadata) -> bool:
    """Whether the variable of the check is numeric."""
    return spec.column is not None and spec.column in dataset.names and dataset.variable(spec.column).is_numeric


def number_of(text: str) -> float | None:
    """The number of a text; None for another text."""
    try:
        return float(text)
    except ValueError:
        return None

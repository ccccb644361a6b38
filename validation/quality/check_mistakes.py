"""The mistakes in a study's checks, each at its place in the file.

Not for reading the files (check_files.py) nor for running checks (study_checks.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ...engine.columns.number_text import plain_number
from ...engine.tables.dataset import Dataset, DatasetMetadata
from ...errors import SpecProblem, nearest
from ...findings.catalogue import rules
from ...findings.rule import ASK_WORDS
from ...mappings.binding.spec_model import SpecModel, expression_place, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ..reports.check_questions import placeholders
from .check_files import ASKED, CheckSpec, Question, kind_of
from .expectations import EXCLUDED, EXPECTATIONS, NUMERIC, OF_COLUMNS, TEXTUAL, regex_problem
from .kind import Known
from .scope import Scope

#: the arguments of expectations that a check may have
ARGUMENTS = tuple(n for n in CheckSpec.model_fields if n not in Question.model_fields)


def missing_datasets(spec: CheckSpec, specs: Mapping[str, DatasetMetadata]) -> set[str]:
    """The missing datasets that a check reads."""
    read = {n.partition(".")[0] for text in (spec.fails, spec.where) if text for n in _names(text) if "." in n}
    read |= {n.partition(".")[0] for n in spec.order if "." in n} | {lookup.table for lookup in spec.with_.values()}
    return (read | ({spec.exists.table} if spec.exists is not None else set())) - set(specs)


def _names(text: str) -> tuple[str, ...]:
    try:
        return parse(text).names
    except ExpressionError:
        return ()


def mistake(spec: CheckSpec, field: str, message: str, hint: str = "", *path: int | str) -> SpecProblem:
    return SpecProblem(place_of(spec, field, *path), message, spec.table, "", hint)


def mistakes_of(
    spec: CheckSpec, datasets: Mapping[str, Dataset], specs: Mapping[str, DatasetMetadata], known: Known
) -> list[SpecProblem]:
    """All mistakes of a check of a dataset that is there."""
    problems = []
    asked = [f for f in ASKED if getattr(spec, f)]
    if len(asked) != 1:
        problems.append(mistake(spec, "name", f"a check has exactly one of {', '.join(f'{f}:' for f in ASKED)}"))
    problems += [
        p for name, lookup in spec.with_.items() for p in _lookup_mistakes(spec, name, lookup, datasets, specs)
    ]
    if problems:
        return problems
    if spec.with_ and "USUBJID" not in specs[spec.table].names:
        return [mistake(spec, "with", f"{spec.table} has no subjects, so it has no records of theirs elsewhere")]
    types = Scope(spec.table, datasets, spec.with_).types()
    for field in ("fails", "where"):
        problems += _condition_mistakes(spec, field, getattr(spec, field), types, spec.table)
    if spec.exists is not None and spec.exists.table in specs:
        theirs = Scope(spec.exists.table, datasets, {}).types()
        problems += _condition_mistakes(spec.exists, "where", spec.exists.where, theirs, spec.table)
    problems += _kind_mistakes(spec, types, specs[spec.table], known)
    problems += _question_mistakes(spec, specs[spec.table])
    return problems or list(_expectation_mistakes(spec, specs[spec.table]))


def _lookup_mistakes(
    spec: CheckSpec, name: str, lookup: Any, datasets: Mapping[str, Dataset], specs: Mapping[str, DatasetMetadata]
) -> Iterator[SpecProblem]:
    other = specs.get(lookup.table)
    if other is None:
        message = f"there is no dataset '{lookup.table}'"
        yield mistake(spec, "with", message, nearest(lookup.table, list(specs)), name)
        return
    if lookup.column and lookup.column not in other.names:
        hint = nearest(lookup.column, other.names)
        yield mistake(spec, "with", f"{other.name} has no variable '{lookup.column}'", hint, name)
    types = Scope(other.name, datasets, {}).types()
    yield from _condition_mistakes(lookup, "where", lookup.where, types, spec.table)


def _kind_mistakes(
    spec: CheckSpec, types: Mapping[str, str], dataset: DatasetMetadata, known: Known
) -> Iterator[SpecProblem]:
    """Names that the dataset does not have or that have the wrong type, and what the kind itself finds wrong."""
    kind = kind_of(spec)
    if spec.at is not None and spec.at not in dataset.names:
        yield mistake(spec, "at", f"{dataset.name} has no variable '{spec.at}'", nearest(spec.at, dataset.names))
    if kind is None:
        return
    for read in kind.reads():
        field, *path = read.path
        if read.name not in (types if read.outside else dataset.names):
            names = dataset.names if "." not in read.name else list(types)
            message = f"{dataset.name} has no variable '{read.name}'"
            yield mistake(spec, str(field), message, nearest(read.name, names), *path)
        elif read.wanted and types[read.name] != read.wanted:
            yield mistake(spec, str(field), f"{kind.verb} needs a {read.wanted}, and {read.name} is none", "", *path)
    for found in kind.mistakes(known):
        field, *path = found.path
        yield mistake(spec, str(field), found.message, found.hint, *path)


def _question_mistakes(spec: CheckSpec, dataset: DatasetMetadata) -> Iterator[SpecProblem]:
    """The names in braces of a question that are no column and no word of a question."""
    for name in placeholders(spec.question):
        if name not in dataset.names and name not in ASK_WORDS:
            hint = nearest(name, [*dataset.names, *ASK_WORDS])
            yield mistake(spec, "question", f"{dataset.name} has no variable '{name}'", hint)


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


def _expectation_mistakes(spec: CheckSpec, dataset: DatasetMetadata) -> Iterator[SpecProblem]:
    """Mistakes of an expectation: its name, its arguments, the types of its variables."""
    declared = [a for a in ARGUMENTS if getattr(spec, a) is not None]
    if not spec.expect:
        yield from (mistake(spec, a, f"'{a}' is an argument of expect:, which this check has not") for a in declared)
        return
    name = spec.expect.removeprefix("expect_")
    if name in EXCLUDED:
        yield mistake(spec, "expect", f"a check cannot have the expectation '{spec.expect}'", EXCLUDED[name])
        return
    if name not in EXPECTATIONS:
        hint = nearest(name, list(EXPECTATIONS))
        yield mistake(spec, "expect", f"there is no expectation '{spec.expect}' for checks", hint)
        return
    needed, optional = EXPECTATIONS[name]
    yield from (mistake(spec, "expect", f"{name} needs the key '{a}'") for a in needed if a not in declared)
    takes = ", ".join((*needed, *optional)) or "nothing"
    for argument in declared:
        if argument not in needed and argument not in optional:
            yield mistake(spec, argument, f"{name} has no '{argument}'", f"it takes {takes}")
    yield from _columns_of(spec, name, dataset)
    yield from _value_mistakes(spec, name, optional, dataset)


def _columns_of(spec: CheckSpec, name: str, dataset: DatasetMetadata) -> Iterator[SpecProblem]:
    if name in OF_COLUMNS:
        return
    for key in ("column", "column_A", "column_B"):
        if (column := getattr(spec, key)) is not None:
            yield from _column(spec, key, column, dataset)
    for position, column in enumerate(spec.column_list or ()):
        yield from _column(spec, "column_list", column, dataset, position)


def _value_mistakes(
    spec: CheckSpec, name: str, optional: tuple[str, ...], dataset: DatasetMetadata
) -> Iterator[SpecProblem]:
    patterns = [("regex", (), spec.regex)] if spec.regex is not None else []
    patterns += [("regex_list", (i,), p) for i, p in enumerate(spec.regex_list or ())]
    for key, path, pattern in patterns:
        if why := regex_problem(pattern):
            yield mistake(spec, key, why, "RE2 has no look-around and no back-references", *path)
    low, high = spec.min_value, spec.max_value
    if low is not None and high is not None and low > high:
        yield mistake(spec, "min_value", f"min_value {low:g} is above max_value {high:g}")
    if "min_value" in optional and low is None and high is None:
        yield mistake(spec, "expect", f"{name} needs 'min_value', 'max_value' or both")
    if spec.value_set is not None and is_number(spec, dataset):
        for position, text in enumerate(spec.value_set):
            if plain_number(text) is None:
                yield mistake(spec, "value_set", f"{spec.column} is a number, and '{text}' is none", "", position)


def _column(spec: CheckSpec, key: str, column: str, dataset: DatasetMetadata, *path: int) -> Iterator[SpecProblem]:
    name = spec.expect.removeprefix("expect_")
    if column not in dataset.names:
        hint = nearest(column, dataset.names)
        yield mistake(spec, key, f"{dataset.name} has no variable '{column}'", hint, *path)
        return
    number = dataset.variable(column).is_numeric
    if (name in NUMERIC and not number) or (name in TEXTUAL and number):
        yield mistake(spec, key, f"{name} is for {'texts' if number else 'numbers'}, and {column} is not", "", *path)


def is_number(spec: CheckSpec, dataset: DatasetMetadata) -> bool:
    """Whether the variable of the check is numeric."""
    return spec.column is not None and spec.column in dataset.names and dataset.variable(spec.column).is_numeric


def unless_rules(spec: CheckSpec, names: Collection[str]) -> tuple[tuple[str, ...], list[SpecProblem]]:
    """The rules that ``unless:`` names, by check or by id, and its mistakes. ``names``: of all checks of the study."""
    found, problems = [], []
    ids = {rule.id for rule in rules()}
    for position, name in enumerate(spec.unless):
        if name in names or name in ids:
            found.append(f"R2A-CHECK-{name}" if name in names else name)
            continue
        hint = nearest(name, [*names, *ids])
        problems.append(mistake(spec, "unless", f"there is no check and no rule '{name}'", hint, position))
    return tuple(found), problems

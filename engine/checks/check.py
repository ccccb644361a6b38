"""Static checks of a planned study: every name a rule reads exists, every condition parses and fits its types.

Without the raw headers any name may be a column of a raw source; with them, every name is checked at its line. Not for
finding which names a rule can read: known_names.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ...errors import Place, SpecProblem, nearest
from ...mappings.binding.bind import SpecModel, expression_place, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.record_step import StepRead
from ...mappings.models.row_block import JoinSpec, UnpivotItem
from ..building.continuity import continuity_problems
from ..derivations.from_other_records import FromTable
from ..plan.plan import PlannedDataset, PlannedStudy
from ..subjects.identity import name_problems as identifier_problems
from .above_check import above_problems
from .circles import circle_problems
from .comparison_check import comparison_problems
from .date_units import contradicted, mixed_units, units_of
from .document_check import document_problems
from .known_names import Names, StudyNames, Unreadable
from .name_check import source_name_problems, taken_name_problems
from .order_check import order_problems
from .table_bounds_check import table_bounds_problems
from .table_key_check import table_key_problems
from .unwritten import unwritten_problems

#: the fields whose expression is no condition: a formula, or '' for either, as in cases:
_OTHER: dict[str, Literal["formula", ""]] = {"compute": "formula", "computed": "formula", "cases": ""}


@dataclass(frozen=True)
class _Rule:
    """The place of a rule or block in the plan: the names that it can read, its dataset and variable."""

    names: Names
    dataset: str
    variable: str = ""

    def reading(self, names: Names) -> _Rule:
        """The same with other names, as of another table."""
        return replace(self, names=names)

    def problem(
        self,
        place: Place,
        message: str,
        *,
        hint: str = "",
        severity: str = "error",
        about: frozenset[str] = frozenset(),
    ) -> SpecProblem:
        return SpecProblem(
            place=place,
            message=message,
            dataset=self.dataset,
            variable=self.variable,
            hint=hint,
            severity=severity,
            refers_to=about,
        )


def check_study(
    plan: PlannedStudy,
    headers: Mapping[str, list[str]] | None = None,
    unreadable: Unreadable | None = None,
    *,
    headers_follow: bool = False,
) -> list[SpecProblem]:
    """The problems of names and conditions. ``headers``: source -> column names, if the raw data are there.

    A plan is checked without headers first. With them, what they cannot change is not checked again.
    ``headers_follow``: the raw data will be checked later, and a raw column may have a name as AE.TERM.
    """
    problems: list[SpecProblem] = continuity_problems(plan.spec, headers)
    problems += identifier_problems(plan.spec, headers or {})
    problems += source_name_problems(plan) if headers is None else taken_name_problems(plan, headers)
    problems += circle_problems(plan, headers or {})
    problems += _problems_of_plan(plan) if headers is None else []
    problems += _visit_date_problems(plan, headers or {})
    problems += _country_problems(plan, headers or {})
    problems += document_problems(plan, headers or {})
    study = StudyNames(plan, headers, unreadable or {})
    for dataset in plan.datasets.values():
        for number in range(len(dataset.spec.blocks)):
            names = Names(study, dataset, number)
            names.headers_follow = headers_follow
            problems += _block_problems(dataset, number, names)
            for variable in dataset.every.values():
                rule = variable.rule_in(number)
                if rule is not None:
                    problems += _rule_problems(rule, _Rule(names, dataset.name, variable.name))
    return list(dict.fromkeys(problems))


def _problems_of_plan(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """What is wrong with any raw data."""
    yield from above_problems(plan)
    yield from order_problems(plan)
    yield from table_key_problems(plan)
    yield from table_bounds_problems(plan)
    yield from comparison_problems(plan)
    yield from unwritten_problems(plan)


def _visit_date_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> Iterator[SpecProblem]:
    for spec in plan.spec.visit_dates:
        known = headers.get(spec.source)
        for field in ("visit", "date"):
            name = getattr(spec, field)
            if known is not None and name not in known:
                message = f"{spec.source} has no column '{name}'"
                about = frozenset({spec.source, name})
                yield SpecProblem(place_of(spec, field), message, hint=nearest(name, known), refers_to=about)


def _country_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> Iterator[SpecProblem]:
    spec = plan.spec.subject
    source, dot, column = (spec.country or "").partition(".")
    if spec.country is None:
        return
    if not dot or source not in plan.spec.sources:
        hint = nearest(source, list(plan.spec.sources))
        message = f"'{spec.country}' is not source.COLUMN with a source of this study"
        yield SpecProblem(place_of(spec, "country"), message, hint=hint, refers_to=frozenset({source, spec.country}))
    elif source in headers and column not in headers[source]:
        message = f"{source} has no column '{column}'"
        about = frozenset({source, column})
        yield SpecProblem(place_of(spec, "country"), message, hint=nearest(column, headers[source]), refers_to=about)


def _block_problems(dataset: PlannedDataset, number: int, names: Names) -> Iterator[SpecProblem]:
    block, here = dataset.spec.blocks[number], _Rule(names, dataset.name)
    if block.where is not None:
        yield from _condition_problems(block, "where", block.where, here)
    for columns in block.exploded.values():
        for column in columns:
            yield from _name_problems(block, "explode", column, here)
    for item in block.unpivot.values():
        yield from _name_problems(item, "result", item.result, here)
        raw = names.study.columns(block.source) if block.source in names.tables else {}
        yield from _constant_problems(item, raw, here)
    for name, rule in block.columns.items():
        yield from _rule_problems(rule, replace(here, variable=name))
    for join in block.joins:
        yield from _join_problems(join, here)
    for step in block.steps:
        for field, name in step.reads():
            yield from _name_problems(step, field, name, here)
        for field, text in step.conditions():
            yield from _condition_problems(step, field, text, here)
        for read in step.parts():
            yield from _part_problems(read, here)


def _constant_problems(item: UnpivotItem, raw: Mapping[str, str], here: _Rule) -> Iterator[SpecProblem]:
    """Constant texts of an item that equal the name of a raw column: its cells may be meant. ``raw``: the columns."""
    texts = [("columns", text) for text in item.columns.values()]
    if isinstance(item.unit, str):
        texts.append(("unit", item.unit))
    for field, text in ((f, t) for f, t in texts if t in raw):
        message = f"'{text}' is the text itself here, and the raw file has a column of this name"
        hint = f"write {{from: {text}}} for its cells" if field == "unit" else "columns: of the block reads its cells"
        yield here.problem(place_of(item, field), message, hint=hint, severity="warning")


def _join_problems(join: JoinSpec, here: _Rule) -> Iterator[SpecProblem]:
    """Keys of both sides, order and condition of a join."""
    if join.table not in here.names.tables:
        return  # there is no such table; the loader reports it
    of_table = here.reading(here.names.of_table(join.table))
    yield from _key_problems(join, join.on, join.table, here)
    yield from _column_problems(join, "order", [n.lstrip("-") for n in join.order], join.table, of_table)
    if join.where is not None:
        yield from _condition_problems(join, "where", join.where, of_table)


def _table_problems(rule: FromTable, here: _Rule) -> Iterator[SpecProblem]:
    """Problems of a rule that takes values of another table: the name, columns, keys and order of that table."""
    names = here.names
    table, _, column = rule.target_column().partition(".")
    if table not in names.tables:
        if table not in names.absent and not column:  # a name with a column is reported with what the rule reads
            hint = nearest(table, list(names.tables))
            message = f"there is no dataset or source '{table}'"
            yield here.problem(place_of(rule, rule.verb), message, hint=hint, about=frozenset({table}))
        return
    of_table = here.reading(names.of_table(table))
    yield from _key_problems(rule, rule.on, table, here)
    for field in ("order", "distinct"):
        listed = getattr(rule, field, None) or ()
        listed = [n.lstrip("-") for n in ((listed,) if isinstance(listed, str) else listed)]
        yield from _column_problems(rule, field, listed, table, of_table)
    for owner, field, name in rule.columns_of_table():
        yield from _column_problems(owner, field, [name], table, of_table)
    if rule.where is not None:
        yield from _condition_problems(rule, "where", rule.where, of_table)


def _key_problems(
    owner: SpecModel, on: Sequence[str] | Mapping[str, str], table: str, here: _Rule
) -> Iterator[SpecProblem]:
    pairs = list(on.items()) if isinstance(on, Mapping) else [(n, n) for n in on]
    of_table = here.reading(here.names.of_table(table))
    for name, other in pairs:
        if name == "USUBJID" and other == "USUBJID":
            continue
        found = list(_name_problems(owner, "on", name, here)) if name != "USUBJID" else []
        yield from found
        if not (found and name == other):  # one mistake, one message
            yield from _column_problems(owner, "on", [other], table, of_table)


def _column_problems(
    owner: SpecModel, field: str, columns: Iterable[str], table: str, here: _Rule
) -> Iterator[SpecProblem]:
    """Columns that another table does not have. ``here`` reads the names of that table."""
    for name in columns:
        if name not in here.names.types and not here.names.open:
            hint = nearest(name, [n for n in here.names.types if "." not in n])
            message = f"{table} has no column '{name}'"
            about = frozenset({table, name})
            yield here.problem(place_of(owner, field), message, hint=hint, about=about)


def _part_problems(read: StepRead, here: _Rule) -> Iterator[SpecProblem]:
    names = here.names
    if read.table and read.table not in names.tables:
        message = f"there is no dataset '{read.table}'"
        hint, about = nearest(read.table, sorted(names.datasets)), frozenset({read.table})
        yield here.problem(place_of(read.owner, "from_"), message, hint=hint, about=about)
    elif read.condition:
        yield from _condition_problems(read.owner, read.field, read.text, here.reading(names.of_step(read)))
    elif read.table and read.text not in names.study.columns(read.table) and read.table not in names.absent:
        message = f"{read.table} has no column '{read.text}'"
        hint = nearest(read.text, list(names.study.columns(read.table)))
        about = frozenset({read.table, read.text})
        yield here.problem(place_of(read.owner, read.field), message, hint=hint, about=about)
    elif not read.table:
        yield from _name_problems(read.owner, read.field, read.text, here.reading(names.of_step(read)))


def _rule_problems(rule: DerivationSpec, here: _Rule) -> Iterator[SpecProblem]:
    """Problems of the names and conditions of one rule."""
    for field, name in rule.reads():
        yield from _name_problems(rule, field, name, here)
    of_records = here.reading(here.names.of_dataset(here.dataset)) if getattr(rule, "whole", False) else here
    for field, text in rule.conditions():
        yield from _condition_problems(rule, field, text, of_records)
    for owner, field, text, table in rule.table_conditions():
        if table in here.names.tables:
            yield from _condition_problems(owner, field, text, here.reading(here.names.of_table(table)))
    if isinstance(rule, FromTable):
        yield from _table_problems(rule, here)
    types = of_records.names.types
    wrong = contradicted(rule, here.variable, units_of(types)) if types.get(here.variable) == "number" else None
    if wrong is not None:
        yield here.problem(place_of(rule, rule.verb), wrong[0], hint=wrong[1])


def _name_problems(owner: SpecModel, field: str, name: str, here: _Rule) -> Iterator[SpecProblem]:
    names = here.names
    if name in names.types or name.endswith("."):
        return
    prefix, dot, _ = name.partition(".")
    if prefix in names.absent or (names.open and (names.headers_follow or not (dot and prefix in names.datasets))):
        return  # may be a column of a raw source without a known header
    hint = nearest(name, list(names.types))
    message = f"there is no column or variable '{name}' here"
    if reason := names.reason_for_absence(name):
        message, hint = f"{message}: {reason}", ""
    place = place_of(owner, field)
    if not place.file:  # a rule of a convention, which no spec has
        place, hint = names.place, f"{here.variable} comes by convention; {here.variable}: null removes it"
    elif field in type(owner).model_fields and field not in owner.model_fields_set:
        hint = f"{field}: names it by default; write {field}: with other names"
    yield here.problem(place, message, hint=hint, about=_parts(name))


def _parts(name: str) -> frozenset[str]:
    """A name, and the table and column that it consists of."""
    table, _, column = name.partition(".")
    return frozenset({name, table, column} - {""})


def _condition_problems(owner: SpecModel, field: str, text: str, here: _Rule) -> Iterator[SpecProblem]:
    names = here.names
    try:
        expression = parse(text)
    except ExpressionError as error:
        yield here.problem(_expression_place(owner, field, error.offset), error.message, hint=error.hint)
        return
    unknown = {n for n in expression.names if n not in names.types}
    if unknown and (names.open or any(n.partition(".")[0] in names.absent for n in unknown)):
        return
    for name in sorted(unknown):
        if reason := names.reason_for_absence(name):
            place = _expression_place(owner, field, max(text.find(name), 0))
            message = f"there is no column or variable '{name}' here: {reason}"
            yield here.problem(place, message, about=_parts(name))
            return
    for problem in expression.check(names.types, _wanted(field), names.never_missing)[1]:
        place = _expression_place(owner, field, problem.offset)
        about = frozenset().union(*map(_parts, problem.names))
        yield here.problem(place, problem.message, hint=problem.hint, severity=problem.severity, about=about)
    for offset, message, hint in mixed_units(text, units_of(names.types)):
        yield here.problem(_expression_place(owner, field, offset), message, hint=hint)


def _wanted(field: str) -> Literal["condition", "formula"] | None:
    return _OTHER.get(field, "condition") or None


def _expression_place(owner: SpecModel, field: str, offset: int) -> Place:
    try:
        return expression_place(owner, field, offset)
    except (KeyError, TypeError, ValueError):
        return place_of(owner, field)

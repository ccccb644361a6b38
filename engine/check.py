"""Static checks of a planned study: every name a rule reads exists, every condition parses and fits its types.

Without the raw headers the columns of raw sources are taken on trust; with them, every name is checked at its line.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping

from ..errors import SpecProblem, nearest
from ..mappings.binding import SpecModel, expression_place, place_of
from ..mappings.expression import ExpressionError, parse
from ..mappings.rule import Rule
from ..mappings.steps import StepRead
from .continuity import continuity_problems
from .identity import name_problems as identifier_problems
from .name_check import source_name_problems, taken_name_problems
from .plan import PlannedDataset, PlannedStudy

IDENTITY = ("USUBJID", "SUBJID", "SITEID", "STUDYID")
MADE = ("ITEM", "RESULT", "UNIT")


class Names:
    """The names that rules of one block can read: name -> 'text' | 'number'.

    ``open``: raw columns are not known, any name may be one; ``absent``: sources whose header is not at hand.
    """

    def __init__(
        self, plan: PlannedStudy, dataset: PlannedDataset, number: int, headers: Mapping[str, list[str]] | None
    ):
        self.open = False
        self.absent: set[str] = set()
        known = plan.known_to(dataset.kind)
        self.datasets = set(known)
        self.types: dict[str, str] = {}
        own = {n: _type(v.is_numeric) for n, v in dataset.every.items()}
        block = dataset.file.blocks[number]
        self.types |= {f"{dataset.name}.{n}": t for n, t in own.items()}
        for join in reversed(block.joins):
            self._add(plan, join.table, headers, bare=True, name=join.name)
        self.types |= own
        self._add(plan, block.table, headers, bare=True)
        for name in [
            *block.explode,
            *block.each,
            *(key for record in block.records for key in record),
            *(MADE if block.unpivot else ()),
            *(("ITEM",) if block.explode else ()),
        ]:
            self.types[name] = "text"
        for item in block.unpivot.values():
            self.types |= dict.fromkeys(item.columns, "text")
        self.types |= {n: _type(r.type in ("integer", "float")) for n, r in block.columns.items()}
        #: what the step can read: the rows as they are before it, no variable of the dataset itself
        theirs = known[block.table].every if block.table in known else {}
        self.before = {n: t for n, t in self.types.items() if n not in own or n in theirs}
        if block.derive is not None:
            self.types |= {n: _type(c.type != "text") for n, c in block.derive.columns().items()}
        #: dataset or source -> its own columns
        self.tables: dict[str, dict[str, str]] = {dataset.name: own}
        for name in [*known, *plan.file.sources]:
            if name != dataset.name:
                self._add(plan, name, headers, bare=False)

    def of_step(self, read: StepRead) -> Names:
        """The names that a part of the block's step can read."""
        found = copy.copy(self)
        bare = self.tables.get(read.table, {}) if read.table else self.before
        qualified = {n: t for n, t in self.types.items() if "." in n}
        found.types = {**qualified, **read.made, **bare} if read.table else {**qualified, **bare, **read.made}
        found.open = read.table in self.absent
        return found

    def _add(
        self,
        plan: PlannedStudy,
        table: str,
        headers: Mapping[str, list[str]] | None,
        *,
        bare: bool,
        name: str = "",
    ) -> None:
        """``bare``: its columns are there without its name too; ``name``: what they begin with, if not the table."""
        planned = plan.datasets.get(table) or (plan.inputs.get(table) if table in self.datasets else None)
        if planned is not None:
            columns = {n: _type(v.is_numeric) for n, v in planned.every.items()}
        elif table in plan.file.sources:
            if headers is None or table not in headers:
                # no raw data yet, or an optional source that is not in this data cut
                self.open |= bare or headers is None
                self.absent |= {table, name or table}
            columns = dict.fromkeys((headers or {}).get(table, []), "text")
            columns |= dict.fromkeys(IDENTITY, "text")
        else:
            return
        if bare:
            self.types |= columns
        else:
            self.tables[table] = columns
        self.types |= {f"{name or table}.{n}": t for n, t in columns.items()}


def _type(numeric: bool) -> str:
    return "number" if numeric else "text"


def check_study(plan: PlannedStudy, headers: Mapping[str, list[str]] | None = None) -> list[SpecProblem]:
    """All problems of names and conditions. ``headers``: source -> column names, when the raw data are at hand."""
    problems: list[SpecProblem] = continuity_problems(plan.file, headers)
    problems += identifier_problems(plan.file, headers or {})
    problems += source_name_problems(plan) if headers is None else taken_name_problems(plan, headers)
    problems += _visit_date_problems(plan, headers or {})
    problems += _country_problems(plan, headers or {})
    for dataset in plan.datasets.values():
        for number in range(len(dataset.file.blocks)):
            names = Names(plan, dataset, number, headers)
            problems += _block_problems(dataset, number, names)
            for variable in dataset.every.values():
                rule = variable.rule_in(number)
                if rule is not None:
                    problems += rule_names(rule, names, dataset.name, variable.name)
    return list({str(p): p for p in problems}.values())


def _visit_date_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> Iterator[SpecProblem]:
    for spec in plan.file.visit_dates:
        known = headers.get(spec.source)
        for field in ("visit", "date"):
            name = getattr(spec, field)
            if known is not None and name not in known:
                message = f"{spec.source} has no column '{name}'"
                yield SpecProblem(place_of(spec, field), message, hint=nearest(name, known))


def _country_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> Iterator[SpecProblem]:
    spec = plan.file.subject
    source, dot, column = (spec.country or "").partition(".")
    if spec.country is None:
        return
    if not dot or source not in plan.file.sources:
        hint = nearest(source, list(plan.file.sources))
        message = f"'{spec.country}' is not source.COLUMN with a source of this study"
        yield SpecProblem(place_of(spec, "country"), message, hint=hint)
    elif source in headers and column not in headers[source]:
        message = f"{source} has no column '{column}'"
        yield SpecProblem(place_of(spec, "country"), message, hint=nearest(column, headers[source]))


def _block_problems(dataset: PlannedDataset, number: int, names: Names) -> Iterator[SpecProblem]:
    block = dataset.file.blocks[number]
    if block.where is not None:
        yield from condition_problems(block, "where", block.where, names, dataset.name, "")
    for columns in block.exploded.values():
        for column in columns:
            yield from name_problems(block, "explode", column, names, dataset.name, "")
    for item in block.unpivot.values():
        yield from name_problems(item, "result", item.result, names, dataset.name, "")
    for name, rule in block.columns.items():
        yield from rule_names(rule, names, dataset.name, name)
    if (step := block.derive) is not None:
        for field, name in step.reads():
            yield from name_problems(step, field, name, names, dataset.name, "")
        for field, text in step.conditions():
            yield from condition_problems(step, field, text, names, dataset.name, "")
        for read in step.parts():
            yield from _part_problems(read, names, dataset.name)


def _part_problems(read: StepRead, names: Names, dataset: str) -> Iterator[SpecProblem]:
    if read.table and read.table not in names.tables:
        message = f"there is no dataset '{read.table}'"
        yield SpecProblem(
            place_of(read.owner, "from_"), message, dataset, "", nearest(read.table, sorted(names.datasets))
        )
    elif read.condition:
        yield from condition_problems(read.owner, read.field, read.text, names.of_step(read), dataset, "")
    elif read.table and read.text not in names.tables[read.table] and read.table not in names.absent:
        message = f"{read.table} has no column '{read.text}'"
        hint = nearest(read.text, list(names.tables[read.table]))
        yield SpecProblem(place_of(read.owner, read.field), message, dataset, "", hint)
    elif not read.table:
        yield from name_problems(read.owner, read.field, read.text, names.of_step(read), dataset, "")


def rule_names(rule: Rule, names: Names, dataset: str, variable: str) -> Iterator[SpecProblem]:
    """Names and conditions of one rule."""
    for field, name in rule.reads():
        yield from name_problems(rule, field, name, names, dataset, variable)
    for field, text in rule.conditions():
        if field == "where" or getattr(rule, "whole", False):
            continue  # read over other records: checked where it runs
        yield from condition_problems(rule, field, text, names, dataset, variable)


def name_problems(
    owner: SpecModel, field: str, name: str, names: Names, dataset: str, variable: str
) -> Iterator[SpecProblem]:
    if name in names.types or name.endswith("."):
        return
    prefix, dot, _ = name.partition(".")
    if prefix in names.absent or (names.open and not (dot and prefix in names.datasets)):
        return  # may be a column of a raw source whose header is not at hand
    hint = nearest(name, list(names.types))
    yield SpecProblem(place_of(owner, field), f"there is no column or variable '{name}' here", dataset, variable, hint)


def condition_problems(
    owner: SpecModel, field: str, text: str, names: Names, dataset: str, variable: str
) -> Iterator[SpecProblem]:
    try:
        expression = parse(text)
    except ExpressionError as error:
        yield SpecProblem(_expression_place(owner, field, error.offset), error.message, dataset, variable, error.hint)
        return
    unknown = {n for n in expression.names if n not in names.types}
    if unknown and (names.open or any(n.partition(".")[0] in names.absent for n in unknown)):
        return
    for problem in expression.check(names.types)[1]:
        place = _expression_place(owner, field, problem.offset)
        yield SpecProblem(place, problem.message, dataset, variable, problem.hint, problem.severity)


def _expression_place(owner: SpecModel, field: str, offset: int):
    try:
        return expression_place(owner, field, offset)
    except (KeyError, TypeError, ValueError):
        return place_of(owner, field)

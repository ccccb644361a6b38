"""Conditions with an impossible text: no term, map, constant or test code of the specs and no raw cell has it.

Such a condition is true for no record, and with != for all. Not for names and types (engine/checks/check.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..engine.derivations.from_other_records import FromTable
from ..engine.plan.plan import PlannedDataset
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import expression_place
from ..mappings.binding.spec_model import SpecModel
from ..mappings.binding.written_expressions import Written, written_expressions
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.expressions.tree import Call, Compare, In, Junction, Literal, Name, Node
from ..mappings.expressions.words import source_text
from ..mappings.models.derivation import DerivationSpec
from .known_texts import KnownTexts
from .texts import CHANGES, OPEN, Texts, together

#: name in a condition -> the texts of its column there
Scope = Callable[[str], "Texts | None"]
#: fields of a block whose rules are checked one by one
_RULES_OF_BLOCK = ("variables", "supplemental", "working", "columns", "join", "derive")
#: functions that search a text in another one
_LOOKS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}
#: texts that a message lists
SHOWN = 8


@dataclass(frozen=True)
class Asked:
    """A condition or formula, and the texts of its names."""

    written: Written
    scope: Scope
    dataset: str = ""
    variable: str = ""


@dataclass(frozen=True)
class Never:
    """An impossible text in a condition."""

    problem: SpecProblem
    text: str
    slip: bool = False  # it is similar to a possible text


def never_filled(known: KnownTexts, asked: Iterator[Asked] | None = None) -> list[Never]:
    """Every text in the study's conditions that the columns can never contain, by place."""
    found: dict[str, Never] = {}
    for one in asked if asked is not None else study_conditions(known):
        for never in _in_condition(one):
            found.setdefault(str(never.problem), never)
    return list(found.values())


def study_conditions(known: KnownTexts) -> Iterator[Asked]:
    """The conditions and formulas of all datasets, and those of study.yaml that read one source or dataset."""
    file = known.plan.spec
    for epoch in file.epochs.values():
        if epoch.reached is not None:
            yield from _written(epoch.reached, of_table(known, epoch.reached.from_))
    for spec in file.visit_dates:
        yield from _written(spec, of_table(known, spec.source))
    if file.subject.continues is not None:
        yield from _written(file.subject.continues, of_table(known, file.subject.continues.source))
    for name, source in file.sources.items():
        for field in ("required", "empty"):
            for column, text in getattr(source, field).items():
                if text.strip():
                    yield Asked(Written(source, field, (column,), text), of_table(known, name))
    for dataset in known.plan.datasets.values():
        yield from _of_dataset(known, dataset)


def _of_dataset(known: KnownTexts, dataset: PlannedDataset) -> Iterator[Asked]:
    blocks = dataset.spec.blocks
    for number, block in enumerate(blocks):
        scope = _of_blocks(known, dataset, (number,))
        yield from _written(block, scope, dataset.name, "", _RULES_OF_BLOCK)
        for join in block.joins:
            yield from _written(join, of_table(known, join.table), dataset.name)
        for name, rule in block.columns.items():
            yield from _of_rule(known, rule, dataset, name, (number,))
        for step in block.steps:
            for field, text in step.conditions():
                yield Asked(Written(step, field, (), text), scope, dataset.name)
            for read in step.parts():
                if read.condition:
                    theirs = of_table(known, read.table) if read.table else scope
                    written = Written(read.owner, read.field, (), read.text)
                    yield Asked(written, but(theirs, frozenset(read.further)), dataset.name)
    for name, variable in dataset.every.items():
        for rule in variable.rules:
            mine = tuple(b for b in range(len(blocks)) if variable.rule_in(b) is rule)
            yield from _of_rule(known, rule, dataset, name, mine)


def _of_rule(
    known: KnownTexts, rule: DerivationSpec, dataset: PlannedDataset, name: str, blocks: tuple[int, ...]
) -> Iterator[Asked]:
    scope = of_dataset(known, dataset) if getattr(rule, "whole", False) else _of_blocks(known, dataset, blocks)
    taken: tuple[str, ...] = ("step",)  # the block has the step of a variable that the step derives
    of_tables = list(rule.table_conditions())
    if of_tables:
        taken = (rule.verb,)
        for owner, field, text, table in of_tables:
            yield Asked(Written(owner, field, (), text), of_table(known, table), dataset.name, name)
    if isinstance(rule, FromTable):
        taken = ("where",)
        if rule.where is not None:
            table = rule.target_column().partition(".")[0]
            yield Asked(Written(rule, "where", (), rule.where), of_table(known, table), dataset.name, name)
    yield from _written(rule, scope, dataset.name, name, taken)


def _written(
    model: SpecModel, scope: Scope, dataset: str = "", variable: str = "", without: tuple[str, ...] = ()
) -> Iterator[Asked]:
    for written in written_expressions(model, without):
        yield Asked(written, scope, dataset, variable)


# texts of names


def _of_blocks(known: KnownTexts, dataset: PlannedDataset, blocks: tuple[int, ...]) -> Scope:
    return lambda name: together(known.column(name, dataset, b) for b in blocks)


def of_dataset(known: KnownTexts, dataset: PlannedDataset) -> Scope:
    """Names of a rule over all records of a dataset, or of a check of it."""
    return of_table(known, dataset.name)


def of_table(known: KnownTexts, table: str) -> Scope:
    """Names of a condition on the rows of a source or dataset."""

    def texts(name: str) -> Texts | None:
        column = name.removeprefix(f"{table}.")
        prefix, dot, rest = column.partition(".")
        if dot:
            return known.table(prefix, rest)
        return known.bare(table, column) if column == name else known.table(table, column)

    return texts


def but(scope: Scope, opened: frozenset[str]) -> Scope:
    """The same scope, in which the names ``opened`` may have any text."""
    return lambda name: OPEN if name in opened else scope(name)


# texts in conditions


def _in_condition(asked: Asked) -> Iterator[Never]:
    try:
        root = parse(asked.written.text).root
    except ExpressionError:
        return
    yield from _in_part(asked, root)


def _in_part(asked: Asked, node: Node) -> list[Never]:
    """The impossible texts in a part of a condition.

    A side of an ``or`` may be written for another export or for existing SDTM. So if another side is possible, only a
    text that is similar to a possible one counts.
    """
    parts = [_in_part(asked, child) for child in node.children]
    found = [never for part in parts for never in part]
    if isinstance(node, Junction) and node.word == "or" and not all(parts):
        return [never for never in found if never.slip]
    return [*found, *_in_comparison(asked, node)]


def _in_comparison(asked: Asked, node: Node) -> Iterator[Never]:
    if isinstance(node, In):
        pairs = [(node.operand, v) for v in node.values]
    elif isinstance(node, Compare) and node.operator in ("==", "!="):
        pairs = [(node.left, node.right), (node.right, node.left)]
    elif isinstance(node, Call) and node.function in _LOOKS:
        pairs = [(node.arguments[0], node.arguments[1])]
    else:
        return
    test = _LOOKS.get(node.function) if isinstance(node, Call) else None
    listed = [str(v.value) for v in node.values] if isinstance(node, In) else []
    for operand, literal in pairs:
        if isinstance(literal, Literal) and isinstance(literal.value, str) and literal.value.strip():
            texts = _texts(operand, asked.scope)
            if texts is None or _possible(texts, literal.value, test) or (test is not None and texts.seen):
                continue
            if not _careful(texts, literal.value, listed):
                yield _never(asked, operand, literal, texts, test is not None)


def _texts(node: Node, scope: Scope) -> Texts | None:
    if isinstance(node, Name):
        return scope(node.name)
    if isinstance(node, Call) and node.function in CHANGES and isinstance(node.arguments[0], Name):
        inner = scope(node.arguments[0].name)
        return inner.mapped(CHANGES[node.function]) if inner is not None else OPEN
    return OPEN


def _possible(texts: Texts, value: str, test: Callable[[str, str], bool] | None) -> bool:
    return texts.holds(value) if test is None else texts.any(lambda text: test(text, value))


def _careful(texts: Texts, value: str, listed: list[str]) -> bool:
    """Whether a text in a list is a precaution: others of the list are possible, and it is not similar to one."""
    if not any(texts.holds(t) for t in listed):
        return False
    return not nearest(value, sorted(texts.values - set(listed)))


def _never(asked: Asked, operand: Node, literal: Literal, texts: Texts, part: bool) -> Never:
    value = str(literal.value)
    filled = sorted(t for t in texts.values if t.strip())
    listed = ", ".join(repr(t) for t in filled[:SHOWN]) + (f" and {len(filled) - SHOWN} more" if filled[SHOWN:] else "")
    near = nearest(value, filled)
    hint = near or (f"it can be {listed}" if filled else "it is always missing")
    finding = (
        f"no text of {source_text(operand)} has {value!r} in it"
        if part
        else f"{source_text(operand)} is never {value!r}"
    )
    written = asked.written
    place = expression_place(written.owner, written.field, literal.offset, *written.path)
    message = f"{finding}: neither the specs nor the data can contain it"
    severity = "warning"
    if texts.seen and not near:  # it may be rare
        message, severity = f"{finding} in this export", "note"
        hint = f"{hint}; if another export may contain it, list it under codes: of the source"
    return Never(SpecProblem(place, message, asked.dataset, asked.variable, hint, severity), value, bool(near))

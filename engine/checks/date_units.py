"""Finds dates and datetimes that a spec takes for one another: the one counts days, the other seconds.

No data are needed. A name that ends in DTM holds seconds, one that ends in DT days (ADaMIG 1.3). Not for types and
names of expressions (check.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.expressions.tree import Arithmetic, Between, Call, Compare, Name, Node, walk
from ...mappings.models.derivation import DerivationSpec
from ..columns.moments import unit_of
from ..derivations.derivation import Derivation

#: name -> the unit of a numeric date, '' for another name
UnitOf = Callable[[str], str]
_FORMULAS = ("compute", "cases")
#: functions that give one of their arguments, from the position of the first one
_ONE_OF = {"min": 0, "max": 0, "coalesce": 0, "if": 1}
_DAY = "write floor({0} / 86400), which is its day, or derive the day by analysis_date: {0}"


def units_of(types: Mapping[str, str]) -> UnitOf:
    """``types``: name -> 'text' or 'number'."""

    def unit(name: str) -> str:
        dated = name.upper().endswith(("DT", "DTM")) and types.get(name) == "number"
        return unit_of(name) if dated else ""

    return unit


def mixed_units(text: str, unit: UnitOf) -> Iterator[tuple[int, str, str]]:
    """(offset, message, hint) of each comparison, difference or choice between days and seconds."""
    try:
        root = parse(text).root
    except ExpressionError:
        return  # check.py reports it
    for node, _ in walk(root):
        sides = [(side, _unit(side, unit)) for side in _together(node)]
        days = [s for s, u in sides if u == "days"]
        seconds = [s for s, u in sides if u == "seconds"]
        if days and seconds:
            names = [_named(side, unit) for side in (days[0], seconds[0])]
            message = f"{names[0]} counts days, and {names[1]} seconds"
            yield sides[0][0].offset, message, _DAY.format(names[1])


def contradicted(rule: DerivationSpec, variable: str, unit: UnitOf) -> tuple[str, str] | None:
    """(message, hint) where the rule of a numeric variable gives another unit than its name states."""
    if not variable.upper().endswith(("DT", "DTM")):
        return None
    stated, counted, name = unit_of(variable), *_unit_of_rule(rule, unit)
    if not counted or counted == stated:
        return None
    holds = f"{variable} counts {stated}, as its name ends in {'DTM' if stated == 'seconds' else 'DT'}"
    if counted == "days":
        hint = f"name it {variable[:-1]}, or derive a datetime by impute: with time:"
    else:
        hint = f"analysis_date: gives the day of {name}" if name else f"remove time:, or name it {variable}M"
    return f"{holds}, and {name or 'the rule'} {'holds' if name else 'gives'} {counted}", hint


def _unit_of_rule(rule: DerivationSpec, unit: UnitOf) -> tuple[str, str]:
    """(the unit of the numbers that a rule gives, the name that it copies); '' where neither is known."""
    if isinstance(rule, Derivation) and (stated_by_rule := rule.date_unit()):
        return stated_by_rule, ""
    formulas = [text for field, text in rule.conditions() if field in _FORMULAS]
    for text in formulas:
        try:
            root = parse(text).root
        except ExpressionError:
            continue
        if found := _unit(root, unit):
            return found, _named(root, unit)
    if formulas and rule.verb != "cases":
        return "", ""  # a formula that converts, as DT * 86400, copies no date
    copied: list[str] = []
    if not formulas:
        rule.copies_number(lambda name: copied.append(name) is None)
    elif rule.verb == "cases":
        copied = [name for _, name in rule.reads()]
    if getattr(rule, "of", "") in ("min", "max"):
        copied = [name for field, name in rule.reads() if field == rule.verb]
    return next(((unit(name), name) for name in copied if unit(name)), ("", ""))


def _together(node: Node) -> tuple[Node, ...]:
    """The parts of a node that need one unit."""
    if isinstance(node, Compare | Between) or (isinstance(node, Arithmetic) and node.rest[0][0] in "+-"):
        return node.children
    return node.arguments[_ONE_OF[node.function] :] if isinstance(node, Call) and node.function in _ONE_OF else ()


def _unit(node: Node, unit: UnitOf) -> str:
    """The unit of the dates that a part of an expression gives, '' where it gives none or is not known."""
    if isinstance(node, Name):
        return unit(node.name)
    if isinstance(node, Arithmetic) and node.rest[0][0] in "+-":
        dated = [found for part in node.children if (found := _unit(part, unit))]
        return dated[0] if len(dated) == 1 else ""  # the difference of two is a length of time
    if isinstance(node, Call) and node.function in _ONE_OF:
        return next((found for part in _together(node) if (found := _unit(part, unit))), "")
    return ""


def _named(node: Node, unit: UnitOf) -> str:
    return next(part.name for part, _ in walk(node) if isinstance(part, Name) and unit(part.name))

"""The formal expressions of methods: SAS and R of a rule that reads only variables of its dataset.

Not for the listing of a dataset, which has the code of every rule (listing.py).
"""

from __future__ import annotations

from ..engine.derivations.derivation import derivation
from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.models.derivation import DerivationSpec
from .listing import rule_names
from .rules import rule_code

SAS, R = "SAS 9.4", "R (dplyr)"
#: rules that compute a value of other values of the record
_VERBS = frozenset({"compute", "cases", "cut"})


def formal_expressions(plan: PlannedStudy, planned: PlannedDataset) -> dict[str, tuple[tuple[str, str], ...]]:
    """Variable -> (context, code) of its one rule; a variable with other rules in some blocks has none.

    What a spec states comes first. Of tabulations there is nothing else: their rules read raw data.
    """
    names = rule_names(plan, planned)
    found = {}
    for name, variable in planned.variables.items():
        rules = variable.rules
        if stated := {context: code for rule in rules for context, code in rule.formal.items()}:
            found[name] = tuple(stated.items())
            continue
        if (
            planned.tabulated
            or len(rules) != 1
            or rules[0].method is not None
            or not _of_record(rules[0], planned, variable)
        ):
            continue
        code = rule_code(rules[0], variable, planned.name, names)
        lines = ((SAS, code.sas), (R, code.r))
        if not code.merged and all(text for _, text in lines):
            found[name] = tuple((context, "\n".join(text)) for context, text in lines)
    return found


def _of_record(rule: DerivationSpec, planned: PlannedDataset, variable: PlannedVariable) -> bool:
    """Whether a rule reads nothing but other variables of its dataset."""
    if rule.verb not in _VERBS:
        return False
    try:
        conditions = [n for _, text in derivation(rule).conditions() for n in parse(text).names]
    except ExpressionError:
        return False
    names = {*(n for _, n in rule.reads()), *conditions}
    return bool(names) and names <= planned.variables.keys() - {variable.name}

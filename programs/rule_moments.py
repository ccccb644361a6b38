"""Whether a rule gives a date, a datetime or a time, and how R and SAS read the text of one.

Not for writing rules (rules.py, record_rules.py)."""

from __future__ import annotations

from ..adam.dates.analysis_date import AnalysisDate
from ..engine.derivations.assign import Compute, From
from ..engine.derivations.cases import Cases
from ..engine.derivations.from_other_records import First, Last
from ..engine.derivations.lookup import Lookup
from ..mappings.expressions.expression import parse
from ..mappings.models.derivation import DerivationSpec
from .language import Names
from .r import R

R_DATE = 'as.Date({}, "%Y-%m-%d")'
SAS_DATE = "input(substrn({}, 1, 10), ?? e8601da10.)"


def moment_of_rule(rule: DerivationSpec, names: Names) -> str:
    """date, datetime or time where the rule of a variable without a format gives R such a value, else ''."""
    if isinstance(rule, AnalysisDate):
        return "date"
    if isinstance(rule, First | Last | Lookup):
        return "date" if rule.as_ else names.of(rule.table_and_column()[0]).moment(rule.table_and_column()[1])
    kinds = {""}
    if isinstance(rule, From):
        kinds = {names.moment(c) for c in rule.columns}
    elif isinstance(rule, Compute):
        kinds = {R(names).moment(parse(rule.compute).root)}
    elif isinstance(rule, Cases):
        kinds = {names.moment(c.from_) for c in rule.cases if c.from_}
        kinds |= {R(names).moment(parse(c.compute).root) for c in rule.cases if c.compute}
    return kinds.pop() if len(kinds) == 1 else ""

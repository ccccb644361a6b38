"""Warns of raw columns that decide an order or a count, and are not declared as numbers, dates or texts.

No data are needed. Not for the order itself (engine/derivations/ordering.py) nor for the count (totals.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import SpecProblem
from ...mappings.binding.bind import place_of
from ...mappings.binding.spec_model import SpecModel
from ..derivations.column_kinds import column_kinds
from ..derivations.from_other_records import Extreme
from ..derivations.totals import Count
from ..plan.plan import PlannedStudy


def order_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """A warning for each raw column without a declared kind in an order or under ``distinct:``."""
    kinds = column_kinds(plan)

    def undeclared(
        owner: SpecModel,
        field: str,
        source: str,
        column: str,
        *,
        dataset: str,
        variable: str = "",
        use: str = "decides an order",
    ) -> Iterator[SpecProblem]:
        spec = plan.spec.sources.get(source)
        if spec is None or column in spec.types or len(kinds.get((source, column), ())) == 1:
            return
        message = f"nothing declares whether {source}.{column}, which {use}, is a number, a date or text"
        hint = f"write types: {{{column}: number}} (or date, text) at the source {source}"
        yield SpecProblem(place_of(owner, field), message, dataset, variable, hint, "warning")

    for dataset in plan.datasets.values():
        for number, block in enumerate(dataset.spec.blocks):
            for join in block.joins if block.joins else ():
                for name in join.order if join.take else ():
                    yield from undeclared(join, "order", join.source or "", name.lstrip("-"), dataset=dataset.name)
            for variable in dataset.every.values():
                rule = variable.rule_in(number)
                if isinstance(rule, Extreme):
                    source, _, column = rule.target_column().partition(".")
                    known = rule.as_ is not None or variable.is_numeric
                    names = rule.order or (() if known else (column,))
                    for name in names:
                        field = "order" if rule.order else rule.verb
                        yield from undeclared(
                            rule, field, source, name.lstrip("-"), dataset=dataset.name, variable=variable.name
                        )
                elif isinstance(rule, Count) and rule.distinct is not None:
                    use = "is counted by its different texts (1 and 1.0 are two)"
                    yield from undeclared(
                        rule,
                        "distinct",
                        rule.count,
                        rule.distinct,
                        dataset=dataset.name,
                        variable=variable.name,
                        use=use,
                    )

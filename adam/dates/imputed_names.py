"""Rules that read how another date was derived: its variable must have such a rule, and of_record: needs its column.

Lint reports here what a build would refuse. Not for names that nothing has (engine/checks/check.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan.plan import PlannedDataset, PlannedStudy
from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import place_of
from ...mappings.models.derivation import DerivationSpec
from .extreme_date import DateSourceOf, ExtremeDate
from .first_imputed import FirstImputed, OfRecord
from .imputation import Imputation
from .imputation_flags import ImputationFlag, TimeImputationFlag


def imputed_name_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Each rule once, at the line of its variable or column."""
    for dataset in plan.datasets.values():
        for variable in dataset.every.values():
            for number in range(len(dataset.spec.blocks)):
                rule = variable.rule_in(number)
                if rule is not None:
                    for field, message, hint in _mistakes(plan, dataset, rule, number):
                        yield SpecProblem(place_of(rule, field), message, dataset.name, variable.name, hint)


def _mistakes(
    plan: PlannedStudy, dataset: PlannedDataset, rule: DerivationSpec, number: int
) -> Iterator[tuple[str, str, str]]:
    """(field, message, hint) of each mistake."""
    if isinstance(rule, ImputationFlag | TimeImputationFlag):
        name, kind, verbs = rule.date_variable(), Imputation, "impute: or first_imputed:"
    elif isinstance(rule, OfRecord):
        name, kind, verbs = rule.of_record, FirstImputed, "first_imputed:"
    elif isinstance(rule, DateSourceOf):
        name, kind, verbs = rule.date_source, ExtremeDate, "latest: or earliest:"
    else:
        return
    read = dataset.every[name].rule_in(number) if name in dataset.every else None
    if read is None:
        return  # there is no such variable, which is reported as a name, or it has no value in this block
    if not isinstance(read, kind):
        derived = [n for n, v in dataset.every.items() if any(isinstance(r, kind) for r in v.rules)]
        yield rule.verb, f"'{name}' is no variable of {dataset.name} that {verbs} derives", nearest(name, derived)
    elif isinstance(rule, OfRecord) and isinstance(read, FirstImputed):
        table = read.first_imputed.partition(".")[0]
        of = plan.datasets.get(table) or plan.inputs.get(table)
        if of is not None and rule.column not in of.every:
            yield "column", f"{table} has no column '{rule.column}'", nearest(rule.column, list(of.every))

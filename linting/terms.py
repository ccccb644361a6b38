"""Values of a spec that the codelist of their variable does not have: constants, values of maps, items.

Not for values of the data: engine/derivations/assign.py reports those.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.derivations.assign import From, Value
from ..engine.derivations.cases import Cases
from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..errors import Place, SpecProblem, nearest
from ..mappings.binding.bind import key_place_of, place_of
from ..mappings.facts.terminology import Codelist
from ..mappings.models.derivation import DerivationSpec


def term_problems(plan: PlannedStudy) -> list[SpecProblem]:
    """Each value at its line: an error if the codelist is closed, a warning if the study can add the term."""
    found: dict[str, SpecProblem] = {}
    for dataset in plan.datasets.values():
        for variable in dataset.every.values():
            codelist = variable.codelist
            if codelist is None or variable.is_numeric:
                continue
            for rule in variable.rules:
                for value, place in _constants(rule):
                    problem = _problem(codelist, value, place, dataset, variable)
                    if problem is not None:
                        found.setdefault(str(problem), problem)
            for value, place in _items(dataset, variable):
                problem = _problem(codelist, value, place, dataset, variable)
                if problem is not None:
                    found.setdefault(str(problem), problem)
    return list(found.values())


def _constants(rule: DerivationSpec) -> Iterator[tuple[str, Place]]:
    """(value, place) of each constant of a rule."""
    if isinstance(rule, Value):
        yield rule.value, place_of(rule, "value")
    elif isinstance(rule, From):
        for key, value in rule.map.items():
            yield value, place_of(rule, "map", key)
        if rule.default is not None:
            yield rule.default, place_of(rule, "default")
    elif isinstance(rule, Cases):
        for case in rule.cases:
            if case.value is not None:
                yield case.value, place_of(case, "value")


def _items(dataset: PlannedDataset, variable: PlannedVariable) -> Iterator[tuple[str, Place]]:
    """(value, place) of each item of unpivot: and text of records: that becomes the variable without a change."""
    for number, block in enumerate(dataset.spec.blocks):
        rule = variable.rule_in(number)
        if not isinstance(rule, From) or len(rule.columns) != 1 or rule.prefix or rule.case != "keep":
            continue
        column = rule.columns[0]
        if column in block.columns:
            continue
        if block.unpivot and column == "ITEM":
            for item in block.unpivot:
                if not _mapped(rule, item):
                    yield item, key_place_of(block, "unpivot", item)
        for row, record in enumerate(block.records):
            if column in record and not _mapped(rule, record[column]):
                yield record[column], place_of(block, "records", row, column)


def _mapped(rule: From, text: str) -> bool:
    return text.strip().casefold() in {k.strip().casefold() for k in rule.map}


def _problem(
    codelist: Codelist, value: str, place: Place, dataset: PlannedDataset, variable: PlannedVariable
) -> SpecProblem | None:
    if not value.strip() or value in codelist.values or codelist.unshipped:
        return None
    if codelist.lookup().get(value.strip().casefold()) is not None:
        meant = codelist.lookup()[value.strip().casefold()]
        hint = f"its term is '{meant}'"
    else:
        hint = nearest(value, sorted(codelist.values))
    message = f"codelist {codelist.name} has no term '{value}'"
    severity = "error"
    if codelist.extensible:
        severity = "warning"
        more = "if the study adds it, declare it under codelists: of study.yaml"
        hint = f"{hint} {more}" if hint else more
    return SpecProblem(place, message, dataset.name, variable.name, hint, severity)

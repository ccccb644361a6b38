"""The texts that the rule of a variable can derive, one function per derivation.

Not for the names that a rule reads (known_texts.py), nor for deriving values (engine/, sdtm/, adam/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from ..engine.derivations.assign import Compute, From, Value
from ..engine.derivations.cases import Case, Cases
from ..engine.derivations.cut import Cut
from ..engine.derivations.decode import Decode
from ..engine.derivations.from_other_records import First, Last
from ..engine.derivations.lookup import Lookup
from ..engine.derivations.sequence import Flag, FlagUpTo
from ..engine.derivations.totals import AnyRow
from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.expressions.tree import Node
from ..mappings.models.derivation import DerivationSpec
from ..sdtm.derivations.range_indicator import RangeIndicator
from ..sdtm.derivations.results import StandardResult
from ..sdtm.derivations.timing import Baseline, Epoch
from ..sdtm.derivations.visits import Visit
from .texts import OPEN, Texts, only, together


class StudyTexts(Protocol):
    """The texts of a study's columns, as rules ask for them: see KnownTexts."""

    plan: PlannedStudy

    def column(self, name: str, dataset: PlannedDataset, number: int) -> Texts | None: ...

    def table(self, table: str, column: str) -> Texts | None: ...

    def formula(self, node: Node, dataset: PlannedDataset, number: int) -> Texts | None: ...


def _value(known: StudyTexts, rule: Value, *_: object) -> Texts | None:
    return only(rule.value)


def _from(
    known: StudyTexts, rule: From, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    inner = together(known.column(c, dataset, number) for c in rule.columns)
    codelist = variable.codelist
    listed = frozenset(codelist.values) if codelist is not None else frozenset[str]()
    targets = frozenset(rule.map.values()) | ({rule.default} if rule.default is not None else frozenset())
    # a text that is neither in the map nor in the codelist is not changed, but always has a finding
    complete = bool(rule.map) or (codelist is not None and not codelist.extensible)
    complete = complete and not (codelist is not None and codelist.unshipped)
    if inner is None:
        return Texts(listed | targets) if complete else OPEN
    table = codelist.lookup() if codelist is not None else {}
    folded = {k.strip().casefold(): v for k, v in rule.map.items()}

    def changed(text: str) -> str:
        text = text.upper() if rule.case == "upper" else text.lower() if rule.case == "lower" else text
        text = rule.prefix + text if rule.prefix and text else text
        key = text.strip().casefold()
        return rule.map.get(text, folded.get(key, text if text in listed else table.get(key, text)))

    seen = inner.seen and not complete
    return Texts(inner.mapped(changed).values | listed | targets, inner.starts, inner.numbers, seen)


def _cases(
    known: StudyTexts, rule: Cases, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    def of(case: Case) -> Texts | None:
        if case.value is not None:
            return only(case.value)
        if case.from_ is not None:
            return known.column(case.from_, dataset, number)
        return _formula(known, case.compute or "", dataset, number)

    return together(map(of, rule.cases))


def _compute(
    known: StudyTexts, rule: Compute, dataset: PlannedDataset, _: PlannedVariable, number: int
) -> Texts | None:
    return _formula(known, rule.compute, dataset, number)


def _formula(known: StudyTexts, text: str, dataset: PlannedDataset, number: int) -> Texts | None:
    try:
        return known.formula(parse(text).root, dataset, number)
    except ExpressionError:
        return OPEN


def _decode(
    known: StudyTexts, rule: Decode, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    coded = dataset.every.get(rule.decode)
    if coded is None or coded.codelist is None or coded.codelist.unshipped:
        return OPEN
    terms = {t.decode for t in coded.codelist.terms} | set(rule.map.values())
    for owner in (variable, coded):
        if owner.codelist is not None:
            if owner.codelist.unshipped:
                return OPEN
            terms |= owner.codelist.values | {t.decode for t in owner.codelist.terms if t.decode}
    return Texts(frozenset(terms))


def _taken(
    known: StudyTexts, rule: Lookup | First | Last, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    table, _, column = rule.target_column().partition(".")
    return known.table(table, column) if rule.as_ is None else OPEN


def _visit(
    known: StudyTexts, rule: Visit, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    visits = known.plan.spec.visits
    if not visits:
        return OPEN
    labels = {label.strip().casefold() for name, v in visits.items() for label in (name, *v.labels)}
    raw = known.column(rule.visit, dataset, number)
    others = {t.upper() for t in raw.values if t.strip().casefold() not in labels} if raw is not None else set()
    return Texts(frozenset({*visits, *others}), tuple(f"{n} " for n, v in visits.items() if v.unscheduled))


def _result(
    known: StudyTexts, rule: StandardResult, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    raw = known.column(rule.standard_result, dataset, number)
    listed = variable.codelist.values if variable.codelist is not None else frozenset[str]()
    if raw is None and not rule.map:
        return OPEN
    cells = raw.values if raw is not None else frozenset[str]()
    return Texts(frozenset(rule.map.values()) | cells | listed, (), numbers=True)


def _epoch(known: StudyTexts, *_: object) -> Texts | None:
    return Texts(frozenset(known.plan.spec.epochs))


def _cut(known: StudyTexts, rule: Cut, *_: object) -> Texts | None:
    return Texts(frozenset(rule.groups))


def _any(known: StudyTexts, rule: AnyRow, *_: object) -> Texts | None:
    return only(rule.yes, rule.no)


def _yes(known: StudyTexts, *_: object) -> Texts | None:
    return only("Y")


def _indicator(known: StudyTexts, *_: object) -> Texts | None:
    return only("LOW", "NORMAL", "HIGH", "ABNORMAL")


#: derivation -> the texts that its rule can derive; any other derivation is open
TEXTS_OF_RULES: Mapping[type[DerivationSpec], Callable[..., Texts | None]] = {
    Value: _value,
    From: _from,
    Cases: _cases,
    Compute: _compute,
    Decode: _decode,
    Lookup: _taken,
    First: _taken,
    Last: _taken,
    Visit: _visit,
    Epoch: _epoch,
    Cut: _cut,
    AnyRow: _any,
    Flag: _yes,
    FlagUpTo: _yes,
    Baseline: _yes,
    RangeIndicator: _indicator,
    StandardResult: _result,
}

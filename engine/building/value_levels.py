"""Value-level metadata by the records that they describe: their lengths and digits, and what they have of the variable.

Not for planning them (engine/plan/planning.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..columns import column as col
from ..columns.point_digits import digits_of, is_number, point_digits, without_exponent
from ..tables.dataset import NUMERIC_TYPES, Dataset, RangeCheck, ValueLevel, VariableMetadata
from ..tables.range_checks import holds

#: a definition with more different values has none of them in its facts
FEW = 200
#: variable and where clause: the definition that the facts are of
LevelKey = tuple[str, tuple[RangeCheck, ...]]


class LevelFacts(NamedTuple):
    """Longest text in bytes, most digits of a number before and after the point; 0 where no record has a value.

    The digits of texts are those of the ones that are numbers. ``texts``: the different values, numbers as texts; None
    for more than FEW.
    """

    width: int = 0
    whole: int = 0
    fraction: int = 0
    texts: frozenset[str] | None = frozenset()


def level_facts(dataset: Dataset) -> dict[LevelKey, LevelFacts]:
    """The facts of each value-level definition in the records of a dataset.

    A definition whose where clause names a variable of another dataset has none.
    """
    frame, found = dataset.columns, {}
    for value in dataset.metadata.values:
        if value.variable not in frame or not all(c.variable in frame for c in value.where):
            continue
        here = np.ones(len(dataset), dtype=bool)
        for check in value.where:
            here &= holds(check, frame[check.variable])
        column = frame[value.variable]
        if col.is_number(column):
            numbers = column.to_numpy(dtype="float64")[here]
            unique = np.unique(numbers[~np.isnan(numbers)])
            texts = map(without_exponent, unique.tolist()) if len(unique) <= FEW else None
            facts = LevelFacts(0, *digits_of(unique), _few(texts))
        else:
            used = [t for t in col.occurring(column, here) if t]
            digits = point_digits(filter(is_number, used))
            facts = LevelFacts(max((len(t.encode()) for t in used), default=0), *digits, _few(used))
        found[value.variable, value.where] = facts
    return found


def join_facts(
    of_study: Mapping[LevelKey, LevelFacts], of_part: Mapping[LevelKey, LevelFacts]
) -> dict[LevelKey, LevelFacts]:
    """The facts of both together."""
    out = dict(of_study)
    for key, facts in of_part.items():
        old = out.get(key, LevelFacts())
        texts = old.texts | facts.texts if old.texts is not None and facts.texts is not None else None
        out[key] = LevelFacts(*map(max, facts[:3], old[:3]), _few(texts))
    return out


def _few(texts: Iterable[str] | None) -> frozenset[str] | None:
    found = frozenset(texts) if texts is not None else None
    return found if found is not None and len(found) <= FEW else None


def settled_level(value: ValueLevel, variable: VariableMetadata, facts: LevelFacts | None) -> ValueLevel:
    """A definition with length and digits of its own records.

    Label, origin and method are those of the variable unless the definition has them. An origin that is declared as
    that of the variable has its pages of the annotated CRF.
    """
    value = replace(value, empty=facts is not None and facts.texts == frozenset())
    if value.origin is None:
        value = replace(value, origin=variable.origin, method=value.method or variable.method)
    elif not value.origin.documents and value.origin == replace(variable.origin, documents=()):
        value = replace(value, origin=replace(value.origin, documents=variable.origin.documents))
    value = replace(value, label=value.label or variable.label)
    if facts is None:
        return value
    if value.type not in NUMERIC_TYPES or not facts.whole:
        return value if variable.is_numeric else replace(value, length=facts.width or value.length)
    digits = max(value.digits or 0, facts.fraction)
    if not facts.fraction and value.digits is None:
        return replace(value, type="integer", length=facts.whole)
    return replace(value, type="float", digits=digits, length=facts.whole + digits)

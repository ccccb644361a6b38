"""Conditions over the records of a table, as the kinds of checks use them.

A name with ``--`` has the letters of the domain in their place; DM.VARIABLE and ADSL.VARIABLE are values of the
record's subject. Not for the language (mappings/expressions/) nor for its evaluation (engine/expressions/shared.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Annotated
from weakref import WeakKeyDictionary

import numpy as np

from ...engine.expressions.shared import SharedParts
from ...engine.expressions.vectors import Vector
from ...mappings.binding.bind import ExpressionText, FieldMistake
from ...mappings.expressions.expression import Expression, ExpressionError, parse
from ...mappings.facts import facts
from ..table import SUBJECTS, Inapplicable, Table

#: the text of a condition in a rule
Condition = Annotated[str, ExpressionText()]

#: stands for -- in a name, so that the offsets of mistakes stay right
_MARK = "__"
_DOMAIN = re.compile(r"--(?=[A-Z])")
_PARTS: WeakKeyDictionary[Table, SharedParts] = WeakKeyDictionary()


@lru_cache(maxsize=4096)
def condition(text: str) -> Expression:
    """The parsed condition. Raises ExpressionError with the offset of a mistake."""
    return parse(_DOMAIN.sub(_MARK, text))


def checked(texts: Mapping[str, str | None]) -> None:
    """Raise FieldMistake at the first condition that cannot be read. ``texts``: by the field of the model."""
    for field, text in texts.items():
        if text is not None:
            try:
                condition(text)
            except ExpressionError as error:
                raise FieldMistake(error.message, field, hint=error.hint, offset=error.offset) from None


def names_in(text: str) -> Iterator[str]:
    """The variables of the record that a condition reads, with ``--`` in their names."""
    for name in condition(text).names:
        if "." not in name:
            yield f"--{name[2:]}" if name.startswith(_MARK) else name


def missing_names(table: Table, texts: Collection[str | None], optional: Collection[str] = ()) -> str:
    """'' if the table can evaluate the conditions, else the reason why not."""
    for text in texts:
        for name in condition(text).names if text is not None else ():
            reason = _lacks(table, name, optional)
            if reason:
                return reason
    return ""


def _lacks(table: Table, name: str, optional: Collection[str]) -> str:
    if "." not in name:
        written = f"--{name[2:]}" if name.startswith(_MARK) else name
        real = table.expanded(written)
        return "" if real in table.names or written in optional else f"{real} is not in {table.name}"
    dataset, variable = name.split(".", 1)
    other = table.other(dataset) if dataset in SUBJECTS else None
    if other is None:
        return f"{dataset} is not in the package"
    if "USUBJID" not in table.names or "USUBJID" not in other.names:
        return "there is no USUBJID"
    return "" if variable in other.names else f"{variable} is not in {dataset}"


@lru_cache(maxsize=4096)
def is_numeric(standard: str, domain: str, variable: str) -> bool:
    """Whether the standard lists a variable as numeric; false for one that it does not list."""
    if standard == "sdtm":
        structures = [facts.sdtm_dataset(domain) or facts.sdtm_dataset(domain[:2])]
    else:
        structures = [facts.adam_structure(name) for name in facts.ADAM_STRUCTURES]
    known = next((v for s in structures if s is not None and (v := s.variable(variable)) is not None), None)
    return known is not None and known.type == "Num"


def parts_of(table: Table) -> SharedParts:
    """What the conditions over one table share."""
    found = _PARTS.get(table)
    if found is None:
        text = Vector(np.array([""], dtype=object), np.zeros(table.n, dtype="int8"))
        number = Vector(np.full(table.n, np.nan), None, whole=True)

        def vector(name: str, of: Table = table) -> Vector:
            real = of.prefix + name[len(_MARK) :] if name.startswith(_MARK) else name
            if "." in real or real in of.names:
                return of.vector(real)
            return number if is_numeric(of.standard, of.domain, real) else text

        found = _PARTS[table] = SharedParts(table.n, vector)
    return found


def truth(table: Table, text: str) -> Vector:
    """The truth of a condition for each record. Raises Inapplicable where a type does not fit."""
    try:
        return parts_of(table).truth(condition(text))
    except ExpressionError as error:
        raise Inapplicable(f"{table.name}: {error.message}") from None


def true(table: Table, text: str | None) -> np.ndarray | None:
    """Where a condition is true; every record without one; None where it is nowhere true."""
    if text is None:
        return np.ones(table.n, dtype=bool)
    try:
        return parts_of(table).true(condition(text))
    except ExpressionError as error:
        raise Inapplicable(f"{table.name}: {error.message}") from None

"""Values that are no terms of their codelist: that of a variable, and that of value-level metadata.

Value-level metadata hold for the records that their where clause names. Not for other checks of values (values.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ...engine.columns import column as col
from ...engine.plan.codelists import numeric_result
from ...engine.tables.range_checks import holds
from ...mappings.facts import facts
from ...mappings.facts.terminology import Codelist
from ...sdtm import standard as _standard  # noqa: F401 - registers which variables hold results
from ..package import Package
from ..table import Table
from .expression import Condition, checked, missing_names, true
from .kind import Check, Hit, Name, absent, register_check, rows_of
from .variables import standard_facts

#: the code of a term at the National Cancer Institute
_NCI_CODE = re.compile(r"C[0-9]+", re.ASCII)


@register_check
class CodelistCheck(Check):
    """The values of every variable with a codelist are terms of it: of the study's where it is known, else CDISC's."""

    verb = "codelists"

    codelists: Literal["closed", "extensible"]

    def parts(self) -> frozenset[str]:
        return frozenset({"codelist"})

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name, lists in codelists_of(table, package).items():
            if not lists or any(not c.terms for c in lists):
                continue
            if any(c.extensible for c in lists) != (self.codelists == "extensible"):
                continue
            outside = outside_codelist(lists, table.columns[name], name)
            if outside is not None:
                yield Hit(rows=np.flatnonzero(outside), variable=name, parts={"codelist": shown(lists)})


def codelists_of(table: Table, package: Package) -> dict[str, list[Codelist]]:
    """Variable -> the codelists that may have its values: that of the metadata; without any those of the guide."""
    known = standard_facts(table) if table.standard == "sdtm" and not package.declares_codelists else {}
    found: dict[str, list[Codelist]] = {}
    for name, v in table.about.items():
        if v.codelist is not None:
            found[name] = [v.codelist]
        elif name in known and not v.dictionary:
            lists = [facts.codelist(code) for code in known[name].codelist]
            found[name] = [c for c in lists if c is not None]
    return found


@register_check
class ValueLevelCheck(Check):
    """The values of the records that value-level metadata are about are terms of its codelist."""

    verb = "value_levels"

    value_levels: Literal["closed", "extensible"]

    def parts(self) -> frozenset[str]:
        return frozenset({"codelist", "records"})

    def applies(self, table: Table) -> str:
        return "" if table.dataset.metadata.values else f"{table.name} has no value-level metadata"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for value in table.dataset.metadata.values:
            if value.codelist is None or value.codelist.extensible != (self.value_levels == "extensible"):
                continue
            if not table.names.issuperset([value.variable, *(c.variable for c in value.where)]):
                continue
            outside = outside_codelist([value.codelist], table.columns[value.variable], value.variable)
            for check in value.where if outside is not None else ():
                outside = outside & holds(check, table.columns[check.variable])
            if outside is not None and outside.any():
                records = " and ".join(f"{c.variable} {c.comparator} {', '.join(c.values)}" for c in value.where)
                parts = {"codelist": shown([value.codelist]), "records": records}
                yield Hit(rows=np.flatnonzero(outside), variable=value.variable, parts=parts)


@register_check
class PublishedCodeCheck(Check):
    """A code is one of CDISC terminology: of the version that ships each code, of another its form."""

    verb = "published_code"

    published_code: Name = Field(description="The variable with the code.")
    version: Name = Field(description="The variable with the version of the terminology.")
    when: Condition | None = Field(default=None, description="Records that the check is about; without it all.")

    @model_validator(mode="after")
    def _readable(self) -> PublishedCodeCheck:
        checked({"when": self.when})
        return self

    def applies(self, table: Table) -> str:
        return absent(table, self.published_code, self.version) or missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        among = true(table, self.when)
        known = table.where(self.published_code, facts.is_published_code)
        formed = table.where(self.published_code, lambda text: _NCI_CODE.fullmatch(text) is not None)
        shipped = table.where(self.version, lambda text: text in facts.packages().values())
        if among is None:
            return
        none = np.zeros(table.n, dtype=bool)
        known, formed, shipped = (none if mask is None else mask for mask in (known, formed, shipped))
        at = rows_of(among & ~table.missing(self.published_code) & ~known & (~formed | shipped))
        if at is not None:
            yield Hit(rows=at, variable=self.published_code)


def shown(codelists: Sequence[Codelist]) -> str:
    """The names of codelists with their NCI codes."""
    return " or ".join(f"{c.name} ({c.code})" if c.code else c.name for c in codelists)


def outside_codelist(codelists: Sequence[Codelist], column: pd.Series, variable: str) -> np.ndarray | None:
    """Where a value is no term of the codelists; None where that is nowhere or cannot be known.

    It cannot be known without a codelist, and for a list whose terms do not ship. Numbers in --STRESC are no terms.
    """
    if not codelists or any(not c.terms for c in codelists):
        return None
    if col.is_number(column):
        return _numbers_outside(codelists, np.asarray(column, dtype="float64"))
    codes, texts = col.split_text(column)
    outside = np.array(
        [
            t != ""
            and not any(t in c.values or numeric_result(variable, c, t) for c in codelists)
            for t in texts
        ],
        dtype=bool,
    )  # fmt: skip
    if not outside.any():
        return None
    found = outside[codes]
    return found if found.any() else None


def _numbers_outside(codelists: Sequence[Codelist], numbers: np.ndarray) -> np.ndarray | None:
    """Where a number is none of the terms; None unless every term is the text of a number."""
    try:
        allowed = np.array([float(v) for c in codelists for v in c.values])
    except ValueError:
        return None
    found = ~np.isnan(numbers) & ~np.isin(numbers, allowed)
    return found if found.any() else None

"""Records that point to records of other datasets: supplemental qualifiers, related records, comments.

The cost is linear in their number: the records of one dataset and one IDVAR are looked up together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ..package import Package
from ..table import Table
from .kind import Check, Hit, absent, register_check


@register_check
class PointerCheck(Check):
    """RDOMAIN, IDVAR and IDVARVAL point to a dataset, a variable and a record that are there."""

    verb = "points_to"

    points_to: Literal["dataset", "variable", "record", "parent"] = Field(
        description="dataset: RDOMAIN is a domain of the package; variable: IDVAR is a variable of it; record: it has "
        "a record with IDVARVAL; parent: the same, and without IDVAR it has a record of the subject."
    )

    def parts(self) -> frozenset[str]:
        return frozenset({"other", "idvar"})

    def applies(self, table: Table) -> str:
        return absent(table, "RDOMAIN", "IDVAR", "IDVARVAL")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        if self.points_to == "dataset":
            yield from self._datasets(table, package)
            return
        for domain, variable, rows in _groups(table):
            others = _tables(package, domain)
            if not others:
                continue
            has = [t for t in others if variable in t.names]
            if self.points_to == "variable" and variable and not has:
                yield Hit(rows=rows, variable="IDVAR", parts={"other": domain, "idvar": variable})
            if self.points_to == "parent" and not variable:
                yield from self._lost(table, rows, others, domain, "")
            if self.points_to in ("record", "parent") and variable and has:
                yield from self._lost(table, rows, has, domain, variable)

    def _datasets(self, table: Table, package: Package) -> Iterator[Hit]:
        codes, texts = table.texts("RDOMAIN")
        for number, domain in enumerate(texts):
            rows = np.flatnonzero(codes == number)
            lost = domain and package.complete and not _tables(package, domain)
            if table.is_supplement and domain:
                lost = lost or (table.name[4:] != domain and not table.name[4:].startswith(domain))
            if lost and len(rows):
                yield Hit(rows=rows, variable="RDOMAIN", parts={"other": domain, "idvar": ""})

    def _lost(self, table: Table, rows: np.ndarray, others: list[Table], domain: str, variable: str) -> Iterator[Hit]:
        names = ["USUBJID"] if "USUBJID" in table.names and all("USUBJID" in t.names for t in others) else []
        mine = [col.take(table.columns[n], rows) for n in names]
        theirs = [col.concat([t.columns[n] for t in others]) for n in names]
        if variable:
            # a number may be written with blanks before it, which R2A-GEN-009 reports
            mine.append(col.map_text(col.take(table.columns["IDVARVAL"], rows), str.strip))
            theirs.append(col.map_text(col.concat([col.as_text(t.columns[variable]) for t in others]), str.strip))
        if not mine:
            return
        if names:  # records of RELREC between datasets have no subject and no value
            use = ~table.missing("USUBJID")[rows] & (~table.missing("IDVARVAL")[rows] if variable else True)
        else:
            use = ~table.missing("IDVARVAL")[rows]
        found = verbs.match_rows(mine, theirs).right >= 0
        lost = rows[use & ~found]
        if len(lost):
            at = "IDVARVAL" if variable else "USUBJID"
            yield Hit(rows=lost, variable=at, parts={"other": domain, "idvar": variable or "USUBJID"})


def _groups(table: Table) -> Iterator[tuple[str, str, np.ndarray]]:
    """(RDOMAIN, IDVAR, their records) of each pair that occurs."""
    domains, names = table.texts("RDOMAIN")
    variables, written = table.texts("IDVAR")
    pair, size = col.combined([(domains, max(len(names), 1)), (variables, max(len(written), 1))], table.n)
    order = np.argsort(pair, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(pair, minlength=size))[:-1]):
        if len(rows):
            yield str(names[domains[rows[0]]]), str(written[variables[rows[0]]]), rows


def _tables(package: Package, domain: str) -> list[Table]:
    return package.by_domain.get(domain, []) if domain else []


@register_check
class QualifierNameCheck(Check):
    """The name of a supplemental qualifier."""

    verb = "qualifier"

    qualifier: Literal["name", "variable", "label"] = Field(
        description="name: it can be the name of a variable; variable: it is none of the parent's domain; label: "
        "QLABEL is filled and has at most 40 bytes."
    )
    _usable: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z_][A-Z0-9_]{0,7}", re.ASCII)

    def applies(self, table: Table) -> str:
        return absent(table, "QLABEL" if self.qualifier == "label" else "QNAM", "RDOMAIN")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        if self.qualifier == "label":
            found = table.where("QLABEL", lambda t: not t or len(t.encode()) > 40)
        elif self.qualifier == "name":
            found = table.where("QNAM", lambda t: bool(t) and self._usable.fullmatch(t) is None)
        else:
            domains = {str(d) for d in np.unique(col.objects(table.columns["RDOMAIN"]))}
            names = {n for d in domains for t in _tables(package, d) for n in t.names}
            found = table.where("QNAM", lambda t: t in names)
        if found is not None:
            yield Hit(rows=np.flatnonzero(found), variable="QLABEL" if self.qualifier == "label" else "QNAM")


@register_check
class RelationCheck(Check):
    """The groups of RELREC: a group has several members, and types of both sides where datasets are related."""

    verb = "relation"

    relation: Literal["members", "types"] = Field(
        description="members: RELID names at least two records; types: RELTYPE is filled exactly where IDVARVAL is not."
    )

    def applies(self, table: Table) -> str:
        return absent(table, "RELID", "RELTYPE", "IDVARVAL", "USUBJID")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        if self.relation == "types":
            wrong = table.missing("RELTYPE") == table.missing("IDVARVAL")
            if wrong.any():
                yield Hit(rows=np.flatnonzero(wrong), variable="RELTYPE")
            return
        groups = table.keys(("USUBJID", "RELID"))
        alone = np.bincount(groups)[groups] == 1
        if alone.any():
            yield Hit(rows=np.flatnonzero(alone), variable="RELID")

"""Standards, documents, conditions, codelists, methods and comments from the rows of an Excel specification.

Not for datasets and variables (read_items.py).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ..define.content import (
    Check,
    CodedTerm,
    CodelistContent,
    Comment,
    DocumentReference,
    Leaf,
    Method,
    StandardReference,
    WhereClause,
)
from .element_rows import LISTS
from .ids import oid_of
from .sheet_reader import SheetReader, named
from .sheets import (
    CODELISTS,
    COMMENTS,
    DICTIONARIES,
    DOCUMENTS,
    METHODS,
    ROLES,
    STANDARD_NAME,
    STANDARD_VERSION,
    STANDARDS,
    VARIABLES,
    WHERE,
)
from .workbook import CellRow

COMPARATORS = ("EQ", "NE", "IN", "NOTIN", "LT", "LE", "GT", "GE")


@dataclass
class ElementReader:
    """Reads the sheets of the elements that datasets and variables refer to."""

    base: SheetReader

    def standards(self, version: str) -> dict[str, StandardReference]:
        found = {}
        for name, row in self.base.once(STANDARDS).items():
            texts = (row.get(c) for c in ("Name", "Type", "Version", "Publishing Set", "Status"))
            comment = self.base.refer(row, "Comment", self.base.comments, COMMENTS.name)
            found[self.base.standards[name]] = StandardReference(self.base.standards[name], *texts, comment=comment)
        guide, number = self.base.study_text(STANDARD_NAME), self.base.study_text(STANDARD_VERSION)
        listed = [s for s in found.values() if s.type == "IG"]
        if listed and guide and (listed[0].name, listed[0].version) != (guide, number):
            message = (
                f"the guide is {guide} {number} here, and {listed[0].name} {listed[0].version} on the sheet Standards"
            )
            self.base.problem(self.base.study[STANDARD_NAME], "Value", message, "write one of them in both places")
        if not listed and guide:
            oid = "" if version.startswith("2.0") else oid_of(f"{guide}.{number}", "standard")
            found[oid] = StandardReference(oid, guide, "IG", number, status="" if not oid else "Final")
        return found

    def of_role(self, role: str) -> tuple[DocumentReference, ...]:
        for row in self.base.once(DOCUMENTS).values():
            for name in filter(None, map(str.strip, row.get("Role").split(","))):
                if name not in ROLES and role == "crf":
                    self.base.problem(row, "Role", f"'{name}' is no role", f"one of {', '.join(ROLES)}")
        rows = (r for r in self.base.rows(DOCUMENTS) if r.get("ID") and role in self.base.roles(r))
        return tuple(DocumentReference(self.base.leaves[r.get("ID").strip()]) for r in rows)

    def leaves(self) -> dict[str, Leaf]:
        """The documents by leaf ID."""
        rows = [(name, r) for r in self.base.rows(DOCUMENTS) if (name := r.get("ID"))]
        return {self.base.leaves[n]: Leaf(self.base.leaves[n], r.get("Href"), r.get("Title")) for n, r in rows}

    def where(self, items: Mapping[tuple[str, str], str]) -> dict[str, WhereClause]:
        found: dict[str, WhereClause] = {}
        for row in self.base.filled(WHERE, "ID"):
            oid = self.base.where[row.get("ID").strip()]
            comment = self.base.refer(row, "Comment", self.base.comments, COMMENTS.name)
            check = self._check(row, items)
            first = found.get(oid, WhereClause(oid, (), comment))
            found[oid] = WhereClause(oid, (*first.checks, check), first.comment or comment)
        return found

    def _check(self, row: CellRow, items: Mapping[tuple[str, str], str]) -> Check:
        place = row.get("Dataset").strip(), row.get("Variable").strip()
        item = row.get("Item OID") or items.get(place, "")
        if not item:
            names = sorted(v for d, v in items if d == place[0])
            named = f"{'.'.join(place)} is not on the sheet {VARIABLES.name}"
            message = named if all(place) else "a condition names Dataset and Variable"
            self.base.problem(row, "Variable" if names else "Dataset", message, near=names)
        comparator = row.get("Comparator").strip().upper()
        if comparator not in COMPARATORS:
            message = f"'{row.get('Comparator')}' is no comparator"
            self.base.problem(row, "Comparator", message, f"one of {', '.join(COMPARATORS)}")
        return Check(item, comparator, values_of(comparator, row.get("Value")), row.get("Soft Hard") or "Soft")

    def codelists(self) -> dict[str, CodelistContent]:
        found: dict[str, CodelistContent] = {}
        first: dict[str, CellRow] = {}
        terms: dict[str, list[tuple[CodedTerm, CellRow]]] = {}
        for row in self.base.filled(CODELISTS, "ID"):
            oid = self.base.codelists[row.get("ID").strip()]
            if oid not in found:
                found[oid], first[oid] = self._codelist(row, oid), row
            elif row.get("Name") and row.get("Name") != found[oid].name:
                message = (
                    f"the codelist is '{row.get('Name')}' here, and '{found[oid].name}' at {first[oid].at('Name')}"
                )
                self.base.problem(row, "Name", message)
            if row.get("Term"):
                terms.setdefault(oid, []).append((self._term(row), row))
        for oid, pairs in terms.items():
            seen: dict[str, CellRow] = {}
            for term, row in pairs:
                if (other := seen.setdefault(term.value, row)) is not row:
                    self.base.problem(row, "Term", f"'{term.value}' is there twice; the first is {other.at('Term')}")
            decoded = any(t.decode for t, _ in pairs) or self.base.yes(first[oid], "Decoded")
            found[oid] = replace(found[oid], terms=tuple(t for t, _ in pairs), decoded=decoded)
        for name, row in self.base.once(DICTIONARIES).items():
            oid = self.base.codelists[name]
            if oid in found:
                self.base.problem(row, "ID", f"'{name}' is a codelist too, at {first[oid].at('ID')}")
            found[oid] = replace(
                self._codelist(row, oid),
                dictionary=row.get("Dictionary"),
                dictionary_version=row.get("Version"),
                dictionary_href=row.get("Href"),
                dictionary_ref=row.get("Ref"),
            )
        return found

    def _codelist(self, row: CellRow, oid: str) -> CodelistContent:
        return CodelistContent(
            oid=oid,
            name=row.get("Name"),
            data_type=row.get("Data Type"),
            code=row.get("NCI Codelist Code"),
            standard=self.base.standard_of(row, "Terminology"),
            comment=self.base.refer(row, "Comment", self.base.comments, COMMENTS.name),
            sas_format=row.get("SAS Format"),
            non_standard=self.base.yes(row, "Non Standard"),
            aliases=_aliases(row.get("Codelist Aliases")),
        )

    def _term(self, row: CellRow) -> CodedTerm:
        return CodedTerm(
            value=named(row.get("Term"), ""),
            decode=row.get("Decoded Value"),
            code=row.get("NCI Term Code"),
            extended=self.base.yes(row, "Extended Value"),
            order=self.base.number(row, "Order"),
            rank=row.get("Rank"),
            aliases=_aliases(row.get("Other Aliases")),
        )

    def methods(self) -> dict[str, Method]:
        found: dict[str, Method] = {}
        first: dict[str, CellRow] = {}
        for row in self.base.filled(METHODS, "ID"):
            oid = self.base.methods[row.get("ID").strip()]
            code = (row.get("Expression Context"), row.get("Expression Code"))
            if oid not in found:
                first[oid] = row
                found[oid] = Method(
                    oid=oid,
                    name=row.get("Name"),
                    type=row.get("Type"),
                    text=row.get("Description"),
                    expressions=(code,) if any(code) else (),
                    documents=self.base.documents(row, "Document", "Pages"),
                )
            elif row.get("Name") or row.get("Description") or not any(code):
                self.base.problem(row, "ID", f"'{row.get('ID')}' is there twice; the first is {first[oid].at('ID')}")
            else:
                found[oid] = replace(found[oid], expressions=(*found[oid].expressions, code))
        return found

    def comments(self) -> dict[str, Comment]:
        found: dict[str, Comment] = {}
        for name, row in self.base.once(COMMENTS).items():
            oid, documents = self.base.comments[name], self.base.documents(row, "Document", "Pages")
            found[oid] = Comment(oid=oid, text=row.get("Description"), documents=documents)
        return found


def values_of(comparator: str, text: str) -> tuple[str, ...]:
    """The values of a condition; of IN and NOTIN a list, in which quotes hold values with commas."""
    if comparator not in LISTS:
        blank = text[:1] == text[-1:] == '"' and not text[1:-1].strip()
        return (text[1:-1] if blank else text,)
    read: Callable[..., Iterable[list[str]]] = csv.reader
    return tuple(v for row in read([text], skipinitialspace=True) for v in row)


def _aliases(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition("=") for line in text.split("\n") if line)
    return tuple((context, name) for context, _, name in pairs)

"""The sheets of an Excel specification as they are read: rows, references between sheets, and the problems of cells.

Not for what the rows mean (read_content.py) nor for the cells of a file (workbook.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..define.content import DocumentReference
from ..errors import nearest
from .ids import oid_of
from .pages import references_of
from .row_names import NO_NAME
from .sheets import (
    CODELISTS,
    COMMENTS,
    CRF_IDS,
    DEFINE,
    DICTIONARIES,
    DOCUMENTS,
    METHODS,
    ROLES,
    STANDARD_NAME,
    STANDARD_VERSION,
    STANDARDS,
    WHERE,
    Sheet,
)
from .workbook import CellRow, SpecificationSheets

#: so many problems have a hint at the right name
_HINTS = 30
T = TypeVar("T")


@dataclass
class SheetReader:
    """The sheets of one workbook. ``problems`` grows. The mappings have the OIDs of the elements by their IDs."""

    sheets: SpecificationSheets
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problems += self.sheets.problems
        self.study = {r.get("Attribute"): r for r in self.rows(DEFINE)}
        self.leaves = self._oids(DOCUMENTS, "document")
        self.comments = self._oids(COMMENTS, "comment")
        self.methods = self._oids(METHODS, "method")
        self.codelists = self._oids(CODELISTS, "codelist") | self._oids(DICTIONARIES, "codelist")
        self.where = self._oids(WHERE, "where clause")
        self.standards = self._oids(STANDARDS, "standard")
        self.crf = next((self.leaves[r.get("ID")] for r in self.rows(DOCUMENTS) if "crf" in self.roles(r)), "")

    def rows(self, sheet: Sheet) -> list[CellRow]:
        return self.sheets.rows.get(sheet.name, [])

    def has(self, sheet: Sheet, column: str) -> bool:
        """Whether the workbook has a column."""
        return column in self.sheets.columns.get(sheet.name, frozenset())

    def study_text(self, name: str) -> str:
        row = self.study.get(name)
        return row.get("Value") if row else ""

    def problem(
        self, row: CellRow, column: str, message: str, hint: str = "", *, near: Iterable[str] = (), found: str = ""
    ) -> None:
        """Report a mistake in a cell. ``near``: the names of which the cell, or ``found`` in it, may mean one."""
        if near and len(self.problems) < _HINTS:  # to compare with thousands of names takes time
            hint = nearest(found or row.get(column).strip(), sorted(near))
        self.problems.append(f"{row.at(column)}: {message}" + (f" ({hint})" if hint else ""))

    def refer(self, row: CellRow, column: str, known: Mapping[str, T], sheet: str) -> T | str:
        """The element that a cell names by its ID; '' for an empty cell and for an unknown one."""
        name = row.get(column).strip()
        if not name:
            return ""
        if name not in known:
            message = f"'{name}' is not on the sheet {sheet}"
            self.problem(row, column, message, near=known)
            return ""
        return known[name]

    def documents(self, row: CellRow, column: str, pages: str) -> tuple[DocumentReference, ...]:
        """The documents of two cells."""
        try:
            return references_of(row.get(column), row.get(pages), self.leaves)
        except ValueError as error:
            self.problem(row, column if row.get(column) else pages, str(error))
            return ()

    def yes(self, row: CellRow, column: str) -> bool:
        """A cell with Yes or No; an empty one is No."""
        text = row.get(column).strip().casefold()
        if text not in ("", "yes", "no", "y", "n"):
            self.problem(row, column, f"'{row.get(column)}' is neither Yes nor No")
        return text in ("yes", "y")

    def number(self, row: CellRow, column: str) -> str:
        """A cell with a whole number, as text."""
        text = row.get(column).strip()
        if text and not (text.isascii() and text.isdigit()):
            self.problem(row, column, f"'{text}' is no whole number")
            return ""
        return text

    def filled(self, sheet: Sheet, *columns: str) -> Iterable[CellRow]:
        """The rows of a sheet that fill the columns; a problem for each other one."""
        for row in self.rows(sheet):
            empty = [c for c in columns if not row.get(c)]
            for column in empty:
                self.problem(row, column, f"the cell {column} is empty")
            if not empty:
                yield row

    def once(self, sheet: Sheet) -> dict[str, CellRow]:
        """ID -> row of a sheet with one row for each; a problem for a second one."""
        found: dict[str, CellRow] = {}
        for row in self.filled(sheet, "ID"):
            first = found.setdefault(row.get("ID").strip(), row)
            if first is not row:
                self.problem(row, "ID", f"'{row.get('ID')}' is there twice; the first is {first.at('ID')}")
        return found

    def roles(self, row: CellRow) -> set[str]:
        """The fields of DefineContent that refer to a document."""
        if self.has(DOCUMENTS, "Role"):
            return {ROLES[r.strip()] for r in row.get("Role").split(",") if r.strip() in ROLES}
        return {"crf" if row.get("ID").casefold() in CRF_IDS else "supplements"}

    def standard_of(self, row: CellRow, column: str) -> str:
        name = row.get(column).strip()
        if not name or name in self.standards:
            return self.standards.get(name, "")
        by_text = {f"{r.get('Name')} {r.get('Version')}": self.standards[r.get("ID")] for r in self.rows(STANDARDS)}
        guide = f"{self.study_text(STANDARD_NAME)} {self.study_text(STANDARD_VERSION)}"
        if not self.standards:
            by_text[guide] = oid_of(guide.replace(" ", "."), "standard")
        return self.refer(row, column, by_text, STANDARDS.name)

    def _oids(self, sheet: Sheet, kind: str) -> dict[str, str]:
        """ID -> OID of the elements of a sheet. A row without its OID has that of the first row with its ID."""
        found: dict[str, str] = {}
        for row in self.rows(sheet):
            name = row.get("ID").strip()
            if name:
                found.setdefault(name, row.get("OID").strip() or oid_of(name, kind))
        return found


def named(text: str, usual: str) -> str:
    """A name of a cell: the usual one where it is empty, none where it has (none)."""
    return "" if text == NO_NAME else text or usual

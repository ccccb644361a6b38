"""What the rows of an Excel specification call the elements of a define.xml.

Not for the rows (item_rows.py, element_rows.py, analysis_rows.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..define.content import DefineContent, DocumentReference
from .ids import ids_of
from .pages import document_cells

#: a row: column -> its text
Row = dict[str, str]
#: in place of a name that define.xml does not have, where an empty cell means the usual name
NO_NAME = "(none)"
YES = {True: "Yes", False: ""}
YES_NO = {True: "Yes", False: "No"}


@dataclass
class RowNames:
    """The IDs of the elements of one define.xml, by OID. ``places``: item -> (dataset, variable) of each use."""

    content: DefineContent
    places: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        c = self.content
        self.standards = ids_of((s for s in c.standards if s), "standard")
        self.methods = ids_of(c.methods, "method")
        self.comments = ids_of(c.comments, "comment")
        self.where = ids_of(c.where, "where clause")
        self.codelists = ids_of(c.codelists, "codelist")
        self.leaves = ids_of(c.leaves, "document")
        self.displays = ids_of((d.oid for d in c.displays), "display")
        self.datasets = {d.oid: d.name for d in c.datasets}
        for dataset in c.datasets:
            for item in dataset.items:
                self.places.setdefault(item.oid, []).append((dataset.name, item.name))
        self.crf = c.crf[0].leaf if c.crf else ""

    def comment(self, oid: str) -> str:
        """The ID of a comment; an OID without a comment as it is."""
        return self.comments.get(oid, oid)

    def standard(self, oid: str) -> str:
        """The ID of a standard."""
        return self.standards.get(oid, oid)

    def clauses(self, oids: Sequence[str]) -> str:
        """The IDs of where clauses, one in each line."""
        return "\n".join(self.where.get(oid, oid) for oid in oids)

    def documents(self, references: Sequence[DocumentReference]) -> tuple[str, str]:
        """The cells Document and Pages."""
        return document_cells(references, self.leaves)

    def is_plain(self, oid: str) -> bool:
        """Whether dataset and variable alone lead to an item."""
        return len(self.places.get(oid, ())) == 1

    def item(self, oid: str) -> str:
        """An item as DATASET.VARIABLE, or by its OID."""
        return ".".join(self.places[oid][0]) if self.is_plain(oid) else oid


def unusual(text: str, usual: str) -> str:
    """``text`` if it is not the usual one, which an empty cell means."""
    return "" if text == usual else text

"""The documents of one define.xml: def:leaf, def:AnnotatedCRF, def:SupplementalDoc, and def:DocumentRef with pages.

Not for finding and copying the files (runs/documents.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..mappings.facts.document_pages import DocumentPages
from .reading import read_define


@dataclass(frozen=True)
class DefineDocument:
    """A document beside define.xml. ``role``: crf | supplement; ``listed``: whether this define.xml lists it."""

    id: str
    file: str
    title: str
    role: str
    listed: bool = True

    @property
    def leaf(self) -> str:
        return f"LF.DOC.{self.id}"


@dataclass
class DocumentTable:
    """The documents that exist, and which of them the elements refer to. A reference to another one is left out."""

    documents: Sequence[DefineDocument] = ()
    _used: set[str] = field(default_factory=set)

    def references(self, pages: Iterable[DocumentPages]) -> list[dict[str, Any]]:
        """The def:DocumentRefs, each with its def:PDFPageRefs."""
        known = {d.id: d for d in self.documents}
        found = []
        for part in pages:
            if part.document in known:
                self._used.add(part.document)
                found.append({"leaf": known[part.document].leaf, "pages": _page_references(part)})
        return found

    def of_role(self, role: str) -> list[dict[str, Any]]:
        """The references of def:AnnotatedCRF (crf) or def:SupplementalDoc (supplement)."""
        return [{"leaf": d.leaf, "pages": []} for d in self.documents if d.role == role and d.listed]

    def leaves(self) -> list[dict[str, Any]]:
        """The def:leafs of documents that are listed or referred to; after all references."""
        return [
            {"attributes": {"ID": d.leaf, "xlink:href": d.file}, "title": d.title}
            for d in self.documents
            if d.listed or d.id in self._used
        ]


def documents_of(xml: bytes, documents: Iterable[DefineDocument]) -> tuple[str, ...]:
    """The ids of the documents that a define.xml has a leaf of."""
    leaves = read_define(xml).leaves
    return tuple(d.id for d in documents if d.leaf in leaves)


def _page_references(part: DocumentPages) -> list[dict[str, str]]:
    found = []
    if part.pages:
        found.append({"Type": "PhysicalRef", "PageRefs": " ".join(map(str, part.pages))})
    if part.destinations:
        found.append({"Type": "NamedDestination", "PageRefs": " ".join(part.destinations)})
    return found

"""The documents and the comments of one define.xml, and the references to them.

Not for finding and copying the files (runs/documents.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..mappings.facts.document_pages import DocumentPages
from .content import Comment, DocumentReference, Leaf, PageReference
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

    def references(self, pages: Iterable[DocumentPages]) -> tuple[DocumentReference, ...]:
        """The references to these pages of documents."""
        known = {d.id: d for d in self.documents}
        found = []
        for part in pages:
            if part.document in known:
                self._used.add(part.document)
                found.append(DocumentReference(known[part.document].leaf, _page_references(part)))
        return tuple(found)

    def of_role(self, role: str) -> tuple[DocumentReference, ...]:
        """The references of def:AnnotatedCRF (crf) or def:SupplementalDoc (supplement)."""
        return tuple(DocumentReference(d.leaf) for d in self.documents if d.role == role and d.listed)

    def leaves(self) -> dict[str, Leaf]:
        """The documents that are listed or referred to, by ID; after all references."""
        return {d.leaf: Leaf(d.leaf, d.file, d.title) for d in self.documents if d.listed or d.id in self._used}


@dataclass
class CommentTable:
    """The comments of a document; equal ones are one def:CommentDef, with the OID of the first item."""

    documents: DocumentTable
    _oids: dict[tuple[str, tuple[DocumentPages, ...]], str] = field(default_factory=dict)

    def oid(self, text: str, item: str, pages: tuple[DocumentPages, ...] = ()) -> str:
        """The OID of a comment, '' for an empty text. ``item``: the name of the element in the OID."""
        return self._oids.setdefault((text, pages), f"COM.{item}") if text.strip() else ""

    def elements(self) -> dict[str, Comment]:
        """The comments by OID."""
        return {
            oid: Comment(oid=oid, text=text, documents=self.documents.references(pages))
            for (text, pages), oid in self._oids.items()
        }


def documents_of(xml: bytes, documents: Iterable[DefineDocument]) -> tuple[str, ...]:
    """The ids of the documents that a define.xml has a leaf of."""
    leaves = read_define(xml).leaves
    return tuple(d.id for d in documents if d.leaf in leaves)


def _page_references(part: DocumentPages) -> tuple[PageReference, ...]:
    found = []
    if part.pages:
        found.append(PageReference("PhysicalRef", " ".join(map(str, part.pages))))
    if part.destinations:
        found.append(PageReference("NamedDestination", " ".join(part.destinations)))
    return tuple(found)

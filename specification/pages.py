"""References to documents in cells: one line for each document, and in the cell beside it one line with its pages.

``12 14``, ``4-9`` (first to last), ``Section_4`` (a named destination), several separated by ``; ``. Where this would
be read as another kind, ``PhysicalRef:`` or ``NamedDestination:`` comes first. A title follows in double quotes.
Not for pages of study.yaml (mappings/models/documents.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..define.content import DocumentReference, PageReference

_PHYSICAL, _NAMED = "PhysicalRef", "NamedDestination"
_NUMBERS = re.compile(r"[0-9]+(?:[ ,]+[0-9]+)*", re.ASCII)
_RANGE = re.compile(r"([0-9]+)\s*-\s*([0-9]+)", re.ASCII)
_PART = re.compile(r'(?:(?P<kind>[A-Za-z]+):)?(?P<refs>[^"]*?)(?:\s*"(?P<title>[^"]*)")?', re.DOTALL)
_BETWEEN = re.compile(r';\s*(?=(?:[^"]*"[^"]*")*[^"]*$)')


def document_cells(references: Sequence[DocumentReference], ids: Mapping[str, str]) -> tuple[str, str]:
    """The cells Document and Pages. ``ids``: leaf ID -> ID of the document in the workbook."""
    documents = "\n".join(ids.get(r.leaf, r.leaf) for r in references)
    pages = "\n".join("; ".join(map(_page_text, r.pages)) for r in references)
    return documents, pages if pages.strip() else ""


def references_of(documents: str, pages: str, leaves: Mapping[str, str]) -> tuple[DocumentReference, ...]:
    """The references of two such cells. ``leaves``: ID of a document -> leaf ID.

    Raises ValueError with the reason.
    """
    names = [n.strip() for n in documents.split("\n")] if documents else []
    texts = pages.split("\n") if pages else []
    if not names and not texts:
        return ()
    if not names:
        raise ValueError("pages without a document")
    if len(texts) > len(names):
        raise ValueError(
            f"{len(texts)} lines of pages, and documents: {len(names)}; each document has one line of pages"
        )
    texts += [""] * (len(names) - len(texts))
    unknown = [n for n in names if n not in leaves]
    if unknown:
        raise ValueError(f"'{unknown[0]}' is no document of the sheet Documents")
    return tuple(DocumentReference(leaves[n], page_references(t)) for n, t in zip(names, texts, strict=True))


def page_references(text: str) -> tuple[PageReference, ...]:
    """The page references of one line."""
    return tuple(_page(part) for part in _BETWEEN.split(text.strip()) if part.strip())


def _page_text(page: PageReference) -> str:
    text = f"{page.first}-{page.last}" if page.first or page.last else page.pages
    if _read(text) != (page.kind, page.pages, page.first, page.last):
        text = f"{page.kind}:{text}"
    return f'{text} "{page.title}"' if page.title else text


def _page(text: str) -> PageReference:
    match = _PART.fullmatch(text.strip())
    if match is None or match["kind"] not in (None, _PHYSICAL, _NAMED):
        return PageReference(*_read(text.strip()))
    found = _read(match["refs"].strip())
    if match["kind"] == _NAMED:
        found = (_NAMED, match["refs"].strip(), "", "")
    elif match["kind"] == _PHYSICAL and found[0] != _PHYSICAL:
        found = (_PHYSICAL, match["refs"].strip(), "", "")
    return PageReference(*found, title=match["title"] or "")


def _read(text: str) -> tuple[str, str, str, str]:
    """Kind, pages, first and last page of a reference without a kind."""
    if ends := _RANGE.fullmatch(text):
        return _PHYSICAL, "", ends[1], ends[2]
    if _NUMBERS.fullmatch(text):
        return _PHYSICAL, " ".join(re.split(r"[ ,]+", text)), "", ""
    return _NAMED, text, "", ""

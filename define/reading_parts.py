"""The parts of a define.xml that many of its elements have: description, documents with pages, leaf.

Not for the elements themselves (reading.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .content import DocumentReference, Leaf, PageReference

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_XLINK = "{http://www.w3.org/1999/xlink}"


def described(element: Any) -> str:
    """The text of the Description of an element, '' if it has none."""
    return (element.findtext(f"{_ODM}Description/{_ODM}TranslatedText") or "").strip()


@dataclass(frozen=True)
class Parts:
    """Reads them. ``prefix``: the namespace of the def: elements of the file."""

    prefix: str

    def attribute(self, element: Any, name: str) -> str:
        """A def: attribute, '' if the element has none."""
        return element.get(f"{self.prefix}{name}", "")

    def documents(self, element: Any) -> tuple[DocumentReference, ...]:
        """The documents that an element refers to directly."""
        return tuple(
            DocumentReference(
                e.get("leafID", ""),
                tuple(
                    PageReference(
                        p.get("Type", ""), p.get("PageRefs", ""), p.get("FirstPage", ""), p.get("LastPage", ""),
                        p.get("Title", ""),
                    )
                    for p in e.findall(f"{self.prefix}PDFPageRef")
                ),
            )
            for e in element.findall(f"{self.prefix}DocumentRef")
        )  # fmt: skip

    def leaf(self, element: Any) -> Leaf:
        """def:leaf."""
        title = element.findtext(f"{self.prefix}title") or ""
        return Leaf(element.get("ID", ""), element.get(f"{_XLINK}href", ""), title.strip())

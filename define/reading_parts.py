"""The parts of a define.xml that many of its elements have: description, documents with pages, leaf.

Not for the elements themselves (reading.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .content import DocumentReference, Leaf, PageReference

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_TEXT = f"{_ODM}TranslatedText"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_XLINK = "{http://www.w3.org/1999/xlink}"


def described(element: Any) -> str:
    """The text of the Description of an element, '' if it has none."""
    return (element.findtext(f"{_ODM}Description/{_ODM}TranslatedText") or "").strip()


def translations(version: Any) -> dict[str, dict[str, str]]:
    """Language -> text -> the text in this language, of the elements that have a text in several languages."""
    found: dict[str, dict[str, str]] = {}
    for element in version.iter(f"{_ODM}Description", f"{_ODM}Decode"):
        texts = [(e.get(_LANGUAGE, ""), (e.text or "").strip()) for e in element.findall(_TEXT)]
        for language, text in texts[1:]:
            if language:
                found.setdefault(language, {}).setdefault(texts[0][1], text)
    return found


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

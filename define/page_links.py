"""Links and short texts of define.html: identifiers of elements, addresses of documents and pages, sizes.

Not for the page (page.py).
"""

from __future__ import annotations

import re

from .content import CodelistContent, Item, PageReference

#: a longer method is cut beside its variable; the list of methods has it whole
_OPENING = 220
_NOT_IN_ANCHOR = re.compile(r"[^A-Za-z0-9_.-]+")
#: a file beside or below define.xml, or an address of the web; anything else is shown and not linked
_LINKED = re.compile(r"(?:https?://[^\s\"'<>]+|[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)")


class Anchors:
    """Identifiers of the page for OIDs of the file: safe in an address, each one time."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._of: dict[tuple[str, str], str] = {}

    def add(self, kind: str, oid: str) -> str:
        """The identifier of an element; a second element with the same OID has the one of the first."""
        if (kind, oid) not in self._of:
            text = f"{kind}.{_NOT_IN_ANCHOR.sub('-', oid).strip('-') or 'x'}"
            free, number = text, 1
            while free in self._taken:
                number += 1
                free = f"{text}.{number}"
            self._taken.add(free)
            self._of[kind, oid] = free
        return self._of[kind, oid]

    def find(self, kind: str, oid: str) -> str:
        """The identifier of an element that is on the page; '' for one that is not."""
        return self._of.get((kind, oid), "")


def linked_file(folder: str, href: str, title: str) -> dict[str, str]:
    """Title and address of a file. ``folder``: the relative address of the folder of define.xml."""
    linked = bool(_LINKED.fullmatch(href)) and ".." not in href.split("/")
    address = href if href.startswith(("http:", "https:")) else folder + href
    return {"title": title or href, "href": address if linked else ""}


def page_links(reference: PageReference, href: str) -> list[tuple[str, str]]:
    """(text, address) of each page that a reference names."""
    if reference.kind == "NamedDestination":
        return [(reference.title or n, f"{href}#{n}" if href else "") for n in reference.pages.split()]
    if reference.first:
        text = f"{reference.first} to {reference.last}" if reference.last else reference.first
        return [(f"page {text}", f"{href}#page={reference.first}" if href else "")]
    numbers = [n for n in reference.pages.split() if n.isascii() and n.isdigit()]
    return [(f"page {n}", f"{href}#page={n}" if href else "") for n in numbers]


def paragraphs(text: str) -> list[str]:
    """The lines of a text that are not empty."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def size(item: Item) -> str:
    """Length and digits as one text, with the display format: 8.2, 200, DATE9."""
    size = f"{item.length}.{item.digits}" if item.digits and item.length else item.length
    return " ".join(filter(None, [size, item.format]))


def few_terms(codelist: CodelistContent) -> str:
    """The values of a short list, to be read beside the variable."""
    if codelist.dictionary:
        named = codelist.dictionary_version.startswith(codelist.dictionary)  # ISO 3166 and ISO 3166-1:2020
        return " ".join(filter(None, ["" if named else codelist.dictionary, codelist.dictionary_version]))
    values = [t.value for t in codelist.terms]
    return ", ".join(values) if len(values) <= 6 and sum(map(len, values)) <= 60 else f"{len(values)} terms"


def opening(text: str) -> str:
    """The first sentence of a method, behind the line that names its records; a long one up to a word."""
    lines = paragraphs(text)
    end = next((n for n, line in enumerate(lines, start=1) if not line.endswith(":")), len(lines))
    whole = " ".join(lines[:end])
    return whole if len(whole) <= _OPENING else f"{whole[:_OPENING].rsplit(' ', 1)[0]} ..."


def number(text: str) -> int:
    """A whole number, 0 for any other text."""
    return int(text) if text.isascii() and text.isdigit() else 0

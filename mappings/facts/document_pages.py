"""Pages of a document that define.xml refers to. Not for declaring them in a spec (mappings/models/documents.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class DocumentPages:
    """A document, by its id in ``documents:`` of study.yaml, and pages in it.

    ``pages``: physical pages, from 1; ``destinations``: names of places in a PDF. With neither it is the whole
    document.
    """

    document: str
    pages: tuple[int, ...] = ()
    destinations: tuple[str, ...] = ()


def together(parts: Iterable[DocumentPages]) -> tuple[DocumentPages, ...]:
    """One entry for each document, with all its pages in order; by the id of the document."""
    pages: dict[str, tuple[set[int], set[str]]] = {}
    for part in parts:
        numbers, names = pages.setdefault(part.document, (set(), set()))
        numbers.update(part.pages)
        names.update(part.destinations)
    return tuple(DocumentPages(d, tuple(sorted(n)), tuple(sorted(t))) for d, (n, t) in sorted(pages.items()))

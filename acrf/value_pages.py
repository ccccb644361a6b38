"""Pages of the generated annotated CRF for value-level metadata: a test has the pages of its fields alone.

Not for the pages of whole variables, which the build derives from the columns that it reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..engine.tables.dataset import DatasetMetadata, Origin, ValueLevel
from ..mappings.facts.document_pages import DocumentPages

#: (dataset, variable, variable of the where clause, its value) -> pages
ValuePages = dict[tuple[str, str, str, str], set[int]]


def with_pages_of_values(spec: DatasetMetadata, document: str, pages: ValuePages) -> DatasetMetadata:
    """A dataset whose collected value-level definitions have the pages in ``document`` of their values, if known."""
    if not pages:
        return spec
    return replace(spec, values=tuple(_with_pages(spec.name, v, document, pages) for v in spec.values))


def _with_pages(dataset: str, value: ValueLevel, document: str, pages: ValuePages) -> ValueLevel:
    check = value.where[0] if len(value.where) == 1 else None
    if check is None or check.comparator not in ("EQ", "IN"):
        return value
    found = [pages.get((dataset, value.variable, check.variable, text)) for text in check.values]
    if not all(found):  # some value has no field: the pages of the variable are all that is known
        return value
    numbers = {number for of_value in found for number in of_value or ()}
    return replace(
        value,
        origin=value.origin and _narrowed(value.origin, document, numbers),
        further_origins=tuple(_narrowed(o, document, numbers) for o in value.further_origins),
    )


def _narrowed(origin: Origin, document: str, numbers: Iterable[int]) -> Origin:
    """An origin without the pages that are not those of the value; as it is if none of them is."""
    documents = tuple(
        replace(d, pages=tuple(sorted(set(d.pages).intersection(numbers)))) if d.document == document else d
        for d in origin.documents
    )
    return replace(origin, documents=documents) if all(_some(d) for d in documents) else origin


def _some(pages: DocumentPages) -> bool:
    return bool(pages.pages or pages.destinations)

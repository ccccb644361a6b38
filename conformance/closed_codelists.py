"""The closed codelists that a define.xml names for variables and value-level definitions, for the rules of data.

A value outside of one is wrong in the data, whatever terms define.xml adds to the list. Not for extensible lists: there
define.xml decides (define_xml/codelists.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..define.content import CodelistContent, DatasetContent, DefineContent
from ..engine.tables.dataset import DatasetMetadata, RangeCheck, ValueLevel
from ..mappings.facts.facts import codelist as published_codelist
from ..mappings.facts.terminology import Codelist, Term


def with_closed_codelists(
    metadata: DatasetMetadata, described: DatasetContent, content: DefineContent
) -> DatasetMetadata:
    """The metadata with the closed codelists of variables and of value-level definitions with one where clause."""
    lists = {i.name.upper(): found for i in described.items if (found := _closed(content, i.codelist)) is not None}
    variables = tuple(replace(v, codelist=lists.get(v.name, v.codelist)) for v in metadata.variables)
    return replace(metadata, variables=variables, values=tuple(_levels(described, content)))


def _closed(content: DefineContent, oid: str) -> Codelist | None:
    """The published list of a codelist that may not be extended; None for any other.

    The terms of another version of the terminology than the one that ships are those of define.xml too.
    """
    listed = content.codelists.get(oid)
    published = published_codelist(listed.code) if listed is not None and listed.code else None
    if listed is None or published is None or published.extensible or not published.terms:
        return None
    if same_version(content, listed, published):
        return published
    further = (Term(t.value, t.code) for t in listed.terms if not t.extended and t.value not in published.values)
    return replace(published, terms=(*published.terms, *further))


def same_version(content: DefineContent, listed: CodelistContent, published: Codelist) -> bool:
    """Whether define.xml uses the version of the terminology that ships."""
    standard = content.standards.get(listed.standard)
    return standard is not None and published.standard.endswith(standard.version)


def _levels(described: DatasetContent, content: DefineContent) -> Iterator[ValueLevel]:
    names = {i.oid: i.name.upper() for i in described.items}
    for item in described.items:
        for level in content.value_lists.get(item.value_list, ()):
            clause = content.where.get(level.where[0]) if len(level.where) == 1 else None
            found = _closed(content, level.codelist)
            if found is None or clause is None or any(c.item not in names for c in clause.checks):
                continue
            checks = tuple(RangeCheck(names[c.item], c.comparator, c.values) for c in clause.checks)
            if checks and all(c.comparator in ("EQ", "IN") for c in checks):
                yield ValueLevel(item.name.upper(), checks, codelist=found)

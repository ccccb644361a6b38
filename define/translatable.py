"""The texts of a define.xml that may be in several languages. Not for their translations (mappings/models)."""

from __future__ import annotations

from collections.abc import Iterator

from .content import DefineContent


def translatable(content: DefineContent) -> Iterator[str]:
    """Labels, origins, decodes, methods, comments and analyses, in the order of define.xml.

    A predecessor is a name, and needs no translation.
    """
    for dataset in content.datasets:
        yield dataset.label
        for item in dataset.items:
            for one in (item, *content.value_lists.get(item.value_list, ())):
                yield one.label
                yield from (o.text for o in one.origins if o.type != "Predecessor")
    for codelist in content.codelists.values():
        yield from (term.decode for term in codelist.terms)
    for method in content.methods.values():
        yield method.text
    for comment in content.comments.values():
        yield comment.text
    for display in content.displays:
        yield display.description
        for result in display.results:
            yield from (result.description, result.documentation)

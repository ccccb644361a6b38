"""Checks of references within a define.xml: every OID once, each reference resolves, and nothing is left over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...define.content import DefineContent, DocumentReference
from ...define.xml_tree import parsed
from .check import DefineProblem, DefineView, Needs, define_check


def _unused(view: DefineView, oids: Iterable[str], what: str) -> Iterator[DefineProblem]:
    """One problem for all elements that nothing in the file mentions, not even an element that is unused itself."""
    unused = sorted(set(oids) - _mentioned(view))
    if unused:
        which = f"this {what}" if len(unused) == 1 else f"these {len(unused)} elements ({what})"
        yield DefineProblem(
            message=f"nothing refers to {which}", dataset=view.undescribed, value=", ".join(unused), place=unused[0]
        )


def _mentioned(view: DefineView) -> set[str]:
    """The OIDs and IDs that attributes of the file name, beside those that identify an element."""

    def read() -> set[str]:
        found: set[str] = set()
        for element in parsed(view.xml).iter("{*}*") if view.xml else ():
            for name, value in element.attrib.items():
                local = name.rpartition("}")[2]
                if local == "leafID" or (local.endswith("OID") and local != "OID"):
                    found.add(value)
        return found

    return view.once("mentioned", read)


@define_check()
def repeated_oids(view: DefineView) -> Iterator[DefineProblem]:
    """Define-XML 2.1, OID: an OID is unique among the elements of its name."""
    for element, oid in view.content.repeated:
        yield DefineProblem(message=f"more than one {element} has this OID", value=oid, place=oid)


@define_check()
def unresolved_items(view: DefineView) -> Iterator[DefineProblem]:
    """An ItemRef names an ItemDef."""
    missing = set(view.content.unresolved)
    places = [(d.name, i.oid) for d in view.content.datasets for i in d.items]
    places += [("", i.oid) for items in view.content.value_lists.values() for i in items]
    for dataset, oid in places:
        if oid in missing:
            yield DefineProblem(message="no ItemDef has this OID", dataset=dataset, value=oid, place=oid)


@define_check()
def unused_items(view: DefineView) -> Iterator[DefineProblem]:
    """An ItemDef is the definition of a variable or of values."""
    yield from _unused(view, view.content.unreferenced, "ItemDef")


def _all_items(content: DefineContent) -> Iterator[tuple[str, str, object]]:
    for dataset in content.datasets:
        yield from ((dataset.name, item.name, item) for item in dataset.items)
    for items in content.value_lists.values():
        yield from (("", item.name, item) for item in items)


def _references(content: DefineContent, attribute: str) -> Iterator[tuple[str, str, str]]:
    """(dataset, variable, OID) of each reference of an item."""
    for dataset, variable, item in _all_items(content):
        oid = getattr(item, attribute)
        if oid:
            yield dataset, variable, oid


def _unresolved(references: Iterable[tuple[str, str, str]], known: Iterable[str], what: str) -> Iterator[DefineProblem]:
    there = set(known)
    for dataset, variable, oid in references:
        if oid and oid not in there:
            message = f"no {what} has this {'ID' if what == 'def:leaf' else 'OID'}"
            yield DefineProblem(message=message, dataset=dataset, variable=variable, value=oid, place=oid)


def _codelist_references(content: DefineContent) -> Iterator[tuple[str, str, str]]:
    yield from _references(content, "codelist")
    yield from _references(content, "role_codelist")


@define_check()
def unresolved_codelists(view: DefineView) -> Iterator[DefineProblem]:
    """A CodeListRef and a RoleCodeListOID name a CodeList."""
    yield from _unresolved(_codelist_references(view.content), view.content.codelists, "CodeList")


@define_check()
def unused_codelists(view: DefineView) -> Iterator[DefineProblem]:
    """A variable or a value-level definition uses each CodeList."""
    yield from _unused(view, view.content.codelists, "CodeList")


@define_check()
def unresolved_methods(view: DefineView) -> Iterator[DefineProblem]:
    """A MethodOID names a MethodDef."""
    yield from _unresolved(_references(view.content, "method"), view.content.methods, "MethodDef")


@define_check()
def unused_methods(view: DefineView) -> Iterator[DefineProblem]:
    """A variable or a value-level definition uses each MethodDef."""
    yield from _unused(view, view.content.methods, "MethodDef")


def _comment_references(content: DefineContent) -> Iterator[tuple[str, str, str]]:
    yield from _references(content, "comment")
    yield "", "", content.version_comment
    yield from ((d.name, "", d.comment) for d in content.datasets)
    for elements in (content.standards, content.where, content.codelists):
        yield from (("", "", element.comment) for element in elements.values())
    yield from (("", "", result.comment) for display in content.displays for result in display.results)


@define_check()
def unresolved_comments(view: DefineView) -> Iterator[DefineProblem]:
    """A def:CommentOID names a def:CommentDef."""
    yield from _unresolved(_comment_references(view.content), view.content.comments, "def:CommentDef")


@define_check()
def unused_comments(view: DefineView) -> Iterator[DefineProblem]:
    """An element refers to each def:CommentDef."""
    yield from _unused(view, view.content.comments, "def:CommentDef")


@define_check()
def unresolved_value_lists(view: DefineView) -> Iterator[DefineProblem]:
    """A def:ValueListRef names a def:ValueListDef."""
    yield from _unresolved(_references(view.content, "value_list"), view.content.value_lists, "def:ValueListDef")


@define_check()
def unused_value_lists(view: DefineView) -> Iterator[DefineProblem]:
    """A variable has each def:ValueListDef."""
    yield from _unused(view, view.content.value_lists, "def:ValueListDef")


def _clause_references(content: DefineContent) -> Iterator[tuple[str, str, str]]:
    for dataset, variable, item in _all_items(content):
        yield from ((dataset, variable, oid) for oid in getattr(item, "where"))  # noqa: B009 - of any item
    for display in content.displays:
        for result in display.results:
            yield from (("", "", oid) for part in result.datasets for oid in part.where)


@define_check()
def unresolved_clauses(view: DefineView) -> Iterator[DefineProblem]:
    """A def:WhereClauseRef names a def:WhereClauseDef."""
    yield from _unresolved(_clause_references(view.content), view.content.where, "def:WhereClauseDef")


@define_check()
def unused_clauses(view: DefineView) -> Iterator[DefineProblem]:
    """A value-level definition or an analysis uses each def:WhereClauseDef."""
    yield from _unused(view, view.content.where, "def:WhereClauseDef")


@define_check()
def unresolved_conditions(view: DefineView) -> Iterator[DefineProblem]:
    """A condition of a where clause is about a variable of a dataset."""
    known = {i.oid for d in view.content.datasets for i in d.items} - set(view.content.unresolved)
    for clause in view.content.where.values():
        for check in clause.checks:
            if check.item not in known:
                message = "the where clause is about this item, and no dataset has it"
                yield DefineProblem(message=message, dataset=view.undescribed, value=check.item, place=clause.oid)


def _document_references(content: DefineContent) -> Iterator[tuple[str, str, str]]:
    def of(documents: Iterable[DocumentReference], dataset: str = "", variable: str = "") -> Iterator[tuple[str, ...]]:
        yield from ((dataset, variable, document.leaf) for document in documents)

    found: list[tuple[str, ...]] = [*of(content.crf), *of(content.supplements)]
    for dataset in content.datasets:
        for item in dataset.items:
            found += [r for origin in item.origins for r in of(origin.documents, dataset.name, item.name)]
    for items in content.value_lists.values():
        found += [r for item in items for origin in item.origins for r in of(origin.documents, "", item.name)]
    for element in (*content.methods.values(), *content.comments.values(), *content.displays):
        found += of(element.documents)
    for display in content.displays:
        for result in display.results:
            found += [*of(result.documents), *of(result.code_documents)]
    yield from ((dataset, variable, leaf) for dataset, variable, leaf in found)


@define_check()
def unresolved_leaves(view: DefineView) -> Iterator[DefineProblem]:
    """A def:DocumentRef and a def:ArchiveLocationID name a def:leaf."""
    content = view.content
    inner = {d.leaf.id for d in content.datasets if d.leaf is not None}
    references = [*_document_references(content), *((d.name, "", d.location) for d in content.datasets)]
    yield from _unresolved(references, {*content.leaves, *inner}, "def:leaf")


@define_check()
def unused_documents(view: DefineView) -> Iterator[DefineProblem]:
    """Something refers to each document."""
    yield from _unused(view, view.content.leaves, "def:leaf")


@define_check(Needs.VERSION_2_1)
def unresolved_standards(view: DefineView) -> Iterator[DefineProblem]:
    """A def:StandardOID names a def:Standard."""
    content = view.content
    references = [(d.name, "", d.standard) for d in content.datasets]
    references += [("", "", c.standard) for c in content.codelists.values()]
    yield from _unresolved(references, content.standards, "def:Standard")

"""Checks of origins: each variable has one, with source, predecessor, method and pages of the annotated CRF.

Source: Define-XML 2.1, def:Origin (def:Origin) and its controlled terminology, C170449 and C170450.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...define.content import DefineContent, Item
from ...define.references import method_problems
from .check import DefineProblem, DefineView, Needs, define_check

_TYPES = frozenset({"Assigned", "Collected", "Derived", "Not Available", "Other", "Predecessor", "Protocol"})
_SOURCES = frozenset({"Investigator", "Sponsor", "Subject", "Vendor"})
#: origin type -> the sources that go with it, by the appendix of the terminology
_WITH = {
    "Assigned": {"Sponsor", "Vendor", "Investigator", "Subject"},
    "Collected": {"Investigator", "Subject", "Vendor"},
    "Derived": {"Sponsor", "Vendor"},
    "Protocol": {"Sponsor"},
    "Predecessor": {"", "Sponsor"},
    "Not Available": {"", "Sponsor", "Vendor", "Investigator", "Subject"},
    "Other": {"", "Sponsor", "Vendor", "Investigator", "Subject"},
}
#: 2.0: CRF, eDT
_TYPES_2_0 = frozenset({"CRF", "Derived", "Assigned", "Protocol", "eDT", "Predecessor"})
_REFERENCE = re.compile(r"([A-Z][A-Z0-9_]*)\.([A-Z][A-Z0-9_]*)")


def _about(dataset: str, variable: str, item: Item, message: str, value: str = "") -> DefineProblem:
    return DefineProblem(message=message, dataset=dataset, variable=variable, value=value, place=item.oid)


@define_check()
def origins_stated(view: DefineView) -> Iterator[DefineProblem]:
    """A variable has an origin, or each of its value-level definitions has one."""
    for dataset, item in view.items:
        levels = view.content.value_lists.get(item.value_list, ())
        if not item.origins and not (levels and all(level.origins for level in levels)):
            yield _about(dataset, item.name, item, "no def:Origin, and not each value-level definition has one")


@define_check()
def origin_terms(view: DefineView) -> Iterator[DefineProblem]:
    """Type and Source of an origin are terms of the Define-XML terminology, and go with each other."""
    is_2_1 = not view.lacks(Needs.VERSION_2_1)
    types = _TYPES if is_2_1 else _TYPES_2_0
    for dataset, variable, item in view.all_items:
        for origin in item.origins:
            if origin.type not in types:
                yield _about(dataset, variable, item, "no term of Origin Type", origin.type)
            elif not is_2_1:
                continue
            elif origin.source and origin.source not in _SOURCES:
                yield _about(dataset, variable, item, "no term of Origin Source", origin.source)
            elif not origin.source and "" not in _WITH[origin.type]:
                yield _about(dataset, variable, item, f"an origin of the type {origin.type} has a Source")
            elif origin.source and origin.source not in _WITH[origin.type]:
                message = (
                    f"an origin of the type {origin.type} has the source {' or '.join(sorted(_WITH[origin.type]))}"
                )
                yield _about(dataset, variable, item, message, origin.source)


@define_check()
def derived_methods(view: DefineView) -> Iterator[DefineProblem]:
    """What is derived has a method: itself, or each of its value-level definitions."""
    for dataset, variable, item in view.all_items:
        levels = view.content.value_lists.get(item.value_list, ())
        by_value = bool(levels) and all(level.method for level in levels)
        if any(o.type == "Derived" for o in item.origins) and not item.method and not by_value:
            yield _about(dataset, variable, item, "the origin is Derived, and there is no method")


@define_check()
def predecessors_named(view: DefineView) -> Iterator[DefineProblem]:
    """A predecessor is described as DATASET.VARIABLE."""
    for dataset, variable, item in view.all_items:
        for origin in item.origins:
            if origin.type == "Predecessor" and not _REFERENCE.search(origin.text):
                yield _about(dataset, variable, item, "the predecessor is no DATASET.VARIABLE", origin.text)


def _variables(content: DefineContent) -> dict[str, set[str]]:
    return {d.name: {i.name for i in d.items} for d in content.datasets}


@define_check(Needs.SOURCES)
def predecessors_found(view: DefineView) -> Iterator[DefineProblem]:
    """A predecessor is a variable of a dataset of this define.xml, or of that of SDTM."""
    known = _variables(view.content)
    if view.sources is not None:
        for name, variables in _variables(view.sources).items():
            known.setdefault(name, set()).update(variables)
    for dataset, variable, item in view.all_items:
        for origin in item.origins:
            if origin.type != "Predecessor":
                continue
            for name, source in _REFERENCE.findall(origin.text):
                if source not in known.get(name, ()):
                    yield _about(dataset, variable, item, "no such variable in the package", f"{name}.{source}")
                elif name == dataset:
                    yield _about(dataset, variable, item, "the predecessor is in the same dataset", f"{name}.{source}")


@define_check(Needs.SDTM)
def crf_pages(view: DefineView) -> Iterator[DefineProblem]:
    """What investigators or subjects enter has the pages of the annotated CRF."""
    for dataset, variable, item in view.all_items:
        for origin in item.origins:
            entered = origin.type == "CRF" or (origin.type == "Collected" and origin.source != "Vendor")
            if entered and not any(d.pages for d in origin.documents):
                yield _about(dataset, variable, item, "collected, without a page of the annotated CRF", origin.source)


@define_check(Needs.SDTM)
def crf_document(view: DefineView) -> Iterator[DefineProblem]:
    """A package with collected variables has an annotated CRF."""
    collected = any(o.type in ("Collected", "CRF") for _, _, i in view.all_items for o in i.origins)
    if collected and not view.content.crf:
        yield DefineProblem(message="variables are collected, and def:AnnotatedCRF names no document")


@define_check(Needs.SOURCES)
def names_in_methods(view: DefineView) -> Iterator[DefineProblem]:
    """A name in capitals in a method is a variable or dataset of the package, or the method defines it."""
    if not view.xml:
        return
    for oid, text in method_problems(view.xml, [view.source_xml] if view.source_xml else []):
        yield DefineProblem(message=text, place=oid)

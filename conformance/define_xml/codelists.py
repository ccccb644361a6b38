"""Checks of the codelists of a define.xml: against the published terminology, and against the values of the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from ...define.content import CodelistContent
from ...engine.columns import column as col
from ...engine.tables.dataset import NUMERIC_TYPES
from ...mappings.facts.facts import codelist as published_codelist
from ...mappings.facts.facts import packages
from ...mappings.facts.terminology import Codelist
from ..closed_codelists import same_version
from .check import DefineProblem, DefineView, Needs, define_check
from .values import UsedValues, is_number, used_of

_NAME_OF_CT = "CDISC/NCI"


def _of(codelist: CodelistContent, message: str, value: str = "") -> DefineProblem:
    return DefineProblem(message=f"{codelist.name}: {message}", value=value, place=codelist.oid)


def outside_terms(codelist: CodelistContent, used: UsedValues) -> list[str]:
    """The values that are no terms of a codelist of define.xml; [] for a dictionary or a list without terms."""
    if codelist.dictionary or not codelist.terms:
        return []
    terms = {t.value for t in codelist.terms}
    if used.numbers is not None:
        numbers = {float(t) for t in terms if is_number(t)}
        return [t for t, n in zip(used.texts, used.numbers.tolist(), strict=True) if n not in numbers]
    return [t for t in used.texts if t not in terms]


@define_check(Needs.DATA)
def values_in_codelists(view: DefineView) -> Iterator[DefineProblem]:
    """Each value of a variable is a term of its codelist in define.xml."""
    for dataset, data in view.described:
        for item in dataset.items:
            codelist = view.content.codelists.get(item.codelist)
            if codelist is None or item.name.upper() not in data.columns:
                continue
            for value in outside_terms(codelist, used_of(view, data, item.name.upper())):
                records = _records_with(data.columns[item.name.upper()], value)
                message = f"no term of the codelist {codelist.oid}; {records} records have it"
                yield DefineProblem(message=message, dataset=dataset.name, variable=item.name, value=value)


def _records_with(column: pd.Series, value: str) -> int:
    if col.is_number(column):
        return int((np.asarray(column, dtype="float64") == float(value)).sum())
    codes, texts = col.split_text(column)
    return int((codes == np.flatnonzero(texts == value)[0]).sum())


@define_check(Needs.DATA, Needs.WHOLE)
def unused_terms(view: DefineView) -> Iterator[DefineProblem]:
    """A term of a codelist is a value of a variable that uses the list, or of a value-level definition."""
    used: dict[str, set[str]] = {}
    for dataset, data in view.described:
        for item in dataset.items:
            oids = {item.codelist, *(i.codelist for i in view.content.value_lists.get(item.value_list, ()))} - {""}
            if oids and item.name.upper() in data.columns:
                values = set(used_of(view, data, item.name.upper()).texts)
                for oid in oids:
                    used.setdefault(oid, set()).update(values)
    # a dataset that define.xml does not describe may have the terms
    complete = not set(view.datasets) - {d.name.upper() for d in view.content.datasets}
    for oid, codelist in view.content.codelists.items():
        if oid in used and complete:
            unused = [t.value for t in codelist.terms if not _has(used[oid], t.value)]
            if unused:
                message = f"no record has {len(unused)} of {len(codelist.terms)} terms"
                yield _of(codelist, message, ", ".join(unused))


def _has(values: set[str], term: str) -> bool:
    return term in values or (is_number(term) and any(is_number(v) and float(v) == float(term) for v in values))


@define_check()
def empty_codelists(view: DefineView) -> Iterator[DefineProblem]:
    """A codelist has terms, or it names a dictionary."""
    for codelist in view.content.codelists.values():
        if not codelist.terms and not codelist.dictionary:
            yield _of(codelist, "the codelist has no term and names no dictionary")


@define_check()
def repeated_terms(view: DefineView) -> Iterator[DefineProblem]:
    """A codelist has each term once."""
    for codelist in view.content.codelists.values():
        for value, count in Counter(t.value for t in codelist.terms).items():
            if count > 1:
                yield _of(codelist, f"{count} terms have this value", value)


@define_check()
def decodes(view: DefineView) -> Iterator[DefineProblem]:
    """In a list with decodes each term has one, and no two terms have the same."""
    for codelist in view.content.codelists.values():
        if not codelist.decoded:
            continue
        counts = Counter(t.decode for t in codelist.terms)
        for term in codelist.terms:
            if not term.decode:
                yield _of(codelist, "the term has no decode", term.value)
            elif counts[term.decode] > 1:
                yield _of(codelist, f"another term has the same decode {term.decode!r}", term.value)


@define_check()
def dictionary_versions(view: DefineView) -> Iterator[DefineProblem]:
    """An ExternalCodeList has a dictionary and its version."""
    for codelist in view.content.codelists.values():
        if codelist.dictionary and not codelist.dictionary_version:
            yield _of(codelist, "the ExternalCodeList has no Version", codelist.dictionary)


@define_check()
def codelist_types(view: DefineView) -> Iterator[DefineProblem]:
    """A codelist of numbers belongs to numbers, and a codelist of texts to texts; numeric lists have numbers."""
    for dataset, variable, item in view.all_items:
        codelist = view.content.codelists.get(item.codelist)
        if codelist is None or codelist.dictionary or not codelist.data_type or not item.data_type:
            continue
        if (codelist.data_type in NUMERIC_TYPES) != (item.data_type in NUMERIC_TYPES):
            message = f"the codelist {codelist.oid} is {codelist.data_type}, and the item is {item.data_type}"
            yield DefineProblem(
                message=message, dataset=dataset, variable=variable, value=item.data_type, place=item.oid
            )
    for codelist in view.content.codelists.values():
        for term in codelist.terms if codelist.data_type in NUMERIC_TYPES else ():
            if not is_number(term.value):
                yield _of(codelist, f"a term of a list of the type {codelist.data_type} is no number", term.value)


def _published(codelist: CodelistContent) -> Codelist | None:
    """The published list of its NCI code; None where it has none, or where the terms of the list do not ship."""
    found = published_codelist(codelist.code) if codelist.code else None
    return found if found is not None and found.terms else None


@define_check()
def published_codes(view: DefineView) -> Iterator[DefineProblem]:
    """A term of a published list has the NCI code that is published for its value."""
    for codelist in view.content.codelists.values():
        published = _published(codelist)
        if published is None:
            continue
        for term in codelist.terms:
            known = published.by_value.get(term.value)
            if known is not None and term.code and known.code and term.code != known.code:
                yield _of(codelist, f"{term.value} has the code {term.code}; {known.code} is published", term.value)


@define_check()
def extended_terms(view: DefineView) -> Iterator[DefineProblem]:
    """def:ExtendedValue marks each term of a published list that the study adds, and no published term."""
    for codelist in view.content.codelists.values():
        published = _published(codelist)
        compared = published is not None and published.extensible and same_version(view.content, codelist, published)
        for term in codelist.terms:
            known = published is not None and term.value in published.by_value
            if known and term.extended:
                yield _of(codelist, "the term is published, and def:ExtendedValue is Yes", term.value)
            elif codelist.code and not term.code and not term.extended:
                message = "the term has no NCI code, and def:ExtendedValue is not Yes"
                yield _of(codelist, message, term.value)
            elif published is not None and compared and term.value not in published.values and not term.extended:
                message = f"{published.code} does not have the term, and def:ExtendedValue is not Yes"
                yield _of(codelist, message, term.value)


@define_check()
def closed_codelists(view: DefineView) -> Iterator[DefineProblem]:
    """A list that is published as not extensible has no added term. Only the version that ships is compared."""
    for codelist in view.content.codelists.values():
        published = _published(codelist)
        if published is None or published.extensible:
            continue
        same = same_version(view.content, codelist, published)
        for term in codelist.terms:
            if term.value not in published.values and (term.extended or same):
                dataset, variable = _first_user(view, codelist.oid, term.value)
                found = _of(codelist, f"no term of the closed list {published.name}", term.value)
                yield replace(found, dataset=dataset, variable=variable)


def _first_user(view: DefineView, oid: str, value: str) -> tuple[str, str]:
    """The first dataset and variable that uses the codelist, or whose definitions do, with a record of the value."""
    for dataset, data in view.described:
        for item in dataset.items:
            levels = view.content.value_lists.get(item.value_list, ())
            uses = oid in (item.codelist, *(level.codelist for level in levels)) and item.name.upper() in data.columns
            if uses and value in used_of(view, data, item.name.upper()).texts:
                return dataset.name, item.name
    return "", ""


def _unknown(code: str) -> bool:
    return published_codelist(code) is None


@define_check(Needs.VERSION_2_1)
def codelist_standards(view: DefineView) -> Iterator[DefineProblem]:
    """A codelist with an NCI code names its terminology, one of def:Standards of the type CT, which has the code."""
    ships = set(packages().values())
    for codelist in view.content.codelists.values():
        standard = view.content.standards.get(codelist.standard)
        if codelist.code and not codelist.standard:
            yield _of(codelist, "the list has an NCI code and no def:StandardOID", codelist.code)
        elif standard is not None and (standard.type != "CT" or standard.name != _NAME_OF_CT):
            yield _of(codelist, "its standard is no controlled terminology", standard.name)
        elif standard is not None and codelist.code and standard.version in ships and _unknown(codelist.code):
            yield _of(codelist, "its terminology has no codelist with this code", codelist.code)
        elif not codelist.code and not codelist.dictionary and not codelist.standard and not codelist.non_standard:
            yield _of(codelist, "the list has no def:StandardOID, and def:IsNonStandard is not Yes")


#: variables whose list in the guide is that of one use of the domain -> the lists of the other uses. RS has clinical
#: classifications (QRSMTHOD) and the response to treatment (METHOD).
_ALSO = {"RSMETHOD": frozenset({"C85492"})}


@define_check(Needs.SDTM)
def codelists_of_guide(view: DefineView) -> Iterator[DefineProblem]:
    """A variable with one codelist in SDTMIG 3.4 has this list, or value-level definitions."""
    from ...mappings.facts.facts import sdtm_dataset

    for dataset in view.content.datasets:
        facts = sdtm_dataset(dataset.name)
        for item in dataset.items if facts else ():
            known = facts.variable(item.name) if facts else None
            wanted = known.codelist if known else ()
            codelist = view.content.codelists.get(item.codelist)
            code = codelist.code if codelist else ""
            if len(wanted) != 1 or item.value_list or item.has_no_data or (codelist and not code):
                continue  # a list of the sponsor may join several published ones
            if code and item.name.endswith(("TESTCD", "TEST")):
                continue  # each instrument has a list of its tests
            if code != wanted[0] and code not in _ALSO.get(item.name, ()):
                message = f"the guide has the codelist {wanted[0]}" + (
                    "" if codelist else ", and the variable has none"
                )
                yield DefineProblem(message=message, dataset=dataset.name, variable=item.name, value=code)

"""Checks of a define.xml alone: the schema, datasets, variables, standards, and their attributes.

Not for references (identifiers.py), origins (origins.py), codelists (codelists.py) and what SDTMIG states (guide.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ...define.checks import schema_errors
from ...define.content import DatasetContent, Item
from ...define.xml_tree import parsed
from ...engine.columns.iso_types import ISO_TYPES
from ...mappings.facts.facts import codelist
from .check import DefineProblem, DefineView, Needs, define_check

_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}", re.ASCII)
_LABEL = 40
#: Define-XML 2.1, 4.2.1: the data types of an ItemDef
_TEXTS = frozenset({"text", "string"})
_NUMBERS = frozenset({"integer", "float"})
#: data types that have a Length; those of ISO 8601 have none
_WITH_LENGTH = _TEXTS | _NUMBERS
_DATA_TYPES = (
    _WITH_LENGTH | ISO_TYPES | {"boolean", "double", "hexBinary", "base64Binary", "hexFloat", "base64Float", "URI"}
)
_PURPOSE = {"sdtm": "Tabulation", "adam": "Analysis"}


@define_check()
def schema(view: DefineView) -> Iterator[DefineProblem]:
    """The schema of Define-XML 2.1, or of Analysis Results Metadata 1.0 where it has analyses."""
    if view.xml and not view.lacks(Needs.VERSION_2_1):
        errors = schema_errors(view.xml)
        places = _places(view) if errors else {}
        for line, message in errors:
            dataset, variable, oid = places.get(line, ("", "", ""))
            yield DefineProblem(message=message, dataset=dataset, variable=variable, value=oid, place=f"line {line}")


def _places(view: DefineView) -> dict[int, tuple[str, str, str]]:
    """Line -> (dataset, variable, OID) of the element that the line belongs to."""
    owner = {i.oid: (d.name, i.name) for d in view.content.datasets for i in d.items}
    owner |= {level.oid: (dataset, variable) for dataset, variable, level in view.value_items}
    owner |= {d.oid: (d.name, "") for d in view.content.datasets}
    found: dict[int, tuple[str, str, str]] = {}
    for element in parsed(view.xml).iter("{*}*"):
        for one in (element, *element.iterancestors()):
            oid = one.get("ItemOID") or one.get("OID", "")
            if oid:
                found.setdefault(element.sourceline, (*owner.get(oid, ("", "")), oid))
                break
    return found


@define_check()
def repeated_datasets(view: DefineView) -> Iterator[DefineProblem]:
    """Two ItemGroupDefs have no equal Name."""
    for name, count in Counter(d.name.upper() for d in view.content.datasets).items():
        if count > 1:
            yield DefineProblem(message=f"{count} ItemGroupDefs have this name", dataset=name, value=name)


@define_check()
def repeated_variables(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset has each variable once."""
    for dataset in view.content.datasets:
        for name, count in Counter(i.name.upper() for i in dataset.items).items():
            if count > 1:
                yield _of(dataset, f"{count} ItemRefs are about this variable", variable=name, value=name)


def _of(dataset: DatasetContent, message: str, variable: str = "", value: str = "", place: str = "") -> DefineProblem:
    return DefineProblem(message=message, dataset=dataset.name, variable=variable, value=value, place=place)


@define_check()
def order_numbers(view: DefineView) -> Iterator[DefineProblem]:
    """Define-XML 2.1, ItemRef: each ItemRef of a dataset has an OrderNumber of its own."""
    for dataset in view.content.datasets:
        counts = Counter(i.order for i in dataset.items)
        for item in dataset.items:
            if not item.order:
                yield _of(dataset, "the ItemRef has no OrderNumber", item.name)
            elif counts[item.order] > 1:
                yield _of(dataset, "another variable of the dataset has this OrderNumber", item.name, item.order)


@define_check()
def key_numbers(view: DefineView) -> Iterator[DefineProblem]:
    """The KeySequence numbers of a dataset are 1, 2, 3 and so on, each once."""
    for dataset in view.content.datasets:
        keys = [i.key for i in dataset.items if i.key]
        wanted = {str(n) for n in range(1, len(keys) + 1)}
        if keys and (len(set(keys)) < len(keys) or set(keys) != wanted):
            numbers = ", ".join(sorted(keys, key=lambda k: (len(k), k)))
            yield _of(dataset, f"KeySequence has not each of 1 to {len(keys)} once", value=numbers)


@define_check()
def keys_stated(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset has key variables."""
    for dataset in view.content.datasets:
        if dataset.items and not any(i.key for i in dataset.items):
            yield _of(dataset, "no ItemRef has a KeySequence")


@define_check()
def dataset_labels(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset has a Description."""
    for dataset in view.content.datasets:
        if not dataset.label:
            yield _of(dataset, "the dataset has no Description")


@define_check()
def variable_labels(view: DefineView) -> Iterator[DefineProblem]:
    """A variable has a Description."""
    for dataset, item in view.items:
        if not item.label:
            yield DefineProblem(message="the variable has no Description", dataset=dataset, variable=item.name)


@define_check()
def label_lengths(view: DefineView) -> Iterator[DefineProblem]:
    """SAS transport files of version 5 hold labels of 40 bytes."""
    for dataset in view.content.datasets:
        labelled = [("", dataset.label), *((i.name, i.label) for i in dataset.items)]
        for variable, label in labelled:
            size = len(label.encode())
            if size > _LABEL:
                yield _of(dataset, f"the label has {size} bytes, more than {_LABEL}", variable, label)


@define_check()
def names_of_sas(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset or a variable has a name that a transport file of version 5 can hold, and its SAS name is equal."""
    for dataset in view.content.datasets:
        items = [i for i in dataset.items if i.oid not in view.content.unresolved]
        named = [("", dataset.name, dataset.sas_name), *((i.name, i.name, i.sas_name) for i in items)]
        for variable, name, sas_name in named:
            if not _NAME.fullmatch(name):
                message = "the name is not 1 to 8 capital letters, digits and underscores, with a letter first"
                yield _of(dataset, message, variable, name)
            elif sas_name and sas_name != name:
                yield _of(dataset, f"its name is {name}, and its SAS name differs", variable, sas_name)


@define_check()
def data_types(view: DefineView) -> Iterator[DefineProblem]:
    """The DataType is one of Define-XML."""
    for dataset, variable, item in view.all_items:
        if item.data_type not in _DATA_TYPES:
            yield _about(dataset, variable, item, "no DataType of Define-XML", item.data_type)


def _about(dataset: str, variable: str, item: Item, message: str, value: str = "") -> DefineProblem:
    return DefineProblem(message=message, dataset=dataset, variable=variable, value=value, place=item.oid)


@define_check()
def lengths_stated(view: DefineView) -> Iterator[DefineProblem]:
    """Define-XML 2.1, ItemDef: text, integer and float have a Length."""
    for dataset, variable, item in view.all_items:
        if item.data_type in _WITH_LENGTH and not item.length:
            yield _about(dataset, variable, item, f"{item.data_type} has no Length")


@define_check()
def lengths_of_dates(view: DefineView) -> Iterator[DefineProblem]:
    """Dates, times and durations of ISO 8601 have no Length."""
    for dataset, variable, item in view.all_items:
        if item.data_type in ISO_TYPES and item.length:
            yield _about(dataset, variable, item, f"{item.data_type} has a Length", item.length)


@define_check()
def digits_stated(view: DefineView) -> Iterator[DefineProblem]:
    """Define-XML 2.1, ItemDef: float has SignificantDigits, and no other type has."""
    for dataset, variable, item in view.all_items:
        if item.data_type == "float" and not item.digits:
            yield _about(dataset, variable, item, "float has no SignificantDigits")
        elif item.data_type != "float" and item.digits not in ("", "0"):
            yield _about(dataset, variable, item, f"{item.data_type} has SignificantDigits", item.digits)


@define_check()
def structures_stated(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset has def:Structure."""
    for dataset in view.content.datasets:
        if not dataset.structure.strip():
            yield _of(dataset, "the dataset has no def:Structure")


@define_check()
def class_terms(view: DefineView) -> Iterator[DefineProblem]:
    """The class is a term of General Observation Class (C103329), a subclass one of its lists for ADaM."""
    classes = _terms("C103329")
    subclasses = _terms("C165635") | _terms("C176227") | _terms("C177903")
    for dataset in view.content.datasets:
        if dataset.class_name.upper() not in classes:
            yield _of(dataset, "no term of General Observation Class", value=dataset.class_name)
        for name in dataset.subclasses:
            if name not in subclasses:
                yield _of(dataset, "no term of the subclasses of ADaM", value=name)


def _terms(code: str) -> frozenset[str]:
    found = codelist(code, "define")
    return found.values if found else frozenset()


@define_check()
def purposes(view: DefineView) -> Iterator[DefineProblem]:
    """Purpose is Tabulation of SDTM and Analysis of ADaM."""
    wanted = _PURPOSE[view.standard]
    for dataset in view.content.datasets:
        if dataset.purpose != wanted:
            yield _of(dataset, f"Purpose is {wanted} in {view.standard.upper()}", value=dataset.purpose)


@define_check(Needs.VERSION_2_1)
def standards_named(view: DefineView) -> Iterator[DefineProblem]:
    """def:Standards names an implementation guide and controlled terminology, by names of the terminology."""
    standards = view.content.standards.values()
    if not any(s.type == "IG" for s in standards):
        yield DefineProblem(message="def:Standards names no implementation guide")
    if not any(s.type == "CT" for s in standards):
        yield DefineProblem(message="def:Standards names no controlled terminology")
    names, statuses = _terms("C170452"), {s.casefold() for s in _terms("C172332")}
    for standard in standards:
        if standard.name not in names:
            yield DefineProblem(message="no term of Standard Name", value=standard.name, place=standard.oid)
        if not standard.version:
            yield DefineProblem(message="the standard has no Version", value=standard.name, place=standard.oid)
        if standard.status and standard.status.casefold() not in statuses:
            yield DefineProblem(message="no term of Standard Status", value=standard.status, place=standard.oid)


#: ADaMIG: the terminology of Define-XML lists the versions of SDTMIG alone
_ADAMIG = frozenset({"1.0", "1.1", "1.2", "1.3"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@define_check(Needs.VERSION_2_1)
def standard_versions(view: DefineView) -> Iterator[DefineProblem]:
    """The version of a guide is published (SDTMIG: C160924); that of controlled terminology is its date."""
    known = {"SDTMIG": _terms("C160924"), "ADaMIG": _ADAMIG}
    for standard in view.content.standards.values():
        versions = known.get(standard.name)
        if versions and standard.version not in versions:
            message = f"no version of {standard.name} that raw2adam knows"
            yield DefineProblem(message=message, value=standard.version, place=standard.oid)
        elif standard.type == "CT" and not _DATE.fullmatch(standard.version):
            message = "the version of controlled terminology is its date, as 2025-03-28"
            yield DefineProblem(message=message, value=standard.version, place=standard.oid)


@define_check(Needs.VERSION_2_1)
def dataset_standards(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset names its standard, or is declared as not standard (def:IsNonStandard)."""
    for dataset in view.content.datasets:
        if not dataset.standard and not dataset.non_standard:
            yield _of(dataset, "the dataset has no def:StandardOID, and it has no def:IsNonStandard")
        elif dataset.standard and dataset.non_standard:
            yield _of(dataset, "the dataset has def:StandardOID and def:IsNonStandard", value=dataset.standard)


@define_check()
def methods_described(view: DefineView) -> Iterator[DefineProblem]:
    """A MethodDef has a text, a name and the type Computation or Imputation."""
    for method in view.content.methods.values():
        if not method.text:
            yield DefineProblem(message="the method has no text", value=method.name, place=method.oid)
        if method.type not in ("Computation", "Imputation"):
            message = "the Type of a method is Computation or Imputation"
            yield DefineProblem(message=message, value=method.type, place=method.oid)


@define_check()
def comments_described(view: DefineView) -> Iterator[DefineProblem]:
    """A def:CommentDef has a text."""
    for comment in view.content.comments.values():
        if not comment.text:
            yield DefineProblem(message="the comment has no text", place=comment.oid)

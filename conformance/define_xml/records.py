"""Checks of a define.xml against the datasets of its folder: files, variables, labels, keys, gaps.

Not for the values of variables (values.py) nor their codelists (codelists.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from ...define.checks import unresolved_href
from ...define.content import DatasetContent, Item
from ...engine.columns import column as col
from ...engine.columns.verbs import has_earlier, order_rows, record_codes
from ...engine.tables.dataset import NUMERIC_TYPES, Dataset, VariableMetadata
from .check import DefineProblem, DefineView, Needs, define_check


def _of(dataset: DatasetContent, message: str, variable: str = "", value: str = "") -> DefineProblem:
    return DefineProblem(message=message, dataset=dataset.name, variable=variable, value=value)


@define_check(Needs.FOLDER)
def document_files(view: DefineView) -> Iterator[DefineProblem]:
    """The file of each document is in the folder of define.xml, upper and lower case as written."""
    if view.folder is None:
        return
    for leaf in view.content.leaves.values():
        problem = unresolved_href(leaf.href, view.folder)
        if problem:
            yield DefineProblem(message=f"the document {problem}", value=leaf.href, place=leaf.id)


@define_check(Needs.DATA, Needs.WHOLE)
def dataset_files(view: DefineView) -> Iterator[DefineProblem]:
    """The folder has the file of each dataset that define.xml describes with data."""
    for dataset in view.content.datasets:
        name = dataset.name.upper()
        if not dataset.has_no_data and name not in view.datasets and name not in view.files:
            href = dataset.leaf.href if dataset.leaf else ""
            yield _of(dataset, "define.xml describes the dataset, and the folder does not have it", value=href)


@define_check()
def dataset_leaves(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset names its file, and the leaf that it refers to; def:HasNoData Yes states that there is none."""
    for dataset in view.content.datasets:
        if dataset.leaf is None and not dataset.has_no_data:
            yield _of(dataset, "the dataset has no def:leaf, and def:HasNoData is not Yes")
        elif dataset.leaf is not None and dataset.location and dataset.location != dataset.leaf.id:
            yield _of(dataset, "def:ArchiveLocationID is not the def:leaf of the dataset", value=dataset.location)


@define_check(Needs.DATA)
def file_names(view: DefineView) -> Iterator[DefineProblem]:
    """The leaf of a dataset has the name of its file. Another format of the same dataset has another suffix."""
    for dataset, _ in view.described:
        file = view.files.get(dataset.name.upper(), "")
        if dataset.leaf is None or not file:
            continue
        wanted, found = dataset.leaf.href.rpartition("/")[2], file.rpartition("/")[2]
        if wanted.rpartition(".")[0] != found.rpartition(".")[0]:
            yield _of(dataset, f"the file of the dataset is {found}", value=dataset.leaf.href)


@define_check()
def undescribed_datasets(view: DefineView) -> Iterator[DefineProblem]:
    """define.xml describes each dataset of its folder."""
    known = {d.name.upper() for d in view.content.datasets}
    for name in sorted(set(view.datasets) - known):
        message = "the folder has the dataset, and define.xml does not describe it"
        yield DefineProblem(message=message, dataset=name, value=view.files.get(name, ""))


@define_check(Needs.DATA)
def undescribed_variables(view: DefineView) -> Iterator[DefineProblem]:
    """define.xml describes each variable of a dataset."""
    for dataset, data in view.described:
        known = {i.name.upper() for i in dataset.items}
        if any(i.oid in view.content.unresolved for i in dataset.items):
            continue  # the name of such a variable is not known
        for name in data.metadata.names:
            if name not in known:
                yield _of(dataset, "the dataset has the variable, and define.xml does not describe it", name)


@define_check(Needs.DATA)
def missing_variables(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset has each variable that define.xml describes."""
    for dataset, data in view.described:
        there = set(data.metadata.names)
        for item in dataset.items:
            if item.name.upper() not in there and item.oid not in view.content.unresolved:
                yield _of(dataset, "define.xml describes the variable, and the dataset does not have it", item.name)


@define_check(Needs.DATA)
def variable_order(view: DefineView) -> Iterator[DefineProblem]:
    """The variables of a dataset are in the order of define.xml."""
    for dataset, data in view.described:
        wanted = [i.name.upper() for i in dataset.items]
        common = set(wanted) & set(data.metadata.names)
        wanted = [n for n in dict.fromkeys(wanted) if n in common]
        found = [n for n in data.metadata.names if n in common]
        if wanted != found:
            first = next(a for a, b in zip(wanted, found, strict=True) if a != b)
            at = found[wanted.index(first)]
            yield _of(dataset, f"the variables are in another order: the dataset has {at} in this place", first)


def _both(view: DefineView) -> Iterator[tuple[DatasetContent, Dataset, Item, VariableMetadata]]:
    """The variables that define.xml and a dataset have."""
    for dataset, data in view.described:
        known = {v.name: v for v in data.metadata.variables}
        for item in dataset.items:
            if item.name.upper() in known and item.oid not in view.content.unresolved:
                yield dataset, data, item, known[item.name.upper()]


@define_check(Needs.DATA)
def equal_labels(view: DefineView) -> Iterator[DefineProblem]:
    """The labels of datasets and variables are equal in define.xml and in the files. A format may have none."""
    for dataset, data in view.described:
        if data.metadata.label and dataset.label and data.metadata.label != dataset.label:
            yield _of(dataset, f"the file has the label {data.metadata.label!r}", value=dataset.label)
    for dataset, _, item, variable in _both(view):
        if variable.label and item.label and variable.label != item.label:
            yield _of(dataset, f"the file has the label {variable.label!r}", item.name, item.label)


@define_check(Needs.DATA)
def equal_kinds(view: DefineView) -> Iterator[DefineProblem]:
    """integer and float are numbers in the file; all other types are text. A date of SAS is an integer."""
    for dataset, _, item, variable in _both(view):
        if item.data_type and (item.data_type in NUMERIC_TYPES) != variable.is_numeric:
            kind = "numeric" if variable.is_numeric else "character"
            yield _of(dataset, f"{item.data_type} in define.xml, {kind} in the file", item.name, item.data_type)


@define_check(Needs.DATA)
def empty_variables(view: DefineView) -> Iterator[DefineProblem]:
    """A variable without a value in any record has def:HasNoData, and a variable with values has not."""
    is_2_1 = not view.lacks(Needs.VERSION_2_1)
    for dataset, data, item, variable in _both(view):
        gaps = col.missing(data.columns[variable.name])
        if item.has_no_data and len(gaps) and not gaps.all():
            yield _of(dataset, f"def:HasNoData is Yes, and {int((~gaps).sum())} records have a value", item.name)
        elif is_2_1 and not item.has_no_data and len(gaps) and gaps.all():
            yield _of(dataset, "no record has a value, and def:HasNoData is not Yes", item.name)


@define_check(Needs.DATA)
def empty_datasets(view: DefineView) -> Iterator[DefineProblem]:
    """A dataset without records has def:HasNoData, and a dataset with records has not."""
    for dataset, data in view.described:
        if dataset.has_no_data and len(data):
            yield _of(dataset, f"def:HasNoData is Yes, and the dataset has {len(data)} records")
        elif not dataset.has_no_data and not len(data) and not view.lacks(Needs.VERSION_2_1):
            yield _of(dataset, "the dataset has no record, and def:HasNoData is not Yes")


@define_check(Needs.DATA)
def mandatory_values(view: DefineView) -> Iterator[DefineProblem]:
    """A Mandatory variable has a value in every record."""
    for dataset, data, item, variable in _both(view):
        if item.mandatory:
            gaps = col.missing(data.columns[variable.name])
            if gaps.any():
                first = int(gaps.argmax()) + 1
                count = int(gaps.sum())
                message = f"Mandatory is Yes, and {count} records have no value; the first is record {first}"
                yield replace(_of(dataset, message, item.name), records=count)


def _keys(dataset: DatasetContent, data: Dataset) -> tuple[list[str], list[pd.Series]]:
    """The keys in their order; none where the dataset lacks one of them."""
    keyed = sorted((int(i.key), i.name.upper()) for i in dataset.items if i.key.isdecimal())
    names = [n for _, n in keyed]
    return (names, [data.columns[n] for n in names]) if set(names) <= set(data.columns) else ([], [])


@define_check(Needs.DATA)
def unique_keys(view: DefineView) -> Iterator[DefineProblem]:
    """The keys identify each record."""
    for dataset, data in view.described:
        names, columns = _keys(dataset, data)
        again = has_earlier(record_codes(columns)) if columns else np.zeros(0, dtype=bool)
        if again.any():
            first = int(again.argmax()) + 1
            message = f"{int(again.sum())} records repeat the keys of an earlier one; the first is record {first}"
            yield _of(dataset, message, value=", ".join(names))


@define_check(Needs.DATA)
def sorted_keys(view: DefineView) -> Iterator[DefineProblem]:
    """The records are in the order of the keys."""
    for dataset, data in view.described:
        names, columns = _keys(dataset, data)
        if columns:
            moved = order_rows(columns) != np.arange(len(data))
            if moved.any():
                first = int(moved.argmax()) + 1
                message = f"{int(moved.sum())} records are not in the order of the keys; the first is record {first}"
                yield _of(dataset, message, value=", ".join(names))


@define_check(Needs.DATA)
def repeating_subjects(view: DefineView) -> Iterator[DefineProblem]:
    """Repeating is No where no subject has two records."""
    for dataset, data in view.described:
        if "USUBJID" in data.columns and not dataset.repeating:
            again = int(has_earlier(record_codes([data.columns["USUBJID"]])).sum())
            if again:
                yield _of(dataset, f"Repeating is No, and {again} records repeat a subject")


@define_check(Needs.DATA)
def reference_data(view: DefineView) -> Iterator[DefineProblem]:
    """IsReferenceData is Yes where the dataset has no subjects, and only there."""
    for dataset, data in view.described:
        subjects = "USUBJID" in data.columns
        if dataset.reference and subjects:
            yield _of(dataset, "IsReferenceData is Yes, and the dataset has subjects")
        elif (
            not dataset.reference and not subjects and dataset.class_name.upper() in ("TRIAL DESIGN", "STUDY REFERENCE")
        ):
            yield _of(dataset, "the dataset has no subjects, and IsReferenceData is not Yes")


@define_check(Needs.DATA, Needs.SDTM)
def domain_values(view: DefineView) -> Iterator[DefineProblem]:
    """The Domain of a dataset is the value of its variable DOMAIN."""
    for dataset, data in view.described:
        if "DOMAIN" in data.columns and not col.is_number(data.columns["DOMAIN"]):
            for value in _used(data.columns["DOMAIN"]):
                if dataset.domain and value not in ("", dataset.domain):
                    yield _of(dataset, f"Domain is {dataset.domain} in define.xml", "DOMAIN", value)


@define_check(Needs.DATA)
def study_values(view: DefineView) -> Iterator[DefineProblem]:
    """StudyName is the value of STUDYID."""
    found: dict[str, list[str]] = {}
    for dataset, data in view.described:
        if "STUDYID" in data.columns and not col.is_number(data.columns["STUDYID"]):
            for value in _used(data.columns["STUDYID"]):
                if view.content.study and value not in ("", view.content.study):
                    found.setdefault(value, []).append(dataset.name)
    for value, names in found.items():
        where = names[0] if len(names) == 1 else f"{len(names)} datasets"
        message = f"StudyName is {view.content.study} in define.xml, and STUDYID of {where} is {value}"
        yield DefineProblem(message=message, variable="STUDYID", value=value)


def _used(column: pd.Series) -> list[str]:
    codes, texts = col.split_text(column)
    return sorted(str(t) for t in texts[np.unique(codes)])

"""What an agency expects of all datasets of a package together: names, labels, types, lengths, the order of variables.

It reads metadata, no records. Not for what the transport format itself can hold (transport/xpt_header.py), for the
conformance of values (conformance/), nor for what FDA rejects technically (rejection.py).
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..engine.standard import tabulation
from ..engine.tables.dataset import DatasetMetadata, VariableMetadata
from ..findings.table import Findings
from ..mappings.facts.sdtm import sdtm_dataset
from ..mappings.facts.windows_names import is_device
from ..transport.agency_profiles import AgencyProfile

#: names that SAS gives to variables and lists of a data step
_OF_SAS = frozenset(
    f"_{name}_"
    for name in ("ALL", "CHARACTER", "CHAR", "CMD", "DATA", "ERROR", "FILE", "INFILE", "IORC", "LAST", "MSG", "N")
    + ("NULL", "NUMERIC", "TEMPORARY")
)
_PAIRS = ("()", "[]", "{}")
_LISTED = 5

Placed = tuple[DatasetMetadata, VariableMetadata]


@dataclass(frozen=True, kw_only=True)
class PackageFacts:
    """The datasets of a package with records, SDTM before ADaM.

    ``widths``: bytes of the longest value of a variable of a dataset. ``lengths``: name -> length in the existing SDTM
    that the package continues.
    """

    datasets: Sequence[DatasetMetadata]
    widths: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)

    def variables(self) -> dict[str, list[Placed]]:
        """Name -> where it is, in the order of the datasets."""
        found: dict[str, list[Placed]] = {}
        for dataset in self.datasets:
            for v in dataset.variables:
                found.setdefault(v.name, []).append((dataset, v))
        return found


def check_package(facts: PackageFacts, profile: AgencyProfile, findings: Findings) -> None:
    """Report every offence against the rules of a profile, all at once."""
    if not profile.checked:
        return
    for dataset in facts.datasets:
        _check_names(dataset, profile, findings)
        _check_labels(dataset, profile, findings)
        _check_order(dataset, findings)
    for name, places in facts.variables().items():
        _check_types(name, places, findings)
        _check_one_label(name, places, findings)
        _check_lengths(name, places, findings)
        if profile.tight_lengths:
            _check_tight(name, places, facts, findings)
    if profile.chinese and facts.datasets:
        text = f"{profile.agency} asks for labels in Chinese; XPT of this build has labels in ASCII, in English"
        findings.add("R2A-XPT-011", text, dataset=facts.datasets[0].name)


def _check_names(dataset: DatasetMetadata, profile: AgencyProfile, findings: Findings) -> None:
    if is_device(dataset.name):
        text = f"no file can be called {dataset.name.lower()}.xpt on Windows, which reserves the name for a device"
        findings.add("R2A-XPT-001", text, dataset=dataset.name)
    for v in dataset.variables:
        if v.name in _OF_SAS:
            text = f"{v.name} is a name of SAS itself: a program there cannot read the variable"
            findings.add("R2A-XPT-001", text, dataset=dataset.name, variable=v.name)
    if profile.plain_names:
        for name in (dataset.name, *dataset.names):
            if not name.isalnum():
                text = f"the name {name} has another character than letters and digits"
                variable = "" if name == dataset.name else name
                findings.add("R2A-XPT-002", text, dataset=dataset.name, variable=variable)


def _check_labels(dataset: DatasetMetadata, profile: AgencyProfile, findings: Findings) -> None:
    published = _published(dataset)
    for variable, label in (("", dataset.label), *((v.name, v.label) for v in dataset.variables)):
        fault = "" if label.strip() else "there is no label"
        if profile.balanced_labels and published.get(variable) != label:
            fault = fault or _unbalanced(label)
        if fault:
            findings.add("R2A-XPT-003", fault, dataset=dataset.name, variable=variable, value=label)


def _unbalanced(label: str) -> str:
    """The fault of a label with half a pair of marks, '' for any other."""
    for mark in "'\"":
        if label.count(mark) % 2:
            return f"the label has the mark {mark} without its pair"
    for opened, closed in _PAIRS:
        if label.count(opened) != label.count(closed):
            return f"the label has a bracket {opened} or {closed} without its pair"
    return ""


def _check_order(dataset: DatasetMetadata, findings: Findings) -> None:
    """The variables that SDTMIG lists for a dataset are in the order of its list."""
    listed = [name for name in _published(dataset) if name]
    places = [(listed.index(name), name) for name in dataset.names if name in listed]
    for (before, one), (after, other) in itertools.pairwise(places):
        if after < before:
            text = f"{other} comes after {one}, and SDTMIG lists it before"
            findings.add("R2A-XPT-008", text, dataset=dataset.name, variable=other)
            return


def _published(dataset: DatasetMetadata) -> dict[str, str]:
    """Variable -> its label in SDTMIG, in its order; {} for a dataset that SDTMIG does not list."""
    known = sdtm_dataset(dataset.name) if dataset.purpose == tabulation().purpose else None
    return {v.name: v.label for v in known.variables} if known is not None else {}


def _check_types(name: str, places: Sequence[Placed], findings: Findings) -> None:
    for dataset, v, others in _unlike(places, lambda v: v.is_numeric):
        kinds = ("numeric", "character") if v.is_numeric else ("character", "numeric")
        text = f"{name} is {kinds[0]} here and {kinds[1]} in {others}"
        findings.add("R2A-XPT-004", text, dataset=dataset.name, variable=name)


def _check_one_label(name: str, places: Sequence[Placed], findings: Findings) -> None:
    unpublished = [(d, v) for d, v in places if _published(d).get(name) != v.label]
    if not unpublished:  # SDTMIG itself has several labels, as of IETESTCD
        return
    for dataset, v, others in _unlike(places, lambda v: v.label):
        reference = next(o.label for d, o in places if d.name == others.split(", ")[0])
        text = f"the label is {v.label!r} here and {reference!r} in {others}"
        findings.add("R2A-XPT-005", text, dataset=dataset.name, variable=name, value=v.label)


def _check_lengths(name: str, places: Sequence[Placed], findings: Findings) -> None:
    pooled = [(d, v) for d, v in places if not v.is_numeric and not tabulation().separate_width(d.name, name)]
    for dataset, v, others in _unlike(pooled, lambda v: v.length):
        reference = next(o.length for d, o in pooled if d.name == others.split(", ")[0])
        text = f"the length is {v.length} here and {reference} in {others}"
        findings.add("R2A-XPT-006", text, dataset=dataset.name, variable=name)


def _check_tight(name: str, places: Sequence[Placed], facts: PackageFacts, findings: Findings) -> None:
    for dataset, v in places:
        if v.is_numeric:
            continue
        if tabulation().separate_width(dataset.name, name):
            longest, where = facts.widths.get((dataset.name, name), 0), "the dataset"
        else:
            widths = (facts.widths.get((d.name, name), 0) for d, _ in places)
            longest, where = max(facts.lengths.get(name, 0), *widths), "the study"
        if v.length > max(longest, 1):
            text = f"the length is {v.length}, and the longest value in {where} has {longest} bytes"
            findings.add("R2A-XPT-007", text, dataset=dataset.name, variable=name)


def _unlike(
    places: Sequence[Placed], fact: Callable[[VariableMetadata], object]
) -> Iterator[tuple[DatasetMetadata, VariableMetadata, str]]:
    """The datasets where a variable has another fact than in most, with the names of some that agree.

    SDTM decides for ADaM: its copies are as their origins.
    """
    if len({fact(v) for _, v in places}) < 2:
        return
    purpose = tabulation().purpose
    deciding = [v for d, v in places if d.purpose == purpose] or [v for _, v in places]
    counts = Counter(fact(v) for v in deciding)
    usual = max(counts, key=lambda found: counts[found])  # the first of the most frequent
    agreeing = [d.name for d, v in places if fact(v) == usual]
    others = ", ".join(agreeing[:_LISTED]) + (", ..." if len(agreeing) > _LISTED else "")
    for dataset, v in places:
        if fact(v) != usual:
            yield dataset, v, others

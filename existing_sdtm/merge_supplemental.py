"""Merges SUPP-- of existing SDTM: each QNAM becomes a column of the record that RDOMAIN, IDVAR, IDVARVAL name.

Source: SDTMIG 3.4 section 8.4. A qualifier that cannot be merged for certain is a finding and has no value. Not for
building SUPP-- (sdtm/supplemental.py) nor for reading files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.tables.dataset import Dataset, Origin, VariableMetadata
from ..engine.tables.existing import ExistingDataset
from ..engine.tables.table import stripped
from ..findings.table import Findings

#: the variables of SUPP-- that identify the parent record of a qualifier
NEEDED = ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}", re.ASCII)


class QualifierOutcome(IntEnum):
    """What became of a supplemental record."""

    MERGED = 0
    NO_DOMAIN = 1
    NO_NAME = 2
    NO_IDVAR = 3
    NO_PARENT = 4
    TWO_VALUES = 5
    REPEATED = 6
    TAKEN = 7
    EMPTY = 8

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    QualifierOutcome.MERGED: "merged",
    QualifierOutcome.NO_DOMAIN: "its domain is not in the folder",
    QualifierOutcome.NO_NAME: "QNAM is no variable name",
    QualifierOutcome.NO_IDVAR: "IDVAR is no variable of the domain",
    QualifierOutcome.NO_PARENT: "no parent record",
    QualifierOutcome.TWO_VALUES: "another value of the qualifier for the same record",
    QualifierOutcome.REPEATED: "the same value again",
    QualifierOutcome.TAKEN: "the domain has a variable of that name",
    QualifierOutcome.EMPTY: "no value",
}


def merge_qualifiers(
    domains: Mapping[str, ExistingDataset], supplemental: ExistingDataset, findings: Findings
) -> tuple[dict[str, ExistingDataset], np.ndarray]:
    """The domains with their qualifiers as text columns, and the QualifierOutcome of each supplemental record (int8).

    With IDVAR '', a qualifier belongs to every record of the subject. IDVARVAL is compared as a number where IDVAR is
    numeric, else as text without blanks around it. Two different values for one qualifier of a record give no value,
    because the order of records must not decide. The same value twice is one value.
    """
    frame = supplemental.dataset.frame
    outcome = np.full(len(frame), QualifierOutcome.NO_PARENT, dtype="int8")
    outcome[col.missing(frame["QVAL"])] = QualifierOutcome.EMPTY
    names, texts = col.split_text(frame["QNAM"])
    odd = np.array([not _NAME.fullmatch(t) for t in texts], dtype=bool)[names] if len(texts) else np.zeros(0, bool)
    outcome[odd] = QualifierOutcome.NO_NAME
    domain_of, domain_names = col.split_text(frame["RDOMAIN"])
    out = dict(domains)
    for number, name in enumerate(map(str, domain_names)):
        here = np.flatnonzero((domain_of == number) & (outcome == QualifierOutcome.NO_PARENT))
        if name not in domains:
            outcome[here] = QualifierOutcome.NO_DOMAIN
        elif len(here):
            out[name] = _merged(domains[name], supplemental, here, outcome, findings)
    _report(supplemental, outcome, findings)
    return out, outcome


def _merged(
    parent: ExistingDataset, supplemental: ExistingDataset, here: np.ndarray, outcome: np.ndarray, findings: Findings
) -> ExistingDataset:
    """A domain with its qualifiers. ``here``: its supplemental records; ``outcome`` is filled for them."""
    frame = supplemental.dataset.frame
    records, qualified_by = _pairs(parent.dataset, supplemental.dataset, here, outcome)
    names, texts = col.split_text(frame["QNAM"])
    values, _ = col.split_text(frame["QVAL"])
    dataset, qualifiers = parent.dataset, {}
    columns, variables = {}, []
    for code in np.unique(names[here]).tolist():
        name = str(texts[code])
        if name in dataset.metadata.names:
            those = here[names[here] == code]
            outcome[those] = QualifierOutcome.TAKEN
            findings.add(
                "R2A-GIVEN-006",
                f"{len(those)} records of SUPP{parent.name} have a qualifier that is also a variable of {parent.name}: "
                "the variable is used",
                dataset=parent.name,
                variable=name,
                file=supplemental.places(those[:1])[0][0],
            )
            continue
        of_name = names[qualified_by] == code
        record, at = records[of_name], qualified_by[of_name]
        order = np.lexsort((at, record))
        record, at = record[order], at[order]
        first = np.ones(len(record), dtype=bool)
        first[1:] = record[1:] != record[:-1]
        group = np.cumsum(first) - 1
        differs = values[at] != values[at[np.flatnonzero(first)][group]]
        clash = np.zeros(int(first.sum()), dtype=bool)
        clash[group[differs]] = True
        # a supplemental record of several parents may repeat the value for one parent and be the value of another
        outcome[at[~first & ~clash[group]]] = QualifierOutcome.REPEATED
        outcome[at[first & ~clash[group]]] = QualifierOutcome.MERGED
        outcome[at[clash[group]]] = QualifierOutcome.TWO_VALUES
        position = np.full(len(dataset), -1, dtype="int64")
        good = first & ~clash[group]
        position[record[good]] = at[good]
        qualifiers[name] = position
        columns[name] = col.compact(col.take(pd.Series(frame["QVAL"]), position))
        label = _label(frame, at[:1])
        variables.append(VariableMetadata(name, label, origin=Origin("Collected")))
    if not columns:
        return parent
    spec = replace(dataset.metadata, variables=(*dataset.metadata.variables, *variables))
    return replace(parent, dataset=Dataset(spec, dataset.frame.assign(**columns)), qualifiers=qualifiers)


def _label(frame: Any, at: np.ndarray) -> str:
    return str(col.objects(col.take(frame["QLABEL"], at))[0]) if "QLABEL" in frame and len(at) else ""


def _pairs(
    parent: Dataset, supplemental: Dataset, here: np.ndarray, outcome: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(parent record, supplemental record) of every match; sets the outcome where IDVAR is wrong."""
    frame: Any = supplemental.frame
    keyed, names = col.split_text(frame["IDVAR"])
    records, qualified_by = [np.zeros(0, "int64")], [np.zeros(0, "int64")]
    for number, name in enumerate(map(str, names)):
        at = here[keyed[here] == number]
        if not len(at):
            continue
        if (name and name not in parent.metadata.names) or "USUBJID" not in parent.metadata.names:
            outcome[at] = QualifierOutcome.NO_IDVAR
            continue
        of_parents = [pd.Series(parent.frame["USUBJID"])]
        right = [col.take(frame["USUBJID"], at)]
        if name:
            key = pd.Series(parent.frame[name])
            value = stripped(col.take(frame["IDVARVAL"], at))
            of_parents.append(key if col.is_number(key) else stripped(key))
            right.append(pd.Series(col.to_number(value)[0]) if col.is_number(key) else value)
        match = verbs.match_rows(of_parents, right, "one-to-many")
        tied = match.right >= 0
        records.append(match.left[tied])
        qualified_by.append(at[match.right[tied]])
    return np.concatenate(records), np.concatenate(qualified_by)


#: outcome -> (finding, variable with the reason, message)
_FINDINGS = {
    QualifierOutcome.NO_NAME: (
        "R2A-GIVEN-008",
        "QNAM",
        "QNAM is not 1 to 8 capitals, digits and underscores: not merged",
    ),
    QualifierOutcome.NO_IDVAR: ("R2A-GIVEN-005", "IDVAR", "the domain has no variable of this name: not merged"),
    QualifierOutcome.NO_PARENT: ("R2A-GIVEN-003", "IDVARVAL", "no record of the domain has this IDVAR and IDVARVAL"),
    QualifierOutcome.TWO_VALUES: (
        "R2A-GIVEN-004",
        "QVAL",
        "another record has another value of this qualifier: neither is used",
    ),
    QualifierOutcome.REPEATED: (
        "R2A-GIVEN-009",
        "QVAL",
        "another record has the same value of this qualifier: it counts as one",
    ),
}


def _report(supplemental: ExistingDataset, outcome: np.ndarray, findings: Findings) -> None:
    frame: Any = supplemental.dataset.frame
    for what, (rule, variable, message) in _FINDINGS.items():
        at = np.flatnonzero(outcome == what)
        if not len(at):
            continue
        file, record = supplemental.places(at)
        parents = col.objects(col.take(frame["RDOMAIN"], at))
        qualifier = col.objects(col.take(frame["QNAM"], at))
        named: Any = message  # an invalid QNAM is the value of the finding
        if what is not QualifierOutcome.NO_NAME:
            named = np.array([f"{q}: {message}" for q in qualifier.tolist()], dtype=object)
        findings.add(
            rule,
            named,
            dataset=np.array([f"SUPP{p}" for p in parents.tolist()], dtype=object),
            subject=col.objects(col.take(frame["USUBJID"], at)),
            variable=variable,
            value=col.objects(col.take(frame[variable], at)),
            file=file,
            row=record,
            column=variable,
        )
    unknown = outcome == QualifierOutcome.NO_DOMAIN
    codes, texts = col.split_text(frame["RDOMAIN"])
    for number, name in enumerate(map(str, texts)):
        count = int((unknown & (codes == number)).sum())
        if count:
            findings.add(
                "R2A-GIVEN-007",
                f"{count} supplemental records have the domain '{name}', which is not in the folder: they feed nothing",
                dataset=f"SUPP{name}",
                value=name,
            )

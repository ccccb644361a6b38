"""SUPP-- of given datasets merged back: each QNAM becomes a column of the record that RDOMAIN, IDVAR, IDVARVAL name.

Source: SDTMIG 3.4 section 8.4. What cannot be merged for certain is a finding and becomes no value. Not for making
SUPP-- (sdtm/supplemental.py) nor for reading files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.tables.dataset import Dataset, Origin, VariableMetadata
from ..engine.tables.existing import ExistingDataset
from ..engine.tables.table import stripped
from ..findings.table import Findings

#: the variables of SUPP-- that tell whose qualifier a record is
NEEDED = ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}", re.ASCII)

#: what became of a supplemental record
OUTCOMES = (
    "merged",
    "its domain is not given",
    "QNAM is no variable name",
    "IDVAR is no variable of the domain",
    "no parent record",
    "another value of the qualifier for the same record",
    "the same value again",
    "the domain has a variable of that name",
    "no value",
)
MERGED, NO_DOMAIN, NO_NAME, NO_IDVAR, NO_PARENT, TWO_VALUES, AGAIN, TAKEN, EMPTY = range(len(OUTCOMES))


def merge_qualifiers(
    domains: Mapping[str, ExistingDataset], supplemental: ExistingDataset, findings: Findings
) -> tuple[dict[str, ExistingDataset], np.ndarray]:
    """The domains with their qualifiers as text columns, and what became of each supplemental record (OUTCOMES).

    IDVAR '' ties a qualifier to every record of the subject. IDVARVAL is compared as a number where IDVAR is numeric,
    else as text without blanks around it. Two different values for one qualifier of a record give no value, since the
    order of records must not decide; the same value twice is one.
    """
    frame = supplemental.dataset.frame
    outcome = np.full(len(frame), NO_PARENT, dtype="int8")
    outcome[col.missing(frame["QVAL"])] = EMPTY
    names, texts = col.split_text(frame["QNAM"])
    odd = np.array([not _NAME.fullmatch(t) for t in texts], dtype=bool)[names] if len(texts) else np.zeros(0, bool)
    outcome[odd] = NO_NAME
    domain_of, domain_names = col.split_text(frame["RDOMAIN"])
    out = dict(domains)
    for number, name in enumerate(map(str, domain_names)):
        here = np.flatnonzero((domain_of == number) & (outcome == NO_PARENT))
        if name not in domains:
            outcome[here] = NO_DOMAIN
        elif len(here):
            out[name] = _merged(domains[name], supplemental, here, outcome, findings)
    _tell(supplemental, outcome, findings)
    return out, outcome


def _merged(
    parent: ExistingDataset, supplemental: ExistingDataset, here: np.ndarray, outcome: np.ndarray, findings: Findings
) -> ExistingDataset:
    """A domain with its qualifiers. ``here``: its supplemental records; ``outcome`` is filled for them."""
    frame = supplemental.dataset.frame
    records, mine = _pairs(parent.dataset, supplemental.dataset, here, outcome)
    names, texts = col.split_text(frame["QNAM"])
    values, _ = col.split_text(frame["QVAL"])
    dataset, qualifiers = parent.dataset, {}
    columns, variables = {}, []
    for code in np.unique(names[here]).tolist():
        name = str(texts[code])
        if name in dataset.metadata.names:
            those = here[names[here] == code]
            outcome[those] = TAKEN
            findings.add(
                "R2A-GIVEN-006",
                f"{len(those)} records of SUPP{parent.name} have a qualifier that {parent.name} itself has as a "
                "variable: the variable counts",
                dataset=parent.name,
                variable=name,
                file=supplemental.places(those[:1])[0][0],
            )
            continue
        own = names[mine] == code
        record, at = records[own], mine[own]
        order = np.lexsort((at, record))
        record, at = record[order], at[order]
        first = np.ones(len(record), dtype=bool)
        first[1:] = record[1:] != record[:-1]
        group = np.cumsum(first) - 1
        differs = values[at] != values[at[np.flatnonzero(first)][group]]
        clash = np.zeros(int(first.sum()), dtype=bool)
        clash[group[differs]] = True
        # a supplemental record of several parents may be the same value again for one of them and the value of others
        outcome[at[~first & ~clash[group]]] = AGAIN
        outcome[at[first & ~clash[group]]] = MERGED
        outcome[at[clash[group]]] = TWO_VALUES
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
    """(parent record, supplemental record) of every tie; records of IDVARs that the parent lacks are marked."""
    frame: Any = supplemental.frame
    keyed, names = col.split_text(frame["IDVAR"])
    records, mine = [np.zeros(0, "int64")], [np.zeros(0, "int64")]
    for number, name in enumerate(map(str, names)):
        at = here[keyed[here] == number]
        if not len(at):
            continue
        if (name and name not in parent.metadata.names) or "USUBJID" not in parent.metadata.names:
            outcome[at] = NO_IDVAR
            continue
        left = [pd.Series(parent.frame["USUBJID"])]
        right = [col.take(frame["USUBJID"], at)]
        if name:
            own = pd.Series(parent.frame[name])
            value = stripped(col.take(frame["IDVARVAL"], at))
            left.append(own if col.is_number(own) else stripped(own))
            right.append(pd.Series(col.to_number(value)[0]) if col.is_number(own) else value)
        match = verbs.match_rows(left, right, "one-to-many")
        tied = match.right >= 0
        records.append(match.left[tied])
        mine.append(at[match.right[tied]])
    return np.concatenate(records), np.concatenate(mine)


#: outcome -> (rule, variable that tells why, what is said)
_TOLD = {
    NO_NAME: ("R2A-GIVEN-008", "QNAM", "QNAM is not 1 to 8 capitals, digits and underscores: not merged"),
    NO_IDVAR: ("R2A-GIVEN-005", "IDVAR", "the domain has no variable of this name: not merged"),
    NO_PARENT: ("R2A-GIVEN-003", "IDVARVAL", "no record of the domain has this IDVAR and IDVARVAL"),
    TWO_VALUES: (
        "R2A-GIVEN-004", "QVAL", "another record gives this qualifier another value: neither is used",
    ),
    AGAIN: ("R2A-GIVEN-009", "QVAL", "another record gives this qualifier the same value: it counts once"),
}  # fmt: skip


def _tell(supplemental: ExistingDataset, outcome: np.ndarray, findings: Findings) -> None:
    frame: Any = supplemental.dataset.frame
    for what, (rule, variable, message) in _TOLD.items():
        at = np.flatnonzero(outcome == what)
        if not len(at):
            continue
        file, record = supplemental.places(at)
        parents = col.objects(col.take(frame["RDOMAIN"], at))
        qualifier = col.objects(col.take(frame["QNAM"], at))
        said = np.array([f"{q}: {message}" for q in qualifier.tolist()], dtype=object) if what != NO_NAME else message
        findings.add(
            rule,
            said,
            dataset=np.array([f"SUPP{p}" for p in parents.tolist()], dtype=object),
            subject=col.objects(col.take(frame["USUBJID"], at)),
            variable=variable,
            value=col.objects(col.take(frame[variable], at)),
            file=file,
            row=record,
            column=variable,
        )
    unknown = outcome == NO_DOMAIN
    codes, texts = col.split_text(frame["RDOMAIN"])
    for number, name in enumerate(map(str, texts)):
        count = int((unknown & (codes == number)).sum())
        if count:
            findings.add(
                "R2A-GIVEN-007",
                f"{count} supplemental records are of the domain '{name}', which is not given: they feed nothing",
                dataset=f"SUPP{name}",
                value=name,
            )

"""Checks of existing SDTM before ADaM reads it: subjects, the study, terms by case, the data cut-off.

A value never changes: an unknown subject or term is reported and kept. Not for types and
absent variables (adam_tables.py) nor for the conformance of what is built (conformance/).
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns.iso_dates import EPOCH, periods
from ..engine.tables.existing import ExistingDataset
from ..errors import InputError
from ..findings.table import Findings


def usable_records(tables: Mapping[str, ExistingDataset], findings: Findings) -> dict[str, ExistingDataset]:
    """The tables with their usable records: those whose subject is in DM.

    One finding per domain and subject that is not in DM. Raises InputError for a DM without subjects, and for one with
    several records of a subject, since then no value of a subject would be certain.
    """
    dm = tables["DM"]
    codes, texts = col.split_text(dm.dataset.frame["USUBJID"])
    count = np.bincount(codes, minlength=len(texts))
    twice = sorted(str(t) for t, n in zip(texts, count, strict=True) if n > 1 and t)
    file = dm.files[0].name
    if twice:
        more = f" and {len(twice) - 5} more" if len(twice) > 5 else ""
        raise InputError(f"{file}: DM has several records of {', '.join(twice[:5])}{more}; one per subject is needed")
    known = {str(t) for t, n in zip(texts, count, strict=True) if n and t}
    if not known:
        raise InputError(f"{file}: DM has no record with a USUBJID, so there are no subjects")
    folded: dict[str, list[str]] = {}
    for text in sorted(known):
        folded.setdefault(_folded(text), []).append(text)
    for alike in (a for a in folded.values() if len(a) > 1):
        message = f"differs from {', '.join(alike[:-1])} by case or blanks only: two subjects, or one?"
        findings.add("R2A-GIVEN-018", message, dataset="DM", subject=alike[-1], variable="USUBJID",
                     value=alike[-1], file=file)  # fmt: skip
    return {name: _counted(table, known, folded, findings) for name, table in tables.items()}


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def _counted(
    table: ExistingDataset, known: set[str], folded: Mapping[str, list[str]], findings: Findings
) -> ExistingDataset:
    if not table.present or "USUBJID" not in table.dataset.metadata.names:
        return table
    codes, texts = col.split_text(table.dataset.frame["USUBJID"])
    count = np.bincount(codes, minlength=len(texts))
    first = col.first_positions(codes, len(texts))
    good = np.array([t in known for t in texts], dtype=bool)
    for number in np.flatnonzero(~good & (count > 0)).tolist():
        text, files, records = str(texts[number]), *table.places(first[number : number + 1])
        near = folded.get(_folded(text), []) if text else []
        if not text:
            rule, why = "R2A-GIVEN-012", "no USUBJID"
        elif near:
            rule, why = "R2A-GIVEN-010", f"this subject, which DM has as '{near[0]}': case or blanks differ"
        else:
            rule, why = "R2A-GIVEN-011", "this subject, which is not in DM"
        noun = "1 record has" if count[number] == 1 else f"{count[number]} records have"
        findings.add(
            rule, f"{noun} {why}; they feed nothing", dataset=table.name, subject=text, variable="USUBJID",
            value=text, file=files[0], row=records, column="USUBJID",
        )  # fmt: skip
    usable = good[codes] if len(texts) else np.zeros(0, dtype=bool)
    return replace(table, usable=usable)


def check_study(tables: Iterable[ExistingDataset], study: str, findings: Findings) -> None:
    """Report each value of STUDYID that is not the id of the study, by domain."""
    for table in tables:
        if not table.present or "STUDYID" not in table.dataset.metadata.names:
            continue
        codes, texts = col.split_text(table.dataset.frame["STUDYID"])
        count = np.bincount(codes, minlength=len(texts))
        for text, n in zip(map(str, texts), count.tolist(), strict=True):
            if n and text != study:
                message = f"{n} records have STUDYID '{text}'; the study is {study}"
                findings.add("R2A-GIVEN-013", message, dataset=table.name, variable="STUDYID", value=text,
                             file=table.files[0].name)  # fmt: skip


def check_terms(
    table: ExistingDataset, conditions: Mapping[str, Collection[str]], is_read: Collection[str], findings: Findings
) -> None:
    """Report values that differ from a term only by case or blanks around them, in variables that ADaM reads.

    The terms are those of the planned codelist, of the value-level codelists of a variable, and the texts that
    conditions of ADaM compare it with (``conditions``: variable -> texts): with 'vgpr' a condition on 'VGPR' fails.
    """
    levels: dict[str, set[str]] = {}
    for level in table.dataset.metadata.values:
        if level.codelist is not None:
            levels.setdefault(level.variable, set()).update(level.codelist.values)
    for variable in table.dataset.metadata.variables:
        if variable.name not in is_read or variable.is_numeric:
            continue
        listed = variable.codelist.values if variable.codelist is not None else frozenset()
        terms = {*listed, *levels.get(variable.name, ()), *conditions.get(variable.name, ())}
        known: dict[str, list[str]] = {}
        for term in sorted(terms):
            known.setdefault(term.strip().casefold(), []).append(term)
        codes, texts = col.split_text(table.dataset.frame[variable.name])
        meant = {i: known.get(t.strip().casefold(), []) for i, t in enumerate(map(str, texts)) if t not in terms}
        hit = np.zeros(len(texts), dtype=bool)
        hit[[i for i, near in meant.items() if near]] = True
        at = np.flatnonzero(hit[codes]) if len(texts) else np.zeros(0, "int64")
        if not len(at):
            continue
        messages = np.array([f"not the term '{meant[i][0]}': case or blanks differ; it is kept, and is not read as the "
                             "term" if hit[i] else "" for i in range(len(texts))], dtype=object)  # fmt: skip
        _report(table, "R2A-GIVEN-014", at, messages[codes[at]], variable.name, findings)


def check_cutoff(table: ExistingDataset, cutoff: datetime.date, findings: Findings) -> None:
    """Report dates after the data cut-off, one finding per variable with the latest date. Existing SDTM is not cut."""
    if not table.present:
        return
    day = float(cutoff.toordinal() - EPOCH)
    for name in (v.name for v in table.dataset.metadata.variables if v.name.endswith("DTC") and not v.is_numeric):
        column = pd.Series(table.dataset.frame[name])
        late = np.flatnonzero(periods(column)[0] > day)
        if len(late):
            texts = col.objects(col.take(column, late))
            latest = max(map(str, texts.tolist()))
            findings.add(
                "R2A-GIVEN-015",
                f"{len(late)} records have a date after the data cut-off {cutoff}, the latest {latest}; existing SDTM "
                "is not cut, so they stay",
                dataset=table.name,
                variable=name,
                value=latest,
                file=table.files[0].name,
            )


def _report(table: ExistingDataset, rule: str, at: np.ndarray, message: Any, variable: str, findings: Findings) -> None:
    frame: Any = table.dataset.frame
    file, record = table.places(at)
    sequence = f"{table.name[:2]}SEQ"
    number: Any = -1
    if sequence in frame and col.is_number(frame[sequence]):
        number = np.nan_to_num(np.asarray(frame[sequence], dtype="float64")[at], nan=-1).astype("int64")
    findings.add(
        rule, message, dataset=table.name,
        subject=col.objects(col.take(frame["USUBJID"], at)) if "USUBJID" in frame else "", sequence=number,
        variable=variable, value=col.objects(col.take(frame[variable], at)), file=file, row=record, column=variable,
    )  # fmt: skip

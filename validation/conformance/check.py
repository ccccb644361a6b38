"""Checks a finished dataset against its own spec and the rules of the standards; every breach becomes a finding.

Not for the quality of raw data (validation/quality/run.py), nor for changing a value. The rules stand in rules.py.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset, Variable
from ...findings.table import Findings
from ...mappings.facts import facts
from ..iso_text import TEMPORAL, is_iso
from .adam import check_analysis
from .keys import check_keys, check_one_record, check_pairs_in_time, check_subjects, check_supplemental
from .rules import RULES, Report
from .values import check_value_levels, outside_codelist

__all__ = ["RULES", "check_dataset", "check_supplemental"]

MAX_BYTES = 200  # of a text: SAS XPORT version 5
MAX_LABEL = 40
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}", re.ASCII)
_CODE = re.compile(r"[A-Z_][A-Z0-9_]{0,7}", re.ASCII | re.IGNORECASE)


def check_dataset(
    dataset: Dataset, findings: Findings, *, subjects: pd.Series | None = None, dm: Dataset | None = None
) -> None:
    """Apply every rule that fits ``dataset`` and add what breaks it to ``findings``.

    ``subjects``: USUBJID of DM as a text column; or ``dm``, from which it is taken. With neither, subjects are not
    looked up. Parent records of SUPP-- need both datasets: check_supplemental.
    """
    report = Report(dataset, findings)
    _check_names(report)
    _check_required(report)
    for variable in dataset.spec.variables:
        column: Any = dataset.frame[variable.name]
        _check_codelist(report, variable, column)
        if not col.is_number(column):
            _check_text(report, variable, column)
    check_value_levels(report)
    check_keys(report)
    check_one_record(report)
    if subjects is None and dm is not None:
        subjects = pd.Series(dm.frame["USUBJID"])
    if subjects is not None and not dataset.name.startswith("SUPP"):  # check_supplemental finds the parent record
        check_subjects(report, subjects)
    check_pairs_in_time(report)
    _check_constants(report)
    if is_analysis(dataset):
        check_analysis(report)


def is_analysis(dataset: Dataset) -> bool:
    """Whether a dataset is ADaM."""
    return dataset.spec.purpose == "Analysis" or dataset.spec.standard.upper().startswith("ADAM")


def _check_names(report: Report) -> None:
    spec = report.dataset.spec
    if not _NAME.fullmatch(spec.name):
        report.whole("011", f"the dataset name '{spec.name}' is not 1 to 8 capitals, digits and underscores")
    if len(spec.label.encode()) > MAX_LABEL:
        report.whole("012", f"the dataset label has {len(spec.label.encode())} bytes, at most {MAX_LABEL} are allowed",
                     value=spec.label)  # fmt: skip
    for v in spec.variables:
        if not _NAME.fullmatch(v.name):
            report.whole("011", f"the variable name '{v.name}' is not 1 to 8 capitals, digits and underscores", v.name)
        size = len(v.label.encode())
        if size > MAX_LABEL:
            report.whole("012", f"the label has {size} bytes, at most {MAX_LABEL} are allowed", v.name, v.label)


#: what identifies a record of an analysis dataset; other ADaM variables may be missing in records
NEVER_MISSING_IN_ADAM = frozenset({"STUDYID", "USUBJID", "PARAM", "PARAMCD", "ASEQ"})


def _check_required(report: Report) -> None:
    dataset = report.dataset
    analysis = is_analysis(dataset)
    for v in dataset.spec.variables:
        # core Req of SDTMIG wants a value in every record, of ADaMIG only the variable (sections 4.1.1 and 3)
        if v.core == "Req" and (not analysis or v.name in NEVER_MISSING_IN_ADAM):
            report.records(
                "001", col.missing(pd.Series(dataset.frame[v.name])), v.name, f"{v.name} is required but missing"
            )
    if analysis:
        return
    known = facts.sdtm_dataset(dataset.name)
    present = set(dataset.spec.names)
    for fact in known.variables if known is not None else ():
        if fact.core == "Req" and fact.name not in present:
            report.whole("002", f"{fact.name} ({fact.label}) is required and not in the dataset", fact.name)


def _check_codelist(report: Report, variable: Variable, column: pd.Series) -> None:
    codelist = variable.codelist
    where = outside_codelist(codelist, column, variable.name)
    if codelist is None or where is None:
        return
    name = f"{codelist.name} ({codelist.code})" if codelist.code else codelist.name
    if not codelist.extensible:
        also = "; only part of its published terms ship with raw2adam" if codelist.trimmed else ""
        report.records("004", where, variable.name, f"not a term of the closed codelist {name}{also}")
    else:
        report.records("005", where, variable.name, f"not a term of the codelist {name}; add it to the study's terms")


def _check_text(report: Report, variable: Variable, column: pd.Series) -> None:
    codes, texts = col.split_text(column)
    if not len(texts):
        return

    def where(bad: list[bool]) -> np.ndarray:
        return np.array(bad, dtype=bool)[codes]

    name = variable.name
    report.records("010", where([len(t.encode("utf-8", "surrogatepass")) > MAX_BYTES for t in texts]), name,
                   f"the text is longer than {MAX_BYTES} bytes")  # fmt: skip
    if variable.type in TEMPORAL:
        bad = where([t != "" and not is_iso(t, variable.type) for t in texts])
        report.records("006", bad, name, f"not an ISO 8601 {TEMPORAL[variable.type]}")
    if name.endswith("TESTCD") or name in ("QNAM", "PARAMCD", "TSPARMCD"):
        bad = where([t != "" and not _CODE.fullmatch(t) for t in texts])
        report.records("013", bad, name, f"{name} is 1 to 8 letters, digits and underscores, and no digit comes first")


def _check_constants(report: Report) -> None:
    dataset = report.dataset
    frame: Any = dataset.frame
    if "STUDYID" in frame and len(frame):
        codes, texts = col.split_text(frame["STUDYID"])
        count = np.bincount(codes, minlength=len(texts))
        usual = min(range(len(texts)), key=lambda i: (-count[i], texts[i]))
        report.records("016", codes != usual, "STUDYID", f"all other records have STUDYID '{texts[usual]}'")
    if "DOMAIN" in frame and dataset.spec.domain:
        codes, texts = col.split_text(frame["DOMAIN"])
        other = np.array([t not in ("", dataset.spec.domain) for t in texts], dtype=bool)
        if len(texts):
            report.records("021", other[codes], "DOMAIN", f"the domain of this dataset is {dataset.spec.domain}")

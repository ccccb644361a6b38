"""Runs checks of data quality of one table, and reports their results as findings and as quality.html.

Not for conformance to a standard (conformance/), nor for the checks (raw_tables.py,
study_checks.py) nor for running great-expectations (suite.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset
from ...errors import Place
from ...findings.table import Findings
from ...sdtm.natural_keys import occurrences, sequence_name
from ...sources.table import RawTable
from .expectation_masks import failing_records, regex_verdict
from .expectations import OF_COLUMNS, columns_read
from .kind import Kind
from .scope import LookupSpec
from .suite import validated

#: a column of a check that means all columns of a table, as one coded column
WHOLE_ROW = "(the whole row)"
RAW_RULE = "R2A-QUAL-001"
#: expectations that only ask whether a value is there
_BY_PRESENCE = frozenset(
    {
        "column_proportion_of_non_null_values_to_be_between",
        "column_values_to_not_be_null",
        "column_values_to_be_null",
        "column_to_exist",
    }
)


@dataclass(frozen=True)
class QualityCheck:
    """One check of one table: an expectation of great-expectations, or a ``kind`` that raw2adam runs itself.

    ``expectation``: a name of EXPECTATIONS, or the verb of the kind. ``arguments``: of an expectation, by the names of
    great-expectations; the column WHOLE_ROW means all columns together. ``title``: what it asks, for people.
    ``words``: the same as one sentence from the expectation or kind. ``sentence``: the message of a finding.
    ``where``: only records where this condition holds. ``lookups``: names that conditions read. ``column``: the column
    that findings name, by default the first that the check reads. ``of_source``: the table is a raw source.
    ``unless``: rules whose finding about the same cell replaces that of this check. ``question``: to the site, with
    columns of the table in braces.
    """

    name: str
    table: str
    expectation: str
    arguments: Mapping[str, Any]
    severity: str = "warning"
    sentence: str = ""
    rule: str = RAW_RULE
    place: Place | None = None
    where: str = ""
    lookups: Mapping[str, LookupSpec] = field(default_factory=dict)
    title: str = ""
    words: str = ""
    column: str = ""
    kind: Kind | None = None
    of_source: bool = False
    question: str = ""
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class QualityResult:
    """The result of a check: ``failed`` of ``rows`` records (None: the expectation is not about single records).

    ``records``: 0-based positions of the failing records. ``observed``: the value the expectation saw, or its error.
    ``columns``, ``details``: for each of the records the column to look at and what is wrong, '' for nothing beyond
    the check; None where the check has one column and no details.
    """

    check: QualityCheck
    success: bool
    rows: int
    failed: int | None
    observed: str = ""
    records: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype="int64"), repr=False, compare=False)
    columns: np.ndarray | None = field(default=None, repr=False, compare=False)
    details: np.ndarray | None = field(default=None, repr=False, compare=False)

    def column_of_records(self) -> np.ndarray:
        """For each failing record the column to look at, '' for the whole record."""
        if self.columns is not None:
            return self.columns
        read = [c for c in columns_read(self.check.arguments) if c != WHOLE_ROW]
        return np.full(len(self.records), self.check.column or (read[0] if read else ""), dtype=object)


def run_checks(checks: Sequence[QualityCheck], frame: Any) -> list[QualityResult]:
    """Run expectations of one table; great-expectations reads each column one time, missing texts as None."""
    usable = [c for c in checks if c.expectation in OF_COLUMNS or all(n in frame for n in columns_read(c.arguments))]
    if not usable:
        return []
    seen: dict[str, Any] = {"row": np.arange(len(frame))}
    of_records = [c for c in usable if c.expectation not in OF_COLUMNS]
    by_value = {n for c in of_records if c.expectation not in _BY_PRESENCE for n in columns_read(c.arguments)}
    for name in {n for c in of_records for n in columns_read(c.arguments)} - by_value:
        if name in frame and not col.is_number(frame[name]):
            seen[name] = np.where(col.missing(frame[name]), np.nan, 1.0)  # its texts do not matter; many times faster
    expectations = [native(check, frame, seen) for check in of_records]
    summaries = iter(validated(expectations, pd.DataFrame(seen)) if of_records else [])
    of_columns = [(c.expectation, dict(c.arguments)) for c in usable if c.expectation in OF_COLUMNS]
    about = iter(validated(of_columns, pd.DataFrame(columns=list(frame.columns))) if of_columns else [])
    return [_result(c, next(about if c.expectation in OF_COLUMNS else summaries), frame) for c in usable]


def native(check: QualityCheck, frame: Any, seen: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name and arguments for great-expectations; the columns they read are put into ``seen``."""
    arguments = dict(check.arguments)
    name = check.expectation
    if "regex" in name:
        # RE2 decides, since Python's expressions can run for ever; great-expectations sees its verdict per record
        column = frame[check.arguments["column"]]
        key = f"{len(seen)} {check.arguments['column']} {name}"
        verdict = np.where(col.missing(column), 2, regex_verdict(name, column, check.arguments).astype("int8"))
        seen[key] = np.array(["no", "yes", None], dtype=object)[verdict]
        share = {k: v for k, v in arguments.items() if k == "mostly"}
        return "column_values_to_be_in_set", {**share, "column": key, "value_set": ["yes"]}
    for column in columns_read(arguments):
        if column in frame and column not in seen:
            seen[column] = frame[column] if col.is_number(frame[column]) else _with_none(frame[column])
    if name.startswith("column_pair_values"):
        arguments["ignore_row_if"] = "either_value_is_missing"
    elif name.startswith(("multicolumn", "select_column")):
        arguments["ignore_row_if"] = "any_value_is_missing"
    return name, arguments


def _with_none(column: pd.Series) -> np.ndarray:
    codes, texts = col.split_text(column)
    values = np.array([t if t.strip() else None for t in texts], dtype=object)
    return values[codes] if len(texts) else np.empty(len(codes), dtype=object)


def _result(check: QualityCheck, summary: dict[str, Any], frame: Any) -> QualityResult:
    detail = summary.get("result") or {}
    mask = None if summary["success"] else failing_records(check.expectation, check.arguments, frame)
    failed = detail.get("unexpected_count")
    observed = str(detail["observed_value"]) if "observed_value" in detail else ""
    success = bool(summary["success"])
    if error := _exception(summary.get("exception_info") or {}):
        observed = f"the check could not run: {error}"
    records = np.flatnonzero(mask) if mask is not None else np.zeros(0, dtype="int64")
    return QualityResult(check, success, len(frame), None if failed is None else int(failed), observed, records)


def _exception(info: Mapping[str, Any]) -> str:
    """The message of an error inside great-expectations, whose report of it has two shapes; '' when there is none."""
    entries = [info, *(v for v in info.values() if isinstance(v, dict))]
    return next((str(e.get("exception_message")) for e in entries if e.get("raised_exception")), "")


def add_findings(
    results: Iterable[QualityResult],
    findings: Findings,
    *,
    tables: Mapping[str, RawTable] | None = None,
    datasets: Mapping[str, Dataset] | None = None,
    subjects: Mapping[str, pd.Series] | None = None,
) -> None:
    """Each check that failed becomes findings: one per failing record, or one for the table where none is known.

    ``subjects``: source -> USUBJID of each row.
    """
    for result in results:
        check = result.check
        if result.success:
            continue
        read = [c for c in columns_read(check.arguments) if c != WHOLE_ROW]
        message = check.sentence or check.name
        raw = (tables or {}).get(check.table) if check.of_source else None
        dataset = None if check.of_source else (datasets or {}).get(check.table)
        who = (subjects or {}).get(check.table) if check.of_source else None
        whole: dict[str, Any] = {"source": raw.name, "file": raw.file} if raw is not None else {"dataset": check.table}
        named = "column" if raw is not None else "variable"
        if not len(result.records):
            text = message + (f" (found: {result.observed})" if result.observed and not raw else "")
            first = check.column or (read[0] if read else "")
            findings.add(check.rule, text, severity=check.severity, **whole, **{named: first})
            continue
        frame: Any = raw.frame if raw is not None else dataset.frame if dataset is not None else pd.DataFrame()
        messages = np.full(len(result.records), message, dtype=object)
        if result.details is not None:
            messages = np.array([f"{message}: {d}" if d else message for d in result.details.tolist()], dtype=object)
        columns = result.column_of_records()
        for name in dict.fromkeys(columns.tolist()):
            here = np.flatnonzero(columns == name)
            at = result.records[here]
            place = {**whole, named: name}
            if name in frame:
                place["value"] = col.objects(col.take(frame[name], at))
            if raw is not None:
                place["row"] = raw.record[at]
                if who is not None:
                    place["subject"] = col.objects(col.take(who, at))
            elif dataset is not None:
                place |= _where(dataset, at)
            findings.add(check.rule, messages[here], severity=check.severity, **place)


def _where(dataset: Dataset, at: np.ndarray) -> dict[str, Any]:
    place: dict[str, Any] = {}
    frame: Any = dataset.frame
    if "USUBJID" in frame:
        place["subject"] = col.objects(col.take(frame["USUBJID"], at))
    name = sequence_name(dataset)
    if name and col.is_number(frame[name]):
        numbers = np.asarray(frame[name], dtype="float64")[at]
        place["sequence"] = np.where(np.isfinite(numbers), np.nan_to_num(numbers, posinf=0, neginf=0), -1).astype(
            "int64"
        )
    elif "USUBJID" in frame:
        place["occurrence"] = occurrences(frame["USUBJID"])[at]
    return place


def superseding(results: Iterable[QualityResult]) -> dict[str, tuple[str, ...]]:
    """Rule of a check -> rules whose finding about the same cell replaces its own."""
    return {r.check.rule: r.check.unless for r in results if r.check.unless}

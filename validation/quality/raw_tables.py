"""The checks of data quality of raw tables: those of every table, and those that the declarations of a study ask for.

Each kind of check is one expectation over all sources: great-expectations decides for all at once; where it fails,
our masks find which sources and records fail. Not for running it (suite.py) nor for single cells (validation/raw/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.verbs import record_codes
from ...mappings.models.study import StudySpec
from ...sources.table import RawTable
from .expectation_masks import failing_records
from .run import WHOLE_ROW, QualityCheck, QualityResult
from .suite import validated

#: what great-expectations decides about the values of a kind of check, which are one per record or one per column
_FILLED, _DIFFER, _PRESENT, _THERE = (
    "column_proportion_of_non_null_values_to_be_between",
    "column_values_to_be_unique",
    "column_values_to_not_be_null",
    "column_to_exist",
)
_STACKED: dict[str, tuple[str, Mapping[str, Any]]] = {
    _FILLED: ("column_values_to_be_between", {"min_value": 0.0, "strict_min": True}),
    _DIFFER: (_DIFFER, {}),
    _PRESENT: (_PRESENT, {}),
    _THERE: ("column_values_to_be_in_set", {"value_set": [1.0]}),
}


def raw_quality(tables: Mapping[str, RawTable], extra: Sequence[QualityCheck] = ()) -> list[QualityResult]:
    """In every present table no column is empty in all rows, no two rows are equal, and the ``extra`` checks pass.

    ``extra``: the checks of declared_checks. A check of a missing table or column does not run; column_to_exist does.
    """
    usable = {n: t for n, t in tables.items() if t.present and len(t)}
    checks = [check for name, table in usable.items() for check in _every_table(name, table)]
    checks += [
        c for c in extra
        if c.table in usable and (c.expectation == _THERE or c.arguments["column"] in usable[c.table].frame)
    ]  # fmt: skip
    results = [
        result
        for expectation in _STACKED
        for result in _stacked([(c, usable[c.table]) for c in checks if c.expectation == expectation], expectation)
    ]
    order = {name: i for i, name in enumerate(usable)}
    return sorted(results, key=lambda r: order[r.check.table])


def _every_table(name: str, table: RawTable) -> list[QualityCheck]:
    filled = [
        QualityCheck(
            f"{name}: {c} is filled", name, _FILLED, {"column": c, "min_value": 0.0, "strict_min": True}, "note",
            f"the column {c} is empty in every row", title=f"{c} is filled in at least one row", of_source=True,
        )
        for c in table.frame.columns
    ]  # fmt: skip
    return [*filled, _rows_differ(name)]


def _stacked(checks: Sequence[tuple[QualityCheck, RawTable]], expectation: str) -> list[QualityResult]:
    """The results of checks of one kind: one expectation over the values of all; the failing ones only if it fails."""
    if not checks:
        return []
    name, arguments = _STACKED[expectation]
    arguments = {"column": "value", **arguments}
    parts = [_values(check, table, number) for number, (check, table) in enumerate(checks)]
    whole = pd.DataFrame({"value": np.concatenate(parts)})
    (summary,) = validated([(name, arguments)], whole)
    mask = None if summary["success"] else failing_records(name, arguments, whole)
    fails = np.zeros(len(whole), dtype=bool) if mask is None else mask
    results = []
    end = 0
    for (check, table), values in zip(checks, parts, strict=True):
        failing = np.flatnonzero(fails[end : end + len(values)])
        end += len(values)
        by_record = expectation in (_DIFFER, _PRESENT)
        observed = str(float(values[0])) if expectation == _FILLED else ""
        records = failing if by_record else np.zeros(0, dtype="int64")
        failed = len(failing) if by_record else None
        results.append(QualityResult(check, not len(failing), len(table), failed, observed, records))
    return results


def _values(check: QualityCheck, table: RawTable, number: int) -> np.ndarray:
    """What a check decides about: the filled share of its column, rows as codes, filled cells, or its being there."""
    column = check.arguments["column"]
    if check.expectation == _DIFFER:
        rows = record_codes([table.frame[c] for c in table.frame.columns])
        return rows.astype("int64") + (number << 32)  # rows of different tables have different codes
    if check.expectation == _THERE:
        return np.array([float(column in table.frame)])
    empty = col.missing(table.frame[column])
    return np.array([1 - empty.mean()]) if check.expectation == _FILLED else np.where(empty, np.nan, 1.0)


def _rows_differ(name: str) -> QualityCheck:
    return QualityCheck(
        f"{name}: rows differ", name, _DIFFER, {"column": WHOLE_ROW}, "warning",
        "another row is equal to this row in every cell", title="no two rows are equal in every cell", of_source=True,
    )  # fmt: skip


def equal_rows(tables: Mapping[str, RawTable]) -> list[QualityResult]:
    """The result of raw_quality about equal rows, without great-expectations."""
    results = []
    for name, table in tables.items():
        if table.present and len(table):
            rows = record_codes([table.frame[c] for c in table.frame.columns])
            records = np.flatnonzero(np.bincount(rows)[rows] > 1)
            results.append(QualityResult(_rows_differ(name), not len(records), len(rows), len(records), "", records))
    return results


def declared_checks(file: StudySpec, tables: Mapping[str, RawTable]) -> list[QualityCheck]:
    """The declarations of a study about its sources as checks for raw_quality.

    The columns that identify a subject are filled; columns with a declared date format are there.
    """
    checks = []
    for name, source in file.sources.items():
        subject = source.subject
        if subject != "none" and name in tables:
            identity = subject if subject is not None and (subject.columns or subject.split) else file.subject
            for column in identity.columns or ((identity.split,) if identity.split else ()):
                checks.append(
                    QualityCheck(
                        f"{name}: {column} identifies", name, _PRESENT, {"column": column},
                        "error", f"{column} identifies the subject and is missing",
                        title=f"{column} is filled", of_source=True,
                    )
                )  # fmt: skip
        for column in source.dates.columns if source.dates is not None else ():
            checks.append(
                QualityCheck(
                    f"{name}: {column} is there", name, _THERE, {"column": column}, "warning",
                    f"{column} has a declared date format but is not in the file",
                    title=f"{column} is in the file", of_source=True,
                )
            )  # fmt: skip
    return checks

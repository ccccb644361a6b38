"""The checks of data quality of raw tables: those of every table, and those that the declarations of a study ask for.

Not for running great-expectations (run.py) nor for defects of single cells (validation/raw/).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ...engine.columns.verbs import record_codes
from ...mappings.models.study import StudySpec
from ...sources.table import RawTable
from .run import WHOLE_ROW, QualityCheck, QualityResult, run_checks


def raw_quality(tables: Mapping[str, RawTable], extra: Sequence[QualityCheck] = ()) -> list[QualityResult]:
    """In every present table no column is empty in all rows, no two rows are equal, and the ``extra`` checks pass.

    ``extra``: the checks of declared_checks. A check of a missing table or column does not run; column_to_exist does.
    """
    results = []
    for name, table in tables.items():
        if not table.present or not len(table):
            continue
        checks = [
            QualityCheck(
                f"{name}: {c} is filled", name, "column_proportion_of_non_null_values_to_be_between",
                {"column": c, "min_value": 0.0, "strict_min": True}, "note", f"the column {c} is empty in every row",
            )
            for c in table.frame.columns
        ]  # fmt: skip
        checks.append(_rows_differ(name))
        checks += [c for c in extra if c.table == name]
        results += run_checks(checks, table.frame)
    return results


def _rows_differ(name: str) -> QualityCheck:
    return QualityCheck(
        f"{name}: rows differ", name, "column_values_to_be_unique", {"column": WHOLE_ROW}, "warning",
        "another row is equal to this row in every cell",
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


def declared_checks(
    file: StudySpec,
    tables: Mapping[str, RawTable],
    codes: Mapping[str, Mapping[str, Collection[str]]] | None = None,
) -> list[QualityCheck]:
    """The declarations of a study about its sources as checks for raw_quality.

    The columns that identify a subject are filled; columns with a declared date format are there; a column that a
    spec maps with a codelist holds only known texts. ``codes``: source -> column -> those texts.
    """
    checks = []
    for name, source in file.sources.items():
        subject = source.subject
        if subject != "none" and name in tables:
            identity = subject if subject is not None and (subject.columns or subject.split) else file.subject
            for column in identity.columns or ((identity.split,) if identity.split else ()):
                checks.append(
                    QualityCheck(
                        f"{name}: {column} identifies", name, "column_values_to_not_be_null", {"column": column},
                        "error", f"{column} identifies the subject and is missing",
                    )
                )  # fmt: skip
        for column in source.dates.columns if source.dates is not None else ():
            checks.append(
                QualityCheck(
                    f"{name}: {column} is there", name, "column_to_exist", {"column": column}, "warning",
                    f"{column} has a declared date format but is not in the file",
                )
            )  # fmt: skip
        for column, known in (codes or {}).get(name, {}).items():
            checks.append(
                QualityCheck(
                    f"{name}: {column} is coded", name, "column_values_to_be_in_set",
                    {"column": column, "value_set": sorted(known)}, "warning",
                    f"{column} is mapped with a codelist that does not have this text",
                )
            )  # fmt: skip
    return checks

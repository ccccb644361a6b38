"""Findings of a time to event: subjects without a record, dates that cannot be right, records that do not count.

Not for deciding any of it: decision.py, step.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...engine.columns import column as col
from .candidate_dates import Found
from .scope import BuildScope

if TYPE_CHECKING:
    from ...engine.derivations.environment import Environment


def report_subjects(
    env: Environment, rule: str, where: np.ndarray, variable: str, message: str, days: np.ndarray | None = None
) -> None:
    """A finding about the record of each of these subjects."""
    at = np.flatnonzero(where)
    if len(at):
        value = "" if days is None else _iso(days[at])
        subject = col.objects(env.subject())[at]
        env.findings.add(rule, message, dataset=env.dataset, subject=subject, variable=variable, value=value)


def report_unused(scope: BuildScope, events: list[Found], every: list[Found]) -> None:
    """Dates after the data cut-off, and events without a date; one finding a record for all parameters that read it."""
    for found in every:
        text = "a date after the data cut-off: it counts neither as an event nor as an end of observation"
        _report_rows(scope, found, found.rows[found.late], "R2A-TTE-004", text, found.days[found.late])
    for found in events:
        if found.spec.where is not None:
            text = "an event without a complete date: it does not count"
            undated = np.isnan(found.days)
            _report_rows(scope, found, found.rows[undated], "R2A-TTE-005", text, None)


def _report_rows(
    scope: BuildScope, found: Found, rows: np.ndarray, rule: str, message: str, days: np.ndarray | None
) -> None:
    key = f"{rule} {found.table.name}.{found.spec.date} {found.table.n}"
    reported = scope.env.build.study.cache.computed(key, lambda: np.zeros(found.table.n, dtype=bool))
    fresh = ~reported[rows]
    if not fresh.any():
        return
    rows = rows[fresh]
    reported[rows] = True
    name = found.spec.date
    value = col.objects(col.take(found.table.column(name), rows)) if days is None else _iso(days[fresh])
    sequence = -1
    if found.sequence:
        numbers = col.to_number(col.take(found.table.column(found.sequence), rows))[0]
        sequence = np.where(np.isnan(numbers), -1, numbers).astype("int64")
    subject = col.objects(col.take(found.table.column("USUBJID"), rows))
    scope.env.findings.add(
        rule,
        message,
        dataset=found.table.name,
        subject=subject,
        sequence=sequence,
        variable=name,
        value=value,
    )


def _iso(days: np.ndarray) -> np.ndarray:
    """Dates as ISO 8601 texts."""
    unique, inverse = np.unique(days, return_inverse=True)
    texts = [str(np.datetime64("1960-01-01") + np.timedelta64(int(d), "D")) for d in unique.tolist()]
    return np.array(texts, dtype=object)[inverse]

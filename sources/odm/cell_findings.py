"""Findings about single cells of an ODM file, collected over items and parts and reported as whole columns.

Not for deciding which cells have a finding (rows.py, report_rows.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ...findings.table import Findings


@dataclass
class CellFindings:
    """The cells of one finding: record numbers, values and columns; each list has one array per call of ``add``."""

    rows: list[np.ndarray] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    columns: list[np.ndarray] = field(default_factory=list)

    def add(self, rows: np.ndarray, values: Iterable[str], column: str) -> None:
        """Add cells of one column."""
        if len(rows):
            self.rows.append(rows)
            self.values.append(np.array([*values, ""], dtype=object)[:-1])
            self.columns.append(np.full(len(rows), column, dtype=object))

    def report(self, findings: Findings, rule: str, text: str, file: str) -> None:
        """Report the cells with one message, if there are any."""
        if self.rows:
            cells = {
                "row": np.concatenate(self.rows),
                "value": np.concatenate(self.values),
                "column": np.concatenate(self.columns),
            }
            findings.add(rule, text, file=file, **cells)

"""What the checks of raw data share: the column they look at, and the report that names file, row, column and value.

Not for the checks: raw_texts, raw_numbers, raw_dates, raw_identity, raw_rows; raw_checks runs them all. What each rule
finds and what to do is in findings/catalogue/raw.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...engine.columns import column as col
from ...findings.table import Findings
from ...sources.table import RawTable


@dataclass
class RawColumn:
    """A column of a raw table: codes into unique texts, and what the study takes it for.

    ``kind``: identity | date | time | number | code | text. ``known``: casefolded texts that a map, codelist or date
    declaration knows. ``void``: stripped texts that stand for no value, filled by the checks.
    """

    table: RawTable
    name: str
    kind: str = "text"
    known: frozenset[str] = frozenset()
    codes: np.ndarray = field(default_factory=lambda: np.zeros(0, "int32"))
    texts: np.ndarray = field(default_factory=lambda: np.zeros(0, object))
    void: dict[str, None] = field(default_factory=dict)

    @classmethod
    def of(cls, table: RawTable, name: str, kind: str = "text", known: frozenset[str] = frozenset()) -> RawColumn:
        codes, texts = col.split_text(pd.Series(table.frame[name]))
        return cls(table, name, kind, known, codes, texts)

    @property
    def counts(self) -> np.ndarray:
        """Rows of each unique text."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def bare(self) -> list[str]:
        """The unique texts without surrounding blanks."""
        return [t.strip() for t in self.texts.tolist()]

    def treat_as_missing(self, mask: np.ndarray) -> None:
        """The texts where ``mask`` holds are read as missing. See docs/semantics.md S4."""
        self.void |= dict.fromkeys(str(t).strip() for t in self.texts[mask])


class RawReport:
    """Findings about cells of one raw table: rule, message, file, row, column, value, subject."""

    def __init__(self, table: RawTable, subjects: pd.Series | None, findings: Findings):
        self.table, self.findings = table, findings
        self.subjects = subjects

    def cells(self, rule: str, column: RawColumn, mask: np.ndarray, message: str, *, kept: bool = False) -> None:
        """A finding for each row of the unique texts where ``mask`` holds. ``kept``: the text stays a value."""
        if mask.any():
            self.rows(rule, np.flatnonzero(mask[column.codes]), message, column, kept=kept)

    def rows(
        self,
        rule: str,
        at: np.ndarray,
        message: Any,
        column: RawColumn | str = "",
        value: Any = "",
        *,
        kept: bool = False,
    ) -> None:
        """A finding for each row of ``at`` (0-based); ``message`` is one text, or one per row."""
        if not len(at):
            return
        named = isinstance(column, RawColumn)
        self.findings.add(
            rule,
            message,
            source=self.table.name,
            file=self.table.file,
            row=self.table.record[at].astype("int64"),
            column=column.name if named else column,
            value=column.texts[column.codes[at]] if named else value,
            subject="" if self.subjects is None else col.objects(col.take(self.subjects, at)),
            kept=kept,
        )


def matching(texts: np.ndarray, pattern: str) -> np.ndarray:
    """Which unique texts hold a match of an RE2 pattern (linear time, whatever the pattern)."""
    if not len(texts):
        return np.zeros(0, dtype=bool)
    options = pc.MatchSubstringOptions(pattern)
    found = pc.call_function("match_substring_regex", [pa.array(texts, pa.large_string())], options)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)

"""Classes that the checks of raw data share: the table, its columns, and the report of file, row, column and value.

Not for the checks: texts, numbers, dates, identity, rows; checks.py runs them all. The title of each rule and what to
do are in findings/catalogue/raw.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...engine.columns import column as col
from ...engine.expressions.cells import KnownCells
from ...engine.subjects.identity import IDENTITY_COLUMNS
from ...engine.tables.table import stripped
from ...findings.table import Findings
from ...mappings.models.source import SourceSpec
from ...sources.table import RawTable


@dataclass
class RawColumn:
    """A column of a raw table: codes into unique texts, and its kind in the study.

    ``kind``: identity | date | time | number | code | text. ``known``: casefolded texts that a map, codelist or date
    declaration knows. ``void``: stripped texts that are read as missing, filled by the checks.
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

    def cells(self, rule: str, column: RawColumn, mask: np.ndarray, message: str, *, value_stays: bool = False) -> None:
        """A finding for each row of the unique texts where ``mask`` holds. ``value_stays``: the text stays a value."""
        if mask.any():
            self.rows(rule, np.flatnonzero(mask[column.codes]), message, column, value_stays=value_stays)

    def rows(
        self,
        rule: str,
        at: np.ndarray,
        message: Any,
        column: RawColumn | str = "",
        value: Any = "",
        *,
        value_stays: bool = False,
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
            value_stays=value_stays,
        )


@dataclass(kw_only=True, frozen=True)
class CheckedTable:
    """A raw table with all that its checks read, and where they report.

    ``cells``: its stripped columns and its identity columns by the names that rules use. ``columns``: its raw columns
    by name. ``known``: the declarations that conditions on its cells need.
    """

    table: RawTable
    source: SourceSpec
    cells: Mapping[str, pd.Series]
    columns: Mapping[str, RawColumn]
    known: KnownCells
    report: RawReport

    def __len__(self) -> int:
        return len(self.table)

    def declared(self, name: str) -> pd.Series:
        """The column that a declaration of the source names: a raw column, also one named like an identity column."""
        if name in IDENTITY_COLUMNS and name in self.table.frame:
            return stripped(pd.Series(self.table.frame[name]))
        return self.cells[name]


def matching(texts: np.ndarray, pattern: str) -> np.ndarray:
    """Where a unique text holds a match of an RE2 pattern (linear time for every pattern)."""
    if not len(texts):
        return np.zeros(0, dtype=bool)
    options = pc.MatchSubstringOptions(pattern)
    found = pc.call_function("match_substring_regex", [pa.array(texts, pa.large_string())], options)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)

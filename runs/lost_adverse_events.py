"""The first line of the reports: adverse events that did not reach SDTM, and how many of them are serious.

Not for the findings about their rows: close_accounts.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ..engine.accounts.ledger import Ledger
from ..engine.accounts.outcomes import CellOutcome, RowOutcome
from ..engine.columns import column as col
from ..engine.derivations.assign import From
from ..engine.derivations.cases import Cases
from ..engine.derivations.column_kinds import ColumnKinds, column_kinds
from ..engine.derivations.decode import Decode
from ..engine.expressions import kernels
from ..engine.expressions.cells import KnownCells
from ..engine.plan.plan import PlannedStudy
from ..engine.readers.cell_readers import Declarations
from ..engine.tables.raw_cells import RawCells
from ..engine.tables.table import RawSlice
from ..findings.table import Findings
from ..mappings.expressions.expression import parse
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.study import StudySpec
from ..sources.table import RawTable

#: what conditions on raw cells need: all sources, the kinds of their columns, the study
RawDeclared = tuple[Mapping[str, RawSlice], ColumnKinds, StudySpec]


def lead_lines(plan: PlannedStudy, tables: Mapping[str, RawTable], ledger: Ledger, findings: Findings) -> list[str]:
    """One line for each file with adverse event rows that did not reach SDTM; it states how many of them are serious.

    A row after the cut-off counts only if its date lies in the future: then the date is wrong, not the event.
    """
    reported = findings.frame()
    future = reported[reported["rule"] == "R2A-RAW-022"]
    lines = []
    declared = {n: RawSlice(t, {}) for n, t in tables.items()}, column_kinds(plan), plan.spec
    blocks = [(d, n, b.source) for d in plan.datasets.values() if d.name == "AE" for n, b in enumerate(d.spec.blocks)]
    for name in dict.fromkeys(source for _, _, source in blocks if source):
        raw = tables[name]
        lost = _lost_rows(ledger, raw, future.loc[future["source"] == name, "row"].to_numpy())
        parts = list(_event_parts(ledger, raw, lost))
        if not any(gone.any() for _, gone in parts):
            continue
        many, of = sum(int(gone.sum()) for _, gone in parts), sum(len(gone) for _, gone in parts)
        line = f"ERROR: {many} of {of} adverse event rows of {raw.file} did not reach SDTM"
        rules = [d.variables["AESER"].rule_in(n) for d, n, s in blocks if s == name and "AESER" in d.variables]
        if rules:
            serious = sum(int((gone & _any_serious(rules, raw, frame, declared)).sum()) for frame, gone in parts)
            line = f"{line}, {serious} of them serious"
        lines.append(line)
    return lines


def _lost_rows(ledger: Ledger, raw: RawTable, future: np.ndarray) -> np.ndarray:
    """Rows of a source that did not become an adverse event. ``future``: data records with a date in the future."""
    outcome = ledger.sources[raw.name].outcome
    lost = np.isin(outcome, (RowOutcome.EXCLUDED, RowOutcome.QUARANTINED)) | _term_lost(ledger, raw.name)
    return lost | ((outcome == RowOutcome.AFTER_CUTOFF) & np.isin(raw.record, future))


def _event_parts(ledger: Ledger, raw: RawTable, lost: np.ndarray) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
    """(cells, lost) of the event rows of a source; then those of the rows that the reader left out of the source."""
    events = _event_rows(ledger, raw)
    yield raw.frame[events], lost[events]
    if raw.left_out is not None:
        yield raw.left_out, np.ones(len(raw.left_out), dtype=bool)


def _event_rows(ledger: Ledger, raw: RawTable) -> np.ndarray:
    """Rows that can be part of an adverse event. In an ODM file: rows of item groups of which AE reads an item.

    A form has other item groups too, such as its status. A row of these is no event that could be lost.
    """
    if not raw.part_columns or "ItemGroupOID" not in raw.frame.columns:
        return np.ones(len(raw), dtype=bool)
    read = {t.column for t in ledger.cells.targets if (t.source, t.dataset) == (raw.name, "AE")}
    codes, groups = col.split_text(raw.frame["ItemGroupOID"])
    reads = [bool(read & raw.part_columns.get(str(g), frozenset())) for g in groups]
    return np.array(reads, dtype=bool)[codes] if any(reads) else np.ones(len(raw), dtype=bool)


def _term_lost(ledger: Ledger, name: str) -> np.ndarray:
    """Rows with a term that has no AE record, though the row has another record: an exploded item, another domain."""
    best: dict[str, np.ndarray] = {}
    for target, account in ledger.cells.targets.items():
        if (target.source, target.dataset, target.variable) == (name, "AE", "AETERM"):
            best[target.column] = np.maximum(best.get(target.column, np.uint8(0)), account.best)
    lost = np.zeros(len(ledger.sources[name].outcome), dtype=bool)
    for outcomes in best.values():
        lost |= np.isin(outcomes, (CellOutcome.EXCLUDED, CellOutcome.LOST, CellOutcome.REPORTED))
    return lost


def _holds(condition: str | None, cells: RawSlice, declared: RawDeclared) -> np.ndarray:
    """Where a condition holds for raw cells, read as declared; nowhere if it reads more than the file has."""
    if condition is None:
        return np.ones(cells.n, dtype=bool)
    expression = parse(condition)
    if any(not cells.in_file(name) for name in expression.names):
        return np.zeros(cells.n, dtype=bool)
    tables, kinds, study = declared
    known = KnownCells(
        lambda name: RawCells.of(cells, name, None, cells.n),
        Declarations(study, {**tables, cells.name: cells}),
        kinds,
    )
    return kernels.condition(expression, cells.column, cells.n, known)


def _any_serious(
    rules: list[DerivationSpec | None], raw: RawTable, frame: pd.DataFrame, declared: RawDeclared
) -> np.ndarray:
    """Rows of ``frame`` that are serious by one of the rules of AESER."""
    numbers = np.zeros(len(frame), dtype=np.int32)
    cells = RawSlice(replace(raw, frame=frame, record=numbers, line=numbers), {})
    serious = np.zeros(len(frame), dtype=bool)
    for rule in rules:
        serious |= _serious(rule, cells, declared)
    return serious


def _serious(rule: DerivationSpec | None, cells: RawSlice, declared: RawDeclared) -> np.ndarray:
    """Rows whose raw cells mean serious: Y, or a text that the rule maps to it. These rows have no record to read."""
    mapped = rule.map if isinstance(rule, (From, Decode)) else {}
    yes = {"y", "yes"} | {raw.strip().casefold() for raw, value in mapped.items() if value == "Y"}
    serious = np.zeros(cells.n, dtype=bool)
    earlier = np.zeros(cells.n, dtype=bool)
    for case in rule.cases if isinstance(rule, Cases) else ():
        here = _holds(case.when, cells, declared) & ~earlier
        earlier |= here
        if case.value is not None and case.value.strip().casefold() in yes:
            serious |= here
    for _, column in rule.reads() if rule else ():
        if cells.in_file(column):
            codes, texts = col.split_text(cells.column(column))
            serious |= np.array([t.strip().casefold() in yes for t in texts], dtype=bool)[codes]
    return serious

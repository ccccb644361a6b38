"""Closes the cell account: each filled cell gets its last outcome, and the counts are checked.

Not for accounting for cells while partitions are built: cells.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..columns import column as col
from .cells import CellLedger, Change, SourceCells, Target, TargetCells
from .changes import ChangeKind
from .outcomes import CELL_OF_ROW, CellOutcome

#: number of cell outcomes: the length of an array of counts
N_OUTCOMES = len(CellOutcome)
#: as plain numbers: numpy takes several times as long to compare with a member of an enum
_UNREPORTED, _EMPTY = np.uint8(CellOutcome.UNREPORTED), np.uint8(CellOutcome.EMPTY)
_EXCLUDED, _AFTER_CUTOFF = np.uint8(CellOutcome.EXCLUDED), np.uint8(CellOutcome.AFTER_CUTOFF)
_USED = np.uint8(CellOutcome.USED)


def settle_cells(
    ledger: CellLedger,
    rows: Mapping[str, np.ndarray],
    of_columns: Mapping[tuple[str, str], CellOutcome],
    reported: Callable[[Target], np.ndarray],
) -> list[tuple[Target, np.ndarray]]:
    """Settle every column; return the lost rows of each target. Call it when all partitions and findings are complete.

    ``rows``: source -> RowOutcome of each row. ``of_columns``: (source, column) -> outcome of the cells of mapped rows
    that no variable read. ``reported``: the data records whose cell a finding reports as lost to the target.
    """
    of_rows = {name: CELL_OF_ROW[outcomes] for name, outcomes in rows.items()}
    lost: list[tuple[Target, np.ndarray]] = []
    best: dict[tuple[str, str], np.ndarray] = {}  # (source, column) -> best outcome of each row over the targets
    for target in sorted(ledger.targets):
        account, cells = ledger.targets[target], ledger.sources[target.source]
        ids = _settle_empty(account, cells, target, reported)
        if len(ids):
            lost.append((target, ids))
        filled, of_row = cells.filled(target.column), of_rows[target.source]
        unseen = filled & (account.best == _UNREPORTED)
        account.best[unseen] = of_row[unseen]
        account.best[(account.best == _EXCLUDED) & (of_row == _AFTER_CUTOFF)] = _AFTER_CUTOFF
        account.counts = np.bincount(account.best, minlength=N_OUTCOMES)
        key = (target.source, target.column)
        best[key] = np.maximum(best[key], account.best) if key in best else account.best.copy()
    for name, cells in ledger.sources.items():
        for column in map(str, cells.raw.frame.columns):
            otherwise = of_columns.get((name, column), CellOutcome.UNREPORTED)
            cells.totals[column] = _column_totals(cells, column, best.get((name, column)), of_rows[name], otherwise)
    return lost


def _settle_empty(
    account: TargetCells, cells: SourceCells, target: Target, reported: Callable[[Target], np.ndarray]
) -> np.ndarray:
    """Divide the EMPTY cells of a target into REPORTED and LOST; the lost rows."""
    ids = np.flatnonzero(account.best == _EMPTY)
    if not len(ids):
        return ids
    known = np.isin(cells.raw.record[ids], reported(target))
    for outcome, part in ((CellOutcome.REPORTED, ids[known]), (CellOutcome.LOST, ids[~known])):
        account.best[part] = outcome
        _note_empty(account, cells, target.column, part, outcome)
    return ids[~known]


def _note_empty(account: TargetCells, cells: SourceCells, column: str, ids: np.ndarray, outcome: CellOutcome) -> None:
    codes, texts, _ = cells.texts(column)
    count = np.bincount(codes[ids], minlength=len(texts))
    first = col.first_positions(codes[ids], len(texts))
    for at in np.flatnonzero(count).tolist():
        change = Change(str(texts[at]), "", outcome, ChangeKind.NONE)
        account.note(change, int(count[at]), int(cells.raw.record[ids[first[at]]]))


def _column_totals(
    cells: SourceCells, column: str, best: np.ndarray | None, of_rows: np.ndarray, otherwise: CellOutcome
) -> np.ndarray:
    """The filled cells of a column by outcome, and the blank ones last. ``best``: None where no variable read it."""
    filled = cells.filled(column)
    outcome = np.zeros(len(filled), "uint8") if best is None else best
    if column in cells.used:
        outcome = np.maximum(outcome, np.where(filled & cells.used[column], _USED, _UNREPORTED))
    of_rows = np.where(of_rows == _UNREPORTED, np.uint8(otherwise), of_rows)
    outcome = np.where(outcome == _UNREPORTED, of_rows, outcome)
    counts = np.bincount(outcome[filled], minlength=N_OUTCOMES)
    return np.append(counts, len(filled) - int(np.count_nonzero(filled)))


def cell_problems(ledger: CellLedger) -> list[str]:
    """Columns whose cells do not add up, in plain sentences: filled cells without an outcome, or counted twice."""
    problems = []
    for cells in ledger.sources.values():
        for column, counts in cells.totals.items():
            if counts[CellOutcome.UNREPORTED] or counts.sum() != len(cells.raw):
                problems.append(
                    f"{cells.raw.file}, column {column}: {len(cells.raw) - int(counts[-1])} filled cells, "
                    f"{int(counts[1:-1].sum())} accounted for"
                )
    for target, account in sorted(ledger.targets.items()):
        totals = ledger.sources[target.source].totals.get(target.column)
        if totals is not None and account.counts[1:].sum() != totals[:-1].sum():
            problems.append(
                f"{ledger.sources[target.source].raw.file}, column {target.column} to "
                f"{target.dataset}.{target.variable}: {int(totals[:-1].sum())} filled cells, "
                f"{int(account.counts[1:].sum())} accounted for"
            )
    return problems

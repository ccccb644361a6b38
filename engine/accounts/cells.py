"""The cell account: what became of every filled raw cell, by column, and by variable of the block that read it.

A cell is counted once for each variable that read it, and once for its column, by its best outcome. A change is judged
once per pair of verbatim text and value. Not for finding out what a rule read (engine/building/cell_readings.py), nor
for the last outcome of a cell (settle.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from ...sources.table import RawTable
from ..columns import column as col
from ..columns import verbs
from .changes import LISTED, ChangeKind, change_of
from .outcomes import CellOutcome

#: as plain numbers: numpy takes several times as long to compare with a member of an enum
_UNREPORTED, _EMPTY = np.uint8(CellOutcome.UNREPORTED), np.uint8(CellOutcome.EMPTY)
_TRANSFORMED, _CARRIED = np.uint8(CellOutcome.TRANSFORMED), np.uint8(CellOutcome.CARRIED)
#: means every column that a rule read, where the outcome is about the value and not about one column
ALL_READ = ""
#: bytes of a text that XPT holds in one variable; a longer one continues in SUPP-- or CO
MAX_TEXT = 200


class Target(NamedTuple):
    """One variable of one block that read one raw column."""

    source: str
    column: str
    dataset: str
    block: int
    variable: str


class Change(NamedTuple):
    """A verbatim text and what became of it. ``how``: the kind of change, NONE where the outcome needs no kind."""

    verbatim: str
    value: str
    outcome: CellOutcome
    how: ChangeKind


@dataclass
class TargetCells:
    """The cells of one target: the outcome of each row's cell (uint8), and the changes that the account lists.

    ``changes``: change -> [cells, first record]. ``how``: cells by kind of change. ``counts``: cells by outcome, blank
    ones under UNREPORTED; settle.py fills it.
    """

    best: np.ndarray
    place: str
    counts: np.ndarray = field(default_factory=lambda: np.zeros(len(CellOutcome), "int64"))
    how: dict[ChangeKind, int] = field(default_factory=dict)
    changes: dict[Change, list[int]] = field(default_factory=dict)

    def mark(self, ids: np.ndarray | None, outcome: np.ndarray) -> None:
        """Set the outcome of rows ``ids`` (distinct; None: all rows), unless a row has a stronger one."""
        if ids is None:
            np.maximum(self.best, outcome, out=self.best)
        else:
            self.best[ids] = np.maximum(self.best[ids], outcome)

    def note(self, change: Change, cells: int, first: int) -> None:
        found = self.changes.setdefault(change, [0, first])
        found[0] += cells
        found[1] = min(found[1], first)


class Texts(NamedTuple):
    """A raw column, unchanged: a code per row, the texts, and which of them are filled."""

    codes: np.ndarray
    texts: np.ndarray
    filled: np.ndarray


@dataclass(frozen=True)
class _Pairs:
    """The distinct pairs of a verbatim text and a value, and which of them each record has.

    Four records with the cells ``m, f, m, m`` and the values ``M, F, M, ''`` have three pairs: (m, M), (f, F), (m, '').
    ``codes`` is then 0, 1, 0, 2, and ``first`` is 0, 1, 3.
    """

    codes: np.ndarray  # pair of each record
    first: np.ndarray  # first record of each pair, -1 for none
    texts: np.ndarray
    values: np.ndarray
    filled: np.ndarray

    def take(self, at: np.ndarray) -> _Pairs:
        """The same pairs for the records at these positions."""
        codes = self.codes[at]
        return replace(self, codes=codes, first=col.first_positions(codes, len(self.texts)))


class SourceCells:
    """The cells of one raw source. ``totals``: column -> cells by outcome, blank ones last; settle.py fills it."""

    def __init__(self, raw: RawTable):
        self.raw = raw
        self.totals: dict[str, np.ndarray] = {}
        self.used: dict[str, np.ndarray] = {}  # column -> rows whose cell a condition, formula or key read
        self._texts: dict[str, Texts] = {}
        self._first: dict[str, np.ndarray] = {}

    def texts(self, column: str) -> Texts:
        if column not in self._texts:
            codes, texts = col.split_text(col.column_of(self.raw.frame, column))
            filled = np.array([bool(t) and not t.isspace() for t in texts], dtype=bool)
            self._texts[column] = Texts(codes, texts, filled)
        return self._texts[column]

    def first(self, column: str) -> np.ndarray:
        """For each text of a column the first row that has it, -1 for none."""
        if column not in self._first:
            codes, texts, _ = self.texts(column)
            self._first[column] = col.first_positions(codes, len(texts))
        return self._first[column]

    def filled(self, column: str, ids: np.ndarray | None = None) -> np.ndarray:
        """Where the cells of a column are filled, at rows ``ids`` (None: all)."""
        codes, _, filled = self.texts(column)
        return filled[codes if ids is None else codes[ids]] if len(filled) else np.zeros(len(codes), dtype=bool)

    def use(self, column: str, ids: np.ndarray | None) -> None:
        """A condition, formula or key read the column at these rows."""
        used = self.used.setdefault(column, np.zeros(len(self.raw), dtype=bool))
        used[slice(None) if ids is None else ids] = True


@dataclass
class CellLedger:
    """The cells of all sources. ``plain``: a text as the output format writes it (ASCII for XPT)."""

    sources: dict[str, SourceCells] = field(default_factory=dict)
    targets: dict[Target, TargetCells] = field(default_factory=dict)
    plain: Callable[[str], str] = lambda text: text

    def target(self, target: Target, place: str) -> TargetCells:
        if target not in self.targets:
            rows = len(self.sources[target.source].raw)
            self.targets[target] = TargetCells(np.zeros(rows, "uint8"), place)
        return self.targets[target]

    def compare(
        self,
        target: Target,
        place: str,
        ids: np.ndarray | None,
        values: tuple[np.ndarray, np.ndarray],
        overrides: Iterable[tuple[np.ndarray, CellOutcome]] = (),
        *,
        change: ChangeKind = ChangeKind.CHANGED,
    ) -> None:
        """Account for the cells of a column at rows ``ids`` (None: all rows, in order) by the values derived from them.

        ``values``: (codes, texts), as long as ``ids``. ``overrides``: (mask over ids, outcome) for filled cells; the
        last one counts. ``change``: the kind of change that the rule declares. A row that occurs several times has its
        best outcome.
        """
        cells, account = self.sources[target.source], self.target(target, place)
        if not len(cells.raw if ids is None else ids):
            return
        pairs = _text_pairs(cells, target.column, ids, values)
        judged, how = self._judge(pairs, change)
        outcome = judged[pairs.codes]
        for where, other in overrides:
            outcome = np.where(where & (outcome != _UNREPORTED), np.uint8(other), outcome)
        if ids is not None:
            at = _one_per_row(ids, outcome, len(cells.raw))
            if at is not None:
                ids, outcome, pairs = ids[at], outcome[at], pairs.take(at)
        before = account.best if ids is None else account.best[ids]
        changed = (outcome == _TRANSFORMED) & (before < _TRANSFORMED)
        account.mark(ids, outcome)
        if how and changed.any():
            self._note_changes(account, cells, pairs, ids, changed, how)

    def _note_changes(
        self,
        account: TargetCells,
        cells: SourceCells,
        pairs: _Pairs,
        ids: np.ndarray | None,
        changed: np.ndarray,
        how: dict[int, ChangeKind],
    ) -> None:
        """Count the changed records by kind, and list the texts of the kinds in LISTED."""
        codes, first = pairs.codes, pairs.first
        if not changed.all():
            at_changed = np.flatnonzero(changed)
            codes = codes[at_changed]
            first = at_changed[col.first_positions(codes, len(pairs.texts))]
        count = np.bincount(codes, minlength=len(pairs.texts))
        for at in np.flatnonzero(count).tolist():
            kind, n = how[at], int(count[at])
            account.how[kind] = account.how.get(kind, 0) + n
            if kind in LISTED:
                row = int(first[at]) if ids is None else int(ids[first[at]])
                value = self.plain(str(pairs.values[at]))
                change = Change(str(pairs.texts[at]), value, CellOutcome.TRANSFORMED, kind)
                account.note(change, n, int(cells.raw.record[row]))

    def _judge(self, pairs: _Pairs, change: ChangeKind) -> tuple[np.ndarray, dict[int, ChangeKind]]:
        """The outcome of each pair (UNREPORTED for a blank cell) and the kind of change of each changed text."""
        texts, values = pairs.texts, pairs.values
        outcome = np.full(len(texts), _TRANSFORMED)
        same = np.asarray(texts == values, dtype=bool)
        outcome[same] = _CARRIED
        outcome[np.asarray(values == "", dtype=bool)] = _EMPTY
        outcome[~pairs.filled] = _UNREPORTED
        how: dict[int, ChangeKind] = {}
        for at in np.flatnonzero(outcome == _TRANSFORMED).tolist():
            how[at] = change_of(str(texts[at]), str(values[at]), change)
        for at in np.flatnonzero(outcome == _CARRIED).tolist():
            text = texts[at]
            if not text.isascii() and self.plain(str(text)) != text:
                outcome[at], how[at] = _TRANSFORMED, ChangeKind.PLAIN_ASCII
            elif len(text) > MAX_TEXT:
                outcome[at], how[at] = _TRANSFORMED, ChangeKind.SPLIT
        return outcome, how


def _text_pairs(
    cells: SourceCells, column: str, ids: np.ndarray | None, values: tuple[np.ndarray, np.ndarray]
) -> _Pairs:
    """The pairs of the cells of a column at rows ``ids`` (None: all) and the values of these records."""
    all_codes, texts, filled = cells.texts(column)
    codes = all_codes if ids is None else all_codes[ids]
    value_codes, value_texts = values
    first = cells.first(column) if ids is None else col.first_positions(codes, len(texts))
    of_text = value_codes[first]  # for a text that does not occur, any value: nothing is counted there
    if bool((of_text[codes] == value_codes).all()):  # the value depends on the text alone
        return _Pairs(codes, first, texts, value_texts[of_text], filled & (first >= 0))
    split = [(codes.astype("int64"), len(texts)), (value_codes.astype("int64"), len(value_texts))]
    pairs, size = col.combined(split, len(codes))
    first = col.first_positions(pairs, size)
    return _Pairs(pairs, first, texts[codes[first]], value_texts[value_codes[first]], filled[codes[first]])


def _one_per_row(ids: np.ndarray, outcome: np.ndarray, rows: int) -> np.ndarray | None:
    """Positions that list each row once, in the order of the file, with its best outcome. None: ``ids`` is so already.

    ``rows``: number of rows of the source.
    """
    if len(ids) <= 1 or bool((ids[1:] > ids[:-1]).all()):
        return None
    position = np.full(rows, -1, dtype="int64")
    position[ids] = np.arange(len(ids))
    rising = position[position >= 0]
    if len(rising) == len(ids):  # every row once, in another order
        return rising
    order = np.argsort(-outcome.astype("int16"), kind="stable")
    best = np.ones(len(ids), dtype=bool)
    best[order[verbs.later(ids[order])]] = False
    at = np.flatnonzero(best)
    return at[np.argsort(ids[at], kind="stable")]

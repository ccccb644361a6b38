"""The cell account: what became of every filled raw cell, by column, and by variable of the block that read it.

A cell is told once per variable that read it, and once for its column by its best outcome. What is done to a text is
judged once per pair of verbatim text and value. Not for finding out what a rule read: engine/building/cell_readings.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ...sources.table import RawTable
from ..columns import column as col
from ..columns import verbs

#: outcomes of a filled cell, weakest first; of several a cell has the strongest. EMPTY is settled when all findings are
#: known: REPORTED where one names the cell, else LOST.
UNREPORTED, NOT_MAPPED, NOT_SUBMITTED, QUARANTINED, MERGED, EXCLUDED, CUT_OFF = range(7)
NOT_CHOSEN, NO_VALUE, USED, EMPTY, LOST, REPORTED, TRANSFORMED, CARRIED = range(7, 15)
CELL_OUTCOMES = {
    CARRIED: "carried",
    TRANSFORMED: "transformed",
    REPORTED: "reported",
    LOST: "lost",
    USED: "used",
    NO_VALUE: "no value",
    NOT_CHOSEN: "not chosen",
    CUT_OFF: "after the cut-off",
    EXCLUDED: "excluded",
    MERGED: "merged",
    QUARANTINED: "quarantined",
    NOT_SUBMITTED: "not submitted",
    NOT_MAPPED: "not mapped",
    UNREPORTED: "untold",
}
#: what the outcome of a row (ledger.OUTCOMES) means for cells that no variable carried; others leave it to the column
OF_ROW = {"quarantined": QUARANTINED, "merged": MERGED, "excluded": EXCLUDED, "after the cut-off": CUT_OFF}
ASIDE = {"no value": NO_VALUE, "dropped": EMPTY, "told": REPORTED, "after the cut-off": CUT_OFF}
#: stands for every column that a rule read, where what is told is about the value and not about one column
ALL_READ = ""
N_OUTCOMES = CARRIED + 1
#: bytes of a text that XPT holds in one variable; a longer one goes on in SUPP-- or CO
MAX_TEXT = 200


class Target(NamedTuple):
    """One variable of one block that read one raw column."""

    source: str
    column: str
    dataset: str
    block: int
    variable: str


class Change(NamedTuple):
    """A verbatim text and what became of it. ``how``: the kind of change, '' where the outcome says it all."""

    verbatim: str
    value: str
    outcome: int
    how: str


@dataclass
class TargetCells:
    """The cells of one target: the outcome of each row's cell (uint8), and the changes worth a look.

    ``changes``: change -> [cells, first record]. ``how``: cells by kind of change. ``counts``: cells by outcome, blank
    ones under UNREPORTED; once settled.
    """

    best: np.ndarray
    place: str
    counts: np.ndarray = field(default_factory=lambda: np.zeros(N_OUTCOMES, "int64"))
    how: dict[str, int] = field(default_factory=dict)
    changes: dict[Change, list[int]] = field(default_factory=dict)

    def mark(self, ids: np.ndarray | None, outcome: np.ndarray) -> None:
        """Rows ``ids`` (each at most once; None: all rows) have this outcome, unless they have a stronger one."""
        if ids is None:
            np.maximum(self.best, outcome, out=self.best)
        else:
            self.best[ids] = np.maximum(self.best[ids], outcome)

    def note(self, change: Change, cells: int, first: int) -> None:
        found = self.changes.setdefault(change, [0, first])
        found[0] += cells
        found[1] = min(found[1], first)


class Texts(NamedTuple):
    """A raw column as it stands: a code per row, the texts, and which of them are filled."""

    codes: np.ndarray
    texts: np.ndarray
    filled: np.ndarray


class SourceCells:
    """The cells of one raw source. ``totals``: column -> cells by outcome, blank ones last; once settled."""

    def __init__(self, raw: RawTable):
        self.raw = raw
        self.totals: dict[str, np.ndarray] = {}
        self.used: dict[str, np.ndarray] = {}  # column -> rows whose cell a condition, formula or key read
        self._texts: dict[str, Texts] = {}
        self._first: dict[str, np.ndarray] = {}

    def texts(self, column: str) -> Texts:
        if column not in self._texts:
            codes, texts = col.split_text(self.raw.frame[column])
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
    """The cells of all sources. ``plain``: what the output format makes of a text (ASCII for XPT)."""

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
        verb: str,
        ids: np.ndarray | None,
        values: tuple[np.ndarray, np.ndarray],
        overrides: Iterable[tuple[np.ndarray, int]] = (),
    ) -> None:
        """Account for the cells of a column at rows ``ids`` (None: all rows, in order) by the values made of them.

        ``values``: (codes, texts), as long as ``ids``. ``overrides``: (mask over ids, outcome), the last one counts;
        it is for filled cells only. A row that occurs several times has its best outcome.
        """
        cells, account = self.sources[target.source], self.target(target, place)
        all_codes, texts, filled = cells.texts(target.column)
        codes = all_codes if ids is None else all_codes[ids]
        if not len(codes):
            return
        value_codes, value_texts = values
        first = cells.first(target.column) if ids is None else col.first_positions(codes, len(texts))
        known = value_codes[first]  # of a text that does not occur: any, since nothing is counted there
        if bool((known[codes] == value_codes).all()):  # the value depends on the text alone
            pairs, pair_first = codes, first
            pair_text, pair_value, filled = texts, value_texts[known], filled & (first >= 0)
        else:
            split = [(codes.astype("int64"), len(texts)), (value_codes.astype("int64"), len(value_texts))]
            pairs, size = col.combined(split, len(codes))
            pair_first = col.first_positions(pairs, size)
            pair_text, pair_value = texts[codes[pair_first]], value_texts[value_codes[pair_first]]
            filled = filled[codes[pair_first]]
        judged, how = self._judge(pair_text, pair_value, filled, verb)
        outcome = judged[pairs]
        for where, other in overrides:
            outcome = np.where(where & (outcome != UNREPORTED), np.uint8(other), outcome)
        if ids is not None and len(ids) > 1 and not bool((ids[1:] > ids[:-1]).all()):
            position = np.full(len(cells.raw), -1, dtype="int64")
            position[ids] = np.arange(len(ids))
            rising = np.flatnonzero(position >= 0)
            if len(rising) == len(ids):  # rows in the order of their values, each once
                ids, outcome, pairs = rising, outcome[position[rising]], pairs[position[rising]]
                pair_first = col.first_positions(pairs, len(judged))
        if ids is not None and len(ids) > 1 and not bool((ids[1:] > ids[:-1]).all()):
            order = np.argsort(-outcome.astype("int16"), kind="stable")  # several records of one row: its best one
            keep = np.ones(len(ids), dtype=bool)
            keep[order[verbs.later(ids[order])]] = False
            kept = np.flatnonzero(keep)
            kept = kept[np.argsort(ids[kept], kind="stable")]
            ids, outcome, pairs = ids[kept], outcome[kept], pairs[kept]
            pair_first = col.first_positions(pairs, len(judged))
        before = account.best if ids is None else account.best[ids]
        changed = (outcome == TRANSFORMED) & (before < TRANSFORMED)
        account.mark(ids, outcome)
        if how and changed.any():
            if not changed.all():
                at_changed = np.flatnonzero(changed)
                pairs = pairs[at_changed]
                pair_first = at_changed[col.first_positions(pairs, len(judged))]
            count = np.bincount(pairs, minlength=len(judged))
            for at in np.flatnonzero(count).tolist():
                kind, n = how[at], int(count[at])
                account.how[kind] = account.how.get(kind, 0) + n
                if kind in LISTED:
                    row = int(pair_first[at]) if ids is None else int(ids[pair_first[at]])
                    change = Change(str(pair_text[at]), self.plain(str(pair_value[at])), TRANSFORMED, kind)
                    account.note(change, n, int(cells.raw.record[row]))

    def _judge(
        self, texts: np.ndarray, values: np.ndarray, filled: np.ndarray, verb: str
    ) -> tuple[np.ndarray, dict[int, str]]:
        """Per pair the outcome (UNREPORTED for a blank cell) and, where the text was changed, how."""
        outcome = np.full(len(texts), TRANSFORMED, "uint8")
        same = np.asarray(texts == values, dtype=bool)
        outcome[same] = CARRIED
        outcome[np.asarray(values == "", dtype=bool)] = EMPTY
        outcome[~filled] = UNREPORTED
        how: dict[int, str] = {}
        for at in np.flatnonzero(outcome == TRANSFORMED).tolist():
            how[at] = change_of(str(texts[at]), str(values[at]), verb)
        for at in np.flatnonzero(outcome == CARRIED).tolist():
            text = texts[at]
            if not text.isascii() and self.plain(str(text)) != text:
                outcome[at], how[at] = TRANSFORMED, "plain ASCII"
            elif len(text) > MAX_TEXT:
                outcome[at], how[at] = TRANSFORMED, "split"
        return outcome, how


#: kinds of change that the account lists text by text; a number, a full date or a composed text is read as declared
LISTED = ("mapped", "case", "trimmed", "partial date", "plain ASCII", "changed")


def change_of(verbatim: str, value: str, verb: str) -> str:
    """What kind of change made ``value`` of a filled text: one of LISTED, or number, date, composed, split."""
    text = verbatim.strip()
    if value == text:
        return "trimmed"
    if verb == "date":
        return "date" if len(value) >= 10 and "-" in value[:5] and value[0] != "-" else "partial date"
    if verb in ("template", "compute"):
        return "composed"
    if value.casefold() == text.casefold():
        return "case"
    if _number(text) == _number(value) is not None:
        return "number"
    return "mapped" if verb in ("from", "visit", "visitnum") else "changed"


def _number(text: str) -> float | None:
    """The number of a plain decimal text, its point or comma; None for any other."""
    try:
        return float(text.replace(",", ".")) if text.isascii() and text[-1:].isdigit() else None
    except ValueError:
        return None


def settle_cells(
    ledger: CellLedger,
    rows: Mapping[str, tuple[np.ndarray, Mapping[int, str]]],
    reasons: Mapping[tuple[str, str], int],
    told: Callable[[Target], np.ndarray],
) -> list[tuple[Target, np.ndarray]]:
    """Settle every column once all partitions are made and all findings known; the rows of each target that are lost.

    ``rows``: source -> (outcome of each row, names of the outcomes). ``reasons``: (source, column) -> outcome of cells
    of mapped rows that no variable read. ``told``: the records whose cell a finding says is lost to that variable.
    """
    lost: list[tuple[Target, np.ndarray]] = []
    of_rows = {
        name: np.array([OF_ROW.get(names.get(i, ""), UNREPORTED) for i in range(max(names) + 1)], "uint8")[outcomes]
        for name, (outcomes, names) in rows.items()
    }
    best: dict[tuple[str, str], np.ndarray] = {}
    for target in sorted(ledger.targets):
        account, cells = ledger.targets[target], ledger.sources[target.source]
        ids = np.flatnonzero(account.best == EMPTY)
        if len(ids):
            known = np.isin(cells.raw.record[ids], told(target))
            for outcome, part in ((REPORTED, ids[known]), (LOST, ids[~known])):
                account.best[part] = outcome
                _note_empty(account, cells, target.column, part, outcome)
            if not known.all():
                lost.append((target, ids[~known]))
        filled, of_row = cells.filled(target.column), of_rows[target.source]
        unseen = filled & (account.best == UNREPORTED)
        account.best[unseen] = of_row[unseen]
        cut = (account.best == EXCLUDED) & (of_row == CUT_OFF)
        account.best[cut] = CUT_OFF
        account.counts = np.bincount(account.best, minlength=N_OUTCOMES)
        key = (target.source, target.column)
        best[key] = np.maximum(best[key], account.best) if key in best else account.best.copy()
    for name, cells in ledger.sources.items():
        for column in map(str, cells.raw.frame.columns):
            filled, here = cells.filled(column), best.get((name, column))
            here = np.zeros(len(filled), "uint8") if here is None else here
            if column in cells.used:
                here = np.maximum(here, np.where(filled & cells.used[column], np.uint8(USED), np.uint8(UNREPORTED)))
            otherwise = np.uint8(reasons.get((name, column), UNREPORTED))
            here = np.where(here == UNREPORTED, np.where(of_rows[name] == UNREPORTED, otherwise, of_rows[name]), here)
            counts = np.bincount(here[filled], minlength=N_OUTCOMES)
            cells.totals[column] = np.append(counts, len(filled) - int(np.count_nonzero(filled)))
    return lost


def _note_empty(account: TargetCells, cells: SourceCells, column: str, ids: np.ndarray, outcome: int) -> None:
    codes, texts, _ = cells.texts(column)
    count = np.bincount(codes[ids], minlength=len(texts))
    first = col.first_positions(codes[ids], len(texts))
    for at in np.flatnonzero(count).tolist():
        change = Change(str(texts[at]), "", outcome, "")
        account.note(change, int(count[at]), int(cells.raw.record[ids[first[at]]]))


def cell_problems(ledger: CellLedger) -> list[str]:
    """Columns whose cells do not add up, in plain sentences: filled cells without an outcome, or counted twice."""
    problems = []
    for cells in ledger.sources.values():
        for column, counts in cells.totals.items():
            if counts[UNREPORTED] or counts.sum() != len(cells.raw):
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

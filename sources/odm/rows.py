"""The rows of item groups as columns, resolved from an ODM file's logs.

Not for choosing item groups or naming columns (read.py), nor for findings about rows (report_rows.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...errors import InputError
from ...findings.table import Findings
from ..options import SourceOptions
from ..text_columns import from_unique
from .cell_findings import CellFindings
from .log import CONTEXT, REMOVED, VALUE, GroupLog, ItemLog, OdmFile
from .metadata import ItemDef

#: the columns before those of the items
KEYS = (
    "SubjectKey",
    "SiteOID",
    "StudyEventOID",
    "StudyEventRepeatKey",
    "FormOID",
    "FormRepeatKey",
    "ItemGroupOID",
    "ItemGroupRepeatKey",
)
_IN_CONTEXT = (1, 6, 2, 3, 4, 5)  # the positions of the first six of them in a context
#: option rows: -> how many of KEYS identify a row, how many parts of a context's key do, and the word for a row
_LEVELS = {
    "item_group": (8, 6, "row"),
    "form": (6, 6, "form page"),
    "event": (4, 4, "study event"),
    "subject": (2, 2, "subject"),
}
_NEVER, _GONE = -1, -2


def _distinct(rows: np.ndarray, n: int) -> int:
    """How many different rows of ``n`` there are."""
    seen = np.zeros(n, bool)
    seen[rows] = True
    return int(seen.sum())


def keys_of(options: SourceOptions) -> tuple[str, ...]:
    """The key columns of a source: those that identify its rows."""
    return KEYS[: _LEVELS[options.rows][0]]


def _several(keys: np.ndarray) -> np.ndarray:
    """Where a row of ``keys`` occurs more than once."""
    _, number, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    return count[number.reshape(-1)] > 1


@dataclass
class GroupRows:
    """The selected elements and rows of one item group.

    ``place``: row of the group -> row of the table; below 0 for a row that is not in the table.
    """

    oid: str
    log: GroupLog
    row_of: np.ndarray  # per element
    chosen: np.ndarray  # per element
    place: np.ndarray  # per row of the group
    records: np.ndarray  # per element: its record number; 0 for an element that is not chosen


class OdmRows:
    """The rows of a source, and their columns. ``record`` and ``line`` as in RawTable.

    ``called``: the name of the selection in notes. ``merged``: the item groups of a page, event or subject share a row.
    Raises InputError if item groups share a row and one of them occurs several times in it.
    """

    def __init__(self, odm: OdmFile, groups: list[str], options: SourceOptions, called: str, findings: Findings):
        self.odm, self.options, self.findings = odm, options, findings
        self.called = called
        self.merged = options.rows != "item_group"
        self.notes: list[str] = []
        self.replaced = 0
        self.removed_cells, self.doubled, self.null_filled, self.differing = (
            CellFindings(),
            CellFindings(),
            CellFindings(),
            CellFindings(),
        )
        forms = np.array([c[4] for c in odm.contexts], dtype=object)
        logs = [(g, odm.groups[g]) for g in groups if g in odm.groups]
        chosen = [
            np.isin(forms[np.array(log.context, np.int64)], options.forms)
            if options.forms
            else np.ones(len(log.context), bool)
            for _, log in logs
        ]
        ordinals = [np.array(log.ordinal, np.int64) for _, log in logs]
        every = np.sort(np.concatenate([np.zeros(0, np.int64), *(o[c] for o, c in zip(ordinals, chosen, strict=True))]))
        self.parts: list[GroupRows] = []
        for (oid, log), mask, ordinal in zip(logs, chosen, ordinals, strict=True):
            records = np.where(mask, np.searchsorted(every, ordinal) + 1, 0).astype(np.int32)
            place = np.full(len(log.created_by), _NEVER, np.int64)
            self.parts.append(GroupRows(oid, log, np.array(log.row, np.int64), mask, place, records))
        self._place_rows(every)

    def _place_rows(self, every: np.ndarray) -> None:
        """Number the remaining rows of the table, in the order of the elements that created them."""
        remaining_rows = []
        for number, part in enumerate(self.parts):
            by = np.array(part.log.created_by, np.int64)
            remaining = np.flatnonzero((np.array(part.log.removed, np.int8) == 0) & part.chosen[by])
            records = part.records[by[remaining]].astype(np.int64)
            remaining_rows.append(np.stack([records, np.full(len(remaining), number), remaining], axis=1))
        table = np.concatenate([np.zeros((0, 3), np.int64), *remaining_rows])
        table = table[np.argsort(table[:, 0], kind="stable")]
        row = self._row_numbers(table)
        first = np.unique(row, return_index=True)[1]
        self.record = table[first, 0].astype(np.int32)
        lines = self.odm.lines
        self.line = (
            lines[every[table[first, 0] - 1]].astype(np.int32)
            if len(lines) and len(first)
            else np.zeros(len(first), np.int32)
        )
        for number, part in enumerate(self.parts):
            mine = np.flatnonzero(table[:, 1] == number)
            part.place[table[mine, 2]] = row[mine]

    def _row_numbers(self, table: np.ndarray) -> np.ndarray:
        """The row of each item group (record, part, row of the part), numbered from 0 by the first record of a row."""
        if not self.merged or not len(table):
            return np.arange(len(table))
        _, depth, what = _LEVELS[self.options.rows]
        context, repeat = np.zeros(len(table), np.int64), np.zeros(len(table), np.int64)
        for number, part in enumerate(self.parts):
            mine = np.flatnonzero(table[:, 1] == number)
            by = np.array(part.log.created_by, np.int64)[table[mine, 2]]
            context[mine] = np.array(part.log.context, np.int64)[by]
            repeat[mine] = np.array(part.log.repeat, np.int64)[by]
        keys: dict[tuple[str, ...], int] = {}
        page_of = np.array([keys.setdefault(c[:depth], len(keys)) for c in self.odm.contexts], np.int64)
        page = page_of[context]
        if depth == 6:
            # FormData elements without a FormRepeatKey share a key. If an item group occurs in two, each is a page
            again = _several(np.stack([page, table[:, 1], repeat], axis=1))
            apart = np.isin(page, np.unique(page[again]))
            page = np.where(apart, len(keys) + context, page)
        self._refuse_repeats(table, page, what)
        seen, number = np.unique(page, return_inverse=True)
        first = np.full(len(seen), len(table), np.int64)
        np.minimum.at(first, number, np.arange(len(table)))
        rank = np.empty(len(seen), np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(len(seen))
        return rank[number]

    def _refuse_repeats(self, table: np.ndarray, page: np.ndarray, what: str) -> None:
        """Raises InputError if an item group occurs several times in one row.

        Item groups without an OID share the OID '', so they may occur several times, with different items.
        """
        again = _several(np.stack([page, table[:, 1]], axis=1))
        for number, part in enumerate(self.parts):
            mine = np.flatnonzero(again & (table[:, 1] == number))
            if not len(mine) or (not part.oid and not self._overlap(part, table[mine, 2], page[mine])):
                continue
            by = np.array(part.log.created_by, np.int64)[table[mine, 2]]
            context = self.odm.contexts[int(np.array(part.log.context, np.int64)[by[0]])]
            line = self.odm.lines[part.log.ordinal[int(by[0])]] if len(self.odm.lines) else 0
            called = f"item group {part.oid}" if part.oid else "the item group without an OID"
            others = [p.oid for p in self.parts if p is not part]
            raise InputError(
                f"{self.options.file}:{line}: {called} occurs several times in one {what} (subject {context[1]}; "
                f"{len(np.unique(page[mine]))} such {what}s), so it does not fit into one row by rows: "
                f"{self.options.rows}; read it by a separate source (item_group: {part.oid or '...'}) and name the "
                f"others here (item_group: [{', '.join(others[:12])}{', ...' if len(others) > 12 else ''}])"
            )

    @staticmethod
    def _overlap(part: GroupRows, rows: np.ndarray, page: np.ndarray) -> bool:
        """Whether two of these rows of an item group, on one page, have a value of the same item."""
        page_of = np.full(len(part.log.created_by) + 1, -1, np.int64)
        page_of[rows] = page
        for log in part.log.items.values():
            row = np.unique(part.row_of[np.array(log.element, np.int64)])
            pages = page_of[row]
            pages = pages[pages >= 0]
            if len(np.unique(pages)) < len(pages):
                return True
        return False

    def contexts_used(self) -> np.ndarray:
        """The unique contexts of the rows."""
        found = [np.array(part.log.context, np.int64)[by] for part, _, by in self._elements()]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))

    def from_contexts(self, codes: np.ndarray, values: list[str], column: str) -> np.ndarray:
        """For each row the code of its context; if a row has several contexts, the code of the first with a code.

        ``values``: the texts of the codes, of ``column``. Another text in a later context of the row is a finding.
        """
        out = np.full(len(self.record), -1, np.int64)
        for part, places, by in self._elements():
            mine = codes[np.array(part.log.context, np.int64)[by]]
            empty = (out[places] < 0) & (mine >= 0)
            out[places[empty]] = mine[empty]
            other = (mine >= 0) & (mine != out[places])
            self.differing.add(self.record[places[other]], [values[c] for c in mine[other].tolist()], column)
        return out

    def overwrite(self, part: GroupRows, texts: list[tuple[int, str]], codes: np.ndarray, values: list[str]) -> None:
        """Write (element of the part, text) into ``codes`` (index into ``values``, which grows); the last one wins."""
        known = {v: i for i, v in enumerate(values)}
        rows = part.place[part.row_of[np.array([at for at, _ in texts], np.int64)]]
        new = np.array([known.setdefault(text, len(known)) for _, text in texts], np.int64)
        values[:] = list(known)
        codes[rows[rows >= 0]] = new[rows >= 0]

    def _elements(self) -> Iterable[tuple[GroupRows, np.ndarray, np.ndarray]]:
        """For each part the places of its rows in the table and the elements that created them."""
        for part in self.parts:
            rows = np.flatnonzero(part.place >= 0)
            yield part, part.place[rows], np.array(part.log.created_by, np.int64)[rows]

    def keys(self) -> dict[str, pd.Categorical]:
        """The key columns."""
        n = len(self.record)
        context, group, repeat = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
        repeats: list[str] = []
        for number, (part, places, by) in enumerate(self._elements()):
            context[places] = np.array(part.log.context, np.int64)[by]
            group[places] = number
            repeat[places] = np.array(part.log.repeat, np.int64)[by] + len(repeats)
            repeats += part.log.repeats
        columns = {
            key: from_unique([c[at] for c in self.odm.contexts], context)
            for key, at in zip(KEYS[:6], _IN_CONTEXT, strict=True)
        }
        columns[KEYS[6]] = from_unique([p.oid for p in self.parts], group)
        columns[KEYS[7]] = from_unique(repeats, repeat)
        return {key: columns[key] for key in keys_of(self.options)}

    def item(
        self, oid: str, column: str, unit: str, symbols: dict[str, str], item: ItemDef | None, group: str | None = None
    ) -> tuple[pd.Categorical, pd.Categorical]:
        """The cells of an item, and those of its unit (not used if ``unit`` is ''). ``group``: of this group only."""
        n = len(self.record)
        codes, unit_codes = np.full(n, _NEVER, np.int64), np.full(n, _NEVER, np.int64)
        values: list[str] = []
        units: list[str] = []
        for part in self.parts:
            log = part.log.items.get(oid) if group in (None, part.oid) else None
            if log is not None:
                self._resolve(part, log, column, codes, values)
                at = np.array(log.unit_element, np.int64)
                rows = part.place[part.row_of[at]]
                here = rows >= 0
                unit_codes[rows[here]] = np.array(log.unit_code, np.int64)[here] + len(units)
                units += [symbols.get(u, u) for u in log.units]
        filled = np.array([*(bool(v) for v in values), False])[codes]
        if unit and item is not None and len(item.units) == 1:
            # ODM 1.3.2: if an item has a single unit, all its values have this unit
            unit_codes = np.where(filled & (unit_codes < 0), len(units), unit_codes)
            units.append(symbols.get(item.units[0], item.units[0]))
        unit_codes = np.where(filled, unit_codes, _NEVER)
        return from_unique(values, np.maximum(codes, -1)), from_unique(units, unit_codes)

    def _resolve(self, part: GroupRows, log: ItemLog, column: str, codes: np.ndarray, values: list[str]) -> None:
        """Write the entries of an item into ``codes`` (index into ``values``, which grows); the last entry wins."""
        element, kind = np.array(log.element, np.int64), np.zeros(len(log.element), np.int8)
        special = np.array(log.kinds, np.int64).reshape(-1, 2)
        kind[special[:, 0]] = special[:, 1]
        code = np.array(log.code, np.int64) + len(values)
        texts = np.array([*log.values, ""], dtype=object)[:-1]
        values += log.values
        rows = part.place[part.row_of[element]]
        here = rows >= 0
        element, kind, code, rows = element[here], kind[here], code[here], rows[here]
        base = len(values) - len(texts)
        is_value, context = kind == VALUE, kind == CONTEXT
        codes[rows[context]] = code[context]  # remains only if no other entry follows for the row
        before = codes.copy()
        before[rows[is_value]] = code[is_value]
        codes[rows[~context]] = np.where(is_value, code, _GONE)[~context]
        in_removal = np.full(len(codes), -1, np.int64)  # the value that the removing element itself has
        in_removal[rows[kind == REMOVED]] = code[kind == REMOVED]
        gone = np.unique(rows[codes[rows] == _GONE])
        if len(gone):
            last = np.where(before[gone] >= 0, before[gone], in_removal[gone])
            self.removed_cells.add(self.record[gone], texts[last - base], column)
        doubled = np.zeros(len(element), bool)  # the same element has another value of the item after this one
        doubled[:-1] = (element[1:] == element[:-1]) & is_value[1:] & is_value[:-1]
        self.doubled.add(self.record[rows[doubled]], texts[code[doubled] - base], column)
        self.replaced += int(is_value.sum()) - _distinct(rows[is_value], len(codes)) - int(doubled.sum())
        nulls = [(part.place[part.row_of[at]], value) for at, value in log.null_filled]
        in_table = [(self.record[row], value) for row, value in nulls if row >= 0]
        self.null_filled.add(np.array([r for r, _ in in_table], np.int64), [v for _, v in in_table], column)

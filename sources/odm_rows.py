"""The rows of item groups as columns, resolved from an ODM file's logs, with what the table does not show told.

Not for choosing item groups or naming columns (odm.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..findings import Findings
from .odm_log import CONTEXT, LEVELS, REMOVED, VALUE, GroupLog, ItemLog, OdmFile
from .odm_metadata import ItemDef
from .options import SourceOptions
from .text_columns import from_unique

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
_IN_CONTEXT = (1, 6, 2, 3, 4, 5)  # where the first six of them stand in a context
_NEVER, _GONE = -1, -2


def _distinct(rows: np.ndarray, n: int) -> int:
    """How many different rows of ``n`` there are."""
    seen = np.zeros(n, bool)
    seen[rows] = True
    return int(seen.sum())


@dataclass
class _Part:
    """The selected elements and rows of one item group. ``place``: row of the group -> row of the table, or below 0."""

    oid: str
    log: GroupLog
    row_of: np.ndarray  # per element
    chosen: np.ndarray  # per element
    place: np.ndarray  # per row of the group
    records: np.ndarray  # per element: its record number, 0 where it is not chosen


@dataclass
class _Told:
    """Findings of single cells, gathered over items."""

    rows: list[np.ndarray] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    columns: list[np.ndarray] = field(default_factory=list)

    def add(self, rows: np.ndarray, values: Iterable[str], column: str) -> None:
        if len(rows):
            self.rows.append(rows)
            self.values.append(np.array([*values, ""], dtype=object)[:-1])
            self.columns.append(np.full(len(rows), column, dtype=object))

    def find(self, findings: Findings, rule: str, severity: str, text: str, file: str) -> None:
        if self.rows:
            given = {
                "row": np.concatenate(self.rows),
                "value": np.concatenate(self.values),
                "column": np.concatenate(self.columns),
            }
            findings.add(rule, severity, text, file=file, **given)


class OdmRows:
    """The rows of a source, and their columns. ``record`` and ``line`` as in RawTable.

    ``called``: what notes call the selection.
    """

    def __init__(self, odm: OdmFile, groups: list[str], options: SourceOptions, called: str, findings: Findings):
        self.odm, self.options, self.findings = odm, options, findings
        self.called = called
        self.notes: list[str] = []
        self.replaced = 0
        self.removed_cells, self.doubled, self.null_filled = _Told(), _Told(), _Told()
        forms = np.array([c[4] for c in odm.contexts], dtype=object)
        logs = [(g, odm.groups[g]) for g in groups if g in odm.groups]
        chosen = [
            forms[np.array(log.context, np.int64)] == options.form if options.form else np.ones(len(log.context), bool)
            for _, log in logs
        ]
        ordinals = [np.array(log.ordinal, np.int64) for _, log in logs]
        every = np.sort(np.concatenate([np.zeros(0, np.int64), *(o[c] for o, c in zip(ordinals, chosen, strict=True))]))
        self.parts: list[_Part] = []
        for (oid, log), mask, ordinal in zip(logs, chosen, ordinals, strict=True):
            records = np.where(mask, np.searchsorted(every, ordinal) + 1, 0).astype(np.int32)
            place = np.full(len(log.made_by), _NEVER, np.int64)
            self.parts.append(_Part(oid, log, np.array(log.row, np.int64), mask, place, records))
        self._place_rows(every)

    def _place_rows(self, every: np.ndarray) -> None:
        """Give each row that is left its place in the table, by the element that made it."""
        made = []
        for number, part in enumerate(self.parts):
            by = np.array(part.log.made_by, np.int64)
            left = np.flatnonzero((np.array(part.log.removed, np.int8) == 0) & part.chosen[by])
            made.append(np.stack([part.records[by[left]].astype(np.int64), np.full(len(left), number), left], axis=1))
        table = np.concatenate([np.zeros((0, 3), np.int64), *made])
        table = table[np.argsort(table[:, 0], kind="stable")]
        self.record = table[:, 0].astype(np.int32)
        lines = self.odm.lines
        self.line = (
            lines[every[table[:, 0] - 1]].astype(np.int32)
            if len(lines) and len(table)
            else np.zeros(len(table), np.int32)
        )
        for number, part in enumerate(self.parts):
            mine = np.flatnonzero(table[:, 1] == number)
            part.place[table[mine, 2]] = mine

    def _elements(self) -> Iterable[tuple[_Part, np.ndarray, np.ndarray]]:
        """For each part the places of its rows in the table and the elements that made them."""
        for part in self.parts:
            rows = np.flatnonzero(part.place >= 0)
            yield part, part.place[rows], np.array(part.log.made_by, np.int64)[rows]

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
        return columns

    def item(
        self, oid: str, column: str, unit: str, symbols: dict[str, str], item: ItemDef | None
    ) -> tuple[pd.Categorical, pd.Categorical]:
        """The cells of an item, and those of its unit (of no use where ``unit`` is '')."""
        n = len(self.record)
        codes, unit_codes = np.full(n, _NEVER, np.int64), np.full(n, _NEVER, np.int64)
        values: list[str] = []
        units: list[str] = []
        for part in self.parts:
            log = part.log.items.get(oid)
            if log is not None:
                self._resolve(part, log, column, codes, values)
                at = np.array(log.unit_element, np.int64)
                rows = part.place[part.row_of[at]]
                here = rows >= 0
                unit_codes[rows[here]] = np.array(log.unit_code, np.int64)[here] + len(units)
                units += [symbols.get(u, u) for u in log.units]
        filled = np.array([*(bool(v) for v in values), False])[codes]
        if unit and item is not None and len(item.units) == 1:
            # ODM: a single unit of an item is that of all its values
            unit_codes = np.where(filled & (unit_codes < 0), len(units), unit_codes)
            units.append(symbols.get(item.units[0], item.units[0]))
        unit_codes = np.where(filled, unit_codes, _NEVER)
        return from_unique(values, np.maximum(codes, -1)), from_unique(units, unit_codes)

    def _resolve(self, part: _Part, log: ItemLog, column: str, codes: np.ndarray, values: list[str]) -> None:
        """Lay the entries of an item over ``codes`` (index into ``values``, which grows), the last one on top."""
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
        said, context = kind == VALUE, kind == CONTEXT
        codes[rows[context]] = code[context]  # stays only where nothing else is said
        before = codes.copy()
        before[rows[said]] = code[said]
        codes[rows[~context]] = np.where(said, code, _GONE)[~context]
        own = np.full(len(codes), -1, np.int64)
        own[rows[kind == REMOVED]] = code[kind == REMOVED]
        gone = np.unique(rows[codes[rows] == _GONE])
        if len(gone):
            last = np.where(before[gone] >= 0, before[gone], own[gone])
            self.removed_cells.add(self.record[gone], texts[last - base], column)
        same = np.zeros(len(element), bool)  # a later entry of the same element says otherwise
        same[:-1] = (element[1:] == element[:-1]) & said[1:] & said[:-1]
        self.doubled.add(self.record[rows[same]], texts[code[same] - base], column)
        self.replaced += int(said.sum()) - _distinct(rows[said], len(codes)) - int(same.sum())
        nulls = [(part.place[part.row_of[at]], value) for at, value in log.null_filled]
        kept = [(self.record[row], value) for row, value in nulls if row >= 0]
        self.null_filled.add(np.array([r for r, _ in kept], np.int64), [v for _, v in kept], column)

    def report(self) -> None:
        """Findings about rows and cells that the table does not show, or shows otherwise than the file has them."""
        file = self.options.file
        self.removed_cells.find(
            self.findings, "R2A-SRC-014", "note", "the export removes this value (TransactionType Remove)", file
        )
        text = "one of several values of the item in this record; the last of them is used"
        self.doubled.find(self.findings, "R2A-SRC-015", "warning", text, file)
        text = 'IsNull="Yes" and a value all the same; the cell is left empty'
        self.null_filled.find(self.findings, "R2A-SRC-018", "warning", text, file)
        removed = sum(self._report_removed(part) for part in self.parts)
        if removed:
            self.notes.append(f"{removed} rows of {self.called} are removed by the export and left out")
        cells = sum(map(len, self.removed_cells.rows))
        if cells:
            self.notes.append(f"{cells} values of {self.called} are removed by the export and left out")
        if self.replaced:
            self.notes.append(f"{self.replaced} values of {self.called} were replaced by later transactions")
        for part in self.parts:
            self._report_keys(part)

    def _report_removed(self, part: _Part) -> int:
        """A finding for each removed row, by the record that made it; how many there are."""
        log = part.log
        subjects = np.array([c[1] for c in self.odm.contexts], dtype=object)
        context, by = np.array(log.context, np.int64), np.array(log.made_by, np.int64)
        level = np.array(log.removed, np.int8)
        gone = np.flatnonzero((level > 0) & part.chosen[by])
        orphans = np.array(log.orphans, np.int64)
        orphans = orphans[part.chosen[orphans]]
        for at, texts in (
            (by[gone], [f"the export removes the {LEVELS[v]} of this record: left out" for v in level[gone].tolist()]),
            (orphans, ["the export removes this record, and has no other row of its keys: left out"] * len(orphans)),
        ):
            if len(at):
                given = {"row": part.records[at], "value": subjects[context[at]], "column": "SubjectKey"}
                self.findings.add("R2A-SRC-013", "note", texts, file=self.options.file, **given)
        return len(gone) + len(orphans)

    def _report_keys(self, part: _Part) -> None:
        """Rows of a snapshot that have the keys of an earlier one, and insertions of what is there already."""
        log = part.log
        by = np.array(log.made_by, np.int64)
        later = np.array([r for r in log.again if part.place[r] >= 0], np.int64)
        if len(later):
            earlier = part.records[by[np.array([log.again[r] for r in later.tolist()], np.int64)]]
            texts = [
                f"the same subject, event, form, item group and repeat keys as record {r}; both kept" for r in earlier
            ]
            self.findings.add("R2A-SRC-017", "warning", texts, file=self.options.file, row=part.records[by[later]])
        again = np.array(log.reinserted, np.int64)
        again = again[part.chosen[again]]
        if len(again):
            text = "inserts a row that is there already; taken as its update"
            self.findings.add("R2A-SRC-017", "warning", text, file=self.options.file, row=part.records[again])

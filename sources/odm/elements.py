"""Reads the elements of ClinicalData in document order, and writes items and rows into the logs of an OdmFile.

Rows are resolved here (CDISC ODM 1.3.2: transactions are applied in document order, a child without a TransactionType
has its parent's); cells are resolved from the logs (log.py) by whole columns in rows.py. Not for opening the file
(stream.py), nor for tables, names and findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import InputError
from .log import LEVELS, REMOVED, GroupLog, ItemLog, OdmFile
from .metadata import NS
from .tags import (
    ANNOTATION,
    CLINICAL,
    CONTAINERS,
    DATA,
    EVENT,
    FORM,
    GROUP,
    ITEM,
    KINDS,
    OID,
    SITE,
    STANDARD,
    SUBJECT,
    TRANSACTIONS,
    TYPED,
    UNIT,
    UNUSED,
    VERSION,
)
from .vendor_content import VendorContent

if TYPE_CHECKING:
    from lxml.etree import _Element

_NOTHING: tuple[None, ...] = (None, None, None, None)


class ElementReader:
    """Takes elements as they end, and writes them to ``out``.

    Attributes: ``elements``: how many ItemGroupData were read; ``lines``: the line of each.
    """

    def __init__(self, out: OdmFile, file: str):
        self.out, self.file = out, file
        self._vendors = VendorContent(out)
        self.elements = 0
        self.lines: list[int] = []
        self._parent: _Element | None = None
        self._context, self._inherited = -1, ""
        self._here: dict[tuple[str, str], int] = {}
        # context key -> item group and its repeat key -> row; only rows that are not removed
        self._live: dict[tuple[str, ...], dict[tuple[str, str], int]] = {}
        self._below: dict[tuple[str, ...], list[tuple[str, ...]]] = {}  # beginning of a context key -> contexts
        self._site: tuple[_Element | None, str] = (None, "")
        self._texts: dict[str, str] = {}  # one object for each text of a key

    def take(self, element: _Element) -> None:
        tag = element.tag
        if tag == GROUP:
            self._group(element)
        elif tag in DATA:
            if not element.get(OID[tag]):
                self._unnamed(element)
            self._vendors.remember(element, self._key)
            if self._type(element, "") == "Remove":  # an inherited removal is applied to the element above
                self._remove_below(element, DATA[tag])
        elif tag == VERSION:
            self.out.metadata.add_version(element)
        elif tag == UNIT:
            self.out.metadata.add_unit(element)
            return  # it is small and its siblings are not data, so it need not be cleared
        elif tag == CLINICAL:
            self.out.used_versions.setdefault((element.get("StudyOID", ""), element.get("MetaDataVersionOID", "")))
        elif tag in UNUSED:
            self.out.unused[UNUSED[tag]] += 1
            if tag == ANNOTATION:
                self._vendors.add_comments(element)
            parent = element.getparent()
            if parent is None or parent.tag not in CONTAINERS:
                return  # it is cleared with the element around it
        elif tag == f"{NS}AdminData":
            self.out.unused["AdminData (users, locations)"] += 1
        if tag in DATA or tag == CLINICAL:
            for child in element:
                self._vendors.count(child)
        element.clear()
        self._drop_before(element)

    def _drop_before(self, element: _Element) -> None:
        """Drop earlier siblings, which are read. Keep a site reference: later events of the subject need it."""
        parent, before = element.getparent(), element.getprevious()
        while parent is not None and before is not None and before.tag != SITE:
            if parent.tag in STANDARD:
                self._vendors.count(before)
            parent.remove(before)
            before = element.getprevious()

    def _unnamed(self, element: _Element) -> None:
        """Note an element without its OID."""
        name = str(element.tag).rpartition("}")[2]
        self.out.unnamed.setdefault(name, []).append(element.sourceline or 0)

    def _type(self, element: _Element, inherited: str) -> str:
        """The transaction of an element. A snapshot has only existing and removed elements."""
        declared = element.get("TransactionType")
        if declared is not None and declared not in TRANSACTIONS:
            raise self._fault(element, f"TransactionType is '{declared}'; {', '.join(TRANSACTIONS)} were expected")
        kind = declared or inherited or "Upsert"
        return kind if self.out.transactional or kind == "Remove" else "Upsert"

    def _fault(self, element: _Element, text: str) -> InputError:
        name = str(element.tag).rpartition("}")[2]
        return InputError(f"{self.file}:{element.sourceline}: <{name}>: {text}")

    def _above(self, element: _Element) -> str:
        """The transaction that an element inherits."""
        chain = []
        parent = element.getparent()
        while parent is not None and parent.tag in DATA:
            chain.append(parent)
            parent = parent.getparent()
        kind = ""
        for outer in reversed(chain):
            kind = self._type(outer, kind)
        return kind

    def _key(self, element: _Element) -> tuple[str, ...]:
        """(study, subject, event, its repeat key, form, its repeat key) of a SubjectData or an element below it."""
        found = {}
        at: _Element | None = element
        while at is not None and at.tag != CLINICAL:
            found[at.tag] = at
            at = at.getparent()
        study = at.get("StudyOID", "") if at is not None else ""
        subject, event, form = found.get(SUBJECT), found.get(EVENT), found.get(FORM)
        key = [study, subject.get("SubjectKey", "") if subject is not None else ""]
        for part, name in ((event, "StudyEvent"), (form, "Form")):
            key += [part.get(f"{name}OID", ""), part.get(f"{name}RepeatKey", "")] if part is not None else ["", ""]
        return tuple([self._texts.setdefault(text, text) for text in key])

    def _enter(self, parent: _Element | None) -> None:
        """Set the current context to that of a parent of item groups; -1 outside of the data of subjects."""
        self._parent = parent
        self._context = -1
        if parent is None or parent.tag not in DATA:
            return
        key = self._key(parent)
        above: dict[object, _Element] = {}
        at: _Element | None = parent
        while at is not None and at.tag in STANDARD:
            above[at.tag] = at
            at = at.getparent()
        subject = above.get(SUBJECT)
        if subject is None:
            return
        if subject is not self._site[0]:
            site = subject.find(SITE)
            self._site = (subject, site.get("LocationOID", "") if site is not None else "")
        self._inherited = self._type(parent, self._above(parent))
        self._context = len(self.out.contexts)
        self.out.contexts.append((*key, self._site[1]))
        stated = tuple([self._vendors.attributes_once(above.get(tag)) for tag in (CLINICAL, SUBJECT, EVENT, FORM)])
        self.out.stated.append(stated if any(stated) else _NOTHING)
        if key not in self._live:
            self._live[key] = {}
            for depth in DATA.values():
                self._below.setdefault(key[:depth], []).append(key)
        self._here = self._live[key]

    def _remove_below(self, element: _Element, depth: int) -> None:
        """Remove every row of a subject, study event or form."""
        any_row = False
        # each context is removed once, so that many removals cost no more than many rows; a later row adds it again
        for key in self._below.pop(self._key(element)[:depth], ()):
            rows = self._live.pop(key, {})
            for (oid, _), row in rows.items():
                self._remove(self.out.groups[oid], row, depth)
            any_row = any_row or bool(rows)
        if not any_row and not len(element):
            self.out.unused[f"removals of a {LEVELS[depth]} without rows in the file"] += 1

    @staticmethod
    def _remove(log: GroupLog, row: int, level: int) -> None:
        while row >= 0:
            log.removed[row] = level
            row = log.again.get(row, -1)

    def _group(self, element: _Element) -> None:
        ordinal = self.elements
        self.elements += 1
        self.lines.append(element.sourceline or 0)
        parent = element.getparent()
        if parent is not self._parent:
            self._enter(parent)
        if self._context < 0:
            self.out.unused["ItemGroupData outside of subjects (reference data)"] += 1
            return
        oid = element.get("ItemGroupOID", "")
        if not oid:
            self._unnamed(element)
        log = self.out.groups.get(oid)
        if log is None:
            log = self.out.groups[oid] = GroupLog()
        repeat = element.get("ItemGroupRepeatKey", "")
        at = len(log.context)
        log.context.append(self._context)
        log.ordinal.append(ordinal)
        log.repeat.append(log.repeats.setdefault(repeat, len(log.repeats)))
        kind = self._type(element, self._inherited)
        row = self._row(log, (oid, repeat), at, kind, element)
        log.row.append(row)
        for name, value in (self._vendors.attributes(element) or {}).items():
            log.attributes.setdefault(name, []).append((at, value))
        if row >= 0:
            self._items(log, at, kind, element)

    def _row(self, log: GroupLog, key: tuple[str, str], at: int, kind: str, element: _Element) -> int:
        """The row of an ItemGroupData, created if there is none; -1 if the element has no row."""
        row = self._here.get(key, -1)
        if kind == "Remove":
            if row >= 0:
                self._remove(log, self._here.pop(key), 1)
            else:
                log.orphans.append(at)
            return -1
        if row >= 0 and self.out.transactional:
            if element.get("TransactionType") == "Insert":
                log.reinserted.append(at)
            return row
        if kind == "Context" and not len(element):
            return -1
        if row < 0 and kind in ("Update", "Context"):
            self.out.unused[f"{kind} of a row that the file does not insert (read as its first state)"] += 1
        new = len(log.created_by)
        if row >= 0:
            log.again[new] = row
        log.created_by.append(at)
        log.removed.append(0)
        self._here[key] = new
        return new

    def _items(self, log: GroupLog, at: int, inherited: str, element: _Element) -> None:
        items, plain = log.items, KINDS[inherited]
        vendors = bool(self.out.prefixes)
        for child in element:
            tag = child.tag
            if tag == ITEM:
                value = child.get("Value", "")
            elif tag in TYPED:
                value = (child.text or "") if not len(child) else "".join(child.itertext())
            elif tag in UNUSED:
                continue
            else:
                self.out.unused[f"<{str(tag).rpartition('}')[2]}> in ItemGroupData"] += 1
                continue
            oid = child.get("ItemOID")
            if not oid:
                if value:
                    log.unnamed.append((at, value))
                continue
            entry = items.get(oid)
            if entry is None:
                entry = items[oid] = ItemLog()
            kind = plain if child.get("TransactionType") is None else KINDS[self._type(child, inherited)]
            if value and child.get("IsNull") == "Yes" and kind != REMOVED:
                entry.null_filled.append((at, value))
                value = ""
            if kind:
                entry.kinds.append((len(entry.element), kind))
            entry.element.append(at)
            values = entry.values
            code = values.get(value)
            if code is None:
                code = values[value] = len(values)
            entry.code.append(code)
            if vendors:
                if tag == ITEM:
                    for name, text in (self._vendors.attributes(child) or {}).items():
                        entry.attributes.setdefault(name, []).append((at, text))
                for below in child:
                    self._vendors.count(below)
            unit = child.get("MeasurementUnitOID")
            if unit is None and len(child):
                reference = child.find(f"{NS}MeasurementUnitRef")
                unit = reference.get("MeasurementUnitOID") if reference is not None else None
            if unit:
                entry.unit_element.append(at)
                entry.unit_code.append(entry.units.setdefault(unit, len(entry.units)))

"""ODM-XML 1.3 as a stream: what ClinicalData says of item groups and items, in document order, as compact logs.

An element is dropped as soon as it is read, so memory grows with the data kept, not with the XML. Rows are resolved
here (CDISC ODM 1.3.2: transactions are applied in document order, a child without a TransactionType has its parent's);
cells are resolved from the logs (log.py) by whole columns in rows.py. Not for tables, names and findings.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import InputError
from ..xml_text import check_prolog, element_lines, syntax_fault
from .log import CONTEXT, CONTEXT_LEVELS, LEVELS, REMOVED, VALUE, Attributes, GroupLog, ItemLog, OdmFile
from .metadata import NS, ODM

if TYPE_CHECKING:
    from lxml.etree import _Element

TYPES = ("Insert", "Update", "Remove", "Upsert", "Context")
_KINDS = dict.fromkeys(TYPES, VALUE) | {"Remove": REMOVED, "Context": CONTEXT}
_PARTS = (
    "String Any Boolean Integer Float Double Date Time Datetime HexBinary Base64Binary HexFloat Base64Float "
    "PartialDate PartialTime PartialDatetime DurationDatetime IntervalDatetime IncompleteDatetime "
    "IncompleteDate IncompleteTime URI"
)
_TYPED = frozenset(f"{NS}ItemData{p}" for p in _PARTS.split())
_ASIDE = {f"{NS}{p}": p for p in ("AuditRecord", "Signature", "Annotation", "Association")}
_ANNOTATION = f"{NS}Annotation"
_BOXES = frozenset(f"{NS}{p}" for p in ("AuditRecords", "Signatures", "Annotations", "AdminData", "ReferenceData"))
_W3C = "http://www.w3.org/"
_VERSION, _UNIT = f"{NS}MetaDataVersion", f"{NS}MeasurementUnit"
_ITEM, _GROUP, _FORM, _EVENT = (f"{NS}{p}" for p in ("ItemData", "ItemGroupData", "FormData", "StudyEventData"))
_SUBJECT, _CLINICAL, _SITE = (f"{NS}{p}" for p in ("SubjectData", "ClinicalData", "SiteRef"))
#: attributes of the data elements that ODM 1.3.2 itself has
_STANDARD = {
    _CLINICAL: ("StudyOID", "MetaDataVersionOID"),
    _SUBJECT: ("SubjectKey", "TransactionType"),
    _EVENT: ("StudyEventOID", "StudyEventRepeatKey", "TransactionType"),
    _FORM: ("FormOID", "FormRepeatKey", "TransactionType"),
    _GROUP: ("ItemGroupOID", "ItemGroupRepeatKey", "TransactionType"),
    _ITEM: ("ItemOID", "Value", "IsNull", "TransactionType", "MeasurementUnitOID"),
}
_OID = {_SUBJECT: "SubjectKey", _EVENT: "StudyEventOID", _FORM: "FormOID"}
_COMMENT = f"{NS}Comment"
_NOTHING: tuple[None, ...] = (None, None, None, None)
_DATA = {_FORM: 6, _EVENT: 4, _SUBJECT: 2}  # level -> how much of a context's key tells its element


def read_odm_file(path: Path, file: str, encoding: str) -> OdmFile:
    """Read a whole ODM-XML file. ``encoding``: other than utf-8, it overrides what the file says.

    Raises InputError for an empty, cut, damaged or foreign file, a DOCTYPE, another root, namespace or version, and for
    an element without what identifies it, with its line.
    """
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    found = check_prolog(path, file)
    override = encoding if encoding.lower() not in ("utf-8", "utf8") else None
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    # huge_tree stays off: libxml2 then holds texts to 10 million characters, elements to a depth of 256, and names
    safe = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}
    tags = [_VERSION, _UNIT, _CLINICAL, _GROUP, *_DATA, *_ASIDE, *_BOXES]
    out = OdmFile(path, digest)
    try:
        with path.open("rb") as stream:
            for _, root in etree.iterparse(stream, events=("start",), encoding=override, **safe):
                _check_root(root, file, out)
                break
        reader = _Reader(out, file)
        given = {"events": ("end",), "tag": tags, "remove_comments": True, "remove_pis": True, "encoding": override}
        with path.open("rb") as stream:
            for _, element in etree.iterparse(stream, **given, **safe):
                reader.take(element)
    except etree.XMLSyntaxError as error:
        raise syntax_fault(error, path, file, "ODM") from None
    lines = element_lines(path, "ItemGroupData") if not found.startswith("utf-16") else np.zeros(0, np.int32)
    out.lines = lines if len(lines) == reader.elements else np.array(reader.lines, np.int32)
    return out


def _check_root(root: _Element, file: str, out: OdmFile) -> None:
    place = f"{file}:{root.sourceline}"
    space, _, name = str(root.tag).rpartition("}")
    space = space.removeprefix("{")
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputError(f"{place}: a document type declaration (DOCTYPE); export the file again without it")
    if name != "ODM":
        raise InputError(f"{place}: the root element is <{name}>, and <ODM> was expected; check the format:")
    if space != ODM:
        told = f"the namespace '{space}'" if space else "no namespace"
        raise InputError(f"{place}: <ODM> has {told}; ODM-XML 1.3.2 ({ODM}) is read. Export the file as ODM 1.3.2")
    version = root.get("ODMVersion", "1.3")
    if version not in ("1.3", "1.3.0", "1.3.1", "1.3.2"):
        raise InputError(f"{place}: ODMVersion is '{version}'; 1.3 to 1.3.2 are read. Export the file as ODM 1.3.2")
    kind = root.get("FileType", "")
    if kind not in ("Snapshot", "Transactional"):
        raise InputError(f"{place}: FileType is '{kind}'; Snapshot or Transactional was expected")
    out.transactional = kind == "Transactional"
    if root.get("PriorFileOID") and out.transactional:
        out.notes.append(
            f"the file continues {root.get('PriorFileOID')}, which is not read: rows that only that file holds are "
            "missing"
        )
    out.prefixes = {s: p or "" for p, s in root.nsmap.items() if s and s != ODM and not s.startswith(_W3C)}


class _Reader:
    """Takes elements as they end. ``live``: context key -> item group and its repeat key -> row."""

    def __init__(self, out: OdmFile, file: str):
        self.out, self.file = out, file
        self.elements = 0
        self.lines: list[int] = []
        self._parent: _Element | None = None
        self._context, self._inherited = -1, ""
        self._here: dict[tuple[str, str], int] = {}
        self._live: dict[tuple[str, ...], dict[tuple[str, str], int]] = {}
        self._below: dict[tuple[str, ...], list[tuple[str, ...]]] = {}  # beginning of a context key -> contexts
        self._site: tuple[_Element | None, str] = (None, "")
        self._said: dict[str, tuple[_Element, Attributes | None]] = {}  # element -> the last one, and its attributes
        self._same: dict[str, str] = {}  # one object for each text that keys are made of

    def take(self, element: _Element) -> None:
        tag = element.tag
        if tag == _GROUP:
            self._group(element)
        elif tag in _DATA:
            self._remember(element)
            if self._type(element, "") == "Remove":  # what is removed by inheritance goes with what is above
                self._remove_below(element, _DATA[tag])
        elif tag == _VERSION:
            self.out.metadata.add_version(element)
        elif tag == _UNIT:
            self.out.metadata.add_unit(element)
            return  # Study still needs nothing of it, but it is small and its siblings are not data
        elif tag == _CLINICAL:
            self.out.used_versions.setdefault((element.get("StudyOID", ""), element.get("MetaDataVersionOID", "")))
        elif tag in _ASIDE:
            self.out.aside[_ASIDE[tag]] += 1
            if tag == _ANNOTATION:
                self._comment(element)
            parent = element.getparent()
            if parent is None or parent.tag not in _BOXES:
                return  # goes with the element that it belongs to
        elif tag == f"{NS}AdminData":
            self.out.aside["AdminData (users, locations)"] += 1
        if tag in _DATA or tag == _CLINICAL:
            for child in element:
                self._foreign(child)
        element.clear()
        self._drop_before(element)

    def _drop_before(self, element: _Element) -> None:
        """Earlier siblings are read; a site reference is kept, since later events of the subject ask for it."""
        parent, before = element.getparent(), element.getprevious()
        while parent is not None and before is not None and before.tag != _SITE:
            if parent.tag in _STANDARD:
                self._foreign(before)
            parent.remove(before)
            before = element.getprevious()

    def _foreign(self, element: _Element) -> None:
        """Count an element of a vendor among the data."""
        space, _, name = str(element.tag).rpartition("}")
        space = space.removeprefix("{")
        if space != ODM:
            prefix = self.out.prefixes.get(space, space)
            self.out.aside[f"<{prefix}:{name}>" if prefix else f"<{name}>"] += 1

    def _comment(self, annotation: _Element) -> None:
        """Keep the text of an annotation's comment, to be told."""
        for comment in annotation.iterfind(_COMMENT):
            text = " ".join("".join(comment.itertext()).split())
            if text:
                self.out.comments.append((comment.sourceline or 0, text))

    def _attributes(self, element: _Element) -> Attributes | None:
        """The filled attributes of an element that are not ODM's own; None for none."""
        standard = _STANDARD[element.tag]
        found = {
            n: v for n, v in element.items() if n not in standard and v and not n.startswith(("{" + _W3C, f"{{{ODM}}}"))
        }
        if not found:
            return None
        level = str(element.tag).rpartition("}")[2]
        self.out.attributes.update(dict.fromkeys((level, n) for n in found))
        return found

    def _stated(self, element: _Element | None) -> Attributes | None:
        """The same, read once for an element that several contexts share."""
        if element is None:
            return None
        before = self._said.get(element.tag)
        if before is None or before[0] is not element:
            before = self._said[element.tag] = (element, self._attributes(element))
        return before[1]

    def _remember(self, element: _Element) -> None:
        """Keep what a subject, event or form says of itself, the last word on top; note one that has no OID."""
        if not element.get(_OID[element.tag]):
            self._unnamed(element)
        said = self._attributes(element)
        if said:
            level = str(element.tag).rpartition("}")[2]
            key = self._key(element)[: CONTEXT_LEVELS[level][0]]
            state = self.out.entities.setdefault((level, key), {})
            self.out.restated.update((level, key, n) for n, v in said.items() if state.get(n, v) != v)
            state.update(said)

    def _unnamed(self, element: _Element) -> None:
        name = str(element.tag).rpartition("}")[2]
        self.out.unnamed.setdefault(name, []).append(element.sourceline or 0)

    def _type(self, element: _Element, inherited: str) -> str:
        """The transaction of an element. A snapshot has only what is there and what was removed."""
        own = element.get("TransactionType")
        if own is not None and own not in TYPES:
            raise self._fault(element, f"TransactionType is '{own}'; {', '.join(TYPES)} were expected")
        kind = own or inherited or "Upsert"
        return kind if self.out.transactional or kind == "Remove" else "Upsert"

    def _fault(self, element: _Element, text: str) -> InputError:
        name = str(element.tag).rpartition("}")[2]
        return InputError(f"{self.file}:{element.sourceline}: <{name}>: {text}")

    def _above(self, element: _Element) -> str:
        """The transaction that an element inherits."""
        chain = []
        parent = element.getparent()
        while parent is not None and parent.tag in _DATA:
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
        while at is not None and at.tag != _CLINICAL:
            found[at.tag] = at
            at = at.getparent()
        study = at.get("StudyOID", "") if at is not None else ""
        subject, event, form = found.get(_SUBJECT), found.get(_EVENT), found.get(_FORM)
        key = [study, subject.get("SubjectKey", "") if subject is not None else ""]
        for part, name in ((event, "StudyEvent"), (form, "Form")):
            key += [part.get(f"{name}OID", ""), part.get(f"{name}RepeatKey", "")] if part is not None else ["", ""]
        return tuple([self._same.setdefault(text, text) for text in key])

    def _enter(self, parent: _Element | None) -> None:
        """Make the context of a parent of item groups the current one; -1 outside of subjects' data."""
        self._parent = parent
        self._context = -1
        if parent is None or parent.tag not in _DATA:
            return
        key = self._key(parent)
        above: dict[object, _Element] = {}
        at: _Element | None = parent
        while at is not None and at.tag in _STANDARD:
            above[at.tag] = at
            at = at.getparent()
        subject = above.get(_SUBJECT)
        if subject is None:
            return
        if subject is not self._site[0]:
            site = subject.find(_SITE)
            self._site = (subject, site.get("LocationOID", "") if site is not None else "")
        self._inherited = self._type(parent, self._above(parent))
        self._context = len(self.out.contexts)
        self.out.contexts.append((*key, self._site[1]))
        stated = tuple([self._stated(above.get(tag)) for tag in (_CLINICAL, _SUBJECT, _EVENT, _FORM)])
        self.out.stated.append(stated if any(stated) else _NOTHING)
        if key not in self._live:
            self._live[key] = {}
            for depth in _DATA.values():
                self._below.setdefault(key[:depth], []).append(key)
        self._here = self._live[key]

    def _remove_below(self, element: _Element, depth: int) -> None:
        """Remove every row of a subject, study event or form."""
        any_row = False
        # each context is removed once, so that many removals cost no more than many rows; a later row makes it anew
        for key in self._below.pop(self._key(element)[:depth], ()):
            rows = self._live.pop(key, {})
            for (oid, _), row in rows.items():
                self._remove(self.out.groups[oid], row, depth)
            any_row = any_row or bool(rows)
        if not any_row and not len(element):
            self.out.aside[f"removals of a {LEVELS[depth]} of which the file has no row"] += 1

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
            self.out.aside["ItemGroupData outside of subjects (reference data)"] += 1
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
        for name, value in (self._attributes(element) or {}).items():
            log.attributes.setdefault(name, []).append((at, value))
        if row >= 0:
            self._items(log, at, kind, element)

    def _row(self, log: GroupLog, key: tuple[str, str], at: int, kind: str, element: _Element) -> int:
        """The row that an ItemGroupData is about, made where there is none; -1 where it makes none."""
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
            self.out.aside[f"{kind} of a row that the file does not insert; taken as its first state"] += 1
        new = len(log.made_by)
        if row >= 0:
            log.again[new] = row
        log.made_by.append(at)
        log.removed.append(0)
        self._here[key] = new
        return new

    def _items(self, log: GroupLog, at: int, inherited: str, element: _Element) -> None:
        items, plain = log.items, _KINDS[inherited]
        vendors = bool(self.out.prefixes)
        for child in element:
            tag = child.tag
            if tag == _ITEM:
                value = child.get("Value", "")
            elif tag in _TYPED:
                value = (child.text or "") if not len(child) else "".join(child.itertext())
            elif tag in _ASIDE:
                continue
            else:
                self.out.aside[f"<{str(tag).rpartition('}')[2]}> in ItemGroupData"] += 1
                continue
            oid = child.get("ItemOID")
            if not oid:
                if value:
                    log.unnamed.append((at, value))
                continue
            entry = items.get(oid)
            if entry is None:
                entry = items[oid] = ItemLog()
            kind = plain if child.get("TransactionType") is None else _KINDS[self._type(child, inherited)]
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
                if tag == _ITEM:
                    for name, text in (self._attributes(child) or {}).items():
                        entry.attributes.setdefault(name, []).append((at, text))
                for below in child:
                    self._foreign(below)
            unit = child.get("MeasurementUnitOID")
            if unit is None and len(child):
                reference = child.find(f"{NS}MeasurementUnitRef")
                unit = reference.get("MeasurementUnitOID") if reference is not None else None
            if unit:
                entry.unit_element.append(at)
                entry.unit_code.append(entry.units.setdefault(unit, len(entry.units)))

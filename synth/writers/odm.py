"""Forms as one ODM-XML 1.3.2 snapshot, as a data capture system exports it: study metadata, then the clinical data.

Not for the content of the forms. Each part of the file is a form F.<part> with one item group IG.<part>. Each row of
its table is an item group. As in real snapshots, some item groups have typed items (ItemDataDate, ItemDataFloat), some
items have an audit record, and a removed value is still in the file with TransactionType="Remove".

A part's table has ``SITE_ID`` and ``SUBJ_ID``, ``StudyEventOID`` (else ``VISIT``, else the part names the event),
``StudyEventRepeatKey`` where the forms know it, and the items. Dates of ``table.days`` are written in ISO 8601.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ..subjects.tables import Table, write_dates

KEYS = ("SITE_ID", "SUBJ_ID", "SubjectKey", "StudyEventOID", "StudyEventRepeatKey")
#: item -> unit, where no other item has the unit
UNITS = {"HEIGHT": "cm", "SYSBP": "mmHg", "DIABP": "mmHg", "PULSE": "beats/min"}
REPEATING = ("SE.UNSCHEDULED", "SE.UNS", "SE.FU")
_TYPED_ONE_IN, _AUDITED_ONE_IN, _REMOVED_ONE_IN = 12, 60, 40
_MOST_CODES = 8
_ELEMENTS = {"date": "ItemDataDate", "float": "ItemDataFloat", "integer": "ItemDataInteger", "text": "ItemDataString"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")  # not 0012, which is an identifier
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _Part:
    """One table of the file: subject and event of each row, type of each item."""

    def __init__(self, table: Table):
        self.name = table.part or "FORM"
        columns = dict(table.columns)
        for column, days in table.days.items():
            columns[column] = write_dates(days, np.full(len(days), "yyyy-mm-dd", dtype=object))
        self.subject = _subjects(columns)
        self.event = _events(columns, self.name)
        self.repeat_key = columns.get("StudyEventRepeatKey")
        keys = KEYS if "StudyEventOID" in columns else (*KEYS, "VISIT")
        self.items = {name: cells.tolist() for name, cells in columns.items() if name not in keys}
        self.kind = {name: "date" if name in table.days else _kind(cells) for name, cells in self.items.items()}

    def __len__(self) -> int:
        return len(self.subject)

    def codes(self) -> dict[str, list[str]]:
        """The codes of each item that has few of them, in order."""
        out = {}
        for name, cells in self.items.items():
            seen = sorted(set(cells) - {""})
            if self.kind[name] == "text" and 0 < len(seen) <= _MOST_CODES and all(t.isupper() for t in seen):
                out[name] = seen
        return out


def odm_bytes(tables: list[Table], study: str, declared: datetime) -> bytes:
    """The whole snapshot of the parts in ``tables``. Item groups of a part are in the order of its rows, if the rows
    of each subject are consecutive."""
    parts = [_Part(t) for t in tables]
    events = _event_order(parts)
    stamp = f"{declared:%Y-%m-%dT%H:%M:%S}+00:00"
    lines = chain(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot" '
            f'Granularity="SingleSite" FileOID="{study}.{declared:%Y-%m-%d}" CreationDateTime="{stamp}" '
            f'AsOfDateTime="{stamp}" SourceSystem="raw2adam synth" '
            'Description="Synthetic data: no record is about a real person">',
        ],
        _metadata(study, parts, events),
        [
            '<AdminData><User OID="U.1"><FullName>Data Entry 1</FullName></User>'
            '<Location OID="L.1" Name="Synthetic site" LocationType="Site">'
            f'<MetaDataVersionRef StudyOID="{study}" MetaDataVersionOID="MDV.1" EffectiveDate="2020-08-13"/>'
            "</Location></AdminData>",
            f'<ClinicalData StudyOID="{study}" MetaDataVersionOID="MDV.1">',
        ],
        _clinical(parts),
        ["</ClinicalData>", "</ODM>", ""],
    )
    return "\n".join(lines).encode()


# ---- metadata -----------------------------------------------------------------------------------------------------


def _metadata(study: str, parts: list[_Part], events: dict[str, list[str]]) -> Iterator[str]:
    yield f'<Study OID="{study}">'
    yield (
        f"<GlobalVariables><StudyName>{study}</StudyName><StudyDescription>Synthetic registry</StudyDescription>"
        f"<ProtocolName>{study}</ProtocolName></GlobalVariables>"
    )
    measured = sorted({UNITS[name] for part in parts for name in part.items if name in UNITS})
    if measured:
        yield "<BasicDefinitions>"
        for unit in measured:
            yield (
                f'<MeasurementUnit OID="MU.{_oid(unit)}" Name={quoteattr(unit)}><Symbol>{_text(unit)}</Symbol>'
                "</MeasurementUnit>"
            )
        yield "</BasicDefinitions>"
    yield '<MetaDataVersion OID="MDV.1" Name="Version 1">'
    yield "<Protocol>"
    for number, event in enumerate(events, 1):
        yield f'<StudyEventRef StudyEventOID="{event}" OrderNumber="{number}" Mandatory="No"/>'
    yield "</Protocol>"
    for event, forms in events.items():
        kind, repeating = ("Unscheduled", "Yes") if event in REPEATING else ("Scheduled", "No")
        yield f'<StudyEventDef OID="{event}" Name="{event[3:]}" Repeating="{repeating}" Type="{kind}">'
        yield from (f'<FormRef FormOID="F.{form}" Mandatory="No"/>' for form in forms)
        yield "</StudyEventDef>"
    for part in parts:
        yield f'<FormDef OID="F.{part.name}" Name="{part.name}" Repeating="No">'
        yield f'<ItemGroupRef ItemGroupOID="IG.{part.name}" Mandatory="Yes"/></FormDef>'
    for part in parts:
        yield f'<ItemGroupDef OID="IG.{part.name}" Name="{part.name}" Repeating="No" SASDatasetName="{part.name}">'
        for number, name in enumerate(part.items, 1):
            yield f'<ItemRef ItemOID="{_item(part, name)}" OrderNumber="{number}" Mandatory="No"/>'
        yield "</ItemGroupDef>"
    codes = {part.name: part.codes() for part in parts}
    for part in parts:
        for name in part.items:
            yield from _item_def(part, name, name in codes[part.name])
    for part in parts:
        for name, values in codes[part.name].items():
            yield f'<CodeList OID="CL.{part.name}.{name}" Name="{name}" DataType="text">'
            for code in values:
                decode = f"<Decode>{_text(code.title())}</Decode>"
                yield f"<CodeListItem CodedValue={quoteattr(code)}>{decode}</CodeListItem>"
            yield "</CodeList>"
    yield "</MetaDataVersion></Study>"


def _item_def(part: _Part, name: str, coded: bool) -> Iterator[str]:
    kind = part.kind[name]
    length = max(max(map(len, part.items[name]), default=0), 1)
    size = "" if kind == "date" else f' Length="{length}"'
    if kind == "float":
        digits = max(len(t.partition(".")[2]) for t in part.items[name])
        size += f' SignificantDigits="{digits}"'
    head = f'<ItemDef OID="{_item(part, name)}" Name="{name}" DataType="{kind}"{size} SASFieldName="{name[:8]}"'
    inside = ""
    if name in UNITS:
        inside += f'<MeasurementUnitRef MeasurementUnitOID="MU.{_oid(UNITS[name])}"/>'
    if coded:
        inside += f'<CodeListRef CodeListOID="CL.{part.name}.{name}"/>'
    yield f"{head}>{inside}</ItemDef>" if inside else f"{head}/>"


def _text(text: str) -> str:
    return f'<TranslatedText xml:lang="en">{escape(text)}</TranslatedText>'


def _item(part: _Part, name: str) -> str:
    return f"I.{part.name}.{name}"


def _oid(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", text.upper())


# ---- clinical data ------------------------------------------------------------------------------------------------


def _clinical(parts: list[_Part]) -> Iterator[str]:
    """Subjects in the order of the first part that has them; in each, events as they come; in those, the parts."""
    tree: dict[str, dict[tuple[str, str], list[tuple[_Part, int]]]] = {}
    for part in parts:
        times: dict[tuple[str, str], int] = {}
        for row, (subject, event) in enumerate(zip(part.subject, part.event, strict=True)):
            times[subject, event] = times.get((subject, event), 0) + 1
            repeat = str(part.repeat_key[row]) if part.repeat_key is not None else ""
            if not repeat and (event in REPEATING or times[subject, event] > 1):
                repeat = str(times[subject, event])
            tree.setdefault(subject, {}).setdefault((event, repeat), []).append((part, row))
    for subject, events in tree.items():
        yield f"<SubjectData SubjectKey={quoteattr(subject)}>"
        for (event, repeat), rows in events.items():
            key = f" StudyEventRepeatKey={quoteattr(repeat)}" if repeat else ""
            yield f"<StudyEventData StudyEventOID={quoteattr(event)}{key}>"
            for part, row in rows:
                yield f'<FormData FormOID="F.{part.name}"><ItemGroupData ItemGroupOID="IG.{part.name}">'
                yield from _items(part, row)
                yield "</ItemGroupData></FormData>"
            yield "</StudyEventData>"
        yield "</SubjectData>"


def _items(part: _Part, row: int) -> Iterator[str]:
    place = f"{part.subject[row]} {part.event[row]} {row}"
    typed = _one_in(_TYPED_ONE_IN, place)
    removed = "" if typed else _removed(part, row, place)
    for name, cells in part.items.items():
        text = cells[row]
        if name == removed:
            yield f'<ItemData ItemOID="{_item(part, name)}" Value={quoteattr(_neighbour(cells, row))} '
            yield f'TransactionType="Remove">{_audit("entered at the wrong visit")}</ItemData>'
        elif not text:
            continue
        elif typed:
            element = _ELEMENTS[part.kind[name]]
            yield f'<{element} ItemOID="{_item(part, name)}">{escape(text)}</{element}>'
        elif _one_in(_AUDITED_ONE_IN, f"{place} {name}"):
            yield f'<ItemData ItemOID="{_item(part, name)}" Value={quoteattr(text)}>{_audit("typing error")}</ItemData>'
        else:
            yield f'<ItemData ItemOID="{_item(part, name)}" Value={quoteattr(text)}/>'


def _audit(reason: str) -> str:
    return (
        '<AuditRecord EditPoint="Monitoring" UsedImputationMethod="No"><UserRef UserOID="U.1"/>'
        '<LocationRef LocationOID="L.1"/><DateTimeStamp>2025-12-01T09:00:00+00:00</DateTimeStamp>'
        f"<ReasonForChange>{reason}</ReasonForChange></AuditRecord>"
    )


def _removed(part: _Part, row: int, place: str) -> str:
    """The empty item of the row that gets a removed value; '' for none."""
    if not _one_in(_REMOVED_ONE_IN, f"{place} removed"):
        return ""
    empty = (
        n for n, cells in part.items.items() if not cells[row] and part.kind[n] != "text" and _neighbour(cells, row)
    )
    return next(empty, "")


def _neighbour(cells: list[str], row: int) -> str:
    """The last value that the item had in an earlier row."""
    return next((cells[k] for k in range(row - 1, max(row - 40, -1), -1) if cells[k]), "")


def _one_in(many: int, text: str) -> bool:
    return zlib.crc32(text.encode()) % many == 0


# ---- keys and types of the columns --------------------------------------------------------------------------------


def _subjects(columns: dict[str, np.ndarray]) -> list[str]:
    if "SubjectKey" in columns:
        return [str(t) for t in columns["SubjectKey"].tolist()]
    return [f"{s}-{n}" for s, n in zip(columns["SITE_ID"].tolist(), columns["SUBJ_ID"].tolist(), strict=True)]


def _events(columns: dict[str, np.ndarray], part: str) -> list[str]:
    if "StudyEventOID" in columns:
        return [str(t) for t in columns["StudyEventOID"].tolist()]
    if "VISIT" in columns:
        return [f"SE.{t.replace(' ', '')}" for t in columns["VISIT"].tolist()]
    return [f"SE.{part}"] * len(next(iter(columns.values())))


def _event_order(parts: list[_Part]) -> dict[str, list[str]]:
    """Events and the forms in each: scheduled ones by their month, then those that repeat."""
    found: dict[str, list[str]] = {}
    for part in parts:
        for event in dict.fromkeys(part.event):
            found.setdefault(event, []).append(part.name)

    def place(event: str) -> tuple[bool, int, str]:
        month = re.search(r"[0-9]+$", event)
        return event in REPEATING, int(month[0]) if month else 0, event

    return {event: found[event] for event in sorted(found, key=place)}


def _kind(cells: list[str]) -> str:
    seen = set(cells) - {""}
    if seen and all(_DATE.fullmatch(t) for t in seen):
        return "date"
    if not seen or not all(_NUMBER.fullmatch(t) for t in seen):
        return "text"
    return "float" if any("." in t for t in seen) else "integer"

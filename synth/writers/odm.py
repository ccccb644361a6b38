"""Forms as one ODM-XML 1.3.2 snapshot, as a data capture system exports it: study metadata, then the clinical data.

Not what is in the forms. Each part of the file is a form F.<part> with one item group IG.<part>, one row of its table
an item group. As in real snapshots, some item groups are of typed items (ItemDataDate, ItemDataFloat), some items have
an audit record, and a value that was removed is still in the file, marked TransactionType="Remove".

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
#: item -> unit, for items whose unit is not a separate item
UNITS = {"HEIGHT": "cm", "SYSBP": "mmHg", "DIABP": "mmHg", "PULSE": "beats/min"}
REPEATING = ("SE.UNSCHEDULED", "SE.UNS", "SE.FU")
_TYPED_ONE_IN, _AUDITED_ONE_IN, _REMOVED_ONE_IN = 12, 60, 40
_MOST_CODES = 8
_ELEMENTS = {"date": "ItemDataDate", "float": "ItemDataFloat", "integer": "ItemDataInteger", "text": "ItemDataString"}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")  # not 0012, which is an identifier
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _Part:
    """One table on its way into the file: where each row belongs, and what each item is."""

    def __init__(self, table: Table):
        self.name = table.part or "FORM"
        columns = dict(table.columns)
        for column, days in table.days.items():
            columns[column] = write_dates(days, np.full(len(days), "yyyy-mm-dd", dtype=object))
        self.subject = _subjects(columns)
        self.event = _events(columns, self.name)
        self.given_repeat = columns.get("StudyEventRepeatKey")
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
    """The whole snapshot of the parts in ``tables``. Item groups of a part stand in the order of its rows, as long as
    the rows of a subject stand together."""
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
    measured = sorted({UNITS[name] for p in parts for name in p.items if name in UNITS})
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
    for p in parts:
        yield f'<FormDef OID="F.{p.name}" Name="{p.name}" Repeating="No">'
        yield f'<ItemGroupRef ItemGroupOID="IG.{p.name}" Mandatory="Yes"/></FormDef>'
    for p in parts:
        yield f'<ItemGroupDef OID="IG.{p.name}" Name="{p.name}" Repeating="No" SASDatasetName="{p.name}">'
        for number, name in enumerate(p.items, 1):
            yield f'<ItemRef ItemOID="{_item(p, name)}" OrderNumber="{number}" Mandatory="No"/>'
        yield "</ItemGroupDef>"
    codes = {p.name: p.codes() for p in parts}
    for p in parts:
        for name in p.items:
            yield from _item_def(p, name, name in codes[p.name])
    for p in parts:
        for name, values in codes[p.name].items():
            yield f'<CodeList OID="CL.{p.name}.{name}" Name="{name}" DataType="text">'
            for code in values:
                decode = f"<Decode>{_text(code.title())}</Decode>"
                yield f"<CodeListItem CodedValue={quoteattr(code)}>{decode}</CodeListItem>"
            yield "</CodeList>"
    yield "</MetaDataVersion></Study>"


def _item_def(p: _Part, name: str, coded: bool) -> Iterator[str]:
    kind = p.kind[name]
    length = max(max(map(len, p.items[name]), default=0), 1)
    size = "" if kind == "date" else f' Length="{length}"'
    if kind == "float":
        digits = max(len(t.partition(".")[2]) for t in p.items[name])
        size += f' SignificantDigits="{digits}"'
    head = f'<ItemDef OID="{_item(p, name)}" Name="{name}" DataType="{kind}"{size} SASFieldName="{name[:8]}"'
    inside = ""
    if name in UNITS:
        inside += f'<MeasurementUnitRef MeasurementUnitOID="MU.{_oid(UNITS[name])}"/>'
    if coded:
        inside += f'<CodeListRef CodeListOID="CL.{p.name}.{name}"/>'
    yield f"{head}>{inside}</ItemDef>" if inside else f"{head}/>"


def _text(text: str) -> str:
    return f'<TranslatedText xml:lang="en">{escape(text)}</TranslatedText>'


def _item(p: _Part, name: str) -> str:
    return f"I.{p.name}.{name}"


def _oid(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", text.upper())


# ---- clinical data ------------------------------------------------------------------------------------------------


def _clinical(parts: list[_Part]) -> Iterator[str]:
    """Subjects in the order of the first part that has them; in each, events as they come; in those, the parts."""
    tree: dict[str, dict[tuple[str, str], list[tuple[_Part, int]]]] = {}
    for p in parts:
        times: dict[tuple[str, str], int] = {}
        for row, (subject, event) in enumerate(zip(p.subject, p.event, strict=True)):
            times[subject, event] = times.get((subject, event), 0) + 1
            repeat = str(p.given_repeat[row]) if p.given_repeat is not None else ""
            if not repeat and (event in REPEATING or times[subject, event] > 1):
                repeat = str(times[subject, event])
            tree.setdefault(subject, {}).setdefault((event, repeat), []).append((p, row))
    for subject, events in tree.items():
        yield f"<SubjectData SubjectKey={quoteattr(subject)}>"
        for (event, repeat), rows in events.items():
            key = f" StudyEventRepeatKey={quoteattr(repeat)}" if repeat else ""
            yield f"<StudyEventData StudyEventOID={quoteattr(event)}{key}>"
            for p, row in rows:
                yield f'<FormData FormOID="F.{p.name}"><ItemGroupData ItemGroupOID="IG.{p.name}">'
                yield from _items(p, row)
                yield "</ItemGroupData></FormData>"
            yield "</StudyEventData>"
        yield "</SubjectData>"


def _items(p: _Part, row: int) -> Iterator[str]:
    place = f"{p.subject[row]} {p.event[row]} {row}"
    typed = _one_in(_TYPED_ONE_IN, place)
    gone = "" if typed else _removed(p, row, place)
    for name, cells in p.items.items():
        text = cells[row]
        if name == gone:
            yield f'<ItemData ItemOID="{_item(p, name)}" Value={quoteattr(_neighbour(cells, row))} '
            yield f'TransactionType="Remove">{_audit("entered at the wrong visit")}</ItemData>'
        elif not text:
            continue
        elif typed:
            element = _ELEMENTS[p.kind[name]]
            yield f'<{element} ItemOID="{_item(p, name)}">{escape(text)}</{element}>'
        elif _one_in(_AUDITED_ONE_IN, f"{place} {name}"):
            yield f'<ItemData ItemOID="{_item(p, name)}" Value={quoteattr(text)}>{_audit("typing error")}</ItemData>'
        else:
            yield f'<ItemData ItemOID="{_item(p, name)}" Value={quoteattr(text)}/>'


def _audit(reason: str) -> str:
    return (
        '<AuditRecord EditPoint="Monitoring" UsedImputationMethod="No"><UserRef UserOID="U.1"/>'
        '<LocationRef LocationOID="L.1"/><DateTimeStamp>2025-12-01T09:00:00+00:00</DateTimeStamp>'
        f"<ReasonForChange>{reason}</ReasonForChange></AuditRecord>"
    )


def _removed(p: _Part, row: int, place: str) -> str:
    """An empty item of the row that shows a removed value, '' for none."""
    if not _one_in(_REMOVED_ONE_IN, f"{place} removed"):
        return ""
    empty = (n for n, cells in p.items.items() if not cells[row] and p.kind[n] != "text" and _neighbour(cells, row))
    return next(empty, "")


def _neighbour(cells: list[str], row: int) -> str:
    """The last value that the item had in an earlier row."""
    return next((cells[k] for k in range(row - 1, max(row - 40, -1), -1) if cells[k]), "")


def _one_in(many: int, text: str) -> bool:
    return zlib.crc32(text.encode()) % many == 0


# ---- what the columns say -----------------------------------------------------------------------------------------


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
    for p in parts:
        for event in dict.fromkeys(p.event):
            found.setdefault(event, []).append(p.name)

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

"""The metadata of an ODM-XML file: forms, item groups, items, code lists and units of its MetaDataVersions.

By CDISC ODM 1.3.2. Not for the data below ClinicalData (stream.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

ODM = "http://www.cdisc.org/ns/odm/v1.3"
NS = f"{{{ODM}}}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class ItemDef:
    """One item. ``units``: OIDs of the measurement units that it may have; ``type``: its DataType."""

    oid: str
    name: str
    sas: str
    label: str
    codelist: str
    units: tuple[str, ...]
    type: str = ""


@dataclass
class Metadata:
    """One MetaDataVersion, or several merged: a definition of a later version replaces that of an earlier one."""

    forms: dict[str, list[str]] = field(default_factory=dict)  # form -> its item groups in order
    groups: dict[str, list[str]] = field(default_factory=dict)  # item group -> its items in order
    items: dict[str, ItemDef] = field(default_factory=dict)
    codelists: dict[str, dict[str, str]] = field(default_factory=dict)  # code list -> code -> label
    events: dict[str, list[str]] = field(default_factory=dict)  # study event -> its forms in order
    names: dict[tuple[str, str], str] = field(default_factory=dict)  # (Form, ItemGroup or StudyEvent; OID) -> title
    planned: list[str] = field(default_factory=list)  # study events in the order of the protocol
    includes: tuple[tuple[str, str], ...] = ()  # study and version that this one builds upon

    def over(self, earlier: Metadata) -> Metadata:
        """This version merged with an earlier one: the definitions and the order of this version come first."""
        out = Metadata()
        for mine, theirs, joined in (
            (self.forms, earlier.forms, out.forms),
            (self.groups, earlier.groups, out.groups),
            (self.events, earlier.events, out.events),
        ):
            for oid in [*mine, *theirs]:
                joined[oid] = list(dict.fromkeys([*mine.get(oid, ()), *theirs.get(oid, ())]))
        out.items = {**earlier.items, **self.items}
        out.names = {**earlier.names, **self.names}
        out.planned = list(dict.fromkeys([*self.planned, *earlier.planned]))
        for oid in [*self.codelists, *earlier.codelists]:
            out.codelists[oid] = {**earlier.codelists.get(oid, {}), **self.codelists.get(oid, {})}
        return out


@dataclass
class Versions:
    """All metadata of a file: ``versions`` by study and version OID in document order, ``units``: OID -> symbol.

    ``foreign``: whether they contain elements or attributes of vendors.
    """

    versions: dict[tuple[str, str], Metadata] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    foreign: bool = False

    def add_version(self, element: _Element) -> None:
        """Add a whole MetaDataVersion element."""
        self.foreign = self.foreign or any(map(_is_foreign, element.iter()))
        study = element.getparent()
        key = (study.get("OID", "") if study is not None else "", element.get("OID", ""))
        found = Metadata()
        for part in element:
            oid = part.get("OID", "")
            if part.tag == f"{NS}Include":
                found.includes += ((part.get("StudyOID", ""), part.get("MetaDataVersionOID", "")),)
            elif part.tag == f"{NS}FormDef":
                found.forms[oid] = _references(part, "ItemGroup")
            elif part.tag == f"{NS}ItemGroupDef":
                found.groups[oid] = _references(part, "Item")
            elif part.tag == f"{NS}StudyEventDef":
                found.events[oid] = _references(part, "Form")
            elif part.tag == f"{NS}Protocol":
                found.planned = _references(part, "StudyEvent")
            elif part.tag == f"{NS}ItemDef":
                found.items[oid] = _item(part, oid)
            elif part.tag == f"{NS}CodeList":
                coded = {i.get("CodedValue", ""): _text(i.find(f"{NS}Decode")) for i in part.iter(f"{NS}CodeListItem")}
                found.codelists[oid] = {code: label for code, label in coded.items() if label}
            for kind in ("Form", "ItemGroup", "StudyEvent"):
                if part.tag == f"{NS}{kind}Def":
                    found.names[kind, oid] = _text(part.find(f"{NS}Description")) or part.get("Name", "").strip() or oid
        self.versions[key] = found.over(self.versions[key]) if key in self.versions else found

    def add_unit(self, element: _Element) -> None:
        """Add a MeasurementUnit element: its symbol, else its name."""
        oid = element.get("OID", "")
        self.units[oid] = _text(element.find(f"{NS}Symbol")) or element.get("Name", "") or oid

    def merged(self, used: Iterable[tuple[str, str]]) -> tuple[Metadata, list[str]]:
        """The versions that the data use, merged, and notes. The last one in document order takes precedence.

        If the data name no version of the file, all versions are merged.
        """
        wanted = set(used)
        keys = [k for k in self.versions if k in wanted] or list(self.versions)
        notes: list[str] = []
        out = Metadata()
        for key in keys:
            version = self._with_includes(key, (), notes)
            changed = [
                oid for oid, item in version.items.items() if oid in out.items and _differs(out, version, oid, item)
            ]
            if changed:
                notes.append(
                    f"metadata version {key[1]} defines {len(changed)} items in another way than an earlier one "
                    f"({', '.join(changed[:5])}); the names, labels and codes of {key[1]} are used"
                )
            out = version.over(out)
        notes += [
            f"metadata version {version} of study {study} is not in the file"
            for study, version in sorted(wanted - set(self.versions))
        ]
        return out, list(dict.fromkeys(notes))

    def _with_includes(self, key: tuple[str, str], above: tuple[tuple[str, str], ...], notes: list[str]) -> Metadata:
        version = self.versions[key]
        for other in version.includes:
            if other in above or other == key:
                notes.append(f"metadata version {key[1]} includes itself by {other[1]}; this include is not used")
            elif other in self.versions:
                version = version.over(self._with_includes(other, (*above, key), notes))
            else:
                notes.append(f"metadata version {key[1]} includes {other[1]}, which is not in the file")
        return version


def _is_foreign(element: _Element) -> bool:
    names = [str(element.tag), *map(str, element.keys())]
    return any(n.startswith("{") and not n.startswith((NS, "{http://www.w3.org/")) for n in names)


def _differs(earlier: Metadata, later: Metadata, oid: str, item: ItemDef) -> bool:
    before = earlier.items[oid]
    return before != item or earlier.codelists.get(before.codelist) != later.codelists.get(item.codelist)


def _references(element: _Element, kind: str) -> list[str]:
    """OIDs of the references in OrderNumber order; references without a number come last, as written."""
    found = []
    for position, ref in enumerate(element.iterfind(f"{NS}{kind}Ref")):
        number = ref.get("OrderNumber", "").strip()
        found.append((0, int(number), position, ref) if number.isdecimal() else (1, 0, position, ref))
    return list(dict.fromkeys(ref.get(f"{kind}OID", "") for *_, ref in sorted(found, key=lambda f: f[:3])))


def _item(element: _Element, oid: str) -> ItemDef:
    codelist = element.find(f"{NS}CodeListRef")
    units = tuple(u.get("MeasurementUnitOID", "") for u in element.iterfind(f"{NS}MeasurementUnitRef"))
    label = _text(element.find(f"{NS}Question")) or _text(element.find(f"{NS}Description"))
    return ItemDef(
        oid=oid,
        name=element.get("Name", "").strip(),
        sas=element.get("SASFieldName", "").strip(),
        label=label or element.get("Name", ""),
        codelist=codelist.get("CodeListOID", "") if codelist is not None else "",
        units=units,
        type=element.get("DataType", "").strip(),
    )


def _text(element: _Element | None) -> str:
    """The translated text in English, else without a language, else the first; white space becomes single blanks."""
    if element is None:
        return ""
    texts = [
        (t.get(_LANG, ""), " ".join("".join(t.itertext()).split())) for t in element.iterfind(f"{NS}TranslatedText")
    ]
    texts.sort(key=lambda t: 0 if t[0].lower().startswith("en") else 1 if not t[0] else 2)
    return texts[0][1] if texts else ""

"""Reads a define.xml of Define-XML 2.0 or 2.1, with Analysis Results Metadata 1.0, of any author.

Not for the meaning of what it says (content.py has the records) nor for its validity (checks.py). Names of elements and
attributes are those of the Define-XML 2.1 specification; the few that 2.0 writes elsewhere are read too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from ..errors import InputError, OutputError
from .content import (
    Check,
    CodedTerm,
    CodelistContent,
    Comment,
    DatasetContent,
    DefineContent,
    DocumentReference,
    Item,
    ItemOrigin,
    Method,
    StandardReference,
    WhereClause,
)
from .reading_parts import Parts, described, translations
from .reading_results import result_displays
from .xml_tree import parsed

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NCI = "nci:ExtCodeID"
_DEFINES = ("{http://www.cdisc.org/ns/def/v2.1}", "{http://www.cdisc.org/ns/def/v2.0}")

T = TypeVar("T")


def read_define(xml: bytes, file: str = "define.xml") -> DefineContent:
    """The content of a define.xml. ``file`` is its name in messages.

    Raises OutputError where it is not well-formed XML, InputError where it is no Define-XML 2.0 or 2.1.
    """
    try:
        return _read_once(xml)
    except (InputError, OutputError):
        return _read(xml, file)  # with the name of the file in its message


@lru_cache(maxsize=2)
def _read_once(xml: bytes) -> DefineContent:
    """A run reads the define.xml that it has written three times: for its page, its documents and the guides."""
    return _read(xml, "define.xml")


def _read(xml: bytes, file: str) -> DefineContent:
    root = parsed(xml, file).getroot()
    version = root.find(f"{_ODM}Study/{_ODM}MetaDataVersion")
    if version is None:
        raise InputError(f"{file}: no MetaDataVersion of ODM 1.3; give a define.xml of Define-XML 2.0 or 2.1")
    prefix = next((d for d in _DEFINES if version.get(f"{d}DefineVersion")), "")
    if not prefix:
        raise InputError(f"{file}: MetaDataVersion has no def:DefineVersion of 2.0 or 2.1")
    return _Reader(root, version, prefix).content()


class _Reader:
    """One define.xml. ``prefix``: the namespace of its def: elements."""

    def __init__(self, root: Any, version: Any, prefix: str):
        self.root, self.version, self.prefix = root, version, prefix
        self.parts = Parts(prefix)
        self.items = {e.get("OID", ""): e for e in version.iter(f"{_ODM}ItemDef")}
        self.referenced = {e.get("ItemOID", "") for e in version.iter(f"{_ODM}ItemRef")}

    def content(self) -> DefineContent:
        study = self.root.find(f"{_ODM}Study/{_ODM}GlobalVariables")
        system = (self.root.get("SourceSystem", ""), self.root.get("SourceSystemVersion", ""))
        return DefineContent(
            version=self.parts.attribute(self.version, "DefineVersion"),
            study=_text(study, "StudyName"),
            description=_text(study, "StudyDescription"),
            protocol=_text(study, "ProtocolName"),
            created=self.root.get("CreationDateTime", ""),
            system=" ".join(s for s in system if s),
            name=self.version.get("Name", ""),
            study_oid=self.root.find(f"{_ODM}Study").get("OID", ""),
            version_oid=self.version.get("OID", ""),
            standards=_by_oid(self._standards(), lambda s: s.oid),
            crf=self._of_role("AnnotatedCRF"),
            supplements=self._of_role("SupplementalDoc"),
            leaves=_by_oid(map(self.parts.leaf, self.version.findall(f"{self.prefix}leaf")), lambda leaf: leaf.id),
            datasets=tuple(map(self._dataset, self.version.findall(f"{_ODM}ItemGroupDef"))),
            value_lists={e.get("OID", ""): self._refs(e) for e in self.version.findall(f"{self.prefix}ValueListDef")},
            where=_by_oid(map(self._where, self.version.findall(f"{self.prefix}WhereClauseDef")), lambda w: w.oid),
            codelists=_by_oid(map(self._codelist, self.version.findall(f"{_ODM}CodeList")), lambda c: c.oid),
            methods=_by_oid(map(self._method, self.version.findall(f"{_ODM}MethodDef")), lambda m: m.oid),
            comments=_by_oid(map(self._comment, self.version.findall(f"{self.prefix}CommentDef")), lambda c: c.oid),
            displays=result_displays(self.version, self.parts),
            odm={name.rpartition("}")[2]: value for name, value in self.root.attrib.items() if value},
            version_description=self.version.get("Description", ""),
            version_comment=self.parts.attribute(self.version, "CommentOID"),
            language=next((e.get(_LANGUAGE, "") for e in self.version.iter(f"{_ODM}TranslatedText")), ""),
            definitions=tuple(self._definition(o, e) for o, e in self.items.items() if o not in self.referenced),
            translations=translations(self.version),
            unresolved=tuple(sorted(self.referenced - set(self.items))),
            repeated=self._repeated(),
        )

    def _repeated(self) -> tuple[tuple[str, str], ...]:
        """(element, OID) of every OID that a second element of one name has; a leaf has an ID."""
        counts = Counter(
            (element.tag.rpartition("}")[2], oid)
            for element in self.version.iter("{*}*")
            if (oid := element.get("OID") or element.get("ID"))
        )
        return tuple(found for found, count in counts.items() if count > 1)

    def _standards(self) -> Iterator[StandardReference]:
        for e in self.version.iter(f"{self.prefix}Standard"):
            yield StandardReference(
                *(e.get(n, "") for n in ("OID", "Name", "Type", "Version", "PublishingSet", "Status")),
                self.parts.attribute(e, "CommentOID"),
            )
        name = self.parts.attribute(self.version, "StandardName")  # Define-XML 2.0
        if name:
            yield StandardReference("", name, "IG", self.parts.attribute(self.version, "StandardVersion"))

    def _of_role(self, role: str) -> tuple[DocumentReference, ...]:
        found = self.version.find(f"{self.prefix}{role}")
        return self.parts.documents(found) if found is not None else ()

    def _dataset(self, element: Any) -> DatasetContent:
        leaf = element.find(f"{self.prefix}leaf")
        class_element = element.find(f"{self.prefix}Class")
        return DatasetContent(
            oid=element.get("OID", ""),
            name=element.get("Name", ""),
            label=described(element),
            domain=element.get("Domain", ""),
            class_name=self.parts.attribute(element, "Class")
            if class_element is None
            else class_element.get("Name", ""),
            subclasses=tuple(e.get("Name", "") for e in element.iter(f"{self.prefix}SubClass")),
            structure=self.parts.attribute(element, "Structure"),
            purpose=element.get("Purpose", ""),
            repeating=element.get("Repeating") == "Yes",
            reference=element.get("IsReferenceData") == "Yes",
            standard=self.parts.attribute(element, "StandardOID"),
            comment=self.parts.attribute(element, "CommentOID"),
            leaf=self.parts.leaf(leaf) if leaf is not None else None,
            has_no_data=self.parts.attribute(element, "HasNoData") == "Yes",
            items=self._refs(element),
            sas_name=element.get("SASDatasetName", ""),
            non_standard=self.parts.attribute(element, "IsNonStandard") == "Yes",
            alias=_alias(element, "DomainDescription"),
            location=self.parts.attribute(element, "ArchiveLocationID"),
        )

    def _refs(self, parent: Any) -> tuple[Item, ...]:
        refs = parent.findall(f"{_ODM}ItemRef")
        return tuple(self._item(ref) for ref in sorted(refs, key=_order))

    def _item(self, ref: Any) -> Item:
        oid = ref.get("ItemOID", "")
        element = self.items.get(oid)
        return replace(
            Item(oid=oid, name=oid) if element is None else self._definition(oid, element),
            order=ref.get("OrderNumber", ""),
            key=ref.get("KeySequence", ""),
            mandatory=ref.get("Mandatory") == "Yes",
            role=ref.get("Role", ""),
            method=ref.get("MethodOID", ""),
            where=tuple(e.get("WhereClauseOID", "") for e in ref.findall(f"{self.prefix}WhereClauseRef")),
            has_no_data=self.parts.attribute(ref, "HasNoData") == "Yes",
            role_codelist=ref.get("RoleCodeListOID", ""),
            non_standard=self.parts.attribute(ref, "IsNonStandard") == "Yes",
        )

    def _definition(self, oid: str, element: Any) -> Item:
        """An item as its ItemDef has it."""
        codelist = element.find(f"{_ODM}CodeListRef")
        values = element.find(f"{self.prefix}ValueListRef")
        return Item(
            oid=oid,
            name=element.get("Name", ""),
            label=described(element),
            data_type=element.get("DataType", ""),
            length=element.get("Length", ""),
            digits=element.get("SignificantDigits", ""),
            format=self.parts.attribute(element, "DisplayFormat"),
            comment=self.parts.attribute(element, "CommentOID"),
            codelist=codelist.get("CodeListOID", "") if codelist is not None else "",
            value_list=values.get("ValueListOID", "") if values is not None else "",
            sas_name=element.get("SASFieldName", ""),
            origins=tuple(
                ItemOrigin(e.get("Type", ""), e.get("Source", ""), described(e), self.parts.documents(e))
                for e in element.findall(f"{self.prefix}Origin")
            ),
        )

    def _where(self, element: Any) -> WhereClause:
        checks = (
            Check(
                self.parts.attribute(e, "ItemOID"),
                e.get("Comparator", ""),
                tuple((v.text or "") for v in e.findall(f"{_ODM}CheckValue")),
                e.get("SoftHard", ""),
            )
            for e in element.findall(f"{_ODM}RangeCheck")
        )
        return WhereClause(element.get("OID", ""), tuple(checks), self.parts.attribute(element, "CommentOID"))

    def _codelist(self, element: Any) -> CodelistContent:
        external = element.find(f"{_ODM}ExternalCodeList")
        of = external.get if external is not None else lambda _name, default="": default
        terms = (e for e in element if e.tag in (f"{_ODM}CodeListItem", f"{_ODM}EnumeratedItem"))
        return CodelistContent(
            oid=element.get("OID", ""),
            name=element.get("Name", ""),
            data_type=element.get("DataType", ""),
            code=_nci_code(element),
            standard=self.parts.attribute(element, "StandardOID"),
            comment=self.parts.attribute(element, "CommentOID"),
            terms=tuple(
                CodedTerm(
                    e.get("CodedValue", ""),
                    (e.findtext(f"{_ODM}Decode/{_ODM}TranslatedText") or "").strip(),
                    _nci_code(e),
                    self.parts.attribute(e, "ExtendedValue") == "Yes",
                    e.get("OrderNumber", ""),
                    e.get("Rank", ""),
                    _aliases(e),
                )
                for e in terms
            ),
            dictionary=of("Dictionary", ""),
            dictionary_version=of("Version", ""),
            dictionary_href=of("href", ""),
            dictionary_ref=of("ref", ""),
            decoded=element.find(f"{_ODM}CodeListItem") is not None,
            sas_format=element.get("SASFormatName", ""),
            non_standard=self.parts.attribute(element, "IsNonStandard") == "Yes",
            aliases=_aliases(element),
        )

    def _method(self, element: Any) -> Method:
        return Method(
            oid=element.get("OID", ""),
            name=element.get("Name", ""),
            type=element.get("Type", ""),
            text=described(element),
            expressions=tuple((e.get("Context", ""), e.text or "") for e in element.findall(f"{_ODM}FormalExpression")),
            documents=self.parts.documents(element),
        )

    def _comment(self, element: Any) -> Comment:
        return Comment(oid=element.get("OID", ""), text=described(element), documents=self.parts.documents(element))


def _by_oid(elements: Iterator[T], key: Callable[[T], str]) -> dict[str, T]:
    """Elements by their identifier; of two with one identifier the first."""
    found: dict[str, T] = {}
    for element in elements:
        found.setdefault(key(element), element)
    return found


def _text(parent: Any, name: str) -> str:
    return (parent.findtext(f"{_ODM}{name}") or "").strip() if parent is not None else ""


def _nci_code(element: Any) -> str:
    return _alias(element, _NCI)


def _aliases(element: Any) -> tuple[tuple[str, str], ...]:
    """The aliases beside the NCI code."""
    pairs = ((a.get("Context", ""), a.get("Name", "")) for a in element.findall(f"{_ODM}Alias"))
    return tuple(pair for pair in pairs if pair[0] != _NCI)


def _alias(element: Any, context: str) -> str:
    return next((a.get("Name", "") for a in element.findall(f"{_ODM}Alias") if a.get("Context") == context), "")


def _order(ref: Any) -> int:
    text = ref.get("OrderNumber", "")
    return int(text) if text.isascii() and text.isdigit() else 0

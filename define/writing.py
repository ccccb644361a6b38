"""Writes the content of a define.xml (content.py) as a file of Define-XML 2.0 or 2.1, with Analysis Results Metadata.

Every define.xml is written here: that of a run (document.py), and one that was read and changed. The order of elements
is that of the ODM 1.3.2 and Define-XML schemas; equal content gives equal bytes. Not for the text of an element
(markup.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .content import (
    CodedTerm,
    CodelistContent,
    DatasetContent,
    DefineContent,
    Item,
    ItemOrigin,
    Method,
    StandardReference,
    WhereClause,
)
from .legal_text import check_text, is_legal
from .markup import Element, Parts, element
from .writing_results import result_display

_ODM = "http://www.cdisc.org/ns/odm/v1.3"
_ARM = "http://www.cdisc.org/ns/arm/v1.0"
_XLINK = "http://www.w3.org/1999/xlink"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_VERSION_2_0 = "2.0"
#: attributes of ODM that define.xml writes in any case
_HEAD = {"ODMVersion": "1.3.2", "FileType": "Snapshot", "FileOID": "define", "CreationDateTime": ""}
#: attributes of ODM that are not of its namespace
_PREFIXED = {"Context": "def:Context", "schemaLocation": "xsi:schemaLocation"}
_YES = {True: "Yes", False: ""}


def define_of_content(content: DefineContent) -> bytes:
    """define.xml of ``content`` in UTF-8, in the version that it names.

    Raises OutputError for text that XML 1.0 cannot hold.
    """
    text = _Writer(content).document()
    if not is_legal(text):
        check_text(content, "define.xml")
    return text.encode("utf-8")


class _Writer:
    """One define.xml."""

    def __init__(self, content: DefineContent):
        self.content = content
        self.is_2_0 = content.version.startswith(_VERSION_2_0)
        self.parts = Parts(content.language, content.translations)

    def document(self) -> str:
        """The text of the file."""
        head = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<?xml-stylesheet type="text/xsl" href="{"define2-0-0.xsl" if self.is_2_0 else "define2-1.xsl"}"?>',
        ]
        return "\n".join([*head, *self._root().lines(), ""])

    def _root(self) -> Element:
        content = self.content
        about_file = {**_HEAD, "CreationDateTime": content.created} | dict(content.odm)
        spaces = {
            "xmlns": _ODM,
            "xmlns:def": f"http://www.cdisc.org/ns/def/v{'2.0' if self.is_2_0 else '2.1'}",
            "xmlns:xlink": _XLINK,
            "xmlns:xsi": _XSI if about_file.get("schemaLocation") else "",
            "xmlns:arm": _ARM if content.displays else "",
        }
        root = element("ODM", spaces | {_PREFIXED.get(name, name): value for name, value in about_file.items()})
        study = element("Study", {"OID": content.study_oid or f"STUDY.{content.study}"})
        about = element("GlobalVariables")
        about.add(
            element("StudyName", text=content.study),
            element("StudyDescription", text=content.description),
            element("ProtocolName", text=content.protocol),
        )
        study.add(about, self._version())
        root.add(study)
        return root

    def _version(self) -> Element:
        content, parts = self.content, self.parts
        guide = next((s for s in content.standards.values() if not s.oid), None)
        version = element(
            "MetaDataVersion",
            {
                "OID": content.version_oid or f"MDV.{content.study}",
                "Name": content.name or f"Study {content.study}, Data Definitions",
                "Description": content.version_description,
                "def:DefineVersion": content.version,
                "def:CommentOID": content.version_comment,
                "def:StandardName": guide.name if guide else "",
                "def:StandardVersion": guide.version if guide else "",
            },
        )
        version.add(*_standards(content.standards.values()))
        for role, documents in (("AnnotatedCRF", content.crf), ("SupplementalDoc", content.supplements)):
            if documents:
                listed = element(f"def:{role}")
                listed.add(*parts.documents(documents))
                version.add(listed)
        for oid, items in content.value_lists.items():
            values = element("def:ValueListDef", {"OID": oid})
            values.add(*map(_reference, items))
            version.add(values)
        version.add(*map(_where, content.where.values()))
        version.add(*map(self._dataset, content.datasets))
        version.add(*map(self._item, _defined(content)))
        version.add(*map(self._codelist, content.codelists.values()))
        version.add(*map(self._method, content.methods.values()))
        for comment in content.comments.values():
            found = element("def:CommentDef", {"OID": comment.oid})
            found.add(parts.described(comment.text), *parts.documents(comment.documents))
            version.add(found)
        version.add(*map(parts.leaf, content.leaves.values()))
        if content.displays:
            displays = element("arm:AnalysisResultDisplays")
            displays.add(*(result_display(d, parts) for d in content.displays))
            version.add(displays)
        return version

    def _dataset(self, dataset: DatasetContent) -> Element:
        attributes = {
            "OID": dataset.oid,
            "Domain": dataset.domain,
            "Name": dataset.name,
            "Repeating": "Yes" if dataset.repeating else "No",
            "IsReferenceData": "Yes" if dataset.reference else "No",
            "SASDatasetName": dataset.sas_name,
            "Purpose": dataset.purpose,
            "def:StandardOID": dataset.standard,
            "def:IsNonStandard": _YES[dataset.non_standard],
            "def:Structure": dataset.structure,
            "def:Class": dataset.class_name if self.is_2_0 else "",
            "def:ArchiveLocationID": dataset.location,
            "def:HasNoData": _YES[dataset.has_no_data],
            "def:CommentOID": dataset.comment,
        }
        found = element("ItemGroupDef", attributes)
        found.add(self.parts.described(dataset.label), *map(_reference, dataset.items))
        if dataset.alias:
            found.add(element("Alias", {"Context": "DomainDescription", "Name": dataset.alias}))
        if dataset.class_name and not self.is_2_0:
            of_class = element("def:Class", {"Name": dataset.class_name})
            of_class.add(*(element("def:SubClass", {"Name": name}) for name in dataset.subclasses))
            found.add(of_class)
        if dataset.leaf is not None:
            found.add(self.parts.leaf(dataset.leaf))
        return found

    def _item(self, item: Item) -> Element:
        attributes = {
            "OID": item.oid,
            "Name": item.name,
            "DataType": item.data_type,
            "Length": item.length,
            "SignificantDigits": item.digits,
            "SASFieldName": item.sas_name,
            "def:DisplayFormat": item.format,
            "def:CommentOID": item.comment,
        }
        found = element("ItemDef", attributes)
        found.add(self.parts.described(item.label))
        found.add(element("CodeListRef", {"CodeListOID": item.codelist}) if item.codelist else None)
        found.add(*map(self._origin, item.origins))
        found.add(element("def:ValueListRef", {"ValueListOID": item.value_list}) if item.value_list else None)
        return found

    def _origin(self, origin: ItemOrigin) -> Element:
        found = element("def:Origin", {"Type": origin.type, "Source": origin.source})
        found.add(self.parts.described(origin.text), *self.parts.documents(origin.documents))
        return found

    def _codelist(self, codelist: CodelistContent) -> Element:
        attributes = {
            "OID": codelist.oid,
            "Name": codelist.name,
            "DataType": codelist.data_type,
            "SASFormatName": codelist.sas_format,
            "def:StandardOID": codelist.standard,
            "def:IsNonStandard": _YES[codelist.non_standard],
            "def:CommentOID": codelist.comment,
        }
        found = element("CodeList", attributes)
        decoded = codelist.decoded or any(t.decode for t in codelist.terms)
        found.add(*(self._term(term, decoded) for term in codelist.terms))
        if codelist.dictionary or codelist.dictionary_version or codelist.dictionary_ref:
            attributes = {
                "Dictionary": codelist.dictionary,
                "Version": codelist.dictionary_version,
                "ref": codelist.dictionary_ref,
                "href": codelist.dictionary_href,
            }
            found.add(element("ExternalCodeList", attributes))
        found.add(*_aliases(codelist))
        return found

    def _term(self, term: CodedTerm, decoded: bool) -> Element:
        attributes = {
            "CodedValue": term.value,
            "Rank": term.rank,
            "OrderNumber": term.order,
            "def:ExtendedValue": _YES[term.extended],
        }
        found = element("CodeListItem" if decoded else "EnumeratedItem", attributes, always="CodedValue")
        found.add(self.parts.translated("Decode", term.decode) if decoded else None, *_aliases(term))
        return found

    def _method(self, method: Method) -> Element:
        found = element("MethodDef", {"OID": method.oid, "Name": method.name, "Type": method.type})
        found.add(self.parts.described(method.text), *self.parts.documents(method.documents))
        found.add(*(element("FormalExpression", {"Context": c}, code) for c, code in method.expressions))
        return found


def _standards(standards: Iterable[StandardReference]) -> Iterator[Element]:
    listed = [s for s in standards if s.oid]
    if listed:
        found = element("def:Standards")
        for s in listed:
            attributes = {
                "OID": s.oid, "Name": s.name, "Type": s.type, "PublishingSet": s.publishing_set, "Version": s.version,
                "Status": s.status, "def:CommentOID": s.comment,
            }  # fmt: skip
            found.add(element("def:Standard", attributes))
        yield found


def _where(clause: WhereClause) -> Element:
    found = element("def:WhereClauseDef", {"OID": clause.oid, "def:CommentOID": clause.comment})
    for check in clause.checks:
        attributes = {
            "Comparator": check.comparator,
            "SoftHard": check.soft_hard or "Soft",
            "def:ItemOID": check.item,
        }
        one = element("RangeCheck", attributes)
        one.add(*(element("CheckValue", text=value) for value in check.values))
        found.add(one)
    return found


def _reference(item: Item) -> Element:
    attributes = {
        "ItemOID": item.oid,
        "OrderNumber": item.order,
        "Mandatory": "Yes" if item.mandatory else "No",
        "KeySequence": item.key,
        "MethodOID": item.method,
        "def:IsNonStandard": _YES[item.non_standard],
        "def:HasNoData": _YES[item.has_no_data],
        "Role": item.role,
        "RoleCodeListOID": item.role_codelist,
    }
    found = element("ItemRef", attributes)
    found.add(*(element("def:WhereClauseRef", {"WhereClauseOID": oid}) for oid in item.where))
    return found


def _aliases(of: CodelistContent | CodedTerm) -> Iterator[Element]:
    for context, name in ((("nci:ExtCodeID", of.code),) if of.code else ()) + of.aliases:
        yield Element("Alias", {"Context": context, "Name": name})


def _defined(content: DefineContent) -> Iterable[Item]:
    """The items of each variable and of its value list, then all others, each ItemDef once."""
    found: dict[str, Item] = {}
    of_variables = (
        one for d in content.datasets for i in d.items for one in (i, *content.value_lists.get(i.value_list, ()))
    )
    others = (i for items in content.value_lists.values() for i in items)
    for item in (*of_variables, *others, *content.definitions):
        if item.data_type or item.origins or item.label:  # an ItemRef without its ItemDef has its OID only
            found.setdefault(item.oid, item)
    return found.values()

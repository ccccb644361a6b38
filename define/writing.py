"""Writes the content of a define.xml (content.py) as a file of Define-XML 2.0 or 2.1, with Analysis Results Metadata.

Not for a define.xml from the specs of a run (document.py). The order of elements is that of the schemas; equal content
gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .content import (
    AnalysisDataset,
    AnalysisResult,
    CodedTerm,
    CodelistContent,
    DatasetContent,
    DefineContent,
    DocumentReference,
    Item,
    ItemOrigin,
    Leaf,
    Method,
    ResultDisplay,
)
from .legal_text import check_text
from .xml_tree import libxml

_ODM = "http://www.cdisc.org/ns/odm/v1.3"
_ARM = "http://www.cdisc.org/ns/arm/v1.0"
_XLINK = "http://www.w3.org/1999/xlink"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_VERSION_2_0 = "2.0"
#: attributes of ODM that define.xml writes in any case
_HEAD = {"ODMVersion": "1.3.2", "FileType": "Snapshot", "FileOID": "define", "CreationDateTime": ""}
_YES = {True: "Yes", False: ""}


def define_of_content(content: DefineContent) -> bytes:
    """define.xml of ``content`` in UTF-8, in the version that it names.

    Raises OutputError for text that XML 1.0 cannot hold.
    """
    check_text(content, "define.xml")
    return _Writer(content).document()


class _Writer:
    """One define.xml. ``define``: the namespace of its def: elements."""

    def __init__(self, content: DefineContent):
        self.content = content
        self.is_2_0 = content.version.startswith(_VERSION_2_0)
        self.define = f"http://www.cdisc.org/ns/def/v{'2.0' if self.is_2_0 else '2.1'}"
        self.language = content.language
        self.etree = libxml()

    def document(self) -> bytes:
        content = self.content
        names = {None: _ODM, "def": self.define, "xlink": _XLINK} | ({"arm": _ARM} if content.displays else {})
        root = self.etree.Element(f"{{{_ODM}}}ODM", nsmap=names)
        for name, value in ({**_HEAD, "CreationDateTime": content.created} | dict(content.odm)).items():
            self._set(root, {f"def:{name}" if name == "Context" else name: value})
        study = self._child(root, "Study", {"OID": content.study_oid or f"STUDY.{content.study}"})
        about = self._child(study, "GlobalVariables")
        for name, text in (
            ("StudyName", content.study),
            ("StudyDescription", content.description),
            ("ProtocolName", content.protocol),
        ):
            self._child(about, name).text = text
        self._version(self._child(study, "MetaDataVersion"))
        self.etree.indent(root, "  ")
        style = 'type="text/xsl" href="define2-0-0.xsl"' if self.is_2_0 else 'type="text/xsl" href="define2-1.xsl"'
        root.addprevious(self.etree.ProcessingInstruction("xml-stylesheet", style))
        return self.etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8") + b"\n"

    def _version(self, version: Any) -> None:
        content = self.content
        guide = next((s for s in content.standards.values() if not s.oid), None)
        self._set(
            version,
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
        self._standards(version)
        for role, documents in (("AnnotatedCRF", content.crf), ("SupplementalDoc", content.supplements)):
            if documents:
                self._documents(self._child(version, f"def:{role}"), documents)
        for oid, items in content.value_lists.items():
            values = self._child(version, "def:ValueListDef", {"OID": oid})
            for item in items:
                self._reference(values, item)
        self._where(version)
        for dataset in content.datasets:
            self._dataset(version, dataset)
        for item in _defined(content):
            self._item(version, item)
        for codelist in content.codelists.values():
            self._codelist(version, codelist)
        for method in content.methods.values():
            self._method(version, method)
        for comment in content.comments.values():
            element = self._child(version, "def:CommentDef", {"OID": comment.oid})
            self._describe(element, comment.text)
            self._documents(element, comment.documents)
        for leaf in content.leaves.values():
            self._leaf(version, leaf)
        if content.displays:
            displays = self._child(version, "arm:AnalysisResultDisplays")
            for display in content.displays:
                self._display(displays, display)

    def _standards(self, version: Any) -> None:
        listed = [s for s in self.content.standards.values() if s.oid]
        if not listed:
            return
        element = self._child(version, "def:Standards")
        for s in listed:
            attributes = {
                "OID": s.oid, "Name": s.name, "Type": s.type, "PublishingSet": s.publishing_set, "Version": s.version,
                "Status": s.status, "def:CommentOID": s.comment,
            }  # fmt: skip
            self._child(element, "def:Standard", attributes)

    def _where(self, version: Any) -> None:
        for clause in self.content.where.values():
            attributes = {"OID": clause.oid, "def:CommentOID": clause.comment}
            element = self._child(version, "def:WhereClauseDef", attributes)
            for check in clause.checks:
                attributes = {
                    "Comparator": check.comparator,
                    "SoftHard": check.soft_hard or "Soft",
                    "def:ItemOID": check.item,
                }
                found = self._child(element, "RangeCheck", attributes)
                for value in check.values:
                    self._child(found, "CheckValue").text = value

    def _dataset(self, version: Any, dataset: DatasetContent) -> None:
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
        element = self._child(version, "ItemGroupDef", attributes)
        self._describe(element, dataset.label)
        for item in dataset.items:
            self._reference(element, item)
        if dataset.alias:
            self._child(element, "Alias", {"Context": "DomainDescription", "Name": dataset.alias})
        if dataset.class_name and not self.is_2_0:
            of_class = self._child(element, "def:Class", {"Name": dataset.class_name})
            for name in dataset.subclasses:
                self._child(of_class, "def:SubClass", {"Name": name})
        if dataset.leaf is not None:
            self._leaf(element, dataset.leaf)

    def _reference(self, parent: Any, item: Item) -> None:
        attributes = {
            "ItemOID": item.oid,
            "OrderNumber": item.order,
            "Mandatory": "Yes" if item.mandatory else "No",
            "KeySequence": item.key,
            "MethodOID": item.method,
            "Role": item.role,
            "RoleCodeListOID": item.role_codelist,
            "def:IsNonStandard": _YES[item.non_standard],
            "def:HasNoData": _YES[item.has_no_data],
        }
        element = self._child(parent, "ItemRef", attributes)
        for oid in item.where:
            self._child(element, "def:WhereClauseRef", {"WhereClauseOID": oid})

    def _item(self, version: Any, item: Item) -> None:
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
        element = self._child(version, "ItemDef", attributes)
        self._describe(element, item.label)
        if item.codelist:
            self._child(element, "CodeListRef", {"CodeListOID": item.codelist})
        for origin in item.origins:
            self._origin(element, origin)
        if item.value_list:
            self._child(element, "def:ValueListRef", {"ValueListOID": item.value_list})

    def _origin(self, parent: Any, origin: ItemOrigin) -> None:
        element = self._child(parent, "def:Origin", {"Type": origin.type, "Source": origin.source})
        self._describe(element, origin.text)
        self._documents(element, origin.documents)

    def _codelist(self, version: Any, codelist: CodelistContent) -> None:
        attributes = {
            "OID": codelist.oid,
            "Name": codelist.name,
            "DataType": codelist.data_type,
            "SASFormatName": codelist.sas_format,
            "def:StandardOID": codelist.standard,
            "def:IsNonStandard": _YES[codelist.non_standard],
            "def:CommentOID": codelist.comment,
        }
        element = self._child(version, "CodeList", attributes)
        decoded = codelist.decoded or any(t.decode for t in codelist.terms)
        for term in codelist.terms:
            self._term(element, term, decoded)
        if codelist.dictionary or codelist.dictionary_version or codelist.dictionary_ref:
            attributes = {
                "Dictionary": codelist.dictionary,
                "Version": codelist.dictionary_version,
                "ref": codelist.dictionary_ref,
                "href": codelist.dictionary_href,
            }
            self._child(element, "ExternalCodeList", attributes)
        self._aliases(element, codelist)

    def _term(self, codelist: Any, term: CodedTerm, decoded: bool) -> None:
        attributes = {
            "CodedValue": term.value,
            "Rank": term.rank,
            "OrderNumber": term.order,
            "def:ExtendedValue": _YES[term.extended],
        }
        element = self._child(codelist, "CodeListItem" if decoded else "EnumeratedItem", attributes)
        element.set("CodedValue", term.value)  # a term may be empty
        if decoded:
            self._translate(self._child(element, "Decode"), term.decode)
        self._aliases(element, term)

    def _aliases(self, element: Any, of: CodelistContent | CodedTerm) -> None:
        for context, name in ((("nci:ExtCodeID", of.code),) if of.code else ()) + of.aliases:
            alias = self._child(element, "Alias")
            alias.set("Context", context)
            alias.set("Name", name)

    def _method(self, version: Any, method: Method) -> None:
        element = self._child(version, "MethodDef", {"OID": method.oid, "Name": method.name, "Type": method.type})
        self._describe(element, method.text)
        self._documents(element, method.documents)
        for context, code in method.expressions:
            self._child(element, "FormalExpression", {"Context": context}).text = code

    def _display(self, parent: Any, display: ResultDisplay) -> None:
        element = self._child(parent, "arm:ResultDisplay", {"OID": display.oid, "Name": display.name})
        self._describe(element, display.description)
        self._documents(element, display.documents)
        for result in display.results:
            self._result(element, result)

    def _result(self, parent: Any, result: AnalysisResult) -> None:
        attributes = {
            "OID": result.oid,
            "ParameterOID": result.parameter,
            "AnalysisReason": result.reason,
            "AnalysisPurpose": result.purpose,
        }
        element = self._child(parent, "arm:AnalysisResult", attributes)
        self._describe(element, result.description)
        datasets = self._child(element, "arm:AnalysisDatasets", {"def:CommentOID": result.comment})
        for dataset in result.datasets:
            self._analysis_dataset(datasets, dataset)
        if result.documentation or result.documents:
            about = self._child(element, "arm:Documentation")
            self._describe(about, result.documentation)
            self._documents(about, result.documents)
        if result.code_context or result.code or result.code_documents:
            program = self._child(element, "arm:ProgrammingCode", {"Context": result.code_context})
            if result.code:
                self._child(program, "arm:Code").text = result.code
            self._documents(program, result.code_documents)

    def _analysis_dataset(self, parent: Any, dataset: AnalysisDataset) -> None:
        element = self._child(parent, "arm:AnalysisDataset", {"ItemGroupOID": dataset.dataset})
        for oid in dataset.where:
            self._child(element, "def:WhereClauseRef", {"WhereClauseOID": oid})
        for oid in dataset.variables:
            self._child(element, "arm:AnalysisVariable", {"ItemOID": oid})

    def _documents(self, parent: Any, documents: Iterable[DocumentReference]) -> None:
        for document in documents:
            element = self._child(parent, "def:DocumentRef", {"leafID": document.leaf})
            for page in document.pages:
                attributes = {
                    "Type": page.kind, "PageRefs": page.pages, "FirstPage": page.first, "LastPage": page.last,
                    "Title": page.title,
                }  # fmt: skip
                self._child(element, "def:PDFPageRef", attributes)

    def _leaf(self, parent: Any, leaf: Leaf) -> None:
        element = self._child(parent, "def:leaf", {"ID": leaf.id, "xlink:href": leaf.href})
        self._child(element, "def:title").text = leaf.title

    def _describe(self, parent: Any, text: str) -> None:
        if text:
            self._translate(self._child(parent, "Description"), text)

    def _translate(self, parent: Any, text: str) -> None:
        element = self._child(parent, "TranslatedText")
        if self.language:
            element.set(_LANGUAGE, self.language)
        element.text = text

    def _child(self, parent: Any, name: str, attributes: dict[str, str] | None = None) -> Any:
        element = self.etree.SubElement(parent, self._name(name, _ODM))
        self._set(element, attributes or {})
        return element

    def _set(self, element: Any, attributes: dict[str, str]) -> None:
        """Set the attributes that have a value."""
        for name, value in attributes.items():
            if value:
                element.set(self._name(name, ""), value)

    def _name(self, name: str, plain: str) -> str:
        prefix, _, local = name.rpartition(":")
        space = {"def": self.define, "arm": _ARM, "xlink": _XLINK, "": plain}[prefix]
        return f"{{{space}}}{local}" if space else local


def _defined(content: DefineContent) -> Sequence[Item]:
    """The items of all datasets and value lists, each ItemDef once."""
    found: dict[str, Item] = {}
    for items in (*(d.items for d in content.datasets), *content.value_lists.values()):
        for item in items:
            if item.data_type or item.origins or item.label:  # an ItemRef without its ItemDef has its OID only
                found.setdefault(item.oid, item)
    return list(found.values())

"""What a define.xml contains: the elements of Define-XML 2.0 and 2.1 as plain records.

Not for reading them from a file (reading.py) nor for writing one (document.py). A reference to another element is its
OID; '' where the file gives nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PageReference:
    """Pages of a document. ``kind``: PhysicalRef or NamedDestination; ``pages`` or ``first`` and ``last``."""

    kind: str
    pages: str = ""
    first: str = ""
    last: str = ""
    title: str = ""


@dataclass(frozen=True)
class DocumentReference:
    """A document, by the ID of its leaf, and the pages in it."""

    leaf: str
    pages: tuple[PageReference, ...] = ()


@dataclass(frozen=True)
class Leaf:
    """A file beside define.xml. ``href``: relative to define.xml, as written."""

    id: str
    href: str
    title: str


@dataclass(frozen=True)
class StandardReference:
    """A standard or a package of controlled terminology that the study uses."""

    oid: str
    name: str
    type: str
    version: str
    publishing_set: str = ""
    status: str = ""
    comment: str = ""


@dataclass(frozen=True)
class ItemOrigin:
    """Where the values of an item come from. ``type``: Collected, Derived ...; ``source``: Investigator, Sponsor ..."""

    type: str
    source: str = ""
    text: str = ""
    documents: tuple[DocumentReference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Item:
    """A variable of a dataset, or a value-level definition with its where clauses (ItemRef and ItemDef)."""

    oid: str
    name: str
    label: str = ""
    data_type: str = ""
    length: str = ""
    digits: str = ""
    format: str = ""
    order: str = ""
    key: str = ""
    mandatory: bool = False
    role: str = ""
    method: str = ""
    comment: str = ""
    codelist: str = ""
    value_list: str = ""
    where: tuple[str, ...] = ()
    origins: tuple[ItemOrigin, ...] = ()
    has_no_data: bool = False
    sas_name: str = ""
    role_codelist: str = ""
    non_standard: bool = False


@dataclass(frozen=True, kw_only=True)
class DatasetContent:
    """A dataset (ItemGroupDef) with its variables in order."""

    oid: str
    name: str
    label: str = ""
    domain: str = ""
    class_name: str = ""
    subclasses: tuple[str, ...] = ()
    structure: str = ""
    purpose: str = ""
    repeating: bool = False
    reference: bool = False
    standard: str = ""
    comment: str = ""
    leaf: Leaf | None = None
    has_no_data: bool = False
    items: tuple[Item, ...] = ()
    sas_name: str = ""
    non_standard: bool = False
    alias: str = ""  # the description of the domain of a dataset with a part of it
    location: str = ""  # the ID of a leaf, as the dataset refers to it


@dataclass(frozen=True)
class Check:
    """One condition of a where clause: an item, a comparator (EQ, IN ...) and values. ``soft_hard``: Soft or Hard."""

    item: str
    comparator: str
    values: tuple[str, ...]
    soft_hard: str = ""


@dataclass(frozen=True)
class WhereClause:
    """The conditions that a value-level definition applies to; all of them hold."""

    oid: str
    checks: tuple[Check, ...]
    comment: str = ""


@dataclass(frozen=True)
class CodedTerm:
    """A value of a codelist. ``code``: its NCI code; ``extended``: the sponsor has added it to a published list."""

    value: str
    decode: str = ""
    code: str = ""
    extended: bool = False
    order: str = ""
    rank: str = ""
    aliases: tuple[tuple[str, str], ...] = ()  # (context, name) of aliases beside the NCI code


@dataclass(frozen=True, kw_only=True)
class CodelistContent:
    """A codelist, or an external dictionary with its version. ``decoded``: its terms have decodes (CodeListItem)."""

    oid: str
    name: str
    data_type: str = ""
    code: str = ""
    standard: str = ""
    comment: str = ""
    terms: tuple[CodedTerm, ...] = ()
    dictionary: str = ""
    dictionary_version: str = ""
    dictionary_href: str = ""
    dictionary_ref: str = ""
    decoded: bool = False
    sas_format: str = ""
    non_standard: bool = False
    aliases: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Method:
    """How values are derived. ``expressions``: (context, code) of formal expressions."""

    oid: str
    name: str
    type: str = ""
    text: str = ""
    expressions: tuple[tuple[str, str], ...] = ()
    documents: tuple[DocumentReference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment that elements refer to."""

    oid: str
    text: str = ""
    documents: tuple[DocumentReference, ...] = ()


@dataclass(frozen=True)
class AnalysisDataset:
    """A dataset of an analysis: the records of its where clauses, and the analysis variables."""

    dataset: str
    where: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AnalysisResult:
    """One result of a display (Analysis Results Metadata 1.0)."""

    oid: str
    description: str = ""
    parameter: str = ""
    reason: str = ""
    purpose: str = ""
    comment: str = ""
    datasets: tuple[AnalysisDataset, ...] = ()
    documentation: str = ""
    documents: tuple[DocumentReference, ...] = ()
    code_context: str = ""
    code: str = ""
    code_documents: tuple[DocumentReference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResultDisplay:
    """A table or figure and its results (Analysis Results Metadata 1.0)."""

    oid: str
    name: str
    description: str = ""
    documents: tuple[DocumentReference, ...] = ()
    results: tuple[AnalysisResult, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DefineContent:
    """A whole define.xml. Mappings are by OID, in the order of the file; leaves by ID.

    ``odm``: the attributes of ODM by local name; ``definitions``: the items that no dataset and no value list has;
    ``translations``: language -> text in ``language`` -> the text in the other language.
    ``unresolved``: the OIDs that an ItemRef names and no ItemDef has; ``repeated``: (element, OID or ID) that two
    elements have, of which the mappings have the first.
    """

    version: str
    study: str = ""
    description: str = ""
    protocol: str = ""
    created: str = ""
    system: str = ""
    name: str = ""
    study_oid: str = ""
    version_oid: str = ""
    standards: Mapping[str, StandardReference] = field(default_factory=dict)
    crf: tuple[DocumentReference, ...] = ()
    supplements: tuple[DocumentReference, ...] = ()
    leaves: Mapping[str, Leaf] = field(default_factory=dict)
    datasets: tuple[DatasetContent, ...] = ()
    value_lists: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    where: Mapping[str, WhereClause] = field(default_factory=dict)
    codelists: Mapping[str, CodelistContent] = field(default_factory=dict)
    methods: Mapping[str, Method] = field(default_factory=dict)
    comments: Mapping[str, Comment] = field(default_factory=dict)
    displays: tuple[ResultDisplay, ...] = ()
    odm: Mapping[str, str] = field(default_factory=dict)
    version_description: str = ""
    version_comment: str = ""
    language: str = ""
    definitions: tuple[Item, ...] = ()
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unresolved: tuple[str, ...] = ()
    repeated: tuple[tuple[str, str], ...] = ()

    @property
    def unreferenced(self) -> tuple[str, ...]:
        """The OIDs of ``definitions``."""
        return tuple(i.oid for i in self.definitions)

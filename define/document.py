"""define.xml 2.1 of a set of finished datasets, from their specs alone.

Not for checking it (``checks``) nor for showing it (``page``). The order of elements is that of the ODM 1.3.2 and
Define-XML 2.1 schemas; identical input gives identical bytes: no clock, no hash order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any

from ..engine.building.code_levels import CodeFacts, CodeKey
from ..engine.plan.displays import Display
from ..engine.tables.dataset import DatasetMetadata
from ..errors import OutputError
from ..mappings.facts.document_pages import DocumentPages
from ..mappings.facts.terminology import ExternalDictionary
from ..transport.oids import item_group_oid
from .analysis_results import result_displays
from .codelists import CodelistElement, CodelistTable
from .documents import DefineDocument, DocumentTable
from .items import CommentTable, ItemTable, add_codelists
from .legal_text import check_text, escaped, is_legal
from .standards import Standard, codelist_standard, dataset_order, dataset_standard, listed, observation_class

DEFINE_VERSION = "2.1.0"
#: a file beside define.xml or in a folder below it: no scheme, no way up, nothing that an address would have to escape
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_NO_RECORDS = "The dataset has no records and is not submitted."


@dataclass(frozen=True)
class DefineDataset:
    """A finished dataset as define.xml needs it.

    ``spec`` with final lengths; ``records`` the number of records; ``terms``: per variable with a codelist the values
    that occur, numbers in the spelling of the codelist (those of a value-level definition are under
    ``items.value_level_name``); ``file``: the transport file, relative to define.xml; ``pairs``: the pairs of values of
    a variable with codes and that of their texts, as ARMCD and ARM; ``codes``: facts of the results by code;
    ``expressions``: variable -> (context, code) of its method.
    """

    spec: DatasetMetadata
    records: int
    terms: Mapping[str, tuple[str, ...]]
    file: str
    pairs: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    codes: Mapping[CodeKey, CodeFacts] = field(default_factory=dict)
    expressions: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class DefineStudy:
    """The study and the run. ``name``: its identifier, as STUDYID has it; ``description``: its title.

    ``declared`` is the run's declared time, written unchanged, never that of the clock.
    ``documents``: those that lie beside define.xml. ``comments``: standard -> (text, pages) of its comment.
    ``displays``: the analyses of the datasets.
    """

    oid: str
    name: str
    description: str
    protocol: str
    standards: tuple[Standard, ...]
    declared: datetime
    context: str = "Submission"  # Submission | Other
    originator: str = "raw2adam"
    system: str = "raw2adam"
    system_version: str = field(default="")
    documents: tuple[DefineDocument, ...] = ()
    comments: Mapping[Standard, tuple[str, tuple[DocumentPages, ...]]] = field(default_factory=dict)
    displays: tuple[Display, ...] = ()


def define_xml(study: DefineStudy, datasets: Sequence[DefineDataset]) -> bytes:
    """define.xml 2.1 in UTF-8.

    Datasets are in the order of the SDTMIG classes (ADSL first for ADaM). A dataset without records has def:HasNoData
    and no file. Standards that a dataset or a codelist names are listed even if the study does not declare them. A
    character that XML 1.0 does not allow is U+FFFD in values of the data.

    Raises OutputError: no datasets, two of one name, SDTM and ADaM mixed, an unknown class or standard, keys or where
    clauses that name no variable, a file name that is not plain, or an illegal character in the text of a spec.
    """
    ordered = _checked(study, datasets)
    table = CodelistTable()
    for dataset in ordered:
        add_codelists(table, dataset.spec, dataset.terms)
    codelists = table.elements()
    documents = DocumentTable(study.documents)
    comments = CommentTable(documents)
    items = ItemTable(codelists, {d.spec.name: frozenset(d.spec.names) for d in ordered}, documents, comments)
    for d in ordered:
        items.expressions |= {d.spec.variable(n).method: e for n, e in d.expressions.items() if n in d.spec.names}
    groups = [_group(dataset, items) for dataset in ordered]
    displays = result_displays(study.displays, items)
    by_name = sorted(codelists.values(), key=lambda c: (c.name.casefold(), c.oid))
    standards = listed(
        study.standards,
        [dataset_standard(d.spec) for d in ordered] + [_package(c) for c in by_name],
    )
    main = dataset_standard(ordered[0].spec)
    version_oid = metadata_version_oid(study, [d.spec for d in ordered])
    text = _template().render(
        odm={
            "ODMVersion": "1.3.2",
            "FileType": "Snapshot",
            "FileOID": f"DEF.{version_oid.removeprefix('MDV.')}",
            "CreationDateTime": study.declared.isoformat(timespec="seconds"),
            "Originator": study.originator,
            "SourceSystem": study.system,
            "SourceSystemVersion": study.system_version,
            "def:Context": study.context,
        },
        study={"OID": study.oid},
        study_name=study.name,
        study_description=study.description,
        protocol=study.protocol,
        version={
            "OID": version_oid,
            "Name": f"Study {study.name}, {_data(ordered)} Data Definitions",
            "Description": _version_description(study, ordered, main),
            "def:DefineVersion": DEFINE_VERSION,
        },
        standards=[_standard(s, comments.oid(*_commented(study, s))) for s in standards],
        annotated_crf=documents.of_role("crf"),
        supplements=documents.of_role("supplement"),
        value_lists=items.value_lists,
        where_clauses=items.where_clauses,
        groups=groups,
        items=items.items,
        codelists=[_codelist(c, comments) for c in by_name],
        methods=items.methods(),
        comments=comments.elements(),
        displays=displays,
        leaves=documents.leaves(),  # the last: a comment can be the only reference to a document
    )
    if not is_legal(text):
        _check_text(study, ordered)
    return text.encode("utf-8")


def _check_text(study: DefineStudy, datasets: Sequence[DefineDataset]) -> None:
    """Name the part of the spec that has a character which XML cannot hold."""
    looked_at: set[int] = set()
    check_text(study, "study")
    for dataset in datasets:
        check_text(dataset.spec, "spec", done=looked_at)
    raise AssertionError("a character that XML cannot hold is in no part of the spec")


def _data(datasets: Sequence[DefineDataset]) -> str:
    return "ADaM" if datasets[0].spec.purpose == "Analysis" else "SDTM"


def _version_description(study: DefineStudy, datasets: Sequence[DefineDataset], main: Standard | None) -> str:
    by = f" by {main.name} {main.version}" if main else ""
    return f"{_data(datasets)} datasets of study {study.name}{by}"


def metadata_version_oid(study: DefineStudy, specs: Sequence[DatasetMetadata]) -> str:
    """The OID of the MetaDataVersion of these datasets, MDV.OBS16577.SDTMIG.3.4: files of datasets name it too."""
    main = dataset_standard(min(specs, key=dataset_order))
    return f"MDV.{study.oid}.{main.name}.{main.version}" if main else f"MDV.{study.oid}"


def _checked(study: DefineStudy, datasets: Sequence[DefineDataset]) -> list[DefineDataset]:
    if not datasets:
        raise OutputError("define.xml needs at least one dataset")
    seen: set[str] = set()
    for dataset in datasets:
        name = dataset.spec.name
        if name in seen:
            raise OutputError(f"define.xml: two datasets are called {name}")
        if not _FILE.fullmatch(dataset.file):
            raise OutputError(f"{name}: {dataset.file!r} is not a plain file name beside define.xml, as in 'ae.xpt'")
        seen.add(name)
    purposes = {d.spec.purpose for d in datasets}
    if len(purposes) > 1 or not purposes <= {"Tabulation", "Analysis"}:
        raise OutputError(
            f"define.xml: datasets of purpose {', '.join(sorted(purposes))}; expected all Tabulation or all Analysis"
        )
    return sorted(datasets, key=lambda d: dataset_order(d.spec))


def _group(dataset: DefineDataset, items: ItemTable) -> dict[str, Any]:
    spec = dataset.spec
    tabulation = spec.purpose == "Tabulation"
    class_name, subclass = observation_class(spec)
    standard = dataset_standard(spec)
    has_data = dataset.records > 0
    supplemental = tabulation and spec.name.startswith("SUPP")
    # the domain of a supplemental qualifier dataset is its parent's, whatever the spec carries
    domain = "" if not tabulation else spec.name[4:] if supplemental else spec.domain or spec.name
    reference = "USUBJID" not in spec.names
    leaf = f"LF.{spec.name}"
    attributes = {
        "OID": item_group_oid(spec.name),
        "Domain": domain,
        "Name": spec.name,
        "Repeating": "Yes" if spec.repeating and not reference else "No",
        "IsReferenceData": "Yes" if reference else "No",
        "SASDatasetName": spec.name,
        "Purpose": spec.purpose,
        "def:StandardOID": standard.oid if standard else "",
        "def:IsNonStandard": "" if standard else "Yes",
        "def:Structure": spec.structure or f"One record per {', '.join(spec.keys)}",
        "def:ArchiveLocationID": leaf if has_data else "",
        "def:HasNoData": "" if has_data else "Yes",
        # Define-XML wants the reason where there are no data
        "def:CommentOID": items.comments.oid(
            spec.comment or ("" if has_data else _NO_RECORDS), spec.name, spec.comment_documents
        ),
    }
    return {
        "attributes": attributes,
        "label": spec.label,
        "refs": items.refs(spec),
        # the alias of a dataset with a part of a domain names the domain
        "alias": spec.label if tabulation and not supplemental and domain != spec.name else "",
        "class_name": class_name,
        "subclass": subclass,
        "leaf": {"ID": leaf, "xlink:href": dataset.file} if has_data else None,
        "file": dataset.file,
    }


def _commented(study: DefineStudy, standard: Standard) -> tuple[str, str, tuple[DocumentPages, ...]]:
    """Text, element and pages of the comment on a standard; no text for none."""
    text, pages = study.comments.get(standard, ("", ()))
    return text, standard.oid, pages


def _standard(standard: Standard, comment: str) -> dict[str, str]:
    return {
        "OID": standard.oid,
        "Name": standard.name,
        "Type": standard.type,
        "PublishingSet": standard.publishing_set,
        "Version": standard.version,
        "Status": "Final",
        "def:CommentOID": comment,
    }


def _package(element: CodelistElement) -> Standard | None:
    # a dictionary is outside CDISC terminology, also if a list of it has this name; so are several lists joined
    if element.dictionary or not element.use.published:
        return None
    return codelist_standard(element.use.codelist.standard, element.use.codelist.name)


def _codelist(element: CodelistElement, comments: CommentTable) -> dict[str, Any]:
    package = _package(element)
    codelist = element.use.codelist
    nonstandard = package is None and not element.dictionary
    return {
        "attributes": {
            "OID": element.oid,
            "Name": element.name,
            "DataType": element.use.data_type,
            "def:StandardOID": package.oid if package else "",
            "def:IsNonStandard": "Yes" if nonstandard else "",
            "def:CommentOID": comments.oid(codelist.comment, element.oid, codelist.comment_documents),
        },
        "decoded": element.decoded,
        "entries": [
            {
                "attributes": {
                    "CodedValue": item.value,
                    "OrderNumber": n,
                    "def:ExtendedValue": "Yes" if item.extended else "",
                },
                "decode": item.decode,
                "code": item.code,
            }
            for n, item in enumerate(element.items, start=1)
        ],
        "external": _external(element.dictionary) if element.dictionary else None,
        "code": codelist.code if package else "",
    }


def _external(dictionary: ExternalDictionary) -> dict[str, str]:
    return {"Dictionary": dictionary.name, "Version": dictionary.version, "href": dictionary.href}


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        finalize=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    source = resources.files(str(__package__)).joinpath("templates", "define.xml.j2").read_text(encoding="utf-8")
    return environment.from_string(source)

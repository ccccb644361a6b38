"""define.xml 2.1 of a set of finished datasets, from their specs alone.

Not for the text of the file (``writing``), its checks (``checks``) or its page (``page``). Identical input gives
identical bytes: no clock, no hash order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..engine.building.code_levels import CodeFacts, CodeKey
from ..engine.plan.displays import Display
from ..engine.tables.dataset import DatasetMetadata
from ..errors import OutputError
from ..mappings.facts.document_pages import DocumentPages
from ..transport.oids import item_group_oid
from .analysis_results import result_displays
from .codelists import CodelistElement, CodelistTable
from .content import CodedTerm, CodelistContent, DatasetContent, DefineContent, Leaf, StandardReference
from .documents import CommentTable, DefineDocument, DocumentTable
from .items import ItemTable, add_codelists
from .legal_text import check_text
from .standards import Standard, codelist_standard, dataset_order, dataset_standard, listed, observation_class
from .structure import structure
from .writing import define_of_content

DEFINE_VERSION = "2.1.0"
_LANGUAGE = "en"
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

    ``declared`` is the run's declared time, never that of the clock; a time without a zone is UTC.
    ``documents``: those that lie beside define.xml. ``comments``: standard -> (text, pages) of its comment.
    ``comment``: text and pages of the comment on the whole. ``displays``: the analyses of the datasets.
    ``translations``: another language -> English -> the text in it.
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
    comment: tuple[str, tuple[DocumentPages, ...]] = ("", ())
    displays: tuple[Display, ...] = ()
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def define_xml(study: DefineStudy, datasets: Sequence[DefineDataset]) -> bytes:
    """define.xml 2.1 in UTF-8.

    Datasets are in the order of the SDTMIG classes (ADSL first for ADaM). A dataset without records has def:HasNoData
    and no file. Standards that a dataset or a codelist names are listed even if the study does not declare them. A
    character that XML 1.0 does not allow is U+FFFD in values of the data.

    Raises OutputError: no datasets, two of one name, SDTM and ADaM mixed, an unknown class or standard, keys or where
    clauses that name no variable, a file name that is not plain, or an illegal character in the text of a spec.
    """
    try:
        return define_of_content(define_content(study, datasets))
    except OutputError:
        _check_text(study, datasets)
        raise


def define_content(study: DefineStudy, datasets: Sequence[DefineDataset]) -> DefineContent:
    """What define.xml of these datasets contains. Raises OutputError as ``define_xml`` does."""
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
    groups = tuple(_group(dataset, items) for dataset in ordered)
    displays = result_displays(study.displays, items)
    by_name = sorted(codelists.values(), key=lambda c: (c.name.casefold(), c.oid))
    standards = listed(
        study.standards,
        [dataset_standard(d.spec) for d in ordered] + [_package(c) for c in by_name],
    )
    of_standards = {s.oid: _standard(s, comments.oid(*_commented(study, s))) for s in standards}
    of_whole = comments.oid(study.comment[0], "MDV", study.comment[1])
    of_codelists = {c.oid: _codelist(c, comments) for c in by_name}
    of_comments = comments.elements()
    main = dataset_standard(ordered[0].spec)
    version_oid = metadata_version_oid(study, [d.spec for d in ordered])
    return DefineContent(
        version=DEFINE_VERSION,
        study=study.name,
        description=study.description,
        protocol=study.protocol,
        created=_moment(study.declared),
        system=" ".join(filter(None, [study.system, study.system_version])),
        name=f"Study {study.name}, {_data(ordered)} Data Definitions",
        study_oid=study.oid,
        version_oid=version_oid,
        version_comment=of_whole,
        version_description=_version_description(study, ordered, main),
        standards=of_standards,
        crf=documents.of_role("crf"),
        supplements=documents.of_role("supplement"),
        leaves=documents.leaves(),  # the last: a comment can be the only reference to a document
        datasets=groups,
        value_lists=items.value_lists,
        where=items.where_clauses,
        codelists=of_codelists,
        methods=items.methods(),
        comments=of_comments,
        displays=displays,
        odm={
            "FileOID": f"DEF.{version_oid.removeprefix('MDV.')}",
            "Originator": study.originator,
            "SourceSystem": study.system,
            "SourceSystemVersion": study.system_version,
            "Context": study.context,
        },
        language=_LANGUAGE,
        translations={language: texts for language, texts in study.translations.items() if texts},
    )


def _check_text(study: DefineStudy, datasets: Sequence[DefineDataset]) -> None:
    """Name the part of the spec that has a character which XML cannot hold."""
    looked_at: set[int] = set()
    check_text(study, "study")
    for dataset in datasets:
        check_text(dataset.spec, "spec", done=looked_at)


def _moment(declared: datetime) -> str:
    known = declared if declared.tzinfo is not None else declared.replace(tzinfo=UTC)
    return known.isoformat(timespec="seconds")


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


def _group(dataset: DefineDataset, items: ItemTable) -> DatasetContent:
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
    # Define-XML wants the reason where there are no data
    comment = items.comments.oid(spec.comment or ("" if has_data else _NO_RECORDS), spec.name, spec.comment_documents)
    return DatasetContent(
        oid=item_group_oid(spec.name),
        name=spec.name,
        label=spec.label,
        domain=domain,
        class_name=class_name,
        subclasses=(subclass,) if subclass else (),
        structure=structure(spec),
        purpose=spec.purpose,
        repeating=spec.repeating and not reference,
        reference=reference,
        standard=standard.oid if standard else "",
        comment=comment,
        leaf=Leaf(leaf, dataset.file, dataset.file) if has_data else None,
        has_no_data=not has_data,
        items=items.of_dataset(spec),
        sas_name=spec.name,
        non_standard=standard is None,
        # the alias of a dataset with a part of a domain names the domain
        alias=spec.label if tabulation and not supplemental and domain != spec.name else "",
        location=leaf if has_data else "",
    )


def _commented(study: DefineStudy, standard: Standard) -> tuple[str, str, tuple[DocumentPages, ...]]:
    """Text, element and pages of the comment on a standard; no text for none."""
    text, pages = study.comments.get(standard, ("", ()))
    return text, standard.oid, pages


def _standard(standard: Standard, comment: str) -> StandardReference:
    return StandardReference(
        oid=standard.oid,
        name=standard.name,
        type=standard.type,
        version=standard.version,
        publishing_set=standard.publishing_set,
        status="Final",
        comment=comment,
    )


def _package(element: CodelistElement) -> Standard | None:
    # a dictionary is outside CDISC terminology, also if a list of it has this name; so are several lists joined
    if element.dictionary or not element.use.published:
        return None
    return codelist_standard(element.use.codelist.standard, element.use.codelist.name)


def _codelist(element: CodelistElement, comments: CommentTable) -> CodelistContent:
    package = _package(element)
    codelist, dictionary = element.use.codelist, element.dictionary
    return CodelistContent(
        oid=element.oid,
        name=element.name,
        data_type=element.use.data_type,
        code=codelist.code if package else "",
        standard=package.oid if package else "",
        comment=comments.oid(codelist.comment, element.oid, codelist.comment_documents),
        terms=tuple(
            CodedTerm(item.value, item.decode, item.code, item.extended, str(n))
            for n, item in enumerate(element.items, start=1)
        ),
        dictionary=dictionary.name if dictionary else "",
        dictionary_version=dictionary.version if dictionary else "",
        dictionary_href=dictionary.href if dictionary else "",
        decoded=element.decoded,
        non_standard=package is None,
    )

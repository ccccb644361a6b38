"""Writes the results of a run into its stage: datasets, define.xml and pages per standard, reports, quarantine files.

Not for lineage (lineage_files.py) nor for the manifest (output_folder/manifest.py), nor for the content of
a file: each has its module.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from .. import __version__
from ..acrf.value_pages import with_pages_of_values
from ..define.checks import xsd_problems
from ..define.derived_lists import with_lists
from ..define.document import DefineDataset, DefineStudy, define_xml, metadata_version_oid
from ..define.documents import documents_of
from ..define.items import value_level_name
from ..define.page import define_html, stylesheet
from ..define.standards import Standard, guide, terminology_package
from ..define.value_lists import with_value_lists
from ..dictionaries.term_list import term_lists
from ..engine.accounts.ledger import Ledger
from ..engine.accounts.outcomes import RowOutcome
from ..engine.building.stored_partitions import WholeDatasets
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.sites import Sites, site_directory
from ..engine.tables.dataset import DatasetMetadata
from ..engine.tables.source_places import WayBack
from ..errors import OutputError
from ..findings.table import Findings
from ..mappings.binding.spec_model import place_of
from ..mappings.facts.document_pages import DocumentPages
from ..mappings.facts.facts import packages
from ..mappings.models.documents import CrfSpec, StandardComments, comment_pages, comment_text
from ..mappings.models.translations import untranslated_csv
from ..output_folder.layout import Layout, datasets_folders
from ..programs.analysis_listing import FILE as ANALYSES
from ..programs.analysis_listing import analyses_listing
from ..programs.formal_expressions import formal_expressions
from ..programs.listing import ListingHead, dataset_listing
from ..sources.quarantine import quarantine_csv
from ..sources.table import RawTable
from ..transport.dataset_writer import FileContext, OutputFormat
from ..transport.output_formats import submitted, write_dataset
from ..validation.quality.data_docs import frames, write_data_docs
from ..validation.quality.failing import failing_records
from ..validation.quality.page import QualityPage, quality_html
from ..validation.quality.profile import profiles
from ..validation.quality.raw_tables import declared_checks, equal_rows, raw_quality
from ..validation.quality.run import add_findings, superseding
from ..validation.quality.source_tables import SourceTables
from ..validation.quality.study_checks import study_checks
from ..validation.reports.accounting import accounting_html, accounting_json, block_parameters
from ..validation.reports.changes import CHANGES_PAGE, changes_html, changes_page, is_compared
from ..validation.reports.check_questions import CheckQuestions
from ..validation.reports.data_cut import data_cut_csv
from ..validation.reports.finding_files import findings_csv, findings_json, findings_xlsx
from ..validation.reports.finding_places import place_findings
from ..validation.reports.finding_traces import Traces, traces_of
from ..validation.reports.findings import FindingsPage, findings_html
from ..validation.reports.form_words import form_words
from ..validation.reports.missingness import missing_picture, source_cells
from ..validation.reports.queries import site_queries
from ..validation.reports.query_files import write_queries
from ..validation.reports.response_agreement import agreement_html, agreement_json, response_agreement
from ..validation.reports.run_head import FRONT_PAGE, PAGES, RunHead, href
from .build_partitions import Built, plain_text
from .close_accounts import identifying
from .documents import DocumentFile, copy_documents, define_documents
from .lost_adverse_events import lead_lines

_DEFINE = "define.xml"


def kind_of(plan: PlannedStudy, name: str) -> str:
    """sdtm or adam. SUPP-- is of the kind of its parent. Raises KeyError for a dataset that is not planned."""
    planned = plan.datasets.get(name) or plan.datasets[name.removeprefix("SUPP")]
    return planned.kind


def described_datasets(built: Built, names: Sequence[str]) -> list[DefineDataset]:
    """The datasets of these names as define.xml needs them, with their values."""
    summary = built.summary
    found: dict[str, DefineDataset] = {}
    for name in names:
        terms = {v: tuple(sorted(t)) for (d, v), t in summary.terms.items() if d == name}
        terms |= {v: tuple(sorted(t)) for (d, v), t in summary.values.items() if d == name and t is not None}
        levels = summary.levels.get(name, {})
        for value in built.specs[name].values:
            facts = levels.get((value.variable, value.where))
            if value.codelist is not None and facts is not None and facts.texts:
                terms[value_level_name(value)] = tuple(sorted(facts.texts))
        pairs = {(c, t): tuple(sorted(p)) for (d, c, t), p in summary.pairs.items() if d == name and p is not None}
        file, codes = submitted().file(name), summary.codes.get(name, {})
        found[name] = DefineDataset(built.specs[name], summary.records[name], terms, file, pairs, codes)
    return list(found.values())


def with_expressions(plan: PlannedStudy, described: Sequence[DefineDataset]) -> list[DefineDataset]:
    """The datasets with the formal expressions of their rules; SUPP-- has none."""
    planned = plan.datasets
    return [
        replace(d, expressions=formal_expressions(plan, planned[d.spec.name])) if d.spec.name in planned else d
        for d in described
    ]


def write_kind(
    stage: Path,
    kind: str,
    plan: PlannedStudy,
    built: Built,
    *,
    declared: dt.datetime,
    say: Callable[[str], None],
    documents: Mapping[str, DocumentFile],
    formats: Sequence[OutputFormat],
    layout: Layout,
    existing: Mapping[str, DatasetMetadata] | None = None,
) -> None:
    """Datasets in ``formats``, define.xml, define.html, stylesheet and documents of SDTM or ADaM.

    An empty dataset is not written. ``existing``: datasets that these copy and that this run does not build.
    """
    names = [n for n in built.specs if kind_of(plan, n) == kind]
    if not names:
        return
    folder, further = datasets_folders(stage, layout)[kind]
    for path in (folder, further):
        path.mkdir(parents=True, exist_ok=True)
    study = _define_study(plan, kind, declared, documents)
    context = FileContext(
        declared=declared,
        study_oid=study.oid,
        metadata_version_oid=metadata_version_oid(study, [built.specs[n] for n in names]),
        define=_DEFINE,
        originator=study.originator,
        system=study.system,
        system_version=study.system_version,
    )
    for name in names:
        records = built.summary.records[name]
        if records:
            say(f"{plan.id}: writing {kind}/{submitted().file(name)}, {records} records")
            frames, spec = built.stored.frames(name), built.specs[name]
            write_dataset(folder, spec, frames, records=records, context=context, formats=formats, further=further)
    origins = dict(existing or {})
    if kind != "sdtm":  # its copies have the lists of their origins
        others = with_lists(described_datasets(built, [n for n in built.specs if n not in names]))
        origins |= {d.spec.name: d.spec for d in others}
    described = with_value_lists(with_lists(described_datasets(built, names), origins), origins)
    described = with_expressions(plan, described)
    for name, document in documents.items():
        described = [replace(d, spec=with_pages_of_values(d.spec, name, document.pages)) for d in described]
    xml = define_xml(study, described)
    wrong = xsd_problems(xml)
    if wrong:
        raise OutputError(f"{kind}/define.xml does not follow its schema: " + "; ".join(wrong[:5]))
    (folder / _DEFINE).write_bytes(xml)
    page = layout.place(f"{kind}/define.html")
    beside = href(f"{layout.datasets(kind)}/", page) if (stage / page).parent != folder else ""
    (stage / page).write_bytes(define_html(xml, href(FRONT_PAGE, page), beside))
    (folder / "define2-1.xsl").write_bytes(stylesheet())
    copy_documents(documents, documents_of(xml, study.documents), folder)
    if kind == "adam":
        _write_programs(stage, plan, {n: built.specs[n] for n in names}, study, layout)


def _write_programs(
    stage: Path, plan: PlannedStudy, specs: Mapping[str, DatasetMetadata], study: DefineStudy, layout: Layout
) -> None:
    """The rules of each ADaM dataset as a listing: what an agency calls its program; and one of tables and figures."""
    head = ListingHead(plan.id, study.system_version, study.declared.date().isoformat())
    plain = partial(plain_text, languages=plan.translations.languages)
    for name, metadata in specs.items():
        path = stage / layout.place(f"adam/programs/{name.lower()}.txt")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(dataset_listing(plan, name, metadata, head, plain))
    listing = analyses_listing(plan.displays, plan.is_number, head, plain)
    if listing:
        (stage / layout.place(f"adam/programs/{ANALYSES}")).write_bytes(listing)


def _define_study(
    plan: PlannedStudy, kind: str, declared: dt.datetime, documents: Mapping[str, DocumentFile]
) -> DefineStudy:
    """The study of a define.xml of SDTM or ADaM."""
    info = plan.spec.study
    ig = guide("SDTMIG", info.sdtmig) if kind == "sdtm" else guide("ADaMIG", info.adamig)
    ct = terminology_package("SDTM" if kind == "sdtm" else "ADaM", info.ct.sdtm if kind == "sdtm" else info.ct.adam)
    return DefineStudy(
        info.id,
        info.id,
        ". ".join(t.rstrip(".") for t in (info.title, info.description) if t) or info.id,
        info.protocol or info.id,
        (ig, ct, terminology_package("DEFINE-XML", packages()["define"])),
        declared,
        system_version=__version__,
        documents=define_documents(documents, kind),
        comments=standard_comments(info.comments, kind, ig, ct),
        comment=whole_comment(info.comments, kind),
        displays=plan.displays if kind == "adam" else (),
        translations=plan.define_texts,
    )


def standard_comments(
    comments: StandardComments, kind: str, ig: Standard, ct: Standard
) -> dict[Standard, tuple[str, tuple[DocumentPages, ...]]]:
    """Standard -> text and pages of its comment, for define.xml of sdtm or adam."""
    of_kind = (comments.sdtmig, comments.sdtm_ct) if kind == "sdtm" else (comments.adamig, comments.adam_ct)
    pairs = zip((ig, ct), of_kind, strict=True)
    return {s: (comment_text(c), comment_pages([c])) for s, c in pairs if c is not None}


def whole_comment(comments: StandardComments, kind: str) -> tuple[str, tuple[DocumentPages, ...]]:
    """Text and pages of the comment on define.xml of sdtm or adam as a whole; no text for none."""
    comment = comments.sdtm if kind == "sdtm" else comments.adam
    return comment_text(comment), comment_pages([comment])


@dataclass(frozen=True, kw_only=True)
class RawReports:
    """The contents of the reports of a build from raw data. ``not_built``: datasets that this run does not build.

    ``coming``: pages that the run writes later. ``void``: source -> column -> texts that mean no value.
    ``data_docs``: the folder for the pages of great-expectations.
    """

    root: Path
    plan: PlannedStudy
    tables: Mapping[str, RawTable]
    identity: Mapping[str, Mapping[str, pd.Series]]
    built: Built
    head: RunHead
    findings: Findings
    declared: dt.datetime
    quality: bool
    say: Callable[[str], None]
    not_built: Collection[str] = ()
    coming: Collection[str] = ()
    void: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    data_docs: Path | None = None


def write_reports(stage: Path, about: RawReports) -> None:
    """Findings, queries, accounting and data quality."""
    plan, tables, built, findings = about.plan, about.tables, about.built, about.findings
    folder = stage / "reports"
    folder.mkdir()
    whole = WholeDatasets(built.stored)
    present = {n: t for n, t in tables.items() if t.present}
    subjects = {n: parts["USUBJID"] for n, parts in about.identity.items() if "USUBJID" in parts}
    if about.quality:
        about.say(f"{plan.id}: data quality")
        results = raw_quality(present, declared_checks(plan.spec, present))
    else:
        results = equal_rows(present)
    add_findings(results, findings, tables=present, subjects=subjects)
    checks = sorted((about.root / "checks").glob("*.yaml"))
    read = SourceTables(plan, tables, about.identity, about.void)
    if checks:
        checked = study_checks(
            checks,
            whole,
            root=about.root,
            planned=(*about.not_built, *(n for n in tables if n not in present)),
            expectations=about.quality,
            codelists=plan.codelists,
            sources=read,
        )
        add_findings(checked, findings, tables=present, datasets=whole, subjects=subjects)
        results += checked
    if about.data_docs is not None and about.quality:
        about.say(f"{plan.id}: Data Docs")
        write_data_docs(about.data_docs, [r.check for r in results], frames(present, read, whole))
    agreement = response_agreement(whole["ADRS"].frame) if "ADRS" in whole else None
    coming = ["reports/findings.html", "reports/accounting.html", "reports/queries.xlsx"]
    coming += [CHANGES_PAGE] if is_compared(findings) else []
    coming += about.coming
    coming += ["reports/quality.html"] if about.quality else []
    coming += ["reports/response-agreement.html"] if agreement is not None else []
    head = linked_head(about.head, stage, coming)
    sites = site_directory(plan.spec, tables, about.identity)
    cells = source_cells(present, sites, _titles(plan))
    if about.quality:
        page = QualityPage(
            title=f"{plan.id}: data quality",
            head=head,
            failing=partial(failing_records, tables=present, datasets=whole, subjects=subjects),
            titles=_titles(plan),
            cells=cells,
            profiles=profiles(read),
        )
        (folder / "quality.html").write_bytes(quality_html(results, page))
    if built.ledger.untranslated:
        (folder / "translations.csv").write_bytes(untranslated_csv(built.ledger.untranslated))
    for coding in term_lists(plan.dictionaries, built.ledger.terms, plan.translations):
        (folder / f"coding_{coding.name}.csv").write_bytes(coding.csv())
    place_findings(findings, whole, WayBack(built.lineage, whole, tables, subjects))
    findings.name_parts({(n, part): column for n, t in tables.items() for part, column in t.parts_of.items()})
    findings.drop_superseded(superseding(results))
    findings.fold_not_collected(not_collected(plan, whole))
    lead = lead_lines(plan, tables, built.ledger, findings)
    declared = {n: str(place_of(plan.spec, "sources", n)) for n in tables}
    traces = traces_of(built.lineage, built.specs, declared)
    listed = replace(findings_page(head, sites, traces, lead), missing=missing_picture(cells))
    write_findings(folder, findings, listed, about.declared)
    write_quarantine(stage, plan, tables, built.ledger)
    tabulated = {n: s for n, s in built.specs.items() if kind_of(plan, n) == "sdtm"}
    analysis = [n for n in built.specs if n not in tabulated]
    words = form_words(plan.spec, present, plan.questions, traces, datasets=tabulated, analysis=analysis)
    of_checks = {r.check.rule: r.check.question for r in results if r.check.question}
    asking = CheckQuestions(texts=of_checks, datasets=whole)
    queries = site_queries(findings, sites, words, plan.phrases, traces.reached, asking)
    write_queries(folder, queries, about.declared, plan.phrases)
    parameters = block_parameters(built.lineage, whole)
    (folder / "accounting.json").write_bytes(accounting_json(built.ledger, parameters))
    title = f"{plan.id}: accounts of rows, columns and cells"
    (folder / "accounting.html").write_bytes(accounting_html(built.ledger, title, head, parameters))
    if built.ledger.cutoff:
        (folder / "data-cut.csv").write_bytes(data_cut_csv(built.ledger))
    if agreement is not None:
        (folder / "response-agreement.json").write_bytes(agreement_json(agreement))
        title = f"{plan.id}: response by investigator and by algorithm"
        reported = set(findings.frame()["subject"].tolist())
        (folder / "response-agreement.html").write_bytes(agreement_html(agreement, title, head, reported))


def _titles(plan: PlannedStudy) -> dict[str, str]:
    """The title of the form of each source that has one."""
    crfs = ((n, s.crf) for n, s in plan.spec.sources.items())
    return {name: crf.title for name, crf in crfs if isinstance(crf, CrfSpec) and crf.title}


def not_collected(plan: PlannedStudy, built: Collection[str]) -> dict[tuple[str, str], str]:
    """(dataset, variable) -> the reason, for the variables of the built datasets that the study does not collect."""
    variables = ((n, v) for n, d in plan.datasets.items() if n in built for v in d.variables.values())
    return {(name, v.name): v.not_collected for name, v in variables if v.not_collected}


def linked_head(head: RunHead, stage: Path, coming: Collection[str]) -> RunHead:
    """The head with links to the pages that are in the stage, and to the ``coming`` ones, which the run writes next."""
    return head.linked([p for p in PAGES if p in coming or (stage / p).is_file()])


def findings_page(head: RunHead, sites: Sites, traces: Traces, lead: Sequence[str] = ()) -> FindingsPage:
    """What findings.html shows beside the findings. ``lead``: its first lines; ``sites``: of rows and subjects."""
    return FindingsPage(title=f"{head.study}: findings", lead=lead, head=head, sites=sites, traces=traces)


def write_findings(folder: Path, findings: Findings, page: FindingsPage, declared: dt.datetime) -> None:
    """findings.json, .csv, .html and .xlsx, and changes.html of a run that was compared with an earlier output."""
    findings.report_entries()
    (folder / "findings.json").write_bytes(findings_json(findings))
    (folder / "findings.csv").write_bytes(findings_csv(findings))
    (folder / "findings.html").write_bytes(findings_html(findings, page))
    if is_compared(findings):
        (folder / "changes.html").write_bytes(changes_html(findings, changes_page(page)))
    findings_xlsx(findings, folder / "findings.xlsx", declared)


def write_quarantine(stage: Path, plan: PlannedStudy, tables: Mapping[str, RawTable], ledger: Ledger) -> None:
    """OUT/quarantine/<source>.csv for every source with rows that could not form a record."""
    for name, account in ledger.sources.items():
        rows = np.flatnonzero(account.outcome == RowOutcome.QUARANTINED)
        if len(rows):
            columns = " and ".join(identifying(plan, name))
            to_do = (
                f"Correct {columns} in a copy of this file outside the output folder; build with --corrections FOLDER"
            )
            reasons = [account.reasons[r] for r in account.reason[rows]]
            (stage / "quarantine").mkdir(exist_ok=True)
            data = quarantine_csv(tables[name], rows, reasons, to_do)
            (stage / "quarantine" / f"{name}.csv").write_bytes(data)

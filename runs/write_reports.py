"""Writes the reports of a run into its stage: findings, queries, accounts, data quality, agreement, quarantine files.

Not for datasets and define.xml (write_outputs.py), nor for the content of a file: each has its module.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ..dictionaries.term_list import term_lists
from ..engine.accounts.ledger import Ledger
from ..engine.accounts.outcomes import RowOutcome
from ..engine.building.stored_partitions import WholeDatasets
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.sites import Sites, site_directory
from ..engine.tables.source_places import WayBack
from ..findings.table import Findings
from ..mappings.binding.spec_model import place_of
from ..mappings.models.documents import CrfSpec
from ..mappings.models.translations import untranslated_csv
from ..sources.quarantine import quarantine_csv
from ..sources.table import RawTable
from ..validation.quality.data_docs import frames, write_data_docs
from ..validation.quality.failing import failing_records
from ..validation.quality.page import QualityPage, quality_html
from ..validation.quality.profile import profiles
from ..validation.quality.raw_tables import declared_checks, equal_rows, raw_quality
from ..validation.quality.run import QualityResult, add_findings, superseding
from ..validation.quality.source_tables import SourceTables
from ..validation.quality.study_checks import study_checks
from ..validation.reports.accounting import Parameters, accounting_html, accounting_json, block_parameters
from ..validation.reports.changes import CHANGES_PAGE, is_compared
from ..validation.reports.check_questions import CheckQuestions
from ..validation.reports.data_cut import data_cut_csv
from ..validation.reports.finding_places import place_findings
from ..validation.reports.finding_traces import Traces, traces_of
from ..validation.reports.form_words import form_words
from ..validation.reports.missingness import SourceCells, missing_picture, source_cells
from ..validation.reports.queries import site_queries
from ..validation.reports.query_files import write_queries
from ..validation.reports.response_agreement import agreement_html, agreement_json, response_agreement
from ..validation.reports.run_head import RunHead
from .build_partitions import Built
from .close_accounts import identifying
from .lost_adverse_events import lead_lines
from .write_findings import findings_page, linked_head, write_findings
from .write_outputs import kind_of


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
    plan, built, findings = about.plan, about.built, about.findings
    folder = stage / "reports"
    folder.mkdir()
    looked_at = _LookedAt.of(about)
    results = _checked(about, looked_at)
    agreement = response_agreement(looked_at.whole["ADRS"].frame) if "ADRS" in looked_at.whole else None
    head = linked_head(about.head, stage, _coming(about, agreed=agreement is not None))
    sites = site_directory(plan.spec, about.tables, about.identity)
    cells = source_cells(looked_at.present, sites, _titles(plan))
    if about.quality:
        _write_quality(folder, about, looked_at, results, head, cells)
    _write_terms(folder, plan, built.ledger)
    _settle(about, looked_at, superseding(results))
    lead = lead_lines(plan, about.tables, built.ledger, findings)
    declared = {n: str(place_of(plan.spec, "sources", n)) for n in about.tables}
    traces = traces_of(built.lineage, built.specs, declared)
    listed = replace(findings_page(head, sites, traces, lead), missing=missing_picture(cells))
    write_findings(folder, findings, listed, about.declared)
    write_quarantine(stage, plan, about.tables, built.ledger)
    questions = {r.check.rule: r.check.question for r in results if r.check.question}
    _write_queries(folder, about, looked_at, sites, traces, questions)
    _write_accounts(folder, about, head, block_parameters(built.lineage, looked_at.whole))
    if agreement is not None:
        (folder / "response-agreement.json").write_bytes(agreement_json(agreement))
        title = f"{plan.id}: response by investigator and by algorithm"
        reported = set(findings.frame()["subject"].tolist())
        (folder / "response-agreement.html").write_bytes(agreement_html(agreement, title, head, reported))


@dataclass(frozen=True)
class _LookedAt:
    """What the checks of a run look at: raw tables that are there, their subjects, all sources, and the datasets."""

    present: dict[str, RawTable]
    subjects: dict[str, pd.Series]
    read: SourceTables
    whole: WholeDatasets

    @classmethod
    def of(cls, about: RawReports) -> _LookedAt:
        return cls(
            {n: t for n, t in about.tables.items() if t.present},
            {n: parts["USUBJID"] for n, parts in about.identity.items() if "USUBJID" in parts},
            SourceTables(about.plan, about.tables, about.identity, about.void),
            WholeDatasets(about.built.stored),
        )


def _checked(about: RawReports, looked_at: _LookedAt) -> list[QualityResult]:
    """Run the checks of raw data and of the study; their findings are added, and Data Docs written."""
    plan, findings, present = about.plan, about.findings, looked_at.present
    if about.quality:
        about.say(f"{plan.id}: data quality")
        results = raw_quality(present, declared_checks(plan.spec, present))
    else:
        results = equal_rows(present)
    add_findings(results, findings, tables=present, subjects=looked_at.subjects)
    checks = sorted((about.root / "checks").glob("*.yaml"))
    if checks:
        checked = study_checks(
            checks,
            looked_at.whole,
            root=about.root,
            planned=(*about.not_built, *(n for n in about.tables if n not in present)),
            expectations=about.quality,
            codelists=plan.codelists,
            sources=looked_at.read,
        )
        add_findings(checked, findings, tables=present, datasets=looked_at.whole, subjects=looked_at.subjects)
        results += checked
    if about.data_docs is not None and about.quality:
        about.say(f"{plan.id}: Data Docs")
        write_data_docs(about.data_docs, [r.check for r in results], frames(present, looked_at.read, looked_at.whole))
    return results


def _coming(about: RawReports, *, agreed: bool) -> list[str]:
    """The pages that the run writes after its head is known."""
    coming = ["reports/findings.html", "reports/accounting.html", "reports/queries.xlsx"]
    coming += [CHANGES_PAGE] if is_compared(about.findings) else []
    coming += about.coming
    coming += ["reports/quality.html"] if about.quality else []
    return coming + (["reports/response-agreement.html"] if agreed else [])


def _write_quality(
    folder: Path,
    about: RawReports,
    looked_at: _LookedAt,
    results: list[QualityResult],
    head: RunHead,
    cells: list[SourceCells],
) -> None:
    page = QualityPage(
        title=f"{about.plan.id}: data quality",
        head=head,
        failing=partial(
            failing_records, tables=looked_at.present, datasets=looked_at.whole, subjects=looked_at.subjects
        ),
        titles=_titles(about.plan),
        cells=cells,
        profiles=profiles(looked_at.read),
    )
    (folder / "quality.html").write_bytes(quality_html(results, page))


def _write_terms(folder: Path, plan: PlannedStudy, ledger: Ledger) -> None:
    """The texts without a translation, and the terms of each dictionary without a code."""
    if ledger.untranslated:
        (folder / "translations.csv").write_bytes(untranslated_csv(ledger.untranslated))
    for coding in term_lists(plan.dictionaries, ledger.terms, plan.translations):
        (folder / f"coding_{coding.name}.csv").write_bytes(coding.csv())


def _settle(about: RawReports, looked_at: _LookedAt, superseded: Mapping[str, Collection[str]]) -> None:
    """Give each finding its place, and drop or fold those that another finding, or a reason of the study, explains."""
    findings, tables = about.findings, about.tables
    way_back = WayBack(about.built.lineage, looked_at.whole, tables, looked_at.subjects)
    place_findings(findings, looked_at.whole, way_back)
    findings.name_parts({(n, part): column for n, t in tables.items() for part, column in t.parts_of.items()})
    findings.drop_superseded(superseded)
    findings.fold_not_collected(not_collected(about.plan, looked_at.whole))


def _write_queries(
    folder: Path, about: RawReports, looked_at: _LookedAt, sites: Sites, traces: Traces, questions: Mapping[str, str]
) -> None:
    """The questions to the sites. ``questions``: those of the checks of the study, by rule."""
    plan, specs = about.plan, about.built.specs
    tabulated = {n: s for n, s in specs.items() if kind_of(plan, n) == "sdtm"}
    analysis = [n for n in specs if n not in tabulated]
    words = form_words(plan.spec, looked_at.present, plan.questions, traces, datasets=tabulated, analysis=analysis)
    asking = CheckQuestions(texts=questions, datasets=looked_at.whole)
    queries = site_queries(about.findings, sites, words, plan.phrases, traces.reached, asking)
    write_queries(folder, queries, about.declared, plan.phrases)


def _write_accounts(folder: Path, about: RawReports, head: RunHead, parameters: Parameters) -> None:
    """The accounts of rows, columns and cells, and what a data cut excludes."""
    ledger = about.built.ledger
    (folder / "accounting.json").write_bytes(accounting_json(ledger, parameters))
    title = f"{about.plan.id}: accounts of rows, columns and cells"
    (folder / "accounting.html").write_bytes(accounting_html(ledger, title, head, parameters))
    if ledger.cutoff:
        (folder / "data-cut.csv").write_bytes(data_cut_csv(ledger))


def _titles(plan: PlannedStudy) -> dict[str, str]:
    """The title of the form of each source that has one."""
    crfs = ((n, s.crf) for n, s in plan.spec.sources.items())
    return {name: crf.title for name, crf in crfs if isinstance(crf, CrfSpec) and crf.title}


def not_collected(plan: PlannedStudy, built: Collection[str]) -> dict[tuple[str, str], str]:
    """(dataset, variable) -> the reason, for the variables of the built datasets that the study does not collect."""
    variables = ((n, v) for n, d in plan.datasets.items() if n in built for v in d.variables.values())
    return {(name, v.name): v.not_collected for name, v in variables if v.not_collected}


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

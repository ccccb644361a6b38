"""The whole run: plan, read, build partitions, merge summaries, check, write; staged, then swapped in.

Not for parsing commands or printing (cli.py); each stage's work is in its own package.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import __version__
from .define.checks import xsd_problems
from .define.document import DefineDataset, DefineStudy, define_xml
from .define.page import define_html, stylesheet
from .define.standards import guide, terminology_package
from .engine import columns as col
from .engine.build import Finished
from .engine.check import check_study
from .engine.continuity import continue_subjects
from .engine.dataset import DatasetSpec, Lineage
from .engine.identity import identify
from .engine.ledger import QUARANTINED, Ledger
from .engine.lineage_files import write_lineage
from .engine.partition import (
    Summary,
    join_lineage,
    merge,
    open_ledger,
    ranges,
    settle,
    slice_tables,
    subjects_of,
    summarise,
    with_dataset,
)
from .engine.parts import Parts, WholeDatasets
from .engine.plan import PlannedStudy
from .engine.sites import site_directory
from .engine.source_places import WayBack
from .engine.study_build import StudyBuild
from .engine.tables import RawSlice
from .errors import InputError, OutputError, SpecError, SpecProblem
from .findings import Findings
from .manifest import FileHash, package_versions, write_manifest
from .mappings.loader import LoadedStudy, find_study, load_study
from .mappings.model import SourceSpec
from .planning import plan_study
from .reconciliation import (
    account_cells,
    account_columns,
    count_blocks,
    identifying,
    lead_lines,
    report_rows,
    report_unread_parts,
)
from .sdtm.long_text import agree, split_long_texts
from .sdtm.supplemental import supplemental_dataset
from .sdtm.trial_summary import fill_summary, partition_values
from .sources.options import SourceOptions
from .sources.quarantine import Corrections, apply_corrections, quarantine_csv
from .sources.read import empty_table, read_source
from .sources.table import RawTable
from .staging import OutputFolder
from .transport.ascii_text import ascii_dataset, ascii_text
from .transport.xpt import XptWriter
from .transport.xpt_header import xpt_variables
from .transport.xpt_text import MAX_TEXT
from .validation.accounting import accounting_html, accounting_json
from .validation.conformance import check_dataset, check_supplemental
from .validation.conformance_adam import check_parameter_pairs, parameter_pairs
from .validation.data_cut import data_cut_csv
from .validation.finding_places import place_findings, tell_once
from .validation.findings_reports import findings_html, findings_json, findings_xlsx
from .validation.quality import add_findings, declared_checks, equal_rows, quality_html, raw_quality
from .validation.queries import site_queries, write_queries
from .validation.raw_checks import examine, report_untold
from .validation.study_checks import study_checks

KINDS = ("sdtm", "adam")


@dataclass
class Options:
    """What a run may be told beside the study and its raw data."""

    only: str = ""  # sdtm | adam | ''
    partitions: int = 1
    as_of: dt.date | None = None
    cutoff: dt.date | None = None
    raw_copy: bool = True
    quality: bool = True
    corrections: Path | None = None  # folder of corrected quarantine files
    say: Callable[[str], None] = lambda _: None


@dataclass
class Outcome:
    """What a run did, for the summary that the command prints."""

    study: str
    out: Path
    records: dict[str, int]
    findings: Findings
    ledger: Ledger
    lead: list[str] = field(default_factory=list)
    warnings: list[SpecProblem] = field(default_factory=list)


@dataclass
class Read:
    """The raw data of a run."""

    tables: dict[str, RawTable]
    identity: dict[str, dict[str, pd.Series]]
    corrected: Corrections = field(default_factory=Corrections)


def build(study: str, raw: Path, out: Path, options: Options | None = None) -> Outcome:
    """Build a study from raw data into ``out``. Raises SpecError, InputError, OutputError; ``out`` then stays as is."""
    options = options or Options()
    root = find_study(study)
    loaded = load_study(root)
    plan, warnings = plan_study(loaded)
    if options.cutoff is not None:
        plan = plan.with_cutoff(options.cutoff)
    wanted = KINDS if not options.only else (options.only,)
    folder = OutputFolder(out, inputs=[p for p in (raw, root, options.corrections) if p is not None])
    folder.check_writable()
    with folder.stage() as stage:
        for note in folder.notes:
            options.say(note)
        findings = Findings()
        options.say(f"{plan.id}: reading {len(plan.file.sources)} raw sources")
        read = read_raw(plan, loaded.root, raw, findings, options.corrections)
        told = {n: identifying(plan, n) for n in read.tables}
        today = declared_time(plan, options).date()
        examined = examine(plan, read.tables, read.identity, told, today, findings)
        scratch = stage.path / "parts" if options.partitions > 1 else None
        specs, stored, ledger, lineage, summary = build_partitions(
            plan, read, findings, options, examined.void, scratch
        )
        report_untold(examined, findings)
        for name, cells in read.corrected.cells.items():
            ledger.sources[name].corrected = read.corrected.rows[name], cells
        report_rows(plan, read.tables, ledger, findings)
        account_cells(plan, read.tables, read.identity, ledger, findings)
        problems = ledger.reconciled()
        if problems:
            raise InputError("the account does not reconcile: " + "; ".join(problems))
        declared = declared_time(plan, options)
        kept = {n: ln for n, ln in lineage.items() if _kind(plan, n) in wanted or options.only != "sdtm"}
        given = {n: source_options(s) for n, s in plan.file.sources.items()}
        with ThreadPoolExecutor(1) as pool:  # compression of the lineage runs beside the writing of XPT
            subjects = {n: parts["USUBJID"] for n, parts in read.identity.items() if "USUBJID" in parts}
            goes_on = plan.file.subject.continues
            traced = pool.submit(
                write_lineage,
                stage.path / "lineage",
                kept,
                read.tables,
                told,
                given,
                subjects,
                options.raw_copy,
                (goes_on.source, goes_on.columns) if goes_on is not None else None,
            )
            for kind in wanted:
                write_kind(stage.path, kind, plan, specs, stored, summary, declared, options)
            write_reports(stage.path, loaded, plan, read, stored, lineage, ledger, findings, declared, options)
            traced.result()
        stored.close()
        records = {n: r for n, r in summary.records.items() if _kind(plan, n) in wanted}
        write_manifest(
            stage.path,
            study=plan.id,
            version=__version__,
            declared=declared.date(),
            inputs={
                f"raw/{path.name}": FileHash(sha256, path.stat().st_size)
                for t in read.tables.values()
                for path, sha256 in ({t.path: t.sha256} | t.companions).items()
                if t.present
            }
            | {f"corrections/{n}": FileHash(*given) for n, given in read.corrected.files.items()},
            specs=loaded.specs,
            packages=package_versions(),
            counts={"records": records, "rows": {n: a.totals() for n, a in ledger.sources.items()}},
            findings={s: findings.count(s) for s in ("error", "warning", "note")},
            options={
                "only": options.only,
                "raw_copy": options.raw_copy,
                "cutoff": options.cutoff.isoformat() if options.cutoff else "",
            },
        )
    return Outcome(plan.id, out, records, findings, ledger, lead_lines(plan, read.tables, ledger, findings), warnings)


def source_options(source: SourceSpec) -> SourceOptions:
    """How a source's file is read."""
    s = source
    return SourceOptions(
        s.file,
        s.format,
        s.encoding,
        s.separator,
        s.quote,
        s.sheet,
        s.header_row,
        item_group=s.item_group,
        form=s.form,
        names=s.names,
        dictionary=s.dictionary,
        instrument=s.instrument,
        checkboxes=s.checkboxes,
    )


def read_raw(plan: PlannedStudy, root: Path, raw: Path, findings: Findings, corrections: Path | None = None) -> Read:
    """All raw sources with their identity columns; every file that cannot be read is named before the run stops.

    ``corrections``: folder of corrected quarantine files, whose rows replace raw ones.
    """
    if not raw.is_dir():
        raise InputError(f"{raw}: there is no such folder of raw data")
    tables: dict[str, RawTable] = {}
    problems: list[str] = []
    shared: dict[Path, Any] = {}  # files that several sources read parts of
    for name, s in plan.file.sources.items():
        path = raw / s.file
        if s.optional and not path.exists():
            tables[name] = empty_table(name, path)
            findings.add("R2A-SRC-011", "note", f"the optional source {name} is not in this data cut", file=s.file)
            continue
        try:
            tables[name] = read_source(name, raw, source_options(s), findings, shared)
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(dict.fromkeys(problems)))
    report_unread_parts(tables, findings)
    corrected = apply_corrections(corrections, tables, findings) if corrections is not None else Corrections()
    identity = {
        n: identify(t, plan.file.sources[n], plan.file, root, findings) if t.present else _no_identity()
        for n, t in tables.items()
    }
    identity = continue_subjects(tables, identity, plan.file, root, findings)
    headers = {n: [*map(str, t.frame.columns), *identity[n]] for n, t in tables.items() if t.present}
    wrong = [p for p in check_study(plan, headers) if p.severity == "error"]
    if wrong:
        raise SpecError(wrong)
    return Read(tables, identity, corrected)


def _no_identity() -> dict[str, pd.Series]:
    return {n: col.constant("", 0) for n in ("USUBJID", "SUBJID", "SITEID", "STUDYID")}


def build_partitions(
    plan: PlannedStudy,
    read: Read,
    findings: Findings,
    options: Options,
    void: Mapping[str, Mapping[str, frozenset[str]]] | None = None,
    scratch: Path | None = None,
) -> tuple[dict[str, DatasetSpec], Parts, Ledger, dict[str, Lineage], Summary]:
    """Build every partition and merge what they tell. ``void``: source -> column -> texts read as missing.

    ``scratch``: a folder for the finished partitions, which then leave the memory.
    """
    merging = frozenset(n for n, s in plan.file.sources.items() if s.duplicates == "merge")
    ledger, left = open_ledger(read.tables, read.identity, merging)
    ledger.cells.plain = plain_text
    subjects = subjects_of(read.identity, {})
    if not len(subjects.names):
        findings.add("R2A-SUBJ-003", "error", "no raw source has a row with a subject: every dataset is empty")
    stored = Parts(scratch)
    pairs: dict[str, frozenset[tuple[str, str]]] = {}
    summaries: list[Summary] = []
    offsets: list[dict[str, int]] = []
    seen: dict[str, int] = {}
    read_columns: dict[str, set[str]] = {n: set() for n in read.tables}
    parts = ranges(len(subjects.names), options.partitions)
    for number, (low, high) in enumerate(parts, start=1):
        options.say(f"{plan.id}: building partition {number} of {len(parts)}, {high - low} subjects")
        tables = slice_tables(read.tables, read.identity, {}, subjects, left, low, high, void)
        run = StudyBuild(plan, tables, ledger, findings, supplemental_dataset)
        finished = run.run()
        for done in finished.values():
            done.dataset = ascii_dataset(done.dataset, findings)
        further = split_long_texts(finished, findings)
        check_partition(finished, findings)
        told = summarise(finished)
        told.further, told.study_values = further, partition_values(plan.file, finished)
        summaries.append(told)
        offsets.append(dict(seen))
        for name, done in finished.items():
            if "USUBJID" in done.dataset.spec.names:  # what is of no subject, every partition numbers alike
                seen[name] = seen.get(name, 0) + len(done.dataset)
        stored.add({n: d.dataset for n, d in finished.items()})
        for name, done in finished.items():
            pairs[name] = pairs.get(name, frozenset()) | parameter_pairs(done.dataset)
        for name, table in tables.items():
            if isinstance(table, RawSlice):
                read_columns[name] |= table.read_columns()
        del run, finished, tables  # before the next partition is made
    findings.once()
    summary = merge(summaries)
    agree(stored, summary.further, plan)
    if "TS" in stored.specs[0]:
        filled = fill_summary(plan.file, stored.dataset(0, "TS"), summary.study_values)
        stored.put_dataset(0, "TS", filled)
        summary = with_dataset(summary, filled)
        check_dataset(filled, findings)
    for name in stored.specs[0]:
        check_parameter_pairs(name, pairs.get(name, frozenset()), findings)
    specs = settle(stored.specs[0], summary)
    lineages = stored.lineages
    lineage = {n: join_lineage([p[n] for p in lineages], offsets) for n in lineages[0]}
    count_blocks(plan, lineage, ledger)
    account_columns(plan, read.tables, lineage, read_columns, ledger, findings)
    return specs, stored, ledger, lineage, summary


def plain_text(text: str) -> str:
    """A text as XPT holds it."""
    return text if text.isascii() and text.isprintable() else ascii_text(text)[0]


def check_partition(finished: Mapping[str, Finished], findings: Findings) -> None:
    """Conformance of one partition; no rule of it crosses subjects."""
    dm = finished["DM"].dataset if "DM" in finished else None
    for name, done in finished.items():
        if name == "TS":
            continue  # its values are not all there yet
        check_dataset(done.dataset, findings, dm=dm)
        if name.startswith("SUPP") and name[4:] in finished:
            check_supplemental(finished[name[4:]].dataset, done.dataset, findings)


def declared_time(plan: PlannedStudy, options: Options) -> dt.datetime:
    """The run's declared date: --as-of, else the study's as_of, else its cut-off, else today."""
    day = options.as_of or plan.file.study.as_of or plan.file.study.cutoff or dt.date.today()
    return dt.datetime(day.year, day.month, day.day)


def _kind(plan: PlannedStudy, name: str) -> str:
    if name in plan.datasets:
        return plan.datasets[name].kind
    return "sdtm"


def write_kind(
    stage: Path,
    kind: str,
    plan: PlannedStudy,
    specs: Mapping[str, DatasetSpec],
    stored: Parts,
    summary: Summary,
    declared: dt.datetime,
    options: Options,
) -> None:
    """XPT files, define.xml, define.html and the stylesheet of SDTM or ADaM. An empty dataset is not written."""
    names = [n for n in specs if _kind(plan, n) == kind]
    if not names:
        return
    folder = stage / kind
    folder.mkdir()
    described = []
    for name in names:
        spec, records = specs[name], summary.records[name]
        file = f"{name.lower()}.xpt"
        if records:
            options.say(f"{plan.id}: writing {kind}/{file}, {records} records")
            # held to what XPT can hold, so that the writer refuses too long a text by its subject and value
            variables = [v if v.numeric else replace(v, length=min(v.length, MAX_TEXT)) for v in xpt_variables(spec)]
            with XptWriter(folder / file, name, spec.label, variables, declared) as writer:
                for frame in stored.frames(name):
                    writer.append(frame)
        terms = {v: tuple(sorted(t)) for (d, v), t in summary.terms.items() if d == name}
        described.append(DefineDataset(spec, records, terms, file))
    info = plan.file.study
    ig = guide("SDTMIG", info.sdtmig) if kind == "sdtm" else guide("ADaMIG", info.adamig)
    ct = terminology_package("SDTM" if kind == "sdtm" else "ADaM", info.ct.sdtm if kind == "sdtm" else info.ct.adam)
    study = DefineStudy(
        info.id,
        info.title or info.id,
        info.description or info.title or info.id,
        info.protocol or info.id,
        (ig, ct),
        declared,
        system_version=__version__,
    )
    xml = define_xml(study, described)
    wrong = xsd_problems(xml)
    if wrong:
        raise OutputError(f"{kind}/define.xml does not follow its schema: " + "; ".join(wrong[:5]))
    (folder / "define.xml").write_bytes(xml)
    (folder / "define.html").write_bytes(define_html(xml))
    (folder / "define2-1.xsl").write_bytes(stylesheet())


def write_reports(
    stage: Path,
    loaded: LoadedStudy,
    plan: PlannedStudy,
    read: Read,
    stored: Parts,
    lineage: Mapping[str, Lineage],
    ledger: Ledger,
    findings: Findings,
    declared: dt.datetime,
    options: Options,
) -> None:
    """Findings, accounting and data quality."""
    folder = stage / "reports"
    folder.mkdir()
    whole = WholeDatasets(stored)
    present = {n: t for n, t in read.tables.items() if t.present}
    if options.quality:
        options.say(f"{plan.id}: data quality")
        results = raw_quality(present, declared_checks(plan.file, present))
    else:
        results = equal_rows(present)
    add_findings(results, findings, tables=present)
    checks = sorted((loaded.root / "checks").glob("*.yaml"))
    if checks:
        checked = study_checks(checks, whole, root=loaded.root, expectations=options.quality)
        add_findings(checked, findings, datasets=whole)
        results += checked
    if options.quality:
        (folder / "quality.html").write_bytes(quality_html(results, f"{plan.id}: data quality"))
    subjects = {n: parts["USUBJID"] for n, parts in read.identity.items() if "USUBJID" in parts}
    place_findings(findings, whole, WayBack(lineage, whole, read.tables, subjects))
    tell_once(findings)
    lead = lead_lines(plan, read.tables, ledger, findings)
    (folder / "findings.json").write_bytes(findings_json(findings))
    (folder / "findings.html").write_bytes(findings_html(findings, f"{plan.id}: findings", lead))
    findings_xlsx(findings, folder / "findings.xlsx", declared)
    write_quarantine(stage, plan, read, ledger)
    sites = site_directory(plan.file, read.tables, read.identity)
    write_queries(folder, site_queries(findings, sites), declared)
    (folder / "accounting.json").write_bytes(accounting_json(ledger))
    (folder / "accounting.html").write_bytes(accounting_html(ledger))
    if ledger.cutoff:
        (folder / "data-cut.csv").write_bytes(data_cut_csv(ledger))


def write_quarantine(stage: Path, plan: PlannedStudy, read: Read, ledger: Ledger) -> None:
    """OUT/quarantine/<source>.csv for every source with rows that could not form a record."""
    for name, account in ledger.sources.items():
        rows = np.flatnonzero(account.outcome == QUARANTINED)
        if len(rows):
            columns = " and ".join(identifying(plan, name))
            to_do = (
                f"Correct {columns} in a copy of this file outside the output folder; build with --corrections FOLDER"
            )
            reasons = [account.reasons[r] for r in account.reason[rows]]
            (stage / "quarantine").mkdir(exist_ok=True)
            data = quarantine_csv(read.tables[name], rows, reasons, to_do)
            (stage / "quarantine" / f"{name}.csv").write_bytes(data)

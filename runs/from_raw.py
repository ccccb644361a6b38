"""The whole run: plan, read, build partitions, merge summaries, check, write; staged, then swapped in.

Not for parsing commands or printing (cli.py); building is in build_partitions.py, writing in write_outputs.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from .. import __version__
from ..engine.accounts.ledger import Ledger
from ..engine.building.continuity import continue_subjects
from ..engine.checks.check import check_study
from ..engine.checks.name_check import taken_name_message, taken_names
from ..engine.columns import column as col
from ..engine.derivations.choice_order import choice_orders
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.identity import identify
from ..engine.subjects.people import distinct_people
from ..errors import InputError, Place, SpecError, SpecProblem
from ..existing_sdtm.declared import not_made
from ..existing_sdtm.needs import absent_table
from ..findings.table import Findings
from ..linting.findings import report_conditions, report_empty_variables
from ..mappings.binding.bind import place_of
from ..mappings.loader import find_study, load_study
from ..output_folder.manifest import FileHash, package_versions, write_manifest
from ..output_folder.swap import OutputFolder
from ..sources.cell_parts import divide
from ..sources.options import SourceOptions, option_problems
from ..sources.quarantine import Corrections, apply_corrections
from ..sources.read import empty_table, read_source
from ..sources.reader import ParsedFiles
from ..sources.table import RawTable
from ..validation.raw.checks import examine, report_untold
from .build_partitions import build_partitions, plain_text
from .close_accounts import (
    account_cells,
    identifying,
    lead_lines,
    report_rows,
    report_unread_parts,
)
from .lineage_files import write_lineage
from .plan_study import plan_study
from .write_outputs import kind_of, write_kind, write_reports

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
    argv: tuple[str, ...] = ()  # the command, for the run log; () where none is kept


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
    given: list[str] = field(default_factory=list)  # a line on each dataset that was made elsewhere


@dataclass
class Read:
    """The raw data of a run."""

    tables: dict[str, RawTable]
    identity: dict[str, dict[str, pd.Series]]
    corrected: Corrections = field(default_factory=Corrections)
    shared: dict[str, np.ndarray] = field(default_factory=dict)  # source -> rows whose USUBJID two people would share


def build(study: str, raw: Path, out: Path, options: Options | None = None) -> Outcome:
    """Build a study from raw data into ``out``. Raises SpecError, InputError, OutputError; ``out`` then stays as is."""
    options = options or Options()
    root = find_study(study)
    loaded = load_study(root)
    plan, warnings = plan_study(loaded, headers_follow=True)
    if options.cutoff is not None:
        plan = plan.with_cutoff(options.cutoff)
    wanted = KINDS if not options.only else (options.only,)
    left: frozenset[str] = frozenset()
    if options.only == "sdtm":  # ADaM is planned, so that its mistakes are told, and is not built
        left = frozenset(n for n, d in plan.datasets.items() if d.kind != "sdtm")
        plan = replace(plan, datasets={n: d for n, d in plan.datasets.items() if n not in left})
    folder = OutputFolder(out, inputs=[p for p in (raw, root, options.corrections) if p is not None], argv=options.argv)
    folder.check_writable()
    with folder.stage() as stage:
        for note in folder.notes:
            options.say(note)
        findings = Findings()
        options.say(f"{plan.id}: reading {len(plan.file.sources)} raw sources")
        read = read_raw(plan, loaded.root, raw, findings, options.corrections)
        told = {n: identifying(plan, n) for n in read.tables}
        declared = declared_time(plan, options)
        examined = examine(plan, read.tables, read.identity, told, declared.date(), findings)
        report_conditions(plan, read.tables, findings)
        scratch = stage.path / "parts" if options.partitions > 1 else None
        if "adam" in wanted and (lacking := not_made(plan, findings)):
            raise InputError(
                f"ADaM reads {', '.join(lacking)}, and no spec of the study makes it of raw data; "
                "build with --only adam --sdtm DIR, or list it under inputs: {optional: [...]} of study.yaml"
            )
        built = build_partitions(
            plan,
            read.tables,
            read.identity,
            findings,
            partitions=options.partitions,
            say=options.say,
            void=examined.void,
            scratch=scratch,
            given={n: absent_table(d) for n, d in plan.inputs.items()},
            shared=read.shared,
        )
        ledger = built.ledger
        report_untold(examined, findings)
        for name, cells in read.corrected.cells.items():
            ledger.sources[name].corrected = read.corrected.rows[name], cells
        report_rows(plan, read.tables, ledger, findings)
        account_cells(plan, read.tables, read.identity, ledger, findings)
        report_empty_variables(plan, built.lineage, built.summary, ledger.cells, findings)
        problems = ledger.reconciled()
        if problems:
            raise InputError("the account does not reconcile: " + "; ".join(problems))
        given = {n: SourceOptions.of(s) for n, s in plan.file.sources.items()}
        with ThreadPoolExecutor(1) as pool:  # compression of the lineage runs beside the writing of XPT
            subjects = {n: parts["USUBJID"] for n, parts in read.identity.items() if "USUBJID" in parts}
            goes_on = plan.file.subject.continues
            traced = pool.submit(
                write_lineage,
                stage.path / "lineage",
                built.lineage,
                read.tables,
                told,
                given,
                subjects,
                options.raw_copy,
                (goes_on.source, goes_on.columns) if goes_on is not None else None,
                orders=choice_orders(plan, read.tables, read.identity, examined.void, built.lineage),
            )
            for kind in wanted:
                write_kind(stage.path, kind, plan, built, declared, options.say)
            write_reports(
                stage.path,
                loaded.root,
                plan,
                read.tables,
                read.identity,
                built,
                findings,
                declared,
                options.quality,
                options.say,
                left,
            )
            traced.result()
        built.stored.close()
        records = {n: r for n, r in built.summary.records.items() if kind_of(plan, n) in wanted}
        write_manifest(
            stage.path,
            study=plan.id,
            version=__version__,
            declared=declared.date(),
            inputs={
                f"raw/{path.relative_to(raw).as_posix()}": FileHash(sha256, path.stat().st_size)
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


def read_raw(plan: PlannedStudy, root: Path, raw: Path, findings: Findings, corrections: Path | None = None) -> Read:
    """All raw sources with their identity columns; every file that cannot be read is named before the run stops.

    ``corrections``: folder of corrected quarantine files, whose rows replace raw ones.
    """
    if not raw.is_dir():
        raise InputError(f"{raw}: there is no such folder of raw data")
    wrong = option_problems(plan.file.sources)
    if wrong:
        raise SpecError(wrong)
    tables: dict[str, RawTable] = {}
    problems: dict[str, Place] = {}  # said once of a file that several sources read
    parsed = ParsedFiles()
    for name, s in plan.file.sources.items():
        path = raw / s.file
        if s.optional and not path.exists():
            tables[name] = empty_table(name, path, s.file)
            findings.add("R2A-SRC-011", f"the optional source {name} is not in this data cut", file=s.file)
            continue
        try:
            tables[name] = read_source(name, raw, s, findings, parsed)
        except InputError as error:
            problems.setdefault(str(error), place_of(s, "file"))
    if problems:
        raise InputError("\n".join(f"{place.shown()}: {text}" for text, place in problems.items()))
    report_unread_parts(tables, findings)
    corrected = apply_corrections(corrections, tables, findings) if corrections is not None else Corrections()
    for name, s in plan.file.sources.items():
        try:
            tables[name] = divide(tables[name], s.cell_readers, findings)
        except InputError as error:
            problems.setdefault(str(error), place_of(s, "split" if s.split else "extract"))
    if problems:
        raise InputError("\n".join(f"{place.shown()}: {text}" for text, place in problems.items()))
    identity = {
        n: identify(t, plan.file.sources[n], plan.file, root, findings) if len(t.frame.columns) else _no_identity()
        for n, t in tables.items()
    }
    identity, shared = distinct_people(tables, identity, plan.file, findings, plain_text)
    identity = continue_subjects(tables, identity, plan.file, root, findings)
    headers = {n: [*map(str, t.frame.columns), *identity[n]] for n, t in tables.items() if t.present}
    wrong = [
        p for p in check_study(plan, headers, {n: t.unreadable for n, t in tables.items()}) if p.severity == "error"
    ]
    if wrong:
        raise SpecError(wrong)
    for name, header in headers.items():
        for column, means in taken_names(plan, name, header):
            message = taken_name_message(name, column, means)
            findings.add("R2A-COL-002", message, source=name, file=tables[name].file, column=column)
    return Read(tables, identity, corrected, shared)


def _no_identity() -> dict[str, pd.Series]:
    return {n: col.constant("", 0) for n in ("USUBJID", "SUBJID", "SITEID", "STUDYID")}


def declared_time(plan: PlannedStudy, options: Options) -> dt.datetime:
    """The run's declared date: --as-of, else the study's as_of, else its cut-off, else today."""
    day = options.as_of or plan.file.study.as_of or plan.file.study.cutoff or dt.date.today()
    return dt.datetime(day.year, day.month, day.day)

"""The command raw2adam lint: all problems of a study at once, with the raw data or without.

Not for parsing the command line or printing (commands/). A build over no rows finds the problems that only a running
build shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ..engine.building.continuity import continue_subjects
from ..engine.building.partitions import open_ledger
from ..engine.building.study_build import StudyBuild
from ..engine.checks.check import check_study
from ..engine.columns import column as col
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.identity import identify
from ..engine.tables.dataset import Dataset
from ..engine.tables.table import ExistingDatasetTable, RawSlice, Table
from ..errors import InputError, SpecError, SpecProblem
from ..existing_sdtm.needs import absent_table
from ..findings.table import Findings
from ..linting.conditions import Asked, but, never_filled, of_table
from ..linting.grades import grade_problems
from ..linting.headers import header_problems
from ..linting.known_texts import KnownTexts
from ..linting.maps import code_problems, map_problems
from ..linting.texts import RawCells
from ..mappings.binding.bind import place_of
from ..mappings.binding.written_expressions import Written, written_expressions
from ..mappings.loader import LoadedStudy, find_study, load_study
from ..sdtm.supplemental import supplemental_dataset
from ..sources.cell_parts import divide
from ..sources.options import option_problems
from ..sources.read import empty_table, read_source
from ..sources.reader import ParsedFiles
from ..sources.table import RawTable
from ..validation.quality.check_files import CheckSpec, written_checks
from ..validation.quality.source_tables import SourceTables
from ..validation.quality.study_checks import read_checks
from ..validation.raw.checks import declaration_problems
from .plan_study import examine_study
from .review import open_entries, unknown_rules


@dataclass
class _Raw:
    """The raw files as far as they can be read."""

    tables: dict[str, RawTable] = field(default_factory=dict)
    identity: dict[str, dict[str, pd.Series]] = field(default_factory=dict)
    problems: list[SpecProblem] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, list[str]]:
        return {n: [*map(str, t.frame.columns), *self.identity[n]] for n, t in self.tables.items() if t.present}


def problems_json(problems: Sequence[SpecProblem]) -> dict[str, Any]:
    """The problems as the JSON of ``lint --format json``, schema 1."""
    rows = [
        {
            "file": p.place.file,
            "path": p.place.path,
            "line": p.place.line,
            "column": p.place.column,
            "severity": p.severity,
            "dataset": p.dataset,
            "variable": p.variable,
            "message": p.message,
            "hint": p.hint,
        }
        for p in problems
    ]
    return {"schema": 1, "problems": rows}


def lint_study(study: str, raw: Path | None = None) -> list[SpecProblem]:
    """All problems of a study, in the order of its files. Raises UsageError where there is no such study or folder."""
    loaded = load_study(find_study(study))
    plan, problems = examine_study(loaded, headers_follow=raw is not None)
    problems += option_problems(plan.spec.sources)
    read = _read(plan, loaded, raw) if raw is not None else None
    data: RawCells | None = None
    if read is not None:
        problems += read.problems
        problems += check_study(plan, read.headers, {n: t.unreadable for n, t in read.tables.items()})
        # a declaration of a name that several columns have is for each of them
        columns = {n: [*map(str, t.frame.columns), *t.doubled] for n, t in read.tables.items() if t.present}
        problems += header_problems(plan, columns)
        present = {n: t for n, t in read.tables.items() if t.present and n in read.identity}
        problems += declaration_problems(plan, present, read.identity)
        data = RawCells(present)
    built: dict[str, Dataset] = {}
    if read is not None and not any(p.severity == "error" for p in problems):
        built, found = _dry_run(plan, read)
        problems += found
    problems += unknown_rules(loaded.dispositions) + open_entries(loaded.dispositions)
    checks, found = _checks(plan, loaded, built, read)
    problems += found
    known = KnownTexts(plan, data)
    problems += [n.problem for n in never_filled(known)]
    problems += [n.problem for n in never_filled(known, _of_checks(known, checks))]
    problems += grade_problems(known)
    if read is not None:
        labels = {n: t.value_labels for n, t in read.tables.items()}
        problems += map_problems(known, labels) + code_problems(known)
    return _sorted(problems)


def _sorted(problems: list[SpecProblem]) -> list[SpecProblem]:
    """The distinct problems in the order of the files; of two that differ in severity alone, the worse one."""
    every = sorted(problems, key=lambda p: p.severity)
    distinct: dict[tuple[object, str, str, str], SpecProblem] = {}
    for p in every:
        distinct.setdefault((p.place, p.dataset, p.variable, p.message), p)
    return sorted(distinct.values(), key=lambda p: (p.place.file, p.place.line, p.place.column, p.message))


def _read(plan: PlannedStudy, loaded: LoadedStudy, raw: Path) -> _Raw:
    if not raw.is_dir():
        raise InputError(f"{raw}: there is no such folder of raw data")
    out, findings, parsed = _Raw(), Findings(), ParsedFiles()
    wrong = {n for n, s in plan.spec.sources.items() if option_problems({n: s})}
    for name, source in plan.spec.sources.items():
        path = raw / source.file
        if source.optional and not path.exists():
            out.tables[name] = empty_table(name, path, source.file)
            continue
        if name in wrong:
            continue
        try:
            table = read_source(name, raw, source, findings, parsed)
        except InputError as error:
            out.problems.append(SpecProblem(place_of(source, "file"), str(error)))
            continue
        try:
            table = divide(table, source.cell_readers, Findings())
        except InputError as error:
            out.problems.append(SpecProblem(place_of(source, "split" if source.split else "extract"), str(error)))
        if not len(table.frame.columns):  # a file of 0 bytes: the columns that rules read are reported below
            out.tables[name] = table
            continue
        try:
            out.identity[name] = identify(table, source, plan.spec, loaded.root, findings)
            out.tables[name] = table
        except SpecError as error:
            out.problems += error.problems
    missing = set(plan.spec.sources) - set(out.tables)
    for name in missing:  # the file is reported, so its columns are not
        out.tables[name] = empty_table(name, raw / plan.spec.sources[name].file, plan.spec.sources[name].file)
    for name, table in out.tables.items():
        if name not in out.identity:
            out.identity[name] = {n: col.constant("", 0) for n in ("USUBJID", "SUBJID", "SITEID", "STUDYID")}
        elif not table.present:
            out.identity.pop(name)
    try:
        continue_subjects(out.tables, out.identity, plan.spec, loaded.root, findings)
    except SpecError as error:
        out.problems += error.problems
    return out


def _dry_run(plan: PlannedStudy, read: _Raw) -> tuple[dict[str, Dataset], list[SpecProblem]]:
    """A build over the headers, without a row: its datasets, and the problems that only running rules show."""
    raw: dict[str, RawTable] = {}
    identity: dict[str, dict[str, pd.Series]] = {}
    for name, source in plan.spec.sources.items():
        table = read.tables[name]
        raw[name] = RawTable(
            name, table.path, table.sha256, table.frame.iloc[:0], table.record[:0], table.line[:0],
            present=table.present,
        )  # fmt: skip
        identified = read.identity.get(name, {})
        names = () if source.subject == "none" else identified or ("USUBJID", "SUBJID", "SITEID", "STUDYID")
        identity[name] = {n: col.constant("", 0) for n in names}
    tables: dict[str, Table] = {n: RawSlice(t, identity[n]) for n, t in raw.items()}
    tables |= {n: ExistingDatasetTable(absent_table(d)) for n, d in plan.inputs.items()}
    ledger = open_ledger(raw, identity, frozenset())[0]
    try:
        finished = StudyBuild(plan, tables, ledger, Findings(), supplemental_dataset).run()
    except SpecError as error:
        return {}, error.problems
    return {n: done.dataset for n, done in finished.items()}, []


def _checks(
    plan: PlannedStudy, loaded: LoadedStudy, built: dict[str, Dataset], read: _Raw | None
) -> tuple[list[CheckSpec], list[SpecProblem]]:
    """The checks of the study, and their problems against the datasets that the specs build and the raw columns."""
    paths = sorted((loaded.root / "checks").glob("[!.]*.yaml"))
    if not paths:
        return [], []
    written, problems = written_checks(paths, loaded.root)
    planned = {**plan.datasets, **plan.inputs}
    datasets = {n: built[n] if n in built else absent_table(d).dataset for n, d in planned.items()} | built
    absent = [n for name in plan.datasets if (n := f"SUPP{name}") not in datasets]
    sources = SourceTables(plan, read.tables, read.identity) if read is not None else {}
    absent += [n for n in plan.spec.sources if n not in sources]
    found = read_checks(paths, datasets, root=loaded.root, planned=absent, codelists=plan.codelists, sources=sources)[1]
    return written, problems + found


def _of_checks(known: KnownTexts, checks: list[CheckSpec]) -> Iterator[Asked]:
    """The conditions of the checks of the study."""
    for check in checks:
        asked, lookups = of_table(known, check.table), frozenset(check.with_)
        for key in ("fails", "where"):
            text = getattr(check, key)
            if text is not None:
                yield Asked(Written(check, key, (), text), but(asked, lookups), check.table)
        for lookup in (*check.with_.values(), *((check.exists,) if check.exists is not None else ())):
            for written in written_expressions(lookup):
                yield Asked(written, of_table(known, lookup.table), check.table)

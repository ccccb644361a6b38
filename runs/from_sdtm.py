"""ADaM from SDTM that was made elsewhere: read a folder, check it against the specs, build, check, write.

Not for a build from raw data (from_raw.py), for what ADaM reads (existing_sdtm/needs.py) nor for the account of the
given datasets (existing_sdtm/accounts.py).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import __version__
from ..engine.building.stored_partitions import WholeDatasets
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import Dataset
from ..engine.tables.existing import GivenFile, GivenTable
from ..engine.tables.source_places import WayBack
from ..errors import InputError
from ..existing_sdtm.accounts import given_account, given_accounting_html, given_accounting_json
from ..existing_sdtm.adam_tables import tables_read
from ..existing_sdtm.checks import check_cutoff, check_study, check_terms, usable_records
from ..existing_sdtm.domains import GivenDomains, files_of, given_domains
from ..existing_sdtm.needs import Needs, needs_of, only_adam
from ..findings.table import Findings
from ..linting.findings import report_conditions_on_given, report_empty_variables
from ..mappings.loader import find_study, load_study
from ..output_folder.manifest import FileHash, hash_file, package_versions, write_manifest
from ..output_folder.swap import OutputFolder
from ..transport.dataset_files import find_datasets, read_dataset
from ..validation.quality.run import add_findings
from ..validation.quality.study_checks import study_checks
from ..validation.reports.finding_places import place_findings
from ..validation.reports.findings import findings_html, findings_json, findings_xlsx
from .build_partitions import Built, build_partitions
from .from_raw import Options, Outcome, declared_time
from .lineage_files import write_lineage
from .plan_study import plan_study
from .write_outputs import write_kind

_PLAIN_NAME = re.compile(r"[^\x00-\x1f\x7f\\/]+")


@dataclass
class Given:
    """The given SDTM of a run. ``whole``: as read, qualifiers merged; ``tables``: what ADaM reads of it, by domain."""

    whole: GivenDomains
    tables: dict[str, GivenTable]
    needs: Needs


def build_from_sdtm(study: str, sdtm: Path, out: Path, options: Options | None = None) -> Outcome:
    """Build the ADaM datasets of a study from the SDTM datasets in a folder into ``out``.

    Raises SpecError, InputError (what cannot be read, what is required and absent, variables of the wrong type, a
    subject twice in DM) and OutputError; ``out`` then stays as it is.
    """
    options = options or Options()
    root = find_study(study)
    loaded = load_study(root)
    plan, warnings = plan_study(loaded)
    if options.cutoff is not None:
        plan = plan.with_cutoff(options.cutoff)
    folder = OutputFolder(out, inputs=[sdtm, root], argv=options.argv)
    folder.check_writable()
    with folder.stage() as stage:
        for note in folder.notes:
            options.say(note)
        findings = Findings()
        options.say(f"{plan.id}: reading SDTM datasets")
        given = read_given(plan, sdtm, findings)
        declared = declared_time(plan, options)
        adam = only_adam(plan)
        report_conditions_on_given(plan, adam, given.tables, findings)
        built = build_partitions(
            adam,
            {},
            {},
            findings,
            partitions=options.partitions,
            say=options.say,
            scratch=stage.path / "parts" if options.partitions > 1 else None,
            given=given.tables,
        )
        report_empty_variables(adam, built.lineage, built.summary, built.ledger.cells, findings, given.tables)
        account = given_account(given.whole, given.tables, given.needs, built.lineage, built.summary.records)
        if account["problems"]:
            raise InputError("the account does not reconcile: " + "; ".join(account["problems"]))
        copied = {n: given.whole.domains[n] for n, t in given.tables.items() if t.present}
        write_lineage(
            stage.path / "lineage", built.lineage, {}, {}, {}, {}, options.raw_copy,
            given=copied, supplemental=given.whole.supplemental,
        )  # fmt: skip
        write_kind(stage.path, "adam", adam, built, declared, options.say)
        _write_reports(stage.path, loaded.root, plan, given, built, findings, declared, options, account)
        built.stored.close()
        files = files_of(given.whole.domains, given.whole.supplemental)
        write_manifest(
            stage.path,
            study=plan.id,
            version=__version__,
            declared=declared.date(),
            inputs={f"sdtm/{f.name}": FileHash(f.sha256, f.bytes) for f in files},
            specs=loaded.specs,
            packages=package_versions(),
            counts={"records": built.summary.records, "rows": {f.name: {"records": f.records} for f in files}},
            findings={s: findings.count(s) for s in ("error", "warning", "note")},
            options={
                "only": "adam",
                "from": "sdtm",
                "raw_copy": options.raw_copy,
                "cutoff": options.cutoff.isoformat() if options.cutoff else "",
            },
        )
    told = _lines(account["given"])
    return Outcome(plan.id, out, dict(built.summary.records), findings, built.ledger, [], warnings, told)


def read_given(plan: PlannedStudy, folder: Path, findings: Findings) -> Given:
    """The SDTM of a folder as the tables that the ADaM datasets of ``plan`` read, checked. Raises InputError."""
    needs = needs_of(plan)
    whole = given_domains(read_files(folder), findings)
    tables = tables_read(needs, whole.domains, whole.supplemented, findings)
    tables = usable_records(tables, findings)
    check_study(whole.domains.values(), plan.id, findings)
    for name, table in tables.items():
        conditions = {v: set(texts) for (d, v), texts in needs.named.items() if d == name}
        check_terms(table, conditions, needs.read_columns(name), findings)
        if plan.file.study.cutoff is not None:
            check_cutoff(table, plan.file.study.cutoff, findings)
    return Given(whole, tables, needs)


def read_files(folder: Path) -> list[tuple[GivenFile, Dataset]]:
    """Every dataset in a folder, in order of its name. InputError names all files that cannot be read."""
    read: list[tuple[GivenFile, Dataset]] = []
    problems: list[str] = []
    for path in find_datasets(folder).values():
        if not _PLAIN_NAME.fullmatch(path.name):
            problems.append(f"{str(path)!r}: a file name with a backslash or control character; rename it")
            continue
        try:
            read.append(_read_file(path))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    return read


def _read_file(path: Path) -> tuple[GivenFile, Dataset]:
    try:
        hashed = hash_file(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    dataset = read_dataset(path)
    return GivenFile(path.name, hashed.sha256, hashed.bytes, dataset.name, len(dataset)), dataset


def _write_reports(
    stage: Path,
    root: Path,
    plan: PlannedStudy,
    given: Given,
    built: Built,
    findings: Findings,
    declared: dt.datetime,
    options: Options,
    account: dict[str, Any],
) -> None:
    """Findings and the account of the given datasets."""
    folder = stage / "reports"
    folder.mkdir()
    made = WholeDatasets(built.stored)
    datasets = {**{n: t.dataset for n, t in given.tables.items()}, **{n: made[n] for n in made}}
    checks = sorted((root / "checks").glob("*.yaml"))
    if checks:
        left = [n for n in plan.datasets if n not in datasets]  # no rule reads them: they were not looked into
        checked = study_checks(checks, datasets, root=root, planned=left, expectations=options.quality)
        add_findings(checked, findings, datasets=datasets)
    place_findings(findings, datasets, WayBack(built.lineage, datasets, {}, {}, given.tables))
    findings.drop_superseded()
    (folder / "findings.json").write_bytes(findings_json(findings))
    (folder / "findings.html").write_bytes(findings_html(findings, f"{plan.id}: findings", []))
    findings_xlsx(findings, folder / "findings.xlsx", declared)
    (folder / "accounting.json").write_bytes(given_accounting_json(account))
    (folder / "accounting.html").write_bytes(given_accounting_html(account, f"{plan.id}: accounts of the given SDTM"))


def _lines(given: list[dict[str, Any]]) -> list[str]:
    """The given datasets in the summary: a line on each that is read, and one on all others."""
    lines = []
    for d in given:
        if d["supplemental"]:
            told = " + ".join(f"{n} {what}" for what, n in d["outcomes"].items()) or "none"
            lines.append(f"{d['dataset']} ({d['file']}): {d['records']} records = {told}")
        elif d["read"]:
            left = f" ({d['feed_nothing']} feed nothing)" if d["feed_nothing"] else ""
            lines.append(f"{d['dataset']} ({d['file']}): {d['records']} records{left} for {', '.join(d['used_by'])}")
    others = [f"{d['dataset']} {d['records']}" for d in given if not d["read"]]
    return [*lines, *([f"read by no ADaM rule: {', '.join(others)}"] if others else [])]


def same_files(files: list[GivenFile], folder: Path) -> GivenDomains:
    """The given SDTM read again, for a trace. Raises InputError where a file is not the one that was built from."""
    read = []
    for file in files:
        path = folder / file.name
        if not path.is_file():
            raise InputError(f"{path}: is not there; the build read it, and kept no copy")
        found, dataset = _read_file(path)
        if found.sha256 != file.sha256:
            raise InputError(f"{path}: has changed since the build (sha256 {file.sha256[:12]}...); it cannot be traced")
        read.append((found, dataset))
    read.sort(key=lambda pair: pair[0].dataset)
    return given_domains(read, Findings())

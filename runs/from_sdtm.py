"""A run that starts from existing SDTM: it reads a folder, checks it against the specs, builds ADaM.

Not for the stages that every run has (run.py), for a build from raw data (from_raw.py), for what ADaM reads
(existing_sdtm/needs.py) nor for the account of the existing datasets (existing_sdtm/accounts.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..engine.building.stored_partitions import WholeDatasets
from ..engine.columns import column as col
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.sites import Sites
from ..engine.tables.dataset import Dataset
from ..engine.tables.existing import ExistingDataset, ExistingFile
from ..engine.tables.source_places import WayBack
from ..errors import InputError
from ..existing_sdtm.accounts import (
    existing_account,
    existing_accounting_html,
    existing_accounting_json,
    record_balance,
)
from ..existing_sdtm.domains import files_of
from ..existing_sdtm.needs import only_adam
from ..linting.findings import report_conditions_on_existing, report_empty_variables
from ..output_folder.manifest import FileHash
from ..validation.reports.changes import CHANGES_PAGE, is_compared
from ..validation.reports.finding_places import place_findings
from ..validation.reports.finding_traces import traces_of
from ..validation.reports.front_page import Balance
from .build_partitions import build_partitions
from .define_texts import write_missing_texts
from .lineage_files import LineageFiles, write_lineage
from .options import Options
from .outcome import Outcome
from .read_existing import DEFINE, ExistingSdtm, read_existing
from .run import Run
from .write_findings import findings_page, linked_head, write_findings
from .write_outputs import write_kind


def build_from_sdtm(study: str, sdtm: Path, out: Path, options: Options | None = None) -> Outcome:
    """Build the ADaM datasets of a study from the SDTM datasets in a folder into ``out``.

    Raises SpecError, InputError (a file that cannot be read, a required dataset or variable that is absent, a variable
    of the wrong type, a subject twice in DM) and OutputError; ``out`` then does not change.
    """
    return SdtmRun(study, sdtm, out, options).execute()


class SdtmRun(Run):
    """A run that starts from the SDTM datasets in the folder ``sdtm`` and builds ADaM."""

    coded_kinds = ("adam",)
    #: read
    existing: ExistingSdtm
    #: examine
    adam: PlannedStudy
    #: settle
    account: dict[str, Any]

    def __init__(self, study: str, sdtm: Path, out: Path, options: Options | None = None):
        super().__init__(study, out, options)
        self.sdtm = sdtm

    @property
    def inputs(self) -> list[Path]:
        return [self.sdtm]

    @property
    def existing_lengths(self) -> Mapping[str, int]:
        return self.existing.lengths

    def read(self) -> None:
        self.options.say(f"{self.plan.id}: reading SDTM datasets")
        self.existing = read_existing(self.plan, self.sdtm, self.findings)

    def examine(self) -> None:
        """Report texts that conditions of the ADaM specs name and that this SDTM cannot have."""
        self.adam = only_adam(self.plan)
        report_conditions_on_existing(self.plan, self.adam, self.existing.tables, self.findings)

    def build(self) -> None:
        self.built = build_partitions(
            self.adam,
            {},
            {},
            self.findings,
            partitions=self.options.partitions,
            say=self.options.say,
            scratch=self.scratch,
            existing=self.existing.tables,
            lengths=self.existing.lengths,
        )

    def settle(self) -> None:
        built, existing = self.built, self.existing
        cells = built.ledger.cells
        report_empty_variables(self.adam, built.lineage, built.summary, cells, self.findings, existing.tables)
        self.account = existing_account(
            existing.whole, existing.tables, existing.needs, built.lineage, built.summary.records
        )
        if self.account["problems"]:
            raise InputError("the account does not reconcile: " + "; ".join(self.account["problems"]))

    def write(self) -> None:
        existing = self.existing
        lineage = LineageFiles(
            lineage=self.built.lineage,
            raw_copy=self.options.raw_copy,
            existing={n: existing.whole.domains[n] for n, t in existing.tables.items() if t.present},
            supplemental=existing.whole.supplemental,
            dictionaries=self.plan.dictionaries,
        )
        write_lineage(self.stage / "lineage", lineage)
        write_kind(
            self.stage,
            "adam",
            self.adam,
            self.built,
            declared=self.declared,
            say=self.options.say,
            documents=self.documents,
            formats=self.formats,
            layout=self.layout,
            existing=self.existing.lists,
        )
        self.check_package()
        self._write_reports()
        write_missing_texts(self.stage, self.adam, self.layout, self.options.say)
        self.write_analyses()
        self.built.stored.close()

    def start_words(self) -> list[str]:
        return ["--only adam --sdtm SDTM"]

    def balance(self) -> Balance:
        return record_balance(self.account)

    def start(self) -> dict[str, str]:
        return {"only": "adam", "from": "sdtm"}

    def files_read(self) -> dict[str, FileHash]:
        found = {f"sdtm/{f.name}": FileHash(f.sha256, f.bytes) for f in self._files()}
        return found | ({f"sdtm/{DEFINE}": self.existing.define} if self.existing.define is not None else {})

    def rows_read(self) -> dict[str, Any]:
        counts: dict[str, int] = {}
        for f in self._files():
            counts[f.name] = counts.get(f.name, 0) + f.records
        return {name: {"records": count} for name, count in counts.items()}

    def records(self) -> dict[str, int]:
        return dict(self.built.summary.records)

    def outcome(self) -> Outcome:
        return replace(super().outcome(), existing=_lines(self.account["given"]))

    def _files(self) -> list[ExistingFile]:
        return files_of(self.existing.whole.domains, self.existing.whole.supplemental)

    def _write_reports(self) -> None:
        """Write the findings and the account of the existing datasets."""
        folder, findings, existing = self.stage / "reports", self.findings, self.existing.tables
        folder.mkdir()
        built = WholeDatasets(self.built.stored)
        datasets = {**{n: t.dataset for n, t in existing.items()}, **{n: built[n] for n in built}}
        superseded = self._run_checks(datasets)
        place_findings(findings, datasets, WayBack(self.built.lineage, datasets, {}, {}, existing))
        findings.drop_superseded(superseded)
        changes = (CHANGES_PAGE,) if is_compared(findings) else ()
        coming = ("reports/findings.html", *changes, "reports/accounting.html", *self.pages_to_come)
        head = linked_head(self.head, self.stage, coming)
        page = findings_page(head, _sites(existing), traces_of(self.built.lineage, self.built.specs, {}))
        write_findings(folder, findings, page, self.declared)
        (folder / "accounting.json").write_bytes(existing_accounting_json(self.account))
        accounts = existing_accounting_html(self.account, f"{self.plan.id}: accounts of the existing SDTM", head)
        (folder / "accounting.html").write_bytes(accounts)

    def _run_checks(self, datasets: Mapping[str, Dataset]) -> Mapping[str, Collection[str]]:
        """Run the checks of the study. Rule of a check -> rules whose finding about the same cell it replaces."""
        checks = sorted((self.loaded.root / "checks").glob("*.yaml"))
        if not checks:
            return {}
        from ..validation.quality.run import add_findings, superseding
        from ..validation.quality.study_checks import study_checks

        # no rule reads these datasets, so they were not read; and there are no raw sources
        absent = [*(n for n in self.plan.datasets if n not in datasets), *self.plan.spec.sources]
        checked = study_checks(
            checks,
            datasets,
            root=self.loaded.root,
            planned=absent,
            expectations=self.options.quality,
            codelists=self.plan.codelists,
        )
        add_findings(checked, self.findings, datasets=datasets)
        return superseding(checked)


def _sites(existing: Mapping[str, ExistingDataset]) -> Sites:
    """The sites of the subjects of DM."""
    dm = existing.get("DM")
    if dm is None or not {"USUBJID", "SITEID"} <= set(dm.dataset.frame.columns):
        return Sites()
    columns = (col.objects(dm.dataset.frame[n]).tolist() for n in ("USUBJID", "SITEID"))
    return Sites(subjects={str(s): (str(site), "") for s, site in zip(*columns, strict=True) if s})


def _lines(datasets: list[dict[str, Any]]) -> list[str]:
    """The existing datasets in the summary: a line on each that is read, and one on all others."""
    lines = []
    for d in datasets:
        if d["supplemental"]:
            outcomes = " + ".join(f"{n} {what}" for what, n in d["outcomes"].items()) or "none"
            lines.append(f"{d['dataset']} ({d['file']}): {d['records']} records = {outcomes}")
        elif d["read"]:
            unused = f" ({d['feed_nothing']} feed nothing)" if d["feed_nothing"] else ""
            lines.append(f"{d['dataset']} ({d['file']}): {d['records']} records{unused} for {', '.join(d['used_by'])}")
    others = [f"{d['dataset']} {d['records']}" for d in datasets if not d["read"]]
    return [*lines, *([f"read by no ADaM rule: {', '.join(others)}"] if others else [])]

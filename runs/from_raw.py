"""A run that starts from a raw export: all files become SDTM and ADaM, and every row and cell is accounted for.

Not for the stages that every run has (run.py), nor for parsing commands or printing (commands/).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..acrf.pdf import crf_pdf
from ..engine.derivations.choice_order import choice_orders
from ..errors import InputError
from ..existing_sdtm.declared import not_built
from ..existing_sdtm.needs import absent_table
from ..linting.findings import report_conditions, report_empty_variables, report_site
from ..output_folder.layout import KINDS
from ..output_folder.manifest import FileHash
from ..sources.options import SourceOptions
from ..validation.raw.checks import Examined, examine, report_unreported_dates
from ..validation.reports.front_page import Balance, row_balance
from .build_partitions import build_partitions
from .close_accounts import account_cells, identifying, report_rows
from .crf_letters import report_letters
from .define_texts import write_missing_texts
from .documents import DocumentFile, report_without_pages
from .drawn_crf import draw, font_of, generated_document, pages_of_values, with_pages
from .lineage_files import LineageFiles, write_lineage
from .lost_adverse_events import lead_lines
from .options import Options
from .outcome import Outcome
from .read_raw import Read, read_raw
from .run import Run
from .write_outputs import kind_of, write_kind
from .write_reports import RawReports, write_reports


def build(study: str, raw: Path, out: Path, options: Options | None = None) -> Outcome:
    """Build a study from raw data into ``out``. Raises SpecError, InputError, OutputError; ``out`` then stays."""
    return RawRun(study, raw, out, options).execute()


class RawRun(Run):
    """A run that starts from the folder ``raw``."""

    headers_follow = True
    reads_raw = True
    #: read
    raw_data: Read
    #: examine
    examined: Examined

    def __init__(self, study: str, raw: Path, out: Path, options: Options | None = None):
        super().__init__(study, out, options)
        self.raw = raw
        self.dictionary_folders = (raw,)
        self.wanted = (self.options.only,) if self.options.only else KINDS
        self.not_built: frozenset[str] = frozenset()

    @property
    def inputs(self) -> list[Path]:
        return [p for p in (self.raw, self.options.corrections) if p is not None]

    def plan_study(self) -> None:
        super().plan_study()
        if self.options.only == "sdtm":  # ADaM is planned, so that its mistakes are reported, but not built
            self.not_built = frozenset(n for n, d in self.plan.datasets.items() if d.kind != "sdtm")
            datasets = {n: d for n, d in self.plan.datasets.items() if n not in self.not_built}
            self.plan = replace(self.plan, datasets=datasets)

    def read(self) -> None:
        self.options.say(f"{self.plan.id}: reading {len(self.plan.spec.sources)} raw sources")
        self.raw_data = read_raw(self.plan, self.loaded.root, self.raw, self.findings, self.options.corrections)

    def draw_documents(self) -> None:
        """Draw the annotated CRF, if the study declares a generated one."""
        name = generated_document(self.plan)
        if name and "sdtm" in self.wanted:
            self.options.say(f"{self.plan.id}: drawing the annotated CRF")
            document = self.plan.spec.documents[name]
            drawn = draw(self.plan, self.raw_data.tables, document.title, font_of(self.loaded, document))
            report_letters(self.plan, drawn, self.findings)
            self.plan = with_pages(self.plan, drawn, name)
            self.documents[name] = DocumentFile.generated(document, crf_pdf(drawn.crf), pages_of_values(drawn))

    def examine(self) -> None:
        """Report findings on raw cells and on conditions; SDTM that ADaM reads must be planned."""
        raw = self.raw_data
        self.identifying = {n: identifying(self.plan, n) for n in raw.tables}
        self.examined = examine(
            self.plan, raw.tables, raw.identity, self.identifying, self.declared.date(), self.findings
        )
        report_conditions(self.plan, raw.tables, self.findings)
        if "adam" in self.wanted and (lacking := not_built(self.plan, self.findings)):
            raise InputError(
                f"ADaM reads {', '.join(lacking)}, and no spec of the study builds it from raw data; "
                "build with --only adam --sdtm DIR, or list it under inputs: {optional: [...]} of study.yaml"
            )

    def build(self) -> None:
        self.built = build_partitions(
            self.plan,
            self.raw_data.tables,
            self.raw_data.identity,
            self.findings,
            partitions=self.options.partitions,
            say=self.options.say,
            void=self.examined.void,
            scratch=self.scratch,
            existing={n: absent_table(d) for n, d in self.plan.inputs.items()},
            shared=self.raw_data.shared,
        )

    def settle(self) -> None:
        plan, raw, ledger, findings = self.plan, self.raw_data, self.built.ledger, self.findings
        report_unreported_dates(self.examined, findings)
        for name, cells in raw.corrected.cells.items():
            ledger.sources[name].corrected = raw.corrected.rows[name], cells
        report_rows(plan, raw.tables, ledger, findings)
        account_cells(plan, raw.tables, raw.identity, ledger, findings)
        report_empty_variables(plan, self.built.lineage, self.built.summary, ledger.cells, findings)
        report_site(plan, findings)
        if (name := generated_document(plan)) in self.documents:
            report_without_pages(self.built.specs, name, findings)
        problems = ledger.reconciled()
        if problems:
            raise InputError("the account does not reconcile: " + "; ".join(problems))

    def lineage_files(self) -> LineageFiles:
        """What the lineage of this run is written from."""
        plan, raw = self.plan, self.raw_data
        continues = plan.spec.subject.continues
        return LineageFiles(
            lineage=self.built.lineage,
            tables=raw.tables,
            identity=self.identifying,
            options={n: SourceOptions.of(s) for n, s in plan.spec.sources.items()},
            subjects=raw.subjects,
            raw_copy=self.options.raw_copy,
            continues=(continues.source, continues.columns) if continues is not None else None,
            enrolled=raw.enrolled,
            previous=raw.previous,
            dictionaries=plan.dictionaries,
            orders=choice_orders(plan, raw.tables, raw.identity, self.examined.void, self.built.lineage),
        )

    def reports(self) -> RawReports:
        """What the reports of this run are written from."""
        return RawReports(
            root=self.loaded.root,
            plan=self.plan,
            tables=self.raw_data.tables,
            identity=self.raw_data.identity,
            built=self.built,
            head=self.head,
            findings=self.findings,
            declared=self.declared,
            quality=self.options.quality,
            say=self.options.say,
            not_built=self.not_built,
            coming=self.pages_to_come,
            void=self.examined.void,
            data_docs=self.options.data_docs,
        )

    def write(self) -> None:
        with ThreadPoolExecutor(1) as pool:  # compression of the lineage runs beside the writing of datasets
            traced = pool.submit(write_lineage, self.stage / "lineage", self.lineage_files())
            for kind in self.wanted:
                write_kind(
                    self.stage,
                    kind,
                    self.plan,
                    self.built,
                    declared=self.declared,
                    say=self.options.say,
                    documents=self.documents,
                    formats=self.formats,
                    layout=self.layout,
                )
            self.check_package()
            write_reports(self.stage, self.reports())
            write_missing_texts(self.stage, self.plan, self.layout, self.options.say)
            traced.result()
        self.write_analyses()
        self.built.stored.close()

    def start_words(self) -> list[str]:
        return ["--raw RAW", *([f"--only {self.options.only}"] if self.options.only else [])]

    def balance(self) -> Balance:
        return row_balance(self.built.ledger)

    def start(self) -> dict[str, str]:
        return {"only": self.options.only}

    def files_read(self) -> dict[str, FileHash]:
        raw = {
            f"raw/{path.relative_to(self.raw).as_posix()}": FileHash(sha256, path.stat().st_size)
            for t in self.raw_data.tables.values()
            for path, sha256 in ({t.path: t.sha256} | t.companions).items()
            if t.present
        }
        return raw | {f"corrections/{n}": FileHash(*hashed) for n, hashed in self.raw_data.corrected.files.items()}

    def rows_read(self) -> dict[str, Any]:
        return {n: account.totals() for n, account in self.built.ledger.sources.items()}

    def records(self) -> dict[str, int]:
        return {n: r for n, r in self.built.summary.records.items() if kind_of(self.plan, n) in self.wanted}

    def outcome(self) -> Outcome:
        lead = lead_lines(self.plan, self.raw_data.tables, self.built.ledger, self.findings)
        return replace(super().outcome(), lead=lead)

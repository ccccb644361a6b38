"""One run: plan, read, examine, build, settle, write, record. Each start is a subclass: a raw export (from_raw.py) or
existing SDTM (from_sdtm.py).

Not for the work of a stage: building is in build_partitions.py, writing in write_outputs.py and write_reports.py. What
only some runs need (analyses, guides) is imported where they need it: the start takes a good part of a short run.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import __version__
from ..engine.building.stored_partitions import WholeDatasets
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import DatasetMetadata
from ..errors import InputError, SpecProblem
from ..findings.rule import SEVERITIES
from ..findings.table import Findings
from ..mappings.loader import find_study, load_study
from ..output_folder.installed import package_versions
from ..output_folder.layout import ECTD, KINDS, PLAIN, Layout, datasets_folders, layout_of
from ..output_folder.manifest import FileHash, hash_file, write_manifest
from ..output_folder.notice import NOTICE_FILE, notice_file, notice_text
from ..output_folder.swap import OutputFolder
from ..transport.agency_profiles import agency_profile
from ..transport.output_formats import chosen_formats, submitted
from ..validation.agency_rules import PackageFacts, check_package
from ..validation.rejection import Criterion, report_rejections
from ..validation.reports.front_page import Balance
from ..validation.reports.package import PACKAGE_PAGE
from ..validation.reports.run_head import RunHead
from .agency_files import check_files, refuse_metadata
from .build_partitions import Built
from .dictionaries import with_dictionaries
from .documents import DocumentFile, copy_miscellaneous, files_of_documents, find_documents, place_of_document
from .front_page import run_head, write_front_page
from .options import Options, command_words, declared_time
from .outcome import Outcome
from .package import pre_check, refuse_names, write_package
from .plan_study import plan_study
from .review import Earlier, Looked, review, study_entries
from .write_findings import linked_head
from .write_outputs import kind_of


class Run(ABC):
    """A run into an output folder.

    ``inputs``: folders and files that it reads, none of which OUT may replace. The stages share the attributes below;
    a stage sets its attributes.
    """

    #: plan
    plan: PlannedStudy
    declared: dt.datetime
    layout: Layout
    #: stage
    stage: Path
    #: read
    documents: dict[str, DocumentFile]
    dictionary_files: dict[str, Path]
    #: build
    built: Built
    #: write
    criteria: list[Criterion]

    def __init__(self, study: str, out: Path, options: Options | None):
        self.options = options or Options()
        self.profile = agency_profile(self.options.profile, self.options.max_file_size)
        self.splits: dict[str, Any] = {}  # dataset -> its split files, for the manifest
        self.formats = chosen_formats([submitted().name, *self.options.formats])
        self.out = out
        self.loaded = load_study(find_study(study))
        self.findings = Findings()
        self.warnings: list[SpecProblem] = []

    def execute(self) -> Outcome:
        """Run all stages. Raises SpecError, InputError, OutputError; OUT then does not change."""
        self.plan_study()
        with self.staged():
            self.review_findings()
            self.documents = find_documents(
                self.plan.spec.documents, self.loaded.root, self.options.documents, self.findings
            )
            if self.layout.name == ECTD:
                refuse_names((place_of_document(d.spec) for d in self.documents.values()), self.layout)
            self.read_dictionaries()
            self.read()
            self.draw_documents()
            self.examine()
            self.build()
            self.settle()
            self.check_metadata()
            self.write()
            copy_miscellaneous(self.documents, self.stage, self.layout)
            self.write_guides()
            self.write_package()
            self.write_front_page()
            self.record()
        return self.outcome()

    def plan_study(self) -> None:
        """Plan the study from its specs, with the cut-off of this run."""
        self.plan, self.warnings = plan_study(self.loaded, headers_follow=self.headers_follow)
        if self.options.cutoff is not None:
            self.plan = self.plan.with_cutoff(self.options.cutoff)
        self.declared = declared_time(self.plan, self.options)
        self.layout = layout_of(self.options.layout, self.plan.id)

    def review_findings(self) -> None:
        """Read findings.yaml and the findings of earlier outputs."""
        planned = {n for n, d in self.plan.datasets.items() if d.kind in self.wanted}
        looked = Looked(
            datasets=planned | {f"SUPP{n}" for n in planned},
            raw=self.reads_raw,
            every=len(self.wanted) == len(KINDS),
            quality=self.options.quality,
        )
        self.earlier = Earlier.of(self.out, self.options.compare)
        entries = study_entries(self.loaded, self.options.dispositions)
        self.findings.reviewed(review(entries, self.earlier.compared, looked))

    #: whether the run reads raw files
    reads_raw: bool = False
    #: the findings of earlier outputs
    earlier: Earlier

    def read_dictionaries(self) -> None:
        """Read the coding dictionaries that the planned rules use, and the coding files of the study."""
        chosen = self.options.dictionaries
        if chosen is not None and not chosen.is_dir():
            raise InputError(f"{chosen}: is not a folder; --dictionaries names the folder of the coding dictionaries")
        folders = [p for p in (chosen, *self.dictionary_folders, self.loaded.root) if p is not None]
        self.plan, self.dictionary_files = with_dictionaries(
            self.plan, folders, self.loaded.root, self.findings, self.coded_kinds, lenient=self.lenient
        )

    def check_metadata(self) -> None:
        """Refuse what no transport file can hold, of all datasets at once; report what the profile does not allow."""
        written = self.written()
        refuse_metadata(written.values())
        widths = self.built.summary.widths
        facts = PackageFacts(datasets=list(written.values()), widths=widths, lengths=self.existing_lengths)
        check_package(facts, self.profile, self.findings)

    def check_files(self) -> None:
        """Report the transport files that were written under the profile, and split those that are too large."""
        written = self.written()
        folders = {kind: folder for kind, (folder, _) in datasets_folders(self.stage, self.layout).items()}
        files = {n: folders[kind_of(self.plan, n)] / submitted().file(n) for n in written}
        self.splits = check_files(files, written, self.records(), self.profile, self.findings)

    def written(self) -> dict[str, DatasetMetadata]:
        """The datasets that the run writes: those with records."""
        records = self.records()
        return {name: spec for name, spec in self.built.specs.items() if records.get(name)}

    @contextmanager
    def staged(self) -> Iterator[None]:
        """Write into a stage beside OUT. At the end it replaces OUT; on an error it is removed without a trace."""
        also = [p for p in (self.options.documents, self.options.dictionaries) if p is not None]
        inputs = [*self.inputs, *also, self.loaded.root]
        folder = OutputFolder(self.out, inputs=inputs, argv=self.options.argv)
        with inputs_stay(inputs), folder.stage() as stage:
            self.stage = stage.path
            for note in folder.notes:
                self.options.say(note)
            yield

    @cached_property
    def head(self) -> RunHead:
        """The head of the pages of this run, without links: they depend on the pages that it writes."""
        specs = {f"specs/{name}": hash_file(file) for name, file in self.loaded.specs.items()}
        files = {**self.every_input(), **specs}
        return run_head(self.plan, self.declared, self.command(), files, notice_text(self.notice))

    #: the standards that the run writes
    wanted: tuple[str, ...] = ("adam",)

    @property
    def guides(self) -> tuple[str, ...]:
        """sdtm and adam, where the run drafts its guide: on request, and where it is a document of define.xml."""
        kinds = {d.kind for d in self.plan.datasets.values()}
        declared = {d.drafted for d in self.documents.values()}
        return tuple(k for k in self.wanted if k in kinds and (self.options.guides or k in declared))

    def every_input(self) -> dict[str, FileHash]:
        """The data and the documents that were read, by their name in the manifest."""
        dictionaries = {name: hash_file(path) for name, path in self.dictionary_files.items()}
        notice = {NOTICE_FILE: hash_file(self.notice)} if self.notice is not None else {}
        return self.files_read() | files_of_documents(self.documents) | dictionaries | self.earlier.files | notice

    def command(self) -> str:
        """The choices of the run as a command. Nothing of the machine, and nothing that changes no output."""
        formats = [form.name for form in self.formats]
        return " ".join(
            command_words(
                replace(self.options, profile=self.profile.name), self.start_words(), self.declared.date(), formats
            )
        )

    @property
    def pages_to_come(self) -> list[str]:
        """The pages that are written after the reports."""
        pages = []
        if self.guides:
            from ..guides.files import guide_page

            pages += map(guide_page, self.guides)
        if self.layout.name == ECTD:
            pages.append(PACKAGE_PAGE)
        if self.has_analyses:
            from .report import OBJECTIVES

            pages.append(OBJECTIVES)
        return pages

    @property
    def has_analyses(self) -> bool:
        """Whether the run computes the analyses of the study."""
        if not (self.options.report and "adam" in self.wanted and self.loaded.analyses):
            return False
        from .report import computed

        return computed(self.loaded.analyses)

    def write_analyses(self) -> None:
        """Compute the analyses from the finished datasets, and write their page and its files."""
        if not self.has_analyses:
            return
        from ..analyses.compute import compute_analyses
        from .report import write_analyses

        self.options.say(f"{self.plan.id}: tables and figures")
        whole = WholeDatasets(self.built.stored)
        found = compute_analyses(
            self.loaded.analyses,
            self.loaded.groups,
            lambda name: whole[name].frame if name in whole else None,
            study=self.plan.id,
            title=self.plan.spec.study.title or self.plan.id,
        )
        head = linked_head(self.head, self.stage, self.pages_to_come)
        write_analyses(self.stage, replace(found, notice=self.head.notice), head)

    def check_package(self) -> None:
        """Check and split the transport files, and check what an agency rejects, before the findings are written."""
        self.check_files()
        if self.layout.name == ECTD:
            self.criteria = pre_check(self.stage, self.layout, self.plan.id, self.profile.name)
            report_rejections(self.criteria, self.findings)

    def write_package(self) -> None:
        """Write the page and the checksums of the package, after all of its files."""
        if self.layout.name == ECTD:
            head = linked_head(self.head, self.stage, self.pages_to_come)
            write_package(self.stage, self.layout, self.plan.id, self.criteria, head)

    def write_guides(self) -> None:
        """Write drafts of the reviewer's guides, from the files that the stage has."""
        if not self.guides:
            return
        from ..guides.package import RunFacts
        from .guides import Stage, write_build_guides

        self.options.say(f"{self.plan.id}: drafts of reviewer's guides")
        facts = RunFacts(
            head=linked_head(self.head, self.stage, self.pages_to_come),
            packages=package_versions(),
            specs={name: hash_file(file).sha256 for name, file in self.loaded.specs.items()},
            splits={name: str(entry["text"]) for name, entry in self.splits.items()},
        )
        where = Stage(self.stage, self.layout, self.guides, self.documents)
        for done in write_build_guides(where, facts, self.plan.spec.guide):
            self.options.say(f"{self.plan.id}: {done.files[0].name} lacks {done.missing} texts of the team")

    @cached_property
    def notice(self) -> Path | None:
        """The file with the notice of the data, as of a synthetic export."""
        return notice_file(self.inputs[0])

    def write_front_page(self) -> None:
        """Write index.html and the notice of the data, after all other files but the manifest."""
        if self.notice is not None:
            (self.stage / NOTICE_FILE).write_bytes(self.notice.read_bytes())
        write_front_page(
            self.stage,
            self.head,
            plan=self.plan,
            specs=self.built.specs,
            records=self.records(),
            findings=self.findings,
            balance=self.balance(),
            layout=self.layout,
        )

    def record(self) -> None:
        """Write the manifest: the inputs, the versions, the counts of the outputs."""
        options = self.options
        write_manifest(
            self.stage,
            study=self.plan.id,
            version=__version__,
            declared=self.declared.date(),
            inputs=self.every_input(),
            specs=self.loaded.specs,
            packages=package_versions(),
            counts={
                "records": self.records(),
                "rows": self.rows_read(),
                **({"split": self.splits} if self.splits else {}),
            },
            findings={s: self.findings.count(s) for s in SEVERITIES},
            options={
                **self.start(),
                "raw_copy": options.raw_copy,
                "formats": [form.name for form in self.formats],
                "cutoff": options.cutoff.isoformat() if options.cutoff else "",
                **({"layout": options.layout} if options.layout != PLAIN else {}),
                "profile": self.profile.name,
                **({"max_file_size": self.profile.limit} if options.max_file_size else {}),
            },
        )

    def outcome(self) -> Outcome:
        """The result that the command prints."""
        return Outcome(
            study=self.plan.id,
            out=self.out,
            records=self.records(),
            findings=self.findings,
            ledger=self.built.ledger,
            warnings=self.warnings,
            kinds={name: kind_of(self.plan, name) for name in self.records()},
            waiting=self.built.waiting,
            before=self.earlier.replaced,
        )

    @property
    def scratch(self) -> Path | None:
        """The folder of finished partitions, where there are several."""
        return self.stage / "parts" if self.options.partitions > 1 else None

    #: further folders that may have the files of dictionaries
    dictionary_folders: tuple[Path, ...] = ()
    #: the datasets whose rules may code
    coded_kinds: tuple[str, ...] = KINDS
    #: whether coding dictionaries and coding files may be missing
    lenient: bool = False

    @property
    def existing_lengths(self) -> Mapping[str, int]:
        """Name -> length of the text variables of SDTM that the run reads and does not write."""
        return {}

    #: whether the headers of raw files are checked after the planning, so that the planning does not guess them
    headers_follow: bool = False

    @property
    @abstractmethod
    def inputs(self) -> list[Path]:
        """The folders and files that the run reads, beside the study."""

    @abstractmethod
    def read(self) -> None:
        """Read the inputs; name every file that cannot be read before the run stops."""

    def draw_documents(self) -> None:  # noqa: B027 - most runs draw none
        """Generate the documents that a build writes beside define.xml, and give their pages to the plan."""

    @abstractmethod
    def examine(self) -> None:
        """Check the inputs and report findings on them, before any record is built."""

    @abstractmethod
    def build(self) -> None:
        """Build the datasets, partition by partition."""

    @abstractmethod
    def settle(self) -> None:
        """Close the accounts. Raises InputError where they do not reconcile."""

    @abstractmethod
    def write(self) -> None:
        """Write lineage, datasets, define.xml and reports into the stage."""

    @abstractmethod
    def start_words(self) -> list[str]:
        """The words of the command that name the start of the run, with capitals for folders."""

    @abstractmethod
    def balance(self) -> Balance:
        """The rows or records that were read, by outcome, for the front page."""

    @abstractmethod
    def start(self) -> dict[str, str]:
        """The start of the run and the half that it writes, for the manifest."""

    @abstractmethod
    def files_read(self) -> dict[str, FileHash]:
        """The files that were read, for the manifest."""

    @abstractmethod
    def rows_read(self) -> Mapping[str, Any]:
        """Counts of the rows or records read, for the manifest."""

    @abstractmethod
    def records(self) -> dict[str, int]:
        """Dataset -> number of its records, for the datasets that the run writes."""


@contextmanager
def inputs_stay(inputs: Sequence[Path]) -> Iterator[None]:
    """Raise InputError for a file of ``inputs`` that disappears while the run is at work."""
    try:
        yield
    except FileNotFoundError as error:
        lost = Path(error.filename or "")
        if not any(lost == path or lost.is_relative_to(path) for path in inputs):
            raise
        raise InputError(f"{lost}: has disappeared during the run; restore it, and run again") from error

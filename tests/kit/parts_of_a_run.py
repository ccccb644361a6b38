"""Runs that write a part of their output, for tests that read that part alone: datasets, packages, the JSON of reports.

All stages before are those of every run. Not for builds that tests share (packs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from raw2adam.runs import from_raw, from_sdtm
from raw2adam.runs import write_findings as finding_files
from raw2adam.runs import write_reports as reports
from raw2adam.runs.run import Run
from raw2adam.runs.write_outputs import kind_of, write_kind
from raw2adam.runs.write_reports import write_reports
from raw2adam.transport.dataset_writer import FileContext
from raw2adam.transport.output_formats import write_dataset

#: what write_reports.py and write_findings.py call for the content of a report that nobody reads here
PAGES = ("accounting_html", "agreement_html", "quality_html")
PAGES_OF_FINDINGS = ("findings_csv", "findings_html")
OTHERS = ("form_words", "missing_picture", "profiles", "site_queries", "source_cells", "write_queries")


@contextmanager
def without_pages() -> Iterator[None]:
    """Pages, workbooks and the query list are not written; findings.json and accounting.json are."""
    nothing = dict.fromkeys(PAGES, lambda *_: b"") | dict.fromkeys(OTHERS, lambda *_, **__: None)
    of_findings = dict.fromkeys(PAGES_OF_FINDINGS, lambda *_: b"") | {"findings_xlsx": lambda *_: None}
    with mock.patch.multiple(reports, **nothing), mock.patch.multiple(finding_files, **of_findings):
        yield


class ReportsRun(from_raw.RawRun):
    """Writes findings.json, accounting.json, tables of CSV and quarantine/: no other reports, and no datasets."""

    def draw_documents(self) -> None:
        pass

    def write(self) -> None:
        self.write_datasets()
        with without_pages():
            write_reports(self.stage, self.reports())
        self.built.stored.close()

    def write_datasets(self) -> None:
        pass

    def write_guides(self) -> None:
        pass

    def write_front_page(self) -> None:
        pass


def write_transport_files(run: Run) -> None:
    """The transport files of a run, in its stage."""
    context = FileContext(declared=run.declared)
    for name, spec in run.built.specs.items():
        if records := run.built.summary.records[name]:
            folder = run.stage / kind_of(run.plan, name)
            folder.mkdir(exist_ok=True)
            frames = run.built.stored.frames(name)
            write_dataset(folder, spec, frames, records=records, context=context, formats=run.formats)
    run.check_files()


class PackagesRun(ReportsRun):
    """Writes all of sdtm/ and adam/ but the drafts of the reviewer's guides."""

    def draw_documents(self) -> None:
        from_raw.RawRun.draw_documents(self)

    def write_datasets(self) -> None:
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


class AdamRun(from_sdtm.SdtmRun):
    """From existing SDTM: writes the transport files of adam/ and no reports. The findings are in the outcome."""

    def write(self) -> None:
        write_transport_files(self)
        self.built.stored.close()

    def write_guides(self) -> None:
        pass

    def write_front_page(self) -> None:
        pass

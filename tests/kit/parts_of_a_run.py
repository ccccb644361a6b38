"""Runs that write a part of their output, for tests that read that part alone: the datasets, or the reports.

All stages before are those of every run. Not for builds that tests share (packs.py).
"""

from __future__ import annotations

from raw2adam.runs import from_raw
from raw2adam.runs.write_outputs import kind_of, write_reports
from raw2adam.transport.dataset_writer import FileContext
from raw2adam.transport.output_formats import write_dataset


class ReportsRun(from_raw.RawRun):
    """Writes reports/ and quarantine/: no datasets, define.xml, documents or lineage."""

    def draw_documents(self) -> None:
        pass

    def write(self) -> None:
        self.write_datasets()
        write_reports(self.stage, self.reports())
        self.built.stored.close()

    def write_datasets(self) -> None:
        pass

    def write_guides(self) -> None:
        pass

    def write_front_page(self) -> None:
        pass


class DatasetsRun(ReportsRun):
    """Writes the transport files too."""

    def write_datasets(self) -> None:
        context = FileContext(declared=self.declared)
        for name, spec in self.built.specs.items():
            if records := self.built.summary.records[name]:
                folder = self.stage / kind_of(self.plan, name)
                folder.mkdir(exist_ok=True)
                frames = self.built.stored.frames(name)
                write_dataset(folder, spec, frames, records=records, context=context, formats=self.formats)
        self.check_files()

"""Writes the files and pages of the findings, and links the head of a page to the others.

Not for the reports that only a build from raw data has (write_reports.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path

from ..engine.subjects.sites import Sites
from ..findings.table import Findings
from ..validation.reports.changes import changes_html, changes_page, is_compared
from ..validation.reports.finding_files import findings_csv, findings_json, findings_xlsx
from ..validation.reports.finding_traces import Traces
from ..validation.reports.findings import FindingsPage, findings_html
from ..validation.reports.run_head import PAGES, RunHead


def linked_head(head: RunHead, stage: Path, coming: Collection[str]) -> RunHead:
    """The head with links to the pages that are in the stage, and to the ``coming`` ones, which the run writes next."""
    return head.linked([p for p in PAGES if p in coming or (stage / p).is_file()])


def findings_page(head: RunHead, sites: Sites, traces: Traces, lead: Sequence[str] = ()) -> FindingsPage:
    """What findings.html shows beside the findings. ``lead``: its first lines; ``sites``: of rows and subjects."""
    return FindingsPage(title=f"{head.study}: findings", lead=lead, head=head, sites=sites, traces=traces)


def write_findings(folder: Path, findings: Findings, page: FindingsPage, declared: dt.datetime) -> None:
    """findings.json, .csv, .html and .xlsx, and changes.html of a run that was compared with an earlier output."""
    from concurrent.futures import ThreadPoolExecutor

    findings.report_entries()
    (folder / "findings.json").write_bytes(findings_json(findings))
    with ThreadPoolExecutor(max_workers=1) as beside:  # the workbook is compressed while the other files are written
        workbook = beside.submit(findings_xlsx, findings, folder / "findings.xlsx", declared)
        (folder / "findings.csv").write_bytes(findings_csv(findings))
        (folder / "findings.html").write_bytes(findings_html(findings, page))
        if is_compared(findings):
            (folder / "changes.html").write_bytes(changes_html(findings, changes_page(page)))
        workbook.result()

"""The head of the pages of a run and its front page, from the plan, the options and the files of the stage.

Not for the layout of a page (validation/reports/).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import __version__
from ..define.page import Anchors
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import DatasetMetadata
from ..findings.table import Findings
from ..output_folder.layout import Layout
from ..output_folder.manifest import FileHash, files_of
from ..validation.reports.front_page import Balance, DatasetLine, FrontPage, front_page
from ..validation.reports.run_head import FRONT_PAGE, PAGES, RunHead, fingerprint
from .write_outputs import kind_of


def run_head(
    plan: PlannedStudy, declared: dt.datetime, command: str, files: Mapping[str, FileHash], notice: str = ""
) -> RunHead:
    """The head of every page of a run. ``files``: the inputs and specs that were read; ``notice``: of the data."""
    info = plan.spec.study
    return RunHead(
        study=info.id,
        title=info.title,
        version=__version__,
        as_of=declared.date().isoformat(),
        cutoff=info.cutoff.isoformat() if info.cutoff else "",
        command=command,
        fingerprint=fingerprint({name: f.sha256 for name, f in files.items()}),
        notice=notice,
    )


def write_front_page(
    stage: Path,
    head: RunHead,
    *,
    plan: PlannedStudy,
    specs: Mapping[str, DatasetMetadata],
    records: Mapping[str, int],
    findings: Findings,
    balance: Balance,
    layout: Layout,
) -> None:
    """Write index.html, which links every file that is in ``stage``. All other files but the manifest exist then."""
    files = {name: (stage / name).stat().st_size for name in files_of(stage)}
    page = FrontPage(
        head=head.linked([p for p in PAGES if p in files]),
        datasets=_datasets(plan, specs, records, files),
        findings=findings,
        balance=balance,
        files=files,
        layout=layout,
    )
    (stage / FRONT_PAGE).write_bytes(front_page(page))


def _datasets(
    plan: PlannedStudy, specs: Mapping[str, DatasetMetadata], records: Mapping[str, int], files: Mapping[str, int]
) -> Sequence[DatasetLine]:
    lines = []
    for name, count in records.items():
        kind = kind_of(plan, name)
        page = f"{kind}/define.html"
        lines.append(
            DatasetLine(
                kind=kind,
                name=name,
                label=specs[name].label,
                records=count,
                definition=f"{page}#{Anchors().add('dataset', f'IG.{name}')}" if page in files else "",
            )
        )
    return lines

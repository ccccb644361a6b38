"""The report of computed analyses in an output folder: the page, all results, and of each display tables and figure.

Not for computing anything, nor for the swap of the output folder.
"""

from __future__ import annotations

from pathlib import Path

from ..analyses.results import ComputedAnalyses
from ..validation.reports.run_head import RunHead
from .ars import ars_bytes
from .csv_table import csv_bytes
from .figures.draw import figure_of
from .page import PAGE, objectives_html
from .rtf_table import rtf_bytes

FOLDER = "reports/analyses"
#: all results, for programs
RESULTS = "reports/analyses.json"


def write_report(
    stage: Path,
    analyses: ComputedAnalyses,
    *,
    head: RunHead | None = None,
    mask_below: int = 0,
    figures: bool = True,
) -> list[str]:
    """Write the page, the results and the files of each display below ``stage``; returns their paths in it.

    ``mask_below``: what masked the counts of ``analyses``. Then no single subject is shown; 0 masks nothing.
    ``figures``: whether the figures are drawn.
    """
    folder = stage / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    subjects = None if mask_below else analyses.subjects
    found = ((d.id, figure_of(d, subjects, analyses.notice)) for d in analyses.displays) if figures else ()
    drawn = {name: figure for name, figure in found if figure is not None}
    files: dict[str, list[str]] = {d.id: [] for d in analyses.displays}

    def write(display: str, suffix: str, content: bytes) -> None:
        path = f"{FOLDER}/{display}.{suffix}"
        (stage / path).write_bytes(content)
        files[display].append(path)

    for display in analyses.displays:
        write(display.id, "csv", csv_bytes(display))
        write(display.id, "rtf", rtf_bytes(display, analyses))
        if display.id in drawn:
            write(display.id, "svg", drawn[display.id].svg)
            write(display.id, "png", drawn[display.id].png)
    everywhere = {"": [RESULTS], **files}
    page = objectives_html(analyses, head, figures=drawn, files=everywhere, mask_below=mask_below)
    (stage / PAGE).write_bytes(page)
    (stage / RESULTS).write_bytes(ars_bytes(analyses, head, files))
    return [PAGE, RESULTS, *(path for paths in files.values() for path in paths)]

"""The command raw2adam diff: the request, the comparison, the reports.

Not for parsing the command line (commands/).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import OutputError
from .accepted import AcceptedDifferences, read_accepted
from .compare_files import compare_files
from .compare_runs import compare_runs
from .html_report import html_report
from .json_report import json_report
from .keys import KeySources, option_keys, study_keys
from .options import Options
from .run_folder import is_run
from .run_page import run_page
from .run_report import run_json, run_text
from .text_report import text_report


@dataclass(frozen=True)
class DiffRequest:
    """The options of the command, by the names they have there."""

    base: Path
    compare: Path
    keys: tuple[str, ...] = ()
    study: str = ""
    only: tuple[str, ...] = ()
    criterion: float = 1e-8
    relative: bool = False
    ignore: frozenset[str] = frozenset()
    accept: Path | None = None
    html: Path | None = None
    json: Path | None = None
    limit: int = 100
    show: int = 20
    encoding: str = ""
    format: str = "text"

    @property
    def of_runs(self) -> bool:
        """Whether both sides are outputs with lineage, and no option of the comparison of files is used."""
        of_files = self.keys or self.study or self.accept or self.ignore or self.encoding
        return not of_files and is_run(self.base) and is_run(self.compare)


def run_diff(request: DiffRequest) -> tuple[bool, str]:
    """(whether every difference is accepted, text to print). Writes the HTML and JSON of the request.

    Everything about the request is checked before a dataset is read. Raises UsageError, SpecError, InputError, and
    OutputError where a report cannot be written.
    """
    options = Options(request.criterion, request.relative, request.ignore, request.limit)
    if request.of_runs:
        return _run_diff_of_runs(request, options)
    named, everywhere = option_keys(request.keys)
    keys = KeySources(named, everywhere, study_keys(request.study) if request.study else {})
    accepted = read_accepted(request.accept) if request.accept else AcceptedDifferences()
    comparison = compare_files(
        request.base,
        request.compare,
        keys,
        options,
        accepted=accepted,
        only=request.only,
        encoding=request.encoding,
    )
    printed = json_report(comparison) if request.json or request.format == "json" else ""
    if request.html:
        _write(request.html, html_report(comparison))
    if request.json:
        _write(request.json, (printed + "\n").encode("ascii"))
    return comparison.equal, printed if request.format == "json" else text_report(comparison, request.show)


def _run_diff_of_runs(request: DiffRequest, options: Options) -> tuple[bool, str]:
    """What changed between two runs, and why."""
    comparison = compare_runs(request.base, request.compare, options, request.only)
    if request.html:
        _write(request.html, run_page(comparison))
    if request.json:
        _write(request.json, (run_json(comparison) + "\n").encode("ascii"))
    printed = run_json(comparison) if request.format == "json" else run_text(comparison, request.show)
    return comparison.equal, printed


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None

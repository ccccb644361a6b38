"""The result of a check in each format, and its file. Not for what a format holds (check_output.py, sarif.py)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..errors import OutputError, refused_write, visible
from .check import CheckResult


def formatted(result: CheckResult, form: str, show: int = 20) -> bytes:
    """The result as text, json, sarif, csv or html, in UTF-8."""
    if form == "json":
        from .check_output import check_json

        return check_json(result)
    if form == "sarif":
        from .sarif import check_sarif

        return check_sarif(result)
    if form == "csv":
        from ..validation.reports.finding_files import findings_csv

        return findings_csv(result.findings)
    if form == "html":
        from ..validation.reports.findings import FindingsPage, findings_html

        return findings_html(result.findings, FindingsPage(title=f"Check of {result.read.root.name}"))
    from .check_output import finding_lines, summary_lines

    lines = [*summary_lines(result), *finding_lines(result, show)]
    return "".join(f"{visible(line)}\n" for line in lines).encode("utf-8", "replace")


def written(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises OutputError."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        refused = refused_write(path, error)
        if refused is not None:
            raise refused from error
        message = f"{path}: cannot be written: {error.strerror or error}; name a file in a folder that can be written"
        raise OutputError(message) from error

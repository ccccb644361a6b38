"""Runs the command of CDISC CORE on a package and reads its JSON report.

The datasets are written as Dataset-JSON into a temporary folder, because CORE's reader of XPT loses records. Not for
merging its issues with the findings (core_merge.py). The options are those of ``core validate --help``; the report is
that of its JSON output: Conformance_Details, Issue_Details and Rules_Report.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..conformance.package import Package
from ..errors import OutputError, UsageError
from ..mappings.facts.facts import packages as terminology
from ..transport.dataset_json_format import JSON
from ..transport.dataset_writer import FileContext

#: standard -> the name that CORE takes, and the version where define.xml names none
_STANDARDS = {"sdtm": ("sdtmig", "SDTMIG", "3.4"), "adam": ("adamig", "ADaMIG", "1.3")}
_COMMANDS = ("core", "core.exe", "core.py")
#: the Python of core.py, relative to its folder; else the one that runs raw2adam
_PYTHONS = (".venv/bin/python", "venv/bin/python", ".venv/Scripts/python.exe", "venv/Scripts/python.exe")
_MOST = 1 << 30  # bytes of a report


@dataclass(frozen=True, kw_only=True)
class CoreIssue:
    """One line of the details of a report. ``sequence``: -1 for none. ``variables`` and ``values`` are parallel."""

    rule: str
    message: str
    dataset: str
    subject: str = ""
    sequence: int = -1
    row: int = -1
    variables: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CoreReport:
    """What CORE reported. ``statuses``: rule -> SUCCESS, SKIPPED ...; ``version``: of CORE."""

    version: str
    issues: tuple[CoreIssue, ...]
    statuses: Mapping[str, str]


class CoreError(Exception):
    """CORE did not report. The text states why and what to do."""


def core_command(path: Path) -> list[str]:
    """The words that start CORE: its command, core.py, or the folder of one of them. Raises UsageError.

    core.py runs with the Python of a virtual environment in its folder, where there is one.
    """
    found = next((path / name for name in _COMMANDS if (path / name).is_file()), path) if path.is_dir() else path
    if not found.is_file():
        raise UsageError(f"--core {path}: no such command; name core, core.exe or core.py of CDISC CORE")
    if found.suffix.lower() == ".py":
        script = found.resolve()
        python = next((script.parent / p for p in _PYTHONS if (script.parent / p).is_file()), sys.executable)
        return [str(python), str(script)]
    if not os.access(found, os.X_OK):
        raise UsageError(f"--core {path}: the file cannot be run; name core, core.exe or core.py of CDISC CORE")
    return [str(found.resolve())]


def run_core(command: list[str], package: Package, seconds: float) -> CoreReport:
    """Run CORE on a package. Raises CoreError where it crashes, takes longer than ``seconds``, or does not report."""
    with tempfile.TemporaryDirectory(prefix="raw2adam-core-") as place:
        folder = Path(place)
        data = folder / "data"
        data.mkdir()
        written = _written(package, data)
        report = folder / "report"
        words = [*command, "validate", *_standard(package), "-d", str(data), "-o", str(report), "-of", "JSON"]
        if written is not None:
            words += ["-dxp", str(written)]
        elif package.standard in terminology():
            words += ["-ct", f"{package.standard}ct-{terminology()[package.standard]}"]
        _wait(words, Path(command[-1]).parent, folder, seconds)
        found = sorted(folder.glob("report*.json"))
        if not found:
            raise CoreError("it ended without a report; run it by itself to see why")
        return read_report(found[0])


def _standard(package: Package) -> list[str]:
    name, guide, version = _STANDARDS[package.standard]
    if package.define is not None:
        version = next((s.version for s in package.define.standards.values() if s.name == guide), version)
    return ["-s", name, "-v", version.replace(".", "-")]


def _written(package: Package, folder: Path) -> Path | None:
    """Write the datasets and define.xml. Returns the path of define.xml, None for a package without one."""
    define = folder / "define.xml" if package.define_xml else None
    if define is not None:
        define.write_bytes(package.define_xml)
    context = FileContext(
        declared=dt.datetime(2000, 1, 1),
        study_oid=package.define.study_oid if package.define else "",
        metadata_version_oid=package.define.version_oid if package.define else "",
        define="define.xml" if define else "",
        originator="raw2adam",
        system="raw2adam",
    )
    try:
        for data in package.datasets.values():
            writer = JSON.writer(folder / f"{data.name.lower()}.json", context)
            writer.open(data.metadata, len(data))
            writer.append(data.frame)
            writer.close()
    except OutputError as error:
        raise CoreError(f"the datasets cannot be written as Dataset-JSON: {error}") from error
    return define


def _wait(words: list[str], cwd: Path, folder: Path, seconds: float) -> None:
    """Run a command; its output goes to files, so that no amount of it stops the run."""
    log = folder / "log.txt"
    new_group = os.name == "posix"
    try:
        with log.open("wb") as out:
            process = subprocess.Popen(
                words,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=new_group,
            )
            try:
                code = process.wait(timeout=seconds)
            except BaseException as stop:
                if new_group:
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()
                process.wait()
                if isinstance(stop, subprocess.TimeoutExpired):
                    raise CoreError(f"it did not end within {seconds:g} s; raise --core-timeout") from None
                raise
    except OSError as error:
        raise CoreError(f"it cannot be run: {error.strerror or error}; name the command of CDISC CORE") from error
    if code:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 2000))
            lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
        last = f": {lines[-1].strip()[:300]}" if lines else ""
        raise CoreError(f"it ended with the exit code {code}{last}")


def read_report(path: Path) -> CoreReport:
    """Read a JSON report of CORE. Raises CoreError for another form."""
    try:
        if path.stat().st_size > _MOST:
            raise CoreError("its report is larger than 1 GiB")
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
        parts = {str(name).lower(): part for name, part in content.items()}
        details, issues, rules = (parts[n] for n in ("conformance_details", "issue_details", "rules_report"))
        return CoreReport(
            version=str(details.get("CORE_Engine_Version") or ""),
            issues=tuple(_issue(one) for one in issues if not _is_failure(one)),
            statuses={str(rule["core_id"]): str(rule.get("status") or "") for rule in rules},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = "its report has another form than the JSON report of CORE 0.9 to 0.16"
        raise CoreError(f"{message} (Conformance_Details, Issue_Details, Rules_Report)") from error


def _is_failure(one: Mapping[str, Any]) -> bool:
    """Whether a line states that CORE could not run the rule. Such a line has no list of variables.

    The status of the rule counts it; it is no issue of the data.
    """
    return isinstance(one.get("variables"), str)


def _issue(one: Mapping[str, Any]) -> CoreIssue:
    dataset = str(one.get("dataset") or "")
    return CoreIssue(
        rule=str(one["core_id"]),
        message=str(one.get("message") or ""),
        dataset=dataset.rpartition("/")[2].partition(".")[0].upper(),
        subject=_text(one.get("USUBJID")),
        sequence=_number(one.get("SEQ")),
        row=_number(one.get("row")),
        variables=tuple(map(str, one.get("variables") or ())),
        values=tuple(_text(v) for v in one.get("values") or ()),
    )


def _text(value: object) -> str:
    """A cell of a report: null and the text null are nothing."""
    return "" if value is None or value == "null" else str(value)


def _number(value: object) -> int:
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return -1

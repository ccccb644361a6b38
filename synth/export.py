"""Writes the synthetic raw export of study OBS16577, with its defects and the notice, and the raw files of other packs.

Not for the content of forms: synth/forms/. The course of the disease is calibrated to published benchmarks. It is never
a result.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from .. import __version__
from ..errors import OutputError, UsageError, nearest
from ..mappings.loader import PACKS
from .dirt.apply import LEVELS, Injected, soil
from .dirt.file import Layout
from .forms import (
    disease,
    events,
    history,
    laboratory,
    local_laboratory,
    medication,
    questionnaire,
    response,
    subject,
    treatment,
    visits,
)
from .subjects.cohort import CUTOFF, EPOCH
from .subjects.registry import draw_registry
from .writers.files import DECLARED, file_contents

MARKER = "SYNTHETIC.txt"
TRUTH = "truth.json"
MARKER_LINE = "SYNTHETIC DATA: no record in this folder is about a real person, site or investigator."
DIRT = tuple(LEVELS)
MOST_SUBJECTS = 100_000
CUTOFF_DATE = date.fromordinal(CUTOFF + EPOCH)

FORMS = (
    subject.sites,
    subject.enrol,
    subject.demo,
    treatment.isa,
    treatment.combo,
    response.resp,
    events.ae,
    subject.death,
    subject.end,
    subject.subsequent,
    history.mmdiag,
    history.priortx,
    history.comorb,
    visits.visit,
    visits.vitals,
    visits.survival,
    laboratory.central,
    local_laboratory.local,
    disease.marrow,
    disease.imaging,
    medication.conmed,
    medication.proc,
    questionnaire.qol,
)


@dataclass(frozen=True)
class SynthReport:
    """The written export: data files in order, data records of each, the defects in them, the data cut-off."""

    out: Path
    files: tuple[str, ...]
    rows: dict[str, int]
    defects: tuple[Injected, ...]
    cutoff: date


def synthesise(
    out: Path, subjects: int = 120, seed: int = 1, dirt: Literal["none", "typical", "hostile"] = "typical"
) -> SynthReport:
    """Write the export of ``subjects`` subjects into the folder ``out``, completely or not at all.

    The same arguments and raw2adam version give the same bytes on any machine. An existing ``out`` is replaced only if
    it holds the marker file of an earlier synthetic export. Raises UsageError for arguments out of range and
    OutputError when ``out`` may not be replaced or cannot be written.
    """
    _check(subjects, seed, dirt)
    out = Path(out)
    _check_replaceable(out)
    registry = draw_registry(subjects, seed)
    tables = [form(registry) for form in FORMS]
    clean = file_contents(tables)
    layouts = [Layout(t.name, t.format, t.encoding, t.delimiter, t.part) for t in tables]
    contents, defects = soil(clean, layouts, subjects, seed, LEVELS[dirt], DECLARED)
    contents[TRUTH] = _truth(defects)
    contents[MARKER] = _notice(subjects, seed, dirt)
    _written(out, contents)
    rows = {name: sum(len(t) for t in tables if t.name == name) for name in clean}
    for defect in defects:
        rows[defect.file] += bool(defect.of_record)
    return SynthReport(out, tuple(rows), rows, tuple(defects), CUTOFF_DATE)


def shipped_exports() -> list[str]:
    """The packs that ship with invented raw files, in raw/."""
    return sorted(folder.parent.name for folder in PACKS.glob("*/raw") if folder.is_dir())


def copy_export(pack: str, out: Path) -> list[str]:
    """Write the invented raw files of a pack into the folder ``out``, completely or not at all; their names.

    Raises OutputError when ``out`` may not be replaced or cannot be written.
    """
    _check_replaceable(out)
    files = sorted((PACKS / pack / "raw").iterdir())
    contents = {file.name: file.read_bytes() for file in files}
    notice = [MARKER_LINE, "", f"study: {pack} (invented)", f"raw2adam version: {__version__}", ""]
    _written(out, {**contents, MARKER: "\n".join(notice).encode()})
    return [file.name for file in files]


def _check(subjects: Any, seed: Any, dirt: Any) -> None:
    if isinstance(subjects, bool) or not isinstance(subjects, int) or not 1 <= subjects <= MOST_SUBJECTS:
        raise UsageError(f"subjects is {subjects!r}: a whole number from 1 to {MOST_SUBJECTS} is expected")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise UsageError(f"seed is {seed!r}: a whole number from 0 to 2**63 - 1 is expected")
    if dirt not in DIRT:
        hint = nearest(str(dirt), DIRT)
        raise UsageError(f"dirt is {dirt!r}: {' or '.join(DIRT)} is expected" + (f" ({hint})" if hint else ""))


def _truth(defects: list[Injected]) -> bytes:
    rows = [
        {
            "file": d.file,
            "record": d.record,
            "column": d.column,
            "class": d.defect,
            "original": d.original,
            "injected": d.injected,
            "of_record": d.of_record,
            "part": d.part,
            "subject": d.subject,
            "defect": d.number,
        }
        for d in defects
    ]
    text = json.dumps({"schema": 1, "cutoff": CUTOFF_DATE.isoformat(), "defects": rows}, indent=1, ensure_ascii=False)
    return (text + "\n").encode()


def _notice(subjects: int, seed: int, dirt: str) -> bytes:
    return "\n".join(
        [
            MARKER_LINE,
            "",
            "Everything was drawn at random by raw2adam. Frequencies and times are calibrated to published",
            "benchmarks; they are not results of any study and must not be quoted as such.",
            "Event terms are plain demonstration terms, not MedDRA.",
            "",
            "study: OBS16577 (synthetic)",
            f"raw2adam version: {__version__}",
            f"seed: {seed}",
            f"subjects: {subjects}",
            f"dirt: {dirt}",
            f"data cut-off: {CUTOFF_DATE.isoformat()}",
            "",
        ]
    ).encode()


def _check_replaceable(out: Path) -> None:
    if not os.path.lexists(out):
        return
    marker = out / MARKER
    if out.is_symlink() or not out.is_dir():
        raise OutputError(f"{out}: exists and is not a folder; name another folder for the synthetic export")
    try:
        with marker.open(encoding="utf-8", errors="replace") as text:
            ours = text.readline().rstrip("\r\n") == MARKER_LINE
    except OSError:
        ours = False
    if not ours:
        raise OutputError(
            f"{out}: exists and is not a synthetic export (no {MARKER} written by raw2adam); "
            "nothing was changed: name a new folder"
        )


def _written(out: Path, contents: dict[str, bytes]) -> None:
    try:
        _write(out, contents)
    except OSError as problem:
        raise OutputError(
            f"{out}: the synthetic export could not be written ({problem.strerror or problem}); "
            "choose a folder on a volume that can be written and has room"
        ) from problem


def _write(out: Path, contents: dict[str, bytes]) -> None:
    """Write a temporary folder beside ``out`` and rename it to ``out``; if that fails, restore the old ``out``."""
    out.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    fresh, old = (out.with_name(f".{out.name}.{kind}-{token}") for kind in ("new", "old"))
    try:
        fresh.mkdir()
        for name, content in contents.items():
            (fresh / name).write_bytes(content)
        if out.exists():
            out.rename(old)
        try:
            fresh.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)

"""Raw files to tables whose rows have subjects: read, corrected, divided, identified, their columns checked.

Not for the formats (sources/), nor for checks of the cells (validation/raw/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..engine.building.continuity import continue_subjects
from ..engine.checks.check import check_study
from ..engine.checks.name_check import taken_name_message, taken_names
from ..engine.columns import column as col
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.identity import identify
from ..engine.subjects.people import distinct_people
from ..errors import InputError, Place, SpecError
from ..findings.table import Findings
from ..mappings.binding.bind import place_of
from ..sources.cell_parts import divide
from ..sources.empty_rows import without_empty_rows
from ..sources.options import option_problems
from ..sources.quarantine import Corrections, apply_corrections
from ..sources.read import empty_table, read_source
from ..sources.reader import ParsedFiles
from ..sources.table import RawTable
from .build_partitions import plain_text
from .close_accounts import report_unread_parts


@dataclass(frozen=True, kw_only=True)
class Read:
    """The raw data of a run. ``shared``: source -> rows whose USUBJID two people would share.

    ``enrolled``, ``previous``: how enrolments of one subject were joined (engine/building/continuity.py).
    """

    tables: dict[str, RawTable]
    identity: dict[str, dict[str, pd.Series]]
    corrected: Corrections = field(default_factory=Corrections)
    shared: dict[str, np.ndarray] = field(default_factory=dict)
    enrolled: dict[str, pd.Series] = field(default_factory=dict)
    previous: pd.Series | None = None

    @property
    def headers(self) -> dict[str, list[str]]:
        """Source -> the columns that rules may read."""
        return {n: [*map(str, t.frame.columns), *self.identity[n]] for n, t in self.tables.items() if t.present}

    @property
    def subjects(self) -> dict[str, pd.Series]:
        """Source -> USUBJID of each row, where the source has subjects."""
        return {n: parts["USUBJID"] for n, parts in self.identity.items() if "USUBJID" in parts}


def read_raw(plan: PlannedStudy, root: Path, raw: Path, findings: Findings, corrections: Path | None = None) -> Read:
    """All raw sources with their identity columns; a refusal names every file that cannot be read.

    ``corrections``: folder of corrected quarantine files, whose rows replace raw ones.
    """
    tables = _read_files(plan, raw, findings)
    report_unread_parts(tables, findings)
    corrected = apply_corrections(corrections, tables, findings) if corrections is not None else Corrections()
    read = identified(plan, root, tables, findings)
    for name, header in read.headers.items():
        for column, means in taken_names(plan, name, header):
            message = taken_name_message(name, column, means)
            findings.add("R2A-COL-002", message, source=name, file=tables[name].file, column=column)
    return replace(read, corrected=corrected)


def identified(plan: PlannedStudy, root: Path, tables: Mapping[str, RawTable], findings: Findings) -> Read:
    """Tables as they were read, with the parts of divided cells, the subjects of their rows, and the columns checked.

    Raises InputError for cells that cannot be divided, SpecError for columns that the specs read and no file has.
    """
    divided: dict[str, RawTable] = {}
    problems: dict[str, Place] = {}
    for name, source in plan.spec.sources.items():
        try:
            divided[name] = divide(tables[name], source.cell_readers, findings)
        except InputError as error:
            problems.setdefault(str(error), place_of(source, "split" if source.split else "extract"))
    _refuse(problems)
    identity = {
        n: identify(t, plan.spec.sources[n], plan.spec, root, findings) if len(t.frame.columns) else _no_identity()
        for n, t in divided.items()
    }
    identity, shared = distinct_people(divided, identity, plan.spec, findings, plain_text)
    continued = continue_subjects(divided, identity, plan.spec, root, findings)
    read = Read(
        tables=divided,
        identity={n: dict(parts) for n, parts in continued.identity.items()},
        shared=shared,
        enrolled=dict(continued.enrolled),
        previous=continued.previous,
    )
    unreadable = {n: t.unreadable for n, t in divided.items()}
    wrong = [p for p in check_study(plan, read.headers, unreadable) if p.severity == "error"]
    if wrong:
        raise SpecError(wrong)
    return read


def _read_files(plan: PlannedStudy, raw: Path, findings: Findings) -> dict[str, RawTable]:
    """Every raw source, as in its file."""
    if not raw.is_dir():
        raise InputError(f"{raw}: there is no such folder of raw data")
    wrong = option_problems(plan.spec.sources)
    if wrong:
        raise SpecError(wrong)
    tables: dict[str, RawTable] = {}
    problems: dict[str, Place] = {}
    parsed = ParsedFiles()
    for name, source in plan.spec.sources.items():
        path = raw / source.file
        if source.optional and not path.exists():
            tables[name] = empty_table(name, path, source.file)
            findings.add("R2A-SRC-011", f"the optional source {name} is not in this data cut", file=source.file)
            continue
        try:
            tables[name] = without_empty_rows(read_source(name, raw, source, findings, parsed), findings)
        except InputError as error:
            problems.setdefault(str(error), place_of(source, "file"))
    _refuse(problems)
    return tables


def _refuse(problems: Mapping[str, Place]) -> None:
    """Raise InputError with every problem at its place; a file that several sources read has one problem."""
    if problems:
        raise InputError("\n".join(f"{place.shown()}: {text}" for text, place in problems.items()))


def _no_identity() -> dict[str, pd.Series]:
    return {n: col.constant("", 0) for n in ("USUBJID", "SUBJID", "SITEID", "STUDYID")}

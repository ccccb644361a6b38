"""Rows that could not form a record, written so that they can be corrected; and corrected rows read back.

A quarantine file is CSV: five columns of raw2adam, then the raw ones. A correction is the same file with corrected
cells: each row replaces the raw row of the same record in the run. The raw file does not change. A row is recognised
by a hash of its raw cells, so that a correction for another export is refused. Not for deciding which rows are
quarantined.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError, nearest
from ..findings.table import Findings
from .table import RawTable
from .text_columns import from_unique

#: the columns of raw2adam, before the raw ones
ACCOUNT_COLUMNS = ("RAW_FILE", "RECORD", "ROW_HASH", "REASON", "TO_DO")
#: how a cell begins that a spreadsheet could read as a formula, or that has an apostrophe already; ' precedes it
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def guarded(text: str) -> str:
    """A cell of a quarantine file: an apostrophe precedes a text that could be a formula."""
    return "'" + text if text.startswith(_GUARDED) else text


def unguarded(text: str) -> str:
    """The cell that ``guarded`` wrote; any other text unchanged."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_GUARDED) else text


def row_hash(cells: Sequence[str]) -> str:
    """16 hexadecimal digits that identify the raw cells of a row."""
    return hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def quarantine_csv(raw: RawTable, rows: np.ndarray, reasons: Sequence[str], to_do: str) -> bytes:
    """The quarantine file of a source: UTF-8 with a mark, every cell quoted, one line per row of ``rows``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    names = raw.file_columns
    writer.writerow([*ACCOUNT_COLUMNS, *map(guarded, names)])
    columns = [raw.frame[c].iloc[rows].astype(object).tolist() for c in names]
    for at, reason, *cells in zip(rows.tolist(), reasons, *columns, strict=True):
        account = [guarded(raw.file), str(raw.record[at]), row_hash(cells), reason, to_do]
        writer.writerow([*account, *map(guarded, cells)])
    return out.getvalue().encode("utf-8-sig", "surrogatepass")


@dataclass
class Corrections:
    """The changes by a folder of corrections: rows and cells per source, and the files read (name -> sha256, bytes)."""

    rows: dict[str, int] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)
    files: dict[str, tuple[str, int]] = field(default_factory=dict)


def apply_corrections(folder: Path, tables: dict[str, RawTable], findings: Findings) -> Corrections:
    """Replace rows of ``tables`` by those of <source>.csv in ``folder``; a note for every cell that changes.

    Raises InputError, with all problems at once: no such folder; a file of no source, not in UTF-8, or not a
    quarantine file of its source; a record that the raw file lacks, that is corrected twice, or that has changed.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder of corrections")
    done, problems = Corrections(), []
    for path in sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~$"))):
        raw = tables.get(path.stem) if path.suffix == ".csv" and path.is_file() else None
        if raw is None:
            hint = nearest(path.stem, list(tables))
            problems.append(
                f"{path.name}: not the correction of a source, which is named <source>.csv; {hint}".rstrip("; ")
            )
            continue
        if not raw.present:
            problems.append(f"{path.name}: the source {raw.name} is not in this data cut")
            continue
        try:
            data = path.read_bytes()
            rows = _read(path.name, data, raw, problems)
        except OSError as error:
            problems.append(f"{path.name}: cannot be read: {error.strerror or error}")
            continue
        done.files[path.name] = hashlib.sha256(data).hexdigest(), len(data)
        if not problems:
            tables[path.stem], done.cells[raw.name] = _replaced(raw, rows, findings)
            done.rows[raw.name] = len(rows)
    if problems:
        raise InputError("\n".join(f"corrections: {p}" for p in problems))
    return done


def _read(name: str, data: bytes, raw: RawTable, problems: list[str]) -> dict[int, list[str]]:
    """Position in the raw table -> corrected cells. Adds mistakes to ``problems``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(f"{name}: not UTF-8 at byte {error.start}; save it as CSV UTF-8")
        return {}
    try:
        # a spreadsheet of another country writes semicolons or tabs
        separator = re.match(r'"?RAW_FILE"?([,;\t])', text)
        delimiter = separator[1] if separator else ","
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        problems.append(f"{name}: not sound CSV ({error})")
        return {}
    wanted = [*ACCOUNT_COLUMNS, *(str(c) for c in raw.frame.columns)]
    header = [unguarded(c) for c in lines[0]] if lines else []
    if header != wanted:
        odd = next(
            (i for i, (a, b) in enumerate(zip(header, wanted, strict=False)) if a != b), min(map(len, (header, wanted)))
        )
        there = f"'{header[odd]}'" if odd < len(header) else "nothing"
        expected = f"'{wanted[odd]}'" if odd < len(wanted) else "no further column"
        problems.append(
            f"{name}: column {odd + 1} of the header is {there}, expected {expected}; keep all columns of the "
            "quarantine file, in their order"
        )
        return {}
    place = {int(r): i for i, r in enumerate(raw.record.tolist())}
    found: dict[int, list[str]] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        if len(cells) != len(wanted):
            problems.append(f"{name}: row {number} has {len(cells)} cells, and the header has {len(wanted)}")
            continue
        file, record, digest = unguarded(cells[0]), cells[1].strip(), cells[2].strip()
        at = place.get(int(record), -1) if record.isascii() and record.isdigit() else -1
        if file != raw.file or at < 0:
            problems.append(
                f"{name}: row {number} is for record '{record}' of '{file}', and {raw.file} has no such record"
            )
        elif at in found:
            problems.append(f"{name}: row {number} is for record {record}, which an earlier row corrects already")
        elif row_hash(raw.frame.iloc[at].astype(object).tolist()) != digest:
            problems.append(
                f"{name}: row {number}: record {record} of {file} is not the row that was quarantined; correct "
                "the quarantine file of the newest build"
            )
        else:
            found[at] = [unguarded(c) for c in cells[len(ACCOUNT_COLUMNS) :]]
    return found


def _replaced(raw: RawTable, rows: Mapping[int, list[str]], findings: Findings) -> tuple[RawTable, int]:
    """The table with these rows, and how many cells changed."""
    at = np.array(sorted(rows), dtype="int64")
    columns, changed = {}, 0
    for i, name in enumerate(raw.frame.columns):
        column = raw.frame[name]
        old = np.asarray(column.iloc[at].astype(object))
        new = np.array([rows[int(r)][i] for r in at], dtype=object)
        where = np.flatnonzero(old != new)
        columns[name] = column
        if not len(where):
            continue
        changed += len(where)
        categories = list(column.cat.categories)
        codes = column.cat.codes.to_numpy().astype("int64")
        codes[at[where]] = len(categories) + np.arange(len(where))
        columns[name] = pd.Series(from_unique([*categories, *new[where]], codes), index=column.index)
        findings.add(
            "R2A-CORR-001", np.array([f"corrected; the raw file has '{t}'" for t in old[where]], dtype=object),
            value=new[where], source=raw.name, file=raw.file, row=raw.record[at[where]], column=str(name),
        )  # fmt: skip
    return replace(raw, frame=pd.DataFrame(columns, index=raw.frame.index, columns=raw.frame.columns)), changed

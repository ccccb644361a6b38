"""The one way into a raw file: the path is checked, the format's reader called, a raw table comes back.

Not for a format's own rules: each reader has a module of its own.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, nearest
from ..findings.table import Findings
from .delimited.read import read_csv
from .header import name_columns
from .options import SourceOptions
from .table import RawTable

__all__ = ["RawTable", "SourceOptions", "empty_table", "locate", "read_source"]


def read_source(
    name: str, folder: Path, options: SourceOptions, findings: Findings, shared: dict[Any, Any] | None = None
) -> RawTable:
    """Read the source ``name`` from the raw folder; every cell is text as it stands, blanks around it included.

    Findings about the file go to ``findings`` (R2A-SRC-001 to 024), what the reader could not use too (R2A-SRC-012).
    ``shared``: one dict for all sources of a run, so that a file that several of them read is parsed once. Raises
    InputError for a file that is missing, outside the folder, unreadable, damaged or not what ``options`` says;
    UsageError where no format is known.
    """
    own = Findings()
    try:
        table = _read(name, folder, options, own, {} if shared is None else shared)
    except OSError as error:
        raise InputError(f"{options.file}: cannot be read: {error.strerror or error}; check its permissions") from None
    finally:
        findings.extend(own, name)
    table.file = PurePosixPath(options.file).as_posix()
    for note in table.notes:  # of the file, whichever source reads it
        findings.add("R2A-SRC-012", "note", note, file=table.file)
    return table


def _read(name: str, folder: Path, options: SourceOptions, findings: Findings, shared: dict[Any, Any]) -> RawTable:
    path = locate(folder, options.file)
    kind = options.kind
    if kind == "csv":
        return read_csv(name, path, options, findings)
    if kind == "excel":
        from .excel.read import read_excel

        return read_excel(name, path, options, findings)
    if kind == "parquet":
        from .parquet import read_parquet

        return read_parquet(name, path, options, findings)
    if kind == "odm":
        from .odm.read import read_odm

        return _renamed(read_odm(name, path, options, findings, shared), options, findings)
    if kind == "redcap":
        from .redcap.read import read_redcap

        dictionary = locate(folder, options.dictionary or "")
        return _renamed(read_redcap(name, path, dictionary, options, findings, shared), options, findings)
    from .statistical.read import read_statistical

    return read_statistical(name, path, options, findings)


def _renamed(table: RawTable, options: SourceOptions, findings: Findings) -> RawTable:
    """The table with the names of rename:, for formats whose readers need the file's own names."""
    if not options.rename:
        return table
    own = [str(c) for c in table.frame.columns]
    given = dict(zip(own, name_columns(own, options, "columns", findings).names, strict=True))
    table.frame = table.frame.rename(columns=given)
    if table.left_out is not None:
        table.left_out = table.left_out.rename(columns=given)
    table.column_labels = {given[c]: label for c, label in table.column_labels.items()}
    table.value_labels = {given[c]: labels for c, labels in table.value_labels.items()}
    return table


def empty_table(name: str, path: Path, file: str = "") -> RawTable:
    """The table of an optional source that is not in this data cut: no columns, no rows, ``present`` False."""
    none = np.empty(0, np.int32)
    frame = pd.DataFrame(index=pd.RangeIndex(0))
    return RawTable(name, path, hashlib.sha256(b"").hexdigest(), frame, none, none.copy(), present=False, file=file)


def locate(folder: Path, file: str) -> Path:
    """The path of ``file`` in the raw folder. Raises InputError where it leaves the folder or is no regular file."""
    outside = InputError(f"{file}: a source's file is named relative to the raw folder and lies inside it")
    parts = PurePosixPath(file.replace("\\", "/")).parts
    if not file.strip() or "\0" in file or ".." in parts:
        raise outside
    if PurePosixPath(file).is_absolute() or file.startswith("\\") or re.match(r"[A-Za-z]:", file):
        raise outside
    path = folder / file
    if not folder.is_dir():
        raise InputError(f"{file}: the raw folder '{folder}' is not there; name it with --raw")
    try:
        if not path.exists():
            raise InputError(_missing(folder, file))
        if not path.resolve().is_relative_to(folder.resolve()):
            raise outside
    except (OSError, RuntimeError) as error:  # a loop of links, a name too long, a folder without permission
        raise InputError(f"{file}: cannot be reached ({error.__class__.__name__}); check the path") from None
    if path.is_dir():
        raise InputError(f"{file}: a folder, not a file; name the file inside it")
    if not path.is_file():
        raise InputError(f"{file}: not a regular file; copy the data to a file")
    if not os.access(path, os.R_OK):
        raise InputError(f"{file}: no permission to read the file; ask for it, or copy the file")
    return path


def _missing(folder: Path, file: str) -> str:
    present = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    for other in present:
        if other.casefold() == file.casefold():
            return f"{file}: no such file in the raw folder, but '{other}': upper and lower case count on this system"
    near = nearest(file, present)
    listed = near or (f"it has {', '.join(present[:8])}" if present else "the folder is empty")
    return f"{file}: no such file in the raw folder ({listed}); if it is not in this data cut, declare optional: true"

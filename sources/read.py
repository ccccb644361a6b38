"""The one way into a raw file: the path is checked, the format's reader called, a raw table comes back.

Not for a format's own rules: each format has a folder, whose module ``read`` registers its reader (reader.py).
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from ..errors import InputError
from ..findings.table import Findings
from ..mappings.models.source import SourceSpec
from .locate import locate
from .options import SourceOptions
from .reader import READERS, ParsedFiles, Reader, SourceFile
from .table import RawTable

__all__ = ["RawTable", "SourceOptions", "empty_table", "read_source"]


def read_source(
    name: str,
    folder: Path,
    source: SourceSpec | SourceOptions,
    findings: Findings,
    parsed: ParsedFiles | None = None,
) -> RawTable:
    """Read the source ``name`` from the raw folder; every cell is text as the file has it, blanks around it included.

    ``source``: as study.yaml or a lineage folder describes it. Findings about the file go to ``findings``: those that
    the reader of its format lists, and the parts that the reader could not use (R2A-SRC-012). ``parsed``: the same for
    all sources of a run, so that their common files are parsed once. Raises InputError for a file that is missing,
    outside the folder, unreadable, damaged or not as ``source`` describes it; UsageError if no format is known.
    """
    options = source if isinstance(source, SourceOptions) else SourceOptions.of(source)
    of_file = Findings()
    try:
        path = locate(folder, options.file)
        file = SourceFile(
            source=name, folder=folder, path=path, options=options, findings=of_file, parsed=parsed or ParsedFiles()
        )
        table = readers()[options.kind].read(file)
    except OSError as error:
        raise InputError(f"{options.file}: cannot be read: {error.strerror or error}; check its permissions") from None
    finally:
        findings.extend(of_file, name)
    table.file = PurePosixPath(options.file).as_posix()
    for note in table.notes:  # about the file, whichever source reads it
        findings.add("R2A-SRC-012", note, file=table.file)
    return table


@cache
def readers() -> dict[str, Reader]:
    """Format -> its reader. Every folder of sources/ with a module ``read`` registers the formats that it reads."""
    for room in sorted(Path(__file__).parent.glob("*/read.py")):
        import_module(f".{room.parent.name}.read", __package__)
    return READERS


def empty_table(name: str, path: Path, file: str = "") -> RawTable:
    """The table of an optional source that is not in this data cut: no columns, no rows, ``present`` False."""
    none = np.empty(0, np.int32)
    frame = pd.DataFrame(index=pd.RangeIndex(0))
    return RawTable(name, path, hashlib.sha256(b"").hexdigest(), frame, none, none.copy(), present=False, file=file)

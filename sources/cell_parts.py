"""Columns of parts of a source's cells, by ``split:`` and ``extract:`` of the source.

Not for reading templates and patterns (mappings/models/cell_patterns.py) nor for parts that become rows
(engine/building/split_cells.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..errors import InputError, nearest
from ..findings.table import Findings
from ..mappings.models.cell_patterns import Pattern, Splitter
from .table import RawTable
from .text_columns import frame_of, from_unique


def divide(raw: RawTable, readers: Mapping[str, Sequence[Splitter | Pattern]], findings: Findings) -> RawTable:
    """The table with a column for each part of the divided columns, beside the others.

    ``readers``: column -> the templates or patterns for its cells; the first that reads a cell counts. A filled cell
    that none reads has empty parts, and finding R2A-PART-001. Raises InputError if the file lacks a column, or a part
    has the name of a column of the file.
    """
    if not readers or not raw.present:
        return raw
    columns = {str(c): raw.frame[c].array for c in raw.frame.columns}
    parts_of: dict[str, str] = {}
    for column, ways in readers.items():
        if column not in raw.frame.columns:
            names = list(map(str, raw.frame.columns))
            hint = nearest(column, names) or f"it has {', '.join(names[:8])}"
            raise InputError(f"{raw.file}: there is no column '{column}' to divide by split: or extract: ({hint})")
        codes = np.asarray(raw.frame[column].cat.codes)
        texts = [str(t) for t in raw.frame[column].cat.categories]
        names = list(dict.fromkeys(n for way in ways for n in way.names))
        taken = next((n for n in names if n in columns), "")
        if taken:
            raise InputError(
                f"{raw.file}: '{taken}', a part of {column}, is a column of the file; give the part another name"
            )
        read: list[dict[str, str] | None] = [None] * len(texts)
        for way in ways:
            open_ = [i for i, t in enumerate(texts) if t.strip() and read[i] is None]
            for i, found in zip(open_, way.read([texts[i] for i in open_]), strict=True):
                if found is not None:
                    read[i] = dict(zip(way.names, found, strict=True))
        for name in names:
            columns[name] = from_unique([(r or {}).get(name, "") for r in read], codes)
            parts_of[name] = column
        wrong = np.array([bool(t.strip()) and r is None for t, r in zip(texts, read, strict=True)] or [False])[codes]
        if wrong.any():
            expected = " or ".join(way.text for way in ways)
            findings.add(
                "R2A-PART-001",
                f"the cell does not read as {expected}; its parts {', '.join(names)} are empty",
                value=np.array(texts, dtype=object)[codes[wrong]],
                source=raw.name,
                file=raw.file,
                row=raw.record[wrong],
                column=column,
            )
    return replace(raw, frame=frame_of(columns, len(raw)), parts_of=parts_of)

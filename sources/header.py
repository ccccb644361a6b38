"""Column names of a raw file: refused where two are alike or one is empty, checked against what the specs read.

Not for finding the header in a file: each reader does that.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InputError, nearest
from ..findings import Findings
from .options import SourceOptions

MAX_COLUMNS = 16_384  # as many as a sheet of Excel has; exports of registries have a few thousand at most


def check_names(cells: Sequence[str], file: str, place: str, findings: Findings) -> list[str]:
    """The names, without surrounding blanks (finding R2A-SRC-003 names those that had some).

    Raises InputError for an empty name and for two equal ones, with their positions. Names that differ in case only
    are different names.
    """
    if len(cells) > MAX_COLUMNS:
        raise InputError(
            f"{file}: {place}: {len(cells)} columns; at most {MAX_COLUMNS} are read. Check separator: and the row of "
            "the column names"
        )
    names = [cell.strip() for cell in cells]
    empty = [i + 1 for i, n in enumerate(names) if not n]
    if empty:
        where = ", ".join(map(str, empty[:10]))
        raise InputError(
            f"{file}: {place}: no name for column {where} of {len(names)}; name every column, or set header_row to "
            "the row of the names"
        )
    seen: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        if name in seen:
            raise InputError(
                f"{file}: {place}: columns {seen[name]} and {position} are both named '{name}'; rename one of them"
            )
        seen[name] = position
    trimmed = [n for n, c in zip(names, cells, strict=True) if n != c]
    if trimmed:
        text = f"blanks around column names left out: {', '.join(trimmed[:10])}"
        findings.add("R2A-SRC-003", "note", text, file=file)
    return names


def check_expected(names: Sequence[str], options: SourceOptions, hint: str = "") -> None:
    """Raises InputError naming every column that the specs read and the file lacks."""
    present = set(names)
    missing = [e for e in options.expected if e not in present]
    if not missing:
        return
    told = []
    for name in missing[:10]:
        near = nearest(name, list(names))
        told.append(f"'{name}' ({near})" if near else f"'{name}'")
    if len(missing) > 10:
        told.append(f"and {len(missing) - 10} more")
    found = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    word = "column" if len(missing) == 1 else "columns"
    text = f"{options.file}: the specs read the {word} {', '.join(told)}, which the file lacks; it has {found}"
    raise InputError(f"{text}. {hint}" if hint else text)

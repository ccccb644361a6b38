"""Column names of a raw file: renamed by the spec, unique, and checked against the columns that the specs read.

Not for finding the header in a file: each reader does that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..errors import InputError, nearest
from ..findings.table import Findings
from .options import SourceOptions
from .table import RawTable

MAX_COLUMNS = 16_384  # as many as a sheet of Excel has; exports of registries have a few thousand at most
_LISTED = 10
#: separators of text files, to name the probable one where a header is a single field
SEPARATORS = (";", "\t", "|", ",")
#: findings that naming and checking columns may report
HEADER_FINDINGS = ("R2A-SRC-003", "R2A-SRC-030", "R2A-SRC-031", "R2A-SRC-032")


@dataclass(frozen=True)
class Header:
    """The columns of a file by position. ``names``: unique; '' for a column without a name.

    ``doubled``: a name of several columns -> the names by which they are read, which contain their positions.
    """

    names: list[str]
    place: str
    doubled: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def named(self) -> list[int]:
        """Positions, from 0, of the columns that have a name."""
        return [i for i, n in enumerate(self.names) if n]

    @property
    def named_width(self) -> int:
        """How many columns there are up to the last one with a name."""
        return self.named[-1] + 1 if self.named else 0

    def widened(self, width: int) -> Header:
        """The same header over ``width`` columns; further columns have no name."""
        names = self.names[:width] + [""] * (width - len(self.names))
        return Header(names, self.place, self.doubled)


def name_columns(cells: Sequence[str], options: SourceOptions, place: str, findings: Findings) -> Header:
    """The names without surrounding blanks (finding R2A-SRC-003 names those that had some), and renamed by rename:.

    No rule can read a name that several columns have: each of them is read as ``NAME (column 4)``, with finding
    R2A-SRC-031. Names that differ in case only are different names. Raises InputError if no column has a name, and
    for a rename: of a column that the file lacks, or to a name that another column has.
    """
    file = options.file
    if len(cells) > MAX_COLUMNS:
        raise InputError(
            f"{file}: {place}: {len(cells)} columns; at most {MAX_COLUMNS} are read. Check separator: and the row of "
            "the column names"
        )
    names = [cell.strip() for cell in cells]
    trimmed = [n for n, c in zip(names, cells, strict=True) if n and n != c]
    if trimmed:
        text = f"blanks around column names are not read: {', '.join(trimmed[:_LISTED])}"
        findings.add("R2A-SRC-003", text, file=file)
    names = _renamed(names, options, place, findings)
    if not any(names):
        raise InputError(
            f"{file}: {place}: no column has a name; set header_row to the row of the names, or name the columns under "
            "header: {names: [...]}"
        )
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if name:
            positions.setdefault(name, []).append(position)
    doubled: dict[str, tuple[str, ...]] = {}
    for name, at in positions.items():
        if len(at) == 1:
            continue
        for i in at:
            names[i] = _unused(f"{name} (column {i + 1})", names)
        doubled[name] = tuple(names[i] for i in at)
        numbers = " and ".join([", ".join(str(i + 1) for i in at[:-1]), str(at[-1] + 1)])
        text = (
            f"{place}: columns {numbers} are all named '{name}'; no rule can read that name. To read one, name it by "
            f"its position: rename: {{{at[-1] + 1}: {name}_{len(at)}}}"
        )
        findings.add("R2A-SRC-031", text, file=file, column=name)
    return Header(names, place, doubled)


def _unused(name: str, names: Sequence[str]) -> str:
    while name in names:
        name += "'"
    return name


def rename_columns(table: RawTable, options: SourceOptions, findings: Findings) -> RawTable:
    """The table with the names of rename:, for formats whose readers need the names of the file."""
    if not options.rename:
        return table
    names = [str(c) for c in table.frame.columns]
    new = dict(zip(names, name_columns(names, options, "columns", findings).names, strict=True))
    table.frame = table.frame.rename(columns=new)
    if table.left_out is not None:
        table.left_out = table.left_out.rename(columns=new)
    table.column_labels = {new[c]: label for c, label in table.column_labels.items()}
    table.value_labels = {new[c]: labels for c, labels in table.value_labels.items()}
    table.forms = tuple(form.renamed(new) for form in table.forms)
    return table


def _renamed(names: list[str], options: SourceOptions, place: str, findings: Findings) -> list[str]:
    out, renamed = list(names), []
    for old, new in options.rename:
        at = _position(old, names, options.file, place)
        renamed.append(f"column {at + 1} '{names[at]}' as {new}")
        out[at] = new
    for _, new in options.rename:
        if out.count(new) > 1:
            at = out.index(new) + 1, len(out) - out[::-1].index(new)
            raise InputError(
                f"{options.file}: {place}: by rename: columns {at[0]} and {at[1]} would both have the name '{new}'; "
                "choose another name"
            )
    if renamed:
        findings.add("R2A-SRC-032", f"read by rename: {'; '.join(renamed)}", file=options.file)
    return out


def _position(old: str, names: list[str], file: str, place: str) -> int:
    """The position, from 0, of the column that rename: names: by its position, from 1, or by its name."""
    if old.isdecimal():
        if not 1 <= int(old) <= len(names):
            raise InputError(f"{file}: {place}: rename: names column {old}, and the file has {len(names)} columns")
        return int(old) - 1
    at = [i for i, n in enumerate(names) if n == old.strip()]
    if not at:
        hint = nearest(old, [n for n in names if n]) or f"it has {', '.join(n for n in names[:12] if n)}"
        raise InputError(f"{file}: {place}: rename: names the column '{old}', which the file lacks ({hint})")
    if len(at) > 1:
        numbers = " and ".join(str(i + 1) for i in at)
        raise InputError(
            f"{file}: {place}: rename: names the column '{old}', and columns {numbers} all have this name; name it by "
            f"its position: rename: {{{at[0] + 1}: ...}}"
        )
    return at[0]


def leave_out_nameless(
    header: Header, filled: Callable[[int], tuple[str, str] | None], options: SourceOptions, findings: Findings
) -> list[int]:
    """Positions, from 0, of the columns with a name. Finding R2A-SRC-030 reports empty columns without a name.

    ``filled``: the first filled cell of a column, as its place and its text; None if it has none. Raises InputError if
    a column without a name has a filled cell.
    """
    nameless = [i for i, n in enumerate(header.names) if not n]
    for position in nameless:
        cell = filled(position)
        if cell is not None:
            raise InputError(
                f"{options.file}: {header.place}: no name for column {position + 1} of {len(header.names)}, and it "
                f"holds '{cell[1][:40]}' in {cell[0]}; name it by its position: rename: {{{position + 1}: NAME}}, or "
                "set header_row to the row of the names"
            )
    if nameless:
        many = f"{len(nameless)} columns" if len(nameless) > 1 else "a column"
        listed = ", ".join(str(i + 1) for i in nameless[:_LISTED]) + (", ..." if len(nameless) > _LISTED else "")
        text = f"{header.place}: {many} without a name and without a filled cell not read (column {listed})"
        findings.add("R2A-SRC-030", text, file=options.file)
    return header.named


def check_expected(names: Sequence[str], options: SourceOptions, hint: str = "") -> None:
    """Raises InputError naming every column that the specs read and the file lacks."""
    present = set(names)
    missing = [e for e in options.expected if e not in present]
    if not missing:
        return
    listed = []
    for name in missing[:10]:
        near = nearest(name, list(names))
        listed.append(f"'{name}' ({near})" if near else f"'{name}'")
    if len(missing) > 10:
        listed.append(f"and {len(missing) - 10} more")
    found = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    word = "column" if len(missing) == 1 else "columns"
    text = f"{options.file}: the specs read the {word} {', '.join(listed)}, which the file lacks; it has {found}"
    raise InputError(f"{text}. {hint}" if hint else text)

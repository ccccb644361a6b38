"""The header of a SAS transport file (XPORT v5): what a variable is in it, what it can hold, and its bytes.

Not for records: xpt.py writes them.

The layout is SAS's technical note TS-140: 80-byte records of ASCII text, then one 140-byte NAMESTR per variable.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..engine.tables.dataset import DatasetMetadata
from ..errors import OutputError

CARD = 80  # every part of the file is padded with blanks to a multiple of this
MAX_TEXT = 200
MAX_NAME = 8
MAX_LABEL = 40
MAX_VARIABLES = 9999  # the NAMESTR header has four digits for their number
MAX_FORMAT_WIDTH = 32767

# strftime's %b follows the locale; SAS's months do not
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SAS_VERSION = b"9.4"
_SYSTEM = b"raw2adam"
_NAMESTR = struct.Struct(">hhhh8s40s8shhh2s8shhi52s")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
_FORMAT = re.compile(r"(\$?(?:[A-Z_](?:[A-Z0-9_]*[A-Z_])?)?)([0-9]*)\.([0-9]*)")
_NOT_PRINTABLE = re.compile(r"[^ -~]")


@dataclass(frozen=True)
class XptVariable:
    """One variable of a transport file. ``length`` is in bytes: 8 for numbers, 1 to 200 for text.

    ``format`` is a SAS format as it is typed (DATE9., 8.2, $20.), '' for none.
    """

    name: str
    label: str
    numeric: bool
    length: int
    format: str = ""


def xpt_variables(spec: DatasetMetadata) -> tuple[XptVariable, ...]:
    """The variables of ``spec`` in its order. A text variable that is empty throughout (length 0) gets 1 byte."""
    return tuple(
        XptVariable(v.name, v.label, v.is_numeric, 8 if v.is_numeric else max(v.length, 1), v.format)
        for v in spec.variables
    )


def header(name: str, label: str, variables: Sequence[XptVariable], declared: datetime) -> bytes:
    """All bytes before the first record: library, member and NAMESTR headers, created and modified at ``declared``.

    Raises OutputError that lists everything the format cannot hold, all names, labels, lengths and formats at once.
    """
    problems = header_problems(name, label, variables)
    if problems:
        raise OutputError("\n".join(f"{name}: {p}" for p in problems))
    stamp = _stamp(declared)
    system = _blank(_SAS_VERSION, 8) + _blank(_SYSTEM, 8)
    cards = [
        _card(b"LIBRARY HEADER RECORD", b"0" * 30),
        b"SAS     SAS     SASLIB  " + system + b" " * 24 + stamp,
        stamp,
        _card(b"MEMBER  HEADER RECORD", b"000000000000000001600000000140"),
        _card(b"DSCRPTR HEADER RECORD", b"0" * 30),
        b"SAS     " + _blank(name.encode("ascii"), 8) + b"SASDATA " + system + b" " * 24 + stamp,
        stamp + b" " * 16 + _blank(label.encode("ascii"), 40) + b" " * 8,
        _card(b"NAMESTR HEADER RECORD", b"000000" + b"%04d" % len(variables) + b"0" * 20),
        b"".join(_namestrs(variables)),
        _card(b"OBS     HEADER RECORD", b"0" * 30),
    ]
    return b"".join(c + b" " * padding(len(c)) for c in cards)


def padding(size: int) -> int:
    """How many blanks fill ``size`` bytes up to whole 80-byte records."""
    return -size % CARD


def _card(kind: bytes, rest: bytes) -> bytes:
    return b"HEADER RECORD*******" + kind + b"!!!!!!!" + rest


def _blank(text: bytes, size: int) -> bytes:
    return text.ljust(size)


def _stamp(moment: datetime) -> bytes:
    """ddMMMyy:hh:mm:ss. The year has two digits in the format; readers decide the century."""
    text = f"{moment.day:02}{_MONTHS[moment.month - 1]}{moment.year % 100:02}:{moment:%H:%M:%S}"
    return text.encode("ascii")


def _namestrs(variables: Sequence[XptVariable]) -> list[bytes]:
    out, position = [], 0
    for number, v in enumerate(variables, start=1):
        form, width, decimals = parse_format(v.format)
        out.append(
            _NAMESTR.pack(
                1 if v.numeric else 2,
                0,  # hash of the name, always 0
                v.length,
                number,
                _blank(v.name.encode("ascii"), 8),
                _blank(v.label.encode("ascii"), 40),
                _blank(form.encode("ascii"), 8),
                width,
                decimals,
                0,  # left justified, as SAS writes it without an explicit request
                b"\0\0",
                b" " * 8,  # no informat
                0,
                0,
                position,
                b"\0" * 52,
            )
        )
        position += v.length
    return out


def parse_format(text: str) -> tuple[str, int, int]:
    """A SAS format as (name, width, decimals): 'DATE9.' is ('DATE', 9, 0), '8.2' is ('', 8, 2), '$20.' is ('$', 20, 0).

    Case does not matter. Raises ValueError when ``text`` is no format.
    """
    if not text:
        return "", 0, 0
    match = _FORMAT.fullmatch(text.upper())
    if match is None or text == ".":
        raise ValueError(f"{text!r} is not a SAS format such as DATE9. or 8.2 or $20. (mind the dot)")
    name, width, decimals = match[1], int(match[2] or 0), int(match[3] or 0)
    if len(name) > MAX_NAME:
        raise ValueError(f"the format name of {text!r} has more than {MAX_NAME} characters")
    if width > MAX_FORMAT_WIDTH or (decimals and decimals >= width):
        raise ValueError(f"{text!r} has an impossible width")
    return name, width, decimals


def header_problems(name: str, label: str, variables: Sequence[XptVariable]) -> list[str]:
    """What the format cannot hold, one sentence per kind, each naming all variables concerned."""
    out = []
    if not _NAME.fullmatch(name):
        out.append(f"the dataset name {name!a} is not a SAS name: {_NAME_RULE}")
    if reason := _label_problem(label):
        out.append(f"the dataset label {reason}")
    if not variables:
        out.append("there are no variables; an XPT dataset needs at least one")
    if len(variables) > MAX_VARIABLES:
        out.append(f"{len(variables)} variables; an XPT dataset has at most {MAX_VARIABLES}")
    names = [v.name for v in variables]
    if bad := [ascii(n) for n in names if not _NAME.fullmatch(n)]:
        out.append(f"not SAS names: {', '.join(bad)}; {_NAME_RULE}")
    if twice := sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []:
        out.append(f"variables named more than once: {', '.join(ascii(n) for n in twice)}")
    out += _each(variables, "labels", lambda v: _label_problem(v.label))
    out += _each(variables, "lengths", _length_problem)
    out += _each(variables, "formats", _format_problem)
    return out


_NAME_RULE = "at most 8 characters, capital letters A-Z, digits and _, not a digit first"


def _each(variables: Sequence[XptVariable], kind: str, problem: Callable[[XptVariable], str]) -> list[str]:
    found = [f"{ascii(v.name)[1:-1]} {reason}" for v in variables if (reason := problem(v))]
    return [f"{kind} that XPT cannot hold: {'; '.join(found)}"] if found else []


def _label_problem(label: str) -> str:
    if _NOT_PRINTABLE.search(label):
        return f"({label!a}) has characters other than printable ASCII"
    if len(label) > MAX_LABEL:
        return f"({label!a}) has {len(label)} characters, at most {MAX_LABEL} fit"
    return ""


def _length_problem(v: XptVariable) -> str:
    if v.numeric:
        return "" if v.length == 8 else f"({v.length}; numbers take 8 bytes)"
    return "" if 1 <= v.length <= MAX_TEXT else f"({v.length}; text takes 1 to {MAX_TEXT} bytes)"


def _format_problem(v: XptVariable) -> str:
    try:
        name, _, _ = parse_format(v.format)
    except ValueError as error:
        return f"({error})"
    if v.format and v.numeric == name.startswith("$"):
        return f"({v.format!r} is a format for {'text' if v.numeric else 'numbers'}; those for text start with $)"
    return ""

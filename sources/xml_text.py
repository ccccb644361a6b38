"""The text of an XML file before and beside its parser: prolog, encoding, faults with their place, lines of elements.

A document type declaration is refused before any parser sees it, so no entity is ever declared, fetched or expanded.
Not for what the elements mean (sources/odm/stream.py).
"""

from __future__ import annotations

import codecs
import mmap
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    from lxml.etree import XMLSyntaxError

_PROLOG = 2**20  # bytes before the root element that are looked at; more of them are no export
_BLOCK = 2**24
_SKIPPED = re.compile(r"\ufeff?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_DECLARED = re.compile(r"""\ufeff?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SHOWN = 40


def check_prolog(path: Path, file: str) -> str:
    """The encoding of an XML file, by byte order mark or declaration, else utf-8. Checks the text above its root.

    Raises InputError for an empty file, a file that is not XML, an encoding in which ASCII text does not read as such
    (except UTF-16), and a document type declaration, which may declare entities.
    """
    with path.open("rb") as stream:
        head = stream.read(_PROLOG)
    if not head:
        raise InputError(f"{file}: the file is empty (0 bytes); an XML file was expected")
    wide = _wide(head)
    text = head.decode(wide or "latin-1", errors="replace")
    if not wide and head.startswith(codecs.BOM_UTF8):
        text = text[3:]
    declared = _DECLARED.match(text)
    encoding = wide or (declared.group(1).lower() if declared else "utf-8")
    if not wide:
        _check_encoding(encoding, file)
    found = _SKIPPED.match(text)
    at = found.end() if found else 0
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    rest = text[at:]
    if rest.startswith("<!DOCTYPE"):
        raise InputError(
            f"{file}:{line}:{column}: a document type declaration (DOCTYPE); it can declare entities and name other "
            "files, and a data export needs neither. Export the file again without it"
        )
    if not re.match(r"<[A-Za-z_:\u0080-\uffff]", rest):
        shown = rest[:_SHOWN].splitlines()[0] if rest.strip() else "nothing"
        raise InputError(
            f"{file}:{line}:{column}: not XML: an element was expected, and {shown!r} was found; check the format:"
        )
    return encoding


def _wide(head: bytes) -> str:
    """The name of a 16 bit encoding that the first bytes show, else ''."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(head[:2], "")


def _check_encoding(encoding: str, file: str) -> None:
    try:
        plain = "<!DOCTYPE+".encode(encoding) == b"<!DOCTYPE+"  # a plus is where UTF-7 differs
    except (LookupError, ValueError):
        plain = False
    if not plain:
        raise InputError(
            f"{file}: the XML declaration names the encoding '{encoding}', which cannot be read: use UTF-8"
        )


def syntax_fault(error: XMLSyntaxError, path: Path, file: str, root: str) -> InputError:
    """An error of the XML parser for the user, with its place; ``root``: name of the root element."""
    (line, column), message = error.position, str(error.msg or "not well-formed").split(", line ")[0]
    fatal = [entry for entry in error.error_log if entry.level_name == "FATAL"]
    if not line and fatal:  # lxml then reports only that nothing was found
        line, column, message = fatal[-1].line, fatal[-1].column, fatal[-1].message
    place = f"{file}:{line}:{max(column, 1)}"
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - 4096, 0))
        tail = stream.read().replace(b"\0", b"").rstrip()
    if "encod" in message.lower() or "invalid char" in message.lower():
        advice = "the bytes are not in the encoding that the XML declaration names; export the file again as UTF-8"
    elif not tail.endswith(f"{root}>".encode()):
        advice = f"the file does not end with </{root}>, so it is cut short; copy or export it again"
    elif "huge" in message.lower() or "excessive depth" in message.lower():
        advice = "a text of more than 10 million characters or elements nested more than 256 deep; no export has these"
    else:
        advice = "the file is damaged or was edited by hand; export it again"
    return InputError(f"{place}: not well-formed XML ({message}): {advice}")


def element_lines(path: Path, name: str) -> np.ndarray:
    """Line (from 1) of each start tag of ``name``, with any prefix, in document order (int32).

    For a well-formed file in an encoding that includes ASCII. Comments, CDATA sections and processing instructions are
    skipped; an attribute value contains no '<'. libxml2 itself counts lines reliably only up to 65,535.
    """
    if not path.stat().st_size:
        return np.zeros(0, np.int32)
    tag = re.escape(name.encode())
    # a search for the bare name is several times faster than one that has to look at every '<'
    plain = re.compile(tag + rb"(?=[\s/>])(?:(?<=<" + tag + rb")|(?<=:" + tag + rb"))")
    careful = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|" + plain.pattern, re.DOTALL)
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
        hidden = any(text.find(mark, 2) >= 0 for mark in (b"<!", b"<?"))
        found = (careful if hidden else plain).finditer(text)
        starts = np.array([m.start() for m in found if not m.group().startswith(b"<")], dtype=np.int64)
        lines = np.empty(len(starts), np.int32)
        before, first = 1, 0
        for at in range(0, len(text), _BLOCK):
            ends = np.flatnonzero(np.frombuffer(text[at : at + _BLOCK], np.uint8) == 0x0A) + at
            last = int(np.searchsorted(starts, at + _BLOCK))
            lines[first:last] = before + np.searchsorted(ends, starts[first:last])
            before, first = before + len(ends), last
    return lines

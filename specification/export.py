"""Writes a specification in another form: define.xml as an Excel specification, or the reverse.

Not for opening one (open_content.py). The file that was written is read again and compared before it appears.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..define.content import DefineContent
from ..define.differences import Difference, differences
from ..define.writing import define_of_content
from ..errors import OutputError, UsageError
from .content_rows import specification_rows
from .open_content import WORKBOOK, XML, open_content
from .read_content import read_content
from .workbook import read_specification, specification_bytes

_EARLIEST = dt.datetime(1980, 1, 1)  # of a zip file


def export(
    source: Path, out: Path, say: Callable[[str], None], *, of: str = "", replace: bool = False
) -> list[Difference]:
    """Write ``source`` as ``out``, .xlsx or .xml, and read it again; the differences to ``source``.

    ``of``: sdtm or adam, for a study folder with both. ``replace``: ``out`` may be there already.
    Raises UsageError for another suffix; InputError and OutputError, and ``out`` then does not change.
    """
    suffix = out.suffix.lower()
    if suffix not in (WORKBOOK, XML):
        raise UsageError(f"--out {out}: expected an Excel specification (.xlsx) or a define.xml (.xml)")
    if out.exists() and source.exists() and out.samefile(source):
        raise UsageError(f"--out {out} is the file that is read; name another")
    if out.exists() and not replace:
        raise UsageError(f"--out {out} is there already, perhaps with corrections; name another, or add --replace")
    content = open_content(source, say, of)
    found: list[Difference] = []

    def check(written: Path) -> None:
        found.extend(differences(content, _read_again(written)))

    write_whole(out, exported(content, suffix), check)
    return found


def _read_again(written: Path) -> DefineContent:
    """The content of a file that was just written. A reference that leads nowhere is a difference, not an error."""
    if written.suffix == WORKBOOK:
        return read_content(read_specification(written, written.name))[0]
    return open_content(written, lambda _: None)


def exported(content: DefineContent, suffix: str) -> bytes:
    """The bytes of a file of this kind."""
    if suffix == XML:
        return define_of_content(content)
    return specification_bytes(specification_rows(content), _declared(content))


def _declared(content: DefineContent) -> dt.datetime:
    """The time of define.xml, without its zone, as the time in the workbook."""
    try:
        return max(dt.datetime.fromisoformat(content.created).replace(tzinfo=None), _EARLIEST)
    except ValueError:
        return _EARLIEST


def write_whole(out: Path, data: bytes, check: Callable[[Path], None] = lambda _: None) -> None:
    """Write a file beside ``out``, check it, and put it in its place. Raises OutputError where that fails."""
    handle = None
    name = ""
    try:
        handle, name = tempfile.mkstemp(suffix=out.suffix.lower(), prefix=f".{out.stem}-", dir=out.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        check(Path(name))
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(out)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error
    finally:
        if name:
            Path(name).unlink(missing_ok=True)

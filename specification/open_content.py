"""Opens a specification as the content of a define.xml: a define.xml itself, or an Excel specification.

Not for writing them (export.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..define.content import DefineContent
from ..define.differences import dangling
from ..define.reading import read_define
from ..errors import InputError, OutputError
from .read_content import read_content
from .sheet_reader import SheetReader
from .workbook import read_specification

XML, WORKBOOK = ".xml", ".xlsx"
#: so many sentences of one kind are printed
_MOST = 5


def open_content(path: Path, say: Callable[[str], None]) -> DefineContent:
    """The content of ``path``; ``say`` gets a sentence on each part that is not read.

    Raises InputError with all mistakes, each with sheet and cell, or line and column.
    """
    if path.suffix.lower() == WORKBOOK:
        return read_workbook(path, say)[0]
    if path.suffix.lower() != XML:
        raise InputError(f"{path}: expected a define.xml (.xml) or an Excel specification (.xlsx)")
    try:
        content = read_define(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except OutputError as error:
        raise InputError(str(error)) from None
    say_first(say, path, dangling(content))
    if content.unreferenced:
        names = ", ".join(content.unreferenced[:_MOST])
        say(f"{path}: {len(content.unreferenced)} ItemDefs that no dataset has are not read: {names}")
    return content


def read_workbook(path: Path, say: Callable[[str], None]) -> tuple[DefineContent, SheetReader]:
    """The content of an Excel specification, and its reader, which knows the place of each row.

    Raises InputError with all mistakes.
    """
    sheets = read_specification(path, str(path))
    if sheets.problems:
        raise InputError("\n".join(f"{path}: {problem}" for problem in sheets.problems))
    content, reader = read_content(sheets)
    if reader.problems:
        raise InputError("\n".join(f"{path}: {problem}" for problem in reader.problems))
    say_first(say, path, sheets.unread)
    return content, reader


def say_first(say: Callable[[str], None], path: Path, sentences: list[str]) -> None:
    """Print the first of the sentences, and how many follow."""
    for sentence in sentences[:_MOST]:
        say(f"{path}: {sentence}")
    if len(sentences) > _MOST:
        say(f"{path}: and {len(sentences) - _MOST} more")

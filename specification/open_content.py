"""Opens a specification as the content of a define.xml: a define.xml itself, an Excel specification, or a study.

Not for writing them (export.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..define.content import DefineContent
from ..define.differences import dangling
from ..define.reading import read_define
from ..errors import InputError, OutputError, UsageError
from .read_content import read_content
from .sheet_reader import SheetReader
from .workbook import read_specification

XML, WORKBOOK = ".xml", ".xlsx"
#: so many sentences of one kind are printed
_MOST = 5


def open_content(path: Path, say: Callable[[str], None], of: str = "") -> DefineContent:
    """The content of ``path``; ``say`` gets a sentence on each part that is not read.

    ``of``: sdtm or adam, for a study folder with both. Raises InputError with all mistakes, each with sheet and cell,
    or line and column.
    """
    if path.is_dir():
        return _of_study(path, of)
    if path.suffix.lower() == WORKBOOK:
        return read_workbook(path, say)[0]
    if path.suffix.lower() != XML:
        raise InputError(f"{path}: expected a define.xml (.xml), an Excel specification (.xlsx) or a study folder")
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


def _of_study(folder: Path, of: str) -> DefineContent:
    """The content of the specs of a study. Raises SpecError, and UsageError where the study reads raw data."""
    from ..mappings.loader import find_study, load_study
    from ..runs.define_of_spec import define_of_spec
    from ..runs.plan_study import plan_study

    plan = plan_study(load_study(find_study(str(folder))))[0]
    kinds = [of] if of else ["sdtm", "adam"]
    found = [xml for kind in kinds if (xml := define_of_spec(plan, kind)) is not None]
    if len(found) > 1:
        raise UsageError(f"{folder} has SDTM and ADaM: add --of sdtm or --of adam")
    if not found:
        raise InputError(f"{folder}: the study has no dataset{f' of {of}' if of else ''}")
    return read_define(found[0], str(folder))


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

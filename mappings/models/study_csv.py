"""A CSV file in the study folder: its rows with their places, and its mistakes. Not for what a row means.

The language code that such files and study.yaml have is here too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from ...errors import FileName, Place, SpecProblem

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def language_mistake(code: str) -> str:
    """What is wrong with a language code of ISO 639; '' if nothing is."""
    return "" if _LANGUAGE.fullmatch(code) else f"'{code}' is not a language code of ISO 639, such as de"


def _language(code: str) -> str:
    if message := language_mistake(code):
        raise ValueError(message)
    return code


def _language_or_none(code: str) -> str:
    return _language(code) if code else ""


#: a language code of ISO 639; the other one may be ''
Language = Annotated[str, AfterValidator(_language)]
AnyLanguage = Annotated[str, AfterValidator(_language_or_none)]


def study_csv_table(
    file: str, path: Path, named_at: Place, problems: list[SpecProblem]
) -> list[tuple[Place, dict[str, str]]]:
    """(place, column to cell) of each row of a CSV file whose header names its columns; mistakes are problems.

    A header with an empty or doubled name, and a row with more or fewer cells than the header, are mistakes.
    """
    found = _header_and_rows(file, path, named_at, problems)
    if found is None:
        return []
    (place, header), rows = found
    for name in dict.fromkeys(n for n in header if not n or header.count(n) > 1):
        problems.append(SpecProblem(place, f"the header has '{name}' twice" if name else "a column has no name"))
        return []
    out = []
    for here, row in rows:
        if len(row) != len(header):
            problems.append(SpecProblem(here, f"the row has {len(row)} cells, and the header {len(header)}"))
        elif any(row):
            out.append((here, dict(zip(header, row, strict=True))))
    return out


def _header_and_rows(
    file: str, path: Path, named_at: Place, problems: list[SpecProblem]
) -> tuple[tuple[Place, list[str]], list[tuple[Place, list[str]]]] | None:
    """(place, cells) of the header and of each row of a CSV file, without blanks around a cell."""
    text = _text(file, path, named_at, problems)
    if text is None:
        return None
    name = FileName(file, path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = []
    try:
        for row in reader:
            lines.append((Place(name, reader.line_num, 1), [cell.strip() for cell in row]))
    except csv.Error as error:
        problems.append(SpecProblem(Place(name, reader.line_num, 1), f"the file is not CSV: {error}"))
        return None
    if not lines:
        problems.append(SpecProblem(Place(name, 1, 1), "the file is empty: it needs a header"))
        return None
    return lines[0], [(place, row) for place, row in lines[1:] if row]


def _text(file: str, path: Path, named_at: Place, problems: list[SpecProblem]) -> str | None:
    """The text of a file in UTF-8; None, and a problem, for one that cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.append(SpecProblem(named_at, f"there is no file '{file}' in the study folder"))
    except UnicodeDecodeError as error:
        problems.append(SpecProblem(named_at, f"'{file}' is not UTF-8: byte {error.start + 1} cannot be read"))
    return None


def study_csv_rows(
    file: str, path: Path, columns: Sequence[str], named_at: Place, problems: list[SpecProblem]
) -> Iterator[tuple[Place, list[str]]]:
    """(place, cells of ``columns`` without blanks around them) of each row of a CSV file in UTF-8.

    ``file``: its name in messages; ``named_at``: where the spec names it. A file that cannot be read, and a header
    without one of the columns, are problems, and give no row; text that is not CSV ends the rows with a problem.
    """
    text = _text(file, path, named_at, problems)
    if text is None:
        return
    name = FileName(file, path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        missing = [column for column in columns if column not in header]
        if missing:
            message = f"the file has no column {', '.join(missing)}; it needs {', '.join(columns)}"
            problems.append(SpecProblem(Place(name, 1, 1), message))
            return
        at = [header.index(column) for column in columns]
        for row in reader:
            yield Place(name, reader.line_num, 1), [row[i].strip() if i < len(row) else "" for i in at]
    except csv.Error as error:
        problems.append(SpecProblem(Place(name, reader.line_num, 1), f"the file is not CSV: {error}"))

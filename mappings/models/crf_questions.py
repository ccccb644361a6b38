"""The questions and choices of fields of a generated annotated CRF: a CSV file beside study.yaml.

For raw files that have none, as CSV exports. Not for the forms (acrf/).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import FileName, Place, SpecProblem, nearest
from ..binding.bind import place_of
from .documents import DocumentSpec

COLUMNS = ("source", "column", "question", "choices")


@dataclass(frozen=True)
class CrfQuestion:
    """The question of a field, its choices (code, label) in order, and the line of the file."""

    question: str
    choices: tuple[tuple[str, str], ...]
    place: Place


#: (source, column) -> question
CrfQuestions = Mapping[tuple[str, str], CrfQuestion]


def read_questions(
    spec: DocumentSpec, path: Path, sources: Collection[str], problems: list[SpecProblem]
) -> dict[tuple[str, str], CrfQuestion]:
    """The questions of a file. A mistake is a problem at its line; a line with a mistake is not used."""
    name = str(spec.questions)
    at_spec = place_of(spec, "questions")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.append(SpecProblem(at_spec, f"there is no file '{name}' in the study folder"))
        return {}
    except UnicodeDecodeError as error:
        problems.append(SpecProblem(at_spec, f"'{name}' is not UTF-8: byte {error.start + 1} cannot be read"))
        return {}
    file = FileName(name, path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: dict[tuple[str, str], CrfQuestion] = {}
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            message = f"the file has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}"
            problems.append(SpecProblem(Place(file, 1, 1), message))
            return {}
        at = [header.index(column) for column in COLUMNS]
        for row in reader:
            source, column, question, choices = (row[i].strip() if i < len(row) else "" for i in at)
            here = Place(file, reader.line_num, 1)
            if not any((source, column, question, choices)):
                continue
            known = found.get((source, column))
            if source not in sources:
                hint = nearest(source, list(sources))
                problems.append(SpecProblem(here, f"study.yaml has no source '{source}'", hint=hint))
            elif known is not None:
                message = f"{source}.{column} has a question already, at {known.place.shown()}"
                problems.append(SpecProblem(here, message))
            else:
                found[source, column] = CrfQuestion(question, _choices(choices), here)
    except csv.Error as error:
        problems.append(SpecProblem(Place(file, reader.line_num, 1), f"the file is not CSV: {error}"))
    return found


def _choices(text: str) -> tuple[tuple[str, str], ...]:
    """``Y = Yes | N = No`` as codes and labels."""
    parts = (part.partition("=") for part in text.split("|") if part.strip())
    return tuple((code.strip(), label.strip()) for code, _, label in parts)

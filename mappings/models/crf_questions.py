"""The questions and choices of fields of a generated annotated CRF: a CSV file beside study.yaml.

For raw files that have none, as CSV exports. Not for the forms (acrf/).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import Place, SpecProblem, nearest
from ..binding.bind import place_of
from .documents import DocumentSpec
from .study_csv import study_csv_rows

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
    found: dict[tuple[str, str], CrfQuestion] = {}
    rows = study_csv_rows(str(spec.questions), path, COLUMNS, place_of(spec, "questions"), problems)
    for here, (source, column, question, choices) in rows:
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
    return found


def _choices(text: str) -> tuple[tuple[str, str], ...]:
    """``Y = Yes | N = No`` as codes and labels."""
    parts = (part.partition("=") for part in text.split("|") if part.strip())
    return tuple((code.strip(), label.strip()) for code, _, label in parts)

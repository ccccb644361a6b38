"""The small tables of a study, which rules look up: reference limits, queries, periods. Their rows and their mistakes.

Not for raw data (source.py), nor for looking a value up (engine/derivations/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, model_validator

from ...errors import Place, SpecProblem
from ..binding.bind import place_of
from ..binding.spec_model import SpecModel
from .study_csv import study_csv_table

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}", re.ASCII)
#: numbers of a table: plain decimals, as in the language of conditions
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)


class StudyTableSpec(SpecModel):
    """A table of the specification: its rows, or a CSV file in the study folder.

    Rules read it by its name, as `{lookup: limits.ANRLO, on: [PARAMCD]}`. Cells are texts without blanks around them;
    those of ``numbers:`` are numbers.
    """

    file: str | None = Field(default=None, description="CSV in the study folder, UTF-8, with a header.")
    rows: tuple[dict[str, str], ...] = Field(
        default=(), description="The rows, each column to text; in place of file:."
    )
    numbers: tuple[str, ...] = Field(default=(), description="Columns whose cells are numbers.")

    @model_validator(mode="after")
    def _one_place(self) -> StudyTableSpec:
        if (self.file is None) == (not self.rows):
            raise ValueError("a table has either file: or rows:")
        return self


@dataclass(frozen=True)
class StudyTable:
    """``columns``: name to the cells of all rows; ``numbers``: those whose cells are numbers, NaN for an empty one."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def table_name_mistake(name: str, taken: frozenset[str]) -> str:
    """What is wrong with the name of a table; '' if nothing is. ``taken``: names of sources and datasets."""
    if not _NAME.fullmatch(name):
        return f"'{name}' is no name of a table: at most 32 letters, digits and '_', a letter first"
    return f"a source or dataset is called '{name}' too; give the table another name" if name in taken else ""


def read_study_table(spec: StudyTableSpec, path: Path | None, problems: list[SpecProblem]) -> StudyTable:
    """The table of a file, or the rows of the spec. Each mistake is a problem at its line."""
    rows: Sequence[tuple[Place, Mapping[str, str]]]
    if spec.file is not None:
        if path is None:
            return StudyTable()
        rows = study_csv_table(spec.file, path, place_of(spec, "file"), problems)
    else:
        rows = [(place_of(spec, "rows"), row) for row in spec.rows]
    names = list(dict.fromkeys(name for _, row in rows for name in row))
    columns = {name: tuple(row.get(name, "").strip() for _, row in rows) for name in names}
    numbers = {}
    for name in spec.numbers:
        if name not in columns:
            problems.append(SpecProblem(place_of(spec, "numbers"), f"the table has no column '{name}'"))
            continue
        for (place, _), cell in zip(rows, columns[name], strict=True):
            if cell and not _NUMBER.fullmatch(cell):
                problems.append(SpecProblem(place, f"'{cell}' of {name} is no number"))
        numbers[name] = tuple(float(c) if _NUMBER.fullmatch(c) else float("nan") for c in columns[name])
    return StudyTable(columns, numbers)

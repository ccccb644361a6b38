"""The files of a study's checks: their fields, and reading them.

Not for the mistakes in a check (check_mistakes.py) nor for running checks (study_checks.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from ...errors import SpecProblem
from ...mappings.binding.bind import Binder
from ...mappings.binding.spec_model import Names, SpecModel
from ...mappings.models.derivation import Condition
from ...mappings.yaml.read import examine_file
from .cross_checks import LookupSpec

#: field of CheckSpec -> the argument by its name in great-expectations
ARGUMENTS = {
    "column": "column", "column_a": "column_A", "column_b": "column_B", "columns": "column_list",
    "value_set": "value_set", "regex": "regex", "min_value": "min_value", "max_value": "max_value",
    "strict_min": "strict_min", "strict_max": "strict_max", "or_equal": "or_equal", "mostly": "mostly",
    "value": "value",
}  # fmt: skip
#: the argument -> field of CheckSpec
FIELDS = {argument: name for name, argument in ARGUMENTS.items()}


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class CheckSpec(SpecModel):
    """One check of a finished dataset."""

    name: str = Field(description="Its id in findings: R2A-CHECK-<name>.")
    dataset: Annotated[str, Names("dataset")] = Field(description="The dataset that it checks.")
    severity: Literal["error", "warning", "note"] = Field("warning", description="The severity of a failing record.")
    expect: str = Field("", description="A great-expectations expectation, without the leading expect_.")
    fails: Condition | None = Field(
        None, description="Instead of expect: a condition; a record where it holds fails. It may read DM.DTHDTC."
    )
    unbroken: str | None = Field(
        None, description="Instead of expect: a variable whose numbers within by: are 1, 2, 3 .. without a hole."
    )
    once: tuple[str, ...] = Field((), description="Instead of expect: variables whose values together are unique.")
    by: tuple[str, ...] = Field(("USUBJID",), description="The group of unbroken:.")
    where: Condition | None = Field(None, description="Only records where this holds are checked.")
    with_: dict[str, LookupSpec] = Field(
        default_factory=dict, alias="with", description="Names for values of the subject's other records."
    )
    at: str | None = Field(None, description="The variable whose cell a finding of fails: or once: names.")
    message: str = Field("", description="The message of a finding; by default the expectation and its arguments.")
    column: str | None = Field(None, description="The variable that it checks.")
    column_a: str | None = Field(None, description="The first variable of a pair.")
    column_b: str | None = Field(None, description="The second variable of a pair.")
    columns: tuple[str, ...] | None = Field(None, description="Several variables.")
    value_set: tuple[str, ...] | None = Field(None, description="The values of a set.")
    regex: str | None = Field(None, description="A regular expression (RE2), from the start of the text.")
    min_value: float | None = Field(None, description="The lowest value.")
    max_value: float | None = Field(None, description="The highest value.")
    strict_min: bool | None = Field(None, description="Whether the lowest value itself fails.")
    strict_max: bool | None = Field(None, description="Whether the highest value itself fails.")
    or_equal: bool | None = Field(None, description="Whether a pair may be equal.")
    mostly: float | None = Field(None, ge=0, le=1, description="The share of records that must pass.")
    value: int | None = Field(None, description="The number that a count must equal.")

    @field_validator("name")
    @classmethod
    def _id(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(
                f"'{value}' is no name of a check: 1 to 40 letters, digits, hyphens and underscores, a letter or digit "
                "first"
            )
        return value


class ChecksFile(SpecModel):
    """A file of checks."""

    checks: tuple[CheckSpec, ...] = Field(description="The checks, in the order of the report.")


#: fields of CheckSpec that replace an expectation
CROSS = ("fails", "unbroken", "once")


def written_checks(paths: Sequence[Path], root: Path | None = None) -> tuple[list[CheckSpec], list[SpecProblem]]:
    """The checks of all files without an examination, and the mistakes in the form of the files."""
    specs: list[CheckSpec] = []
    problems: list[SpecProblem] = []
    for path in paths:
        node, found = examine_file(path, root or path.parent)
        problems += found
        if node is None:
            continue
        binder = Binder()
        file = binder.bind(node, ChecksFile)
        problems += binder.problems
        specs += file.checks if file is not None else ()
    return specs, problems

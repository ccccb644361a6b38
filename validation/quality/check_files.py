"""The files of a study's checks: their fields, and reading them.

Not for the mistakes in a check (check_mistakes.py) nor for running checks (study_checks.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import Field, field_validator, model_validator

from ...errors import SpecProblem
from ...mappings.binding.bind import Binder
from ...mappings.binding.spec_model import FieldMistake, Names, SpecModel
from ...mappings.models.derivation import Condition
from ...mappings.yaml.read import examine_file
from .conditions import Fails, Once, Unbroken
from .date_kinds import IsoDates, Order, Visits
from .kind import Kind
from .scope import LookupSpec
from .value_kinds import Exists, Outliers, Plausible, Terms

#: key -> the kind of check of a spec that has it
KINDS: dict[str, Callable[[CheckSpec], Kind]] = {
    "fails": lambda s: Fails(s.fails or ""),
    "unbroken": lambda s: Unbroken(s.unbroken or "", s.by),
    "once": lambda s: Once(s.once),
    "iso_dates": lambda s: IsoDates(s.iso_dates),
    "order": lambda s: Order(s.order),
    "visits": lambda s: cast("Visits", s.visits),
    "terms": lambda s: Terms(s.terms),
    "exists": lambda s: cast("Exists", s.exists),
    "plausible": lambda s: cast("Plausible", s.plausible),
    "outliers": lambda s: cast("Outliers", s.outliers),
}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class QuantileRanges(SpecModel):
    """Quantiles from 0 to 1, and for each the lowest and highest value that it may have."""

    quantiles: tuple[float, ...] = Field(description="Quantiles, such as [0.05, 0.5, 0.95].")
    value_ranges: tuple[tuple[float, float], ...] = Field(description="The limits of each, in the same order.")

    @model_validator(mode="after")
    def _pairs(self) -> QuantileRanges:
        if len(self.quantiles) != len(self.value_ranges):
            raise ValueError(f"{len(self.quantiles)} quantiles have {len(self.value_ranges)} limits")
        if any(not 0 <= q <= 1 for q in self.quantiles):
            raise ValueError("a quantile is a number from 0 to 1")
        return self


class Question(SpecModel):
    """What a check is about and what it asks, beside the arguments of an expectation."""

    name: str = Field(description="Its id in findings: R2A-CHECK-<name>.")
    dataset: Annotated[str, Names("dataset")] = Field("", description="The finished dataset that it checks.")
    source: str = Field("", description="Instead of dataset: the raw source that it checks, as the study reads it.")
    title: str = Field("", description="What it asks, in plain words, for quality.html; by default from its kind.")
    severity: Literal["error", "warning", "note"] = Field("warning", description="The severity of a failing record.")
    expect: str = Field("", description="A great-expectations expectation, with or without the leading expect_.")
    fails: Condition | None = Field(
        None, description="A condition; a record where it holds fails. It may read DM.DTHDTC."
    )
    unbroken: str | None = Field(None, description="A variable whose numbers within by: are 1, 2, 3 .. without a hole.")
    once: tuple[str, ...] = Field((), description="Variables whose values together are unique: a natural key.")
    iso_dates: tuple[str, ...] = Field((), description="Variables whose texts are ISO 8601 dates, complete or partial.")
    order: tuple[str, ...] = Field((), description="Dates none of which lies after a later one of the list.")
    visits: Visits | None = Field(None, description="Visits of a subject in the order of their dates.")
    terms: dict[str, str] = Field({}, description="Variable -> codelist of study.yaml, or published (name or code).")
    exists: Exists | None = Field(None, description="Another table has a record with these values.")
    plausible: Plausible | None = Field(None, description="Lowest and highest numbers by test and unit.")
    outliers: Outliers | None = Field(None, description="Numbers far from the median of their group.")
    by: tuple[str, ...] = Field(("USUBJID",), description="The group of unbroken:.")
    where: Condition | None = Field(None, description="Only records where this holds are checked.")
    with_: dict[str, LookupSpec] = Field(
        default_factory=dict, alias="with", description="Names for values of the subject's other records."
    )
    at: str | None = Field(None, description="The variable whose cell a finding names; by default that of the kind.")
    message: str = Field("", description="The message of a finding; by default what the check asks.")
    question: str = Field(
        "",
        description="The question to the site in queries.xlsx; by default from the message. {COLUMN} is the value of a "
        "column or variable of the record, {value} that of the cell, {file} the form, {column} the field. phrases.csv "
        "may translate it.",
    )
    unless: tuple[str, ...] = Field(
        (),
        description="Checks of the study, or ids of rules, whose finding about the same raw cell replaces its own.",
    )

    @property
    def table(self) -> str:
        """The dataset or source that it checks."""
        return self.dataset or self.source

    @model_validator(mode="after")
    def _one_table(self) -> Question:
        if bool(self.dataset) == bool(self.source):
            raise FieldMistake("a check has one of dataset: and source:", "source" if self.source else "name")
        return self

    @field_validator("name")
    @classmethod
    def _id(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(
                f"'{value}' is no name of a check: 1 to 40 letters, digits, hyphens and underscores, a letter or digit "
                "first"
            )
        return value


class CheckSpec(Question):
    """One check of a finished dataset or a raw source. One key is its question: expect, or a kind of raw2adam.

    The keys from column on are the arguments of expectations, by their names in great-expectations.
    """

    column: str | None = Field(None, description="The variable that it checks.")
    column_A: str | None = Field(None, description="The first variable of a pair.")
    column_B: str | None = Field(None, description="The second variable of a pair.")
    column_list: tuple[str, ...] | None = Field(None, description="Several variables.")
    column_set: tuple[str, ...] | None = Field(None, description="The variables of a dataset, in any order.")
    exact_match: bool | None = Field(None, description="Whether a dataset has no variables beside column_set.")
    value_set: tuple[str, ...] | None = Field(None, description="The values of a set.")
    value_pairs_set: tuple[tuple[str, str], ...] | None = Field(None, description="The pairs of values of a set.")
    regex: str | None = Field(None, description="A regular expression (RE2), from the start of the text.")
    regex_list: tuple[str, ...] | None = Field(None, description="Several regular expressions.")
    match_on: Literal["any", "all"] | None = Field(None, description="Whether any or all of regex_list must match.")
    strftime_format: str | None = Field(None, description="A format of Python's strftime, such as %Y-%m-%d.")
    min_value: float | None = Field(None, description="The lowest value.")
    max_value: float | None = Field(None, description="The highest value.")
    strict_min: bool | None = Field(None, description="Whether the lowest value itself fails.")
    strict_max: bool | None = Field(None, description="Whether the highest value itself fails.")
    or_equal: bool | None = Field(None, description="Whether a pair may be equal.")
    strictly: bool | None = Field(None, description="Whether equal neighbours fail.")
    threshold: float | None = Field(None, description="The z score from which a value fails.")
    double_sided: bool | None = Field(None, description="Whether values far below the mean fail too.")
    method: Literal["iqr", "std"] | None = Field(None, description="Quartiles or standard deviation; by default iqr.")
    multiplier: float | None = Field(None, gt=0, description="How many of them a value may be away; by default 1.5.")
    sum_total: float | None = Field(None, description="The number that a sum must equal.")
    quantile_ranges: QuantileRanges | None = Field(None, description="Quantiles, and the limits of each.")
    ties_okay: bool | None = Field(None, description="Whether another value may be as frequent.")
    mostly: float | None = Field(None, ge=0, le=1, description="The share of records that must pass.")
    value: int | None = Field(None, description="The number that a count or a length must equal.")


class ChecksFile(SpecModel):
    """A file of checks."""

    checks: tuple[CheckSpec, ...] = Field(description="The checks, in the order of the report.")


#: the fields of a check that say what it asks
ASKED = ("expect", *(k for k in KINDS))


def kind_of(spec: CheckSpec) -> Kind | None:
    """The kind of a check that raw2adam runs itself; None for an expectation."""
    return next((KINDS[f](spec) for f in KINDS if getattr(spec, f)), None)


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

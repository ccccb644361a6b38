"""The toxicity grade of a value for both directions, from the grades of each. Not for these grades: toxicity.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.expressions.sentence import condition_sentence
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording


@register
class CombinedGrade(Derivation):
    """ATOXGR of both directions: the high grade, the low grade with a minus, or 0.

    0: the grade of each direction that the record has a term for is 0. Missing: a grade that decides is missing. A
    value with a grade in both directions is a finding, and missing.
    """

    verb: ClassVar[str] = "combined_grade"
    example = Example(
        rule="{combined_grade: [ATOXGRL, ATOXGRH], terms: [ATOXDSCL, ATOXDSCH]}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05", "06", "07"],
            "LOW": ["2", "0", "0", "", "0", "", "1"],
            "HIGH": ["0", "3", "0", "0", "", "1", ""],
            "L": ["x", "x", "x", "", "x", "x", "x"],
        },
        gives=["-2", "3", "0", "0", "", "1", "-1"],
        dataset="ADLB",
        variable="ATOXGR",
        setting="PARAMCD: {value: K}\nPARAM: {value: Potassium}\nATOXGRL: ARMCD\nATOXGRH: ARM\nATOXDSCL: ACTARMCD\n"
        "ATOXDSCH: {value: Hyperkalemia}",
        datasets={"DM": "ARMCD: LOW\nARM: HIGH\nACTARMCD: L"},
    )

    combined_grade: tuple[str, str] = Field(description="The grade of low values, the grade of high values.")
    terms: tuple[str, str] = Field(
        default=("ATOXDSCL", "ATOXDSCH"), description="The terms of both: no term, no grade is expected."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.combined_grade:
            yield "combined_grade", name
        for name in self.terms:
            yield "terms", name

    def texts(self) -> dict[str, str]:
        return dict.fromkeys([*map(str, range(-4, 5))], "")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        low, high = map(words.name, self.combined_grade)
        return (
            f"{target} is {high}, or {low} with a minus, whichever is above '0'; '0' if the grade of each direction "
            f"with a term is '0'{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        low, high = (self._grades(env, name) for name in self.combined_grade)
        no_low, no_high = (col.missing(env.column(name, "terms")) for name in self.terms)
        both = (low > 0) & (high > 0)
        env.report(
            "R2A-GRADE-005", both, "a grade for low and one for high values: none is used", self.combined_grade[0]
        )
        none = (np.where(no_low, 0, low) == 0) & (np.where(no_high, 0, high) == 0) & ~(np.isnan(low) & np.isnan(high))
        code = np.select([both, high > 0, low > 0, none], [-1, 4 + high, 4 - low, 4], -1)
        return Derived(col.join_text(code.astype("int64"), [*map(str, range(-4, 5)), ""]))

    def _grades(self, env: Environment, name: str) -> np.ndarray:
        """The grades 0 to 4 of a variable; another number is a finding, and missing."""
        grades = read_as_numbers(env, name, "combined_grade")
        other = ~np.isnan(grades) & ~np.isin(grades, np.arange(5))
        env.report("R2A-GRADE-007", other & env.applies(), "the grade is none of 0 to 4: it is not used", name)
        return np.where(other, np.nan, grades)

"""The toxicity grade of laboratory values by a scale, in one direction.

The scales are data: mappings/criteria (NCI CTCAE 4.03 and 5.0, DAIDS 2.1). Not for the lines of a grade
(grade_lines.py), for both directions together (combined_grade.py), nor for the baseline: base_value of the grade.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.moments import days_of_variable
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.expressions.sentence import condition_sentence
from ...errors import SpecError, nearest
from ...mappings.models.criteria_files import criteria_folder, known_criteria
from ...mappings.models.derivation import Example, register
from ...mappings.models.toxicity_scale import ToxicityScale, ToxicityTerm, scale_names, toxicity_scale
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .age_groups import Ages, ages_between, ages_in_years, members
from .grade_lines import GradedValues, grades_of

#: field of the rule -> what of a scale needs it
_NEEDED = {"unit": "UNIT", "low": "LLN", "high": "ULN", "base": "BASE", "base_indicator": "BNRIND", "sex": "SEX"}


@register
class ToxicityGrade(Derivation):
    """The grade 0 to 4 of a laboratory value by a toxicity scale, for too low or for too high values.

    The highest grade whose criterion the value fulfils; 0 if it fulfils none. The grade is missing if a value, limit or
    baseline that decides is missing, or if the record has no term. It is missing too if the unit is none of the term,
    with a finding, and if the scale has no grades for its age and sex. An upper limit of 0 or less and limits in the
    wrong order are not used, with a finding. docs/grading.md has the scales.
    """

    verb: ClassVar[str] = "toxicity_grade"
    example = Example(
        rule="{toxicity_grade: AVAL, scale: ctcae-5.0, direction: low, term: ATOXDSCL, unit: UNIT, base: null}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05", "06"],
            "VALUE": ["12", "11.9", "9.9", "7.9", "11.9", "7.9"],
            "U": ["g/dL", "g/dL", "g/dL", "g/dL", "g/dL", "stone"],
            "LLN": ["12", "12", "12", "12", "", "12"],
        },
        gives=["0", "1", "2", "3", "", ""],
        dataset="ADLB",
        variable="ATOXGRL",
        setting="PARAMCD: {value: HGB}\nPARAM: {value: Hemoglobin}\nAVAL: AGE\nUNIT: {from: ETHNIC, label: Unit}\n"
        "ANRLO: DMDY\nATOXDSCL: {value: Anemia}",
        datasets={"DM": "AGE: VALUE\nETHNIC: {from: U, codelist: none}\nDMDY: LLN"},
    )

    toxicity_grade: str = Field(description="The value, AVAL.")
    scale: str = Field(
        description="The scale: ctcae-4.03, ctcae-5.0, daids-2.1, or a file NAME.yaml in criteria/ of the study."
    )
    direction: Literal["low", "high"] = Field(description="Which values are graded: too low or too high ones.")
    term: str = Field(description="The variable with the term of the scale, as ATOXDSCL; no grade where it is missing.")
    unit: str | None = Field(default=None, description="The variable with the unit of the value.")
    low: str | None = Field(default="ANRLO", description="Lower limit of normal; null if there is none.")
    high: str | None = Field(default="ANRHI", description="Upper limit of normal; null if there is none.")
    base: str | None = Field(default="BASE", description="Baseline in the same unit; null if there is none.")
    base_indicator: str | None = Field(
        default="BNRIND",
        description="Range indicator of the baseline: LOW, LOW LOW, HIGH, HIGH HIGH are abnormal. Where it is missing, "
        "the baseline is compared with the limits of the record.",
    )
    without_baseline: Literal["limits", "unknown"] = Field(
        default="limits",
        description="A missing baseline. limits: it counts as normal, and a criterion that compares with it cannot "
        "raise a grade; unknown: no grade where such a criterion could.",
    )
    absent: tuple[str, ...] = Field(
        default=(),
        description="Clinical facts that no value shows, and that do not hold: symptoms, consequences, "
        "anticoagulation, hepatotoxicity, life-threatening. By default they hold: the higher grade.",
    )
    birth: str | None = Field(default=None, description="Date of birth, numeric or ISO 8601, for grades by age.")
    date: str = Field(default="ADT", description="Date of the value, for grades by age.")
    age: str | None = Field(default=None, description="Completed years, for grades by age, if there is no birth:.")
    sex: str | None = Field(default=None, description="Sex, M or F, for grades by sex.")

    def problems(self) -> Iterator[tuple[str, ...]]:
        if (folder := criteria_folder(self, self.scale, scale_names())) is None:
            known = known_criteria(self, scale_names())
            yield "scale", f"there is no scale '{self.scale}'; there is {', '.join(known)}"
            return
        try:
            scale = toxicity_scale(self.scale, folder)
        except SpecError as error:
            yield from (("scale", str(problem)) for problem in error.problems)
            return
        for fact in self.absent:
            if fact not in scale.facts():
                hint = f" ({found})" if (found := nearest(fact, scale.facts())) else ""
                yield "absent", f"{scale.name} has no fact '{fact}'; it has {', '.join(sorted(scale.facts()))}{hint}"
        needs = scale.needs(self.direction)
        for field in ("unit", "sex"):
            if _NEEDED[field] in needs and getattr(self, field) is None:
                yield field, f"{field}: is missing: {scale.name} has grades by {field}"
        if "AGE" in needs and self.birth is None and self.age is None:
            yield "birth", f"birth: or age: is missing: {scale.name} has grades by age"
        if self.birth is not None and self.age is not None:
            yield "age", "declare either birth: or age:"

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "toxicity_grade", self.toxicity_grade
        yield "term", self.term
        needs = self._needs()
        for field, needed in _NEEDED.items():
            stated = needed in needs or field in self.model_fields_set
            if stated and getattr(self, field) is not None:
                yield field, getattr(self, field)
        of_age = ("birth", "date") if self.birth is not None else ("age",)
        for field in ("birth", "date", "age"):
            stated = ("AGE" in needs and field in of_age) or field in self.model_fields_set
            if stated and getattr(self, field) is not None:
                yield field, getattr(self, field)

    def terms(self) -> frozenset[str]:
        """The terms of the scale in the direction of the rule, in lower case; none of a scale that cannot be read."""
        scale = self._scale()
        return frozenset(scale.of(self.direction)) if scale is not None else frozenset()

    def texts(self) -> dict[str, str]:
        return dict.fromkeys("01234", "")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        scale = self._scale()
        name = quoted(scale.name if scale is not None else self.scale)
        none = f"; {', '.join(map(quoted, self.absent))} does not hold" if self.absent else ""
        return (
            f"{target} is the highest grade for {self.direction} values of the term {words.name(self.term)} by {name} "
            f"whose criterion {words.name(self.toxicity_grade)} fulfils, '0' if it fulfils none{none}"
            f"{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        scale = self._scale()
        assert scale is not None  # lint has refused a scale that cannot be read
        terms = scale.of(self.direction)
        codes, names = col.split_text(env.column(self.term, "term"))
        found = [terms.get(t.strip().casefold()) for t in names]
        filled = np.array([bool(t.strip()) for t in names], dtype=bool)
        known = np.array([t is not None for t in found], dtype=bool)
        message = f"a term that {scale.name} does not have for {self.direction} values: no grade"
        env.report("R2A-GRADE-001", (filled & ~known)[codes], message, self.term)
        values = self._values(env, scale)
        unit_codes, units = self._units(env, scale)
        ages, sex = self._people(env)
        grade = np.full(env.n, np.nan)
        unread, unplaced = np.zeros(env.n, dtype=bool), np.zeros(env.n, dtype=bool)
        valued = ~np.isnan(values.value)
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
        for code, term in enumerate(found):
            at = order[bounds[code] : bounds[code + 1]]
            at = at[valued[at]]
            if term is not None and len(at):
                of = _OfTerm(term, values, unit_codes, units, ages, sex)
                grade[at], unread[at], unplaced[at] = of.grades(at, self)
        env.report("R2A-GRADE-002", unread, f"a unit for which {scale.name} has no numbers: no grade", self.unit or "")
        env.report("R2A-GRADE-003", unplaced, "age or sex is not known: no grade", self.toxicity_grade)
        open_ = valued & known[codes] & np.isnan(grade) & ~unread & ~unplaced
        if open_.any():
            message = "a limit or a baseline that decides is missing: no grade"
            env.report("R2A-GRADE-006", open_ & env.applies(), message, self.toxicity_grade)
        return Derived(col.join_text(np.where(np.isnan(grade), 0, grade + 1).astype("int8"), ["", *"01234"]))

    def _scale(self) -> ToxicityScale | None:
        folder = criteria_folder(self, self.scale, scale_names())
        try:
            return toxicity_scale(self.scale, folder) if folder is not None else None
        except SpecError:  # ``problems`` reports it
            return None

    def _needs(self) -> set[str]:
        scale = self._scale()
        return scale.needs(self.direction) if scale is not None else set()

    def _values(self, env: Environment, scale: ToxicityScale) -> GradedValues:
        needs = scale.needs(self.direction)
        numbers = {
            of: read_as_numbers(env, name, field)
            for field, of in (("low", "LLN"), ("high", "ULN"), ("base", "BASE"))
            if of in needs and (name := getattr(self, field)) is not None
        }
        none = np.full(env.n, np.nan)
        low, high, base = (numbers.get(of, none) for of in ("LLN", "ULN", "BASE"))
        turned = low > high
        message = "the lower limit is above the upper one: no limit is used"
        env.report("R2A-GRADE-004", turned, message, self.low or "")
        env.report(
            "R2A-GRADE-004", (high <= 0) & ~turned, "an upper limit of 0 or less: it is not used", self.high or ""
        )
        env.report("R2A-GRADE-004", (low < 0) & ~turned, "a lower limit below 0: it is not used", self.low or "")
        references = {
            "LLN": np.where(turned | (low < 0), np.nan, low),
            "ULN": np.where(turned | (high <= 0), np.nan, high),
            "BASE": np.where(base > 0, base, np.nan),
        }
        abnormal, known = np.zeros(env.n, dtype=bool), np.zeros(env.n, dtype=bool)
        if "BNRIND" in needs and self.base_indicator is not None:
            codes, texts = col.split_text(env.column(self.base_indicator, "base_indicator"))
            word = self.direction.upper()
            abnormal = np.array([t in (word, f"{word} {word}") for t in texts], dtype=bool)[codes]
            known = np.array([bool(t.strip()) for t in texts], dtype=bool)[codes]
        if "BNRIND" in needs:  # without an indicator the limits decide
            compared, limit = references["BASE"], references["LLN" if self.direction == "low" else "ULN"]
            shown = ~known & ~np.isnan(compared) & ~np.isnan(limit)
            outside = compared < limit if self.direction == "low" else compared > limit
            abnormal, known = np.where(shown, outside, abnormal), known | shown
        value = read_as_numbers(env, self.toxicity_grade, "toxicity_grade")
        below = value < 0
        if below.any():
            message = "a value below 0 has no grade"
            env.report(
                "R2A-GRADE-008",
                below & ~col.missing(env.column(self.term, "term")) & env.applies(),
                message,
                self.toxicity_grade,
            )
        return GradedValues(np.where(below, np.nan, value), references, abnormal, known)

    def _units(self, env: Environment, scale: ToxicityScale) -> tuple[np.ndarray, list[str]]:
        """(code of each record, the unit of the scale of each code)."""
        if self.unit is None or "UNIT" not in scale.needs(self.direction):
            return np.zeros(env.n, dtype="int64"), [""]
        codes, texts = col.split_text(env.column(self.unit, "unit"))
        return codes, [scale.unit(t) for t in texts]

    def _people(self, env: Environment) -> tuple[Ages | None, np.ndarray | None]:
        needs, ages = self._needs(), None
        if "AGE" in needs and self.birth is not None:
            dates = ((self.birth, "birth"), (self.date, "date"))
            ages = ages_between(*(days_of_variable(env.column(name, field), name) for name, field in dates))
        elif "AGE" in needs and self.age is not None:
            ages = ages_in_years(read_as_numbers(env, self.age, "age"))
        sex = col.objects(env.column(self.sex, "sex")) if "SEX" in needs and self.sex is not None else None
        return ages, sex


class _OfTerm:
    """The records of one term: their values, units, ages and sexes are those of all records."""

    def __init__(
        self,
        term: ToxicityTerm,
        values: GradedValues,
        unit_codes: np.ndarray,
        units: list[str],
        ages: Ages | None,
        sex: np.ndarray | None,
    ):
        self.term, self.values, self.unit_codes, self.units = term, values, unit_codes, units
        self.ages, self.sex = ages, sex

    def grades(self, at: np.ndarray, rule: ToxicityGrade) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(grades, where the unit is not known, where age or sex is not known) of the records ``at``."""
        n = len(at)
        grade = np.full(n, np.nan)
        unread, unplaced = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        values = self.values.take(at)
        ages = None if self.ages is None else self.ages.take(at)
        sex = None if self.sex is None else self.sex[at]
        strict = rule.without_baseline == "unknown"
        for group in self.term.all_groups():
            inside, perhaps = members(group, ages, sex, n)
            unplaced |= perhaps
            allowed = group.units()
            codes = self.unit_codes[at] if allowed is not None else np.zeros(n, dtype="int64")
            for code in np.unique(codes[inside]).tolist():
                here = np.flatnonzero(inside & (codes == code))
                unit = self.units[code] if allowed is not None else ""
                if allowed is not None and unit not in allowed:
                    unread[here] = True
                else:
                    part = values.take(here)
                    grade[here] = grades_of(group, part, unit=unit, absent=rule.absent, strict=strict)
        return np.where(unplaced, np.nan, grade), unread, unplaced

"""Derivations of findings: results as standard text, number and unit.

SDTMIG 3.4 section 6.3 (Findings): --ORRES is as collected; --STRESC, --STRESN, --STRESU are in the standard unit. Not
for the conversion of results (standardise.py, units.py), for reading numbers (engine/derivations/numbers.py), for
reference limits (limits.py) or the range indicator (range_indicator.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.accounts.outcomes import CellOutcome
from ...engine.columns import column as col
from ...engine.columns.number_text import read_number
from ...engine.columns.rounding import COLLECTED_DIGITS, collected_digits
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import report_readings
from ...engine.tables.dataset import Origin
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .standardise import (
    NOT_CONVERTED,
    ResultRule,
    Standardised,
    codelist_spellings,
    raw_cell,
    result_numbers,
    result_rule,
    rule_of,
    standardised,
    tests_of,
    unit_column,
)
from .units import units_of

FACTS = """\
units: {g/dL: [g/dl], g/L: [g/l]}
measurements: {HGB: {unit: g/dL, convert: {g/L: {over: 10}}, plausible: [2, 25]}}"""
SETTING = "LBTESTCD: TEST\nLBORRES: RESULT\nLBORRESU: {original_unit: UNIT}\n"
_CELLS = {
    "TEST": ["HGB", "HGB", "HGB", "HGB", "HGB", "HGB"],
    "RESULT": ["125", "12.5", "<35", "neg", "trace?", "12.5"],
    "UNIT": ["g/l", "g/dL", "g/L", "", "", "kg"],
}


@register
class OriginalUnit(Derivation):
    """--ORRESU: the unit as CDISC submits it, by declared spellings; another unit is kept and reported."""

    verb: ClassVar[str] = "original_unit"
    default_origin = Origin("Collected", "Investigator")
    example = Example(
        rule="{original_unit: UNIT}",
        rows={"TEST": ["HGB", "HGB", "NEUT", "HGB"], "UNIT": ["g/l", "G/DL", "G/l", "furlong"]},
        gives=["g/L", "g/dL", "10^9/L", "furlong"],
        dataset="LB",
        variable="LBORRESU",
        setting="LBTESTCD: TEST\nLBORRES: {value: '1'}",
        study="units: {g/dL: [g/dl], g/L: [g/l]}\n"
        "measurements: {NEUT: {unit: 10^9/L, spellings: {G/l: 10^9/L}}, HGB: {unit: g/dL}}",
    )

    original_unit: str = Field(description="Column with the unit.")
    default: str | None = Field(default=None, description="Unit where the column is empty.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "original_unit", self.original_unit

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        default = f", {quoted(self.default)} where it is missing" if self.default else ""
        return f"{target} is {words.name(self.original_unit)} as the submission value of its unit{default}."

    def derive(self, env: Environment) -> Derived:
        units, more = units_of(env.study.spec), codelist_spellings(env)
        tests = tests_of(env)
        codes, texts = col.split_text(env.column(self.original_unit, "original_unit"))
        keys, inverse = np.unique(tests.codes.astype("int64") * len(texts) + codes, return_inverse=True)
        out, unknown = [], np.zeros(len(keys), dtype=bool)
        for i, key in enumerate(keys.tolist()):
            text = str(texts[key % len(texts)])
            found = units.submitted(text, tests.facts[key // len(texts)], more) if text else self.default or ""
            unknown[i] = bool(text) and not found
            out.append(found or text)
        env.report(
            "R2A-UNIT-001",
            unknown[inverse],
            "units: does not have this unit; it is kept, and the result is not converted",
            self.original_unit,
        )
        return Derived(col.join_text(inverse, out))


@register
class StandardResult(ResultRule):
    """--STRESC: the result in the standard unit of its test, as text; with a sign as <0.01, a text as map: has it.

    A number is converted exactly. It is empty where it cannot be converted (unknown or missing unit, no 24 h volume); a
    text that is no number and not mapped is kept. Each of these, and a value outside the plausible window, is reported
    with its cell.
    """

    verb: ClassVar[str] = "standard_result"
    example = Example(
        rule="{standard_result: RESULT, map: {neg: NEGATIVE}}",
        rows=_CELLS,
        gives=["12.5", "12.5", "<3.5", "NEGATIVE", "trace?", ""],
        dataset="LB",
        variable="LBSTRESC",
        setting=SETTING.rstrip(),
        study=FACTS,
    )

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        mapped = ", texts mapped to standard terms" if self.map else ""
        volume = f", multiplied by {words.name(self.operand)} where the conversion needs it" if self.operand else ""
        return f"{target} is {words.name(self.standard_result)} in the standard unit of the test{volume}{mapped}."

    def derive(self, env: Environment) -> Derived:
        results = standardised(env, self)
        report_readings(env, results.collected, raw_cell(env, self.standard_result))
        _report(env, results, self)
        not_converted = np.array([m.kind == NOT_CONVERTED for m in results.combinations], dtype=bool)
        env.note_unused(self.standard_result, not_converted[results.codes], CellOutcome.REPORTED)
        return Derived(col.join_text(results.codes, [m.text for m in results.combinations]))


@register
class StandardNumber(Derivation):
    """--STRESN: the number of --STRESC; missing for a text and for a number with a sign."""

    verb: ClassVar[str] = "standard_number"
    of_variables: ClassVar[bool] = True
    precision: ClassVar[int] = COLLECTED_DIGITS  # a converted result has been rounded by its text
    example = Example(
        rule="{standard_number: LBSTRESC}",
        rows=_CELLS,
        gives=["12.5", "12.5", "", "", "", ""],
        dataset="LB",
        variable="LBSTRESN",
        setting=SETTING + "LBSTRESC: {standard_result: RESULT, map: {neg: NEGATIVE}}",
        study=FACTS,
    )

    standard_number: str = Field(description="The --STRESC variable.")

    def gives(self) -> str:
        return "float"

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "standard_number", self.standard_number

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is {words.name(self.standard_number)} where it is a number."

    def derive(self, env: Environment) -> Derived:
        codes, values, signs = result_numbers(env, self.standard_number, "standard_number")
        numbers = np.array([np.nan if s else v for v, s in zip(values, signs, strict=True)], dtype="float64")
        self._report_digits(env, ~np.isnan(numbers)[codes])
        return Derived(pd.Series(numbers[codes]))

    def _report_digits(self, env: Environment, where: np.ndarray) -> None:
        """A finding for each result whose text has more digits than a number can store."""
        codes, texts = col.split_text(env.column(self.standard_number, "standard_number"))
        read = [read_number(str(t)).value for t in texts]
        stored = [collected_digits(v) if v is not None else "" for v in read]
        changed = np.array([bool(text) for text in stored], dtype=bool)
        if changed.any():
            rule = result_rule(env, self.standard_number)
            name = raw_cell(env, rule.standard_result) if rule is not None else ""
            message = np.array(
                [f"a result with more digits than a number can store: {text}" if text else "" for text in stored],
                dtype=object,
            )
            env.report("R2A-NUM-007", changed[codes] & where, message[codes], name)


@register
class StandardUnit(Derivation):
    """--STRESU: the standard unit where --STRESC is a number, with or without a sign; missing elsewhere."""

    verb: ClassVar[str] = "standard_unit"
    of_variables: ClassVar[bool] = True
    example = Example(
        rule="{standard_unit: LBSTRESC}",
        rows=_CELLS,
        gives=["g/dL", "g/dL", "g/dL", "", "", ""],
        dataset="LB",
        variable="LBSTRESU",
        setting=SETTING + "LBSTRESC: {standard_result: RESULT, map: {neg: NEGATIVE}}",
        study=FACTS,
    )

    standard_unit: str = Field(description="The --STRESC variable, which has the rule standard_result.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "standard_unit", self.standard_unit

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is the standard unit of the test, where {words.name(self.standard_unit)} is a number."

    def derive(self, env: Environment) -> Derived:
        env.column(self.standard_unit, "standard_unit")  # derived first, and in the lineage
        rule = result_rule(env, self.standard_unit)
        if rule is None:
            return Derived(col.constant("", env.n))
        results = standardised(env, rule)
        return Derived(col.join_text(results.codes, [m.unit for m in results.combinations]))


#: rules whose finding names the cell of the unit, not of the result
_OF_UNIT = ("R2A-UNIT-001", "R2A-UNIT-003")
_OF_RESULTS = ("R2A-NUM-003", "R2A-UNIT-001", "R2A-UNIT-002", "R2A-UNIT-003", "R2A-UNIT-004", "R2A-UNIT-005")


def _report(env: Environment, results: Standardised, rule: StandardResult) -> None:
    """The findings about results, each at its cell."""
    messages = np.array([m.message for m in results.combinations], dtype=object)
    rules = np.array([m.rule for m in results.combinations], dtype=object)
    unit = unit_column(env, rule)
    for found in _OF_RESULTS:
        here = (rules == found)[results.codes] if len(rules) else np.zeros(env.n, dtype=bool)
        if not here.any():
            continue
        if found == "R2A-UNIT-001" and isinstance(rule_of(env, unit), OriginalUnit):
            here &= known_units(env, unit)  # --ORRESU reports an unknown spelling
        name = unit if found in _OF_UNIT and unit else rule.standard_result
        env.report(found, here, messages[results.codes], raw_cell(env, name))


def known_units(env: Environment, unit: str) -> np.ndarray:
    """Where the spelling of a unit is declared."""
    units, more = units_of(env.study.spec), codelist_spellings(env, unit)
    codes, texts = col.split_text(env.column(unit))
    return np.array([bool(units.submitted(str(t), None, more)) for t in texts], dtype=bool)[codes]

"""Derivations of findings: results as standard text, number and unit, and reference limits.

SDTMIG 3.4 section 6.3 (Findings): --ORRES is as collected; --STRESC, --STRESN, --STRESU are in the standard unit. Not
for how results are converted (standardise.py, units.py), how numbers are written (engine/derivations/numbers.py) or the
range indicator (range_indicator.py).
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
from ...engine.derivations.numbers import read_as_numbers, report_readings
from ...engine.tables.dataset import Origin
from ...mappings.models.derivation import Example, register
from .standardise import (
    LEFT,
    SIGNED,
    TEXT,
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

_FACTS = """\
units: {g/dL: [g/dl], g/L: [g/l]}
measurements: {HGB: {unit: g/dL, convert: {g/L: {over: 10}}, plausible: [2, 25]}}"""
_SETTING = "LBTESTCD: TEST\nLBORRES: RESULT\nLBORRESU: {original_unit: UNIT}\n"
_CELLS = {
    "TEST": ["HGB", "HGB", "HGB", "HGB", "HGB", "HGB"],
    "RESULT": ["125", "12.5", "<35", "neg", "trace?", "12.5"],
    "UNIT": ["g/l", "g/dL", "g/L", "", "", "kg"],
}


@register
class OriginalUnit(Derivation):
    """--ORRESU: the unit as CDISC submits it, by declared spellings; any other is kept and reported."""

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

    def describe(self, target: str) -> str:
        default = f", {self.default} where it is missing" if self.default else ""
        return f"{target} is {self.original_unit} as the submission value of its unit{default}."

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
            "a unit that units: does not know; kept as it stands, the result is not converted",
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
        setting=_SETTING.rstrip(),
        study=_FACTS,
    )

    def describe(self, target: str) -> str:
        mapped = ", texts mapped to standard terms" if self.map else ""
        volume = f", x {self.operand} where the conversion needs it" if self.operand else ""
        return f"{target} is {self.standard_result} in the standard unit of the test{volume}{mapped}."

    def derive(self, env: Environment) -> Derived:
        results = standardised(env, self)
        report_readings(env, results.result, raw_cell(env, self.standard_result))
        _tell(env, results, self)
        left = np.array([m.kind == LEFT for m in results.made], dtype=bool)
        env.note_unused(self.standard_result, left[results.codes], CellOutcome.REPORTED)
        return Derived(col.join_text(results.codes, [m.text for m in results.made]))


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
        setting=_SETTING + "LBSTRESC: {standard_result: RESULT, map: {neg: NEGATIVE}}",
        study=_FACTS,
    )

    standard_number: str = Field(description="The --STRESC variable.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "standard_number", self.standard_number

    def describe(self, target: str) -> str:
        return f"{target} is {self.standard_number} where it is a number."

    def derive(self, env: Environment) -> Derived:
        codes, values, signs = result_numbers(env, self.standard_number, "standard_number")
        numbers = np.array([np.nan if s else v for v, s in zip(values, signs, strict=True)], dtype="float64")
        self._report_digits(env, ~np.isnan(numbers)[codes])
        return Derived(pd.Series(numbers[codes]))

    def _report_digits(self, env: Environment, where: np.ndarray) -> None:
        """A finding for each result whose text has more digits than the number keeps."""
        codes, texts = col.split_text(env.column(self.standard_number, "standard_number"))
        read = [read_number(str(t)).value for t in texts]
        kept = [collected_digits(v) if v is not None else "" for v in read]
        changed = np.array([bool(k) for k in kept], dtype=bool)
        if changed.any():
            rule = result_rule(env, self.standard_number)
            name = raw_cell(env, rule.standard_result) if rule is not None else ""
            message = np.array(
                [f"a result with more digits than are kept: {k}" if k else "" for k in kept], dtype=object
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
        setting=_SETTING + "LBSTRESC: {standard_result: RESULT, map: {neg: NEGATIVE}}",
        study=_FACTS,
    )

    standard_unit: str = Field(description="The --STRESC variable, which has the rule standard_result.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "standard_unit", self.standard_unit

    def describe(self, target: str) -> str:
        return f"{target} is the standard unit of the test, where {self.standard_unit} is a number."

    def derive(self, env: Environment) -> Derived:
        env.column(self.standard_unit, "standard_unit")  # made first, and in the lineage
        rule = result_rule(env, self.standard_unit)
        if rule is None:
            return Derived(col.constant("", env.n))
        results = standardised(env, rule)
        return Derived(col.join_text(results.codes, [m.unit for m in results.made]))


@register
class StandardLimit(Derivation):
    """--STNRLO or --STNRHI: a reference limit in the standard unit, converted as the result of its record is."""

    verb: ClassVar[str] = "standard_limit"
    of_variables: ClassVar[bool] = True
    precision: ClassVar[int] = COLLECTED_DIGITS  # a converted result has been rounded by its text
    example = Example(
        rule="{standard_limit: LLN, result: LBSTRESC}",
        rows={"TEST": ["HGB", "HGB", "HGB"], "RESULT": ["125", "neg", "12"], "UNIT": ["g/L", "g/L", "g/dL"],
              "LLN": ["120", "120", ""]},
        gives=["12", "12", ""],
        dataset="LB",
        variable="LBSTNRLO",
        setting=_SETTING + "LBSTRESC: {standard_result: RESULT, map: {neg: NEGATIVE}}",
        study=_FACTS,
    )  # fmt: skip

    standard_limit: str = Field(description="Column with the limit, in the unit of the result.")
    result: str | None = Field(
        default=None, description="The variable with the rule standard_result; by default --STRESC."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "standard_limit", self.standard_limit

    def describe(self, target: str) -> str:
        return f"{target} is {self.standard_limit} in the standard unit of the test."

    def _result(self, env: Environment) -> ResultRule:
        rule = result_rule(env, self.result or f"{env.dataset[:2]}STRESC")
        if rule is None:
            raise env.error("standard_limit needs a --STRESC variable with the rule standard_result", "standard_limit")
        return rule

    def converted(self, env: Environment) -> Standardised:
        """The limits in standard units."""
        rule = self._result(env)
        return standardised(env, rule.model_copy(update={"standard_result": self.standard_limit, "map": {}}))

    def derive(self, env: Environment) -> Derived:
        limits = self.converted(env)
        numbers = [np.nan if m.value is None or m.sign else float(m.value) for m in limits.made]
        _explain(env, self.standard_limit, self._result(env), limits)
        bad = np.array([m.kind in (TEXT, SIGNED) for m in limits.made], dtype=bool)
        env.report(
            "R2A-NUM-005",
            bad[limits.codes],
            "a limit that is no number; left missing",
            raw_cell(env, self.standard_limit),
        )
        values = np.array(numbers, dtype="float64")[limits.codes]
        prefix = env.dataset[:2]
        low = env.build.planned.every.get(f"{prefix}STNRLO")
        if env.target == f"{prefix}STNRHI" and low is not None and isinstance(rule_of(env, low.name), StandardLimit):
            lower = col.to_number(env.column(low.name))[0]
            report_limits(env, lower, values, raw_cell(env, self.standard_limit))
        return Derived(pd.Series(values))


def _explain(env: Environment, column: str, rule: ResultRule, limits: Standardised) -> None:
    """Tell the cell account why a limit is not converted: it follows the result of its record.

    Where the result or its unit has a finding, that one explains the limit. A record whose result is missing or a text
    needs no unit; its limit then has none either, and says nothing of the result.
    """
    left = np.array([m.kind == LEFT for m in limits.made], dtype=bool)[limits.codes]
    if not left.any():
        return
    results = standardised(env, rule)
    told = np.array([bool(m.rule) for m in results.made], dtype=bool)[results.codes]
    unit = unit_column(env, rule)
    if unit and isinstance(rule_of(env, unit), OriginalUnit):
        told |= ~col.missing(env.column(unit)) & ~_known_units(env, unit)  # told with --ORRESU
    env.note_unused(column, left & told, CellOutcome.REPORTED)
    env.note_unused(column, left & ~told, CellOutcome.NO_VALUE)


def report_limits(env: Environment, low: np.ndarray, high: np.ndarray, name: str) -> None:
    """A finding for each record whose lower limit lies above its upper one, at the cell of the upper: ``name``."""
    turned = low > high  # false where either is missing
    if turned.any():
        message = np.full(env.n, "", dtype=object)
        message[turned] = [
            f"the lower limit {col.number_text(a)} is above the upper limit {col.number_text(b)}; no range indicator"
            for a, b in zip(low[turned].tolist(), high[turned].tolist(), strict=True)
        ]
        env.report("R2A-LIMIT-001", turned, message, name)


def limit_numbers(env: Environment, name: str, field_name: str) -> np.ndarray:
    """A limit of every record, not rounded where it was converted; NaN where there is none."""
    values = env.column(name, field_name)  # made, and told, first
    rule = rule_of(env, name)
    if not isinstance(rule, StandardLimit):
        return read_as_numbers(env, name, field_name)
    limits = rule.converted(env)
    exact = [np.nan if m.exact is None or m.sign else float(m.exact) for m in limits.made]
    return np.where(col.missing(values), np.nan, np.array(exact, dtype="float64")[limits.codes])


#: where the finding's cell is that of the unit, not of the result
_OF_UNIT = ("R2A-UNIT-001", "R2A-UNIT-003")
_OF_RESULTS = ("R2A-NUM-003", "R2A-UNIT-001", "R2A-UNIT-002", "R2A-UNIT-003", "R2A-UNIT-004", "R2A-UNIT-005")


def _tell(env: Environment, results: Standardised, rule: StandardResult) -> None:
    """The findings about results, each at the cell it is about."""
    messages = np.array([m.message for m in results.made], dtype=object)
    rules = np.array([m.rule for m in results.made], dtype=object)
    unit = unit_column(env, rule)
    for found in _OF_RESULTS:
        here = (rules == found)[results.codes] if len(rules) else np.zeros(env.n, dtype=bool)
        if not here.any():
            continue
        if found == "R2A-UNIT-001" and isinstance(rule_of(env, unit), OriginalUnit):
            here &= _known_units(env, unit)  # a spelling that nothing knows is told with --ORRESU
        name = unit if found in _OF_UNIT and unit else rule.standard_result
        env.report(found, here, messages[results.codes], raw_cell(env, name))


def _known_units(env: Environment, unit: str) -> np.ndarray:
    units, more = units_of(env.study.spec), codelist_spellings(env, unit)
    codes, texts = col.split_text(env.column(unit))
    return np.array([bool(units.submitted(str(t), None, more)) for t in texts], dtype=bool)[codes]

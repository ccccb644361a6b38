"""Reference limits in standard units, and their findings.

Not for results (results.py) nor for the range indicator (range_indicator.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.accounts.outcomes import CellOutcome
from ...engine.columns import column as col
from ...engine.columns.rounding import COLLECTED_DIGITS
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.plan.plan import PlannedStudy
from ...errors import SpecProblem
from ...mappings.binding.bind import place_of
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from .results import FACTS, SETTING, OriginalUnit, known_units
from .standardise import (
    NOT_CONVERTED,
    SIGNED,
    TEXT,
    ResultRule,
    Standardised,
    raw_cell,
    result_rule,
    rule_of,
    standardised,
    unit_column,
)


@register
class StandardLimit(Derivation):
    """--STNRLO or --STNRHI: a reference limit in the standard unit, converted like the result of its record."""

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
        setting=SETTING + "LBSTRESC: {standard_result: RESULT, map: {neg: NEGATIVE}}",
        study=FACTS,
    )  # fmt: skip

    standard_limit: str = Field(description="Column with the limit, in the unit of the result.")
    result: str | None = Field(
        default=None, description="The variable with the rule standard_result; by default --STRESC."
    )

    def gives(self) -> str:
        return "float"

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "standard_limit", self.standard_limit

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is {words.name(self.standard_limit)} in the standard unit of the test."

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
        numbers = [np.nan if m.value is None or m.sign else float(m.value) for m in limits.combinations]
        _explain(env, self.standard_limit, self._result(env), limits)
        bad = np.array([m.kind in (TEXT, SIGNED) for m in limits.combinations], dtype=bool)
        env.report(
            "R2A-NUM-005",
            bad[limits.codes],
            "a limit that is no number; the limit is missing",
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
    """Note in the cell account why a limit is not converted: it follows the result of its record.

    A finding about the result or its unit explains the limit too. A record whose result is missing or a text needs no
    unit; its limit then has no unit either.
    """
    not_converted = np.array([m.kind == NOT_CONVERTED for m in limits.combinations], dtype=bool)[limits.codes]
    if not not_converted.any():
        return
    results = standardised(env, rule)
    reported = np.array([bool(m.rule) for m in results.combinations], dtype=bool)[results.codes]
    unit = unit_column(env, rule)
    if unit and isinstance(rule_of(env, unit), OriginalUnit):
        reported |= ~col.missing(env.column(unit)) & ~known_units(env, unit)  # reported with --ORRESU
    env.note_unused(column, not_converted & reported, CellOutcome.REPORTED)
    env.note_unused(column, not_converted & ~reported, CellOutcome.NO_VALUE)


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
    """A limit of every record, without rounding where it was converted; NaN where it is missing."""
    values = env.column(name, field_name)  # derived and reported first
    rule = rule_of(env, name)
    if not isinstance(rule, StandardLimit):
        return read_as_numbers(env, name, field_name)
    limits = rule.converted(env)
    exact = [np.nan if m.exact is None or m.sign else float(m.exact) for m in limits.combinations]
    return np.where(col.missing(values), np.nan, np.array(exact, dtype="float64")[limits.codes])


def limit_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Limits whose result is no variable with the rule standard_result in their block."""
    for dataset in plan.datasets.values():
        for variable in dataset.every.values():
            for number in range(len(dataset.spec.blocks)):
                rule = variable.rule_in(number)
                if not isinstance(rule, StandardLimit):
                    continue
                name = rule.result or f"{dataset.name[:2]}STRESC"
                result = dataset.every[name].rule_in(number) if name in dataset.every else None
                if not isinstance(result, ResultRule):
                    field = "result" if rule.result is not None else "standard_limit"
                    message = f"standard_limit needs a result with the rule standard_result; {name} has none"
                    yield SpecProblem(place_of(rule, field), message, dataset.name, variable.name)

"""The reference range indicator of findings: the place of a result, with or without a sign, among its limits.

SDTMIG 3.4 section 6.3 (Findings). Not for the limits: limits.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .limits import limit_numbers, report_limits
from .standardise import raw_cell, result_numbers, rule_of


@register
class RangeIndicator(Derivation):
    """--NRIND: LOW, NORMAL or HIGH by the reference limits; limits belong to the normal range.

    <0.1 is LOW where 0.1 is at or below the lower limit, NORMAL where there is no lower limit and 0.1 is at or below
    the upper one; >80 likewise. A result that lies on both sides of a limit has no indicator. A text is ABNORMAL or
    NORMAL where normal: or abnormal: lists it. Missing where no limit decides, and where the lower limit is above the
    upper one, with a finding. Results and limits are compared before they are rounded.
    """

    verb: ClassVar[str] = "range_indicator"
    of_variables: ClassVar[bool] = True
    example = Example(
        rule="{range_indicator: LBSTRESC}",
        rows={
            "TEST": ["HGB"] * 6,
            "RESULT": ["11.9", "12", "16.1", "<12", ">15", "14"],
            "UNIT": ["g/dL"] * 6,
            "LLN": ["12", "12", "12", "12", "12", ""],
            "ULN": ["16", "16", "16", "16", "16", ""],
        },
        gives=["LOW", "NORMAL", "HIGH", "LOW", "", ""],
        dataset="LB",
        variable="LBNRIND",
        setting="LBTESTCD: TEST\nLBORRES: RESULT\nLBORRESU: {original_unit: UNIT}\n"
        "LBORNRLO: LLN\nLBORNRHI: ULN\nLBSTRESC: {standard_result: RESULT}",
        study="units: {g/dL: [g/dl]}\nmeasurements: {HGB: {unit: g/dL}}",
    )

    range_indicator: str = Field(description="The --STRESC variable.")
    low: str | None = Field(default=None, description="Lower limit, a number; by default --STNRLO.")
    high: str | None = Field(default=None, description="Upper limit, a number; by default --STNRHI.")
    normal: tuple[str, ...] = Field(default=(), description="Texts that are normal.")
    abnormal: tuple[str, ...] = Field(default=(), description="Texts that are abnormal.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "range_indicator", self.range_indicator
        for field_name in ("low", "high"):
            if getattr(self, field_name):
                yield field_name, getattr(self, field_name)

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        listed = [
            f"{quoted(word)} for {', '.join(map(quoted, texts))}"
            for word, texts in (("NORMAL", self.normal), ("ABNORMAL", self.abnormal))
            if texts
        ]
        also = f"; {', '.join(listed)}" if listed else ""
        result = words.name(self.range_indicator)
        return f"{target} is 'LOW', 'NORMAL' or 'HIGH' by where {result} lies to its reference limits{also}."

    def derive(self, env: Environment) -> Derived:
        prefix = env.dataset[:2]
        numbers, values, signs = result_numbers(env, self.range_indicator, "range_indicator", exact=True)
        value = np.array(values, dtype="float64")[numbers]
        sign = np.array([{"": 0, "<": 1, "<=": 2, ">": 3, ">=": 4}[s] for s in signs], dtype="int8")[numbers]
        codes, texts = col.split_text(env.column(self.range_indicator, "range_indicator"))
        low = _limit(env, self.low or f"{prefix}STNRLO", "low")
        high = _limit(env, self.high or f"{prefix}STNRHI", "high")
        names = (self.low or f"{prefix}STNRLO", self.high or f"{prefix}STNRHI")
        usual = f"{prefix}STNRHI"
        reported = getattr(rule_of(env, usual), "standard_limit", "")  # by the rule of the limits, at its cell
        if not reported or not {usual, reported, raw_cell(env, reported)} & {names[1], raw_cell(env, names[1])}:
            report_limits(env, low, high, raw_cell(env, names[1]))
        turned = low > high
        low, high = np.where(turned, np.nan, low), np.where(turned, np.nan, high)
        plain, below, above = sign == 0, (sign == 1) | (sign == 2), (sign == 3) | (sign == 4)
        # a comparison with a missing limit or value is false
        is_low = (plain & (value < low)) | ((sign == 1) & (value <= low)) | ((sign == 2) & (value < low))
        is_high = (plain & (value > high)) | ((sign == 3) & (value >= high)) | ((sign == 4) & (value > high))
        no_low, no_high = np.isnan(low), np.isnan(high)
        known = ~np.isnan(value) & ~(no_low & no_high)
        normal = known & plain & ~is_low & ~is_high
        normal |= below & no_low & (value <= high)
        normal |= above & no_high & (value >= low)
        out = np.select([is_low, is_high, normal], [1, 2, 3], 0).astype("int8")
        words = dict.fromkeys(self.normal, 3) | dict.fromkeys(self.abnormal, 4)
        listed = np.array([words.get(str(t), 0) for t in texts], dtype="int8")[codes]
        return Derived(col.join_text(np.where(listed > 0, listed, out), ["", "LOW", "HIGH", "NORMAL", "ABNORMAL"]))


def _limit(env: Environment, name: str, field_name: str) -> np.ndarray:
    """A limit as numbers, all missing where the dataset has no such variable."""
    if name not in env.build.planned.every and env.rows.find(name) is None:
        return np.full(env.n, np.nan)
    return limit_numbers(env, name, field_name)

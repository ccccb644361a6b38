"""The analysis range indicator of a value: its place among the limits of normal and the wider limits.

Not for --NRIND of SDTM, which reads results with signs: sdtm/derivations/range_indicator.py.
"""

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
from .grade_lines import TOLERANCE

_LIMITS = ("very_low", "low", "high", "very_high")


@register
class AnalysisRangeIndicator(Derivation):
    """ANRIND: LOW, NORMAL or HIGH; with very_low and very_high also LOW LOW and HIGH HIGH.

    A value on a limit is within it. With one limit of normal a value on its right side is NORMAL. Missing where the
    value is, or where no limit decides. Limits in the wrong order are a finding, and the value has no indicator.
    """

    verb: ClassVar[str] = "analysis_range_indicator"
    example = Example(
        rule="{analysis_range_indicator: AVAL, very_low: A1LO, very_high: A1HI}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05", "06"],
            "VALUE": ["2", "3.4", "3.5", "5.2", "6.5", ""],
        },
        gives=["LOW LOW", "LOW", "NORMAL", "HIGH", "HIGH HIGH", ""],
        dataset="ADLB",
        variable="ANRIND",
        setting="PARAMCD: {value: K}\nPARAM: {value: Potassium}\nAVAL: AGE\nA1LO: {compute: '2.5'}\n"
        "ANRLO: {compute: '3.5'}\nANRHI: {compute: '5.1'}\nA1HI: {compute: '6'}",
        datasets={"DM": "AGE: VALUE"},
    )

    analysis_range_indicator: str = Field(description="The value, AVAL.")
    low: str = Field(default="ANRLO", description="Lower limit of normal.")
    high: str = Field(default="ANRHI", description="Upper limit of normal.")
    very_low: str | None = Field(default=None, description="A1LO: values below it are LOW LOW.")
    very_high: str | None = Field(default=None, description="A1HI: values above it are HIGH HIGH.")
    report: bool = Field(
        default=False, description="true: a value without any limit is a finding; by default a parameter may have none."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "analysis_range_indicator", self.analysis_range_indicator
        for field in _LIMITS:
            if (name := getattr(self, field)) is not None:
                yield field, name

    def texts(self) -> dict[str, str]:
        wider = {"LOW LOW": self.very_low, "HIGH HIGH": self.very_high}
        return dict.fromkeys(["LOW", "NORMAL", "HIGH", *(word for word, name in wider.items() if name)], "")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        value = words.name(self.analysis_range_indicator)
        wider = [
            f"'{word}' if it is {side} {words.name(name)}"
            for word, side, name in (("LOW LOW", "below", self.very_low), ("HIGH HIGH", "above", self.very_high))
            if name is not None
        ]
        also = f"; {', '.join(wider)}" if wider else ""
        return (
            f"{target} is 'LOW' if {value} is below {words.name(self.low)}, 'HIGH' if it is above "
            f"{words.name(self.high)}, else 'NORMAL'{also}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        value = read_as_numbers(env, self.analysis_range_indicator, "analysis_range_indicator")
        none = np.full(env.n, np.nan)
        names = [getattr(self, field) for field in _LIMITS]
        limits = [
            none if name is None else read_as_numbers(env, name, f) for f, name in zip(_LIMITS, names, strict=True)
        ]
        ordered = np.maximum.accumulate(np.where(np.isnan(limits), -np.inf, limits), axis=0)
        turned = (np.where(np.isnan(limits), np.inf, limits) < ordered).any(axis=0)
        env.report("R2A-GRADE-004", turned, "limits in the wrong order: no indicator", self.low)
        very_low, low, high, very_high = limits
        far_below, below = (_beyond(value, limit, -1) for limit in (very_low, low))
        above, far_above = (_beyond(value, limit, 1) for limit in (high, very_high))
        normal = ~np.isnan(value) & ~(np.isnan(low) & np.isnan(high))
        without = ~np.isnan(value) & np.isnan(limits).all(axis=0) & self.report
        if without.any():
            env.report(
                "R2A-LIMIT-002", without & env.applies(), "no limit: no indicator", self.analysis_range_indicator
            )
        code = np.select([turned, far_below, far_above, below, above, normal], [0, 1, 5, 2, 4, 3], 0)
        return Derived(col.join_text(code.astype("int8"), ["", "LOW LOW", "LOW", "NORMAL", "HIGH", "HIGH HIGH"]))


def _beyond(value: np.ndarray, limit: np.ndarray, side: int) -> np.ndarray:
    """Where the value is below (-1) or above (1) the limit; false where one is missing."""
    with np.errstate(invalid="ignore"):
        return (value - limit) * side > TOLERANCE * np.maximum(np.abs(value), np.abs(limit))

"""The change of a number from its baseline: the difference, the percentage, the ratio.

Not for the baseline (base_value.py), nor for a change of categories (shift.py, threshold_category.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns.rounding import difference, significant
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.expressions.sentence import condition_sentence
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording


@register
class Change(Derivation):
    """The difference of a number from another one (CHG), in percent of it (PCHG), or their ratio (R2BASE).

    Missing where either number is missing. A percentage or ratio of a baseline of 0 is missing, with a finding. PCHG
    of ADaMIG 1.3 divides by the baseline; negative: absolute divides by its absolute value, so that a rise from a
    negative baseline is above 0.
    """

    verb: ClassVar[str] = "change"
    example = Example(
        rule="{change: AVAL, from: BASE, as: percent}",
        rows={"SUBJ": ["01", "02", "03", "04"], "NOW": ["48", "70", "5", ""], "THEN": ["64", "56", "0", "12"]},
        gives=["-25", "25", "", ""],
        dataset="ADVS",
        variable="PCHG",
        setting="AVAL: AGE\nBASE: {lookup: raw.THEN}\nPARAMCD: {value: X}\nPARAM: {value: X}",
        datasets={"DM": "AGE: NOW"},
    )

    number: str = Field(alias="change", description="The number, such as AVAL.")
    from_: str = Field(default="BASE", alias="from", description="The number that it is compared with.")
    as_: Literal["difference", "percent", "ratio"] = Field(
        default="difference", alias="as", description="difference: CHG; percent: PCHG; ratio: R2BASE."
    )
    negative: Literal["divide", "absolute"] = Field(
        default="divide", description="as: percent, with a negative baseline: divide by it, or by its absolute value."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "change", self.number
        yield "from", self.from_

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.negative != "divide" and self.as_ != "percent":
            yield "negative", "negative: is for as: percent"

    def gives(self) -> str:
        return "float"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        number, base = words.name(self.number), words.name(self.from_)
        divisor = f"the absolute value of {base}" if self.negative == "absolute" else base
        formula = {
            "difference": f"{number} - {base}",
            "percent": f"100 * ({number} - {base}) / {divisor}; missing if {base} is 0",
            "ratio": f"{number} / {base}; missing if {base} is 0",
        }[self.as_]
        return f"{target} is {formula}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        number = read_as_numbers(env, self.number, "change")
        base = read_as_numbers(env, self.from_, "from")
        if self.as_ == "difference":
            return Derived(pd.Series(difference(number, base)))
        here = np.ones(env.n, dtype=bool) if self.when is None else env.condition(self.when)
        none = (base == 0) & ~np.isnan(number)
        env.report("R2A-BASE-002", none & here, f"{self.from_} is 0: there is no {self.as_} of it", self.from_)
        divisor = np.where(base == 0, np.nan, np.abs(base) if self.negative == "absolute" else base)
        found = 100 * difference(number, base) / divisor if self.as_ == "percent" else number / divisor
        return Derived(pd.Series(significant(found)))

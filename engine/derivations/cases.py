"""The first of several cases whose condition holds gives the value.

Not for one formula (assign.py), where ``if`` chooses, nor for groups of a number (cut.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...mappings.binding.bind import SpecModel
from ...mappings.expressions.expression import gives_number
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from ..columns import column as col
from ..columns.choose import choose
from ..expressions.sentence import condition_sentence, plain
from ..tables.raw_cells import RawCells
from ..tables.raw_cells import choose as choose_cells
from .derivation import Derivation, Derived
from .environment import Environment


class Case(SpecModel):
    """One case: a condition and its value; the last case may have no condition."""

    when: Condition | None = Field(default=None, description="The condition; none for the last case.")
    value: str | None = Field(default=None, description="A constant.")
    from_: str | None = Field(default=None, alias="from", description="A column.")
    compute: Condition | None = Field(default=None, description="A formula.")


@register
class Cases(Derivation):
    """The first case whose condition holds gives the value."""

    verb: ClassVar[str] = "cases"
    carries = "choice"
    example = Example(
        rule="{cases: [{when: \"HOSP == 'Y' or DIED == 'Y'\", value: Y}, {value: N}]}",
        rows={"HOSP": ["Y", "N", ""], "DIED": ["N", "N", "Y"]},
        gives=["Y", "N", "Y"],
        variable="AESER",
    )

    cases: tuple[Case, ...] = Field(description="Cases in order; the first that holds counts.")

    def reads(self) -> Iterator[tuple[str, str]]:
        for case in self.cases:
            if case.from_:
                yield "cases", case.from_

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        for case in self.cases:
            for text in (case.when, case.compute):
                if text is not None:
                    yield "cases", text

    def problems(self) -> Iterator[tuple[str, str]]:
        for i, case in enumerate(self.cases):
            sources = [x for x in (case.value, case.from_, case.compute) if x is not None]
            if len(sources) != 1:
                yield "cases", f"case {i + 1} needs exactly one of value, from, compute"
            if case.when is None and i < len(self.cases) - 1:
                yield "cases", f"case {i + 1} has no when: and hides the cases after it"

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        def number(case: Case) -> bool:
            if case.from_ is not None:
                return is_number(case.from_)
            return case.compute is not None and gives_number(case.compute, is_number)

        return all(number(case) for case in self.cases)

    def texts(self) -> dict[str, str] | None:
        found = [case.value for case in self.cases if case.value is not None]
        return dict.fromkeys(found, "") if len(found) == len(self.cases) else None

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        parts = []
        for case in self.cases:
            if case.value is not None:
                what = quoted(case.value)
            else:
                what = words.name(case.from_) if case.from_ else plain(case.compute, words)
            parts.append(f"{what} if {plain(case.when, words)}" if case.when else f"{what} otherwise")
        return f"{target} is {'; '.join(parts)}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        open_ = np.ones(env.n, dtype=bool)
        result: pd.Series | None = None
        for case in self.cases:
            here = open_ & env.condition(case.when, "cases") if case.when is not None else open_
            if case.value is not None:
                values = col.constant(case.value, env.n)
            elif case.from_ is not None:
                values = env.column(case.from_, "cases")
            else:
                values = env.compute(case.compute or "", "cases", here)
            blank = pd.Series(np.full(env.n, np.nan)) if col.is_number(values) else col.constant("", env.n)
            if result is None:
                result = blank
            elif col.is_number(result) != col.is_number(values):
                result, values = col.as_text(result), col.as_text(values)
            result = choose(here, values, result)
            open_ = open_ & ~here
        return Derived(result if result is not None else col.constant("", env.n))

    def raw_cells(self, env: Environment, values: pd.Series) -> RawCells:
        parts, picked = [RawCells(env.n)], np.zeros(env.n, dtype="int32")
        open_ = np.ones(env.n, dtype=bool)
        for case in self.cases:
            here = open_ & env.condition(case.when, "cases") if case.when is not None else open_
            if case.from_ is not None:
                picked[here] = len(parts)
                parts.append(env.raw_cells(case.from_))
            open_ = open_ & ~here
        return choose_cells(parts, picked)

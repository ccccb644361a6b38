"""The shift from the category of the baseline to that of the record: as a text, in steps, or its direction.

Not for numbers (change.py), nor for thresholds of a change (threshold_category.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.choose import choose
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import condition_sentence
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted

_DIRECTIONS = ("IMPROVED", "UNCHANGED", "WORSENED")


@register
class Shift(Derivation):
    """The category of the baseline and of the record in one text, such as NORMAL to HIGH (SHIFTy of ADaMIG 1.3).

    Where a category is missing, the text has that of missing:; without it the shift is missing. With order:, give:
    steps is the number of categories between them, below 0 for an earlier one; give: direction names whether it became
    better or worse. A category that order: does not have is a finding, and gives missing.
    """

    verb: ClassVar[str] = "shift"
    example = Example(
        rule="{shift: BNRIND, to: ANRIND, missing: 'NULL'}",
        rows={"SUBJ": ["01", "02", "03"], "WAS": ["NORMAL", "LOW", ""], "IS": ["HIGH", "LOW", "NORMAL"]},
        gives=["NORMAL to HIGH", "LOW to LOW", "NULL to NORMAL"],
        dataset="ADLB",
        variable="SHIFT1",
        setting="BNRIND: {lookup: raw.WAS}\nANRIND: {lookup: raw.IS}\nAVAL: {compute: '1'}\n"
        "PARAMCD: {value: X}\nPARAM: {value: X}",
    )

    shift: str = Field(description="The category of the baseline, such as BNRIND.")
    to: str = Field(description="The category of the record, such as ANRIND.")
    between: str = Field(default=" to ", description="The text between them.")
    missing: str | None = Field(default=None, description="The text of a missing category, such as 'NULL'.")
    give: Literal["text", "steps", "direction"] = Field(default="text", description="The output.")
    order: tuple[str, ...] = Field(default=(), description="For steps and direction: all categories in their order.")
    better: Literal["first", "last"] = Field(
        default="first", description="For direction: whether the first or the last of order: is the best category."
    )
    directions: tuple[str, str, str] = Field(
        default=_DIRECTIONS, description="For direction: its three texts: better, the same, worse."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "shift", self.shift
        yield "to", self.to

    def problems(self) -> Iterator[tuple[str, ...]]:
        if (self.give == "text") == bool(self.order):
            yield "order", "order: lists the categories for give: steps and give: direction, and only for these"
        for category in dict.fromkeys(c for c in self.order if self.order.count(c) > 1):
            yield "order", f"'{category}' is in the list twice"
        if self.give != "text" and self.missing is not None:
            yield "missing", "missing: is for give: text"

    def texts(self) -> dict[str, str] | None:
        return dict.fromkeys(self.directions, "") if self.give == "direction" else None

    def gives(self) -> str:
        return "integer" if self.give == "steps" else ""

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        before, now = words.name(self.shift), words.name(self.to)
        listed = ", ".join(map(quoted, self.order))
        if self.give == "steps":
            what = f"the number of categories from {before} to {now} in the order {listed}"
        elif self.give == "direction":
            better, same, worse = self.directions
            best = self.order[0 if self.better == "first" else -1] if self.order else ""
            what = (
                f"{quoted(better)}, {quoted(same)} or {quoted(worse)} as {now} is nearer to {quoted(best)} than "
                f"{before}, the same or farther in the order {listed}"
            )
        else:
            none = f", {quoted(self.missing)} for a missing one" if self.missing else ", missing if either is missing"
            what = f"{before} followed by {quoted(self.between)} and {now}{none}"
        return f"{target} is {what}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        before, now = col.as_text(env.column(self.shift, "shift")), col.as_text(env.column(self.to, "to"))
        if self.give == "text":
            return Derived(self._text(before, now))
        steps = self._place(env, now, self.to) - self._place(env, before, self.shift)
        if self.give == "steps":
            return Derived(pd.Series(steps))
        away = steps if self.better == "first" else -steps
        codes = np.where(np.isnan(away), 0, np.sign(np.nan_to_num(away)) + 2).astype("int8")
        return Derived(col.join_text(codes, ["", *self.directions]))

    def _text(self, before: pd.Series, now: pd.Series) -> pd.Series:
        sides = []
        for column in (before, now):
            blank = col.missing(column)
            sides.append(choose(blank, col.constant(self.missing or "", len(column)), column))
        (first, firsts), (second, seconds) = (col.split_text(side) for side in sides)
        pairs, size = col.combined([(first, max(len(firsts), 1)), (second, max(len(seconds), 1))], len(first))
        at = col.first_positions(pairs, size)
        texts = [
            f"{a}{self.between}{b}" if a.strip() and b.strip() else ""
            for a, b in zip(firsts[first[at]], seconds[second[at]], strict=True)
        ]
        return col.join_text(pairs, texts)

    def _place(self, env: Environment, column: pd.Series, name: str) -> np.ndarray:
        codes, texts = col.split_text(column)
        known = {category: float(number) for number, category in enumerate(self.order)}
        places = np.array([known.get(str(t).strip(), np.nan) for t in texts], dtype="float64")
        other = np.array([bool(str(t).strip()) for t in texts], dtype=bool) & np.isnan(places)
        message = f"order: does not have this category of {name}: there is no shift"
        env.report("R2A-BASE-003", other[codes], message, name)
        return places[codes]

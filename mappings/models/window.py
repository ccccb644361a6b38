"""The typed model of analysis visit windows: named ranges of study days with a target, the last one repeated.

Not for finding the window of a day: adam/visits/visit_windows.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import Field, model_validator

from ..binding.spec_model import SpecModel


class WindowSpec(SpecModel):
    """One window of study days. There is no day 0; day 1 is the reference date."""

    name: str = Field(description="AVISIT; {number} in it is replaced by number:, for a repeated window.")
    from_: int | None = Field(
        default=None, alias="from", description="First day; without it the window has no beginning."
    )
    to: int | None = Field(default=None, description="Last day; without it the window has no end.")
    target: int | None = Field(
        default=None,
        description="Target day: of the records of a window the nearest one counts. Without it none counts.",
    )
    number: float | None = Field(default=None, description="AVISITN.")
    every: int | None = Field(
        default=None, ge=1, description="The window repeats without end, at this interval in days."
    )
    step: float = Field(default=1, description="The number that each repetition adds to number:.")

    @model_validator(mode="after")
    def _days(self) -> WindowSpec:
        days = [d for d in (self.from_, self.target, self.to) if d is not None]
        if 0 in days:
            raise ValueError("there is no study day 0")
        if days != sorted(days):
            raise ValueError("a window needs from: <= target: <= to:")
        if self.every is not None and (self.from_ is None or self.to is None or self.from_ < 1):
            raise ValueError("a window that repeats needs from: and to:, both after day 0")
        if self.every is not None and self.to is not None and self.from_ is not None:
            if self.every < self.to - self.from_ + 1:
                raise ValueError("the repetitions of the window overlap: every: is less than its length")
            if "{number}" not in self.name or self.number is None:
                raise ValueError("a window that repeats needs {number} in its name:, and number:")
        return self


def window_problems(windows: Sequence[WindowSpec]) -> Iterator[str]:
    """The mistakes in a list of windows: order, overlaps, names, a repeated window before the end."""
    for before, after in pairwise(windows):
        if before.every is not None:
            yield f"'{before.name}' repeats without end, so no window can follow it"
        elif before.to is None or after.from_ is None or after.from_ <= before.to:
            yield f"'{after.name}' must begin after the end of '{before.name}'"
    names = [w.name for w in windows]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        yield f"the window '{twice[0]}' is there twice; give each window another name"

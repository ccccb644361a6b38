"""Groups of a number, such as age groups.

Not for texts (assign.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from ..columns import column as col
from .derivation import Derivation, Derived
from .environment import Environment
from .numbers import read_as_numbers

#: (lower bound, which belongs to the group; upper bound, which does not); None for no bound
Bounds = tuple[float | None, float | None]


def _shown(bounds: Sequence[float | None]) -> str:
    return "[" + ", ".join("null" if b is None else col.number_text(b) for b in bounds) + "]"


@register
class Cut(Derivation):
    """A group of a number: {"<65": [0, 65], ">=65": [65, null]}; the lower bound belongs to the group."""

    verb: ClassVar[str] = "cut"
    example = Example(
        rule="{cut: AGE, groups: {'<65': [0, 65], '>=65': [65, null]}}",
        rows={"SUBJ": ["01", "02", "03"], "AGE": ["64", "65", ""]},
        gives=["<65", ">=65", ""],
        dataset="ADSL",
        variable="AGEGR1",
        datasets={"DM": "AGE: AGE"},
    )

    kinds = MappingProxyType({"cut": "number"})

    cut: str = Field(description="The number.")
    groups: dict[str, tuple[float | None, ...]] = Field(description="Group to [from, below]; null is open.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "cut", self.cut

    def problems(self) -> Iterator[tuple[str, ...]]:
        for group, bounds in self.groups.items():
            if len(bounds) != 2:
                yield "groups", f"'{group}' needs two bounds, [from, below]", group
            elif bounds[0] is not None and bounds[1] is not None and bounds[0] >= bounds[1]:
                yield "groups", f"no number is in '{group}': {_shown(bounds)} is [from, below]", group
        for (before, (_, end)), (group, (start, _)) in self._neighbours():
            if end is None or start is None or start < end:
                yield "groups", f"'{group}' and '{before}' overlap; a number may be in one group only", group

    def doubts(self) -> Iterator[tuple[str, ...]]:
        for (before, (_, end)), (group, (start, _)) in self._neighbours():
            if end is not None and start is not None and start > end:
                gap = f"from {col.number_text(end)} to below {col.number_text(start)}"
                yield "groups", f"no group has the numbers {gap}, between '{before}' and '{group}'", group

    def _neighbours(self) -> Iterator[tuple[tuple[str, Bounds], tuple[str, Bounds]]]:
        """Each group after the one before it, in the order of their starts; without groups that have no number."""
        groups = [(g, (b[0], b[1])) for g, b in self.groups.items() if len(b) == 2]
        groups = [(g, b) for g, b in groups if b[0] is None or b[1] is None or b[0] < b[1]]
        groups.sort(key=lambda group: -np.inf if group[1][0] is None else group[1][0])
        yield from pairwise(groups)

    def texts(self) -> dict[str, str]:
        return dict.fromkeys(self.groups, "")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        parts = []
        for group, (low, high) in ((g, (b + (None, None))[:2]) for g, b in self.groups.items()):
            tests = [f"at least {col.number_text(low)}"] if low is not None else []
            tests += [f"below {col.number_text(high)}"] if high is not None else []
            parts.append(f"{quoted(group)} if {words.name(self.cut)} is {' and '.join(tests)}")
        return f"{target} is {'; '.join(parts)}."

    def derive(self, env: Environment) -> Derived:
        numbers = read_as_numbers(env, self.cut, "cut")
        codes = np.zeros(env.n, dtype="int32")
        for i, (low, high) in enumerate(self.groups.values(), start=1):
            inside = ~np.isnan(numbers)
            if low is not None:
                inside &= numbers >= low
            if high is not None:
                inside &= numbers < high
            codes[inside & (codes == 0)] = i
        outside = ~np.isnan(numbers) & (codes == 0)
        if outside.any():
            message = "the number lies in none of the groups: there is no group"
            env.report("R2A-LIMIT-003", outside & env.applies(), message, self.cut)
        return Derived(col.join_text(codes, ["", *self.groups]))

"""What every statistic of an analysis has: its verb, its names, the population, the unit of time.

Not for the statistics themselves (statistics.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from ..binding.bind import ExpressionText, SpecModel

Condition = Annotated[str, ExpressionText()]
TimeUnit = Literal["days", "weeks", "months", "years"]
#: days in a unit of time
DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}


class StatisticSpec(SpecModel):
    """Base of all statistics."""

    #: the key of the result
    verb: ClassVar[str] = ""
    #: the fields that name a variable of the analysed dataset
    name_fields: ClassVar[tuple[str, ...]] = ()
    #: the fields with a condition on its records
    condition_fields: ClassVar[tuple[str, ...]] = ()
    #: the fields that name a numeric variable
    number_fields: ClassVar[tuple[str, ...]] = ()
    #: the fields that name a variable of the population's dataset
    subject_fields: ClassVar[tuple[str, ...]] = ()

    def variables(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """(path below the statistic, name) of each variable of the analysed dataset that it names."""
        for field in self.name_fields:
            value = getattr(self, field)
            if isinstance(value, str) and value:
                yield (field,), value
            elif isinstance(value, tuple):
                yield from (((field, i), v) for i, v in enumerate(value))
        order = getattr(self, "by_order", "")
        if isinstance(order, str) and order:
            yield ("by_order",), order

    def condition_texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """(path, text) of each condition on records of the analysed dataset."""
        for field in self.condition_fields:
            value = getattr(self, field)
            if isinstance(value, str) and value:
                yield (field,), value
            elif isinstance(value, dict):
                yield from (((field, k), v) for k, v in value.items())

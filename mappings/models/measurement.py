"""The typed models of numbers and measurements: marks of numbers, standard units, conversions, plausible values.

Not for reading a text (engine/columns/number_text.py) nor for converting one (sdtm/derivations/units.py). The facts
themselves are YAML under mappings/measurements/; a study uses them with ``parents: [measurements]`` and may change any
of them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Literal

from pydantic import Field, field_validator, model_validator

from ..binding.bind import SpecModel

_DECIMAL = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)


class NumberStyle(SpecModel):
    """How numbers of one country or column are written."""

    decimal: Literal[".", ","] = Field(default=".", description="The decimal mark.")
    thousands: Literal["", ".", ",", " ", "'"] = Field(
        default="", description="The text between groups of three digits; none unless it is declared."
    )

    @model_validator(mode="after")
    def _two_marks(self) -> NumberStyle:
        if self.decimal == self.thousands:
            raise ValueError("the decimal mark and the thousands separator are the same")
        return self


class NumbersSpec(SpecModel):
    """How number texts are read. A text is read only by the declared marks; any other text is reported."""

    decimal: Literal[".", ","] = Field(default=".", description="The decimal mark.")
    thousands: Literal["", ".", ",", " ", "'"] = Field(
        default="", description="The text between groups of three digits; none unless it is declared."
    )
    by: str | None = Field(
        default=None,
        description="Column whose value selects a key of when:, of this source or source.COLUMN by subject.",
    )
    when: dict[str, Literal[".", ","] | NumberStyle] = Field(
        default_factory=dict, description="Decimal mark, or {decimal:, thousands:}, by the value of by:."
    )
    columns: dict[str, Literal[".", ","] | NumberStyle] = Field(
        default_factory=dict, description="The same for single columns, for any value of by:."
    )
    missing_numbers: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Column to the numbers that mean a missing value in it, such as 999 or -9."
    )

    @model_validator(mode="after")
    def _two_marks(self) -> NumbersSpec:
        if self.decimal == self.thousands:
            raise ValueError("the decimal mark and the thousands separator are the same")
        return self

    def style(self, column: str, group: str) -> NumberStyle:
        """The style of a column in rows whose ``by:`` has this value."""
        found = self.columns.get(column) or self.when.get(group)
        if isinstance(found, NumberStyle):
            return found
        return _style(found, "") if found else _style(self.decimal, self.thousands)


@cache
def _style(decimal: str, thousands: str) -> NumberStyle:
    return NumberStyle.model_validate({"decimal": decimal, "thousands": thousands})


def _number(value: str) -> str:
    if not _DECIMAL.fullmatch(value):
        raise ValueError(f"'{value}' is not a decimal number")
    return value


class Conversion(SpecModel):
    """From one unit to the standard unit: (value - minus) x times / over; with needs:, x the operand."""

    minus: str = Field(default="0", description="Subtracted first, such as 32 for degrees Fahrenheit.")
    times: str = Field(default="1", description="Factor.")
    over: str = Field(default="1", description="Divisor.")
    needs: str | None = Field(
        default=None,
        description="Code of the measurement whose value is a further factor, such as the 24 h urine volume.",
    )

    _decimals = field_validator("minus", "times", "over")(_number)

    @model_validator(mode="after")
    def _divisor(self) -> Conversion:
        if Decimal(self.over) == 0 or Decimal(self.times) == 0:
            raise ValueError("times: and over: must not be 0")
        return self


class MeasurementFacts(SpecModel):
    """Standard unit, conversions and plausible values of a test."""

    unit: str = Field(description="Standard unit; '' for a test without one.")
    unit_optional: bool = Field(
        default=False, description="A result without a unit has the standard unit, such as a ratio."
    )
    convert: dict[str, Conversion] = Field(
        default_factory=dict, description="Unit to its conversion to the standard unit."
    )
    spellings: dict[str, str] = Field(
        default_factory=dict, description="Spelling to unit, for this test only: G/l of cells is 10^9/L, not g/L."
    )
    plausible: tuple[str, ...] = Field(
        default=(), description="Lowest and highest plausible value in the standard unit; a value outside is reported."
    )
    digits: int | None = Field(
        default=None,
        description="Least number of significant digits after a conversion that is not by a power of ten; by default "
        "3, with an operand 5. A result never loses digits that it was written with.",
    )

    @field_validator("plausible")
    @classmethod
    def _window(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value and (len(value) != 2 or Decimal(_number(value[0])) >= Decimal(_number(value[1]))):
            raise ValueError("plausible: is [lowest, highest]")
        return value


class MeasurementSpec(MeasurementFacts):
    """One test, by its --TESTCD."""

    specimens: dict[str, MeasurementFacts] = Field(
        default_factory=dict, description="--SPEC to its facts, in place of those above."
    )

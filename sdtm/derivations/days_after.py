"""The date that lies a number of days after another: for exports that count days from enrolment and have no dates.

Not for study days (timing.py) nor for formats that count from a day of the calendar (sdtm/date_formats/counts.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...engine.accounts.outcomes import CellOutcome
from ...engine.columns import column as col
from ...engine.columns.iso_dates import period, periods
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.derivations.read_for_rule import iso_column
from ...engine.expressions.sentence import condition_sentence
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording

_SAS_EPOCH = np.datetime64("1960-01-01", "D")
#: the days that ISO 8601 texts of SDTM can name
_EARLIEST, _LATEST = period("0001-01-01")[0], period("9999-12-31")[0]
_NO_NUMBER = "no whole number of days: the date is empty"
_NO_DAY_0 = "day 0, but counts_from: 1 has no day 0: the date is empty"
_OUTSIDE = "so many days lead to no year from 0001 to 9999: the date is empty"
_NO_REFERENCE = "a number of days, but {reference} is empty or no complete date: the date is {remains}"


@register
class DaysAfter(Derivation):
    """The date so many days after a reference date, which may be the one of the subject in DM or a raw date.

    The number of days is a whole number; below 0 it counts back. A time of the reference does not count. After a
    partial date, the value has the year and the month on which all its possible days agree: 25 days after 2020-03 is
    2020, for it may be in March or April. counts_from: 1 reads study days: 1 is the reference date, -1 the day before,
    and there is no 0 (SDTMIG 3.4 section 4.4.4).
    """

    verb: ClassVar[str] = "days_after"
    carries = "compared"
    kinds = MappingProxyType({"days_after": "date", "days": "number"})
    example = Example(
        rule="{days_after: DM.RFSTDTC, days: DAY}",
        rows={"SUBJ": ["01", "01", "01", "01", "02", "02"], "DAY": ["0", "29", "-1", "", "10", "0"]},
        gives=["2020-02-01", "2020-03-01", "2020-01-31", "", "2020", "2020-03"],
        variable="AESTDTC",
        sources={"dm": {"SUBJ": ["01", "02"], "START": ["2020-02-01", "2020-03"]}},
        datasets={"DM": "RFSTDTC: {date: START}"},
    )

    days_after: str = Field(description="The reference date: a --DTC variable or a column with a date.")
    days: str = Field(description="Column with the number of days.")
    counts_from: Literal["0", "1"] = Field(
        default="0", description="The number of the reference date: 0, or 1 for study days, which have no day 0."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "days_after", self.days_after
        yield "days", self.days

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        first = (
            f", where day 1 is {words.name(self.days_after)} and there is no day 0" if self.counts_from == "1" else ""
        )
        return (
            f"{target} is {words.name(self.days_after)} plus {words.name(self.days)} days{first}; of a partial date "
            f"only the year and month that are certain{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        first, last = periods(iso_column(env, self.days_after, "days_after"))
        number = read_as_numbers(env, self.days, "days")
        here, shift = env.applies(), self._days(env, number)
        codes, texts, outside = _dates(first + shift, last + shift)
        size = np.array([len(text) for text in texts])[codes]
        env.report("R2A-DATE-009", here & outside, _OUTSIDE, self.days)
        counted = here & ~np.isnan(shift) & ~outside
        for parts, remains in ((0, "empty"), (4, "the year alone"), (7, "the month alone")):
            message = _NO_REFERENCE.format(reference=self.days_after, remains=remains)
            env.report("R2A-DATE-010", counted & (size == parts), message, self.days)
        env.note_unused(self.days, ~np.isnan(number) & (size == 0), CellOutcome.EMPTY)
        return Derived(col.join_text(codes, texts))

    def _days(self, env: Environment, number: np.ndarray) -> np.ndarray:
        """Days to add; NaN where the number is missing or can mean no day."""
        whole = np.isfinite(number) & (number == np.round(number))
        here = env.applies()
        env.report("R2A-DATE-009", here & ~np.isnan(number) & ~whole, _NO_NUMBER, self.days)
        if self.counts_from == "0":
            return np.where(whole, number, np.nan)
        env.report("R2A-DATE-009", here & whole & (number == 0), _NO_DAY_0, self.days)
        return np.where(whole & (number != 0), number - (number > 0), np.nan)


def _dates(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, list[str], np.ndarray]:
    """(per record the position of its text, the ISO 8601 texts, where a day has no year of 4 digits).

    A text has the parts on which the first and the last possible day agree; the first text is the empty one.
    """
    bounded = np.isfinite(first) & np.isfinite(last)
    outside = bounded & ((first < _EARLIEST) | (last > _LATEST))
    known = bounded & ~outside
    unique, position = np.unique(first[known] + 1j * last[known], return_inverse=True)
    begin, end = ((_SAS_EPOCH + side.astype("int64")).astype(str).tolist() for side in (unique.real, unique.imag))
    codes = np.zeros(len(first), dtype="int64")
    codes[known] = position + 1
    return codes, ["", *(_common(b, e) for b, e in zip(begin, end, strict=True))], outside


def _common(begin: str, end: str) -> str:
    """The longest date that two days share: itself, its month, its year, or nothing."""
    return next((begin[:size] for size in (10, 7, 4) if begin[:size] == end[:size]), "")

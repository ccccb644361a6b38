"""The period, subperiod or phase in which a date lies, by the dates of ADSL: APERIOD, ASPER, APHASE, TRTP, TRTA.

Not for the dates of the periods themselves, which are values of other records (engine/derivations/), nor for windows of
study days (visits/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine.columns import column as col
from ..engine.columns.choose import choose
from ..engine.columns.moments import Moments, after, before, moments, unit_of
from ..engine.derivations.derivation import Derivation, Derived
from ..engine.derivations.environment import Environment
from ..engine.expressions.sentence import condition_sentence
from ..mappings.models.derivation import Example, register
from ..mappings.models.wording import AS_WRITTEN, Wording, quoted

_PERIOD, _PART = "{xx}", "{w}"


@register
class Period(Derivation):
    """The period of a date: its number, a text, or a value that ADSL has for it, such as the treatment.

    start: and end: are the names of the variables with {xx} for 01, 02 ... or {w} for 1, 2 ...; a subperiod has both,
    as P{xx}S{w}SDT. A date is in a period from its start to its end; a missing end is open. A date in none is missing,
    but days: after the end of a period still belong to it. A date in two periods is a finding, and the later one
    counts. Times count where both sides have one.
    """

    verb: ClassVar[str] = "period"
    carries = "compared"
    example = Example(
        rule="{period: ASTDT, start: 'ADSL.AP{xx}SDT', end: 'ADSL.AP{xx}EDT', count: 2}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05", "06"],
            "DAY": ["1960-01-09", "1960-01-10", "1960-01-19", "1960-01-20", "1960-03-01", ""],
        },
        gives=["", "1", "1", "2", "2", ""],
        dataset="ADAE",
        variable="APERIOD",
        setting="ASTDT: {analysis_date: DTHDTC}",
        datasets={
            "DM": "DTHDTC: {date: DAY}",
            "ADSL": "AP01SDT: {compute: '9'}\nAP01EDT: {compute: '18'}\nAP02SDT: {compute: '19'}\nAP02EDT: {value: ''}",
        },
    )

    period: str = Field(description="The date: a numeric date or datetime, or one in ISO 8601.")
    start: str = Field(description="The variables with the first day or moment of each period, such as ADSL.AP{xx}SDT.")
    end: str = Field(description="The variables with the last one, such as ADSL.AP{xx}EDT.")
    count: int | tuple[int, ...] = Field(
        description="How many periods or phases; for subperiods a list, of each period how many subperiods it has."
    )
    days: int = Field(default=0, description="Days after the end of a period that still belong to it.", ge=0)
    value: str | None = Field(
        default=None, description="The variables whose value is the output, such as ADSL.TRT{xx}A or ADSL.APHASE{w}."
    )
    text: str | None = Field(default=None, description="The text that is the output, such as Period {w}.")

    def each(self) -> list[tuple[int, int]]:
        """(xx, w) of each period in order."""
        if isinstance(self.count, int):
            return [(n, n) for n in range(1, self.count + 1)]
        return [(xx, w) for xx, parts in enumerate(self.count, start=1) for w in range(1, parts + 1)]

    def problems(self) -> Iterator[tuple[str, ...]]:
        for field in ("start", "end", "value", "text"):
            pattern = getattr(self, field)
            if pattern is None:
                continue
            both = _PERIOD in pattern and _PART in pattern
            if field != "text" and _PERIOD not in pattern and _PART not in pattern:
                yield field, f"'{pattern}' has neither {_PERIOD} nor {_PART} for the number of the period"
            elif field in ("start", "end") and both == isinstance(self.count, int):
                yield (
                    "count",
                    f"'{pattern}' needs " + ("a list, the subperiods of each period" if both else "one number"),
                )
        if self.value is not None and self.text is not None:
            yield "text", "value: and text: exclude each other"
        if not self.each() or any(n < 0 for n in (self.count if isinstance(self.count, tuple) else (self.count,))):
            yield "count", "count: needs at least one period"

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "period", self.period
        for field in ("start", "end", "value"):
            if (pattern := getattr(self, field)) is not None:
                yield from ((field, name) for name in dict.fromkeys(_filled(pattern, *n) for n in self.each()))

    def gives(self) -> str:
        return "integer" if self.value is None and self.text is None else ""

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        pattern = self.value
        return pattern is not None and all(is_number(_filled(pattern, *n)) for n in self.each())

    def texts(self) -> dict[str, str] | None:
        return dict.fromkeys((_filled(self.text, *n) for n in self.each()), "") if self.text is not None else None

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        date, days = words.name(self.period), f" + {self.days} days" if self.days else ""
        parts = []
        for at, number in enumerate(self.each()):
            first, last = (words.name(_filled(pattern, *number)) for pattern in (self.start, self.end))
            lies = f"if {date} lies from" if at == 0 else "if from"
            parts.append(f"{self._output(number, words)} {lies} {first} to {last}{days}")
        return f"{target} is {', '.join(parts)}{condition_sentence(self.when, words)}."

    def _output(self, number: tuple[int, int], words: Wording) -> str:
        """What a date in a period has."""
        if self.value is not None:
            return words.name(_filled(self.value, *number))
        return quoted(_filled(self.text, *number)) if self.text is not None else str(self._number(number))

    def _number(self, number: tuple[int, int]) -> int:
        xx, w = number
        return w if _PART in self.start else xx

    def derive(self, env: Environment) -> Derived:
        date = moments(env.column(self.period, "period"), unit_of(self.period))
        numbers = self.each()
        found, late = np.full(env.n, -1), np.full(env.n, -1)
        several = np.zeros(env.n, dtype=bool)
        for at, number in enumerate(numbers):
            inside, behind = self._placed(env, date, number)
            several |= inside & (found >= 0)
            found = np.where(inside, at, found)
            late = np.where(behind, at, late)
        message = f"{self.period} lies in several periods: the later one counts"
        env.report("R2A-PERIOD-001", several, message, self.period)
        found = np.where(found < 0, late, found)
        if self.text is not None:
            return Derived(col.join_text(found, [*(_filled(self.text, *n) for n in numbers), ""]))
        if self.value is None:
            last = [self._number(n) for n in numbers]
            return Derived(pd.Series(np.array([*last, np.nan], dtype="float64")[found]))
        return Derived(self._values(env, found, self.value))

    def _placed(self, env: Environment, date: Moments, number: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """(where the date lies in a period, where it lies in the days after its end)."""
        start, end = (
            moments(env.column(name, field), unit_of(name))
            for field in ("start", "end")
            for name in (_filled(getattr(self, field), *number),)
        )
        begun = np.isfinite(date.low) & np.isfinite(start.low) & ~before(date, start)
        inside = begun & ~after(date, end)
        return inside, begun & ~inside & (date.low <= end.high + self.days) if self.days else inside & False

    def _values(self, env: Environment, found: np.ndarray, pattern: str) -> pd.Series:
        """The value that a variable has for the period of each record."""
        result: pd.Series | None = None
        for at, number in enumerate(self.each()):
            values = env.column(_filled(pattern, *number), "value")
            if result is None:
                numeric = col.is_number(values)
                result = pd.Series(np.full(env.n, np.nan)) if numeric else col.constant("", env.n)
            result = choose(found == at, values, result)
        return result if result is not None else col.constant("", env.n)


def _filled(pattern: str, xx: int, w: int) -> str:
    return pattern.replace(_PERIOD, f"{xx:02}").replace(_PART, str(w))

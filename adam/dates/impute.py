"""The rule ``impute``: the numeric date of one ISO 8601 text, its missing parts imputed.

Not for the options and their order (imputation.py) nor for the first of several dates (first_imputed.py).
See docs/semantics.md S26.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.derivations.derivation import Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.read_for_rule import iso_column
from ...engine.expressions.sentence import condition_sentence
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from .imputation import Imputation, Imputed, Limit
from .partial_dates import Possible, possible


@register
class Impute(Imputation):
    """The numeric date of an ISO 8601 text, its missing parts imputed: by options, with references.

    Numbers are days (with time: seconds) since 1960-01-01. The text decides the missing parts: 2021 lacks month and
    day, 2021-03 the day, 2021---15 month and day (a day without its month is not used), 2021-03-01T08 minutes and
    seconds. Times count for datetimes only; a time zone does not count.
    """

    verb: ClassVar[str] = "impute"
    example = Example(
        rule="{impute: DTHDTC, highest: day, to: first, not_before: [LSTALVDT], if_later: report}",
        rows={
            "SUBJ": ["01", "02", "03", "04"],
            "DAY": ["1960-02-03", "1960-02", "1960-02", "1960"],
            "SEEN": ["1960-01-31", "1960-01-31", "1960-02-10", "1960-01-31"],
        },
        gives=["33", "31", "40", ""],
        dataset="ADSL",
        variable="DTHDT",
        setting="LSTALVDT: {analysis_date: RFPENDTC}",
        datasets={"DM": "DTHDTC: {date: DAY}\nRFPENDTC: {date: SEEN}"},
    )

    impute: str = Field(description="The --DTC variable.")
    start: str | None = Field(
        default=None,
        description="For an end: the numeric start. An imputed end is never before it. A complete end before it is "
        "kept, with a finding.",
    )
    end: str | None = Field(
        default=None,
        description="For a start: the --DTC variable of the end. Days after every possible day of the end are not "
        "possible for the start.",
    )

    def column_name(self) -> str:
        return self.impute

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from super().reads()
        if self.start is not None:
            yield "start", self.start
        if self.end is not None:
            yield "end", self.end

    def _bounded(self) -> bool:
        return super()._bounded() or bool(self.end if self.to == "last" else self.start)

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        sentence = self._sentence(target, words)
        if self.highest != "never":
            sentence += f"; never before {words.name(self.start)}" if self.start else ""
            sentence += f"; not after what {words.name(self.end)} can mean" if self.end else ""
        return f"{sentence}{condition_sentence(self.when, words)}."

    def imputed(self, env: Environment, *, report: bool = False) -> Imputed:
        texts = iso_column(env, self.impute, "impute")
        read = possible(texts, self.to, self.time)
        lower, upper = self._limits(env)
        open_ = read.level > 0
        high = read.high
        start = self._limit(env, self.start, "start").low if self.start is not None else np.full(env.n, np.nan)
        after = [Limit(self.start, start, start)] if self.start is not None else []
        if self.end is not None:
            end = possible(iso_column(env, self.end, "end"), "last", None if self.time is None else "last").high
            high = np.where(open_ & (end >= read.low) & (end < high), end, high)
        narrowed = Possible(read.low, high, read.base, read.level, read.unused)
        values = self._within(narrowed, lower, upper)
        values = np.where(open_ & (start > values), start, values)
        usable = self._usable(read) & np.isfinite(values)
        values = np.where(usable, values, np.nan)
        if report:
            self._report(env, read, lower, upper, texts, after)
            before = (read.level >= 0) & (read.high < start)
            message = np.where(
                open_,
                f"the end lies before the start, {self.start}: the imputed end is the start",
                f"the end lies before the start, {self.start}: it is kept",
            )
            env.report("R2A-IMP-004", before, message.astype(object), self.impute)
        return Imputed(values, np.where(usable, read.level, 0))

    def derive(self, env: Environment) -> Derived:
        return Derived(pd.Series(self.imputed(env, report=True).values))

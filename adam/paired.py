"""A record of which another record of its group lies within a number of days: two conditions, one for each record.

Not for responses that are confirmed by better ones (response/confirmed_level.py), nor for the next record whatever
it is (engine/derivations/neighbours.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.columns.moments import days_of_variable
from ..engine.derivations.derivation import Derivation, Derived
from ..engine.derivations.environment import Environment
from ..engine.expressions.sentence import condition_sentence, plain
from ..mappings.models.derivation import Condition, Example, register
from ..mappings.models.wording import AS_WRITTEN, Wording


@register
class Paired(Derivation):
    """Y on a record if another record of its group that meets a condition lies in a window of days around it.

    The window counts from the date of the record: at_least: 0 and at_most: 14 is the same day and the two weeks after
    it, at_least: -14 and at_most: 0 the two weeks before. A record is not paired with itself. Records without a date
    are in no pair.
    """

    verb: ClassVar[str] = "paired"
    whole = True
    example = Example(
        rule="{paired: \"PARAMCD == 'ALT' and AVAL >= 3\", with: \"PARAMCD == 'BILI' and AVAL >= 2\", at_most: 14, "
        "label: Followed by Bilirubin}",
        rows={
            "TEST": ["ALT", "ALT", "BILI", "BILI", "BILI"],
            "RES": ["4", "5", "1", "3", "2"],
            "DAY": ["1960-02-01", "1960-03-01", "1960-02-05", "1960-03-15", "1960-05-01"],
        },
        gives=["", "Y", "", "", ""],
        dataset="ADLB",
        variable="PAIRFL",
        setting="PARAMCD: ARMCD\nPARAM: ARMCD\nAVAL: AGE\nADT: {analysis_date: DTHDTC}",
        datasets={"DM": "ARMCD: TEST\nAGE: RES\nDTHDTC: DAY"},
    )

    paired: Condition = Field(description="The records that can be flagged.")
    with_: Condition = Field(alias="with", description="The other record of the pair.")
    date: str = Field(default="ADT", description="The date of the records, numeric or ISO 8601.")
    at_least: int = Field(default=0, description="The other record lies at least so many days later; below 0: earlier.")
    at_most: int | None = Field(default=None, description="And at most so many days later; without it any number.")
    without: Condition | None = Field(
        default=None, description="No record of the group for which this is true has a date between the two."
    )
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    give: Literal["flag", "date"] = Field(
        default="flag", description="The output: Y, or the numeric date of the first such other record."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "date", self.date
        for name in self.by:
            yield "by", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        yield "paired", self.paired
        yield "with_", self.with_
        if self.without is not None:
            yield "without", self.without

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.at_most is not None and self.at_most < self.at_least:
            yield "at_most", f"no record is at least {self.at_least} and at most {self.at_most} days later"
        if self.without is not None and self.at_least < 0:
            yield "without", "without: needs at_least: of 0 or more: the other record comes later"

    def texts(self) -> dict[str, str] | None:
        return {"Y": ""} if self.give == "flag" else None

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days" if self.give == "date" else ""

    def gives(self) -> str:
        return "integer" if self.give == "date" else ""

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        most = f" and at most {self.at_most}" if self.at_most is not None else ""
        window = f"whose {words.name(self.date)} is at least {self.at_least}{most} days later"
        between = f", and no record where {plain(self.without, words)} has a date between them" if self.without else ""
        what = "'Y'" if self.give == "flag" else f"the first {words.name(self.date)} of that other record"
        return (
            f"{target} is {what} on a record where {plain(self.paired, words)}, if the same {words.names(self.by)} has "
            f"another record where {plain(self.with_, words)}, {window}{between}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        dates = env.column(self.date, "date")
        day = np.floor(days_of_variable(dates, self.date))
        (groups,) = verbs.key_codes([env.subject() if n == "USUBJID" else env.column(n, "by") for n in self.by])
        ones, others = env.condition(self.paired, "paired"), env.condition(self.with_, "with_")
        undated = (ones | others) & np.isnan(day)
        env.report("R2A-REC-005", undated, "a record without a complete date is in no pair", self.date)
        usable = (groups >= 0) & ~np.isnan(day)
        at = np.flatnonzero(ones & usable)
        found = _first_other(groups, day, at, np.flatnonzero(others & usable), self.at_least, self.at_most)
        if self.without is not None:
            barred = np.flatnonzero(env.condition(self.without, "without") & usable)
            found[_between(groups, day, at, found, barred)] = -1
        out = np.full(env.n, np.nan)
        out[at[found >= 0]] = day[found[found >= 0]]
        if self.give == "date":
            return Derived(pd.Series(out))
        return Derived(col.join_text((~np.isnan(out)).astype("int8"), ["", "Y"]))


def _moments(groups: np.ndarray, day: np.ndarray, days: int) -> tuple[np.ndarray, float]:
    """One number for the group and day of each record, groups so far apart that a window stays in its group."""
    filled = day[~np.isnan(day)]
    span = float(filled.max() - filled.min()) + abs(days) + 1 if len(filled) else 1.0
    first = float(filled.min()) if len(filled) else 0.0
    return groups * (2 * span) + (day - first), span


def _first_other(
    groups: np.ndarray, day: np.ndarray, at: np.ndarray, others: np.ndarray, least: int, most: int | None
) -> np.ndarray:
    """For each record ``at`` the earliest of ``others`` in its window; -1 for none."""
    if not len(at) or not len(others):
        return np.full(len(at), -1, dtype="int64")
    moment, span = _moments(groups, day, least)
    others = others[np.lexsort((others, moment[others]))]
    line = moment[others]
    place = np.searchsorted(line, moment[at] + least, side="left")
    found = np.append(others, -1)[place]
    place = place + (found == at)  # the first one of the window may be the record itself
    found = np.append(others, [-1, -1])[place]
    last = day[at] + (span if most is None else most)
    inside = (found >= 0) & (groups[found] == groups[at]) & (day[found] <= last)
    return np.where(inside, found, -1)


def _between(groups: np.ndarray, day: np.ndarray, at: np.ndarray, found: np.ndarray, barred: np.ndarray) -> np.ndarray:
    """Whether a record of ``barred`` lies between the dates of a record and of the one that was found for it."""
    moment, _ = _moments(groups, day, 0)
    line = np.sort(moment[barred])
    start, end = moment[at], moment[np.maximum(found, 0)]
    inside = np.searchsorted(line, end, side="left") > np.searchsorted(line, start, side="right")
    return (found >= 0) & inside

"""The level at which a response is confirmed by a later assessment, a minimum of days after it.

For criteria that ask for a confirmation after a number of weeks (RECIST 1.1, GCIG, Lugano). Not for the rule of the
next evaluable assessment with types of progression (confirmation.py), nor for the best response: the first or extreme
record by this level.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import days_of_variable
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import condition_sentence, plain
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted


@register
class ConfirmedResponse(Derivation):
    """The level of a response, if a later one of the subject confirms it; else missing.

    An assessment confirms if it comes at least ``days`` after the response and is as good or better. The first such one
    counts. Between the two there are no other levels but those of ``levels`` and ``between``, and none is worse than
    the one before it. Of several assessments on one date the worst counts, with a finding.
    """

    verb: ClassVar[str] = "confirmed_response"
    whole = True
    example = Example(
        rule="{confirmed_response: AVALC, date: ADT, days: 28, levels: [CR, PR], between: {NE: 1}, label: Confirmed}",
        rows={
            "RESP": ["SD", "PR", "NE", "PR", "CR", "PD"],
            "DAY": ["1960-02-01", "1960-03-01", "1960-03-15", "1960-03-30", "1960-04-20", "1960-06-01"],
        },
        gives=["", "PR", "", "", "", ""],
        dataset="ADRS",
        variable="CONFIRM",
        setting="PARAMCD: {value: OVR}\nPARAM: {value: Overall Response}\nAVALC: ARMCD\nADT: {analysis_date: DTHDTC}",
        datasets={"DM": "ARMCD: RESP\nDTHDTC: DAY"},
    )

    confirmed_response: str = Field(description="The response.")
    date: str = Field(default="ADT", description="Its date, numeric or ISO 8601.")
    days: int = Field(ge=0, description="The confirming assessment is at least so many days later.")
    at_most: int | None = Field(default=None, ge=1, description="And at most so many days later.")
    levels: tuple[str, ...] = Field(default=("CR", "PR"), description="Levels that are confirmed, the best one first.")
    between: dict[str, int] = Field(
        default_factory=dict, description="Other levels that may lie between, each with the highest number of them."
    )
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    where: Condition | None = Field(default=None, description="The assessments that count; others get no level.")
    give: Literal["level", "date"] = Field(
        default="level", description="The output: the level, or the numeric date of the confirming assessment."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "confirmed_response", self.confirmed_response
        yield "date", self.date
        for name in self.by:
            yield "by", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.where is not None:
            yield "where", self.where

    def problems(self) -> Iterator[tuple[str, ...]]:
        if not self.by:
            yield "by", "at least one variable is needed, as USUBJID"
        if not self.levels:
            yield "levels", "at least one level is needed"
        for level in {x for x in self.levels if self.levels.count(x) > 1}:
            yield "levels", f"'{level}' is more than one level"
        for level in self.between:
            if level in self.levels:
                yield "between", f"'{level}' is one of levels: it may always lie between"
        if self.at_most is not None and self.at_most < self.days:
            yield "at_most", f"no assessment is at least {self.days} and at most {self.at_most} days later"

    def texts(self) -> dict[str, str] | None:
        return dict.fromkeys(self.levels, "") if self.give == "level" else None

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days" if self.give == "date" else ""

    def gives(self) -> str:
        return "integer" if self.give == "date" else ""

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        listed = ", ".join(map(quoted, self.levels))
        what = words.name(self.confirmed_response if self.give == "level" else self.date)
        of = "" if self.give == "level" else " of the assessment that confirms it"
        window = f"at least {self.days}" + (f" and at most {self.at_most}" if self.at_most is not None else "")
        others = [f"{count} {quoted(level)}" for level, count in self.between.items()]
        between = f" and at most {', '.join(others)}" if others else ""
        where = f", among records where {plain(self.where, words)}" if self.where else ""
        return (
            f"{target} is {what}{of} if it is one of {listed} and an assessment of the same {words.names(self.by)} "
            f"{window} days later is as good or better, with none that is worse{between} between them{where}"
            f"{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        codes, texts = col.split_text(env.column(self.confirmed_response, "confirmed_response"))
        dates = env.column(self.date, "date")
        day = np.floor(days_of_variable(dates, self.date))
        (groups,) = verbs.key_codes([env.subject() if n == "USUBJID" else env.column(n, "by") for n in self.by])
        used = np.ones(env.n, dtype=bool) if self.where is None else env.condition(self.where, "where")
        empty = np.array([not t.strip() for t in texts], dtype=bool)[codes]
        env.report("R2A-RESP-002", used & empty, "an assessment without a response: not used", self.date)
        used &= (groups >= 0) & ~empty
        message = "a response without a complete date: not used"
        env.report("R2A-RESP-003", used & np.isnan(day), message, self.confirmed_response)
        used &= ~np.isnan(day)
        rank = {level: i for i, level in enumerate(self.levels)}
        rank |= {level: len(rank) + i for i, level in enumerate(self.between)}
        ranks = np.array([rank.get(t.strip(), len(rank)) for t in texts], dtype="int64")[codes]
        at = self._one_a_date(env, groups, day, ranks, np.flatnonzero(used))
        if self.give == "level" and len(self.levels) > 1:
            lower = np.zeros(env.n, dtype=bool)
            lower[at[_below_the_best(groups[at], ranks[at], len(self.levels))]] = True
            message = f"{self.levels[0]} comes before it: disease that is back, or no {self.levels[0]}"
            env.report("R2A-RESP-012", lower, message, self.confirmed_response)
        by = _confirming(groups[at], day[at], ranks[at], self)
        found = by >= 0
        if self.give == "date":
            out = np.full(env.n, np.nan)
            out[at[found]] = day[at[by[found]]]
            return Derived(pd.Series(out))
        level = np.zeros(env.n, dtype="int8")
        level[at[found]] = ranks[at[found]] + 1
        return Derived(col.join_text(level, ["", *self.levels]))

    def _one_a_date(
        self, env: Environment, groups: np.ndarray, day: np.ndarray, ranks: np.ndarray, at: np.ndarray
    ) -> np.ndarray:
        """The records that count, by group and date: of one date the worst, levels of between: before the others."""
        rest = len(self.levels) + len(self.between)
        preference = np.where(ranks == rest, 0, np.where(ranks < len(self.levels), rest - ranks, rest + 1))
        at = at[verbs.order_rows([groups[at], day[at], preference[at]])]
        first = np.ones(len(at), dtype=bool)
        first[1:] = (groups[at][1:] != groups[at][:-1]) | (day[at][1:] != day[at][:-1])
        of = np.flatnonzero(first)[np.cumsum(first) - 1] if len(at) else at
        differs = np.zeros(env.n, dtype=bool)
        differs[at[ranks[at] != ranks[at[of]]]] = True
        message = "another response on the same date: the worst one counts"
        env.report("R2A-RESP-004", differs, message, self.confirmed_response)
        return at[first]


def _below_the_best(groups: np.ndarray, ranks: np.ndarray, count: int) -> np.ndarray:
    """Where an assessment has one of the levels, but not the best one, and the group had the best one before it."""
    place = np.arange(len(ranks))
    start = np.maximum.accumulate(np.where(np.append(True, groups[1:] != groups[:-1])[: len(ranks)], place, 0))
    best = np.maximum.accumulate(np.where(ranks == 0, place, -1))
    return (ranks > 0) & (ranks < count) & (best >= start)


def _confirming(groups: np.ndarray, day: np.ndarray, ranks: np.ndarray, rule: ConfirmedResponse) -> np.ndarray:
    """For each assessment, sorted by group and date, the position of the one that confirms it; -1 for none."""
    n = len(ranks)
    out = np.full(n, -1, dtype="int64")
    if not n:
        return out
    count, others = len(rule.levels), len(rule.between)
    place = np.arange(n)
    evaluable = ranks < count
    # an assessment that no response may have after it: another level, or one that is worse than the one before it
    last = np.maximum.accumulate(np.where(evaluable, place, -1))
    before = np.append(-1, last[:-1])
    worse = evaluable & (before >= 0) & (groups[before] == groups) & (ranks > ranks[before])
    stops = np.cumsum(worse | (ranks >= count + others))
    span = day.max() - day.min() + 1
    moment = groups.astype("float64") * (2 * span + rule.days + 1) + (day - day.min())
    for level in range(count):
        candidates = np.flatnonzero(ranks <= level)
        here = np.flatnonzero(ranks == level)
        if not len(candidates) or not len(here):
            continue
        found = np.searchsorted(moment[candidates], moment[here] + rule.days, side="left")
        later = np.searchsorted(candidates, here, side="right")
        found = np.maximum(found, later)
        inside = found < len(candidates)
        then = candidates[np.minimum(found, len(candidates) - 1)]
        inside &= groups[then] == groups[here]
        if rule.at_most is not None:
            inside &= day[then] - day[here] <= rule.at_most
        inside &= stops[then] == stops[here]
        for number, allowed in enumerate(rule.between.values()):
            seen = np.cumsum(ranks == count + number)
            inside &= seen[then] - seen[here] <= allowed
        out[here[inside]] = then[inside]
    return out

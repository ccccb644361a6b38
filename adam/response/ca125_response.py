"""The response by CA-125 of GCIG, from the values of each subject: evaluable, response, progression.

Rustin et al., Int J Gynecol Cancer 2011;21:419-23. Not for the combination with the lesions (overall_response.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import days_of_variable
from ...engine.columns.rounding import significant
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.expressions.sentence import condition_sentence, plain
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording

LEVELS = ("CR", "PR", "NORMAL", "SD", "PD", "NE")
CATEGORIES = ("A", "B", "C")


@register
class Ca125Response(Derivation):
    """CR, PR, NORMAL, SD, PD or NE of each value of CA-125 after the first dose.

    The last value on or before ``start`` is the pretreatment value. A response can be evaluated where it is at least
    twice the upper limit of normal, and at most ``before`` days old; else a value has no level, unless it is PD. PR: at
    most half of the pretreatment value, confirmed by a value ``days`` later or more. Up to that value none is higher
    than the one before it, except by ``variability`` percent or within the normal range. CR: such a value within the
    normal range. NORMAL: a value within the normal range without a response. PD: at least twice the limit of normal, or
    twice the nadir where CA-125 was never normal, and again ``apart`` days later or more, with no lower value between;
    every value after it is PD. Of several values on one date the highest counts.
    """

    verb: ClassVar[str] = "ca125_response"
    whole = True
    example = Example(
        rule="{ca125_response: AVAL, upper: ANRHI, start: TRTSDT, label: Response by CA-125}",
        rows={
            "VALUE": ["200", "90", "40", "30", "75", "80"],
            "DAY": ["1960-03-01", "1960-04-01", "1960-05-01", "1960-06-01", "1960-07-01", "1960-08-01"],
        },
        gives=["", "PR", "PR", "CR", "PD", "PD"],
        dataset="ADLB",
        variable="CA125RSP",
        setting="PARAMCD: {value: CA125}\nPARAM: {value: CA-125 (U/mL)}\nAVAL: AGE\nADT: {analysis_date: DTHDTC}\n"
        "ANRHI: {compute: '35'}\nTRTSDT: {compute: '70', type: integer}",
        datasets={"DM": "AGE: VALUE\nDTHDTC: DAY"},
    )

    ca125_response: str = Field(description="The value of CA-125.")
    date: str = Field(default="ADT", description="The date of the sample, numeric or ISO 8601.")
    upper: str = Field(default="ANRHI", description="The upper limit of normal of the sample, in its unit.")
    start: str = Field(default="TRTSDT", description="First dose.")
    before: int = Field(default=14, ge=0, description="Days before the first dose with the pretreatment value.")
    days: int = Field(default=28, ge=1, description="Days after which a value can confirm a response.")
    apart: int = Field(default=7, ge=1, description="Days between the two values of a progression.")
    variability: float = Field(default=10, ge=0, description="Variability of the assay, in percent.")
    exclude: Condition | None = Field(
        default=None,
        description="Samples that cannot be evaluated, as after mouse antibodies, or within 28 days after an "
        "intervention at the peritoneum or the pleura: NE, and they confirm nothing.",
    )
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    where: Condition | None = Field(default=None, description="The records of CA-125; others get no value.")
    give: Literal["level", "evaluable", "category"] = Field(
        default="level",
        description="The output: the level; Y or N for whether a response can be evaluated; or A, B, C, the category "
        "of progression: elevated before treatment and normal since, elevated and never normal, normal before.",
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        for field in ("ca125_response", "date", "upper", "start"):
            yield field, getattr(self, field)
        for name in self.by:
            yield "by", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        for field in ("exclude", "where"):
            if (text := getattr(self, field)) is not None:
                yield field, text

    def problems(self) -> Iterator[tuple[str, ...]]:
        if not self.by:
            yield "by", "at least one variable is needed, as USUBJID"

    def texts(self) -> dict[str, str]:
        return dict.fromkeys({"level": LEVELS, "evaluable": ("Y", "N"), "category": CATEGORIES}[self.give], "")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        value, upper = words.name(self.ca125_response), words.name(self.upper)
        before = f"the last {value} on or before {words.name(self.start)}"
        where = f", among records where {plain(self.where, words)}" if self.where else ""
        not_used = f" 'NE' where {plain(self.exclude, words)}." if self.exclude and self.give == "level" else ""
        evaluable = f"{before} is at least 2 * {upper} and at most {self.before} days old"
        sentence = {
            "evaluable": f"'Y' if {evaluable}, else 'N'",
            "category": f"the category of progression by 'GCIG': 'C' if {before} is at most {upper}; else 'A' if a "
            f"later {value} before the sample is, else 'B'",
            "level": f"the response by 'GCIG' from {value} and {upper} of the same {words.names(self.by)}. It is "
            f"evaluable if {evaluable}. 'PR': at most half of it, confirmed at least {self.days} days later, each "
            f"value up to then at most {self.variability:g} % above the one before it or at most {upper}; 'CR': a 'PR' "
            f"at most {upper}; 'NORMAL': at most {upper}; 'PD': at least 2 * {upper}, in category B at least 2 times "
            f"the nadir, and so for at least {self.apart} days; else 'SD'",
        }[self.give]
        return f"{target} is {sentence}{where}{condition_sentence(self.when, words)}.{not_used}"

    def derive(self, env: Environment) -> Derived:
        samples, at, group = self._samples(env)
        found = _course(samples, self)
        if self.give == "evaluable":
            flags = np.append(np.where(found.assessable, 1, 2), 0)  # the last one for records of no group
            return Derived(col.join_text(flags[group], ["", "Y", "N"]))
        if self.give == "category":
            code, names = found.category + 1, ["", *CATEGORIES]
        else:
            code, names = found.level + 1, ["", *LEVELS]
        out = np.zeros(env.n, dtype="int8")
        out[at] = code
        return Derived(col.join_text(out, names))

    def _samples(self, env: Environment) -> tuple[_Samples, np.ndarray, np.ndarray]:
        """(the samples that count, by group and date, their records, the group of each record; -1 for none).

        With findings on the others.
        """
        value = read_as_numbers(env, self.ca125_response, "ca125_response")
        upper = read_as_numbers(env, self.upper, "upper")
        day, start = self._days(env, "date"), self._days(env, "start")
        (groups,) = verbs.key_codes([env.subject() if n == "USUBJID" else env.column(n, "by") for n in self.by])
        used = np.ones(env.n, dtype=bool) if self.where is None else env.condition(self.where, "where")
        used &= groups >= 0
        env.report("R2A-RESP-003", used & np.isnan(day), "a sample without a complete date: not used", self.date)
        used &= ~np.isnan(day)
        limitless = used & ~np.isnan(value) & ~(upper > 0)
        env.report("R2A-RESP-011", limitless, f"no {self.upper} above 0: the sample is not evaluable", self.upper)
        below = used & (value < 0)
        env.report("R2A-RESP-011", below, "a value below 0: the sample is not evaluable", self.ca125_response)
        usable = ~np.isnan(value) & (upper > 0) & (value >= 0)
        if self.exclude is not None:
            usable &= ~env.condition(self.exclude, "exclude")
        at = np.flatnonzero(used)
        at = at[verbs.order_rows([groups[at], day[at], ~usable[at], -np.nan_to_num(value[at], nan=-1)])]
        first = np.ones(len(at), dtype=bool)
        first[1:] = (groups[at][1:] != groups[at][:-1]) | (day[at][1:] != day[at][:-1])
        chosen = at[np.maximum.accumulate(np.where(first, np.arange(len(at)), 0))] if len(at) else at
        differs = np.zeros(env.n, dtype=bool)
        differs[at] = usable[at] & (value[at] != value[chosen])
        message = "another value on the same date: the highest one counts"
        env.report("R2A-RESP-004", differs, message, self.ca125_response)
        at = at[first]
        known = np.unique(groups[at])
        of_row = np.where(used, np.searchsorted(known, groups), -1)
        return _Samples(of_row[at], day[at], value[at], upper[at], start[at], usable[at]), at, of_row

    def _days(self, env: Environment, field: str) -> np.ndarray:
        name = getattr(self, field)
        return np.floor(days_of_variable(env.column(name, field), name))


@dataclass(frozen=True)
class _Samples:
    """One sample a date, by group and date; (n,) arrays. ``group`` from 0 without gaps; days since 1960-01-01."""

    group: np.ndarray
    day: np.ndarray
    value: np.ndarray
    upper: np.ndarray
    start: np.ndarray
    usable: np.ndarray

    def take(self, at: np.ndarray) -> _Samples:
        return _Samples(*(getattr(self, name)[at] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Course:
    """Codes of LEVELS and CATEGORIES of each sample, -1 for none; ``assessable``: of each group."""

    level: np.ndarray
    category: np.ndarray
    assessable: np.ndarray


def _course(samples: _Samples, rule: Ca125Response) -> _Course:
    count = int(samples.group.max(initial=-1)) + 1
    level, category = np.full(len(samples.day), -1), np.full(len(samples.day), -1)
    assessable = np.zeros(count, dtype=bool)
    if not count:
        return _Course(level, category, assessable)
    usable = np.flatnonzero(samples.usable)
    e = samples.take(usable)
    base = np.full(count, -1)
    earlier = e.day <= e.start
    base[e.group[earlier]] = np.flatnonzero(earlier)  # in the order of the days: the last one remains
    known = np.flatnonzero(base >= 0)
    of = base[known]
    assessable[known] = (e.value[of] >= significant(2 * e.upper[of])) & (e.start[of] - e.day[of] <= rule.before)
    after = e.day > e.start
    high, of_category = _high(e, base, after)
    progressed = _first_on(high & (_last_day(e, ~high) - e.day >= rule.apart), e.group)
    responds = _responds(e, base, after & assessable[e.group], rule)
    normal = e.value <= e.upper
    names = {name: number for number, name in enumerate(LEVELS)}
    found = np.select(
        [progressed, responds & normal, responds, normal],
        [names["PD"], names["CR"], names["PR"], names["NORMAL"]],
        names["SD"],
    )
    level[usable] = np.where(after & (assessable[e.group] | progressed), found, -1)
    not_usable = ~samples.usable & (samples.day > samples.start) & assessable[samples.group]
    level[not_usable] = names["NE"]
    category[usable] = of_category
    return _Course(level, category, assessable)


def _high(e: _Samples, base: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(whether a value is as high as a progression, the code of its category; -1 without a pretreatment value)."""
    place = np.arange(len(e.day))
    begins = np.append(True, e.group[1:] != e.group[:-1])
    has = base[e.group] >= 0
    at_base = base[e.group] == place
    nadir = _before(np.where(after | at_base, e.value, np.inf), begins, e.group)
    was_normal = np.isfinite(_before(np.where(after & (e.value <= e.upper), 0.0, np.inf), begins, e.group))
    of = np.maximum(base[e.group], 0)
    normal_at_base = has & (e.value[of] <= e.upper[of])
    category = np.where(has & after, np.select([normal_at_base, was_normal], [2, 0], 1), -1)
    # without a pretreatment value, only what is progression in each category
    limit = np.select([category == 1, category >= 0], [nadir, e.upper], np.maximum(nadir, e.upper))
    return after & np.isfinite(nadir) & (e.value >= significant(2 * limit)), category


def _responds(e: _Samples, base: np.ndarray, counts: np.ndarray, rule: Ca125Response) -> np.ndarray:
    """Whether a value is one of a confirmed response."""
    of = np.maximum(base[e.group], 0)
    half = counts & (e.value <= significant(e.value[of] / 2))
    previous = np.append(np.nan, e.value[:-1])
    highest = significant(previous * (1 + rule.variability / 100))
    breaks = ~(e.value <= highest) & (e.value > e.upper)
    breaks |= np.append(True, e.group[1:] != e.group[:-1]) | ~counts
    run = np.cumsum(breaks) - 1
    first = np.full(run[-1] + 1 if len(run) else 0, np.inf)
    np.minimum.at(first, run[half], e.day[half])
    return half & (_last_day(e, breaks) - first[run] >= rule.days)


def _last_day(e: _Samples, breaks: np.ndarray) -> np.ndarray:
    """The last day of the run of each sample; a run begins at a break and ends with its group."""
    run = np.cumsum(breaks | np.append(True, e.group[1:] != e.group[:-1])) - 1
    ends = np.append(run[1:] != run[:-1], True)
    return e.day[ends][run] if len(run) else e.day


def _first_on(where: np.ndarray, group: np.ndarray) -> np.ndarray:
    """From the first sample of a group that fits on."""
    place = np.arange(len(where))
    start = np.maximum.accumulate(np.where(np.append(True, group[1:] != group[:-1]), place, 0))
    return np.maximum.accumulate(np.where(where, place, -1)) >= start


def _before(values: np.ndarray, begins: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The lowest value of the group before each sample; infinite for none."""
    lowest = verbs.running(values, group, "min")
    return np.where(begins, np.inf, np.append(np.inf, lowest[:-1]))

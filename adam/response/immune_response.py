"""The response by iRECIST from the overall responses by RECIST 1.1: progression that is not confirmed, and confirmed.

Seymour et al., Lancet Oncol 2017;18:e143-52, table 2. Not for the response by RECIST (overall_response.py), nor for
whether a tumor has grown further since the last assessment: a condition of the spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
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
from ...mappings.models.wording import AS_WRITTEN, Wording

#: RECIST 1.1 to iRECIST, in the spelling of CDISC terminology; PD is decided by the course
LEVELS: Mapping[str, str] = MappingProxyType(
    {"CR": "iCR", "PR": "iPR", "SD": "iSD", "NON-CR/NON-PD": "NON-iCR/NON-iUPD", "NED": "NED", "NE": "NE"}
)
PROGRESSION, UNCONFIRMED, CONFIRMED = "PD", "iUPD", "iCPD"


@register
class ImmuneResponse(Derivation):
    """The response by iRECIST at each assessment: iCR, iPR, iSD, NON-iCR/NON-iUPD, iUPD, iCPD.

    A progression is iUPD. It becomes iCPD at an evaluable assessment, at least ``days`` after the first iUPD, if it is
    PD too and ``further`` holds: the tumor has grown further, or a new lesion has come. Else it stays iUPD.
    A response or stable disease resets it. After iCPD every evaluable assessment is iCPD. Of several assessments on one
    date the progression counts, with a finding.
    """

    verb: ClassVar[str] = "immune_response"
    whole = True
    example = Example(
        rule="{immune_response: AVALC, date: ADT, days: 28, further: GROWN == 'Y', label: Immune Response}",
        rows={
            "RESP": ["PR", "PD", "PR", "PD", "PD", "PD", "SD"],
            "DAY": ["1960-02-01", "1960-03-01", "1960-04-01", "1960-05-01", "1960-06-01", "1960-07-01", "1960-08-01"],
            "MORE": ["", "", "", "", "", "Y", ""],
        },
        gives=["iPR", "iUPD", "iPR", "iUPD", "iUPD", "iCPD", "iCPD"],
        dataset="ADRS",
        variable="IRESP",
        setting="PARAMCD: {value: OVR}\nPARAM: {value: Overall Response}\nAVALC: ARMCD\nADT: {analysis_date: DTHDTC}\n"
        "GROWN: {from: ARM, label: Further Progression}",
        datasets={"DM": "ARMCD: RESP\nDTHDTC: DAY\nARM: MORE"},
    )

    immune_response: str = Field(description="The overall response by RECIST 1.1.")
    date: str = Field(default="ADT", description="Its date, numeric or ISO 8601.")
    further: Condition = Field(
        description="Further progression since the assessment before: at least 5 mm in the sum of target or of new "
        "target lesions, a further increase of non-target lesions, or another new lesion."
    )
    days: int = Field(default=28, ge=0, description="Days after the first iUPD from which it can be confirmed.")
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    where: Condition | None = Field(default=None, description="The assessments that count; others get no response.")
    give: Literal["level", "onset"] = Field(
        default="level",
        description="The output: the response, or for iUPD and iCPD the numeric date of the first iUPD of the "
        "progressions in a row, which is the date of progression once it is confirmed.",
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "immune_response", self.immune_response
        yield "date", self.date
        for name in self.by:
            yield "by", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        yield "further", self.further
        if self.where is not None:
            yield "where", self.where

    def problems(self) -> Iterator[tuple[str, ...]]:
        if not self.by:
            yield "by", "at least one variable is needed, as USUBJID"

    def texts(self) -> dict[str, str] | None:
        return dict.fromkeys([*LEVELS.values(), UNCONFIRMED, CONFIRMED], "") if self.give == "level" else None

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days" if self.give == "onset" else ""

    def gives(self) -> str:
        return "integer" if self.give == "onset" else ""

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        where = f", among records where {plain(self.where, words)}" if self.where else ""
        onset = words.name(self.date)
        what = (
            "" if self.give == "level" else f"{onset} of the first '{UNCONFIRMED}' of the progressions in a row, from "
        )
        return (
            f"{target} is {what}the response by 'iRECIST' of {words.name(self.immune_response)}: '{UNCONFIRMED}' for "
            f"progression, '{CONFIRMED}' if an evaluable assessment of the same {words.names(self.by)} at least "
            f"{self.days} days after the first of progressions in a row is progression and "
            f"{plain(self.further, words)}, and after it{where}"
            f"{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        codes, texts = col.split_text(env.column(self.immune_response, "immune_response"))
        dates = env.column(self.date, "date")
        day = np.floor(days_of_variable(dates, self.date))
        (groups,) = verbs.key_codes([env.subject() if n == "USUBJID" else env.column(n, "by") for n in self.by])
        used = np.ones(env.n, dtype=bool) if self.where is None else env.condition(self.where, "where")
        used &= (groups >= 0) & ~np.array([not t.strip() for t in texts], dtype=bool)[codes]
        message = "a response without a complete date: not used"
        env.report("R2A-RESP-003", used & np.isnan(day), message, self.immune_response)
        used &= ~np.isnan(day)
        known = [*LEVELS, PROGRESSION]
        rank = np.array([known.index(t.strip()) if t.strip() in known else -1 for t in texts], dtype="int64")[codes]
        message = f"a response that is none of {', '.join(known)}: not evaluable"
        env.report("R2A-RESP-001", used & (rank < 0), message, self.immune_response)
        not_evaluable = known.index("NE")
        rank = np.where(rank < 0, not_evaluable, rank)
        at = self._one_a_date(env, groups, day, rank, np.flatnonzero(used))
        further = env.condition(self.further, "further")
        level, onset = _course(groups[at], day[at], rank[at], further[at], self.days)
        if self.give == "onset":
            days = np.full(env.n, np.nan)
            days[at] = np.where(level >= len(LEVELS), day[at][onset], np.nan) if len(at) else np.zeros(0)
            return Derived(pd.Series(days))
        out = np.zeros(env.n, dtype="int8")
        out[at] = level + 1
        return Derived(col.join_text(out, ["", *LEVELS.values(), UNCONFIRMED, CONFIRMED]))

    def _one_a_date(
        self, env: Environment, groups: np.ndarray, day: np.ndarray, rank: np.ndarray, at: np.ndarray
    ) -> np.ndarray:
        """The records that count, by group and date: of one date the worst, not evaluable after all others."""
        preference = np.where(rank == list(LEVELS).index("NE"), 1, -rank)
        at = at[verbs.order_rows([groups[at], day[at], preference[at]])]
        first = np.ones(len(at), dtype=bool)
        first[1:] = (groups[at][1:] != groups[at][:-1]) | (day[at][1:] != day[at][:-1])
        chosen = at[np.maximum.accumulate(np.where(first, np.arange(len(at)), 0))] if len(at) else at
        differs = np.zeros(env.n, dtype=bool)
        differs[at] = rank[at] != rank[chosen]
        message = "another response on the same date: the worst one counts"
        env.report("R2A-RESP-004", differs, message, self.immune_response)
        return at[first]


def _course(
    groups: np.ndarray, day: np.ndarray, rank: np.ndarray, further: np.ndarray, days: int
) -> tuple[np.ndarray, np.ndarray]:
    """(codes of the responses, position of the first iUPD) of assessments that are sorted by group and date.

    The codes are of LEVELS, then iUPD and iCPD.
    """
    n = len(rank)
    if not n:
        return rank, rank
    progression, not_evaluable = len(LEVELS), list(LEVELS).index("NE")
    place = np.arange(n)
    evaluable = rank != not_evaluable
    last = np.maximum.accumulate(np.where(evaluable, place, -1))
    before = np.append(-1, last[:-1])
    had = (before >= 0) & (groups[before] == groups) & (rank[before] == progression)
    # the days count from the first of progressions in a row
    onset = np.maximum.accumulate(np.where((rank == progression) & ~had, place, 0))
    confirmed = (rank == progression) & had & further & (day - day[onset] >= days)
    new = np.append(True, groups[1:] != groups[:-1])
    start = np.maximum.accumulate(np.where(new, place, 0))
    first = np.maximum.accumulate(np.where(confirmed, place, -1))
    after = evaluable & (first >= start)
    # the first progression that was confirmed, for all assessments after it
    confirmed_first = np.maximum.accumulate(np.where(confirmed & (np.append(-1, first[:-1]) < start), place, 0))
    return np.where(after, progression + 1, rank), np.where(after, onset[confirmed_first], onset)

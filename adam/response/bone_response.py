"""The response of bone by the 2+2 rule of PCWG3, from the number of new lesions of each bone scan.

Scher et al., J Clin Oncol 2016;34:1402-18. Not for counting the lesions, nor for the overall response
(overall_response.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import days_of_variable
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.expressions.sentence import condition_sentence, plain
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording

#: new lesions that make a progression
TWO = 2
LEVELS = ("NED", "NON-PD", "PDu", "PD", "NE")


@register
class BoneResponse(Derivation):
    """PD, PDu, NON-PD, NED or NE of each bone scan by the 2+2 rule.

    The first scan after the baseline shows PDu with two or more new lesions. The next scan, at least ``days`` later,
    makes it PD with two or more further new lesions, else NON-PD: a flare. A later scan, or a first one after the
    ``flare`` window, shows PDu with two or more
    lesions that the first scan after the baseline does not have. The next scan makes it PD if they are still there,
    else NON-PD. Without a next scan it stays PDu. After PD every scan
    that still shows the lesions is PD. Of several scans on one date the one with more lesions counts.
    """

    verb: ClassVar[str] = "bone_response"
    whole = True
    example = Example(
        rule="{bone_response: AVAL, date: ADT, days: 42, label: Response of Bone}",
        rows={
            "NEW": ["2", "2", "4", "4", ""],
            "DAY": ["1960-03-01", "1960-05-01", "1960-07-01", "1960-09-01", "1960-11-01"],
        },
        gives=["NON-PD", "NON-PD", "PD", "PD", "NE"],
        dataset="ADRS",
        variable="BONERESP",
        setting="PARAMCD: {value: BONE}\nPARAM: {value: New Bone Lesions}\nAVAL: AGE\nADT: {analysis_date: DTHDTC}",
        datasets={"DM": "AGE: NEW\nDTHDTC: DAY"},
    )

    bone_response: str = Field(
        description="The number of lesions that are on the scan and not at baseline; missing: not evaluable."
    )
    date: str = Field(default="ADT", description="The date of the scan, numeric or ISO 8601.")
    days: int = Field(default=42, ge=1, description="Days after which a scan can confirm: 6 weeks.")
    none: Condition | None = Field(default=None, description="No lesion at all is on the scan: NED.")
    flare: Condition | None = Field(
        default=None,
        description="The scans in the flare window, as the first 12 weeks. A first scan after it is compared like a "
        "later one, with the baseline. By default the first scan is in the window.",
    )
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    where: Condition | None = Field(default=None, description="The scans after the baseline; others get no response.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "bone_response", self.bone_response
        yield "date", self.date
        for name in self.by:
            yield "by", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        for field in ("none", "flare", "where"):
            if (text := getattr(self, field)) is not None:
                yield field, text

    def problems(self) -> Iterator[tuple[str, ...]]:
        if not self.by:
            yield "by", "at least one variable is needed, as USUBJID"

    def texts(self) -> dict[str, str]:
        return dict.fromkeys(LEVELS, "")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        where = f", among records where {plain(self.where, words)}" if self.where else ""
        none = f" 'NED' where {plain(self.none, words)}." if self.none else ""
        flare = f" The flare window: {plain(self.flare, words)}." if self.flare else ""
        return (
            f"{target} is the response of bone by the 2+2 rule of 'PCWG3' from {words.name(self.bone_response)} of the "
            f"scans of the same {words.names(self.by)}, with confirmation at least {self.days} days later{where}"
            f"{condition_sentence(self.when, words)}.{flare}{none}"
        )

    def derive(self, env: Environment) -> Derived:
        new = read_as_numbers(env, self.bone_response, "bone_response")
        dates = env.column(self.date, "date")
        day = np.floor(days_of_variable(dates, self.date))
        (groups,) = verbs.key_codes([env.subject() if n == "USUBJID" else env.column(n, "by") for n in self.by])
        used = np.ones(env.n, dtype=bool) if self.where is None else env.condition(self.where, "where")
        used &= groups >= 0
        other = used & ((new < 0) | (new > np.floor(new)))
        message = "a number of lesions is a whole number from 0 on: the scan is not evaluable"
        env.report("R2A-RESP-013", other, message, self.bone_response)
        new = np.where(other, np.nan, new)
        message = "a scan without a complete date: not used"
        env.report("R2A-RESP-003", used & np.isnan(day), message, self.bone_response)
        used &= ~np.isnan(day)
        at = np.flatnonzero(used)
        at = at[verbs.order_rows([groups[at], day[at], -np.nan_to_num(new[at], nan=-1)])]
        first = np.ones(len(at), dtype=bool)
        first[1:] = (groups[at][1:] != groups[at][:-1]) | (day[at][1:] != day[at][:-1])
        chosen = at[np.maximum.accumulate(np.where(first, np.arange(len(at)), 0))] if len(at) else at
        differs = np.zeros(env.n, dtype=bool)
        differs[at] = ~np.isnan(new[at]) & (new[at] != new[chosen])
        message = "another scan on the same date: the one with more new lesions counts"
        env.report("R2A-RESP-004", differs, message, self.bone_response)
        at = at[first]
        code = np.full(env.n, -1, dtype="int64")
        code[at] = LEVELS.index("NE")
        evaluable = at[~np.isnan(new[at])]
        flare = np.ones(env.n, dtype=bool) if self.flare is None else env.condition(self.flare, "flare")
        course = (x[evaluable] for x in (groups, day, new, flare))
        code[evaluable] = _two_and_two(*course, self.days)
        if self.none is not None:
            no_lesion = env.condition(self.none, "none") & (code == LEVELS.index("NON-PD"))
            code[no_lesion] = LEVELS.index("NED")
        return Derived(col.join_text(code + 1, ["", *LEVELS]))


def _two_and_two(groups: np.ndarray, day: np.ndarray, new: np.ndarray, flare: np.ndarray, days: int) -> np.ndarray:
    """Codes of LEVELS of evaluable scans that are sorted by group and date."""
    n = len(new)
    if not n:
        return np.zeros(0, dtype="int64")
    place = np.arange(n)
    begins = np.append(True, groups[1:] != groups[:-1])
    start = np.maximum.accumulate(np.where(begins, place, 0))
    # the next scan that is late enough to confirm
    span = day.max() - day.min() + 1
    moment = groups.astype("float64") * (2 * span + days + 1) + (day - day.min())
    later = np.minimum(np.searchsorted(moment, moment + days, side="left"), n - 1)
    has = (groups[later] == groups) & (day[later] - day >= days)
    reference = np.where(flare, new, 0.0)[start]  # of later scans: the first one, where it is in the window
    over = np.where(place == start, new, new - reference)
    suspected = over >= TWO
    then = new[later] - reference
    confirmed = has & (then >= TWO)
    names = {name: LEVELS.index(name) for name in LEVELS}
    # once it is confirmed, every scan that still shows it is progression
    last = np.maximum.accumulate(np.where(suspected & confirmed, place, -1))
    found = np.where(last >= start, names["PD"], np.where(has, names["NON-PD"], names["PDu"]))
    return np.where(suspected, found, names["NON-PD"])

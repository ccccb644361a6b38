"""Timing derivations of SDTM: study day, epoch, and the last observation before exposure (baseline flag).

Not for visits: visits.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine import columns as col
from ..engine import verbs
from ..engine.derivation import Derivation, Derived
from ..engine.environment import Environment
from ..engine.iso_dates import days_of_text
from ..mappings.rule import Condition, Example, register
from .elements import epoch_starts, participation_end


@register
class StudyDay(Derivation):
    """Day relative to a reference: date minus reference, plus 1 on and after it; there is no day 0.

    Missing when either date is not complete. Source: SDTMIG 3.4 section 4.4.4.
    """

    verb: ClassVar[str] = "study_day"
    example = Example(
        rule="{study_day: AESTDTC}",
        rows={"DAY": ["2020-02-29", "2020-03-01", "2020-03-02", "2020-03"]},
        gives=["-1", "1", "2", ""],
        variable="AESTDY",
        setting="AESTDTC: {date: DAY}",
        sources={"dm": {"SUBJ": ["01"], "START": ["2020-03-01"]}},
        datasets={"DM": "RFSTDTC: {date: START}"},
    )

    study_day: str = Field(description="The --DTC variable or numeric date.")
    reference: str = Field(default="DM.RFSTDTC", description="The date of day 1.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "study_day", self.study_day
        yield "reference", self.reference

    def describe(self, target: str) -> str:
        return (
            f"{target} is {self.study_day} minus {self.reference} in days, plus 1 if {self.study_day} is on or after "
            "it; missing if either date is not complete."
        )

    def derive(self, env: Environment) -> Derived:
        days = days_of_text(env.column(self.study_day, "study_day"))
        reference = days_of_text(env.column(self.reference, "reference"))
        return Derived(pd.Series(days - reference + (days >= reference)))


@register
class Epoch(Derivation):
    """The epoch of the study in which a date lies, by the epochs of study.yaml as in SE; missing for a partial date."""

    verb: ClassVar[str] = "epoch"
    example = Example(
        rule="{epoch: AESTDTC}",
        rows={"DAY": ["2020-02-29", "2020-03-01", "2020-06-30", "2020-07-01", "2020-03"]},
        gives=["SCREENING", "TREATMENT", "TREATMENT", "FOLLOW-UP", ""],
        variable="EPOCH",
        setting="AESTDTC: {date: DAY}",
        study="epochs: {SCREENING: {}, TREATMENT: {start: RFSTDTC}, FOLLOW-UP: {start: RFENDTC, after: true}}",
        sources={"dm": {"SUBJ": ["01"], "START": ["2020-03-01"], "END": ["2020-06-30"]}},
        datasets={"DM": "RFSTDTC: {date: START}\nRFENDTC: {date: END}"},
    )

    epoch: str = Field(description="The --DTC variable.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "epoch", self.epoch

    def describe(self, target: str) -> str:
        return (
            f"{target} is the last epoch of the study that starts on or before {self.epoch}; missing before the first "
            "epoch and after the end of participation."
        )

    def derive(self, env: Environment) -> Derived:
        days = days_of_text(env.column(self.epoch, "epoch"))
        codes = np.zeros(env.n, dtype="int8")
        for i, start in enumerate(epoch_starts(env, "epoch"), start=1):
            codes[~np.isnan(days) if start is None else days >= start.days] = i
        end = participation_end(env, "epoch")
        if end is not None:
            codes[days > end.days] = 0
        return Derived(col.join_text(codes, ["", *env.study.file.epochs]))


@register
class Baseline(Derivation):
    """Y on the last filled record on or before the reference date, within each group.

    --LOBXFL of SDTMIG 3.4 (last observation before exposure). On the reference day, times decide where both are known:
    a record after the reference time is not before it. Where either has no time, the record counts as before it only
    with on_day: true. Of two records of a day, one with a time is later than one without, then the later row is.
    """

    verb: ClassVar[str] = "baseline"
    whole = True
    example = Example(
        rule="{baseline: VSDTC, by: [USUBJID, VSTESTCD], filled: VSORRES}",
        rows={
            "CODE": ["WEIGHT", "WEIGHT", "WEIGHT", "PULSE", "PULSE"],
            "DAY": ["2020-02-20", "2020-03-01", "2020-03-08", "2020-02-20", "2020-03-01"],
            "RESULT": ["70", "71", "72", "64", ""],
        },
        gives=["", "Y", "", "Y", ""],
        dataset="VS",
        variable="VSLOBXFL",
        setting="VSTESTCD: CODE\nVSORRES: RESULT\nVSDTC: {date: DAY}",
        sources={"dm": {"SUBJ": ["01"], "START": ["2020-03-01"]}},
        datasets={"DM": "RFXSTDTC: {date: START}"},
    )

    baseline: str = Field(description="The --DTC variable or numeric date of the records.")
    reference: str = Field(default="DM.RFXSTDTC", description="First exposure.")
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that make the group, such as the test.")
    filled: str | None = Field(default=None, description="Only records where this variable is filled.")
    where: Condition | None = Field(default=None, description="Only records where this holds.")
    on_day: bool = Field(default=True, description="A record on the reference day counts as before exposure.")
    keep: Literal["last"] = Field(default="last", description="The last record is flagged.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "baseline", self.baseline
        yield "reference", self.reference
        for name in self.by:
            yield "by", name
        if self.filled:
            yield "filled", self.filled

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.where is not None:
            yield "where", self.where

    def describe(self, target: str) -> str:
        when = "on or before" if self.on_day else "before"
        filled = f" with {self.filled} filled" if self.filled else ""
        return f"{target} is 'Y' on the last record{filled} {when} {self.reference}, within {', '.join(self.by)}."

    def derive(self, env: Environment) -> Derived:
        column, start = env.column(self.baseline, "baseline"), env.column(self.reference, "reference")
        days, reference = days_of_text(column), days_of_text(start)
        usable = days <= reference if self.on_day else days < reference
        usable = _by_time(column, start, days == reference, usable)
        if self.filled:
            usable &= ~col.missing(env.column(self.filled, "filled"))
        if self.where is not None:
            usable &= env.condition(self.where, "where")
        keys = [env.subject() if n == "USUBJID" else env.column(n, "by") for n in self.by]
        (groups,) = verbs.key_codes(keys)
        groups = np.where(usable, groups, -1)
        order = verbs.order_rows([groups, column])
        picked = verbs.pick_per_group(groups, int(groups.max(initial=-1)) + 1, order, "last")
        flagged = np.zeros(env.n, dtype="int8")
        flagged[picked[picked >= 0]] = 1
        return Derived(col.join_text(flagged, ["", "Y"]))


def _by_time(column: pd.Series, start: pd.Series, same_day: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """``usable``, but on the reference day by the times of both, as exact as the coarser of them is."""
    if col.is_number(column) or col.is_number(start) or not same_day.any():
        return usable
    codes, texts = col.split_text(column)
    start_codes, starts = col.split_text(start)
    pairs, inverse = np.unique(codes.astype("int64") * len(starts) + start_codes, return_inverse=True)
    decided = np.zeros(len(pairs), dtype="int8")  # 0: no times, 1: not after, 2: after
    for i, pair in enumerate(pairs.tolist()):
        own, first = str(texts[pair // len(starts)])[11:], str(starts[pair % len(starts)])[11:]
        if own and first:
            width = min(len(own), len(first))
            decided[i] = 1 if own[:width] <= first[:width] else 2
    decided = np.where(same_day, decided[inverse], 0)
    return np.where(decided == 0, usable, decided == 1)

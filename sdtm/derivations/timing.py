"""Timing derivations of SDTM: study day, epoch, and the last observation before exposure (baseline flag).

Not for visits: visits.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import after, before, by_time, days_of_variable, moments, on_or_after, same, unit_of
from ...engine.columns.ties import Ranks, ties_of, uneven_dates
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.ranked_groups import order_keys
from ...engine.derivations.read_for_rule import iso_column
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from .elements import epoch_starts, participation_end


@register
class StudyDay(Derivation):
    """Day relative to a reference: date minus reference, plus 1 on and after it; there is no day 0.

    Missing when either date is not complete. Source: SDTMIG 3.4 section 4.4.4.

    See docs/semantics.md S23.
    """

    verb: ClassVar[str] = "study_day"
    carries = "compared"
    of_variables: ClassVar[bool] = True
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

    def gives(self) -> str:
        return "integer"

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "study_day", self.study_day
        yield "reference", self.reference

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        date = words.name(self.study_day)
        return (
            f"{target} is {date} minus {words.name(self.reference)} in days, plus 1 if {date} is on or after it; "
            "missing if either date is not complete."
        )

    def derive(self, env: Environment) -> Derived:
        days = days_of_variable(iso_column(env, self.study_day, "study_day"), self.study_day)
        reference = days_of_variable(iso_column(env, self.reference, "reference"), self.reference)
        return Derived(col.series(days - reference + (days >= reference)))


@register
class Epoch(Derivation):
    """The epoch of the study in which a date lies, by the epochs of study.yaml as in SE.

    Times count where the date and the start of the epoch both have one, else days: a record of the first day without a
    time belongs to the epoch that starts then. A partial date has an epoch where all the days that it can mean lie in
    one, and none where a start may lie between them.
    """

    verb: ClassVar[str] = "epoch"
    carries = "compared"
    of_variables: ClassVar[bool] = True
    example = Example(
        rule="{epoch: AESTDTC}",
        rows={"DAY": ["2020-02-29", "2020-03-01", "2020-06-30", "2020-07-01", "2020-04", "2020"]},
        gives=["SCREENING", "TREATMENT", "TREATMENT", "FOLLOW-UP", "TREATMENT", ""],
        variable="EPOCH",
        setting="AESTDTC: {date: DAY}",
        study="epochs: {SCREENING: {}, TREATMENT: {start: RFSTDTC}, FOLLOW-UP: {start: RFENDTC, after: true}}",
        sources={"dm": {"SUBJ": ["01"], "START": ["2020-03-01"], "END": ["2020-06-30"]}},
        datasets={"DM": "RFSTDTC: {date: START}\nRFENDTC: {date: END}"},
    )

    epoch: str = Field(description="The --DTC variable.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "epoch", self.epoch

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        date = words.name(self.epoch)
        return (
            f"{target} is the last epoch of the study that starts on or before {date}, by times where "
            "both have one; missing before the first epoch, after the end of participation, and where a partial date "
            "leaves it open."
        )

    def derive(self, env: Environment) -> Derived:
        record = moments(iso_column(env, self.epoch, "epoch"), unit_of(self.epoch))
        codes = np.zeros(env.n, dtype="int8")
        for i, start in enumerate(epoch_starts(env, "epoch"), start=1):
            if start is None:
                codes[np.isfinite(record.low)] = i
                continue
            begun = on_or_after(record, start.moments)
            codes[~begun & ~before(record, start.moments) & ~np.isnan(record.low) & ~np.isnan(start.moments.low)] = 0
            codes[begun] = i
        end = participation_end(env, "epoch")
        if end is not None:
            codes[after(record, end.moments)] = 0
        return Derived(col.join_text(codes, ["", *env.study.spec.epochs]))


@register
class Baseline(Derivation):
    """Y on the last filled record on or before the reference date, within each group.

    --LOBXFL of SDTMIG 3.4 (last observation before exposure). On the reference day, times decide where both are known:
    a record after the reference time is not before it. Where either has no time, the record counts as before it only
    with on_day: true. Of two records of a day, one with a time is later than one without. ``order`` ranks those that
    are still alike, then all their values do, with a finding (docs/order.md).
    """

    verb: ClassVar[str] = "baseline"
    carries = "compared"
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
    order: tuple[str, ...] = Field(
        default=(),
        description="Variables that rank the records of one date, the last counts; - before a name: descending.",
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "baseline", self.baseline
        yield "reference", self.reference
        for name in self.by:
            yield "by", name
        for name in self.order:
            yield "order", name.lstrip("-")
        if self.filled:
            yield "filled", self.filled

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.where is not None:
            yield "where", self.where

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        when = "on or before" if self.on_day else "before"
        filled = f" with {words.name(self.filled)} filled" if self.filled else ""
        ranked = f", of one date by {words.order(self.order)}" if self.order else ""
        return (
            f"{target} is 'Y' on the last record{filled} {when} {words.name(self.reference)}{ranked}, within "
            f"{words.names(self.by)}."
        )

    def derive(self, env: Environment) -> Derived:
        column = env.column(self.baseline, "baseline")
        record = moments(column, unit_of(self.baseline))
        reference = moments(iso_column(env, self.reference, "reference"), unit_of(self.reference))
        # a record with a partial date is not flagged: whether it is the last one is not certain
        usable = before(record, reference) & record.day & reference.day
        usable |= same(record, reference) & (self.on_day | by_time(record, reference))
        if self.filled:
            usable &= ~col.missing(env.column(self.filled, "filled"))
        if self.where is not None:
            usable &= env.condition(self.where, "where")
        keys = [env.subject() if n == "USUBJID" else env.column(n, "by") for n in self.by]
        (groups,) = verbs.key_codes(keys)
        groups = np.where(usable, groups, -1)
        further = order_keys(env, self.order, "last")
        ranks = Ranks([col.ranks(column), *further.keys], [uneven_dates(column), *further.dates])
        order = verbs.order_rows([groups, *ranks.keys])
        picked = verbs.pick_per_group(groups, int(groups.max(initial=-1)) + 1, order, "last")
        for tie in ties_of(groups, picked, ranks):
            env.build.note_flag_tie(env, tie, ", ".join((self.baseline, *self.order)), "last")
        flagged = np.zeros(env.n, dtype="int8")
        flagged[picked[picked >= 0]] = 1
        return Derived(col.join_text(flagged, ["", "Y"]))

"""VISIT and VISITNUM: a raw text as a visit of the study, and the numbers of unscheduled visits.

SDTM VISIT is as collected: nothing is windowed by date. An unscheduled visit on a date gets one number in every
dataset, because it comes from the dates that ``visit_dates:`` of study.yaml names, not from the records at hand.
SDTMIG 3.4 section 4.4.5: VISIT and VISITNUM correspond one to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine import columns as col
from ..engine import verbs
from ..engine.dataset import Origin
from ..engine.derivation import Derivation, Derived
from ..engine.environment import Environment
from ..engine.iso_dates import days_of_text
from ..engine.read_for_rule import iso_column
from ..engine.rows import Rows
from ..findings import Findings
from ..mappings.rule import Example, register
from ..mappings.study_model import VisitDatesSpec
from .dates import Date

if TYPE_CHECKING:
    from ..engine.study_build import StudyBuild

#: two decimals hold so many unscheduled visits after one visit
MOST_BETWEEN = 99
_UNSCHEDULED = """\
visits: {BASELINE: {num: 1}, MONTH 3: {num: 4}, UNSCHEDULED: {unscheduled: true, labels: [UNS]}}
visit_dates: [{source: visit, visit: VISIT, date: DAY}]"""
_DATES = {
    "visit": {
        "SUBJ": ["01", "01", "01", "01"],
        "VISIT": ["Baseline", "UNS", "UNS", "Month 3"],
        "DAY": ["2020-03-01", "2020-04-20", "2020-04-02", "2020-06-01"],
    }
}


class VisitRule(Derivation):
    """Base: a text of the raw data as a visit of the study."""

    date: str | None = Field(
        default=None, description="Date of the record, for unscheduled visits; by default --DTC, else --STDTC."
    )

    def _visits(self, env: Environment, name: str, field: str) -> tuple[np.ndarray, list[str], np.ndarray]:
        """(codes, visit name per unique text ('' if none), which texts are unknown)."""
        codes, texts = col.split_text(env.column(name, field))
        found = [visit_table(env).get(t.strip().casefold(), "") for t in texts]
        unknown = np.array([bool(t) and not f for t, f in zip(texts, found, strict=True)], dtype=bool)
        return codes, found, unknown

    def _numbers(self, env: Environment, codes: np.ndarray, found: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """(number of each record's visit, where the visit is unscheduled)."""
        visits = env.study.file.visits
        planned = np.array([_planned(visits[f].num) if f else np.nan for f in found], dtype="float64")
        between = np.array([bool(f) and visits[f].unscheduled for f in found], dtype=bool)[codes]
        numbers = planned[codes]
        if any(v.unscheduled for v in visits.values()):  # whatever this partition holds, so that lineage is the same
            numbers = np.where(between, self._unscheduled(env), numbers)
        return numbers, between

    def _unscheduled(self, env: Environment) -> np.ndarray:
        """The number of the unscheduled visit on the date of each record; NaN where its date is not one."""
        prefix, every = env.dataset[:2], env.build.planned.every
        made = env.target in every  # not while the records are made: a variable would need them
        usual = next((d for d in (f"{prefix}DTC", f"{prefix}STDTC") if made and d in every), None)
        name = self.date or usual
        if name is None:
            raise env.error(
                "an unscheduled visit is numbered by its date: give date:, the column that has it", self.verb
            )
        days = days_of_text(iso_column(env, name, "date"))
        dates = visit_dates(env)
        mine, theirs = verbs.key_codes([env.subject(), pd.Series(days)], [dates.subjects, pd.Series(dates.days)])
        lookup = np.full(int(max(mine.max(initial=-1), theirs.max(initial=-1))) + 2, np.nan)
        lookup[theirs[theirs >= 0]] = dates.numbers[theirs >= 0]
        return lookup[np.where(mine < 0, len(lookup) - 1, mine)]


@register
class Visit(VisitRule):
    """VISIT: the visit whose label the raw text is; an unknown text is kept in upper case and reported.

    An unscheduled visit has its number in the text, so that VISIT and VISITNUM correspond one to one.
    """

    verb: ClassVar[str] = "visit"
    default_origin = Origin("Assigned", "Sponsor")
    example = Example(
        rule="{visit: WHEN}",
        rows={
            "WHEN": ["baseline", "Month 3", "Month 99", "UNS", "UNS", ""],
            "DAY": ["2020-03-01", "2020-06-01", "2020-06-01", "2020-04-20", "2020-04-02", ""],
        },
        gives=["BASELINE", "MONTH 3", "MONTH 99", "UNSCHEDULED 1.02", "UNSCHEDULED 1.01", ""],
        dataset="VS",
        variable="VISIT",
        setting="VSTESTCD: {value: WEIGHT}\nVSDTC: {date: DAY}",
        study=_UNSCHEDULED,
        sources=_DATES,
    )

    visit: str = Field(description="Column with the visit.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "visit", self.visit
        if self.date:
            yield "date", self.date

    def describe(self, target: str) -> str:
        return f"{target} is the visit of the study that {self.visit} names."

    def derive(self, env: Environment) -> Derived:
        codes, found, unknown = self._visits(env, self.visit, "visit")
        texts = col.split_text(env.column(self.visit))[1]
        env.report(
            "R2A-VISIT-001", "warning", unknown[codes], "not a visit of study.yaml; kept in upper case", self.visit
        )
        names = [f or t.upper() for f, t in zip(found, texts, strict=True)]
        numbers, between = self._numbers(env, codes, found)
        if not between.any():
            return Derived(col.join_text(codes, names))
        env.report(
            "R2A-VISIT-002",
            "warning",
            between & np.isnan(numbers),
            "an unscheduled visit whose date is missing, partial or not among visit_dates:; it has no number",
            self.visit,
        )
        keys, inverse = np.unique(np.where(between, numbers, -1.0), return_inverse=True, equal_nan=True)
        pairs, at = np.unique(codes.astype("int64") * len(keys) + inverse, return_inverse=True)
        out = []
        for pair in pairs.tolist():
            name, number = names[pair // len(keys)], keys[pair % len(keys)]
            out.append(f"{name} {number:.2f}" if number >= 0 else name)
        return Derived(col.join_text(at, out))


@register
class VisitNumber(VisitRule):
    """VISITNUM (or VISITDY with day: true) of the visit that the raw text names.

    Unscheduled visits are numbered n.01, n.02 ... by date after the subject's visit n: of the dated planned visits, the
    last one on or before the date (0 before the first). Dates are those of visit_dates: alone, whatever dataset asks.
    """

    verb: ClassVar[str] = "visitnum"
    default_origin = Origin("Assigned", "Sponsor")
    example = Example(
        rule="{visitnum: WHEN}",
        rows={
            "WHEN": ["baseline", "Month 3", "Month 99", "UNS", "UNS", "UNS"],
            "DAY": ["2020-03-01", "2020-06-01", "2020-06-01", "2020-04-20", "2020-04-02", "2020-07-01"],
        },
        gives=["1", "4", "", "1.02", "1.01", ""],
        dataset="VS",
        variable="VISITNUM",
        setting="VSTESTCD: {value: WEIGHT}\nVSDTC: {date: DAY}",
        study=_UNSCHEDULED,
        sources=_DATES,
    )

    visitnum: str = Field(description="Column with the visit.")
    day: bool = Field(default=False, description="The planned study day instead of the number.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "visitnum", self.visitnum
        if self.date:
            yield "date", self.date

    def describe(self, target: str) -> str:
        what = "planned study day" if self.day else "number"
        after = "" if self.day else "; unscheduled visits are numbered n.01, n.02 by date after the subject's visit n"
        return f"{target} is the {what} of the visit of the study that {self.visitnum} names{after}."

    def derive(self, env: Environment) -> Derived:
        codes, found, unknown = self._visits(env, self.visitnum, "visitnum")
        if self._named(env):
            env.set_aside(self.visitnum, unknown[codes], "told")
        if self.day:
            visits = env.study.file.visits
            days = np.array([_planned(visits[f].day) if f else np.nan for f in found], dtype="float64")
            unplanned = np.array([bool(f) for f in found], dtype=bool) & np.isnan(days)
            env.set_aside(self.visitnum, unplanned[codes], "no value")  # an unscheduled visit has no planned day
            return Derived(pd.Series(days[codes]))
        numbers, between = self._numbers(env, codes, found)
        if self._named(env):
            env.set_aside(self.visitnum, between & np.isnan(numbers), "told")
        return Derived(pd.Series(numbers))

    def _named(self, env: Environment) -> bool:
        """Whether VISIT of the same records is made of the same column: its findings name the visits of no number."""
        named = env.build.planned.every.get("VISIT")
        rule = named.rule_in(env.block) if named is not None and env.block is not None else None
        return isinstance(rule, Visit) and rule.visit == self.visitnum


def _planned(number: float | None) -> float:
    return np.nan if number is None else float(number)


def visit_table(env: Environment) -> dict[str, str]:
    """Casefolded label -> visit of the study."""
    return {
        label.strip().casefold(): visit for visit, s in env.study.file.visits.items() for label in (*s.labels, visit)
    }


@dataclass(frozen=True)
class VisitDates:
    """The unscheduled visits of a partition: subject, day since 1960-01-01, number; one row per subject and day."""

    subjects: pd.Series
    days: np.ndarray
    numbers: np.ndarray


def visit_dates(env: Environment) -> VisitDates:
    """The unscheduled visits of the subjects of this partition, made once."""
    study = env.build.study
    made = study.kept.get("visit dates")
    if not isinstance(made, VisitDates):
        made = study.kept["visit dates"] = _number_visits(env, study)
    return made


def _number_visits(env: Environment, study: StudyBuild) -> VisitDates:
    specs = env.study.file.visit_dates
    if not specs:
        raise env.error("unscheduled visits need visit_dates: in study.yaml, where the dates of visits stand")
    parts = [p for spec in specs if (p := _dated(env, study, spec)) is not None]
    if not parts:
        return VisitDates(col.constant("", 0), np.zeros(0), np.zeros(0))
    subjects = col.concat([s for s, _, _ in parts])
    days = np.concatenate([d for _, d, _ in parts])
    numbers = np.concatenate([n for _, _, n in parts])  # NaN: unscheduled
    (who,) = verbs.key_codes([subjects])
    between = np.isnan(numbers)
    # one date per planned visit: that of the first source, and there of its first row
    (visit,) = verbs.key_codes([subjects, pd.Series(numbers)])
    first = np.zeros(len(days), dtype=bool)
    first[visit >= 0] = True
    first[verbs.later(visit)] = False
    (date,) = verbs.key_codes([subjects, pd.Series(np.where(between, days, np.nan))])
    wanted = date >= 0
    wanted[verbs.later(date)] = False
    keep = np.flatnonzero(first | wanted)
    who, days, numbers, between = who[keep], days[keep], numbers[keep], between[keep]
    order = np.lexsort((between, days, who))  # on one day the planned visit comes first
    who, days, numbers, between = who[order], days[order], numbers[order], between[order]
    # the last planned visit of the subject so far, by carrying positions forward
    start = np.concatenate([[True], who[1:] != who[:-1]]) if len(who) else np.zeros(0, dtype=bool)
    at = np.maximum.accumulate(np.where(start | ~between, np.arange(len(who)), 0))
    after = np.where(between[at], 0.0, numbers[at])
    count = np.cumsum(between)
    rank = count - np.where(between[at], count[at] - 1, count[at])
    made = np.where(rank <= MOST_BETWEEN, np.round(after + rank / 100, 2), np.nan)
    return VisitDates(col.take(subjects, keep[order][between]), days[between], made[between])


def _dated(
    env: Environment, study: StudyBuild, spec: VisitDatesSpec
) -> tuple[pd.Series, np.ndarray, np.ndarray] | None:
    """(subject, day, visit number; NaN for unscheduled) of the rows of a source with a known visit and a full date."""
    table = study.table(spec.source, env.build, None)
    if table.absent or not table.n:
        return None
    asking = Environment(env.build, Rows.of(table), None, None, None)
    asking.rule = spec  # pyright: ignore[reportAttributeAccessIssue]
    asking.findings = Findings()  # what is wrong with a date is told by the dataset that submits it
    rule = Date(date=spec.date)
    days = days_of_text(rule.derive(asking).values)
    codes, texts = col.split_text(asking.column(spec.visit, "visit"))
    names = [visit_table(env).get(t.strip().casefold(), "") for t in texts]
    known = np.array([bool(n) for n in names], dtype=bool)[codes]
    visits = env.study.file.visits
    numbers = np.array([_planned(visits[n].num) if n else np.nan for n in names], dtype="float64")[codes]
    subjects = asking.column("USUBJID")
    usable = known & ~np.isnan(days) & ~col.missing(subjects)
    if spec.where is not None:
        usable &= asking.condition(spec.where, "where")
    at = np.flatnonzero(usable)
    return col.take(subjects, at), days[at], numbers[at]

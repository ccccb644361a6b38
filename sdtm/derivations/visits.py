"""VISIT and VISITNUM: a raw text as a visit of the study, and the numbers of unscheduled visits.

SDTM VISIT is as collected: nothing is windowed by date. An unscheduled visit on a date gets one number in every
dataset, because it comes from the dates that ``visit_dates:`` of study.yaml names, not from the records of the dataset.
SDTMIG 3.4 section 4.4.5: VISIT and VISITNUM correspond one to one. Not for the dates of visits (visit_dates.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.accounts.changes import ChangeKind
from ...engine.accounts.outcomes import CellOutcome
from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import days_of_text
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.read_for_rule import iso_column
from ...engine.tables.dataset import Origin
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from .visit_dates import number_or_nan, visit_dates, visit_table

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
        visits = env.study.spec.visits
        planned = np.array([number_or_nan(visits[f].num) if f else np.nan for f in found], dtype="float64")
        between = np.array([bool(f) and visits[f].unscheduled for f in found], dtype=bool)[codes]
        numbers = planned[codes]
        if any(
            v.unscheduled for v in visits.values()
        ):  # also without one in this partition, so that lineage is the same
            numbers = np.where(between, self._unscheduled(env), numbers)
        return numbers, between

    def _unscheduled(self, env: Environment) -> np.ndarray:
        """The number of the unscheduled visit on the date of each record; NaN where its date is not one."""
        prefix, every = env.dataset[:2], env.build.planned.every
        has_records = env.target in every  # a working column is derived before the records and their variables
        usual = next((d for d in (f"{prefix}DTC", f"{prefix}STDTC") if has_records and d in every), None)
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
    change = ChangeKind.MAPPED
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

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is the visit of the study that {words.name(self.visit)} names."

    def derive(self, env: Environment) -> Derived:
        codes, found, unknown = self._visits(env, self.visit, "visit")
        texts = col.split_text(env.column(self.visit))[1]
        env.report(
            "R2A-VISIT-001", unknown[codes], "not a visit of study.yaml; the text is kept in upper case", self.visit
        )
        names = [f or t.upper() for f, t in zip(found, texts, strict=True)]
        numbers, between = self._numbers(env, codes, found)
        if not between.any():
            return Derived(col.join_text(codes, names))
        env.report(
            "R2A-VISIT-002",
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
    last one on or before the date (0 before the first). Only the dates of visit_dates: count, in every dataset.
    """

    verb: ClassVar[str] = "visitnum"
    change = ChangeKind.MAPPED
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

    def gives(self) -> str:
        return "float"

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "visitnum", self.visitnum
        if self.date:
            yield "date", self.date

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        what = "planned study day" if self.day else "number"
        after = "" if self.day else "; unscheduled visits are numbered n.01, n.02 by date after the subject's visit n"
        return f"{target} is the {what} of the visit of the study that {words.name(self.visitnum)} names{after}."

    def derive(self, env: Environment) -> Derived:
        codes, found, unknown = self._visits(env, self.visitnum, "visitnum")
        if self._named(env):
            env.note_unused(self.visitnum, unknown[codes], CellOutcome.REPORTED)
        if self.day:
            visits = env.study.spec.visits
            days = np.array([number_or_nan(visits[f].day) if f else np.nan for f in found], dtype="float64")
            unplanned = np.array([bool(f) for f in found], dtype=bool) & np.isnan(days)
            env.note_unused(
                self.visitnum, unplanned[codes], CellOutcome.NO_VALUE
            )  # an unscheduled visit has no planned day
            return Derived(pd.Series(days[codes]))
        numbers, between = self._numbers(env, codes, found)
        if self._named(env):
            env.note_unused(self.visitnum, between & np.isnan(numbers), CellOutcome.REPORTED)
        return Derived(pd.Series(numbers))

    def _named(self, env: Environment) -> bool:
        """Whether VISIT of the same records reads the same column: its findings name the visits without a number."""
        named = env.build.planned.every.get("VISIT")
        rule = named.rule_in(env.block) if named is not None and env.block is not None else None
        return isinstance(rule, Visit) and rule.visit == self.visitnum

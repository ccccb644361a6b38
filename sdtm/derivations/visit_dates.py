"""The dates of visits and the numbers of unscheduled visits, from the sources that visit_dates: names.

Derived one time per partition, so that an unscheduled visit on a date has one number in every dataset. Not for the
variables VISIT and VISITNUM (visits.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import EPOCH, days_of_text
from ...engine.columns.ties import Tie, tie_of
from ...engine.derivations.environment import Environment
from ...engine.derivations.tie_findings import RULE
from ...engine.tables.rows import Rows
from ...engine.tables.table import RawSlice
from ...findings.table import Findings
from ...mappings.models.visits_and_epochs import VisitDatesSpec
from .dates import Date

if TYPE_CHECKING:
    from ...engine.building.study_build import StudyBuild

#: two decimals hold so many unscheduled visits after one visit
MOST_BETWEEN = 99


def number_or_nan(number: float | None) -> float:
    """A number of the plan, NaN for none."""
    return np.nan if number is None else float(number)


def visit_table(env: Environment) -> dict[str, str]:
    """Casefolded label -> visit of the study."""
    return {
        label.strip().casefold(): visit for visit, s in env.study.spec.visits.items() for label in (*s.labels, visit)
    }


@dataclass(frozen=True)
class VisitDates:
    """The unscheduled visits of a partition: subject, day since 1960-01-01, number; one row per subject and day."""

    subjects: pd.Series
    days: np.ndarray
    numbers: np.ndarray


def visit_dates(env: Environment) -> VisitDates:
    """The unscheduled visits of the subjects of this partition; all datasets share them."""
    study = env.build.study
    return study.cache.computed("visit dates", lambda: _number_visits(env, study))


def _number_visits(env: Environment, study: StudyBuild) -> VisitDates:
    specs = env.study.spec.visit_dates
    if not specs:
        raise env.error("unscheduled visits need visit_dates: in study.yaml, which names the sources of visit dates")
    parts = [p for spec in specs if (p := _dated(env, study, spec)) is not None]
    if not parts:
        return VisitDates(col.constant("", 0), np.zeros(0), np.zeros(0))
    subjects = col.concat([p.subjects for p in parts])
    days = np.concatenate([p.days for p in parts])
    numbers = np.concatenate([p.numbers for p in parts])  # NaN: unscheduled
    part = np.repeat(np.arange(len(parts)), [len(p.days) for p in parts])
    (who,) = verbs.key_codes([subjects])
    between = np.isnan(numbers)
    # one date per planned visit: that of the first source, and there the first one
    (visit,) = verbs.key_codes([subjects, pd.Series(numbers)])
    picked = verbs.pick_per_group(visit, int(visit.max(initial=-1)) + 1, verbs.order_rows([part, days]), "first")
    first = np.zeros(len(days), dtype=bool)
    first[picked[picked >= 0]] = True
    numbered = np.where(np.isin(who, who[between]), visit, -1)  # a subject without unscheduled visits needs no date
    tie, _ = tie_of(numbered, picked, [part]).different({"date": pd.Series(days)})
    _report_dates(env, parts, tie)
    _report_undated(env, parts, col.take(subjects, np.flatnonzero(between)))
    (day,) = verbs.key_codes([subjects, pd.Series(np.where(between, days, np.nan))])
    wanted = day >= 0
    wanted[verbs.later(day)] = False
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
    numbers_between = np.where(rank <= MOST_BETWEEN, np.round(after + rank / 100, 2), np.nan)
    return VisitDates(col.take(subjects, keep[order][between]), days[between], numbers_between[between])


def _report_dates(env: Environment, parts: Sequence[DatedRows], tie: Tie) -> None:
    """A finding for each planned visit that one source dates as several days.

    ``tie``: positions in the rows of all ``parts``, one after the other.
    """
    starts = np.cumsum([0, *(len(p.days) for p in parts)])
    for chosen in tie.groups.tolist():
        p = int(np.searchsorted(starts, chosen, side="right")) - 1
        rows = np.append(chosen, tie.rows[tie.chosen == chosen]) - starts[p]
        part, at = parts[p], parts[p].at[rows]
        file, row = part.table.places(at)
        days = ", ".join(dict.fromkeys(_iso(d) for d in sorted(part.days[rows].tolist())))
        env.findings.add(
            RULE,
            f"{part.table.name} dates one planned visit as {days}: the first of them counts for the numbers of "
            "unscheduled visits",
            subject=str(col.objects(part.subjects)[rows[0]]),
            value=str(col.objects(part.table.column(part.column))[at[0]]),
            source=part.table.name,
            file=str(file[0]),
            row=int(row[0]),
            column=part.column,
            value_stays=True,
        )


def _report_undated(env: Environment, parts: Sequence[DatedRows], unscheduled: pd.Series) -> None:
    """A finding for each planned visit that no source dates fully, of the subjects of ``unscheduled``."""
    dated = [(p.subjects, p.numbers) for p in parts]
    of_dated = [col.concat([s for s, _ in dated]), pd.Series(np.concatenate([n for _, n in dated]))]
    for part in (p for p in parts if len(p.undated) and len(unscheduled)):
        subjects = col.take(part.table.column("USUBJID"), part.undated)
        numbers = pd.Series(part.undated_numbers)
        without = verbs.match_rows([subjects, numbers], of_dated).right < 0
        here = without & (verbs.match_rows([subjects], [unscheduled]).right >= 0)
        at = part.undated[here]
        file, row = part.table.places(at)
        env.findings.add(
            "R2A-VISIT-003",
            "a planned visit without a full date: an unscheduled visit after it has the number of the visit before it",
            subject=col.objects(subjects)[here],
            value=col.objects(part.table.column(part.column))[at],
            source=part.table.name,
            file=file,
            row=row,
            column=part.column,
            value_stays=True,
        )


def _iso(day: float) -> str:
    return date.fromordinal(EPOCH + int(day)).isoformat()


@dataclass(frozen=True, eq=False)
class DatedRows:
    """The rows of a source with a known visit and a full date.

    ``at``: their positions in the table. ``days`` since 1960-01-01; ``numbers`` of visits, NaN for unscheduled ones.
    ``column``: the date. ``undated``: positions of planned visits without a full date, with their numbers.
    """

    table: RawSlice
    column: str
    at: np.ndarray
    subjects: pd.Series
    days: np.ndarray
    numbers: np.ndarray
    undated: np.ndarray
    undated_numbers: np.ndarray


def _dated(env: Environment, study: StudyBuild, spec: VisitDatesSpec) -> DatedRows | None:
    table = study.table(spec.source, env.build, None)
    if not isinstance(table, RawSlice) or table.absent or not table.n:
        return None
    asking = Environment(env.build, Rows.of(table), None, None, None)
    asking.rule = spec  # pyright: ignore[reportAttributeAccessIssue]
    asking.findings = Findings()  # the dataset that submits the date reports its mistakes
    rule = Date(date=spec.date)
    days = days_of_text(rule.derive(asking).values)
    codes, texts = col.split_text(asking.column(spec.visit, "visit"))
    names = [visit_table(env).get(t.strip().casefold(), "") for t in texts]
    known = np.array([bool(n) for n in names], dtype=bool)[codes]
    visits = env.study.spec.visits
    numbers = np.array([number_or_nan(visits[n].num) if n else np.nan for n in names], dtype="float64")[codes]
    subjects = asking.column("USUBJID")
    usable = known & ~col.missing(subjects)
    if spec.where is not None:
        usable &= asking.condition(spec.where, "where")
    at = np.flatnonzero(usable & ~np.isnan(days))
    undated = np.flatnonzero(usable & np.isnan(days) & ~np.isnan(numbers))
    column = table.in_file(spec.date) or spec.date
    taken = col.take(subjects, at)
    return DatedRows(table, column, at, taken, days[at], numbers[at], undated, numbers[undated])

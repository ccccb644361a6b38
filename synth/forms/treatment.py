"""The forms of study treatment: isatuximab doses, and the partner drugs as periods of one dose.

Not for the end of treatment: synth/subjects/course.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..subjects.course import NEVER, TOXICITY, dates
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, spell, tenths
from .subject import yes_no

WEEKLY = 4  # doses, then one every 2 weeks
LONGEST = 78  # doses: 2.5 years of follow-up and 3 months before it
INTERRUPTED, OMITTED, DELAYED, UNCHANGED = range(4)
MODIFICATIONS = ("INTERRUPTED", "OMITTED", "DELAYED", "NONE")
REASONS = ("Adverse event", "Infection", "Neutropenia", "Patient request", "Logistics")
INFUSION_REACTION = "Infusion reaction"
SECOND_REACTION = 30  # permille with a reaction at the second dose
ISA_PD, ISA_KD = 0, 1


def plan_day(dose: np.ndarray) -> np.ndarray:
    """Planned day of dose number ``dose`` from 0: weekly x 4, then every 2 weeks."""
    return np.where(dose < WEEKLY, 7 * dose, 28 + 14 * (dose - WEEKLY))


@dataclass
class Doses:
    """Matrices of (subjects, doses)."""

    day: np.ndarray  # planned day, with the delays of this and the earlier doses
    lag: np.ndarray  # days of delay
    omitted: np.ndarray
    broken_off: np.ndarray  # whether the infusion was interrupted
    due: np.ndarray  # whether the dose was planned before treatment ended
    reaction: np.ndarray  # interrupted by an infusion reaction: mostly the first dose, now and then the second


def draw_doses(registry: Registry, draws: Draws) -> Doses:
    """The doses of every subject, from the stream ``draws`` of dosing; the first dose is always administered."""
    cohort, course = registry.cohort, registry.course
    n = len(cohort)
    dose = np.arange(LONGEST)
    lag = np.array([0, 7, 14])[draws.pick((950, 40, 10), (n, LONGEST))]
    lag[:, 0] = 0
    omitted = draws.chance(20, (n, LONGEST))
    omitted[:, 0] = False
    broken_off = draws.chance(8, (n, LONGEST))
    day = plan_day(dose) + np.cumsum(lag, axis=1)
    last = np.minimum(np.minimum(course.stop - 1, course.death - 1), course.end)
    due = (day <= np.maximum(last, 0)[:, None]) & cohort.treated[:, None]
    reaction = np.zeros((n, LONGEST), dtype=bool)
    reaction[:, 0] = course.reaction
    reaction[:, 1] = Draws(registry.seed, "dosing", part=1).chance(SECOND_REACTION, n) & ~omitted[:, 1]
    reaction &= due
    broken_off[:, 0] = False
    return Doses(day, lag, omitted, broken_off | reaction, due, reaction)


def reactions(registry: Registry) -> tuple[np.ndarray, np.ndarray]:
    """Subject and day of every infusion reaction."""
    doses = draw_doses(registry, Draws(registry.seed, "dosing"))
    rows, number = np.nonzero(doses.reaction)
    return rows, doses.day[rows, number]


#: partner drug -> frequency and route of administration
ADMINISTRATION = {"POM": ("QD", "ORAL"), "CAR": ("BIW", "INTRAVENOUS"), "DEX": ("QW", "ORAL")}


def isa(registry: Registry) -> Table:
    """One row per planned isatuximab dose up to the end of treatment, omitted ones too; the first is never omitted."""
    cohort = registry.cohort
    n = len(cohort)
    draws = Draws(registry.seed, "dosing")
    doses = draw_doses(registry, draws)
    day, lag, omitted, broken_off, due = doses.day, doses.lag, doses.omitted, doses.broken_off, doses.due
    fraction = draws.between(60, 99, (n, LONGEST))  # percent of an interrupted dose that is not completed
    incomplete = draws.chance(250, (n, LONGEST)) & broken_off
    reason = draws.below(len(REASONS), (n, LONGEST))
    hour, minute = draws.between(8, 15, (n, LONGEST)), 5 * draws.below(12, (n, LONGEST))
    no_time = draws.chance(80, (n, LONGEST))

    rows, number = np.nonzero(due)

    skipped = omitted[due]
    changed = np.select([skipped, broken_off[due], lag[due] > 0], [OMITTED, INTERRUPTED, DELAYED], UNCHANGED)
    plan = cohort.weight[rows]  # 10 mg/kg of tenths of a kg
    actual = np.where(incomplete[due] & ~skipped, plan * fraction[due] // 100, plan)
    actual = np.where(skipped, -1, actual)
    per_kg = np.where(skipped, -1, (100 * actual + plan // 2) // plan)
    why = np.where(changed == UNCHANGED, "", choose(REASONS, reason[due]))
    why = np.where(doses.reaction[due], INFUSION_REACTION, why).astype(object)
    clock = spell(hour[due] * 60 + minute[due], lambda t: f"{t // 60:02}:{t % 60:02}")
    return registry.table(
        "isa.csv",
        rows,
        {
            "DOSE_DT": dates(cohort, day[due], rows),
            "DOSE_TM": np.where(no_time[due] | skipped, "", clock).astype(object),
            "CYCLE": spell(np.where(number < WEEKLY, 1, 2 + (number - WEEKLY) // 2), str),
            "DAY": spell(np.where(number < WEEKLY, 1 + 7 * number, 1 + 14 * (number % 2)), str),
            "PLAN_DOSE_MG": spell(plan, str),
            "ACT_DOSE_MG": spell(actual, lambda v: str(v) if v >= 0 else ""),
            "MGKG": tenths(per_kg, registry.comma(rows)),
            "GIVEN_YN": yes_no(~skipped),
            "REASON": why,
            "DOSE_MOD": choose(MODIFICATIONS, changed),
        },
    )


class _Period(NamedTuple):
    """Periods of one dose of one drug, at most one per subject."""

    receives: np.ndarray  # whether the subject has the period
    drug: str
    dose: np.ndarray
    unit: str
    first_day: np.ndarray
    last_day: np.ndarray


def combo(registry: Registry) -> Table:
    """One row per period of one dose of POM, CAR or DEX; no end date while it goes on."""
    cohort, course = registry.cohort, registry.course
    n = len(cohort)
    draws = Draws(registry.seed, "partner drugs")
    until = np.where(course.stop < NEVER, np.maximum(np.minimum(course.stop, course.death - 1), 0), NEVER)
    reduced_on = draws.between(30, 400, n)
    lowered = draws.chance(280, n) & (reduced_on < np.minimum(until, course.end))
    dex_on = draws.between(60, 500, n)
    dex_lowered = draws.chance(200, n) & (dex_on < np.minimum(until, course.end))
    stops_early = draws.chance(80, n) & (course.stop_reason != TOXICITY)
    early = draws.between(150, 600, n)
    partner_until = np.where(stops_early & (early > reduced_on) & (early < np.minimum(until, course.end)), early, until)

    pom, kd = cohort.treated & (cohort.regimen == ISA_PD), cohort.treated & (cohort.regimen == ISA_KD)
    elderly = cohort.age >= 75
    zero = np.zeros(n, dtype=np.int64)
    at_8 = np.full(n, 7)
    past_day_8 = kd & (np.minimum(until, course.end) > 7)
    dex = np.where(elderly | kd, 20, 40)
    kd_until = np.where(lowered, np.maximum(reduced_on - 1, 7), partner_until)
    periods = [
        _Period(pom, "POM", np.full(n, 4), "mg", zero, np.where(lowered, reduced_on - 1, partner_until)),
        _Period(pom & lowered, "POM", np.full(n, 3), "mg", reduced_on, partner_until),
        _Period(kd, "CAR", np.full(n, 20), "mg/m2", zero, np.where(past_day_8, 1, until)),
        _Period(past_day_8, "CAR", np.full(n, 56), "mg/m2", at_8, kd_until),
        _Period(past_day_8 & lowered, "CAR", np.full(n, 45), "mg/m2", reduced_on, partner_until),
        _Period(cohort.treated, "DEX", dex, "mg", zero, np.where(dex_lowered, dex_on - 1, until)),
        _Period(cohort.treated & dex_lowered, "DEX", dex // 2, "mg", dex_on, until),
    ]
    who = [np.flatnonzero(period.receives) for period in periods]
    rows = np.concatenate(who)
    block = np.repeat(np.arange(len(periods)), [len(w) for w in who])
    order = np.lexsort((block, rows))
    rows, block = rows[order], block[order]

    def by_row(values: list[np.ndarray]) -> np.ndarray:
        return np.stack(values)[block, rows]

    return registry.table(
        "combo.csv",
        rows,
        {
            "DRUG": choose(tuple(period.drug for period in periods), block),
            "DOSE": spell(by_row([period.dose for period in periods]), str),
            "UNIT": choose(tuple(period.unit for period in periods), block),
            "ST_DT": dates(cohort, by_row([period.first_day for period in periods]), rows),
            "EN_DT": dates(cohort, by_row([period.last_day for period in periods]), rows),
            "FREQ": choose(tuple(ADMINISTRATION[period.drug][0] for period in periods), block),
            "ROUTE": choose(tuple(ADMINISTRATION[period.drug][1] for period in periods), block),
        },
    )

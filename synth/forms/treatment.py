"""The forms of study treatment: isatuximab doses, and the partner drugs as periods of one dose.

Not why and when treatment ends: that is synth/subjects/course.py.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    """Matrices of (subjects, doses): planned day with delays, the delay, and whether it was omitted or interrupted."""

    day: np.ndarray
    lag: np.ndarray
    omitted: np.ndarray
    broken_off: np.ndarray
    kept: np.ndarray  # the dose was due before treatment ended
    reaction: np.ndarray  # interrupted by an infusion reaction: mostly the first dose, now and then the second


def draw_doses(registry: Registry, draws: Draws) -> Doses:
    """The doses of every subject, from the stream ``d`` of dosing; the first is always given."""
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
    kept = (day <= np.maximum(last, 0)[:, None]) & cohort.treated[:, None]
    reaction = np.zeros((n, LONGEST), dtype=bool)
    reaction[:, 0] = course.reaction
    reaction[:, 1] = Draws(registry.seed, "dosing", part=1).chance(SECOND_REACTION, n) & ~omitted[:, 1]
    reaction &= kept
    broken_off[:, 0] = False
    return Doses(day, lag, omitted, broken_off | reaction, kept, reaction)


def reactions(registry: Registry) -> tuple[np.ndarray, np.ndarray]:
    """Subject and day of every infusion reaction."""
    doses = draw_doses(registry, Draws(registry.seed, "dosing"))
    rows, number = np.nonzero(doses.reaction)
    return rows, doses.day[rows, number]


#: partner drug -> how often and by which route a period of one dose is given
HOW_GIVEN = {"POM": ("QD", "ORAL"), "CAR": ("BIW", "INTRAVENOUS"), "DEX": ("QW", "ORAL")}


def isa(registry: Registry) -> Table:
    """One row per planned isatuximab dose up to the end of treatment, given or not; the first is always given."""
    cohort = registry.cohort
    n = len(cohort)
    draws = Draws(registry.seed, "dosing")
    doses = draw_doses(registry, draws)
    day, lag, omitted, broken_off, kept = doses.day, doses.lag, doses.omitted, doses.broken_off, doses.kept
    fraction = draws.between(60, 99, (n, LONGEST))  # percent given of an interrupted dose that is not completed
    incomplete = draws.chance(250, (n, LONGEST)) & broken_off
    reason = draws.below(len(REASONS), (n, LONGEST))
    hour, minute = draws.between(8, 15, (n, LONGEST)), 5 * draws.below(12, (n, LONGEST))
    no_time = draws.chance(80, (n, LONGEST))

    rows, number = np.nonzero(kept)

    skipped = omitted[kept]
    changed = np.select([skipped, broken_off[kept], lag[kept] > 0], [OMITTED, INTERRUPTED, DELAYED], UNCHANGED)
    plan = cohort.weight[rows]  # 10 mg/kg of tenths of a kg
    actual = np.where(incomplete[kept] & ~skipped, plan * fraction[kept] // 100, plan)
    actual = np.where(skipped, -1, actual)
    per_kg = np.where(skipped, -1, (100 * actual + plan // 2) // plan)
    why = np.where(changed == UNCHANGED, "", choose(REASONS, reason[kept]))
    why = np.where(doses.reaction[kept], INFUSION_REACTION, why).astype(object)
    clock = spell(hour[kept] * 60 + minute[kept], lambda t: f"{t // 60:02}:{t % 60:02}")
    return registry.table(
        "isa.csv",
        rows,
        {
            "DOSE_DT": dates(cohort, day[kept], rows),
            "DOSE_TM": np.where(no_time[kept] | skipped, "", clock).astype(object),
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
    # (who, drug, dose, unit, first day, last day): one block of rows each
    periods = [
        (pom, "POM", np.full(n, 4), "mg", zero, np.where(lowered, reduced_on - 1, partner_until)),
        (pom & lowered, "POM", np.full(n, 3), "mg", reduced_on, partner_until),
        (kd, "CAR", np.full(n, 20), "mg/m2", zero, np.where(past_day_8, 1, until)),
        (
            past_day_8,
            "CAR",
            np.full(n, 56),
            "mg/m2",
            at_8,
            np.where(lowered, np.maximum(reduced_on - 1, 7), partner_until),
        ),
        (past_day_8 & lowered, "CAR", np.full(n, 45), "mg/m2", reduced_on, partner_until),
        (cohort.treated, "DEX", dex, "mg", zero, np.where(dex_lowered, dex_on - 1, until)),
        (cohort.treated & dex_lowered, "DEX", dex // 2, "mg", dex_on, until),
    ]
    who = [np.flatnonzero(p[0]) for p in periods]
    rows = np.concatenate(who)
    block = np.repeat(np.arange(len(periods)), [len(w) for w in who])
    order = np.lexsort((block, rows))
    rows, block = rows[order], block[order]

    def stacked(position: int) -> np.ndarray:
        return np.stack([p[position] for p in periods])[block, rows]

    return registry.table(
        "combo.csv",
        rows,
        {
            "DRUG": choose(tuple(p[1] for p in periods), block),
            "DOSE": spell(stacked(2), str),
            "UNIT": choose(tuple(p[3] for p in periods), block),
            "ST_DT": dates(cohort, stacked(4), rows),
            "EN_DT": dates(cohort, stacked(5), rows),
            "FREQ": choose(tuple(HOW_GIVEN[p[1]][0] for p in periods), block),
            "ROUTE": choose(tuple(HOW_GIVEN[p[1]][1] for p in periods), block),
        },
    )

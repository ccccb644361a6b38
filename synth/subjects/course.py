"""The course of the disease under isatuximab: response, progression, end of treatment, next therapy, death.

Not for how a form writes it. Days count from the first isatuximab dose (day 0). NEVER: it does not happen or was not
seen. The numbers are a calibration to published benchmarks, never a result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cohort import ABSENT, CUTOFF, Cohort
from .draws import Draws

NEVER = 1_000_000

#: Levels of response in the order of depth; PD is no depth: "PD" as best level means primary progression.
LEVELS = ("PD", "SD", "MR", "PR", "VGPR", "CR", "sCR")
PD, SD, MR, PR, VGPR, CR, SCR = range(7)

#: Weights of the best level per regimen (Isa-Pd, Isa-Kd, Isa-d), calibrated to an ORR around 60 % in Isa-Pd.
BEST = ((11, 15, 10, 26, 29, 6, 3), (4, 6, 4, 16, 41, 18, 11), (16, 24, 14, 28, 13, 4, 1))
#: Median days to progression per best level in Isa-Pd, and permille of it per regimen.
PROGRESSION = (14, 160, 260, 490, 690, 1050, 1250)
PROGRESSION_BY_REGIMEN = (1000, 2300, 850)
#: Days from one level to the next deeper one: shortest, longest.
DEEPENING = {MR: (14, 35), PR: (5, 40), VGPR: (20, 120), CR: (40, 180), SCR: (30, 150)}
#: Quantiles of an exponential distribution with median 1000.
EXPONENTIAL = (
    (0, 0), (50, 74), (100, 152), (200, 322), (300, 515), (400, 737), (500, 1000), (600, 1322), (700, 1737),
    (800, 2322), (900, 3322), (950, 4322), (990, 6644), (1000, 9966),
)  # fmt: skip

STOPS = (
    "Death",
    "Progressive disease",
    "Adverse event",
    "Physician decision",
    "Lost to follow-up",
    "Withdrawal by subject",
)
DEAD, PROGRESSED, TOXICITY, DECISION, LOST, WITHDRAWN = range(6)
ENDS = ("Death", "Lost to follow-up", "Withdrawal of consent", "Completed", "Ongoing")
END_DEATH, END_LOST, END_WITHDRAWN, END_COMPLETED, END_ONGOING = range(5)
#: Reasons to start a next therapy.
NEXT_REASONS = (
    "PROGRESSIVE DISEASE", "TOXICITY / ADVERSE EVENT", "PHYSICIAN CHOICE", "PATIENT CHOICE",
    "PLANNED TRANSPLANT / CONSOLIDATION",
)  # fmt: skip

#: Planned assessments: label and day.
VISITS = {"MONTH 1": 30, "MONTH 2": 61, "MONTH 3": 91} | {f"MONTH {m}": m * 487 // 16 for m in range(6, 31, 3)}
JITTER = 10  # days either side of the plan
FOLLOW_UP = 913  # 2.5 years from enrolment
AFTER_STOP = 183  # follow-up up to 6 months after isatuximab


@dataclass(kw_only=True)
class Course:
    """One element per subject; days from the first dose."""

    best: np.ndarray  # position in LEVELS
    reach: np.ndarray  # (subjects, levels): day on which the level is reached; NEVER beyond the best
    fading: np.ndarray  # first day of a response one level lower, before progression; NEVER
    progression: np.ndarray  # day on which progression is found
    unscheduled: np.ndarray  # whether progression is found between the planned visits
    visit: np.ndarray  # (subjects, visits): day
    missed: np.ndarray  # (subjects, visits)
    stop: np.ndarray  # end of isatuximab
    stop_reason: np.ndarray  # position in STOPS
    next_therapy: np.ndarray
    next_reason: np.ndarray  # position in NEXT_REASONS
    death: np.ndarray
    myeloma_death: np.ndarray
    end: np.ndarray  # last day on which anything is known
    end_reason: np.ndarray  # position in ENDS
    reaction: np.ndarray  # infusion reaction at the first dose


def dates(cohort: Cohort, day: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """Days since 1970-01-01 of days since first dose; ABSENT where NEVER. ``rows``: the subject of each day."""
    start = cohort.first_dose if rows is None else cohort.first_dose[rows]
    return np.where((day < NEVER) & (start != ABSENT), start + day, ABSENT)


def anchored(cohort: Cohort, day: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """As ``dates``, but the days of untreated subjects count from enrolment."""
    start = np.where(cohort.first_dose == ABSENT, cohort.enrolled, cohort.first_dose)[rows]
    return np.where(day < NEVER, start + day, ABSENT)


def draw_course(cohort: Cohort, seed: int) -> Course:
    """The course of every subject. For a subject without a dose the values mean nothing, and no form has them."""
    n = len(cohort)
    draws, follow_up = Draws(seed, "disease"), Draws(seed, "follow-up")
    enrolled = np.where(cohort.treated, cohort.enrolled - cohort.first_dose, 0)
    seen_alive = np.where(cohort.retrospective & ~cohort.waiver, enrolled, 0)

    best, reach, true_progression = _response(draws, cohort.regimen)
    visit, missed, unscheduled, found = _detection(Draws(seed, "assessments"), true_progression)
    death, of_myeloma = _death(follow_up, cohort, true_progression, seen_alive)

    leaves = np.where(follow_up.chance(110, n), follow_up.quantile(EXPONENTIAL, n) * 450 // 1000 + 15, NEVER)
    leaves = np.where(leaves <= seen_alive, seen_alive + 1 + leaves % 60, leaves)
    leaves = np.where(cohort.waiver, NEVER, leaves)
    withdraws = follow_up.chance(450, n)
    stop, stop_reason, found = _end_of_treatment(follow_up, death, found, leaves, withdraws)

    completed = np.minimum(enrolled + FOLLOW_UP, np.maximum(stop, enrolled) + AFTER_STOP)
    cut = np.where(cohort.treated, CUTOFF - cohort.first_dose, NEVER) - follow_up.below(46, n)
    end, which = _first(death, leaves, completed, cut)
    end_reason = np.array([END_DEATH, END_LOST, END_COMPLETED, END_ONGOING])[which]
    end_reason = np.where((end_reason == END_LOST) & withdraws, END_WITHDRAWN, end_reason)

    stop = np.where(stop <= end, stop, NEVER)
    next_therapy, next_reason = _next_therapy(Draws(seed, "subsequent therapy"), stop, stop_reason, end)
    return Course(
        best=best,
        reach=reach,
        fading=np.where(draws.chance(250, n), true_progression - 60, NEVER),
        progression=np.where(found <= end, found, NEVER),
        unscheduled=unscheduled,
        visit=visit,
        missed=missed,
        stop=stop,
        stop_reason=stop_reason,
        next_therapy=next_therapy,
        next_reason=next_reason,
        death=np.where(end_reason == END_DEATH, death, NEVER),
        myeloma_death=of_myeloma,
        end=end,
        end_reason=end_reason,
        reaction=draws.chance(350, n),
    )


def _death(
    draws: Draws, cohort: Cohort, progression: np.ndarray, seen_alive: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Day of death, without progression or some time after it, later than ``seen_alive``; and whether of myeloma."""
    n = len(cohort)
    unprogressed = np.where(draws.chance(90, n), draws.quantile(EXPONENTIAL, n) * 380 // 1000 + 10, NEVER)
    progressed = progression + draws.quantile(EXPONENTIAL, n) * 420 // 1000 + 7
    death = np.minimum(unprogressed, progressed)
    death = np.where(death <= seen_alive, seen_alive + 1 + death % 40, death)
    death = np.where(cohort.waiver, cohort.waiver_death, death)
    return death, np.where(progression < death, draws.chance(880, n), draws.chance(120, n))


def _end_of_treatment(
    draws: Draws, death: np.ndarray, found: np.ndarray, leaves: np.ndarray, withdraws: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Day on which isatuximab stops, why (position in STOPS), and the day of a progression found before death."""
    n = len(death)
    toxicity = np.where(draws.chance(80, n), draws.quantile(EXPONENTIAL, n) * 200 // 1000 + 14, NEVER)
    decision = np.where(draws.chance(70, n), draws.quantile(EXPONENTIAL, n) * 400 // 1000 + 30, NEVER)
    decided_by_subject = draws.chance(400, n)
    found = np.where(found < death, found, NEVER)
    stops_for_progression = np.where(found < NEVER, found + draws.below(9, n), NEVER)
    # isatuximab stops at the first of these; their order decides ties
    stop, reason = _first(death, stops_for_progression, toxicity, decision, leaves)
    leaving = np.where(withdraws, WITHDRAWN, LOST)
    by_subject = (reason == DECISION) & decided_by_subject
    return stop, np.select([reason == 4, by_subject], [leaving, np.full(n, WITHDRAWN)], reason), found


def _first(*candidates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The earliest of the candidates and its position; of equal days, the first candidate."""
    table = np.stack(candidates)
    return table.min(axis=0), table.argmin(axis=0)


def _response(draws: Draws, regimen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Best level, the days on which levels are reached, and the day of true progression."""
    n = len(regimen)
    best = np.choose(regimen, [draws.pick(weights, n) for weights in BEST])
    reach = np.full((n, len(LEVELS)), NEVER)
    reach[:, SD] = 0
    day = np.zeros(n, dtype=np.int64)
    for level, (low, high) in DEEPENING.items():
        day = day + draws.between(low, high, n)
        reach[:, level] = np.where(best >= level, day, NEVER)
    median = np.array(PROGRESSION)[best] * np.array(PROGRESSION_BY_REGIMEN)[regimen] // 1000
    progression = np.where(best == PD, draws.between(8, 24, n), draws.quantile(EXPONENTIAL, n) * median // 1000 + 21)
    # progression comes at least 45 days after the first response, even if it comes before the best level
    reached = np.take_along_axis(reach, np.clip(best, SD, PR)[:, None], axis=1)[:, 0]
    return best, reach, np.where(best >= MR, np.maximum(progression, reached + 45), progression)


def _detection(draws: Draws, progression: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Visit days, missed visits, subjects seen between visits, and the day on which progression is found."""
    n = len(progression)
    plan = np.array(list(VISITS.values()))
    visit = plan + draws.between(-JITTER, JITTER, (n, len(plan)))
    missed = draws.chance(60, (n, len(plan)))
    soon = progression + draws.below(8, n)
    able = (visit >= progression[:, None]) & ~missed
    at = np.where(able.any(axis=1), np.take_along_axis(visit, able.argmax(axis=1)[:, None], axis=1)[:, 0], NEVER)
    unscheduled = (draws.chance(220, n) & (soon < at)) | (at == NEVER)
    return visit, missed, unscheduled, np.where(unscheduled, soon, at)


def _next_therapy(
    draws: Draws, stop: np.ndarray, stop_reason: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Start of the next therapy, only after the end of isatuximab and before last contact; and its reason."""
    n = len(stop)
    permille = np.array([0, 680, 450, 350, 0, 250])[stop_reason]
    start = stop + draws.between(5, 60, n)
    start = np.where(draws.chance(permille, n) & (stop < NEVER) & (start < end), start, NEVER)
    transplant = draws.chance(150, n)
    reason = np.array([0, 0, 1, 2, 0, 3])[stop_reason]
    return start, np.where((stop_reason == DECISION) & transplant, 4, reason)

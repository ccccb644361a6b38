"""The forms of concomitant medication and of procedures.

Not for study treatment, earlier lines and the next therapy. A medication for an adverse event has the event's AE_NO.
"""

from __future__ import annotations

import numpy as np

from ..subjects.cohort import ABSENT
from ..subjects.course import END_DEATH, NEVER, NEXT_REASONS, anchored
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, spell
from ..terms.conditions import CONDITIONS
from ..terms.medications import CONDITION, DICTIONARY, EVENT, MEDICATIONS, PROPHYLAXIS
from .events import TERMS, reported
from .history import conditions
from .subject import yes_no

ENDLESS = NEVER - 1

PROCEDURES = (
    "RADIOTHERAPY", "VERTEBROPLASTY", "CENTRAL VENOUS CATHETER PLACEMENT", "CATARACT SURGERY", "TOOTH EXTRACTION",
    "AUTOLOGOUS STEM CELL TRANSPLANT",
)  # fmt: skip
SHARES = (62, 22, 70, 25, 34)  # permille of the treated subjects; a transplant only where it was planned
LASTING = ((4, 16), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0))  # days
PLACES = (
    ("Thoracic spine", "Lumbar spine", "Pelvis", "Right femur"), ("T11", "T12", "L1", "L3"),
    ("Right subclavian vein", "Left jugular vein"), ("Right eye", "Left eye"), ("Lower jaw", "Upper jaw"), ("",),
)  # fmt: skip
INTENTS = ("PALLIATIVE", "PALLIATIVE", "SUPPORTIVE", "OTHER", "OTHER", "CONSOLIDATION")


def conmed(registry: Registry) -> Table:
    """One row per medication: prophylaxis, treatment of earlier conditions, and of adverse events."""
    blocks = [*_prophylaxis(registry), *_for_conditions(registry), *_for_events(registry)]
    rows, drug, start, stop, number = (np.concatenate([b[x] for b in blocks]) for x in range(5))
    cohort, course = registry.cohort, registry.course
    end = np.where(cohort.treated, np.minimum(course.end, course.death), ENDLESS)[rows]
    died = cohort.treated[rows] & (course.end_reason[rows] == END_DEATH)
    begun = start <= end
    rows, drug, start, stop, number, end, died = (x[begun] for x in (rows, drug, start, stop, number, end, died))
    order = np.lexsort((drug, start, rows))
    rows, drug, start, stop, number, end, died = (x[order] for x in (rows, drug, start, stop, number, end, died))

    # a medication that goes on ends with death
    goes_on = ((stop > end) | (stop == ENDLESS)) & ~died
    stop = np.minimum(stop, end)
    written = np.choose(registry.style[rows], _as_written(drug))
    return registry.table(
        "conmed.xlsx",
        rows,
        {
            "CM_NO": spell(np.arange(len(rows)) - np.searchsorted(rows, rows, side="left") + 1, str),
            "TERM": written,
            "DECOD": choose(tuple(m.name.upper() for m in MEDICATIONS), drug),
            "ATC": choose(tuple(m.group for m in MEDICATIONS), drug),
            "WHO_VER": np.full(len(rows), DICTIONARY, dtype=object),
            "DOSE": spell(np.array([m.dose for m in MEDICATIONS])[drug], str),
            "UNIT": choose(tuple(m.unit for m in MEDICATIONS), drug),
            "FREQ": choose(tuple(m.frequency for m in MEDICATIONS), drug),
            "ROUTE": choose(tuple(m.route for m in MEDICATIONS), drug),
            "ST_DT": anchored(cohort, start, rows),
            "EN_DT": np.where(goes_on, ABSENT, anchored(cohort, stop, rows)),
            "ONGOING": yes_no(goes_on),
            "INDICATION": choose(tuple(m.reason for m in MEDICATIONS), drug),
            "AE_NO": spell(number, lambda v: str(v) if v else ""),
        },
        when=anchored(cohort, np.maximum(start, 0), rows),
        form="yyyy-mm-dd",
        format="xlsx",
        numeric=("CM_NO", "DOSE", "AE_NO"),
    )


def _as_written(drug: np.ndarray) -> list[np.ndarray]:
    return [
        choose(tuple(m.name.upper() for m in MEDICATIONS), drug),
        choose(tuple(f"{m.name} {m.dose} {m.unit}" for m in MEDICATIONS), drug),
        choose(tuple(m.name.lower() for m in MEDICATIONS), drug),
    ]


Block = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _for(why: int) -> list[tuple[int, str, int]]:
    return [(j, m.reason, m.share) for j, m in enumerate(MEDICATIONS) if m.why == why]


def _prophylaxis(registry: Registry) -> list[Block]:
    draws = Draws(registry.seed, "concomitant medication")
    n, out = len(registry.cohort), []
    for j, _, share in _for(PROPHYLAXIS):
        has = draws.chance(share, n) & registry.cohort.treated
        before, after = draws.between(0, 10, n), draws.between(0, 60, n)
        rows = np.flatnonzero(has)
        stop = np.where(registry.course.stop < NEVER, registry.course.stop + after, ENDLESS)
        out.append((rows, rows * 0 + j, -before[rows], stop[rows], rows * 0))
    return out


def _for_conditions(registry: Registry) -> list[Block]:
    draws = Draws(registry.seed, "concomitant medication", part=1)
    rows, term, began, ended = conditions(registry)
    anchor = np.where(registry.cohort.first_dose == ABSENT, registry.cohort.enrolled, registry.cohort.first_dose)[rows]
    names, out = [x.term for x in CONDITIONS], []
    for j, reason, share in _for(CONDITION):
        later = draws.between(3, 25, len(rows))
        treated = (term == names.index(reason)) & draws.chance(share, len(rows)) & (ended == ABSENT)
        at = np.flatnonzero(treated)
        start = began[at] + later[at] - anchor[at]
        out.append((rows[at], at * 0 + j, start, at * 0 + ENDLESS, at * 0))
    return out


def _for_events(registry: Registry) -> list[Block]:
    events = reported(registry)
    draws = Draws(registry.seed, "concomitant medication", part=2)
    names, out = np.array([t.term for t in TERMS], dtype=object), []
    for j, reason, share in _for(EVENT):
        later, treated = draws.below(3, len(events.rows)), draws.chance(share, len(events.rows))
        at = np.flatnonzero((names[events.term] == reason) & treated)
        start = np.minimum(events.start[at] + later[at], events.stop[at])
        stop = np.where(events.goes_on[at], ENDLESS, events.stop[at])
        out.append((events.rows[at], at * 0 + j, start, stop, events.number[at]))
    return out


def proc(registry: Registry) -> Table:
    """One row per procedure after the first dose; a transplant where the next therapy was planned for one."""
    cohort, course = registry.cohort, registry.course
    n = len(cohort)
    draws = Draws(registry.seed, "procedures")
    last = np.minimum(np.minimum(course.end, course.death - 1), NEVER - 1)
    planned = (course.next_therapy < NEVER) & (
        course.next_reason == NEXT_REASONS.index("PLANNED TRANSPLANT / CONSOLIDATION")
    )
    blocks = []
    for j, name in enumerate(PROCEDURES):
        part = draws.below(1000, n)
        start = 1 + np.maximum(last - 1, 0) * part // 1000
        length, place = draws.between(*LASTING[j], n), draws.below(len(PLACES[j]), n)
        has = draws.chance(SHARES[j], n) if j < len(SHARES) else planned
        if name == PROCEDURES[-1]:
            start = course.next_therapy + 20 + part // 100
        rows = np.flatnonzero(has & cohort.treated & (start + length <= last))
        blocks.append((rows, rows * 0 + j, start[rows], (start + length)[rows], choose(PLACES[j], place[rows])))
    rows, kind, start, stop, place = (np.concatenate([b[x] for b in blocks]) for x in range(5))
    order = np.lexsort((kind, start, rows))
    rows, kind, start, stop, place = (x[order] for x in (rows, kind, start, stop, place))
    when = anchored(cohort, start, rows)
    return registry.table(
        "proc.csv",
        rows,
        {
            "PROC": choose(PROCEDURES, kind),
            "LOC": place,
            "ST_DT": when,
            "EN_DT": anchored(cohort, stop, rows),
            "INTENT": choose(INTENTS, kind),
        },
        when=when,
    )

"""The forms of concomitant medication and of procedures.

Not study treatment, earlier lines and the next therapy. A medication for an adverse event has the event's AE_NO.
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
SHARES = (62, 22, 70, 25, 34)  # permille of the treated; a transplant only where it was planned
LASTING = ((4, 16), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0))  # days
PLACES = (
    ("Thoracic spine", "Lumbar spine", "Pelvis", "Right femur"), ("T11", "T12", "L1", "L3"),
    ("Right subclavian vein", "Left jugular vein"), ("Right eye", "Left eye"), ("Lower jaw", "Upper jaw"), ("",),
)  # fmt: skip
INTENTS = ("PALLIATIVE", "PALLIATIVE", "SUPPORTIVE", "OTHER", "OTHER", "CONSOLIDATION")


def conmed(r: Registry) -> Table:
    """One row per medication: prophylaxis, treatment of conditions from before, and of adverse events."""
    blocks = [*_prophylaxis(r), *_for_conditions(r), *_for_events(r)]
    rows, drug, start, stop, number = (np.concatenate([b[x] for b in blocks]) for x in range(5))
    c, k = r.cohort, r.course
    end = np.where(c.treated, np.minimum(k.end, k.death), ENDLESS)[rows]
    died = c.treated[rows] & (k.end_reason[rows] == END_DEATH)
    kept = start <= end
    rows, drug, start, stop, number, end, died = (x[kept] for x in (rows, drug, start, stop, number, end, died))
    order = np.lexsort((drug, start, rows))
    rows, drug, start, stop, number, end, died = (x[order] for x in (rows, drug, start, stop, number, end, died))

    # what was still taken ends with death
    goes_on = ((stop > end) | (stop == ENDLESS)) & ~died
    stop = np.minimum(stop, end)
    written = np.choose(r.style[rows], _as_written(drug))
    return r.table(
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
            "ST_DT": anchored(c, start, rows),
            "EN_DT": np.where(goes_on, ABSENT, anchored(c, stop, rows)),
            "ONGOING": yes_no(goes_on),
            "INDICATION": choose(tuple(m.reason for m in MEDICATIONS), drug),
            "AE_NO": spell(number, lambda v: str(v) if v else ""),
        },
        when=anchored(c, np.maximum(start, 0), rows),
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


def _prophylaxis(r: Registry) -> list[Block]:
    d = Draws(r.seed, "concomitant medication")
    n, out = len(r.cohort), []
    for j, _, share in _for(PROPHYLAXIS):
        has = d.chance(share, n) & r.cohort.treated
        before, after = d.between(0, 10, n), d.between(0, 60, n)
        rows = np.flatnonzero(has)
        stop = np.where(r.course.stop < NEVER, r.course.stop + after, ENDLESS)
        out.append((rows, rows * 0 + j, -before[rows], stop[rows], rows * 0))
    return out


def _for_conditions(r: Registry) -> list[Block]:
    d = Draws(r.seed, "concomitant medication", part=1)
    rows, term, began, ended = conditions(r)
    anchor = np.where(r.cohort.first_dose == ABSENT, r.cohort.enrolled, r.cohort.first_dose)[rows]
    names, out = [x.term for x in CONDITIONS], []
    for j, reason, share in _for(CONDITION):
        later = d.between(3, 25, len(rows))
        mine = (term == names.index(reason)) & d.chance(share, len(rows)) & (ended == ABSENT)
        at = np.flatnonzero(mine)
        start = began[at] + later[at] - anchor[at]
        out.append((rows[at], at * 0 + j, start, at * 0 + ENDLESS, at * 0))
    return out


def _for_events(r: Registry) -> list[Block]:
    e = reported(r)
    d = Draws(r.seed, "concomitant medication", part=2)
    names, out = np.array([t.term for t in TERMS], dtype=object), []
    for j, reason, share in _for(EVENT):
        later, treated = d.below(3, len(e.rows)), d.chance(share, len(e.rows))
        at = np.flatnonzero((names[e.term] == reason) & treated)
        start = np.minimum(e.start[at] + later[at], e.stop[at])
        stop = np.where(e.goes_on[at], ENDLESS, e.stop[at])
        out.append((e.rows[at], at * 0 + j, start, stop, e.number[at]))
    return out


def proc(r: Registry) -> Table:
    """One row per procedure after the first dose; a transplant where the next therapy was planned for one."""
    c, k = r.cohort, r.course
    n = len(c)
    d = Draws(r.seed, "procedures")
    last = np.minimum(np.minimum(k.end, k.death - 1), NEVER - 1)
    planned = (k.next_therapy < NEVER) & (k.next_reason == NEXT_REASONS.index("PLANNED TRANSPLANT / CONSOLIDATION"))
    blocks = []
    for j, name in enumerate(PROCEDURES):
        part = d.below(1000, n)
        start = 1 + np.maximum(last - 1, 0) * part // 1000
        length, place = d.between(*LASTING[j], n), d.below(len(PLACES[j]), n)
        has = d.chance(SHARES[j], n) if j < len(SHARES) else planned
        if name == PROCEDURES[-1]:
            start = k.next_therapy + 20 + part // 100
        rows = np.flatnonzero(has & c.treated & (start + length <= last))
        blocks.append((rows, rows * 0 + j, start[rows], (start + length)[rows], choose(PLACES[j], place[rows])))
    rows, kind, start, stop, place = (np.concatenate([b[x] for b in blocks]) for x in range(5))
    order = np.lexsort((kind, start, rows))
    rows, kind, start, stop, place = (x[order] for x in (rows, kind, start, stop, place))
    when = anchored(c, start, rows)
    return r.table(
        "proc.csv",
        rows,
        {
            "PROC": choose(PROCEDURES, kind),
            "LOC": place,
            "ST_DT": when,
            "EN_DT": anchored(c, stop, rows),
            "INTENT": choose(INTENTS, kind),
        },
        when=when,
    )

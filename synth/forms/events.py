"""The form of adverse events: background events, infusion reactions, the event that stops isatuximab, the fatal event.

Not for the vocabulary: synth/terms/events.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..subjects.course import NEVER, TOXICITY, dates
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, spell
from ..terms.countries import take
from ..terms.events import DICTIONARY, EVENTS, FATAL, LANGUAGES, REACTION
from .subject import causes, yes_no
from .treatment import reactions

TERMS = (*EVENTS, REACTION, *FATAL)
REACTION_TERM = len(EVENTS)
FIRST_FATAL = REACTION_TERM + 1
HOW_MANY = (200, 210, 195, 155, 105, 70, 40, 25)  # weights of 0, 1, 2 ... background events
DURATION = ((0, 1), (300, 4), (600, 12), (850, 40), (1000, 200))  # days
ON_TREATMENT = 30  # days after isatuximab in which events are still reported
ACTIONS = ("None", "Dose delayed", "Drug interrupted", "Drug withdrawn")
NOTHING, DELAYED, INTERRUPTED, STOPPED = range(4)
OUTCOMES = ("Recovered", "Recovering", "Recovered with sequelae", "Not recovered", "Unknown", "Fatal")
RECOVERING, NOT_RECOVERED, FATAL_OUTCOME = 1, 3, 5
#: column of a reason why an event is serious -> weight among the serious events that are not fatal
CRITERIA = {"SAE_DTH": 0, "SAE_LIFE": 8, "SAE_HOSP": 78, "SAE_DISAB": 4, "SAE_CONG": 0, "SAE_MIE": 10}


@dataclass(kw_only=True)
class Events:
    """Rows of one kind of event: subject, position in TERMS, first and last day, grade, position in ACTIONS."""

    rows: np.ndarray
    term: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    grade: np.ndarray
    action: np.ndarray
    kind: int


BACKGROUND, REACTING, STOPPING, FATALITY = range(4)


@dataclass(kw_only=True)
class Reported:
    """All events, ordered by subject and start: ``number`` counts from 1 within a subject, ``stop`` is the true end."""

    rows: np.ndarray
    term: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    grade: np.ndarray
    action: np.ndarray
    kind: np.ndarray
    number: np.ndarray
    goes_on: np.ndarray  # whether the event is not over at the last contact


def reported(registry: Registry) -> Reported:
    """Every event of every subject; each call gives the same events."""
    blocks = [_background(registry), _reactions(registry), _stopping(registry), _fatal(registry)]

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(b, name) for b in blocks])

    kind = np.repeat([b.kind for b in blocks], [len(b.rows) for b in blocks])
    order = np.lexsort((kind, joined("start"), joined("rows")))
    rows, term, start, stop, grade, action = (
        joined(name)[order] for name in ("rows", "term", "start", "stop", "grade", "action")
    )
    kind = kind[order]
    number = np.arange(len(rows)) - np.searchsorted(rows, rows, side="left") + 1
    goes_on = (stop > registry.course.end[rows]) & (kind != FATALITY)
    return Reported(
        rows=rows,
        term=term,
        start=start,
        stop=stop,
        grade=grade,
        action=action,
        kind=kind,
        number=number,
        goes_on=goes_on,
    )


def ae(registry: Registry) -> Table:
    """One row per event, written in cp1252 with semicolons; verbatim terms in the language of the country."""
    events = reported(registry)
    rows, term, start, stop, grade, action, goes_on = (
        events.rows,
        events.term,
        events.start,
        events.stop,
        events.grade,
        events.action,
        events.goes_on,
    )
    draws = Draws(registry.seed, "adverse events", part=9)
    n = len(rows)
    fatal = events.kind == FATALITY
    serious = fatal | draws.chance(np.array([0, 8, 15, 320, 420, 1000])[grade], n)
    why = np.where(fatal, 0, draws.pick(tuple(CRITERIA.values()), n))
    outcome = draws.pick((88, 6, 2, 0, 4), n)
    # an event that goes on is not recovered or recovering; an event that is over is neither
    lasting = np.where(outcome == 0, NOT_RECOVERED, RECOVERING)
    over = np.where(outcome == RECOVERING, 0, outcome)
    outcome = np.select([fatal, goes_on], [np.full(n, FATAL_OUTCOME), lasting], over)
    reacting = events.kind == REACTING
    to_isa = reacting | draws.chance(330, n)
    to_partner = ~reacting & draws.chance(420, n)
    criteria = {name: np.where(serious & (why == i), "Y", "").astype(object) for i, name in enumerate(CRITERIA)}
    return registry.table(
        "ae.csv",
        rows,
        {
            "AE_NO": spell(events.number, str),
            "TERM": _verbatim(registry, rows, term),
            "PT": choose(tuple(e.term for e in TERMS), term),
            "SOC": choose(tuple(e.group for e in TERMS), term),
            "MEDDRA_VER": np.full(n, DICTIONARY, dtype=object),
            "ST_DT": dates(registry.cohort, start, rows),
            "EN_DT": np.where(goes_on, -1, dates(registry.cohort, stop, rows)),
            "ONGOING": choose(("", "Y"), goes_on.astype(np.int64)),
            "GRADE": spell(grade, str),
            "SER": yes_no(serious),
            **criteria,
            "REL_ISA": choose(("NOT RELATED", "RELATED"), to_isa.astype(np.int64)),
            "REL_COMBO": choose(("NOT RELATED", "RELATED"), to_partner.astype(np.int64)),
            "ACTION": choose(ACTIONS, action),
            "OUTCOME": choose(OUTCOMES, outcome),
            "IRR_YN": yes_no(reacting),
        },
        delimiter=";",
        encoding="cp1252",
    )


def _verbatim(registry: Registry, rows: np.ndarray, term: np.ndarray) -> np.ndarray:
    words = np.array([e.words for e in TERMS], dtype=object)
    language = np.array([LANGUAGES.index(code) for code in take("language")])
    return words[term, language[registry.cohort.country[rows]]]


def _grades(draws: Draws, term: np.ndarray) -> np.ndarray:
    severe = np.array([e.severe for e in TERMS])[term]
    mild, worst = draws.pick((52, 48), term.shape), draws.pick((78, 22), term.shape)
    return np.where(draws.chance(severe * 10, term.shape), 3 + worst, 1 + mild)


def _background(registry: Registry) -> Events:
    """Events at any time on treatment."""
    draws = Draws(registry.seed, "adverse events", part=1)
    course, n, most = registry.course, len(registry.cohort), len(HOW_MANY) - 1
    count = draws.pick(HOW_MANY, n)
    horizon = np.maximum(np.minimum(np.minimum(course.end, course.death - 1), course.stop + ON_TREATMENT), 0)
    term = draws.pick(tuple(e.weight for e in EVENTS), (n, most))
    start = draws.below(horizon[:, None] + 1, (n, most))
    stop = start + draws.quantile(DURATION, (n, most))
    grade = _grades(draws, term)
    action = draws.pick((78, 12, 10), (n, most))
    occurred = (np.arange(most) < count[:, None]) & registry.cohort.treated[:, None]
    # after the last dose there is no action to take
    action = np.where(start >= course.stop[:, None], NOTHING, action)
    rows = np.nonzero(occurred)[0]
    return Events(
        rows=rows,
        term=term[occurred],
        start=start[occurred],
        stop=stop[occurred],
        grade=grade[occurred],
        action=action[occurred],
        kind=BACKGROUND,
    )


def _reactions(registry: Registry) -> Events:
    """Infusion reactions on the day of the dose, mostly the first."""
    draws = Draws(registry.seed, "adverse events", part=2)
    n = len(registry.cohort)
    grade, longer = 1 + draws.pick((35, 62, 3), n), draws.chance(150, n)
    rows, day = reactions(registry)
    zero = np.zeros(len(rows), dtype=np.int64)
    return Events(
        rows=rows,
        term=zero + REACTION_TERM,
        start=day,
        stop=day + longer[rows],
        grade=grade[rows],
        action=zero + INTERRUPTED,
        kind=REACTING,
    )


def _stopping(registry: Registry) -> Events:
    """The event that stops isatuximab."""
    draws = Draws(registry.seed, "adverse events", part=3)
    course, n = registry.course, len(registry.cohort)
    term, before = draws.pick(tuple(e.weight for e in EVENTS), n), draws.below(8, n)
    lasting, worst = draws.quantile(DURATION, n), draws.pick((35, 45, 20), n)
    rows = np.flatnonzero(registry.cohort.treated & (course.stop < NEVER) & (course.stop_reason == TOXICITY))
    start = course.stop[rows] - before[rows]
    grade = 2 + worst[rows]
    return Events(
        rows=rows,
        term=term[rows],
        start=start,
        stop=course.stop[rows] + lasting[rows],
        grade=grade,
        action=np.full(len(rows), STOPPED),
        kind=STOPPING,
    )


def _fatal(registry: Registry) -> Events:
    """Fatal events, other than myeloma, in the time in which events are reported: grade 5, until the day of death."""
    draws = Draws(registry.seed, "adverse events", part=4)
    course, n = registry.course, len(registry.cohort)
    lasting = draws.between(1, 14, n)
    other = causes(registry)[1]
    near = course.death <= np.where(course.stop < NEVER, course.stop, 0) + ON_TREATMENT
    rows = np.flatnonzero(registry.cohort.treated & (course.death < NEVER) & ~course.myeloma_death & near)
    death = course.death[rows]
    start = np.maximum(death - lasting[rows], 0)
    none = np.full(len(rows), NOTHING)
    return Events(
        rows=rows,
        term=FIRST_FATAL + other[rows],
        start=start,
        stop=death,
        grade=np.full(len(rows), 5),
        action=none,
        kind=FATALITY,
    )

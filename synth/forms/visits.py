"""The forms of a visit: whether and how it took place, performance status, vital signs; and survival follow-up.

Not for laboratory, imaging or questionnaires.
"""

from __future__ import annotations

import numpy as np

from ..subjects.cohort import ABSENT, CUTOFF
from ..subjects.course import END_DEATH, END_LOST, NEVER, VISITS, anchored
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, decimal, spell
from ..subjects.visits import BASELINE, UNSCHEDULED, illness
from ..terms.countries import COUNTRIES
from .response import visit_words
from .subject import yes_no

REASONS_NOT_DONE = ("Patient did not attend", "Site closed", "Illness of the patient", "Travel restrictions", "")
COMMENTS = (
    "Patient travels to the site by train; next visit in the afternoon, please.",
    "Dosing time taken from the infusion protocol of the ward.",
    "Patient reports a good summer, walks 5 km a day.",
    "Contrôle prévu chez le médecin traitant, courrier envoyé le jour même.",
    "Gewicht ohne Schuhe gemessen; Größe aus dem Ausweis übernommen.",
    "El paciente acude acompañado por su hija; sin quejas nuevas desde la última visita.",
    "Prelievo eseguito presso l'ospedale più vicino, referto allegato.",
    "Temperatura medida às 9 h; exame físico sem alterações.",
    "Weight measured with the new scale of the day clinic; the previous scale showed about one kilogram more. The "
    "patient would like to have visits on Tuesdays only, because of the transport. The appointment of the next quarter "
    "has been moved accordingly, and the general practitioner was informed by letter.",
    "Le patient a été vu en consultation conjointe; l'état général est conservé, il marche sans aide et fait ses "
    "courses seul. Une kinésithérapie a été proposée pour le dos, à raison de deux séances par semaine pendant trois "
    "mois. Prochaine évaluation prévue après les fêtes, de préférence le matin, à jeun.",
    "Patient kam mit leichter Verspätung, die Untersuchung wurde dennoch vollständig durchgeführt. Die Physiotherapie "
    "hilft; Gehstrecke jetzt über zwei Kilometer. Impfungen gegen Grippe und Pneumokokken sind aufgefrischt, der "
    "Impfpass wurde kopiert. Nächster Termin nach Rücksprache mit der Hausärztin.",
)
CONTACTS = ("PHONE", "ON SITE")
REACHED_BY = ("SITE VISIT", "PHONE", "LETTER", "REGISTRY OFFICE")
STATUSES = ("ALIVE", "DEAD", "UNKNOWN")
EVERY = 91  # days between two survival contacts after the end of treatment


def ecog(registry: Registry, rows: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Performance status 0 to 4; it follows how ill the subject is."""
    ill = illness(registry.cohort, registry.course, registry.disease, registry.seed, rows, day)
    return np.searchsorted(np.array([33, 58, 74, 90]), ill, side="right")


def visit(registry: Registry) -> Table:
    """One row per visit, done or not (DONE_YN N: no date, a reason). Performance status at most visits on site."""
    visits = registry.visits
    n = len(visits.rows)
    draws = Draws(registry.seed, "visits", part=2)
    why, left_out = draws.pick((40, 8, 27, 15, 10), n), draws.chance(60, n)
    has_comment, comment = draws.chance(25, n), draws.pick((1,) * len(COMMENTS), n)
    status = np.where(visits.done & visits.on_site & ~left_out, ecog(registry, visits.rows, visits.day), -1)
    return registry.table(
        "visit.csv",
        visits.rows,
        {
            "VISIT": visit_words(registry, visits.rows, visits.visit),
            "VISIT_DT": np.where(visits.done, anchored(registry.cohort, visits.day, visits.rows), ABSENT),
            "DONE_YN": yes_no(visits.done),
            "REASON_ND": np.where(visits.done, "", choose(REASONS_NOT_DONE, why)).astype(object),
            "CONTACT": np.where(visits.done, choose(CONTACTS, visits.on_site.astype(np.int64)), "").astype(object),
            "ECOG": choose(("0", "1", "2", "3", "4"), status),
            "COMMENT": np.where(has_comment, choose(COMMENTS, comment), "").astype(object),
        },
        when=anchored(registry.cohort, visits.day, visits.rows),
    )


def event_oids(visit: np.ndarray) -> np.ndarray:
    """The StudyEventOID of visits: SE.MONTH3, SE.UNSCHEDULED, SE.BASELINE."""
    return choose(tuple("SE." + v.replace(" ", "") for v in (*VISITS, "UNSCHEDULED", "BASELINE")), visit)


def vitals(registry: Registry) -> Table:
    """Vital signs, one row per visit on site (form F.VS): kg and Celsius, in the USA pounds and Fahrenheit."""
    visits = registry.visits
    draws = Draws(registry.seed, "vital signs")
    every = len(visits.rows)
    lost, (low, high) = draws.chance(60, every), (draws.chance(30, (2, every)))
    drift, noise = draws.between(-40, 25, len(registry.cohort)), draws.between(-8, 8, every)
    warm, upper, lower = draws.between(361, 374, every), draws.between(104, 158, every), draws.between(58, 92, every)
    pulse = draws.between(56, 98, every)
    measured = visits.done & visits.on_site & ~lost
    rows, day = visits.rows[measured], visits.day[measured]
    ill = illness(registry.cohort, registry.course, registry.disease, registry.seed, rows, day)
    # permille of the weight at baseline: a slow drift, and a loss of the very ill
    change = drift[rows] * np.maximum(day, 0) // 365 + noise[measured] - np.clip(ill - 55, 0, 40) * 2
    change = np.where(visits.visit[measured] == BASELINE, 0, change)
    weight = registry.cohort.weight[rows] * (1000 + change) // 1000
    american = (np.array([c.code for c in COUNTRIES]) == "USA")[registry.cohort.country[rows]]
    point = np.zeros(len(rows), dtype=bool)
    pounds = (weight * 220462 + 50000) // 100000
    celsius = warm[measured]
    fahrenheit = (celsius * 9 + 2) // 5 + 320
    temperature = np.where(low[measured], -1, np.where(american, fahrenheit, celsius))
    repeat = np.where(visits.visit[measured] == UNSCHEDULED, "1", "").astype(object)
    has_pressure = ~high[measured]
    return registry.table(
        "snapshot.xml",
        rows,
        {
            "StudyEventOID": event_oids(visits.visit[measured]),
            "StudyEventRepeatKey": repeat,
            "VS_DT": anchored(registry.cohort, day, rows),
            "WEIGHT": decimal(np.where(american, pounds, weight), 1, point),
            "WEIGHT_UNIT": choose(("kg", "lb"), american.astype(np.int64)),
            "HEIGHT": np.where(visits.visit[measured] == BASELINE, spell(registry.cohort.height[rows], str), "").astype(
                object
            ),
            "TEMP": decimal(temperature, 1, point),
            "TEMP_UNIT": np.where(temperature < 0, "", choose(("C", "F"), american.astype(np.int64))).astype(object),
            "SYSBP": np.where(has_pressure, spell(upper[measured], str), "").astype(object),
            "DIABP": np.where(has_pressure, spell(lower[measured], str), "").astype(object),
            "PULSE": spell(pulse[measured], str),
        },
        form="yyyy-mm-dd",
        format="odm",
        part="VS",
        numeric=("WEIGHT", "HEIGHT", "TEMP", "SYSBP", "DIABP", "PULSE"),
    )


def survival(registry: Registry) -> Table:
    """Survival follow-up, one row per contact after the end of treatment (form F.FU).

    A death may be reported up to 14 days after it. A lost subject has one more contact without an answer (UNKNOWN).
    Subjects with a waiver died before enrolment and are not followed.
    """
    cohort, course = registry.cohort, registry.course
    n, most = len(cohort), 14
    draws = Draws(registry.seed, "survival follow-up")
    jitter = draws.between(-9, 9, (n, most))
    skipped = draws.chance(120, (n, most))
    how, news, last_how = draws.pick((55, 40, 5, 0), (n, most)), draws.between(0, 14, n), draws.pick((30, 45, 5, 20), n)
    search = draws.between(20, 60, n)
    followed = cohort.treated & ~cohort.waiver & (course.stop < NEVER)
    # contacts count from the end of treatment; no contact is before consent
    start = np.maximum(
        np.where(followed, course.stop, 0), np.where(cohort.treated, cohort.consent - cohort.first_dose, 0)
    )
    day = start[:, None] + EVERY * (1 + np.arange(most)) + jitter
    last = np.minimum(course.end, course.death - 1)
    alive = followed[:, None] & (day <= last[:, None]) & ~skipped
    died = followed & (course.end_reason == END_DEATH)
    lost = followed & (course.end_reason == END_LOST)
    final = np.where(died, course.death + news, course.end + search)
    final = np.minimum(final, np.where(cohort.treated, CUTOFF - cohort.first_dose, final))
    day = np.column_stack([day, final])
    status = np.column_stack([np.zeros((n, most), dtype=np.int64), np.where(died, 1, 2)])
    by = np.column_stack([how, last_how])
    rows, column = np.nonzero(np.column_stack([alive, died | lost]))
    order = np.lexsort((column, day[rows, column], rows))
    rows, column = rows[order], column[order]
    number = np.arange(len(rows)) - np.searchsorted(rows, rows, side="left") + 1
    return registry.table(
        "snapshot.xml",
        rows,
        {
            "StudyEventOID": np.full(len(rows), "SE.FU", dtype=object),
            "StudyEventRepeatKey": spell(number, str),
            "FU_DT": anchored(cohort, day[rows, column], rows),
            "STATUS": choose(STATUSES, status[rows, column]),
            "CONTACT_BY": choose(REACHED_BY, by[rows, column]),
        },
        form="yyyy-mm-dd",
        format="odm",
        part="FU",
    )

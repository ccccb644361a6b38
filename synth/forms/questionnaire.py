"""The form of the two quality of life questionnaires, QLQ-C30 (items 1 to 30) and QLQ-MY20 (31 to 50).

Not for the wording of items, which belongs to the EORTC. Answers follow how ill the subject is on the day.
"""

from __future__ import annotations

import numpy as np

from ..subjects.cohort import ABSENT
from ..subjects.course import AFTER_STOP, anchored
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, spell
from ..subjects.visits import BASELINE, UNSCHEDULED, illness
from ..terms.countries import COUNTRIES
from .laboratory import VENDOR_VISITS

ITEMS = 50
GLOBAL = (29, 30)  # 1 (worst) to 7 (best)
HAIR_LOSS, HAIR_UPSET = 41, 42  # item 42 is for subjects who lost hair
FIRST_MY20 = 31
#: number per item 1 to 50, added to the state of health: a high number gives high answers; not used for GLOBAL
READINESS = (
    18, 12, -6, -8, -30, 2, 2, -4, 4, 10, 2, 8, -8, -16, -30, -4, -8, 12, 4, -6, -4, 4, -6, -4, -4, -4, 0, -14, 0, 0,
    4, 8, -8, -4, -22, 2, 2, -6, -12, -4, -16, -2, 6, -8, -12, -6, -12, 10, 0, 6,
)  # fmt: skip
LIMITS = np.array([40, 62, 82])  # of the levels 2, 3, 4
LANGUAGES = {
    "FRA": "fr", "DEU": "de", "ITA": "it", "ESP": "es", "GBR": "en", "NLD": "nl", "BEL": "fr", "SWE": "sv",
    "GRC": "el", "CZE": "cs", "JPN": "ja", "KOR": "ko", "BRA": "pt", "MEX": "es", "USA": "en",
}  # fmt: skip
REASONS = ("Visit not done", "Patient too ill", "Patient refused", "Not handed out", "")


def qol(registry: Registry) -> Table:
    """One row per expected questionnaire after consent: baseline, then every 3 months to 6 months after isatuximab.

    Retrospective subjects have none before the first dose. Subjects with a waiver have none.
    """
    visits, cohort, course = registry.visits, registry.cohort, registry.course
    quarterly = (visits.visit == BASELINE) | ((visits.visit >= 2) & (visits.visit < UNSCHEDULED))
    when = anchored(cohort, visits.day, visits.rows)
    allowed = cohort.treated[visits.rows] & ~cohort.waiver[visits.rows] & (when >= cohort.consent[visits.rows])
    allowed &= ~(cohort.retrospective[visits.rows] & (visits.day <= 0))
    expected = quarterly & allowed & (visits.day <= course.stop[visits.rows] + AFTER_STOP)

    every = len(visits.rows)
    draws = Draws(registry.seed, "questionnaires")
    missing, why = draws.below(1000, every), draws.pick((0, 20, 32, 38, 10), every)
    by_visit = draws.between(-9, 9, every)
    noise = draws.between(-21, 21, (every, ITEMS))
    blank, no_page = draws.chance(14, (every, ITEMS)), draws.chance(12, every)
    rows, day, when = visits.rows[expected], visits.day[expected], when[expected]
    ill = illness(cohort, course, registry.disease, registry.seed, rows, day)
    likely = 65 + np.clip(ill - 46, 0, 54) * 13 + np.where(visits.on_site[expected], 0, 150)
    not_done = ~visits.done[expected] | (missing[expected] < likely)
    reason = np.where(visits.done[expected], why[expected], 0)

    state = np.clip(ill + 8 + by_visit[expected], 0, 100)[:, None]
    answer = 1 + np.searchsorted(LIMITS, state + np.array(READINESS) + noise[expected], side="right")
    good = 100 - state + noise[expected] // 2
    answer[:, [g - 1 for g in GLOBAL]] = 1 + np.clip(good * 7 // 100, 0, 6)[:, [g - 1 for g in GLOBAL]]
    empty = blank[expected] | not_done[:, None]
    empty[:, FIRST_MY20 - 1 :] |= no_page[expected][:, None]
    lost_hair = (answer[:, HAIR_LOSS - 1] > 1) & ~empty[:, HAIR_LOSS - 1]
    empty[:, HAIR_UPSET - 1] |= ~lost_hair
    answer = np.where(empty, 0, answer)
    names = tuple(f"Q{k}" for k in range(1, ITEMS + 1))
    language = np.array([LANGUAGES[x.code] for x in COUNTRIES], dtype=object)[cohort.country[rows]]
    return registry.table(
        "qol.sav",
        rows,
        {
            "VISIT": choose(VENDOR_VISITS, visits.visit[expected]),
            "FORM_DT": np.where(not_done, ABSENT, when),
            "LANG": language,
            **{name: spell(answer[:, j], lambda x: str(x) if x else "") for j, name in enumerate(names)},
            "NOT_DONE": choose(("", "Y"), not_done.astype(np.int64)),
            "ND_REASON": np.where(not_done, choose(REASONS, reason), "").astype(object),
        },
        when=when,
        form="yyyy-mm-dd",
        format="sav",
        numeric=names,
    )

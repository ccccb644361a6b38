"""The form of the two quality of life questionnaires, QLQ-C30 (items 1 to 30) and QLQ-MY20 (31 to 50).

Only item numbers: the wording belongs to the EORTC. Answers follow how ill the subject is on the day.
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
HAIR_LOSS, HAIR_UPSET = 41, 42  # 42 is asked of those who lost hair
FIRST_MY20 = 31
#: how readily an item is answered high, added to the state of health; items 1 to 50, those of GLOBAL unused
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


def qol(r: Registry) -> Table:
    """One row per expected questionnaire: at baseline and every 3 months to 6 months after isatuximab, after consent.

    Retrospective subjects have none before the first dose, those with a waiver none at all.
    """
    v, c, k = r.visits, r.cohort, r.course
    quarterly = (v.visit == BASELINE) | ((v.visit >= 2) & (v.visit < UNSCHEDULED))
    when = anchored(c, v.day, v.rows)
    allowed = c.treated[v.rows] & ~c.waiver[v.rows] & (when >= c.consent[v.rows])
    allowed &= ~(c.retrospective[v.rows] & (v.day <= 0))
    expected = quarterly & allowed & (v.day <= k.stop[v.rows] + AFTER_STOP)

    every = len(v.rows)
    d = Draws(r.seed, "questionnaires")
    missing, why = d.below(1000, every), d.pick((0, 20, 32, 38, 10), every)
    own = d.between(-9, 9, every)
    noise = d.between(-21, 21, (every, ITEMS))
    blank, no_page = d.chance(14, (every, ITEMS)), d.chance(12, every)
    rows, day, when = v.rows[expected], v.day[expected], when[expected]
    ill = illness(c, k, r.disease, r.seed, rows, day)
    likely = 65 + np.clip(ill - 46, 0, 54) * 13 + np.where(v.on_site[expected], 0, 150)
    not_done = ~v.done[expected] | (missing[expected] < likely)
    reason = np.where(v.done[expected], why[expected], 0)

    state = np.clip(ill + 8 + own[expected], 0, 100)[:, None]
    answer = 1 + np.searchsorted(LIMITS, state + np.array(READINESS) + noise[expected], side="right")
    good = 100 - state + noise[expected] // 2
    answer[:, [g - 1 for g in GLOBAL]] = 1 + np.clip(good * 7 // 100, 0, 6)[:, [g - 1 for g in GLOBAL]]
    empty = blank[expected] | not_done[:, None]
    empty[:, FIRST_MY20 - 1 :] |= no_page[expected][:, None]
    lost_hair = (answer[:, HAIR_LOSS - 1] > 1) & ~empty[:, HAIR_LOSS - 1]
    empty[:, HAIR_UPSET - 1] |= ~lost_hair
    answer = np.where(empty, 0, answer)
    names = tuple(f"Q{k}" for k in range(1, ITEMS + 1))
    language = np.array([LANGUAGES[x.code] for x in COUNTRIES], dtype=object)[c.country[rows]]
    return r.table(
        "qol.sav",
        rows,
        {
            "VISIT": choose(VENDOR_VISITS, v.visit[expected]),
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

"""The form of response assessments, as a site writes them down at routine visits.

Not the course of the response: that is course.py. The category is the investigator's, not derived from results.
"""

from __future__ import annotations

import numpy as np

from .course import LEVELS, NEVER, PD, SD, VISITS, dates
from .draws import Draws
from .registry import Registry
from .tables import Table, choose

NOT_EVALUABLE = len(LEVELS)
#: How the levels (and NE) are written, per style of a site.
WORDS = (
    (*LEVELS, "NE"),
    (
        "Progressive disease", "Stable disease", "Minimal response", "Partial response", "Very good partial response",
        "Complete response", "Stringent complete response", "Not evaluable",
    ),
    (
        "Progression", "No change", "Minor response", "Partial remission", "Very good PR", "Complete remission",
        "Stringent CR", "Not assessable",
    ),
)  # fmt: skip
UNSCHEDULED = len(VISITS)
MONTHS = tuple(label.removeprefix("MONTH ") for label in VISITS)
VISIT_WORDS = (
    (*VISITS, "UNSCHEDULED"),
    (*(f"Month {m}" for m in MONTHS), "Unscheduled"),
    (*(f"M{m}" for m in MONTHS), "UNS"),
)
METHODS = ("Serum M-protein", "Serum free light chains", "Urine M-protein", "Imaging", "Bone marrow")
PD_TYPES = ("biochemical", "imaging", "clinical")
IMAGING_METHOD = METHODS.index("Imaging")


def resp(r: Registry) -> Table:
    """One row per assessment, or per planned one that was not done (NOT_DONE Y, no date, no category)."""
    c, k = r.cohort, r.course
    n = len(c)
    d = Draws(r.seed, "assessments", part=1)
    day = np.column_stack([k.visit, np.where(k.unscheduled, k.progression, NEVER)])
    shape = day.shape
    repeated, noted = d.chance(350, shape), d.chance(500, shape)
    unevaluable = d.chance(30, shape)
    method = d.pick((62, 18, 8, 8, 4), shape)
    kind = d.pick((68, 20, 12), n)

    progression = k.progression[:, None]
    last = np.minimum(np.minimum(k.death - 1, k.end), NEVER - 1)[:, None]
    within = (day <= last) & c.treated[:, None]
    after = (day > progression) & (day < np.minimum(k.next_therapy, progression[:, 0] + 120)[:, None]) & repeated
    missed = np.column_stack([k.missed, np.zeros(n, dtype=bool)]) & (day <= progression)
    done = within & ~missed & ((day <= progression) | after)
    kept = done | (within & missed & noted)
    rows, visit = np.nonzero(kept)
    order = np.lexsort((day[rows, visit], rows))
    rows, visit = rows[order], visit[order]

    when, is_done = day[rows, visit], done[rows, visit]
    level = (k.reach[rows][:, 1:] <= when[:, None]).sum(axis=1)
    level = np.maximum(level - (when >= k.fading[rows]), SD)
    level = np.where(unevaluable[rows, visit], NOT_EVALUABLE, level)
    is_pd = when >= k.progression[rows]
    level = np.where(is_pd, PD, level)
    style = r.style[rows]
    words = np.choose(style, [choose(w, level) for w in WORDS])
    how = np.where(is_pd & (kind[rows] == 1), IMAGING_METHOD, method[rows, visit])
    return r.table(
        "resp.csv",
        rows,
        {
            "VISIT": np.choose(style, [choose(w, visit) for w in VISIT_WORDS]),
            "ASSESS_DT": np.where(is_done, dates(c, when, rows), -1),
            "RESP": np.where(is_done, words, ""),
            "RESP_METHOD": np.where(is_done, choose(METHODS, how), ""),
            "PD_TYPE": np.where(is_done & is_pd, choose(PD_TYPES, kind[rows]), ""),
            "NOT_DONE": choose(("Y", ""), is_done.astype(np.int64)),
        },
    )

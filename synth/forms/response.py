"""The form of response assessments, as a site writes them at routine visits.

Not for the date and category of an assessment: synth/subjects/assessments.py. The category is the
investigator's, not derived from results.
"""

from __future__ import annotations

import numpy as np

from ..subjects.assessments import IMAGING
from ..subjects.course import CR, LEVELS, PD, VISITS, dates
from ..subjects.disease import BOTH, CHAINS, MARROW, SERUM, URINE
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose

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

MONTHS = tuple(label.removeprefix("MONTH ") for label in VISITS)
VISIT_WORDS = (
    (*VISITS, "UNSCHEDULED", "BASELINE"),
    (*(f"Month {m}" for m in MONTHS), "Unscheduled", "Baseline"),
    (*(f"M{m}" for m in MONTHS), "UNS", "BL"),
)
METHODS = ("Serum M-protein", "Serum free light chains", "Urine M-protein", "Imaging", "Bone marrow")
PD_TYPES = ("biochemical", "imaging", "clinical")
BY_KIND = {SERUM: 0, BOTH: 0, URINE: 2, CHAINS: 1, MARROW: 4}
IMAGING_METHOD, MARROW_METHOD = METHODS.index("Imaging"), METHODS.index("Bone marrow")


def response_words(registry: Registry, rows: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Categories as the site of each row writes them; a level of -1 gives an empty cell."""
    return np.choose(registry.style[rows], [choose(w, level) for w in WORDS])


def visit_words(registry: Registry, rows: np.ndarray, visit: np.ndarray) -> np.ndarray:
    """Visits as the site of each row writes them: planned ones by position, UNSCHEDULED, BASELINE."""
    return np.choose(registry.style[rows], [choose(w, visit) for w in VISIT_WORDS])


def resp(registry: Registry) -> Table:
    """One row per assessment, and per planned assessment reported as not done (NOT_DONE Y, no date, no category)."""
    assessments = registry.assessments
    rows, visit = np.nonzero(assessments.assessed | assessments.noted)
    order = np.lexsort((assessments.day[rows, visit], rows))
    rows, visit = rows[order], visit[order]

    when, done, level = assessments.day[rows, visit], assessments.assessed[rows, visit], assessments.level[rows, visit]
    is_pd = level == PD
    usual = np.array([BY_KIND[k] for k in range(len(BY_KIND))])[registry.disease.kind[rows]]
    how = np.where(assessments.method[rows, visit] == MARROW_METHOD, IMAGING_METHOD, usual)
    how = np.where((level >= CR) & (assessments.method[rows, visit] > 0) & (level < len(LEVELS)), MARROW_METHOD, how)
    how = np.where(is_pd & (assessments.pd_kind[rows] == IMAGING), IMAGING_METHOD, np.where(is_pd, usual, how))
    return registry.table(
        "resp.csv",
        rows,
        {
            "VISIT": visit_words(registry, rows, visit),
            "ASSESS_DT": np.where(done, dates(registry.cohort, when, rows), -1),
            "RESP": np.where(done, response_words(registry, rows, level), ""),
            "RESP_METHOD": np.where(done, choose(METHODS, how), ""),
            "PD_TYPE": np.where(done & is_pd, choose(PD_TYPES, assessments.pd_kind[rows]), ""),
            "NOT_DONE": choose(("Y", ""), done.astype(np.int64)),
        },
        when=dates(registry.cohort, when, rows),
    )

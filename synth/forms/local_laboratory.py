"""The local laboratory of each site: blood count, chemistry and immunoglobulins, in the site's words and units.

Not the central laboratory: laboratory.py.
"""

from __future__ import annotations

import numpy as np

from ..subjects.assessments import CLINICAL
from ..subjects.course import SD, anchored
from ..subjects.disease import IGA, IGG, IGM
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, decimal, spell
from ..subjects.visits import illness
from ..terms.countries import COUNTRIES, take
from ..terms.events import LANGUAGES
from ..terms.laboratory import COUNT_UNITS, NOTHING_FOUND, TESTS, Test, Unit
from .response import visit_words

DETECTED = 10  # hundredths of g/L: immunoglobulins below are reported as below the limit
HIGHEST_LDH = 1000


def local(r: Registry) -> Table:
    """One row per test of a visit on site. Results are text: a number, below or above a limit, or words."""
    v = r.visits
    kept = v.done & v.on_site
    visits, visit, day = v.rows[kept], v.visit[kept], v.day[kept]
    n = len(visits)
    values = _values(r, visits, visit, day)
    d = Draws(r.seed, "local laboratory", part=1)
    asked = np.column_stack([d.chance(t.often, n) for t in TESTS])
    asked[:, 5] |= day <= 0  # beta-2 microglobulin belongs to the baseline
    minute = d.between(6 * 60 + 40, 12 * 60, n)
    at, test = np.nonzero(asked)
    rows = visits[at]
    columns = {name: np.full(len(rows), "", dtype=object) for name in ("TEST", "RESULT", "UNIT", "LLN", "ULN")}
    for j, t in enumerate(TESTS):
        mine = test == j
        for name, cells in _written(r, t, rows[mine], values[at[mine], j]).items():
            columns[name][mine] = cells
    when = anchored(r.cohort, day[at], rows)
    return r.table(
        "lab_local.csv",
        rows,
        {
            "VISIT": visit_words(r, rows, visit[at]),
            "LAB_DT": when,
            "LAB_TM": spell(minute[at], lambda t: f"{t // 60:02}:{t % 60:02}"),
            **columns,
        },
        when=when,
        delimiter=";",
        encoding="cp1252",
    )


def _values(r: Registry, rows: np.ndarray, visit: np.ndarray, day: np.ndarray) -> np.ndarray:
    """(visits, TESTS) in the base numbers of laboratory_terms. Anaemia and raised values follow how ill the subject is.

    A clinical progression shows: haemoglobin is down by 2.5 g/dL, in some calcium is up.
    """
    s, m, k = r.disease, r.measurements, r.course
    n, subjects = len(rows), len(r.cohort)
    own, d = Draws(r.seed, "local laboratory"), Draws(r.seed, "local laboratory", part=2)
    ill = illness(r.cohort, k, s, r.seed, rows, day)
    clinical = (day >= k.progression[rows]) & (r.assessments.pd_kind[rows] == CLINICAL)
    hgb = 138 - ill * 6 // 10 + own.between(-12, 14, subjects)[rows] + d.between(-5, 5, n)
    hgb = np.where(r.cohort.male[rows], hgb + 5, hgb) - np.where(clinical, 25, 0)
    alb = s.albumin[rows] + d.between(-3, 3, n) - np.where(ill > 60, 4, 0)
    kidney = own.quantile(((0, 48), (300, 68), (600, 88), (850, 125), (1000, 260)), subjects)[rows]
    creat = kidney * d.between(92, 109, n) // 100
    calcium = own.between(222, 246, subjects)[rows] + d.between(-6, 6, n)
    calcium = np.where(clinical & own.chance(450, subjects)[rows], calcium + 62, calcium)
    ldh = np.where(s.ldh_high, own.between(255, 480, subjects), own.between(135, 240, subjects))[rows]
    ldh = ldh * d.between(90, 108, n) // 100 + np.where(ill > 75, 120, 0)
    ldh = np.where(d.chance(4, n), HIGHEST_LDH + 1, ldh)
    b2m = np.maximum(s.b2m[rows] * d.between(75, 115, n) // 100, 12)
    neut = own.between(150, 420, subjects)[rows] * d.between(60, 140, n) // 100
    plat = np.maximum(own.between(110, 290, subjects)[rows] * d.between(75, 120, n) // 100 - ill // 2, 12)
    wbc = neut + d.between(70, 240, n)
    # immunoglobulins: the one of the myeloma is its M-protein and the little that is normal; the others are suppressed
    protein = 10 * m.serum[rows, visit]
    low = own.between(150, 620, subjects)[rows], own.between(4, 90, subjects)[rows], own.between(3, 60, subjects)[rows]
    recover = 100 + 12 * np.clip(m.depth[rows, visit] - SD, 0, 4)
    ig = [
        x * recover // 100 + np.where(s.isotype[rows] == kind, protein, 0)
        for x, kind in zip(low, (IGG, IGA, IGM), strict=True)
    ]
    return np.column_stack(
        [np.clip(hgb, 58, 172), np.clip(alb, 18, 52), creat, calcium, ldh, b2m, neut, plat, wbc, *ig]
    )


def _written(r: Registry, t: Test, rows: np.ndarray, value: np.ndarray) -> dict[str, np.ndarray]:
    """The cells of one test: its name, the result, the unit, and the range in that unit."""
    codes = np.array([c.code for c in COUNTRIES], dtype=object)[r.cohort.country[rows]]
    comma, style = r.comma(rows), r.style[rows]
    other = np.isin(codes, t.there)
    language = np.array([LANGUAGES.index(code) for code in take("language")])[r.cohort.country[rows]]
    english = np.where(codes == "USA", t.english[1], t.english[0]).astype(object)
    name = np.choose(
        style, [np.full(len(rows), t.code, dtype=object), english, np.array(t.local, dtype=object)[language]]
    )

    def text(values: np.ndarray) -> np.ndarray:
        return np.where(other, _number(values, t.elsewhere, comma), _number(values, t.here, comma))

    result = text(value)
    if t.code == "LDH":
        result = np.where(value > HIGHEST_LDH, f">{HIGHEST_LDH}", result)
    if t.code in ("IGA", "IGM"):
        below = "<" + text(np.full(len(rows), DETECTED))
        words = np.array([NOTHING_FOUND.get(c.code, "") for c in COUNTRIES], dtype=object)[r.cohort.country[rows]]
        words = np.where((words == "") & (style == 2), "neg", words)
        result = np.where(value < DETECTED, np.where((style > 0) & (words != ""), words, below), result)
    unit = np.where(other, t.elsewhere.name, t.here.name).astype(object)
    if not t.here.name:
        unit = np.array(COUNT_UNITS, dtype=object)[style]
    limits = {"LLN": np.full(len(rows), t.low), "ULN": np.full(len(rows), t.high)}
    return {"TEST": name, "RESULT": result, "UNIT": unit} | {k: text(x) for k, x in limits.items()}


def _number(values: np.ndarray, unit: Unit, comma: np.ndarray) -> np.ndarray:
    return decimal((2 * values * unit.times + unit.per) // (2 * unit.per), unit.places, comma)

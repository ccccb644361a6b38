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


def local(registry: Registry) -> Table:
    """One row per test of a visit on site. Results are text: a number, below or above a limit, or words."""
    v = registry.visits
    kept = v.done & v.on_site
    visits, visit, day = v.rows[kept], v.visit[kept], v.day[kept]
    n = len(visits)
    values = _values(registry, visits, visit, day)
    draws = Draws(registry.seed, "local laboratory", part=1)
    asked = np.column_stack([draws.chance(t.often, n) for t in TESTS])
    asked[:, 5] |= day <= 0  # beta-2 microglobulin belongs to the baseline
    minute = draws.between(6 * 60 + 40, 12 * 60, n)
    at, test = np.nonzero(asked)
    rows = visits[at]
    columns = {name: np.full(len(rows), "", dtype=object) for name in ("TEST", "RESULT", "UNIT", "LLN", "ULN")}
    for j, t in enumerate(TESTS):
        mine = test == j
        for name, cells in _written(registry, t, rows[mine], values[at[mine], j]).items():
            columns[name][mine] = cells
    when = anchored(registry.cohort, day[at], rows)
    return registry.table(
        "lab_local.csv",
        rows,
        {
            "VISIT": visit_words(registry, rows, visit[at]),
            "LAB_DT": when,
            "LAB_TM": spell(minute[at], lambda t: f"{t // 60:02}:{t % 60:02}"),
            **columns,
        },
        when=when,
        delimiter=";",
        encoding="cp1252",
    )


def _values(registry: Registry, rows: np.ndarray, visit: np.ndarray, day: np.ndarray) -> np.ndarray:
    """(visits, TESTS) in the base numbers of laboratory_terms. Anaemia and raised values follow how ill the subject is.

    A clinical progression shows: haemoglobin is down by 2.5 g/dL, in some calcium is up.
    """
    disease, measurements, course = registry.disease, registry.measurements, registry.course
    n, subjects = len(rows), len(registry.cohort)
    own, draws = Draws(registry.seed, "local laboratory"), Draws(registry.seed, "local laboratory", part=2)
    ill = illness(registry.cohort, course, disease, registry.seed, rows, day)
    clinical = (day >= course.progression[rows]) & (registry.assessments.pd_kind[rows] == CLINICAL)
    hgb = 138 - ill * 6 // 10 + own.between(-12, 14, subjects)[rows] + draws.between(-5, 5, n)
    hgb = np.where(registry.cohort.male[rows], hgb + 5, hgb) - np.where(clinical, 25, 0)
    alb = disease.albumin[rows] + draws.between(-3, 3, n) - np.where(ill > 60, 4, 0)
    kidney = own.quantile(((0, 48), (300, 68), (600, 88), (850, 125), (1000, 260)), subjects)[rows]
    creat = kidney * draws.between(92, 109, n) // 100
    calcium = own.between(222, 246, subjects)[rows] + draws.between(-6, 6, n)
    calcium = np.where(clinical & own.chance(450, subjects)[rows], calcium + 62, calcium)
    ldh = np.where(disease.ldh_high, own.between(255, 480, subjects), own.between(135, 240, subjects))[rows]
    ldh = ldh * draws.between(90, 108, n) // 100 + np.where(ill > 75, 120, 0)
    ldh = np.where(draws.chance(4, n), HIGHEST_LDH + 1, ldh)
    b2m = np.maximum(disease.b2m[rows] * draws.between(75, 115, n) // 100, 12)
    neut = own.between(150, 420, subjects)[rows] * draws.between(60, 140, n) // 100
    plat = np.maximum(own.between(110, 290, subjects)[rows] * draws.between(75, 120, n) // 100 - ill // 2, 12)
    wbc = neut + draws.between(70, 240, n)
    # immunoglobulins: the one of the myeloma is its M-protein and the little that is normal; the others are suppressed
    protein = 10 * measurements.serum[rows, visit]
    low = own.between(150, 620, subjects)[rows], own.between(4, 90, subjects)[rows], own.between(3, 60, subjects)[rows]
    recover = 100 + 12 * np.clip(measurements.depth[rows, visit] - SD, 0, 4)
    ig = [
        x * recover // 100 + np.where(disease.isotype[rows] == kind, protein, 0)
        for x, kind in zip(low, (IGG, IGA, IGM), strict=True)
    ]
    return np.column_stack(
        [np.clip(hgb, 58, 172), np.clip(alb, 18, 52), creat, calcium, ldh, b2m, neut, plat, wbc, *ig]
    )


def _written(registry: Registry, t: Test, rows: np.ndarray, value: np.ndarray) -> dict[str, np.ndarray]:
    """The cells of one test: its name, the result, the unit, and the range in that unit."""
    codes = np.array([c.code for c in COUNTRIES], dtype=object)[registry.cohort.country[rows]]
    comma, style = registry.comma(rows), registry.style[rows]
    other = np.isin(codes, t.there)
    language = np.array([LANGUAGES.index(code) for code in take("language")])[registry.cohort.country[rows]]
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
        words = np.array([NOTHING_FOUND.get(c.code, "") for c in COUNTRIES], dtype=object)[
            registry.cohort.country[rows]
        ]
        words = np.where((words == "") & (style == 2), "neg", words)
        result = np.where(value < DETECTED, np.where((style > 0) & (words != ""), words, below), result)
    unit = np.where(other, t.elsewhere.name, t.here.name).astype(object)
    if not t.here.name:
        unit = np.array(COUNT_UNITS, dtype=object)[style]
    limits = {"LLN": np.full(len(rows), t.low), "ULN": np.full(len(rows), t.high)}
    return {"TEST": name, "RESULT": result, "UNIT": unit} | {k: text(x) for k, x in limits.items()}


def _number(values: np.ndarray, unit: Unit, comma: np.ndarray) -> np.ndarray:
    return decimal((2 * values * unit.times + unit.per) // (2 * unit.per), unit.places, comma)

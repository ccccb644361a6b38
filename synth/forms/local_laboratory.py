"""The local laboratory of each site: blood count, chemistry and immunoglobulins, in the site's words and units.

Not for the central laboratory: laboratory.py.
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

DETECTED = 10  # hundredths of g/L: immunoglobulins below it are reported as below the limit
HIGHEST_LDH = 1000


def local(registry: Registry) -> Table:
    """One row per test of a visit on site. Results are text: a number, below or above a limit, or words."""
    visits = registry.visits
    on_site = visits.done & visits.on_site
    subject, visit, day = visits.rows[on_site], visits.visit[on_site], visits.day[on_site]
    n = len(subject)
    values = _values(registry, subject, visit, day)
    draws = Draws(registry.seed, "local laboratory", part=1)
    requested = np.column_stack([draws.chance(t.often, n) for t in TESTS])
    requested[:, 5] |= day <= 0  # beta-2 microglobulin belongs to the baseline
    minute = draws.between(6 * 60 + 40, 12 * 60, n)
    at, test = np.nonzero(requested)
    rows = subject[at]
    columns = {name: np.full(len(rows), "", dtype=object) for name in ("TEST", "RESULT", "UNIT", "LLN", "ULN")}
    for j, t in enumerate(TESTS):
        of_test = test == j
        for name, cells in _written(registry, t, rows[of_test], values[at[of_test], j]).items():
            columns[name][of_test] = cells
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
    """(visits, TESTS) in the base numbers of synth/terms/laboratory.py. Anaemia and high values follow the illness.

    A clinical progression lowers haemoglobin by 2.5 g/dL; in some subjects it raises calcium.
    """
    disease, measurements, course = registry.disease, registry.measurements, registry.course
    n, subjects = len(rows), len(registry.cohort)
    by_subject, draws = Draws(registry.seed, "local laboratory"), Draws(registry.seed, "local laboratory", part=2)
    ill = illness(registry.cohort, course, disease, registry.seed, rows, day)
    clinical = (day >= course.progression[rows]) & (registry.assessments.pd_kind[rows] == CLINICAL)
    hgb = 138 - ill * 6 // 10 + by_subject.between(-12, 14, subjects)[rows] + draws.between(-5, 5, n)
    hgb = np.where(registry.cohort.male[rows], hgb + 5, hgb) - np.where(clinical, 25, 0)
    alb = disease.albumin[rows] + draws.between(-3, 3, n) - np.where(ill > 60, 4, 0)
    kidney = by_subject.quantile(((0, 48), (300, 68), (600, 88), (850, 125), (1000, 260)), subjects)[rows]
    creat = kidney * draws.between(92, 109, n) // 100
    calcium = by_subject.between(222, 246, subjects)[rows] + draws.between(-6, 6, n)
    calcium = np.where(clinical & by_subject.chance(450, subjects)[rows], calcium + 62, calcium)
    ldh = np.where(disease.ldh_high, by_subject.between(255, 480, subjects), by_subject.between(135, 240, subjects))[
        rows
    ]
    ldh = ldh * draws.between(90, 108, n) // 100 + np.where(ill > 75, 120, 0)
    ldh = np.where(draws.chance(4, n), HIGHEST_LDH + 1, ldh)
    b2m = np.maximum(disease.b2m[rows] * draws.between(75, 115, n) // 100, 12)
    neut = by_subject.between(150, 420, subjects)[rows] * draws.between(60, 140, n) // 100
    plat = np.maximum(by_subject.between(110, 290, subjects)[rows] * draws.between(75, 120, n) // 100 - ill // 2, 12)
    wbc = neut + draws.between(70, 240, n)
    # the immunoglobulin of the myeloma is its M-protein and the small normal part; the others are suppressed
    protein = 10 * measurements.serum[rows, visit]
    low = (
        by_subject.between(150, 620, subjects)[rows],
        by_subject.between(4, 90, subjects)[rows],
        by_subject.between(3, 60, subjects)[rows],
    )
    recover = 100 + 12 * np.clip(measurements.depth[rows, visit] - SD, 0, 4)
    ig = [
        x * recover // 100 + np.where(disease.isotype[rows] == kind, protein, 0)
        for x, kind in zip(low, (IGG, IGA, IGM), strict=True)
    ]
    return np.column_stack(
        [np.clip(hgb, 58, 172), np.clip(alb, 18, 52), creat, calcium, ldh, b2m, neut, plat, wbc, *ig]
    )


def _written(registry: Registry, test: Test, rows: np.ndarray, value: np.ndarray) -> dict[str, np.ndarray]:
    """The cells of one test: its name, the result, the unit, and the range in that unit."""
    codes = np.array([c.code for c in COUNTRIES], dtype=object)[registry.cohort.country[rows]]
    comma, style = registry.comma(rows), registry.style[rows]
    other = np.isin(codes, test.there)
    language = np.array([LANGUAGES.index(code) for code in take("language")])[registry.cohort.country[rows]]
    english = np.where(codes == "USA", test.english[1], test.english[0]).astype(object)
    name = np.choose(
        style, [np.full(len(rows), test.code, dtype=object), english, np.array(test.local, dtype=object)[language]]
    )

    def text(values: np.ndarray) -> np.ndarray:
        return np.where(other, _number(values, test.elsewhere, comma), _number(values, test.here, comma))

    result = text(value)
    if test.code == "LDH":
        result = np.where(value > HIGHEST_LDH, f">{HIGHEST_LDH}", result)
    if test.code in ("IGA", "IGM"):
        below = "<" + text(np.full(len(rows), DETECTED))
        words = np.array([NOTHING_FOUND.get(c.code, "") for c in COUNTRIES], dtype=object)[
            registry.cohort.country[rows]
        ]
        words = np.where((words == "") & (style == 2), "neg", words)
        result = np.where(value < DETECTED, np.where((style > 0) & (words != ""), words, below), result)
    unit = np.where(other, test.elsewhere.name, test.here.name).astype(object)
    if not test.here.name:
        unit = np.array(COUNT_UNITS, dtype=object)[style]
    limits = {"LLN": np.full(len(rows), test.low), "ULN": np.full(len(rows), test.high)}
    return {"TEST": name, "RESULT": result, "UNIT": unit} | {k: text(x) for k, x in limits.items()}


def _number(values: np.ndarray, unit: Unit, comma: np.ndarray) -> np.ndarray:
    return decimal((2 * values * unit.times + unit.per) // (2 * unit.per), unit.places, comma)

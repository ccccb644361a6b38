"""The central laboratory: M-protein, free light chains and immunofixation as a vendor transfers them.

Not for the values: synth/subjects/measurements.py. The local laboratory is local_laboratory.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..subjects.course import CR, VISITS, anchored
from ..subjects.disease import BOTH, IGG, ISOTYPES, LIGHT, MARROW, URINE
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, decimal, spell, write_dates
from ..subjects.visits import BASELINE
from ..terms.countries import COUNTRIES

VENDOR_VISITS = (*VISITS, "UNSCHEDULED", "BASELINE")
GRAMS_PER_DECILITRE = ("USA", "JPN")
#: test codes in the order of the file; the second IFE is of urine
ORDER = ("MPROT", "KAPPA", "LAMBDA", "KLRATIO", "IFE", "UMPROT", "UVOL", "IFE")
MPROT, KAPPA, LAMBDA, RATIO, IFE, UMPROT, VOLUME, URINE_IFE = range(len(ORDER))
NAMES = {
    "MPROT": "M-protein by electrophoresis",
    "KAPPA": "Free kappa light chains",
    "LAMBDA": "Free lambda light chains",
    "KLRATIO": "Free kappa/lambda ratio",
    "IFE": "Immunofixation",
    "UMPROT": "Urine M-protein",
    "UVOL": "Urine volume, 24 h",
}
METHODS = {
    "MPROT": "CAPILLARY ELECTROPHORESIS", "KAPPA": "NEPHELOMETRY", "LAMBDA": "NEPHELOMETRY",
    "KLRATIO": "CALCULATED", "IFE": "IMMUNOFIXATION", "UMPROT": "ELECTROPHORESIS", "UVOL": "24 H COLLECTION",
}  # fmt: skip
RANGES = {"KAPPA": ("3.3", "19.4"), "LAMBDA": ("5.7", "26.3"), "KLRATIO": ("0.26", "1.65")}
CORRECTED = "IMMUNOFIXATION, ISATUXIMAB SHIFTED"
DETECTED = 5  # tenths of g/L: at some sites the electrophoresis reports lower values as below this limit


class _Rows:
    """Rows of one test (position in ORDER) of the vendor's file, before they are sorted."""

    def __init__(self, rows: np.ndarray, column: np.ndarray, test: int):
        n = len(rows)
        self.rows, self.column = rows, column
        self.urine, self.test = np.full(n, test >= UMPROT), np.full(n, test)
        self.result = self.unit = self.corrected = np.full(n, "", dtype=object)
        self.method = np.full(n, METHODS[ORDER[test]], dtype=object)
        self.second = np.zeros(n, dtype=bool)


def central(registry: Registry) -> Table:
    """One row per result. Serum and urine of a visit have different accession numbers. Numbers have a decimal point.

    A positive immunofixation names the band ("IgG kappa"). After a faint band of isatuximab (IFECORR N) the same
    sample may have a second row, corrected for the drug (IFECORR Y).
    """
    blocks = list(_blocks(registry))

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(b, name) for b in blocks])

    rows, column, urine, test, second = (joined(x) for x in ("rows", "column", "urine", "test", "second"))
    day = registry.measurements.day[rows, column]
    day = np.where(column == BASELINE, registry.baseline[rows], day)
    order = np.lexsort((second, test, urine, day, rows))
    rows, column, urine, test, day = rows[order], column[order], urine[order], test[order], day[order]
    sample = (rows * (BASELINE + 1) + column) * 2 + urine
    draws = Draws(registry.seed, "disease values", part=3)
    minute = draws.between(7 * 60, 13 * 60, (len(registry.cohort), BASELINE + 1))[rows, column]
    number = np.unique(sample, return_inverse=True)[1]
    codes = choose(ORDER, test)
    low, high = ({code: limits[k] for code, limits in RANGES.items()} for k in (0, 1))
    when = anchored(registry.cohort, day, rows)
    return registry.table(
        "lab_central.xpt",
        rows,
        {
            "VISIT": choose(VENDOR_VISITS, column),
            "COLLDT": _compact(when),
            "COLLTM": spell(minute, lambda t: f"{t // 60:02}:{t % 60:02}"),
            "SPEC": choose(("SERUM", "URINE"), urine.astype(np.int64)),
            "TESTCD": codes,
            "TEST": choose(tuple(NAMES[c] for c in ORDER), test),
            "RESULT": joined("result")[order],
            "UNITS": joined("unit")[order],
            "LOREF": choose(tuple(low.get(c, "") for c in ORDER), test),
            "HIREF": choose(tuple(high.get(c, "") for c in ORDER), test),
            "METHOD": joined("method")[order],
            "IFECORR": joined("corrected")[order],
            "ACCESS": spell(number, lambda v: str(20_000_001 + v)),
        },
        when=when,
        key="PATNUM",
        days={"COLLDT": when},
        format="xpt",
        numeric=("ACCESS",),
    )


def _compact(days: np.ndarray) -> np.ndarray:
    """Dates as yyyymmdd."""
    iso = write_dates(days, np.full(len(days), "yyyy-mm-dd", dtype=object))
    texts, inverse = np.unique(iso.astype(str), return_inverse=True)
    return np.array([t.replace("-", "") for t in texts.tolist()], dtype=object)[inverse]


def _blocks(registry: Registry) -> Iterator[_Rows]:
    """The rows of every test. ``shown``: a faint band of isatuximab has a second, corrected result."""
    draws = Draws(registry.seed, "disease values", part=2)
    shape = registry.measurements.serum.shape
    fixed, shown = draws.chance(380, shape), draws.chance(600, shape)
    litres, per_day = draws.between(9, 26, shape), draws.chance(380, len(registry.cohort))
    yield _serum_protein(registry)
    yield from _light_chains(registry)
    yield from _serum_immunofixation(registry, fixed, shown)
    yield from _urine_protein(registry, litres, per_day)
    yield _urine_immunofixation(registry, fixed)


def _serum_protein(registry: Registry) -> _Rows:
    """M-protein in g/L or, in some countries, g/dL."""
    measurements = registry.measurements
    american = np.isin(np.array([c.code for c in COUNTRIES]), GRAMS_PER_DECILITRE)[registry.cohort.country]
    rows, column = np.nonzero(measurements.serum_sampled)
    block = _Rows(rows, column, MPROT)
    value, deci = measurements.serum[rows, column], american[rows]
    point = np.zeros(len(rows), dtype=bool)
    text = np.where(deci, decimal(value, 2, point), decimal(value, 1, point))
    below = (value < DETECTED) & (registry.style[rows] == 2)
    block.result = np.where(below, np.where(deci, "<0.05", "<0.5"), text).astype(object)
    block.unit = choose(("g/L", "g/dL"), deci.astype(np.int64))
    return block


def _light_chains(registry: Registry) -> Iterator[_Rows]:
    """Free kappa and lambda in mg/L, and their ratio rounded to hundredths."""
    measurements, is_kappa = registry.measurements, registry.disease.kappa[:, None]
    rows, column = np.nonzero(measurements.chains_sampled)
    point = np.zeros(len(rows), dtype=bool)
    kappa = np.where(is_kappa, measurements.involved, measurements.uninvolved)[rows, column]
    lambda_ = np.where(is_kappa, measurements.uninvolved, measurements.involved)[rows, column]
    for test, result, unit in (
        (KAPPA, decimal(kappa, 1, point), "mg/L"),
        (LAMBDA, decimal(lambda_, 1, point), "mg/L"),
        (RATIO, decimal((200 * kappa + lambda_) // (2 * lambda_), 2, point), "RATIO"),
    ):
        block = _Rows(rows, column, test)
        block.result, block.unit = result, np.full(len(rows), unit, dtype=object)
        yield block


def _serum_immunofixation(registry: Registry, fixed: np.ndarray, shown: np.ndarray) -> Iterator[_Rows]:
    """Always where electrophoresis shows nothing, elsewhere where ``fixed``; then the corrected results."""
    measurements, disease = registry.measurements, registry.disease
    tested = measurements.serum_sampled & (fixed | (measurements.depth >= CR) | (measurements.serum == 0))
    rows, column = np.nonzero(tested)
    at = rows, column
    faint = measurements.interference[at]
    progressed = measurements.day[at] >= registry.course.progression[rows]
    complete = (measurements.depth[at] >= CR) & ~(progressed & (measurements.serum[at] > 0))
    negative = complete | (disease.kind[rows] == MARROW)
    block = _Rows(rows, column, IFE)
    chain = np.where(disease.kappa[rows], "kappa", "lambda").astype(object)
    heavy = choose(ISOTYPES, disease.isotype[rows])
    band = np.where(disease.isotype[rows] == LIGHT, "free " + chain, heavy + " " + chain)
    block.result = np.where(faint, "IgG kappa, faint band", np.where(negative, "NEGATIVE", band)).astype(object)
    uncorrected = faint | ((measurements.day[at] > 0) & (disease.isotype[rows] == IGG) & disease.kappa[rows])
    block.corrected = np.where(uncorrected, "N", "").astype(object)
    yield block
    again = faint & shown[at]
    block = _Rows(rows[again], column[again], IFE)
    block.second = np.ones(int(again.sum()), dtype=bool)
    block.result = np.full(len(block.rows), "NEGATIVE", dtype=object)
    block.corrected = np.full(len(block.rows), "Y", dtype=object)
    block.method = np.full(len(block.rows), CORRECTED, dtype=object)
    yield block


def _urine_protein(registry: Registry, litres: np.ndarray, per_day: np.ndarray) -> Iterator[_Rows]:
    """M-protein in mg/day where ``per_day``, else in mg/L with the volume; ``litres``: the volume in tenths."""
    measurements = registry.measurements
    rows, column = np.nonzero(measurements.urine_sampled)
    point = np.zeros(len(rows), dtype=bool)
    volume, daily, total = litres[rows, column], per_day[rows], measurements.urine[rows, column]
    block = _Rows(rows, column, UMPROT)
    # mg/L in tenths, times the volume in tenths of a litre: back to mg/24 h within a quarter of a milligram
    concentration = (200 * total + volume) // (2 * volume)
    block.result = np.where(daily, spell(total, str), decimal(concentration, 1, point)).astype(object)
    block.unit = np.where(daily, "mg/day", "mg/L").astype(object)
    yield block
    block = _Rows(rows[~daily], column[~daily], VOLUME)
    block.result = decimal(volume[~daily], 1, point[~daily])
    block.unit = np.full(len(block.rows), "L/day", dtype=object)
    yield block


def _urine_immunofixation(registry: Registry, fixed: np.ndarray) -> _Rows:
    """Where ``fixed`` and at a complete response; a band where urine M-protein decides the response."""
    measurements, disease = registry.measurements, registry.disease
    rows, column = np.nonzero(measurements.urine_sampled & (fixed | (measurements.depth >= CR)))
    block = _Rows(rows, column, URINE_IFE)
    excreted = ((disease.kind == URINE) | (disease.kind == BOTH))[rows] & (measurements.urine[rows, column] > 0)
    free = "free " + np.where(disease.kappa[rows], "kappa", "lambda").astype(object)
    block.result = np.where(excreted, free, "NEGATIVE").astype(object)
    return block

"""The central laboratory: M-protein, free light chains and immunofixation as a vendor transfers them.

Not the values: synth/subjects/measurements.py. The local laboratory is local_laboratory.py.
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
ORDER = ("MPROT", "KAPPA", "LAMBDA", "KLRATIO", "IFE", "UMPROT", "UVOL", "IFE")
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
DETECTED = 5  # tenths of g/L: the electrophoresis tells no less at some sites


class _Rows:
    """Rows of one test of the vendor's file, before they are put in order."""

    def __init__(self, rows: np.ndarray, column: np.ndarray, urine: bool, test: int):
        n = len(rows)
        self.rows, self.column = rows, column
        self.urine, self.test = np.full(n, urine), np.full(n, test)
        self.result = self.unit = self.corrected = np.full(n, "", dtype=object)
        self.method = np.full(n, METHODS[ORDER[test]], dtype=object)
        self.second = np.zeros(n, dtype=bool)


def central(r: Registry) -> Table:
    """One row per result; serum and urine of a visit have an accession number each. Numbers have a decimal point.

    A positive immunofixation gives the band ("IgG kappa"). A faint band of isatuximab (IFECORR N) may be followed by
    a second row of the same sample, corrected for the drug (IFECORR Y).
    """
    blocks = list(_blocks(r))

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(b, name) for b in blocks])

    rows, column, urine, test, second = (joined(x) for x in ("rows", "column", "urine", "test", "second"))
    day = r.measurements.day[rows, column]
    day = np.where(column == BASELINE, r.baseline[rows], day)
    order = np.lexsort((second, test, urine, day, rows))
    rows, column, urine, test, day = rows[order], column[order], urine[order], test[order], day[order]
    sample = (rows * (BASELINE + 1) + column) * 2 + urine
    d = Draws(r.seed, "disease values", part=3)
    minute = d.between(7 * 60, 13 * 60, (len(r.cohort), BASELINE + 1))[rows, column]
    number = np.unique(sample, return_inverse=True)[1]
    codes = choose(ORDER, test)
    low, high = ({code: limits[k] for code, limits in RANGES.items()} for k in (0, 1))
    when = anchored(r.cohort, day, rows)
    return r.table(
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


def _blocks(r: Registry) -> Iterator[_Rows]:
    m, s = r.measurements, r.disease
    d = Draws(r.seed, "disease values", part=2)
    shape = m.serum.shape
    often, shown = d.chance(380, shape), d.chance(600, shape)
    litres, per_day = d.between(9, 26, shape), d.chance(380, len(s.kind))
    american = np.isin(np.array([c.code for c in COUNTRIES]), GRAMS_PER_DECILITRE)[r.cohort.country]
    kappa, lambda_ = (np.where((s.kappa == is_kappa)[:, None], m.involved, m.uninvolved) for is_kappa in (True, False))

    rows, column = np.nonzero(m.serum_sampled)
    block = _Rows(rows, column, False, 0)
    value, deci = m.serum[rows, column], american[rows]
    plain = np.zeros(len(rows), dtype=bool)
    text = np.where(deci, decimal(value, 2, plain), decimal(value, 1, plain))
    below = (value < DETECTED) & (r.style[rows] == 2)
    block.result = np.where(below, np.where(deci, "<0.05", "<0.5"), text).astype(object)
    block.unit = choose(("g/L", "g/dL"), deci.astype(np.int64))
    yield block

    rows, column = np.nonzero(m.chains_sampled)
    plain = np.zeros(len(rows), dtype=bool)
    chain_k, chain_l = kappa[rows, column], lambda_[rows, column]
    for test, result, unit in (
        (1, decimal(chain_k, 1, plain), "mg/L"),
        (2, decimal(chain_l, 1, plain), "mg/L"),
        (3, decimal((200 * chain_k + chain_l) // (2 * chain_l), 2, plain), "RATIO"),
    ):
        block = _Rows(rows, column, False, test)
        block.result, block.unit = result, np.full(len(rows), unit, dtype=object)
        yield block

    # immunofixation: where electrophoresis shows nothing, else now and then
    asked = m.serum_sampled & (often | (m.depth >= CR) | (m.serum == 0))
    rows, column = np.nonzero(asked)
    faint = m.interference[rows, column]
    progressed = m.day[rows, column] >= r.course.progression[rows]
    complete = (m.depth[rows, column] >= CR) & ~(progressed & (m.serum[rows, column] > 0))
    negative = complete | (s.kind[rows] == MARROW)
    block = _Rows(rows, column, False, 4)
    chain = np.where(s.kappa[rows], "kappa", "lambda").astype(object)
    heavy = choose(ISOTYPES, s.isotype[rows])
    band = np.where(s.isotype[rows] == LIGHT, "free " + chain, heavy + " " + chain)
    block.result = np.where(faint, "IgG kappa, faint band", np.where(negative, "NEGATIVE", band)).astype(object)
    uncorrected = faint | ((m.day[rows, column] > 0) & (s.isotype[rows] == IGG) & s.kappa[rows])
    block.corrected = np.where(uncorrected, "N", "").astype(object)
    yield block
    again = faint & shown[rows, column]
    block = _Rows(rows[again], column[again], False, 4)
    block.second = np.ones(int(again.sum()), dtype=bool)
    block.result = np.full(len(block.rows), "NEGATIVE", dtype=object)
    block.corrected = np.full(len(block.rows), "Y", dtype=object)
    block.method = np.full(len(block.rows), CORRECTED, dtype=object)
    yield block

    rows, column = np.nonzero(m.urine_sampled)
    plain = np.zeros(len(rows), dtype=bool)
    volume, daily, total = litres[rows, column], per_day[rows], m.urine[rows, column]
    block = _Rows(rows, column, True, 5)
    # mg/L in tenths, times the volume in tenths of a litre: back to mg/24 h within a quarter of a milligram
    concentration = (200 * total + volume) // (2 * volume)
    block.result = np.where(daily, spell(total, str), decimal(concentration, 1, plain)).astype(object)
    block.unit = np.where(daily, "mg/day", "mg/L").astype(object)
    yield block
    block = _Rows(rows[~daily], column[~daily], True, 6)
    block.result = decimal(volume[~daily], 1, plain[~daily])
    block.unit = np.full(len(block.rows), "L/day", dtype=object)
    yield block
    fixed = often[rows, column] | (m.depth[rows, column] >= CR)
    block = _Rows(rows[fixed], column[fixed], True, 7)
    excreted = ((s.kind == URINE) | (s.kind == BOTH))[block.rows] & (m.urine[block.rows, block.column] > 0)
    free = "free " + np.where(s.kappa[block.rows], "kappa", "lambda").astype(object)
    block.result = np.where(excreted, free, "NEGATIVE").astype(object)
    yield block

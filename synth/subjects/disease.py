"""The myeloma of a subject: isotype, measurable proteins, stage and cytogenetics at diagnosis, size at baseline.

Not for its response: course.py and measurements.py. Shares of isotypes are rounded textbook figures; high-risk
cytogenetics is calibrated to 12.5 % of the subjects, as in the first interim of the study.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cohort import Cohort
from .draws import Draws

#: What decides the response: serum M-protein, serum and urine, urine, free light chains, marrow (non-secretory).
SERUM, BOTH, URINE, CHAINS, MARROW = range(5)
ISOTYPES = ("IgG", "IgA", "IgD", "IgM", "IgE", "LIGHT CHAIN", "NON-SECRETORY")
IGG, IGA, IGD, IGM, IGE, LIGHT, NONE = range(7)
ISOTYPE_SHARES = (580, 215, 14, 6, 2, 155, 28)

STAGES = ("I", "II", "III", "UNK")
UNKNOWN_STAGE = 3
ABNORMALITIES = ("DEL17P", "T414", "T1416", "GAIN1Q", "AMP1Q", "DEL13Q")
HIGH_RISK = 3  # the first three: del(17p), t(4;14), t(14;16)
FINDINGS = ("NEG", "POS", "NOT DONE", "UNK")
NEGATIVE, POSITIVE, NOT_TESTED, UNCLEAR = range(4)
HIGH_RISK_SHARE = 125  # permille of all subjects

B2M = ((0, 15), (250, 27), (500, 38), (750, 58), (950, 110), (1000, 180))  # tenths of mg/L at diagnosis
ALBUMIN = ((0, 24), (150, 31), (500, 37), (850, 42), (1000, 48))  # g/L at diagnosis
SERUM_M = ((0, 110), (250, 180), (500, 260), (850, 420), (1000, 590))  # tenths of g/L at baseline
URINE_M = ((0, 820), (500, 1400), (1000, 3400))  # mg/24 h, where it is measurable
CHAIN_EXCESS = ((0, 1600), (500, 5200), (1000, 19000))  # tenths of mg/L over the other chain, where the chains decide
OTHER_EXCESS = ((0, 150), (500, 900), (1000, 7000))


@dataclass(kw_only=True)
class Disease:
    """One element per subject."""

    isotype: np.ndarray  # position in ISOTYPES
    kappa: np.ndarray
    kind: np.ndarray  # SERUM .. MARROW
    b2m: np.ndarray  # at diagnosis, tenths of mg/L
    albumin: np.ndarray  # at diagnosis, g/L
    ldh_high: np.ndarray  # at diagnosis, above the upper limit of normal
    iss: np.ndarray  # position in STAGES
    riss: np.ndarray
    fish: np.ndarray  # tested
    findings: np.ndarray  # (subjects, ABNORMALITIES): position in FINDINGS; without meaning where not tested
    high_risk: np.ndarray
    serum: np.ndarray  # tenths of g/L at baseline
    urine: np.ndarray  # mg/24 h at baseline
    excess: np.ndarray  # involved minus uninvolved free light chain at baseline, tenths of mg/L
    other_chain: np.ndarray  # uninvolved free light chain, tenths of mg/L
    marrow: np.ndarray  # percent plasma cells at baseline
    plasmacytomas: np.ndarray  # how many at baseline, 0 to 2
    bone_lesions: np.ndarray  # position in (NONE, 1-3, >3, UNK)


def draw_disease(cohort: Cohort, seed: int) -> Disease:
    """The disease of every subject. ISS: beta-2 microglobulin 3.5, 5.5 mg/L and albumin 35 g/L; R-ISS: LDH and FISH."""
    n = len(cohort)
    draws = Draws(seed, "disease values")
    isotype = draws.pick(ISOTYPE_SHARES, n)
    intact = np.array([SERUM, BOTH, CHAINS])[draws.pick((78, 18, 4), n)]
    light = np.array([URINE, CHAINS])[draws.pick((55, 45), n)]
    kind = np.select([isotype == LIGHT, isotype == NONE], [light, np.full(n, MARROW)], intact)
    kappa = draws.chance(640, n)

    b2m, albumin, ldh_high = draws.quantile(B2M, n), draws.quantile(ALBUMIN, n), draws.chance(180, n)
    fish = draws.chance(780, n)
    # only a tested subject can have high risk: draw among the tested, for 12.5 % of all
    high_risk = fish & draws.chance(HIGH_RISK_SHARE * 1000 // 780, n)
    findings = _findings(draws, high_risk)
    iss = iss_stage(b2m, albumin)
    standard = fish & (findings[:, :HIGH_RISK] == NEGATIVE).all(axis=1)
    riss = riss_stage(iss, ldh_high, high_risk, standard)
    unknown = draws.chance(110, n)

    measurable_serum = (kind == SERUM) | (kind == BOTH)
    trace = np.where(draws.chance(300, n), draws.between(30, 150, n), 0)
    urine = np.where((kind == BOTH) | (kind == URINE), draws.quantile(URINE_M, n), np.where(kind == MARROW, 0, trace))
    weak = np.where((kind == CHAINS) & (isotype != LIGHT), draws.between(10, 60, n), 0)  # below what is measurable
    excess = np.where(
        (kind == CHAINS) | (kind == URINE), draws.quantile(CHAIN_EXCESS, n), draws.quantile(OTHER_EXCESS, n)
    )
    return Disease(
        isotype=isotype,
        kappa=kappa,
        kind=kind,
        b2m=b2m,
        albumin=albumin,
        ldh_high=ldh_high,
        iss=np.where(unknown, UNKNOWN_STAGE, iss),
        riss=np.where(unknown, UNKNOWN_STAGE, riss),
        fish=fish,
        findings=findings,
        high_risk=high_risk,
        serum=np.where(measurable_serum, draws.quantile(SERUM_M, n), weak),
        urine=urine,
        excess=np.where(kind == MARROW, 0, excess),
        other_chain=draws.between(60, 140, n),
        marrow=np.where(kind == MARROW, draws.between(36, 90, n), draws.between(8, 85, n)),
        plasmacytomas=draws.pick((86, 10, 4), n),
        bone_lesions=draws.pick((22, 30, 42, 6), n),
    )


def iss_stage(b2m: np.ndarray, albumin: np.ndarray) -> np.ndarray:
    """ISS from beta-2 microglobulin (tenths of mg/L) and albumin (g/L), as positions in STAGES."""
    return np.select([b2m >= 55, (b2m < 35) & (albumin >= 35)], [2, 0], 1)


def riss_stage(iss: np.ndarray, ldh_high: np.ndarray, high_risk: np.ndarray, standard: np.ndarray) -> np.ndarray:
    """R-ISS; unknown unless a high-risk abnormality was found or all three were excluded."""
    adverse = high_risk | ldh_high
    stage = np.select([(iss == 2) & adverse, (iss == 0) & ~adverse], [2, 0], 1)
    return np.where(high_risk | standard, stage, UNKNOWN_STAGE)


def _findings(draws: Draws, high_risk: np.ndarray) -> np.ndarray:
    n = len(high_risk)
    which = draws.pick((62, 28, 10), n)  # del(17p), t(4;14), t(14;16)
    other = draws.pick((928, 0, 52, 20), (n, HIGH_RISK))
    adverse = np.where(high_risk[:, None] & (np.arange(HIGH_RISK) == which[:, None]), POSITIVE, other)
    rest = draws.pick((62, 30, 6, 2), (n, len(ABNORMALITIES) - HIGH_RISK))
    # an amplification is more than three copies: never together with a gain
    rest[:, 1] = np.where((rest[:, 0] == POSITIVE) & (rest[:, 1] == POSITIVE), NEGATIVE, rest[:, 1])
    return np.column_stack([adverse, rest])

"""The level of response that each test supports at each evaluation, and whether the evaluation can be judged at all.

Not for the category (response.py) nor for progression (progression.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...mappings.models.response_criteria import EPSILON, ImwgCriteria, LevelLimits, Limit
from .evaluated import Evaluated
from .evaluations import before, running_lowest, value_at
from .options import ImwgOptions
from .reasons import MR, NE, PR, SD, VGPR, Reasons


def levels_of_tests(evaluated: Evaluated, reasons: Reasons) -> dict[str, np.ndarray]:
    """Level of each test that counts; 0 where it does not count or is missing."""
    rules, components = evaluated.criteria.response, evaluated.components
    by_serum = _serum_levels(evaluated, reasons)
    by_urine = _urine_levels(evaluated, by_serum, reasons)
    by_dflc = np.where(evaluated.by_chains, level_of(components["dflc"].fall, rules["dflc"]), 0)
    reasons.each("DFLC", by_dflc, rules["dflc"])
    by_cells = np.where(evaluated.by_marrow, level_of(components["marrow"].fall, rules["marrow"]), 0)
    reasons.each("MARROW", by_cells, rules["marrow"])
    limits = plasmacytoma_limits(evaluated.criteria, evaluated.options)
    of_image = evaluated.at_image(level_of(components["spd"].fall, limits), 0)
    by_spd = np.where(evaluated.has_plasmacytoma, of_image, 0).astype("int64")
    reasons.each("SPD", by_spd, limits)
    return {"serum": by_serum, "urine": by_urine, "dflc": by_dflc, "marrow": by_cells, "spd": by_spd}


def level_of(values: np.ndarray, limits: LevelLimits) -> np.ndarray:
    """The best level whose limit the values fulfil, SD for none; 0 where they are missing."""
    level = np.full(len(values), SD)
    for name, code in (("MR", MR), ("PR", PR), ("VGPR", VGPR)):
        limit: Limit | None = getattr(limits, name)
        if limit is not None:
            level = np.where(limit.holds(values), code, level)
    return np.where(np.isnan(values), 0, level)


def _serum_levels(evaluated: Evaluated, reasons: Reasons) -> np.ndarray:
    serum, rules = evaluated.components["serum"], evaluated.criteria.response["serum"]
    gone = (serum.value <= EPSILON) | serum.below
    by_serum = np.where(serum.known & gone, VGPR, level_of(serum.fall, rules))
    by_serum = np.where((by_serum == 0) & (evaluated.tests.serum_ife.value == 0), VGPR, by_serum)
    by_serum = np.where(evaluated.serum_measurable, by_serum, 0)
    reasons.each("SERUM", by_serum, rules)
    return by_serum


def _urine_levels(evaluated: Evaluated, by_serum: np.ndarray, reasons: Reasons) -> np.ndarray:
    """The level of measurable urine; the limit that other urine sets to the level of serum."""
    urine, rules = evaluated.components["urine"], evaluated.criteria.response
    low = rules["urine_amount"]
    measurable = evaluated.urine_measurable
    amount = level_of(urine.value, low)
    percent = level_of(urine.fall, rules["urine"])
    excreted = np.where(amount > 0, np.where(percent > 0, np.minimum(amount, percent), amount), 0)
    excreted = np.where((excreted == 0) & (evaluated.tests.urine_ife.value == 0), VGPR, excreted)
    by_urine = np.where(measurable, excreted, 0)
    # urine that was not measurable must still be low; without a result the option missing_urine decides
    limits_serum = evaluated.by_m_protein & ~measurable
    cap = np.where(limits_serum, np.where(urine.known, amount, excreted), 0)
    # highest result before this one: urine that was never 200 mg/day was never positive
    start = evaluated.evaluations.start
    highest = value_at(urine.value, before(running_lowest(-urine.value, start), start))
    positive = evaluated.criteria.measurable["urine"].holds(highest)
    accepted = (evaluated.options.missing_urine == "accept") & (~np.isnan(urine.base_here) | ~positive)
    blocked = limits_serum & (cap == 0) & ~accepted
    reasons.add("URINE NOT MEASURED", blocked & (by_serum == VGPR), level=PR)
    reasons.add(f"URINE NOT {low.PR} MG/DAY", cap == SD, level=SD)
    reasons.add(f"URINE NOT {low.VGPR} MG/DAY", cap == PR, level=PR)
    cap = np.where(blocked, PR, cap)
    reasons.add(f"URINE {low.VGPR} MG/DAY", by_urine == VGPR, level=VGPR)
    reasons.add(f"URINE {rules['urine'].PR} % DOWN OR {low.PR} MG/DAY", by_urine == PR, level=PR)
    reasons.add(f"URINE {rules['urine'].MR} % DOWN", by_urine == MR, level=MR)
    reasons.add("URINE LESS DOWN", by_urine == SD, level=SD)
    return np.where(measurable, by_urine, cap)


def plasmacytoma_limits(criteria: ImwgCriteria, options: ImwgOptions) -> LevelLimits:
    """Limits of plasmacytomas by the two options on which sources disagree."""
    usual, other = criteria.response["plasmacytoma"], criteria.response["plasmacytoma_other"]
    changes = {}
    if options.plasmacytoma_vgpr == 50:
        changes["VGPR"] = other.VGPR
    if options.plasmacytoma_mr == 25:
        changes["MR"] = other.MR
    return usual.model_copy(update=changes)


def evaluable(
    evaluated: Evaluated, levels: Mapping[str, np.ndarray], reasons: Reasons
) -> tuple[np.ndarray, np.ndarray]:
    """(a measurable test was done, by how many levels a missing test lowers the category)."""
    measurable, options = evaluated.measurable, evaluated.options
    by_m_protein, by_chains, by_marrow = evaluated.by_m_protein, evaluated.by_chains, evaluated.by_marrow
    has_serum, has_urine = levels["serum"] > 0, evaluated.urine_measurable & (levels["urine"] > 0)
    done = np.select(
        [by_m_protein, by_chains, by_marrow],
        [has_serum | has_urine, levels["dflc"] > 0, levels["marrow"] > 0],
        False,
    )
    no_serum = done & evaluated.serum_measurable & ~has_serum
    no_urine = done & evaluated.urine_measurable & ~has_urine
    no_image = done & evaluated.has_plasmacytoma & (levels["spd"] == 0)
    nothing = ~(by_m_protein | by_chains | by_marrow)
    unknown = np.min(np.stack([measurable.serum, measurable.chains, measurable.marrow]), axis=0)[evaluated.subject] < 0
    reasons.add("BASELINE NOT KNOWN", nothing & unknown, level=NE)
    reasons.add("NO MEASURABLE DISEASE AT BASELINE", nothing & ~unknown, level=NE)
    reasons.add("M-PROTEIN NOT MEASURED", by_m_protein & ~done, level=NE)
    reasons.add("LIGHT CHAINS NOT MEASURED", by_chains & ~done, level=NE)
    reasons.add("MARROW NOT DONE", by_marrow & ~done, level=NE)
    lowered = np.zeros(evaluated.evaluations.n, "int64")
    for name, where, policy in (
        ("SERUM", no_serum, options.missing_measurable),
        ("URINE", no_urine, options.missing_measurable),
        ("PLASMACYTOMA IMAGE", no_image, options.missing_imaging),
    ):
        if policy == "not_evaluable":
            reasons.add(f"{name} MISSING", where, level=NE)
            done = done & ~where
        elif policy == "next_lower":
            reasons.add(f"{name} MISSING: ONE LEVEL LOWER", where)
            lowered = np.where(where, 1, lowered)
    return done, lowered

"""The response category of each evaluation, from best to worst, and the reason for it; progression comes first.

The category is the worst of the tests that count; a test that is missing gives the next lower level. Unconfirmed.
Not for progression itself (progression.py) nor for the records (records.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...mappings.models.response_criteria import EPSILON, ImwgCriteria, LevelLimits, Limit
from .components import Component, Measurable
from .evaluations import Evaluations, Known, before, last_known, running_lowest, value_at
from .lesions import Lesions
from .options import ImwgOptions
from .progression import Line, carried
from .reasons import CR, MR, NE, PD, PR, SCR, SD, VGPR, Reasons, reason_texts


@dataclass(frozen=True)
class Findings:
    """The tests of an evaluation that are no followed numbers. Values: 1 found, 0 not found, NaN not done."""

    serum_ife: Known
    urine_ife: Known
    clonal: Known
    ratio: np.ndarray
    calcium: Known


@dataclass(kw_only=True, frozen=True)
class Response:
    """Per evaluation: category (1 sCR to 8 NE), reason, the test that decided, the level of each test (0: not used).

    ``decided``: position in ``DECIDES``, -1 for none; ``interference``: the band may be the drug's; ``marrow_from``,
    ``clonal_from``: the evaluation whose marrow stands for this one, -1 for none.
    """

    category: np.ndarray
    reason: np.ndarray
    decided: np.ndarray
    levels: Mapping[str, np.ndarray]
    interference: np.ndarray
    marrow_from: np.ndarray
    clonal_from: np.ndarray


DECIDES = ("serum", "urine", "dflc", "marrow", "spd", "serum_ife", "new_lesion", "diameter", "blood", "calcium")


def responses(
    parts: Mapping[str, Component],
    found: Findings,
    images: Lesions,
    lines: Sequence[Line],
    m: Measurable,
    e: Evaluations,
    criteria: ImwgCriteria,
    options: ImwgOptions,
) -> Response:
    """Categories of all evaluations."""
    who = e.subject
    reasons = Reasons(e.n)
    by_m, by_chains = (m.serum[who] == 1) | (m.urine[who] == 1), m.chains[who] == 1
    by_marrow = m.marrow[who] == 1
    progressed = np.zeros(e.n, bool)
    for line in lines:
        progressed |= line.met

    levels = _levels(parts, found, images, m, e, criteria, options, reasons)
    worst = np.max(np.stack(list(levels.values())), axis=0) if e.n else np.zeros(0, "int64")
    evaluable, lowered = _evaluable(levels, m, e, options, reasons, by_m, by_chains, by_marrow, images)
    worst = np.minimum(np.where(evaluable, worst + lowered, NE), np.where(evaluable, SD, NE))
    # what is not defined falls to the next lower level: MR for light chains, VGPR and MR for marrow
    worst = np.where((by_chains | by_marrow) & (worst == MR), SD, worst)
    worst = np.where(by_marrow & (worst == VGPR), PR, worst)

    unmet = _complete(parts, found, images, progressed, m, e, criteria, options)
    complete = evaluable & (lowered == 0) & ~np.any(np.stack([where for _, where in unmet]), axis=0) & ~progressed
    for phrase, where in unmet:
        reasons.add(f"NO CR: {phrase}", where & evaluable & (worst <= np.where(by_marrow, PR, VGPR)) & ~progressed)
    stringent = [
        ("RATIO NOT MEASURED", np.isnan(found.ratio)),
        ("RATIO ABNORMAL", ~np.isnan(found.ratio) & ~m.normal_ratio(found.ratio, who)),
        *_clonal(found.clonal, progressed, e, options),
    ]
    deepest = complete & ~np.any(np.stack([where for _, where in stringent]), axis=0)
    for phrase, where in stringent:
        reasons.add(f"NO SCR: {phrase}", where & complete)
    reasons.add("IMMUNOFIXATION NEGATIVE, MARROW AND LESIONS COMPLETE", complete, first=True)
    category = np.select([progressed, deepest, complete], [PD, SCR, CR], worst)
    interference = _interference(parts, found, criteria)
    reasons.add("BAND MAY BE THE DRUG'S", interference & (category > CR) & (category < PD))
    return Response(
        category=category,
        reason=reason_texts(category, progressed, lines, reasons),
        decided=_decided(category, levels, lines, complete),
        levels=levels,
        interference=interference,
        marrow_from=_since_progression(parts["marrow"].known, parts["marrow"].day, progressed, e, options),
        clonal_from=_since_progression(found.clonal.has, found.clonal.day, progressed, e, options),
    )


def level_of(values: np.ndarray, limits: LevelLimits) -> np.ndarray:
    """The best level whose limit the values fulfil, SD for none; 0 where they are missing."""
    level = np.full(len(values), SD)
    for name, code in (("MR", MR), ("PR", PR), ("VGPR", VGPR)):
        limit: Limit | None = getattr(limits, name)
        if limit is not None:
            level = np.where(limit.holds(values), code, level)
    return np.where(np.isnan(values), 0, level)


def _levels(
    parts: Mapping[str, Component],
    found: Findings,
    images: Lesions,
    m: Measurable,
    e: Evaluations,
    criteria: ImwgCriteria,
    options: ImwgOptions,
    reasons: Reasons,
) -> dict[str, np.ndarray]:
    """Level of each test that counts; 0 where it does not count or is missing."""
    who, rules = e.subject, criteria.response
    serum, urine = parts["serum"], parts["urine"]
    gone = (serum.value <= EPSILON) | serum.below
    by_serum = np.where(serum.known & gone, VGPR, level_of(serum.fall, rules["serum"]))
    by_serum = np.where((by_serum == 0) & (found.serum_ife.value == 0), VGPR, by_serum)
    by_serum = np.where(m.serum[who] == 1, by_serum, 0)
    reasons.each("SERUM", by_serum, rules["serum"])

    amount = level_of(urine.value, rules["urine_amount"])
    percent = level_of(urine.fall, rules["urine"])
    excreted = np.where(amount > 0, np.where(percent > 0, np.minimum(amount, percent), amount), 0)
    excreted = np.where((excreted == 0) & (found.urine_ife.value == 0), VGPR, excreted)
    by_urine = np.where(m.urine[who] == 1, excreted, 0)
    by_m = (m.serum[who] == 1) | (m.urine[who] == 1)
    # urine that was not measurable still has to be low today; without a result the policy decides
    low = rules["urine_amount"]
    cap = np.where(by_m & (m.urine[who] != 1), np.where(urine.known, amount, excreted), 0)
    # highest result before this one: urine that was never 200 mg/day was never positive
    highest = value_at(urine.value, before(running_lowest(-urine.value, e.start), e.start))
    positive = criteria.measurable["urine"].holds(highest)
    accepted = (options.missing_urine == "accept") & (~np.isnan(urine.base_here) | ~positive)
    blocked = by_m & (m.urine[who] != 1) & (cap == 0) & ~accepted
    reasons.add("URINE NOT MEASURED", blocked & (by_serum == VGPR), level=PR)
    reasons.add(f"URINE NOT {low.PR} MG/DAY", cap == SD, level=SD)
    reasons.add(f"URINE NOT {low.VGPR} MG/DAY", cap == PR, level=PR)
    cap = np.where(blocked, PR, cap)
    reasons.add(f"URINE {low.VGPR} MG/DAY", by_urine == VGPR, level=VGPR)
    reasons.add(f"URINE {rules['urine'].PR} % DOWN OR {low.PR} MG/DAY", by_urine == PR, level=PR)
    reasons.add(f"URINE {rules['urine'].MR} % DOWN", by_urine == MR, level=MR)
    reasons.add("URINE LESS DOWN", by_urine == SD, level=SD)

    by_dflc = np.where(m.chains[who] == 1, level_of(parts["dflc"].fall, rules["dflc"]), 0)
    reasons.each("DFLC", by_dflc, rules["dflc"])
    by_cells = np.where(m.marrow[who] == 1, level_of(parts["marrow"].fall, rules["marrow"]), 0)
    reasons.each("MARROW", by_cells, rules["marrow"])
    limits = plasmacytoma_limits(criteria, options)
    image = carried(images.imaged, images.day, e, options.imaging_carry)
    by_spd = np.where(images.count[who] > 0, value_at(level_of(parts["spd"].fall, limits), image, 0), 0).astype("int64")
    reasons.each("SPD", by_spd, limits)
    return {
        "serum": by_serum,
        "urine": np.where(m.urine[who] == 1, by_urine, cap),
        "dflc": by_dflc,
        "marrow": by_cells,
        "spd": by_spd,
    }


def plasmacytoma_limits(criteria: ImwgCriteria, options: ImwgOptions) -> LevelLimits:
    """Limits of plasmacytomas by the two options on which sources disagree."""
    usual, other = criteria.response["plasmacytoma"], criteria.response["plasmacytoma_other"]
    changes = {}
    if options.plasmacytoma_vgpr == 50:
        changes["VGPR"] = other.VGPR
    if options.plasmacytoma_mr == 25:
        changes["MR"] = other.MR
    return usual.model_copy(update=changes)


def _evaluable(
    levels: Mapping[str, np.ndarray],
    m: Measurable,
    e: Evaluations,
    options: ImwgOptions,
    reasons: Reasons,
    by_m: np.ndarray,
    by_chains: np.ndarray,
    by_marrow: np.ndarray,
    images: Lesions,
) -> tuple[np.ndarray, np.ndarray]:
    """(a measurable test was done, by how many levels a missing one lowers the category)."""
    who = e.subject
    has_serum, has_urine = levels["serum"] > 0, (m.urine[who] == 1) & (levels["urine"] > 0)
    evaluable = np.select(
        [by_m, by_chains, by_marrow], [has_serum | has_urine, levels["dflc"] > 0, levels["marrow"] > 0], False
    )
    no_serum = evaluable & (m.serum[who] == 1) & ~has_serum
    no_urine = evaluable & (m.urine[who] == 1) & ~has_urine
    no_image = evaluable & (images.count[who] > 0) & (levels["spd"] == 0)
    nothing = ~(by_m | by_chains | by_marrow)
    unknown = np.min(np.stack([m.serum, m.chains, m.marrow]), axis=0)[who] < 0
    reasons.add("BASELINE NOT KNOWN", nothing & unknown, level=NE)
    reasons.add("NO MEASURABLE DISEASE AT BASELINE", nothing & ~unknown, level=NE)
    reasons.add("M-PROTEIN NOT MEASURED", by_m & ~evaluable, level=NE)
    reasons.add("LIGHT CHAINS NOT MEASURED", by_chains & ~evaluable, level=NE)
    reasons.add("MARROW NOT DONE", by_marrow & ~evaluable, level=NE)
    lowered = np.zeros(e.n, "int64")
    for name, where, policy in (
        ("SERUM", no_serum, options.missing_measurable),
        ("URINE", no_urine, options.missing_measurable),
        ("PLASMACYTOMA IMAGE", no_image, options.missing_imaging),
    ):
        if policy == "not_evaluable":
            reasons.add(f"{name} MISSING", where, level=NE)
            evaluable = evaluable & ~where
        elif policy == "next_lower":
            reasons.add(f"{name} MISSING: ONE LEVEL LOWER", where)
            lowered = np.where(where, 1, lowered)
    return evaluable, lowered


def _complete(
    parts: Mapping[str, Component],
    found: Findings,
    images: Lesions,
    progressed: np.ndarray,
    m: Measurable,
    e: Evaluations,
    criteria: ImwgCriteria,
    options: ImwgOptions,
) -> list[tuple[str, np.ndarray]]:
    """(what is not fulfilled, where) for complete response."""
    who, serum, urine, marrow = e.subject, parts["serum"], parts["urine"], parts["marrow"]
    image = carried(images.imaged, images.day, e, options.imaging_carry)
    spd = np.where(images.count[who] > 0, value_at(parts["spd"].value, image), 0.0)
    cells = value_at(marrow.value, _since_progression(marrow.known, marrow.day, progressed, e, options))
    accept_urine, accept_marrow = options.missing_urine_ife == "accept", options.missing_marrow == "accept"
    out = [
        ("SERUM IFE POSITIVE", found.serum_ife.value == 1),
        ("SERUM IFE NOT DONE", ~found.serum_ife.has),
        ("URINE IFE POSITIVE", found.urine_ife.value == 1),
        ("URINE IFE NOT DONE", ~found.urine_ife.has & ~np.array(accept_urine)),
        ("PLASMACYTOMA NOT IMAGED", np.isnan(spd)),
        ("PLASMACYTOMA LEFT", spd > EPSILON),
        ("MARROW NOT DONE", np.isnan(cells) & ~np.array(accept_marrow)),
        (
            f"MARROW NOT {criteria.complete_marrow} %",
            ~np.isnan(cells) & ~criteria.complete_marrow.holds(cells),
        ),
    ]
    if options.band_with_negative_ife == "block":
        for name, part, ife in (("SERUM", serum, found.serum_ife), ("URINE", urine, found.urine_ife)):
            shown = (part.value > EPSILON) & ~part.below
            out.append((f"{name} M-PROTEIN BESIDE NEGATIVE IFE", shown & (ife.value == 0) & ~ife.preferred))
    by_chains = m.chains[who] == 1
    out.append(("RATIO NOT MEASURED", by_chains & np.isnan(found.ratio)))
    out.append(("RATIO ABNORMAL", by_chains & ~np.isnan(found.ratio) & ~m.normal_ratio(found.ratio, who)))
    return out


def _since_progression(
    known: np.ndarray, day: np.ndarray, progressed: np.ndarray, e: Evaluations, options: ImwgOptions
) -> np.ndarray:
    """The last evaluation with ``known`` that no progression lies after; -1 for none."""
    at = carried(known, day, e, options.marrow_carry)
    return np.where(at > last_known(progressed, e.start), at, -1)


def _clonal(
    clonal: Known, progressed: np.ndarray, e: Evaluations, options: ImwgOptions
) -> list[tuple[str, np.ndarray]]:
    shown = value_at(clonal.value, _since_progression(clonal.has, clonal.day, progressed, e, options))
    return [("CLONAL CELLS NOT TESTED", np.isnan(shown)), ("CLONAL CELLS LEFT", shown == 1)]


def _interference(parts: Mapping[str, Component], found: Findings, criteria: ImwgCriteria) -> np.ndarray:
    """A positive uncorrected immunofixation of the drug's own kind, with hardly any M-protein."""
    ife = found.serum_ife
    return (ife.value == 1) & ife.band & ~ife.preferred & criteria.interference.holds(parts["serum"].value)


def _first_line(lines: Sequence[Line], n: int) -> np.ndarray:
    out = np.full(n, -1)
    for number in range(len(lines) - 1, -1, -1):
        out = np.where(lines[number].met, number, out)
    return out


def _decided(
    category: np.ndarray, levels: Mapping[str, np.ndarray], lines: Sequence[Line], complete: np.ndarray
) -> np.ndarray:
    """Position in DECIDES of the test whose record stands for the category."""
    tests = list(levels)
    # the test at the level reached; one that a missing test lowered stands for the worst that was done
    worst = np.max(np.stack(list(levels.values())), axis=0) if len(category) else np.zeros(0, "int64")
    out = np.full(len(category), -1)
    for name in reversed(tests):
        out = np.where((levels[name] == worst) & (worst > 0), DECIDES.index(name), out)
    out = np.where(category == NE, -1, np.where(complete, DECIDES.index("serum_ife"), out))
    first = _first_line(lines, len(category))
    of = np.array([DECIDES.index(line.of) for line in lines] or [-1])
    return np.where(first >= 0, of[np.maximum(first, 0)], out)

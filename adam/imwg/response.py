"""The response category of each evaluation, from best to worst, and the reason for it; progression comes first.

The category is the worst of the tests that count; a missing test gives the next lower level. Unconfirmed.
Not for the levels of the tests (levels.py), for progression (progression.py) nor for the records (records.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...mappings.models.response_criteria import EPSILON
from .evaluated import Evaluated
from .evaluations import value_at
from .levels import evaluable, levels_of_tests
from .progression import Line
from .reasons import CR, MR, NE, PD, PR, SCR, SD, VGPR, Reasons, reason_texts


@dataclass(kw_only=True, frozen=True)
class Response:
    """Per evaluation: category (1 sCR to 8 NE), reason, the test that decided, the level of each test (0: not used).

    ``decided``: position in ``DECIDES``, -1 for none; ``interference``: the band may be the drug's; ``marrow_from``,
    ``clonal_from``: the evaluation whose marrow counts for this one, -1 for none.
    """

    category: np.ndarray
    reason: np.ndarray
    decided: np.ndarray
    levels: Mapping[str, np.ndarray]
    interference: np.ndarray
    marrow_from: np.ndarray
    clonal_from: np.ndarray


DECIDES = ("serum", "urine", "dflc", "marrow", "spd", "serum_ife", "new_lesion", "diameter", "blood", "calcium")


def responses(evaluated: Evaluated, lines: Sequence[Line]) -> Response:
    """Categories of all evaluations. ``lines``: those of progression."""
    count = evaluated.evaluations.n
    tests, marrow = evaluated.tests, evaluated.components["marrow"]
    by_marrow = evaluated.by_marrow
    reasons = Reasons(count)
    progressed = np.zeros(count, bool)
    for line in lines:
        progressed |= line.met

    levels = levels_of_tests(evaluated, reasons)
    worst = np.max(np.stack(list(levels.values())), axis=0) if count else np.zeros(0, "int64")
    judged, lowered = evaluable(evaluated, levels, reasons)
    worst = np.minimum(np.where(judged, worst + lowered, NE), np.where(judged, SD, NE))
    # a level that is not defined falls to the next lower one: MR for light chains, VGPR and MR for marrow
    worst = np.where((evaluated.by_chains | by_marrow) & (worst == MR), SD, worst)
    worst = np.where(by_marrow & (worst == VGPR), PR, worst)

    marrow_from = evaluated.since_progression(marrow.known, marrow.day, progressed)
    clonal_from = evaluated.since_progression(tests.clonal.has, tests.clonal.day, progressed)
    unmet = _unmet_for_complete(evaluated, marrow_from)
    complete = judged & (lowered == 0) & ~np.any(np.stack([where for _, where in unmet]), axis=0) & ~progressed
    for phrase, where in unmet:
        reasons.add(f"NO CR: {phrase}", where & judged & (worst <= np.where(by_marrow, PR, VGPR)) & ~progressed)
    unmet_stringent = _unmet_for_stringent(evaluated, clonal_from)
    stringent = complete & ~np.any(np.stack([where for _, where in unmet_stringent]), axis=0)
    for phrase, where in unmet_stringent:
        reasons.add(f"NO SCR: {phrase}", where & complete)
    reasons.add("IMMUNOFIXATION NEGATIVE, MARROW AND LESIONS COMPLETE", complete, first=True)
    category = np.select([progressed, stringent, complete], [PD, SCR, CR], worst)
    interference = _interference(evaluated)
    reasons.add("BAND MAY BE THE DRUG'S", interference & (category > CR) & (category < PD))
    return Response(
        category=category,
        reason=reason_texts(category, progressed, lines, reasons),
        decided=_decided(category, levels, lines, complete),
        levels=levels,
        interference=interference,
        marrow_from=marrow_from,
        clonal_from=clonal_from,
    )


def _unmet_for_complete(evaluated: Evaluated, marrow_from: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """(the condition of complete response that is not met, where)."""
    components, tests, options = evaluated.components, evaluated.tests, evaluated.options
    complete_marrow = evaluated.criteria.complete_marrow
    spd = np.where(evaluated.has_plasmacytoma, evaluated.at_image(components["spd"].value), 0.0)
    cells = value_at(components["marrow"].value, marrow_from)
    accept_urine, accept_marrow = options.missing_urine_ife == "accept", options.missing_marrow == "accept"
    unmet = [
        ("SERUM IFE POSITIVE", tests.serum_ife.value == 1),
        ("SERUM IFE NOT DONE", ~tests.serum_ife.has),
        ("URINE IFE POSITIVE", tests.urine_ife.value == 1),
        ("URINE IFE NOT DONE", ~tests.urine_ife.has & ~np.array(accept_urine)),
        ("PLASMACYTOMA NOT IMAGED", np.isnan(spd)),
        ("PLASMACYTOMA LEFT", spd > EPSILON),
        ("MARROW NOT DONE", np.isnan(cells) & ~np.array(accept_marrow)),
        (f"MARROW NOT {complete_marrow} %", ~np.isnan(cells) & ~complete_marrow.holds(cells)),
    ]
    if options.band_with_negative_ife == "block":
        for name, part, ife in (
            ("SERUM", components["serum"], tests.serum_ife),
            ("URINE", components["urine"], tests.urine_ife),
        ):
            shown = (part.value > EPSILON) & ~part.below
            unmet.append((f"{name} M-PROTEIN BESIDE NEGATIVE IFE", shown & (ife.value == 0) & ~ife.preferred))
    unmet.append(("RATIO NOT MEASURED", evaluated.by_chains & np.isnan(tests.ratio)))
    unmet.append(("RATIO ABNORMAL", evaluated.by_chains & evaluated.ratio_abnormal))
    return unmet


def _unmet_for_stringent(evaluated: Evaluated, clonal_from: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """(the further condition of stringent complete response that is not met, where)."""
    clonal = value_at(evaluated.tests.clonal.value, clonal_from)
    return [
        ("RATIO NOT MEASURED", np.isnan(evaluated.tests.ratio)),
        ("RATIO ABNORMAL", evaluated.ratio_abnormal),
        ("CLONAL CELLS NOT TESTED", np.isnan(clonal)),
        ("CLONAL CELLS LEFT", clonal == 1),
    ]


def _interference(evaluated: Evaluated) -> np.ndarray:
    """A positive uncorrected immunofixation of the kind of the drug, with hardly any M-protein."""
    ife, serum = evaluated.tests.serum_ife, evaluated.components["serum"]
    return (ife.value == 1) & ife.band & ~ife.preferred & evaluated.criteria.interference.holds(serum.value)


def _first_line(lines: Sequence[Line], n: int) -> np.ndarray:
    out = np.full(n, -1)
    for number in range(len(lines) - 1, -1, -1):
        out = np.where(lines[number].met, number, out)
    return out


def _decided(
    category: np.ndarray, levels: Mapping[str, np.ndarray], lines: Sequence[Line], complete: np.ndarray
) -> np.ndarray:
    """Position in DECIDES of the test whose record SRCSEQ names for the category."""
    tests = list(levels)
    # the test at the level reached; where a missing test lowered the level, the worst test that was done
    worst = np.max(np.stack(list(levels.values())), axis=0) if len(category) else np.zeros(0, "int64")
    out = np.full(len(category), -1)
    for name in reversed(tests):
        out = np.where((levels[name] == worst) & (worst > 0), DECIDES.index(name), out)
    out = np.where(category == NE, -1, np.where(complete, DECIDES.index("serum_ife"), out))
    first = _first_line(lines, len(category))
    of = np.array([DECIDES.index(line.of) for line in lines] or [-1])
    return np.where(first >= 0, of[np.maximum(first, 0)], out)

"""Progression by laboratory, marrow and imaging: each line of the criteria at each evaluation.

Increases are over the nadir. Not for responses (response.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...mappings.models.response_criteria import Progression
from .components import Component
from .evaluated import Evaluated


@dataclass(frozen=True)
class Line:
    """One line of progression. ``met``: per evaluation; ``phrase``: its text in the reason; ``of``: its component."""

    met: np.ndarray
    phrase: str
    of: str


def progression_lines(evaluated: Evaluated) -> list[Line]:
    """Every line, in the order of the criteria."""
    rules, options = evaluated.criteria.progression, evaluated.options
    components, lesions, subject = evaluated.components, evaluated.lesions, evaluated.subject
    measurable = evaluated.measurable
    high = rules["serum_high"]
    if options.high_nadir_needs_percent:
        high = high.model_copy(update={"percent": rules["serum"].percent})

    def shown(flags: np.ndarray) -> np.ndarray:
        return evaluated.at_image(flags.astype("float64"), 0.0) > 0

    def met(name: str) -> np.ndarray:
        return holds(rules[name], components[name])

    # the nadir of the sum lies before the image, not before the later evaluations for which the image counts
    of_several = met("spd") & (lesions.count[subject] > 1) & (components["spd"].rise > 0)
    cells = f"CIRCULATING PLASMA CELLS {rules['blood'].percent} % OVER NADIR"
    lines = [
        Line(met("serum"), _phrase("SERUM", rules["serum"], "G/DL"), "serum"),
        Line(holds(high, components["serum"]), _phrase("SERUM", high, "G/DL"), "serum"),
        Line(met("urine"), _phrase("URINE", rules["urine"], "MG/DAY"), "urine"),
        Line(met("dflc") & measurable.chains_count[subject], _phrase("DFLC", rules["dflc"], "MG/DL"), "dflc"),
        Line(met("marrow") & measurable.marrow_counts[subject], _phrase("MARROW", rules["marrow"], "POINTS"), "marrow"),
        Line(shown(lesions.new), "NEW LESION", "new_lesion"),
        Line(shown(of_several), f"SPD OF SEVERAL LESIONS {rules['spd'].percent} % OVER NADIR", "spd"),
        Line(shown(lesions.grown), f"LESION DIAMETER {rules['diameter'].percent} % OVER NADIR", "diameter"),
        Line(met("blood") & measurable.blood_counts[subject], cells, "blood"),
    ]
    if options.hypercalcaemia_is_pd and rules["calcium"].size is not None:
        limit = rules["calcium"].size
        lines.append(Line(limit.holds(evaluated.tests.calcium.value), f"CORRECTED CALCIUM {limit} MG/DL", "calcium"))
    return lines


def holds(rule: Progression, part: Component) -> np.ndarray:
    """Where a component fulfils every limit of a line; never without a nadir."""
    met = part.known & ~np.isnan(part.nadir)
    for limit, values in (
        (rule.percent, part.rise_percent),
        (rule.absolute, part.rise),
        (rule.nadir, part.nadir),
        (rule.size, part.value),
    ):
        if limit is not None:
            met = met & limit.holds(values)
    return met


def _phrase(name: str, rule: Progression, unit: str) -> str:
    parts = []
    if rule.percent is not None:
        parts.append(f"{rule.percent} %")
    if rule.absolute is not None:
        parts.append(f"{rule.absolute} {unit}")
    of = f" OF {rule.nadir} {unit}" if rule.nadir is not None else ""
    return f"{name} {' AND '.join(parts)} OVER NADIR{of}"

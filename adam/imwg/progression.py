"""Progression by laboratory, marrow and imaging: each line of the criteria at each evaluation.

Increases are over the nadir. Not for responses (response.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...mappings.models.response_criteria import ImwgCriteria, Progression
from .components import Component, Measurable
from .evaluations import Evaluations, Known, last_known, value_at
from .lesions import Lesions
from .options import ImwgOptions


@dataclass(frozen=True)
class Line:
    """One line of progression. ``met``: per evaluation; ``phrase``: how the reason names it; ``of``: its component."""

    met: np.ndarray
    phrase: str
    of: str


def carried(known: np.ndarray, day: np.ndarray, e: Evaluations, most_days: int | None) -> np.ndarray:
    """Per evaluation the last one with ``known``, itself included, if not older than ``most_days``; -1 for none."""
    at = last_known(known, e.start)
    if most_days is None:
        return at
    with np.errstate(invalid="ignore"):
        return np.where(e.first - value_at(day, at) <= most_days, at, -1)


def progression_lines(
    parts: Mapping[str, Component],
    images: Lesions,
    calcium: Known,
    m: Measurable,
    e: Evaluations,
    criteria: ImwgCriteria,
    options: ImwgOptions,
) -> list[Line]:
    """Every line, in the order of the criteria."""
    rules = criteria.progression
    serum, who = parts["serum"], e.subject
    high = rules["serum_high"]
    if options.high_nadir_needs_percent:
        high = high.model_copy(update={"percent": rules["serum"].percent})
    image = carried(images.imaged, images.day, e, options.imaging_carry)

    def shown(flags: np.ndarray) -> np.ndarray:
        return value_at(flags.astype("float64"), image, 0.0) > 0

    spd = parts["spd"]
    # the sum's own nadir lies before the image, not before the evaluation that the image stands for
    of_several = holds(rules["spd"], spd) & (images.count[who] > 1) & (spd.rise > 0)
    lines = [
        Line(holds(rules["serum"], serum), _phrase("SERUM", rules["serum"], "G/DL"), "serum"),
        Line(holds(high, serum), _phrase("SERUM", high, "G/DL"), "serum"),
        Line(holds(rules["urine"], parts["urine"]), _phrase("URINE", rules["urine"], "MG/DAY"), "urine"),
        Line(
            holds(rules["dflc"], parts["dflc"]) & m.chains_count[who], _phrase("DFLC", rules["dflc"], "MG/DL"), "dflc"
        ),
        Line(
            holds(rules["marrow"], parts["marrow"]) & m.marrow_counts[who],
            _phrase("MARROW", rules["marrow"], "POINTS"),
            "marrow",
        ),
        Line(shown(images.new), "NEW LESION", "new_lesion"),
        Line(shown(of_several), f"SPD OF SEVERAL LESIONS {rules['spd'].percent} % OVER NADIR", "spd"),
        Line(shown(images.grown), f"LESION DIAMETER {rules['diameter'].percent} % OVER NADIR", "diameter"),
        Line(
            holds(rules["blood"], parts["blood"]) & m.blood_counts[who],
            f"CIRCULATING PLASMA CELLS {rules['blood'].percent} % OVER NADIR",
            "blood",
        ),
    ]
    if options.hypercalcaemia_is_pd and rules["calcium"].size is not None:
        limit = rules["calcium"].size
        lines.append(Line(limit.holds(calcium.value), f"CORRECTED CALCIUM {limit} MG/DL", "calcium"))
    return lines


def holds(rule: Progression, part: Component) -> np.ndarray:
    """Where a component fulfils everything that a line asks for; never without a nadir."""
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

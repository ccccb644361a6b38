"""Scores of a questionnaire from a matrix of answers, items by forms.

Not for building the matrix from records (forms.py) nor for records of scores (scoring.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...mappings.models.instrument import InstrumentSpec


@dataclass(frozen=True)
class Scores:
    """``values``: scores x forms, 0 to 100, NaN for no score; ``answered``: the number of answered items of a score.

    The order of scores is that of ``InstrumentSpec.scores``.
    """

    values: np.ndarray
    answered: np.ndarray


def scale_scores(instrument: InstrumentSpec, steps: np.ndarray) -> Scores:
    """All scores of all forms.

    ``steps``: items x forms, whole numbers, in the order of the instrument's items: 0 for no answer, 1 for the lowest
    answer, one more for each step above it. A scale needs its least number of answered items (half of them, unless the
    instrument declares another number). It is the mean of the answers as a share of the range: with k answers that lie
    s steps above the lowest in total, 100 s / (k range); for functional scales 100 minus that. Numerator and
    denominator are whole numbers, so a score is rounded one time. A summary is the mean of its scales, symptom scales
    turned; it is missing where one of them is missing.
    Source: EORTC QLQ-C30 scoring manual, 3rd edition; Giesinger et al., J Clin Epidemiol 2016;69:79-88.
    """
    place = {code: i for i, code in enumerate(instrument.items)}
    names = list(instrument.scores)
    forms = steps.shape[1]
    values = np.full((len(names), forms), np.nan)
    answered = np.zeros((len(names), forms))
    for number, name in enumerate(names):
        count = np.zeros(forms, dtype="int32")
        total = np.zeros(forms, dtype="int32")
        for item in instrument.items_of(name):
            row = steps[place[item]]
            count += row > 0
            total += row
        answered[number] = count
        if name in instrument.scales:
            scale = instrument.scales[name]
            low, high = instrument.items[scale.items[0]]
            whole = count * (high - low)  # the most steps that so many answers can lie above the lowest
            above = total - count
            share = whole - above if scale.type == "functional" else above
            usable = count >= scale.minimum
            np.divide(100.0 * share, whole, out=values[number], where=usable)
        else:
            parts = instrument.summaries[name].scales
            total_score = np.zeros(forms)
            for part in parts:
                score = values[names.index(part)]
                total_score += 100.0 - score if instrument.better(part) == "lower" else score
            values[number] = total_score / len(parts)
    return Scores(values, answered)

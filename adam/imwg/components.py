"""Numbers that are followed over time, against their baseline and nadir; and the disease measurable at baseline.

Measurable disease decides which tests count. Not for levels (levels.py) nor for progression (progression.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...engine.columns.rounding import difference
from ...mappings.models.response_criteria import EPSILON, ImwgCriteria
from .evaluations import Evaluations, Known, before, last_known, running_lowest, value_at
from .options import ImwgOptions
from .results import Results

NONE, KAPPA, LAMBDA, UNKNOWN_CHAIN = range(4)
CHAINS = ("NONE", "KAPPA", "LAMBDA", "UNKNOWN")


@dataclass(frozen=True)
class Source:
    """Records of one test behind a value: positions in its table per evaluation and, for the baseline, per subject."""

    test: str
    results: Results
    at: np.ndarray
    base_at: np.ndarray


@dataclass(kw_only=True, frozen=True)
class FollowedNumber:
    """A number at each evaluation and at the baseline of each subject, with its days. NaN where it is missing."""

    value: np.ndarray
    day: np.ndarray
    base: np.ndarray  # per subject
    base_day: np.ndarray  # per subject


@dataclass(kw_only=True, frozen=True)
class Component(FollowedNumber):
    """A followed number with its nadir. Arrays per evaluation; ``base`` and ``base_day`` per subject.

    ``nadir``: lowest value before the evaluation, baseline included. ``nadir_from``: its evaluation, -1 for the
    baseline. ``lowest``, ``lowest_from``: the same with the evaluation itself. ``main``: per subject the number of the
    source that SRCSEQ names; where it has no record, the other sources in order.
    """

    sources: tuple[Source, ...]
    main: np.ndarray
    base_here: np.ndarray  # baseline of the subject of the evaluation
    nadir: np.ndarray
    nadir_from: np.ndarray
    nadir_day: np.ndarray
    lowest: np.ndarray
    lowest_from: np.ndarray
    below: np.ndarray  # result under the limit of quantification

    @property
    def known(self) -> np.ndarray:
        return ~np.isnan(self.value)

    @property
    def change(self) -> np.ndarray:
        """Difference from the baseline."""
        return difference(self.value, self.base_here)

    @property
    def fall(self) -> np.ndarray:
        """Percent down from the baseline; NaN where either is missing or the baseline is not above 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.base_here > EPSILON, -self.change / self.base_here * 100, np.nan)

    @property
    def rise(self) -> np.ndarray:
        """Difference from the nadir."""
        return difference(self.value, self.nadir)

    @property
    def rise_percent(self) -> np.ndarray:
        """Percent over the nadir; infinite for a rise from 0 or less, where the absolute rule decides."""
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = self.rise / self.nadir * 100
        return np.where(np.isnan(self.rise), np.nan, np.where(self.nadir <= EPSILON, np.inf, percent))


def component(
    number: FollowedNumber,
    sources: tuple[Source, ...],
    evaluations: Evaluations,
    kind_of_nadir: Literal["lowest", "confirmed"],
    *,
    main: np.ndarray | None = None,
    below: np.ndarray | None = None,
) -> Component:
    """A component with its nadir. The baseline comes first of equal values, then the earlier evaluation."""
    value, start = number.value, evaluations.start
    base_here = number.base[evaluations.subject]
    here = np.arange(evaluations.n)
    series, origin = value, here  # the values of which the lowest is taken, and the evaluation of each
    if kind_of_nadir == "confirmed":
        previous = before(last_known(~np.isnan(value), start), start)
        earlier = np.where(previous >= 0, value_at(value, previous), base_here)
        series = np.maximum(value, earlier)  # NaN where either is missing: no other value confirms it
        origin = np.where(value >= earlier, here, previous)
    index = running_lowest(series, start)

    def lowest(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        later = value_at(series, at)
        with np.errstate(invalid="ignore"):
            by_base = ~np.isnan(base_here) & ~(later < base_here)
        later_from = np.where(at >= 0, origin[np.maximum(at, 0)] if evaluations.n else at, -1)
        return np.fmin(later, base_here), np.where(by_base, -1, later_from)

    nadir, nadir_from = lowest(before(index, start))
    least, least_from = lowest(index)
    nadir_day = np.where(nadir_from >= 0, value_at(number.day, nadir_from), number.base_day[evaluations.subject])
    return Component(
        value=value,
        day=number.day,
        base=number.base,
        base_day=number.base_day,
        sources=sources,
        main=np.zeros(len(number.base), "int64") if main is None else main,
        base_here=base_here,
        nadir=nadir,
        nadir_from=nadir_from,
        nadir_day=np.where(np.isnan(nadir), np.nan, nadir_day),
        lowest=least,
        lowest_from=least_from,
        below=np.zeros(evaluations.n, bool) if below is None else below,
    )


@dataclass(kw_only=True, frozen=True)
class Measurable:
    """Measurable disease at baseline. One element per subject: 1 yes, 0 no, -1 not known.

    ``chains_count``: light chains may decide, since M-protein is not measurable. ``marrow_counts``, ``blood_counts``:
    the same for plasma cells of marrow and of blood.
    """

    serum: np.ndarray
    urine: np.ndarray
    chains: np.ndarray
    marrow: np.ndarray
    involved: np.ndarray  # NONE, KAPPA, LAMBDA, UNKNOWN_CHAIN
    chains_count: np.ndarray
    marrow_counts: np.ndarray
    blood_counts: np.ndarray
    low: np.ndarray  # normal range of the ratio
    high: np.ndarray

    def normal_ratio(self, ratio: np.ndarray, subject: np.ndarray) -> np.ndarray:
        """Where a ratio is normal; both limits are normal too."""
        with np.errstate(invalid="ignore"):
            return (ratio >= self.low[subject] - EPSILON) & (ratio <= self.high[subject] + EPSILON)


def measurable_disease(
    baseline: Mapping[str, Known],
    ratio: np.ndarray,
    renal: np.ndarray,
    criteria: ImwgCriteria,
    options: ImwgOptions,
) -> Measurable:
    """Measurable disease from the baselines by subject.

    ``ratio``: kappa/lambda at baseline. ``renal``: subjects with the normal range for reduced kidney function.
    """
    serum, urine, marrow = baseline["serum"], baseline["urine"], baseline["marrow"]
    kappa, lambda_ = baseline["kappa"], baseline["lambda"]
    normal, other = criteria.ratio_ranges["standard"], criteria.ratio_ranges["renal"]
    low, high = np.where(renal, other.low, normal.low), np.where(renal, other.high, normal.high)
    limits = criteria.measurable
    enough = limits["serum"]
    if options.serum_measurable is not None:
        enough = enough.model_copy(update={"at_least": options.serum_measurable})
    by_serum, by_urine = enough.holds(serum.value), limits["urine"].holds(urine.value)
    has_chains = kappa.has & lambda_.has & ~np.isnan(ratio)
    with np.errstate(invalid="ignore"):
        involved = np.where(ratio > high + EPSILON, KAPPA, np.where(ratio < low - EPSILON, LAMBDA, NONE))
    involved = np.where(has_chains, involved, UNKNOWN_CHAIN)
    size = np.where(involved == KAPPA, kappa.value, np.where(involved == LAMBDA, lambda_.value, np.nan))
    lenient = options.unknown_baseline == "pass"
    m_protein = by_serum | by_urine
    chains_count = ~m_protein & (serum.has | lenient)
    by_chains = chains_count & limits["chain"].holds(size)
    marrow_counts = chains_count & ~by_chains & (has_chains | lenient)
    by_marrow = marrow_counts & limits["marrow"].holds(marrow.value)
    return Measurable(
        serum=_three_valued(by_serum, serum.has),
        urine=_three_valued(by_urine, urine.has),
        chains=_three_valued(by_chains, m_protein | (chains_count & has_chains)),
        marrow=_three_valued(by_marrow, m_protein | by_chains | (marrow_counts & marrow.has)),
        involved=involved,
        chains_count=chains_count,
        marrow_counts=marrow_counts,
        blood_counts=marrow_counts & ~by_marrow & (marrow.has | lenient),
        low=low,
        high=high,
    )


def _three_valued(yes: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.where(yes, 1, np.where(known, 0, -1))

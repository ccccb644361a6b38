"""The tests of an evaluation against their baseline and nadir: percent down, difference and percent over the nadir.

Also what can be measured at baseline, which decides the tests that count. Not for levels (response.py) nor for
progression (progression.py).
"""

from __future__ import annotations

from dataclasses import dataclass

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
class Component:
    """A number that is followed over time. Arrays per evaluation; ``base`` and ``base_day`` per subject.

    ``nadir``: lowest value before the evaluation, baseline included; ``nadir_from``: evaluation it is of, -1 for the
    baseline. ``main``: which of ``sources`` SRCSEQ names, per subject; where it has no record, the others in order.
    """

    value: np.ndarray
    day: np.ndarray
    base: np.ndarray
    base_day: np.ndarray
    sources: tuple[Source, ...]
    main: np.ndarray  # per subject: number of the source that stands for the component
    base_here: np.ndarray
    nadir: np.ndarray
    nadir_from: np.ndarray
    nadir_day: np.ndarray
    lowest_from: np.ndarray  # the nadir with the evaluation itself: evaluation, -1 for the baseline
    lowest: np.ndarray
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
    value: np.ndarray,
    day: np.ndarray,
    base: np.ndarray,
    base_day: np.ndarray,
    e: Evaluations,
    options: ImwgOptions,
    sources: tuple[Source, ...],
    main: np.ndarray | None = None,
    below: np.ndarray | None = None,
) -> Component:
    """A component with its nadir. The baseline comes first of equal values, then the earlier evaluation."""
    base_here = base[e.subject]
    here = np.arange(e.n)
    series, of = value, here
    if options.nadir == "confirmed":
        previous = before(last_known(~np.isnan(value), e.start), e.start)
        earlier = np.where(previous >= 0, value_at(value, previous), base_here)
        series = np.maximum(value, earlier)  # NaN where either is missing: nothing confirms it
        of = np.where(value >= earlier, here, previous)
    index = running_lowest(series, e.start)

    def lowest(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        later = value_at(series, at)
        with np.errstate(invalid="ignore"):
            by_base = ~np.isnan(base_here) & ~(later < base_here)
        where = np.where(by_base, -1, np.where(at >= 0, of[np.maximum(at, 0)] if e.n else at, -1))
        return np.fmin(later, base_here), where

    nadir, nadir_from = lowest(before(index, e.start))
    least, least_from = lowest(index)
    nadir_day = np.where(nadir_from >= 0, value_at(day, nadir_from), base_day[e.subject])
    return Component(
        value=value,
        day=day,
        base=base,
        base_day=base_day,
        sources=sources,
        main=np.zeros(len(base), "int64") if main is None else main,
        base_here=base_here,
        nadir=nadir,
        nadir_from=nadir_from,
        nadir_day=np.where(np.isnan(nadir), np.nan, nadir_day),
        lowest_from=least_from,
        lowest=least,
        below=np.zeros(e.n, bool) if below is None else below,
    )


@dataclass(kw_only=True, frozen=True)
class Measurable:
    """What can be measured at baseline. One element per subject: 1 yes, 0 no, -1 not known.

    ``chains_count``: light chains may decide, as M-protein is known to be not measurable; ``marrow_counts`` and
    ``blood_counts``: the same for plasma cells of marrow and of blood.
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
        """Where a ratio is normal; both limits are."""
        with np.errstate(invalid="ignore"):
            return (ratio >= self.low[subject] - EPSILON) & (ratio <= self.high[subject] + EPSILON)


def measurable_disease(
    serum: Known,
    urine: Known,
    kappa: Known,
    lambda_: Known,
    ratio: np.ndarray,
    marrow: Known,
    renal: np.ndarray,
    criteria: ImwgCriteria,
    options: ImwgOptions,
) -> Measurable:
    """From the baselines by subject. ``renal``: who has the other normal range."""
    normal, other = criteria.ratio_ranges["standard"], criteria.ratio_ranges["renal"]
    low, high = np.where(renal, other.low, normal.low), np.where(renal, other.high, normal.high)
    limits = criteria.measurable
    enough = limits["serum"]
    if options.serum_measurable is not None:
        enough = enough.model_copy(update={"at_least": options.serum_measurable})
    ms, mu = enough.holds(serum.value), limits["urine"].holds(urine.value)
    has_chains = kappa.has & lambda_.has & ~np.isnan(ratio)
    with np.errstate(invalid="ignore"):
        involved = np.where(ratio > high + EPSILON, KAPPA, np.where(ratio < low - EPSILON, LAMBDA, NONE))
    involved = np.where(has_chains, involved, UNKNOWN_CHAIN)
    size = np.where(involved == KAPPA, kappa.value, np.where(involved == LAMBDA, lambda_.value, np.nan))
    lenient = options.unknown_baseline == "pass"
    count = ~ms & ~mu & (serum.has | lenient)
    mf = count & limits["chain"].holds(size)
    marrow_counts = count & ~mf & (has_chains | lenient)
    mb = marrow_counts & limits["marrow"].holds(marrow.value)
    other_decides = ms | mu
    return Measurable(
        serum=_three_valued(ms, serum.has),
        urine=_three_valued(mu, urine.has),
        chains=_three_valued(mf, other_decides | (count & has_chains)),
        marrow=_three_valued(mb, other_decides | mf | (marrow_counts & marrow.has)),
        involved=involved,
        chains_count=count,
        marrow_counts=marrow_counts,
        blood_counts=marrow_counts & ~mb & (marrow.has | lenient),
        low=low,
        high=high,
    )


def _three_valued(yes: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.where(yes, 1, np.where(known, 0, -1))

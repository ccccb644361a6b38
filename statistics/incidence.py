"""Cumulative incidence of an event in the presence of competing events.

Ours rather than statsmodels': its CumIncidenceRight has no variance from the time on at which the last subjects at risk
have an event, and no limits. The tests compare both.

Not for text, nor for the choice of a time unit: times are in the unit of the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .survival import AtTimes, log_log_limits, numbers_at_risk


@dataclass(frozen=True, kw_only=True)
class Incidence:
    """The Aalen-Johansen estimate of one event in one group.

    Arrays of equal length, one element for each distinct time with an event of any cause, ascending: ``time``,
    ``at_risk`` just before it, ``estimate`` the probability of the event by then, its ``error``, ``lower`` and
    ``upper`` (log-log). The limits are NaN where the estimate is 0 or 1.

    ``subjects``, ``events``, ``competing``: what the estimate counts. ``excluded``: times that are missing, infinite
    or negative, which no other number counts. ``observed``: all times, ascending. ``level``: of the limits.
    """

    subjects: int
    events: int
    competing: int
    excluded: int
    time: np.ndarray
    at_risk: np.ndarray
    estimate: np.ndarray
    error: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    censored: np.ndarray
    observed: np.ndarray
    level: float

    @property
    def last(self) -> float:
        """The longest time, of an event or a censoring; NaN without subjects."""
        return float(self.observed[-1]) if self.subjects else float("nan")


def cumulative_incidence(time: np.ndarray, cause: np.ndarray, level: float = 0.95) -> Incidence:
    """The Aalen-Johansen estimate of cause 1.

    ``cause``: 0 for a censoring, 1 for the event, any other number for a competing event. At equal times events come
    before censorings. The variance is that of the delta method (Dinse and Larson, Biometrika 1986;73:379-386), which
    survival (R) has as the infinitesimal jackknife; with no competing event it is Greenwood's.
    """
    time, cause = np.asarray(time, dtype=float), np.asarray(cause)
    known = np.isfinite(time) & (time >= 0)
    excluded = int(len(time) - known.sum())
    if excluded:
        time, cause = time[known], cause[known]
    observed = np.sort(time)
    times, of_any = np.unique(time[cause != 0], return_counts=True)
    event_times, of_event = np.unique(time[cause == 1], return_counts=True)
    first = np.zeros(len(times), dtype=np.int64)
    first[np.searchsorted(times, event_times)] = of_event
    other = of_any - first
    at_risk = len(observed) - np.searchsorted(observed, times, side="left")
    estimate, error = _estimate(first, other, at_risk)
    lower, upper = log_log_limits(estimate, error, level)
    return Incidence(
        subjects=len(observed),
        events=int(first.sum()),
        competing=int(other.sum()),
        excluded=excluded,
        time=times,
        at_risk=at_risk,
        estimate=estimate,
        error=error,
        lower=lower,
        upper=upper,
        censored=np.sort(time[cause == 0]),
        observed=observed,
        level=level,
    )


def _estimate(first: np.ndarray, other: np.ndarray, at_risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The estimate F and its error at each time, from the events and the subjects at risk.

    At a time s the events are multinomial with the hazards a (the event) and b (competing). F(t) changes with a by
    S(s-) - A, and with b by -A, where A = (F(t) - F(s)) / (1 - a - b), or 0 if nobody is alive after s. The variance
    is the sum over s of (a (S - A)² + b A² - (a (S - A) - b A)²) / n, a polynomial of F(t) with cumulative sums.
    """
    a, b, n = first / at_risk, other / at_risk, at_risk
    alive = at_risk - first - other
    before = np.concatenate(([1.0], np.cumprod(alive / at_risk)))[:-1]
    estimate = np.cumsum(before * a)
    with np.errstate(divide="ignore"):
        share = np.where(alive > 0, n / np.where(alive > 0, alive, 1), 0.0)  # 1 / (1 - a - b)
    # with A = share (F - f): the variance at s is (S² a (1 - a) - 2 S a (1 - a - b) A + A² (a + b) (1 - a - b)) / n
    square = share * (a + b) / n
    mixed = np.where(alive > 0, before * a / n, 0.0)
    fixed = before**2 * a * (1 - a) / n
    variance = (
        estimate**2 * np.cumsum(square)
        - 2 * estimate * np.cumsum(square * estimate + mixed)
        + np.cumsum(square * estimate**2 + 2 * mixed * estimate + fixed)
    )
    return estimate, np.sqrt(np.maximum(variance, 0.0))


def incidence_at_times(curve: Incidence, times: np.ndarray) -> AtTimes:
    """The estimate at each of ``times`` with its limits, and the subjects at risk.

    After the longest time the estimate is not estimable, except where the event and the competing events have
    happened to everybody. The limits are not estimable where the estimate is 0 or 1.
    """
    times = np.asarray(times, dtype=float)
    step = np.searchsorted(curve.time, times, side="right")
    beyond = ~(times <= curve.last)  # also without subjects
    if len(curve.time) and not (curve.censored >= curve.time[-1]).any():
        beyond &= False
    return AtTimes(
        estimate=np.where(beyond, np.nan, np.concatenate(([0.0], curve.estimate))[step]),
        lower=np.where(beyond, np.nan, np.concatenate(([np.nan], curve.lower))[step]),
        upper=np.where(beyond, np.nan, np.concatenate(([np.nan], curve.upper))[step]),
        at_risk=numbers_at_risk(curve.observed, times),
    )

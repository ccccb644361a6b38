"""Kaplan-Meier estimates: curve, standard error, limits, quantiles, values at landmarks, subjects at risk.

Ours rather than statsmodels': its SurvfuncRight computes S by logarithms, so that S misses the 0.5 that a median
must recognise, and it has neither log-log limits of S nor the midpoint rule. The tests compare both.

Not for text, nor for the choice of a time unit: times are in the unit of the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: S that differs less from a probability is equal to it; survival (R) uses the same number
TOLERANCE = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True, kw_only=True)
class Survival:
    """The Kaplan-Meier estimate of one group.

    Arrays of equal length, one element for each distinct time with an event, ascending: ``time``, ``at_risk`` just
    before it, ``died`` at it, ``estimate`` S from it on, ``error`` (Greenwood), ``lower`` and ``upper`` (log-log).
    ``error`` and the limits are NaN where S is 0.

    ``subjects``, ``events``: what the estimate counts. ``excluded``: times that are missing, infinite or negative,
    which no other number counts. ``censored``: the censored times, ascending, with repeats. ``observed``: all times,
    ascending. ``level``: of the limits.
    """

    subjects: int
    events: int
    excluded: int
    time: np.ndarray
    at_risk: np.ndarray
    died: np.ndarray
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


@dataclass(frozen=True, kw_only=True)
class Quantile:
    """A time with its limits; NaN where it is not reached."""

    time: float
    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class AtTimes:
    """A curve at some times, as arrays of their length; NaN where it is not estimable."""

    estimate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    at_risk: np.ndarray


def kaplan_meier(time: np.ndarray, event: np.ndarray, level: float = 0.95) -> Survival:
    """The product-limit estimate (Kaplan and Meier, J Am Stat Assoc 1958;53:457-481) of one group.

    ``event``: True for an event, False for a censoring. At equal times events come before censorings: who is censored
    at a time is still at risk at it. The variance is Greenwood's. The limits are those of log(-log S).
    """
    time, event = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    known = np.isfinite(time) & (time >= 0)
    excluded = int(len(time) - known.sum())
    if excluded:
        time, event = time[known], event[known]
    observed = np.sort(time)
    times, died = np.unique(time[event], return_counts=True)
    at_risk = len(observed) - np.searchsorted(observed, times, side="left")
    alive = at_risk - died
    estimate = np.cumprod(alive / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        # the error of log S: infinite from the time on at which nobody is alive
        log_error = np.sqrt(np.cumsum(died / (at_risk * alive)))
        error = estimate * log_error
    lower, upper = log_log_limits(estimate, error, level)
    return Survival(
        subjects=len(observed),
        events=int(died.sum()),
        excluded=excluded,
        time=times,
        at_risk=at_risk,
        died=died,
        estimate=estimate,
        error=error,
        lower=lower,
        upper=upper,
        censored=np.sort(time[~event]),
        observed=observed,
        level=level,
    )


def follow_up(time: np.ndarray, event: np.ndarray, level: float = 0.95) -> Survival:
    """The reverse Kaplan-Meier estimate (Schemper and Smith, Control Clin Trials 1996;17:343-346).

    Censorings are its events, and events its censorings; at equal times the former come first, as they do in
    Surv(time, 1 - status) of R. Its median is the median follow-up.
    """
    return kaplan_meier(time, ~np.asarray(event, dtype=bool), level)


def log_log_limits(estimate: np.ndarray, error: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The limits of a probability by log(-log p): p to the power exp(z se / (p log p)); NaN where p is 0 or 1."""
    from scipy.special import ndtri

    inside = (estimate > 0) & (estimate < 1)
    p = np.where(inside, estimate, np.nan)
    width = float(ndtri((1 + level) / 2)) * error / (p * -np.log(p))
    return p ** np.exp(width), p ** np.exp(-width)


def quantile(curve: Survival, share: float = 0.5) -> Quantile:
    """The time by which ``share`` of the subjects have the event, 0.5 for the median, with its limits.

    It is the first time with S at most 1 - share. If S is exactly 1 - share, it is the middle of the times at which
    S has this value; the last of them is the longest time if S falls no more. The limits invert the log-log limits
    of S in the same way (Brookmeyer and Crowley, Biometrics 1982;38:29-41). R and SAS do the same.
    """
    lower, time, upper = (_crossing(curve, values, 1 - share) for values in (curve.lower, curve.estimate, curve.upper))
    return Quantile(time=time, lower=lower, upper=upper)


def _crossing(curve: Survival, values: np.ndarray, level: float) -> float:
    """The first time with ``values`` at most ``level``; the middle of the times at which they are equal to it."""
    below = np.flatnonzero(values <= level + TOLERANCE)  # NaN is not below
    if not len(below):
        return float("nan")
    first = below[0]
    if abs(values[first] - level) > TOLERANCE:
        return float(curve.time[first])
    following = first + 1
    end = curve.time[following] if following < len(curve.time) else curve.last
    return float((curve.time[first] + end) / 2)


def at_times(curve: Survival, times: np.ndarray) -> AtTimes:
    """S at each of ``times`` with its limits, and the subjects at risk.

    After the longest time S is not estimable, except where it has reached 0. The limits are not estimable while S is
    1, and where it is 0.
    """
    times = np.asarray(times, dtype=float)
    step = np.searchsorted(curve.time, times, side="right")
    beyond = ~(times <= curve.last)  # also without subjects
    if len(curve.time) and curve.estimate[-1] == 0:
        beyond &= False
    return AtTimes(
        estimate=np.where(beyond, np.nan, np.concatenate(([1.0], curve.estimate))[step]),
        lower=np.where(beyond, np.nan, np.concatenate(([np.nan], curve.lower))[step]),
        upper=np.where(beyond, np.nan, np.concatenate(([np.nan], curve.upper))[step]),
        at_risk=numbers_at_risk(curve.observed, times),
    )


def numbers_at_risk(observed: np.ndarray, times: np.ndarray) -> np.ndarray:
    """How many of the ``observed`` times, ascending, are at or after each of ``times``."""
    return len(observed) - np.searchsorted(observed, np.asarray(times, dtype=float), side="left")

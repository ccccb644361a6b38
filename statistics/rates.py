"""Incidence rates by exposure, with the exact interval of a Poisson count.

Not for text: rates and limits are numbers, NaN where there is no exposure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Events by exposure, times ``per``; arrays of one shape. NaN where the exposure is 0."""

    rate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def incidence_rate(events: np.ndarray, exposure: np.ndarray, per: float = 100.0, level: float = 0.95) -> Rate:
    """``events`` for each ``per`` units of ``exposure``, element by element; 100 with years: per 100 patient-years.

    The limits are quantiles of the chi-squared distribution (Garwood, Biometrika 1936;28:437-442); the lower one is 0
    without events. Raises ValueError for a negative number.
    """
    from scipy.special import gammaincinv

    x, time = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(exposure, dtype=float))
    if (x < 0).any() or (time < 0).any():
        raise ValueError("a rate has a negative number of events, or a negative exposure")
    tail = (1 - level) / 2
    # the quantile of chi-squared with 2a degrees of freedom is twice that of gamma with shape a
    lower = np.where(x > 0, gammaincinv(np.where(x > 0, x, 1.0), tail), 0.0)
    upper = gammaincinv(x + 1, 1 - tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, lower, upper = (np.where(time > 0, per * count / time, np.nan) for count in (x, lower, upper))
    return Rate(rate=rate, lower=lower, upper=upper)

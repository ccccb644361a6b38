"""Proportions with the exact interval of Clopper and Pearson.

Not for text: counts and limits are numbers, NaN where they do not exist.
"""

from __future__ import annotations

import numpy as np


def clopper_pearson(events: np.ndarray, subjects: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """The lower and upper exact limits of ``events`` of ``subjects``, element by element.

    The limits are quantiles of beta distributions (Clopper and Pearson, Biometrika 1934;26:404-413): 0 below if nobody
    has the event, 1 above if everybody has it. NaN where there are no subjects. Raises ValueError if an element has
    more events than subjects, or a negative count.
    """
    from scipy.special import betaincinv

    x, n = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(subjects, dtype=float))
    if ((x < 0) | (x > n)).any():
        raise ValueError("a proportion has more events than subjects, or a negative count")
    tail = (1 - level) / 2
    # a and b are 1 where the limit is not a quantile: it is replaced
    lower = betaincinv(np.where(x > 0, x, 1.0), n - x + 1, tail)
    upper = betaincinv(x + 1, np.where(x < n, n - x, 1.0), 1 - tail)
    lower = np.where(x == 0, 0.0, lower)
    upper = np.where(x == n, 1.0, upper)
    return np.where(n > 0, lower, np.nan), np.where(n > 0, upper, np.nan)

"""Description of numbers: count, missing, mean, standard deviation, quantiles, range, and the t interval of the mean.

Not for text: a statistic is a number, NaN where it does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .grouped import slices

#: the definitions of a quantile, by their number in SAS (PCTLDEF), with their name in numpy.quantile
DEFINITIONS = {
    1: "interpolated_inverted_cdf",
    2: "closest_observation",
    3: "inverted_cdf",
    4: "weibull",
    5: "averaged_inverted_cdf",
}


@dataclass(frozen=True, kw_only=True)
class Description:
    """Statistics of the numbers of one group.

    ``n``: its numbers. ``missing``: values that are NaN or infinite; nothing else counts them. ``sd``: with n - 1,
    NaN below two numbers. ``lower`` and ``upper``: the t interval of the mean, NaN below two numbers. All are NaN
    without numbers.
    """

    n: int
    missing: int
    mean: float
    sd: float
    median: float
    q1: float
    q3: float
    minimum: float
    maximum: float
    lower: float
    upper: float


def describe(values: np.ndarray, *, definition: int = 5, level: float = 0.95) -> Description:
    """The statistics of ``values``. ``definition``: of quantiles, as PCTLDEF of SAS; 5 is its default."""
    from scipy.special import stdtrit

    values = np.asarray(values, dtype=float)
    numbers = values[np.isfinite(values)]
    n = len(numbers)
    missing = len(values) - n
    if n == 0:
        return Description(n=0, missing=missing, **dict.fromkeys(list(Description.__annotations__)[2:], float("nan")))
    mean = float(numbers.mean())
    sd = float(numbers.std(ddof=1)) if n > 1 else float("nan")
    half = float(stdtrit(n - 1, (1 + level) / 2)) * sd / n**0.5 if n > 1 else float("nan")
    q1, median, q3 = quantiles(numbers, (0.25, 0.5, 0.75), definition=definition).tolist()
    return Description(
        n=n,
        missing=missing,
        mean=mean,
        sd=sd,
        median=median,
        q1=q1,
        q3=q3,
        minimum=float(numbers.min()),
        maximum=float(numbers.max()),
        lower=mean - half,
        upper=mean + half,
    )


def describe_groups(
    values: np.ndarray, codes: np.ndarray, groups: int, *, definition: int = 5, level: float = 0.95
) -> list[Description]:
    """``describe`` for each of ``groups``; ``codes`` are the groups of the values, -1 for none."""
    values = np.asarray(values, dtype=float)
    return [describe(values[part], definition=definition, level=level) for part in slices(codes, groups)]


def quantiles(numbers: np.ndarray, probabilities: tuple[float, ...], *, definition: int = 5) -> np.ndarray:
    """The quantiles of ``numbers``, which are finite; NaN without numbers.

    Definition 5 of SAS (PCTLDEF=5, type 2 of Hyndman and Fan, Am Stat 1996;50:361-365): the smallest number with at
    least the share ``p`` of the numbers at or below it; where the share is exactly ``p``, the mean of this number and
    the next one. Raises ValueError for a definition that is not 1 to 5.
    """
    if definition not in DEFINITIONS:
        raise ValueError(f"a quantile has no definition {definition}; PCTLDEF is 1 to 5")
    if len(numbers) == 0:
        return np.full(len(probabilities), np.nan)
    return np.quantile(numbers, probabilities, method=DEFINITIONS[definition])

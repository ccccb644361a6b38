"""Statistics of numbers by group, and over the numbers of a group up to a place in its order.

Missing numbers do not count. Results have 12 significant digits (rounding.py). Not for which numbers belong to a group
(engine/derivations/statistic.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from . import verbs
from .rounding import DIGITS, difference, significant

#: the definitions of a quantile by their names; sas5 is PCTLDEF=5 of PROC UNIVARIATE, r7 is type 7, the default of R
DEFINITIONS = ("sas1", "sas2", "sas3", "sas4", "sas5", "r7")


class Groups:
    """The filled numbers of groups. ``groups``: of each number, -1 for none; ``count``: how many groups there are."""

    def __init__(self, values: np.ndarray, groups: np.ndarray, count: int):
        used = (groups >= 0) & ~np.isnan(values)
        self.values, self.groups, self.count = values[used], groups[used], count
        self.n = np.bincount(self.groups, minlength=count).astype("float64")

    def sum(self, values: np.ndarray | None = None) -> np.ndarray:
        """The sum of each group, of the numbers or of others in their place; 0 for an empty one."""
        return np.bincount(self.groups, weights=self.values if values is None else values, minlength=self.count)

    def total(self) -> np.ndarray:
        return np.where(self.n > 0, self.sum(), np.nan)

    def mean(self, values: np.ndarray | None = None) -> np.ndarray:
        return np.divide(self.sum(values), self.n, out=np.full(self.count, np.nan), where=self.n > 0)

    def variance(self, values: np.ndarray | None = None) -> np.ndarray:
        """With n - 1; missing for fewer than two numbers."""
        values = self.values if values is None else values
        away = values - self.mean(values)[self.groups]
        return np.divide(self.sum(away * away), self.n - 1, out=np.full(self.count, np.nan), where=self.n > 1)

    def least(self) -> np.ndarray:
        found = np.full(self.count, np.inf)
        np.minimum.at(found, self.groups, self.values)
        return np.where(self.n > 0, found, np.nan)

    def most(self) -> np.ndarray:
        found = np.full(self.count, -np.inf)
        np.maximum.at(found, self.groups, self.values)
        return np.where(self.n > 0, found, np.nan)

    def logarithms(self) -> np.ndarray:
        """NaN for a number that has none; so the group has no geometric mean."""
        return np.log(self.values, out=np.full(len(self.values), np.nan), where=self.values > 0)

    def quantile(self, share: float, definition: str) -> np.ndarray:
        """The quantile of each group, by one of ``DEFINITIONS``."""
        ordered = self.values[np.lexsort((self.values, self.groups))]
        starts = np.cumsum(self.n) - self.n
        low, high, weight = _places(self.n, share, definition)
        known = self.n > 0
        at = np.where(known, starts, 0)
        if not len(ordered):
            return np.full(self.count, np.nan)
        first, second = (ordered[(at + np.where(known, place, 0)).astype("int64")] for place in (low, high))
        return np.where(known, np.where(first == second, first, first + weight * (second - first)), np.nan)


def _places(n: np.ndarray, share: float, definition: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(position of the lower number, of the upper one, weight of the upper one) in groups of ``n`` sorted numbers."""
    last = np.maximum(n - 1, 0)
    if definition == "r7":
        place = _exact(share * last)
        low = np.floor(place)
        return low, np.minimum(low + 1, last), place - low
    place = _exact(share * (n + 1 if definition == "sas4" else n))
    whole = np.floor(place)
    part = place - whole
    if definition in ("sas1", "sas4"):
        low, high, weight = whole - 1, whole, part
    elif definition == "sas2":
        nearest = np.where(part == 0.5, whole + whole % 2, np.floor(place + 0.5))
        low = high = nearest - 1
        weight = part * 0
    else:  # sas3 and sas5 differ where the place is a whole number
        low = np.where(part > 0, whole, whole - 1)
        high = np.where(part > 0, low, whole) if definition == "sas5" else low
        weight = np.where(part > 0, 0.0, 0.5)
    return np.clip(low, 0, last), np.clip(high, 0, last), weight


def _exact(place: np.ndarray) -> np.ndarray:
    """A place without the error of its multiplication, so that 0.1 of 30 numbers is place 3."""
    return significant(place, DIGITS)


def _spread(g: Groups) -> np.ndarray:
    return np.sqrt(g.variance())


def _per_mean(g: Groups) -> np.ndarray:
    mean = g.mean()
    return np.divide(100 * _spread(g), mean, out=np.full(g.count, np.nan), where=mean != 0)


#: statistic -> its value in each group; missing for an empty group, but the count is 0
STATISTICS: Mapping[str, Callable[[Groups], np.ndarray]] = MappingProxyType(
    {
        "count": lambda g: g.n,
        "sum": lambda g: g.total(),
        "mean": lambda g: g.mean(),
        "sd": _spread,
        "variance": lambda g: g.variance(),
        "se": lambda g: np.divide(_spread(g), np.sqrt(g.n), out=np.full(g.count, np.nan), where=g.n > 0),
        "cv": _per_mean,
        "min": lambda g: g.least(),
        "max": lambda g: g.most(),
        "range": lambda g: difference(g.most(), g.least()),
        "geometric_mean": lambda g: np.exp(g.mean(g.logarithms())),
        "geometric_cv": lambda g: 100 * np.sqrt(np.expm1(g.variance(g.logarithms()))),
        "median": lambda g: g.quantile(0.5, "sas5"),
    }
)


def statistic(g: Groups, of: str, share: float | None = None, definition: str = "sas5") -> np.ndarray:
    """A statistic of each group, with 12 significant digits. ``share``: of a quantile, from 0 to 1."""
    found = g.quantile(share or 0.0, definition) if of == "quantile" else STATISTICS[of](g)
    return significant(found)


def running(values: np.ndarray, groups: np.ndarray, places: np.ndarray, of: str, inclusive: bool) -> np.ndarray:
    """For each record the statistic of its group up to its place: count, sum, mean, min or max.

    ``places``: whole numbers that rise along the order of all records, group by group; records with one place are
    at one place. ``inclusive``: the records of the place itself count too. Missing where no number counts, but the
    count is 0.
    """
    order = np.argsort(places, kind="stable")
    group, place, value = groups[order], places[order], values[order]
    filled = ~np.isnan(value)
    first = np.searchsorted(group, group, side="left")
    end = np.searchsorted(place, place, side="right" if inclusive else "left")
    at = np.where(end > first, end - 1, -1)  # the last record that counts
    counts = _at(verbs.running(filled.astype("float64"), group, "sum"), at, 0.0)
    if of in ("min", "max"):
        worst = np.inf if of == "min" else -np.inf
        found = _at(verbs.running(np.where(filled, value, worst), group, of), at, worst)
    else:
        sums = _at(verbs.running(np.where(filled, value, 0.0), group, "sum"), at, 0.0)
        found = {"count": counts, "sum": sums, "mean": sums / np.maximum(counts, 1)}[of]
    found = np.where((counts > 0) | (of == "count"), found, np.nan)
    out = np.full(len(values), np.nan)
    out[order] = np.where(group >= 0, found, np.nan)
    return out if of in ("count", "min", "max") else significant(out)


def _at(values: np.ndarray, positions: np.ndarray, none: float) -> np.ndarray:
    return np.append(values, none)[positions]

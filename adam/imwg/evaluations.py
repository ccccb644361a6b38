"""Groups results into evaluations of the response, and gives the results known at and before each of them.

An evaluation is the results of one visit within a window of days, or of one day without a visit. Baselines are of the
last day on or before the first dose. Not for the meaning of the values (levels.py, response.py, progression.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from .results import Results


@dataclass(kw_only=True, frozen=True)
class Evaluations:
    """Evaluations after the first dose, sorted by subject, first and last day, visit. One element per evaluation.

    ``start``: position of the subject's first evaluation; ``of``: per test the evaluation of each result, -1 for a
    result on or before the first dose.
    """

    subject: np.ndarray
    first: np.ndarray
    last: np.ndarray
    visit: pd.Series
    number: np.ndarray
    start: np.ndarray
    of: Mapping[str, np.ndarray]

    @property
    def n(self) -> int:
        return len(self.subject)


def group_results(results: Mapping[str, Results], begin: np.ndarray, window: int) -> Evaluations:
    """Evaluations of all results after ``begin`` (first dose by subject; none without one).

    Results of one visit belong together up to ``window`` days after the first of them; later ones of the same visit
    are another evaluation, as unscheduled visits are. Results without a visit belong together on one day.
    """
    names = [n for n, r in results.items() if r.n]
    if not names:
        nothing = np.zeros(0)
        none = np.zeros(0, "int64")
        return Evaluations(
            subject=none,
            first=nothing,
            last=nothing,
            visit=col.constant("", 0),
            number=nothing,
            start=none,
            of=dict.fromkeys(results, none),
        )
    parts = [results[n] for n in names]
    subject = np.concatenate([r.subject for r in parts])
    day = np.concatenate([r.day for r in parts])
    visit = col.concat([r.visit for r in parts])
    number = np.concatenate([r.number for r in parts])
    post = np.flatnonzero(day > begin[subject])
    subject, day, number, visit = subject[post], day[post], number[post], col.take(visit, post)
    has_visit = ~col.missing(visit)
    shown = pd.Series(np.where(np.isnan(number), -1.0, number))
    (keys,) = verbs.key_codes([pd.Series(subject.astype("float64")), col.map_text(visit, lambda t: f"v{t}"), shown])
    group = _windows(keys, day.astype("int64"), np.where(has_visit, window, 0))
    count = int(group.max(initial=-1)) + 1
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, group, day)
    np.maximum.at(last, group, day)
    one = col.first_positions(group, count)  # subject and visit are the same in all results of a group
    order = verbs.order_rows([subject[one], first, last, col.take(visit, one), np.nan_to_num(number[one], nan=-1.0)])
    rank = np.empty(count, "int64")
    rank[order] = np.arange(count)
    of_all = np.full(len(np.concatenate([r.day for r in parts])), -1, "int64")
    of_all[post] = rank[group]
    of = dict(zip(names, np.split(of_all, np.cumsum([r.n for r in parts])[:-1]), strict=True))
    none = np.zeros(0, "int64")
    owner = subject[one][order]
    changes = np.flatnonzero(np.diff(owner)) + 1
    start = np.zeros(count, "int64")
    start[changes] = changes
    return Evaluations(
        subject=owner,
        first=first[order],
        last=last[order],
        visit=col.take(visit, one[order]),
        number=number[one][order],
        start=np.maximum.accumulate(start) if count else start,
        of={n: of.get(n, none) for n in results},
    )


def _windows(keys: np.ndarray, day: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Group of each row: rows of one key up to its window after the first row of the group.

    Each round opens the next group of every key: the fullest key decides the number of rounds.
    """
    if not len(keys):
        return np.zeros(0, "int64")
    low = int(day.min())
    span = int(day.max()) - low + int(window.max()) + 2
    coded = keys * span + (day - low)
    order = np.argsort(coded, kind="stable")
    line, key = coded[order], keys[order]
    opens = np.zeros(len(line), bool)
    at = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    while len(at):
        opens[at] = True
        after = np.searchsorted(line, line[at] + window[order][at], side="right")
        inside = after < len(line)
        at = after[inside][key[after[inside]] == key[at[inside]]]
    group = np.empty(len(line), "int64")
    group[order] = np.cumsum(opens) - 1
    return group


@dataclass(frozen=True)
class Known:
    """One result per evaluation (or per subject, for baselines): position among the results, -1 where there is none."""

    value: np.ndarray
    day: np.ndarray
    at: np.ndarray  # position in the table, -1 for none
    below: np.ndarray
    preferred: np.ndarray
    band: np.ndarray

    @property
    def has(self) -> np.ndarray:
        return self.at >= 0


def known_at(results: Results, groups: np.ndarray, count: int, *, baseline: bool = False) -> Known:
    """The result that counts in each group; a result of group -1 counts in none.

    Of several: a preferred one, then the last day (the highest value where the test declares it, as of aspirate and
    biopsy), then the highest value, then the lowest sequence number. For a baseline the last day decides first.
    """
    days, prefer = results.day, results.preferred.astype("float64")
    tie = -np.nan_to_num(results.sequence, nan=0.0)
    keys = [days, prefer, results.value, tie] if baseline else [prefer, days, results.value, tie]
    if results.several == "highest" and not baseline:
        keys = [prefer, results.value, days, tie]
    order = verbs.order_rows(keys) if results.n else np.zeros(0, "int64")
    picked = verbs.pick_per_group(groups, count, order, "last")
    return pick(results, picked)


def pick(results: Results, picked: np.ndarray) -> Known:
    """The results at these positions; missing where a position is -1."""
    has = picked >= 0
    at = np.maximum(picked, 0)

    def of(array: np.ndarray, empty: float | bool) -> np.ndarray:
        return np.where(has, array[at], empty) if len(array) else np.full(len(picked), empty)

    return Known(
        of(results.value, np.nan),
        of(results.day, np.nan),
        of(results.at, -1).astype("int64"),
        of(results.below, False).astype(bool),
        of(results.preferred, False).astype(bool),
        of(results.band, False).astype(bool),
    )


def baseline_of(results: Results, begin: np.ndarray, most_days: int | None = None) -> Known:
    """The last result of each subject on or before the first dose, no older than ``most_days``; None for any age."""
    first = begin[results.subject]
    with np.errstate(invalid="ignore"):
        usable = results.day <= first
        if most_days is not None:
            usable &= results.day >= first - most_days
    return known_at(results, np.where(usable, results.subject, -1), len(begin), baseline=True)


def running_lowest(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Per position the index of the lowest known value of its subject up to and with it; -1 before the first.

    Of equal values the earliest. ``start``: position where the subject begins; it rises from subject to subject.
    """
    n = len(values)
    known = ~np.isnan(values)
    order = np.lexsort((np.arange(n), np.where(known, values, np.inf)))
    rank = np.empty(n, "int64")
    rank[order] = np.arange(n)
    # one running minimum over all subjects: each begins lower than all values before it
    coded = np.where(known, rank, n) - start * (n + 1)
    low = np.minimum.accumulate(coded) + start * (n + 1) if n else coded
    return np.where(low < n, order[np.minimum(low, max(n - 1, 0))] if n else -1, -1)


def last_known(known: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Per position the index of the last one up to and with it where ``known`` holds, within the subject; -1: none."""
    at = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1)) if len(known) else np.zeros(0, "int64")
    return np.where(at >= start, at, -1)


def carried(known: np.ndarray, day: np.ndarray, evaluations: Evaluations, most_days: int | None) -> np.ndarray:
    """Per evaluation the last one with ``known``, itself included, if not older than ``most_days``; -1 for none."""
    at = last_known(known, evaluations.start)
    if most_days is None:
        return at
    with np.errstate(invalid="ignore"):
        return np.where(evaluations.first - value_at(day, at) <= most_days, at, -1)


def before(index: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The same running index one position earlier within the subject; -1 at its first position."""
    n = len(index)
    return np.where(np.arange(n) == start, -1, np.r_[-1, index[:-1]] if n else index)


def value_at(values: np.ndarray, index: np.ndarray, empty: float = np.nan) -> np.ndarray:
    """``values[index]``; ``empty`` where the index is -1."""
    return np.where(index >= 0, values[np.maximum(index, 0)], empty) if len(values) else np.full(len(index), empty)

"""Pairs the records of two datasets by key; repeated keys in the order in which they occur.

Not for the keys (keys.py) nor for the cells of the paired records (cells.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns.verbs import key_codes, number_within


@dataclass(frozen=True)
class Pairing:
    """Positions of records, int64. ``base`` and ``compare`` are parallel, in the order of base."""

    base: np.ndarray
    compare: np.ndarray
    only_base: np.ndarray
    only_compare: np.ndarray
    base_keys: np.ndarray  # one code per record, equal where the key is, on both sides
    compare_keys: np.ndarray

    @property
    def in_place(self) -> bool:
        """Whether every record is paired with the one at the same position: then no column needs a new order."""
        return len(self.base) == len(self.base_keys) == len(self.compare_keys) and bool(
            (self.compare == np.arange(len(self.compare))).all()
        )


def pair_records(base: pd.DataFrame, compare: pd.DataFrame, key: Sequence[str]) -> Pairing:
    """Pair by ``key``. A missing key value equals a missing one, as any other value of a key does."""
    one, two = key_codes([base[k] for k in key], [compare[k] for k in key], missing_matches=True)
    size = int(max(one.max(initial=-1), two.max(initial=-1))) + 1
    codes_one, codes_two = one, two
    if _repeats(one, size) or _repeats(two, size):
        nth = [number_within(codes, np.arange(len(codes))).astype("int64") - 1 for codes in (one, two)]
        most = int(max(n.max(initial=0) for n in nth)) + 1
        both, size = col.combined(
            [(np.concatenate([one, two]), size), (np.concatenate(nth), most)], len(one) + len(two)
        )
        codes_one, codes_two = both[: len(one)], both[len(one) :]
    lookup = np.full(size, -1, dtype="int64")
    lookup[codes_two] = np.arange(len(two))
    partner = lookup[codes_one]
    paired = partner >= 0
    taken = np.zeros(len(two), dtype=bool)
    taken[partner[paired]] = True
    return Pairing(np.flatnonzero(paired), partner[paired], np.flatnonzero(~paired), np.flatnonzero(~taken), one, two)


def repeated_positions(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(position of the first record, number of records) of each key that more than one record has."""
    if not len(codes):
        return codes.astype("int64"), codes.astype("int64")
    count = np.bincount(codes)
    first = col.first_positions(codes, len(count))
    several = np.flatnonzero(count > 1)
    order = np.argsort(first[several], kind="stable")
    return first[several][order], count[several][order]


def _repeats(codes: np.ndarray, size: int) -> bool:
    return len(codes) > 0 and bool((np.bincount(codes, minlength=size) > 1).any())

"""Values by group: one sort gives the values of each group as a slice.

Not for joining tables: groups are integer codes from 0, and -1 where the group is missing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np


def slices(codes: np.ndarray, groups: int) -> Iterator[np.ndarray]:
    """For each of ``groups`` the positions of its values, in their order. Positions with the code -1 are in no group.

    Raises ValueError for a code below -1, or one that is not below ``groups``.
    """
    codes = np.asarray(codes, dtype=np.int64)
    if codes.size and (codes.min() < -1 or codes.max() >= groups):
        raise ValueError(f"a group has a code outside of -1 to {groups - 1}")
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(groups + 1))
    for start, end in itertools.pairwise(ends):
        yield order[start:end]

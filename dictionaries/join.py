"""Joins the columns of two files of a dictionary by the texts of shared columns.

Datasets are joined by engine/columns/verbs.py; here are no records, subjects or findings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def joined_rows(left: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(row of the left side, row of the right side) of each pair with equal keys, in the order of the left rows.

    ``left``, ``right``: the key columns of each side, arrays of str. A left row without an equal one has one pair, with
    -1. A missing key equals none. Equal right rows keep their order.
    """
    n = len(left[0])
    codes = np.zeros(n + len(right[0]), dtype=np.int64)
    missing = np.zeros(len(codes), dtype=bool)
    for a, b in zip(left, right, strict=True):
        both = np.concatenate([a, b])
        found, unique = pd.factorize(both)
        codes, _ = pd.factorize(codes * len(unique) + found)
        missing |= both == ""
    of_left, of_right = codes[:n], codes[n:]
    usable = np.flatnonzero(~missing[n:])
    order = usable[np.argsort(of_right[usable], kind="stable")]
    counts = np.bincount(of_right[usable], minlength=int(codes.max(initial=0)) + 1)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    found = np.where(missing[:n], 0, counts[of_left])
    many = np.maximum(found, 1)
    rows = np.repeat(np.arange(n), many)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
    at = np.repeat(starts[of_left], many) + within
    none = np.repeat(found == 0, many)
    others = np.full(len(rows), -1)
    others[~none] = order[at[~none]]
    return rows, others

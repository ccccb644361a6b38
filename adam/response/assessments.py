"""The collected assessments of responses: their arrays, their order within a date, and findings on them.

Not for the confirmed response: confirmation.py and confirmation_table.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import EPOCH
from ...engine.derivations.environment import Environment

_UNIX = 719_163 - EPOCH  # 1970-01-01 as days since 1960-01-01


@dataclass(kw_only=True, frozen=True)
class Assessments:
    """The assessments as collected; one element per record. Days since 1960-01-01, NaN where missing.

    ``subject``: code of the subject. ``rank``: of the response among the levels. ``number``: the sequence number.
    ``start``, ``death``: day of the first dose and of the death, None where the spec names none.
    """

    subject: np.ndarray
    day: np.ndarray
    rank: np.ndarray
    number: np.ndarray
    start: np.ndarray | None
    death: np.ndarray | None

    def by_date(self, at: np.ndarray, preference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The records ``at`` by subject and date, the one that counts first; and where each date begins.

        ``preference``: the lowest counts; of equal ones the record with the lower sequence number.
        """
        whole = np.floor(self.day[at]).astype("int64")  # a time of day in a numeric date makes no other date
        keys = [self.subject[at], whole, preference[at], np.nan_to_num(self.number[at])]
        at = at[verbs.order_rows(keys)]
        first = np.ones(len(at), dtype=bool)
        then, who = np.floor(self.day[at]), self.subject[at]
        first[1:] = (who[1:] != who[:-1]) | (then[1:] != then[:-1])
        return at, first


class Reporter:
    """Findings on assessments: their value is the response with its date."""

    def __init__(self, env: Environment, label: pd.Series, day: np.ndarray):
        self.env, self.label, self.day = env, label, day

    def __call__(self, rule: str, where: np.ndarray, message: str, value: pd.Series | None = None) -> None:
        if not where.any():
            return
        shown = np.full(self.env.n, "", dtype=object)
        days = np.nan_to_num(self.day[where] - _UNIX).astype("int64").astype("datetime64[D]").astype(str).astype(object)
        texts = col.objects(self.label if value is None else value)[where]
        shown[where] = texts + np.where(np.isnan(self.day[where]), "", " on " + days)
        self.env.report(rule, where, message, value=shown)

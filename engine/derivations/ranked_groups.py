"""Groups of records that an order ranks, for rules over all records of a dataset: what a missing key means.

Not for the order of raw columns (ordering.py), nor for choosing a record (sequence.py, neighbours.py).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ...mappings.binding.bind import SpecModel
from ..columns import column as col
from ..columns import verbs
from ..columns.ties import Ranks
from .environment import Environment
from .ordering import in_order, record_key


class GroupedBy(SpecModel):
    """What a missing value of ``by:`` means."""

    missing_by: Literal["none", "group"] = Field(
        default="none",
        description="A record without a value of by: is in no group; group: a missing value is one like any other.",
    )

    def groups(self, env: Environment, by: tuple[str, ...]) -> np.ndarray:
        """The group of each record, -1 for none."""
        keys = [env.subject() if n == "USUBJID" else env.column(n, "by") for n in by]
        return verbs.key_codes(keys, missing_matches=self.missing_by == "group")[0]


class RankedBy(SpecModel):
    """Where records without a value of ``order:`` rank."""

    missing_order: Literal["first", "last"] = Field(
        default="first",
        description="Whether a record without a value of order: comes first, as in SAS, or last, as in R. In a "
        "descending order first means last.",
    )

    def ranks(self, env: Environment, names: tuple[str, ...], chosen: str = "first") -> Ranks:
        """The ranks of the records along ``names``. ``chosen``: the end of the order that is taken."""
        ranks = order_keys(env, names, chosen)
        if self.missing_order == "first":
            return ranks
        gone = [col.missing(env.column(n.lstrip("-"), "order")) for n in names]
        keys = [
            np.where(g, np.inf, r.astype("float64")) if g.any() else r for g, r in zip(gone, ranks.keys, strict=True)
        ]
        return Ranks(keys, ranks.dates)

    def ranked(self) -> str:
        """The end of a sentence about the order."""
        return " (missing values last)" if self.missing_order == "last" else ""


def order_keys(env: Environment, names: tuple[str, ...], chosen: str = "first") -> Ranks:
    """The ranks of the records along ``names``. ``chosen``: the end of the order that is taken."""
    keys = [record_key(env, n.lstrip("-"), "order") for n in names]
    return in_order(keys, [n.startswith("-") for n in names], chosen)

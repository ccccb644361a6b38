"""Records of a subject in the order of their dates: one ends where the next one starts; numbers follow the dates.

And the elements of a subject against those of the subject's arm.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.moments import after
from ..package import Package
from ..table import Table
from .kind import Check, Hit, Name, absent, register_check
from .other_records import matched


def _in_order(table: Table, *keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the records by subject and keys, where the next one is of the same subject); the last has no next one."""
    subject = table.keys(("USUBJID",))
    order = np.lexsort((*reversed(keys), subject))
    return order, np.append(subject[order][1:] == subject[order][:-1], False)


@register_check
class ChainCheck(Check):
    """A period of a subject ends where the next one starts; the last one may be open."""

    verb = "chain"

    chain: tuple[Name, Name] = Field(description="The variables with the start and the end.")

    def parts(self) -> frozenset[str]:
        return frozenset({"next"})

    def applies(self, table: Table) -> str:
        return absent(table, "USUBJID", *map(table.expanded, self.chain))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        start, end = map(table.expanded, self.chain)
        order, more = _in_order(table, col.ranks(table.columns[start]))
        one, following = order[:-1][more[:-1]], order[1:][more[:-1]]
        starts, ends = table.moments(start).take(following), table.moments(end).take(one)
        wrong = after(starts, ends) | after(ends, starts) | table.missing(end)[one]
        order = np.argsort(one[wrong], kind="stable")
        rows, shown = one[wrong][order], following[wrong][order]
        if len(rows):
            yield Hit(rows=rows, variable=end, parts={"next": col.objects(col.take(table.columns[start], shown))})


@register_check
class OrderedCheck(Check):
    """The numbers of the records of a subject follow their dates."""

    verb = "ordered"

    ordered: Name = Field(description="The variable with the numbers.")
    by_date: Name = Field(description="The variable with the dates.")

    def applies(self, table: Table) -> str:
        return absent(table, "USUBJID", table.expanded(self.ordered), table.expanded(self.by_date))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        number, date = table.expanded(self.ordered), table.expanded(self.by_date)
        order, more = _in_order(table, table.numbers(number))
        one, following = order[:-1][more[:-1]], order[1:][more[:-1]]
        dates = table.moments(date)
        rows = np.sort(following[after(dates.take(one), dates.take(following))])
        if len(rows):
            yield Hit(rows=rows, variable=number)


@register_check
class InArmCheck(Check):
    """An element of a subject is one of the subject's arm: the actual one, else the planned one."""

    verb = "in_arm"

    in_arm: tuple[Name, ...] = Field(description="The variables that agree with TA.")

    def applies(self, table: Table) -> str:
        subjects, arms = table.other("DM"), table.other("TA")
        if subjects is None or arms is None:
            return "DM or TA is not in the package"
        return (
            absent(table, "USUBJID", *self.in_arm) or absent(subjects, "ARMCD") or absent(arms, "ARMCD", *self.in_arm)
        )

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        arms = table.other("TA")
        assert arms is not None  # applies() has found it
        actual = col.objects(_arm(table, "ACTARMCD"))
        arm = np.where(actual == "", col.objects(_arm(table, "ARMCD")), actual)
        known = np.isin(arm, col.objects(arms.columns["ARMCD"]))
        at = np.flatnonzero(known & ~table.missing(self.in_arm[0]) & ~_unplanned(table))
        columns = {**table.columns, "": col.text_column(arm)}
        found = matched(columns, at, arms.columns, np.arange(arms.n), [("", "ARMCD"), *((n, n) for n in self.in_arm)])
        rows = at[~found]
        if len(rows):
            yield Hit(rows=rows, variable=self.in_arm[0])


def _arm(table: Table, name: str) -> pd.Series:
    subjects = table.other("DM")
    if subjects is None or name not in subjects.names:
        return col.constant("", table.n)
    return col.take(subjects.columns[name], table.positions("DM"))


def _unplanned(table: Table) -> np.ndarray:
    found = table.where("ETCD", lambda t: t == "UNPLAN") if "ETCD" in table.names else None
    return found if found is not None else np.zeros(table.n, dtype=bool)

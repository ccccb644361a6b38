"""The value of the record before or after each record, in an order of its group.

Not for the first or last record of a group (sequence.py), nor for records of another table (from_other_records.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..columns import verbs
from ..columns.ties import Tie, neighbours_by_dates
from ..expressions.sentence import condition_sentence, plain
from .derivation import Derivation, Derived
from .environment import Environment
from .ranked_groups import GroupedBy, RankedBy
from .sequence import shared_places
from .tie_findings import report_tie


class Neighbour(Derivation, GroupedBy, RankedBy):
    """Base of previous and next: the record so many places before or after each record of its group."""

    whole = True

    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    order: tuple[str, ...] = Field(description="Variables that order the group; - before a name: descending.")
    where: Condition | None = Field(
        default=None, description="Only records where this holds are passed or taken; every record gets a value."
    )
    places: int = Field(default=1, description="How many records before or after it.", ge=1)
    ties: Literal["ordered", "together"] = Field(
        default="ordered",
        description="Records that rank alike. ordered: one comes before the other, by all their values, with a "
        "finding; together: none of them is before or after the others.",
    )

    def taken(self) -> str:
        raise NotImplementedError(self.verb)  # each verb names its field

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        return is_number(self.taken())

    def reads(self) -> Iterator[tuple[str, str]]:
        yield self.verb, self.taken()
        for name in self.by:
            yield "by", name
        for name in self.order:
            yield "order", name.lstrip("-")

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.where is not None:
            yield "where", self.where

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        which = self.verb if self.places == 1 else f"{self.places} records {_SIDE[self.verb]}"
        record = f"the {which} record" if self.places == 1 else f"the record {which} it"
        where = f" among records where {plain(self.where, words)}" if self.where else ""
        alike = ", which does not rank like it" if self.ties == "together" else ""
        return (
            f"{target} is {words.name(self.taken())} of {record} by {words.order(self.order)}{self.ranked()} within "
            f"{words.names(self.by)}{where}{alike}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        values = env.column(self.taken(), self.verb)
        groups = self.groups(env, self.by)
        ranks = self.ranks(env, self.order)
        order = verbs.order_rows([groups, *ranks.keys])
        usable = np.ones(env.n, dtype=bool) if self.where is None else env.condition(self.where, "where")
        usable &= groups >= 0
        places = shared_places([groups, *ranks.keys], order)
        together = places if self.ties == "together" else None
        rows = _neighbours(groups, order, usable, self.places if self.verb == "next" else -self.places, together)
        for tie in neighbours_by_dates(order, np.where(usable, groups, -1), ranks):
            env.build.note_flag_tie(env, tie, ", ".join(self.order), "order")
        differing, names = _ties(places, order, usable).different({self.taken(): values})
        if self.ties == "ordered":
            alike = _ties(places, order, groups >= 0)
            unlike, _ = alike.different({"": col.take(values, rows)})
            new = ~np.isin(unlike.chosen, differing.chosen)  # the others have the finding below
            env.build.note_flag_tie(env, Tie(unlike.rows[new], unlike.chosen[new]), ", ".join(self.order), "order")
        start = sum(env.build.rows(b).n for b in range(env.block or 0))  # rows of a block follow those of earlier ones
        table = env.build.study.table(env.dataset, env.build, None)
        of_dataset = Tie(differing.rows + start, differing.chosen + start)
        here = np.arange(start, start + env.n)
        report_tie(env, table, here, of_dataset, ranked=", ".join(self.order), differing=names, which="order")
        return Derived(col.take(values, rows), (table, np.where(rows < 0, -1, rows + start)), (self.taken(),))


_SIDE = {"previous": "before", "next": "after"}


def _neighbours(
    groups: np.ndarray, order: np.ndarray, usable: np.ndarray, distance: int, together: np.ndarray | None = None
) -> np.ndarray:
    """For each record the usable record ``distance`` places on in its group (below 0: back); -1 for none.

    ``order``: positions of the records, group by group. A record that is not usable has a place between usable ones.
    ``together``: the place of each record, where those of one place are none before or after the others.
    """
    before = np.cumsum(usable[order])  # usable records up to each place, itself included
    line = order[usable[order]]
    wanted = before - 1 + distance + (~usable[order] & (distance < 0))
    if together is not None:
        shared = together[order]
        at = np.searchsorted(shared, shared, "left" if distance < 0 else "right")
        wanted = np.append(0, before)[at] + distance - (distance > 0)
    inside = (wanted >= 0) & (wanted < len(line))
    found = np.where(inside, line[np.where(inside, wanted, 0)] if len(line) else -1, -1)
    found = np.where((found >= 0) & (groups[found] == groups[order]) & (groups[order] >= 0), found, -1)
    out = np.full(len(order), -1, dtype="int64")
    out[order] = found
    return out


def _ties(places: np.ndarray, order: np.ndarray, usable: np.ndarray) -> Tie:
    """Usable records at the place of an earlier one; ``chosen``: the first one at the place."""
    line = order[usable[order]]
    first = col.first_positions(places[line], int(places.max(initial=0)) + 1)
    chosen = line[first[places[line]]] if len(line) else line
    again = chosen != line
    return Tie(line[again], chosen[again])


@register
class Previous(Neighbour):
    """The value of the record before each record of its group, along an order; missing for the first one.

    Records that rank alike, and differ in their values or in what the rule gives them, are a finding: all values of the
    records order them. ties: together takes no record that ranks alike.
    """

    verb: ClassVar[str] = "previous"
    example = Example(
        rule="{previous: AETERM, by: [USUBJID], order: [AESTDTC], label: Event Before}",
        rows={
            "SUBJ": ["01", "01", "01", "02"],
            "TERM": ["Rash", "Fever", "Cough", "Rash"],
            "DAY": ["2020-03-29", "2020-03-01", "2020-04-02", "2020-05-02"],
        },
        gives=["Fever", "", "Rash", ""],
        variable="AEBEFORE",
        setting="AETERM: TERM\nAESTDTC: {date: DAY}",
    )

    previous: str = Field(description="The variable whose value is taken.")

    def taken(self) -> str:
        return self.previous


@register
class Next(Neighbour):
    """The value of the record after each record of its group, along an order; missing for the last one.

    Records that rank alike, and differ in their values or in what the rule gives them, are a finding: all values of the
    records order them. ties: together takes no record that ranks alike.
    """

    verb: ClassVar[str] = "next"
    example = Example(
        rule="{next: EXSTDTC, by: [USUBJID], order: [EXSTDTC], label: Start of Next Dose}",
        rows={"DAY": ["2020-03-29", "2020-03-01", "2020-04-12"]},
        gives=["2020-04-12", "2020-03-29", ""],
        dataset="EX",
        variable="NEXTDTC",
        setting="EXSTDTC: {date: DAY}",
    )

    next: str = Field(description="The variable whose value is taken.")

    def taken(self) -> str:
        return self.next

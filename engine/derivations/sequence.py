"""Derivations over all records of a dataset: sequence numbers, and flags on the first or last record of a group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..columns import verbs
from ..columns.ties import ties_of
from ..expressions.sentence import plain
from .derivation import Derivation, Derived
from .environment import Environment
from .ranked_groups import GroupedBy, RankedBy, order_keys
from .units import report_ranked_units


@register
class Sequence(Derivation, RankedBy):
    """1, 2, 3 ... within the subject, along the given variables, then by all values of the records (docs/order.md)."""

    verb: ClassVar[str] = "sequence"
    whole = True
    numbers = True
    example = Example(
        rule="{sequence: [AESTDTC]}",
        rows={"SUBJ": ["01", "01", "02", "02"], "DAY": ["2020-03-29", "2020-03-01", "2020-05-02", "2020-05-02"]},
        gives=["2", "1", "1", "2"],
        variable="AESEQ",
        setting="AESTDTC: {date: DAY}",
    )

    sequence: tuple[str, ...] = Field(description="Variables that order the records; - before a name: descending.")
    within: tuple[str, ...] = Field(
        default=(),
        description="Variables within which the numbers start at 1 again, beside the subject. Records of no subject "
        "need them.",
    )

    def gives(self) -> str:
        return "integer"

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.sequence:
            yield "sequence", name.lstrip("-")
        for name in self.within:
            yield "within", name

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        along = (
            f" along {words.order(self.sequence)}{self.ranked()}"
            if self.sequence
            else " in the order of all their values"
        )
        of = f" with the same {words.names(self.within)}" if self.within else " of a subject"
        return f"{target} numbers the records{of} from 1{along}."

    def derive(self, env: Environment) -> Derived:
        keys = [] if self.within and not env.has_subject else [env.subject()]
        (groups,) = verbs.key_codes([*keys, *(env.column(n, "within") for n in self.within)])
        order = verbs.order_rows([groups, *self.ranks(env, self.sequence).keys])
        return Derived(col.series(verbs.number_within(groups, order)))


@register
class Flag(Derivation, GroupedBy, RankedBy):
    """Y on the first or last record of each group, missing on the others."""

    verb: ClassVar[str] = "flag"
    whole = True
    example = Example(
        rule="{flag: first, by: [USUBJID, AEDECOD], order: [AESTDTC], where: not missing(AESTDTC), label: First}",
        rows={
            "TERM": ["Rash", "Rash", "Fever", "Fever"],
            "DAY": ["2020-03-29", "2020-03-01", "", "2020-05-02"],
        },
        gives=["", "Y", "", "Y"],
        variable="AEOCCFL",
        setting="AEDECOD: TERM\nAESTDTC: {date: DAY}",
    )

    flag: str = Field(description="first or last")
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    order: tuple[str, ...] = Field(description="Variables that order the group; - before a name: descending.")
    where: Condition | None = Field(default=None, description="Only records where this holds can be flagged.")
    ties: Literal["one", "all"] = Field(
        default="one",
        description="Records that rank like the first or last one. one: all values choose one of them, with a finding; "
        "all: each is flagged.",
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.flag not in ("first", "last"):
            yield "flag", f"'{self.flag}' is not first or last"

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.by:
            yield "by", name
        for name in self.order:
            yield "order", name.lstrip("-")

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.where is not None:
            yield "where", self.where

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        among = f" where {plain(self.where, words)}" if self.where else ""
        order, by = words.order(self.order), words.names(self.by)
        alike = ", and on each that ranks like it" if self.ties == "all" else ""
        return f"{target} is 'Y' on the {self.flag} record by {order}{self.ranked()} within {by}{among}{alike}."

    def derive(self, env: Environment) -> Derived:
        groups = self.groups(env, self.by)
        if self.where is not None:
            groups = np.where(env.condition(self.where, "where"), groups, -1)
        groups = report_ranked_units(env, self.order, groups)
        ranks = self.ranks(env, self.order, self.flag)
        order = verbs.order_rows([groups, *ranks.keys])
        picked = verbs.pick_per_group(groups, int(groups.max(initial=-1)) + 1, order, self.flag)
        ties = ties_of(groups, picked, ranks)
        flagged = np.zeros(env.n, dtype="int8")
        flagged[picked[picked >= 0]] = 1
        if self.ties == "all":
            flagged[ties.pop(0).rows] = 1
        for tie in ties:
            env.build.note_flag_tie(env, tie, ", ".join(self.order), self.flag)
        return Derived(col.join_text(flagged, ["", "Y"]))


@register
class FlagUpTo(Derivation, GroupedBy):
    """Y on the records of each group up to and including the first one where a condition holds; on all where none does.

    A record with the same order values as that first one is flagged too, such as one of the day of a progression.
    """

    verb: ClassVar[str] = "flag_up_to"
    whole = True
    example = Example(
        rule="{flag_up_to: \"AEOUT == 'FATAL'\", order: [AESTDTC], label: Up to the First Fatal Event}",
        rows={
            "SUBJ": ["01", "01", "01", "02", "02"],
            "OUT": ["FATAL", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN"],
            "DAY": ["2020-03-02", "2020-03-01", "2020-03-03", "2020-05-02", ""],
        },
        gives=["Y", "Y", "", "Y", ""],
        variable="AEOCCFL",
        setting="AEOUT: OUT\nAESTDTC: {date: DAY}",
    )

    flag_up_to: Condition = Field(description="The condition; the first record that meets it is the last flagged one.")
    by: tuple[str, ...] = Field(default=("USUBJID",), description="Variables that form the group.")
    order: tuple[str, ...] = Field(description="Variables that order the group; a record without one is not flagged.")
    where: Condition | None = Field(default=None, description="Only records where this holds count and can be flagged.")
    inclusive: bool = Field(
        default=True, description="false: the first record that meets the condition is not flagged, nor one like it."
    )
    after: bool = Field(
        default=False,
        description="true: the records from the first one on are flagged, not those up to it; none without one.",
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        for name in self.by:
            yield "by", name
        for name in self.order:
            yield "order", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        yield "flag_up_to", self.flag_up_to
        if self.where is not None:
            yield "where", self.where

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        among = f", among records where {plain(self.where, words)}" if self.where else ""
        upto = {
            (True, False): "up to and including",
            (False, False): "before",
            (True, True): "from",
            (False, True): "after",
        }
        return (
            f"{target} is 'Y' on the records by {words.order(self.order)} within {words.names(self.by)} "
            f"{upto[self.inclusive, self.after]} the first one where {plain(self.flag_up_to, words)}{among}."
        )

    def derive(self, env: Environment) -> Derived:
        groups = self.groups(env, self.by)
        if self.where is not None:
            groups = np.where(env.condition(self.where, "where"), groups, -1)
        for name in self.order:
            groups = np.where(col.missing(env.column(name, "order")), -1, groups)
        ranks = order_keys(env, self.order)
        order = verbs.order_rows([groups, *ranks.keys])
        places = shared_places([groups, *ranks.keys], order)
        met = np.where(env.condition(self.flag_up_to, "flag_up_to"), groups, -1)
        first = verbs.pick_per_group(met, int(groups.max(initial=-1)) + 1, order, "first")
        for tie in ties_of(groups, first, ranks)[1:]:
            env.build.note_flag_tie(env, tie, ", ".join(self.order), "order")
        edge = np.append(np.where(first >= 0, places[first] if env.n else 0, env.n + 1), 0)[
            groups
        ]  # group -1: no group
        if self.after:
            flagged = places >= edge if self.inclusive else places > edge
        else:
            flagged = places <= edge if self.inclusive else places < edge
        return Derived(col.join_text(((groups >= 0) & flagged).astype("int8"), ["", "Y"]))


def shared_places(keys: list[np.ndarray], order: np.ndarray) -> np.ndarray:
    """The place of each record along the order, from 1; records with equal keys have the same place.

    ``order``: positions of the records along the keys.
    """
    differs = np.zeros(len(order), dtype=bool)  # from the record before it along the order
    differs[:1] = True
    for key in keys:
        ranks = key[order]
        differs[1:] |= ranks[1:] != ranks[:-1]
    places = np.empty(len(order), dtype="int64")
    places[order] = np.cumsum(differs)
    return places

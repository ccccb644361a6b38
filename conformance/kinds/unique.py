"""Records that repeat: unique keys, one value for each group, one record for each subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...mappings.binding.bind import SpecModel
from ..package import Package
from ..table import Table
from .expression import Condition, checked, missing_names, true
from .kind import Check, Hit, Name, absent, register_check, rows_of
from .other_records import matched


class OtherRecords(SpecModel):
    """Records of another dataset, and the variables by which a record here is one of them."""

    dataset: str = Field(description="The other dataset.")
    by: tuple[Name, ...] = Field(description="The variables that agree.", min_length=1)
    where: Condition | None = Field(default=None, description="Records there that count.")


@register_check
class UniqueCheck(Check):
    """No two records have the same values of some variables; the later one is the finding."""

    verb = "unique"

    unique: tuple[Name, ...] = Field(description="The variables.", min_length=1)
    optional: tuple[Name, ...] = Field(default=(), description="Further ones, where the dataset has them.")
    shows: Name | None = Field(default=None, description="The variable whose value is shown; by default the last.")
    when: Condition | None = Field(default=None, description="Only among the records that meet this.")
    filled: bool = Field(default=True, description="Records that lack one of unique: are not compared.")
    among: OtherRecords | None = Field(default=None, description="Only records that another dataset lists.")

    @model_validator(mode="after")
    def _readable(self) -> UniqueCheck:
        checked({"when": self.when, "among": self.among.where if self.among is not None else None})
        return self

    def parts(self) -> frozenset[str]:
        return frozenset({"keys"})

    def applies(self, table: Table) -> str:
        reason = absent(table, *map(table.expanded, self.unique)) or missing_names(table, (self.when,))
        if reason or self.among is None:
            return reason
        other = table.other(self.among.dataset)
        if other is None:
            return f"{self.among.dataset} is not in the package"
        by = self.among.by
        return absent(table, *by) or absent(other, *by) or missing_names(other, (self.among.where,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        names = [table.expanded(n) for n in self.unique]
        keys = [*names, *(n for n in map(table.expanded, self.optional) if n in table.names)]
        among = true(table, self.when)
        if among is not None and self.among is not None:
            among = among & self._listed(table, self.among)
        if among is None:
            return
        whole = self.when is None and self.among is None
        at = rows_of(repeated(table, keys, names if self.filled else (), None if whole else among))
        if at is not None:
            shown = table.expanded(self.shows) if self.shows else names[-1]
            yield Hit(rows=at, variable=shown, parts={"keys": ", ".join(keys)})

    @staticmethod
    def _listed(table: Table, of: OtherRecords) -> np.ndarray:
        """The records that the other dataset lists."""
        other = table.other(of.dataset)
        assert other is not None  # applies() has found it
        theirs = true(other, of.where)
        there = np.flatnonzero(theirs) if theirs is not None else np.zeros(0, dtype="int64")
        return matched(table.columns, np.arange(table.n), other.columns, there, [(n, n) for n in of.by])


def repeated(
    table: Table, keys: Sequence[str], filled: Sequence[str] = (), among: np.ndarray | None = None
) -> np.ndarray:
    """Where an earlier record, among those of the mask, has the same keys; records without one of ``filled`` never."""
    codes = table.keys(keys)
    if among is None:
        again = verbs.has_earlier(codes)
    else:
        at = np.flatnonzero(among)
        again = np.zeros(table.n, dtype=bool)
        again[at] = verbs.has_earlier(codes[at])
    for name in filled if again.any() else ():
        again &= ~table.missing(name)
    return again


@register_check
class NaturalKeysCheck(Check):
    """The keys that the metadata of a dataset declare identify each record."""

    verb = "declared_keys"

    declared_keys: bool = Field(description="true: the dataset numbers its records and the number is no key.")

    def parts(self) -> frozenset[str]:
        return frozenset({"keys"})

    def applies(self, table: Table) -> str:
        spec = table.dataset.metadata
        numbered = bool(spec.sequence) and spec.sequence not in spec.keys
        if not any(k in table.names for k in spec.keys):
            return f"the keys of {table.name} are not known"
        return "" if numbered == self.declared_keys else f"{table.name} has keys of another kind"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        keys = [k for k in table.dataset.metadata.keys if k in table.names]
        at = rows_of(repeated(table, keys))
        if at is not None:
            yield Hit(rows=at, parts={"keys": ", ".join(keys)})


@register_check
class OneValueCheck(Check):
    """All records of a group have one value. The records with the rarer values are the findings."""

    verb = "one_value"

    one_value: Name = Field(description="The variable.")
    per: tuple[Name, ...] = Field(default=(), description="The variables that make a group; none: the dataset.")
    optional: tuple[Name, ...] = Field(default=(), description="Further ones, where the dataset has them.")
    when: Condition | None = Field(default=None, description="Only among the records that meet this.")

    @model_validator(mode="after")
    def _readable(self) -> OneValueCheck:
        checked({"when": self.when})
        return self

    def parts(self) -> frozenset[str]:
        return frozenset({"usual", "group"})

    def applies(self, table: Table) -> str:
        names = (self.one_value, *self.per)
        return absent(table, *map(table.expanded, names)) or missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        name = table.expanded(self.one_value)
        per = [table.expanded(n) for n in self.per]
        groups = [*per, *(n for n in map(table.expanded, self.optional) if n in table.names)]
        found = unlike(table, name, groups, per, self.when)
        if found is not None:
            rows, usual = found
            yield Hit(rows=rows, variable=name, parts={"usual": usual, "group": ", ".join(groups)})


def unlike(
    table: Table, name: str, groups: Sequence[str], filled: Sequence[str], when: str | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """(records whose value is not the usual one of their group, the usual value of each); None without one.

    The usual value is the most frequent; of two that are as frequent, the first in the alphabet. Records without the
    value, or without one of ``filled``, do not count.
    """
    column = table.columns[name]
    by = table.keys(groups) if groups else np.zeros(table.n, dtype="int64")
    if when is None and col.is_number(column):
        there = ~table.missing(name)
        for n in filled:
            there &= ~table.missing(n)
        if _all_alike(column.to_numpy()[there], by[there]):  # most numbers are, and their texts take long
            return None
    codes, texts = col.split_text(col.as_text(column))
    pair, size = col.combined([(by, int(by.max(initial=0)) + 1), (codes, max(len(texts), 1))], table.n)
    first = col.first_positions(pair, size)
    first = first[first >= 0]  # one record for each pair that occurs
    use = texts[codes[first]] != ""
    for n in filled:
        use &= ~table.missing(n)[first]
    candidates = first[use]
    if len(np.unique(by[candidates])) == len(candidates) and when is None:
        return None
    among = true(table, when)
    if among is None:
        return None
    count = np.bincount(pair[among] if when is not None else pair, minlength=size)
    candidates = candidates[count[pair[candidates]] > 0]
    order = np.lexsort((_ranks(texts)[codes[candidates]], -count[pair[candidates]], by[candidates]))
    best = candidates[order]
    leads = np.append(True, by[best][1:] != by[best][:-1]) if len(best) else np.zeros(0, dtype=bool)
    if leads.all():
        return None
    usual = pd.Series(codes[best[leads]], index=by[best[leads]])
    odd = np.zeros(size, dtype=bool)
    odd[pair[best[~leads]]] = True
    rows = np.flatnonzero(odd[pair] & among)
    return (rows, texts[usual.reindex(by[rows]).to_numpy()]) if len(rows) else None


def _all_alike(values: np.ndarray, groups: np.ndarray) -> bool:
    """Whether all values of each group are equal."""
    first = col.first_positions(groups, int(groups.max(initial=0)) + 1)
    return bool((values == values[first[groups]]).all())


def _ranks(texts: np.ndarray) -> np.ndarray:
    rank = np.empty(len(texts), dtype="int64")
    rank[np.argsort(texts.astype(str), kind="stable")] = np.arange(len(texts))
    return rank


@register_check
class OneRecordCheck(Check):
    """A dataset whose structure is one record per subject has one."""

    verb = "one_record_per_subject"

    one_record_per_subject: tuple[str, ...] = Field(description="Datasets that have this structure in any case.")

    def applies(self, table: Table) -> str:
        structure = table.dataset.metadata.structure.lower().strip().rstrip(".")
        if table.name not in self.one_record_per_subject and structure != "one record per subject":
            return f"{table.name} may have several records of a subject"
        return absent(table, "USUBJID")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        at = rows_of(repeated(table, ["USUBJID"], ["USUBJID"]))
        if at is not None:
            yield Hit(rows=at, variable="USUBJID")


@register_check
class OneToOneCheck(Check):
    """Each value of a variable goes with one value of another, and the other way. Rarer pairs are the findings."""

    verb = "one_to_one"

    one_to_one: tuple[Name, Name] = Field(description="The two variables.")
    per: tuple[Name, ...] = Field(default=(), description="Only within groups of these, where the dataset has them.")
    when: Condition | None = Field(default=None, description="Only among the records that meet this.")

    @model_validator(mode="after")
    def _readable(self) -> OneToOneCheck:
        checked({"when": self.when})
        return self

    def parts(self) -> frozenset[str]:
        return frozenset({"usual", "other"})

    def applies(self, table: Table) -> str:
        return absent(table, *map(table.expanded, self.one_to_one)) or missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        one, other = map(table.expanded, self.one_to_one)
        per = [n for n in map(table.expanded, self.per) if n in table.names]
        found = unlike(table, other, [*per, one], [one], self.when)
        reported = np.zeros(table.n, dtype=bool)
        if found is not None:
            yield Hit(rows=found[0], variable=other, parts={"usual": found[1], "other": one})
            reported[found[0]] = True
        back = unlike(table, one, [*per, other], [other], self.when)
        if back is not None:  # a record of an odd pair is one finding
            new = ~reported[back[0]]
            if new.any():
                yield Hit(rows=back[0][new], variable=one, parts={"usual": back[1][new], "other": other})


@register_check
class RepeatedRecordCheck(Check):
    """A record differs from an earlier one in its sequence number alone."""

    verb = "repeated_record"

    repeated_record: Name = Field(description="The variable that numbers the records.")

    def applies(self, table: Table) -> str:
        return absent(table, table.expanded(self.repeated_record))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        number = table.expanded(self.repeated_record)
        at = rows_of(repeated(table, [n for n in table.columns if n != number]))
        if at is not None:
            yield Hit(rows=at, variable=number)

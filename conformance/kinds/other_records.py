"""A record beside the records of other datasets: one that must be there or may not be, and the first or last date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import Moments, after, before, moments
from ..package import Package
from ..table import Inapplicable, Table
from .expression import Condition, checked, missing_names, true
from .kind import Check, Hit, Name, absent, register_check

#: variable -> its column
Columns = Mapping[str, pd.Series]


@register_check
class RecordInCheck(Check):
    """Another dataset has a record, or has none, with the same values of some variables."""

    verb = "record_in"

    record_in: str = Field(description="The other dataset.")
    by: Mapping[Name, Name] | tuple[Name, ...] = Field(
        description="The variables that agree: names, or those here -> those there."
    )
    must: bool = Field(default=True, description="false: the other dataset may have no such record.")
    when: Condition | None = Field(default=None, description="Records here that the check is about.")
    where: Condition | None = Field(default=None, description="Records there that count.")
    shows: Name | None = Field(
        default=None, description="The variable whose value is shown; by default the last of by."
    )
    filled: bool = Field(default=True, description="Records here that lack one of by: are not judged.")
    known: tuple[Name, ...] = Field(
        default=(), description="Only records that share these of by: with a record there, whatever the others are."
    )
    absent: Literal["finds", "not applicable"] = Field(
        default="not applicable",
        description="finds: without the other dataset, in a whole package, no record is there.",
    )
    optional: tuple[Name, ...] = Field(default=(), description="Variables that count as empty if they are absent.")

    @model_validator(mode="after")
    def _readable(self) -> RecordInCheck:
        checked({"when": self.when, "where": self.where})
        return self

    def _pairs(self, table: Table, other: Table) -> list[tuple[str, str]]:
        pairs = self.by.items() if isinstance(self.by, Mapping) else [(n, n) for n in self.by]
        return [(table.expanded(a), other.expanded(b)) for a, b in pairs]

    def applies(self, table: Table) -> str:
        other = table.other(self.record_in)
        if other is None and self.absent != "finds":
            return f"{self.record_in} is not in the package"
        pairs = self._pairs(table, other or table)
        shown = [table.expanded(self.shows)] if self.shows else []
        reason = absent(table, *(a for a, _ in pairs), *shown) or missing_names(table, (self.when,), self.optional)
        if reason or other is None:
            return reason
        return absent(other, *(b for _, b in pairs)) or missing_names(other, (self.where,), self.optional)

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        other = table.other(self.record_in)
        if other is None and not package.complete:
            raise Inapplicable(f"{self.record_in} is not in the package")
        mine = true(table, self.when)
        if mine is None:
            return
        pairs = self._pairs(table, other or table)
        for name, _ in pairs if self.filled else ():
            mine = mine & ~table.missing(name)
        at = np.flatnonzero(mine)
        shown = table.expanded(self.shows) if self.shows else pairs[-1][0]
        if other is None:
            if len(at):
                yield Hit(rows=at, variable=shown)
            return
        theirs = true(other, self.where)
        there = np.flatnonzero(theirs) if theirs is not None else at[:0]
        if self.known:
            wanted = set(map(table.expanded, self.known))
            at = at[matched(table.columns, at, other.columns, there, [p for p in pairs if p[0] in wanted])]
        found = matched(table.columns, at, other.columns, there, pairs)
        rows = at[found != self.must]
        if len(rows):
            yield Hit(rows=rows, variable=shown)


def matched(
    here: Columns, at: np.ndarray, others: Columns, there: np.ndarray, pairs: Sequence[tuple[str, str]]
) -> np.ndarray:
    """Whether one of the records ``there`` has the values of each record ``at``; missing equals missing."""
    if not len(there):
        return np.zeros(len(at), dtype=bool)
    mine = [col.take(here[a], at) for a, _ in pairs]
    theirs = [col.take(others[b], there) for _, b in pairs]
    wanted, known = verbs.key_codes(mine, theirs, missing_matches=True)
    seen = np.zeros(int(max(wanted.max(initial=-1), known.max(initial=-1))) + 1, dtype=bool)
    seen[known] = True
    return seen[wanted] if len(wanted) else np.zeros(0, dtype=bool)


@register_check
class ExtremeCheck(Check):
    """A date of a subject agrees with the first or the last date of other records of the subject."""

    verb = "extreme"

    extreme: Literal["first", "last"] = Field(description="Which of the dates.")
    variable: Name = Field(description="The variable that is compared with it.")
    of: Mapping[str, tuple[Name, ...]] = Field(description="Dataset -> its variables with the dates.", min_length=1)
    where: Condition | None = Field(default=None, description="Records there that count.")
    when: Condition | None = Field(default=None, description="Records here that the check is about.")
    is_: Literal["equal", "not_before", "not_after"] = Field(
        default="equal", alias="is", description="What the variable is to that date."
    )

    @model_validator(mode="after")
    def _readable(self) -> ExtremeCheck:
        checked({"when": self.when, "where": self.where})
        return self

    def parts(self) -> frozenset[str]:
        return frozenset({"date", "origin"})

    def applies(self, table: Table) -> str:
        reason = absent(table, "USUBJID", table.expanded(self.variable)) or missing_names(table, (self.when,))
        for name, variables in () if reason else self.of.items():
            other = table.other(name)
            if other is None:
                return f"{name} is not in the package"
            reason = absent(other, "USUBJID", *variables) or missing_names(other, (self.where,))
            if reason:
                return reason
        return reason

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        mine = true(table, self.when)
        found = self._dates(table)
        if mine is None or found is None:
            return
        texts, theirs = found
        name = table.expanded(self.variable)
        dates = table.moments(name)
        late, early = after(dates, theirs), before(dates, theirs)
        wrong = {"equal": late | early, "not_before": early, "not_after": late}[self.is_]
        rows = np.flatnonzero(wrong & mine)
        if len(rows):
            origin = ", ".join(f"{d}.{v}" for d, variables in self.of.items() for v in variables)
            yield Hit(rows=rows, variable=name, parts={"date": texts[rows], "origin": origin})

    def _dates(self, table: Table) -> tuple[np.ndarray, Moments] | None:
        """(text, moments) of the first or last date of each record's subject."""
        subjects, dates = [], []
        for dataset, variables in self.of.items():
            other = table.other(dataset)
            among = true(other, self.where) if other is not None else None
            if other is None or among is None:
                continue
            for variable in variables:
                at = np.flatnonzero(among & ~other.missing(variable))
                subjects.append(col.take(other.columns["USUBJID"], at))
                dates.append(col.as_text(col.take(other.columns[variable], at)))
        if not subjects:
            return None
        subject, date = col.concat(subjects), col.concat(dates)
        first = _first(subject, date, last=self.extreme == "last")
        where = verbs.rows_of_texts(table.texts("USUBJID")[1], col.take(subject, first))[table.texts("USUBJID")[0]]
        chosen = col.take(col.take(date, first), where)
        return col.objects(chosen), moments(chosen)


def _first(subject: pd.Series, date: pd.Series, *, last: bool) -> np.ndarray:
    """The position of the first or last complete date of each subject."""
    found = moments(date)
    codes = col.split_text(subject)[0]
    known = np.flatnonzero(found.day)
    order = known[np.lexsort((found.first[known], codes[known]))]
    if last:
        order = order[::-1]
    leads = np.append(True, codes[order][1:] != codes[order][:-1]) if len(order) else np.zeros(0, dtype=bool)
    return order[leads]


@register_check
class ObjectCheck(Check):
    """An object of a finding is the text of an event or intervention of the subject, in capitals or not."""

    verb = "object_known"

    object_known: Name = Field(description="The variable with the object.")

    def applies(self, table: Table) -> str:
        if not self._named(table):
            return "the package has no event and no intervention"
        return absent(table, "USUBJID", table.expanded(self.object_known))

    def _named(self, table: Table) -> list[tuple[Table, str]]:
        found = []
        for domain in ("AE", "CE", "MH", "CM", "EX", "EC", "PR", "SU", "AG", "ML", "DS", "HO", "BE", "DV"):
            other = table.other(domain)
            for end in ("TERM", "TRT", "DECOD", "CAT") if other is not None else ():
                if other is not None and domain + end in other.names and "USUBJID" in other.names:
                    found.append((other, domain + end))
        return found

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        name, places = table.expanded(self.object_known), self._named(table)
        at = np.flatnonzero(~table.missing(name))
        mine = {"subject": table.columns["USUBJID"], "text": col.map_text(table.columns[name], str.upper)}
        theirs = {
            "subject": col.concat([t.columns["USUBJID"] for t, _ in places]),
            "text": col.concat([col.map_text(t.columns[n], str.upper) for t, n in places]),
        }
        pairs = [("subject", "subject"), ("text", "text")]
        rows = at[~matched(mine, at, theirs, np.arange(len(theirs["text"])), pairs)]
        if len(rows):
            yield Hit(rows=rows, variable=name)

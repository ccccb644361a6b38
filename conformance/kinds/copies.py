"""Values that a dataset copies: those of its subject in DM or ADSL, and those of the source record that it numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ...engine.columns import column as col
from ...engine.columns import verbs
from ..package import Package
from ..table import Table
from .expression import Condition, checked, missing_names, true
from .kind import Check, Hit, Name, absent, register_check
from .results import differs
from .stars import StarName, matches

#: variables that number or identify and whose equality other rules check
_IDENTIFIERS = frozenset({"STUDYID", "USUBJID", "DOMAIN", "RDOMAIN"})


@register_check
class SubjectCopyCheck(Check):
    """A variable that the dataset shares with the dataset of subjects has the subject's value in each record."""

    verb = "copied_from"

    copied_from: Literal["DM", "ADSL"] = Field(description="The dataset with one record for each subject.")
    variables: tuple[Name, ...] = Field(default=("*",), description="The variables, by default all that both have.")
    not_variables: tuple[Name, ...] = Field(default=(), description="Variables that the check is not about.")

    def parts(self) -> frozenset[str]:
        return frozenset({"expected"})

    def _shared(self, table: Table) -> list[str]:
        other = table.other(self.copied_from)
        if other is None or other is table:
            return []
        excluded = _IDENTIFIERS | {n for p in self.not_variables for n in table.matching(p)}
        names = dict.fromkeys(n for p in self.variables for n in table.matching(p))
        same = [n for n in names if n in other.names and n not in excluded]
        return [n for n in same if table.is_number(n) == other.is_number(n)]

    def applies(self, table: Table) -> str:
        other = table.other(self.copied_from)
        if other is None:
            return f"{self.copied_from} is not in the package"
        if table.name == self.copied_from:
            return f"{table.name} is that dataset"
        reason = absent(table, "USUBJID") or absent(other, "USUBJID")
        return reason or ("" if self._shared(table) else f"{table.name} and {other.name} share no variable")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        other = table.other(self.copied_from)
        assert other is not None  # applies() has found it
        at = table.positions(self.copied_from)
        known = np.flatnonzero(at >= 0)
        for name in self._shared(table):
            found = unequal(table, name, known, other, name, at[known])
            if found is not None:
                rows, expected = found
                yield Hit(rows=rows, variable=name, parts={"expected": expected})


def unequal(
    table: Table, name: str, rows: np.ndarray, other: Table, theirs: str, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """(records among ``rows`` whose value is not that of ``theirs`` in the other table's record ``at``, its values).

    A missing value differs from any other. None where all are equal.
    """
    if table.is_number(name):
        mine, expected = table.numbers(name)[rows], other.numbers(theirs)[at]
        wrong = differs(expected, mine) | (np.isnan(expected) != np.isnan(mine))
        if not wrong.any():
            return None
        return rows[wrong], col.objects(expected[wrong])
    codes, texts = table.texts(name)
    others, known = other.texts(theirs)
    number = {t: i for i, t in enumerate(texts)}
    same = np.array([number.get(t, -1) for t in known], dtype="int64")
    if not len(known):
        return None
    wrong = same[others[at]] != codes[rows]
    if not wrong.any():
        return None
    return rows[wrong], np.asarray(known, dtype=object)[others[at][wrong]]


@register_check
class SourceCopyCheck(Check):
    """The variables of a source record that the dataset numbers (AESEQ, VSSEQ) have its values, and it is there."""

    verb = "source_record"

    source_record: Literal["there", "same"] = Field(
        description="there: the domain has a record with this number; same: the variables of its prefix are copies."
    )
    not_variables: tuple[Name, ...] = Field(default=(), description="Variables that the check is not about.")

    def parts(self) -> frozenset[str]:
        return frozenset({"expected", "number", "source"})

    def _numbers(self, table: Table) -> Iterator[tuple[str, Table]]:
        """(--SEQ, the table of its domain) for each number of a source record."""
        for name in table.columns:
            other = table.other(name[:-3]) if len(name) == 5 and name.endswith("SEQ") else None
            if other is not None and other.standard == "sdtm" and {name, "USUBJID"} <= other.names:
                yield name, other

    def applies(self, table: Table) -> str:
        reason = absent(table, "USUBJID")
        if reason or any(True for _ in self._numbers(table)):
            return reason
        return f"{table.name} numbers no record of a domain in the package"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name, other in self._numbers(table):
            rows = np.flatnonzero(~table.missing(name))
            mine = [col.take(table.columns[n], rows) for n in ("USUBJID", name)]
            at = verbs.match_rows(mine, [other.columns["USUBJID"], other.columns[name]]).right
            if self.source_record == "there":
                lost = rows[at < 0]
                if len(lost):
                    yield Hit(rows=lost, variable=name, parts={"source": other.name})
                continue
            yield from self._copies(table, name, rows[at >= 0], other, at[at >= 0])

    def _copies(self, table: Table, number: str, rows: np.ndarray, other: Table, at: np.ndarray) -> Iterator[Hit]:
        excluded = {number, *(n for p in self.not_variables for n in table.matching(p))}
        derived = "DTYPE" in table.names
        use = table.missing("DTYPE")[rows] if derived else np.ones(len(rows), dtype=bool)
        for name in table.columns:
            if not name.startswith(number[:2]) or name in excluded or name not in other.names:
                continue
            if table.is_number(name) != other.is_number(name):
                continue
            found = unequal(table, name, rows[use], other, name, at[use])
            if found is not None:
                wrong, expected = found
                yield Hit(
                    rows=wrong, variable=name, parts={"expected": expected, "number": number, "source": other.name}
                )


@register_check
class SubjectChoiceCheck(Check):
    """A value is one of several of the subject in the dataset of subjects, as the treatments of its periods."""

    verb = "one_of_subject"

    one_of_subject: Name = Field(description="The variable.")
    of: Literal["DM", "ADSL"] = Field(description="The dataset with one record for each subject.")
    variables: StarName = Field(description="Its variables; # stands for digits.")

    def _choices(self, table: Table) -> list[str]:
        other = table.other(self.of)
        return [n for n, _ in matches(other, self.variables)] if other is not None and other is not table else []

    def applies(self, table: Table) -> str:
        reason = absent(table, self.one_of_subject, "USUBJID")
        return reason or ("" if self._choices(table) else f"{self.of} with {self.variables} is not in the package")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        other = table.other(self.of)
        assert other is not None  # applies() has found it
        at = table.positions(self.of)
        wrong = (at >= 0) & ~table.missing(self.one_of_subject)
        codes, texts = table.texts(self.one_of_subject)
        number = {t: i for i, t in enumerate(texts)}
        for name in self._choices(table):
            others, known = other.texts(name)
            same = np.array([number.get(t, -1) for t in known], dtype="int64")
            if len(known):
                wrong &= same[others[at]] != codes
        rows = np.flatnonzero(wrong)
        if len(rows):
            yield Hit(rows=rows, variable=self.one_of_subject)


@register_check
class DateInCheck(Check):
    """A date is the day of a record of the subject in a domain; not judged where one of these days is not known."""

    verb = "date_in"

    date_in: str = Field(description="The domain.")
    date: Name = Field(description="The variable with the date.")
    of: tuple[Name, ...] = Field(description="The variables there, each with a date of the record.", min_length=1)

    def applies(self, table: Table) -> str:
        other = table.other(self.date_in)
        if other is None:
            return f"{self.date_in} is not in the package"
        return absent(table, "USUBJID", self.date) or absent(other, "USUBJID", *self.of)

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        other = table.other(self.date_in)
        assert other is not None  # applies() has found it
        at = verbs.rows_of_texts(other.texts("USUBJID")[1], table.columns["USUBJID"])[other.texts("USUBJID")[0]]
        dates, mine = [other.days(n) for n in self.of], table.days(self.date)
        unknown = np.isnan(other.days(self.of[0]))
        judged = ~np.isnan(mine) & np.isin(np.arange(table.n), at[at >= 0])
        judged[at[(at >= 0) & unknown]] = False
        for day in dates:
            judged[at[(at >= 0) & (mine[at] == day)]] = False
        rows = np.flatnonzero(judged)
        if len(rows):
            yield Hit(rows=rows, variable=self.date)


@register_check
class ListsSubjectsCheck(Check):
    """Each subject of another dataset has a record in this one."""

    verb = "lists_subjects"

    lists_subjects: str = Field(description="The other dataset.")
    where: Condition | None = Field(default=None, description="Records there that count.")

    @model_validator(mode="after")
    def _readable(self) -> ListsSubjectsCheck:
        checked({"where": self.where})
        return self

    def parts(self) -> frozenset[str]:
        return frozenset({"source"})

    def applies(self, table: Table) -> str:
        other = table.other(self.lists_subjects)
        if other is None:
            return f"{self.lists_subjects} is not in the package"
        return absent(table, "USUBJID") or absent(other, "USUBJID") or missing_names(other, (self.where,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        other = table.other(self.lists_subjects)
        wanted = true(other, self.where) if other is not None else None
        if other is None or wanted is None:
            return
        codes, texts = other.texts("USUBJID")
        asked = np.unique(codes[wanted & ~other.missing("USUBJID")])
        lost = texts[asked][verbs.rows_of_texts(texts[asked], table.columns["USUBJID"]) < 0] if len(asked) else asked
        for subject in sorted(map(str, lost)):
            yield Hit(variable="USUBJID", value=subject, parts={"source": other.name})


@register_check
class CoversCheck(Check):
    """Each record of a domain of a subject in ADSL has a record in the dataset with its number."""

    verb = "covers"

    covers: str = Field(description="The domain.")

    def parts(self) -> frozenset[str]:
        return frozenset({"source", "subject"})

    def applies(self, table: Table) -> str:
        other, subjects = table.other(self.covers), table.other("ADSL")
        if other is None or subjects is None:
            return f"{self.covers if other is None else 'ADSL'} is not in the package"
        number = f"{self.covers}SEQ"
        return absent(table, "USUBJID", number) or absent(other, "USUBJID", number) or absent(subjects, "USUBJID")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        other, subjects, number = table.other(self.covers), table.other("ADSL"), f"{self.covers}SEQ"
        assert other is not None and subjects is not None  # applies() has found them
        codes, texts = other.texts("USUBJID")
        analysed = verbs.rows_of_texts(texts, subjects.columns["USUBJID"])[codes] >= 0 if len(texts) else codes > 0
        lost = np.flatnonzero(analysed & ~other.missing(number))
        theirs = [col.take(other.columns[n], lost) for n in ("USUBJID", number)]
        mine = [table.columns[n] for n in ("USUBJID", number)]
        lost = lost[verbs.match_rows(theirs, mine).right < 0]
        names = col.objects(col.take(other.columns["USUBJID"], lost))
        for subject, value in zip(names, col.objects(col.take(other.columns[number], lost)), strict=True):
            yield Hit(variable=number, value=str(value), parts={"source": other.name, "subject": subject})

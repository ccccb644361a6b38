"""Numeric dates of ADaM: their formats, the same day in two variables, and the flags of their imputation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ..package import Package
from ..table import Table
from .expression import Condition, checked, missing_names, true
from .kind import Check, Hit, Name, register_check
from .stars import StarName, filled, matches, numbered_domains, pairs

#: the formats of SAS that show a number as a date, a time or both, without width and point
FORMATS = {
    "date": r"DATE|YYMMDD[A-Z]?|DDMMYY[A-Z]?|MMDDYY[A-Z]?|[EIB]8601DA|MONYY|WORDDATE|WEEKDATE",
    "time": r"TIME|HHMM|TOD|[EIB]8601TM|MMSS|TIMEAMPM",
    "datetime": r"DATETIME|[EIB]8601DT|DATEAMPM|DTDATE|MDYAMPM",
}
_DAY = 86_400


@register_check
class FormatCheck(Check):
    """A numeric date, time or date with time has a format that shows it as one."""

    verb = "sas_format"

    sas_format: Literal["date", "time", "datetime"] = Field(description="What the format must show.")
    variables: tuple[Name, ...] = Field(description="The variables; * stands for any letters.", min_length=1)
    not_variables: tuple[Name, ...] = Field(default=(), description="Variables that the check is not about.")
    finds: Literal["missing", "other", "text"] = Field(
        description="missing: a number without a format; other: one with another format; text: a variable that is "
        "not numeric."
    )

    def _variables(self, table: Table) -> list[str]:
        excluded = {n for p in self.not_variables for n in table.matching(p)}
        return [n for n in dict.fromkeys(n for p in self.variables for n in table.matching(p)) if n not in excluded]

    def applies(self, table: Table) -> str:
        if not self._variables(table):
            return f"{table.name} has no such variable"
        if self.finds == "missing" and not any(v.format for v in table.about.values()):
            return f"the formats of {table.name} are not known"
        return ""

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        wanted = re.compile(rf"(?:{FORMATS[self.sas_format]})\d*(?:\.\d*)?", re.IGNORECASE)
        for name in self._variables(table):
            shown = table.about[name].format.strip()
            if self.finds == "text":
                wrong = not table.is_number(name)
            elif not table.is_number(name):
                wrong = False
            else:
                wrong = not shown if self.finds == "missing" else bool(shown) and wanted.fullmatch(shown) is None
            if wrong:
                yield Hit(variable=name, value=shown)


@register_check
class SamePartCheck(Check):
    """Two variables state the same day, or the same time of the day, where both are complete."""

    verb = "same_part"

    same_part: tuple[StarName, str] = Field(
        description="Two variables of the record, or the second one as DM.VARIABLE; * and # are the same in both, -- "
        "is the domain whose records the dataset numbers (AESEQ)."
    )
    part: Literal["day", "time"] = Field(default="day", description="What must be the same.")
    when: Condition | None = Field(default=None, description="Records that the check is about; without it all.")
    not_variables: tuple[Name, ...] = Field(default=(), description="Variables that the check is not about.")

    @model_validator(mode="after")
    def _readable(self) -> SamePartCheck:
        checked({"when": self.when})
        return self

    def parts(self) -> frozenset[str]:
        return frozenset({"other", "stated"})

    def _pairs(self, table: Table) -> list[tuple[str, str]]:
        first, second = self.same_part
        if second.startswith("--"):
            found = [p for d in numbered_domains(table) for p in pairs(table, first, d + second[2:])]
        elif "." not in second:
            found = pairs(table, first, second)
        else:
            dataset, wanted = second.split(".")
            other = table.other(dataset)
            named = ((n, filled(wanted, parts)) for n, parts in matches(table, first))
            found = [(n, f"{dataset}.{w}") for n, w in named if other is not None and w in other.names]
        return [(a, b) for a, b in found if a not in self.not_variables and b not in self.not_variables]

    def applies(self, table: Table) -> str:
        if not self._pairs(table):
            return f"{table.name} has no {' and '.join(self.same_part)}"
        return missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        among = true(table, self.when)
        if among is None:
            return
        for first, second in self._pairs(table):
            mine, theirs = self._stated(table, first), self._stated(table, second)
            rows = np.flatnonzero(among & ~np.isnan(mine) & ~np.isnan(theirs) & (mine != theirs))
            if len(rows):
                stated = np.array([_shown(x, self.part) for x in theirs[rows]], dtype=object)
                yield Hit(rows=rows, variable=first, parts={"other": second, "stated": stated})

    def _stated(self, table: Table, name: str) -> np.ndarray:
        if "." in name:
            dataset, variable = name.split(".")
            other = table.other(dataset)
            assert other is not None  # _pairs has found it
            return np.append(other.days(variable), np.nan)[table.positions(dataset)]
        if self.part == "day":
            return table.days(name)
        values = table.numbers(name)
        return values % _DAY if name.endswith(("DTM", "DM")) else values


def _shown(value: float, part: str) -> str:
    """A SAS date, or a time of the day, in ISO 8601."""
    if part == "day":
        return str(np.datetime64("1960-01-01") + np.timedelta64(int(value), "D"))
    return f"{int(value) // 3600:02}:{int(value) // 60 % 60:02}:{int(value) % 60:02}"


@register_check
class ImputedCheck(Check):
    """The flag of an imputed date is there exactly where the collected date is not complete."""

    verb = "imputed"

    imputed: StarName = Field(description="The numeric date; * and # are the same in the other variables.")
    flag: StarName = Field(description="Its imputation flag.")
    collected: StarName = Field(
        description="The collected date in ISO 8601; -- is the domain whose records the dataset numbers (AESEQ)."
    )
    finds: Literal["unflagged", "needless"] = Field(
        description="unflagged: the collected date is a part of a date and the flag is empty; needless: the collected "
        "date is complete, the numeric date is that day, and the flag is filled."
    )

    def parts(self) -> frozenset[str]:
        return frozenset({"date", "flag", "collected"})

    def _found(self, table: Table) -> Iterator[tuple[str, str, str]]:
        for name, parts in matches(table, self.imputed):
            flag = filled(self.flag, parts)
            wanted = filled(self.collected, parts)
            texts = [d + wanted[2:] for d in numbered_domains(table)] if wanted.startswith("--") else [wanted]
            texts = [t for t in texts if t in table.names and not table.is_number(t)]
            if flag in table.names and len(texts) == 1:
                yield name, flag, texts[0]

    def applies(self, table: Table) -> str:
        return "" if any(True for _ in self._found(table)) else f"{table.name} has no collected date and its flag"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for date, flag, text in self._found(table):
            moments = table.moments(text)
            there = ~table.missing(date) & ~table.missing(text)
            complete = moments.day
            if self.finds == "unflagged":
                rows = np.flatnonzero(there & ~complete & table.missing(flag))
            else:
                rows = np.flatnonzero(there & complete & ~table.missing(flag) & (table.days(date) == table.days(text)))
            if len(rows):
                yield Hit(rows=rows, variable=flag, parts={"date": date, "flag": flag, "collected": text})

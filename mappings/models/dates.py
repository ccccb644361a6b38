"""The typed model of ``dates:``: how the date texts of a study, a source or a column are read.

Not for reading a date (sdtm/date_reader.py) nor for the notation of formats (sdtm/date_formats/).
"""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field, model_validator

from ..binding.bind import FieldMistake, SpecModel

#: the parts of a date that may be unknown, in this order
UNKNOWN_PARTS = ("year", "month", "day", "time")
Language = Literal["en", "de", "fr", "es", "it", "pt", "ja"]


class DatesSpec(SpecModel):
    """How date texts are read. A text is read only by a declared format.

    A format consists of yyyy or yy, mm or mon, dd (or doy, the day of the year), hh, mi, ss, am and tz, with the
    separators between them and words between apostrophes; or it counts: excel-1900, excel-1904, days since 1960-01-01,
    seconds since 1960-01-01, milliseconds since 1970-01-01.
    """

    formats: tuple[str, ...] = Field(
        default=(), description="Formats: dd-mon-yyyy, dd/mm/yy hh:mi am, yyyymmdd, excel-1900, days since 1960-01-01."
    )
    by: str | None = Field(
        default=None,
        description="Column whose value selects a key of when:, of this source or source.COLUMN by subject.",
    )
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="Formats by the value of by:.")
    columns: dict[str, tuple[str, ...] | dict[str, tuple[str, ...]]] = Field(
        default_factory=dict, description="Formats of single columns, or of single columns by the value of by:."
    )
    unknown: tuple[str, ...] | dict[str, tuple[str, ...]] = Field(
        default=("UN", "UNK", "--", "---", "----", "??", "???", "????"),
        description="Texts that mean an unknown part: of any part, or by part (year, month, day, time). 00 is an "
        "hour or a minute, never an unknown one.",
    )
    missing: tuple[str, ...] = Field(default=(), description="Whole texts that mean that there is no date.")
    pivot: int | None = Field(
        default=None,
        ge=1000,
        le=9900,
        description="The first of the hundred years for years of two digits (yy): 1940 for 1940 to 2039.",
    )
    languages: tuple[Language, ...] = Field(
        default=("en",), description="Languages of the names of months, full or short, with or without accents and dot."
    )
    offset: Literal["keep", "drop"] = Field(
        default="keep",
        description="keep: the value has the offset from UTC (tz). drop: it has not. The time of day is the same.",
    )
    counted: tuple[datetime.date, ...] | None = Field(
        default=None,
        description="For formats that count: the first and last day that a number may mean, by default 1900-01-01 to "
        "2099-12-31. A number outside is not read.",
    )

    def unknown_of(self, part: str) -> tuple[str, ...]:
        """The words for an unknown year, month, day or time."""
        return self.unknown.get(part, ()) if isinstance(self.unknown, dict) else self.unknown

    def whole(self, column: str) -> tuple[str, ...] | None:
        """The formats of a column if they do not depend on the value of ``by``; None if they do."""
        of_column = self.columns.get(column)
        if isinstance(of_column, tuple):
            return of_column
        return None if self.by else self.formats

    def of(self, column: str, group: str) -> tuple[str, ...]:
        """The formats of a column for one value of ``by``."""
        of_column = self.columns.get(column)
        if isinstance(of_column, dict) and group in of_column:
            return of_column[group]
        return self.when.get(group) or self.formats

    def every(self, column: str) -> tuple[str, ...]:
        """All formats that may read a column, for any value of ``by``."""
        whole = self.whole(column)
        if whole is not None:
            return whole
        of_column = self.columns.get(column)
        by_group = of_column.values() if isinstance(of_column, dict) else ()
        return (*self.formats, *(f for formats in (*self.when.values(), *by_group) for f in formats))

    @property
    def sets(self) -> list[tuple[str, tuple[str, ...]]]:
        """(field, formats) of every set of formats that is declared."""
        found = [("formats", self.formats), *(("when", f) for f in self.when.values())]
        for of_column in self.columns.values():
            by_group = of_column.values() if isinstance(of_column, dict) else (of_column,)
            found += [("columns", f) for f in by_group]
        return found

    @model_validator(mode="after")
    def _words_and_years(self) -> DatesSpec:
        for part in self.unknown if isinstance(self.unknown, dict) else ():
            if part not in UNKNOWN_PARTS:
                raise FieldMistake(f"unknown: '{part}' is not one of {', '.join(UNKNOWN_PARTS)}", "unknown")
        for word in self.unknown_words:
            if word.isascii() and word.isdigit() and 1 <= int(word) <= 31 and len(word) <= 2:
                message = f"unknown: '{word}' is a day of the month, so it cannot mean an unknown part"
                raise FieldMistake(message, "unknown")
        if self.counted is not None and (len(self.counted) != 2 or self.counted[0] > self.counted[1]):
            raise FieldMistake("counted: needs two days, the first and the last that a number may mean", "counted")
        if not self.languages:
            raise FieldMistake("languages: needs at least one", "languages")
        return self

    @property
    def unknown_words(self) -> tuple[str, ...]:
        """All words for an unknown part."""
        return tuple(dict.fromkeys(word for part in UNKNOWN_PARTS for word in self.unknown_of(part)))

    @model_validator(mode="after")
    def _groups_need_by(self) -> DatesSpec:
        if not self.by and any(isinstance(formats, dict) for formats in self.columns.values()):
            raise ValueError("columns: by country or other value needs by:, the column that has it")
        return self

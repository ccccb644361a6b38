"""The typed models of a raw source in study.yaml: its file and format, whose rows they are, its dates, what must hold.

Not for the rest of study.yaml (study.py) nor for reading sources (sources/). The JSON Schema and the reference
page are generated from these models, so every field describes itself.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ..binding.bind import FieldMistake, SpecModel
from ..facts.raw_formats import RAW_FORMATS, FormatName, format_of, key_problem
from .cell_patterns import Pattern, PatternError, Splitter
from .item_range import expand_range
from .measurement import NumbersSpec
from .quality import Window
from .template import template_problem


class SourceSubject(SpecModel):
    """Who a subject is in one source."""

    columns: tuple[str, ...] = Field(
        default=(), description="Columns of this source, in the order of the study's columns."
    )
    split: str | None = Field(default=None, description="A column that holds several identifiers in one text.")
    as_: str | None = Field(
        default=None, alias="as", description="Template that reads the split column, {SITE}-{SUBJ}."
    )
    crosswalk: str | None = Field(default=None, description="CSV with this source's columns and USUBJID.")

    @model_validator(mode="after")
    def _template_reads(self) -> SourceSubject:
        if self.as_ is not None and (problem := template_problem(self.as_, read_back=True)):
            raise FieldMistake(problem, "as")
        return self


#: the parts of a date that words for unknown parts may stand for, in this order
UNKNOWN_PARTS = ("year", "month", "day", "time")
Language = Literal["en", "de", "fr", "es", "it", "pt", "ja"]


class DatesSpec(SpecModel):
    """How date texts are read. A text is read only by a declared format.

    A format is made of yyyy or yy, mm or mon, dd (or doy, the day of the year), hh, mi, ss, am and tz, with separators
    as they stand and words between apostrophes; or it counts: excel-1900, excel-1904, days since 1960-01-01,
    seconds since 1960-01-01, milliseconds since 1970-01-01.
    """

    formats: tuple[str, ...] = Field(
        default=(), description="Formats: dd-mon-yyyy, dd/mm/yy hh:mi am, yyyymmdd, excel-1900, days since 1960-01-01."
    )
    by: str | None = Field(
        default=None, description="Column whose value selects among when:, own or source.COLUMN by subject."
    )
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="Formats by the value of by:.")
    columns: dict[str, tuple[str, ...] | dict[str, tuple[str, ...]]] = Field(
        default_factory=dict, description="Formats of single columns, or of single columns by the value of by:."
    )
    unknown: tuple[str, ...] | dict[str, tuple[str, ...]] = Field(
        default=("UN", "UNK", "--", "---", "----", "??", "???", "????"),
        description="Texts that stand for an unknown part: for any, or by part (year, month, day, time). 00 is an hour "
        "and a minute, never an unknown one.",
    )
    missing: tuple[str, ...] = Field(default=(), description="Whole texts that stand for no date.")
    pivot: int | None = Field(
        default=None,
        ge=1000,
        le=9900,
        description="The first of the hundred years that a year of two digits (yy) means: 1940 for 1940 to 2039.",
    )
    languages: tuple[Language, ...] = Field(
        default=("en",), description="Languages of the names of months, full or short, with or without accents and dot."
    )
    offset: Literal["keep", "drop"] = Field(
        default="keep",
        description="An offset from UTC (tz) is kept in the value, or dropped; the time of day stays what it is.",
    )
    counted: tuple[datetime.date, ...] | None = Field(
        default=None,
        description="First and last day that a number may mean, for formats that count; by default 1900-01-01 to "
        "2099-12-31. A number outside is not read.",
    )

    def unknown_of(self, part: str) -> tuple[str, ...]:
        """The words that stand for an unknown year, month, day or time."""
        return self.unknown.get(part, ()) if isinstance(self.unknown, dict) else self.unknown

    def whole(self, column: str) -> tuple[str, ...] | None:
        """The formats of a column whatever the value of ``by`` is; None where that value selects."""
        own = self.columns.get(column)
        if isinstance(own, tuple):
            return own
        return None if self.by else self.formats

    def of(self, column: str, group: str) -> tuple[str, ...]:
        """The formats of a column for one value of ``by``."""
        own = self.columns.get(column)
        if isinstance(own, dict) and group in own:
            return own[group]
        return self.when.get(group) or self.formats

    def every(self, column: str) -> tuple[str, ...]:
        """All formats that may read a column, whatever the value of ``by`` is."""
        whole = self.whole(column)
        if whole is not None:
            return whole
        own = self.columns.get(column)
        by_group = own.values() if isinstance(own, dict) else ()
        return (*self.formats, *(f for formats in (*self.when.values(), *by_group) for f in formats))

    @property
    def sets(self) -> list[tuple[str, tuple[str, ...]]]:
        """(field, formats) of every set of formats that is declared."""
        found = [("formats", self.formats), *(("when", f) for f in self.when.values())]
        for own in self.columns.values():
            found += [("columns", f) for f in (own.values() if isinstance(own, dict) else (own,))]
        return found

    @model_validator(mode="after")
    def _words_and_years(self) -> DatesSpec:
        for part in self.unknown if isinstance(self.unknown, dict) else ():
            if part not in UNKNOWN_PARTS:
                raise FieldMistake(f"unknown: '{part}' is not one of {', '.join(UNKNOWN_PARTS)}", "unknown")
        for word in self.unknown_words:
            if word.isascii() and word.isdigit() and 1 <= int(word) <= 31 and len(word) <= 2:
                message = f"unknown: '{word}' is a day of the month, and cannot stand for a part that is not known"
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
        if not self.by and any(isinstance(own, dict) for own in self.columns.values()):
            raise ValueError("columns: by country or other value needs by:, the column that has it")
        return self


def _ways(field: str, column: str, texts: str | tuple[str, ...]) -> list[Splitter | Pattern]:
    """The templates or patterns of a divided column. Raises FieldMistake at the one that cannot be used."""
    kind = Splitter if field == "split" else Pattern
    ways: list[Splitter | Pattern] = []
    for number, text in enumerate((texts,) if isinstance(texts, str) else texts):
        try:
            ways.append(kind.parse(text))
        except PatternError as error:
            path = (field, column) if isinstance(texts, str) else (field, column, number)
            raise FieldMistake(str(error), *path, offset=error.offset) from None
    return ways


class DictionarySpec(SpecModel):
    """The data dictionary of a REDCap project, where it is not written as the export is."""

    file: str = Field(description="Path of the data dictionary (CSV) in the raw folder.")
    separator: str | None = Field(
        default=None, description="Its field separator; by default what its header shows, else the source's."
    )
    encoding: str | None = Field(default=None, description="Its encoding; by default the source's.")
    quote: str = Field(default='"', description="Its quote character.")
    header_row: int = Field(default=1, description="Row of its header.")


class HeaderSpec(SpecModel):
    """How the columns of a workbook or text file are named, where one row of names does not say it."""

    names: tuple[str, ...] = Field(
        default=(), description="The file has no row of names: these are its columns, in their order."
    )
    rows: int = Field(
        default=1,
        ge=1,
        description="How many rows the names take, from header_row on. The texts of a column are joined from above; an "
        "empty cell of an upper row takes the text to its left, as merged cells have it.",
    )
    join: str = Field(default=" ", description="The text that joins the texts of several rows.")
    skip: int = Field(
        default=0, ge=0, description="How many rows beneath the names (without names, at the top) are no data."
    )

    @field_validator("names")
    @classmethod
    def _names_differ(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not name.strip() or value.count(name) > 1:
                raise ValueError(
                    f"every column needs a name of its own, and '{name}' is "
                    + ("given twice" if name.strip() else "none")
                )
        return value

    @model_validator(mode="after")
    def _names_or_rows(self) -> HeaderSpec:
        if self.names and (self.rows > 1 or self.join != " "):
            raise ValueError("names: is for a file without a row of names; leave out rows: and join:")
        return self


class SourceSpec(SpecModel):
    """One raw file."""

    file: str = Field(description="Path in the raw folder.")
    format: FormatName | None = Field(default=None, description="File format; by default from the suffix.")
    encoding: str = Field(default="utf-8", description="Encoding of a text file; read strictly.")
    separator: str = Field(default=",", description="Field separator of a CSV file.")
    quote: str = Field(default='"', description="Quote character of a CSV file.")
    sheet: str | None = Field(default=None, description="Sheet of a workbook; by default the only one.")
    member: str | None = Field(
        default=None, description="Dataset of an XPT file that holds several; by default the only one."
    )
    header_row: int = Field(default=1, description="Row of the header in a workbook or CSV file.")
    header: HeaderSpec | None = Field(
        default=None, description="Names of several rows, rows beneath them, or the names of a file that has none."
    )
    rename: dict[str, str] = Field(
        default_factory=dict,
        description="Column to the name that the specs read it by. A whole number is a position, from 1; else it is "
        "the name in the file. For names that are doubled, missing or awkward.",
    )
    ragged: Literal["refuse", "pad", "extend"] = Field(
        default="refuse",
        description="A record of another width than the header of a text file: refuse the file; pad, which reads the "
        "fields that a record lacks as empty; or extend, which also reads filled fields beyond the header, as EXTRA_1, "
        "EXTRA_2 and on. Each such record is a finding.",
    )
    number_formats: Literal["shown", "stored"] = Field(
        default="shown",
        description="Excel: numbers as their number formats show them where that is certain (45 for 0.45 as 0%, 001 "
        "for 1 as 000), or as the workbook stores them. What differs is a finding either way.",
    )
    item_group: str | tuple[str, ...] | None = Field(
        default=None, description="ODM: OID of the item group whose rows are read, or several."
    )
    form: str | tuple[str, ...] | None = Field(
        default=None,
        description="ODM: OID of the form whose item groups are read, or several; with item_group: only those.",
    )
    rows: Literal["item_group", "form", "event", "subject"] = Field(
        default="item_group",
        description="ODM: what a row is: each item group, or all item groups of a form page, of a study event or of a "
        "subject side by side.",
    )
    attributes: tuple[str, ...] = Field(
        default=(),
        description="ODM: attributes of vendors that are columns also where this export has none of them, and those of "
        "ItemData that become columns ITEM.Attribute.",
    )
    names: Literal["name", "oid", "sas"] = Field(
        default="name", description="ODM: what columns are named by, the items' Name, OID or SASFieldName."
    )
    dictionary: str | DictionarySpec | None = Field(
        default=None,
        description="REDCap: path of the data dictionary (CSV) in the raw folder; or {file:, separator:, encoding:} "
        "where it is written otherwise than the export.",
    )
    instrument: str | None = Field(
        default=None, description="REDCap: the instrument (form name) whose rows and columns are read; by default all."
    )
    instrument_labels: dict[str, str] = Field(
        default_factory=dict,
        description="REDCap: label of a repeating instrument, as a labels export writes it, to the instrument's name.",
    )
    checkboxes: Literal["cells", "code", "label"] = Field(
        default="cells",
        description="REDCap: a checkbox column keeps its cells (0, 1), or has the code or label of its choice where "
        "checked, for explode:.",
    )
    split: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column to the template of its cells, {SYS}/{DIA}, whose fields are columns of the source; of "
        "several templates the first that reads a cell counts.",
    )
    extract: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column to the regular expression (RE2) of its cells, whose named groups (?P<NAME>...) are columns "
        "of the source; of several the first that fits the whole cell counts.",
    )
    optional: bool = Field(
        default=False, description="The file may be absent from a data cut; then a finding, not an error."
    )
    subject: SourceSubject | Literal["none"] | None = Field(
        default=None, description="Identity in this source, or none for a table without subjects."
    )
    dates: DatesSpec | None = Field(default=None, description="Date formats of this source; by default the study's.")
    numbers: NumbersSpec | None = Field(
        default=None, description="How numbers of this source are written; by default the study's."
    )
    types: dict[str, Literal["number", "date", "text"]] = Field(
        default_factory=dict,
        description="Column to what its cells are, where they decide an order (first:, last:, order:): number, date or "
        "text. A column that a rule or a declaration reads as a number or a date needs none.",
    )
    duplicates: Literal["keep", "merge"] = Field(
        default="keep",
        description="Rows that are equal in every cell: keep all (reported), or merge them into the first.",
    )
    key: tuple[str, ...] = Field(
        default=(),
        description="Columns that, with the subject, tell rows apart; rows that share them and differ are reported.",
    )
    person: tuple[str, ...] = Field(
        default=(), description="Columns that tell people apart: two subjects equal in all of them are reported."
    )
    required: dict[str, str] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to the condition under which its cell is filled; '' for always.",
    )
    empty: dict[str, str] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to the condition under which its cell is empty; one filled all the same is "
        "reported.",
    )
    codes: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to its texts, in this case of letters; any other is reported. For columns that "
        "conditions ask for: another text would pass them by unseen.",
    )
    plausible: dict[str, Window] = Field(
        default_factory=dict, description="Column to its lowest and highest plausible number."
    )
    items: dict[str, Window] = Field(
        default_factory=dict, description="Column, or Q1..Q9, to the lowest and highest answer, both whole numbers."
    )
    origin: Literal["Investigator", "Subject", "Vendor"] = Field(
        default="Investigator", description="Who recorded it: Origin Source in define.xml."
    )
    not_submitted: dict[str, str] = Field(default_factory=dict, description="Columns left out, each with its reason.")
    cutoff: str | tuple[str, ...] | None = Field(
        default=None,
        description="Date column (of several, the first filled): rows dated after the cut-off are there for no rule.",
    )

    @property
    def cutoff_columns(self) -> tuple[str, ...]:
        return (self.cutoff,) if isinstance(self.cutoff, str) else self.cutoff or ()

    @model_validator(mode="after")
    def _keys_of_the_format(self) -> SourceSpec:
        kind = format_of(self.file, self.format)
        for key in (key for f in RAW_FORMATS.values() for key in f.keys):
            default = type(self).model_fields[key].get_default(call_default_factory=True)
            if getattr(self, key) != default and (problem := key_problem(key, kind)):
                raise FieldMistake(problem, key)
        self._header_and_names()
        for key, what in RAW_FORMATS[kind].needs.items() if kind is not None else ():
            if not getattr(self, key):
                raise ValueError(f"format: {kind} needs {key}:, {what}")
        written = self.dictionary if isinstance(self.dictionary, DictionarySpec) else DictionarySpec(file="d.csv")
        for key, text in (("separator", written.separator), ("quote", written.quote)):
            if text is not None and not (len(text) == 1 and text.isascii() and text not in "\r\n\0"):
                raise FieldMistake(f"{key}: {text!r} is not one ASCII character", "dictionary")
        if written.header_row < 1:
            raise FieldMistake("header_row: rows count from 1", "dictionary")
        return self

    @model_validator(mode="after")
    def _parts_have_names_of_their_own(self) -> SourceSpec:
        whose: dict[str, str] = {}
        for field in ("split", "extract"):
            for column, texts in getattr(self, field).items():
                if field == "extract" and column in self.split:
                    raise FieldMistake(
                        f"{column} is divided by split: and by extract:; one of them is enough", field, column
                    )
                names = dict.fromkeys(n for way in _ways(field, column, texts) for n in way.names)
                for name in names:
                    if name in whose or name == column:
                        message = (
                            f"'{name}' is a part of {whose.get(name, column)} already; give each part a name of its own"
                        )
                        raise FieldMistake(message, field, column)
                    whose[name] = column
        return self

    @property
    def cell_readers(self) -> dict[str, list[Splitter | Pattern]]:
        """Divided column -> the ways to read its cells, the first one first."""
        out: dict[str, list[Splitter | Pattern]] = {}
        for field in ("split", "extract"):
            for column, texts in getattr(self, field).items():
                out[column] = _ways(field, column, texts)
        return out

    def with_parts_read(self, dates: DatesSpec, numbers: NumbersSpec) -> SourceSpec:
        """The source where what is declared for a divided column holds for its parts, unless they have their own.

        ``dates``, ``numbers``: the study's, which hold where the source has none.
        """
        parts = {n: column for column, ways in self.cell_readers.items() for way in ways for n in way.names}
        update: dict[str, Any] = {}
        types = {part: self.types[column] for part, column in parts.items() if column in self.types}
        if types:
            update["types"] = {**types, **self.types}
        for field, spec, maps in (
            ("dates", self.dates or dates, ("columns",)),
            ("numbers", self.numbers or numbers, ("columns", "missing_numbers")),
        ):
            more = {}
            for name in maps:
                own = getattr(spec, name)
                inherited = {part: own[column] for part, column in parts.items() if column in own and part not in own}
                if inherited:
                    more[name] = {**own, **inherited}
            if more:
                update[field] = spec.model_copy(update=more)
        return self.model_copy(update=update) if update else self

    @property
    def dictionary_file(self) -> DictionarySpec | None:
        """The data dictionary and how it is written; None for a source without one."""
        return DictionarySpec(file=self.dictionary) if isinstance(self.dictionary, str) else self.dictionary

    def _header_and_names(self) -> None:
        """header: does not contradict header_row:; rename: gives each column one new name."""
        if self.header is not None and self.header.names and self.header_row != 1:
            raise FieldMistake(
                "header: names: declares that the file has no row of names; leave out header_row:", "header"
            )
        for new in self.rename.values():
            if not new.strip() or new != new.strip():
                raise FieldMistake(f"rename: gives a column the name '{new}'; a name has no blanks around it", "rename")
            if list(self.rename.values()).count(new) > 1:
                raise FieldMistake(f"rename: gives two columns the name '{new}'", "rename")

    @field_validator("required", "empty", "codes", "items")
    @classmethod
    def _ranges(cls, value: dict[str, Any]) -> dict[str, Any]:
        return {n: v for name, v in value.items() for n in expand_range(name)}

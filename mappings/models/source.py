"""The typed models of a raw source in study.yaml: its file and format, its subjects, its dates, what must be true.

The JSON Schema and the reference page are generated from these models, so every field has a description. Not for the
rest of study.yaml (study.py) nor for reading sources (sources/).
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ..binding.bind import FieldMistake, SpecModel
from ..facts.document_pages import DocumentPages
from ..facts.raw_formats import RAW_FORMATS, FormatName, format_of, key_problem
from .cell_patterns import Pattern, PatternError, Splitter
from .dates import DatesSpec
from .documents import CrfSpec, Pages
from .file_layout import DictionarySpec, HeaderSpec
from .item_range import expand_range
from .measurement import NumbersSpec
from .quality import Window
from .template import template_problem


class SourceSubject(SpecModel):
    """How one source identifies its subjects."""

    columns: tuple[str, ...] = Field(
        default=(), description="Columns of this source that identify a subject, in the order of the study's columns."
    )
    split: str | None = Field(default=None, description="A column that has several identifiers in one text.")
    as_: str | None = Field(
        default=None, alias="as", description="Template that reads the split column, {SITE}-{SUBJ}."
    )
    crosswalk: str | None = Field(default=None, description="CSV file with this source's columns and USUBJID.")

    @model_validator(mode="after")
    def _template_reads(self) -> SourceSubject:
        if self.as_ is not None and (problem := template_problem(self.as_, read_back=True)):
            raise FieldMistake(problem, "as")
        return self


def _ways(field: str, column: str, texts: str | tuple[str, ...]) -> list[Splitter | Pattern]:
    """The templates or patterns of a divided column. Raises FieldMistake at a text that cannot be used."""
    kind = Splitter if field == "split" else Pattern
    ways: list[Splitter | Pattern] = []
    for number, text in enumerate((texts,) if isinstance(texts, str) else texts):
        try:
            ways.append(kind.parse(text))
        except PatternError as error:
            path = (field, column) if isinstance(texts, str) else (field, column, number)
            raise FieldMistake(str(error), *path, offset=error.offset) from None
    return ways


class SourceSpec(SpecModel):
    """One raw file."""

    file: str = Field(description="Path in the raw folder.")
    format: FormatName | None = Field(default=None, description="File format; by default from the suffix.")
    encoding: str = Field(
        default="utf-8", description="Encoding of a text file. A byte that it does not define is refused."
    )
    separator: str = Field(default=",", description="Field separator of a CSV file.")
    quote: str = Field(default='"', description="Quote character of a CSV file.")
    sheet: str | None = Field(default=None, description="Sheet of a workbook; by default the only one.")
    member: str | None = Field(
        default=None, description="Dataset of an XPT file with several; by default the only one."
    )
    header_row: int = Field(default=1, description="Row of the header in a workbook or CSV file.")
    header: HeaderSpec | None = Field(
        default=None,
        description="Names in several rows, rows to skip beneath them, or the names of a file without names.",
    )
    rename: dict[str, str] = Field(
        default_factory=dict,
        description="Column to the name that the specs use for it. A whole number is the position of the column, from "
        "1; other texts are its name in the file. For doubled, missing or awkward names.",
    )
    ragged: Literal["refuse", "pad", "extend"] = Field(
        default="refuse",
        description="What to do if a record of a text file has another width than the header. refuse: refuse the file. "
        "pad: read the missing fields as empty. extend: also read filled fields beyond the header, as EXTRA_1, EXTRA_2 "
        "and on. Each such record is a finding.",
    )
    number_formats: Literal["shown", "stored"] = Field(
        default="shown",
        description="Excel: read numbers as their number formats show them, if that is certain (45 for 0.45 with "
        "format 0%, 001 for 1 with format 000), or as the workbook stores them. A difference is a finding in both "
        "cases.",
    )
    time_zone: str | None = Field(
        default=None,
        description="Parquet and Feather: the time zone of the sites, as Europe/Berlin. Moments that are stored in any "
        "zone are read as the date and time there, without an offset. By default they have the day, the time and the "
        "offset of the zone that the file states, with a finding.",
    )
    item_group: str | tuple[str, ...] | None = Field(
        default=None, description="ODM: OID of the item group to read, or several OIDs."
    )
    form: str | tuple[str, ...] | None = Field(
        default=None,
        description="ODM: OID of the form whose item groups are read, or several OIDs; item_group: selects among them.",
    )
    rows: Literal["item_group", "form", "event", "subject"] = Field(
        default="item_group",
        description="ODM: what one row contains: one item group, or all item groups of a form page, of a study event "
        "or of a subject.",
    )
    attributes: tuple[str, ...] = Field(
        default=(),
        description="ODM: attributes of vendors that are columns also if this export does not have them; attributes of "
        "ItemData become columns ITEM.Attribute.",
    )
    names: Literal["name", "oid", "sas"] = Field(
        default="name", description="ODM: the name of a column: the Name, OID or SASFieldName of its item."
    )
    dictionary: str | DictionarySpec | None = Field(
        default=None,
        description="REDCap: path of the data dictionary (CSV) in the raw folder; or {file:, separator:, encoding:} "
        "if it is written in another way than the export.",
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
        description="REDCap: the cells of a checkbox column: as they are (0, 1), or the code or label of the choice "
        "if it is checked, for explode:.",
    )
    split: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column to the template of its cells, {SYS}/{DIA}; the fields of the template are columns of the "
        "source. Of several templates the first that reads a cell counts.",
    )
    extract: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column to the regular expression (RE2) of its cells; its named groups (?P<NAME>...) are columns "
        "of the source. Of several expressions the first that fits the whole cell counts.",
    )
    optional: bool = Field(
        default=False, description="The file may be absent from a data cut: a finding, not an error."
    )
    subject: SourceSubject | Literal["none"] | None = Field(
        default=None, description="How this source identifies subjects, or none for a table without subjects."
    )
    dates: DatesSpec | None = Field(default=None, description="Date formats of this source; by default the study's.")
    numbers: NumbersSpec | None = Field(
        default=None, description="How numbers of this source are written; by default the study's."
    )
    types: dict[str, Literal["number", "date", "text"]] = Field(
        default_factory=dict,
        description="Column to the type of its cells for first:, last: and order:, which compare them: number, date or "
        "text. A column that a rule or a declaration reads as a number or a date needs no type.",
    )
    duplicates: Literal["keep", "merge"] = Field(
        default="keep",
        description="Rows that are equal in every cell: keep all and report them, or merge them into the first.",
    )
    key: tuple[str, ...] = Field(
        default=(),
        description="Columns that, with the subject, identify a row. Rows with the same key and other differences are "
        "reported.",
    )
    person: tuple[str, ...] = Field(
        default=(), description="Columns that identify a person: two subjects with the same values are reported."
    )
    required: dict[str, str] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to the condition under which its cell must be filled; '' for always.",
    )
    empty: dict[str, str] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to the condition under which its cell must be empty; a filled cell is "
        "reported.",
    )
    codes: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Column, or Q1..Q9, to its permitted texts; upper and lower case differ. Any other text is "
        "reported. For columns in conditions: a condition ignores an unexpected text without a finding.",
    )
    plausible: dict[str, Window] = Field(
        default_factory=dict, description="Column to its lowest and highest plausible number."
    )
    items: dict[str, Window] = Field(
        default_factory=dict, description="Column, or Q1..Q9, to its lowest and highest answer, both whole numbers."
    )
    origin: Literal["Investigator", "Subject", "Vendor"] = Field(
        default="Investigator", description="Who recorded the data: Origin Source in define.xml."
    )
    crf: Pages | CrfSpec | None = Field(
        default=None,
        description="Pages of the annotated CRF that have the fields of this source: 12, [12, 13-14], a named "
        "destination of the PDF, or {document:, pages:, columns:}. define.xml has them with each collected variable. "
        "Without pages: the title, labels and visits of a generated form. [] for a source that is no form.",
    )
    not_submitted: dict[str, str] = Field(
        default_factory=dict, description="Columns that are not submitted, each with its reason."
    )
    cutoff: str | tuple[str, ...] | None = Field(
        default=None,
        description="Date column; of several the first filled one. No rule reads rows that are dated after the "
        "cut-off.",
    )

    @property
    def cutoff_columns(self) -> tuple[str, ...]:
        return (self.cutoff,) if isinstance(self.cutoff, str) else self.cutoff or ()

    @model_validator(mode="after")
    def _keys_of_the_format(self) -> SourceSpec:
        kind = format_of(self.file, self.format)
        for key, default in _defaults():
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
    def _parts_have_different_names(self) -> SourceSpec:
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
                            f"'{name}' is already a part of {whose.get(name, column)}; give each part another name"
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

    @property
    def parts(self) -> dict[str, str]:
        """Part of a divided column -> the column."""
        return {n: column for column, ways in self.cell_readers.items() for way in ways for n in way.names}

    def pages_of(self, column: str) -> DocumentPages | None:
        """The pages of the annotated CRF that have a column; None if the spec names none."""
        return self.crf.pages_of(column) if isinstance(self.crf, CrfSpec) else None

    def with_parts_read(self, dates: DatesSpec, numbers: NumbersSpec) -> SourceSpec:
        """The source with the declarations of a divided column also for its parts, unless they have declarations.

        ``dates``, ``numbers``: those of the study, which a source without any uses.
        """
        parts = self.parts
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
                declared = getattr(spec, name)
                inherited = {
                    part: declared[column]
                    for part, column in parts.items()
                    if column in declared and part not in declared
                }
                if inherited:
                    more[name] = {**declared, **inherited}
            if more:
                update[field] = spec.model_copy(update=more)
        return self.model_copy(update=update) if update else self

    @property
    def dictionary_file(self) -> DictionarySpec | None:
        """The data dictionary with its layout; None for a source without one."""
        return DictionarySpec(file=self.dictionary) if isinstance(self.dictionary, str) else self.dictionary

    def _header_and_names(self) -> None:
        """Check that header: does not contradict header_row:, and that rename: has one new name for each column."""
        if self.header is not None and self.header.names and self.header_row != 1:
            raise FieldMistake(
                "header: names: declares that the file has no row of names; remove header_row:", "header"
            )
        for new in self.rename.values():
            if not new.strip() or new != new.strip():
                raise FieldMistake(
                    f"rename: the new name '{new}' has blanks around it or is empty; remove the blanks", "rename"
                )
            if list(self.rename.values()).count(new) > 1:
                raise FieldMistake(
                    f"rename: two columns would have the name '{new}'; give each column another name", "rename"
                )

    @field_validator("required", "empty", "codes", "items")
    @classmethod
    def _ranges(cls, value: dict[str, Any]) -> dict[str, Any]:
        return {n: v for name, v in value.items() for n in expand_range(name)}


@cache
def _defaults() -> list[tuple[str, Any]]:
    """The keys that only some formats take, and their defaults."""
    keys = [key for f in RAW_FORMATS.values() for key in f.keys]
    return [(key, SourceSpec.model_fields[key].get_default(call_default_factory=True)) for key in keys]

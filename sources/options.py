"""What a study says about one raw file: its name, format, encoding, separator, sheet and header row.

Not for the model of a source in study.yaml (mappings/models/source.py), which fills this class, nor for reading files.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any, get_args

from ..errors import SpecProblem, UsageError, nearest
from ..mappings.binding.bind import place_of
from ..mappings.facts.raw_formats import RAW_FORMATS, format_of
from ..mappings.models.source import HeaderSpec, SourceSpec

#: codecs of Python for host names and source code; no program exports a file in them
NO_FILE_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
#: key -> the words that it may be, as the model of a source declares them
CHOICES = {
    key: get_args(SourceSpec.model_fields[key].annotation)
    for key in ("rows", "names", "checkboxes", "ragged", "number_formats")
}


class OptionError(UsageError):
    """What a study says about a file and no file can have. ``field``: what says it, as study.yaml has it."""

    def __init__(self, message: str, field: str):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class SourceOptions:
    """How to read one raw file.

    ``file`` is relative to the raw folder. ``format`` None: from the suffix. ``encoding`` is for CSV and XPT; SAS7BDAT,
    SAV and DTA name their own, and any other value than utf-8 overrides it. ``separator`` and ``quote`` are single
    ASCII characters; an empty ``quote`` says that the file does not quote, so quote marks are plain text.
    ``sheet`` None: the workbook's only sheet; ``member`` None: the only dataset of an XPT file. ``header_row``: line
    (CSV) or row (Excel) of the column names, from 1; what stands above it is not read. ``expected``: columns that
    the specs read, checked as soon as the header is known.
    ``item_group``, ``form``: what of an ODM file is read, one OID or several; ``names``: what its columns are named by;
    ``rows``: what a row is; ``attributes``: attributes of vendors that are columns whether or not the file has them.
    ``dictionary``, ``instrument``, ``checkboxes``: the data dictionary beside a REDCap export, the instrument that is
    read, and what the cells of checkboxes become. ``instrument_labels``: (label, instrument) pairs of a labels export.
    ``dictionary_separator`` None: what its header shows, else ``separator``. ``dictionary_encoding`` None: as the
    export's.
    Raises UsageError for a value that no file can have.
    """

    file: str
    format: str | None = None
    encoding: str = "utf-8"
    separator: str = ","
    quote: str = '"'
    sheet: str | None = None
    header_row: int = 1
    expected: tuple[str, ...] = ()
    item_group: str | tuple[str, ...] | None = None
    form: str | tuple[str, ...] | None = None
    names: str = "name"
    dictionary: str | None = None
    instrument: str | None = None
    checkboxes: str = "cells"
    member: str | None = None
    instrument_labels: tuple[tuple[str, str], ...] = ()
    dictionary_separator: str | None = None
    dictionary_encoding: str | None = None
    dictionary_quote: str = '"'
    dictionary_header_row: int = 1
    rows: str = "item_group"
    attributes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    header_rows: int = 1
    header_join: str = " "
    skip_rows: int = 0
    rename: tuple[tuple[str, str], ...] = ()
    ragged: str = "refuse"
    number_formats: str = "shown"

    def __post_init__(self) -> None:
        for key in ("instrument_labels", "rename"):  # a lineage folder gives the pairs back as lists
            object.__setattr__(self, key, tuple((str(a), str(b)) for a, b in getattr(self, key)))
        if self.format is not None and self.format not in RAW_FORMATS:
            hint = nearest(self.format, RAW_FORMATS) or f"one of {', '.join(RAW_FORMATS)}"
            raise OptionError(f"{self.file}: unknown format '{self.format}' ({hint})", "format")
        for file, encoding in ((self.file, self.encoding), (self.dictionary, self.dictionary_encoding or "utf-8")):
            try:
                if codecs.lookup(encoding).name in NO_FILE_ENCODINGS:
                    raise LookupError
                "".encode(encoding)  # a codec that is not text (hex, zip) fails here
            except (LookupError, ValueError):
                field = "encoding" if file == self.file else "dictionary"
                message = f"{file}: unknown encoding '{encoding}' (utf-8, cp1252, shift_jis, ...)"
                raise OptionError(message, field) from None
        separator_fits = len(self.separator) == 1 and self.separator.isascii() and self.separator not in "\r\n\0"
        if not separator_fits:
            raise OptionError(f"{self.file}: separator {self.separator!r} is not one ASCII character", "separator")
        quote_fits = not self.quote or (len(self.quote) == 1 and self.quote.isascii() and self.quote not in "\r\n\0")
        if not quote_fits or self.quote == self.separator:
            message = f"{self.file}: quote {self.quote!r} is not one ASCII character other than the separator"
            raise OptionError(message, "quote")
        for key, words in CHOICES.items():
            if getattr(self, key) not in words:
                message = f"{self.file}: {key} is '{getattr(self, key)}'; one of {', '.join(words)} was expected"
                raise OptionError(message, key)
        for key, what in RAW_FORMATS[self.format].needs.items() if self.format else ():
            if not getattr(self, key):
                raise OptionError(f"{self.file}: format: {self.format} needs {key}:, {what}", key)
        if self.header_rows < 1 or self.skip_rows < 0:
            message = f"{self.file}: names take at least one row, and no fewer than 0 rows are skipped"
            raise OptionError(message, "header")
        if self.header_row < 1:
            message = f"{self.file}: header_row is {self.header_row}; rows count from 1"
            raise OptionError(message, "header_row")

    @classmethod
    def of(cls, source: SourceSpec) -> SourceOptions:
        """The options of a source of study.yaml: its keys of the same names, its header and its data dictionary."""
        header, dictionary = source.header or HeaderSpec(), source.dictionary_file
        values: dict[str, Any] = {
            f.name: getattr(source, f.name) for f in fields(cls) if f.name in SourceSpec.model_fields
        }
        values |= {key: tuple(values[key].items()) for key in ("instrument_labels", "rename")}
        values |= {"columns": header.names, "header_rows": header.rows, "header_join": header.join}
        values |= {"skip_rows": header.skip, "dictionary": None if dictionary is None else dictionary.file}
        for key, value in ({} if dictionary is None else dictionary.model_dump(exclude={"file"})).items():
            values[f"dictionary_{key}"] = value
        return cls(**values)

    @property
    def item_groups(self) -> tuple[str, ...]:
        """The OIDs of ``item_group``."""
        return (self.item_group,) if isinstance(self.item_group, str) else self.item_group or ()

    @property
    def forms(self) -> tuple[str, ...]:
        """The OIDs of ``form``."""
        return (self.form,) if isinstance(self.form, str) else self.form or ()

    @property
    def kind(self) -> str:
        """The format, declared or by suffix. Raises UsageError where the suffix does not tell."""
        found = format_of(self.file, self.format)
        if found is None:
            suffix, declare = PurePosixPath(self.file).suffix.lower(), f"declare format: {' | '.join(RAW_FORMATS)}"
            raise OptionError(f"{self.file}: the suffix '{suffix}' does not show the format; {declare}", "file")
        return found


def option_problems(sources: Mapping[str, SourceSpec]) -> list[SpecProblem]:
    """What the sources of study.yaml say about their files and no file can have."""
    problems = []
    for source in sources.values():
        try:
            SourceOptions.of(source).kind  # noqa: B018 - it raises where the format is not known
        except OptionError as error:
            problems.append(SpecProblem(place_of(source, error.field), str(error)))
    return problems

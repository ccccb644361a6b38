"""How a study declares one raw file: its name, format, encoding, separator, sheet and header row.

Not for the model of a source in study.yaml (mappings/models/source.py), which fills this class, nor for reading files.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any, get_args
from zoneinfo import ZoneInfo

from ..errors import SpecProblem, UsageError, nearest
from ..mappings.binding.bind import place_of
from ..mappings.facts.raw_formats import RAW_FORMATS, format_of
from ..mappings.models.file_layout import HeaderSpec
from ..mappings.models.source import SourceSpec

#: codecs of Python for host names and source code; no program exports a file in them
NO_FILE_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
#: key -> its permitted words, as the model of a source declares them
CHOICES = {
    key: get_args(SourceSpec.model_fields[key].annotation)
    for key in ("rows", "names", "checkboxes", "ragged", "number_formats")
}


def known_zone(name: str) -> bool:
    """Whether the time zone database has a zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone; no name; the name of a folder
        return False
    return True


class OptionError(UsageError):
    """A study declares something about a file that no file can have. ``field``: the key of study.yaml."""

    def __init__(self, message: str, field: str):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class SourceOptions:
    """How to read one raw file.

    ``file`` is relative to the raw folder. ``format`` None: by the suffix. ``encoding`` is for CSV and XPT; SAS7BDAT,
    SAV and DTA declare theirs, which any other value than utf-8 replaces. ``separator`` and ``quote`` are single
    ASCII characters; with an empty ``quote`` the file does not quote, so quote marks are plain text.
    ``sheet`` None: the workbook's only sheet; ``member`` None: the only dataset of an XPT file. ``header_row``: line
    (CSV) or row (Excel) of the column names, from 1; lines above it are not read. ``expected``: columns that the specs
    read, checked as soon as the header is known.
    ``item_group``, ``form``: the parts of an ODM file to read, one OID or several; ``names``: the attribute that names
    its columns; ``rows``: the level of a row; ``attributes``: attributes of vendors that are columns in any case.
    ``dictionary``, ``instrument``, ``checkboxes``: the data dictionary beside a REDCap export, the instrument to read,
    and the cells of checkboxes. ``instrument_labels``: (label, instrument) pairs of a labels export. ``time_zone``: of
    the sites, for moments in Parquet and Feather.
    ``dictionary_separator`` None: by its header, else ``separator``. ``dictionary_encoding`` None: ``encoding``.
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
    time_zone: str | None = None

    def __post_init__(self) -> None:
        for key in ("instrument_labels", "rename"):  # in a lineage folder the pairs are lists
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
        if self.time_zone is not None and not known_zone(self.time_zone):
            message = f"{self.file}: unknown time zone '{self.time_zone}' (Europe/Berlin, America/New_York, UTC, ...)"
            raise OptionError(message, "time_zone")
        for key, what in RAW_FORMATS[self.format].needs.items() if self.format else ():
            if not getattr(self, key):
                raise OptionError(f"{self.file}: format: {self.format} needs {key}:, {what}", key)
        if self.header_rows < 1 or self.skip_rows < 0:
            message = f"{self.file}: header: rows must be 1 or more, and skip must be 0 or more"
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
        """The format, declared or by suffix. Raises UsageError if the suffix does not show it."""
        found = format_of(self.file, self.format)
        if found is None:
            suffix, declare = PurePosixPath(self.file).suffix.lower(), f"declare format: {' | '.join(RAW_FORMATS)}"
            raise OptionError(f"{self.file}: the suffix '{suffix}' does not show the format; {declare}", "file")
        return found


def option_problems(sources: Mapping[str, SourceSpec]) -> list[SpecProblem]:
    """The declarations of study.yaml about files that no file can have."""
    problems = []
    for source in sources.values():
        try:
            SourceOptions.of(source).kind  # noqa: B018 - it raises if the format is not known
        except OptionError as error:
            problems.append(SpecProblem(place_of(source, error.field), str(error)))
    return problems

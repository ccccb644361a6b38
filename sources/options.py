"""What a study says about one raw file: its name, format, encoding, separator, sheet and header row.

Not for reading specs: the loader fills this class. Not for reading files either.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..errors import UsageError, nearest

#: file name suffix -> format, where a source does not declare its format
SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".dat": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".parquet": "parquet",
    ".xpt": "xpt",
    ".sas7bdat": "sas7bdat",
    ".sav": "sav",
    ".zsav": "sav",
    ".dta": "dta",
    ".xml": "odm",
}
FORMATS = ("csv", "excel", "parquet", "xpt", "sas7bdat", "sav", "dta", "odm", "redcap")
ROWS = ("item_group", "form", "event", "subject")
NAMES = ("name", "oid", "sas")
#: codecs of Python for host names and source code; no program exports a file in them
NO_FILE_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
CHECKBOXES = ("cells", "code", "label")
NUMBER_FORMATS = ("shown", "stored")
RAGGED = ("refuse", "pad", "extend")


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
        # a lineage folder gives the pairs back as lists
        object.__setattr__(self, "instrument_labels", tuple((str(a), str(b)) for a, b in self.instrument_labels))
        if self.format is not None and self.format not in FORMATS:
            hint = nearest(self.format, FORMATS) or f"one of {', '.join(FORMATS)}"
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
        if self.rows not in ROWS:
            message = f"{self.file}: rows is '{self.rows}'; one of {', '.join(ROWS)} was expected"
            raise OptionError(message, "rows")
        if self.names not in NAMES:
            message = f"{self.file}: names is '{self.names}'; one of {', '.join(NAMES)} was expected"
            raise OptionError(message, "names")
        if self.checkboxes not in CHECKBOXES:
            message = f"{self.file}: checkboxes is '{self.checkboxes}'; one of {', '.join(CHECKBOXES)} was expected"
            raise OptionError(message, "checkboxes")
        if self.format == "redcap" and not self.dictionary:
            message = f"{self.file}: a REDCap export needs dictionary:, the CSV file of its data dictionary"
            raise OptionError(message, "dictionary")
        object.__setattr__(self, "rename", tuple((str(old), str(new)) for old, new in self.rename))  # lists, from JSON
        if self.ragged not in RAGGED:
            message = f"{self.file}: ragged is '{self.ragged}'; one of {', '.join(RAGGED)} was expected"
            raise OptionError(message, "ragged")
        if self.number_formats not in NUMBER_FORMATS:
            message = f"{self.file}: number_formats is '{self.number_formats}'; shown or stored was expected"
            raise OptionError(message, "number_formats")
        if self.header_rows < 1 or self.skip_rows < 0:
            message = f"{self.file}: names take at least one row, and no fewer than 0 rows are skipped"
            raise OptionError(message, "header")
        if self.header_row < 1:
            message = f"{self.file}: header_row is {self.header_row}; rows count from 1"
            raise OptionError(message, "header_row")

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
        if self.format is not None:
            return self.format
        suffix = PurePosixPath(self.file).suffix.lower()
        if suffix not in SUFFIXES:
            declare = f"declare format: {' | '.join(FORMATS)}"
            raise OptionError(f"{self.file}: the suffix '{suffix}' does not show the format; {declare}", "file")
        return SUFFIXES[suffix]

"""A table of a dictionary or a coding file as columns of text, read by the readers of raw files.

Not for what the columns mean (meddra.py, tables.py, coding_file.py).
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError, nearest
from ..findings.table import Findings
from ..mappings.models.dictionaries import TableFile
from ..sources.options import SourceOptions
from ..sources.read import read_source
from ..sources.table import RawTable

#: separators that a file may have in place of the declared one
OTHER_SEPARATORS = (";", "\t", "|", ",")


@dataclass(frozen=True)
class TableColumns:
    """The columns of a file as arrays of str, without blanks around the texts. ``line``: of each row, from 1;
    ``record``: its number among the rows of data, from 1.

    ``file``: as messages name it. ``owner``: the dictionary or coding that reads it, for messages.
    """

    owner: str
    file: str
    path: Path
    sha256: str
    columns: dict[str, np.ndarray]
    line: np.ndarray
    record: np.ndarray

    def column(self, name: str) -> np.ndarray:
        """The column of a name, whatever its case. Raises InputError if there is none."""
        found = next((c for c in self.columns if c == name), None) or next(
            (c for c in self.columns if c.casefold() == name.casefold()), None
        )
        if found is None:
            names = list(self.columns)
            joined = next((s for s in OTHER_SEPARATORS if len(names) == 1 and s in names[0]), "")
            hint = f"declare separator: {joined!r}" if joined else nearest(name, names)
            raise self.error(f"the file has no column '{name}'; it has {', '.join(names[:12])}", hint)
        return self.columns[found]

    def has(self, name: str) -> bool:
        return any(c.casefold() == name.casefold() for c in self.columns)

    def error(self, message: str, hint: str = "", line: int | None = None) -> InputError:
        """An error of the file, with its place."""
        place = self.file if line is None else f"{self.file}:{line}"
        return InputError(f"{self.owner}: {place}: {message}" + (f" ({hint})" if hint else ""))

    def require(self, name: str, pattern: re.Pattern[str]) -> None:
        """Raise InputError at the first text of a column that is no code of its kind."""
        codes, unique = pd.factorize(self.column(name))
        wrong = [i for i, text in enumerate(unique) if not pattern.fullmatch(text)]
        if wrong:
            at = int(np.flatnonzero(codes == wrong[0])[0])
            message = f"{name} is '{unique[wrong[0]]}', which is no such code"
            raise self.error(f"{message}; check that it is the file of the distribution", line=int(self.line[at]))

    def require_unique(self, texts: np.ndarray, what: str) -> None:
        """Raise InputError at the second row with a text."""
        repeated = np.flatnonzero(pd.Series(texts).duplicated().to_numpy())
        if len(repeated):
            at = int(repeated[0])
            raise self.error(f"the {what} {texts[at]} is in an earlier line too", line=int(self.line[at]))


def read_columns(owner: str, folder: Path, spec: TableFile, findings: Findings) -> TableColumns:
    """The columns of a delimited file or a sheet with a header. Raises InputError for a file that is none."""
    options = SourceOptions(file=spec.file, encoding=spec.encoding, separator=spec.separator, sheet=spec.sheet)
    return _read(owner, folder, options, findings)


def read_named(
    owner: str, folder: Path, file: str, *, encoding: str, separator: str, findings: Findings
) -> TableColumns:
    """The columns of a delimited file with a header and without quotes. Raises InputError for a file that is none."""
    options = SourceOptions(file=file, format="csv", encoding=encoding, separator=separator, quote="")
    return _read(owner, folder, options, findings)


def read_nameless(
    owner: str, folder: Path, file: str, names: tuple[str, ...], *, encoding: str, separator: str, quote: str = ""
) -> TableColumns:
    """The columns of a delimited file without a header, by default without quotes.

    ``names``: of its first columns; further ones are not read. Raises InputError if it has fewer.
    """
    width = field_count(owner, folder / file, file, encoding=encoding, separator=separator, quote=quote)
    if width < len(names):
        raise InputError(
            f"{owner}: {file}: the first line has {width} fields separated by '{separator}', and {len(names)} were "
            "expected; check that it is the file of the distribution"
        )
    further = tuple(f"further_{i}" for i in range(width - len(names)))
    options = SourceOptions(
        file=file, format="csv", encoding=encoding, separator=separator, quote=quote, columns=names + further
    )
    table = _read(owner, folder, options, Findings())  # only columns that no level has can differ from the layout
    return replace(table, columns={n: table.columns[n] for n in names})


def read_positions(
    owner: str, folder: Path, file: str, positions: Mapping[str, tuple[int, int]], *, encoding: str
) -> TableColumns:
    """The columns of a text file without separators, each from its first to its last character, from 1.

    A line may end before a column; the column is then missing. Blank lines are skipped. Raises InputError.
    """
    try:
        data = (folder / file).read_bytes()
        lines = np.array(data.decode(encoding).replace("\r\n", "\n").split("\n"), dtype=object)
    except OSError as error:
        raise InputError(f"{owner}: {file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{owner}: {file}: byte {error.start + 1} is not {encoding}; declare encoding:") from None
    except LookupError:
        raise InputError(f"{owner}: unknown encoding '{encoding}' (utf-8, cp1252, latin-1, ...)") from None
    filled = np.flatnonzero([bool(line.strip()) for line in lines])
    if not len(filled):
        raise InputError(f"{owner}: {file}: the file has no rows; check that it is complete")
    texts = lines[filled]
    columns = {
        name: np.array([t[first - 1 : last].strip() for t in texts], dtype=object)
        for name, (first, last) in positions.items()
    }
    record = np.arange(1, len(filled) + 1, dtype="int32")
    digest = hashlib.sha256(data).hexdigest()
    return TableColumns(
        owner=owner,
        file=file,
        path=folder / file,
        sha256=digest,
        columns=columns,
        line=(filled + 1).astype("int32"),
        record=record,
    )


def _read(owner: str, folder: Path, options: SourceOptions, findings: Findings) -> TableColumns:
    try:
        table = read_source(owner, folder, options, findings)
    except InputError as error:
        raise InputError(f"{owner}: {error}") from None
    if not len(table):
        raise InputError(f"{owner}: {options.file}: the file has no rows; check that it is complete")
    columns = {str(c): _texts(table, str(c)) for c in table.frame.columns}
    return TableColumns(
        owner=owner,
        file=table.file,
        path=table.path,
        sha256=table.sha256,
        columns=columns,
        line=table.line,
        record=table.record,
    )


def _texts(table: RawTable, column: str) -> np.ndarray:
    """A column as an array of str, each distinct text stripped once."""
    values = table.frame[column].array
    unique = np.array([str(t).strip() for t in values.categories], dtype=object)  # pyright: ignore[reportAttributeAccessIssue]
    codes = np.asarray(values.codes)  # pyright: ignore[reportAttributeAccessIssue]
    return unique[codes] if len(unique) else np.full(len(codes), "", dtype=object)


def find_file(folder: Path, name: str) -> str | None:
    """The name of a file in a folder, whatever its case."""
    return next(
        (p.name for p in sorted(folder.iterdir()) if p.name.casefold() == name.casefold() and p.is_file()), None
    )


def field_count(owner: str, path: Path, file: str, *, encoding: str, separator: str, quote: str) -> int:
    """The number of fields of the first line of a file. Raises InputError for a file that cannot be read or decoded."""
    try:
        with path.open("rb") as stream:
            first = stream.readline(1_000_000)
        text = first.decode(encoding).rstrip("\r\n")
        if quote:
            return len(next(csv.reader([text], delimiter=separator, quotechar=quote), [""]))
        return text.count(separator) + 1
    except OSError as error:
        raise InputError(f"{owner}: {file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{owner}: {file}: byte {error.start + 1} of the first line is not {encoding}; declare encoding:"
        ) from None
    except LookupError:
        raise InputError(f"{owner}: unknown encoding '{encoding}' (utf-8, cp1252, latin-1, ...)") from None

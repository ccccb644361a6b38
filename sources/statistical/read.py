"""XPT, SAS7BDAT, SAV and DTA files to raw tables: numbers and dates as text, labels beside the cells.

Not for CSV and Excel, nor for Parquet (sources/parquet/read.py). Values come from pyreadstat.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...errors import InputError
from ...findings.table import Findings
from ..cell_text import number_text
from ..header import HEADER_FINDINGS, check_expected, leave_out_nameless, name_columns
from ..options import SourceOptions
from ..reader import SourceFile, reads
from ..table import RawTable
from ..text_columns import first_filled, frame_of, from_unique
from .display_formats import number_reader
from .encodings import check_encoding, check_named_encoding, cut_at_end, cuts_letters, may_be_cut
from .pyreadstat_process import ReaderError, read_statistical_file
from .sas_transport import TransportLayout
from .whole_file import check_whole

_PACKAGES = {"xpt": "SAS", "sas7bdat": "SAS", "sav": "SPSS", "dta": "Stata"}


@reads(*_PACKAGES, findings=(*HEADER_FINDINGS, "R2A-SRC-001", "R2A-SRC-040", "R2A-SRC-042"))
def _read(file: SourceFile) -> RawTable:
    return read_statistical(file.source, file.path, file.options, file.findings)


@dataclass(frozen=True)
class _Opened:
    """A file as pyreadstat reads it. ``content``: its path, or the bytes of one member of an XPT file.

    ``meta``: pyreadstat's metadata. ``layout``: of an XPT file.
    """

    content: Path | io.BytesIO
    kind: str
    options: SourceOptions
    meta: Any
    layout: TransportLayout | None = None


@dataclass(frozen=True)
class _Variable:
    """One variable. ``name``: of its column, '' without one. ``display``: its format. ``text``: writes one number.

    ``stored``: the type of its numbers in the file (float has single precision); '' for text.
    """

    name: str
    is_text: bool
    display: str
    text: Callable[[float], str]
    stored: str


def read_statistical(name: str, path: Path, options: SourceOptions, findings: Findings) -> RawTable:
    """Read a SAS transport, SAS, SPSS or Stata file.

    Cells: numbers in the shortest text of the precision that they were stored in, dates, datetimes and times (by the
    format of the variable) in ISO 8601, special missing values as .A, other missing values ''. Codes stay codes:
    ``value_labels`` has their labels. Values that SPSS declares missing are kept (``notes`` names them). No lines.
    The encoding is that of the file; XPT names none, so ``options.encoding`` counts there. Raises InputError for a
    damaged, cut or foreign file, and for an encoding that is not read correctly.
    """
    digest, opened, cells = _open(path, options)
    meta, layout = opened.meta, opened.layout
    variables = list(meta.column_names)
    rows = len(cells[variables[0]]) if variables else 0
    if layout is not None:
        layout.check_rows(rows)
    names = [n or "" for n in variables]  # pyreadstat returns None for an empty name
    _check_doubled(names, options.file)  # of two variables of one name pyreadstat returns the last
    header = name_columns(names, options, "variables", findings)
    check_expected([n for n in header.names if n], options)
    notes: list[str] = []
    number_formats: dict[str, str] = {}
    texts: list[pd.Categorical] = []
    for position, column in enumerate(variables):
        variable, note = _variable(column, header.names[position], opened)
        if note:
            notes.append(f"{variable.name}: {note}")
        if not variable.is_text and variable.name:
            number_formats[variable.name] = variable.display
        texts.append(_column(_values(cells.pop(column), position, rows, layout), variable, options.file, findings))
    _report_cut_letters(opened, header.names, texts, findings)
    named = leave_out_nameless(header, lambda i: first_filled(texts[i]), options, findings)
    columns = {header.names[i]: texts[i] for i in named}
    if not rows:
        findings.add("R2A-SRC-001", "variables and no observations", file=options.file)
    notes += _declared_missing(meta)
    record = np.arange(1, rows + 1, dtype=np.int32)
    table = RawTable(name, path, digest, frame_of(columns, rows), record, np.zeros(rows, np.int32), notes=notes)
    if layout is not None:
        table.others = {f"member {member}": count for member, count in layout.others.items() if count}
    table.package, table.number_formats = _PACKAGES[opened.kind], number_formats
    _add_labels(table, meta, dict(zip(variables, header.names, strict=True)))
    return table


def _open(path: Path, options: SourceOptions) -> tuple[str, _Opened, dict[str, list[Any]]]:
    """The sha256 of a file, the file and its cells by variable. Raises InputError as read_statistical does."""
    kind = options.kind
    content = path.read_bytes()
    check_whole(content, kind, options.file)
    check_encoding(content, kind, options.encoding, options.file)
    digest = hashlib.sha256(content).hexdigest()
    del content
    layout = TransportLayout(path, options.file, options.member) if kind == "xpt" else None
    # pyreadstat reads the first member only, and reads the headers of the next members as observations
    alone = io.BytesIO(layout.content.tobytes()) if layout is not None and layout.others else path
    cells, meta = _parse(alone, kind, options)
    check_named_encoding(meta.file_encoding, kind, options.file)
    return digest, _Opened(alone, kind, options, meta, layout), cells


def _variable(column: str, name: str, opened: _Opened) -> tuple[_Variable, str]:
    """A variable with its column's name, and a note if its format has no ISO 8601 form, else ''."""
    display = str((opened.meta.original_variable_types or {}).get(column) or "")
    stored = str(opened.meta.readstat_variable_types.get(column) or "")
    if stored == "string":
        return _Variable(name, True, display, str, ""), ""
    text, note = number_reader(display, opened.kind)
    return _Variable(name, False, display, text, stored), note


def _values(cells: list[Any], position: int, rows: int, layout: TransportLayout | None) -> np.ndarray:
    """The cells of a variable, with the letters of special missing values of an XPT file."""
    values = np.empty(rows, dtype=object)
    values[:] = cells
    if layout is not None:
        letters = layout.special_missing(position, rows)
        marked = letters > 0
        values[marked] = [f"{chr(c)}" for c in letters[marked]]
    return values


def _add_labels(table: RawTable, meta: Any, names: dict[str, str]) -> None:
    """Labels of variables and of codes. ``names``: variable -> column, '' for none."""
    table.column_labels = {names[c]: label for c, label in meta.column_names_to_labels.items() if label and names[c]}
    table.value_labels = {
        names[c]: {_code(k): str(v) for k, v in labels.items()}
        for c, labels in meta.variable_value_labels.items()
        if labels and names[c]
    }


def _parse(
    file: Path | io.BytesIO, kind: str, options: SourceOptions, variables: list[str] | None = None
) -> tuple[dict[str, list[Any]], Any]:
    function = {"xpt": "read_xport", "sas7bdat": "read_sas7bdat", "sav": "read_sav", "dta": "read_dta"}[kind]
    arguments: dict[str, Any] = {"disable_datetime_conversion": True}
    if variables is not None:
        arguments["usecols"] = variables
    if kind != "xpt":
        arguments["user_missing"] = True
    if kind == "xpt" or options.encoding.lower() not in ("utf-8", "utf8"):
        arguments["encoding"] = options.encoding.replace("_", "-")  # EUC-KR, for which Python also knows euc_kr
    try:
        return read_statistical_file(function, file, **arguments)
    except ReaderError as error:
        if error.encoding:
            advice = (
                f"text is not {options.encoding}, or the width of a variable cuts a letter; declare the encoding it "
                "was written in (encoding: cp1252, ...), or export it with wider variables"
            )
        else:
            advice = "the file is damaged, cut short or of another format; copy or export it again"
        raise InputError(f"{options.file}: cannot be read as {kind.upper()} ({error}): {advice}") from None


def _report_cut_letters(opened: _Opened, names: list[str], texts: list[pd.Categorical], findings: Findings) -> None:
    """Report each cell whose last letter the width of its variable cuts: pyreadstat drops the bytes of this letter.

    Variables that may have such a cell, by the width of their ``texts``, are read again in an encoding of one byte a
    letter, which shows the bytes.
    """
    file, kind, options, meta = opened.content, opened.kind, opened.options, opened.meta
    overridden = kind == "xpt" or options.encoding.lower() not in ("utf-8", "utf8")
    encoding = options.encoding if overridden else meta.file_encoding or ("UTF-8" if kind == "dta" else "")
    if not cuts_letters(encoding):
        return
    full = [
        position
        for position, column in enumerate(meta.column_names)
        if names[position]
        and meta.readstat_variable_types.get(column) == "string"
        and may_be_cut(texts[position].categories, meta.variable_storage_width.get(column, 0), encoding)
    ]
    if not full:
        return
    if isinstance(file, io.BytesIO):
        file.seek(0)
    wanted = [meta.column_names[position] for position in full]
    bytewise = replace(options, encoding="ISO-8859-1")
    cells, plain = _parse(file, kind, bytewise, wanted)
    if plain.column_names != wanted:  # in another encoding, names with other letters are different texts
        if isinstance(file, io.BytesIO):
            file.seek(0)
        cells, plain = _parse(file, kind, bytewise)
        wanted = [plain.column_names[position] for position in full]
    for position, column in zip(full, wanted, strict=True):
        values = np.empty(len(cells[column]), dtype=object)
        values[:] = cells[column]
        codes, unique = pd.factorize(values, use_na_sentinel=True)
        cut = [cut_at_end(str(u).encode("latin-1", "replace"), encoding) for u in unique]
        rows = np.flatnonzero(np.array([*cut, False], dtype=bool)[codes])
        if len(rows):
            text = f"the last letter is cut by the width of the variable ({encoding}); it is not read"
            findings.add("R2A-SRC-042", text, file=options.file, row=rows + 1, column=names[position])


def _check_doubled(variables: list[str], file: str) -> None:
    for position, name in enumerate(variables):
        if name in variables[:position]:
            first = variables.index(name) + 1
            raise InputError(
                f"{file}: variables {first} and {position + 1} are both named '{name}', which its format does not "
                "allow; rename one of them in the program that wrote the file"
            )


def _column(values: np.ndarray, variable: _Variable, file: str, findings: Findings) -> pd.Categorical:
    """The cells as text."""
    codes, unique = pd.factorize(values, use_na_sentinel=True)
    if variable.is_text:
        return from_unique([str(u) for u in unique], codes)
    if variable.text is number_text:
        numbers = np.array([np.nan if isinstance(u, str) else u for u in unique], dtype=float)
        if variable.stored == "float":
            unique = _single(unique)
        elif was_single(numbers):
            unique = _single(unique)
            text = f"numbers of single precision, written as double; read in their shortest text, {_example(numbers)}"
            findings.add("R2A-SRC-040", text, file=file, column=variable.name)
    # a text in a column of numbers is the letter of a special missing value
    return from_unique([f".{u}" if isinstance(u, str) else variable.text(u) for u in unique], codes)


def _single(unique: np.ndarray) -> list[object]:
    with np.errstate(over="ignore"):
        return [u if isinstance(u, str) else np.float32(u) for u in unique]


def was_single(numbers: np.ndarray) -> bool:
    """Whether doubles come from a file with single precision: each is a number of single precision, and at least one
    has a shorter decimal text there.

    One of 2**29 numbers entered with decimals is a number of single precision, unless its double is short too.
    """
    numbers = numbers[~np.isnan(numbers)]
    with np.errstate(over="ignore"):
        single = numbers.astype(np.float32)
    if not len(numbers) or not (single.astype(float) == numbers).all():
        return False
    return any(len(number_text(d)) > 9 + len(number_text(f)) // 2 for d, f in zip(numbers, single, strict=True))


def _example(numbers: np.ndarray) -> str:
    longest = max(numbers[~np.isnan(numbers)].tolist(), key=lambda v: len(number_text(v)))
    return f"{number_text(np.float32(longest))} for {number_text(longest)}"


def _code(value: object) -> str:
    return value if isinstance(value, str) else number_text(value)  # pyright: ignore[reportArgumentType]


def _declared_missing(meta: Any) -> list[str]:
    notes = []
    for column, ranges in (getattr(meta, "missing_ranges", None) or {}).items():
        listed = []
        for r in ranges:
            low, high = (r["lo"], r["hi"]) if isinstance(r, dict) else (r, r)
            listed.append(_code(low) if low == high else f"{_code(low)} to {_code(high)}")
        notes.append(f"{column}: the file declares {', '.join(listed)} missing; kept as values")
    return notes

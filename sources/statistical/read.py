"""XPT, SAS7BDAT, SAV and DTA files to raw tables: numbers and dates as text, labels beside the cells.

Not for CSV and Excel, nor for Parquet (sources/parquet/read.py). Values come from pyreadstat, those of XPT of version 5
from transport_cells.py (by read_transport.py).
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...errors import InputError
from ...findings.table import Findings
from ..cell_text import typed_number_text
from ..header import HEADER_FINDINGS, check_expected, leave_out_nameless, name_columns
from ..options import SourceOptions
from ..reader import SourceFile, reads
from ..table import RawTable
from ..text_columns import first_filled, frame_of, from_unique
from .display_formats import number_reader
from .encodings import check_encoding, check_named_encoding, cut_at_end, cuts_letters, may_be_cut, python_name
from .number_columns import StoredVariable, check_doubled, column_of_numbers
from .pyreadstat_process import ReaderError, read_statistical_file
from .read_transport import read_transport
from .sas_transport import TransportLayout
from .transport_magic import is_library_5
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


def read_statistical(name: str, path: Path, options: SourceOptions, findings: Findings) -> RawTable:
    """Read a SAS transport, SAS, SPSS or Stata file.

    Cells: numbers in the shortest text of the precision that they were stored in, dates, datetimes and times (by the
    format of the variable) in ISO 8601, special missing values as .A, other missing values ''. Codes stay codes:
    ``value_labels`` has their labels. Values that SPSS declares missing are kept (``notes`` names them). No lines.
    The encoding is that of the file; XPT names none, so ``options.encoding`` counts there. Raises InputError for a
    damaged, cut or foreign file, and for an encoding that is not read correctly.
    """
    content = path.read_bytes()
    check_whole(content, options.kind, options.file)
    check_encoding(content, options.kind, options.encoding, options.file)
    if options.kind == "xpt" and is_library_5(content) and python_name(options.encoding):
        return read_transport(name, path, content, options, findings)
    digest, opened, cells = _open(path, content, options)
    meta, layout = opened.meta, opened.layout
    variables = list(meta.column_names)
    rows = len(cells[variables[0]]) if variables else 0
    if layout is not None:
        layout.check_rows(rows)
    names = [n or "" for n in variables]  # pyreadstat returns None for an empty name
    check_doubled(names, options.file)  # of two variables of one name pyreadstat returns the last
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
        codes, unique = pd.factorize(_values(cells.pop(column), position, rows, layout), use_na_sentinel=True)
        if variable.is_text:
            texts.append(from_unique([str(u) for u in unique], codes))
        else:
            texts.append(column_of_numbers(codes, list(unique), variable, options.file, findings))
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


def _open(path: Path, content: bytes, options: SourceOptions) -> tuple[str, _Opened, dict[str, list[Any]]]:
    """The sha256 of a file, the file and its cells by variable. Raises InputError as read_statistical does."""
    kind = options.kind
    digest = hashlib.sha256(content).hexdigest()
    layout = TransportLayout(content, options.file, options.member) if kind == "xpt" else None
    # pyreadstat reads the first member only, and reads the headers of the next members as observations
    alone = io.BytesIO(layout.alone()) if layout is not None and layout.others else path
    cells, meta = _parse(alone, kind, options)
    check_named_encoding(meta.file_encoding, kind, options.file)
    return digest, _Opened(alone, kind, options, meta, layout), cells


def _variable(column: str, name: str, opened: _Opened) -> tuple[StoredVariable, str]:
    """A variable with its column's name, and a note if its format has no ISO 8601 form, else ''."""
    display = str((opened.meta.original_variable_types or {}).get(column) or "")
    stored = str(opened.meta.readstat_variable_types.get(column) or "")
    if stored == "string":
        return StoredVariable(name, True, display, str, ""), ""
    text, note = number_reader(display, opened.kind)
    return StoredVariable(name, False, display, text, stored), note


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


def _code(value: object) -> str:
    return value if isinstance(value, str) else typed_number_text(value)  # pyright: ignore[reportArgumentType]


def _declared_missing(meta: Any) -> list[str]:
    notes = []
    for column, ranges in (getattr(meta, "missing_ranges", None) or {}).items():
        listed = []
        for r in ranges:
            low, high = (r["lo"], r["hi"]) if isinstance(r, dict) else (r, r)
            listed.append(_code(low) if low == high else f"{_code(low)} to {_code(high)}")
        notes.append(f"{column}: the file declares {', '.join(listed)} missing; kept as values")
    return notes

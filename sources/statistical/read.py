"""XPT, SAS7BDAT, SAV and DTA files to raw tables: numbers and dates as text, labels kept beside, never applied.

Not for CSV and Excel, nor for Parquet (sources/parquet/read.py). Values come from pyreadstat.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
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

_PACKAGES = {"xpt": "SAS", "sas7bdat": "SAS", "sav": "SPSS", "dta": "Stata"}


@reads(*_PACKAGES, findings=(*HEADER_FINDINGS, "R2A-SRC-001", "R2A-SRC-040", "R2A-SRC-042"))
def _read(file: SourceFile) -> RawTable:
    return read_statistical(file.source, file.path, file.options, file.findings)


def read_statistical(name: str, path: Path, options: SourceOptions, findings: Findings) -> RawTable:
    """Read a SAS transport, SAS, SPSS or Stata file.

    Cells: numbers in the shortest text of the precision that they were stored in, dates, datetimes and times (told by
    the variable's format) in ISO 8601, special missing values as .A, other missing ones ''. Codes stay codes;
    ``value_labels`` has their labels, and values that SPSS calls missing stay too (``notes`` names them). No lines.
    The encoding is the file's own; XPT names none, so ``options.encoding`` holds there. Raises InputError for a
    damaged, cut or foreign file, and for an encoding that is not read right.
    """
    kind = options.kind
    content = path.read_bytes()
    _check_whole(content, kind, options.file)
    check_encoding(content, kind, options.encoding, options.file)
    digest = hashlib.sha256(content).hexdigest()
    del content
    layout = TransportLayout(path, options.file, options.member) if kind == "xpt" else None
    # the parser below reads the first member only, and takes the headers of the next ones for observations
    alone = io.BytesIO(layout.content.tobytes()) if layout is not None and layout.others else path
    cells, meta = _parse(alone, kind, options)
    check_named_encoding(meta.file_encoding, kind, options.file)
    variables = list(meta.column_names)
    rows = len(cells[variables[0]]) if variables else 0
    if layout is not None:
        layout.check_rows(rows)
    names = [n or "" for n in variables]  # pyreadstat gives None for an empty name
    _check_doubled(names, options.file)  # of two variables of one name the parser gives the last
    header = name_columns(names, options, "variables", findings)
    check_expected([n for n in header.names if n], options)
    notes: list[str] = []
    number_formats: dict[str, str] = {}
    texts: list[pd.Categorical] = []
    for position, column in enumerate(variables):
        form = str((meta.original_variable_types or {}).get(column) or "")
        is_text = meta.readstat_variable_types.get(column) == "string"
        text, note = (str, "") if is_text else number_reader(form, kind)
        if note:
            notes.append(f"{header.names[position]}: {note}")
        if not is_text and header.names[position]:
            number_formats[header.names[position]] = form
        values = np.empty(rows, dtype=object)
        values[:] = cells.pop(column)
        if layout is not None:
            letters = layout.special_missing(position, rows)
            marked = letters > 0
            values[marked] = [f"{chr(c)}" for c in letters[marked]]
        stored = "" if is_text else str(meta.readstat_variable_types.get(column) or "")
        texts.append(_column(values, is_text, text, stored, header.names[position], options.file, findings))
    _report_cut_letters(alone, kind, options, meta, header.names, texts, findings)
    kept = leave_out_nameless(header, lambda i: first_filled(texts[i]), options, findings)
    columns = {header.names[i]: texts[i] for i in kept}
    if not rows:
        findings.add("R2A-SRC-001", "variables and no observations", file=options.file)
    notes += _declared_missing(meta)
    record = np.arange(1, rows + 1, dtype=np.int32)
    table = RawTable(name, path, digest, frame_of(columns, rows), record, np.zeros(rows, np.int32), notes=notes)
    if layout is not None:
        table.others = {
            f"member {member}": observations for member, observations in layout.others.items() if observations
        }
    table.package, table.number_formats = _PACKAGES[kind], number_formats
    told = dict(zip(variables, header.names, strict=True))
    table.column_labels = {told[c]: label for c, label in meta.column_names_to_labels.items() if label and told[c]}
    table.value_labels = {
        told[c]: {_code(k): str(v) for k, v in labels.items()}
        for c, labels in meta.variable_value_labels.items()
        if labels and told[c]
    }
    return table


def _parse(
    file: Path | io.BytesIO, kind: str, options: SourceOptions, variables: list[str] | None = None
) -> tuple[dict[str, list[Any]], Any]:
    function = {"xpt": "read_xport", "sas7bdat": "read_sas7bdat", "sav": "read_sav", "dta": "read_dta"}[kind]
    given: dict[str, Any] = {"disable_datetime_conversion": True}
    if variables is not None:
        given["usecols"] = variables
    if kind != "xpt":
        given["user_missing"] = True
    if kind == "xpt" or options.encoding.lower() not in ("utf-8", "utf8"):
        given["encoding"] = options.encoding.replace("_", "-")  # EUC-KR, which Python calls euc_kr too
    try:
        return read_statistical_file(function, file, **given)
    except ReaderError as error:
        if error.encoding:
            advice = (
                f"text is not {options.encoding}, or the width of a variable cuts a letter; declare the encoding it "
                "was written in (encoding: cp1252, ...), or export it with wider variables"
            )
        else:
            advice = "the file is damaged, cut short or of another format; copy or export it again"
        raise InputError(f"{options.file}: cannot be read as {kind.upper()} ({error}): {advice}") from None


def _report_cut_letters(
    file: Path | io.BytesIO,
    kind: str,
    options: SourceOptions,
    meta: Any,
    names: list[str],
    texts: list[pd.Categorical],
    findings: Findings,
) -> None:
    """A finding for each cell whose last letter the width of its variable cuts: the reader below drops its bytes.

    Variables with such a cell, by the width of their ``texts``, are read once more in an encoding of one byte a letter,
    which shows the bytes as they are.
    """
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
    if plain.column_names != wanted:  # names with other letters are other texts in another encoding
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


def _check_whole(content: bytes, kind: str, file: str) -> None:
    if not content:
        raise InputError(f"{file}: the file is empty (0 bytes); the format {kind.upper()} was expected")
    if kind == "dta" and content.startswith(b"<stata_dta>") and not content.rstrip().endswith(b"</stata_dta>"):
        raise InputError(f"{file}: </stata_dta> is missing at the end, so the file is cut short; copy it again")
    if kind == "dta" and (rows := stata_rows(content)) > len(content):
        # the parser below would make room for all of them before it finds that they are not there
        raise InputError(
            f"{file}: damaged header: {rows} observations do not fit in a file of {len(content)} bytes; copy it again"
        )


def stata_rows(content: bytes) -> int:
    """The number of observations that the header of a Stata file names; 0 where it names none.

    Source: dta file formats 104 to 119, Stata Corp.: a binary header up to 115, elements from 117.
    """
    if content.startswith(b"<stata_dta>"):
        at = content.find(b"<N>", 0, 1024) + 3
        order = "big" if b"<byteorder>MSF<" in content[:1024] else "little"
        wide = 4 if b"<release>117<" in content[:1024] else 8
        return int.from_bytes(content[at : at + wide], order) if at > 2 else 0
    return int.from_bytes(content[6:10], "big" if content[1:2] == b"\x01" else "little")


def _check_doubled(variables: list[str], file: str) -> None:
    for position, name in enumerate(variables):
        if name in variables[:position]:
            first = variables.index(name) + 1
            raise InputError(
                f"{file}: variables {first} and {position + 1} are both named '{name}', which its format does not "
                "allow; rename one of them in the program that wrote the file"
            )


def _column(
    values: np.ndarray,
    is_text: bool,
    text: Callable[[float], str],
    stored: str,
    name: str,
    file: str,
    findings: Findings,
) -> pd.Categorical:
    """The cells as text. ``stored``: the type of the numbers in the file (float has single precision)."""
    codes, unique = pd.factorize(values, use_na_sentinel=True)
    if is_text:
        return from_unique([str(u) for u in unique], codes)
    if text is number_text:
        numbers = np.array([np.nan if isinstance(u, str) else u for u in unique], dtype=float)
        if stored == "float":
            unique = _single(unique)
        elif was_single(numbers):
            unique = _single(unique)
            said = f"numbers of single precision, written as double; read in their shortest text, {_example(numbers)}"
            findings.add("R2A-SRC-040", said, file=file, column=name)
    # text in a column of numbers is the letter of a special missing value
    return from_unique([f".{u}" if isinstance(u, str) else text(u) for u in unique], codes)


def _single(unique: np.ndarray) -> list[object]:
    with np.errstate(over="ignore"):
        return [u if isinstance(u, str) else np.float32(u) for u in unique]


def was_single(numbers: np.ndarray) -> bool:
    """Whether numbers, doubles, are those of a file with single precision: each is one of its numbers, and one at least
    has a decimal text that is shorter there.

    A number entered with decimals is one of single precision in one of 2**29 cases, unless its double is short too.
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
        told = []
        for r in ranges:
            low, high = (r["lo"], r["hi"]) if isinstance(r, dict) else (r, r)
            told.append(_code(low) if low == high else f"{_code(low)} to {_code(high)}")
        notes.append(f"{column}: the file declares {', '.join(told)} missing; kept as values")
    return notes

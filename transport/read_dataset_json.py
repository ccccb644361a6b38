"""Reads Dataset-JSON 1.1 of a finished dataset: one object (.json), one row a line (.ndjson), compressed (.dsjc).

Not for writing it (dataset_json.py). Source: CDISC Dataset-JSON 1.1, data types and their representation. What the
standard does not allow is refused with the row's number, never mended.
"""

from __future__ import annotations

import codecs
import json
import re
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine.tables.dataset import VariableMetadata
from ..errors import InputError
from .file_content import FileContent, sas_format
from .file_pieces import pieces
from .json_columns import described_columns, read_column, shown, string_of
from .json_rows import row_columns, rows_of_lines, rows_of_object

#: the formats whose rows are lines
_LINES = frozenset({".ndjson", ".dsjc"})
#: the white space of JSON in a line; a separator of records (U+001E) is none
_BLANKS = " \t\r"
_HEAD = 1 << 20  # bytes in which the attributes before the rows are looked for first


def read_dataset_json(path: Path) -> FileContent:
    """Read a file: null is missing; a date, datetime or time with targetDataType integer is its SAS number.

    Raises InputError for a file that is empty, cut short, no UTF-8, no Dataset-JSON 1.x, of an unknown dataType, with
    rows of the wrong length or kind, or with another number of rows than its records.
    """
    lines = path.suffix.lower() in _LINES
    document, described, columns = _fast(path, lines) or _slow(path, lines)
    content = FileContent(string_of(document, "name"), string_of(document, "label"))
    keyed = []
    for column, (typed, series) in zip(described, columns, strict=True):
        name = string_of(column, "name")
        length = column.get("length")
        size = length if type(length) is int else 0
        if typed in ("integer", "float"):
            size = 8
        content.add(
            VariableMetadata(
                name, string_of(column, "label"), typed, size, format=sas_format(string_of(column, "displayFormat"))
            ),
            series,
        )
        if type(column.get("keySequence")) is int:
            keyed.append((column["keySequence"], name))
    content.keys = tuple(name for _, name in sorted(keyed))
    return content


#: the attributes, those of the columns, and (type, values) of each column
_Read = tuple[dict[str, Any], list[dict[str, Any]], list[tuple[str, pd.Series]]]


def _fast(path: Path, lines: bool) -> _Read | None:
    """The content of a file whose rows have the form that json_rows.py reads; None for another one."""
    content = pieces(path)
    parts = (rows_of_lines if lines else rows_of_object)(next(content, b""))
    if parts is None:
        return None
    head, first = parts
    try:
        document = json.loads(head, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "columns" not in document:  # attributes may be after the rows
        return None
    _check_document(document, path)
    described = described_columns(document, path)
    columns = row_columns(first, content, described, lines=lines)
    if columns is None:
        return None
    _check_records(document, len(columns[0][1]), path)
    return document, described, columns


def _slow(path: Path, lines: bool) -> _Read:
    text = _decoded(_data(path), path)
    document, rows = _ndjson(text, path) if lines else _json(text, path)
    described = described_columns(document, path)
    _check_rows(rows, len(described), path)
    _check_records(document, len(rows), path)
    cells = np.empty(len(rows) * len(described), dtype=object)
    cells[:] = list(chain.from_iterable(rows))
    columns = []
    for number, column in enumerate(described):
        name, kind, target = (string_of(column, k) for k in ("name", "dataType", "targetDataType"))
        columns.append(read_column(tuple(cells[number :: len(described)]), name, kind, target, path))
    return document, described, columns


def _check_records(document: dict[str, Any], found: int, path: Path) -> None:
    declared = document.get("records")
    if declared is not None and declared != found:
        raise InputError(
            f"{path}: it declares records {shown(declared)} and has {found} rows; the file is cut or was changed"
        )


def read_header(path: Path) -> dict[str, Any]:
    """The attributes of a file and of its columns, without its rows. Raises InputError as read_dataset_json."""
    try:
        document = _attributes(path)
    except (ValueError, RecursionError):
        text = _decoded(_data(path), path)
        document = _parsed(text.partition("\n")[0] if path.suffix.lower() in _LINES else text, path)
    _check_document(document, path)
    described_columns(document, path)
    return document


def json_name(path: Path) -> str | None:
    """The dataset's name in the file, '' if it has none; None for other JSON, such as a manifest."""
    try:
        document = _attributes(path)
    except (ValueError, RecursionError, InputError):
        return ""  # damaged: reading the file reports it
    if not isinstance(document, dict) or not {"datasetJSONVersion", "columns"} & set(document):
        return None
    return str(document.get("name") or "")


def _attributes(path: Path) -> Any:
    """What is before the rows, read without them where possible. Raises ValueError and RecursionError."""
    head = next(pieces(path, _HEAD), b"").decode("utf-8-sig", "replace")
    if path.suffix.lower() in _LINES:
        return json.loads(head.partition("\n")[0])
    if at := re.search(r',\s*"rows"\s*:\s*\[', head):
        return json.loads(head[: at.start()] + "}")
    return json.loads(path.read_bytes().decode("utf-8-sig"))


def _json(text: str, path: Path) -> tuple[dict[str, Any], list[Any]]:
    document = _parsed(text, path)
    _check_document(document, path)
    rows = document.get("rows", [])  # the standard's schema: optional, metadata may be sent without records
    if not isinstance(rows, list):
        raise InputError(f"{path}: it has no list 'rows', where the records of Dataset-JSON are")
    return document, rows


def _ndjson(text: str, path: Path) -> tuple[dict[str, Any], list[Any]]:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip(_BLANKS)]
    document = _parsed(lines[0][1], path, f" (line {lines[0][0]})")
    _check_document(document, path)
    try:  # all rows in one call: the loop of json is several times faster than a call for each line
        return document, json.loads(f"[{','.join(line for _, line in lines[1:])}]", parse_constant=_no_constant)
    except (ValueError, RecursionError):
        last = lines[-1][0]
        return document, [_parsed(line, path, f" (line {n})", ends=n == last) for n, line in lines[1:]]


def _data(path: Path) -> bytes:
    return b"".join(pieces(path))


def _decoded(data: bytes, path: Path) -> str:
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise InputError(f"{path}: the file is empty; Dataset-JSON was expected")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start + 1} is not UTF-8, which JSON is always in; write it again"
        ) from None


def _parsed(text: str, path: Path, where: str = "", *, ends: bool = True) -> Any:
    """The JSON of a text. ``ends``: the file ends with it, so it may be cut short. Raises InputError."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise InputError(f"{path}: lists within lists without end; this is no Dataset-JSON") from None
    except ValueError as error:
        place = getattr(error, "pos", None)
        cut = ends and place is not None and place >= len(text.rstrip()) - 1
        raise InputError(
            f"{path}: not JSON{where}: {error}; "
            + ("the file is cut short, copy it again" if cut else "write it again")
        ) from None


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number; a missing value is null")


def _check_document(document: Any, path: Path) -> None:
    if not isinstance(document, dict):
        raise InputError(f"{path}: not Dataset-JSON: an object with datasetJSONVersion, columns and rows was expected")
    version = document.get("datasetJSONVersion")
    if not isinstance(version, str) or version.split(".")[0] != "1" or version.startswith("1.0"):
        found = "no datasetJSONVersion" if version is None else f"datasetJSONVersion {shown(version)}"
        raise InputError(f"{path}: {found}; Dataset-JSON 1.1 is read (1.0 keeps its data elsewhere): convert it to 1.1")


def _check_rows(rows: list[Any], width: int, path: Path) -> None:
    if set(map(type, rows)) - {list}:
        first = next(i for i, r in enumerate(rows) if type(r) is not list)
        raise InputError(f"{path}: row {first + 1} is {shown(rows[first])}, not a list of {width} values")
    lengths = np.fromiter(map(len, rows), "int64", len(rows))
    if (lengths != width).any():
        first = int((lengths != width).argmax())
        raise InputError(f"{path}: row {first + 1} has {lengths[first]} values; its columns are {width}")

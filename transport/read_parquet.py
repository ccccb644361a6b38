"""Reads a Parquet file of a finished dataset, whoever wrote it.

Parquet has no standard place for labels: they are read from the metadata 'label', 'length', 'displayFormat' and
'keySequence' of a field, and 'name' and 'label' of the file, if a writer has set them. Not for raw exports
(sources/parquet/read.py) nor for writing it (parquet_format.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..engine.tables.dataset import VariableMetadata
from ..errors import InputError
from .file_content import FileContent, number_column, sas_format, text_column

_1960_DAYS = 3653  # from 1960-01-01 to 1970-01-01, where Arrow counts from
_TYPES = pa.types


def parquet_name(path: Path) -> str:
    """The dataset's name in the file's metadata, '' if there is no readable one."""
    try:
        return _metadata_text(pq.read_schema(path).metadata, "name")
    except (pa.ArrowException, OSError, ValueError):
        return ""


def read_parquet(path: Path) -> FileContent:
    """Read a file: null is missing; dates, timestamps and times become SAS numbers, with their usual format.

    Raises InputError for a damaged or cut file, and for columns that a SAS dataset cannot hold: lists, structures,
    intervals, times with a zone, whole numbers of more digits than a double has, bytes that are not UTF-8.
    """
    if not path.stat().st_size:
        raise InputError(f"{path}: the file is empty (0 bytes); a Parquet file was expected")
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); the file is damaged, cut short or of "
            "another format: copy or export it again"
        ) from None
    content = FileContent(_metadata_text(table.schema.metadata, "name"), _metadata_text(table.schema.metadata, "label"))
    keyed = []
    for number, field in enumerate(table.schema):
        name = str(field.name)
        kind, column, form = _column(table.column(number), name, path)
        length = _metadata_text(field.metadata, "length")
        size = int(length) if length.isdecimal() else 0
        content.add(
            VariableMetadata(
                name,
                _metadata_text(field.metadata, "label"),
                kind,
                8 if kind in ("integer", "float") else size,
                format=sas_format(_metadata_text(field.metadata, "displayFormat")) or form,
            ),
            column,
        )
        place = _metadata_text(field.metadata, "keySequence")
        if place.isdecimal():
            keyed.append((int(place), name))
    content.keys = tuple(name for _, name in sorted(keyed))
    return content


def _metadata_text(metadata: dict[bytes, bytes] | None, key: str) -> str:
    return (metadata or {}).get(key.encode(), b"").decode("utf-8", "replace").strip()


def _column(column: pa.ChunkedArray, name: str, path: Path) -> tuple[str, pd.Series, str]:
    """(type, values, SAS format) of one column."""
    if _TYPES.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    try:
        if _TYPES.is_null(kind):
            return "text", text_column(np.zeros(len(column), "int8"), [""], name, path), ""
        if _TYPES.is_boolean(kind):
            codes = column.cast(pa.int8()).fill_null(2).to_numpy()
            return "text", text_column(codes, ["false", "true", ""], name, path), ""
        if _TYPES.is_date(kind):
            days = _numbers(column.cast(pa.date32()).cast(pa.int32())) + _1960_DAYS
            return *number_column(days, name, path), "DATE9."
        if _TYPES.is_timestamp(kind):
            if kind.tz is not None:
                raise InputError(f"{path}: {name} has a time zone ({kind.tz}), and SAS keeps none; write local time")
            ticks = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
            seconds = _seconds(column, ticks) + _1960_DAYS * 86_400
            return *number_column(seconds, name, path), "DATETIME20."
        if _TYPES.is_time(kind):
            ticks = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
            return *number_column(_seconds(column, ticks), name, path), "TIME8."
        if _TYPES.is_integer(kind) or _TYPES.is_floating(kind) or _TYPES.is_decimal(kind):
            return *number_column(_numbers(column), name, path), ""
        if _TYPES.is_string(kind) or _TYPES.is_large_string(kind) or _TYPES.is_string_view(kind):
            return "text", _texts(column, name, path), ""
        if _TYPES.is_binary(kind) or _TYPES.is_large_binary(kind) or _TYPES.is_fixed_size_binary(kind):
            return "text", _texts(column.cast(pa.binary()).cast(pa.string()), name, path), ""
    except pa.ArrowInvalid as error:
        raise InputError(f"{path}: {name} of type {kind}: {error}; write it as text or as a number") from None
    raise InputError(f"{path}: {name} holds {kind}, which a SAS dataset cannot; write it as text or as a number")


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """As float64, null as NaN; ArrowInvalid where a whole number would lose digits."""
    return column.cast(pa.float64()).fill_null(np.nan).to_numpy()


def _seconds(column: pa.ChunkedArray, ticks: int) -> np.ndarray:
    """Seconds with their fraction. Whole seconds and the rest apart, so that nanoseconds do not overflow a double."""
    counts = column.cast(pa.int64() if column.type.bit_width == 64 else pa.int32()).cast(pa.int64())
    gone = counts.is_null().to_numpy()
    values = cast(np.ndarray, counts.fill_null(0).to_numpy())
    seconds = (values // ticks) + (values % ticks) / ticks
    return np.where(gone, np.nan, seconds)


def _texts(column: pa.ChunkedArray, name: str, path: Path) -> pd.Series:
    encoded = column.cast(pa.large_string()).dictionary_encode().unify_dictionaries().combine_chunks()
    array = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    texts = [*array.dictionary.to_pylist(), ""]
    codes = array.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
    return text_column(codes, texts, name, path)

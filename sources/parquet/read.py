"""Parquet files to raw tables: every typed column as text.

Not for writing Parquet (transport/), nor for statistical packages' files (sources/statistical/read.py).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import InputError
from ...findings.table import Findings
from ..cell_text import number_text, value_text
from ..header import HEADER_FINDINGS, check_expected, leave_out_nameless, name_columns
from ..options import SourceOptions
from ..reader import SourceFile, reads
from ..table import RawTable
from ..text_columns import first_filled, frame_of, from_unique


@reads("parquet", findings=(*HEADER_FINDINGS, "R2A-SRC-001"))
def _read(file: SourceFile) -> RawTable:
    return read_parquet(file.source, file.path, file.options, file.findings)


def read_parquet(name: str, path: Path, options: SourceOptions, findings: Findings) -> RawTable:
    """Read a Parquet file: numbers in the shortest text of their precision, dates and times in ISO 8601, TRUE
    and FALSE, null as ''.

    A timestamp has its time part, also at midnight, because its type has one. ``line`` is 0. Raises
    InputError for a damaged or cut file, and for columns of lists, structures or bytes that are not UTF-8.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{options.file}: cannot be read as Parquet ({str(error).splitlines()[0]}); the file is damaged, cut "
            "short or of another format: copy or export it again"
        ) from None
    header = name_columns(table.column_names, options, "columns", findings)
    check_expected([n for n in header.names if n], options)
    texts = [_column(table.column(i), n or f"number {i + 1}", options.file) for i, n in enumerate(header.names)]
    named = leave_out_nameless(header, lambda i: first_filled(texts[i]), options, findings)
    columns = {header.names[i]: texts[i] for i in named}
    rows = table.num_rows
    if not rows:
        findings.add("R2A-SRC-001", "columns and no rows", file=options.file)
    record = np.arange(1, rows + 1, dtype=np.int32)
    frame = frame_of(columns, rows)
    return RawTable(name, path, digest, frame, record, np.zeros(rows, np.int32), doubled=header.doubled)


def _column(column: pa.ChunkedArray, name: str, file: str) -> pd.Categorical:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_nested(kind):
        raise InputError(f"{file}: column '{name}' holds {kind}, not single values; flatten it before the export")
    if pa.types.is_null(kind):
        return from_unique([], np.full(len(column), -1))
    try:
        if pa.types.is_dictionary(column.type):
            column = column.cast(kind)
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
            column = column.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        raise InputError(f"{file}: column '{name}' holds bytes that are not UTF-8 text; export it as text") from None
    encoded = column.dictionary_encode().unify_dictionaries().combine_chunks()
    array = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    try:
        if pa.types.is_float16(kind) or pa.types.is_float32(kind):  # as Python floats they would be double ones
            texts = [number_text(v) for v in array.dictionary.to_numpy(zero_copy_only=False)]
        else:
            texts = [value_text(v) for v in array.dictionary.to_pylist()]
    except UnicodeDecodeError:
        raise InputError(f"{file}: column '{name}' holds bytes that are not UTF-8 text; export it as text") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{file}: column '{name}' of type {kind} cannot be written as text ({error})") from None
    return from_unique(texts, codes)

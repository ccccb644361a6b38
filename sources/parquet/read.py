"""Parquet and Feather files to raw tables: every typed column as text.

Not for writing Parquet (transport/), nor for statistical packages' files (sources/statistical/read.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import InputError
from ...findings.table import Findings
from ..cell_text import typed_number_text, value_text
from ..header import HEADER_FINDINGS, check_expected, leave_out_nameless, name_columns
from ..options import SourceOptions, known_zone
from ..reader import SourceFile, reads
from ..table import RawTable
from ..text_columns import first_filled, frame_of, from_unique

#: the zone of a column may be an offset from UTC
_OFFSET = re.compile(r"[+-]\d\d:\d\d", re.ASCII)
_FINDINGS = (*HEADER_FINDINGS, "R2A-SRC-001", "R2A-SRC-045")


@reads("parquet", findings=_FINDINGS)
def _read(file: SourceFile) -> RawTable:
    return _read_arrow(file, "Parquet", lambda path: pq.ParquetFile(path).read())


@reads("feather", findings=_FINDINGS)
def _read_feather(file: SourceFile) -> RawTable:
    return _read_arrow(file, "Feather (Arrow IPC)", lambda path: pa.ipc.open_file(path).read_all())


def _read_arrow(file: SourceFile, called: str, parse: Callable[[Path], pa.Table]) -> RawTable:
    """Read typed columns: numbers in the shortest text of their precision, dates and times in ISO 8601, TRUE
    and FALSE, null as ''.

    A timestamp has its time part, also at midnight, because its type has one. A moment in a time zone has the day and
    time of time_zone:; else of the zone of its column, with the offset (finding R2A-SRC-045). ``line`` is 0. Raises
    InputError for a damaged or cut file, and for columns of lists, structures or bytes that are not UTF-8.
    """
    path, options, findings = file.path, file.options, file.findings
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    try:
        table = parse(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{options.file}: cannot be read as {called} ({str(error).splitlines()[0]}); the file is damaged, cut "
            "short or of another format: copy or export it again"
        ) from None
    header = name_columns(table.column_names, options, "columns", findings)
    check_expected([n for n in header.names if n], options)
    texts = [_column(table.column(i), n or f"number {i + 1}", options) for i, n in enumerate(header.names)]
    for i, name in enumerate(header.names):
        _report_zone(table.column(i).type, texts[i], name, options, findings)
    named = leave_out_nameless(header, lambda i: first_filled(texts[i]), options, findings)
    columns = {header.names[i]: texts[i] for i in named}
    rows = table.num_rows
    if not rows:
        findings.add("R2A-SRC-001", "columns and no rows", file=options.file)
    record = np.arange(1, rows + 1, dtype=np.int32)
    frame = frame_of(columns, rows)
    return RawTable(file.source, path, digest, frame, record, np.zeros(rows, np.int32), doubled=header.doubled)


def _report_zone(
    kind: pa.DataType, texts: pd.Categorical, name: str, options: SourceOptions, findings: Findings
) -> None:
    """Report a column of moments in a time zone that no declaration of the source names."""
    zone = getattr(kind.value_type if pa.types.is_dictionary(kind) else kind, "tz", None)
    first = first_filled(texts)
    if zone is None or options.time_zone is not None or first is None:
        return
    text = (
        f"moments in the time zone {zone}, read with its day and offset, as {first[1]}: the day at the site may be "
        "another one"
    )
    findings.add("R2A-SRC-045", text, file=options.file, column=name)


def _column(column: pa.ChunkedArray, name: str, options: SourceOptions) -> pd.Categorical:
    file = options.file
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
            texts = [typed_number_text(v) for v in array.dictionary.to_numpy(zero_copy_only=False)]
        elif getattr(kind, "tz", None) is not None:
            texts = [value_text(v) for v in _moments(array.dictionary, name, options)]
        else:
            texts = [value_text(v) for v in array.dictionary.to_pylist()]
    except UnicodeDecodeError:
        raise InputError(f"{file}: column '{name}' holds bytes that are not UTF-8 text; export it as text") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{file}: column '{name}' of type {kind} cannot be written as text ({error})") from None
    return from_unique(texts, codes)


def _moments(values: pa.Array, name: str, options: SourceOptions) -> list[datetime | None]:
    """The moments of a column with a time zone: of time_zone:, without an offset, else as the file has them.

    Raises InputError for a zone that no database has.
    """
    zone = values.type.tz
    if _OFFSET.fullmatch(zone) is None and not known_zone(zone):
        raise InputError(
            f"{options.file}: column '{name}' has moments in the unknown time zone '{zone}'; export it in UTC"
        )
    found = values.to_pylist()
    if options.time_zone is None:
        return found
    place = ZoneInfo(options.time_zone)
    return [None if moment is None else moment.astimezone(place).replace(tzinfo=None, fold=0) for moment in found]

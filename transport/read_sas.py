"""Reads a SAS7BDAT file, or a transport file of version 8, of a finished dataset. Values come from pyreadstat.

Not for raw exports (sources/statistical/read.py) nor for transport files of version 5 (read_xpt.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine.tables.dataset import VariableMetadata
from ..errors import InputError
from ..sources.statistical.pyreadstat_process import ReaderError, read_statistical_file
from ..sources.statistical.sas_transport import TransportLayout
from .file_content import FileContent, number_column, sas_format, text_column


def sas_name(path: Path) -> str:
    """The dataset's name in the file's header, '' if there is no readable one."""
    try:
        return str(read_statistical_file("read_sas7bdat", path, metadataonly=True)[1].table_name or "")
    except ReaderError:  # reading the whole file reports the fault
        return ""


def read_sas(path: Path, encoding: str = "") -> FileContent:
    """Read a file: special missing values are missing, dates stay numbers. ``encoding``: in place of that of the file.

    Raises InputError for a file that is damaged, cut short, of another format or of another encoding.
    """
    transport = path.suffix.lower() == ".xpt"
    kind = "XPT" if transport else "SAS7BDAT"
    arguments: dict[str, Any] = {"disable_datetime_conversion": True}
    if encoding:
        arguments["encoding"] = encoding
    try:
        cells, meta = read_statistical_file("read_xport" if transport else "read_sas7bdat", path, **arguments)
    except ReaderError as error:
        if error.encoding:
            advice = "its text is in another encoding; name the one it was written in (cp1252, latin-1, ...)"
        else:
            advice = "the file is damaged, cut short or of another format; copy or export it again"
        raise InputError(f"{path}: cannot be read as {kind} ({error}): {advice}") from None
    if transport:
        TransportLayout(path.read_bytes(), str(path)).check_rows(int(meta.number_rows))
    content = FileContent(str(meta.table_name or ""), str(meta.file_label or "").strip())
    if None in meta.column_names:
        raise InputError(f"{path}: a variable has no name; write the file again")
    if len(set(meta.column_names)) < len(meta.column_names):
        twice = sorted({n for n in meta.column_names if meta.column_names.count(n) > 1})
        raise InputError(f"{path}: it has variables named twice: {', '.join(twice)}")
    for name in meta.column_names:
        values: Any = cells[name]
        if meta.readstat_variable_types.get(name) == "string":
            codes, unique = pd.factorize(np.array([*values, ""], dtype=object)[:-1])
            texts = [str(u) for u in unique]
            texts, codes = [*texts, ""], np.where(codes < 0, len(texts), codes)
            typed, column = "text", text_column(codes, texts, name, path)
        else:
            numbers = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce")  # a letter is a special missing
            typed, column = number_column(numbers.to_numpy("float64", na_value=np.nan), name, path)
        length = int(meta.variable_storage_width.get(name) or 0)
        label = str(meta.column_names_to_labels.get(name) or "").strip()
        form = sas_format((meta.original_variable_types or {}).get(name))
        content.add(VariableMetadata(name, label, typed, length, format=form), column)
    return content

"""SAS transport files (XPORT v5) as a format of output files: written by xpt.py, read back by pyreadstat and xport."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..engine.tables.dataset import DatasetMetadata
from ..errors import InputError
from ..sources.statistical.pyreadstat_process import ReaderError, read_statistical_file
from .dataset_files import read_records
from .dataset_writer import DescribedFile, DescribedVariable, FileContext, OutputFormat
from .readback import readback_problems
from .xpt import XptWriter
from .xpt_header import MAX_TEXT, XptVariable, header_problems, xpt_variables


def unholdable(metadata: DatasetMetadata) -> list[str]:
    """What a transport file cannot hold of the names, labels, lengths and formats of a dataset, one sentence a kind."""
    variables = _held_variables(metadata)
    return [f"{metadata.name}: {text}" for text in header_problems(metadata.name, metadata.label, variables)]


def _held_variables(metadata: DatasetMetadata) -> list[XptVariable]:
    """The variables, with lengths that XPT can hold: the writer refuses too long a text by subject and value."""
    return [v if v.numeric else replace(v, length=min(v.length, MAX_TEXT)) for v in xpt_variables(metadata)]


class XptDatasetWriter:
    """A DatasetWriter of one transport file."""

    def __init__(self, path: Path, context: FileContext):
        self.path, self.declared = path, context.declared
        self._writer: XptWriter | None = None

    def open(self, metadata: DatasetMetadata, records: int) -> None:
        variables = _held_variables(metadata)
        self._writer = XptWriter(self.path, metadata.name, metadata.label, variables, self.declared)

    def append(self, frame: pd.DataFrame) -> None:
        self._opened().append(frame)

    def close(self) -> None:
        self._opened().close()

    def abort(self) -> None:
        if self._writer is not None:
            self._writer.abort()

    def _opened(self) -> XptWriter:
        if self._writer is None:
            raise ValueError(f"{self.path.name}: the writer is not open")
        return self._writer


def describe_xpt(path: Path) -> DescribedFile:
    """The header of a transport file, as pyreadstat reads it. Raises InputError."""
    try:
        _, data = read_statistical_file("read_xport", path, metadataonly=True)
    except ReaderError as error:
        raise InputError(str(error)) from None
    labels = dict(zip(data.column_names, data.column_labels, strict=True))
    types, widths = data.readstat_variable_types, data.variable_storage_width
    variables = (DescribedVariable(n, labels[n] or "", types[n] == "string", widths[n]) for n in data.column_names)
    return DescribedFile(data.table_name, data.file_label or "", tuple(variables))


XPT = OutputFormat(
    name="xpt",
    suffix=".xpt",
    title="a SAS transport file",
    listed="SAS transport version 5",
    writer=XptDatasetWriter,
    describe=describe_xpt,
    readback=readback_problems,
    read=read_records,
)

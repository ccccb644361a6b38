"""Writes Dataset-JSON 1.1: one object (.json), one record a line (.ndjson), and that compressed (.dsjc).

Not for reading it (read_dataset_json.py) nor for the cells (json_cells.py). Source: CDISC Dataset-JSON 1.1 with its
NDJSON representation, and Compressed Dataset-JSON 1.1. Attributes are in the order of the standard.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pandas as pd

from ..engine.tables.dataset import DatasetMetadata, VariableMetadata
from ..errors import OutputError
from .dataset_writer import FileContext
from .json_cells import JsonRecords, json_type
from .oids import file_oid, oid_of_dataset, oid_of_variable

VERSION = "1.1.0"
_PIECE = 1 << 20  # bytes that are compressed in one call, however append divides the records
_LEVEL = 1


class _Target(Protocol):
    """Where the bytes of a file go."""

    def write(self, data: bytes | memoryview, /) -> Any: ...
    def close(self) -> None: ...


class _Compressed:
    """A zlib stream of equal pieces, so that its bytes do not depend on the calls of write."""

    def __init__(self, file: BinaryIO):
        self._file, self._waiting = file, bytearray()
        self._packer = zlib.compressobj(_LEVEL)

    def write(self, data: bytes | memoryview) -> None:
        self._waiting += data
        while len(self._waiting) >= _PIECE:
            self._file.write(self._packer.compress(self._waiting[:_PIECE]))
            del self._waiting[:_PIECE]

    def close(self) -> None:
        self._file.write(self._packer.compress(self._waiting) + self._packer.flush())
        self._file.close()


class DatasetJsonWriter:
    """A DatasetWriter of one file. ``lines``: as NDJSON; ``compressed``: as a zlib stream."""

    def __init__(self, path: Path, context: FileContext, *, lines: bool, compressed: bool = False):
        self.path, self.context = path, context
        self._lines, self._compressed = lines, compressed
        self._file: BinaryIO | None = None
        self._target: _Target | None = None

    def open(self, metadata: DatasetMetadata, records: int) -> None:
        """Begin the file with all that describes it. Raises OutputError."""
        self.name, self._expected, self._written = metadata.name, records, 0
        around = ("[", "]\n") if self._lines else (",\n[", "]")
        self._records = JsonRecords(metadata.name, metadata.variables, *around)
        text = json.dumps(header(metadata, records, self.context), ensure_ascii=False, separators=(",", ":"))
        head = f"{text}\n" if self._lines else f'{text[:-1]},"rows":['
        try:
            data = head.encode()
        except UnicodeEncodeError:
            raise OutputError(f"{self.name}: half a surrogate pair in a name or label is no text") from None
        try:
            self._file = self.path.open("wb")
            self._target = _Compressed(self._file) if self._compressed else self._file
            self._target.write(data)
        except OSError as error:
            raise self._unwritable(error) from error

    def append(self, frame: pd.DataFrame) -> None:
        """Write records; columns are found by name. Raises OutputError for a value that its type cannot hold."""
        if self._target is None:
            raise ValueError(f"{self.path.name}: the writer is not open")
        if sorted(map(str, frame.columns)) != sorted(v.name for v in self._records.variables):
            self.abort()
            raise ValueError(f"{self.name}: frame and variables differ")
        first = not self._written and not self._lines
        try:
            for block in self._records.blocks(frame):
                self._target.write(block[1:] if first else block)  # no comma before the first record
                first = False
        except OSError as error:
            raise self._unwritable(error) from error
        except BaseException:
            self.abort()
            raise
        self._written += len(frame)

    def close(self) -> None:
        """Complete the file. Raises OutputError, and ValueError for another number of records than open declared."""
        if self._target is None:
            return
        if self._written != self._expected:
            self.abort()
            raise ValueError(f"{self.name}: {self._written} records, and its header has {self._expected}")
        try:
            if not self._lines:
                self._target.write(b"\n]}\n")
            self._target.close()
        except OSError as error:
            raise self._unwritable(error) from error
        self._file = self._target = None

    def abort(self) -> None:
        """Remove the partial file. Does nothing if the file is complete."""
        if self._file is None:
            return
        file, self._file, self._target = self._file, None, None
        try:
            file.close()
        except OSError:
            pass  # what could not be flushed is removed with the rest
        finally:
            self.path.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> OutputError:
        self.abort()
        return OutputError(f"{self.name}: cannot write {self.path}: {error.strerror or error}")


def header(metadata: DatasetMetadata, records: int, context: FileContext) -> dict[str, Any]:
    """The attributes of a dataset and of its columns, without its rows. Optional ones that are unknown are absent."""
    moment = context.declared.isoformat(timespec="seconds")
    found: dict[str, Any] = {
        "datasetJSONCreationDateTime": moment,
        "datasetJSONVersion": VERSION,
        "fileOID": file_oid(context.metadata_version_oid, metadata.name),
        "dbLastModifiedDateTime": moment,
        "originator": context.originator,
        "sourceSystem": {"name": context.system, "version": context.system_version} if context.system else None,
        "studyOID": context.study_oid,
        "metaDataVersionOID": context.metadata_version_oid,
        "metaDataRef": context.define,
    }
    return {key: value for key, value in found.items() if value} | {
        "itemGroupOID": oid_of_dataset(metadata.name, context),
        "records": records,
        "name": metadata.name,
        "label": metadata.label,
        "columns": [_column(metadata, v, context) for v in metadata.variables],
    }


def _column(metadata: DatasetMetadata, variable: VariableMetadata, context: FileContext) -> dict[str, Any]:
    kind, target = json_type(variable)
    found: dict[str, Any] = {
        "itemOID": oid_of_variable(metadata.name, variable.name, context),
        "name": variable.name,
        "label": variable.label,
        "dataType": kind,
    }
    optional = {
        "targetDataType": target,
        "length": max(variable.length, 1) if kind == "string" else 0,
        "displayFormat": variable.format if variable.is_numeric else "",  # the standard has it for numbers and dates
        "keySequence": metadata.keys.index(variable.name) + 1 if variable.name in metadata.keys else 0,
    }
    return found | {key: value for key, value in optional.items() if value}

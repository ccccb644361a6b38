"""Parquet as a format of output files, with labels, lengths, formats and keys in the metadata of file and fields.

Read back by read_parquet.py. Text is string, an integer int64, a float double; an integer with a format of dates is a
date, a timestamp or a time. Row groups have equal sizes, so that the bytes do not depend on partitions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..engine.columns import column as col
from ..engine.tables.dataset import DatasetMetadata, VariableMetadata
from ..errors import InputError, OutputError
from .dataset_files import read_records
from .dataset_writer import DescribedFile, DescribedVariable, FileContext, OutputFormat
from .oids import oid_of_dataset, oid_of_variable
from .read_parquet import read_parquet
from .refused_values import Refusal, moment_of

_GROUP = 1 << 17  # records of a row group
_1960_DAYS = 3653  # from 1960-01-01 to 1970-01-01, where Arrow counts from
#: its type, the steps of casts from int64 to it, what to subtract; Parquet has no whole seconds, so it is milliseconds
_MOMENTS: dict[str, tuple[pa.DataType, tuple[pa.DataType, ...], int]] = {
    "date": (pa.date32(), (pa.int32(),), _1960_DAYS),
    "datetime": (pa.timestamp("ms"), (pa.timestamp("s"),), _1960_DAYS * 86_400),
    "time": (pa.time32("ms"), (pa.int32(), pa.time32("s")), 0),
}


class ParquetDatasetWriter:
    """A DatasetWriter of one Parquet file."""

    def __init__(self, path: Path, context: FileContext):
        self.path, self.context = path, context
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._open = False

    def open(self, metadata: DatasetMetadata, records: int) -> None:
        """Begin the file. Raises OutputError if it cannot be written."""
        self.metadata, self._written, self._read = metadata, 0, 0
        self._schema = _schema(metadata, self.context)
        self._open = True
        try:
            self._writer = pq.ParquetWriter(self.path, self._schema, compression="zstd", version="2.6")
        except OSError as error:
            raise self._unwritable(error) from error

    def append(self, frame: pd.DataFrame) -> None:
        """Write records; columns are found by name. Raises OutputError for a value that its type cannot hold."""
        if self._writer is None:
            raise ValueError(f"{self.path.name}: the writer is not open")
        try:
            arrays = [self._array(frame, v) for v in self.metadata.variables]
            self._waiting.append(pa.Table.from_arrays(arrays, schema=self._schema))
            self._read += len(frame)
            while self._read - self._written >= _GROUP:
                self._write(_GROUP)
        except OSError as error:
            raise self._unwritable(error) from error
        except BaseException:
            self.abort()
            raise

    def close(self) -> None:
        """Complete the file. Raises OutputError."""
        if self._writer is None:
            return
        try:
            if self._read > self._written:
                self._write(self._read - self._written)
            self._writer.close()
        except OSError as error:
            raise self._unwritable(error) from error
        self._writer, self._open = None, False

    def abort(self) -> None:
        """Remove the partial file. Does nothing if the file is complete."""
        if not self._open:
            return
        writer, self._writer, self._open = self._writer, None, False
        try:
            if writer is not None:
                writer.close()
        except OSError:
            pass  # what could not be flushed is removed with the rest
        finally:
            self.path.unlink(missing_ok=True)

    def _write(self, count: int) -> None:
        """One row group of the first ``count`` waiting records."""
        waiting = pa.concat_tables(self._waiting)
        assert self._writer is not None
        # in one piece each, so that pages do not depend on how append divides the records
        self._writer.write_table(waiting.slice(0, count).combine_chunks(), row_group_size=count)
        self._waiting = [waiting.slice(count)] if len(waiting) > count else []
        self._written += count

    def _array(self, frame: pd.DataFrame, variable: VariableMetadata) -> pa.Array:
        refusal = Refusal(self.metadata.name, variable, frame, self._read)
        if not variable.is_numeric:
            codes, texts = col.split_text(pd.Series(frame[variable.name]))
            try:
                array = pa.array(texts, type=pa.large_string())
            except UnicodeEncodeError:
                array = pa.array(refusal.half_pairs(codes, texts), type=pa.large_string())
            return array.take(pa.array(codes)).cast(pa.string())
        numbers = refusal.numbers()
        if variable.type != "integer":
            return pa.array(numbers, from_pandas=True)
        missing = np.isnan(numbers)
        counts = np.where(missing, 0, numbers).astype("int64")
        moment = moment_of(variable)
        if not moment:
            return pa.array(counts, mask=missing)
        final, steps, first = _MOMENTS[moment]
        array = pa.array(counts - first, mask=missing)
        for step in (*steps, final):
            array = array.cast(step)
        return array

    def _unwritable(self, error: OSError) -> OutputError:
        self.abort()
        return OutputError(f"{self.metadata.name}: cannot write {self.path}: {error.strerror or error}")


def _schema(metadata: DatasetMetadata, context: FileContext) -> pa.Schema:
    fields = [
        pa.field(
            v.name,
            _type(v),
            metadata=_filled(
                label=v.label,
                length="" if v.is_numeric else str(v.length or ""),
                displayFormat=v.format,
                keySequence=str(metadata.keys.index(v.name) + 1) if v.name in metadata.keys else "",
                itemOID=oid_of_variable(metadata.name, v.name, context),
            ),
        )
        for v in metadata.variables
    ]
    about = _filled(
        name=metadata.name,
        label=metadata.label,
        studyOID=context.study_oid,
        metaDataVersionOID=context.metadata_version_oid,
        metaDataRef=context.define,
        itemGroupOID=oid_of_dataset(metadata.name, context),
    )
    return pa.schema(fields, metadata=about)


def _type(variable: VariableMetadata) -> pa.DataType:
    if not variable.is_numeric:
        return pa.string()
    moment = moment_of(variable)
    return _MOMENTS[moment][0] if moment else pa.int64() if variable.type == "integer" else pa.float64()


def _filled(**texts: str) -> dict[str, str]:
    return {key: text for key, text in texts.items() if text}


def describe_parquet(path: Path) -> DescribedFile:
    """The schema of a Parquet file with its metadata. Raises InputError."""
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); copy or export it again"
        ) from None
    about = _texts(schema.metadata)
    variables = []
    for field in schema:
        texts = _texts(field.metadata)
        is_text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        width = int(texts["length"]) if texts.get("length", "").isdecimal() else None
        variables.append(
            DescribedVariable(field.name, texts.get("label", ""), is_text, width, texts.get("itemOID", ""))
        )
    oids = (about.get(key, "") for key in ("studyOID", "metaDataVersionOID", "itemGroupOID"))
    return DescribedFile(about.get("name", ""), about.get("label", ""), tuple(variables), *oids)


def _texts(metadata: dict[bytes, bytes] | None) -> dict[str, str]:
    return {k.decode("utf-8", "replace"): v.decode("utf-8", "replace") for k, v in (metadata or {}).items()}


def readback_parquet(path: Path, records: int | None = None) -> list[str]:
    """The faults of a file in plain sentences; [] if it can be read and has the records of the manifest."""
    try:
        found = len(read_parquet(path).columns[0])
    except (InputError, OSError) as error:
        return [f"{path.name}: cannot be read: {error}"]
    return [] if records in (None, found) else [f"{path.name}: {found} records, and {records} by the manifest"]


PARQUET = OutputFormat(
    name="parquet",
    suffix=".parquet",
    title="Parquet",
    writer=ParquetDatasetWriter,
    describe=describe_parquet,
    readback=readback_parquet,
    read=read_records,
    folder="parquet",
)

"""Writes SAS transport files (XPORT v5, technical note TS-140), in blocks of records, appended partition by partition.

Not for reading them (sources/ and the independent readers do) nor for deciding lengths: text_width measures a column,
and the caller merges the widths of all partitions before it opens the writer.

Refused, because the format would change or lose it: text of more bytes than its variable's length or than 200, text
that is not printable ASCII (also tab, line end and NUL: readers show them differently or stop there), numbers that no
IBM double equals, and a last record of blanks only, which no reader can distinguish from the file's padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

import numpy as np
import pandas as pd

from ..engine.columns.column import columns_of
from ..errors import OutputError
from ..sources.statistical.ibm import NotRepresentable, ieee_to_ibm, not_representable
from .xpt_header import XptVariable, header, padding, xpt_variables
from .xpt_text import TextArray, TextTable, shown, text_column, text_width, unfit_reason

__all__ = ["XptVariable", "XptWriter", "text_width", "xpt_variables"]

_BLOCK_BYTES = 1 << 19  # a block and its data fit in the cache of a core
_LEAST_ROWS = 512  # below this, the calls per block cost more than the cache saves
_BLANK = 0x20


class XptWriter:
    """One dataset as one transport file. Use it as a context manager: on any error the partial file is removed.

    ``variables``: from xpt_variables, or written by hand. ``declared``: the run's declared moment, stamped as created
    and modified (the file never shows the clock). The same records give the same bytes however append divides them.
    A file without records is written when nothing is appended; callers do not write empty datasets, which agencies
    refuse. Raises OutputError for names, labels, lengths or formats that the format cannot hold (all at once), and when
    the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        dataset_name: str,
        dataset_label: str,
        variables: Sequence[XptVariable],
        declared: datetime,
    ):
        self.path = Path(path)
        self.name = dataset_name
        self.variables = tuple(variables)
        first = header(dataset_name, dataset_label, self.variables, declared)
        lengths = [v.length for v in self.variables]
        self._width = sum(lengths)
        rows = max(_LEAST_ROWS, _BLOCK_BYTES // self._width)
        self._block = np.empty((rows, self._width), dtype=np.uint8)
        self._fields = _fields(self._block, self.variables)
        self._records = 0
        self._last_is_blank = False
        self._file: BinaryIO | None = None
        try:
            self._file = self.path.open("wb")
            self._file.write(first)
        except OSError as error:
            raise self._unwritable(error) from error

    def append(self, frame: pd.DataFrame) -> None:
        """Write the records of ``frame``: numbers as float64 (NaN is SAS '.'), text as category or str (missing is '').

        Columns are found by name; their order does not matter. Raises ValueError when the columns are not exactly the
        variables or are of another kind, OutputError naming dataset, variable, subject and value when a value does
        not fit: the first such record, and in it the first variable. After an error the file is gone.
        """
        try:
            self._append(frame)
        except OSError as error:
            raise self._unwritable(error) from error
        except BaseException:
            self.abort()
            raise

    def close(self) -> None:
        """Complete the file. Raises OutputError when the last record is blank in every variable, see above."""
        if self._file is None:
            return
        if self._last_is_blank:
            self.abort()
            raise OutputError(
                f"{self.name}: the last record is blank in every variable. An XPT file does not contain the number "
                "of its records, so readers would drop it. Exclude such records, or add a variable that is never empty"
            )
        try:
            self._file.write(b" " * padding(self._records * self._width))
            self._file.close()
        except OSError as error:
            raise self._unwritable(error) from error
        self._file = None

    def abort(self) -> None:
        """Remove the partial file. Does nothing if the file is complete."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            file.close()
        except OSError:
            pass  # what could not be flushed is removed with the rest
        finally:
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> XptWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _append(self, frame: pd.DataFrame) -> None:
        if self._file is None:
            raise ValueError(f"{self.name}: the file is closed")
        if sorted(map(str, frame.columns)) != sorted(v.name for v in self.variables):
            odd = sorted(set(map(str, frame.columns)) ^ {v.name for v in self.variables})
            raise ValueError(f"{self.name}: frame and variables differ in {', '.join(odd) or 'repeated columns'}")
        columns, of_frame = [], columns_of(frame)
        for v in self.variables:
            try:
                columns.append(_column(of_frame[v.name], v))
            except ValueError as error:
                raise ValueError(f"{self.name}.{v.name}: {error}") from error
        for start in range(0, len(frame), len(self._block)):
            count = min(len(self._block), len(frame) - start)
            refused: list[tuple[int, int]] = []
            for index, (column, field) in enumerate(zip(columns, self._fields, strict=True)):
                row = column.fill(field[:count], start)
                if row is not None:
                    refused.append((row, index))
            if refused:
                row, index = min(refused)
                raise self._refusal(frame.iloc[start + row], self.variables[index], self._records + row + 1)
            self._file.write(cast(Any, self._block[:count]))
            self._last_is_blank = bool((self._block[count - 1] == _BLANK).all())
            self._records += count

    def _refusal(self, record: pd.Series, variable: XptVariable, number: int) -> OutputError:
        subject = f", subject {shown(str(record['USUBJID']))}" if "USUBJID" in record.index else ""
        value: Any = record[variable.name]
        if variable.numeric:
            what = f"{float(value)!r} {not_representable(float(value))}"
        else:
            what = f"{shown(str(value))} {unfit_reason(str(value), variable.length)}"
        return OutputError(f"{self.name}.{variable.name}{subject}, record {number}: {what}")

    def _unwritable(self, error: OSError) -> OutputError:
        self.abort()
        return OutputError(f"{self.name}: cannot write {self.path}: {error.strerror or error}")


class _Numbers:
    """A float64 column on its way into records."""

    def __init__(self, values: np.ndarray):
        self._values = values

    def fill(self, field: np.ndarray, start: int) -> int | None:
        """Put the values from ``start`` on into ``field``; or the place in it of the first that does not fit."""
        try:
            field[:] = ieee_to_ibm(self._values[start : start + len(field)])
        except NotRepresentable as error:
            return error.position
        return None


def _column(column: pd.Series, variable: XptVariable) -> _Numbers | TextArray | TextTable:
    if not variable.numeric:
        return text_column(column, variable.length)
    if column.dtype != np.float64:
        raise ValueError(f"numbers must be float64, not {column.dtype}")
    return _Numbers(column.to_numpy())


def _fields(block: np.ndarray, variables: Sequence[XptVariable]) -> list[np.ndarray]:
    """One writable view per variable into the rows of ``block``: big-endian words for numbers, V<length> for text."""
    formats = [">u8" if v.numeric else f"V{v.length}" for v in variables]
    offsets = np.cumsum([0, *(v.length for v in variables)])[:-1].tolist()
    names = [v.name for v in variables]
    layout = np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": block.shape[1]})
    records = block.view(layout)[:, 0]
    return [records[name] for name in names]

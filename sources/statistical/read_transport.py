"""A SAS transport file of version 5 to a raw table, whole columns at a time.

Not for version 8, nor for other statistical files (read.py), nor for finished datasets (transport/read_xpt.py).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from ...errors import InputError
from ...findings.table import Findings
from ..header import check_expected, leave_out_nameless, name_columns
from ..options import SourceOptions
from ..table import RawTable
from ..text_columns import first_filled, frame_of, from_unique
from .display_formats import number_reader
from .encodings import cut_at_end, python_name
from .number_columns import StoredVariable, check_doubled, column_of_numbers
from .sas_transport import TransportLayout, TransportVariable
from .transport_cells import TransportCells, decoded_cells

_MOST_CUT = 3  # bytes of a letter that can remain without its last one


def read_transport(name: str, path: Path, content: bytes, options: SourceOptions, findings: Findings) -> RawTable:
    """Read a file of version 5 from its ``content``, as read_statistical describes it."""
    layout = TransportLayout(content, options.file, options.member)
    cells = TransportCells(layout)
    described = [_Described(v, options) for v in layout.variables]
    check_doubled([d.name for d in described], options.file)
    header = name_columns([d.name for d in described], options, "variables", findings)
    check_expected([n for n in header.names if n], options)
    notes: list[str] = []
    columns: list[pd.Categorical] = []
    table = RawTable(
        name,
        path,
        hashlib.sha256(content).hexdigest(),
        pd.DataFrame(),
        np.arange(1, cells.rows + 1, dtype=np.int32),
        np.zeros(cells.rows, np.int32),
        notes=notes,
    )
    for place, variable in enumerate(described):
        column = header.names[place]
        if layout.numeric[place]:
            text, note = number_reader(variable.display, "xpt")
            stored = StoredVariable(column, False, variable.display, text, "double")
            columns.append(column_of_numbers(*_numbers(cells, place), stored, options.file, findings))
            notes += [f"{column}: {note}"] if note else []
            if column:
                table.number_formats[column] = variable.display
        else:
            columns.append(_Texts(column, options, findings).read(*cells.texts(place)))
        if column and variable.label:
            table.column_labels[column] = variable.label
    named = leave_out_nameless(header, lambda i: first_filled(columns[i]), options, findings)
    table.frame = frame_of({header.names[i]: columns[i] for i in named}, cells.rows)
    table.others = {f"member {member}": count for member, count in layout.others.items() if count}
    table.package = "SAS"
    if not cells.rows:
        findings.add("R2A-SRC-001", "variables and no observations", file=options.file)
    return table


class _Described:
    """The texts of the header of a variable. ``display``: its format without the point at its end, as DATE9."""

    def __init__(self, variable: TransportVariable, options: SourceOptions):
        self.name, self.label, form = (
            self._text(part, options) for part in (variable.name, variable.label, variable.form)
        )
        width = variable.form_width or ""
        decimals = f".{variable.form_decimals}" if variable.form_decimals else ""
        self.display = f"{form}{width}{decimals}"

    @staticmethod
    def _text(part: bytes, options: SourceOptions) -> str:
        try:
            return part.decode(python_name(options.encoding))
        except UnicodeError:
            raise InputError(
                f"{options.file}: cannot be read as XPT: the header's {part!r} is not {options.encoding} text; declare "
                "the encoding it was written in (encoding: cp1252, ...)"
            ) from None


def _numbers(cells: TransportCells, place: int) -> tuple[np.ndarray, list[object]]:
    """A code per observation, -1 for a missing number, and the different numbers and letters of missing values."""
    codes, numbers = pd.factorize(cells.numbers(place), use_na_sentinel=True)
    unique: list[object] = numbers.tolist()
    letters = cells.letters(place)
    for letter in np.unique(letters[letters > 0]).tolist():
        codes[letters == letter] = len(unique)
        unique.append(chr(letter))
    return codes, unique


class _Texts:
    """A column of texts on its way into a raw table."""

    def __init__(self, column: str, options: SourceOptions, findings: Findings):
        self._column, self._options, self._findings = column, options, findings
        self._encoding = python_name(options.encoding)

    def read(self, codes: np.ndarray, unique: pa.Array) -> pd.Categorical:
        """The texts of cells; a letter at the end that the width of the variable cuts is not read, and reported."""
        utf8 = self._encoding == "utf-8"
        texts, bad = decoded_cells(unique, lambda cell: cell.decode(self._encoding), utf8=utf8)
        for number in bad:
            texts[number] = self._uncut(unique[number].as_py().rstrip(b" \0"), number, codes)
        if bad:
            cut = np.flatnonzero(np.isin(codes, bad))
            text = f"the last letter is cut by the width of the variable ({self._options.encoding}); it is not read"
            self._findings.add("R2A-SRC-042", text, file=self._options.file, row=cut + 1, column=self._column)
        return from_unique(texts, codes)

    def _uncut(self, cell: bytes, number: int, codes: np.ndarray) -> str:
        """The text of a cell before its last letter, of which bytes are missing."""
        for without in range(1, _MOST_CUT + 1):
            if cut_at_end(cell, self._encoding):
                try:
                    return cell[:-without].decode(self._encoding)
                except UnicodeError:
                    continue
        record = int((codes == number).argmax()) + 1
        raise InputError(
            f"{self._options.file}: cannot be read as XPT: {self._column}, record {record}: {cell!r} is not "
            f"{self._options.encoding} text; declare the encoding it was written in (encoding: cp1252, ...)"
        )

"""A REDCap CSV export and its data dictionary to a raw table: the rows and columns of one instrument, or all of them.

Not for the whole export (export.py), its findings (report.py), CSV (sources/delimited/read.py), nor the dictionary
(dictionary.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import InputError, nearest
from ...findings.table import Findings
from ..delimited.read import TEXT_FINDINGS
from ..header import check_expected, rename_columns
from ..locate import locate
from ..options import SourceOptions
from ..reader import ParsedFiles, SourceFile, reads
from ..table import RawTable
from ..text_columns import frame_of, from_unique
from .dictionary import CHECKED, Column
from .export import UNTOUCHED, Export, by_label, columns_of, read_export, rows_of
from .forms import form_designs
from .report import listed, report_codes, report_file, report_instrument


@reads(
    "redcap",
    findings=(
        *TEXT_FINDINGS,
        "R2A-SRC-012",
        "R2A-SRC-020",
        "R2A-SRC-021",
        "R2A-SRC-022",
        "R2A-SRC-023",
        "R2A-SRC-024",
        "R2A-SRC-041",
        "R2A-RED-001",
    ),
)
def _read(file: SourceFile) -> RawTable:
    dictionary = locate(file.folder, file.options.dictionary or "")
    table = read_redcap(file.source, file.path, dictionary, file.options, file.findings, file.parsed)
    return rename_columns(table, file.options, file.findings)


def read_redcap(
    name: str,
    path: Path,
    dictionary: Path,
    options: SourceOptions,
    findings: Findings,
    parsed: ParsedFiles | None = None,
) -> RawTable:
    """Read ``options.instrument`` of an export: the rows that repeat it, and the plain rows that fill any cell of it.

    Columns: the record id, those that REDCap adds (event, instance, data access group), those of the instrument, and
    those that the dictionary does not know. ``record`` is the position in the file, so it has gaps; the rows of other
    instruments are counted in ``others``. ``parsed``: the exports of the run that are parsed already. ``left_out``:
    records with cells of the instrument that name another or an unknown instrument. Findings R2A-SRC-020 to 024,
    R2A-RED-001. Raises InputError as read_csv does, for a dictionary that is none, a header without the record id, and
    an instrument that the dictionary does not have.
    """
    plain = replace(options, format="csv", expected=(), rename=())
    # these keys may differ between sources of one export; all others belong to the reading of the files
    key = replace(plain, instrument=None, checkboxes="cells")
    export = (parsed or ParsedFiles()).get(Export, key, lambda: read_export(name, path, dictionary, plain, findings))
    forms, wanted, whole = export.dictionary.forms, options.instrument, export.table
    if wanted and wanted not in forms:
        hint = nearest(wanted, forms) or f"it has {', '.join(forms[:8])}"
        raise InputError(f"{options.file}: the dictionary has no instrument '{wanted}' ({hint})")
    report_file(export, options, findings)
    rows = rows_of(export, wanted) if wanted else np.arange(len(whole))
    table = RawTable(name, path, whole.sha256, pd.DataFrame(), whole.record[rows], whole.line[rows])
    table.companions = {dictionary: export.dictionary.sha256}
    labelled: list[str] = []
    columns: dict[str, pd.Categorical] = {}
    for column in columns_of(export, wanted):
        cells = _cells(export, column, rows)
        report_codes(column, cells.codes, cells.texts, table.record, options, findings)
        if cells.are_labels and not _rewritten(column, options):
            labelled.append(column.name)
        cells = _with_checkboxes(cells, column, options)
        if column.label:
            table.column_labels[column.name] = column.label
        if cells.choices:
            table.value_labels[column.name] = dict(cells.choices)
        columns[column.name] = from_unique(cells.texts, cells.codes)
    check_expected(list(columns), options)
    table.frame = frame_of(columns, len(rows))
    table.forms = form_designs(export.dictionary, wanted, columns)
    if wanted:
        table.others = {
            f"instrument {f}": len(rows_of(export, f)) for f in forms if f != wanted and len(rows_of(export, f))
        }
        rest = len(whole) - len(rows)
        table.notes.append(f"{len(rows)} of {len(whole)} records are of instrument {wanted}; {rest} hold nothing of it")
        stray = report_instrument(export, wanted, options, findings)
        if len(stray):
            table.left_out = whole.frame.iloc[stray][list(columns)].reset_index(drop=True)
    table.notes += _notes(export, options, labelled)
    return table


@dataclass(frozen=True)
class _Cells:
    """The cells of a column: unique texts, and per row the code of its text. ``choices``: code -> label that fit them.

    ``are_labels``: whether the cells are the labels of the choices, not their codes.
    """

    texts: list[str]
    codes: np.ndarray
    choices: dict[str, str] = field(default_factory=dict)
    are_labels: bool = False


def _cells(export: Export, column: Column, rows: np.ndarray) -> _Cells:
    cells = export.table.frame[column.name].array
    texts = [str(t) for t in cells.categories]
    are_labels = by_label(column.choices, texts)
    return _Cells(texts, np.asarray(cells.codes)[rows], {} if are_labels else column.choices, are_labels)


def _rewritten(column: Column, options: SourceOptions) -> bool:
    """Whether ``checkboxes:`` replaces the cells of this column."""
    return column.role == "checkbox" and options.checkboxes != "cells" and bool(column.code)


def _with_checkboxes(cells: _Cells, column: Column, options: SourceOptions) -> _Cells:
    """The cells of a checkbox as ``checkboxes:`` declares them: the code or label of a checked choice."""
    if not _rewritten(column, options):
        return cells
    value = column.code if options.checkboxes == "code" else column.code_label
    checked = dict.fromkeys(("1", CHECKED["1"], column.code_label), value)
    texts = [{**checked, **dict.fromkeys(UNTOUCHED["checkbox"], "")}.get(t, t) for t in cells.texts]
    return replace(cells, texts=texts, choices={column.code: column.code_label} if options.checkboxes == "code" else {})


def _notes(export: Export, options: SourceOptions, labelled: list[str]) -> list[str]:
    """Notes about the separator of the dictionary, columns whose cells are labels, and uploaded files."""
    notes = []
    if options.dictionary_separator is None and export.dictionary.separator != options.separator:
        notes.append(
            f"the dictionary is separated by {export.dictionary.separator!r}, as its header shows, the export by "
            f"{options.separator!r}"
        )
    if labelled:
        notes.append(f"cells that are labels, not codes: {listed(labelled)}")
    files = [c.name for c in columns_of(export, options.instrument) if c.kind in ("file", "signature")]
    if files:
        notes.append(f"not used: uploaded files, because the export has only their names: {listed(files)}")
    return notes

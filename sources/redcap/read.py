"""A REDCap CSV export and its data dictionary to a raw table: the rows and columns of one instrument, or all of them.

Not for reading CSV (sources/delimited/read.py) nor the dictionary (dictionary.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import InputError, nearest
from ...findings.table import Findings
from ..delimited.read import TEXT_FINDINGS, read_csv
from ..header import check_expected, rename_columns
from ..locate import locate
from ..options import SourceOptions
from ..reader import ParsedFiles, SourceFile, reads
from ..table import RawTable
from ..text_columns import frame_of, from_unique
from .choices import Evidence, checkbox_evidence
from .dictionary import CHECKED, COMPLETE, Column, Dictionary, read_dictionary

_INSTRUMENT = "redcap_repeat_instrument"
#: texts of a checkbox or of <instrument>_complete that say nothing was entered
_UNTOUCHED = {"checkbox": ("", "0", CHECKED["0"]), "complete": ("", "0", COMPLETE["0"]), "timestamp": ("",)}
_LISTED = 10


@dataclass
class _Export:
    """A whole export. ``filled``: instrument -> the rows with a filled cell of it; ``repeats``: per row an index into
    ``forms``, -1 where the row repeats no instrument, -2 where it names one that the dictionary does not have.

    ``inferred``: label of an instrument -> the instrument that its records' cells show, where nothing else says it.
    ``reported``: whether the findings about the whole export are told.
    """

    table: RawTable
    dictionary: Dictionary
    filled: dict[str, np.ndarray]
    repeats: np.ndarray
    inferred: dict[str, str]
    reported: bool = False


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

    Columns: the record id, those that REDCap adds (event, instance, data access group), the instrument's own, and
    those that the dictionary does not know. ``record`` is the position in the file, so it has gaps; the rows of other
    instruments are counted in ``others``. ``parsed``: exports read already, so that the sources of one file parse it
    once. ``left_out``: records with cells of the instrument that name another or an unknown one. Findings R2A-SRC-020
    to 024, R2A-RED-001. Raises InputError as read_csv does, and for a dictionary that is none, a header
    without the record id, and an instrument that is not there.
    """
    plain = replace(options, format="csv", expected=(), rename=())
    # what differs between sources of one export is chosen below; all else belongs to the reading of the files
    key = replace(plain, instrument=None, checkboxes="cells")
    export = (parsed or ParsedFiles()).get(_Export, key, lambda: _read_export(name, path, dictionary, plain, findings))
    forms = export.dictionary.forms
    wanted = options.instrument
    if wanted and wanted not in forms:
        hint = nearest(wanted, forms) or f"it has {', '.join(forms[:8])}"
        raise InputError(f"{options.file}: the dictionary has no instrument '{wanted}' ({hint})")
    _report_file(export, options, findings)
    whole = export.table
    rows = _rows_of(export, wanted) if wanted else np.arange(len(whole))
    columns: dict[str, pd.Categorical] = {}
    table = RawTable(name, path, whole.sha256, pd.DataFrame(), whole.record[rows], whole.line[rows])
    table.companions = {dictionary: export.dictionary.sha256}
    labelled: list[str] = []
    for column in _taken(export, wanted):
        cells = whole.frame[column.name].array
        codes, texts = np.asarray(cells.codes)[rows], [str(t) for t in cells.categories]
        if column.label:
            table.column_labels[column.name] = column.label
        choices, by_label = _cells_by(column.choices, texts)
        _report_codes(column, codes, texts, table.record, options, findings)
        if column.role == "checkbox" and options.checkboxes != "cells" and column.code:
            value = column.code if options.checkboxes == "code" else column.code_label
            checked = dict.fromkeys(("1", CHECKED["1"], column.code_label), value)
            texts = [{**checked, **dict.fromkeys(_UNTOUCHED["checkbox"], "")}.get(t, t) for t in texts]
            choices = {column.code: column.code_label} if options.checkboxes == "code" else {}
        elif by_label:
            labelled.append(column.name)
        if choices:
            table.value_labels[column.name] = dict(choices)
        columns[column.name] = from_unique(texts, codes)
    check_expected(list(columns), options)
    table.frame = frame_of(columns, len(rows))
    if wanted:
        table.others = {
            f"instrument {f}": len(_rows_of(export, f)) for f in forms if f != wanted and len(_rows_of(export, f))
        }
        rest = len(whole) - len(rows)
        table.notes.append(f"{len(rows)} of {len(whole)} records are of instrument {wanted}; {rest} hold nothing of it")
        stray = _report_instrument(export, wanted, options, findings)
        if len(stray):
            table.left_out = whole.frame.iloc[stray][list(columns)].reset_index(drop=True)
    if options.dictionary_separator is None and export.dictionary.separator != options.separator:
        table.notes.append(
            f"the dictionary is separated by {export.dictionary.separator!r}, as its header shows, the export by "
            f"{options.separator!r}"
        )
    if labelled:
        table.notes.append(f"cells that are labels, not codes: {_listed(labelled)}")
    files = [c.name for c in _taken(export, wanted) if c.kind in ("file", "signature")]
    if files:
        table.notes.append(f"not used: uploaded files, of which the export holds the names only: {_listed(files)}")
    return table


def _read_export(name: str, path: Path, dictionary: Path, options: SourceOptions, findings: Findings) -> _Export:
    known = read_dictionary(dictionary, options)

    def relabel(header: list[str]) -> list[str]:
        nonlocal known
        known = known.told_by(header)
        try:
            return known.names_of(header)
        except LookupError as error:
            raise InputError(
                f"{options.file}: header, line {options.header_row}: neither the record id '{known.record}' nor its "
                f"label '{error}'; it has {', '.join(header[:6])}. Check dictionary: and separator:"
            ) from None

    table = read_csv(name, path, options, findings, relabel)
    known = _told_by_cells(known, table)
    filled = {form: np.zeros(len(table), bool) for form in known.forms}
    for column in map(str, table.frame.columns):
        found = known.find(column)
        if found is not None and found.form and column != known.record:
            cells = table.frame[column].array
            nothing = _UNTOUCHED.get(found.role, ("",))
            says = np.array([str(t).strip() not in nothing for t in cells.categories] or [False])
            filled[found.form] |= says[np.asarray(cells.codes)] if len(table) else False
    labels = _labels(options, known)
    repeats = np.full(len(table), -1)
    if _INSTRUMENT in table.frame.columns and len(table):
        cells = table.frame[_INSTRUMENT].array
        named = np.array([_form_of(str(t), known, labels) for t in cells.categories])
        inferred = _by_cells(table, known, filled, named)
        for at, form in inferred.items():
            named[at] = form
        repeats = named[np.asarray(cells.codes)]
        shown = {str(cells.categories[at]).strip(): known.forms[form] for at, form in inferred.items()}
        return _Export(table, known, filled, repeats, shown)
    return _Export(table, known, filled, repeats, {})


def _labels(options: SourceOptions, known: Dictionary) -> dict[str, str]:
    """The declared labels of instruments. Raises InputError for a name that is no instrument of the dictionary."""
    for label, form in options.instrument_labels:
        if form not in known.forms:
            hint = nearest(form, known.forms) or f"it has {', '.join(known.forms[:8])}"
            raise InputError(
                f"{options.file}: instrument_labels: '{label}' is said to be '{form}', and the dictionary has no such "
                f"instrument ({hint})"
            )
    return {" ".join(label.split()): form for label, form in options.instrument_labels}


def _told_by_cells(known: Dictionary, table: RawTable) -> Dictionary:
    """The dictionary with its choices as columns, and for fields of one answer their cells, tell them apart."""
    evidence = {}
    for f in known.fields:
        if f.kind == "checkbox":
            evidence[f.name] = checkbox_evidence(f.name, f.label, [str(c) for c in table.frame.columns])
        elif f.kind in ("radio", "dropdown") and f.name in table.frame.columns and "|" in f.choices:
            cells = frozenset(str(t).strip() for t in table.frame[f.name].array.categories) - {""}
            evidence[f.name] = Evidence(cells, cells)
    return known.with_evidence(evidence)


def _form_of(text: str, known: Dictionary, labels: dict[str, str]) -> int:
    """The instrument that a cell names: by its name, by a declared label, or by the label that its name is made of."""
    text = " ".join(text.split())
    if not text:
        return -1
    if text in known.forms:
        return known.forms.index(text)
    if text in labels:
        return known.forms.index(labels[text])
    made = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return known.forms.index(made) if made in known.forms else -2


def _by_cells(table: RawTable, known: Dictionary, filled: dict[str, np.ndarray], named: np.ndarray) -> dict[int, int]:
    """Code of a text that names no instrument -> the instrument that its records' cells show without a doubt.

    A record that repeats an instrument holds cells of that instrument only. So the records of a text show what it
    means where all their filled cells are of one instrument, no other text of the export means that instrument, and
    no column is filled that the dictionary does not have.
    """
    codes = np.asarray(table.frame[_INSTRUMENT].array.codes)
    foreign = np.zeros(len(table), bool)
    for column in map(str, table.frame.columns):
        if known.find(column) is None:
            cells = table.frame[column].array
            foreign |= np.array([bool(str(t).strip()) for t in cells.categories] or [False])[np.asarray(cells.codes)]
    found: dict[int, int] = {}
    for at in np.flatnonzero(named == -2).tolist():
        rows = codes == at
        forms = [number for number, form in enumerate(known.forms) if (filled[form] & rows).any()]
        if len(forms) == 1 and forms[0] not in named and not (foreign & rows).any():
            found[at] = forms[0]
    meant = list(found.values())
    return {at: form for at, form in found.items() if meant.count(form) == 1}


def _rows_of(export: _Export, form: str) -> np.ndarray:
    """Positions of the rows of an instrument."""
    number = export.dictionary.forms.index(form)
    return np.flatnonzero((export.repeats == number) | ((export.repeats == -1) & export.filled[form]))


def _taken(export: _Export, form: str | None) -> Iterator[Column]:
    """The columns of a source, in the order of the file."""
    known = export.dictionary
    for name in map(str, export.table.frame.columns):
        column = known.find(name)
        if column is None:
            yield Column(name, "", "", "unknown", {})
            continue
        system = column.role == "system" and name != _INSTRUMENT
        if form is None or name == known.record or column.form == form or system:
            yield column


def _cells_by(choices: dict[str, str], texts: list[str]) -> tuple[dict[str, str], bool]:
    """(the code labels that fit the cells, whether the cells are labels): what leaves fewer texts unknown."""
    asked = {t.strip() for t in texts} - {""}
    labels = set(choices.values())
    by_label = bool(choices) and len(asked - labels) < len(asked - set(choices))
    return ({} if by_label else choices), by_label


def _report_codes(
    column: Column, codes: np.ndarray, texts: list[str], record: np.ndarray, options: SourceOptions, findings: Findings
) -> None:
    """Cells that are not among the choices of their field."""
    if not column.choices or not len(codes):
        return
    choices, by_label = _cells_by(column.choices, texts)
    known = set(column.choices.values()) if by_label else set(choices)
    if column.role == "checkbox":  # some exports put the label of the choice where it is checked
        known |= {column.code_label}
    bad = np.array([bool(t.strip()) and t.strip() not in known for t in texts])[codes]
    if bad.any():
        text = f"not among the choices of the dictionary ({_listed(list(column.choices))})"
        given = {"row": record[bad], "value": np.array(texts, dtype=object)[codes[bad]], "column": column.name}
        findings.add("R2A-SRC-022", text, file=options.file, **given)


def _report_file(export: _Export, options: SourceOptions, findings: Findings) -> None:
    """What the export and the dictionary do not agree upon, and rows that are of no instrument; told once an export."""
    table, known, file = export.table, export.dictionary, options.file
    if export.reported:
        return
    export.reported = True
    names = list(map(str, table.frame.columns))
    unknown = [n for n in names if known.find(n) is None]
    if unknown:
        text = f"columns that the data dictionary does not have: {_listed(unknown)}; kept in every source of the file"
        findings.add("R2A-SRC-020", text, file=file)
    odd = [n for n in names if n not in known.columns and n not in unknown]
    if odd:
        text = f"checkbox columns of choices that the dictionary does not have: {_listed(odd)}"
        findings.add("R2A-SRC-020", text, file=file)
    for field, doubt in known.doubts.items():
        told = "; ".join(f"{c}, {t}" for c, t in known.choices_of(field).items())
        text = (
            f"{options.dictionary}: the choices of {field} cannot be separated for certain: {doubt}. They are read as "
            f"{told}"
        )
        findings.add("R2A-SRC-041", text, file=file, column=field)
    for label, form in export.inferred.items():
        number = int((export.repeats == known.forms.index(form)).sum())
        text = (
            f"'{label}' names no instrument of the dictionary; its {number} records fill cells of {form} only, so they "
            f"are read as records of {form}: declare instrument_labels: {{{label}: {form}}}"
        )
        findings.add("R2A-RED-001", text, file=file, value=label, column=_INSTRUMENT)
    wrong = np.flatnonzero(export.repeats == -2)
    if len(wrong):
        cells = table.frame[_INSTRUMENT].array
        values = np.array([str(t) for t in cells.categories], dtype=object)[np.asarray(cells.codes)[wrong]]
        text = (
            "the dictionary has no such instrument; a source with instrument: does not read this record. If it is the "
            "label of one, declare instrument_labels:"
        )
        given = {"row": table.record[wrong], "value": values, "column": _INSTRUMENT}
        findings.add("R2A-SRC-023", text, severity="error" if options.instrument else "warning", file=file, **given)
    if options.instrument:
        anything = np.any([export.filled[f] for f in known.forms], axis=0) | (export.repeats != -1)
        if not anything.all():
            empty = table.record[~anything]
            shown = ", ".join(map(str, empty[:_LISTED])) + (", ..." if len(empty) > _LISTED else "")
            text = f"{len(empty)} records hold no data of any instrument (record {shown})"
            findings.add("R2A-SRC-012", text, file=file)
    if not len(table):
        findings.add("R2A-SRC-001", "a header and no data records", file=file)


def _report_instrument(export: _Export, form: str, options: SourceOptions, findings: Findings) -> np.ndarray:
    """Fields of an instrument that the export lacks, and cells of it in the rows of another one; positions of those."""
    known, table = export.dictionary, export.table
    present = set(map(str, table.frame.columns))
    wanted = [c.name for c in known.columns.values() if c.form == form and c.role in ("field", "checkbox")]
    absent = [n for n in wanted if n not in present]
    if absent:
        text = f"{len(absent)} fields of instrument {form} are not in the export: {_listed(absent)}"
        findings.add("R2A-SRC-021", text, file=options.file)
    number = known.forms.index(form)
    stray = np.flatnonzero(export.filled[form] & (export.repeats != -1) & (export.repeats != number))
    if len(stray):
        text = f"cells of instrument {form} in a record that repeats another one; not read"
        findings.add("R2A-SRC-024", text, file=options.file, row=table.record[stray])
    return stray


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")

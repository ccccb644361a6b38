"""Findings about a REDCap export: what export and dictionary do not agree upon, and what is wrong with its cells.

Not for reading the export (export.py).
"""

from __future__ import annotations

import numpy as np

from ...findings.table import Findings
from ..options import SourceOptions
from .dictionary import Column
from .export import INSTRUMENT, Export, by_label

_LISTED = 10


def report_codes(
    column: Column, codes: np.ndarray, texts: list[str], record: np.ndarray, options: SourceOptions, findings: Findings
) -> None:
    """Report cells that are not among the choices of their field. ``codes``: per row, index into ``texts``."""
    if not column.choices or not len(codes):
        return
    known = set(column.choices.values() if by_label(column.choices, texts) else column.choices)
    if column.role == "checkbox":  # some exports write the label of the choice into a checked cell
        known |= {column.code_label}
    bad = np.array([bool(t.strip()) and t.strip() not in known for t in texts])[codes]
    if bad.any():
        text = f"not among the choices of the dictionary ({listed(list(column.choices))})"
        cells = {"row": record[bad], "value": np.array(texts, dtype=object)[codes[bad]], "column": column.name}
        findings.add("R2A-SRC-022", text, file=options.file, **cells)


def report_file(export: Export, options: SourceOptions, findings: Findings) -> None:
    """Report where export and dictionary do not agree, and rows of no instrument; once for each export."""
    table, known, file = export.table, export.dictionary, options.file
    if export.reported:
        return
    export.reported = True
    names = list(map(str, table.frame.columns))
    unknown = [n for n in names if known.find(n) is None]
    if unknown:
        text = f"columns that the data dictionary does not have: {listed(unknown)}; every source of the file has them"
        findings.add("R2A-SRC-020", text, file=file)
    odd = [n for n in names if n not in known.columns and n not in unknown]
    if odd:
        text = f"checkbox columns of choices that the dictionary does not have: {listed(odd)}"
        findings.add("R2A-SRC-020", text, file=file)
    for field, doubt in known.doubts.items():
        choices = "; ".join(f"{c}, {t}" for c, t in known.choices_of(field).items())
        text = (
            f"{options.dictionary}: the choices of {field} cannot be separated for certain: {doubt}. They are read as "
            f"{choices}"
        )
        findings.add("R2A-SRC-041", text, file=file, column=field)
    for label, form in export.inferred.items():
        number = int((export.repeats == known.forms.index(form)).sum())
        text = (
            f"'{label}' names no instrument of the dictionary; its {number} records fill cells of {form} only, so they "
            f"are read as records of {form}: declare instrument_labels: {{{label}: {form}}}"
        )
        findings.add("R2A-RED-001", text, file=file, value=label, column=INSTRUMENT)
    wrong = np.flatnonzero(export.repeats == -2)
    if len(wrong):
        cells = table.frame[INSTRUMENT].array
        values = np.array([str(t) for t in cells.categories], dtype=object)[np.asarray(cells.codes)[wrong]]
        text = (
            "the dictionary has no such instrument; a source with instrument: does not read this record. If it is the "
            "label of one, declare instrument_labels:"
        )
        rows = {"row": table.record[wrong], "value": values, "column": INSTRUMENT}
        findings.add("R2A-SRC-023", text, severity="error" if options.instrument else "warning", file=file, **rows)
    if options.instrument:
        anything = np.any([export.filled[f] for f in known.forms], axis=0) | (export.repeats != -1)
        if not anything.all():
            empty = table.record[~anything]
            shown = ", ".join(map(str, empty[:_LISTED])) + (", ..." if len(empty) > _LISTED else "")
            text = f"{len(empty)} records hold no data of any instrument (record {shown})"
            findings.add("R2A-SRC-012", text, file=file)
    if not len(table):
        findings.add("R2A-SRC-001", "a header and no data records", file=file)


def report_instrument(export: Export, form: str, options: SourceOptions, findings: Findings) -> np.ndarray:
    """Report fields of an instrument that the export lacks, and cells of it in rows of another instrument.

    Returns the positions of these rows.
    """
    known, table = export.dictionary, export.table
    present = set(map(str, table.frame.columns))
    wanted = [c.name for c in known.columns.values() if c.form == form and c.role in ("field", "checkbox")]
    absent = [n for n in wanted if n not in present]
    if absent:
        text = f"{len(absent)} fields of instrument {form} are not in the export: {listed(absent)}"
        findings.add("R2A-SRC-021", text, file=options.file)
    number = known.forms.index(form)
    stray = np.flatnonzero(export.filled[form] & (export.repeats != -1) & (export.repeats != number))
    if len(stray):
        text = f"cells of instrument {form} in a record that repeats another instrument; not read"
        findings.add("R2A-SRC-024", text, file=options.file, row=table.record[stray])
    return stray


def listed(names: list[str]) -> str:
    """The first ten names, and how many more there are."""
    return ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")

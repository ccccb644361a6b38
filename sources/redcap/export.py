"""A whole REDCap export with its data dictionary: which instrument each row and each column belongs to.

Not for one source of it (read.py), nor for the dictionary's file (dictionary.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InputError, nearest
from ...findings.table import Findings
from ..delimited.read import read_csv
from ..options import SourceOptions
from ..table import RawTable
from .choices import Evidence, checkbox_evidence
from .dictionary import CHECKED, COMPLETE, Column, Dictionary, read_dictionary

INSTRUMENT = "redcap_repeat_instrument"
#: texts of a checkbox, of <instrument>_complete or of a timestamp that mean that nothing was entered
UNTOUCHED = {"checkbox": ("", "0", CHECKED["0"]), "complete": ("", "0", COMPLETE["0"]), "timestamp": ("",)}


@dataclass
class Export:
    """A whole export. ``filled``: instrument -> the rows with a filled cell of it; ``repeats``: per row an index into
    ``forms``, -1 if the row repeats no instrument, -2 if it names one that the dictionary does not have.

    ``inferred``: label of an instrument -> the instrument that the cells of its records show, if neither the dictionary
    nor the study names it. ``reported``: whether the findings about the whole export are reported.
    """

    table: RawTable
    dictionary: Dictionary
    filled: dict[str, np.ndarray]
    repeats: np.ndarray
    inferred: dict[str, str]
    reported: bool = False


def read_export(name: str, path: Path, dictionary: Path, options: SourceOptions, findings: Findings) -> Export:
    """Read the whole export and its dictionary. Raises InputError as read_csv and read_dictionary do."""
    known = read_dictionary(dictionary, options)

    def relabel(header: list[str]) -> list[str]:
        nonlocal known
        known = known.with_header(header)
        try:
            return known.names_of(header)
        except LookupError as error:
            raise InputError(
                f"{options.file}: header, line {options.header_row}: neither the record id '{known.record}' nor its "
                f"label '{error}'; it has {', '.join(header[:6])}. Check dictionary: and separator:"
            ) from None

    table = read_csv(name, path, options, findings, relabel)
    known = _with_cells(known, table)
    filled = {form: np.zeros(len(table), bool) for form in known.forms}
    for column in map(str, table.frame.columns):
        found = known.find(column)
        if found is not None and found.form and column != known.record:
            cells = table.frame[column].array
            nothing = UNTOUCHED.get(found.role, ("",))
            entered = np.array([str(t).strip() not in nothing for t in cells.categories] or [False])
            filled[found.form] |= entered[np.asarray(cells.codes)] if len(table) else False
    labels = _labels(options, known)
    repeats = np.full(len(table), -1)
    if INSTRUMENT in table.frame.columns and len(table):
        cells = table.frame[INSTRUMENT].array
        named = np.array([_form_of(str(t), known, labels) for t in cells.categories])
        inferred = _by_cells(table, known, filled, named)
        for at, form in inferred.items():
            named[at] = form
        repeats = named[np.asarray(cells.codes)]
        shown = {str(cells.categories[at]).strip(): known.forms[form] for at, form in inferred.items()}
        return Export(table, known, filled, repeats, shown)
    return Export(table, known, filled, repeats, {})


def _labels(options: SourceOptions, known: Dictionary) -> dict[str, str]:
    """The declared labels of instruments. Raises InputError for a name that is no instrument of the dictionary."""
    for label, form in options.instrument_labels:
        if form not in known.forms:
            hint = nearest(form, known.forms) or f"it has {', '.join(known.forms[:8])}"
            raise InputError(
                f"{options.file}: instrument_labels: '{label}' names the instrument '{form}', which the dictionary "
                f"does not have ({hint})"
            )
    return {" ".join(label.split()): form for label, form in options.instrument_labels}


def _with_cells(known: Dictionary, table: RawTable) -> Dictionary:
    """The dictionary with its choices separated by the columns of checkboxes and the cells of fields of one answer."""
    evidence = {}
    for f in known.fields:
        if f.kind == "checkbox":
            evidence[f.name] = checkbox_evidence(f.name, f.label, [str(c) for c in table.frame.columns])
        elif f.kind in ("radio", "dropdown") and f.name in table.frame.columns and "|" in f.choices:
            cells = frozenset(str(t).strip() for t in table.frame[f.name].array.categories) - {""}
            evidence[f.name] = Evidence(cells, cells)
    return known.with_evidence(evidence)


def _form_of(text: str, known: Dictionary, labels: dict[str, str]) -> int:
    """The instrument that a cell names: by its name, by a declared label, or by the label that formed its name."""
    text = " ".join(text.split())
    if not text:
        return -1
    if text in known.forms:
        return known.forms.index(text)
    if text in labels:
        return known.forms.index(labels[text])
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return known.forms.index(name) if name in known.forms else -2


def _by_cells(table: RawTable, known: Dictionary, filled: dict[str, np.ndarray], named: np.ndarray) -> dict[int, int]:
    """Code of a text that names no instrument -> the instrument that its records' cells show without a doubt.

    A record that repeats an instrument holds cells of that instrument only. So the records of a text show its
    instrument under three conditions. All their filled cells are of one instrument. No other text of the export means
    that instrument. No column is filled that the dictionary does not have.
    """
    codes = np.asarray(table.frame[INSTRUMENT].array.codes)
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


def rows_of(export: Export, form: str) -> np.ndarray:
    """Positions of the rows of an instrument."""
    number = export.dictionary.forms.index(form)
    return np.flatnonzero((export.repeats == number) | ((export.repeats == -1) & export.filled[form]))


def columns_of(export: Export, form: str | None) -> Iterator[Column]:
    """The columns of the source of an instrument, or of all of them for None, in the order of the file."""
    known = export.dictionary
    for name in map(str, export.table.frame.columns):
        column = known.find(name)
        if column is None:
            yield Column(name, "", "", "unknown", {})
            continue
        system = column.role == "system" and name != INSTRUMENT
        if form is None or name == known.record or column.form == form or system:
            yield column


def by_label(choices: dict[str, str], texts: list[str]) -> bool:
    """Whether cells are the labels of the choices and not their codes: fewer texts are unknown among the labels."""
    filled = {t.strip() for t in texts} - {""}
    return bool(choices) and len(filled - set(choices.values())) < len(filled - set(choices))

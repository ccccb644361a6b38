"""The data dictionary of a REDCap project: its fields by instrument, their choices, and the columns they export to.

Not for the exported data (read.py). Facts from REDCap's own help: a checkbox exports one column per choice named
field___code, an instrument ends with <instrument>_complete, yesno and truefalse have fixed choices.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...findings.table import Findings
from ..delimited.read import read_csv
from ..options import SourceOptions
from .choices import NONE, Choices, Evidence, checkbox_evidence, column_code, plain_text, read_choices

#: system column -> its heading in a labels export
SYSTEM = {
    "redcap_event_name": "Event Name",
    "redcap_repeat_instrument": "Repeat Instrument",
    "redcap_repeat_instance": "Repeat Instance",
    "redcap_data_access_group": "Data Access Group",
    "redcap_survey_identifier": "Survey Identifier",
}
COMPLETE = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
CHECKED = {"0": "Unchecked", "1": "Checked"}
_HEADS = {
    "field_name": "Variable / Field Name",
    "form_name": "Form Name",
    "field_type": "Field Type",
    "field_label": "Field Label",
    "select_choices_or_calculations": "Choices, Calculations, OR Slider Labels",
}
_FIRST_HEADS = re.compile(r'"?(?:Variable / Field Name"?(.)"?Form Name\b|field_name"?(.)"?form_name\b)', re.IGNORECASE)
_FIXED = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_NO_DATA = ("descriptive",)


@dataclass(frozen=True)
class Column:
    """A column of the export. ``choices``: code -> label of its cells; ``code``: the choice of a checkbox.

    ``role``: field, checkbox, complete, timestamp or system.
    """

    name: str
    label: str
    form: str
    role: str
    choices: dict[str, str]
    code: str = ""
    code_label: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Field:
    """A field of the dictionary. ``choices``: the text of its cell."""

    name: str
    form: str
    kind: str
    label: str
    choices: str


@dataclass(frozen=True)
class Dictionary:
    """The columns that a project exports, in the order of a full export. ``record``: the record id field."""

    path: Path
    sha256: str
    record: str
    forms: tuple[str, ...]
    columns: dict[str, Column]
    checkboxes: dict[str, str]  # checkbox field -> its form
    separator: str = ","
    fields: tuple[Field, ...] = ()
    doubts: dict[str, str] = field(default_factory=dict)  # field -> why its choices cannot be separated for certain

    def with_header(self, header: Sequence[str]) -> Dictionary:
        """The dictionary with the choices of checkboxes as the columns of an export separate them."""
        return self.with_evidence(
            {f.name: checkbox_evidence(f.name, f.label, header) for f in self.fields if f.kind == "checkbox"}
        )

    def with_evidence(self, evidence: Mapping[str, Evidence]) -> Dictionary:
        """The dictionary with the choices that the evidence decides."""
        columns, doubts = _columns_of(self.fields, self.forms, self.record, evidence)
        return replace(self, columns=columns, doubts=doubts)

    def choices_of(self, name: str) -> dict[str, str]:
        """Code -> label of a field, also of a checkbox with several columns."""
        if name in self.columns:
            return self.columns[name].choices
        return {c.code: c.code_label for c in self.columns.values() if c.code and c.name.startswith(f"{name}___")}

    def find(self, name: str) -> Column | None:
        """The column of this name; a checkbox column with a code that is no choice has the code ''."""
        if name in self.columns:
            return self.columns[name]
        field, mark, _ = name.partition("___")
        if mark and field in self.checkboxes:
            return Column(name, name, self.checkboxes[field], "checkbox", CHECKED)
        return None

    def names_of(self, header: Sequence[str]) -> list[str]:
        """Column names of a header, which may hold labels. Labels repeat (Complete?), so their order decides.

        Raises LookupError if the header has neither the name nor the label of the record id.
        """
        cells = [c.strip() for c in header]
        if self.record in cells:
            return list(header)
        label = self.columns[self.record].label
        if label not in cells:
            raise LookupError(label)
        expected = list(self.columns.values())
        unmatched: dict[str, list[int]] = {}
        for position, column in enumerate(expected):
            unmatched.setdefault(column.label, []).append(position)
        out, at = [], 0
        for cell in cells:
            places = unmatched.get(" ".join(cell.split()), [])
            place = next((p for p in places if p >= at), places[0] if places else None)
            if place is None:
                out.append(cell)
                continue
            places.remove(place)
            out.append(expected[place].name)
            at = place + 1
        return out


def read_dictionary(path: Path, options: SourceOptions) -> Dictionary:
    """Read a data dictionary as REDCap writes it, with its headings or those of the API.

    Raises InputError for a file that is no such dictionary, is empty, or has a field twice.
    """
    file = options.dictionary or path.name
    separator = options.dictionary_separator or _separator_of(path) or options.separator
    reading = SourceOptions(
        file,
        "csv",
        options.dictionary_encoding or options.encoding,
        separator,
        options.dictionary_quote,
        header_row=options.dictionary_header_row,
    )
    if not path.stat().st_size:
        raise InputError(f"{file}: the file is empty; a REDCap data dictionary was expected")
    written = (
        f"the dictionary is read with separator {separator!r} and encoding {reading.encoding}; if it is written "
        f"in another way, declare dictionary: {{file: {file}, separator: ..., encoding: ...}}"
    )
    try:
        table = read_csv("dictionary", path, reading, Findings())
    except InputError as error:
        raise InputError(f"{error}; {written}") from None
    heads = {}
    for key, heading in _HEADS.items():
        found = [c for c in map(str, table.frame.columns) if c.casefold() in (key, heading.casefold())]
        if not found:
            raise InputError(
                f"{file}: no column '{heading}' (nor {key}); a REDCap data dictionary was expected, as Project Setup "
                f"> Data Dictionary downloads it; {written}"
            )
        heads[key] = table.frame[found[0]].tolist()
    if not len(table):
        raise InputError(f"{file}: the data dictionary has no fields")
    rows = list(zip(*heads.values(), table.record.tolist(), table.line.tolist(), strict=True))
    forms = tuple(dict.fromkeys(form.strip() for _, form, *_ in rows))
    record = rows[0][0].strip()
    fields, checkboxes = _fields(rows, file)
    if not fields or fields[0].name != record or fields[0].kind == "checkbox":
        raise InputError(f"{file}: the first field, '{record}', is no field with data; it should be the record id")
    columns, doubts = _columns_of(fields, forms, record, {})
    return Dictionary(
        path=path,
        sha256=table.sha256,
        record=record,
        forms=forms,
        columns=columns,
        checkboxes=checkboxes,
        separator=separator,
        fields=tuple(fields),
        doubts=doubts,
    )


def _fields(rows: Iterable[tuple[Any, ...]], file: str) -> tuple[list[Field], dict[str, str]]:
    """The fields with data, and checkbox -> form. Raises InputError for a field without a name or form, or twice."""
    checkboxes: dict[str, str] = {}
    fields: list[Field] = []
    seen: dict[str, int] = {}
    for name, form, kind, label, choices, number, line in rows:
        name, form, kind = name.strip(), form.strip(), kind.strip().lower()
        if not name or not form:
            what = "name" if not name else "form name"
            raise InputError(f"{file}: record {number}, line {line}: a field without a {what}")
        if name in seen:
            raise InputError(
                f"{file}: record {number}, line {line}: the field '{name}' is defined already, in record {seen[name]}"
            )
        seen[name] = number
        if kind == "checkbox":
            checkboxes[name] = form
        if kind not in _NO_DATA:
            fields.append(Field(name, form, kind, plain_text(label), choices))
    return fields, checkboxes


def _columns_of(
    fields: Sequence[Field], forms: Sequence[str], record: str, evidence: Mapping[str, Evidence]
) -> tuple[dict[str, Column], dict[str, str]]:
    """The export columns of the fields, in the order of a full export, and doubts by field."""
    by_form: dict[str, list[Column]] = {form: [] for form in forms}
    doubts: dict[str, str] = {}
    for f in fields:
        choices = Choices(_FIXED.get(f.kind, {}))
        if f.kind in ("radio", "dropdown", "checkbox"):
            choices = read_choices(f.choices, evidence.get(f.name, NONE))
        if choices.doubt:
            doubts[f.name] = choices.doubt
        by_form[f.form] += _columns(f, choices.labels)
    columns = {c.name: c for c in by_form[forms[0]] if c.name == record}
    columns |= {n: Column(n, label, "", "system", {}) for n, label in SYSTEM.items()}
    for form in forms:
        stamp = f"{form}_timestamp"
        columns[stamp] = Column(stamp, "Survey Timestamp", form, "timestamp", {})
        columns |= {c.name: c for c in by_form[form] if c.name != record}
        columns[f"{form}_complete"] = Column(f"{form}_complete", "Complete?", form, "complete", COMPLETE)
    return columns, doubts


def _separator_of(path: Path) -> str | None:
    """The separator between REDCap's first two headings; None for another header.

    The headings are fixed texts, so this is read and not guessed.
    """
    with path.open("rb") as file:
        head = file.read(200).removeprefix(codecs.BOM_UTF8)
    found = _FIRST_HEADS.match(head.decode("latin-1"))
    return (found.group(1) or found.group(2)) if found else None


def _columns(f: Field, choices: Mapping[str, str]) -> Iterator[Column]:
    """The export columns of one field."""
    if f.kind != "checkbox":
        yield Column(f.name, f.label, f.form, "field", dict(choices), kind=f.kind)
        return
    for code, text in choices.items():
        column = f"{f.name}___{column_code(code)}"
        yield Column(
            name=column,
            label=f"{f.label} (choice={text})",
            form=f.form,
            role="checkbox",
            choices=CHECKED,
            code=code,
            code_label=text,
            kind=f.kind,
        )

"""ODM-XML to a raw table: the rows of an item group or of a form, one column per item, and what was not used.

Not for reading the XML (stream.py) nor its metadata (metadata.py), nor for building rows and cells (rows.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import InputError, nearest
from ...findings.table import Findings
from ..header import HEADER_FINDINGS, check_expected, rename_columns
from ..options import SourceOptions
from ..reader import ParsedFiles, SourceFile, reads
from ..table import RawTable
from ..text_columns import frame_of
from .attributes import OdmAttributes
from .forms import form_designs
from .log import OdmFile
from .metadata import ItemDef, Metadata
from .report_rows import report_rows
from .rows import KEYS, OdmRows, keys_of
from .stream import read_odm_file


@reads(
    "odm",
    findings=(
        *HEADER_FINDINGS,
        "R2A-SRC-001",
        "R2A-SRC-013",
        "R2A-SRC-014",
        "R2A-SRC-015",
        "R2A-SRC-016",
        "R2A-SRC-017",
        "R2A-SRC-018",
        "R2A-ODM-001",
        "R2A-ODM-002",
        "R2A-ODM-003",
        "R2A-ODM-004",
    ),
)
def _read(file: SourceFile) -> RawTable:
    table = read_odm(file.source, file.path, file.options, file.findings, file.parsed)
    return rename_columns(table, file.options, file.findings)


def read_odm(
    name: str, path: Path, options: SourceOptions, findings: Findings, parsed: ParsedFiles | None = None
) -> RawTable:
    """Read the rows of ``options.item_group``, of ``options.form``, or of both together; see docs/sources.md.

    ``record`` counts the ItemGroupData elements of the selection in document order, removed ones included; ``line`` is
    that of the element that created the row. With ``options.rows`` the item groups of a form page, study event or
    subject share one row; its ``record`` and ``line`` are those of its first item group. ``parsed``: the files of the
    run that are parsed already. Findings R2A-SRC-013 to 018, R2A-ODM-001 to 004.
    Raises InputError for a file that cannot be read, and if the selection or a column name is missing or not unique.
    """

    def parse() -> OdmFile:
        odm = read_odm_file(path, options.file, options.encoding)
        _report_file(odm, options.file, findings)
        return odm

    odm = (parsed or ParsedFiles()).get(OdmFile, (path, options.encoding), parse)
    metadata, notes = odm.metadata.merged(odm.used_versions)
    groups = _selected(odm, metadata, options)
    rows = OdmRows(odm, groups, options, _called(options, groups), findings)
    columns: dict[str, pd.Categorical] = rows.keys()
    table = RawTable(name, path, odm.sha256, pd.DataFrame(), rows.record, rows.line, notes=notes)
    items = _columns(odm, metadata, groups, options, findings)
    attributes = OdmAttributes(odm, rows, {*columns, *(n for i in items for n in (i.name, i.unit))}, options.attributes)
    stated = attributes.columns()
    columns |= stated
    table.shared_columns = {c for c in stated if c in attributes.of_contexts}
    for at in items:
        item = metadata.items.get(at.oid)
        columns[at.name], units = rows.item(at.oid, at.name, at.unit, odm.metadata.units, item, at.group)
        if at.unit:
            columns[at.unit] = units
        columns |= attributes.of_item(at.oid, at.name)
        if item is not None and item.label:
            table.column_labels[at.name] = item.label
        if item is not None and metadata.codelists.get(item.codelist):
            table.value_labels[at.name] = dict(metadata.codelists[item.codelist])
    columns |= attributes.absent(columns)
    of_items = {(at.oid, at.group): tuple(filter(None, (at.name, at.unit))) for at in items}
    table.forms = form_designs(metadata, odm.metadata.units, groups, options.forms, of_items)
    table.part_columns = _part_columns(odm, metadata, groups, items) if not rows.merged else {}
    check_expected(list(columns), options)
    table.frame = frame_of(columns, len(rows.record))
    report_rows(rows)
    attributes.report()
    if not len(rows.record):
        findings.add("R2A-SRC-001", f"no rows of {_called(options, groups)}", file=options.file)
    table.notes += rows.notes + _unused(odm)
    table.others = {
        f"item group {oid or '(without an OID)'} of form {form or '(none)'}": count
        for (oid, form), count in _counts(odm).items()
        if not (oid in groups and (not options.forms or form in options.forms))
    }
    return table


def _selected(odm: OdmFile, metadata: Metadata, options: SourceOptions) -> list[str]:
    """OIDs of the item groups to read, in the order of the forms or of ``item_group``.

    Raises InputError if the file does not have them.
    """
    known = list(dict.fromkeys([*metadata.groups, *odm.groups]))
    forms = list(dict.fromkeys([*metadata.forms, *(c[4] for c in odm.contexts if c[4])]))
    if not options.item_groups and not options.forms:
        if len(known) == 1 or options.rows in ("event", "subject"):
            return known
        listed = ", ".join(k or "one without an OID" for k in known[:8]) + (", ..." if len(known) > 8 else "")
        has = f"{len(known)} item groups ({listed})" if known else "no item groups"
        raise InputError(f"{options.file}: the file has {has}; name one by item_group:, or a form by form:")
    for kind, wanted, there in (("item group", options.item_groups, known), ("form", options.forms, forms)):
        for oid in wanted:
            if oid not in there:
                hint = nearest(oid, there) or f"it has {', '.join(there[:8]) or 'none'}"
                raise InputError(f"{options.file}: the file has no {kind} '{oid}' ({hint})")
    if not options.forms:
        return list(dict.fromkeys(options.item_groups))
    in_data = {oid for oid, form in _counts(odm) if form in options.forms}
    of_form = [g for form in options.forms for g in metadata.forms.get(form, ()) if g in known]
    of_form = list(dict.fromkeys([*of_form, *(g for g in known if g in in_data)]))
    for oid in options.item_groups:
        if oid not in of_form:
            hint = nearest(oid, of_form) or f"it has {', '.join(of_form[:8]) or 'none'}"
            form = ", ".join(options.forms)
            raise InputError(f"{options.file}: form '{form}' has no item group '{oid}' ({hint})")
    return list(dict.fromkeys(options.item_groups)) or of_form


def _counts(odm: OdmFile) -> dict[tuple[str, str], int]:
    """ItemGroupData elements by item group and form, in document order of their first ones."""
    forms = np.array([c[4] for c in odm.contexts], dtype=object)
    out: dict[tuple[str, str], int] = {}
    for oid, log in odm.groups.items():
        contexts, counts = np.unique(np.array(log.context, np.int32), return_counts=True)
        for form, count in zip(forms[contexts], counts.tolist(), strict=True):
            out[oid, form] = out.get((oid, form), 0) + count
    return out


def _called(options: SourceOptions, groups: list[str]) -> str:
    form = f"form {', '.join(options.forms)}" if options.forms else ""
    named = ", ".join(options.item_groups or groups)
    several = "s" if len(options.item_groups or groups) > 1 else ""
    group = f"item group{several} {named}" if options.item_groups or not form else ""
    return " of ".join(part for part in (group, form) if part)


@dataclass(frozen=True)
class _ItemColumn:
    """The column of an item, and that of its unit or ''. ``group``: the item group, if several have the item."""

    name: str
    oid: str
    unit: str
    group: str | None = None


def _columns(
    odm: OdmFile, metadata: Metadata, groups: list[str], options: SourceOptions, findings: Findings
) -> list[_ItemColumn]:
    """The columns of the items: those of the metadata in order, then unknown ones.

    If item groups share a row, an item that several of them have is a column of each, GROUP.ITEM.
    """
    logs = {g: odm.groups[g] for g in groups if g in odm.groups}
    declared = list(dict.fromkeys(i for g in groups for i in metadata.groups.get(g, ())))
    unknown = list(dict.fromkeys(i for log in logs.values() for i in log.items if i not in declared))
    if unknown:
        elements = sum(len(log.items[i].element) for log in logs.values() for i in unknown if i in log.items)
        text = (
            f"{elements} values of items that the metadata do not have in {_called(options, groups)}: "
            f"{', '.join(unknown[:10])}{', ...' if len(unknown) > 10 else ''}; kept as further columns at the end"
        )
        findings.add("R2A-SRC-016", text, file=options.file)
    names: dict[str, tuple[str, str | None]] = {}
    for oid in [*declared, *unknown]:
        having = [g for g in groups if oid in metadata.groups.get(g, ()) or (g in logs and oid in logs[g].items)]
        plain = _column_name(metadata.items.get(oid), oid, options.names)
        several = options.rows != "item_group" and len(having) > 1
        for group in having if several else [None]:
            name = f"{group}.{plain}" if group else plain
            _refuse_name(name, oid, names.get(name), options)
            names[name] = oid, group
    out = []
    taken = {*KEYS, *names}
    for name, (oid, group) in names.items():
        item = metadata.items.get(oid)
        unit = ""
        if (item is not None and item.units) or any(log.items[oid].units for log in logs.values() if oid in log.items):
            unit = f"{name}_UNIT"
            while unit in taken:
                unit += "_REF"  # the form has an item of this name
            taken.add(unit)
        out.append(_ItemColumn(name, oid, unit, group))
    return out


def _refuse_name(name: str, oid: str, before: tuple[str, str | None] | None, options: SourceOptions) -> None:
    """Raises InputError if a column would have the name of a key column or of an earlier one."""
    if name not in keys_of(options) and before is None:
        return
    taken = f"the items {before[0]} and {oid} are" if before else f"the item {oid} is"
    both = "both " if before else ""
    like = "" if before else ", as a key column is"
    raise InputError(
        f"{options.file}: {taken} {both}named '{name}'{like}; declare names: oid, so that columns are named by the OID "
        "of their items"
    )


def _part_columns(
    odm: OdmFile, metadata: Metadata, groups: list[str], items: list[_ItemColumn]
) -> dict[str, frozenset[str]]:
    """Item group -> the columns that its rows can fill."""
    out = {}
    for group in groups:
        log = odm.groups.get(group)
        items_of_group = {*metadata.groups.get(group, ()), *(log.items if log else ())}
        out[group] = frozenset(n for i in items if i.oid in items_of_group for n in (i.name, i.unit) if n)
    return out


def _column_name(item: ItemDef | None, oid: str, names: str) -> str:
    """The name of a column: the item's Name or SASFieldName, or its OID if it has none."""
    if item is None or names == "oid":
        return oid
    return (item.sas if names == "sas" else item.name) or oid


def _report_file(odm: OdmFile, file: str, findings: Findings) -> None:
    """Report faults of a file that do not depend on the selection. Called once for each file."""
    effects = {
        "ItemGroupData": "item_group: does not reach it, form: does",
        "FormData": "form: does not reach it, item_group: does",
        "StudyEventData": "its rows have no StudyEventOID",
        "SubjectData": "its rows are of no subject",
    }
    oids = {"SubjectData": "SubjectKey"}
    for name, lines in odm.unnamed.items():
        shown = ", ".join(map(str, lines[:5])) + (", ..." if len(lines) > 5 else "")
        oid = oids.get(name, name.replace("Data", "OID"))
        text = f"{len(lines)} <{name}> without {oid} (line {shown}); {effects[name]}"
        findings.add("R2A-ODM-001", text, file=file)
    if odm.comments:
        texts = [f"the comment of an annotation, in line {line}, is not read" for line, _ in odm.comments]
        values = np.array([text for _, text in odm.comments], dtype=object)
        findings.add("R2A-ODM-003", np.array(texts, dtype=object), file=file, value=values)


def _unused(odm: OdmFile) -> list[str]:
    notes = list(odm.notes)
    if odm.unused:
        notes.append("not used: " + ", ".join(f"{n} {what}" for what, n in sorted(odm.unused.items())))
    if odm.metadata.foreign:
        notes.append("not used: what vendors' namespaces add to the metadata")
    return notes

"""ODM-XML to a raw table: the rows of an item group or of a form, one column per item, and what was not used told.

Not for reading the XML (odm_stream.py) nor its metadata (odm_metadata.py), nor for laying out rows and cells
(odm_rows.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, nearest
from ..findings import Findings
from .header import check_expected
from .odm_log import OdmFile
from .odm_metadata import ItemDef, Metadata
from .odm_rows import KEYS, OdmRows
from .odm_stream import read_odm_file
from .options import SourceOptions
from .table import RawTable
from .text_columns import frame_of


def read_odm(
    name: str, path: Path, options: SourceOptions, findings: Findings, shared: dict[Any, Any] | None = None
) -> RawTable:
    """Read the rows of ``options.item_group``, of ``options.form``, or of both together; see docs/sources.md.

    ``record`` counts the ItemGroupData elements of the selection in document order, removed ones included; ``line`` is
    that of the element that made the row. ``shared``: files read already, so that the sources of one file parse it
    once. Findings R2A-SRC-013 to 018. Raises InputError for a file that cannot be read, and where the
    selection, or a column name, is not there or not unique.
    """
    held = shared if shared is not None else {}
    key = ("odm", path, options.encoding)
    if key not in held:
        held[key] = read_odm_file(path, options.file, options.encoding)
    odm: OdmFile = held[key]
    metadata, notes = odm.metadata.merged(odm.used_versions)
    groups = _selected(odm, metadata, options)
    rows = OdmRows(odm, groups, options, _called(options, groups), findings)
    columns: dict[str, pd.Categorical] = rows.keys()
    table = RawTable(name, path, odm.sha256, pd.DataFrame(), rows.record, rows.line, notes=notes)
    for column, oid, unit in _columns(odm, metadata, groups, options, findings):
        columns[column], units = rows.item(oid, column, unit, odm.metadata.units, metadata.items.get(oid))
        if unit:
            columns[unit] = units
        item = metadata.items.get(oid)
        if item is not None and item.label:
            table.column_labels[column] = item.label
        if item is not None and metadata.codelists.get(item.codelist):
            table.value_labels[column] = dict(metadata.codelists[item.codelist])
    check_expected(list(columns), options)
    table.frame = frame_of(columns, len(rows.record))
    rows.report()
    if not len(rows.record):
        findings.add("R2A-SRC-001", "note", f"no rows of {_called(options, groups)}", file=options.file)
    table.notes += rows.notes + _aside(odm)
    table.others = {
        f"item group {oid} of form {form or '(none)'}": count
        for (oid, form), count in _counts(odm).items()
        if not (oid in groups and (not options.form or form == options.form))
    }
    return table


def _selected(odm: OdmFile, metadata: Metadata, options: SourceOptions) -> list[str]:
    """OIDs of the item groups to read, in the order of the form or the one named. Raises InputError."""
    known = list(dict.fromkeys([*metadata.groups, *odm.groups]))
    forms = list(dict.fromkeys([*metadata.forms, *(c[4] for c in odm.contexts if c[4])]))
    if not options.item_group and not options.form:
        if len(known) == 1:
            return known
        listed = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        has = f"{len(known)} item groups ({listed})" if known else "no item groups"
        raise InputError(f"{options.file}: the file has {has}; name one by item_group:, or a form by form:")
    for kind, wanted, there in (("item group", options.item_group, known), ("form", options.form, forms)):
        if wanted and wanted not in there:
            hint = nearest(wanted, there) or f"it has {', '.join(there[:8]) or 'none'}"
            raise InputError(f"{options.file}: the file has no {kind} '{wanted}' ({hint})")
    in_data = {oid for oid, form in _counts(odm) if form == options.form}
    of_form = [g for g in metadata.forms.get(options.form or "", ()) if g in known]
    of_form += [g for g in known if g in in_data and g not in of_form]
    if options.item_group and options.form and options.item_group not in of_form:
        hint = nearest(options.item_group, of_form) or f"it has {', '.join(of_form[:8]) or 'none'}"
        raise InputError(f"{options.file}: form '{options.form}' has no item group '{options.item_group}' ({hint})")
    return [options.item_group] if options.item_group else of_form


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
    form = f"form {options.form}" if options.form else ""
    group = f"item group {options.item_group or groups[0]}" if options.item_group or not form else ""
    return " of ".join(part for part in (group, form) if part)


def _columns(
    odm: OdmFile, metadata: Metadata, groups: list[str], options: SourceOptions, findings: Findings
) -> list[tuple[str, str, str]]:
    """(column, item OID, column of its unit or '') of the items: those of the metadata in order, then unknown ones."""
    declared = list(dict.fromkeys(i for g in groups for i in metadata.groups.get(g, ())))
    logs = [odm.groups[g] for g in groups if g in odm.groups]
    unknown = list(dict.fromkeys(i for log in logs for i in log.items if i not in declared))
    if unknown:
        elements = sum(len(log.items[i].element) for log in logs for i in unknown if i in log.items)
        text = (
            f"{elements} values of items that the metadata do not have in {_called(options, groups)}: "
            f"{', '.join(unknown[:10])}{', ...' if len(unknown) > 10 else ''}; kept as columns of their own at the end"
        )
        findings.add("R2A-SRC-016", "warning", text, file=options.file)
    oids = [*declared, *unknown]
    names: dict[str, str] = {}
    for oid in oids:
        name = _column_name(metadata.items.get(oid), oid, options.names)
        other = names.get(name)
        if name in KEYS or other is not None:
            taken = f"the items {other} and {oid} are" if other else f"the item {oid} is"
            both = "both " if other else ""
            like = "" if other else ", as a key column is"
            raise InputError(
                f"{options.file}: {taken} {both}named '{name}'{like}; declare names: oid, so that columns are named by "
                "the OID of their items"
            )
        names[name] = oid
    out = []
    taken = {*KEYS, *names}
    for name, oid in names.items():
        item = metadata.items.get(oid)
        unit = ""
        if (item is not None and item.units) or any(log.items[oid].units for log in logs if oid in log.items):
            unit = f"{name}_UNIT"
            while unit in taken:
                unit += "_REF"  # the form has an item of this name
            taken.add(unit)
        out.append((name, oid, unit))
    return out


def _column_name(item: ItemDef | None, oid: str, names: str) -> str:
    """What a column is called: the item's Name or SASFieldName, its OID where it has none."""
    if item is None or names == "oid":
        return oid
    return (item.sas if names == "sas" else item.name) or oid


def _aside(odm: OdmFile) -> list[str]:
    notes = list(odm.notes)
    if odm.aside:
        notes.append("not used: " + ", ".join(f"{n} {what}" for what, n in sorted(odm.aside.items())))
    if odm.namespaces:
        notes.append(f"not used: attributes and elements of vendors' namespaces ({', '.join(odm.namespaces)})")
    return notes

"""The forms that the metadata of an ODM-XML file describe, as one source reads them.

Not for the metadata itself (metadata.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..form_design import FormDesign, FormField
from .metadata import Metadata


def form_designs(
    metadata: Metadata,
    units: Mapping[str, str],
    groups: Collection[str],
    forms: Collection[str],
    columns: Mapping[tuple[str, str | None], tuple[str, ...]],
) -> tuple[FormDesign, ...]:
    """Every form of the file, in the order of the metadata; () if they define none.

    ``groups``, ``forms``: those that the source reads, () for all forms. ``columns``: (item, item group or None for
    any) -> the columns of the source that have it. ``units``: OID -> symbol.
    """
    out = []
    events = list(dict.fromkeys([*(e for e in metadata.planned if e in metadata.events), *metadata.events]))
    for form, of_form in metadata.forms.items():
        fields = []
        several = len(of_form) > 1
        for group in of_form:
            read = group in groups and (not forms or form in forms)
            section = metadata.names.get(("ItemGroup", group), group) if several else ""
            for oid in metadata.groups.get(group, ()):
                mine = (columns.get((oid, group)) or columns.get((oid, None), ())) if read else ()
                fields.append(_field(metadata, units, oid, section, mine))
        visits = tuple((e, metadata.names.get(("StudyEvent", e), e)) for e in events if form in metadata.events[e])
        out.append(FormDesign(form, metadata.names.get(("Form", form), form), tuple(fields), visits))
    return tuple(out)


def _field(metadata: Metadata, units: Mapping[str, str], oid: str, section: str, columns: tuple[str, ...]) -> FormField:
    item = metadata.items.get(oid)
    if item is None:
        return FormField(oid, oid, section=section, columns=columns)
    return FormField(
        id=oid,
        name=item.name or oid,
        label=item.label if item.label != item.name else "",
        type=item.type,
        choices=tuple(metadata.codelists.get(item.codelist, {}).items()),
        units=tuple(units.get(u, u) for u in item.units),
        section=section,
        columns=columns,
    )

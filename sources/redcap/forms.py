"""The forms that a REDCap data dictionary describes, as one source reads them.

Not for the dictionary itself (dictionary.py).
"""

from __future__ import annotations

from collections.abc import Collection

from ..form_design import FormDesign, FormField
from .dictionary import Dictionary


def form_designs(dictionary: Dictionary, wanted: str | None, columns: Collection[str]) -> tuple[FormDesign, ...]:
    """Every instrument of the dictionary. ``wanted``: the one that the source reads, None for all of them.

    ``columns``: those of the source. A checkbox has a column for each choice. The record id is a field of the first
    instrument, and a column of each source.
    """
    out = []
    for form in dictionary.forms:
        fields = []
        for f in dictionary.fields:
            if f.form != form:
                continue
            names = [f.name, *(c.name for c in dictionary.columns.values() if c.name.startswith(f"{f.name}___"))]
            read = wanted is None or wanted == form or f.name == dictionary.record
            mine = tuple(n for n in names if n in columns) if read else ()
            choices = tuple(dictionary.choices_of(f.name).items())
            fields.append(FormField(f.name, f.name, f.label, f.kind, choices, columns=mine))
        out.append(FormDesign(form, form.replace("_", " "), tuple(fields)))
    return tuple(out)

"""The forms that a raw file describes: their fields in order, with questions, types and choices.

ODM-XML and REDCap dictionaries describe forms. Not for reading them: each reader does that. Not for printing (acrf/).
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class FormField:
    """One field of a form. ``columns``: the columns of the source that have its cells; () if it reads none of them.

    ``choices``: (code, label) in order. ``section``: the part of the form that has it.
    """

    id: str
    name: str
    label: str = ""
    type: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    units: tuple[str, ...] = ()
    section: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormDesign:
    """One form. ``visits``: (id, name) of the study events that have it, in order."""

    id: str
    title: str
    fields: tuple[FormField, ...] = ()
    visits: tuple[tuple[str, str], ...] = ()

    def renamed(self, new: dict[str, str]) -> FormDesign:
        """The form with the names of rename: for its columns."""
        fields = tuple(replace(f, columns=tuple(new.get(c, c) for c in f.columns)) for f in self.fields)
        return replace(self, fields=fields)

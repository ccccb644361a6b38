"""One identity of a subject, as one source writes it. Not for finding them: people.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(kw_only=True, frozen=True)
class Person:
    """One identity as one source writes it: identifiers by name, USUBJID, whether a crosswalk has it, the first row.

    ``texts``: the identifiers with the zeros that the template puts in front. ``written``: the texts of the cells.
    """

    source: str
    names: tuple[str, ...]
    written: tuple[str, ...]
    texts: tuple[str, ...]
    usubjid: str
    crossed: bool
    row: int

    @property
    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.names, self.texts

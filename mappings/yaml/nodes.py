"""The nodes of a YAML document: text, lists and mappings, each with its place.

Not for reading them from a file (read.py).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...errors import Place

#: YAML 1.2 core schema: these plain scalars are null; quoted they are text.
NULL_FORMS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True)
class Scalar:
    """One scalar. ``text``: its text, None for a plain null; ``source``: the written 'NULL', '~' or '' of a null.

    ``exact``: 0 if ``place`` plus an offset into ``text`` is the exact column, 1 if an opening quote comes first, None
    if escapes, folding or a block make the column unknown.
    """

    text: str | None
    plain: bool
    place: Place
    source: str = ""
    exact: int | None = None

    def place_at(self, offset: int) -> Place:
        """The place of character ``offset`` of ``text``: exact on one line without escapes, else the start."""
        if self.exact is None:
            return self.place
        return dataclasses.replace(self.place, column=self.place.column + self.exact + offset)


@dataclass(frozen=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class Mapping:
    """Keys and values in the order of the file; keys are always text and never repeat."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place

    @cached_property
    def _index(self) -> dict[str, tuple[Scalar, Node]]:
        return {key.text or "": (key, value) for key, value in self.entries}

    def get(self, key: str) -> Node | None:
        """The value of ``key``; None if there is no such key (a null value is a Scalar, not None)."""
        entry = self._index.get(key)
        return entry[1] if entry else None

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its place."""
        entry = self._index.get(key)
        return entry[0] if entry else None

    @property
    def keys(self) -> list[str]:
        return list(self._index)


Node = Scalar | Sequence | Mapping


def node_data(node: Node) -> Any:
    """The node as plain str, None, list and dict."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [node_data(item) for item in node.items]
    return {key.text: node_data(value) for key, value in node.entries}


def shown(text: str, limit: int = 60) -> str:
    """Text as messages quote it: on one line, control characters escaped, cut at ``limit`` characters."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut) + "'"

"""Changes of the files of a study: a key is set, an item is added, an entry is removed.

The text of a file with its changes has the changes and nothing else: it is read again and compared. Not for which
changes a correction means (corrections.py, additions.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from ..define.differences import Element
from ..mappings.yaml.edit import EditError, NoSuchKey, add_item, remove, set_key
from ..mappings.yaml.read import examine_text, node_data
from .yaml_text import Tree, entry_lines, flow, item_lines, scalar

#: a mapping of at most so many characters is written on one line
_WIDTH = 110


class Action(Enum):
    """What a change does with the key at its path."""

    SET = auto()
    ADD_ITEM = auto()
    REMOVE = auto()


@dataclass(frozen=True)
class Change:
    """A change of a file (relative to the study).

    The value of ``key`` in the mapping at ``path`` is set to ``value``, or removed, or ``value`` is a further item of
    the list that it is. ``element``: the element that is added or removed, None for a corrected field; ``shorthand``:
    what a text in place of the mapping stands for.
    """

    file: str
    path: tuple[str | int, ...]
    key: str | int
    value: Tree = field(compare=False)
    about: str
    shorthand: str = ""
    action: Action = Action.SET
    element: Element | None = None

    def __str__(self) -> str:
        shown = "removed" if self.action is Action.REMOVE else flow(self.value)
        where = f"{self.path[0]}: " if self.element is not None and self.path else ""
        key = self.key if isinstance(self.key, str) else f"item {self.key + 1}"
        return f"{self.file}: {self.about}: {where}{key}: {shown}"


def in_order(changes: Sequence[Change]) -> list[Change]:
    """The changes as they are applied: positions in a list stay valid until the last ones."""
    others = [c for c in changes if c.action is not Action.REMOVE]
    removed = [c for c in changes if c.action is Action.REMOVE]
    return others + sorted(removed, key=lambda c: c.key if isinstance(c.key, int) else -1, reverse=True)


def changed(text: str, changes: Sequence[Change]) -> tuple[str, dict[Change, str]]:
    """The text of a file with its changes, and why some of them cannot be applied.

    The result is read again: it has the changes and nothing else. If not, each change is checked by itself.
    """
    new, refused, wanted = _all(text, changes, each=False)
    if _data(new) == wanted:
        return new, refused
    return _all(text, changes, each=True)[:2]


def _all(text: str, changes: Sequence[Change], each: bool) -> tuple[str, dict[Change, str], Any]:
    """The text with the changes, those refused, and the data that it should have. ``each``: check every change."""
    refused: dict[Change, str] = {}
    wanted = _data(text)
    for change in changes:
        try:
            new = _edited(text, change)
        except NoSuchKey:
            refused[change] = "a layer of parents: has it; correct it there"
            continue
        except EditError as error:
            refused[change] = f"{error}; correct it by hand"
            continue
        if each and _data(new) != _with(_data(text), change):
            refused[change] = "the text around it does not allow the change; correct it by hand"
            continue
        text, wanted = new, _with(wanted, change)
    return text, refused, wanted


def _edited(text: str, change: Change) -> str:
    """The text of a file with a change; its byte order mark and its line ends stay."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    plain = text.removeprefix(mark)
    ends = "\r\n" if "\r\n" in plain else "\n"
    return mark + _edited_lines(plain.replace("\r\n", "\n"), change).replace("\n", ends)


def _edited_lines(text: str, change: Change) -> str:
    path, key, value = change.path, change.key, change.value
    if change.action is Action.REMOVE:
        return remove(text, (*path, key))
    try:
        if change.action is Action.ADD_ITEM:
            line = f"- {flow(value)}"
            lines = [line] if len(line) <= _WIDTH else item_lines(value)
            return add_item(text, (*path, key), flow(value), lines)
        return _set(text, path, str(key), value, change.shorthand)
    except NoSuchKey:
        if change.element is None:
            raise
    if change.action is Action.ADD_ITEM:
        return _set(text, path, str(key), [value])
    return _set(text, path[:-1], str(path[-1]), {str(key): value})


def _set(text: str, path: Sequence[str | int], key: str, value: Tree, shorthand: str = "") -> str:
    line = f"{scalar(key)}: {flow(value)}"
    one = isinstance(value, dict) and path and len(line) <= _WIDTH
    lines = [line] if one else entry_lines(key, value)
    return set_key(text, path, key, flow(value), lines, shorthand=shorthand, written=scalar(key))


def _data(text: str) -> Any:
    """The data of a file; None where it is not read."""
    node, problems = examine_text(text, "")
    return None if problems or node is None else node_data(node)


def _with(data: Any, change: Change) -> Any:
    """The data of a file with a change."""
    parent, step = None, None
    at = data
    for step in change.path:
        if change.element is not None and isinstance(at, dict) and step not in at:
            at[step] = {}
        parent, at = at, at[step]
    if change.action is Action.REMOVE:
        del at[change.key]
        return data
    if change.action is Action.ADD_ITEM:
        at[change.key] = [*at.get(change.key, ()), _plain(change.value)]
        return data
    if not isinstance(at, dict):
        at = {change.shorthand: at}
        if parent is not None:
            parent[step] = at
    at[change.key] = _plain(change.value)
    return data


def _plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {k: _plain(v) for k, v in tree.items()}
    return [_plain(v) for v in tree] if isinstance(tree, list) else tree

"""Changes single keys of a YAML text that somebody wrote: everything else, with its comments and layout, stays.

Not for reading specs (read.py). A change that cannot be made for certain is refused: a value that an alias shares, a
place that is no mapping.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

#: map keys and 0-based list positions that lead to a value
Path = Sequence[str | int]
_BREAKS = " \t\r\n"


class EditError(ValueError):
    """A change that the text does not allow."""


class NoSuchKey(EditError):
    """The text has no value at the place."""


def set_key(text: str, path: Path, key: str, value: str, lines: Sequence[str], shorthand: str = "") -> str:
    """The text with ``key`` of the mapping at ``path`` set to a value.

    ``value``: the value as YAML on one line; ``lines``: the entry as lines without indent, for a mapping in blocks.
    ``shorthand``: the key that a text in place of the mapping stands for, as ``from`` in ``AETERM: TERM``.
    Raises EditError where the place cannot be changed for certain.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    node, after = _node(root, path)
    if isinstance(node, yaml.ScalarNode):
        if not shorthand or node.style in ("|", ">") or node.start_mark.index == node.end_mark.index:
            raise EditError("the place has no mapping")
        written = text[node.start_mark.index : node.end_mark.index]
        return _replaced(text, node, f"{{{shorthand}: {written}, {key}: {value}}}")
    if not isinstance(node, yaml.MappingNode):
        raise EditError("the place has no mapping")
    if node.start_mark.index < after:
        raise EditError("an alias (*) shares the value with another place")
    for name, old in node.value:
        if isinstance(name, yaml.ScalarNode) and name.value == key:
            if old.start_mark.index < name.end_mark.index:
                raise EditError("an alias (*) shares the value with another place")
            return _with_value(text, node, name, old, value=value, lines=lines)
    return _with_entry(text, node, f"{key}: {value}", lines)


def _node(root: Any, path: Path) -> tuple[Any, int]:
    """The node at ``path``, and the position of its key in the text."""
    node, after = root, 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if isinstance(p[0], yaml.ScalarNode) and p[0].value == str(step)), None)
            if pair is None:
                raise NoSuchKey(f"there is no key {step}")
            node, after = pair[1], pair[0].end_mark.index
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node, after = node.value[step], node.start_mark.index
        else:
            raise NoSuchKey(f"there is no key {step}")
    return node, after


def _replaced(text: str, node: Any, new: str) -> str:
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def _with_value(text: str, of: Any, name: Any, old: Any, *, value: str, lines: Sequence[str]) -> str:
    """The text with another value of a key that is there."""
    if of.flow_style or (isinstance(old, yaml.ScalarNode) and old.style not in ("|", ">") and len(lines) == 1):
        if old.start_mark.index == old.end_mark.index:  # an empty value
            end = name.end_mark.index
            colon = text.index(":", end) + 1
            return f"{text[:colon]} {value}{text[colon:]}"
        return _replaced(text, old, value)
    start, end = name.start_mark.index, _last(text, old)
    return text[:start] + _indented(lines, name.start_mark.column) + text[end:]


def _with_entry(text: str, node: Any, entry: str, lines: Sequence[str]) -> str:
    """The text with a further entry at the end of a mapping, at the top of a file behind the first one."""
    if node.flow_style:
        close = node.end_mark.index - 1
        if not node.value:
            return f"{text[: node.start_mark.index]}{{{entry}}}{text[close + 1 :]}"
        end = _last(text, node.value[-1][1], flow=True)
        return f"{text[:end]}, {entry}{text[end:]}"
    at_top = not node.value[0][0].start_mark.column  # the head of a file, with its name, comes first
    end = _last(text, node.value[0 if at_top else -1][1])
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    column = node.value[0][0].start_mark.column
    return f"{text[:line_end]}\n{' ' * column}{_indented(lines, column)}{text[line_end:]}"


def _indented(lines: Sequence[str], column: int) -> str:
    first, *rest = lines
    return "\n".join([first, *(f"{' ' * column}{line}" if line else "" for line in rest)])


def _last(text: str, node: Any, flow: bool = False) -> int:
    """The position after the last character of a value."""
    if not flow and isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last(text, last[1] if isinstance(last, tuple) else last)
    end = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        while end and text[end - 1] in _BREAKS:
            end -= 1
    return end

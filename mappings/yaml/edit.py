"""Sets, adds and removes single values of a YAML text that somebody wrote: all else, with comments and layout, stays.

Not for reading specs (read.py). A change that cannot be made for certain is refused: a value that an alias shares, a
place that is no mapping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

#: map keys and 0-based list positions that lead to a value
Path = Sequence[str | int]
_ALIAS = re.compile(r"\s*:\s*\*[^\s,\[\]{}]+")
_ANCHOR = re.compile(r"&([^\s,\[\]{}]+)")
_BREAKS = " \t\r\n"
#: libyaml where it is built in
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class EditError(ValueError):
    """A change that the text does not allow."""


class NoSuchKey(EditError):
    """The text has no value at the place."""


def set_key(
    text: str, path: Path, key: str, value: str, lines: Sequence[str], *, shorthand: str = "", written: str = ""
) -> str:
    """The text with ``key`` of the mapping at ``path`` set to a value.

    ``value``: the value as YAML on one line; ``lines``: the entry as lines without indent, for a mapping in blocks;
    ``written``: the key as YAML, if it needs quotes.
    ``shorthand``: the key that a text in place of the mapping stands for, as ``from`` in ``AETERM: TERM``.
    Raises EditError where the place cannot be changed for certain.
    """
    root = yaml.compose(text, _LOADER)
    node = _node(text, root, path)
    if isinstance(node, yaml.ScalarNode):
        if not shorthand or node.style in ("|", ">") or node.start_mark.index == node.end_mark.index:
            raise EditError("the place has no mapping")
        written = text[node.start_mark.index : node.end_mark.index]
        return _replaced(text, node, f"{{{shorthand}: {written}, {key}: {value}}}")
    if not isinstance(node, yaml.MappingNode):
        raise EditError("the place has no mapping")
    for name, old in node.value:
        if isinstance(name, yaml.ScalarNode) and name.value == key:
            _refuse_shared(text, old, name.end_mark.index)
            return _with_value(text, node, name, old, value=value, lines=lines)
    return _with_entry(text, node, f"{written or key}: {value}", lines)


def add_item(text: str, path: Path, value: str, lines: Sequence[str]) -> str:
    """The text with a further item at the end of the list at ``path``.

    ``value``: the item as YAML on one line; ``lines``: the item with its dash as lines, for a list in blocks.
    Raises EditError where the place has no list, or cannot be changed for certain.
    """
    node = _node(text, yaml.compose(text, _LOADER), path)
    if not isinstance(node, yaml.SequenceNode):
        raise EditError("the place has no list")
    if node.flow_style:
        return _before_bracket(text, node, value)
    end = _line_end(text, _last(text, node))
    column = text.rfind("-", 0, node.value[0].start_mark.index) - _line_start(text, node.value[0].start_mark.index)
    return f"{text[:end]}\n{' ' * column}{_indented(lines, column)}{text[end:]}"


def remove(text: str, path: Path) -> str:
    """The text without the entry of a mapping, or the item of a list, at ``path``.

    A comment behind the value goes with it; a comment on a line above stays. A mapping or list whose last entry goes
    becomes ``{}`` or ``[]``. Raises EditError where the place cannot be changed for certain.
    """
    *parents, step = path
    root = yaml.compose(text, _LOADER)
    node = _node(text, root, parents)
    _node(text, node, [step])
    if isinstance(node, yaml.MappingNode):
        at = next(i for i, (name, _) in enumerate(node.value) if name.value == str(step))
        starts = [name.start_mark.index for name, _ in node.value]
        ends = [_end_of_entry(text, *pair, flow=node.flow_style) for pair in node.value]
    else:
        at = int(step)
        starts = [item.start_mark.index for item in node.value]
        ends = [_last(text, item, flow=node.flow_style) for item in node.value]
    if len(starts) == 1 and node.flow_style:
        return text[: node.start_mark.index + 1] + text[node.end_mark.index - 1 :]
    if node.flow_style:
        if at + 1 < len(starts):
            return text[: starts[at]] + text[starts[at + 1] :]
        return text[: ends[at - 1]] + text[ends[at] :]
    start, end = _line_start(text, starts[at]), _line_end(text, ends[at])
    before = text[start : starts[at]].strip(" ")
    if before != ("" if isinstance(node, yaml.MappingNode) else "-"):
        raise EditError("another value begins on the same line")
    if len(starts) == 1:
        colon = _colon(text, root, parents)
        empty = "{}" if isinstance(node, yaml.MappingNode) else "[]"
        text, start, end = f"{text[:colon]} {empty}{text[colon:]}", start + 3, end + 3
    return text[:start] + text[end + 1 :]


def _colon(text: str, root: Any, path: Path) -> int:
    """The position after the colon of the key of a mapping or list in blocks."""
    holder = _node(text, root, path[:-1]) if path else None
    if not isinstance(holder, yaml.MappingNode):
        raise EditError("it is the only value of its place")
    name = next(n for n, _ in holder.value if n.value == str(path[-1]))
    return text.index(":", name.end_mark.index) + 1


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _before_bracket(text: str, node: Any, entry: str) -> str:
    """The text with a further entry at the end of a mapping or list in brackets."""
    if not node.value:
        close = node.end_mark.index - 1
        return f"{text[:close]}{entry}{text[close:]}"
    last = node.value[-1]
    end = _end_of_entry(text, *last, flow=True) if isinstance(last, tuple) else _last(text, last, flow=True)
    return f"{text[:end]}, {entry}{text[end:]}"


def _refuse_shared(text: str, node: Any, after: int) -> None:
    """Refuse an alias, whose position is before the end of its key, and an anchor that an alias names."""
    start = node.start_mark.index
    anchor = _ANCHOR.match(text, start)
    named = anchor is not None and re.search(rf"\*{re.escape(anchor[1])}(?![^\s,\[\]{{}}])", text) is not None
    if start < after or named:
        raise EditError("an alias (*) shares the value with another place")


def _node(text: str, root: Any, path: Path) -> Any:
    """The node at ``path``. Raises EditError where an alias shares it or a mapping around it."""
    node = root
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
        _refuse_shared(text, node, after)
    return node


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
        return _before_bracket(text, node, entry)
    at_top = not node.value[0][0].start_mark.column  # the head of a file, with its name, comes first
    end = _end_of_entry(text, *node.value[0 if at_top else -1])
    line_end = _line_end(text, end)
    column = node.value[0][0].start_mark.column
    return f"{text[:line_end]}\n{' ' * column}{_indented(lines, column)}{text[line_end:]}"


def _indented(lines: Sequence[str], column: int) -> str:
    first, *rest = lines
    return "\n".join([first, *(f"{' ' * column}{line}" if line else "" for line in rest)])


def _end_of_entry(text: str, name: Any, value: Any, flow: bool = False) -> int:
    """The position after an entry of a mapping; an alias, which has the position of its anchor, is read in the text."""
    alias = _ALIAS.match(text, name.end_mark.index) if value.start_mark.index < name.end_mark.index else None
    return alias.end() if alias is not None else _last(text, value, flow)


def _last(text: str, node: Any, flow: bool = False) -> int:
    """The position after the last character of a value."""
    if not flow and isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end_of_entry(text, *last) if isinstance(last, tuple) else _last(text, last)
    end = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        while end and text[end - 1] in _BREAKS:
            end -= 1
    return end

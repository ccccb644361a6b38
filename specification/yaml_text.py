"""Specs as YAML text: mappings, lists and texts, each entry on one line where it fits.

Not for reading YAML (mappings/yaml/) nor for changing a file that somebody wrote (mappings/yaml/edit.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

#: a mapping, a list, a text, or null
Tree = dict[str, "Tree"] | list["Tree"] | str | None
_WIDTH = 118
#: texts that need no quotes, between brackets too, and that YAML 1.1 readers do not take for another kind of value
_PLAIN = re.compile(r"[A-Za-z_/(][A-Za-z0-9_ ./()'=<>+;?$^%-]*[A-Za-z0-9_./)'?$%]|[A-Za-z_]", re.ASCII)
#: texts of several lines that a literal block holds as they are: no blanks at an end, no characters to escape
_LITERAL = re.compile(r"(?:[!-~](?:[ -~]*[!-~])?\n+)+[!-~](?:[ -~]*[!-~])?", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
#: characters that a spec has only as escapes
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def yaml_text(tree: Tree, comments: tuple[str, ...] = ()) -> str:
    """A whole file. ``comments``: its first lines."""
    return "".join(f"# {c}\n" for c in comments) + "\n".join(_block(tree, 0)) + "\n"


def scalar(text: str) -> str:
    """A text as YAML writes it, in a list or mapping too."""
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED and " #" not in text
    if plain or _NUMBER.fullmatch(text):
        return text
    return _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04X}", json.dumps(text, ensure_ascii=False))


def flow(tree: Tree) -> str:
    """A tree on one line."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(flow, tree)) + "]"
    return "null" if tree is None else scalar(tree)


def entry_lines(key: str, value: Tree) -> list[str]:
    """An entry of a mapping as lines."""
    return list(_entry(f"{scalar(key)}:", value, 2))


def item_lines(value: Tree) -> list[str]:
    """An item of a list as lines."""
    return list(_entry("-", value, 2))


def _block(tree: Tree, indent: int) -> Iterator[str]:
    """The lines of a mapping or list, each entry on one line where it fits."""
    pad = " " * indent
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _entry(f"{pad}{scalar(key)}:", value, indent + 2)
    elif isinstance(tree, list):
        for value in tree:
            yield from _entry(f"{pad}-", value, indent + 2)


def _texts_only(items: list[Tree]) -> bool:
    return not any(isinstance(i, dict | list) for i in items)


def _entry(head: str, value: Tree, indent: int) -> Iterator[str]:
    line = f"{head} {flow(value)}"
    short = not isinstance(value, dict | list) or len(value) < 2 or (isinstance(value, list) and _texts_only(value))
    if isinstance(value, str) and _LITERAL.fullmatch(value):
        yield f"{head} |-"
        yield from (f"{' ' * indent}{text}" if text else "" for text in value.split("\n"))
    elif not isinstance(value, dict | list) or not value or (len(line) <= _WIDTH and (short or indent > 2)):
        yield line
    elif isinstance(value, dict) and head.endswith("-"):
        first, *rest = _block(value, indent)
        yield f"{head} {first.lstrip()}"
        yield from rest
    else:
        yield head
        yield from _block(value, indent)

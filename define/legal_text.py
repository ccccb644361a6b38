"""The text that XML 1.0 allows. Not for its escapes (markup.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ..errors import OutputError, Place

#: everything outside the production Char of XML 1.0 (fifth edition, section 2.2), lone surrogates included
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_legal(text: str) -> bool:
    """Whether XML can hold every character of a text."""
    return _ILLEGAL.search(text) is None


def legal_value(text: str) -> str:
    """A value of the data with U+FFFD for each character that XML cannot hold: one dirty cell stops no run."""
    return _ILLEGAL.sub("\ufffd", text)


def check_text(item: Any, where: str, place: Place | None = None, done: set[int] | None = None) -> None:
    """Refuse a spec that holds a character XML cannot hold, anywhere in its text.

    ``item``: text, or a dataclass, tuple or mapping of such. Raises OutputError that names the field, the character
    and its position in the text, and the place in the spec if the part has one (``rule`` or ``place``). ``done`` holds
    the ids of parts already looked at, for a caller whose items share large parts (a codelist) and keep them alive.
    """
    done = set() if done is None else done
    if isinstance(item, str):
        found = _ILLEGAL.search(item)
        if found:
            start = f"{place}: " if place else ""
            raise OutputError(
                f"{start}{where}: character {found.start() + 1} is U+{ord(found.group()):04X}, "
                "which define.xml cannot hold (XML 1.0); remove it from the spec"
            )
    elif isinstance(item, Place):
        return
    elif is_dataclass(item):
        if id(item) in done:
            return
        done.add(id(item))
        here = getattr(item, "rule", None) or getattr(item, "place", None) or place
        name = getattr(item, "name", "") or getattr(item, "variable", "") or getattr(item, "value", "")
        for field in fields(item):
            if field.compare:  # leaves out the fields that only repeat others
                part = f"{where}.{name!r}" if not str(name).isidentifier() and name else f"{where}.{name}"
                check_text(getattr(item, field.name), f"{part} {field.name}" if name else where, here, done)
    elif isinstance(item, Mapping):
        for key, value in item.items():
            check_text(key, where, place, done)
            check_text(value, where, place, done)
    elif isinstance(item, tuple):
        for value in item:
            check_text(value, where, place, done)

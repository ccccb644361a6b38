"""How a text is divided into parts: templates that read it, and regular expressions of RE2 with groups.

The time of RE2 grows with the length of the text only, so no pattern of a spec can block a run. Not for the cells of a
file (sources/cell_parts.py) nor for expressions (mappings/expressions/parser.py, engine/expressions/text_functions.py).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .template import TemplateError, parse_template

MAX_PATTERN = 1_000
_NAMED = re.compile(r"\(\?P?<([^>]*)>")
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class PatternError(ValueError):
    """A template or pattern that cannot be used; ``offset`` is the 0-based column in its text."""

    def __init__(self, message: str, offset: int = 0):
        super().__init__(message)
        self.offset = offset


def extract_all(pattern: str, texts: Sequence[str]) -> dict[str, list[str | None]]:
    """Named group -> its text for each of ``texts``, None if a text does not contain the pattern.

    Raises PatternError for a pattern that RE2 cannot read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        found = pc.call_function(
            "extract_regex", [pa.array(texts, type=pa.large_string())], pc.ExtractRegexOptions(pattern)
        )
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ").removeprefix("Invalid regex: ")
        raise PatternError(f"a regular expression that cannot be read: {reason}") from None
    rows = found.to_pylist()
    names = [f.name for f in found.type]
    return {name: [None if r is None else r[name] or "" for r in rows] for name in names}


def groups_of(pattern: str) -> list[tuple[int, str]]:
    """(position, name or '') of each capturing group of a pattern, in order."""
    found: list[tuple[int, str]] = []
    at, in_class = 0, False
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            if pattern.startswith("\\Q", at):
                end = pattern.find("\\E", at)
                at = len(pattern) if end < 0 else end
            at += 2
            continue
        if in_class:
            if pattern.startswith("[:", at):
                end = pattern.find(":]", at)
                at = at if end < 0 else end + 1
            elif sign == "]":
                in_class = False
        elif sign == "[":
            in_class = True
            # a ] that comes first, after ^ too, is itself
            at += 1 + pattern.startswith("^", at + 1)
            at -= not pattern.startswith("]", at)
        elif sign == "(":
            named = _NAMED.match(pattern, at)
            if named:
                found.append((at, named.group(1)))
            elif not pattern.startswith("(?", at):
                found.append((at, ""))
        at += 1
    return found


@functools.lru_cache(maxsize=1024)
def numbered(pattern: str) -> tuple[str, int]:
    """The pattern with its groups named g1, g2 ... and the whole named g0; and how many groups it has.

    Raises PatternError for a pattern that is too long or that RE2 cannot read.
    """
    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"a pattern may have {MAX_PATTERN} characters, this one has {len(pattern)}", MAX_PATTERN)
    groups = groups_of(pattern)
    out, done = [], 0
    for number, (at, name) in enumerate(groups, 1):
        out += [pattern[done:at], f"(?P<g{number}>"]
        opening = _NAMED.match(pattern, at)
        done = opening.end() if opening and name else at + 1
    out.append(pattern[done:])
    whole = f"(?P<g0>{''.join(out)})"
    extract_all(pattern if groups and all(n for _, n in groups) else whole, [""])
    found = extract_all(whole, [""])
    if len(found) != len(groups) + 1:
        raise PatternError("the groups of this pattern cannot be separated; write each as (...) or (?P<NAME>...)")
    return whole, len(groups)


@dataclass(frozen=True)
class Pattern:
    """A pattern whose named groups are columns. It must fit the whole text, without blanks around it."""

    text: str
    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Raises PatternError for a pattern that RE2 cannot read, a group without a name, and no group at all."""
        if len(text) > MAX_PATTERN:
            raise PatternError(f"a pattern may have {MAX_PATTERN} characters, this one has {len(text)}", MAX_PATTERN)
        groups = groups_of(text)
        for at, name in groups:
            if not _COLUMN.fullmatch(name):
                what = f"'{name}' is not a name of a column" if name else "this group has no name"
                raise PatternError(f"{what}; write (?P<NAME>...), or (?:...) for a group without a column", at)
        names = [n for _, n in groups]
        if not names:
            raise PatternError("the pattern has no group; write (?P<NAME>...) around the text of the column NAME")
        if len(set(names)) < len(names):
            raise PatternError("two groups have the same name; give each group another name")
        extract_all(text, [""])
        return cls(text, tuple(names))

    def read(self, texts: Sequence[str]) -> list[tuple[str, ...] | None]:
        """For each text its parts in the order of ``names``; None if the pattern does not fit."""
        found = extract_all(f"\\A\\s*(?:{self.text})\\s*\\z", texts)
        rows = zip(*(found[n] for n in self.names), strict=True)
        return [None if row[0] is None else tuple(str(p).strip() for p in row) for row in rows]


@dataclass(frozen=True)
class Splitter:
    """A template such as {SYS}/{DIA} whose fields are columns. ``between``: the texts before, between, after them."""

    text: str
    names: tuple[str, ...]
    between: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Splitter:
        """Raises PatternError for a template that does not define where its fields end."""
        try:
            parts = parse_template(text).parts
        except TemplateError as error:
            raise PatternError(str(error), error.offset) from None
        names = [p.name for p in parts if p.name]
        wide = next((p.name for p in parts if p.width), "")
        if not names:
            raise PatternError("the template has no field; write {NAME} for the column NAME")
        if wide:
            raise PatternError(f"{{{wide}}} takes no width: a part is read as it is written")
        if len(set(names)) < len(names):
            raise PatternError("two fields have the same name; give each field another name")
        between, literal = [], ""
        for part in parts:
            if part.name:
                if between and not literal:
                    raise PatternError(f"'{part.name}' touches the field before it; put a separator between them")
                between.append(literal)
                literal = ""
            else:
                literal = part.text
        return cls(text, tuple(names), (*between, literal))

    def read(self, texts: Sequence[str]) -> list[tuple[str, ...] | None]:
        """For each text its parts in the order of ``names``; None for a text that does not fit, or fits in two ways."""
        return [self._parts(t) for t in texts]

    def _parts(self, text: str) -> tuple[str, ...] | None:
        rest = " ".join(text.split())
        before, *separators, after = [" " if s.isspace() else s for s in self.between]
        if not rest.startswith(before.strip()) or not rest.endswith(after.strip()):
            return None
        rest = rest[len(before.strip()) : len(rest) - len(after.strip()) or None]
        out = []
        for number, separator in enumerate(separators):
            # the separator with its blanks if that decides, else without
            for sign in dict.fromkeys((separator, separator.strip() or separator)):
                if rest.count(sign) == separators[number:].count(separator):
                    break
            else:
                return None
            part, _, rest = rest.partition(sign)
            out.append(part.strip())
        out.append(rest.strip())
        return tuple(out) if any(out) else None

"""Reads YAML into nodes that keep every scalar as the text that was written, and where it stands.

Not for typing: nothing here becomes a number, a date or a Python object; ``mappings/binding/bind.py`` binds nodes to
models.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ...errors import FileName, Place, SpecError, SpecProblem
from .nodes import NULL_FORMS, Mapping, Node, Scalar, Sequence, node_data, shown
from .syntax import syntax_problem

__all__ = [
    "Mapping", "Node", "Scalar", "Sequence", "examine_file", "examine_text", "file_name", "node_data", "parse_yaml",
    "read_yaml", "shown",
]  # fmt: skip

MAX_BYTES = 5_000_000
MAX_NODES = 100_000  # keys, values and lists, with every alias counted as often as it is used
MAX_DEPTH = 30
MAX_PROBLEMS = 100  # of one file; a file with more is broken in one way that repeats

_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where it is built in, else the Python scanner
_BREAK = re.compile(r"\r\n|\r|\n")
# C0 and C1 controls but tab and line ends; U+0085, U+2028, U+2029, which YAML 1.1 counts as line ends and editors do
# not, so that every later line number would be wrong; byte order marks inside the text; lone surrogates
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def read_yaml(path: Path, root: Path) -> Node:
    """The document in ``path``; places name the file relative to ``root``. SpecError with every problem found."""
    node, problems = examine_file(path, root)
    return _whole(node, problems)


def parse_yaml(text: str, file: str) -> Node:
    """The document in ``text``; an empty one is a null Scalar at 1:1. SpecError with every problem found."""
    node, problems = examine_text(text, file)
    return _whole(node, problems)


def examine_file(path: Path, root: Path) -> tuple[Node | None, list[SpecProblem]]:
    """Like ``read_yaml``, but hands back what could be read next to the problems, so that checks can go on."""
    file = FileName(file_name(path, root), path)
    data = _read_bytes(path, file)
    if isinstance(data, SpecProblem):
        return None, [data]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_encoding_problem(data, error.start, file)]
    return examine_text(text, file)


def examine_text(text: str, file: str) -> tuple[Node | None, list[SpecProblem]]:
    """Like ``parse_yaml``, but hands back what could be read next to the problems. None: nothing can be trusted."""
    text = text.removeprefix("\ufeff")
    found = [match.start() for match, _ in zip(_UNWANTED.finditer(text), range(MAX_PROBLEMS), strict=False)]
    problems = [_unwanted_problem(text, offset, file) for offset in found]
    if problems:
        return None, problems
    composer = _Composer(text, file)
    return composer.compose(), composer.problems


def file_name(path: Path, root: Path) -> str:
    """How messages name ``path``: relative to ``root`` with forward slashes, as given when it lies elsewhere."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):
        return path.as_posix()


def _whole(node: Node | None, problems: list[SpecProblem]) -> Node:
    if problems or node is None:
        raise SpecError(problems)
    return node


def _read_bytes(path: Path, file: str) -> bytes | SpecProblem:
    try:
        if not path.exists():
            return SpecProblem(Place(file), "there is no such file")
        if path.is_dir():
            return SpecProblem(Place(file), "this is a folder; a YAML file is expected")
        if not path.is_file():  # a pipe or a device could block for ever
            return SpecProblem(Place(file), "this is not a regular file; a YAML file is expected")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = "check its permissions" if isinstance(error, PermissionError) else ""
        return SpecProblem(Place(file), f"the file cannot be read: {reason}", hint=hint)
    if len(data) > MAX_BYTES:
        return SpecProblem(
            Place(file), f"the file is larger than {MAX_BYTES:,} bytes", hint="data does not go into a spec"
        )
    return data


def _encoding_problem(data: bytes, offset: int, file: str) -> SpecProblem:
    place = _place_in(data[:offset].decode("utf-8").removeprefix("\ufeff"), offset, file)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return SpecProblem(Place(file, 1, 1), "the file is UTF-16; a spec is UTF-8", hint="save it again as UTF-8")
    message = f"the byte 0x{data[offset]:02X} at byte offset {offset} is not UTF-8"
    return SpecProblem(place, message, hint="save the file again as UTF-8; it may be Windows-1252 or Latin-1 now")


def _unwanted_problem(text: str, offset: int, file: str) -> SpecProblem:
    code = f"{ord(text[offset]):04X}"
    hint = "" if text[offset] == "\0" else f'where it is meant, write "\\u{code}" in double quotes'
    return SpecProblem(_place_in(text, offset, file), f"the character U+{code} is not allowed in a spec", hint=hint)


def _place_in(text: str, offset: int, file: str) -> Place:
    ends = [match.end() for match in _BREAK.finditer(text, 0, min(offset, len(text)))]
    start = ends[-1] if ends else 0
    return Place(file, len(ends) + 1, min(offset, len(text)) - start + 1)


class _Stop(Exception):
    """Reading cannot go on; the problem is recorded already."""


@dataclass
class _Open:
    """A list or mapping whose end has not been seen."""

    place: Place
    is_mapping: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    key: Scalar | None = None
    awaits_key: bool = True
    size: int = 1
    height: int = 1


class _Composer:
    """Events to nodes with a stack of its own: depth is a number that is checked, never Python's recursion."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.problems: list[SpecProblem] = []
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.anchors: dict[str, tuple[Node | None, int, int]] = {}  # name -> node (None while open), size, height
        self.total = 0

    def compose(self) -> Node | None:
        documents = 0
        try:
            for event in self._events():
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._stop(self._at(event.start_mark), "a second document starts here; a spec is one document",
                                   "remove the line '---' or move what follows into a file of its own")  # fmt: skip
                elif isinstance(event, yaml.AliasEvent):
                    self._alias(event)
                elif isinstance(event, yaml.ScalarEvent):
                    self._scalar(event)
                elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                    self._start(event)
                elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                    self._end()
        except _Stop:
            return None
        return Scalar(None, True, Place(self.file, 1, 1)) if self.root is None else self.root

    def _events(self) -> Iterator[Any]:
        loader = _EVENTS(self.text)
        try:
            while loader.check_event():
                yield loader.get_event()
        except yaml.YAMLError as error:
            self._add(syntax_problem(error, self.text, self.file))
            raise _Stop from None
        except (ValueError, OverflowError):  # the Python scanner on an escape beyond Unicode
            self._stop(Place(self.file), "a \\x, \\u or \\U escape names no Unicode character")
        finally:
            loader.dispose()

    def _at(self, mark: Any) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _add(self, problem: SpecProblem) -> None:
        self.problems.append(problem)
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(SpecProblem(problem.place, "too many problems in this file; reading stops here"))
            raise _Stop

    def _problem(self, place: Place, message: str, hint: str = "") -> None:
        self._add(SpecProblem(place, message, hint=hint))

    def _stop(self, place: Place, message: str, hint: str = "") -> NoReturn:
        self._problem(place, message, hint)
        raise _Stop

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            hint = "quote the value instead" if tag in ("!", "!!str") else "remove it"
            message = f"the tag {shown(tag)} is not allowed: a spec holds only text, lists and mappings"
            self._problem(self._at(event.start_mark), message, hint)

    def _scalar(self, event: Any) -> None:
        self._check_tag(event)
        text, start, plain = event.value, event.start_mark.index, not event.style
        place = self._at(event.start_mark)
        if re.search("[\0\ud800-\udfff]", text):
            self._problem(place, "the text holds an escaped NUL or half of a surrogate pair", "remove it")
        exact = None
        if plain and self.text.startswith(text, start):
            exact = 0
        elif event.style in ("'", '"') and self.text.startswith(event.style + text + event.style, start):
            exact = 1
        if "\n" in text or "\r" in text or (exact == 1 and ("\\" in text or "''" in text)):
            exact = None
        is_null = plain and text in NULL_FORMS
        node = Scalar(None if is_null else text, plain, place, text if is_null else "", exact)
        if event.anchor:
            self.anchors[event.anchor] = (node, 1, 0)
        self._place(node, place, 1, 0)

    def _alias(self, event: Any) -> None:
        place = self._at(event.start_mark)
        name = event.anchor
        if name not in self.anchors:
            self._problem(place, f"the alias {shown('*' + name)} has no anchor above it",
                          "quote the text if no alias is meant")  # fmt: skip
            self._place(Scalar("", False, place), place, 1, 0)
            return
        node, size, height = self.anchors[name]
        if node is None:
            self._stop(place, f"the alias {shown('*' + name)} stands inside its own anchor")
        if isinstance(node, Scalar) and self.stack and self.stack[-1].is_mapping and self.stack[-1].awaits_key:
            node = dataclasses.replace(node, place=place, exact=None)
        self._place(node, place, size, height)

    def _start(self, event: Any) -> None:
        self._check_tag(event)
        place = self._at(event.start_mark)
        parent = self.stack[-1] if self.stack else None
        if parent is not None and parent.is_mapping and parent.awaits_key:
            self._problem(
                place, "a key must be one text; this key is a list or a mapping", "quote a key that holds { or ["
            )
        if len(self.stack) >= MAX_DEPTH:
            self._stop(place, f"lists and mappings are nested deeper than {MAX_DEPTH} levels")
        if event.anchor:
            self.anchors[event.anchor] = (None, 0, 0)
        self.stack.append(_Open(place, isinstance(event, yaml.MappingStartEvent), event.anchor))

    def _end(self) -> None:
        done = self.stack.pop()
        node: Node
        if done.is_mapping:
            node = Mapping(tuple(done.entries.values()), done.place)
        else:
            node = Sequence(tuple(done.items), done.place)
        if done.anchor:
            self.anchors[done.anchor] = (node, done.size, done.height)
        self.total -= done.size - 1  # its parts were counted when they were placed
        self._place(node, done.place, done.size, done.height)

    def _place(self, node: Node, place: Place, size: int, height: int) -> None:
        """Put a finished node where it belongs; ``size`` and ``height`` count it with everything below it."""
        self.total += size
        if self.total > MAX_NODES:
            self._stop(place, f"the file holds more than {MAX_NODES:,} keys and values, each alias counted in full")
        if len(self.stack) + height > MAX_DEPTH:
            self._stop(place, f"lists and mappings are nested deeper than {MAX_DEPTH} levels, aliases included")
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if not top.is_mapping:
            top.items.append(node)
        elif top.awaits_key:
            top.key = self._key(node, top)
            top.awaits_key = False
        else:
            if top.key is not None:
                top.entries[top.key.text or ""] = (top.key, node)
            top.awaits_key = True

    def _key(self, node: Node, mapping: _Open) -> Scalar | None:
        """The key as text, None when it is refused."""
        if not isinstance(node, Scalar):
            return None  # reported where it starts
        text = node.source if node.text is None else node.text  # keys are text: NULL and ~ are names here
        if node.plain and not text:
            self._problem(node.place, "there is no key before this ':'", "write the key, or '' for an empty one")
            return None
        if node.plain and text == "<<":
            self._problem(node.place, "merge keys (<<) are not allowed", "use parents: to build on another spec")
            return None
        if text in mapping.entries:
            first = mapping.entries[text][0].place
            self._problem(node.place, f"the key {shown(text)} is there twice; the first is at line {first.line}, "
                          f"column {first.column}", "remove one of them")  # fmt: skip
            return None
        return node if node.text is not None else dataclasses.replace(node, text=text, source="")

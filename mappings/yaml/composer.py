"""Composes the events of a YAML parser into nodes, and reports what a spec does not allow, each mistake at its place.

Not for reading files (read.py) nor for the sentences of syntax errors (syntax.py).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from ...errors import Place, SpecProblem
from .nodes import NULL_FORMS, Mapping, Node, Scalar, Sequence, shown
from .syntax import syntax_problem

MAX_NODES = 100_000  # keys, values and lists, with every alias counted as often as it is used
MAX_DEPTH = 30
MAX_PROBLEMS = 100  # of one file; a file with more is broken in one way that repeats

_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where it is built in, else the Python scanner


#: what only an escape puts into a text
_ESCAPED = re.compile("[\0\ud800-\udfff]")


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


class Composer:
    """Turns events into nodes with a stack: the depth is a checked number, without recursion in Python."""

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
                if isinstance(event, yaml.ScalarEvent):
                    self._scalar(event)
                elif isinstance(event, yaml.CollectionStartEvent):
                    self._start(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    self._end()
                elif isinstance(event, yaml.AliasEvent):
                    self._alias(event)
                elif isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._stop(self._at(event.start_mark), "a second document starts here; a spec is one document",
                                   "remove the line '---' or move the second document into another file")  # fmt: skip
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
        if _ESCAPED.search(text):
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
            self._stop(place, f"the alias {shown('*' + name)} is inside its own anchor")
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
        """Add a complete node to its parent; ``size`` and ``height`` count it with everything below it."""
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
        """The key as text; None if it is refused."""
        if not isinstance(node, Scalar):
            return None  # reported at its start
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

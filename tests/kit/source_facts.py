"""What the tests of the house look for in the code of the package: each module is parsed and walked one time.

The processes that run the suite share what the first of them finds. Not for the rules: rooms.py has the floors,
tests/house/test_prose.py what is allowed, tools/frame_verbs.py its message.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .file_queue import shared_folder
from .package_files import OUTSIDE, ROOT, package_files

#: methods that look for a text in another one
METHODS = {
    "startswith", "endswith", "split", "rsplit", "partition", "rpartition", "index", "rindex", "find", "rfind",
    "removeprefix", "removesuffix", "replace", "count", "match", "search", "fullmatch", "sub", "findall",
}  # fmt: skip
#: the joins, groups, pivots and de-duplication of pandas
REFUSED = {
    "merge", "merge_asof", "merge_ordered", "groupby", "pivot", "pivot_table", "crosstab", "melt", "wide_to_long",
    "drop_duplicates",
}  # fmt: skip
#: arguments that only a join of frames has; a join of texts takes none by name
JOIN_ARGUMENTS = {"on", "how", "lsuffix", "rsuffix", "sort", "validate", "other"}
#: folders that are no part of what runs at a user's site, or that write invented data
OUTSIDE_OF_PROSE = OUTSIDE | {"synth"}

#: the nodes that a fact can be in
LOOKED_AT = {ast.ImportFrom, ast.Call, ast.Compare, ast.MatchValue}


class SourceFacts(NamedTuple):
    """``imports``: (module, module that it imports, line); ``prose`` and ``frame_verbs``: (file, line, text)."""

    imports: list[tuple[str, str, int]]
    prose: list[tuple[str, int, str]]
    frame_verbs: list[tuple[str, int, str]]


def nodes(source: str) -> list[ast.AST]:
    """All nodes of a source text, without those that state whether a name is read or written.

    What ``ast.walk`` gives, in half its time.
    """
    found: list[ast.AST] = [ast.parse(source)]
    for node in found:  # grows while it is read
        if node.__class__ is ast.Name or node.__class__ is ast.Constant:  # most nodes, and nothing is below them
            continue
        for value in node.__dict__.values():
            if isinstance(value, list):
                found += [v for v in value if isinstance(v, ast.AST)]
            elif isinstance(value, ast.AST) and value.__dict__:
                found.append(value)
    return found


def literal(node: ast.expr) -> Iterator[str]:
    """The literal texts of an operand; a formatted text counts with {} for its parts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        for element in node.elts:
            yield from literal(element)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            v.value if isinstance(v, ast.Constant) and isinstance(v.value, str) else "{}" for v in node.values
        )


def prose(found: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """(line, text) of every literal with a blank that code compares with, searches for, splits at or matches."""
    for node in found:
        operands: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            operands = [*node.args[:1]]
        elif isinstance(node, ast.MatchValue):
            operands = [node.value]
        for text in (t for o in operands for t in literal(o)):
            word = text.strip()
            letters = any(c.isalpha() for c in word)
            if text.endswith(": ") or (letters and (" " in word or (len(word) > 1 and word != text))):
                yield node.lineno, text  # pyright: ignore[reportAttributeAccessIssue]


def raw_verbs(found: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """(line, name) of each call of a raw pandas verb."""
    for node in found:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        if name in REFUSED or (name == "join" and JOIN_ARGUMENTS & {k.arg for k in node.keywords}):
            yield node.lineno, name


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Dotted name -> file of every module of the package; the root is ''."""
    found = {}
    for path in package_files(root):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(
    name: str, folder: tuple[str, ...], known: dict[str, Path], found: Iterable[ast.AST]
) -> Iterator[tuple[str, str, int]]:
    """(module, module that it imports, line) of every relative import of the module ``name`` in a folder."""
    for node in found:
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*folder[: len(folder) - node.level + 1], *(node.module or "").split(".")]
            for alias in node.names:
                full = ".".join(p for p in [*base, alias.name] if p)
                target = full if full in known else ".".join(p for p in base if p)
                if target in known and target not in ("", name):
                    yield name, target, node.lineno


def read_facts(root: Path = ROOT) -> SourceFacts:
    """The facts of the package in a folder."""
    facts, known = SourceFacts([], [], []), modules(root)
    for name, path in known.items():
        place = path.relative_to(root)
        found = [n for n in nodes(path.read_text(encoding="utf-8")) if n.__class__ in LOOKED_AT]
        file = place.as_posix()
        facts.imports.extend(imports(name, place.parts[:-1], known, found))
        facts.frame_verbs.extend((file, *verb) for verb in raw_verbs(found))
        if place.parts[0] not in OUTSIDE_OF_PROSE:
            facts.prose.extend((file, *text) for text in prose(found))
    return facts


@lru_cache(maxsize=1)
def facts_of_package() -> SourceFacts:
    """The facts of this package; it is read once, also by several processes that run the suite."""
    folder = shared_folder()
    if folder is None:
        return read_facts()
    shared = folder / "source-facts.json"
    if not shared.exists():
        being_written = folder / f"source-facts-{os.getpid()}.json"
        being_written.write_text(json.dumps(read_facts()), "utf-8")
        being_written.replace(shared)
    return SourceFacts(*([tuple(row) for row in rows] for rows in json.loads(shared.read_text("utf-8"))))

"""What the tests of the house look for in the code of the package: each module is parsed and walked one time.

The processes that run the suite share what the first of them finds. Not for the rules: rooms.py has the floors,
tests/house/test_prose.py what is allowed, tools/frame_verbs.py its message.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from .file_queue import shared_folder
from .package_files import OUTSIDE, ROOT, package_files

#: methods that look for a text in another one
METHODS = {
    "startswith", "endswith", "split", "rsplit", "partition", "rpartition", "index", "rindex", "find", "rfind",
    "removeprefix", "removesuffix", "replace", "count", "match", "search", "fullmatch", "sub", "findall", "finditer",
    "contains", "isin", "eq", "ne",
}  # fmt: skip
#: methods that look up a text: a dict with sentences as keys, a compiled pattern, a list of sentences
LOOKS_UP = {"get", "index", "match", "search", "fullmatch", "sub", "split", "findall", "finditer"}
#: attributes that hold a sentence for people
SENTENCES = {"message", "sentence", "hint"}
#: what a pattern has besides the letters that it looks for
PATTERN = re.compile(r"\\.|\[\^?\]?[^]]*\]|\(\?<?[:=!P]|\{[^}]*\}")
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
PACKAGE = "raw2adam"
#: fields of nodes that decide nothing, and what has no nodes below it: most of a module
WITHOUT_FACTS = {
    "annotation",
    "returns",
    "ctx",
    "op",
    "ops",
    "attr",
    "id",
    "arg",
    "module",
    "level",
    "kind",
    "type_comment",
}
LEAVES = {ast.Name, ast.Constant, ast.alias, type(None), str, int}
LOOKED_AT = {ast.Import, ast.ImportFrom, ast.Call, ast.Compare, ast.MatchValue, ast.Subscript}


class SourceFacts(NamedTuple):
    """``imports``: (module, module that it imports, line); ``prose`` and ``frame_verbs``: (file, line, text);

    ``loaded_by_name``: (file, line) of each import of a module whose name is a text.
    """

    imports: list[tuple[str, str, int]]
    prose: list[tuple[str, int, str]]
    frame_verbs: list[tuple[str, int, str]]
    loaded_by_name: list[tuple[str, int]]


@cache
def _parts(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a class of nodes that can have nodes with facts in them."""
    return tuple(name for name in kind._fields if name not in WITHOUT_FACTS)


def nodes(source: str) -> list[ast.AST]:
    """The nodes of a source text in the order of ``ast.walk``, without names, constants, operators and annotations."""
    found: list[ast.AST] = [ast.parse(source)]
    for node in found:  # grows while it is read
        for part in _parts(node.__class__):
            value = getattr(node, part)
            if value.__class__ is list:
                found += [v for v in value if v.__class__ not in LEAVES]
            elif value.__class__ not in LEAVES:
                found.append(value)
    return found


def literal(node: ast.expr) -> Iterator[str]:
    """The literal texts of an operand; a formatted text counts with {} for its parts, a dict with its keys."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        for element in node.elts:
            yield from literal(element)
    elif isinstance(node, ast.Dict):
        for key in node.keys:
            yield from () if key is None else literal(key)
    elif isinstance(node, ast.BinOp):
        yield from (*literal(node.left), *literal(node.right))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            v.value if isinstance(v, ast.Constant) and isinstance(v.value, str) else "{}" for v in node.values
        )
    elif isinstance(node, ast.Call):  # a set of texts, a pattern
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in ("frozenset", "set", "tuple"):
            yield from (t for a in node.args for t in literal(a))
        elif name == "compile":
            yield from (PATTERN.sub("", t) for a in node.args[:1] for t in literal(a))


def is_prose(text: str) -> bool:
    """Whether a text has a blank between or beside letters, as a sentence and a part of it have."""
    word = text.strip()
    letters = any(c.isalpha() for c in word)
    return text.endswith(": ") or (letters and (" " in word or (len(word) > 1 and word != text)))


def operands(found: Iterable[ast.AST]) -> Iterator[tuple[int, ast.expr]]:
    """(line, operand) of all that code compares with, searches for, splits at, matches or looks up in."""
    for node in found:
        of: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            of = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in METHODS:
                of = [*node.args[:1]]
            if (
                node.func.attr in LOOKS_UP
                and node.args
                and not isinstance(node.func.value, (ast.Constant, ast.JoinedStr))
            ):
                of = [*of, node.func.value]
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            of = [node]
        elif isinstance(node, ast.MatchValue):
            of = [node.value]
        for operand in of:
            yield node.lineno, operand  # pyright: ignore[reportAttributeAccessIssue]


def prose(found: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """(line, text) of every literal sentence that code decides by."""
    for line, operand in operands(found):
        yield from ((line, text) for text in literal(operand) if is_prose(text))


def sentences(module: ast.Module) -> dict[str, list[str]]:
    """The constants of a module that hold sentences; NAME and NAME[] for a dict with sentences as keys."""
    named = {}
    for node in module.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            texts = [t for t in literal(node.value) if is_prose(t)]
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [t.id for t in targets if isinstance(t, ast.Name) and texts]
            named.update(dict.fromkeys(names, texts))
            if isinstance(node.value, ast.Dict):
                named.update({f"{name}[]": texts for name in names})
    return named


def named_operands(found: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """(line, name) of every constant that code decides by."""
    for line, operand in operands(found):
        parts = operand.elts if isinstance(operand, (ast.Tuple, ast.List, ast.Set)) else [operand]
        for part in parts:
            if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name):
                yield line, f"{part.value.id}[]"
            elif isinstance(part, ast.Name):
                yield line, part.id


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


def _bases(folder: tuple[str, ...], node: ast.ImportFrom) -> list[str] | None:
    """The parts of the module that an import names; None for a module of another package."""
    parts = (node.module or "").split(".")
    if node.level:
        return [*folder[: len(folder) - node.level + 1], *parts]
    return parts[1:] if parts[0] == PACKAGE else None


def imports(
    name: str, folder: tuple[str, ...], known: dict[str, Path], found: Iterable[ast.AST]
) -> Iterator[tuple[str, str, int]]:
    """(module, module that it imports, line) of every import of the module ``name`` in a folder, relative or not."""
    for node in found:
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [a.name.removeprefix(f"{PACKAGE}.") for a in node.names if a.name.startswith(f"{PACKAGE}.")]
        elif isinstance(node, ast.ImportFrom) and (base := _bases(folder, node)) is not None:
            for alias in node.names:
                full = ".".join(p for p in [*base, alias.name] if p)
                targets.append(full if full in known else ".".join(p for p in base if p))
        for target in targets:
            if target in known and target not in ("", name):
                yield name, target, node.lineno  # pyright: ignore[reportAttributeAccessIssue]


def imported_names(
    folder: tuple[str, ...], known: dict[str, Path], found: Iterable[ast.AST]
) -> dict[str, tuple[str, str]]:
    """Name in a module -> (module, name there) of what it imports from other modules of the package."""
    of: dict[str, tuple[str, str]] = {}
    for node in found:
        if isinstance(node, ast.ImportFrom) and (base := _bases(folder, node)) is not None:
            target = ".".join(p for p in base if p)
            of.update({a.asname or a.name: (target, a.name) for a in node.names if target in known})
    return of


def loaded_by_name(found: Iterable[ast.AST]) -> Iterator[int]:
    """The line of each call that imports a module by a text, which no list of imports shows."""
    for node in found:
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            arguments = [a.id for a in node.args if isinstance(a, ast.Name)]
            if called in ("import_module", "__import__") or "import_module" in arguments:
                yield node.lineno


def read_facts(root: Path = ROOT) -> SourceFacts:
    """The facts of the package in a folder."""
    facts, known = SourceFacts([], [], [], []), modules(root)
    texts: dict[str, dict[str, list[str]]] = {}
    uses: list[tuple[str, int, str, str]] = []
    for name, path in known.items():
        place = path.relative_to(root)
        all_nodes = nodes(path.read_text(encoding="utf-8"))
        found = [n for n in all_nodes if n.__class__ in LOOKED_AT]
        file = place.as_posix()
        facts.imports.extend(imports(name, place.parts[:-1], known, found))
        facts.frame_verbs.extend((file, *verb) for verb in raw_verbs(found))
        facts.loaded_by_name.extend((file, line) for line in loaded_by_name(found))
        if place.parts[0] not in OUTSIDE_OF_PROSE:
            facts.prose.extend((file, *text) for text in prose(found))
            texts[name] = sentences(all_nodes[0])
            imported = imported_names(place.parts[:-1], known, found)
            for line, used in named_operands(found):
                of, constant = imported.get(used.removesuffix("[]"), (name, used))
                uses.append((file, line, of, constant + ("[]" if used.endswith("[]") and of != name else "")))
    for file, line, of, constant in uses:
        facts.prose.extend((file, line, text) for text in texts.get(of, {}).get(constant, ()))
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

"""Layers of a spec (``parents:``): which folders a study builds on, and how their files become one.

Not for binding the layers to models (bind.py) nor for the JSON Schema of the language (editor_schema.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...errors import Place, SpecError, SpecProblem, nearest
from ..yaml import nodes as yaml_nodes
from ..yaml.core_schema import found as found_text
from ..yaml.nodes import Mapping, Node, Scalar, shown
from ..yaml.read import examine_file
from .editor_schema import json_schema

__all__ = ["json_schema", "merge_layers", "resolve_parents"]

MAX_LEVELS = 20


def merge_layers(nodes: Sequence[Node]) -> Node:
    """One node from several, the furthest layer first and the study last.

    Mappings merge key by key: the parent's keys first, in its order, then the new ones. Any other value of the child
    replaces the parent's; a null removes the parent's key. An empty layer changes nothing. Every node keeps its place.
    ValueError if there is no node.
    """
    if not nodes:
        raise ValueError("there is no layer to merge")
    merged = nodes[0]
    for node in nodes[1:]:
        if _is_null(merged):
            merged = node
        elif not _is_null(node):
            merged = _merged(merged, node)
    return merged


def _merged(parent: Node, child: Node) -> Node:
    if not (isinstance(parent, Mapping) and isinstance(child, Mapping)):
        return child
    entries = []
    for key, value in parent.entries:
        child_key, child_value = child.key(key.text or ""), child.get(key.text or "")
        if child_key is None or child_value is None:
            entries.append((key, value))
        elif not _is_null(child_value):
            entries.append((child_key, _merged(value, child_value)))
    entries += [(key, value) for key, value in child.entries if parent.key(key.text or "") is None]
    return Mapping(tuple(entries), child.place)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text is None


def resolve_parents(path: Path, root: Path, allowed_roots: Sequence[Path] = ()) -> list[Path]:
    """The unique folders of a study, the furthest parent first and the folder of ``path`` last.

    ``path`` is the YAML file with the top-level key ``parents:``. It lists folders, relative to the folder of the file,
    and names of shipped layers, which are folders in one of ``allowed_roots``. A parent with a file of the
    same name may have parents itself. Folders must lie inside ``root`` or ``allowed_roots``, links followed.
    SpecError with every problem at its line: no list, a missing parent, a cycle, a folder outside, too many levels,
    and every YAML mistake in the files.
    """
    search = _Search(path.name, root, allowed_roots)
    search.visit(path, [])
    if search.problems:
        raise SpecError(search.problems)
    return search.order


class _Search:
    """Walks through the parents, depth first; a folder that two layers share comes once, before both."""

    def __init__(self, name: str, root: Path, allowed_roots: Sequence[Path]) -> None:
        self.name = name
        self.roots = [root.resolve(), *(allowed.resolve() for allowed in allowed_roots)]
        self.problems: list[SpecProblem] = []
        self.order: list[Path] = []
        self.seen: set[Path] = set()

    def visit(self, path: Path, chain: list[Path]) -> None:
        folder = path.parent.resolve()
        if folder in self.seen:
            return
        self.seen.add(folder)
        # the study itself must have the file; a layer may consist of dataset files alone
        if not chain or path.exists():
            root = next((r for r in self.roots if folder.is_relative_to(r)), folder)
            # the path that the loader reads again: a file of one path is parsed once
            node, problems = examine_file(folder / path.name, root)
            self.problems += problems
            if node is not None:
                self._parents(node, path, [*chain, folder])
        self.order.append(folder)

    def _parents(self, node: Node, path: Path, chain: list[Path]) -> None:
        parents = node.get("parents") if isinstance(node, Mapping) else None
        if parents is None or _is_null(parents):
            return
        if not isinstance(parents, yaml_nodes.Sequence):
            hint = f"write [{parents.text}]" if isinstance(parents, Scalar) else ""
            self._problem(parents.place, f"a list is expected, found {found_text(parents)}", hint)
            return
        for item in parents.items:
            if not isinstance(item, Scalar) or not item.text:
                self._problem(item.place, f"a text is expected, found {found_text(item)}")
                continue
            found = self._folder(item.text, item.place, path.parent)
            if found is None:
                continue
            if found in chain:
                circle = " -> ".join(f.name for f in [*chain[chain.index(found) :], found])
                self._problem(item.place, f"the parent {shown(item.text)} leads back to itself: {circle}")
            elif len(chain) > MAX_LEVELS:
                self._problem(item.place, f"there are more than {MAX_LEVELS} levels of parents")
            else:
                self.visit(found / self.name, chain)

    def _folder(self, text: str, place: Place, base: Path) -> Path | None:
        if "\\" in text:
            self._problem(place, f"the parent {shown(text)} contains a backslash", "write folders with /")
            return None
        near = [base, *(self.roots[1:] if self._is_name(text) else [])]
        try:
            candidates = [(folder / text).resolve() for folder in near]
            inside = [c for c in candidates if any(c.is_relative_to(root) for root in self.roots)]
            found = next((c for c in inside if c.is_dir() and (c.parent not in self.roots[1:] or _has_specs(c))), None)
        except (OSError, ValueError, RuntimeError):  # too long a name, a link that leads to itself
            found, inside = None, [base]
        if found is None and not inside:
            self._problem(place, f"the parent {shown(text)} lies outside the study folder", "move the layer into it")
        elif found is None:
            valid = sorted({f.name for folder in near for f in _folders(folder) if folder == base or _has_specs(f)})
            shipped = ", ".join(sorted({f.name for root in self.roots[1:] for f in _folders(root) if _has_specs(f)}))
            hint = nearest(text, valid) or (f"shipped layers: {shipped}" if shipped else "")
            self._problem(place, f"there is no folder or shipped layer {shown(text)}", hint)
        return found

    @staticmethod
    def _is_name(text: str) -> bool:
        return "/" not in text and text not in (".", "..")

    def _problem(self, place: Place, message: str, hint: str = "") -> None:
        self.problems.append(SpecProblem(place, message, hint=hint))


def _has_specs(folder: Path) -> bool:
    """Whether a folder beside the shipped layers is a layer: other folders have Python modules or standards' tables."""
    return any(folder.rglob("*.yaml"))


def _folders(root: Path) -> list[Path]:
    try:
        return [f for f in root.iterdir() if f.is_dir() and not f.name.startswith((".", "_"))]
    except OSError:
        return []

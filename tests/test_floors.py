"""The rooms of the package and which of them may import which, as docs/architecture.md describes them.

A room imports rooms below it in its list, never one above or beside it in a circle. Imports for types only and imports
inside functions count too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: what lies in a folder of the package, lowest first; '' is the root. A module or a folder; parts of one tuple do not
#: import each other
FLOORS: dict[str, list[tuple[str, ...]]] = {
    "": [
        ("errors", "findings"),
        ("mappings", "output_folder"),
        ("sources",),
        ("engine",),
        ("sdtm", "adam", "transport"),
        ("define",),
        ("validation", "linting"),
        ("existing_sdtm", "synth"),
        ("runs",),
        ("trace", "comparison"),
        ("selftest",),
        ("cli",),
        ("pages", "__main__"),
    ],
    "engine": [
        ("columns", "standard"),
        ("tables", "accounts"),
        ("subjects", "plan"),
        ("readers",),
        ("expressions",),
        ("derivations",),
        ("building",),
        ("checks",),
    ],
    "findings": [("rule",), ("catalogue",), ("table",)],
    "mappings": [("yaml", "facts"), ("binding",), ("models",), ("expressions",), ("loader",)],
    "sources": [
        ("cell_text", "locate", "options", "table", "text_columns", "xml_text"),
        ("cell_parts", "header", "quarantine", "reader"),
        ("delimited", "odm", "parquet", "statistical"),
        ("excel", "redcap"),
        ("read",),
    ],
    "sdtm": [
        ("date_formats", "relations", "standard", "supplemental"),
        ("date_reader", "long_text"),
        ("derivations", "raw_dates"),
        ("date_checks", "trial"),
        ("planning",),
    ],
    "adam": [
        ("dates", "imwg", "response", "standard", "time_to_event", "visits", "change", "treatment_emergent"),
        ("questionnaires", "parameters"),
        ("planning",),
    ],
    "validation": [("iso_text",), ("conformance",), ("reports",), ("quality",), ("raw",)],
    "synth": [("terms",), ("subjects",), ("forms", "writers"), ("dirt",), ("export",)],
}
#: folders of the repository that are no part of the package
OUTSIDE = {"tests", "benchmarks", "docs", "demo", "build", "dist"}


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Dotted name -> file of every module of the package; the root is ''."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[0] not in OUTSIDE and not any(p.startswith(".") for p in parts):
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(known: dict[str, Path], root: Path = ROOT) -> Iterator[tuple[str, str, int]]:
    """(module, module that it imports, line) of every relative import."""
    for name, path in known.items():
        package = path.relative_to(root).parts[:-1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
                for alias in node.names:
                    full = ".".join(p for p in [*base, alias.name] if p)
                    target = full if full in known else ".".join(p for p in base if p)
                    if target in known and target not in ("", name):
                        yield name, target, node.lineno


@lru_cache(maxsize=1)
def imports_of_package() -> list[tuple[str, str, int]]:
    """The imports of the package itself; the tree is read once."""
    return list(imports(modules()))


def upward(floors: dict[str, list[tuple[str, ...]]], found: list[tuple[str, str, int]]) -> list[str]:
    """The imports that do not lead down, as ``module:line imports module``."""
    height = {room: {n: i for i, floor in enumerate(list_) for n in floor} for room, list_ in floors.items()}
    wrong = []
    for name, target, line in found:
        a, b = name.split("."), target.split(".")
        same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
        room = ".".join(a[:same]) if same is not None else None
        if same is not None and room in height and height[room].get(b[same], 99) >= height[room].get(a[same], -1):
            wrong.append(f"{name}:{line} imports {target}")
    return wrong


def circles(found: list[tuple[str, str, int]]) -> list[str]:
    """Modules that import themselves through others: what is left when modules that import nothing are taken away."""
    needs: dict[str, set[str]] = {}
    for name, target, _ in found:
        needs.setdefault(name, set()).add(target)
    while done := [n for n, targets in needs.items() if not targets & needs.keys()]:
        for name in done:
            del needs[name]
    return sorted(needs)


def test_every_room_imports_only_rooms_below_it():
    assert upward(FLOORS, imports_of_package()) == []


def test_no_modules_import_each_other_in_a_circle():
    assert circles(imports_of_package()) == []


def test_every_module_and_folder_has_its_floor():
    here: dict[str, set[str]] = {room: set() for room in FLOORS}
    for name in modules():
        parts = name.split(".")
        for i, part in enumerate(parts):
            if (room := ".".join(parts[:i])) in here and part:
                here[room].add(part)
    assert {room: sorted(n for floor in floors for n in floor) for room, floors in FLOORS.items()} == {
        room: sorted(names) for room, names in here.items()
    }


def test_folders_with_folders_in_them_have_their_floors_in_the_list():
    nested = {n.rsplit(".", 2)[0] for n in modules() if n.count(".") >= 2}
    assert sorted(nested - FLOORS.keys()) == []


def test_the_root_holds_the_command_and_the_errors_only():
    assert sorted(p.name for p in ROOT.glob("*.py")) == ["__init__.py", "__main__.py", "cli.py", "errors.py"]


def test_an_upward_import_and_a_circle_are_found(tmp_path):
    files = {
        "__init__.py": "",
        "errors.py": "def f():\n    from .engine import plan\n",
        "engine/__init__.py": "",
        "engine/plan.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..errors import f\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = list(imports(modules(tmp_path), tmp_path))
    assert upward({"": [("errors",), ("engine",)]}, found) == ["errors:2 imports engine.plan"]
    assert upward({"": [("errors", "engine")]}, found) == [
        "engine.plan:3 imports errors",
        "errors:2 imports engine.plan",
    ]
    assert circles(found) == ["engine.plan", "errors"]

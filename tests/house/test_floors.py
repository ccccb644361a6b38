"""The rooms of the package and which of them may import which, as docs/architecture.md describes them.

A room imports rooms below it in its list, never one above or beside it in a circle. Imports for types only and imports
inside functions count too.
"""

from __future__ import annotations

from kit.package_files import ROOT
from kit.rooms import FLOORS
from kit.source_facts import facts_of_package, modules, read_facts


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
    """Modules that import themselves through others: without those that import none of them, or that none imports."""
    needs: dict[str, set[str]] = {}
    for name, target, _ in found:
        needs.setdefault(name, set()).add(target)
    while done := {n for n, targets in needs.items() if not targets & needs.keys()} | (
        needs.keys() - {t for targets in needs.values() for t in targets}
    ):
        for name in done:
            del needs[name]
    return sorted(needs)


def test_every_room_imports_only_rooms_below_it():
    assert upward(FLOORS, facts_of_package().imports) == []


def test_no_modules_import_each_other_in_a_circle():
    assert circles(facts_of_package().imports) == []


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


def test_modules_are_imported_by_a_text_in_the_registries_only():
    """An import of a module whose name is a text is in no list of imports, so the floors do not see it."""
    files = sorted({file for file, _ in facts_of_package().loaded_by_name})
    assert files == ["runs/registered.py", "sources/read.py", "validation/quality/deferred_imports.py"]


def test_the_root_holds_the_command_and_the_errors_only():
    assert sorted(p.name for p in ROOT.glob("*.py")) == ["__init__.py", "__main__.py", "cli.py", "errors.py"]


def test_an_upward_import_and_a_circle_are_found(tmp_path):
    files = {
        "__init__.py": "",
        "errors.py": "def f():\n    from .engine import plan\n",
        "engine/__init__.py": "",
        "engine/plan.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..errors import f\n",
        "cli.py": "import raw2adam.errors\nfrom raw2adam.engine import plan\nimport_module('raw2adam.engine')\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    facts = read_facts(tmp_path)
    found = facts.imports
    assert upward({"": [("errors",), ("engine",), ("cli",)]}, found) == ["errors:2 imports engine.plan"]
    assert upward({"": [("errors", "engine"), ("cli",)]}, found) == [
        "engine.plan:3 imports errors",
        "errors:2 imports engine.plan",
    ]
    assert upward({"": [("cli",), ("errors", "engine")]}, found)[:2] == [
        "cli:1 imports errors",
        "cli:2 imports engine.plan",
    ]
    assert facts.loaded_by_name == [("cli.py", 3)]
    assert circles(found) == ["engine.plan", "errors"]

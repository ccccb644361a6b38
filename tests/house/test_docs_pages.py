"""The pages of docs/: each is reachable from the index, and the architecture page names every room."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import typer
from kit.rooms import FLOORS
from raw2adam.cli import app
from raw2adam.pages import cli_reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def links(page: Path) -> set[Path]:
    """The files that a page links to."""
    found = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return {(page.parent / target).resolve() for target in found}


def test_the_index_links_to_every_page():
    pages = {p.resolve() for p in DOCS.glob("*.md")} - {(DOCS / "index.md").resolve()}
    assert sorted(p.name for p in pages - links(DOCS / "index.md")) == []


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub writes them; a heading that occurs again has a number."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found: list[str] = []
    for title in re.findall(r"^#+ (.+?)$", text, re.MULTILINE):
        plain = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", title)
        found.append(re.sub(r"[^\w -]", "", plain.lower()).replace(" ", "-"))
    return {f"{anchor}-{n}" if n else anchor for i, anchor in enumerate(found) for n in [found[:i].count(anchor)]}


def test_links_to_a_heading_lead_to_one():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
    wrong = []
    for page in pages:
        for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            other = (page.parent / target).resolve() if target else page
            if other.suffix == ".md" and anchor not in anchors(other):
                wrong.append(f"{page.name}: {target}#{anchor}")
    assert wrong == []
    assert "6-correct" in anchors(DOCS / "tutorial.md")
    assert "7-correct" not in anchors(DOCS / "tutorial.md")


def test_links_to_files_lead_to_files():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
    assert [f"{page.name}: {target}" for page in pages for target in links(page) if not target.exists()] == []


def test_readme_links_to_the_index_before_its_first_heading():
    opening = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## ")[0]
    assert "](docs/index.md)" in opening


def test_the_architecture_page_names_every_room_and_inner_folder():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    rooms = re.search(r"## The rooms\n(.*?)\n## ", text, re.DOTALL)
    assert rooms
    rows = {m[1]: m[2] for m in re.finditer(r"^\| `([a-z_.]+)/?` \|(.*)$", rooms[1], re.MULTILINE)}
    expected = {n for floor in FLOORS[""] for n in floor} - {"__main__"}
    assert {n.removesuffix(".py") for n in rows} == expected
    for room, floors in FLOORS.items():
        folders = [n for floor in floors for n in floor if (ROOT / room / n).is_dir()] if room else []
        assert [f"{room}/{n}" for n in folders if f"`{n}/`" not in rows[room]] == []


def test_the_architecture_page_names_files_and_folders_that_exist():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    names = re.findall(r"`((?:[a-z_]+/)+[a-z_]*(?:\.py)?)`", text)
    assert "runs/build_partitions.py" in names
    inner = {f"{n}/" for floors in FLOORS.values() for floor in floors for n in floor}
    data = {p.name + "/" for p in (ROOT / "mappings").iterdir()}
    assert [n for n in names if not (ROOT / n).exists() and n not in inner | data] == []


def test_drawings_are_svg_without_anything_from_outside():
    drawings = sorted(DOCS.glob("*.svg"))
    assert drawings
    for path in drawings:
        root = ElementTree.parse(path).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert int(root.get("width", "0")) <= 700
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"https?:|url\((?!#)|@import|@font-face|<script|href=", text) == []
        assert "prefers-color-scheme: dark" in text
        rooms = [name for row in re.findall(r'class="room"[^>]*>([^<]+)<', text) for name in row.split(", ")]
        assert [name for name in rooms if not (ROOT / name).exists()] == []


def test_the_page_of_commands_is_current(tmp_path):
    page = DOCS / "cli.md"
    assert cli_reference.main(["--check", str(page)]) == 0, "run: make format"
    old = tmp_path / "cli.md"
    old.write_text("another page", encoding="utf-8")
    assert cli_reference.main(["--check", str(old)]) == 1


def test_the_page_of_commands_has_every_command_and_option():
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    commands = dict(typer.main.get_command(app).commands)
    for group in [n for n, c in commands.items() if hasattr(c, "commands")]:
        commands |= {f"{group} {n}": c for n, c in commands.pop(group).commands.items()}
    for name, command in commands.items():
        found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert found, name
        for parameter in command.params:
            for shown in [*parameter.opts, *parameter.secondary_opts]:
                row = shown if shown.startswith("-") else shown.upper()
                assert re.search(rf"^\| `[^`]*(?<![a-z-]){row}(?![a-z-])", found[1], re.MULTILINE), f"{name} {shown}"

"""docs/cookbook.md: each recipe is run from its raw tables, and gives the records and findings that the page shows.

The recipes are real studies: their files are written, read by the readers and built by what builds every study.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from kit.tiny import records
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.findings.table import Findings
from raw2adam.mappings.loader import load_study
from raw2adam.runs.build_partitions import build_partitions
from raw2adam.runs.dictionaries import with_dictionaries
from raw2adam.runs.plan_study import plan_study
from raw2adam.runs.read_raw import read_raw
from raw2adam.selftest.files import Content, write_files

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
#: a block of a recipe: its line of introduction, then a fence or a table
BLOCK = re.compile(
    r"^(?:(?P<lead>[^\n|#]*):\n\n)?(?:```(?P<language>\w+)\n(?P<text>.*?)```|(?P<table>(?:\|[^\n]*\n)+))",
    re.DOTALL | re.MULTILINE,
)
FINDINGS = re.compile(r"^Findings: (.*)\.$", re.MULTILINE)
#: suffix of a file that is no text -> the kind of file that selftest/files.py writes
BINARY = {"xlsx": "workbook", "parquet": "parquet", "xpt": "xpt", "sav": "sav", "dta": "dta"}
TEXT = frozenset({"csv", "txt", "xml"})


@dataclass
class Recipe:
    """``specs``: path -> YAML. ``raw``: file -> content. ``gives``: dataset -> columns and rows of the page."""

    name: str
    section: str
    specs: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Content] = field(default_factory=dict)
    gives: dict[str, tuple[list[str], list[list[str]]]] = field(default_factory=dict)
    findings: set[str] = field(default_factory=set)


def cells(table: str) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a table of Markdown."""
    rows = [
        [cell.strip().strip("`").replace("&lt;", "<") for cell in line.strip().strip("|").split("|")]
        for line in table.splitlines()
    ]
    return rows[0], rows[2:]


def read_recipe(section: str, name: str, text: str) -> Recipe:
    recipe = Recipe(name, section)
    for block in BLOCK.finditer(text):
        lead, language = block["lead"] or "", block["language"]
        named = re.findall(r"`([^`]+)`", lead)
        if language == "yaml":
            parts = re.split(r"^# ([\w/]+\.(?:yaml|csv|asc))\n", block["text"], flags=re.MULTILINE)
            assert not parts[0], f"{name}: the YAML does not begin with the name of its file"
            recipe.specs |= dict(zip(parts[1::2], parts[2::2], strict=True))
        elif language in TEXT:
            encoding = next((e for e in ("cp1252",) if e in lead), "utf-8")
            recipe.raw[named[0]] = {"text": block["text"], "encoding": encoding}
        elif block["table"] and "gives" in lead:
            recipe.gives[named[0]] = cells(block["table"])
        elif block["table"] and named and named[0].rpartition(".")[2] in BINARY:
            recipe.raw[named[0]] = binary(named, *cells(block["table"]))
    found = FINDINGS.search(text)
    recipe.findings = set(re.findall(r"R2A-[A-Z]+-\d+", found[1])) if found else set()
    return recipe


def binary(named: list[str], header: list[str], rows: list[list[str]]) -> Content:
    """A file that is no text, from the table of the page; a workbook also has the lines that the page names."""
    kind = BINARY[named[0].rpartition(".")[2]]
    if kind == "workbook":
        return {"workbook": {"Sheet1": [*([line] for line in named[1:]), header, *rows]}}
    return {kind: {name: [row[i] for row in rows] for i, name in enumerate(header)}}


def read_page() -> tuple[Recipe, list[Recipe]]:
    """What every recipe starts from, and the recipes."""
    base, *sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    recipes = []
    for section in sections:
        title, *parts = re.split(r"^### ", section, flags=re.MULTILINE)
        for part in parts:
            name, _, text = part.partition("\n")
            recipes.append(read_recipe(title.partition("\n")[0], name, text))
    return read_recipe("", "base", base), recipes


BASE, RECIPES = read_page()


def study_files(recipe: Recipe) -> dict[str, Content]:
    """The files of the study: the recipe's, and those that every recipe starts from."""
    specs = dict(recipe.specs)
    for path, text in BASE.specs.items():
        if path.startswith("sdtm/") or any(p.startswith("adam/") for p in specs):
            specs.setdefault(path, text)
    added = recipe.specs.get("study.yaml", "")
    study = added if added.startswith("study:") else BASE.specs["study.yaml"] + added
    raw = {**BASE.raw, **recipe.raw}
    if "sources:\n" not in study:
        study += "sources:\n"
    files = [f for f in raw if not re.search(rf"(?:file|dictionary): {re.escape(f)}\b", study)]
    study += "".join(f"  {f.partition('.')[0]}: {{file: {f}}}\n" for f in files)
    return {**specs, "study.yaml": study, **{f"raw/{name}": content for name, content in raw.items()}}


def shown(value: object, is_date: bool) -> str:
    """A value as the page shows it: numeric dates as dates, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, float):
        return (date(1960, 1, 1) + timedelta(days=int(value))).isoformat() if is_date else f"{value:.12g}"
    return str(value)


def run(recipe: Recipe, folder: Path) -> tuple[dict[str, list[list[str]]], set[str]]:
    """The records of the datasets that the recipe shows, and the rules of the findings."""
    write_files(folder, study_files(recipe))
    loaded = load_study(folder)
    plan, problems = plan_study(loaded)
    assert [str(p) for p in problems] == []
    findings = Findings()
    plan, _ = with_dictionaries(plan, [loaded.root], loaded.root, findings)
    read = read_raw(plan, loaded.root, folder / "raw", findings)
    rules = COMPARED | recipe.findings  # the others are not compared, so they do not run
    built = build_partitions(plan, read.tables, read.identity, findings, shared=read.shared, rules=rules)
    datasets = built.stored.part(0)
    got = {}
    for name, (header, _) in recipe.gives.items():
        dates = {v.name for v in built.specs[name].variables if v.is_numeric and v.format.startswith("DATE")}
        got[name] = [[shown(record[c], c in dates) for c in header] for record in records(datasets[name])]
    return got, {r for r in findings.frame()["rule"] if r not in OTHERS or r in recipe.findings}


#: the base study has columns that no rule reads; a recipe shows a part of a study, which breaks rules of a whole one
OTHERS = {"R2A-COL-001", *(r for r in shipped_rules() if not r.startswith("R2A-CONF-"))}
COMPARED = shipped_rules().keys() - OTHERS


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: r.name)
def test_a_recipe_gives_what_the_page_shows(recipe, same_folder):
    assert recipe.gives
    got, found = run(recipe, same_folder)
    assert got == {name: rows for name, (_, rows) in recipe.gives.items()}
    assert found == recipe.findings


def test_a_recipe_with_another_raw_table_gives_another_result(same_folder):
    recipe = next(r for r in RECIPES if r.name == "Study day")
    text = recipe.raw["ae.csv"]["text"].replace("2024-02-29", "2024-02-28")
    got, _ = run(replace(recipe, raw={"ae.csv": {"text": text}}), same_folder)
    assert got["AE"][0] == ["Headache", "2024-02-28", "-2", "2024-03-01", "1"]


def test_the_page_has_the_recipes_that_it_promises():
    assert len(RECIPES) >= 70
    assert len({recipe.name for recipe in RECIPES}) == len(RECIPES)


def test_the_contents_name_every_section_and_recipe_in_order():
    contents = re.findall(r"\]\(#([^)]+)\)", PAGE.read_text(encoding="utf-8").partition("\n## ")[0])
    titles = dict.fromkeys(title for recipe in RECIPES for title in (recipe.section, recipe.name))
    anchors = [re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles]
    assert contents == anchors


def test_a_recipe_shows_every_key_of_the_dictionary():
    table = re.search(
        r"^## From SAS and R to a key\n(.*?)^## ", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert table
    keys = [key for row in table[1].splitlines()[3:] for key in re.findall(r"`([a-z_]+):`", row.rpartition("| ")[2])]
    assert len(keys) > 25
    specs = "\n".join(text for recipe in RECIPES for text in recipe.specs.values())
    assert [key for key in keys if not re.search(rf"\b{key}:", specs)] == []

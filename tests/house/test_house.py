"""The house itself: README's commands exist, the package ships its data, imports stay light, the floors stay apart."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from kit.command import raw2adam
from kit.package_files import OUTSIDE
from kit.package_files import package_files as files_below
from kit.source_facts import nodes, raw_verbs
from raw2adam import __version__
from raw2adam.cli import app
from raw2adam.mappings.loader import PACKS, load_study
from raw2adam.runs import run
from raw2adam.runs.plan_study import plan_study
from tools import frame_verbs

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@cache
def commands() -> dict[str, Any]:
    """The commands by name, as click has them."""
    return dict(typer.main.get_command(app).commands)


@cache
def tracked() -> list[str]:
    """The files of the repository; those of the folder where it is no repository."""
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [p.relative_to(ROOT).as_posix() for p in package_files("*")]
    return [n for n in done.stdout.decode().split("\0") if n and (ROOT / n).is_file()]


def package_files(pattern: str) -> list[Path]:
    return files_below(ending=pattern.removeprefix("*"), outside=OUTSIDE | {"raw2adam.egg-info"})


def refusals() -> list[Path]:
    """The cases of ``raw2adam selftest``, which an installed package has too."""
    found = sorted((ROOT / "tests" / "refusals").glob("*.yaml"))
    assert found
    return found


def block(marker: str) -> str:
    """The fenced block of README that follows a marker comment."""
    found = re.search(rf"<!-- {marker}:.*?-->\s*```\w+\n(.*?)```", README, re.DOTALL)
    assert found, f"README has no block marked '{marker}'"
    return found.group(1)


def commands_of_readme() -> list[list[str]]:
    lines = [line.strip() for line in block("commands").splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("raw2adam ")]


@pytest.mark.parametrize("words", commands_of_readme(), ids=" ".join)
def test_commands_of_readme_are_real(words):
    command = commands()[words[1]]
    command.make_context(words[1], words[2:])  # raises for an unknown option, a missing argument, a bad value


def test_readme_lists_every_command():
    rows = set(re.findall(r"^\| `([a-z-]+)[ `]", README, re.MULTILINE))
    assert rows == set(commands())


def test_a_command_that_is_not_there_would_be_found():
    command = commands()["build"]
    with pytest.raises(Exception, match="No such option"):
        command.make_context("build", ["s", "--raw", "r", "--out", "o", "--nonsense", "1"])


def test_first_spec_of_readme_is_right(tmp_path):
    for part in block("first spec").split("# mystudy/")[1:]:
        name, _, text = part.partition("\n")
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    plan, warnings = plan_study(load_study(tmp_path))
    assert warnings == []
    assert sorted(plan.datasets) == ["AE", "DM"]
    assert "AESTDY" in plan.datasets["AE"].variables


def test_what_readme_says_is_missing_is_missing():
    found = re.search(r"There is no ((?:`[a-z]+`(?:, | or )?)+) command", README)
    assert found
    missing = set(re.findall(r"`([a-z]+)`", found.group(1)))
    assert "inspect" in missing
    assert missing & set(commands()) == set()


def test_the_analysis_data_that_readme_lists_are_planned():
    rows = re.findall(r"^\| (AD[A-Z, ]+) \|", README, re.MULTILINE)
    listed = {name for row in rows for name in row.split(", ")}
    plan, _ = run.plan_study(run.load_study(PACKS / "obs16577"))  # once in this process: kit/packs.py
    assert listed == {name for name, dataset in plan.datasets.items() if dataset.kind == "adam"}


def test_links_of_the_documents_lead_somewhere():
    for name in [n for n in tracked() if n.endswith(".md")]:
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert ((ROOT / name).parent / target).exists(), f"{name} links to {target}"


def printed(code: str, cwd: Path, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, cwd=cwd, timeout=900
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_help_imports_nothing_heavy(tmp_path):
    code = """
import sys
from raw2adam.cli import app
try:
    app(["--help"])
except SystemExit as stop:
    assert not stop.code
print("heavy:", sorted({"pandas", "numpy", "pyarrow", "great_expectations", "matplotlib", "lxml"} & set(sys.modules)))
"""
    out = printed(code, tmp_path)
    assert "synth" in out
    assert out.splitlines()[-1] == "heavy: []"


def test_version_from_another_folder(tmp_path):
    done = subprocess.run([sys.executable, "-m", "raw2adam", "--version"], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, __version__)


def test_wrong_usage_exits_2_without_a_traceback(tmp_path):
    done = raw2adam("lint", "no-such-study", cwd=tmp_path)
    assert done.returncode == 2
    assert "no-such-study" in done.stderr
    assert "Traceback" not in done.stderr


#: prints what the modules and data of the wheel are; it writes only into a folder
FILES_OF_WHEEL = """
import os, sys
from setuptools import Distribution
root, folder = sys.argv[1:]
os.chdir(root)
wheel = Distribution({"script_name": "setup.py"})
wheel.parse_config_files()
wheel.command_options["egg_info"] = {"egg_base": ("the test", folder)}
build = wheel.get_command_obj("build_py")
build.build_lib = folder
build.ensure_finalized()
print("\\n".join(os.path.relpath(file, folder) for file in build.get_outputs(include_bytecode=False)))
"""


def files_of_wheel(root: Path, folder: Path) -> set[str]:
    """The modules and data that setuptools puts into the wheel of a source tree, without building it."""
    return {Path(line).as_posix() for line in printed(FILES_OF_WHEEL, folder, root, folder).splitlines()}


def test_wheel_contains_all_data(tmp_path):
    version = importlib.util.find_spec("setuptools") and __import__("setuptools").__version__
    if not version or int(version.split(".")[0]) < 77:
        pytest.skip("the wheel needs setuptools 77 or later; make test installs it")
    inside = files_of_wheel(ROOT, tmp_path)
    files = [p for p in package_files("") if p.suffix in (".yaml", ".json", ".gz", ".py") or "templates" in p.parts]
    wanted = {"raw2adam/" + p.relative_to(ROOT).as_posix() for p in files}
    wanted |= {f"raw2adam/selftest/refusals/{p.name}" for p in refusals()}
    assert sorted(wanted - inside) == []
    assert [n for n in inside if n.startswith(("raw2adam/tests", "raw2adam/benchmarks", "raw2adam/demo"))] == []


def test_no_machine_path_or_package_host_in_the_tree():
    users = "C:" + "\\\\Us" + "ers"
    literal = ["/wo" + "rk/", "/ho" + "me/", users, "file" + ":///", "pypi" + ".", "pythonhos" + "ted"]
    word = re.compile("|".join(re.escape(n) if n != users else rf"\b{re.escape(n)}" for n in literal))
    found = []
    for name in tracked():
        data = (ROOT / name).read_bytes()
        if any(n.encode() in data for n in literal) and b"\0" not in data:
            found += [f"{name}: {m.group()}" for m in word.finditer(data.decode("utf-8", "replace"))]
    assert found == []


def test_constraints_pin_every_requirement_exactly():
    lines = [n for n in (ROOT / "constraints.txt").read_text().splitlines() if not n.startswith("#")]
    assert [n for n in lines if not re.fullmatch(r"[a-z0-9.-]+==[0-9][0-9a-z.]*", n)] == []
    pinned = {n.partition("==")[0] for n in lines}
    wanted = re.findall(r'^    "([A-Za-z0-9-]+)>=', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert wanted
    assert sorted({n.lower() for n in wanted} - pinned) == []


def test_raw_frame_verbs_are_found_and_there_are_none():
    lines = ["a.merge(b)", "a.groupby('k')", "','.join(t)", "a.join(b, on='k')", "pd.merge(a, b)", "merge(s)"]
    code = "\n".join([*lines, "a.drop_duplicates()"])
    refused = [(1, "merge"), (2, "groupby"), (4, "join"), (5, "merge"), (7, "drop_duplicates")]
    assert list(raw_verbs(nodes(code))) == refused
    assert frame_verbs.main() == 0

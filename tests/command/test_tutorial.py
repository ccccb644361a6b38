"""docs/tutorial.md: its files are written, its commands run, and what they print is what the page (and docs/trace.md) shows."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from kit.command import raw2adam

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
#: what a marker comment announces, and the block or table after it
STEP = re.compile(
    r"^<!-- (file|change|run|correct|findings):? ?([^\n]*?) ?-->\n(?:```\w+\n(.*?)```|((?:\|[^\n]*\n)+))",
    re.DOTALL | re.MULTILINE,
)


def steps() -> list[tuple[str, str, str]]:
    """(kind, argument, block) of every marked block of the page, in order."""
    text = PAGE.read_text(encoding="utf-8")
    found = [(m[1], m[2], m[3] or m[4]) for m in STEP.finditer(text)]
    assert len(found) == len(re.findall(r"^<!-- ", text, re.MULTILINE))
    return found


def shown(block: str) -> re.Pattern[str]:
    """What a block shows as a pattern: a line of ``...`` stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^ *\.\.\.\n", block, flags=re.MULTILINE)]
    return re.compile("(?:.*\n)*".join(parts))


def trace_example() -> list[str]:
    """The lines of the record that docs/trace.md shows."""
    found = re.search(r"```text\n(.*?)```", (PAGE.parent / "trace.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1].splitlines()


def findings(folder: Path) -> list[tuple[str, ...]]:
    """Rule, severity, file, row, column and value of the findings of a build."""
    rows = []
    for f in json.loads((folder / "out" / "reports" / "findings.json").read_text(encoding="utf-8"))["findings"]:
        place = f["source"]
        row = "" if place["row"] is None else str(place["row"])
        rows.append((f["rule"], f["severity"], place["file"], row, place["column"], f["value"]))
    return rows


def test_every_step_of_the_tutorial_gives_what_the_page_shows(tmp_path):
    done = []
    for kind, argument, block in steps():
        path = tmp_path / argument.split(" ")[0] if argument else tmp_path
        if kind == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block, encoding="utf-8")
        elif kind == "change":
            old, new = (line[1:] for line in block.splitlines())
            text = path.read_text(encoding="utf-8")
            assert text.count(old + "\n") == 1
            path.write_text(text.replace(old, new), encoding="utf-8")
        elif kind == "correct":
            old, new = argument.split(" ", 1)[1].split(" becomes ")
            text = (tmp_path / "out" / "quarantine" / path.name).read_text(encoding="utf-8")
            assert text.count(old) == 1
            path.parent.mkdir()
            path.write_text(text.replace(old, new), encoding="utf-8")
        elif kind == "findings":
            rows = [
                tuple(cell.strip().strip("`") for cell in line.strip("|\n").split(" | "))
                for line in block.splitlines()[2:]
            ]
            assert rows == findings(tmp_path)
        else:
            call, output = block.split("\n", 1)
            words = shlex.split(call.removeprefix("$ raw2adam "))
            if words[0] == "build":
                words.append(
                    "--no-quality"
                )  # great-expectations takes longer than all the rest, and prints nothing here
            result = raw2adam(*words, cwd=tmp_path, pages=False)
            assert f"exit {result.returncode}" == argument, call
            assert shown(output).fullmatch(result.stdout), f"{call}\n{result.stdout}"
            if words[0] == "trace":
                assert set(trace_example()) <= set(result.stdout.splitlines())
        done.append(kind)
    assert done.count("run") >= 5
    assert done.count("file") == 7


def test_a_block_with_dots_shows_any_lines_there_and_no_others():
    assert shown("a\n...\nd\n").fullmatch("a\nb\nc\nd\n")
    assert shown("a\n...\nd\n").fullmatch("a\nd\n")
    assert not shown("a\n...\nd\n").fullmatch("a\nb\ne\n")

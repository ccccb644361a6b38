"""Reads docs/faq.md: its sections, their studies before and after the change, what lint and a build report on them.

Not for comparing: house/test_faq.py does, and tools/fill_faq.py writes new messages into the page.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path

from raw2adam.runs.options import Options

from .command import raw2adam
from .parts_of_a_run import ReportsRun

PAGE = Path(__file__).parents[2] / "docs" / "faq.md"
FENCE = re.compile(r"^(?:`(?P<file>[^`\n]+)`:\n\n)?```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL | re.MULTILINE)
TABLE = re.compile(r"^(?:\|[^\n]*\n)+", re.MULTILINE)
COLUMNS = ["rule", "severity", "file", "row", "column", "value", "message"]


@dataclass(frozen=True)
class Change:
    """What a section changes in one file of the study: the lines of a diff."""

    path: str
    before: str
    after: str
    context: str

    def present(self, text: str) -> str:
        """The text of the file that the change replaces: one of its two sides, its context, or the line of its key."""
        key = self.before.partition(":")[0]
        line = re.findall(rf"^{re.escape(key)}:.*\n", text, re.MULTILINE)
        sides = [*sorted([self.before, self.after], key=len, reverse=True), self.context, *line]
        present = next(side for side in sides if side and side in text)
        assert text.count(present) == 1
        return present


@dataclass
class Section:
    """``files``: path -> text of the study. ``messages``: lines of lint. ``findings``: rows of a table."""

    name: str
    files: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    findings: list[list[str]] = field(default_factory=list)

    def study(self, after: bool) -> dict[str, str]:
        """The files of the study before or after the change."""
        files = dict(self.files)
        for change in self.changes:
            wanted = change.after if after else change.before
            files[change.path] = files[change.path].replace(change.present(files[change.path]), wanted)
        return files


def read_section(name: str, text: str, base: dict[str, str]) -> Section:
    section = Section(name, dict(base))
    for fence in FENCE.finditer(text):
        if fence["language"] == "yaml":
            parts = re.split(r"^# (\S+\.yaml)\n", fence["text"], flags=re.MULTILINE)
            section.files |= dict(zip(parts[1::2], parts[2::2], strict=True))
        elif fence["language"] == "csv":
            section.files[fence["file"]] = fence["text"]
        elif fence["language"] == "text":
            section.messages += fence["text"].splitlines()
        elif fence["language"] == "diff":
            head, *lines = fence["text"].splitlines()
            sides = ["".join(f"{line[1:]}\n" for line in lines if line[0] in marks) for marks in (" -", " +", " ")]
            section.changes.append(Change(head.removeprefix("# "), *sides))
    for table in TABLE.findall(text):
        header, _, *rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
        assert header == COLUMNS
        section.findings += rows
    return section


def read_page() -> list[Section]:
    base, *parts = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    files = read_section("base", base, {}).files
    return [read_section(*part.split("\n", 1), files) for part in parts]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def lint(folder: Path) -> list[str]:
    """The lines that lint prints."""
    return raw2adam("lint", "study", "--raw", "raw", cwd=folder).stdout.splitlines()


def build(folder: Path) -> list[list[str]]:
    """The findings of a build as rows of the page."""
    options = Options(as_of=dt.date(2024, 6, 1), quality=False)
    with chdir(folder):  # the findings name the files as a user sees them
        ReportsRun("study", Path("raw"), Path("out"), options).execute()
    report = json.loads((folder / "out" / "reports" / "findings.json").read_text(encoding="utf-8"))
    rows = []
    for finding in report["findings"]:
        place = finding["source"]
        cells = [place["file"], "" if place["row"] is None else str(place["row"]), place["column"], finding["value"]]
        rows.append([finding["rule"], finding["severity"], *cells, finding["message"]])
    return rows

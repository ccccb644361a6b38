"""Writes the messages of lint and of a build into docs/faq.md, after a message was changed on purpose.

Run ``python tests/tools/fill_faq.py``, and read ``git diff docs/faq.md``. The script names a section
whose findings have another number or rule, and does not change it: a person must edit it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit.faq import PAGE, Section, build, lint, read_page, write


def reported(section: Section, folder: Path) -> list[tuple[str, str]]:
    """(line of the page, line of the product now) of each message and finding of a section."""
    write(folder, section.study(after=False))
    if section.messages:
        return list(zip(section.messages, lint(folder), strict=True))
    rules = {row[0] for row in section.findings}
    found = [row for row in build(folder) if row[0] in rules]
    return [(_row(old), _row(new)) for old, new in zip(section.findings, found, strict=True)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> int:
    text, failed = PAGE.read_text(encoding="utf-8"), 0
    for section in read_page():
        with tempfile.TemporaryDirectory() as folder:
            try:
                for old, new in reported(section, Path(folder)):
                    text = text.replace(old + "\n", new + "\n")
            except ValueError:
                print(f"{section.name}: the number or the rules of the messages changed; edit the section")
                failed = 1
    PAGE.write_text(text, encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())

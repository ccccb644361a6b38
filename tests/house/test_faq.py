"""docs/faq.md: the study before gives the messages that the page shows, the study after does not."""

from __future__ import annotations

import pytest
from kit.faq import build, lint, read_page, write

SECTIONS = read_page()


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.messages], ids=lambda s: s.name)
def test_lint_prints_the_message_before_and_nothing_after(section, tmp_path):
    write(tmp_path, section.study(after=False))
    assert lint(tmp_path) == section.messages
    write(tmp_path, section.study(after=True))
    assert lint(tmp_path) == []


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.findings], ids=lambda s: s.name)
def test_a_build_reports_the_findings_before_and_not_after(section, tmp_path):
    write(tmp_path, section.study(after=False))
    rules = {row[0] for row in section.findings}
    found = build(tmp_path)
    assert [row for row in found if row[0] in rules] == section.findings
    if section.changes:
        write(tmp_path, section.study(after=True))
        assert {row[0] for row in build(tmp_path)} & rules == set()


def test_each_section_shows_a_message():
    assert len(SECTIONS) >= 15
    assert [s.name for s in SECTIONS if bool(s.messages) == bool(s.findings)] == []
    assert [s.name for s in SECTIONS if s.messages and not s.changes] == []

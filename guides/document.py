"""A guide as sections of paragraphs, lists and tables, whatever file it becomes.

Not for its content (sdtm_guide.py, adam_guide.py) nor for the files (word.py, page.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    """A text that leads to ``target``: a path in the output folder, with #fragment where it has one."""

    text: str
    target: str


@dataclass(frozen=True)
class Code:
    """A text that a person types: a name, a command, a condition."""

    text: str


@dataclass(frozen=True)
class ToWrite:
    """A place for a text of the team. ``key``: where study.yaml has it; ``ask``: what to write."""

    key: str
    ask: str


#: a part of a line: plain text, or one of the above
Part = str | Link | Code | ToWrite
#: a cell: several parts, or one, or a number
Cell = tuple[Part, ...] | Part | int


@dataclass(frozen=True)
class Paragraph:
    """Parts that follow each other. ``lead``: a heading without a number before them."""

    parts: tuple[Part, ...]
    lead: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list; each item consists of parts."""

    items: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table. Numbers are right-aligned. ``widths``: relative, () for equal ones."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()


Block = Paragraph | Bullets | Table


@dataclass(frozen=True)
class Section:
    """A section with its blocks, then its inner sections. ``numbered``: False for an appendix."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    numbered: bool = True


@dataclass(frozen=True)
class NumberedSection:
    """A section with its number ('3.2', '' for an appendix), its depth from 1, and its identifier in the file."""

    number: str
    depth: int
    anchor: str
    section: Section

    @property
    def heading(self) -> str:
        return f"{self.number} {self.section.title}".strip()


@dataclass(frozen=True, kw_only=True)
class Guide:
    """A whole guide. ``facts``: (name, text) of the run, shown on its first page."""

    name: str
    title: str
    study: str
    study_title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...] = field(default_factory=tuple)

    def numbered(self) -> list[NumberedSection]:
        """All sections, outer before inner, with their numbers."""
        return list(_numbered(self.sections, "", 1))

    def to_write(self) -> list[tuple[NumberedSection, ToWrite]]:
        """The places for texts of the team, with the section of each, in order."""
        return [(s, part) for s in self.numbered() for part in _parts(s.section.blocks) if isinstance(part, ToWrite)]


def missing_lines(guide: Guide) -> list[tuple[NumberedSection, str]]:
    """The places for texts of the team as lines: one for each section and key."""
    found: dict[tuple[str, str], list[tuple[NumberedSection, ToWrite]]] = {}
    for section, part in guide.to_write():
        found.setdefault((section.anchor, part.key), []).append((section, part))
    lines = []
    for (_, key), places in found.items():
        section, first = places[0]
        ask = first.ask if len(places) == 1 else f"{len(places):,} texts, the first: {first.ask}"
        lines.append((section, f"{ask} ({key})"))
    return lines


def missing_sentence(number: int) -> str:
    """How many texts are missing."""
    return f"{'1 text is' if number == 1 else f'{number:,} texts are'} to be written by the team:"


def as_parts(cell: Cell) -> tuple[Part, ...]:
    """A cell as parts; a number with separators of thousands."""
    if isinstance(cell, tuple):
        return cell
    return (f"{cell:,}",) if isinstance(cell, int) else (cell,)


def _numbered(sections: tuple[Section, ...], before: str, depth: int) -> Iterator[NumberedSection]:
    count = 0
    for position, section in enumerate(sections):
        count += section.numbered
        number = f"{before}{count}" if section.numbered else ""
        anchor = f"section-{number}" if number else f"appendix-{position + 1}"
        yield NumberedSection(number, depth, anchor, section)
        yield from _numbered(section.sections, f"{number or anchor}.", depth + 1)


def _parts(blocks: tuple[Block, ...]) -> Iterator[Part]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from block.parts
        elif isinstance(block, Bullets):
            for item in block.items:
                yield from item
        else:
            for row in block.rows:
                for cell in row:
                    yield from as_parts(cell)

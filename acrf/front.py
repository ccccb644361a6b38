"""The first pages of the annotated CRF: the legend of domains and annotations, and the table of contents.

Not for the forms (layout.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .annotations import COLLECTED, CONSTANT, DERIVED, NOT_SUBMITTED, Annotation
from .colors import NEUTRAL, WHITE
from .lettering import BOLD, PLAIN, lines, shown, width
from .pages import BOTTOM, LEFT, RIGHT, TOP, Link, Note, Page, Rule, Text

_MEANS = (
    (COLLECTED, "", "A solid frame: the variable has the values of the field."),
    (CONSTANT, "", "At the head of a form: a text that all its records of a kind have."),
    (DERIVED, "", "A dashed frame: a note. A rule derives or assigns the variable from the field, or only reads it."),
    (NOT_SUBMITTED, NEUTRAL, "No variable has the field."),
)


def front_pages(
    title: str,
    study: Sequence[str],
    domains: Mapping[str, str],
    colors: Mapping[str, str],
    contents: Sequence[tuple[str, str, int]],
) -> list[Page]:
    """Legend and contents. ``study``: lines about it; ``domains``: name -> label; ``contents``: (title, key, page)."""
    pages = [Page("front")]
    y = TOP
    for text, font, size in ((title, BOLD, 18), *((s, PLAIN, 10) for s in study)):
        for line in lines(text, font, size, RIGHT - LEFT):
            y -= size * 1.35
            pages[-1].texts.append(Text(LEFT, y, line, font, size))
    y = _legend(pages[-1], y - 14, domains, colors)
    y = _heading(pages[-1], y - 12, "Forms")
    for text, key, number in contents:
        texts = lines(text, PLAIN, 9.5, RIGHT - LEFT - 40)
        if y - 13 * len(texts) < BOTTOM:
            pages.append(Page(f"front-{len(pages) + 1}"))
            y = _heading(pages[-1], TOP, "Forms (continued)")
        upper = y
        for line in texts:
            y -= 13
            pages[-1].texts.append(Text(LEFT, y, line, PLAIN, 9.5, link=True))
        pages[-1].texts.append(Text(RIGHT, y, str(number), PLAIN, 9.5, right=True, link=True))
        pages[-1].links.append(Link((LEFT, y - 3, RIGHT, upper - 3), key))
    return pages


def _heading(page: Page, y: float, text: str) -> float:
    page.texts.append(Text(LEFT, y - 11, text, BOLD, 11))
    page.rules.append(Rule(LEFT, y - 15, RIGHT, 0.3))
    return y - 17


def _legend(page: Page, y: float, domains: Mapping[str, str], colors: Mapping[str, str]) -> float:
    """The colour of each domain in two columns, then what the frames mean. The lower end."""
    y = _heading(page, y, "Legend")
    half = (len(domains) + 1) // 2
    for number, (name, label) in enumerate(domains.items()):
        x = LEFT if number < half else (LEFT + RIGHT) / 2
        top = y - 3 - (number % half if number >= half else number) * 14
        note = Annotation("domain", name, reason=label)
        page.notes.append(Note((x, top - 11.5, x + 44, top), note, (shown(name),), colors[name], size=8.5, bold=True))
        text = lines(label, PLAIN, 8.5, 190)[0]
        page.texts.append(Text(x + 50, top - 9, text, PLAIN, 8.5))
    y -= half * 14 + 8
    first = next(iter(domains), "AE")
    for kind, color, means in _MEANS:
        sample = {
            COLLECTED: f"{first}.VARIABLE",
            CONSTANT: f'{first}.VARIABLE = "TEXT"',
            DERIVED: f"{first}.VARIABLE (derived)",
            NOT_SUBMITTED: "[NOT SUBMITTED]",
        }[kind]
        note = Annotation("legend", reason=sample)
        wide = width(sample, PLAIN, 8.5) + 6
        fill = color or colors.get(first, WHITE)
        page.notes.append(Note((LEFT, y - 12, LEFT + wide, y), note, (sample,), fill, kind == DERIVED, 8.5))
        for line in lines(means, PLAIN, 8.5, RIGHT - LEFT - 150):
            page.texts.append(Text(LEFT + 150, y - 9, line, PLAIN, 8.5))
            y -= 11
        y -= 5
    return y

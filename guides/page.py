"""A guide as a page of the run, in the style and with the head of its other pages.

Not for the content (document.py) nor for the Word document (word.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..validation.reports.page import html_page, printable
from ..validation.reports.run_head import RunHead
from .document import (
    Block,
    Bullets,
    Cell,
    Code,
    Guide,
    Link,
    Paragraph,
    Part,
    ToWrite,
    as_parts,
    missing_lines,
    missing_sentence,
)
from .word import Address

_SHORT = 12  # characters
_WHOLE = 8  # rows of a table that paper does not divide
_PACKAGE = "raw2adam.guides"


def page_bytes(guide: Guide, address: Address, head: RunHead, path: str) -> bytes:
    """The guide as HTML in UTF-8. ``path``: of the page in the output folder; ``head`` may have no links."""
    missing = guide.to_write()
    return html_page(
        "guide.html.j2",
        package=__package__ or _PACKAGE,
        head=head.values(path),
        title=f"{printable(guide.study)}: {guide.title}",
        lead=[],
        facts=[(name, printable(text)) for name, text in guide.facts],
        missing=missing_sentence(len(missing)) if missing else "",
        to_write=[
            {"anchor": s.anchor, "heading": printable(s.heading), "line": printable(line)}
            for s, line in missing_lines(guide)
        ],
        sections=[
            {
                "anchor": s.anchor,
                "heading": printable(s.heading),
                "depth": s.depth,
                "level": min(s.depth + 1, 6),
                "blocks": [_block(b, address) for b in s.section.blocks],
            }
            for s in guide.numbered()
        ],
    )


def _block(block: Block, address: Callable[[str], str]) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "lead": printable(block.lead), "parts": _parts(block.parts, address)}
    if isinstance(block, Bullets):
        return {"kind": "list", "items": [_parts(i, address) for i in block.items]}
    return {
        "kind": "table",
        "caption": printable(block.caption),
        "short": len(block.rows) <= _WHOLE,
        "headings": [printable(h) for h in block.headings],
        "numbers": [all(isinstance(r[i], int) for r in block.rows) for i in range(len(block.headings))],
        "rows": [[_cell(c, address) for c in row] for row in block.rows],
    }


def _cell(cell: Cell, address: Callable[[str], str]) -> dict[str, Any]:
    parts = _parts(as_parts(cell), address)
    # names of datasets and variables do not break
    kind = "n" if isinstance(cell, int) else "id" if sum(len(p["text"]) for p in parts) <= _SHORT else ""
    return {"class": kind, "parts": parts}


def _parts(parts: tuple[Part, ...], address: Callable[[str], str]) -> list[dict[str, str]]:
    return [_part(p, address) for p in parts]


def _part(part: Part, address: Callable[[str], str]) -> dict[str, str]:
    if isinstance(part, ToWrite):
        return {"kind": "missing", "text": printable(part.ask), "key": printable(part.key)}
    if isinstance(part, Code):
        return {"kind": "code", "text": printable(part.text)}
    if isinstance(part, Link):
        return {"kind": "link", "text": printable(part.text), "href": address(part.target)}
    return {"kind": "text", "text": printable(part)}

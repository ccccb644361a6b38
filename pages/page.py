"""Writes a page that is generated from the code, or checks whether it is current. Not for the text of a page."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def write_page(module: str, text: str, arguments: Sequence[str]) -> int:
    """Run ``[--check] FILE`` of a module. 0: written, or current; 1: not current; 2: wrong usage."""
    names = [a for a in arguments if a != "--check"]
    if len(names) != 1:
        print(f"usage: python -m raw2adam.{module} [--check] FILE", file=sys.stderr)
        return 2
    path = Path(names[0])
    if "--check" not in arguments:
        path.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    print(f"{path} is not current: run make format", file=sys.stderr)
    return 1

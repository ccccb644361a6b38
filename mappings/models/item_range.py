"""Ranges of names in specs: DRUG_1..DRUG_3 is three names. Not for the fields that take them."""

from __future__ import annotations

import re

_RANGE = re.compile(r"^(.*?)(\d+)\.\.(.*?)(\d+)$")


def expand_range(text: str) -> list[str]:
    """``DRUG_1..DRUG_3`` as its three names; any other text as itself. Leading zeros remain (Q01..Q30)."""
    match = _RANGE.match(text)
    if not match or match.group(1) != match.group(3):
        return [text]
    first, last, width = int(match.group(2)), int(match.group(4)), len(match.group(2))
    if not first <= last <= first + 999:
        raise ValueError(f"the range {text} must rise, by at most 999")
    pad = width if match.group(2).startswith("0") else 0
    return [f"{match.group(1)}{i:0{pad}d}" if pad else f"{match.group(1)}{i}" for i in range(first, last + 1)]

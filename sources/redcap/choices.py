"""The choices of a REDCap field: where one ends and the next begins, if a label contains the bar that separates them.

REDCap writes ``1, Mild | 2, Moderate``: each choice has a code and a comma, and the bar has a blank on either side.
Files written by hand may lack them. Not for the dictionary's other columns (dictionary.py).
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from dataclasses import dataclass, field

_CHOICE = re.compile(r"\s*([A-Za-z0-9_.\-]+)\s*,(.*)", re.DOTALL)
_WHOLE = re.compile(r"-?\d+")


@dataclass(frozen=True)
class Evidence:
    """What an export shows about a field's choices. ``codes``, ``labels``: those of its checkbox columns or cells.

    ``complete``: whether every choice is among them.
    """

    codes: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    complete: bool = False


NONE = Evidence()


@dataclass(frozen=True)
class Choices:
    """Code -> label. ``doubt``: why the choices cannot be separated for certain; '' if they can."""

    labels: dict[str, str] = field(default_factory=dict)
    doubt: str = ""


def read_choices(text: str, evidence: Evidence = NONE) -> Choices:
    """The choices of a dictionary's cell.

    A bar begins a choice if a code and a comma follow. Two such bars are part of a label: a bar without blanks on both
    sides if other bars have them, and a bar before a code that is no code by the export. If no part has a code, each
    part is a choice.
    """
    parts = text.split("|")
    if not any(_CHOICE.match(p) for p in parts):
        return Choices({p.strip(): p.strip() for p in parts if p.strip()})
    loose = [i > 0 and parts[i - 1][-1:].isspace() and p[:1].isspace() for i, p in enumerate(parts)]
    found: list[list[str]] = []  # code, label as written
    doubt = ""
    for i, part in enumerate(parts):
        match = _CHOICE.match(part)
        code, label = (match[1], match[2]) if match else (part.strip(), part)
        if not found:
            if part.strip():
                found.append([code, label])
            continue
        begins, certain = _begins(code, bool(match), found[-1][1], loose[i], any(loose), evidence)
        if not certain and not doubt:
            doubt = f"there is a bar before '{part.strip()[:40]}'"
        if begins and part.strip():
            found.append([code, label])
        elif part.strip() or i < len(parts) - 1:
            found[-1][1] += "|" + part
    labels: dict[str, str] = {}
    for code, label in found:
        if code in labels and not doubt:
            doubt = f"two choices have the code {code}"
        labels[code] = plain_text(label)
    return Choices(labels, doubt)


def _begins(
    code: str, has_comma: bool, before: str, loose: bool, any_loose: bool, evidence: Evidence
) -> tuple[bool, bool]:
    """(whether a choice begins after a bar, whether that is certain). ``before``: the label so far."""
    if evidence.labels and plain_text(before) in evidence.labels and (has_comma or code in evidence.labels):
        return True, True
    known = code in evidence.codes or column_code(code) in evidence.codes
    if known:
        return True, True
    if not has_comma:
        return False, True
    if evidence.complete and evidence.labels and plain_text(before) not in evidence.labels:
        return False, True
    if loose:
        numbers = bool(evidence.codes) and all(_WHOLE.fullmatch(c.replace("_", "-", 1)) for c in evidence.codes)
        word = evidence.complete and numbers and not _WHOLE.fullmatch(code)
        return not word, True
    if evidence.complete and evidence.codes:
        return False, True
    return not any_loose, not any_loose


def column_code(code: str) -> str:
    """A code as part of the name of a checkbox column: ``_9`` of tools____9 for the code -9."""
    return re.sub(r"[^a-z0-9_]", "_", code.lower())


def checkbox_evidence(field_name: str, label: str, header: Collection[str]) -> Evidence:
    """What the columns of an export show about a checkbox's choices: field___code, or ``Label (choice=Mild)``."""
    start = f"{field_name}___"
    codes = frozenset(c.strip()[len(start) :] for c in header if c.strip().startswith(start))
    head = f"{label} (choice="
    cells = [" ".join(c.split()) for c in header]
    labels = frozenset(c[len(head) : -1] for c in cells if c.startswith(head) and c.endswith(")"))
    return Evidence(codes, labels, complete=bool(codes or labels))


def plain_text(label: str) -> str:
    """A label as an export shows it: without HTML tags, with single blanks as white space."""
    return " ".join(html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", " ", label)).split())

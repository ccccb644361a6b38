"""How a variable changed the text of a cell: the kind of change. Not for counting changes: cells.py."""

from __future__ import annotations

from enum import StrEnum

from ..columns.number_text import plain_number


class ChangeKind(StrEnum):
    """The kind of a change; the value is its text in the accounting. NONE: the outcome of the cell needs no kind."""

    NONE = ""
    MAPPED = "mapped"
    CASE = "case"
    TRIMMED = "trimmed"
    PARTIAL_DATE = "partial date"
    PLAIN_ASCII = "plain ASCII"
    CHANGED = "changed"
    NUMBER = "number"
    DATE = "date"
    COMPOSED = "composed"
    SPLIT = "split"


#: kinds that the account lists text by text. A number, a full date or a composed text is read as declared
LISTED = frozenset(
    {
        ChangeKind.MAPPED,
        ChangeKind.CASE,
        ChangeKind.TRIMMED,
        ChangeKind.PARTIAL_DATE,
        ChangeKind.PLAIN_ASCII,
        ChangeKind.CHANGED,
    }
)


def change_of(verbatim: str, value: str, by_rule: ChangeKind) -> ChangeKind:
    """The kind of change from a filled text to ``value``. ``by_rule``: the kind that the rule declares for itself."""
    text = verbatim.strip()
    if value == text:
        return ChangeKind.TRIMMED
    if by_rule is ChangeKind.DATE:
        full = len(value) >= 10 and "-" in value[:5] and value[0] != "-"
        return ChangeKind.DATE if full else ChangeKind.PARTIAL_DATE
    if by_rule is ChangeKind.COMPOSED:
        return ChangeKind.COMPOSED
    if value.casefold() == text.casefold():
        return ChangeKind.CASE
    if _number(text) == _number(value) is not None:
        return ChangeKind.NUMBER
    return by_rule


def _number(text: str) -> float | None:
    """The number of a plain decimal text, its point or comma; None for any other."""
    return plain_number(text.replace(",", "."))

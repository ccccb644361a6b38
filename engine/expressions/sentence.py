"""Conditions and formulas as words of a sentence, for define.xml and the reference pages.

Not for the words of each part of an expression (mappings/expressions/tree.py).
"""

from __future__ import annotations

from ...mappings.expressions.expression import ExpressionError, parse


def condition_sentence(when: str | None) -> str:
    """``when:`` as the end of a sentence; '' if there is none."""
    return f", where {plain(when)}" if when else ""


def plain(text: str | None) -> str:
    """An expression in words; unchanged where it cannot be read (the loader reports that)."""
    try:
        return parse(text or "").sentence()
    except ExpressionError:
        return text or ""

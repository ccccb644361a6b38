"""Conditions and formulas as words of a sentence, for define.xml and the reference pages.

Not for the words of each part of an expression (mappings/expressions/tree.py).
"""

from __future__ import annotations

import functools

from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.wording import AS_WRITTEN, Wording


def condition_sentence(when: str | None, words: Wording = AS_WRITTEN) -> str:
    """``when:`` as the end of a sentence; '' if there is none."""
    return f", where {plain(when, words)}" if when else ""


def plain(text: str | None, words: Wording = AS_WRITTEN) -> str:
    """An expression in words; unchanged where it cannot be read (the loader reports that)."""
    try:
        return _as_written(text or "") if words is AS_WRITTEN else parse(text or "").sentence(words.name)
    except ExpressionError:
        return text or ""


@functools.lru_cache(maxsize=4096)
def _as_written(text: str) -> str:
    """The sentence with the names of the expression: each partition asks for those of all rules."""
    return parse(text).sentence()

"""Numbers that stand for texts: AVAL 1 of AVALC CR. What the codes of one result have in common.

Not for the facts (engine/building/code_levels.py) nor for the lists (value_level_codelists.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..engine.building.code_levels import CodeFacts
from ..engine.columns.point_digits import is_number

Pairs = frozenset[tuple[str, str]]


def with_joined_meanings(facts: Mapping[str, CodeFacts]) -> dict[str, CodeFacts]:
    """Facts by code, the meanings of each joined with those of the codes that agree with it.

    Meanings are kept where each number has one text, each text one number, and no text is missing or a number. Codes
    that share a pair and contradict each other in none have one set of meanings: so best responses that no subject had
    are in the list, too.
    """
    joined: list[Pairs] = []
    for found in facts.values():
        meanings = found.meanings
        if not meanings or not _states(meanings):
            continue
        for at, pairs in enumerate(joined):
            if pairs & meanings and _one_to_one(pairs | meanings):
                joined[at] = pairs | meanings
                break
        else:
            joined.append(meanings)
    return {
        code: found._replace(meanings=next((p for p in joined if found.meanings and found.meanings <= p), frozenset()))
        for code, found in facts.items()
    }


def _states(pairs: Pairs) -> bool:
    return _one_to_one(pairs) and not any(not text or is_number(text) for _, text in pairs)


def _one_to_one(pairs: Pairs) -> bool:
    return len(pairs) == len({number for number, _ in pairs}) == len({text for _, text in pairs})

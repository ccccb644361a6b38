"""The decodes of a codelist of define.xml: what a value means, where the value does not state it.

Not for which terms a list has (codelists.py). A decode that repeats its value informs nobody, and an NCI preferred term
names the concept of the term, not its value: for g/L of UNIT it is Kilogram per Cubic Meter. So:

- the test names of a --TEST variable, and any values whose code is in a variable beside them, have no decodes;
- a test code has the name of the paired list: CDISC CT gives both the same NCI code;
- another published list has decodes if at least half of its terms that are shown are abbreviations which a text of
  CDISC CT writes out, as Partial Response does for PR: synonyms first, then the NCI preferred term;
- a list of the study has the decodes of the study, unless they only repeat the values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..mappings.facts.terminology import Codelist, Term

_WORD = re.compile(r"[a-z0-9]+")
_SMALL_WORDS = frozenset({"a", "an", "and", "by", "for", "from", "in", "of", "or", "per", "the", "to", "with"})


def decodes(terms: Sequence[Term], tests: Codelist | None, *, published: bool, names: bool) -> dict[str, str]:
    """Value -> decode; {} for a list without decodes.

    ``tests``: the list of the names of the test codes. ``published``: the list is one of CDISC CT. ``names``: the
    values are the long texts of codes beside them.
    """
    if names:
        return {}
    if tests is not None:
        by_code = {t.code: t.value for t in tests.terms if t.code}
        return _informing({t.value: by_code.get(t.code) or t.decode for t in terms})
    if not published:  # a list of the study may have published terms, with synonyms, among its terms
        return _informing({t.value: written_out(t) if t.code and t.synonyms else t.decode for t in terms})
    shown = [t for t in terms if t.code]
    found = {t.value: text for t in shown if (text := written_out(t))}
    if 2 * len(found) < len(shown):
        return {}
    return _informing(found | {t.value: t.decode for t in terms if not t.code})


def written_out(term: Term) -> str:
    """The text that writes out an abbreviated value, '' if no text of the term does."""
    synonyms = [s for s in term.synonyms if s != term.decode]
    return next((text for text in (*synonyms, term.decode) if _writes_out(text, term.value)), "")


def _informing(found: dict[str, str]) -> dict[str, str]:
    """The texts that are not empty, unless all of them repeat their value."""
    found = {value: text for value, text in found.items() if text}
    return found if any(text.casefold() != value.casefold() for value, text in found.items()) else {}


def _writes_out(text: str, value: str) -> bool:
    """Whether the letters of the value begin the words of a text: sCR of Stringent Complete Response, F of Female.

    Of one word only a value of one or two letters is an abbreviation: EYE is none of Eyeball. One letter need only
    begin the text, as D of Day Imputed. A value without letters is written out by any words that do not repeat it.
    """
    if text.upper() == text or text.casefold() == value.casefold():
        return False
    letters = "".join(_WORD.findall(value.casefold()))
    words = _WORD.findall(text.casefold())
    if not any(c.isalpha() for c in letters):
        return letters not in words
    if len(letters) == 1:
        return text.casefold().startswith(letters)
    return (len(words) > 1 or len(letters) == 2) and len(letters) < len("".join(words)) and _begins(letters, words)


def _begins(letters: str, words: Sequence[str]) -> bool:
    """Whether letters are the beginnings of words in order; small words may be left out."""
    if not words or not letters:
        return not letters and all(w in _SMALL_WORDS for w in words)
    word, rest = words[0], words[1:]
    if word in _SMALL_WORDS and _begins(letters, rest):
        return True
    longest = next((n for n in range(len(word), 0, -1) if letters.startswith(word[:n])), 0)
    return any(_begins(letters[n:], rest) for n in range(longest, 0, -1))

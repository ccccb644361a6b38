"""The tokens of a condition or formula: names, numbers, quoted texts, signs.

Not for what they mean together (parser.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from .tree import ExpressionError

KEYWORDS = frozenset({"and", "or", "not", "in", "between"})
PLAIN_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_OPERATOR = re.compile(r"==(?!=)|!=(?!=)|<=|>=|[<>](?![<>=])|[+\-/(),\[\]]|\*(?!\*)")
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})

# What people write from habit, longest first, and what to write instead.
_FOREIGN = {
    "===": "write ==",
    "!==": "write !=",
    "**": "write X * X",
    "&&": "write and",
    "||": "write or; to join texts write concat(a, b)",
    "<>": "write !=",
    "^=": "write !=",
    "~=": "write !=",
    "=>": "write >=",
    "=<": "write <=",
    "=": "write == to compare",
    "&": "write and",
    "|": "write or",
    "!": "write not",
    "^": "write not",
    "~": "write not",
    ".": "a missing value is tested with missing(X)",
    "{": "write a list in square brackets: X in ['A', 'B']",
    "\u2212": "write the minus sign of the keyboard: -",
    "\u2013": "write the minus sign of the keyboard: -",
    **dict.fromkeys("\u201c\u201d\u201e\u2018\u2019\u00b4", "write straight quotes: 'text'"),
}


@dataclass(frozen=True)
class Token:
    """``kind``: sign (operators, brackets, keywords) | name | quoted_name | number | text | end."""

    kind: str
    text: str
    offset: int
    value: str | float = ""


def clip(text: str) -> str:
    """Text of unknown origin for a message: short, one line, quoted."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def tokens_of(text: str) -> list[Token]:
    """The tokens of ``text``, the last of kind end. Raises ExpressionError at a character that fits nowhere."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character in " \t\r\n":
            at += 1
            continue
        if character in "'\"`":
            token, at = _quoted(text, at)
        elif match := _NUMBER.match(text, at):
            token, at = _number(text, match), match.end()
        elif match := PLAIN_NAME.match(text, at):
            token, at = _word(match), match.end()
        elif match := _OPERATOR.match(text, at):
            token, at = Token("sign", match.group(), at), match.end()
        else:
            _foreign(text, at)
        tokens.append(token)
    tokens.append(Token("end", "", len(text)))
    return tokens


def _quoted(text: str, start: int) -> tuple[Token, int]:
    """A quoted text or name and where it ends; the quote itself is written twice inside."""
    quote, parts, at = text[start], [], start + 1
    while True:
        end = text.find(quote, at)
        if end < 0:
            hint = f"a {quote} inside is written twice"
            raise ExpressionError(f"the {quote} that opens here is never closed", start, hint)
        parts.append(text[at:end])
        at = end + 1
        if text[at : at + 1] != quote:
            break
        parts.append(quote)
        at += 1
    value = "".join(parts)
    for position, character in enumerate(value):
        if "\ud800" <= character <= "\udfff":
            raise ExpressionError("half of a character pair (a lone surrogate) in a text", start + 1 + position)
    if quote != "`":
        return Token("text", text[start:at], start, value), at
    if not value.strip():
        raise ExpressionError("a name in backticks is empty", start)
    return Token("quoted_name", text[start:at], start, value), at


def _number(text: str, match: re.Match[str]) -> Token:
    end = match.end()
    if end < len(text) and (text[end].isalnum() or text[end] in "_."):
        tail = re.compile(r"[\w.]*").match(text, match.start())
        written = tail.group() if tail else match.group()
        hint = f"write a name that starts with a digit in backticks: `{written}`" if len(written) <= 40 else ""
        raise ExpressionError(f"{clip(written)} is neither a number nor a name", match.start(), hint)
    value = float(match.group())
    if value == float("inf"):
        raise ExpressionError("a number too large to hold", match.start())
    return Token("number", match.group(), match.start(), value)


def _word(match: re.Match[str]) -> Token:
    word = match.group()
    if word in KEYWORDS:
        return Token("sign", word, match.start())
    if word.lower() in KEYWORDS:
        hint = f"write a column of this name in backticks: `{word}`"
        raise ExpressionError(f"write {word.lower()} in lower case", match.start(), hint)
    return Token("name", word, match.start(), word)


def _foreign(text: str, at: int) -> NoReturn:
    for sign, hint in _FOREIGN.items():
        if text.startswith(sign, at):
            raise ExpressionError(f"{clip(sign)} is not part of the language", at, hint)
    character = text[at]
    hint = "delete it, or replace it by a blank" if character.isspace() or not character.isprintable() else ""
    raise ExpressionError(f"the character {character!a} is not allowed here", at, hint)

"""Names of variables with signs for their varying parts, so that one rule is about TRT01P and TRT02P.

``*`` stands for any letters and digits, ``#`` for digits; the same parts, in their order, make the name of a partner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from ..table import Table

#: the name of a variable in a rule, with signs for its varying parts
StarName = Annotated[str, Field(pattern=r"^(--)?[A-Z0-9_*#]+$")]

_SIGN = re.compile(r"[*#]")


@lru_cache(maxsize=1024)
def _pattern(name: str) -> re.Pattern[str]:
    signs = {"*": "([A-Z0-9_]*)", "#": r"(\d+)"}
    return re.compile("".join(signs.get(part) or re.escape(part) for part in re.split(r"([*#])", name)))


def filled(name: str, parts: Sequence[str]) -> str:
    """``name`` with its signs replaced, in order, by ``parts``; a sign without a part stays."""
    remaining = iter(parts)
    return _SIGN.sub(lambda m: next(remaining, m[0]), name)


def matches(table: Table, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(variable, its varying parts) of each variable of the table with this name, in the order of the dataset."""
    real = table.expanded(name)
    if not _SIGN.search(real):
        if real in table.names:
            yield real, ()
        return
    pattern = _pattern(real)
    for variable in table.columns:
        found = pattern.fullmatch(variable)
        if found:
            yield variable, found.groups()


def pairs(table: Table, first: str, second: str) -> list[tuple[str, str]]:
    """(variable, its partner) where the dataset has both and they differ.

    Where the first name has no sign, each variable that the second name fits is a partner of it.
    """
    if not _SIGN.search(first):
        found = [(table.expanded(first), name) for name, _ in matches(table, second)]
    else:
        found = [(name, filled(table.expanded(second), parts)) for name, parts in matches(table, first)]
    return [(a, b) for a, b in found if a in table.names and b in table.names and a != b]


def numbered_domains(table: Table) -> list[str]:
    """The domains whose records an analysis dataset numbers: AE where it has AESEQ."""
    return [n[:2] for n in table.columns if len(n) == 5 and n.endswith("SEQ")]

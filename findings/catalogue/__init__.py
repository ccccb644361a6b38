"""The catalogue of findings: one record for every rule, in the module of its area.

A new rule is a record in one of these modules. A conformance rule is YAML in conformance/rules/, which
are read at first need. Not for adding findings (findings/table.py) nor for their page (pages/findings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from ..rule import Explains, FindingRule
from . import (
    accounts,
    adam,
    cells,
    checked_files,
    dates,
    dictionaries,
    dispositions,
    documents,
    existing_sdtm,
    numbers,
    package,
    quality,
    raw,
    reading,
    subjects,
    terms,
    transport,
)

#: families: the start of ids that others complete, as R2A-CHECK-<name> of a study's checks/*.yaml, CORE-000123 of CDISC
FAMILIES = ("R2A-CHECK-", "CORE-")

_RULES: dict[str, FindingRule] = {}
#: what registers further rules at first need
_LATER: list[Callable[[], object]] = []


def register(rule: FindingRule) -> FindingRule:
    """Add a rule to the catalogue. Raises ValueError where another rule has its id."""
    if _RULES.setdefault(rule.id, rule) != rule:
        raise ValueError(f"two rules of findings have the id {rule.id}")
    _explaining.cache_clear()
    return rule


def register_later(load: Callable[[], object]) -> None:
    """Let ``load`` register further rules, before the catalogue is listed or an unknown id is looked up."""
    _LATER.append(load)


def _complete() -> None:
    while _LATER:
        _LATER.pop()()


@cache
def _explaining(what: Explains) -> frozenset[str]:
    return frozenset(r.id for r in _RULES.values() if r.explains == what)


for _area in (
    reading, cells, subjects, accounts, raw, terms, dictionaries, numbers, dates, existing_sdtm, adam, quality,
    documents, package, transport, dispositions, checked_files,
):  # fmt: skip
    for _rule in _area.RULES:
        register(_rule)


def rules() -> tuple[FindingRule, ...]:
    """Every rule, sorted by id."""
    _complete()
    return tuple(_RULES[id_] for id_ in sorted(_RULES))


def rule_of(id_: str) -> FindingRule:
    """The rule with this id, or the family that it belongs to. Raises ValueError for an unknown id."""
    if id_ not in _RULES:
        _complete()
    found = _RULES.get(id_) or next((_RULES[f] for f in FAMILIES if id_.startswith(f) and id_ != f), None)
    if found is None:
        raise ValueError(f"unknown rule of findings {id_!r}; add its record to findings/catalogue/")
    return found


def explaining(what: Explains) -> frozenset[str]:
    """The ids of the rules whose findings explain a lost value for a ``cell`` or for a ``variable``."""
    _complete()
    return _explaining(what)


def superseded() -> Iterator[FindingRule]:
    """The rules that findings of others supersede. A rule comes after every rule that supersedes it.

    So a finding gives way only to one that is itself reported.
    """
    waiting = [r for r in rules() if r.superseded_by]
    while waiting:
        open_ = {r.id for r in waiting}
        free = [r for r in waiting if not open_ & set(r.superseded_by)]
        if not free:
            raise ValueError(f"rules of findings supersede each other in a circle: {', '.join(sorted(open_))}")
        yield from free
        waiting = [r for r in waiting if r not in free]

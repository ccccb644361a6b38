"""Which finding follows from which: a rule declares its causes, and the keys that both findings share.

What one rule finds of one variable in more than half of the records of a dataset follows from the first of them.

The cost is linear in the findings. Not for what is printed of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from .findings_of_hits import Reported
from .language.rule import PSEUDO_KEYS, Rule


def in_order(rules: Mapping[str, Rule]) -> Iterator[str]:
    """The ids of rules, each after its causes. Raises ValueError where rules follow from each other in a circle."""
    waiting = sorted(rules)
    while waiting:
        open_ = set(waiting)
        free = [id_ for id_ in waiting if not any(f.rule in open_ for f in rules[id_].follows)]
        if not free:
            raise ValueError(f"conformance rules follow from each other in a circle: {', '.join(waiting)}")
        yield from free
        waiting = sorted(open_.difference(free))


#: a mistake in fewer records is no rule
_SYSTEMATIC = 10


class Consequences:
    """The findings of a run that may be causes."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._causing = {f.rule for rule in rules.values() for f in rule.follows}
        self._noted: dict[str, list[Reported]] = {}
        #: (rule, keys) -> how many of the noted were asked, their keys and their numbers
        self._keyed: dict[tuple[str, tuple[str, ...]], tuple[int, list[pd.Series], np.ndarray]] = {}
        self._leading: dict[str, list[tuple[list[pd.Series], np.ndarray]]] = {}  # rule -> keys and numbers of leaders

    def note(self, id_: str, reported: Reported) -> None:
        """Remember findings that may be causes of others."""
        if id_ in self._causing:
            self._noted.setdefault(id_, []).append(reported)

    def of(self, id_: str, rule: Rule, reported: Reported, number: int) -> np.ndarray | int:
        """For each finding the number of the finding that it follows from; -1 for none. ``number``: of the first."""
        found = np.full(reported.count, -1, dtype="int64")
        for follows in rule.follows:
            mine, (theirs, serials) = _keys(reported, follows.by), self._causes(follows.rule, tuple(follows.by))
            if mine is None or not theirs:
                continue
            at = verbs.match_rows(mine, theirs).right
            found = np.where((found < 0) & (at >= 0), serials[at], found)
        if rule.once_per:
            leader = self._leaders(id_, rule, reported, number)
            found = np.where(found < 0, leader, found)
        if is_systematic(reported):
            causes = np.flatnonzero(found < 0)
            found[causes[1:]] = number + causes[:1]
        return found if (found >= 0).any() else -1

    def _causes(self, rule: str, by: tuple[str, ...]) -> tuple[list[pd.Series], np.ndarray]:
        """The shared keys of all findings of a rule that have them, and their numbers; no keys where none has."""
        noted = self._noted.get(rule, [])
        known, keys, numbers = self._keyed.get((rule, by), (0, [], np.empty(0, "int64")))
        if known < len(noted):
            sides = [(c, k) for c in noted[known:] if (k := _keys(c, by)) is not None]
            if sides:
                parts = [*([keys] if keys else []), *(k for _, k in sides)]
                keys = [col.concat([k[i] for k in parts]) for i in range(len(by))]
                numbers = np.concatenate([numbers, *(c.serial + np.arange(c.count) for c, _ in sides)])
            self._keyed[rule, by] = len(noted), keys, numbers
        return keys, numbers

    def _leaders(self, id_: str, rule: Rule, reported: Reported, number: int) -> np.ndarray:
        """For each finding the number of the first one of its group; -1 for that one."""
        mine, of_rule = _keys(reported, rule.once_per), number + np.arange(reported.count)
        if mine is None:
            return np.full(reported.count, -1, dtype="int64")
        earlier = self._leading.setdefault(id_, [])
        columns = [col.concat([*(k[i] for k, _ in earlier), mine[i]]) for i in range(len(mine))]
        numbers = np.concatenate([*(n for _, n in earlier), of_rule])
        codes = verbs.record_codes(columns)
        first = numbers[col.first_positions(codes, int(codes.max(initial=-1)) + 1)][codes[-reported.count :]]
        leads = np.flatnonzero(first == of_rule)
        if len(leads):
            earlier.append(([col.take(m, leads) for m in mine], of_rule[leads]))
        return np.where(first == of_rule, -1, first)


def is_systematic(reported: Reported) -> bool:
    """Whether one variable is wrong in more than half of the records of its dataset: that is one mistake of a rule."""
    rows, table = reported.hit.rows, reported.table
    return rows is not None and table is not None and len(rows) >= _SYSTEMATIC and 2 * len(rows) > table.n


def _keys(reported: Reported, by: Sequence[str]) -> list[pd.Series] | None:
    """The shared keys of findings as text columns; None where they have not all of them."""
    table, hit, n = reported.table, reported.hit, reported.count
    found: list[pd.Series] = []
    for name in by:
        if name in PSEUDO_KEYS:
            found.append(_pseudo(reported, name))
            continue
        if table is None or hit.rows is None or table.expanded(name) not in table.names:
            return None
        found.append(col.as_text(col.take(table.columns[table.expanded(name)], hit.rows)))
    return found if n else None


def _pseudo(reported: Reported, name: str) -> pd.Series:
    n = reported.count
    dataset = str(reported.columns["dataset"])
    if name == "record":
        rows = reported.hit.rows if reported.hit.rows is not None else np.full(n, -1)
        return col.text_column(np.array([f"{dataset} {r}" for r in rows.tolist()], dtype=object))
    if name == "value":
        value = reported.columns["value"]
        return col.text_column(value) if isinstance(value, np.ndarray) else col.constant(str(value), n)
    return col.constant(dataset if name == "dataset" else reported.hit.variable, n)

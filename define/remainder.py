"""The records that no where clause of some definitions describes, as where clauses of one further definition.

Each clause is a conjunction of checks. What none of them describes fails a check of each: a disjunction of clauses,
which Define-XML states as several def:WhereClauseRef. A missing value passes no check (engine/tables/range_checks.py),
so a record without the value is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.tables.dataset import RangeCheck

Clause = tuple[RangeCheck, ...]

_OPPOSITE = {"EQ": "NOTIN", "IN": "NOTIN", "NE": "IN", "NOTIN": "IN", "LT": "GE", "LE": "GT", "GT": "LE", "GE": "LT"}
#: more clauses would inform nobody
_MOST = 6


def remainder(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """The clauses of which one holds where none of ``clauses`` does; () where nothing is outside, or it takes too many.

    Checks of one variable are one check: NOTIN with all values, IN with those that are left.
    """
    found: list[Clause] = [()] if clauses else []
    for clause in clauses:
        several = [_with(known, _opposite(check)) for known in found for check in clause]
        found = _smallest([c for c in several if c is not None])
    return tuple(found) if len(found) <= _MOST else ()


def _opposite(check: RangeCheck) -> RangeCheck:
    return RangeCheck(check.variable, _OPPOSITE[check.comparator], check.values)


def _with(clause: Clause, new: RangeCheck) -> Clause | None:
    """A clause with a further check; None where no value can pass both."""
    same = {c.comparator: c for c in clause if c.variable == new.variable and c.comparator in ("IN", "NOTIN")}
    if new.comparator not in ("IN", "NOTIN"):
        return clause if new in clause else (*clause, new)
    listed = [set(c.values) for c in (*same.values(), new) if c.comparator == "IN"]
    left_out = set[str]().union(*(c.values for c in (*same.values(), new) if c.comparator == "NOTIN"))
    merged = RangeCheck(new.variable, "NOTIN", tuple(sorted(left_out)))
    if listed:
        values = set.intersection(*listed) - left_out
        if not values:
            return None
        merged = RangeCheck(new.variable, "IN", tuple(sorted(values)))
    at = next((i for i, c in enumerate(clause) if c in same.values()), len(clause))
    rest = [c for c in clause if c not in same.values()]
    return (*rest[:at], merged, *rest[at:])


def _smallest(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses without those that another one contains, each one time."""
    different = list(dict.fromkeys(clauses))
    return [c for c in different if not any(o != c and set(o) <= set(c) for o in different)]

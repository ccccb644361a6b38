"""The confirmed response at each time point: the decision table of docs/adrs.md, on sorted arrays.

Not for selecting the assessments nor for findings: confirmation.py. Not for the categories of a laboratory: adam/imwg/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

SAME, LOWER = "CONFIRMED BY NEXT ASSESSMENT", "CONFIRMED AT THE LOWER LEVEL OF THE NEXT ASSESSMENT"
NONE_LATER = "NOT CONFIRMED: NO LATER EVALUABLE ASSESSMENT"
AFTER_THERAPY = "NOT CONFIRMED: NEXT EVALUABLE ASSESSMENT AFTER NEW THERAPY"
TOO_LATE = "NOT CONFIRMED: NEXT EVALUABLE ASSESSMENT TOO LATE"
NEXT_PROGRESSION = "NOT CONFIRMED: NEXT EVALUABLE ASSESSMENT IS PROGRESSION"
NEXT_STABLE = "NOT CONFIRMED: NEXT EVALUABLE ASSESSMENT IS STABLE DISEASE"
NEXT_NO_PROGRESSION = "NOT CONFIRMED: NEXT EVALUABLE ASSESSMENT IS NO PROGRESSION"
STABLE, ALONE, DEATH = "STANDS ALONE: STABLE DISEASE", "STANDS ALONE: ", "STANDS ALONE: DEATH FROM THE DISEASE"
REPEATED = "CONFIRMED BY REPEATED PROGRESSION"
NOT_EVALUABLE, NOT_KNOWN = "NOT EVALUABLE", "NOT EVALUABLE: RESPONSE NOT KNOWN"
CARRIED = "CARRIED FORWARD; "


@dataclass(frozen=True)
class Ranks:
    """The levels as ranks from 1: ``responses`` that need confirmation, ``stable`` that do not, progression, the rest.

    ``alone``: the types with which a progression needs no second one; type ``i`` has the code ``i + 1``, 0 is none.
    """

    responses: int
    stable: int
    alone: tuple[str, ...]

    @property
    def progression(self) -> int:
        return self.responses + self.stable + 1

    @property
    def not_evaluable(self) -> int:
        return self.progression + 1

    @property
    def not_known(self) -> int:
        """A text that is no level, or a missing text: not evaluable, with this reason."""
        return self.progression + 2

    @property
    def reasons(self) -> list[str]:
        """Every reason in the order of their codes; the second half is for levels that are carried forward."""
        plain = [
            SAME, LOWER, NONE_LATER, AFTER_THERAPY, TOO_LATE, NEXT_PROGRESSION, NEXT_STABLE, NEXT_NO_PROGRESSION,
            STABLE, DEATH, REPEATED, NOT_EVALUABLE, NOT_KNOWN, *(ALONE + way for way in self.alone),
        ]  # fmt: skip
        return plain + [CARRIED + reason for reason in plain]


@dataclass(frozen=True)
class TimePoints:
    """One assessment a date, in the order of subject and date; (n,) arrays.

    ``day`` and ``until`` in days, ``until`` infinite where no new therapy is known. ``alone``: code of the type with
    which a progression needs no second one, 0 for none. ``died``: of the disease, not before the assessment.
    """

    subject: np.ndarray
    day: np.ndarray
    rank: np.ndarray
    until: np.ndarray
    alone: np.ndarray
    died: np.ndarray


@dataclass(frozen=True)
class Confirmed:
    """Per time point: rank of the confirmed level, and code of the reason.

    ``by``: position of the confirming time point; ``carried``: position of the earlier time point whose level is
    carried; -1 for none.
    """

    rank: np.ndarray
    reason: np.ndarray
    by: np.ndarray
    carried: np.ndarray


def confirm(points: TimePoints, ranks: Ranks, max_gap: float, carry: bool) -> Confirmed:
    """The confirmed level of every time point. ``max_gap``: days within which the next assessment confirms."""
    n = len(points.rank)
    at = np.arange(n)
    if n == 0:
        return Confirmed(at, at, at, at)
    evaluable = np.where(points.rank < ranks.not_evaluable, at, n)
    following = np.append(np.minimum.accumulate(evaluable[::-1])[::-1][1:], n)
    has = following < n
    following = np.where(has, following, 0)
    has &= points.subject[following] == points.subject
    then, days = np.where(has, points.rank[following], 0), points.day[following]
    late, far = has & (days > points.until), has & (days - points.day > max_gap)
    levels, reasons, uses = _table(ranks)
    size = ranks.not_known + 1
    cell = points.rank.astype("int32") * size + then.astype("int32")
    for flag in (late, far, points.died):
        cell = cell * 2 + flag.view("int8")
    cell = cell * (len(ranks.alone) + 1) + points.alone.astype("int32")
    level, reason = levels[cell], reasons[cell]
    by = np.where(uses[cell], following, -1)
    carried = np.full(n, -1)
    if not carry:
        return Confirmed(level, reason, by, carried)
    # the best level since the last confirmed progression of the subject, itself included, and its first position, are
    # one number. The running minimum restarts where a step of more than the distance of any two levels is subtracted
    start = np.append(True, points.subject[1:] != points.subject[:-1]) | (level == ranks.progression)
    bits = n.bit_length()
    step = np.cumsum(start) * (size << bits)
    best = np.minimum.accumulate((level << bits) + at - step) + step
    best_level, origin = best >> bits, best & ((1 << bits) - 1)
    from_before = best_level != level
    carried[from_before] = origin[from_before]
    return Confirmed(
        np.where(from_before, best_level, level),
        np.where(from_before, reason + len(ranks.reasons) // 2, reason),
        np.where(from_before, by[origin], by),
        carried,
    )


class _Case(NamedTuple):
    """An assessment and the next evaluable one of its subject.

    ``then``: rank of the next one, 0 for none. ``late``: the next one is after new therapy; ``far``: beyond the gap.
    ``died``: of the disease. ``alone``: code of the type with which a progression needs no second one, 0 for none.
    """

    rank: int
    then: int
    late: bool
    far: bool
    died: bool
    alone: int


@lru_cache(maxsize=8)
def _table(ranks: Ranks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level, code of the reason and whether the next assessment confirms, for every cell of the table."""
    codes = {reason: i for i, reason in enumerate(ranks.reasons)}
    size, yes_no = range(ranks.not_known + 1), (False, True)
    cases = product(size, size, yes_no, yes_no, yes_no, range(len(ranks.alone) + 1))
    found = [_cell(ranks, _Case(*case)) for case in cases]
    levels, reasons, uses = zip(*found, strict=True)
    return np.array(levels), np.array([codes[r] for r in reasons]), np.array(uses)


def _cell(ranks: Ranks, case: _Case) -> tuple[int, str, bool]:
    """One cell: the rank of the level, the reason, and whether the next assessment confirms."""
    unconfirmed = ranks.responses + 1 if ranks.stable else ranks.not_evaluable
    rank, then = case.rank, case.then
    if rank >= ranks.not_evaluable:
        return ranks.not_evaluable, NOT_EVALUABLE if rank == ranks.not_evaluable else NOT_KNOWN, False
    if rank == ranks.progression:
        if case.alone:
            return rank, ALONE + ranks.alone[case.alone - 1], False
        if then == ranks.progression and not case.far:  # the sample may be taken after new therapy
            return rank, REPEATED, True
        if not then and case.died:
            return rank, DEATH, False
        why = NONE_LATER if not then else TOO_LATE if then == ranks.progression else NEXT_NO_PROGRESSION
        return ranks.not_evaluable, why, False
    if rank > ranks.responses:
        return rank, STABLE, False
    if not then or case.late or case.far:
        return unconfirmed, NONE_LATER if not then else AFTER_THERAPY if case.late else TOO_LATE, False
    if then == ranks.progression:
        return unconfirmed, NEXT_PROGRESSION, False
    if then > ranks.responses:
        return then, NEXT_STABLE, False
    return max(rank, then), SAME if then <= rank else LOWER, True


def alone_code(found: frozenset[str], alone: Sequence[str]) -> int:
    """The code of the first of ``alone`` that is among the types ``found``; 0 for none."""
    return next((i for i, type_ in enumerate(alone, start=1) if type_ in found), 0)

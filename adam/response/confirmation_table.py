"""Which response counts as confirmed at each time point: the decided table of docs/adrs.md, on sorted arrays.

Not for which assessments are time points, nor for findings: confirmation.py. Not for the categories of a laboratory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

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

    ``alone``: how the ways in which a progression stands alone are called; way ``i`` is coded ``i + 1``, 0 is none.
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
        """A text that is no level, or none: not evaluable, and said so."""
        return self.progression + 2

    @property
    def reasons(self) -> list[str]:
        """Every reason that there is, in the order of their codes; the second half is for what is carried forward."""
        plain = [
            SAME, LOWER, NONE_LATER, AFTER_THERAPY, TOO_LATE, NEXT_PROGRESSION, NEXT_STABLE, NEXT_NO_PROGRESSION,
            STABLE, DEATH, REPEATED, NOT_EVALUABLE, NOT_KNOWN, *(ALONE + way for way in self.alone),
        ]  # fmt: skip
        return plain + [CARRIED + reason for reason in plain]


@dataclass(frozen=True)
class TimePoints:
    """One assessment a date, in the order of subject and date; (n,) arrays.

    ``day`` and ``until`` in days, ``until`` infinite where no new therapy is known; ``alone``: how a progression stands
    alone, 0 if it does not; ``died``: of the disease, not before the assessment.
    """

    subject: np.ndarray
    day: np.ndarray
    rank: np.ndarray
    until: np.ndarray
    alone: np.ndarray
    died: np.ndarray


@dataclass(frozen=True)
class Confirmed:
    """Per time point: rank of the confirmed level, code of the reason, position of the confirming one, of the carried.

    Positions are -1 where there is none.
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
    # the best level since the subject's last confirmed progression, itself included, and the first position with it, in
    # one number: the running minimum starts anew where what is taken off grows by more than any two levels are apart
    start = np.append(True, points.subject[1:] != points.subject[:-1]) | (level == ranks.progression)
    bits = n.bit_length()
    apart = np.cumsum(start) * (size << bits)
    best = np.minimum.accumulate((level << bits) + at - apart) + apart
    kept, origin = best >> bits, best & ((1 << bits) - 1)
    stays = kept != level
    carried[stays] = origin[stays]
    return Confirmed(
        np.where(stays, kept, level),
        np.where(stays, reason + len(ranks.reasons) // 2, reason),
        np.where(stays, by[origin], by),
        carried,
    )


@lru_cache(maxsize=8)
def _table(ranks: Ranks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level, code of the reason and whether the next assessment decides, for every cell of the table."""
    codes = {reason: i for i, reason in enumerate(ranks.reasons)}
    size, yes_no = range(ranks.not_known + 1), (False, True)
    found = [_cell(ranks, *cell) for cell in product(size, size, yes_no, yes_no, yes_no, range(len(ranks.alone) + 1))]
    levels, reasons, uses = zip(*found, strict=True)
    return np.array(levels), np.array([codes[r] for r in reasons]), np.array(uses)


def _cell(ranks: Ranks, rank: int, then: int, late: bool, far: bool, died: bool, alone: int) -> tuple[int, str, bool]:
    """One cell: ``then`` is the rank of the next evaluable assessment, 0 if there is none."""
    unconfirmed = ranks.responses + 1 if ranks.stable else ranks.not_evaluable
    if rank >= ranks.not_evaluable:
        return ranks.not_evaluable, NOT_EVALUABLE if rank == ranks.not_evaluable else NOT_KNOWN, False
    if rank == ranks.progression:
        if alone:
            return rank, ALONE + ranks.alone[alone - 1], False
        if then == ranks.progression and not far:  # the sample may be taken after new therapy
            return rank, REPEATED, True
        if not then and died:
            return rank, DEATH, False
        why = NONE_LATER if not then else TOO_LATE if then == ranks.progression else NEXT_NO_PROGRESSION
        return ranks.not_evaluable, why, False
    if rank > ranks.responses:
        return rank, STABLE, False
    if not then or late or far:
        return unconfirmed, NONE_LATER if not then else AFTER_THERAPY if late else TOO_LATE, False
    if then == ranks.progression:
        return unconfirmed, NEXT_PROGRESSION, False
    if then > ranks.responses:
        return then, NEXT_STABLE, False
    return max(rank, then), SAME if then <= rank else LOWER, True


def alone_code(found: frozenset[str], alone: Sequence[str]) -> int:
    """The code of the first way to stand alone that is among ``found``; 0 if none is."""
    return next((i for i, way in enumerate(alone, start=1) if way in found), 0)

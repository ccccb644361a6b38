"""The reason for the date of one subject's time to event: every candidate date with its outcome, as text.

Reads the decision of decision.py for that subject. Not for deciding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...mappings.models.time_to_event import CensorSpec
from .candidate_dates import Found
from .decision import Decision, Entry, decide
from .scope import Scope
from .step import TimeToEvent

#: records that are listed of one source; the others are counted
MOST = 20


@dataclass
class Reasons:
    """``date``: ADT, NaN for none. ``why``: why it counts. ``candidates``: every date that was examined."""

    date: float
    why: str
    candidates: list[dict[str, Any]]


def reasons(step: TimeToEvent, scope: Scope, record: Callable[[str, int], int]) -> Reasons:
    """The decision of the one subject of ``scope``. ``record``: number in its dataset of a row of a table."""
    decision, _ = decide(step, step.time_to_event, scope)
    winner = int(decision.winner[0])
    listed: list[dict[str, Any]] = []
    for number, entry in enumerate(decision.entries):
        listed += _of_entry(step, decision, number, entry, record)
    date = float(decision.date[0])
    return Reasons(date, _why(step, decision, winner), sorted(listed, key=lambda c: not c["used"]))


def _of_entry(
    step: TimeToEvent, decision: Decision, number: int, entry: Entry, record: Callable[[str, int], int]
) -> Iterator[dict[str, Any]]:
    wins = int(decision.winner[0]) == number
    member = int(entry.member[0])
    for order, found in enumerate(entry.found):
        picked = int(found.picked[0])
        shown = np.argsort(found.rows != picked, kind="stable")[:MOST]
        for i in shown.tolist():
            row = int(found.rows[i])
            used = wins and order == member and row == picked
            unused = _unusable(found, i) or _not_the_date(entry, order) or _beaten(step, decision, entry)
            yield {
                "what": _what(entry),
                "source": found.table.name,
                "record": record(found.table.name, row),
                "column": found.spec.date,
                "date": _iso(float(found.days[i])),
                "used": used,
                "outcome": "counts" if used else unused,
            }
        if len(found.rows) > MOST:
            yield _line(entry, found, f"{len(found.rows) - MOST} more records of the same kind")
        if not len(found.rows):
            where = f" where {found.spec.where}" if found.spec.where else ""
            yield _line(entry, found, f"no record{where}")


def _line(entry: Entry, found: Found, outcome: str) -> dict[str, Any]:
    return {
        "what": _what(entry), "source": found.table.name, "record": None, "column": found.spec.date, "date": "",
        "used": False, "outcome": outcome,
    }  # fmt: skip


def _what(entry: Entry) -> str:
    if isinstance(entry.spec, CensorSpec):
        return f"CNSR {entry.spec.CNSR} {entry.spec.EVNTDESC}"
    return f"event {entry.spec.EVNTDESC}"


def _unusable(found: Found, row: int) -> str:
    """Why a record is not the chosen one of its source; '' for the chosen one."""
    if np.isnan(found.days[row]):
        return f"{found.spec.date} is missing or not complete"
    if found.late[row]:
        return "after the data cut-off"
    if int(found.rows[row]) != int(found.picked[0]):
        return f"not the {found.spec.take} of these records"
    return ""


def _not_the_date(entry: Entry, order: int) -> str:
    """Why the source with this number does not give its entry a date; '' where it does."""
    if order != int(entry.member[0]):
        return "an earlier place of the same date is filled"
    return "" if entry.holds[0] else f"{entry.spec.when} does not hold"


def _beaten(step: TimeToEvent, decision: Decision, entry: Entry) -> str:
    """The entry that counts before this one, which has a date and applies."""
    winner = int(decision.winner[0])
    if winner < 0:
        return "not used"
    better = decision.entries[winner]
    over = isinstance(better.spec, CensorSpec) and better.spec.over_event
    if entry.is_event:
        if over:
            return f"{_what(better)} applies, which comes before any event"
        same = entry.dates[0] == better.dates[0]
        return f"on the same day as {better.spec.EVNTDESC}, which is listed first" if same else "later than the event"
    if better.is_event:
        return "there is an event"
    if over or (step.censoring == "listed"):
        return f"{_what(better)} applies and is listed first"
    same = entry.dates[0] == better.dates[0]
    return f"on the same day as {_what(better)}, which is listed first" if same else "earlier than the latest"


def _why(step: TimeToEvent, decision: Decision, winner: int) -> str:
    if winner < 0:
        return "nothing applies"
    entry = decision.entries[winner]
    if entry.is_event:
        events = [e for e in decision.entries if e.is_event and not np.isnan(e.dates[0])]
        tied = [e.spec.EVNTDESC for e in events if e.dates[0] == entry.dates[0] and e is not entry]
        if tied:
            return f"{entry.spec.EVNTDESC} is the earliest event; {', '.join(tied)} on the same day is listed after it"
        only = "the earliest of the events" if len(events) > 1 else "the only event"
        return f"{entry.spec.EVNTDESC} is {only}"
    assert isinstance(entry.spec, CensorSpec)
    condition = f" ({entry.spec.when})" if entry.spec.when else ""
    if entry.spec.over_event:
        return f"{_what(entry)} comes before any event, and is the first of those that applies{condition}"
    which = "the first listed end that applies" if step.censoring == "listed" else "the latest end of observation"
    return f"no event; {_what(entry)} is {which}{condition}"


def _iso(day: float) -> str:
    """A date as ISO 8601, with the time of a part of a day; '' for none."""
    if day != day:
        return ""
    date = np.datetime64("1960-01-01") + np.timedelta64(int(day // 1), "D")
    return str(date) if not day % 1 else str(date + np.timedelta64(round(day % 1 * 86_400), "s"))

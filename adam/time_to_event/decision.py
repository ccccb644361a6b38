"""Decides which date ends the time to event of a subject: the rules of order and ties, for all subjects in one pass.

In this order: ends of observation with ``over_event:``, as listed; the earliest event, of two on one day the one listed
first; the other ends, as listed or the latest. Not for finding the dates: candidate_dates.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...mappings.binding.spec_model import with_place_of
from ...mappings.models.time_to_event import CensorSpec, DatedSpec, EntrySpec, EventSpec, TimeSpec
from .candidate_dates import CandidateDates, Found, first_filled
from .scope import Scope


@dataclass
class Entry:
    """One event or end of observation, for all subjects.

    ``found``: its sources in order; ``member``: the source of its date (-1: none). ``holds``: where its when: holds.
    ``dates``: its date where when: holds, NaN elsewhere. ``first``: number of its first source among the sources of all
    entries.
    """

    spec: EventSpec | CensorSpec
    found: list[Found]
    member: np.ndarray
    holds: np.ndarray
    dates: np.ndarray
    first: int

    @property
    def is_event(self) -> bool:
        return isinstance(self.spec, EventSpec)


@dataclass
class Decision:
    """``entries``: events, then ends of observation, as listed. ``winner``: the entry that counts, -1 for none.

    ``event``: the date of the earliest event, NaN without one; ``earliest``: its entry. ``population``: subjects that
    get a record.
    """

    entries: list[Entry]
    population: np.ndarray
    start: np.ndarray
    event: np.ndarray
    earliest: np.ndarray
    winner: np.ndarray

    @cached_property
    def date(self) -> np.ndarray:
        """ADT; NaN where nothing counts."""
        found = np.full(len(self.winner), np.nan)
        for number, entry in enumerate(self.entries):
            np.copyto(found, entry.dates, where=self.winner == number)
        return found

    def source(self) -> np.ndarray:
        """The number of the source of ADT among the sources of all entries; -1 for none."""
        found = np.full(len(self.winner), -1, dtype="int32")
        for number, entry in enumerate(self.entries):
            here = self.winner == number
            found[here] = entry.first + entry.member[here]
        return found

    def sources(self) -> list[tuple[Entry, Found]]:
        """Every source with its entry, by number."""
        return [(entry, found) for entry in self.entries for found in entry.found]


def decide(spec: TimeSpec, start: str, scope: Scope) -> tuple[Decision, CandidateDates]:
    """The decision for each subject, and the dates it rests on."""
    dates = CandidateDates(spec, start, scope)
    start_days = dates.start()
    population = dates.holds(spec.population, spec, "population")
    entries: list[Entry] = []
    n = scope.n
    event, earliest = np.full(n, np.nan), np.full(n, -1, dtype="int32")
    for number, each in enumerate(spec.events):
        entry = _entry(each, dates, _count(entries), n)
        entries.append(entry)
        before = ~np.isnan(entry.dates) & (np.isnan(event) | (entry.dates < event))
        event[before], earliest[before] = entry.dates[before], number
    dates.event = event
    entries += _ends(spec, dates, _count(entries), n)
    winner = np.full(n, -1, dtype="int32")
    for over in (True, False):
        _take(winner, spec, entries, over)
        if over:
            winner = np.where(winner < 0, earliest, winner)
    return Decision(entries, population, start_days, event, earliest, winner), dates


def _ends(spec: TimeSpec, dates: CandidateDates, first: int, n: int) -> list[Entry]:
    ends: list[Entry] = []
    for each in spec.censor:
        ends.append(_entry(each, dates, first + _count(ends), n))
    return ends


def _take(winner: np.ndarray, spec: TimeSpec, entries: list[Entry], over: bool) -> None:
    """Assign the ends of observation of one kind to the subjects without a winner."""
    latest = np.full(len(winner), -np.inf)
    free = winner < 0
    for number, entry in enumerate(entries):
        if not isinstance(entry.spec, CensorSpec) or entry.spec.over_event != over:
            continue
        here = free & ~np.isnan(entry.dates)
        if over or spec.censoring == "listed":
            here &= winner < 0
        else:
            here &= entry.dates > latest
            latest[here] = entry.dates[here]
        winner[here] = number


def _entry(spec: EventSpec | CensorSpec, dates: CandidateDates, first: int, n: int) -> Entry:
    found = [dates.found(s) for s in sources_of(spec, dates.spec)]
    days, member = first_filled([f.dates for f in found], n)
    holds = dates.holds(spec.when, spec, "when")
    return Entry(spec, found, member, holds, np.where(holds, days, np.nan), first)


def _count(entries: list[Entry]) -> int:
    return sum(len(e.found) for e in entries)


def sources_of(entry: EntrySpec, spec: TimeSpec) -> tuple[DatedSpec, ...]:
    """The sources of the date of an entry: those of one of ``dates:``, or the one in the entry."""
    if entry.at is not None:
        return spec.members(entry.at)
    take = entry.take or ("first" if isinstance(entry, EventSpec) else "last")
    fields = ("from_", "where", "date", "SRCVAR", "sequence", "carry_source")
    source = DatedSpec.model_validate({n: getattr(entry, n) for n in fields} | {"take": take})
    return (with_place_of(source, entry),)

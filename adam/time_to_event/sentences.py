"""A time to event in plain English: the whole rule of a parameter, for define.xml and the spec listing.

Not for why one subject has the date that it has: reasons.py.
"""

from __future__ import annotations

from ...engine.columns import column as col
from ...engine.expressions.sentence import plain
from ...mappings.models.time_to_event import CensorSpec, DatedSpec, EntrySpec, EventSpec, TimeSpec


def parameter_sentence(spec: TimeSpec, start: str) -> str:
    """Population, start, events and ends of observation of a parameter, in the order in which they count."""
    parts = [f"From {start}."]
    if spec.population:
        parts.append(f"Subjects: {plain(spec.population)}.")
    for name in spec.dates:
        parts.append(f"{name} is {' or else '.join(_dated(m) for m in spec.members(name))}.")
    first = [e for e in spec.censor if e.over_event]
    rest = [e for e in spec.censor if not e.over_event]
    if first:
        parts.append(f"Censored before any event, the first that applies: {_ends(first)}.")
    if spec.events:
        listed = "; ".join(_entry(e) for e in spec.events)
        parts.append(f"Event (CNSR 0), the earliest, on one day the one named first: {listed}.")
    if rest:
        which = "the first that applies" if spec.censoring == "listed" else "the one with the latest date"
        parts.append(f"Otherwise censored, {which}: {_ends(rest)}.")
    if spec.options:
        parts.append(", ".join(f"{n} is {col.number_text(v)}" for n, v in spec.options.items()) + ".")
    return " ".join(parts)


def _ends(entries: list[CensorSpec]) -> str:
    return "; ".join(f"CNSR {e.CNSR} {_entry(e)}" for e in entries)


def _entry(entry: EventSpec | CensorSpec) -> str:
    date = entry.at if entry.at is not None else _place(entry)
    when = f", if {plain(entry.when)}" if entry.when else ""
    return f"{entry.EVNTDESC} on {date}{when}"


def _place(entry: EntrySpec) -> str:
    take = entry.take or ("first" if isinstance(entry, EventSpec) else "last")
    return _record(take, entry.from_ or "", entry.date or "", entry.where)


def _dated(dated: DatedSpec) -> str:
    return _record(dated.take, dated.from_, dated.date, dated.where)


def _record(take: str, table: str, date: str, where: str | None) -> str:
    if where is None:
        return f"{table}.{date}"
    return f"the {take} {table}.{date} where {plain(where)}"

"""A time to event in plain English: the whole rule of a parameter, for define.xml and the spec listing.

Not for why one subject has the date that it has: reasons.py.
"""

from __future__ import annotations

from ...engine.columns import column as col
from ...engine.expressions.sentence import plain
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.time_to_event import EVENT, START, CensorSpec, DatedSpec, EntrySpec, EventSpec, TimeSpec
from ...mappings.models.wording import quoted


def parameter_sentence(spec: TimeSpec, start: str) -> str:
    """Population, start, events and ends of observation of a parameter, in the order in which they count.

    One line for each; the line of a date or an option begins with its name.
    """
    lines = [f"The time is counted from {start}."]
    if spec.population:
        lines.append(f"Subjects: {plain(spec.population)}.")
    lines += _dates(spec)
    first = [e for e in spec.censor if e.over_event]
    rest = [e for e in spec.censor if not e.over_event]
    if first:
        lines.append(f"Censored before any event, the first that applies: {_ends(first)}.")
    if spec.events:
        listed = "; ".join(_entry(e) for e in spec.events)
        lines.append(f"Event (CNSR 0), the earliest, on one day the one named first: {listed}.")
    if rest:
        which = "the first that applies" if spec.censoring == "listed" else "the one with the latest date"
        lines.append(f"Otherwise censored, {which}: {_ends(rest)}.")
    lines += [f"{n} is {col.number_text(v)}." for n, v in spec.options.items()]
    if EVENT in _names(spec):
        lines.append(f"{EVENT} is the date of the earliest event.")
    return "\n".join(lines)


def start_sentence(spec: TimeSpec, start: str) -> str:
    """The rule of the date from which a parameter counts."""
    if start in spec.dates:
        return f"{START} is {' or else '.join(_dated(m) for m in spec.members(start))}."
    return f"{START} is {'the day of ' if spec.unit == 'HOURS' else ''}{start}."


def outcome_sentence(spec: TimeSpec, column: str) -> str:
    """The rule of CNSR, EVNTDESC or CNSDTDSC: its value for each event and each end of observation."""
    if column == "CNSR":
        ends = "; ".join(f"{e.CNSR} for {quoted(e.EVNTDESC)}" for e in spec.censor)
        return f"CNSR is 0 for an event{'; ' if ends else ''}{ends}."
    if column == "EVNTDESC":
        texts = dict.fromkeys(quoted(e.EVNTDESC) for e in (*spec.events, *spec.censor))
        return f"EVNTDESC is the event, or why observation ended: {', '.join(texts)}."
    return "CNSDTDSC is what ADT is in a record with CNSR greater than 0."


def _dates(spec: TimeSpec) -> list[str]:
    return [f"{name} is {' or else '.join(_dated(m) for m in spec.members(name))}." for name in spec.dates]


def _names(spec: TimeSpec) -> set[str]:
    """The names that the conditions of a parameter read."""
    of_dates = [m.where for name in spec.dates for m in spec.members(name)]
    of_entries = [text for e in (*spec.events, *spec.censor) for text in (e.where, e.when, e.at)]
    found: set[str] = set()
    for text in (*of_dates, *of_entries):
        if text:
            found |= set(_parsed(text))
    return found


def _parsed(text: str) -> tuple[str, ...]:
    try:
        return parse(text).names
    except ExpressionError:
        return ()


def _ends(entries: list[CensorSpec]) -> str:
    return "; ".join(f"CNSR {e.CNSR} {_entry(e)}" for e in entries)


def _entry(entry: EventSpec | CensorSpec) -> str:
    date = entry.at if entry.at is not None else _place(entry)
    when = f", if {plain(entry.when)}" if entry.when else ""
    return f"{quoted(entry.EVNTDESC)} on {date}{when}"


def _place(entry: EntrySpec) -> str:
    take = entry.take or ("first" if isinstance(entry, EventSpec) else "last")
    return _record(take, entry.from_ or "", entry.date or "", entry.where)


def _dated(dated: DatedSpec) -> str:
    return _record(dated.take, dated.from_, dated.date, dated.where)


def _record(take: str, table: str, date: str, where: str | None) -> str:
    if where is None:
        return f"{table}.{date}"
    return f"the {take} {table}.{date} where {plain(where)}"

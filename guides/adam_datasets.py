"""The sections of the ADRG on single datasets: parameters, times to event with their censoring, texts of the team.

Not for what several datasets have in common (adam_rules.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..define.content import DatasetContent, DefineContent
from ..engine.expressions.sentence import plain
from ..mappings.models.guide import GuideSpec
from .adam_rules import dependencies, time_steps
from .document import Block, Cell, Section, Table
from .package import RunPackage, keys_of
from .parts import count, dataset_link, names, paragraph, paragraphs

_EVENT = "0"
_OUTCOME = ("PARAMCD", "CNSR", "EVNTDESC")


def inventory(package: RunPackage, definition: DefineContent) -> Table:
    """All analysis datasets with class, structure, keys and counts."""
    rows: list[tuple[Cell, ...]] = []
    for d in definition.datasets:
        counts = package.counts("adam", d)
        subjects = "" if counts.subjects is None else counts.subjects
        keys = ", ".join(keys_of(d))
        rows.append((dataset_link("adam", d), d.label, d.class_name, d.structure, keys, counts.records, subjects))
    headings = ("Dataset", "Label", "Class", "Structure", "Keys", "Records", "Subjects")
    return Table("Analysis datasets", headings, tuple(rows), (2, 5, 4, 5, 5, 2, 2))


def dataset_sections(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> tuple[Section, ...]:
    """A section for each analysis dataset."""
    return tuple(
        Section(f"{d.name} - {d.label}", tuple(_blocks(package, definition, d, spec))) for d in definition.datasets
    )


def _blocks(
    package: RunPackage, definition: DefineContent, dataset: DatasetContent, spec: GuideSpec
) -> Iterator[Block]:
    counts = package.counts("adam", dataset)
    text = f" has {count(counts.records, 'record')}"
    if counts.subjects is not None:
        text += f" of {count(counts.subjects, 'subject')}"
    analysis, tabulation = dependencies(package, definition, dataset.name)
    read = [*analysis, *tabulation]
    yield paragraph(dataset_link("adam", dataset), f"{text}.", f" Its rules read {names(read)}." if read else "")
    yield from paragraphs(spec.adam.datasets.get(dataset.name, ""))
    comment = definition.comments.get(dataset.comment)
    if comment is not None:
        yield from paragraphs(comment.text)
    empty = [i.name for i in dataset.items if i.has_no_data]
    if empty:
        yield paragraph(f"Variables without a value in any record: {names(empty)}.")
    steps = time_steps(package, dataset.name)
    if steps:
        yield from _times(package, dataset, steps)
    elif counts.by("PARAMCD"):
        rows = tuple((*g.values, g.records, g.subjects) for g in counts.by("PARAMCD", "PARAM"))
        yield Table("Parameters", ("PARAMCD", "PARAM", "Records", "Subjects"), rows, (3, 12, 2, 2))


def _times(package: RunPackage, dataset: DatasetContent, steps: list[dict[str, Any]]) -> Iterator[Block]:
    """The parameters with populations and counts, and the decision table of each."""
    counts = package.counts("adam", dataset)
    labels = {g.values[0]: g.values[1] for g in counts.by("PARAMCD", "PARAM")}
    events: dict[str, int] = {}
    censored: dict[str, int] = {}
    for g in counts.by("PARAMCD", "CNSR", "EVNTDESC"):
        into = events if g.values[1] == _EVENT else censored
        into[g.values[0]] = into.get(g.values[0], 0) + g.records
    rows: list[tuple[Cell, ...]] = []
    for step in steps:
        declared = step["arguments"]
        code = declared.get("parameter", "")
        population, start = plain(declared.get("population")), declared.get(step["verb"], "")
        rows.append((code, labels.get(code, ""), population, start, events.get(code, 0), censored.get(code, 0)))
    headings = ("PARAMCD", "PARAM", "Population", "Start", "Events", "Censored")
    yield Table("Times to event", headings, tuple(rows), (4, 12, 10, 6, 3, 3))
    yield paragraph("The earliest event of a subject counts. A censoring that comes before an event replaces it. "
               "Without an event the first censoring counts that applies and has a date.",
               *_exceptions(steps))  # fmt: skip
    records = {g.values: g.records for g in counts.by(*_OUTCOME)}
    decisions = tuple(row for step in steps for row in _decisions(step["arguments"], records))
    headings = ("PARAMCD", "CNSR", "Outcome (EVNTDESC)", "Date (CNSDTDSC)", "When", "Records")
    yield Table("Events and censoring", headings, decisions, (4, 2, 8, 10, 16, 3))


def _exceptions(steps: list[dict[str, Any]]) -> Iterator[str]:
    """Parameters with another choice of the censoring, and the numbers that conditions name."""
    latest = [s["arguments"]["parameter"] for s in steps if s["arguments"].get("censoring") == "latest"]
    if latest:
        yield f" For {names(latest)} it is the censoring with the latest date."
    numbers = {(n, v) for s in steps for n, v in s["arguments"].get("options", {}).items()}
    if numbers:
        yield f" In conditions {names(f'{n} is {v:g}' for n, v in sorted(numbers))}."


def _decisions(declared: Mapping[str, Any], counts: Mapping[tuple[str, ...], int]) -> Iterator[tuple[Cell, ...]]:
    """The events, then the ends of observation, of one parameter in their order."""
    code = declared.get("parameter", "")
    outcomes = [(_EVENT, e) for e in declared.get("events", ())]
    outcomes += [(str(c.get("CNSR", "")), c) for c in declared.get("censor", ())]
    for cnsr, outcome in outcomes:
        description = outcome.get("EVNTDESC", "")
        date, about = _date(outcome, declared.get("dates", {}))
        conditions = [plain(outcome[k]) for k in ("where", "when") if outcome.get(k)]
        if outcome.get("over_event"):
            conditions.append("it comes before an event")
        shown = f"{date} ({about})" if about else date
        records = counts.get((code, cnsr, description), 0)
        yield code, cnsr, description, shown, "; ".join(conditions), records


def _date(outcome: Mapping[str, Any], dates: Mapping[str, Any]) -> tuple[str, str]:
    """The variables of the date, and its description; a date with a name may have several alternatives."""
    named = dates.get(outcome.get("at", ""), [])
    choices = [named] if isinstance(named, dict) else list(named)
    choices = choices or [outcome]
    variables = [f"{c['from']}.{c['date']}" for c in choices if c.get("from") and c.get("date")]
    about = [outcome["CNSDTDSC"]] if outcome.get("CNSDTDSC") else [c["CNSDTDSC"] for c in choices if c.get("CNSDTDSC")]
    return ", else ".join(variables) or str(outcome.get("at", "")), ", else ".join(about)

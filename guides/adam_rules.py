"""Parts of the ADRG that hold for several datasets: dependencies, treatments, flags, imputed dates, analysis sets.

Names of ADaM variables are those of ADaMIG. Not for the sections themselves (adam_guide.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ..define.content import DatasetContent, DefineContent, Item
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.facts.adam import adam_structure
from .document import Block, Cell, Paragraph, Table
from .package import RunPackage, rule_text
from .parts import names, paragraph

_STRUCTURES = ("ADSL", "BDS", "OCCDS")
_TREATMENT = frozenset({"Treatment", "Record-Level Treatment"})
_WINDOWS = frozenset({"Analysis Visit Windowing"})
_FLAGS = frozenset({"Flag", "Indicator"})
_POPULATION = frozenset({"Population Indicator"})
TIME_TO_EVENT = "time_to_event"
#: ends of the names of flags of imputed dates and times
_IMPUTED = ("DTF", "TMF")


@lru_cache(maxsize=4096)
def groups_of(name: str) -> frozenset[str]:
    """The tables of ADaMIG that list a variable."""
    found = (adam_structure(s) for s in _STRUCTURES)
    facts = (s.variable(name) for s in found if s is not None)
    return frozenset(f.group for f in facts if f is not None and f.group)


def dependencies(package: RunPackage, definition: DefineContent, name: str) -> tuple[list[str], list[str]]:
    """The analysis datasets and the SDTM datasets that the rules of a dataset read, sorted."""
    rules = package.rules
    analysis = {d.name for d in definition.datasets}
    absent = {d["dataset"] for d in package.accounts.get("absent", ())}
    tabulation = ({*rules["datasets"], *rules.get("given", {})} | absent) - analysis
    of_dataset: dict[str, Any] = rules["datasets"].get(name, {"tables": {}, "rules": [], "columns": []})
    read = set(of_dataset["tables"].values())
    for use in (*of_dataset["rules"], *of_dataset["columns"]):
        read |= {r[1] for r in use["reads"]}
        read |= {use["choice"]["table"]} if "choice" in use else set()
    return sorted((read & analysis) - {name}), sorted(read & tabulation)


def treatment_variables(definition: DefineContent) -> tuple[Block, ...]:
    """The treatment variables with their rules, each one time with its datasets."""
    rows = _variables(definition, _TREATMENT)
    if not rows:
        return (paragraph("The analysis datasets have no treatment variables of ADaMIG."),)
    headings = ("Variable", "Label", "Datasets", "Rule")
    return (Table("Treatment variables", headings, tuple(rows), (2, 4, 4, 7)),)


def record_flags(package: RunPackage, definition: DefineContent) -> tuple[Block, ...]:
    """Windows, flags that select records, and derived records."""
    blocks: list[Block] = []
    windows = _variables(definition, _WINDOWS)
    if windows:
        headings = ("Variable", "Label", "Datasets", "Rule")
        blocks.append(Table("Variables of visit windows", headings, tuple(windows), (2, 4, 3, 8)))
    else:
        blocks.append(paragraph("No analysis dataset has variables of visit windows."))
    rows: list[tuple[Cell, ...]] = []
    for d in definition.datasets:
        for item in d.items:
            if d.name != "ADSL" and groups_of(item.name) & _FLAGS:
                flagged = sum(g.records for g in package.counts("adam", d).by(item.name) if g.values[0] == "Y")
                rows.append((d.name, item.name, item.label, rule_text(definition, item), flagged))
    if rows:
        headings = ("Dataset", "Flag", "Label", "Rule", "Records with Y")
        blocks.append(Table("Flags that select records", headings, tuple(rows), (2, 2, 4, 8, 2)))
    derived = [
        (d.name, g.values[0], g.records)
        for d in definition.datasets
        for g in package.counts("adam", d).by("DTYPE")
        if g.values[0]
    ]
    if derived:
        blocks.append(Table("Derived records by DTYPE", ("Dataset", "DTYPE", "Records"), tuple(derived), (2, 4, 1)))
    return tuple(blocks)


def imputed_dates(package: RunPackage, definition: DefineContent) -> tuple[Block, ...]:
    """Each date or time with an imputation flag: its rule, and how many records the flag marks."""
    rows: list[tuple[Cell, ...]] = []
    for d in definition.datasets:
        variables = {i.name: i for i in d.items}
        for flag in (i for i in d.items if i.name.endswith(_IMPUTED)):
            moment = variables.get(flag.name[:-1])
            counts = [g for g in package.counts("adam", d).by(flag.name) if g.values[0]]
            shown = names(f"{g.records:,} {g.values[0]}" for g in sorted(counts, key=lambda g: g.values))
            rule = rule_text(definition, moment) if moment is not None else ""
            rows.append((d.name, flag.name[:-1], flag.name, rule, shown if counts else "none"))
    if not rows:
        return (Paragraph(("No analysis dataset has an imputation flag.",), "Imputed dates"),)
    headings = ("Dataset", "Date", "Flag", "Rule", "Imputed records by flag")
    text = "A flag names the highest part of the date that is imputed: Y the year, M the month, D the day."
    return Paragraph((text,), "Imputed dates"), Table("Imputed dates", headings, tuple(rows), (2, 2, 2, 9, 3))


def analysis_sets(package: RunPackage, definition: DefineContent) -> tuple[Block, ...]:
    """The flags of ADSL that define analysis sets, with their rules and numbers of subjects.

    These are the population indicators of ADaMIG, the flags that most other datasets copy from ADSL, and those that a
    parameter names as its population.
    """
    adsl = next((d for d in definition.datasets if d.name == "ADSL"), None)
    if adsl is None:
        return ()
    others = [{i.name for i in d.items} for d in definition.datasets if d is not adsl]
    named = set(_named_in_populations(package))
    rows: list[tuple[Cell, ...]] = []
    for item in adsl.items:
        copies = sum(item.name in variables for variables in others)
        core = item.name.endswith("FL") and copies * 2 >= len(others) > 0
        if core or item.name in named or groups_of(item.name) & _POPULATION:
            subjects = sum(g.records for g in package.counts("adam", adsl).by(item.name) if g.values[0] == "Y")
            rows.append((item.name, item.label, rule_text(definition, item), subjects))
    if not rows:
        return (Paragraph(("ADSL has no flag of an analysis set.",), "Analysis sets"),)
    headings = ("Flag", "Analysis set", "Definition", "Subjects with Y")
    text = "These flags of ADSL define the analysis sets."
    return Paragraph((text,), "Analysis sets"), Table("Analysis sets", headings, tuple(rows), (2, 4, 9, 2))


def time_steps(package: RunPackage, dataset: str) -> list[dict[str, Any]]:
    """The steps of a dataset that derive times to event, in the order of its specification."""
    steps: dict[str, Any] = package.rules["datasets"].get(dataset, {}).get("steps", {})
    return [steps[n] for n in sorted(steps, key=int) if steps[n]["verb"] == TIME_TO_EVENT]


def _named_in_populations(package: RunPackage) -> Iterator[str]:
    for dataset in package.rules["datasets"]:
        for step in time_steps(package, dataset):
            try:
                yield from parse(step["arguments"].get("population") or "").names
            except ExpressionError:
                continue


def _variables(definition: DefineContent, groups: frozenset[str]) -> list[tuple[Cell, ...]]:
    """(variable, label, datasets, rule) of the variables in these tables of ADaMIG; the rule of the first dataset."""
    found: dict[str, tuple[Item, list[DatasetContent]]] = {}
    for d in definition.datasets:
        for item in d.items:
            if groups_of(item.name) & groups:
                found.setdefault(item.name, (item, []))[1].append(d)
    return [
        (name, item.label, ", ".join(d.name for d in datasets), rule_text(definition, item))
        for name, (item, datasets) in found.items()
    ]

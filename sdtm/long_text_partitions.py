"""Long texts over all partitions: every partition has the same further variables, qualifiers and rules.

Not for splitting the texts of one partition: long_text.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..engine.building.stored_partitions import Parts
from ..engine.columns import column as col
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import SAME_RECORD, Dataset, Lineage, Reading, RuleUse
from .further_qualifiers import refuse_taken
from .long_text import widened
from .supplemental import PARENT
from .text_parts import LIMIT


def _all_rules(lineages: list[Lineage]) -> list[RuleUse]:
    """The rules of a SUPP-- in all partitions, in an order that does not depend on which of them split a text."""
    every = {(u.variable, u.block, u.sentence): u for line in lineages for u in line.rules}
    return [every[k] for k in sorted(every)]


def _refuse_two_owners(name: str, rules: list[RuleUse]) -> None:
    """SpecError where two variables, each long in another partition, have the same QNAM for their next part."""
    owners: dict[str, str] = {}
    for use in rules:
        for reading in use.reads:
            if reading.node == PARENT and owners.setdefault(use.variable, reading.column) != reading.column:
                taken = {use.variable}
                refuse_taken(name[4:], taken, (), reading.column, 100, use.place)


def same_variables_in_every_partition(parts: Parts, further: Mapping[tuple[str, str], int], plan: PlannedStudy) -> None:
    """Every partition gets the same datasets in the same order, with the same variables.

    ``further``: (dataset, variable) -> number of further variables, the most of all partitions.
    """
    there = {n for specs in parts.specs for n in specs}
    names = [n for n in plan.datasets if n in there] + [f"SUPP{n}" for n in plan.datasets if f"SUPP{n}" in there]
    lines = {n: line for lineages in parts.lineages for n, line in lineages.items()}
    for name in names:
        if name.startswith("SUPP"):
            of_name = [lineages[name] for lineages in parts.lineages if name in lineages]
            rules = _all_rules(of_name)
            _refuse_two_owners(name, rules)
            for line in of_name:
                line.rules = rules
    for (owner, variable), count in further.items():
        for line in (lineages[owner] for lineages in parts.lineages if owner in lineages):
            place = next((u.place for u in line.rules if u.variable == variable), None)
            sentence = f"the next part of {variable}, where that is longer than {LIMIT} bytes."
            parts_of = [f"{variable}{k}" for k in range(1, count + 1)]
            reads = (Reading(SAME_RECORD, owner, variable),)
            line.rules = [*line.rules, *(RuleUse(n, -1, place, f"{n} is {sentence}", reads) for n in parts_of)]
    owners = {owner for owner, _ in further}
    for number, specs in enumerate(parts.specs):
        changed: dict[str, Dataset] = {}
        for name in names:
            if name not in specs:
                spec = next(there[name] for there in parts.specs if name in there)
                empty = pd.DataFrame({v: col.constant("", 0) for v in spec.names})
                line = lines.get(name)
                lineage = (
                    Lineage(line.rows.head(0), line.rules, line.sources, line.tables, line.columns) if line else None
                )
                changed[name] = Dataset(spec, empty, lineage)
            elif name in owners:
                changed[name] = _with_further(parts.dataset(number, name), further)
        parts.arrange(number, names, changed)


def _with_further(dataset: Dataset, further: Mapping[tuple[str, str], int]) -> Dataset:
    """The dataset with its further variables, empty where this partition does not fill them."""
    for (owner, variable), count in further.items():
        if owner == dataset.name:
            spec = widened(dataset.metadata, variable, count)
            new = {v: col.constant("", len(dataset)) for v in spec.names if v not in dataset.metadata.names}
            dataset = Dataset(spec, pd.DataFrame(dataset.frame.assign(**new)), dataset.lineage)
    return dataset

"""What the findings page shows of the way of a value: spec lines of a variable, and who reads a raw column.

Not for the way of a single record: raw2adam trace has it, and the page has its command.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ...engine.tables.dataset import SAME_RECORD, DatasetMetadata, Lineage
from ...sdtm.natural_keys import sequence_variable

#: so many spec lines of a variable are shown; a variable has one in each block that derives it
SHOWN_LINES = 6


@dataclass(frozen=True, kw_only=True)
class Traces:
    """``spec_lines``: (dataset, variable) -> places such as sdtm/ae.yaml:12:5. ``reached``: (source, column) -> the
    variables DATASET.VARIABLE that are derived from it. ``declared``: source -> its place in study.yaml.

    ``sequences``: dataset -> the variable that numbers its records. ``datasets``: those that raw2adam trace knows.
    """

    spec_lines: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    reached: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    sequences: Mapping[str, str] = field(default_factory=dict)
    datasets: Collection[str] = ()


def traces_of(
    lineage: Mapping[str, Lineage], specs: Mapping[str, DatasetMetadata], sources: Mapping[str, str]
) -> Traces:
    """The traces of a run. ``sources``: raw source -> its place in study.yaml."""
    lines: dict[tuple[str, str], dict[str, None]] = {}
    reached: dict[tuple[str, str], set[str]] = {}
    for dataset, line in lineage.items():
        same: dict[str, set[str]] = {}  # variable -> variables of the same record that read it
        direct: dict[str, set[tuple[str, str]]] = {}
        for use in line.rules:
            if use.place is not None:
                lines.setdefault((dataset, use.variable), {})[str(use.place)] = None
            for reading in use.reads:
                if reading.node == SAME_RECORD:
                    same.setdefault(use.variable, set()).add(reading.column)
                elif reading.table in sources:
                    direct.setdefault(use.variable, set()).add((reading.table, reading.column))
        for variable in {*same, *direct}:
            for key in _columns(variable, same, direct):
                reached.setdefault(key, set()).add(f"{dataset}.{variable}")
    return Traces(
        spec_lines={key: _first(list(places)) for key, places in lines.items()},
        reached={key: tuple(sorted(names)) for key, names in sorted(reached.items())},
        declared=sources,
        sequences={n: name for n, spec in specs.items() if (name := sequence_variable(spec))},
        datasets=tuple(lineage),
    )


def _columns(
    variable: str, same: Mapping[str, set[str]], direct: Mapping[str, set[tuple[str, str]]]
) -> set[tuple[str, str]]:
    """The raw columns that a variable reads, itself or through variables of the same record."""
    found: set[tuple[str, str]] = set()
    seen, waiting = {variable}, [variable]
    while waiting:
        name = waiting.pop()
        found |= direct.get(name, set())
        waiting += sorted(same.get(name, set()) - seen)
        seen |= same.get(name, set())
    return found


def _first(places: list[str]) -> tuple[str, ...]:
    if len(places) <= SHOWN_LINES:
        return tuple(places)
    return (*places[:SHOWN_LINES], f"and {len(places) - SHOWN_LINES} more")

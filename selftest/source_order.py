"""Orders the records of a built study by their source rows where the sort keys are equal.

The engine orders such records by the values of their raw cells, not by the order of the rows. An example lists its
rows and its expected values by hand, in one order. Not for checks of the order itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import Lineage

#: a dataset -> for each place the position of its record as it was built
Places = dict[str, np.ndarray]


def source_order(
    plan: PlannedStudy, columns: Mapping[str, Mapping[str, pd.Series]], lineage: Mapping[str, Lineage]
) -> Places:
    """By dataset, the positions of its records: by the sort keys, then block, source row and item.

    ``columns``: of every dataset its variables over all partitions.
    """
    places: Places = {}
    for name, planned in plan.datasets.items():
        values, n = columns[name], len(lineage[name].rows)
        # --SEQ numbers records that tie by the same values
        names = [k for s in planned.sort if (k := s.lstrip("-")) in values and not k.endswith("SEQ")]
        changed = np.zeros(n, dtype=bool)
        for key in (col.ranks(values[k]) for k in names):
            changed[1:] |= key[1:] != key[:-1]
        if any(block.steps for block in planned.spec.blocks) or changed[1:].all():
            places[name] = np.arange(n)  # a step has another order of records; without a tie this one is theirs
            continue
        moved = moved_rows(lineage[name], places)
        joined = [moved[node] for node in sorted(moved) if node.startswith("row:")]
        places[name] = np.lexsort((*joined, moved["item"], moved["row"], moved["block"], np.cumsum(changed)))
    for name in columns:
        if name not in places:  # SUPP--: by the parent's record
            parent = moved_rows(lineage[name], places)["row:parent"]
            places[name] = np.argsort(parent, kind="stable")
    return places


def moved_rows(line: Lineage, places: Places) -> dict[str, np.ndarray]:
    """The row ids of a dataset by lineage node, where those of a dataset are places."""
    back = {name: np.argsort(at, kind="stable") for name, at in places.items() if not _in_place(at)}
    rows = col.arrays_of(line.rows)
    if back.keys().isdisjoint((*line.sources, *line.tables.values())):
        return rows
    blocks = rows["block"]
    for node, ids in rows.items():
        if node == "row":
            for block, source in enumerate(line.sources):
                if source in back and len(back[source]):
                    here = (blocks == block) & (ids >= 0)
                    ids = np.where(here, back[source][np.maximum(ids, 0) % len(back[source])], ids)
        elif line.tables.get(node) in back and len(back[line.tables[node]]):
            table = back[line.tables[node]]
            ids = np.where(ids >= 0, table[np.maximum(ids, 0) % len(table)], ids)
        rows[node] = ids.astype("int32")
    return rows


def in_source_order(
    plan: PlannedStudy,
    data: Mapping[str, list[dict[str, object]]],
    columns: Mapping[str, Mapping[str, pd.Series]],
    lineage: Mapping[str, Lineage],
) -> tuple[dict[str, list[dict[str, object]]], dict[str, Lineage]]:
    """The records and the lineage of every dataset in the order of ``source_order``."""
    places = source_order(plan, columns, lineage)
    records = {name: [data[name][i] for i in at.tolist()] for name, at in places.items()}
    if all(_in_place(at) for at in places.values()):
        return records, dict(lineage)
    return records, {name: _moved(line, places[name], places) for name, line in lineage.items()}


def _moved(line: Lineage, at: np.ndarray, places: Places) -> Lineage:
    rows = {node: ids[at] for node, ids in moved_rows(line, places).items()}
    return replace(line, rows=col.frame_of(rows, len(at)))


def _in_place(at: np.ndarray) -> bool:
    return bool((at == np.arange(len(at))).all())


def whole_columns(parts: Sequence[Mapping[str, Mapping[str, pd.Series]]]) -> dict[str, dict[str, pd.Series]]:
    """Of every dataset its variables, over all partitions."""
    return {name: {v: col.concat([p[name][v] for p in parts]) for v in parts[0][name]} for name in parts[0]}

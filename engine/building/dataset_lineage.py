"""The lineage of one dataset of one partition: the row ids of every record, and what each rule read.

Not for joining the lineage of partitions (partitions.py) nor for reading it (engine/tables/source_places.py, trace/).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..columns import column as col
from ..derivations.environment import Environment
from ..derivations.record_names import subject_node
from ..tables.dataset import Lineage, RuleUse, StepUse, coding_node, coding_table
from ..tables.rows import BASE
from ..tables.table import RawSlice
from .partitions import row_ids
from .view import DatasetInBuild


def lineage_of(build: DatasetInBuild, order: np.ndarray) -> Lineage:
    """Row ids of every record, in final order; positions in datasets are those of this partition's final order."""
    parts: list[dict[str, np.ndarray]] = []
    tables: dict[str, str] = {}
    start = 0
    for block in build.block_range():
        parts.append(_row_ids(build, block, start, tables))
        start += len(parts[-1]["block"])
    names = dict.fromkeys(name for part in parts for name in part)
    frame = col.frame_of({name: _below_each_other(name, parts).take(order) for name in names}, len(order))
    sources = tuple(block.table for block in build.blocks)
    columns = [built.use for built in build.columns.further.values() if built.use]
    return Lineage(frame, _rule_uses(build), sources, tables, columns, _steps(build))


def _row_ids(build: DatasetInBuild, block: int, start: int, tables: dict[str, str]) -> dict[str, np.ndarray]:
    """Lineage column -> row id of each record of a block; adds the table of each node to ``tables``.

    ``start``: the position of the first record of the block in the dataset.
    """
    final_ids, rows = build.study.final_ids, build.rows(block)
    ids: dict[str, np.ndarray] = {"block": np.full(rows.n, block, "int32")}
    for node, (table, _) in rows.nodes.items():
        name = f"{BASE}:{block}" if node == BASE else f"row:{node}"
        tables[name] = table.name
        ids[node if node == BASE else name] = final_ids(table, rows.ids(node))
    ids["item"] = rows.items if rows.items is not None else np.full(rows.n, -1, "int32")
    for built in build.columns.in_block(block):
        if built.picked is not None:
            tables[built.node] = built.picked[0].name
            ids[built.node] = final_ids(*built.picked)
        if built.coding is not None and built.use is not None:
            node = coding_node(built.use.variable)
            tables[node], ids[node] = coding_table(built.coding[0]), built.coding[1].astype("int32")
    for built in build.columns.whole.values():
        if built.picked is not None and start + rows.n <= len(built.picked[1]):
            tables[built.node] = built.picked[0].name
            ids[built.node] = final_ids(built.picked[0], built.picked[1][start : start + rows.n])
    for node, table in _subject_nodes(build, block).items():
        tables[node] = table.name
        ids[node] = final_ids(table, Environment(build, rows, block, None, None).subject_rows(table))
    return ids


def _below_each_other(name: str, parts: list[dict[str, np.ndarray]]) -> np.ndarray:
    """A lineage column over all blocks; -1 where a block has none."""
    columns = [row_ids(p, name) for p in parts]
    return (columns[0] if len(columns) == 1 else np.concatenate(columns)).astype("int32", copy=False)


def _rule_uses(build: DatasetInBuild) -> list[RuleUse]:
    """What the rule of each variable read, in the order of the variables and blocks."""
    by_block = sorted(build.columns.by_block.items(), key=lambda item: (item[0][1], item[0][0]))
    uses = [built.use for (_, block), built in by_block if built.use and block >= 0]
    uses += [built.use for built in build.columns.whole.values() if built.use]
    rank: Mapping[str, int] = {name: i for i, name in enumerate(build.planned.variables)}
    return sorted(uses, key=lambda use: (rank.get(use.variable, len(rank)), use.block))


def _steps(build: DatasetInBuild) -> dict[int, StepUse]:
    """The steps of the blocks that trace can run again to explain their records, by block."""
    day = build.study.plan.spec.study.cutoff
    cutoff = day.isoformat() if day is not None else ""
    return {
        number: StepUse(block.steps[0].verb, block.steps[0].arguments(), block.table, cutoff)
        for number, block in enumerate(build.blocks)
        if len(block.steps) == 1 and block.steps[0].explains
    }


def _subject_nodes(build: DatasetInBuild, block: int) -> dict[str, RawSlice]:
    """Raw sources that rules of a block read at the subject's row, by lineage node."""
    found: dict[str, RawSlice] = {}
    for built in (*build.columns.in_block(block), *build.columns.whole.values()):
        for read in built.use.reads if built.use else ():
            table = build.study.tables.get(read.table)
            if isinstance(table, RawSlice) and read.node == subject_node(table):
                found[read.node] = table
    return found
